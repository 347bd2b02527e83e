/* The argument schema that a tool's server offers. Another one than was registered suspends the
 * tool, as it may be another tool by now; an administrator accepts it, by its digest, or not. */
#include "base/base64url.h"
#include "decide/schema.h"
#include "endpoint/endpoints.h"
#include "endpoint/tools.h"
#include "ledger/sql.h"
#include "token/terms.h"

#include <string.h>

struct tool_schema {
    struct tool_name name;
    const struct writ_json *offered; /* of an offer */
    uint8_t sha256[32];
    bool loosen; /* of an acceptance */
};

bool tool_schema_digest(struct call *call, const struct writ_json *schema,
                        uint8_t ret_sha256[static 32])
{
    const struct writ_slice bytes = writ_json_canonical(call->arena, schema);
    if (bytes.data)
        writ_sha256(bytes, ret_sha256);
    return bytes.data != NULL;
}

static struct writ_result set(struct call *call, struct db *db, const struct tool_name *name,
                              struct db_param enforced, struct db_param sha256,
                              struct db_param offered, struct writ_json **ret_after)
{
    const struct db_param params[] = {db_text(name->audience), db_text(name->name), enforced,
                                      sha256, offered};
    WRIT_TRY(sql_run(db, STATEMENT_TOOL_SCHEMA, params, 5, NULL));
    WRIT_TRY(tool_find(call, db, name, ret_after));
    WRIT_ENSURE(*ret_after, INTERNAL);
    return WRIT_SUCCESS;
}

struct writ_result tool_schema_param(struct call *call, const struct writ_json *schema,
                                     struct db_param *ret_param)
{
    *ret_param = db_null();
    if (!schema)
        return WRIT_SUCCESS;
    const struct writ_slice text = writ_json_verbatim(call->arena, schema);
    WRIT_ENSURE(text.data, OUT_OF_MEMORY);
    *ret_param = db_jsonb(text);
    return WRIT_SUCCESS;
}

/* False where there is none. */
static bool known_digest(const struct writ_json *tool, const char *member, uint8_t ret[static 32])
{
    const struct writ_slice text = writ_json_text(writ_json_get(tool, member));
    return text.size > 0 && writ_is_ok(writ_base64url_decode_exact(text, ret, 32));
}

bool tool_schema_is_offered(const struct writ_json *tool, const uint8_t sha256[static 32])
{
    uint8_t offered[32];
    return known_digest(tool, "offered_sha256", offered) && memcmp(offered, sha256, 32) == 0;
}

bool tool_schema_read_digest(struct call *call, uint8_t ret_sha256[static 32])
{
    const struct writ_slice digest = writ_json_text(writ_json_get(call->body, "schema_sha256"));
    if (writ_is_ok(writ_base64url_decode_exact(digest, ret_sha256, 32)))
        return true;
    call_fail(call, WRIT_MALFORMED, "schema_sha256",
              "schema_sha256: base64url of the SHA-256 of what was reviewed");
    return false;
}

/* ---- Offer -------------------------------------------------------------------------------- */

static struct writ_result offer(struct call *call, struct db *db, struct change *change)
{
    const struct tool_schema *state = *http_user(call->request);
    uint8_t accepted[32];
    struct db_param enforced;
    struct db_param offered;
    struct writ_json *after = NULL;
    WRIT_TRY(tool_change_begin(call, db, &state->name, change));
    if (!change->before)
        return change_refuse(change, WRIT_NOT_FOUND, "name",
                             "there is no such tool at this audience");
    change->after = change->before;
    /* Nothing was reviewed that could have changed, or nothing did: a suspension stays. */
    if (!known_digest(change->before, "schema_sha256", accepted) ||
        memcmp(accepted, state->sha256, sizeof accepted) == 0)
        return WRIT_SUCCESS;
    WRIT_TRY(tool_schema_param(call, writ_json_get(change->before, "argument_schema"), &enforced));
    WRIT_TRY(tool_schema_param(call, state->offered, &offered));
    WRIT_TRY(set(call, db, &state->name, enforced, db_bytea(writ_slice_of(accepted, 32)), offered,
                 &after));
    change->after = after;
    return WRIT_SUCCESS;
}

static void run_offer(struct call *call, struct db *db)
{
    change_run(call, db, offer);
}

static struct tool_schema *state_of(struct call *call)
{
    struct tool_schema *state = writ_arena_alloc(call->arena, sizeof *state);
    if (!state) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return NULL;
    }
    *http_user(call->request) = state;
    return tool_name_read(call, &state->name) ? state : NULL;
}

void tools_offer(struct call *call)
{
    static const char *const MEMBERS[] = {"argument_schema", NULL};
    struct tool_schema *state = state_of(call);
    if (!state || !call_only_members(call, MEMBERS) ||
        !call_object(call, "argument_schema", true, &state->offered))
        return;
    const bool is_own = call->client->role != ROLE_ENFORCER ||
                        writ_slice_equal(call->client->audience, state->name.audience);
    if (!is_own)
        call_fail(call, WRIT_FORBIDDEN, "audience", "an enforcement point speaks for its own");
    else if (!tool_schema_digest(call, state->offered, state->sha256))
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    else
        call_read(call, run_offer);
}

/* ---- Accept ------------------------------------------------------------------------------- */

/* A schema that this build can not apply is accepted as reviewed, but nothing is checked by it:
 * which loosens the tool. */
static struct writ_result accept(struct call *call, struct db *db, struct change *change)
{
    const struct tool_schema *state = *http_user(call->request);
    char detail[200];
    struct db_param enforced;
    struct writ_json *after = NULL;
    WRIT_TRY(tool_change_begin(call, db, &state->name, change));
    const struct writ_json *offered = writ_json_get(change->before, "offered_schema");
    if (!offered)
        return change_refuse(change, WRIT_NOT_FOUND, "name", "no schema waits to be accepted");
    if (!tool_schema_is_offered(change->before, state->sha256))
        return change_refuse(change, WRIT_CONFLICT, "schema_sha256",
                             "another schema is offered now; review that one");
    const bool is_known = schema_is_known(offered, detail, sizeof detail);
    if (!is_known && !state->loosen)
        return change_refuse(change, WRIT_CONFLICT, "argument_schema",
                             "this schema can not be applied here; \"loosen\": true accepts it and "
                             "checks nothing by it");
    WRIT_TRY(tool_schema_param(call, is_known ? offered : NULL, &enforced));
    WRIT_TRY(set(call, db, &state->name, enforced, db_bytea(writ_slice_of(state->sha256, 32)),
                 db_null(), &after));
    change->after = after;
    return is_known ? WRIT_SUCCESS : tool_check_loosening(call, change, after, true);
}

static void run_accept(struct call *call, struct db *db)
{
    change_run(call, db, accept);
}

void tools_accept(struct call *call)
{
    static const char *const MEMBERS[] = {"schema_sha256", "loosen", NULL};
    struct tool_schema *state = state_of(call);
    if (!state || !call_only_members(call, MEMBERS) ||
        !call_boolean(call, "loosen", false, &state->loosen) ||
        !tool_schema_read_digest(call, state->sha256))
        return;
    call_read(call, run_accept);
}
