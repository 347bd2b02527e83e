/* /v1/approvals: what people are asked to approve, whole. */
#include "endpoint/approvals.h"

#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "endpoint/waiting.h"
#include "ledger/sql.h"

#include <string.h>

struct approvals {
    struct approval_name name;
    struct waiting waiting;
    /* A list; of name.task, where there is one. */
    struct writ_slice state;
    int64_t limit;
    struct uuid below, above; /* ids */
    bool has_below, has_above;
};

static struct approvals *state_of(struct call *call)
{
    struct approvals *approvals = writ_arena_alloc(call->arena, sizeof *approvals);
    if (!approvals)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    else
        *approvals = (struct approvals){.limit = 0};
    *http_user(call->request) = approvals;
    return approvals;
}

/* ---- One ---------------------------------------------------------------------------------- */

/* What the call would do, for people: the canonical arguments, whole, line by line. They are an
 * agent's words, and marked as such. */
static void put_display(struct call *call, struct writ_json *approval, struct writ_slice arguments)
{
    const struct writ_json *args = NULL;
    struct writ_json *display = writ_json_put_object(call->arena, approval, "display");
    writ_json_put_boolean(call->arena, display, "trusted", false);
    struct writ_json *lines = writ_json_put_array(call->arena, display, "lines");
    if (!writ_is_ok(writ_json_parse(call->arena, arguments, &args)))
        return;
    for (size_t i = 0; i < args->count; i++) {
        const struct writ_slice value = writ_json_verbatim(call->arena, &args->items[i]);
        const struct writ_slice name = approvals_display(call->arena, args->names[i]);
        const struct writ_slice text = approvals_display(call->arena, value);
        struct writ_json *line = writ_json_add_object(call->arena, lines);
        writ_json_put_text(call->arena, line, "argument", name);
        writ_json_put_text(call->arena, line, "value", text);
    }
}

struct writ_json *approvals_json(struct call *call, const struct db_result *rows)
{
    struct writ_json *approval = writ_json_new_object(call->arena);
    column_put_id(call, approval, "id", rows, 0, APPROVAL_ID);
    column_put_id(call, approval, "task", rows, 0, APPROVAL_TASK);
    column_put_id(call, approval, "delegation", rows, 0, APPROVAL_DELEGATION);
    column_put_id(call, approval, "decision", rows, 0, APPROVAL_DECISION);
    column_put_id(call, approval, "used_by", rows, 0, APPROVAL_USED_BY);
    writ_json_put_text(call->arena, approval, "state", db_get_text(rows, 0, APPROVAL_STATE));
    call_put_time(call, approval, "requested_at", db_get_time(rows, 0, APPROVAL_REQUESTED_AT));
    call_put_time(call, approval, "expires_at", db_get_time(rows, 0, APPROVAL_EXPIRES_AT));
    writ_json_put_text(call->arena, approval, "client", db_get_text(rows, 0, APPROVAL_CLIENT));
    /* Of a declassification there is no tool, and of a call no act. */
    column_put_text(call, approval, "act", rows, 0, APPROVAL_ACT);
    column_put_text(call, approval, "audience", rows, 0, APPROVAL_AUDIENCE);
    column_put_text(call, approval, "tool", rows, 0, APPROVAL_TOOL);
    column_put_json(call, approval, "rules", rows, 0, APPROVAL_RULES);
    column_put_json(call, approval, "excluded", rows, 0, APPROVAL_OWNERS);
    column_put_json(call, approval, "votes", rows, 0, APPROVAL_VOTES);
    writ_json_put_text(call->arena, approval, "bound", db_get_bytea(rows, 0, APPROVAL_BOUND));
    call_put_bytes(call, approval, "digest", db_get_bytea(rows, 0, APPROVAL_DIGEST));
    writ_json_put_text(call->arena, approval, "arguments",
                       db_get_bytea(rows, 0, APPROVAL_ARGUMENTS));
    put_display(call, approval, db_get_bytea(rows, 0, APPROVAL_ARGUMENTS));
    return approval;
}

struct writ_result approvals_read(struct call *call, struct db *db, struct approval_name *name,
                                  struct db_result **ret_rows)
{
    if (!name->has_task) {
        SQL_RESULT found = NULL;
        const struct db_param id = db_uuid(name->id.bytes);
        WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_FIND_TASK, &id, 1, &found));
        WRIT_ENSURE(db_rows(found) == 1 && db_get_uuid(found, 0, 0, name->task.bytes), NOT_FOUND);
        name->has_task = true;
    }
    const struct db_param params[] = {db_uuid(name->task.bytes), db_uuid(name->id.bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_SHOW, params, 2, ret_rows));
    WRIT_ENSURE(db_rows(*ret_rows) == 1, NOT_FOUND);
    const unsigned all = ROLE_ADMIN | ROLE_AUDITOR | ROLE_APPROVER;
    WRIT_ENSURE((call->client->role & all) != 0 ||
                    writ_slice_equal(db_get_text(*ret_rows, 0, APPROVAL_CLIENT), call->client->id),
                NOT_FOUND);
    return WRIT_SUCCESS;
}

