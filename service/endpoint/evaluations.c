/*
 * POST /access/v1/evaluations: several AuthZEN questions, one after the other (section 7). Each is
 * a use of its own, with its own proof, and costs its caller what a call of its own does.
 */
#include "clock.h"
#include "endpoint/endpoints.h"
#include "endpoint/evaluation.h"
#include "postgres/pool.h"
#include "rates.h"

/* A permit has to reach who uses it while it may still be used: what is left of the first one when
 * no other question is begun. */
enum { EVALUATIONS_MAX = 32, LEFT_OF_PERMIT_US = 2000000 };

struct batch {
    struct call *call;
    const struct writ_json *questions; /* an array */
    size_t at;                         /* the one that is judged */
    bool ends_at_denial, ends_at_permit;
    int64_t start_by_us; /* of the first permit; 0: there is none yet */
    struct writ_slice idempotency_key;
    struct writ_json *decisions; /* NULL: out of memory */
};

/* ---- Answers ------------------------------------------------------------------------------ */

static void answer(struct batch *batch)
{
    struct call *call = batch->call;
    struct writ_json *body = writ_json_new_object(call->arena);
    const struct writ_json *last = batch->decisions ? writ_json_put(call->arena, body,
                                                                    "evaluations", batch->decisions)
                                                    : NULL;
    call_answer(call, 200, last ? body : NULL);
}

/* Takes the decision on the present question; false: no other is judged. */
static bool take(struct batch *batch, const struct writ_json *decision, bool is_permit)
{
    if (!decision || !writ_json_add(batch->call->arena, batch->decisions, decision))
        batch->decisions = NULL;
    batch->at++;
    const bool is_over = is_permit ? batch->ends_at_permit : batch->ends_at_denial;
    return batch->decisions && !is_over && batch->at < batch->questions->count;
}

static bool take_denial(struct batch *batch, const struct writ_denial *denial,
                        const char *decision_id)
{
    struct writ_json *decision = evaluation_denial(batch->call, denial, decision_id);
    batch->call->approval = NULL; /* it was of this question */
    return take(batch, decision, false);
}

/* ---- One after the other ------------------------------------------------------------------ */

static void judge_next(struct db *db, void *context);

static struct writ_result begin_next(struct batch *batch, struct writ_denial *ret_denial)
{
    if (batch->start_by_us > 0 && clock_unix_us() > batch->start_by_us - LEFT_OF_PERMIT_US) {
        writ_denial_set(ret_denial, WRIT_RATE_LIMITED, "", "evaluations",
                        "not judged: a permit of this batch would end before it is answered");
        return WRIT_FAILURE(RATE_LIMITED);
    }
    return pool_submit(batch->call->service->pool, judge_next, batch);
}

/* On a reader thread: whoever told of the decision before, the writer say, has other work. */
static void go_on(struct batch *batch, bool has_next)
{
    while (has_next) {
        struct writ_denial denial = {.step = "", .hop = -1};
        const struct writ_result begun = begin_next(batch, &denial);
        if (writ_is_ok(begun))
            return;
        denial.outcome = begun.status;
        has_next = take_denial(batch, &denial, NULL);
    }
    answer(batch);
}

static void on_permitted(struct judge *judge, struct writ_slice permit)
{
    struct batch *batch = judge->context;
    if (batch->start_by_us == 0)
        batch->start_by_us = judge->decision.start_by_us;
    go_on(batch, take(batch, evaluation_permit(batch->call, permit), true));
}

static void on_denied(struct judge *judge, const char *decision_id)
{
    struct batch *batch = judge->context;
    go_on(batch, take_denial(batch, &judge->decision.denial, decision_id));
}

