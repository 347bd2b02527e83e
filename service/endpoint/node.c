#include "endpoint/node.h"

#include "authority/authority.h"
#include "endpoint/column.h"
#include "ledger/sql.h"

/* Columns of node_line and node_below. */
enum {
    NODE_ID,
    NODE_PARENT,
    NODE_DEPTH,
    NODE_MAX_DEPTH,
    NODE_AGENT,
    NODE_HOLDER,
    NODE_CUSTODY,
    NODE_ATTRIBUTED,
    NODE_AUTHORITY,
    NODE_TERMS,
    NODE_ISSUED_AT,
    NODE_EXPIRES_AT,
    NODE_LEASE_EXPIRES_AT,
    NODE_ADMITTED_AT,
    NODE_ADMITTED_BY,
    NODE_TOKEN_HASH,
    NODE_KIND, /* of its own revocation */
    NODE_KEY_REVOKED,
    NODE_KILLED_BY, /* the first above it that was revoked or completed, or whose key was revoked */
    NODE_TASK_CLOSED,
    NODE_EXPIRED,
    NODE_LAPSED,
    NODE_LAPSED_BY, /* the first above it whose lease lapsed */
};

/* ---- One row ------------------------------------------------------------------------------ */

/* What ended it, in the order in which an end explains the others: whatever hangs below a revoked
 * node lapses soon, and all that is in a closed task does. ret_by is the column of who ended it. */
static struct writ_slice state_of(const struct db_result *rows, size_t row, int *ret_by)
{
    *ret_by = -1;
    if (!db_is_null(rows, row, NODE_KIND))
        return db_get_text(rows, row, NODE_KIND);
    if (db_get_bool(rows, row, NODE_KEY_REVOKED))
        return WRIT_SLICE_LITERAL("key_revoked");
    if (!db_is_null(rows, row, NODE_KILLED_BY)) {
        *ret_by = NODE_KILLED_BY;
        return WRIT_SLICE_LITERAL("dead");
    }
    if (db_get_bool(rows, row, NODE_TASK_CLOSED))
        return WRIT_SLICE_LITERAL("task_closed");
    if (db_get_bool(rows, row, NODE_EXPIRED))
        return WRIT_SLICE_LITERAL("expired");
    if (db_get_bool(rows, row, NODE_LAPSED))
        return WRIT_SLICE_LITERAL("lapsed");
    if (!db_is_null(rows, row, NODE_LAPSED_BY)) {
        *ret_by = NODE_LAPSED_BY;
        return WRIT_SLICE_LITERAL("dead");
    }
    return WRIT_SLICE_LITERAL("live");
}

static struct writ_result put_authority(struct call *call, struct writ_json *node,
                                        struct writ_slice text)
{
    const struct writ_json *tools = NULL;
    const struct writ_authority *authority = NULL;
    struct writ_denial denial = {.hop = -1};
    bool shape = false;
    WRIT_TRY(writ_json_parse(call->arena, text, &tools));
    writ_json_put(call->arena, node, "authority", tools);
    if (tools->count == 0) {
        writ_json_put_string(call->arena, node, "notation", "");
        return WRIT_SUCCESS;
    }
    WRIT_TRY(writ_authority_read(call->arena, tools, WRIT_PROFILE_AAT_02_WRIT,
                                 WRIT_CONSTRAINT_DEPTH_MAX, &authority, &shape, &denial));
    const struct writ_slice notation = writ_authority_notation(call->arena, authority);
    WRIT_ENSURE(notation.data, OUT_OF_MEMORY);
    writ_json_put_text(call->arena, node, "notation", notation);
    return WRIT_SUCCESS;
}

static void put_fate(struct call *call, struct writ_json *node, const struct db_result *rows,
                     size_t row, bool is_now)
{
    int by = -1;
    writ_json_put_text(call->arena, node, "state", state_of(rows, row, &by));
    if (by >= 0)
        column_put_id(call, node, "dead_by", rows, row, by);
    /* A lease is renewed in place: what it was at an earlier moment is not known. */
    if (is_now)
        column_put_time(call, node, "lease_expires_at", rows, row, NODE_LEASE_EXPIRES_AT);
}

