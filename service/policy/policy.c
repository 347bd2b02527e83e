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
}

static struct writ_result deny(enum writ_status outcome, struct writ_denial *ret_denial)
{
    ret_denial->outcome = outcome;
    ret_denial->step = "";
    ret_denial->hop = -1;
    snprintf(ret_denial->field, sizeof ret_denial->field, "policy");
    return (struct writ_result){outcome};
}

struct writ_result policy_judge(const struct policy_engine *engine, struct writ_arena *arena,
                                const struct policy_request *request,
                                struct policy_answer *ret_answer, struct writ_denial *ret_denial)
{
    *ret_answer = (struct policy_answer){.verdict = POLICY_FAILED};
    if (!engine) {
        ret_answer->verdict = POLICY_PERMITTED;
        return WRIT_SUCCESS;
    }
    engine->kind->judge(engine, arena, request, ret_answer);
    switch (ret_answer->verdict) {
    case POLICY_PERMITTED:
        return WRIT_SUCCESS;
    case POLICY_DENIED:
        say(ret_answer,
            ret_answer->rule_count > 0 ? "forbidden by policy " : "no policy permits it",
            ret_denial);
        return deny(WRIT_POLICY_DENIED, ret_denial);
    default:
        if (ret_answer->rule_count > 0)
            say(ret_answer, "this policy failed: ", ret_denial);
        else
            snprintf(ret_denial->detail, sizeof ret_denial->detail, "%s", ret_answer->detail);
        return deny(WRIT_POLICY_ERROR, ret_denial);
    }
}

struct policy_engine *policy_engine_free(struct policy_engine *engine)
{
    return engine ? engine->kind->free(engine) : NULL;
}
