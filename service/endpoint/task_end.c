/* Tasks: complete and cancel. */
#include "endpoint/ended.h"
#include "endpoint/endpoints.h"
#include "endpoint/holder_act.h"
#include "endpoint/idempotency.h"
#include "endpoint/node.h"
#include "ledger/sql.h"

static void end_task(struct call *call, struct db *db, const char *state, const char *act)
{
    const struct uuid *task = *http_user(call->request);
    struct uuid root;
    struct writ_denial denial = {.step = "", .hop = -1};
    struct writ_result result = node_root(call, db, task, &root);
    if (writ_is_ok(result))
        result = holder_act_check(call, db, task, &root, act, &denial);
    if (!writ_is_ok(result)) {
        denial.outcome = result.status;
        call_deny(call, &denial, NULL);
        return;
    }
    if (db_begin(db) != DB_OK) {
        call_fail(call, WRIT_STATUS_UNKNOWN, "", "the database does not answer");
        return;
    }
    /* Locks before keys, as the writer does: otherwise each could wait for the other. */
    const struct db_param lock = db_uuid(task->bytes);
    result = sql_run(db, STATEMENT_LOCK_TASK_ALONE, &lock, 1, NULL);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the task could not be locked");
        return;
    }
    if (!ended_settle(call) || !idempotency_begin(call, db, http_path(call->request)))
        return;
    const struct db_param params[] = {db_uuid(task->bytes), db_cstr(state),
                                      db_text(call->client->id)};
    SQL_RESULT rows = NULL;
    result = sql_run(db, STATEMENT_END_TASK, params, 3, &rows);
    struct writ_json *node = NULL;
    if (writ_is_ok(result))
        result = node_task(call, db, task, &node);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the task could not be ended");
        return;
    }
    struct writ_json *answer = writ_json_new_object(call->arena);
    ended_put(call, answer, rows);
    const bool complete = node && writ_json_put(call->arena, answer, "task", node);
    ended_finish(call, db, complete ? answer : NULL, rows);
}

static void complete_job(struct call *call, struct db *db)
{
    end_task(call, db, "completed", "complete");
}

static void cancel_job(struct call *call, struct db *db)
{
    end_task(call, db, "cancelled", "cancel");
}

static void begin_end(struct call *call, void (*job)(struct call *, struct db *))
{
    struct uuid *task = writ_arena_alloc(call->arena, sizeof *task);
    if (!task) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!holder_act_read(call) || !call_path_uuid(call, "task", task))
        return;
    *http_user(call->request) = task;
    call_read_first(call, job);
}

void tasks_complete(struct call *call)
{
    begin_end(call, complete_job);
}

void tasks_cancel(struct call *call)
{
    begin_end(call, cancel_job);
}
