#include "decide/approval.h"

#include "base/base64url.h"
#include "base/crypto.h"

#include <stdio.h>
#include <string.h>

/* {"approvers": [...], "quorum": n, "source": "..."}: what has to be met, whoever says so. */
static bool add_rule(struct decision *decision, const struct writ_json *approvers, int64_t quorum,
                     const char *source)
{
    struct writ_arena *arena = decision->arena;
    struct writ_json *rule = writ_json_add_object(arena, decision->approval.rules);
    return rule && writ_json_put(arena, rule, "approvers", approvers) &&
           writ_json_put_integer(arena, rule, "quorum", quorum) &&
           writ_json_put_string(arena, rule, "source", source);
}

/* Each rule of the fold by itself: one that a child added is beside its parent's. */
static bool add_rules_of_chain(struct decision *decision)
{
    const struct writ_effective *effective = &chain_leaf_token(decision->chain)->effective;
    const struct writ_json *rules = writ_effective_approvals(decision->arena, effective,
                                                             decision->tool);
    for (size_t i = 0; rules && i < rules->count; i++) {
        int64_t quorum = 0;
        if (!writ_json_integer(writ_json_get(&rules->items[i], "quorum"), &quorum) ||
            !add_rule(decision, writ_json_get(&rules->items[i], "approvers"), quorum, "chain"))
            return false;
    }
    return rules != NULL;
}

static struct writ_json *put_hash(struct writ_arena *arena, struct writ_json *object,
                                  const char *name, const uint8_t hash[static 32])
{
    char text[44];
    writ_base64url_hash(hash, text);
    return writ_json_put_string(arena, object, name, text);
}

/* The leaf's hash is of its signing input: its authority, terms and holder are in it. */
static struct writ_result bind_call(struct decision *decision)
{
    struct writ_arena *arena = decision->arena;
    const struct chain_link *leaf = chain_leaf(decision->chain);
    struct writ_json *bound = writ_json_new_object(arena);
    char task[UUID_TEXT_SIZE];
    char delegation[UUID_TEXT_SIZE];
    uuid_text(&decision->chain->task, task);
    uuid_text(&leaf->id, delegation);
    writ_json_put_string(arena, bound, "task", task);
    writ_json_put_string(arena, bound, "delegation", delegation);
    put_hash(arena, bound, "token_sha256", chain_leaf_token(decision->chain)->hash);
    writ_json_put_string(arena, bound, "holder", leaf->thumbprint);
    writ_json_put_text(arena, bound, "audience", decision->client->audience);
    writ_json_put_text(arena, bound, "tool", decision->tool);
    struct writ_json *last = put_hash(arena, bound, "arguments_sha256", decision->arguments_sha256);
    WRIT_ENSURE(last, OUT_OF_MEMORY);
    decision->approval.bound = writ_json_canonical(arena, bound);
    WRIT_ENSURE(decision->approval.bound.data, OUT_OF_MEMORY);
    writ_sha256(decision->approval.bound, decision->approval.digest);
    return WRIT_SUCCESS;
}

static struct writ_result require(struct decision *decision)
{
    struct writ_denial *denial = &decision->denial;
    *denial = (struct writ_denial){
        .outcome = WRIT_APPROVAL_REQUIRED, .step = "", .hop = (int)decision->chain->count - 1};
    snprintf(denial->field, sizeof denial->field, "approval");
    snprintf(denial->detail, sizeof denial->detail, "a rule asks for approval of this call");
    return WRIT_FAILURE(APPROVAL_REQUIRED);
}

struct writ_result approval_check(struct decision *decision)
{
    decision->approval.rules = writ_json_new_array(decision->arena);
    WRIT_ENSURE(decision->approval.rules && add_rules_of_chain(decision), OUT_OF_MEMORY);
    const bool is_asked_for = decision->approval.rules->count > 0;
    if (is_asked_for || decision->approval.presented)
        WRIT_TRY(bind_call(decision));
    return is_asked_for && !decision->approval.presented ? require(decision) : WRIT_SUCCESS;
}

struct writ_result approval_add_label_rule(struct decision *decision)
{
    struct writ_json *anybody = writ_json_new_array(decision->arena);
    WRIT_ENSURE(anybody && writ_json_add_text(decision->arena, anybody, WRIT_SLICE_LITERAL("*")) &&
                    add_rule(decision, anybody, 1, "label"),
                OUT_OF_MEMORY);
    return bind_call(decision);
}
