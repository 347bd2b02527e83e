/* /v1/approvers: people who may approve, and their keys. */
#include "endpoint/change.h"
#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "jose/jwk.h"
#include "ledger/sql.h"

#include <string.h>

enum { GROUPS_MAX = 64 };

struct approvers {
    struct writ_slice name; /* one, or the last of the page before */
    int64_t limit;
    struct writ_slice groups[GROUPS_MAX];
    size_t group_count;
    struct writ_key key;
};

static struct writ_json *approver_json(struct call *call, const struct db_result *rows, size_t row)
{
    enum { NAME, GROUPS, PUBLIC_KEY, THUMBPRINT, CREATED_AT, RETIRED_AT };
    struct writ_json *approver = writ_json_new_object(call->arena);
    const struct writ_slice bytes = db_get_bytea(rows, row, PUBLIC_KEY);
    struct writ_key key = {{0}};
    if (bytes.size == sizeof key.bytes)
        memcpy(key.bytes, bytes.data, sizeof key.bytes);
    writ_json_put_text(call->arena, approver, "name", db_get_text(rows, row, NAME));
    column_put_json(call, approver, "groups", rows, row, GROUPS);
    writ_json_put(call->arena, approver, "jwk", writ_jwk_json(call->arena, &key));
    writ_json_put_text(call->arena, approver, "thumbprint", db_get_text(rows, row, THUMBPRINT));
    call_put_time(call, approver, "created_at", db_get_time(rows, row, CREATED_AT));
    column_put_time(call, approver, "retired_at", rows, row, RETIRED_AT);
    return approver;
}

/* NULL in *ret_approver: there is none of this name. */
static struct writ_result find(struct call *call, struct db *db, struct writ_slice name,
                               const struct writ_json **ret_approver)
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_cstr(""), db_int8(1), db_text(name)};
    WRIT_TRY(sql_run(db, STATEMENT_APPROVERS_LIST, params, 3, &rows));
    *ret_approver = NULL;
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    *ret_approver = approver_json(call, rows, 0);
    WRIT_ENSURE(*ret_approver, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct approvers *state_of(struct call *call)
{
    struct approvers *approvers = writ_arena_alloc(call->arena, sizeof *approvers);
    if (!approvers)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    *http_user(call->request) = approvers;
    return approvers;
}

/* ---- Reading ------------------------------------------------------------------------------ */

static const struct page PAGE = {.name = "approvers", .entry = approver_json};

static void answer_page(struct call *call, struct db *db)
{
    const struct approvers *approvers = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        approvers->name.data ? db_text(approvers->name) : db_cstr(""),
        page_rows(approvers->limit),
        db_null(),
    };
    const struct writ_result result = sql_run(db, STATEMENT_APPROVERS_LIST, params, 3, &rows);
    page_answer(call, result, rows, &PAGE, approvers->limit);
}

void approvers_list(struct call *call)
{
    static const char *const QUERIES[] = {"limit", "cursor", NULL};
    struct approvers *approvers = state_of(call);
    if (approvers && call_only_queries(call, QUERIES) && call_limit(call, &approvers->limit) &&
        call_cursor(call, &approvers->name))
        call_read(call, answer_page);
}

static void answer_one(struct call *call, struct db *db)
{
    const struct approvers *approvers = *http_user(call->request);
    const struct writ_json *approver = NULL;
    struct writ_result result = find(call, db, approvers->name, &approver);
    if (writ_is_ok(result) && !approver)
        result = WRIT_FAILURE(NOT_FOUND);
    if (writ_is_ok(result))
        call_answer(call, 200, approver);
    else
        call_fail_read(call, result, "there is no such approver");
}

void approvers_show(struct call *call)
{
    struct approvers *approvers = state_of(call);
    if (approvers && call_only_queries(call, NULL) && change_name(call, "name", &approvers->name))
        call_read(call, answer_one);
}

/* ---- Changing ----------------------------------------------------------------------------- */

static struct writ_result put(struct call *call, struct db *db, struct change *change)
{
    const struct approvers *approvers = *http_user(call->request);
    char thumbprint[44];
    writ_key_thumbprint(&approvers->key, thumbprint);
    change->kind = "approver";
    change->key = approvers->name;
    WRIT_TRY(find(call, db, approvers->name, &change->before));
    const struct db_param params[] = {
        db_text(approvers->name),
        db_text_array(approvers->groups, approvers->group_count),
        db_bytea(writ_slice_of(approvers->key.bytes, sizeof approvers->key.bytes)),
        db_cstr(thumbprint),
    };
    const enum db_error done = db_run(db, &STATEMENTS[STATEMENT_APPROVER_PUT], params, 4, NULL);
    if (done == DB_CONSTRAINT)
        return change_refuse(change, WRIT_CONFLICT, "jwk", "another person has this key");
    WRIT_TRY(db_to_result(done));
    return find(call, db, approvers->name, &change->after);
}

static void run_put(struct call *call, struct db *db)
{
    change_run(call, db, put);
}

static bool read_groups(struct call *call, struct approvers *approvers)
{
    const struct writ_json *groups = writ_json_get(call->body, "groups");
    const bool is_good = writ_json_is_texts(groups) && groups->count <= GROUPS_MAX;
    if (!is_good) {
        call_fail(call, WRIT_MALFORMED, "groups", "groups: an array of at most %d texts",
                  GROUPS_MAX);
        return false;
    }
    for (size_t i = 0; i < groups->count; i++)
        approvers->groups[approvers->group_count++] = groups->items[i].text;
    return true;
}

void approvers_put(struct call *call)
{
    static const char *const MEMBERS[] = {"groups", "jwk", NULL};
    struct approvers *approvers = state_of(call);
    const struct writ_json *jwk = NULL;
    if (!approvers)
        return;
    approvers->group_count = 0;
    if (!call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !change_name(call, "name", &approvers->name) || !call_object(call, "jwk", true, &jwk) ||
        !read_groups(call, approvers))
        return;
    const struct writ_result read = writ_jwk_read(jwk, &approvers->key);
    if (!writ_is_ok(read))
        call_fail(call, read.status, "jwk", "jwk: a public Ed25519 key");
    else
        call_read(call, run_put);
}

static struct writ_result retire(struct call *call, struct db *db, struct change *change)
{
    const struct approvers *approvers = *http_user(call->request);
    change->kind = "approver";
    change->key = approvers->name;
    WRIT_TRY(find(call, db, approvers->name, &change->before));
    if (!change->before)
        return change_refuse(change, WRIT_NOT_FOUND, "name", "there is no such approver");
    const struct db_param params[] = {db_text(approvers->name)};
    WRIT_TRY(sql_run(db, STATEMENT_APPROVER_RETIRE, params, 1, NULL));
    return find(call, db, approvers->name, &change->after);
}

static void run_retire(struct call *call, struct db *db)
{
    change_run(call, db, retire);
}

void approvers_retire(struct call *call)
{
    struct approvers *approvers = state_of(call);
    if (approvers && call_only_queries(call, NULL) && change_name(call, "name", &approvers->name))
        call_read(call, run_retire);
}
