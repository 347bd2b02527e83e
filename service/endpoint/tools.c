/* /v1/tools: what may be called at which audience, and what a call of it does. */
#include "endpoint/tools.h"

#include "decide/schema.h"
#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "ledger/sql.h"
#include "policy/policy.h"
#include "token/terms.h"

#include <string.h>

static const char *const EFFECTS[] = {"read", "write", "irreversible", NULL};
static const char *const RECORDS[] = {"durable", "buffered", NULL};
static const char *const LEVELS[] = {"public", "internal", "confidential", "restricted", NULL};

struct tools {
    struct tool_name name;   /* in a list: the audience, or nothing */
    struct writ_slice after; /* position in a list */
    int64_t limit;
    int effect; /* of EFFECTS, and so on; -1: absent */
    int record;
    int64_t approval;
    bool sends;
    bool loosen;
    bool dry_run;
    struct writ_slice destination;
    const struct writ_json *argument_schema;
    bool has_digest; /* of the schema that was reviewed */
    uint8_t schema_sha256[32];
    struct writ_label sensitivity, release, release_pinned;
};

enum {
    TOOL_AUDIENCE,
    TOOL_NAME,
    TOOL_EFFECT,
    TOOL_ARGUMENT_SCHEMA,
    TOOL_SCHEMA_SHA256,
    TOOL_SENSITIVITY,
    TOOL_SENDS,
    TOOL_DESTINATION,
    TOOL_RELEASE,
    TOOL_RELEASE_PINNED,
    TOOL_RECORD,
    TOOL_OFFERED_SCHEMA,
    TOOL_SUSPENDED_AT,
    TOOL_RETIRED_AT,
    TOOL_APPROVAL,
};

/* As a word where a word says all of it. */
static void put_release(struct call *call, struct writ_json *tool, const char *name,
                        enum writ_integrity plain, const struct db_result *rows, size_t row,
                        int column)
{
    struct writ_label label;
    const struct writ_json *json = column_put_json(call, tool, name, rows, row, column);
    if (json && writ_is_ok(writ_label_read(call->arena, json, &label)) &&
        label.integrity == plain && label.categories->count == 0)
        writ_json_put_string(call->arena, tool, name, LEVELS[label.confidentiality]);
}

static struct writ_json *tool_json(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *tool = writ_json_new_object(call->arena);
    uint8_t offered_sha256[32];
    column_put_text(call, tool, "audience", rows, row, TOOL_AUDIENCE);
    column_put_text(call, tool, "name", rows, row, TOOL_NAME);
    column_put_text(call, tool, "effect", rows, row, TOOL_EFFECT);
    writ_json_put_integer(call->arena, tool, "approval", db_get_int8(rows, row, TOOL_APPROVAL));
    column_put_json(call, tool, "argument_schema", rows, row, TOOL_ARGUMENT_SCHEMA);
    if (!db_is_null(rows, row, TOOL_SCHEMA_SHA256))
        call_put_bytes(call, tool, "schema_sha256", db_get_bytea(rows, row, TOOL_SCHEMA_SHA256));
    column_put_json(call, tool, "sensitivity", rows, row, TOOL_SENSITIVITY);
    writ_json_put_boolean(call->arena, tool, "sends", db_get_bool(rows, row, TOOL_SENDS));
    column_put_text(call, tool, "destination", rows, row, TOOL_DESTINATION);
    put_release(call, tool, "release", WRIT_LABEL_TRUSTED, rows, row, TOOL_RELEASE);
    put_release(call, tool, "release_pinned", WRIT_LABEL_UNTRUSTED, rows, row, TOOL_RELEASE_PINNED);
    column_put_text(call, tool, "record", rows, row, TOOL_RECORD);
    const struct writ_json *offered = column_put_json(call, tool, "offered_schema", rows, row,
                                                      TOOL_OFFERED_SCHEMA);
    if (offered && tool_schema_digest(call, offered, offered_sha256))
        call_put_bytes(call, tool, "offered_sha256", writ_slice_of(offered_sha256, 32));
    column_put_time(call, tool, "suspended_at", rows, row, TOOL_SUSPENDED_AT);
    column_put_time(call, tool, "retired_at", rows, row, TOOL_RETIRED_AT);
    return tool;
}

