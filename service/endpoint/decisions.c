/* GET /v1/decisions: find them; and the Decision object. */
#include "endpoint/decisions.h"

#include "base/auto.h"
#include "clock.h"
#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "ledger/sql.h"

#include <string.h>

/* ---- One decision ------------------------------------------------------------------------- */

/* The bytes that were judged, as the JSON that they were; a list leaves long ones out. */
static void put_arguments(struct call *call, struct writ_json *object, const struct db_result *rows,
                          size_t row)
{
    const struct writ_json *arguments = NULL;
    if (!db_is_null(rows, row, DECISION_ARGUMENTS) &&
        writ_is_ok(writ_json_parse(call->arena, db_get_bytea(rows, row, DECISION_ARGUMENTS),
                                   &arguments)) &&
        arguments->type == WRIT_JSON_OBJECT)
        writ_json_put(call->arena, object, "arguments", arguments);
    if (!db_is_null(rows, row, DECISION_ARGUMENTS_SHA256))
        call_put_bytes(call, object, "arguments_sha256",
                       db_get_bytea(rows, row, DECISION_ARGUMENTS_SHA256));
}

struct writ_json *decision_json(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *decision = writ_json_new_object(call->arena);
    column_put_id(call, decision, "id", rows, row, DECISION_ID);
    column_put_id(call, decision, "task", rows, row, DECISION_TASK);
    call_put_time(call, decision, "at", db_get_time(rows, row, DECISION_AT));
    column_put_id(call, decision, "delegation", rows, row, DECISION_DELEGATION);
    column_put_text(call, decision, "agent", rows, row, DECISION_AGENT);
    column_put_text(call, decision, "holder", rows, row, DECISION_HOLDER);
    column_put_text(call, decision, "client", rows, row, DECISION_CLIENT);
    column_put_text(call, decision, "audience", rows, row, DECISION_AUDIENCE);
    column_put_text(call, decision, "tool", rows, row, DECISION_TOOL);
    put_arguments(call, decision, rows, row);
    column_put_text(call, decision, "verdict", rows, row, DECISION_VERDICT);
    column_put_text(call, decision, "outcome", rows, row, DECISION_OUTCOME);
    const int64_t hop = db_get_int8(rows, row, DECISION_HOP);
    if (!db_is_null(rows, row, DECISION_HOP) && hop >= 0)
        writ_json_put_integer(call->arena, decision, "hop", hop);
    if (db_get_text(rows, row, DECISION_FIELD).size > 0)
        column_put_text(call, decision, "field", rows, row, DECISION_FIELD);
    if (db_get_text(rows, row, DECISION_DETAIL).size > 0)
        column_put_text(call, decision, "detail", rows, row, DECISION_DETAIL);
    column_put_time(call, decision, "start_by", rows, row, DECISION_START_BY);
    column_put_text(call, decision, "recorded", rows, row, DECISION_RECORDED);
    if (!db_is_null(rows, row, DECISION_POLICY_VERSION))
        writ_json_put_integer(call->arena, decision, "policy_version",
                              db_get_int8(rows, row, DECISION_POLICY_VERSION));
    column_put_json(call, decision, "policy_engines", rows, row, DECISION_POLICY_ENGINES);
    return decision;
}

struct writ_json *decision_report_json(struct call *call, const struct db_result *row)
{
    if (db_is_null(row, 0, DECISION_SUCCESS))
        return NULL;
    struct writ_json *report = writ_json_new_object(call->arena);
    writ_json_put_boolean(call->arena, report, "success", db_get_bool(row, 0, DECISION_SUCCESS));
    column_put_text(call, report, "reference", row, 0, DECISION_REFERENCE);
    column_put_json(call, report, "label", row, 0, DECISION_LABEL);
    column_put_text(call, report, "unit", row, 0, DECISION_UNIT);
    column_put_text(call, report, "amount", row, 0, DECISION_AMOUNT);
    call_put_time(call, report, "reported_at", db_get_time(row, 0, DECISION_REPORTED_AT));
    return report;
}

struct decision_ask *decision_ask_read(struct call *call)
{
    static const char *const QUERIES[] = {"task", NULL};
    struct decision_ask *ask = writ_arena_alloc(call->arena, sizeof *ask);
    if (!ask) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return NULL;
    }
    *http_user(call->request) = ask;
    const bool is_read = call_only_queries(call, QUERIES) &&
                         call_path_uuid(call, "decision", &ask->id) &&
                         call_query_uuid(call, "task", &ask->task, &ask->has_task);
    return is_read ? ask : NULL;
}

