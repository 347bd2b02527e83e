#include "policies.h"

#include "clock.h"
#include "ledger/changes.h"
#include "ledger/sql.h"
#include "log.h"
#include "policy/cedar_engine.h"
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of policies_list. */
enum {
    VERSION_NUMBER,
    VERSION_AT,
    VERSION_CLIENT,
    VERSION_NAME,
    VERSION_SHA256,
    VERSION_TEXT,
    VERSION_IN_FORCE,
};

struct policies {
    int references; /* atomically */
    int64_t version;
    struct policy_engine *engine; /* NULL: none */
};

/* A text in which nothing is said sets no policy. */
static bool is_empty(struct writ_slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!strchr(" \t\r\n", text.data[i]) || text.data[i] == '\0')
            return false;
    return true;
}

const struct policy_engine *policies_engine(const struct registry *registry)
{
    return registry->policies ? registry->policies->engine : NULL;
}

/* ---- With the snapshot -------------------------------------------------------------------- */

static void release(struct policies *policies)
{
    if (!policies || __atomic_sub_fetch(&policies->references, 1, __ATOMIC_ACQ_REL) > 0)
        return;
    policy_engine_free(policies->engine);
    free(policies);
}

static struct writ_result parse(int64_t version, struct writ_slice text,
                                struct policy_engine **ret_engine)
{
    char message[CEDAR_ENGINE_MESSAGE_MAX];
    *ret_engine = NULL;
    if (is_empty(text))
        return WRIT_SUCCESS;
    const struct writ_result result = cedar_engine_new(text, ret_engine, message);
    if (!writ_is_ok(result))
        log_error("policies_not_read", LOG_INT("version", version), LOG_TEXT("message", message));
    return result;
}

static struct writ_result read(int64_t version, struct writ_slice text, struct policies *last,
                               struct policies **ret_policies)
{
    if (last && last->version == version) {
        __atomic_add_fetch(&last->references, 1, __ATOMIC_ACQ_REL);
        *ret_policies = last;
        return WRIT_SUCCESS;
    }
    struct policies *policies = calloc(1, sizeof *policies);
    WRIT_ENSURE(policies, OUT_OF_MEMORY);
    *policies = (struct policies){.references = 1, .version = version};
    const struct writ_result result = parse(version, text, &policies->engine);
    if (!writ_is_ok(result)) {
        free(policies);
        return result;
    }
    log_info("policies_in_force", LOG_INT("version", version));
    *ret_policies = policies;
    return WRIT_SUCCESS;
}

const struct registry_policy_reader POLICIES_READER = {.read = read, .release = release};

/* ---- Into the ledger ---------------------------------------------------------------------- */

struct writ_result policies_check(struct writ_slice text,
                                  char ret_message[static CEDAR_ENGINE_MESSAGE_MAX])
{
    struct policy_engine *engine = NULL;
    ret_message[0] = '\0';
    if (is_empty(text))
        return WRIT_SUCCESS;
    if (memchr(text.data, '\0', text.size)) {
        snprintf(ret_message, CEDAR_ENGINE_MESSAGE_MAX, "the text has a NUL in it");
        return WRIT_FAILURE(MALFORMED);
    }
    const struct writ_result result = cedar_engine_new(text, &engine, ret_message);
    policy_engine_free(engine);
    return result;
}

struct writ_json *policies_version_json(struct writ_arena *arena, const struct db_result *rows,
                                        size_t row)
{
    char at[CLOCK_TEXT_SIZE];
    clock_text(db_get_time(rows, row, VERSION_AT), at);
    struct writ_json *version = writ_json_new_object(arena);
    writ_json_put_integer(arena, version, "version", db_get_int8(rows, row, VERSION_NUMBER));
    writ_json_put_string(arena, version, "at", at);
    writ_json_put_text(arena, version, "changed_by", db_get_text(rows, row, VERSION_CLIENT));
    writ_json_put_text(arena, version, "name", db_get_text(rows, row, VERSION_NAME));
    writ_json_put_text(arena, version, "sha256", db_get_text(rows, row, VERSION_SHA256));
    if (!db_is_null(rows, row, VERSION_TEXT))
        writ_json_put_text(arena, version, "text", db_get_text(rows, row, VERSION_TEXT));
    return writ_json_put_boolean(arena, version, "in_force",
                                 db_get_bool(rows, row, VERSION_IN_FORCE))
               ? version
               : NULL;
}

struct writ_result policies_list(struct db *db, int64_t below, int64_t limit, int64_t only,
                                 struct db_result **ret_rows)
{
    const struct db_param params[] = {below > 0 ? db_int8(below) : db_null(), db_int8(limit),
                                      only > 0 ? db_int8(only) : db_null()};
    return sql_run(db, STATEMENT_POLICIES_LIST, params, 3, ret_rows);
}

