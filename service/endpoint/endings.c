/* Renewing, completing and revoking one delegation. */
#include "clock.h"
#include "endpoint/ended.h"
#include "endpoint/endpoints.h"
#include "endpoint/holder_act.h"
#include "endpoint/idempotency.h"
#include "endpoint/node.h"
#include "ledger/sql.h"
#include "ledger/view.h"

#include <string.h>

struct ending {
    struct uuid task;
    struct uuid delegation;
    bool has_task;
};

static bool begin(struct call *call, void (*job)(struct call *, struct db *))
{
    static const char *const QUERIES[] = {"task", NULL};
    struct ending *ending = writ_arena_alloc(call->arena, sizeof *ending);
    if (!ending) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return false;
    }
    if (!call_only_queries(call, QUERIES) || !holder_act_read(call) ||
        !call_path_uuid(call, "delegation", &ending->delegation) ||
        !call_query_uuid(call, "task", &ending->task, &ending->has_task))
        return false;
    *http_user(call->request) = ending;
    call_read_first(call, job);
    return true;
}

/* The task, if it was not named; and whether the caller may. Answers when it may not. */
static bool may(struct call *call, struct db *db, struct ending *ending, const char *act)
{
    struct writ_denial denial = {.step = "", .hop = -1};
    struct writ_result result = WRIT_SUCCESS;
    if (!ending->has_task)
        result = node_find_task(call, db, &ending->delegation, &ending->task);
    if (writ_is_ok(result))
        result = holder_act_check(call, db, &ending->task, &ending->delegation, act, &denial);
    if (writ_is_ok(result))
        return true;
    denial.outcome = result.status;
    call_deny(call, &denial, NULL);
    return false;
}

/* ---- Renew -------------------------------------------------------------------------------- */

static void renew_job(struct call *call, struct db *db)
{
    struct ending *ending = *http_user(call->request);
    if (!may(call, db, ending, "renew"))
        return;
    struct chain *chain = NULL;
    struct writ_result result = chain_load_id(call->service->chains, db, &ending->task,
                                              &ending->delegation, &chain);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the chain could not be read");
        return;
    }
    struct writ_denial denial = {.step = "", .hop = -1};
    result = view_check(call->service->view, chain, &denial);
    uint8_t line[WRIT_CHAIN_MAX][16];
    for (size_t i = 0; i < chain->count; i++)
        memcpy(line[i], chain->links[i].id.bytes, 16);
    const size_t count = chain->count;
    chain_release(chain);
    if (!writ_is_ok(result)) {
        call_deny(call, &denial, NULL);
        return;
    }
    const struct db_param params[] = {
        db_uuid(ending->task.bytes),
        db_uuid_array((const uint8_t(*)[16])line, count),
        db_int8(call->service->config->lease_s),
    };
    SQL_RESULT rows = NULL;
    result = sql_run(db, STATEMENT_RENEW, params, 3, &rows);
    if (!writ_is_ok(result) || db_is_null(rows, 0, 0)) {
        call_fail(call, writ_is_ok(result) ? WRIT_LAPSED : result.status, "lease",
                  "a lease of the line has lapsed; only the parent can admit anew");
        return;
    }
    struct writ_json *answer = writ_json_new_object(call->arena);
    call_answer(call, 200,
                call_put_time(call, answer, "lease_expires_at", db_get_time(rows, 0, 0)) ? answer
                                                                                         : NULL);
}

void delegation_renew(struct call *call)
{
    (void)begin(call, renew_job);
}

/* ---- Complete and revoke ------------------------------------------------------------------ */

static struct writ_json *describe(struct call *call, struct db *db, const struct ending *ending,
                                  const struct db_result *rows)
{
    const struct node_query query = {
        .select = NODE_ONE, .task = ending->task, .id = ending->delegation};
    struct writ_json *nodes = NULL;
    if (!writ_is_ok(node_read(call, db, &query, &nodes)) || nodes->count != 1)
        return NULL;
    struct writ_json *answer = writ_json_new_object(call->arena);
    char task[UUID_TEXT_SIZE];
    char delegation[UUID_TEXT_SIZE];
    uuid_text(&ending->task, task);
    uuid_text(&ending->delegation, delegation);
    writ_json_put(call->arena, answer, "delegation", &nodes->items[0]);
    ended_put(call, answer, rows);
    const char *path = writ_arena_printf(call->arena, "/v1/delegations/%s/descendants?task=%s",
                                         delegation, task);
    return path && writ_json_put_string(call->arena, answer, "descendants", path) ? answer : NULL;
}

/* Lock and end in one round trip; a transaction of its own unless one is open. */
static struct writ_result record_end(struct db *db, const struct ending *ending,
                                     const struct db_param *params, size_t count,
                                     struct db_result **ret_rows)
{
    const struct db_param lock = db_uuid(ending->task.bytes);
    enum db_error error = db_pipeline_begin(db);
    if (error == DB_OK)
        error = db_pipeline_send(db, &STATEMENTS[STATEMENT_LOCK_TASK_ALONE], &lock, 1);
    if (error == DB_OK)
        error = db_pipeline_send(db, &STATEMENTS[STATEMENT_REVOKE], params, count);
    if (error == DB_OK)
        error = db_pipeline_next(db, NULL);
    if (error == DB_OK)
        error = db_pipeline_next(db, ret_rows);
    const enum db_error ended = db_pipeline_end(db);
    return db_to_result(ended != DB_OK ? ended : error);
}

static void end(struct call *call, struct db *db, const char *kind, const char *act)
{
    struct ending *ending = *http_user(call->request);
    if (!may(call, db, ending, act))
        return;
    const bool has_key = http_header_in(call->request, "Idempotency-Key").data != NULL;
    if (has_key) {
        if (db_begin(db) != DB_OK) {
            call_fail(call, WRIT_STATUS_UNKNOWN, "", "the database does not answer");
            return;
        }
        /* Locks before keys, as the writer does: otherwise each could wait for the other. */
        const struct db_param lock = db_uuid(ending->task.bytes);
        const struct writ_result locked = sql_run(db, STATEMENT_LOCK_TASK_ALONE, &lock, 1, NULL);
        if (!writ_is_ok(locked)) {
            call_fail(call, locked.status, "", "the task could not be locked");
            return;
        }
        if (!ended_settle(call) || !idempotency_begin(call, db, http_path(call->request)))
            return;
    }
    const struct writ_slice reason = writ_json_text(writ_json_get(call->body, "reason"));
    const struct db_param params[] = {
        db_uuid(ending->task.bytes), db_uuid(ending->delegation.bytes), db_cstr(kind),
        db_text(call->client->id), reason.data ? db_text(reason) : db_cstr("")};
    SQL_RESULT rows = NULL;
    const struct writ_result result = record_end(db, ending, params, 5, &rows);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the end could not be recorded");
        return;
    }
    const struct writ_json *answer = describe(call, db, ending, rows);
    if (has_key)
        ended_finish(call, db, answer, rows);
    else
        ended_answer(call, answer, rows);
}

static void complete_job(struct call *call, struct db *db)
{
    end(call, db, "completed", "complete");
}

static void revoke_job(struct call *call, struct db *db)
{
    end(call, db, "revoked", "revoke");
}

void delegation_complete(struct call *call)
{
    (void)begin(call, complete_job);
}

void delegation_revoke(struct call *call)
{
    (void)begin(call, revoke_job);
}
