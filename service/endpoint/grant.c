#include "endpoint/grant.h"

#include "base/base64url.h"
#include "clock.h"
#include "endpoint/holders.h"
#include "ledger/enrolled.h"
#include "ledger/sql.h"
#include "ledger/view.h"

#include <stdio.h>
#include <string.h>

enum { NOTATION_MAX = 16384, NAME_MAX_BYTES = 200, AUDIENCES_MAX = 16 };

/* ---- Reading ------------------------------------------------------------------------------ */

static bool read_authority(struct call *call, struct grant *grant)
{
    const struct writ_json *tools = writ_json_get(call->body, "authority");
    const struct writ_json *notation = writ_json_get(call->body, "grant");
    struct writ_denial denial = {.step = "", .hop = -1};
    if ((tools == NULL) == (notation == NULL)) {
        call_fail(call, WRIT_MALFORMED, "authority", "send one of authority and grant");
        return false;
    }
    struct writ_result result;
    if (tools) {
        bool shape = false;
        result = writ_authority_read(call->arena, tools, WRIT_PROFILE_AAT_02_WRIT,
                                     WRIT_CONSTRAINT_DEPTH_MAX, &grant->authority, &shape, &denial);
    } else {
        const struct writ_slice text = writ_json_text(notation);
        if (text.size > NOTATION_MAX) {
            call_fail(call, WRIT_MALFORMED, "grant", "grant: at most 16 KiB");
            return false;
        }
        result = writ_authority_from_notation(call->arena, text, &grant->authority, &denial);
    }
    if (writ_is_ok(result))
        return true;
    denial.outcome = result.status;
    denial.step = "";
    call_deny(call, &denial, NULL);
    return false;
}

static bool read_terms(struct call *call, struct grant *grant)
{
    struct writ_denial denial = {.step = "", .hop = -1};
    if (!call_object(call, "terms", false, &grant->terms_json))
        return false;
    if (!grant->terms_json)
        return true;
    const struct writ_result result = writ_terms_read(call->arena, grant->terms_json, &grant->terms,
                                                      &denial);
    if (writ_is_ok(result))
        return true;
    denial.outcome = result.status;
    call_deny(call, &denial, NULL);
    return false;
}

static bool read_audience(struct call *call, struct grant *grant)
{
    const struct writ_json *audience = writ_json_get(call->body, "audience");
    grant->audience = audience;
    if (!audience || writ_json_text(audience).size > 0 ||
        (writ_json_is_texts(audience) && audience->count > 0 && audience->count <= AUDIENCES_MAX))
        return true;
    call_fail(call, WRIT_MALFORMED, "audience", "audience: a text, or an array of at most %d texts",
              AUDIENCES_MAX);
    return false;
}

bool grant_read(struct call *call, struct grant *ret_grant)
{
    *ret_grant = (struct grant){0};
    return read_authority(call, ret_grant) && read_terms(call, ret_grant) &&
           read_audience(call, ret_grant) &&
           call_text(call, "agent", NAME_MAX_BYTES, true, &ret_grant->agent) &&
           call_text(call, "holder", 43, false, &ret_grant->holder) &&
           call_integer(call, "expires_in", 1, INT32_MAX, 0, &ret_grant->expires_in_s) &&
           call_integer(call, "max_depth", 0, WRIT_DEPTH_MAX, -1, &ret_grant->max_depth);
}

/* ---- Holder ------------------------------------------------------------------------------- */

static struct writ_result refuse(struct writ_denial *denial, const char *field, const char *detail)
{
    *denial = (struct writ_denial){.outcome = WRIT_HOLDER_BINDING_FAILED, .step = "", .hop = -1};
    snprintf(denial->field, sizeof denial->field, "%s", field);
    snprintf(denial->detail, sizeof denial->detail, "%s", detail);
    return WRIT_FAILURE(HOLDER_BINDING_FAILED);
}

static struct writ_result ask_ledger(struct call *call, struct db *db, const struct grant *grant,
                                     struct enrolled_key *ret_key, struct writ_denial *ret_denial)
{
    SQL_RESULT rows = NULL;
    struct enrolled_key found = {0};
    const struct db_param thumbprint = db_text(grant->holder);
    WRIT_TRY(sql_run(db, STATEMENT_HOLDER_FIND, &thumbprint, 1, &rows));
    if (db_rows(rows) == 0)
        return refuse(ret_denial, "holder", "no such key is enrolled, or it was revoked");
    if (!writ_slice_equal(db_get_text(rows, 0, 1), grant->agent))
        return refuse(ret_denial, "holder", "another agent enrolled this key");
    const struct writ_slice bytes = db_get_bytea(rows, 0, 0);
    WRIT_ENSURE(bytes.size == sizeof found.key.bytes, INTERNAL);
    memcpy(found.key.bytes, bytes.data, bytes.size);
    found.managed = writ_slice_is(db_get_text(rows, 0, 2), "managed");
    enrolled_add(call->service->enrolled, grant->holder, grant->agent, &found);
    *ret_key = found;
    return WRIT_SUCCESS;
}

static bool is_remembered(struct call *call, const struct grant *grant,
                          struct enrolled_key *ret_key)
{
    char thumbprint[44];
    return enrolled_find(call->service->enrolled, grant->holder, grant->agent, ret_key) &&
           snprintf(thumbprint, sizeof thumbprint, "%.*s", WRIT_SLICE_ARGS(grant->holder)) == 43 &&
           !view_has_revoked_key(call->service->view, thumbprint);
}

