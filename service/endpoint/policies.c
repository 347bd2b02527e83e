/* /v1/policies: the policies in force, and every version that ever was. */
#include "policies.h"

#include "endpoint/change.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "ledger/sql.h"

#include <string.h>

struct asked {
    struct writ_slice name;
    struct writ_slice text;
    int64_t version;
    int64_t limit;
};

static struct asked *state_of(struct call *call)
{
    struct asked *asked = writ_arena_alloc(call->arena, sizeof *asked);
    if (!asked)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    *http_user(call->request) = asked;
    return asked;
}

/* ---- Reading ------------------------------------------------------------------------------ */

static struct writ_json *entry_of(struct call *call, const struct db_result *rows, size_t row)
{
    return policies_version_json(call->arena, rows, row);
}

/* The version in eight bytes. */
static struct writ_slice position_of(struct call *call, const struct db_result *rows, size_t row)
{
    const int64_t version = db_get_int8(rows, row, 0);
    return writ_arena_copy(call->arena, writ_slice_of(&version, sizeof version));
}

static const struct page PAGE = {.name = "policies", .entry = entry_of, .position = position_of};

static void answer_page(struct call *call, struct db *db)
{
    const struct asked *asked = *http_user(call->request);
    SQL_RESULT rows = NULL;
    /* One more tells whether there is a next page. */
    const struct writ_result result = policies_list(db, asked->version, asked->limit + 1, 0, &rows);
    page_answer(call, result, rows, &PAGE, asked->limit);
}

void policies_versions(struct call *call)
{
    static const char *const QUERIES[] = {"limit", "cursor", NULL};
    struct asked *asked = state_of(call);
    struct writ_slice position;
    if (!asked || !call_only_queries(call, QUERIES) || !call_limit(call, &asked->limit) ||
        !call_cursor(call, &position))
        return;
    if (position.size == sizeof asked->version)
        memcpy(&asked->version, position.data, sizeof asked->version);
    call_read(call, answer_page);
}

static void answer_one(struct call *call, struct db *db)
{
    const struct asked *asked = *http_user(call->request);
    SQL_RESULT rows = NULL;
    struct writ_result result = policies_list(db, 0, 1, asked->version, &rows);
    if (writ_is_ok(result) && db_rows(rows) == 0)
        result = WRIT_FAILURE(NOT_FOUND);
    if (writ_is_ok(result))
        call_answer(call, 200, policies_version_json(call->arena, rows, 0));
    else
        call_fail_read(call, result, "there is no such version of the policies");
}

/* A version number, or `current`. */
static bool read_version(struct call *call, int64_t *ret_version)
{
    struct writ_slice text;
    if (!call_path_text(call, "version", 18, &text))
        return false;
    if (writ_slice_is(text, "current")) {
        *ret_version = call->registry->policy_version;
        if (*ret_version > 0)
            return true;
        call_fail(call, WRIT_NOT_FOUND, "version", "there never were policies here");
        return false;
    }
    int64_t version = 0;
    for (size_t i = 0; i < text.size && version >= 0; i++)
        version = text.data[i] >= '0' && text.data[i] <= '9' ? version * 10 + (text.data[i] - '0')
                                                             : -1;
    *ret_version = version;
    if (version > 0)
        return true;
    call_fail(call, WRIT_MALFORMED, "version", "version: a number from 1 on, or current");
    return false;
}

void policies_show(struct call *call)
{
    struct asked *asked = state_of(call);
    if (asked && call_only_queries(call, NULL) && read_version(call, &asked->version))
        call_read(call, answer_one);
}

/* ---- Changing ----------------------------------------------------------------------------- */

static struct writ_result put(struct call *call, struct db *db, struct change *change)
{
    const struct asked *asked = *http_user(call->request);
    struct policies_change policies = {
        .client = call->client->id,
        .name = asked->name,
        .text = asked->text,
    };
    WRIT_TRY(policies_put(db, call->arena, &policies));
    change->kind = "policy";
    change->key = asked->name;
    change->before = policies.before;
    change->after = policies.after;
    return WRIT_SUCCESS;
}

static void run_put(struct call *call, struct db *db)
{
    char message[CEDAR_ENGINE_MESSAGE_MAX];
    const struct asked *asked = *http_user(call->request);
    const struct writ_result result = policies_check(asked->text, message);
    if (writ_is_ok(result))
        change_run(call, db, put);
    else
        call_fail(call, result.status, "text", "%s", message);
}

void policies_replace(struct call *call)
{
    static const char *const MEMBERS[] = {"name", "text", NULL};
    struct asked *asked = state_of(call);
    if (!asked || !call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !call_text(call, "name", CHANGE_NAME_MAX, true, &asked->name))
        return;
    const struct writ_json *text = writ_json_get(call->body, "text");
    if (!writ_json_is(text, WRIT_JSON_STRING) || text->text.size > CEDAR_ENGINE_TEXT_MAX) {
        call_fail(call, WRIT_MALFORMED, "text", "text: Cedar policies, at most 512 KiB");
        return;
    }
    if (call->service->config->policy_file) {
        call_fail(call, WRIT_CONFLICT, "",
                  "the policies of this service come from its policy-file");
        return;
    }
    asked->text = text->text;
    call_read(call, run_put);
}
