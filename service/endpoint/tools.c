/* /v1/tools: what may be called at which audience, and what a call of it does. */
#include "endpoint/change.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "ledger/sql.h"
#include "token/terms.h"

#include <string.h>

static const char *const EFFECTS[] = {"read", "write", "irreversible", NULL};
static const char *const RECORDS[] = {"durable", "buffered", NULL};
static const char *const LEVELS[] = {"public", "internal", "confidential", "restricted", NULL};

struct tools {
    struct writ_slice audience; /* in a list: absent for all */
    struct writ_slice name;
    struct writ_slice after; /* position in a list */
    int64_t limit;
    int effect; /* of EFFECTS, and so on; -1: absent */
    int record;
    int release;
    int release_pinned;
    struct writ_slice destination;
    const struct writ_json *argument_schema;
    const struct writ_json *sensitivity;
};

enum {
    TOOL_AUDIENCE,
    TOOL_NAME,
    TOOL_EFFECT,
    TOOL_ARGUMENT_SCHEMA,
    TOOL_SENSITIVITY,
    TOOL_DESTINATION,
    TOOL_RELEASE,
    TOOL_RELEASE_PINNED,
    TOOL_RECORD,
    TOOL_RETIRED_AT,
};

static void put_text(struct call *call, struct writ_json *tool, const char *name,
                     const struct db_result *rows, size_t row, int column)
{
    if (!db_is_null(rows, row, column))
        writ_json_put_text(call->arena, tool, name, db_get_text(rows, row, column));
}

static void put_json(struct call *call, struct writ_json *tool, const char *name,
                     const struct db_result *rows, size_t row, int column)
{
    const struct writ_json *value = NULL;
    if (!db_is_null(rows, row, column) &&
        writ_is_ok(writ_json_parse(call->arena, db_get_jsonb(rows, row, column), &value)))
        writ_json_put(call->arena, tool, name, value);
}

static struct writ_json *tool_json(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *tool = writ_json_new_object(call->arena);
    put_text(call, tool, "audience", rows, row, TOOL_AUDIENCE);
    put_text(call, tool, "name", rows, row, TOOL_NAME);
    put_text(call, tool, "effect", rows, row, TOOL_EFFECT);
    put_json(call, tool, "argument_schema", rows, row, TOOL_ARGUMENT_SCHEMA);
    put_json(call, tool, "sensitivity", rows, row, TOOL_SENSITIVITY);
    put_text(call, tool, "destination", rows, row, TOOL_DESTINATION);
    put_text(call, tool, "release", rows, row, TOOL_RELEASE);
    put_text(call, tool, "release_pinned", rows, row, TOOL_RELEASE_PINNED);
    put_text(call, tool, "record", rows, row, TOOL_RECORD);
    if (!db_is_null(rows, row, TOOL_RETIRED_AT))
        call_put_time(call, tool, "retired_at", db_get_time(rows, row, TOOL_RETIRED_AT));
    return tool;
}

static struct writ_result run_list(struct db *db, const struct tools *tools, int64_t limit,
                                   struct db_result **ret_rows)
{
    const struct db_param params[] = {
        tools->after.data ? db_bytea(tools->after) : db_null(),
        db_int8(limit),
        tools->audience.data ? db_text(tools->audience) : db_null(),
        tools->name.data ? db_text(tools->name) : db_null(),
    };
    return sql_run(db, STATEMENT_TOOLS_LIST, params, 4, ret_rows);
}

