#include "ledger/sweep.h"

#include "clock.h"
#include "ledger/mark.h"
#include "ledger/sql.h"
#include "ledger/view.h"
#include "log.h"
#include "metrics.h"
#include "rounds.h"
#include "service.h"

#include <stdlib.h>

enum { EVERY_US = 1000000, TASKS_MAX = 64 };
/* A deadline is looked for again this long, whatever the clocks of two machines say. */
#define LOOK_BACK_US INT64_C(600000000)

struct sweep {
    struct service *service;
    struct rounds rounds;
    struct db *db;
    int64_t due_since_us; /* deadlines up to here are settled */
    int64_t feed_no;      /* ends up to here are */
};

/* ---- One task ----------------------------------------------------------------------------- */

static struct writ_result settle_locked(struct sweep *sweep, const struct uuid *task, bool expire)
{
    const struct db_param named[] = {db_uuid(task->bytes), db_cstr("expired"), db_cstr("writd")};
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(sweep->db, STATEMENT_LOCK_TASK_ALONE, named, 1, NULL));
    if (expire)
        WRIT_TRY(sql_run(sweep->db, STATEMENT_END_TASK, named, 3, NULL));
    WRIT_TRY(sql_run(sweep->db, STATEMENT_SETTLE, named, 1, &rows));
    WRIT_TRY(db_to_result(db_commit(sweep->db)));
    metrics_count_closed_accounts(sweep->service->metrics, (uint64_t)db_get_int8(rows, 0, 0));
    return WRIT_SUCCESS;
}

/* A transaction of its own; a task that cannot be settled now does not keep the others waiting. */
static struct writ_result settle(struct sweep *sweep, const struct uuid *task, bool expire)
{
    WRIT_TRY(db_to_result(db_begin(sweep->db)));
    const struct writ_result result = settle_locked(sweep, task, expire);
    char text[UUID_TEXT_SIZE];
    uuid_text(task, text);
    if (writ_is_ok(result)) {
        if (expire) {
            metrics_count_expired(sweep->service->metrics);
            log_info("task_expired", LOG_TEXT("task", text));
        }
        return WRIT_SUCCESS;
    }
    log_warn("task_not_settled", LOG_TEXT("task", text), LOG_TEXT("error", db_message(sweep->db)));
    return db_to_result(db_end_open(sweep->db));
}

/* ---- The three kinds of ends -------------------------------------------------------------- */

static struct writ_result end_due(struct sweep *sweep)
{
    SQL_RESULT rows = NULL;
    const int64_t now_us = clock_unix_us();
    const struct db_param params[] = {db_time(sweep->due_since_us), db_int8(TASKS_MAX)};
    WRIT_TRY(sql_run(sweep->db, STATEMENT_TASKS_DUE, params, 2, &rows));
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct uuid task;
        (void)db_get_uuid(rows, i, 0, task.bytes);
        WRIT_TRY(settle(sweep, &task, true));
    }
    if (db_rows(rows) > 0)
        view_wake(sweep->service->view);
    else
        sweep->due_since_us = now_us - LOOK_BACK_US;
    return WRIT_SUCCESS;
}

static struct writ_result settle_ended(struct sweep *sweep)
{
    enum { HEAD, TASK, FEED_NO };
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_int8(sweep->feed_no), db_int8(TASKS_MAX)};
    WRIT_TRY(sql_run(sweep->db, STATEMENT_ENDS_TO_SETTLE, params, 2, &rows));
    WRIT_ENSURE(db_rows(rows) > 0, INTERNAL);
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct uuid task;
        if (db_get_uuid(rows, i, TASK, task.bytes))
            WRIT_TRY(settle(sweep, &task, false));
    }
    const size_t last = db_rows(rows) - 1;
    sweep->feed_no = last + 1 == TASKS_MAX ? db_get_int8(rows, last, FEED_NO)
                                           : db_get_int8(rows, last, HEAD);
    return WRIT_SUCCESS;
}

static struct writ_result settle_lapsed(struct sweep *sweep)
{
    SQL_RESULT rows = NULL;
    const struct db_param limit = db_int8(TASKS_MAX);
    WRIT_TRY(sql_run(sweep->db, STATEMENT_LAPSED_ACCOUNTS, &limit, 1, &rows));
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct uuid task;
        (void)db_get_uuid(rows, i, 0, task.bytes);
        WRIT_TRY(settle(sweep, &task, false));
    }
    return WRIT_SUCCESS;
}

/* ---- The thread --------------------------------------------------------------------------- */

/* Nothing is written to a database that is behind until it is recovered. */
static bool has_session(struct sweep *sweep)
{
    return !mark_is_behind(sweep->service->mark) &&
           (sweep->db || db_open(sweep->service->sessions, &sweep->db) == DB_OK);
}

static void pass(void *context)
{
    struct sweep *sweep = context;
    if (!has_session(sweep))
        return;
    struct writ_result result = end_due(sweep);
    if (writ_is_ok(result))
        result = settle_ended(sweep);
    if (writ_is_ok(result))
        result = settle_lapsed(sweep);
    if (writ_is_ok(result))
        return;
    log_warn("sweep_failed", LOG_TEXT("error", db_message(sweep->db)));
    sweep->db = db_close(sweep->db);
}

struct writ_result sweep_start(struct service *service, struct sweep **ret_sweep)
{
    struct sweep *sweep = calloc(1, sizeof *sweep);
    WRIT_ENSURE(sweep, OUT_OF_MEMORY);
    sweep->service = service;
    (void)has_session(sweep); /* a service that is ready has opened what it needs */
    const struct writ_result started = rounds_start(&sweep->rounds, EVERY_US, pass, sweep);
    if (!writ_is_ok(started)) {
        db_close(sweep->db);
        free(sweep);
        return started;
    }
    *ret_sweep = sweep;
    return WRIT_SUCCESS;
}

struct sweep *sweep_stop(struct sweep *sweep)
{
    if (!sweep)
        return NULL;
    rounds_stop(&sweep->rounds);
    rounds_done(&sweep->rounds);
    db_close(sweep->db);
    free(sweep);
    return NULL;
}
