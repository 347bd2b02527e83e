/* Steps 3 and 4 behind the signature: the order in which one link is judged. */
#include "token/link.h"

#include "token/rules.h"

#include <string.h>

struct writ_result writ_link_open(struct writ_arena *arena, struct writ_slice compact,
                                  struct writ_link *link, struct writ_denial *ret_denial)
{
    if (compact.size > WRIT_TOKEN_SIZE_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_TOKEN_SIZE, "");
    const struct writ_result split = writ_jws_split(arena, compact, WRIT_TYP_TOKEN, &link->jws);
    if (writ_is_ok(split)) {
        writ_jws_hash(&link->jws, link->hash);
        return WRIT_SUCCESS;
    }
    if (split.status == WRIT_OUT_OF_MEMORY)
        return split;
    return writ_refuse(ret_denial, link->parent ? WRIT_RULE_CHILD_HEADER : WRIT_RULE_ROOT_HEADER,
                       "");
}

struct writ_result writ_link_read(struct writ_arena *arena, struct writ_link *link,
                                  struct writ_denial *ret_denial)
{
    const bool is_root = !link->parent;
    const struct writ_json *json = link->peeked;
    const struct writ_result read = json ? WRIT_SUCCESS
                                         : writ_jws_payload(arena, &link->jws, &json);
    if (read.status == WRIT_DUPLICATE_MEMBER)
        return writ_refuse(ret_denial,
                           is_root ? WRIT_RULE_ROOT_DUPLICATE : WRIT_RULE_CHILD_DUPLICATE, "");
    if (read.status == WRIT_MALFORMED)
        return writ_refuse(ret_denial, is_root ? WRIT_RULE_ROOT_PAYLOAD : WRIT_RULE_CHILD_PAYLOAD,
                           "");
    WRIT_TRY(read);
    writ_claims_read(json, &link->claims);
    return WRIT_SUCCESS;
}

/* Steps 3m (or 4n) and 3n (or 4o) on the tools. */
static struct writ_result read_authority(struct writ_arena *arena, struct writ_link *link,
                                         struct writ_denial *ret_denial)
{
    if (link->claims.tools_entries == 0)
        return WRIT_SUCCESS;
    bool is_shape = false;
    const struct writ_verifier *verifier = link->verifier;
    const struct writ_result read = writ_authority_read(
        arena, link->claims.tools, verifier->profile, verifier->limits.max_constraint_depth,
        &link->authority, &is_shape, ret_denial);
    if (read.status == WRIT_MALFORMED && is_shape)
        ret_denial->step = link->parent ? "4n" : "3m";
    else if (!writ_is_ok(read))
        ret_denial->step = "3n/4o";
    return read;
}

/* A token without an entry for tools is the empty set. */
static const struct writ_authority *or_none(const struct writ_authority *authority)
{
    static const struct writ_authority NONE = {.tool_count = 0};
    return authority ? authority : &NONE;
}

/* Under the strict profile our claims are ignored: the terms are those of a link without any. */
struct writ_result writ_link_fold(struct writ_arena *arena, struct writ_link *link,
                                  struct writ_denial *ret_denial)
{
    struct writ_terms terms = {0};
    if (link->verifier->profile == WRIT_PROFILE_AAT_02_WRIT)
        WRIT_TRY(writ_rules_judge(link, WRIT_RULES_OURS, ret_denial));
    if (link->is_known)
        return WRIT_SUCCESS;
    if (link->verifier->profile == WRIT_PROFILE_AAT_02_WRIT) {
        const struct writ_json *said = writ_claims_terms(arena, &link->claims);
        WRIT_ENSURE(said, OUT_OF_MEMORY);
        WRIT_TRY(writ_terms_read(arena, said, &terms, ret_denial));
    }
    const struct writ_effective *above = link->parent ? &link->parent->effective : NULL;
    return writ_terms_fold(arena, above, &terms, link->authority, link->claims.agent,
                           &link->claims.holder, &link->effective, ret_denial);
}

/* Steps 3n (or 4o) and 4p. */
static struct writ_result judge_authority(struct writ_arena *arena, struct writ_link *link,
                                          struct writ_denial *ret_denial)
{
    WRIT_TRY(read_authority(arena, link, ret_denial));
    if (!link->parent)
        return WRIT_SUCCESS;
    return writ_authority_compare(arena, or_none(link->parent->authority), or_none(link->authority),
                                  ret_denial);
}

struct writ_result writ_link_judge(struct writ_arena *arena, struct writ_link *link,
                                   struct writ_denial *ret_denial)
{
    WRIT_TRY(writ_rules_judge(link, link->parent ? WRIT_RULES_CHILD : WRIT_RULES_ROOT, ret_denial));
    if (!link->is_known)
        WRIT_TRY(judge_authority(arena, link, ret_denial));
    if (link->parent)
        WRIT_TRY(writ_rules_judge(link, WRIT_RULES_CHILD_LAST, ret_denial));
    return writ_link_fold(arena, link, ret_denial);
}

struct writ_result writ_link_read_trusted(struct writ_arena *arena, enum writ_profile profile,
                                          struct writ_slice compact, struct writ_link *ret_link,
                                          struct writ_denial *ret_denial)
{
#define LIMITS                                                                                     \
    {                                                                                              \
        .max_delegation_depth = WRIT_DEPTH_MAX, .max_constraint_depth = WRIT_CONSTRAINT_DEPTH_MAX  \
    }
    static const struct writ_verifier STRICT = {.profile = WRIT_PROFILE_AAT_02, .limits = LIMITS};
    static const struct writ_verifier WRIT = {.profile = WRIT_PROFILE_AAT_02_WRIT,
                                              .limits = LIMITS};
    *ret_link = (struct writ_link){.verifier = profile == WRIT_PROFILE_AAT_02 ? &STRICT : &WRIT};
    WRIT_TRY(writ_link_open(arena, compact, ret_link, ret_denial));
    WRIT_TRY(writ_link_read(arena, ret_link, ret_denial));
    WRIT_TRY(writ_rules_judge(ret_link, WRIT_RULES_KEPT, ret_denial));
    return read_authority(arena, ret_link, ret_denial);
}

struct writ_token writ_link_token(const struct writ_link *link)
{
    const struct writ_claims *claims = &link->claims;
    struct writ_token token = {
        .compact = link->jws.compact,
        .jti = claims->jti,
        .iss = writ_json_text(claims->iss),
        .iat_unix_s = claims->iat_unix_s,
        .exp_unix_s = claims->exp_unix_s,
        .depth = claims->depth,
        .max_depth = claims->max_depth,
        .holder = claims->holder,
        .signer = link->signer,
        .is_known = link->is_known,
        .audience = claims->audience,
        .authority = link->authority,
        .effective = link->effective,
    };
    memcpy(token.hash, link->hash, sizeof token.hash);
    if (link->verifier->profile == WRIT_PROFILE_AAT_02_WRIT) {
        token.txn = claims->txn;
        token.sub = claims->sub;
        token.agent = claims->agent;
    }
    return token;
}
