/*
 * POST /v1/tasks/{task}/declassifications: lowers the label of a task, once people approved exactly
 * that (W5, W6). As with a call, the first request is refused and asks them; the same again, with
 * the approval's id, is judged anew and spends it, under the lock that a raise takes. Policies are
 * asked before that: an engine elsewhere may take its time, and the writer waits for that lock.
 */
#include "clock.h"
#include "decide/declassify.h"
#include "endpoint/approvals.h"
#include "endpoint/ended.h"
#include "endpoint/endpoints.h"
#include "endpoint/holder_act.h"
#include "endpoint/idempotency.h"
#include "endpoint/node.h"
#include "ledger/sql.h"
#include "log.h"
#include "metrics.h"
#include "webhook.h"

enum { REASON_MAX = 500 };

struct lowering {
    struct uuid task, root;
    struct uuid approval;
    bool has_approval;
    struct declassify asked;
    struct writ_slice from_json, to_json;
    const struct db_result *state; /* of declassification_find.sql */
};

/* Columns of declassification_find.sql. */
enum { NUMBER, LABEL, ENDED, WISH, FROM_NUMBER, EARLY, DIGEST, FAULT };

/* ---- The question ------------------------------------------------------------------------- */

/* The holder of the root, who opened the task, or an admin. */
static struct writ_result check_caller(struct call *call, struct db *db, struct lowering *lowering,
                                       struct writ_denial *denial)
{
    WRIT_TRY(node_root(call, db, &lowering->task, &lowering->root));
    return holder_act_check(call, db, &lowering->task, &lowering->root, "declassify", denial);
}

static struct writ_result lock(struct db *db, const struct lowering *lowering)
{
    const struct db_param task = db_uuid(lowering->task.bytes);
    WRIT_TRY(db_to_result(db_begin(db)));
    return sql_run(db, STATEMENT_LOCK_TASK_ALONE, &task, 1, NULL);
}

static struct writ_result read_state(struct call *call, struct db *db, struct lowering *lowering,
                                     struct db_result **ret_state, struct writ_denial *denial)
{
    struct declassify *asked = &lowering->asked;
    const struct writ_json *label = NULL;
    const struct db_param params[] = {
        db_uuid(lowering->task.bytes),
        lowering->has_approval ? db_uuid(lowering->approval.bytes) : db_null(),
    };
    WRIT_TRY(sql_run(db, STATEMENT_DECLASSIFICATION_FIND, params, 2, ret_state));
    const struct db_result *state = lowering->state = *ret_state;
    WRIT_ENSURE(db_rows(state) == 1, INTERNAL);
    WRIT_ENSURE(!db_get_bool(state, 0, ENDED), TASK_CLOSED);
    writ_denial_set(denial, WRIT_CONFLICT, "", "label",
                    "nothing was read in this task: its label is as low as there is");
    WRIT_ENSURE(!db_is_null(state, 0, NUMBER), CONFLICT);
    asked->number = db_get_int8(state, 0, NUMBER);
    lowering->from_json = writ_arena_copy(call->arena, db_get_jsonb(state, 0, LABEL));
    WRIT_ENSURE(lowering->from_json.data, OUT_OF_MEMORY);
    WRIT_TRY(writ_json_parse(call->arena, lowering->from_json, &label));
    return writ_label_read(call->arena, label, &asked->from);
}

static struct writ_result refuse_approval(struct writ_denial *denial, const char *detail)
{
    writ_denial_set(denial, WRIT_APPROVAL_INVALID, "", "approval_id", "%s", detail);
    return WRIT_FAILURE(APPROVAL_INVALID);
}