static struct writ_result read_floor(struct db *db, struct uuid *ret_floor)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_DECISION_FLOOR, NULL, 0, &rows));
    WRIT_ENSURE(db_rows(rows) == 1 && db_get_uuid(rows, 0, 0, ret_floor->bytes), INTERNAL);
    return WRIT_SUCCESS;
}

/* Why there is no such decision: of an id that we could have made, its time tells. */
static struct writ_result miss(struct db *db, const struct uuid *id)
{
    struct uuid floor;
    const bool is_version_7 = id->bytes[6] >> 4 == 7;
    WRIT_TRY(read_floor(db, &floor));
    WRIT_ENSURE(!is_version_7 || uuid_compare(id, &floor) >= 0, NOT_RETAINED);
    return WRIT_FAILURE(NOT_FOUND);
}

static struct writ_result find_task(struct db *db, struct decision_ask *ask)
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(ask->id.bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_DECISION_FIND_TASK, params, 1, &rows));
    if (db_rows(rows) == 0)
        return miss(db, &ask->id);
    WRIT_ENSURE(db_get_uuid(rows, 0, 0, ask->task.bytes), INTERNAL);
    return WRIT_SUCCESS;
}

struct writ_result decision_find(struct call *call, struct db *db, struct decision_ask *ask,
                                 struct db_result **ret_row)
{
    if (!ask->has_task)
        WRIT_TRY(find_task(db, ask));
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(ask->task.bytes), db_uuid(ask->id.bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_DECISION_SHOW, params, 2, &rows));
    if (db_rows(rows) == 0)
        return miss(db, &ask->id);
    WRIT_ENSURE(
        call->client->role != ROLE_ENFORCER ||
            writ_slice_equal(db_get_text(rows, 0, DECISION_AUDIENCE), call->client->audience),
        NOT_FOUND);
    *ret_row = writ_steal(rows);
    return WRIT_SUCCESS;
}

/* ---- Many --------------------------------------------------------------------------------- */

struct search {
    struct uuid task;
    bool has_task;
    struct uuid delegation;
    bool has_delegation;
    struct writ_slice tool;
    struct writ_slice agent;
    struct writ_slice verdict;
    struct writ_slice outcome;
    int64_t from_us; /* 0: any */
    int64_t to_us;   /* not included; INT64_MAX: any */
    int64_t limit;
    struct uuid before;
    bool has_before;
};

/* Below every id made at or after the moment. */
static struct uuid id_floor(int64_t unix_us)
{
    struct uuid id = {{0}};
    const uint64_t ms = unix_us > 0 ? (uint64_t)(unix_us / 1000) : 0;
    for (size_t i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    return id;
}

static struct writ_result run_search(struct call *call, struct db *db, const struct search *search,
                                     struct db_result **ret_rows)
{
    enum { SLACK_US = 1000000 }; /* between a decision's id and its time */
    const struct registry_client *client = call->client;
    struct uuid first = id_floor(search->from_us - SLACK_US);
    struct uuid end;
    memset(&end, 0xff, sizeof end);
    if (search->to_us != INT64_MAX)
        end = id_floor(search->to_us + SLACK_US);
    if (search->has_before && uuid_compare(&search->before, &end) < 0)
        end = search->before;
    const struct db_param params[] = {
        db_uuid(search->has_task ? search->task.bytes : first.bytes),
        db_uuid(end.bytes),
        db_int8(search->limit + 1), /* one more tells whether there is a next page */
        client->role == ROLE_ENFORCER ? db_text(client->audience) : db_null(),
        search->has_delegation ? db_uuid(search->delegation.bytes) : db_null(),
        search->tool.data ? db_text(search->tool) : db_null(),
        search->agent.data ? db_text(search->agent) : db_null(),
        search->verdict.data ? db_text(search->verdict) : db_null(),
        search->outcome.data ? db_text(search->outcome) : db_null(),
        search->from_us > 0 ? db_time(search->from_us) : db_null(),
        search->to_us != INT64_MAX ? db_time(search->to_us) : db_null(),
    };
    return sql_run(db, search->has_task ? STATEMENT_DECISIONS_OF_TASK : STATEMENT_DECISIONS_OF_ALL,
                   params, sizeof params / sizeof params[0], ret_rows);
}

/* The oldest moment that is asked for: nothing of a task is older than its id. */
static int64_t oldest_us(const struct search *search)
{
    const int64_t task_us = search->has_task ? uuid_unix_us(&search->task) : 0;
    return search->from_us > task_us ? search->from_us : task_us;
}

/* Whether what was asked for lies, by its own words, in what is gone; so does a search without
 * bounds that reached it and found nothing on its way. */
static bool is_of_what_is_gone(const struct search *search, const struct uuid *floor, bool is_empty)
{
    const int64_t kept_us = uuid_unix_us(floor);
    return oldest_us(search) < kept_us &&
           (search->from_us > 0 || search->to_us <= kept_us || is_empty ||
            (search->has_before && uuid_compare(&search->before, floor) <= 0));
}

/* A list that ends where retention does says so; never an empty one for what is gone. False:
 * answered. */
static bool put_floor(struct call *call, struct db *db, bool is_empty, struct writ_json *page)
{
    const struct search *search = *http_user(call->request);
    struct uuid floor;
    char kept_from[CLOCK_TEXT_SIZE];
    const struct writ_result result = read_floor(db, &floor);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "");
        return false;
    }
    clock_text(uuid_unix_us(&floor), kept_from);
    if (is_of_what_is_gone(search, &floor, is_empty)) {
        call_fail(call, WRIT_NOT_RETAINED, search->from_us > 0 ? "from" : "",
                  "decisions are kept from %s on", kept_from);
        return false;
    }
    if (oldest_us(search) < uuid_unix_us(&floor))
        writ_json_put_string(call->arena, page, "kept_from", kept_from);
    return true;
}

