#include "endpoint/idempotency.h"

#include "ledger/sql.h"

/* The bytes that an answer is sealed to: nobody gets it under another client or key. */
static struct writ_slice bound_to(struct call *call, struct writ_slice key)
{
    return writ_slice_text(writ_arena_printf(
        call->arena, "%.*s\n%.*s", WRIT_SLICE_ARGS(call->client->id), WRIT_SLICE_ARGS(key)));
}

struct writ_slice idempotency_seal(struct call *call, struct writ_slice key, struct writ_slice body)
{
    const struct writ_slice bound = bound_to(call, key);
    const size_t size = body.size + WRIT_SEAL_OVERHEAD;
    uint8_t *sealed = writ_arena_alloc(call->arena, size);
    if (!sealed || !bound.data)
        return WRIT_SLICE_NONE;
    keys_seal(call->service->keys, KEYS_ANSWER, bound, body, sealed);
    return writ_slice_of(sealed, size);
}

static void answer_again(struct call *call, struct writ_slice key, int status,
                         struct writ_slice sealed)
{
    const struct writ_slice bound = bound_to(call, key);
    uint8_t *plain = writ_arena_alloc(call->arena, sealed.size);
    if (!plain || !bound.data || sealed.size < WRIT_SEAL_OVERHEAD ||
        !keys_unseal(call->service->keys, KEYS_ANSWER, bound, sealed, plain)) {
        call_fail(call, WRIT_INTERNAL, "Idempotency-Key", "the first answer can not be read");
        return;
    }
    http_header(call->request, "Idempotency-Replayed", "true");
    call_answer_bytes(call, status, HTTP_JSON,
                      writ_slice_of(plain, sealed.size - WRIT_SEAL_OVERHEAD));
}

bool idempotency_repeat(struct call *call, struct db *db, const char *route, bool *ret_answered)
{
    struct writ_slice key;
    *ret_answered = true;
    if (!call_idempotency_key(call, &key))
        return false;
    *ret_answered = false;
    if (key.size == 0)
        return true;
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_text(call->client->id), db_text(key), db_cstr(route),
                                      db_bytea(writ_slice_of(call->body_sha256, 32))};
    const struct writ_result result = sql_run(db, STATEMENT_IDEMPOTENCY_FIND, params, 4, &rows);
    if (!writ_is_ok(result)) {
        *ret_answered = true;
        call_fail(call, result.status, "", "the idempotency key could not be looked up");
        return false;
    }
    if (db_rows(rows) == 0)
        return true;
    *ret_answered = true;
    if (!db_get_bool(rows, 0, 0))
        call_fail(call, WRIT_IDEMPOTENCY_MISMATCH, "Idempotency-Key",
                  "the key was used with another route or body");
    else
        answer_again(call, key, (int)db_get_int8(rows, 0, 1), db_get_bytea(rows, 0, 2));
    return false;
}

bool idempotency_begin(struct call *call, struct db *db, const char *route)
{
    struct writ_slice key;
    if (!call_idempotency_key(call, &key))
        return false;
    if (key.size == 0)
        return true;
    const struct db_param params[] = {db_text(call->client->id), db_text(key), db_cstr(route),
                                      db_bytea(writ_slice_of(call->body_sha256, 32))};
    SQL_RESULT claimed = NULL;
    const struct writ_result result = sql_run(db, STATEMENT_IDEMPOTENCY_CLAIM, params, 4, &claimed);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the idempotency key could not be claimed");
        return false;
    }
    if (db_affected(claimed) == 1)
        return true;
    bool answered = false;
    (void)idempotency_repeat(call, db, route, &answered);
    if (!answered)
        call_fail(call, WRIT_CONFLICT, "Idempotency-Key", "the first request under it failed");
    return false;
}

struct writ_result idempotency_keep(struct call *call, struct db *db, int status,
                                    struct writ_slice body)
{
    const struct writ_slice key = http_header_in(call->request, "Idempotency-Key");
    if (!key.data)
        return WRIT_SUCCESS;
    const struct writ_slice sealed = idempotency_seal(call, key, body);
    WRIT_ENSURE(sealed.data, OUT_OF_MEMORY);
    const struct db_param params[] = {db_text(call->client->id), db_text(key), db_int8(status),
                                      db_bytea(sealed)};
    return sql_run(db, STATEMENT_IDEMPOTENCY_KEEP, params, 4, NULL);
}

bool idempotency_commit(struct call *call, struct db *db, int status, const struct writ_json *value,
                        struct writ_slice *ret_body)
{
    const struct writ_slice body = value ? writ_json_canonical(call->arena, value)
                                         : WRIT_SLICE_NONE;
    if (!body.data) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "the answer could not be written");
        return false;
    }
    struct writ_result result = idempotency_keep(call, db, status, body);
    if (writ_is_ok(result))
        result = db_to_result(db_commit(db));
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the change could not be recorded");
        return false;
    }
    *ret_body = body;
    return true;
}

void idempotency_finish(struct call *call, struct db *db, int status, const struct writ_json *value)
{
    struct writ_slice body;
    if (idempotency_commit(call, db, status, value, &body))
        call_answer_bytes(call, status, HTTP_JSON, body);
}
