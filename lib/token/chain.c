/* Steps 1, 2 and 5 around the links, and step 6: is this call what the leaf grants? */
#include "token/known.h"

static struct writ_result check_sizes(const struct writ_slice *chain, size_t chain_count,
                                      struct writ_denial *ret_denial)
{
    if (chain_count == 0)
        return writ_refuse(ret_denial, WRIT_RULE_CHAIN_GIVEN, "");
    size_t total = 0;
    for (size_t i = 0; i < chain_count; i++) {
        ret_denial->hop = i < WRIT_CHAIN_MAX ? (int)i : WRIT_CHAIN_MAX;
        if (chain[i].size > WRIT_TOKEN_SIZE_MAX)
            return writ_refuse(ret_denial, WRIT_RULE_TOKEN_SIZE, "");
        total += chain[i].size;
    }
    ret_denial->hop = -1;
    if (total > WRIT_CHAIN_SIZE_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_CHAIN_SIZE, "");
    /* No depth reaches this, so step 4f would refuse; here before the work. */
    if (chain_count > WRIT_CHAIN_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_CHAIN_LENGTH, "");
    return WRIT_SUCCESS;
}

/* What is seen of a link before it is verified. */
struct glimpse {
    struct writ_slice jti;
    const struct writ_known_link *known;
    const struct writ_json *claims; /* when it is not known; not to be believed */
};

static struct writ_result glimpse_at(struct writ_arena *arena, struct writ_known *known,
                                     struct writ_slice compact, struct glimpse *ret_glimpse,
                                     struct writ_denial *ret_denial)
{
    struct glimpse glimpse = {.known = writ_known_find(known, compact)};
    if (glimpse.known)
        glimpse.jti = glimpse.known->link.claims.jti;
    else {
        const struct writ_result peeked = writ_jws_peek(arena, compact, &glimpse.claims);
        if (peeked.status == WRIT_OUT_OF_MEMORY)
            return peeked;
        if (peeked.status == WRIT_DUPLICATE_MEMBER)
            return writ_refuse(ret_denial, WRIT_RULE_JTI_DUPLICATE, "");
        glimpse.jti = writ_json_text(writ_json_get(glimpse.claims, "jti"));
    }
    if (!glimpse.jti.data)
        return writ_refuse(ret_denial, WRIT_RULE_JTI_DISTINCT, "jti");
    *ret_glimpse = glimpse;
    return WRIT_SUCCESS;
}

/* Step 2c. */
static struct writ_result check_cycle(struct writ_arena *arena,
                                      const struct writ_verifier *verifier,
                                      const struct writ_slice *chain, size_t chain_count,
                                      struct glimpse *ret_glimpses, struct writ_denial *ret_denial)
{
    writ_known_begin(verifier->known);
    for (size_t i = 0; i < chain_count; i++) {
        ret_denial->hop = (int)i;
        WRIT_TRY(glimpse_at(arena, verifier->known, chain[i], &ret_glimpses[i], ret_denial));
        for (size_t j = 0; j < i; j++)
            if (writ_slice_equal(ret_glimpses[i].jti, ret_glimpses[j].jti))
                return writ_refuse_as(ret_denial, WRIT_RULE_JTI_DISTINCT, "jti",
                                      "It is that of hop %zu.", j);
    }
    return WRIT_SUCCESS;
}

static struct writ_result verify_link(struct writ_arena *arena,
                                      const struct writ_verifier *verifier,
                                      const struct writ_token *parent, struct writ_slice compact,
                                      const struct glimpse *glimpse, struct writ_token *ret_token,
                                      struct writ_denial *ret_denial)
{
    struct writ_link link = {.verifier = verifier, .parent = parent, .peeked = glimpse->claims};
    *ret_denial = writ_denial_at(parent ? (int)parent->depth + 1 : 0);
    if (glimpse->known)
        writ_known_take(glimpse->known, &link);
    WRIT_TRY(writ_link_verify(arena, &link, compact, ret_denial));
    *ret_token = writ_link_token(&link);
    return WRIT_SUCCESS;
}

struct writ_result writ_chain_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_slice *chain, size_t chain_count,
                                     struct writ_token *ret_tokens, struct writ_denial *ret_denial)
{
    struct glimpse glimpses[WRIT_CHAIN_MAX] = {0};
    *ret_denial = writ_denial_at(-1);
    WRIT_TRY(check_sizes(chain, chain_count, ret_denial));
    WRIT_TRY(check_cycle(arena, verifier, chain, chain_count, glimpses, ret_denial));
    for (size_t i = 0; i < chain_count; i++)
        WRIT_TRY(verify_link(arena, verifier, i > 0 ? &ret_tokens[i - 1] : NULL, chain[i],
                             &glimpses[i], &ret_tokens[i], ret_denial));
    if (ret_tokens[chain_count - 1].depth + 1 != (int64_t)chain_count)
        return writ_refuse(ret_denial, WRIT_RULE_CHAIN_DEPTH, "del_depth");
    return WRIT_SUCCESS;
}

static bool names_audience(const struct writ_json *aud, struct writ_slice audience)
{
    if (writ_json_is(aud, WRIT_JSON_STRING))
        return writ_slice_equal(aud->text, audience);
    if (!writ_json_is_texts(aud))
        return false;
    for (size_t i = 0; i < aud->count; i++)
        if (writ_slice_equal(aud->items[i].text, audience))
            return true;
    return false;
}

/* Step 6c. */
static struct writ_result check_audiences(const struct writ_verifier *verifier,
                                          const struct writ_token *tokens, size_t token_count,
                                          struct writ_denial *ret_denial)
{
    bool is_restricted = false;
    for (size_t i = 0; i < token_count; i++) {
        if (!tokens[i].audience)
            continue;
        is_restricted = true;
        ret_denial->hop = (int)i;
        if (!names_audience(tokens[i].audience, verifier->audience))
            return writ_refuse(ret_denial, WRIT_RULE_AUDIENCE, "aud");
    }
    ret_denial->hop = -1;
    if (verifier->require_chain_audience && !is_restricted)
        return writ_refuse(ret_denial, WRIT_RULE_AUDIENCE_REQUIRED, "aud");
    return WRIT_SUCCESS;
}

struct writ_result writ_invocation_check(const struct writ_verifier *verifier,
                                         const struct writ_token *tokens, size_t token_count,
                                         struct writ_slice tool, const struct writ_json *args,
                                         struct writ_denial *ret_denial)
{
    WRIT_ENSURE(token_count > 0, INTERNAL);
    const struct writ_token *leaf = &tokens[token_count - 1];
    *ret_denial = writ_denial_at((int)token_count - 1);
    if (!leaf->authority)
        return writ_refuse(ret_denial, WRIT_RULE_LEAF_TOOLS, "authorization_details");
    WRIT_TRY(writ_authority_allows(leaf->authority, verifier->profile, tool, args, ret_denial));
    WRIT_TRY(
        writ_effective_may_call(&leaf->effective, tool, leaf->agent, &leaf->holder, ret_denial));
    return check_audiences(verifier, tokens, token_count, ret_denial);
}