static void answer_page(struct call *call, struct db *db)
{
    const struct search *search = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct writ_result result = run_search(call, db, search, &rows);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "");
        return;
    }
    const size_t limit = (size_t)search->limit;
    const size_t count = db_rows(rows) < limit ? db_rows(rows) : limit;
    struct writ_json *page = writ_json_new_object(call->arena);
    struct writ_json *decisions = writ_json_new_array(call->arena);
    if (!put_floor(call, db, count == 0, page))
        return;
    for (size_t i = 0; i < count; i++)
        writ_json_add(call->arena, decisions, decision_json(call, rows, i));
    writ_json_put(call->arena, page, "decisions", decisions);
    struct uuid last;
    if (db_rows(rows) > limit && db_get_uuid(rows, count - 1, DECISION_ID, last.bytes)) {
        char text[UUID_TEXT_SIZE];
        uuid_text(&last, text);
        call_put_cursor(call, page, writ_slice_text(text));
    }
    call_answer(call, 200, page);
}

/* A word that is no verdict or outcome is a mistake, not a search that finds nothing. */
static bool read_words(struct call *call, struct search *search)
{
    if (!call_query_text(call, "tool", &search->tool) ||
        !call_query_text(call, "agent", &search->agent) ||
        !call_query_text(call, "verdict", &search->verdict) ||
        !call_query_text(call, "outcome", &search->outcome))
        return false;
    if (search->verdict.data && !writ_slice_is(search->verdict, "permit") &&
        !writ_slice_is(search->verdict, "deny")) {
        call_fail(call, WRIT_MALFORMED, "verdict", "verdict: permit or deny");
        return false;
    }
    const char *code = search->outcome.data ? writ_arena_text(call->arena, search->outcome) : NULL;
    if (search->outcome.data && (!code || writ_status_from_code(code) == WRIT_STATUS_COUNT)) {
        call_fail(call, WRIT_MALFORMED, "outcome", "outcome: one of the outcomes of a decision");
        return false;
    }
    return true;
}

void decisions_list(struct call *call)
{
    static const char *const QUERIES[] = {"task",    "delegation", "tool", "agent",
                                          "verdict", "outcome",    "from", "to",
                                          "limit",   "cursor",     NULL};
    struct search *search = writ_arena_alloc(call->arena, sizeof *search);
    struct writ_slice position = WRIT_SLICE_NONE;
    if (!search) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_queries(call, QUERIES) ||
        !call_query_uuid(call, "task", &search->task, &search->has_task) ||
        !call_query_uuid(call, "delegation", &search->delegation, &search->has_delegation) ||
        !call_query_time(call, "from", 0, &search->from_us) ||
        !call_query_time(call, "to", INT64_MAX, &search->to_us) ||
        !call_limit(call, &search->limit) || !call_cursor(call, &position) ||
        !read_words(call, search))
        return;
    search->has_before = position.data != NULL;
    if (position.data && !uuid_parse(position, &search->before)) {
        call_fail(call, WRIT_MALFORMED, "cursor", "cursor: not one that this list gave");
        return;
    }
    *http_user(call->request) = search;
    call_read(call, answer_page);
}