/* NULL in *ret_newest: there is none. */
static struct writ_result newest(struct db *db, struct writ_arena *arena,
                                 const struct writ_json **ret_newest)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(policies_list(db, 0, 1, 0, &rows));
    *ret_newest = db_rows(rows) > 0 ? policies_version_json(arena, rows, 0) : NULL;
    WRIT_ENSURE(*ret_newest || db_rows(rows) == 0, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result is_in_force(struct db *db, struct writ_slice text, bool *ret_is)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_POLICY, NULL, 0, &rows));
    *ret_is = db_rows(rows) > 0 && writ_slice_equal(db_get_text(rows, 0, 2), text);
    return WRIT_SUCCESS;
}

struct writ_result policies_put(struct db *db, struct writ_arena *arena,
                                struct policies_change *change)
{
    bool is_same = false;
    WRIT_TRY(newest(db, arena, &change->before));
    WRIT_TRY(is_in_force(db, change->text, &is_same));
    change->after = change->before;
    if (is_same)
        return WRIT_SUCCESS;
    const struct db_param params[] = {db_text(change->client), db_text(change->name),
                                      db_text(change->text)};
    WRIT_TRY(sql_run(db, STATEMENT_POLICY_PUT, params, 3, NULL));
    return newest(db, arena, &change->after);
}

/* ---- From a file -------------------------------------------------------------------------- */

static struct writ_result refuse(const char *path, const char *why)
{
    log_error("policy_file_refused", LOG_TEXT("path", path), LOG_TEXT("message", why));
    return WRIT_FAILURE(MALFORMED);
}

static struct writ_result read_file(const char *path, struct writ_arena *arena,
                                    struct writ_slice *ret_text)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return refuse(path, strerror(errno));
    const size_t capacity = CEDAR_ENGINE_TEXT_MAX + 1;
    char *text = writ_arena_alloc(arena, capacity);
    const size_t size = text ? fread(text, 1, capacity, file) : 0;
    const bool failed = ferror(file) != 0;
    fclose(file);
    WRIT_ENSURE(text, OUT_OF_MEMORY);
    if (failed)
        return refuse(path, "it could not be read");
    *ret_text = writ_slice_of(text, size);
    return WRIT_SUCCESS;
}

static struct writ_result put_file(struct db *db, struct writ_arena *arena, const char *path,
                                   struct writ_slice text)
{
    struct policies_change change = {
        .client = WRIT_SLICE_LITERAL("policy-file"), .name = writ_slice_text(path), .text = text};
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_LOCK, NULL, 0, NULL));
    WRIT_TRY(policies_put(db, arena, &change));
    if (change.before && writ_json_equal(change.before, change.after))
        return WRIT_SUCCESS;
    const struct change_entry entry = {
        .client = change.client,
        .kind = "policy",
        .key = change.name,
        .before = change.before ? writ_json_canonical(arena, change.before) : WRIT_SLICE_NONE,
        .after = writ_json_canonical(arena, change.after),
    };
    return changes_record(db, &entry);
}

static struct writ_result in_transaction(struct db *db, struct writ_arena *arena, const char *path,
                                         struct writ_slice text)
{
    WRIT_TRY(db_to_result(db_begin(db)));
    const struct writ_result result = put_file(db, arena, path, text);
    if (writ_is_ok(result))
        return db_to_result(db_commit(db));
    if (db_rollback(db) != DB_OK)
        log_warn("rollback_failed", LOG_TEXT("error", db_message(db)));
    return result;
}

static struct writ_result take_file(struct db *db, struct writ_arena *arena, const char *path)
{
    char message[CEDAR_ENGINE_MESSAGE_MAX];
    struct writ_slice text;
    WRIT_TRY(read_file(path, arena, &text));
    if (!writ_is_ok(policies_check(text, message)))
        return refuse(path, message);
    return in_transaction(db, arena, path, text);
}

struct writ_result policies_take_file(struct service *service, struct db *db)
{
    const char *path = service->config->policy_file;
    if (!path)
        return WRIT_SUCCESS;
    if (!CEDAR_ENGINE_IS_BUILT_IN)
        return refuse(path, "this build has no Cedar (-DWITH_CEDAR=OFF)");
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    const struct writ_result result = take_file(db, &arena, path);
    writ_arena_done(&arena);
    WRIT_TRY(result);
    return registry_reload(service->registries, db, false);
}

void policies_reread_file(struct service *service)
{
    struct db *db = NULL;
    struct writ_result result = db_to_result(db_open(service->sessions, &db));
    if (writ_is_ok(result))
        result = policies_take_file(service, db);
    if (!writ_is_ok(result))
        log_error("policy_file_not_taken", LOG_TEXT("outcome", writ_status_code(result.status)));
    db_close(db);
}