static void show_job(struct call *call, struct db *db)
{
    struct approvals *approvals = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct writ_result result = approvals_read(call, db, &approvals->name, &rows);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "there is no such approval");
        return;
    }
    const bool is_pending = writ_slice_equal(db_get_text(rows, 0, APPROVAL_STATE),
                                             WRIT_SLICE_LITERAL("pending"));
    if (is_pending && waiting_again(call, &approvals->waiting, show_job))
        return;
    call_answer(call, 200, approvals_json(call, rows));
}

void approvals_show(struct call *call)
{
    static const char *const QUERIES[] = {"task", "wait", NULL};
    struct approvals *approvals = state_of(call);
    if (approvals && call_only_queries(call, QUERIES) &&
        call_path_uuid(call, "approval", &approvals->name.id) &&
        call_query_uuid(call, "task", &approvals->name.task, &approvals->name.has_task) &&
        waiting_read(call, &approvals->waiting))
        call_read(call, show_job);
}

/* ---- All ---------------------------------------------------------------------------------- */

/* Columns of approvals_list.sql. */
enum {
    L_TASK,
    L_ID,
    L_REQUESTED_AT,
    L_EXPIRES_AT,
    L_DELEGATION,
    L_AUDIENCE,
    L_TOOL,
    L_STATE,
    L_ACT
};

static struct writ_json *entry_of(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *approval = writ_json_new_object(call->arena);
    column_put_id(call, approval, "id", rows, row, L_ID);
    column_put_id(call, approval, "task", rows, row, L_TASK);
    column_put_id(call, approval, "delegation", rows, row, L_DELEGATION);
    column_put_text(call, approval, "act", rows, row, L_ACT);
    column_put_text(call, approval, "audience", rows, row, L_AUDIENCE);
    column_put_text(call, approval, "tool", rows, row, L_TOOL);
    writ_json_put_text(call->arena, approval, "state", db_get_text(rows, row, L_STATE));
    call_put_time(call, approval, "requested_at", db_get_time(rows, row, L_REQUESTED_AT));
    call_put_time(call, approval, "expires_at", db_get_time(rows, row, L_EXPIRES_AT));
    return approval;
}

static struct writ_slice position_of(struct call *call, const struct db_result *rows, size_t row)
{
    struct uuid id = {{0}};
    (void)db_get_uuid(rows, row, L_ID, id.bytes);
    return writ_arena_copy(call->arena, writ_slice_of(id.bytes, sizeof id.bytes));
}

static const struct page PAGE = {.name = "approvals", .entry = entry_of, .position = position_of};

static void list_job(struct call *call, struct db *db)
{
    struct approvals *approvals = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        approvals->name.has_task ? db_uuid(approvals->name.task.bytes) : db_null(),
        approvals->state.data ? db_text(approvals->state) : db_null(),
        approvals->has_below ? db_uuid(approvals->below.bytes) : db_null(),
        page_rows(approvals->limit),
        approvals->has_above ? db_uuid(approvals->above.bytes) : db_null(),
    };
    const struct writ_result result = sql_run(db, STATEMENT_APPROVALS_LIST, params, 5, &rows);
    const bool is_empty = writ_is_ok(result) && db_rows(rows) == 0;
    if (is_empty && waiting_again(call, &approvals->waiting, list_job))
        return;
    page_answer(call, result, rows, &PAGE, approvals->limit);
}

static bool is_state(struct writ_slice word)
{
    static const char *const STATES[] = {"pending", "approved", "used", "rejected", "expired"};
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        if (writ_slice_is(word, STATES[i]))
            return true;
    return false;
}

void approvals_list(struct call *call)
{
    static const char *const QUERIES[] = {"task",  "state",  "after", "wait",
                                          "limit", "cursor", NULL};
    struct approvals *approvals = state_of(call);
    struct writ_slice position;
    if (!approvals || !call_only_queries(call, QUERIES) ||
        !call_query_uuid(call, "task", &approvals->name.task, &approvals->name.has_task) ||
        !call_query_text(call, "state", &approvals->state) ||
        !call_query_uuid(call, "after", &approvals->above, &approvals->has_above) ||
        !waiting_read(call, &approvals->waiting) || !call_limit(call, &approvals->limit) ||
        !call_cursor(call, &position))
        return;
    if (approvals->state.data && !is_state(approvals->state)) {
        call_fail(call, WRIT_MALFORMED, "state",
                  "state: pending, approved, used, rejected or expired");
        return;
    }
    approvals->has_below = position.size == sizeof approvals->below;
    if (approvals->has_below)
        memcpy(approvals->below.bytes, position.data, position.size);
    call_read(call, list_job);
}
