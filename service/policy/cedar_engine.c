#include "policy/cedar_engine.h"

#include "base/crypto.h"
#include "policy/cedar_question.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const bool CEDAR_ENGINE_IS_BUILT_IN = true;

struct cedar_engine {
    struct policy_engine engine;
    struct writ_arena arena; /* rules and their approvers */
    struct cedar_policies *policies;
    struct policy_rule *rules;
    size_t rule_count;
};

static const struct cedar_engine *of(const struct policy_engine *engine)
{
    return (const struct cedar_engine *)engine; /* its first member */
}

/* ---- What a rule looks at ----------------------------------------------------------------- */

static const char *const OF_APPROVALS[] = {"approvals", NULL};
static const char *const OF_LABEL[] = {"label", NULL};

static bool looks_at_any(const struct cedar_policies *policies, size_t index,
                         const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        if (cedar_policy_looks_at(policies, index, writ_slice_text(names[i])))
            return true;
    return false;
}

/* ---- Obligations -------------------------------------------------------------------------- */

static struct writ_slice trimmed(const uint8_t *from, const uint8_t *to)
{
    while (from < to && *from == ' ')
        from++;
    while (from < to && to[-1] == ' ')
        to--;
    return writ_slice_of(from, (size_t)(to - from));
}

/* "finance, legal". NULL: fine. */
static const char *read_approvers(struct writ_arena *arena, struct writ_slice list,
                                  struct policy_rule *rule)
{
    struct writ_slice *approvers = writ_arena_array(arena, POLICY_APPROVERS_MAX, sizeof *approvers);
    if (!approvers)
        return "out of memory";
    const uint8_t *at = list.data, *end = list.data + list.size;
    for (bool more = list.data != NULL; more; at++) {
        const uint8_t *comma = memchr(at, ',', (size_t)(end - at));
        const struct writ_slice name = trimmed(at, comma ? comma : end);
        if (name.size == 0)
            break;
        if (rule->approver_count == POLICY_APPROVERS_MAX)
            return "@approvers names more than 32 groups";
        approvers[rule->approver_count++] = name;
        at = comma ? comma : end;
        more = comma != NULL;
        if (!more) {
            rule->approvers = approvers;
            return NULL;
        }
    }
    return "@approvers: groups of approvers, with commas between them";
}

/* 1 to 100; absent means 1. */
static bool read_quorum(struct writ_slice said, int64_t *ret_quorum)
{
    int64_t quorum = said.data ? 0 : 1;
    if (said.data && (said.size == 0 || said.size > 3))
        return false;
    for (size_t i = 0; said.data && i < said.size; i++) {
        if (said.data[i] < '0' || said.data[i] > '9')
            return false;
        quorum = quorum * 10 + (said.data[i] - '0');
    }
    *ret_quorum = quorum;
    return quorum >= 1 && quorum <= POLICY_QUORUM_MAX;
}

/* What is said of approval has to be whole: an obligation that nobody can read would be none. NULL:
 * fine. */
static const char *read_obligation(struct writ_arena *arena, const struct cedar_policies *policies,
                                   size_t index, struct policy_rule *rule)
{
    const struct writ_slice obligation = cedar_policy_annotation(policies, index,
                                                                 WRIT_SLICE_LITERAL("obligation"));
    const struct writ_slice approvers = cedar_policy_annotation(policies, index,
                                                                WRIT_SLICE_LITERAL("approvers"));
    const struct writ_slice quorum = cedar_policy_annotation(policies, index,
                                                             WRIT_SLICE_LITERAL("quorum"));
    if (!obligation.data)
        return approvers.data || quorum.data
                   ? "@approvers and @quorum need an @obligation(\"approval\")"
                   : NULL;
    if (!writ_slice_is(obligation, "approval"))
        return "the one @obligation is \"approval\"";
    if (!rule->permits)
        return "a forbid has no obligation: it forbids";
    /* Else it would ask only those who have been asked already. */
    if (looks_at_any(policies, index, OF_APPROVALS))
        return "who looks at approvals does not ask for them: an @obligation is of a permit that "
               "does not";
    if (!read_quorum(quorum, &rule->quorum))
        return "@quorum: how many people approve, 1 to 100";
    rule->needs_approval = true;
    return read_approvers(arena, approvers, rule);
}

/* ---- Making ------------------------------------------------------------------------------- */

static const char *read_rule(struct cedar_engine *engine, size_t index)
{
    static const char *const OF_PRESENTER[] = {"principal",  "agents",    "depth",
                                               "attributed", "clearance", NULL};
    static const char *const OF_HOUR[] = {"now", "approvals", "label", NULL};
    struct policy_rule *rule = &engine->rules[index];
    const struct cedar_policies *policies = engine->policies;
    *rule = (struct policy_rule){
        .id = cedar_policy_id(policies, index),
        .permits = cedar_policy_permits(policies, index),
        .is_of_the_presenter = looks_at_any(policies, index, OF_PRESENTER),
        .is_of_the_hour = looks_at_any(policies, index, OF_HOUR),
    };
    writ_sha256(cedar_policy_text(policies, index), rule->sha256);
    engine->engine.sees_approvals |= looks_at_any(policies, index, OF_APPROVALS);
    engine->engine.sees_label |= looks_at_any(policies, index, OF_LABEL);
    if (!cedar_policy_annotation(policies, index, WRIT_SLICE_LITERAL("id")).data)
        return "it has no @id";
    if (!policy_id_is_plain(rule->id))
        return "@id: 1 to 100 printable characters without space or comma";
    return read_obligation(&engine->arena, policies, index, rule);
}

