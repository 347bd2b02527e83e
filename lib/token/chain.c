/* Steps 1, 2 and 5 around the links, and step 6: is this call what the leaf grants? */
#include "token/link.h"

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

/* Step 2c, on claims that nobody has verified yet. */
static struct writ_result check_cycle(struct writ_arena *arena, const struct writ_slice *chain,
                                      size_t chain_count, struct writ_denial *ret_denial)
{
    struct writ_slice jtis[WRIT_CHAIN_MAX];
    for (size_t i = 0; i < chain_count; i++) {
        ret_denial->hop = (int)i;
        const struct writ_result peeked = writ_jws_peek(arena, chain[i], "jti", &jtis[i]);
        if (peeked.status == WRIT_OUT_OF_MEMORY)
            return peeked;
        if (peeked.status == WRIT_DUPLICATE_MEMBER)
            return writ_refuse(ret_denial, WRIT_RULE_JTI_DUPLICATE, "");
        if (!writ_is_ok(peeked))
            return writ_refuse(ret_denial, WRIT_RULE_JTI_DISTINCT, "jti");
        for (size_t j = 0; j < i; j++)
            if (writ_slice_equal(jtis[i], jtis[j]))
                return writ_refuse_as(ret_denial, WRIT_RULE_JTI_DISTINCT, "jti",
                                      "It is that of hop %zu.", j);
    }
    return WRIT_SUCCESS;
}

struct writ_result writ_chain_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_slice *chain, size_t chain_count,
                                     struct writ_token *ret_tokens, struct writ_denial *ret_denial)
{
    *ret_denial = writ_denial_at(-1);
    WRIT_TRY(check_sizes(chain, chain_count, ret_denial));
    WRIT_TRY(check_cycle(arena, chain, chain_count, ret_denial));
    WRIT_TRY(writ_root_verify(arena, verifier, chain[0], &ret_tokens[0], ret_denial));
    for (size_t i = 1; i < chain_count; i++)
        WRIT_TRY(writ_child_verify(arena, verifier, &ret_tokens[i - 1], chain[i], &ret_tokens[i],
                                   ret_denial));
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
