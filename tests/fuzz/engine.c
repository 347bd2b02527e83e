/*
 * What an engine elsewhere may answer. The first line is which one is asked, `opa` or `authzen`,
 * and for `batch` of three tools; the rest is the body. Nothing is a permit but a clean yes of
 * which all is known, and whatever it says of obligations is within what people can be asked for.
 */
#include "fuzz.h"

#include <string.h>

#include "policy/remote.h"

enum { TOOLS = 3 };

static bool is_true(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_BOOLEAN) && value->boolean;
}

/* Read again, without any of the rules for what else may stand there. */
static bool says_yes(const struct policy_remote_kind *kind, const struct writ_json *body,
                     size_t tool_count, size_t tool)
{
    if (kind == &POLICY_OPA) {
        const struct writ_json *result = writ_json_get(body, "result");
        return is_true(result) || is_true(writ_json_get(result, "allow"));
    }
    if (tool_count > 1)
        body = &writ_json_get(body, "evaluations")->items[tool];
    return is_true(writ_json_get(body, "decision"));
}

static void check_rule(const struct policy_rule *rule, const struct policy_answer *answer)
{
    FUZZ_HOLDS(rule->id.size > 0);
    FUZZ_HOLDS(rule->permits == (answer->verdict == POLICY_PERMITTED));
    if (!rule->needs_approval)
        return;
    FUZZ_HOLDS(answer->verdict == POLICY_PERMITTED && answer->needs_approval);
    FUZZ_HOLDS(rule->quorum >= 1 && rule->quorum <= POLICY_QUORUM_MAX);
    FUZZ_HOLDS(rule->approver_count >= 1 && rule->approver_count <= POLICY_APPROVERS_MAX);
    for (size_t i = 0; i < rule->approver_count; i++)
        FUZZ_HOLDS(rule->approvers[i].size > 0);
}

static void check(const struct policy_answer *answer, bool is_yes)
{
    if (answer->verdict == POLICY_FAILED) {
        FUZZ_HOLDS(answer->detail[0] && answer->rule_count == 0);
        return;
    }
    FUZZ_HOLDS(answer->verdict == POLICY_DENIED || is_yes);
    FUZZ_HOLDS(answer->rule_count > 0 && answer->basis);
    for (size_t i = 0; i < answer->rule_count; i++)
        check_rule(answer->rules[i], answer);
}

static bool stays_failed(const struct policy_answer *answers)
{
    for (size_t i = 0; i < TOOLS; i++)
        if (answers[i].verdict != POLICY_FAILED)
            return false;
    return true;
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    const struct writ_slice asked = fuzz_take_line(&input);
    const struct policy_remote_kind *kind = writ_slice_is(asked, "opa") ? &POLICY_OPA
                                                                        : &POLICY_AUTHZEN;
    const size_t tool_count = writ_slice_is(asked, "batch") ? TOOLS : 1;
    const struct writ_json *body = fuzz_json(arena, input);
    struct policy_answer answers[TOOLS] = {0};
    kind->read(arena, input, answers, tool_count);
    FUZZ_HOLDS(body || stays_failed(answers));
    for (size_t i = 0; i < tool_count; i++)
        check(&answers[i],
              answers[i].verdict == POLICY_PERMITTED && says_yes(kind, body, tool_count, i));
}
