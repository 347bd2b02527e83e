/* /v1/circuits: who was stopped for being refused too often, and letting it go on. */
#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "ledger/sql.h"
#include "ledger/view.h"
#include "log.h"

#include <string.h>

struct position {
    int64_t opened_at_us;
    struct uuid delegation;
};

struct circuits_query {
    struct uuid task;
    bool has_task;
    bool all;
    int64_t limit;
    bool has_after;
    struct position after;
};

/* Columns of circuits_list.sql. */
enum { TASK, DELEGATION, OPENED_AT, UNTIL, CAUSE, CLOSED_AT, CLOSED_BY, REASON, IS_OPEN };

static struct writ_json *circuit_json(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *circuit = writ_json_new_object(call->arena);
    column_put_id(call, circuit, "task", rows, row, TASK);
    column_put_id(call, circuit, "delegation", rows, row, DELEGATION);
    writ_json_put_text(call->arena, circuit, "cause", db_get_text(rows, row, CAUSE));
    call_put_time(call, circuit, "opened_at", db_get_time(rows, row, OPENED_AT));
    call_put_time(call, circuit, "until", db_get_time(rows, row, UNTIL));
    writ_json_put_boolean(call->arena, circuit, "open", db_get_bool(rows, row, IS_OPEN));
    column_put_time(call, circuit, "closed_at", rows, row, CLOSED_AT);
    column_put_text(call, circuit, "closed_by", rows, row, CLOSED_BY);
    column_put_text(call, circuit, "reason", rows, row, REASON);
    return circuit;
}

static struct writ_slice position_of(struct call *call, const struct db_result *rows, size_t row)
{
    struct position position = {.opened_at_us = db_get_time(rows, row, OPENED_AT)};
    (void)db_get_uuid(rows, row, DELEGATION, position.delegation.bytes);
    return writ_arena_copy(call->arena, writ_slice_of(&position, sizeof position));
}

static const struct page PAGE = {
    .name = "circuits", .entry = circuit_json, .position = position_of};

static void answer_page(struct call *call, struct db *db)
{
    const struct circuits_query *query = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        query->has_task ? db_uuid(query->task.bytes) : db_null(),
        db_bool(!query->all),
        query->has_after ? db_time(query->after.opened_at_us) : db_null(),
        query->has_after ? db_uuid(query->after.delegation.bytes) : db_null(),
        page_rows(query->limit),
    };
    const struct writ_result result = sql_run(db, STATEMENT_CIRCUITS_LIST, params, 5, &rows);
    page_answer(call, result, rows, &PAGE, query->limit);
}

void circuits_list(struct call *call)
{
    static const char *const QUERIES[] = {"task", "state", "limit", "cursor", NULL};
    struct circuits_query *query = writ_arena_alloc(call->arena, sizeof *query);
    if (!query) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    struct writ_slice position;
    struct writ_slice state;
    if (!call_only_queries(call, QUERIES) ||
        !call_query_uuid(call, "task", &query->task, &query->has_task) ||
        !call_query_text(call, "state", &state) || !call_limit(call, &query->limit) ||
        !call_cursor(call, &position))
        return;
    query->all = writ_slice_equal(state, WRIT_SLICE_LITERAL("all"));
    if (state.data && !query->all && !writ_slice_equal(state, WRIT_SLICE_LITERAL("open"))) {
        call_fail(call, WRIT_MALFORMED, "state", "state: open or all");
        return;
    }
    query->has_after = position.size == sizeof query->after;
    if (query->has_after)
        memcpy(&query->after, position.data, sizeof query->after);
    *http_user(call->request) = query;
    call_read(call, answer_page);
}

/* ---- Close -------------------------------------------------------------------------------- */

struct closing {
    struct uuid task;
    struct uuid delegation;
    struct writ_slice reason;
};

static void close_job(struct call *call, struct db *db)
{
    const struct closing *closing = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        db_uuid(closing->task.bytes),
        db_uuid(closing->delegation.bytes),
        db_text(call->client->id),
        closing->reason.data ? db_text(closing->reason) : db_cstr(""),
    };
    const struct writ_result result = sql_run(db, STATEMENT_CIRCUIT_CLOSE, params, 4, &rows);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the closing could not be recorded");
        return;
    }
    if (db_get_int8(rows, 0, 0) == 0) {
        call_fail(call, WRIT_NOT_FOUND, "delegation", "no circuit of this delegation is open");
        return;
    }
    view_wake(call->service->view);
    log_info("circuit_closed", LOG_SLICE("by", call->client->id));
    struct writ_json *answer = writ_json_new_object(call->arena);
    call_put_id(call, answer, "task", &closing->task);
    call_put_id(call, answer, "delegation", &closing->delegation);
    call_answer(call, 200,
                writ_json_put_boolean(call->arena, answer, "open", false) ? answer : NULL);
}

void circuits_close(struct call *call)
{
    static const char *const MEMBERS[] = {"task", "delegation", "reason", NULL};
    struct closing *closing = writ_arena_alloc(call->arena, sizeof *closing);
    bool present = false;
    if (!closing) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !call_uuid(call, "task", true, &closing->task, &present) ||
        !call_uuid(call, "delegation", true, &closing->delegation, &present) ||
        !call_text(call, "reason", 500, false, &closing->reason))
        return;
    *http_user(call->request) = closing;
    call_read_first(call, close_job);
}