/* NULL in *ret_tool: there is none of this name at this audience. */
static struct writ_result find(struct call *call, struct db *db, const struct writ_json **ret_tool)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(run_list(db, *http_user(call->request), 1, &rows));
    *ret_tool = NULL;
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    *ret_tool = tool_json(call, rows, 0);
    WRIT_ENSURE(*ret_tool, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct tools *state_of(struct call *call)
{
    struct tools *tools = writ_arena_alloc(call->arena, sizeof *tools);
    if (!tools)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    *http_user(call->request) = tools;
    return tools;
}

/* The one that path and query name. NULL: answered. */
static struct tools *read_one(struct call *call)
{
    static const char *const QUERIES[] = {"audience", NULL};
    struct tools *tools = state_of(call);
    if (!tools || !call_only_queries(call, QUERIES) || !change_name(call, "name", &tools->name))
        return NULL;
    if (!call_query_text(call, "audience", &tools->audience))
        return NULL;
    if (tools->audience.data)
        return tools;
    call_fail(call, WRIT_MALFORMED, "audience", "audience: which one the tool is registered at");
    return NULL;
}

/* ---- Reading ------------------------------------------------------------------------------ */

/* Two names can be longer than a cursor, so a position is their digest. Tools are never deleted. */
static struct writ_slice position_of(struct call *call, const struct db_result *rows, size_t row)
{
    const struct writ_slice audience = db_get_text(rows, row, TOOL_AUDIENCE);
    const struct writ_slice name = db_get_text(rows, row, TOOL_NAME);
    const char *both = writ_arena_printf(call->arena, "%.*s\n%.*s", WRIT_SLICE_ARGS(audience),
                                         WRIT_SLICE_ARGS(name));
    uint8_t *digest = writ_arena_alloc(call->arena, 32);
    if (!both || !digest)
        return WRIT_SLICE_NONE;
    writ_sha256(writ_slice_of(both, audience.size + 1 + name.size), digest);
    return writ_slice_of(digest, 32);
}

static const struct page PAGE = {.name = "tools", .entry = tool_json, .position = position_of};

static void answer_page(struct call *call, struct db *db)
{
    const struct tools *tools = *http_user(call->request);
    SQL_RESULT rows = NULL;
    /* One more tells whether there is a next page. */
    const struct writ_result result = run_list(db, tools, tools->limit + 1, &rows);
    page_answer(call, result, rows, &PAGE, tools->limit);
}

void tools_list(struct call *call)
{
    static const char *const QUERIES[] = {"audience", "limit", "cursor", NULL};
    struct tools *tools = state_of(call);
    if (!tools || !call_only_queries(call, QUERIES) || !call_limit(call, &tools->limit) ||
        !call_cursor(call, &tools->after) || !call_query_text(call, "audience", &tools->audience))
        return;
    call_read(call, answer_page);
}

static void answer_one(struct call *call, struct db *db)
{
    const struct writ_json *tool = NULL;
    struct writ_result result = find(call, db, &tool);
    if (writ_is_ok(result) && !tool)
        result = WRIT_FAILURE(NOT_FOUND);
    if (writ_is_ok(result))
        call_answer(call, 200, tool);
    else
        call_fail_read(call, result, "there is no such tool at this audience");
}

void tools_show(struct call *call)
{
    if (read_one(call))
        call_read(call, answer_one);
}

/* ---- Changing ----------------------------------------------------------------------------- */

/* Fills kind, key and before. */
static struct writ_result begin(struct call *call, struct db *db, struct change *change)
{
    const struct tools *tools = *http_user(call->request);
    const char *key = writ_arena_printf(call->arena, "%.*s %.*s", WRIT_SLICE_ARGS(tools->audience),
                                        WRIT_SLICE_ARGS(tools->name));
    WRIT_ENSURE(key, OUT_OF_MEMORY);
    change->kind = "tool";
    change->key = writ_slice_text(key);
    return find(call, db, &change->before);
}

static struct db_param word(const char *const *words, int at)
{
    return db_cstr(at < 0 ? NULL : words[at]);
}

static struct writ_result put(struct call *call, struct db *db, struct change *change)
{
    const struct tools *tools = *http_user(call->request);
    WRIT_TRY(begin(call, db, change));
    struct writ_slice schema = WRIT_SLICE_NONE;
    if (tools->argument_schema) {
        schema = writ_json_verbatim(call->arena, tools->argument_schema);
        WRIT_ENSURE(schema.data, OUT_OF_MEMORY);
    }
    const struct writ_slice sensitivity = writ_json_canonical(call->arena, tools->sensitivity);
    WRIT_ENSURE(sensitivity.data, OUT_OF_MEMORY);
    const struct db_param params[] = {
        db_text(tools->audience),     db_text(tools->name),
        word(EFFECTS, tools->effect), schema.data ? db_jsonb(schema) : db_null(),
        db_jsonb(sensitivity),        db_text(tools->destination),
        word(LEVELS, tools->release), word(LEVELS, tools->release_pinned),
        word(RECORDS, tools->record),
    };
    WRIT_TRY(sql_run(db, STATEMENT_TOOL_PUT, params, 9, NULL));
    return find(call, db, &change->after);
}

static void run_put(struct call *call, struct db *db)
{
    change_run(call, db, put);
}

static bool read_word(struct call *call, const char *name, const char *const *words, bool required,
                      int *ret_at)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    *ret_at = -1;
    if (!value && !required)
        return true;
    for (int i = 0; value && words[i]; i++)
        if (writ_json_is(value, WRIT_JSON_STRING) && writ_slice_is(value->text, words[i])) {
            *ret_at = i;
            return true;
        }
    call_fail(call, WRIT_MALFORMED, name, "%s: one of its words, see the API's description", name);
    return false;
}