/* Before all else, so that one that was spent is not told that there is nothing to lower now. */
static struct writ_result check_found(const struct lowering *lowering, struct writ_denial *denial)
{
    const struct db_result *state = lowering->state;
    if (db_is_null(state, 0, WISH))
        return refuse_approval(denial, "this task has no such approval of a declassification");
    if (writ_slice_is(db_get_text(state, 0, FAULT), "approval_invalid"))
        return refuse_approval(denial, "it was used or rejected, or its time is over");
    writ_denial_set(denial, WRIT_CONFLICT, "", "label",
                    "the label of the task is another one than people approved to lower; ask anew");
    WRIT_ENSURE(db_get_int8(state, 0, FROM_NUMBER) == lowering->asked.number, CONFLICT);
    return WRIT_SUCCESS;
}

static struct writ_result check_lower(const struct declassify *asked, struct writ_denial *denial)
{
    const bool is_lower = writ_label_within(&asked->to, &asked->from) &&
                          !writ_label_within(&asked->from, &asked->to);
    writ_denial_set(denial, WRIT_CONFLICT, "", "label",
                    "this is not lower than the label of the task");
    WRIT_ENSURE(is_lower, CONFLICT);
    return WRIT_SUCCESS;
}

static struct writ_result find(struct call *call, struct db *db, struct lowering *lowering,
                               struct db_result **ret_state, struct writ_denial *denial)
{
    WRIT_TRY(read_state(call, db, lowering, ret_state, denial));
    if (lowering->has_approval)
        WRIT_TRY(check_found(lowering, denial));
    return check_lower(&lowering->asked, denial);
}

static struct writ_result judge(struct call *call, struct db *db, struct lowering *lowering,
                                struct db_result **ret_state, struct writ_denial *denial)
{
    struct declassify *asked = &lowering->asked;
    struct chain *root = NULL;
    WRIT_TRY(find(call, db, lowering, ret_state, denial));
    WRIT_TRY(chain_load_id(call->service->chains, db, &lowering->task, &lowering->root, &root));
    asked->root = root;
    const struct writ_result judged = declassify_judge(call->arena, asked, denial);
    asked->root = NULL;
    chain_release(root);
    return judged;
}

/* Under the lock, what was judged without it is still what there is: a row of the label never
 * changes, so its number says all of it. */
static struct writ_result find_again(struct call *call, struct db *db, struct lowering *lowering,
                                     struct db_result **ret_state, struct writ_denial *denial)
{
    const int64_t judged = lowering->asked.number;
    WRIT_TRY(find(call, db, lowering, ret_state, denial));
    writ_denial_set(denial, WRIT_CONFLICT, "", "label",
                    "the label of the task changed while policies were asked; ask anew");
    WRIT_ENSURE(lowering->asked.number == judged, CONFLICT);
    return WRIT_SUCCESS;
}

/* ---- Asking people ------------------------------------------------------------------------ */

static struct writ_result open_in_ledger(struct call *call, struct db *db,
                                         const struct lowering *lowering,
                                         struct db_result **ret_rows)
{
    const struct declassify *asked = &lowering->asked;
    const struct writ_slice rules = writ_json_canonical(call->arena, asked->rules);
    WRIT_ENSURE(rules.data, OUT_OF_MEMORY);
    const struct uuid wish = uuid_new(asked->now_us);
    const struct uuid approval = uuid_new(asked->now_us);
    const struct db_param params[] = {
        db_uuid(lowering->task.bytes),
        db_uuid(wish.bytes),
        db_text(call->client->id),
        db_int8(asked->number),
        db_jsonb(lowering->from_json),
        db_jsonb(lowering->to_json),
        db_text(asked->reason),
        db_uuid(approval.bytes),
        db_time(asked->now_us + (int64_t)call->service->config->approval_s * 1000000),
        db_uuid(lowering->root.bytes),
        db_bytea(asked->arguments),
        db_bytea(asked->bound),
        db_jsonb(rules),
        db_int8(APPROVALS_WAITING_MAX),
        db_bool(call->service->config->approval_webhook != NULL),
    };
    return sql_run(db, STATEMENT_DECLASSIFICATION_OPEN, params, sizeof params / sizeof params[0],
                   ret_rows);
}