static struct writ_result run_list(struct db *db, const struct tool_name *name,
                                   struct writ_slice after, int64_t limit,
                                   struct db_result **ret_rows)
{
    const struct db_param params[] = {
        after.data ? db_bytea(after) : db_null(),
        db_int8(limit),
        name->audience.data ? db_text(name->audience) : db_null(),
        name->name.data ? db_text(name->name) : db_null(),
    };
    return sql_run(db, STATEMENT_TOOLS_LIST, params, 4, ret_rows);
}

struct writ_result tool_find(struct call *call, struct db *db, const struct tool_name *name,
                             struct writ_json **ret_tool)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(run_list(db, name, WRIT_SLICE_NONE, 1, &rows));
    *ret_tool = NULL;
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    *ret_tool = tool_json(call, rows, 0);
    WRIT_ENSURE(*ret_tool, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

bool tool_name_read(struct call *call, struct tool_name *ret_name)
{
    static const char *const QUERIES[] = {"audience", NULL};
    if (!call_only_queries(call, QUERIES) || !change_name(call, "name", &ret_name->name) ||
        !call_query_text(call, "audience", &ret_name->audience))
        return false;
    if (ret_name->audience.data)
        return true;
    call_fail(call, WRIT_MALFORMED, "audience", "audience: which one the tool is registered at");
    return false;
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
    struct tools *tools = state_of(call);
    return tools && tool_name_read(call, &tools->name) ? tools : NULL;
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
    const struct writ_result result = run_list(db, &tools->name, tools->after, tools->limit + 1,
                                               &rows);
    page_answer(call, result, rows, &PAGE, tools->limit);
}

void tools_list(struct call *call)
{
    static const char *const QUERIES[] = {"audience", "limit", "cursor", NULL};
    struct tools *tools = state_of(call);
    if (!tools || !call_only_queries(call, QUERIES) || !call_limit(call, &tools->limit) ||
        !call_cursor(call, &tools->after) ||
        !call_query_text(call, "audience", &tools->name.audience))
        return;
    call_read(call, answer_page);
}

static void answer_one(struct call *call, struct db *db)
{
    const struct tools *tools = *http_user(call->request);
    struct writ_json *tool = NULL;
    struct writ_result result = tool_find(call, db, &tools->name, &tool);
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

struct writ_result tool_change_begin(struct call *call, struct db *db, const struct tool_name *name,
                                     struct change *change)
{
    struct writ_json *before = NULL;
    const char *key = writ_arena_printf(call->arena, "%.*s %.*s", WRIT_SLICE_ARGS(name->audience),
                                        WRIT_SLICE_ARGS(name->name));
    WRIT_ENSURE(key, OUT_OF_MEMORY);
    WRIT_TRY(tool_find(call, db, name, &before));
    change->kind = "tool";
    change->key = writ_slice_text(key);
    change->before = before;
    return WRIT_SUCCESS;
}

/* What was offered meanwhile is what this says: whoever writes it has reviewed it. */
static bool settles(const struct tools *tools, const struct writ_json *before)
{
    return tools->has_digest && tool_schema_is_offered(before, tools->schema_sha256);
}

static struct writ_result label_param(struct call *call, const struct writ_label *label,
                                      struct db_param *ret_param)
{
    const struct writ_slice text = writ_json_canonical(call->arena,
                                                       writ_label_json(call->arena, label));
    WRIT_ENSURE(text.data, OUT_OF_MEMORY);
    *ret_param = db_jsonb(text);
    return WRIT_SUCCESS;
}

static struct writ_result write_row(struct call *call, struct db *db, const struct tools *tools,
                                    bool settled)
{
    struct db_param schema;
    struct db_param sensitivity;
    struct db_param release;
    struct db_param pinned;
    WRIT_TRY(tool_schema_param(call, tools->argument_schema, &schema));
    WRIT_TRY(label_param(call, &tools->sensitivity, &sensitivity));
    WRIT_TRY(label_param(call, &tools->release, &release));
    WRIT_TRY(label_param(call, &tools->release_pinned, &pinned));
    const struct db_param params[] = {
        db_text(tools->name.audience),
        db_text(tools->name.name),
        db_cstr(EFFECTS[tools->effect]),
        schema,
        tools->has_digest ? db_bytea(writ_slice_of(tools->schema_sha256, 32)) : db_null(),
        sensitivity,
        db_bool(tools->sends),
        db_text(tools->destination),
        release,
        pinned,
        db_cstr(RECORDS[tools->record]),
        db_bool(settled),
        db_int8(tools->approval),
    };
    return sql_run(db, STATEMENT_TOOL_PUT, params, sizeof params / sizeof params[0], NULL);
}

static struct writ_result put(struct call *call, struct db *db, struct change *change)
{
    const struct tools *tools = *http_user(call->request);
    struct writ_json *after = NULL;
    WRIT_TRY(tool_change_begin(call, db, &tools->name, change));
    WRIT_TRY(write_row(call, db, tools, settles(tools, change->before)));
    WRIT_TRY(tool_find(call, db, &tools->name, &after));
    WRIT_ENSURE(after, INTERNAL);
    change->after = after;
    change->only_tried = tools->dry_run;
    return tool_check_loosening(call, change, after, tools->loosen || tools->dry_run);
}

static void run_put(struct call *call, struct db *db)
{
    change_run(call, db, put);
}

int tool_word(const struct writ_json *said, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (writ_slice_is(writ_json_text(said), words[i]))
            return i;
    return -1;
}

static bool read_word(struct call *call, const char *name, const char *const *words, int absent,
                      int *ret_at)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    *ret_at = value ? tool_word(value, words) : absent;
    if (*ret_at >= 0)
        return true;
    call_fail(call, WRIT_MALFORMED, name, "%s: one of its words, see the API's description", name);
    return false;
}

/* What a tool returns is confidential and untrusted until somebody says otherwise. */
static bool read_sensitivity(struct call *call, struct tools *tools)
{
    const struct writ_json *said = NULL;
    tools->sensitivity = (struct writ_label){WRIT_LABEL_CONFIDENTIAL, WRIT_LABEL_UNTRUSTED, NULL};
    if (!call_object(call, "sensitivity", false, &said))
        return false;
    if (!said || writ_is_ok(writ_label_read(call->arena, said, &tools->sensitivity)))
        return true;
    call_fail(call, WRIT_MALFORMED, "sensitivity",
              "sensitivity: confidentiality, integrity, categories");
    return false;
}

bool tool_release_read(struct call *call, const struct writ_json *said, bool is_pinned,
                       struct writ_label *ret_label)
{
    const int level = tool_word(said, LEVELS);
    if (level >= 0) {
        *ret_label = (struct writ_label){
            .confidentiality = (enum writ_confidentiality)level,
            .integrity = is_pinned ? WRIT_LABEL_UNTRUSTED : WRIT_LABEL_TRUSTED,
            .categories = writ_json_new_array(call->arena),
        };
        return ret_label->categories != NULL;
    }
    /* A label means untrusted where it says nothing; of what may leave, that is to be said. */
    return writ_json_get(said, "integrity") &&
           writ_is_ok(writ_label_read(call->arena, said, ret_label));
}

static bool read_release(struct call *call, const char *name, bool is_pinned,
                         struct writ_label *ret_label)
{
    static const struct writ_json PUBLIC = {.type = WRIT_JSON_STRING,
                                            .text = WRIT_SLICE_LITERAL("public")};
    static const struct writ_json CONFIDENTIAL = {.type = WRIT_JSON_STRING,
                                                  .text = WRIT_SLICE_LITERAL("confidential")};
    const struct writ_json *said = writ_json_get(call->body, name);
    if (!said)
        said = is_pinned ? &CONFIDENTIAL : &PUBLIC;
    if (tool_release_read(call, said, is_pinned, ret_label))
        return true;
    call_fail(call, WRIT_MALFORMED, name,
              "%s: a level, or a label with its integrity: the highest that may leave", name);
    return false;
}

/* Whether arguments can be checked by it, and the digest of what was reviewed. */
static bool read_schema(struct call *call, struct tools *tools)
{
    char detail[200];
    const struct writ_slice said = writ_json_text(writ_json_get(call->body, "schema_sha256"));
    if (!call_object(call, "argument_schema", false, &tools->argument_schema))
        return false;
    if (tools->argument_schema && !schema_is_known(tools->argument_schema, detail, sizeof detail)) {
        call_fail(call, WRIT_MALFORMED, "argument_schema", "%s", detail);
        return false;
    }
    tools->has_digest = tools->argument_schema || writ_json_get(call->body, "schema_sha256");
    if (said.size > 0 || (tools->has_digest && !tools->argument_schema))
        return tool_schema_read_digest(call, tools->schema_sha256);
    if (!tools->has_digest ||
        tool_schema_digest(call, tools->argument_schema, tools->schema_sha256))
        return true;
    call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    return false;
}

/* What the words mean together. */
static bool check_words(struct call *call, const struct tools *tools)
{
    const bool is_buffered = strcmp(RECORDS[tools->record], "buffered") == 0;
    if (tools->destination.data && !tools->sends)
        call_fail(call, WRIT_MALFORMED, "sends", "sends: a tool with a destination does");
    else if (is_buffered && (strcmp(EFFECTS[tools->effect], "read") != 0 || tools->sends))
        call_fail(call, WRIT_MALFORMED, "record",
                  "record: only a read that sends nothing out may be buffered");
    else if (writ_json_get(call->body, "release_pinned") &&
             !writ_label_within(&tools->release, &tools->release_pinned))
        call_fail(call, WRIT_MALFORMED, "release_pinned",
                  "release_pinned: not below release, which goes anywhere");
    else
        return true;
    return false;
}

int64_t tool_approval_of_effect(struct writ_slice effect)
{
    return writ_slice_is(effect, "read") || writ_slice_is(effect, "write") ? 0 : 1;
}

void tools_put(struct call *call)
{
    static const char *const MEMBERS[] = {
        "effect",      "approval", "argument_schema", "schema_sha256", "sensitivity", "sends",
        "destination", "release",  "release_pinned",  "record",        "loosen",      "dry_run",
        NULL};
    struct tools *tools = read_one(call);
    if (!tools || !call_only_members(call, MEMBERS) ||
        !read_word(call, "effect", EFFECTS, -1, &tools->effect) ||
        !read_word(call, "record", RECORDS, 0, &tools->record) ||
        !call_text(call, "destination", CHANGE_NAME_MAX, false, &tools->destination))
        return;
    const struct writ_slice effect = writ_slice_text(EFFECTS[tools->effect]);
    /* What can not be taken back is taken to send, until somebody says that it does not. */
    const bool seems_to_send = tools->destination.data || writ_slice_is(effect, "irreversible");
    if (call_integer(call, "approval", 0, POLICY_QUORUM_MAX, tool_approval_of_effect(effect),
                     &tools->approval) &&
        call_boolean(call, "sends", seems_to_send, &tools->sends) &&
        call_boolean(call, "loosen", false, &tools->loosen) &&
        call_boolean(call, "dry_run", false, &tools->dry_run) &&
        read_release(call, "release", false, &tools->release) &&
        read_release(call, "release_pinned", true, &tools->release_pinned) &&
        read_schema(call, tools) && read_sensitivity(call, tools) && check_words(call, tools))
        call_read(call, run_put);
}

static struct writ_result retire(struct call *call, struct db *db, struct change *change)
{
    const struct tools *tools = *http_user(call->request);
    struct writ_json *after = NULL;
    WRIT_TRY(tool_change_begin(call, db, &tools->name, change));
    if (!change->before)
        return change_refuse(change, WRIT_NOT_FOUND, "name",
                             "there is no such tool at this audience");
    const struct db_param params[] = {db_text(tools->name.audience), db_text(tools->name.name)};
    WRIT_TRY(sql_run(db, STATEMENT_TOOL_RETIRE, params, 2, NULL));
    WRIT_TRY(tool_find(call, db, &tools->name, &after));
    change->after = after;
    return WRIT_SUCCESS;
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