static struct writ_result read_node(struct call *call, const struct node_query *query,
                                    const struct db_result *rows, size_t row,
                                    struct writ_json **ret_node)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *node = writ_json_new_object(arena);
    const struct writ_json *terms = NULL;
    WRIT_ENSURE(node, OUT_OF_MEMORY);
    column_put_id(call, node, "id", rows, row, NODE_ID);
    call_put_id(call, node, "task", &query->task);
    column_put_id(call, node, "parent", rows, row, NODE_PARENT);
    writ_json_put_integer(arena, node, "depth", db_get_int8(rows, row, NODE_DEPTH));
    writ_json_put_integer(arena, node, "max_depth", db_get_int8(rows, row, NODE_MAX_DEPTH));
    writ_json_put_text(arena, node, "agent", db_get_text(rows, row, NODE_AGENT));
    column_put_text(call, node, "holder", rows, row, NODE_HOLDER);
    column_put_text(call, node, "custody", rows, row, NODE_CUSTODY);
    writ_json_put_boolean(arena, node, "attributed", db_get_bool(rows, row, NODE_ATTRIBUTED));
    WRIT_TRY(put_authority(call, node, db_get_jsonb(rows, row, NODE_AUTHORITY)));
    WRIT_TRY(writ_json_parse(arena, db_get_jsonb(rows, row, NODE_TERMS), &terms));
    writ_json_put(arena, node, "terms", terms);
    column_put_time(call, node, "issued_at", rows, row, NODE_ISSUED_AT);
    column_put_time(call, node, "expires_at", rows, row, NODE_EXPIRES_AT);
    column_put_time(call, node, "admitted_at", rows, row, NODE_ADMITTED_AT);
    column_put_text(call, node, "admitted_by", rows, row, NODE_ADMITTED_BY);
    put_fate(call, node, rows, row, query->as_of_us == 0);
    WRIT_ENSURE(call_put_bytes(call, node, "token_hash", db_get_bytea(rows, row, NODE_TOKEN_HASH)),
                OUT_OF_MEMORY);
    *ret_node = node;
    return WRIT_SUCCESS;
}

/* ---- Many --------------------------------------------------------------------------------- */

static struct db_param moment(int64_t as_of_us)
{
    return as_of_us == 0 ? db_null() : db_time(as_of_us);
}

static struct writ_result run_line(struct db *db, const struct node_query *query, bool only_itself,
                                   struct db_result **ret_rows)
{
    const struct db_param params[] = {
        db_uuid(query->task.bytes),
        db_uuid(query->id.bytes),
        moment(query->as_of_us),
        db_bool(only_itself),
    };
    WRIT_TRY(sql_run(db, STATEMENT_NODE_LINE, params, 4, ret_rows));
    WRIT_ENSURE(db_rows(*ret_rows) > 0, NOT_FOUND);
    return WRIT_SUCCESS;
}

static struct writ_result run_below(struct db *db, const struct node_query *query,
                                    struct db_result **ret_rows)
{
    const bool is_whole = query->select == NODE_TASK;
    const struct db_param params[] = {
        db_uuid(query->task.bytes),
        is_whole ? db_null() : db_uuid(query->id.bytes),
        moment(query->as_of_us),
        db_uuid(query->after.bytes),
        db_int8(query->limit > 0 ? query->limit : INT32_MAX),
    };
    WRIT_TRY(sql_run(db, STATEMENT_NODE_BELOW, params, 5, ret_rows));
    if (is_whole || db_rows(*ret_rows) > 0)
        return WRIT_SUCCESS;
    /* A leaf has nothing below it; a node that is not there has not either. */
    SQL_RESULT itself = NULL;
    return run_line(db, query, true, &itself);
}

struct writ_result node_read(struct call *call, struct db *db, const struct node_query *query,
                             struct writ_json **ret_nodes)
{
    SQL_RESULT rows = NULL;
    if (query->select == NODE_ONE || query->select == NODE_ANCESTORS)
        WRIT_TRY(run_line(db, query, query->select == NODE_ONE, &rows));
    else
        WRIT_TRY(run_below(db, query, &rows));
    struct writ_json *nodes = writ_json_new_array(call->arena);
    WRIT_ENSURE(nodes, OUT_OF_MEMORY);
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct writ_json *node = NULL;
        WRIT_TRY(read_node(call, query, rows, i, &node));
        WRIT_ENSURE(writ_json_add(call->arena, nodes, node), OUT_OF_MEMORY);
    }
    *ret_nodes = nodes;
    return WRIT_SUCCESS;
}

/* ---- The task ----------------------------------------------------------------------------- */