/* What a tool returns is confidential and untrusted until somebody says otherwise. */
static bool read_sensitivity(struct call *call, struct tools *tools)
{
    struct writ_label label = {WRIT_LABEL_CONFIDENTIAL, WRIT_LABEL_UNTRUSTED, NULL};
    const struct writ_json *said = NULL;
    if (!call_object(call, "sensitivity", false, &said))
        return false;
    if (said && !writ_is_ok(writ_label_read(call->arena, said, &label))) {
        call_fail(call, WRIT_MALFORMED, "sensitivity",
                  "sensitivity: confidentiality, integrity, categories");
        return false;
    }
    tools->sensitivity = writ_label_json(call->arena, &label);
    if (!tools->sensitivity)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    return tools->sensitivity != NULL;
}

/* What the words mean together. */
static bool check_words(struct call *call, struct tools *tools)
{
    if (tools->record < 0)
        tools->record = 0;
    if (strcmp(RECORDS[tools->record], "buffered") == 0 &&
        (strcmp(EFFECTS[tools->effect], "read") != 0 || tools->destination.data)) {
        call_fail(call, WRIT_MALFORMED, "record",
                  "record: only a read that sends nothing out may be buffered");
        return false;
    }
    if (tools->release_pinned >= 0 && tools->release > tools->release_pinned) {
        call_fail(call, WRIT_MALFORMED, "release_pinned",
                  "release_pinned: not below release, which goes anywhere");
        return false;
    }
    return true;
}

void tools_put(struct call *call)
{
    static const char *const MEMBERS[] = {
        "effect",  "argument_schema", "sensitivity", "destination",
        "release", "release_pinned",  "record",      NULL};
    struct tools *tools = read_one(call);
    if (tools && call_only_members(call, MEMBERS) &&
        read_word(call, "effect", EFFECTS, true, &tools->effect) &&
        read_word(call, "record", RECORDS, false, &tools->record) &&
        read_word(call, "release", LEVELS, false, &tools->release) &&
        read_word(call, "release_pinned", LEVELS, false, &tools->release_pinned) &&
        call_text(call, "destination", CHANGE_NAME_MAX, false, &tools->destination) &&
        call_object(call, "argument_schema", false, &tools->argument_schema) &&
        read_sensitivity(call, tools) && check_words(call, tools))
        call_read(call, run_put);
}

static struct writ_result retire(struct call *call, struct db *db, struct change *change)
{
    const struct tools *tools = *http_user(call->request);
    WRIT_TRY(begin(call, db, change));
    if (!change->before)
        return change_refuse(change, WRIT_NOT_FOUND, "name",
                             "there is no such tool at this audience");
    const struct db_param params[] = {db_text(tools->audience), db_text(tools->name)};
    WRIT_TRY(sql_run(db, STATEMENT_TOOL_RETIRE, params, 2, NULL));
    return find(call, db, &change->after);
}

static void run_retire(struct call *call, struct db *db)
{
    change_run(call, db, retire);
}

void tools_retire(struct call *call)
{
    if (read_one(call))
        call_read(call, run_retire);
}
