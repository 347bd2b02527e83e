/* What a remote engine said, as an answer with rules, so that obligations, records and the digest
 * of an approval know it like Cedar's. */
#include "policy/remote_question.h"

#include "base/crypto.h"

#include <stdio.h>

enum { OBLIGATIONS_MAX = 16, POLICIES_MAX = 64, GROUP_SIZE_MAX = 200, BASIS_SIZE_MAX = 8192 };

void remote_fail(struct policy_answer *ret_answer, const char *engine, const char *why)
{
    *ret_answer = (struct policy_answer){.verdict = POLICY_FAILED};
    snprintf(ret_answer->detail, sizeof ret_answer->detail, "policy engine %s: %s", engine, why);
}

/* ---- Obligations -------------------------------------------------------------------------- */

static const char *read_approvers(struct writ_arena *arena, const struct writ_json *groups,
                                  struct policy_rule *rule)
{
    if (!writ_json_is_texts(groups) || groups->count == 0 || groups->count > POLICY_APPROVERS_MAX)
        return "approvers: 1 to 32 groups of approvers";
    struct writ_slice *approvers = writ_arena_array(arena, groups->count, sizeof *approvers);
    if (!approvers)
        return "out of memory";
    for (size_t i = 0; i < groups->count; i++) {
        approvers[i] = groups->items[i].text;
        if (approvers[i].size == 0 || approvers[i].size > GROUP_SIZE_MAX)
            return "approvers: names of 1 to 200 bytes";
    }
    rule->approvers = approvers;
    rule->approver_count = groups->count;
    return NULL;
}

/* {"type": "approval", "approvers": [...], "quorum": n}. NULL: fine. */
static const char *read_obligation(struct writ_arena *arena, const struct writ_json *obligation,
                                   struct policy_rule *rule)
{
    static const char *const MEMBERS[] = {"type", "approvers", "quorum", NULL};
    const struct writ_json *quorum = writ_json_get(obligation, "quorum");
    if (!writ_json_only(obligation, MEMBERS) ||
        !writ_slice_is(writ_json_text(writ_json_get(obligation, "type")), "approval"))
        return "the one obligation is {\"type\": \"approval\", \"approvers\", \"quorum\"}";
    rule->needs_approval = true;
    rule->quorum = 1;
    if (quorum && (!writ_json_integer(quorum, &rule->quorum) || rule->quorum < 1 ||
                   rule->quorum > POLICY_QUORUM_MAX))
        return "quorum: how many people approve, 1 to 100";
    return read_approvers(arena, writ_json_get(obligation, "approvers"), rule);
}

/* ---- Rules -------------------------------------------------------------------------------- */

/* All that the answer rests on, so that another answer is another digest. The reference is of this
 * one time, and not in it. NULL: out of memory. */
static const struct writ_json *basis_of(struct writ_arena *arena, const struct remote_said *said)
{
    struct writ_json *basis = writ_json_new_object(arena);
    struct writ_json *last = writ_json_put_string(arena, basis, "engine", said->engine);
    const struct {
        const char *name;
        const struct writ_json *value;
    } parts[] = {
        {"obligations", said->obligations},
        {"policies", said->policies},
        {"version", said->version},
        {"bundles", said->bundles},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && last; i++)
        if (parts[i].value)
            last = writ_json_put(arena, basis, parts[i].name, parts[i].value);
    return last ? basis : NULL;
}

static struct writ_slice id_of(struct writ_arena *arena, const char *engine,
                               struct writ_slice policy)
{
    const char *id = writ_arena_printf(arena, "%s:%.*s", engine, WRIT_SLICE_ARGS(policy));
    return id ? writ_slice_text(id) : WRIT_SLICE_NONE;
}

/* One for each policy that the engine names, or else one for the engine, and one for each
 * obligation. NULL: fine. */
static const char *make_rules(struct writ_arena *arena, const struct remote_said *said,
                              const struct writ_json *basis, struct policy_rule *rules,
                              size_t *ret_count)
{
    size_t count = 0;
    const size_t obligation_count = said->obligations ? said->obligations->count : 0;
    const size_t policy_count = said->policies ? said->policies->count : 0;
    for (size_t i = 0; i < policy_count; i++) {
        if (!policy_id_is_plain(said->policies->items[i].text))
            return "policies: ids of 1 to 100 printable characters without space or comma";
        rules[count++].id = id_of(arena, said->engine, said->policies->items[i].text);
    }
    if (policy_count == 0)
        rules[count++].id = writ_slice_text(said->engine);
    for (size_t i = 0; i < obligation_count; i++) {
        const char *wrong = read_obligation(arena, &said->obligations->items[i], &rules[count]);
        if (wrong)
            return wrong;
        rules[count++].id = id_of(arena, said->engine, WRIT_SLICE_LITERAL("obligation"));
    }
    const struct writ_slice text = basis ? writ_json_canonical(arena, basis) : WRIT_SLICE_NONE;
    if (text.size > BASIS_SIZE_MAX)
        return "what its answer rests on is over 8 KiB";
    for (size_t i = 0; i < count; i++) {
        if (!text.data || !rules[i].id.data)
            return "out of memory";
        rules[i].permits = said->permits;
        writ_sha256(text, rules[i].sha256);
    }
    *ret_count = count;
    return NULL;
}

static const char *check_shape(const struct remote_said *said)
{
    if (said->policies &&
        (!writ_json_is_texts(said->policies) || said->policies->count > POLICIES_MAX))
        return "policies: an array of at most 64 ids";
    if (said->obligations && (!writ_json_is(said->obligations, WRIT_JSON_ARRAY) ||
                              said->obligations->count > OBLIGATIONS_MAX))
        return "obligations: an array of at most 16";
    if (said->version && !policy_id_is_plain(writ_json_text(said->version)))
        return "version: 1 to 100 printable characters without space or comma";
    return NULL;
}

void remote_take(struct writ_arena *arena, const struct remote_said *said,
                 struct policy_answer *ret_answer)
{
    const char *wrong = check_shape(said);
    struct policy_rule *rules = NULL;
    struct policy_answer answer = {
        /* Nobody knows what it looked at: nothing that it denies is kept. */
        .is_of_the_presenter = !said->permits,
        .is_of_the_hour = !said->permits,
        .verdict = said->permits ? POLICY_PERMITTED : POLICY_DENIED,
        .reference = policy_id_is_plain(said->reference) ? said->reference : WRIT_SLICE_NONE,
    };
    if (!wrong) {
        answer.basis = basis_of(arena, said);
        const size_t most = 1 + (said->policies ? said->policies->count : 0) +
                            (said->obligations ? said->obligations->count : 0);
        rules = writ_arena_array(arena, most, sizeof *rules);
        answer.rules = writ_arena_array(arena, most, sizeof *answer.rules);
        wrong = rules && answer.rules
                    ? make_rules(arena, said, answer.basis, rules, &answer.rule_count)
                    : "out of memory";
    }
    if (wrong) {
        remote_fail(ret_answer, said->engine, wrong);
        return;
    }
    for (size_t i = 0; i < answer.rule_count; i++) {
        answer.rules[i] = &rules[i];
        answer.needs_approval = answer.needs_approval || rules[i].needs_approval;
    }
    *ret_answer = answer;
}
