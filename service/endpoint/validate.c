/* POST /v1/validate: judge one use. A permit is the only 2xx. */
#include "endpoint/endpoints.h"
#include "endpoint/judge.h"

static void answer_permit(struct judge *judge, struct writ_slice permit)
{
    call_answer_text(judge->call, 200, permit);
}

static void answer_denial(struct judge *judge, const char *decision_id)
{
    call_deny(judge->call, &judge->decision.denial, decision_id);
}

void validate(struct call *call)
{
    static const char *const MEMBERS[] = {"presentation", "tool",        "arguments",
                                          "context",      "approval_id", NULL};
    struct judge *judge = writ_arena_alloc(call->arena, sizeof *judge);
    if (!judge) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_members(call, MEMBERS))
        return;
    judge_init(judge, call);
    judge->permitted = answer_permit;
    judge->says_decision = true;
    judge->denied = answer_denial;
    struct decision *decision = &judge->decision;
    if (!call_uuid(call, "approval_id", false, &decision->approval.id,
                   &decision->approval.presented) ||
        !call_idempotency_key(call, &decision->idempotency_key))
        return;
    const struct writ_result read = decide_read(decision, writ_json_get(call->body, "presentation"),
                                                writ_json_text(writ_json_get(call->body, "tool")),
                                                writ_json_get(call->body, "arguments"));
    if (writ_is_ok(read))
        judge_use(judge);
    else
        answer_denial(judge, NULL);
}