/* MALFORMED with the message. */
static struct writ_result read_rules(struct cedar_engine *engine, char *message)
{
    engine->rule_count = cedar_policies_count(engine->policies);
    engine->rules = writ_arena_array(&engine->arena, engine->rule_count, sizeof *engine->rules);
    WRIT_ENSURE(engine->rules || engine->rule_count == 0, OUT_OF_MEMORY);
    for (size_t i = 0; i < engine->rule_count; i++) {
        const char *wrong = read_rule(engine, i);
        if (!wrong)
            continue;
        snprintf(message, CEDAR_ENGINE_MESSAGE_MAX, "policy %zu, %.*s: %s", i + 1,
                 WRIT_SLICE_ARGS(engine->rules[i].id), wrong);
        return WRIT_FAILURE(MALFORMED);
    }
    return WRIT_SUCCESS;
}

static struct policy_engine *engine_free(struct policy_engine *engine)
{
    struct cedar_engine *self = (struct cedar_engine *)engine;
    self->policies = cedar_policies_free(self->policies);
    writ_arena_done(&self->arena);
    free(self);
    return NULL;
}

/* ---- Judging ------------------------------------------------------------------------------ */

static bool take(const struct cedar_engine *engine, struct writ_arena *arena, const size_t *indices,
                 size_t count, struct policy_answer *answer)
{
    answer->rules = writ_arena_array(arena, count, sizeof *answer->rules);
    if (!answer->rules && count > 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        answer->rules[i] = &engine->rules[indices[i]];
        answer->needs_approval = answer->needs_approval || answer->rules[i]->needs_approval;
        answer->is_of_the_presenter |= answer->rules[i]->is_of_the_presenter;
        answer->is_of_the_hour |= answer->rules[i]->is_of_the_hour;
    }
    answer->rule_count = count;
    return true;
}

static void judge_in(struct writ_arena *room, const struct policy_engine *engine,
                     struct writ_arena *arena, const struct policy_request *request,
                     struct policy_answer *ret_answer)
{
    const struct cedar_engine *self = of(engine);
    struct policy_answer answer = {.verdict = POLICY_FAILED, .detail = "out of memory"};
    struct cedar_request question;
    struct cedar_answer said;
    size_t *determining = writ_arena_array(room, self->rule_count + 1, sizeof *determining);
    size_t *errors = writ_arena_array(room, self->rule_count + 1, sizeof *errors);
    *ret_answer = answer;
    if (!determining || !errors || !writ_is_ok(cedar_question(room, request, &question)))
        return;
    if (cedar_judge(self->policies, &question, &said, determining, errors, ret_answer->detail,
                    sizeof ret_answer->detail) != CEDAR_OK)
        return;
    /* An error first: Cedar has skipped the policy that failed, and it may have been a forbid. */
    const bool failed = said.error_count > 0;
    if (!take(self, arena, failed ? errors : determining,
              failed ? said.error_count : said.determining_count, &answer))
        return;
    answer.detail[0] = '\0';
    if (!failed)
        answer.verdict = said.permits ? POLICY_PERMITTED : POLICY_DENIED;
    answer.needs_approval = answer.needs_approval && answer.verdict == POLICY_PERMITTED;
    /* That no permit holds may be because of anything that any of them looks at. */
    if (answer.verdict == POLICY_DENIED && answer.rule_count == 0)
        answer.is_of_the_presenter = answer.is_of_the_hour = true;
    *ret_answer = answer;
}

/* The question needs room for as long as it is judged, and the request's own memory, which is kept
 * until the call is recorded, only for the answer. */
static void judge(const struct policy_engine *engine, struct writ_arena *arena,
                  const struct policy_request *request, struct policy_answer *ret_answer)
{
    struct writ_arena room;
    writ_arena_init(&room, 0);
    judge_in(&room, engine, arena, request, ret_answer);
    writ_arena_done(&room);
}

static const struct policy_engine_kind KIND = {
    .name = "cedar",
    .judge = judge,
    .free = engine_free,
};

struct writ_result cedar_engine_new(struct writ_slice text, struct policy_engine **ret_engine,
                                    char ret_message[static CEDAR_ENGINE_MESSAGE_MAX])
{
    struct cedar_engine *engine = calloc(1, sizeof *engine);
    ret_message[0] = '\0';
    WRIT_ENSURE(engine, OUT_OF_MEMORY);
    engine->engine.kind = &KIND;
    writ_arena_init(&engine->arena, 0);
    struct writ_result result = WRIT_FAILURE(MALFORMED);
    enum cedar_outcome outcome = CEDAR_REFUSED;
    if (text.size > CEDAR_ENGINE_TEXT_MAX)
        snprintf(ret_message, CEDAR_ENGINE_MESSAGE_MAX, "the policies are over 512 KiB");
    else
        outcome = cedar_policies_new(text, writ_slice_text(CEDAR_ENGINE_SCHEMA), true,
                                     &engine->policies, ret_message, CEDAR_ENGINE_MESSAGE_MAX);
    if (outcome == CEDAR_OK)
        result = read_rules(engine, ret_message);
    else if (outcome == CEDAR_FAULT)
        result = WRIT_FAILURE(INTERNAL);
    if (!writ_is_ok(result)) {
        engine_free(&engine->engine);
        return result;
    }
    *ret_engine = &engine->engine;
    return WRIT_SUCCESS;
}

const struct policy_rule *cedar_engine_rules(const struct policy_engine *engine, size_t *ret_count)
{
    *ret_count = of(engine)->rule_count;
    return of(engine)->rules;
}