/* Its own key of a question: a batch that is sent again is answered question by question. */
static bool take_key(struct batch *batch, struct judge *judge)
{
    if (batch->idempotency_key.size == 0)
        return true;
    const char *key = writ_arena_printf(batch->call->arena, "%.*s[%zu]",
                                        WRIT_SLICE_ARGS(batch->idempotency_key), batch->at);
    judge->decision.idempotency_key = writ_slice_text(key);
    return key || evaluation_refuse(judge, WRIT_OUT_OF_MEMORY, "", "");
}

static bool read_next(struct batch *batch, struct judge *judge)
{
    struct call *call = batch->call;
    const struct evaluation_tuple tuple = evaluation_tuple_of(&batch->questions->items[batch->at],
                                                              call->body);
    /* The first one was paid for by the call. */
    if (batch->at > 0 && !rates_take(call->service->rates, call->client->id, clock_monotonic_us()))
        return evaluation_refuse(judge, WRIT_RATE_LIMITED, "", "this client calls too often");
    return take_key(batch, judge) && evaluation_read(judge, &tuple);
}

static void judge_next(struct db *db, void *context)
{
    struct batch *batch = context;
    struct judge *judge = writ_arena_alloc(batch->call->arena, sizeof *judge);
    if (!judge) {
        call_fail(batch->call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    judge_init(judge, batch->call);
    judge->permitted = on_permitted;
    judge->denied = on_denied;
    judge->context = batch;
    if (read_next(batch, judge))
        judge_use_with(judge, db);
    else
        on_denied(judge, NULL);
}

/* ---- The request -------------------------------------------------------------------------- */

/* Section 7.1.2. */
static bool read_semantic(struct batch *batch)
{
    static const char *const MEMBERS[] = {"evaluations_semantic", NULL};
    const struct writ_json *options = NULL;
    struct call *call = batch->call;
    if (!call_object(call, "options", false, &options))
        return false;
    const struct writ_json *semantic = writ_json_get(options, "evaluations_semantic");
    const struct writ_slice word = writ_json_text(semantic);
    batch->ends_at_denial = writ_slice_is(word, "deny_on_first_deny");
    batch->ends_at_permit = writ_slice_is(word, "permit_on_first_permit");
    const bool is_known = !semantic || writ_slice_is(word, "execute_all") ||
                          batch->ends_at_denial || batch->ends_at_permit;
    if (is_known && (!options || writ_json_only(options, MEMBERS)))
        return true;
    call_fail(call, WRIT_MALFORMED, "options",
              "evaluations_semantic: execute_all, deny_on_first_deny or permit_on_first_permit");
    return false;
}

static bool read_questions(struct batch *batch)
{
    static const char *const MEMBERS[] = {"subject", "action", "resource", "context", NULL};
    const struct writ_json *questions = batch->questions;
    bool is_good = writ_json_is(questions, WRIT_JSON_ARRAY) && questions->count <= EVALUATIONS_MAX;
    for (size_t i = 0; is_good && i < questions->count; i++)
        is_good = writ_json_is(&questions->items[i], WRIT_JSON_OBJECT) &&
                  writ_json_only(&questions->items[i], MEMBERS);
    if (!is_good)
        call_fail(batch->call, WRIT_MALFORMED, "evaluations",
                  "at most %d objects with subject, action, resource and context", EVALUATIONS_MAX);
    return is_good;
}

void evaluations(struct call *call)
{
    static const char *const MEMBERS[] = {"subject",     "action",  "resource", "context",
                                          "evaluations", "options", NULL};
    struct batch *batch = writ_arena_alloc(call->arena, sizeof *batch);
    if (!batch) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_members(call, MEMBERS))
        return;
    *batch = (struct batch){
        .call = call,
        .questions = writ_json_get(call->body, "evaluations"),
        .decisions = writ_json_new_array(call->arena),
    };
    if (!read_semantic(batch) || (batch->questions && !read_questions(batch)))
        return;
    if (!batch->questions || batch->questions->count == 0) {
        evaluation_of_body(call); /* section 7.1 */
        return;
    }
    if (call_idempotency_key(call, &batch->idempotency_key))
        go_on(batch, true);
}