/* Always a refusal: with what people are asked now, or why they are not. */
static struct writ_result ask(struct call *call, struct db *db, const struct lowering *lowering,
                              struct writ_denial *denial)
{
    enum { NOT_BEFORE = APPROVAL_ASKED_STATE + 1 };
    SQL_RESULT rows = NULL;
    WRIT_TRY(open_in_ledger(call, db, lowering, &rows));
    writ_denial_set(denial, WRIT_RATE_LIMITED, "", "approval",
                    "%d approvals of this task wait; none is asked for until one is answered",
                    APPROVALS_WAITING_MAX);
    WRIT_ENSURE(db_rows(rows) > 0, RATE_LIMITED);
    if (db_is_null(rows, 0, APPROVAL_ASKED_ID))
        return refuse_approval(denial, "a person rejected this, while the label was what it is");
    struct writ_json *approval = approvals_asked_json(call, &lowering->task, rows,
                                                      lowering->asked.rules);
    WRIT_ENSURE(approval &&
                    call_put_time(call, approval, "not_before", db_get_time(rows, 0, NOT_BEFORE)),
                OUT_OF_MEMORY);
    WRIT_TRY(db_to_result(db_commit(db)));
    webhook_wake(call->service->webhook);
    call->approval = approval;
    writ_denial_set(denial, WRIT_APPROVAL_REQUIRED, "", "label",
                    "the label of a task is lowered only with an approval");
    return WRIT_FAILURE(APPROVAL_REQUIRED);
}

/* ---- Lowering ----------------------------------------------------------------------------- */

static struct writ_result check_approved(const struct lowering *lowering,
                                         struct writ_denial *denial)
{
    const struct db_result *state = lowering->state;
    const struct writ_slice digest = db_get_bytea(state, 0, DIGEST);
    if (!writ_slice_equal(digest, writ_slice_of(lowering->asked.digest, 32)))
        return refuse_approval(denial, "people approved something else");
    writ_denial_set(denial, WRIT_APPROVAL_REQUIRED, "", "approval_id",
                    "it still waits for the people that it needs");
    WRIT_ENSURE(!writ_slice_is(db_get_text(state, 0, FAULT), "approval_required"),
                APPROVAL_REQUIRED);
    writ_denial_set(denial, WRIT_CONFLICT, "", "approval_id",
                    "not before 90 s after it was asked for: until then a replica may answer reads "
                    "by the label from before");
    WRIT_ENSURE(!db_get_bool(state, 0, EARLY), CONFLICT);
    return WRIT_SUCCESS;
}

static struct writ_result lower(struct call *call, struct db *db, const struct lowering *lowering,
                                struct db_result **ret_rows, struct writ_denial *denial)
{
    struct uuid wish;
    WRIT_TRY(check_approved(lowering, denial));
    WRIT_ENSURE(db_get_uuid(lowering->state, 0, WISH, wish.bytes), INTERNAL);
    const struct db_param params[] = {db_uuid(lowering->task.bytes), db_uuid(wish.bytes),
                                      db_uuid(lowering->approval.bytes), db_text(call->client->id)};
    WRIT_TRY(sql_run(db, STATEMENT_DECLASSIFY, params, 4, ret_rows));
    if (db_rows(*ret_rows) != 1)
        return refuse_approval(denial, "it was rejected, or its time is over");
    return WRIT_SUCCESS;
}

static void answer_lowered(struct call *call, struct db *db, const struct lowering *lowering,
                           const struct db_result *rows)
{
    struct writ_json *answer = writ_json_new_object(call->arena);
    struct writ_json *task = NULL;
    char text[UUID_TEXT_SIZE];
    const struct writ_result read = node_task(call, db, &lowering->task, &task);
    if (!writ_is_ok(read)) {
        call_fail(call, read.status, "", "the task could not be read");
        return;
    }
    uuid_text(&lowering->task, text);
    metrics_count_declassified(call->service->metrics);
    log_info("declassified", LOG_TEXT("task", text), LOG_SLICE("by", call->client->id));
    call_put_id(call, answer, "approval", &lowering->approval);
    ended_put(call, answer, rows);
    ended_finish(call, db, writ_json_put(call->arena, answer, "task", task) ? answer : NULL, rows);
}

