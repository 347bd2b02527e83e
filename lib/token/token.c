/* Steps 3 and 4 of AAT-02 section 8: the frame and the signature, before anything is parsed. */
#include "token/token.h"

#include "token/link.h"
#include "token/rules.h"

static struct writ_result verify_root(struct writ_link *link, struct writ_denial *ret_denial)
{
    for (size_t i = 0; i < link->verifier->anchor_count; i++) {
        const struct writ_anchor *anchor = &link->verifier->anchors[i];
        if (!writ_rules_select(anchor, &link->jws) ||
            !writ_is_ok(writ_jws_verify(&link->jws, &anchor->key)))
            continue;
        link->signer = anchor->key;
        return WRIT_SUCCESS;
    }
    return writ_refuse(ret_denial, WRIT_RULE_ROOT_SIGNATURE, "");
}

static struct writ_result verify_child(struct writ_link *link, struct writ_denial *ret_denial)
{
    if (!writ_is_ok(writ_jws_verify(&link->jws, &link->parent->holder)))
        return writ_refuse(ret_denial, WRIT_RULE_CHILD_SIGNATURE, "");
    link->signer = link->parent->holder;
    return WRIT_SUCCESS;
}

struct writ_result writ_link_verify(struct writ_arena *arena, struct writ_link *link,
                                    struct writ_slice compact, struct writ_denial *ret_denial)
{
    if (!link->is_known) {
        WRIT_TRY(writ_link_open(arena, compact, link, ret_denial));
        WRIT_TRY(link->parent ? verify_child(link, ret_denial) : verify_root(link, ret_denial));
        WRIT_TRY(writ_link_read(arena, link, ret_denial));
    }
    return writ_link_judge(arena, link, ret_denial);
}

struct writ_result writ_root_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                    struct writ_slice compact, struct writ_token *ret_token,
                                    struct writ_denial *ret_denial)
{
    struct writ_link link = {.verifier = verifier};
    *ret_denial = writ_denial_at(0);
    WRIT_TRY(writ_link_verify(arena, &link, compact, ret_denial));
    *ret_token = writ_link_token(&link);
    return WRIT_SUCCESS;
}

struct writ_result writ_child_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_token *parent, struct writ_slice compact,
                                     struct writ_token *ret_token, struct writ_denial *ret_denial)
{
    struct writ_link link = {.verifier = verifier, .parent = parent};
    *ret_denial = writ_denial_at((int)parent->depth + 1);
    WRIT_TRY(writ_link_verify(arena, &link, compact, ret_denial));
    *ret_token = writ_link_token(&link);
    return WRIT_SUCCESS;
}

struct writ_result writ_token_read_trusted(struct writ_arena *arena, enum writ_profile profile,
                                           struct writ_slice compact, struct writ_token *ret_token)
{
    struct writ_link link;
    struct writ_denial denial = writ_denial_at(-1);
    WRIT_TRY(writ_link_read_trusted(arena, profile, compact, &link, &denial));
    if (link.claims.depth == 0)
        WRIT_TRY(writ_link_fold(arena, &link, &denial));
    *ret_token = writ_link_token(&link);
    return WRIT_SUCCESS;
}
