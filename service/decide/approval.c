#include "decide/approval.h"

#include "authority/authority.h"
#include "base/base64url.h"
#include "base/crypto.h"
#include "decide/policy.h"

#include <stdlib.h>

/* {"approvers": [...], "quorum": n, "source": "..."}: what has to be met, whoever says so. */
static struct writ_json *add_rule(struct writ_arena *arena, struct writ_json *rules,
                                  const struct writ_json *approvers, int64_t quorum,
                                  const char *source)
{
    struct writ_json *rule = writ_json_add_object(arena, rules);
    writ_json_put(arena, rule, "approvers", approvers);
    writ_json_put_integer(arena, rule, "quorum", quorum);
    return writ_json_put_string(arena, rule, "source", source) ? rule : NULL;
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
            !add_rule(decision->arena, decision->approval.rules,
                      writ_json_get(&rules->items[i], "approvers"), quorum, "chain"))
            return false;
    }
    return rules != NULL;
}

bool approval_put_policies(struct writ_arena *arena, struct writ_json *rules,
                           const struct policy_answer *answer)
{
    for (size_t i = 0; i < answer->rule_count; i++) {
        const struct policy_rule *said = answer->rules[i];
        if (!said->needs_approval)
            continue;
        struct writ_json *approvers = writ_json_new_array(arena);
        for (size_t k = 0; approvers && k < said->approver_count; k++)
            if (!writ_json_add_text(arena, approvers, said->approvers[k]))
                return false;
        struct writ_json *rule = approvers
                                     ? add_rule(arena, rules, approvers, said->quorum, "policy")
                                     : NULL;
        if (!rule || !writ_json_put_text(arena, rule, "policy", said->id))
            return false;
    }
    return true;
}

bool approval_put_anybody(struct writ_arena *arena, struct writ_json *rules, int64_t quorum,
                          const char *source)
{
    struct writ_json *anybody = writ_json_new_array(arena);
    return anybody && writ_json_add_text(arena, anybody, WRIT_SLICE_LITERAL("*")) &&
           add_rule(arena, rules, anybody, quorum, source);
}

/* Friction follows effect: what the tool itself asks for, by its effect or by its operator. */
static bool add_rule_of_tool(struct decision *decision)
{
    const int64_t quorum = decision->registered->approval;
    return quorum == 0 ||
           approval_put_anybody(decision->arena, decision->approval.rules, quorum, "tool");
}

/* ---- What is signed ------------------------------------------------------------------------ */

struct writ_json *approval_put_hash(struct writ_arena *arena, struct writ_json *object,
                                    const char *name, const uint8_t hash[static 32])
{
    char text[44];
    writ_base64url_hash(hash, text);
    return writ_json_put_string(arena, object, name, text);
}

static int by_id(const void *a, const void *b)
{
    const struct policy_rule *const *left = a;
    const struct policy_rule *const *right = b;
    return writ_slice_compare((*left)->id, (*right)->id);
}

bool approval_bind_policies(struct writ_arena *arena, struct writ_json *bound,
                            struct policy_answer *answer)
{
    struct writ_json *policies = writ_json_put_array(arena, bound, "policies");
    bool whole = policies != NULL;
    if (answer->rule_count > 1)
        qsort(answer->rules, answer->rule_count, sizeof(struct policy_rule *), by_id);
    for (size_t i = 0; i < answer->rule_count && whole; i++) {
        struct writ_json *policy = writ_json_add_object(arena, policies);
        writ_json_put_text(arena, policy, "id", answer->rules[i]->id);
        whole = approval_put_hash(arena, policy, "sha256", answer->rules[i]->sha256) != NULL;
    }
    return whole;
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
    approval_put_hash(arena, bound, "token_sha256", chain_leaf_token(decision->chain)->hash);
    writ_json_put_string(arena, bound, "holder", leaf->thumbprint);
    writ_json_put_text(arena, bound, "audience", decision->client->audience);
    writ_json_put_text(arena, bound, "tool", decision->tool);
    approval_put_hash(arena, bound, "tool_sha256", decision->registered->registered_sha256);
    approval_put_hash(arena, bound, "arguments_sha256", decision->arguments_sha256);
    WRIT_ENSURE(approval_bind_policies(arena, bound, &decision->policy), OUT_OF_MEMORY);
    decision->approval.bound = writ_json_canonical(arena, bound);
    WRIT_ENSURE(decision->approval.bound.data, OUT_OF_MEMORY);
    writ_sha256(decision->approval.bound, decision->approval.digest);
    return WRIT_SUCCESS;
}

/* "tool and chain": where the rules come from, one after another. */
static const char *sources_of(struct writ_arena *arena, const struct writ_json *rules)
{
    const char *sources = "";
    struct writ_slice last = WRIT_SLICE_NONE;
    for (size_t i = 0; sources && i < rules->count; i++) {
        const struct writ_slice source = writ_json_text(writ_json_get(&rules->items[i], "source"));
        if (!writ_slice_equal(source, last))
            sources = writ_arena_printf(arena, "%s%s%.*s", sources, i > 0 ? " and " : "",
                                        WRIT_SLICE_ARGS(source));
        last = source;
    }
    return sources;
}

static struct writ_result require(struct decision *decision)
{
    const char *sources = sources_of(decision->arena, decision->approval.rules);
    WRIT_ENSURE(sources, OUT_OF_MEMORY);
    writ_denial_set(&decision->denial, WRIT_APPROVAL_REQUIRED, "", "approval",
                    "people have to approve this call, by: %s", sources);
    decision->denial.hop = (int)decision->chain->count - 1;
    return WRIT_FAILURE(APPROVAL_REQUIRED);
}

struct writ_result approval_check(struct decision *decision)
{
    decision->approval.rules = writ_json_new_array(decision->arena);
    WRIT_ENSURE(
        decision->approval.rules && add_rule_of_tool(decision) && add_rules_of_chain(decision) &&
            approval_put_policies(decision->arena, decision->approval.rules, &decision->policy),
        OUT_OF_MEMORY);
    const bool is_asked_for = decision->approval.rules->count > 0;
    if (decision->approval.is_a_must && !is_asked_for)
        return policy_refuse_unapproved(decision);
    if (is_asked_for || decision->approval.presented)
        WRIT_TRY(bind_call(decision));
    const bool is_to_wait = decision->approval.is_a_must || !decision->approval.presented;
    return is_asked_for && is_to_wait ? require(decision) : WRIT_SUCCESS;
}

struct writ_result approval_add_label_rule(struct decision *decision)
{
    WRIT_ENSURE(approval_put_anybody(decision->arena, decision->approval.rules, 1, "label"),
                OUT_OF_MEMORY);
    return bind_call(decision);
}