static void refuse(struct call *call, struct writ_result result, struct writ_denial *denial)
{
    if (denial->outcome != result.status)
        *denial = (struct writ_denial){.outcome = result.status, .step = "", .hop = -1};
    call_deny(call, denial, NULL);
}

/* False: answered, as the first request under its key was, or with what keeps it from that. */
static bool may_spend(struct call *call, struct db *db)
{
    bool answered = false;
    return ended_settle(call) && idempotency_repeat(call, db, http_path(call->request), &answered);
}

static struct writ_result act(struct call *call, struct db *db, struct lowering *lowering,
                              struct db_result **ret_lowered, struct writ_denial *denial)
{
    SQL_RESULT state = NULL;
    WRIT_TRY(find_again(call, db, lowering, &state, denial));
    return lowering->has_approval ? lower(call, db, lowering, ret_lowered, denial)
                                  : ask(call, db, lowering, denial);
}

static void declassify_job(struct call *call, struct db *db)
{
    struct lowering *lowering = *http_user(call->request);
    struct writ_denial denial = {.step = "", .hop = -1};
    SQL_RESULT state = NULL;
    SQL_RESULT lowered = NULL;
    const bool spends = lowering->has_approval;
    struct writ_result result = check_caller(call, db, lowering, &denial);
    if (writ_is_ok(result) && spends && !may_spend(call, db))
        return;
    if (writ_is_ok(result))
        result = judge(call, db, lowering, &state, &denial);
    if (writ_is_ok(result))
        result = lock(db, lowering);
    if (writ_is_ok(result) && spends && !idempotency_begin(call, db, http_path(call->request)))
        return;
    if (writ_is_ok(result))
        result = act(call, db, lowering, &lowered, &denial);
    if (writ_is_ok(result))
        answer_lowered(call, db, lowering, lowered);
    else
        refuse(call, result, &denial);
}

/* ---- The request -------------------------------------------------------------------------- */

/* All of it is said: what is left out of a label elsewhere could be meant either way here. */
static bool read_label(struct call *call, struct lowering *lowering)
{
    const struct writ_json *said = writ_json_get(call->body, "label");
    struct writ_label *to = &lowering->asked.to;
    if (!writ_json_get(said, "confidentiality") || !writ_json_get(said, "integrity") ||
        !writ_is_ok(writ_label_read(call->arena, said, to))) {
        call_fail(call, WRIT_MALFORMED, "label",
                  "label: a label with its confidentiality and integrity");
        return false;
    }
    lowering->to_json = writ_json_canonical(call->arena, writ_label_json(call->arena, to));
    if (!lowering->to_json.data)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    return lowering->to_json.data != NULL;
}

void tasks_declassify(struct call *call)
{
    static const char *const MEMBERS[] = {"label",  "reason",  "approval_id", "as",
                                          "handle", "request", NULL};
    struct lowering *lowering = writ_arena_alloc(call->arena, sizeof *lowering);
    if (!lowering) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    *lowering = (struct lowering){.asked = {.registry = call->registry,
                                            .remotes = call->service->remotes,
                                            .client = call->client,
                                            .now_us = clock_unix_us()}};
    if (!call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !holder_act_read_holder(call) || !call_path_uuid(call, "task", &lowering->task) ||
        !call_text(call, "reason", REASON_MAX, true, &lowering->asked.reason) ||
        !call_uuid(call, "approval_id", false, &lowering->approval, &lowering->has_approval) ||
        !read_label(call, lowering))
        return;
    *http_user(call->request) = lowering;
    call_read(call, declassify_job);
}