struct writ_result grant_take_holder(struct call *call, struct db *db, const struct grant *grant,
                                     bool is_judged_again, struct grant_holder *ret_holder,
                                     struct writ_denial *ret_denial)
{
    struct grant_holder holder = {0};
    const struct registry_agent *agent = registry_agent(call->registry, grant->agent);
    if (!agent || agent->retired)
        return refuse(ret_denial, "agent", "no such agent is registered");
    if (grant->holder.size == 0) {
        WRIT_TRY(holder_make_managed(call, db, grant->agent, &holder.key));
        holder.managed = true;
    } else {
        struct enrolled_key found;
        if (!is_judged_again || !is_remembered(call, grant, &found))
            WRIT_TRY(ask_ledger(call, db, grant, &found, ret_denial));
        holder.key = found.key;
        holder.managed = found.managed;
    }
    if (holder.managed) {
        writ_random(holder.handle, sizeof holder.handle);
        writ_sha256(writ_slice_of(holder.handle, sizeof holder.handle), holder.handle_sha256);
    }
    *ret_holder = holder;
    return WRIT_SUCCESS;
}

bool grant_handle_fits(struct writ_slice handle, const uint8_t digest[static 32])
{
    uint8_t bytes[32];
    uint8_t hash[32];
    if (!writ_is_ok(writ_base64url_decode_exact(handle, bytes, sizeof bytes)))
        return false;
    writ_sha256(writ_slice_of(bytes, sizeof bytes), hash);
    writ_wipe(bytes, sizeof bytes);
    return writ_secret_equal(hash, digest, sizeof hash);
}

/* ---- Answers ------------------------------------------------------------------------------ */

struct writ_json *grant_node(struct call *call, const struct uuid *task, const struct uuid *id,
                             const struct uuid *parent, const struct writ_token *token,
                             bool managed)
{
    struct writ_arena *arena = call->arena;
    char thumbprint[44];
    writ_key_thumbprint(&token->holder, thumbprint);
    const int64_t now = clock_unix_us();
    struct writ_json *node = writ_json_new_object(arena);
    call_put_id(call, node, "id", id);
    call_put_id(call, node, "task", task);
    if (parent)
        call_put_id(call, node, "parent", parent);
    writ_json_put_integer(arena, node, "depth", token->depth);
    writ_json_put_integer(arena, node, "max_depth", token->max_depth);
    writ_json_put_text(arena, node, "agent", token->agent);
    writ_json_put_string(arena, node, "holder", thumbprint);
    writ_json_put_string(arena, node, "custody", managed ? "managed" : "self");
    writ_json_put_boolean(arena, node, "attributed", true);
    writ_json_put_string(arena, node, "state", "live");
    call_put_time(call, node, "issued_at", token->iat_unix_s * 1000000);
    call_put_time(call, node, "expires_at", token->exp_unix_s * 1000000);
    call_put_time(call, node, "lease_expires_at",
                  now + (int64_t)call->service->config->lease_s * 1000000);
    writ_json_put_text(arena, node, "admitted_by", call->client->id);
    call_put_bytes(call, node, "token_hash", writ_slice_of(token->hash, sizeof token->hash));
    const struct writ_slice notation = writ_authority_notation(arena, token->authority);
    return notation.data && writ_json_put_text(arena, node, "notation", notation) ? node : NULL;
}

struct writ_json *grant_cut(struct call *call, const struct writ_authority *asked,
                            const struct writ_authority *given)
{
    const struct writ_change *changes = NULL;
    size_t count = 0;
    struct writ_json *cut = writ_json_new_array(call->arena);
    if (!cut || !writ_is_ok(writ_authority_diff(call->arena, asked, given, &changes, &count)))
        return NULL;
    for (size_t i = 0; i < count; i++) {
        const struct writ_change *change = &changes[i];
        struct writ_json *entry = writ_json_add_object(call->arena, cut);
        struct writ_json *last = writ_json_put_text(call->arena, entry, "tool", change->tool);
        if (change->argument.size > 0)
            last = writ_json_put_text(call->arena, entry, "argument", change->argument);
        if (change->before.size > 0)
            last = writ_json_put_text(call->arena, entry, "asked", change->before);
        if (change->after.size > 0)
            last = writ_json_put_text(call->arena, entry, "given", change->after);
        if (!last)
            return NULL;
    }
    return cut;
}

struct writ_json *grant_answer(struct call *call, struct writ_json *node,
                               const struct writ_token *token, const struct grant_holder *holder,
                               const struct writ_authority *asked)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *answer = writ_json_new_object(arena);
    struct writ_json *last = node ? writ_json_put(arena, answer, "delegation", node) : NULL;
    if (last)
        last = writ_json_put_text(arena, answer, "token", token->compact);
    if (last && holder && holder->managed)
        last = call_put_bytes(call, answer, "handle",
                              writ_slice_of(holder->handle, sizeof holder->handle));
    if (last && asked) {
        struct writ_json *cut = grant_cut(call, asked, token->authority);
        last = cut ? writ_json_put(arena, answer, "cut", cut) : NULL;
    }
    return last ? answer : NULL;
}