/* The label, and how it came to that: {"label", "label_history": [...]}. */
static struct writ_result put_label(struct call *call, struct db *db, const struct uuid *task,
                                    int64_t as_of_us, struct writ_json *json)
{
    enum { AT, CAUSE, DECISION, FROM_TASK, LABEL, TOOL, AGENT, APPROVAL, CLIENT };
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(task->bytes), moment(as_of_us)};
    WRIT_TRY(sql_run(db, STATEMENT_LABEL_HISTORY, params, 2, &rows));
    struct writ_json *history = writ_json_new_array(call->arena);
    const struct writ_label bottom = {WRIT_LABEL_PUBLIC, WRIT_LABEL_TRUSTED, NULL};
    const struct writ_json *label = writ_label_json(call->arena, &bottom);
    for (size_t i = 0; i < db_rows(rows); i++) {
        WRIT_TRY(writ_json_parse(call->arena, db_get_jsonb(rows, i, LABEL), &label));
        struct writ_json *rise = writ_json_new_object(call->arena);
        column_put_time(call, rise, "at", rows, i, AT);
        column_put_text(call, rise, "cause", rows, i, CAUSE);
        column_put_id(call, rise, "decision", rows, i, DECISION);
        column_put_id(call, rise, "task", rows, i, FROM_TASK);
        column_put_text(call, rise, "tool", rows, i, TOOL);
        column_put_text(call, rise, "agent", rows, i, AGENT);
        column_put_id(call, rise, "approval", rows, i, APPROVAL);
        column_put_text(call, rise, "client", rows, i, CLIENT);
        writ_json_put(call->arena, rise, "label", label);
        WRIT_ENSURE(writ_json_add(call->arena, history, rise), OUT_OF_MEMORY);
    }
    writ_json_put(call->arena, json, "label", label);
    WRIT_ENSURE(writ_json_put(call->arena, json, "label_history", history), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

struct writ_result node_task_at(struct call *call, struct db *db, const struct uuid *task,
                                int64_t as_of_us, struct writ_json **ret_task)
{
    enum { PRINCIPAL, PURPOSE, DEADLINE, OPENED_BY, OPENED_AT, STATE, ENDED_AT, ROOT };
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(task->bytes), moment(as_of_us)};
    WRIT_TRY(sql_run(db, STATEMENT_NODE_TASK, params, 2, &rows));
    WRIT_ENSURE(db_rows(rows) > 0, NOT_FOUND);
    struct writ_json *json = writ_json_new_object(call->arena);
    call_put_id(call, json, "id", task);
    column_put_text(call, json, "principal", rows, 0, PRINCIPAL);
    column_put_text(call, json, "purpose", rows, 0, PURPOSE);
    column_put_text(call, json, "state", rows, 0, STATE);
    column_put_time(call, json, "deadline", rows, 0, DEADLINE);
    column_put_text(call, json, "opened_by", rows, 0, OPENED_BY);
    column_put_time(call, json, "opened_at", rows, 0, OPENED_AT);
    column_put_time(call, json, "ended_at", rows, 0, ENDED_AT);
    column_put_id(call, json, "root", rows, 0, ROOT);
    WRIT_TRY(put_label(call, db, task, as_of_us, json));
    WRIT_ENSURE(json && json->capacity != WRIT_JSON_BROKEN, OUT_OF_MEMORY);
    *ret_task = json;
    return WRIT_SUCCESS;
}

struct writ_result node_task(struct call *call, struct db *db, const struct uuid *task,
                             struct writ_json **ret_task)
{
    return node_task_at(call, db, task, 0, ret_task);
}

struct writ_result node_find_task(struct call *call, struct db *db, const struct uuid *delegation,
                                  struct uuid *ret_task)
{
    (void)call;
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(delegation->bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_NODE_FIND_TASK, params, 1, &rows));
    WRIT_ENSURE(db_rows(rows) > 0 && db_get_uuid(rows, 0, 0, ret_task->bytes), NOT_FOUND);
    return WRIT_SUCCESS;
}

struct writ_result node_may_see(struct call *call, struct db *db, const struct uuid *task)
{
    const struct registry_client *client = call->client;
    if (client->role == ROLE_ADMIN || client->role == ROLE_AUDITOR)
        return WRIT_SUCCESS;
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        db_uuid(task->bytes),
        client->agent.size > 0 ? db_text(client->agent) : db_null(),
    };
    WRIT_TRY(sql_run(db, STATEMENT_NODE_MAY_SEE, params, 2, &rows));
    WRIT_ENSURE(db_rows(rows) > 0, NOT_FOUND);
    const bool opened = writ_slice_equal(db_get_text(rows, 0, 0), client->id);
    const bool holds = db_get_bool(rows, 0, 1);
    WRIT_ENSURE(client->role == ROLE_ISSUER ? opened : holds, NOT_FOUND);
    return WRIT_SUCCESS;
}

struct writ_result node_root(struct call *call, struct db *db, const struct uuid *task,
                             struct uuid *ret_root)
{
    (void)call;
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(task->bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_ROOT_OF_TASK, params, 1, &rows));
    WRIT_ENSURE(db_rows(rows) > 0 && db_get_uuid(rows, 0, 0, ret_root->bytes), NOT_FOUND);
    return WRIT_SUCCESS;
}
