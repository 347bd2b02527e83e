#include "policy/policy.h"

#include <stdio.h>
#include <string.h>

const char *policy_action_text(enum policy_action action)
{
    static const char *const TEXTS[] = {
        [POLICY_ISSUE] = "issue",
        [POLICY_DELEGATE] = "delegate",
        [POLICY_CALL] = "call",
        [POLICY_DECLASSIFY] = "declassify",
    };
    return TEXTS[action];
}

/* "forbidden by policy no_mail, no_mail_at_night"; cut where there are too many. */
static void say(const struct policy_answer *answer, const char *intro, struct writ_denial *denial)
{
    const size_t size = sizeof denial->detail;
    int used = snprintf(denial->detail, size, "%s", intro);
    for (size_t i = 0; i < answer->rule_count && used > 0 && (size_t)used < size; i++) {
        const struct writ_slice id = answer->rules[i]->id;
        used += snprintf(denial->detail + used, size - (size_t)used, "%s%.*s", i ? ", " : "",
                         WRIT_SLICE_ARGS(id));
    }
    if (answer->reference.size > 0 && used > 0 && (size_t)used < size)
        snprintf(denial->detail + used, size - (size_t)used, " (its decision %.*s)",
                 WRIT_SLICE_ARGS(answer->reference));
}

static struct writ_result deny(enum writ_status outcome, struct writ_denial *ret_denial)
{
    ret_denial->outcome = outcome;
    ret_denial->step = "";
    ret_denial->hop = -1;
    snprintf(ret_denial->field, sizeof ret_denial->field, "policy");
    return (struct writ_result){outcome};
}

struct writ_json *policy_level_json(struct writ_arena *arena, const struct writ_label *label)
{
    static const char *const MEMBERS[] = {"confidentiality", "integrity"};
    const struct writ_json *whole = writ_label_json(arena, label);
    struct writ_json *level = writ_json_new_object(arena);
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        const struct writ_json *member = writ_json_get(whole, MEMBERS[i]);
        if (!member || !writ_json_put(arena, level, MEMBERS[i], member))
            return NULL;
    }
    return level;
}

bool policy_id_is_plain(struct writ_slice id)
{
    for (size_t i = 0; i < id.size; i++)
        if (id.data[i] < 0x21 || id.data[i] > 0x7e || id.data[i] == ',')
            return false;
    return id.size >= 1 && id.size <= 100;
}

struct writ_result policy_conclude(const struct policy_answer *answer,
                                   struct writ_denial *ret_denial)
{
    switch (answer->verdict) {
    case POLICY_PERMITTED:
        return WRIT_SUCCESS;
    case POLICY_DENIED:
        say(answer, answer->rule_count > 0 ? "forbidden by policy " : "no policy permits it",
            ret_denial);
        return deny(WRIT_POLICY_DENIED, ret_denial);
    default:
        if (answer->rule_count > 0)
            say(answer, "this policy failed: ", ret_denial);
        else
            snprintf(ret_denial->detail, sizeof ret_denial->detail, "%s", answer->detail);
        return deny(WRIT_POLICY_ERROR, ret_denial);
    }
}

void policy_ask(const struct policy_engine *engine, struct writ_arena *arena,
                const struct policy_request *request, struct policy_answer *ret_answer)
{
    *ret_answer = (struct policy_answer){.verdict = engine ? POLICY_FAILED : POLICY_PERMITTED};
    if (engine)
        engine->kind->judge(engine, arena, request, ret_answer);
}

void policy_ask_at_best(const struct policy_engine *engine, struct writ_arena *arena,
                        const struct policy_request *request, const struct policy_answer *now,
                        struct policy_answer *ret_answer)
{
    *ret_answer = *now;
    if (!engine || !engine->sees_approvals || now->verdict == POLICY_FAILED)
        return;
    struct policy_request at_best = *request;
    at_best.at_best = true;
    policy_ask(engine, arena, &at_best, ret_answer);
}

void policy_join(struct writ_arena *arena, struct policy_answer *answer,
                 const struct policy_answer *other)
{
    const bool both_permit = answer->verdict == POLICY_PERMITTED &&
                             other->verdict == POLICY_PERMITTED;
    if (!both_permit) {
        if (answer->verdict == POLICY_PERMITTED || other->verdict == POLICY_DENIED)
            *answer = *other;
        return;
    }
    const size_t count = answer->rule_count + other->rule_count;
    const struct policy_rule **rules = writ_arena_array(arena, count, sizeof *rules);
    if (!rules && count > 0) {
        *answer = (struct policy_answer){.verdict = POLICY_FAILED, .detail = "out of memory"};
        return;
    }
    for (size_t i = 0; i < count; i++)
        rules[i] = i < answer->rule_count ? answer->rules[i] : other->rules[i - answer->rule_count];
    answer->rules = rules;
    answer->rule_count = count;
    answer->needs_approval = answer->needs_approval || other->needs_approval;
}

struct policy_engine *policy_engine_free(struct policy_engine *engine)
{
    return engine ? engine->kind->free(engine) : NULL;
}
