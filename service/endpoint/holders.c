/* /v1/holders: enrol, list and revoke the keys that tokens are bound to. */
#include "endpoint/holders.h"

#include "base/base64url.h"
#include "clock.h"
#include "endpoint/column.h"
#include "endpoint/ended.h"
#include "endpoint/endpoints.h"
#include "endpoint/idempotency.h"
#include "endpoint/nonce.h"
#include "endpoint/page.h"
#include "ledger/sql.h"
#include "token/statement.h"

#include <string.h>

enum { TEXT_MAX = 16384, REASON_MAX = 500, THUMBPRINT_SIZE = 44 };

struct holders {
    struct writ_key key; /* to enrol */
    char thumbprint[THUMBPRINT_SIZE];
    struct writ_slice agent; /* in a list: only of this one */
    struct writ_slice after;
    struct writ_slice reason;
    int64_t limit;
};

static struct holders *state_of(struct call *call)
{
    struct holders *holders = writ_arena_alloc(call->arena, sizeof *holders);
    if (!holders)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    *http_user(call->request) = holders;
    return holders;
}

/* ---- Reading ------------------------------------------------------------------------------ */

enum { HOLDER_THUMBPRINT, HOLDER_KEY, HOLDER_AGENT, HOLDER_CUSTODY, HOLDER_AT, HOLDER_REVOKED_AT };

static struct writ_json *holder_json(struct call *call, const struct db_result *rows, size_t row)
{
    struct writ_json *holder = writ_json_new_object(call->arena);
    const struct writ_slice bytes = db_get_bytea(rows, row, HOLDER_KEY);
    struct writ_key key = {{0}};
    if (bytes.size == sizeof key.bytes)
        memcpy(key.bytes, bytes.data, sizeof key.bytes);
    writ_json_put_text(call->arena, holder, "thumbprint",
                       db_get_text(rows, row, HOLDER_THUMBPRINT));
    writ_json_put(call->arena, holder, "jwk", writ_jwk_json(call->arena, &key));
    writ_json_put_text(call->arena, holder, "agent", db_get_text(rows, row, HOLDER_AGENT));
    writ_json_put_text(call->arena, holder, "custody", db_get_text(rows, row, HOLDER_CUSTODY));
    call_put_time(call, holder, "enrolled_at", db_get_time(rows, row, HOLDER_AT));
    column_put_time(call, holder, "revoked_at", rows, row, HOLDER_REVOKED_AT);
    return holder;
}

static struct writ_result find(struct db *db, const char *thumbprint, struct db_result **ret_row)
{
    const struct db_param params[] = {db_cstr(""), db_int8(1), db_cstr(thumbprint), db_null(),
                                      db_null()};
    return sql_run(db, STATEMENT_HOLDERS_LIST, params, 5, ret_row);
}

static bool is_of_agent(const struct call *call)
{
    return (call->client->role & (ROLE_AGENT | ROLE_ORCHESTRATOR)) != 0;
}

static const struct page PAGE = {.name = "holders", .entry = holder_json};

static void answer_page(struct call *call, struct db *db)
{
    const struct holders *holders = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        holders->after.data ? db_text(holders->after) : db_cstr(""),
        page_rows(holders->limit),
        db_null(),
        holders->agent.data ? db_text(holders->agent) : db_null(),
        is_of_agent(call) ? db_text(call->client->agent) : db_null(),
    };
    const struct writ_result result = sql_run(db, STATEMENT_HOLDERS_LIST, params, 5, &rows);
    page_answer(call, result, rows, &PAGE, holders->limit);
}

void holders_list(struct call *call)
{
    static const char *const QUERIES[] = {"agent", "limit", "cursor", NULL};
    struct holders *holders = state_of(call);
    if (!holders || !call_only_queries(call, QUERIES) || !call_limit(call, &holders->limit) ||
        !call_cursor(call, &holders->after) || !call_query_text(call, "agent", &holders->agent))
        return;
    call_read(call, answer_page);
}

/* ---- Managed keys ------------------------------------------------------------------------- */

static struct writ_result insert(struct call *call, struct db *db, struct writ_slice agent,
                                 const struct writ_key *key, struct writ_slice sealed,
                                 size_t *ret_inserted)
{
    char thumbprint[THUMBPRINT_SIZE];
    SQL_RESULT done = NULL;
    writ_key_thumbprint(key, thumbprint);
    const struct db_param params[] = {
        db_cstr(thumbprint),
        db_bytea(writ_slice_of(key->bytes, sizeof key->bytes)),
        db_text(agent),
        db_cstr(sealed.data ? "managed" : "self"),
        sealed.data ? db_bytea(sealed) : db_null(),
        db_text(call->client->id),
    };
    WRIT_TRY(sql_run(db, STATEMENT_HOLDER_ENROL, params, 6, &done));
    *ret_inserted = db_affected(done);
    return WRIT_SUCCESS;
}

struct writ_result holder_make_managed(struct call *call, struct db *db, struct writ_slice agent,
                                       struct writ_key *ret_key)
{
    uint8_t seed[WRIT_SEED_SIZE];
    uint8_t sealed[WRIT_SEED_SIZE + WRIT_SEAL_OVERHEAD];
    char thumbprint[THUMBPRINT_SIZE];
    struct writ_key key;
    size_t inserted = 0;
    writ_random(seed, sizeof seed);
    const struct writ_result made = writ_key_from_seed(seed, &key);
    if (writ_is_ok(made)) {
        writ_key_thumbprint(&key, thumbprint);
        keys_seal(call->service->keys, KEYS_HOLDER, writ_slice_text(thumbprint),
                  writ_slice_of(seed, sizeof seed), sealed);
    }
    writ_wipe(seed, sizeof seed);
    WRIT_TRY(made);
    WRIT_TRY(insert(call, db, agent, &key, writ_slice_of(sealed, sizeof sealed), &inserted));
    WRIT_ENSURE(inserted == 1, CONFLICT);
    *ret_key = key;
    return WRIT_SUCCESS;
}

struct writ_result holder_seed(struct call *call, struct db *db, const char *thumbprint,
                               uint8_t ret_seed[static 32])
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_cstr(thumbprint)};
    WRIT_TRY(sql_run(db, STATEMENT_HOLDER_SEALED, params, 1, &rows));
    WRIT_ENSURE(db_rows(rows) == 1, NOT_FOUND);
    const struct writ_slice sealed = db_get_bytea(rows, 0, 0);
    WRIT_ENSURE(sealed.size == WRIT_SEED_SIZE + WRIT_SEAL_OVERHEAD &&
                    keys_unseal(call->service->keys, KEYS_HOLDER, writ_slice_text(thumbprint),
                                sealed, ret_seed),
                INTERNAL);
    return WRIT_SUCCESS;
}

/* ---- Enrolment ---------------------------------------------------------------------------- */

/* Says whose the key is by now. */
static void answer_enrolled(struct call *call, struct db *db, const struct writ_key *key,
                            bool is_new)
{
    char thumbprint[THUMBPRINT_SIZE];
    SQL_RESULT row = NULL;
    writ_key_thumbprint(key, thumbprint);
    const struct writ_result result = find(db, thumbprint, &row);
    if (!writ_is_ok(result))
        call_fail_read(call, result, "");
    else if (db_rows(row) == 0)
        call_fail(call, WRIT_FORBIDDEN, "", "the agent is not registered, or retired");
    else if (!writ_slice_equal(db_get_text(row, 0, HOLDER_AGENT), call->client->agent))
        call_fail(call, WRIT_CONFLICT, "jwk", "another agent enrolled this key");
    else if (!db_is_null(row, 0, HOLDER_REVOKED_AT))
        call_fail(call, WRIT_CONFLICT, "jwk", "this key was revoked");
    else
        call_answer(call, is_new ? 201 : 200, holder_json(call, row, 0));
}

/* Each call makes another key, so a repetition under one Idempotency-Key gets the first one. */
static void enrol_managed(struct call *call, struct db *db)
{
    struct writ_key key;
    char thumbprint[THUMBPRINT_SIZE];
    SQL_RESULT row = NULL;
    struct writ_result result = db_to_result(db_begin(db));
    if (writ_is_ok(result) && !idempotency_begin(call, db, "holders"))
        return;
    if (writ_is_ok(result))
        result = holder_make_managed(call, db, call->client->agent, &key);
    if (result.status == WRIT_CONFLICT) {
        call_fail(call, WRIT_FORBIDDEN, "", "the agent is not registered, or retired");
        return;
    }
    if (writ_is_ok(result)) {
        writ_key_thumbprint(&key, thumbprint);
        result = find(db, thumbprint, &row);
    }
    if (writ_is_ok(result) && db_rows(row) != 1)
        result = WRIT_FAILURE(INTERNAL);
    if (writ_is_ok(result))
        idempotency_finish(call, db, 201, holder_json(call, row, 0));
    else
        call_fail_read(call, result, "");
}

static void enrol_self(struct call *call, struct db *db)
{
    const struct holders *holders = *http_user(call->request);
    size_t inserted = 0;
    const struct writ_result result = insert(call, db, call->client->agent, &holders->key,
                                             WRIT_SLICE_NONE, &inserted);
    if (writ_is_ok(result))
        answer_enrolled(call, db, &holders->key, inserted == 1);
    else
        call_fail_read(call, result, "");
}

static void answer_nonce(struct call *call, const struct writ_key *key, int64_t now_s)
{
    struct writ_json *answer = writ_json_new_object(call->arena);
    writ_json_put_string(call->arena, answer, "nonce", nonce_new(call, key, now_s));
    writ_json_put_integer(call->arena, answer, "expires_in", NONCE_LIFE_S);
    call_answer(call, 202, answer);
}

/* The nonce is of this caller for this key, and the key signed it. */
static bool check_proof(struct call *call, const struct writ_key *key, struct writ_slice nonce,
                        struct writ_slice proof, int64_t now_s)
{
    struct writ_denial denial = {.step = "", .hop = -1};
    const struct writ_result known = nonce_check(call, key, nonce, now_s);
    if (!writ_is_ok(known)) {
        call_fail(call, known.status, "nonce",
                  "nonce: one that was given to this client for this key, within %d seconds",
                  NONCE_LIFE_S);
        return false;
    }
    const struct writ_result verified = writ_enrol_verify(
        call->arena, key, proof, writ_slice_text(call->service->config->issuer_url), nonce, now_s,
        NONCE_LIFE_S, &denial);
    if (writ_is_ok(verified))
        return true;
    if (denial.outcome == WRIT_OK)
        denial.outcome = verified.status;
    call_deny(call, &denial, NULL);
    return false;
}

static void begin_self(struct call *call, struct holders *holders)
{
    const int64_t now_s = clock_unix_us() / 1000000;
    struct writ_slice nonce;
    struct writ_slice proof;
    const struct writ_json *jwk = NULL;
    if (!call_object(call, "jwk", true, &jwk) ||
        !call_text(call, "nonce", TEXT_MAX, false, &nonce) ||
        !call_text(call, "proof", TEXT_MAX, false, &proof))
        return;
    const struct writ_result read = writ_jwk_read(jwk, &holders->key);
    if (!writ_is_ok(read))
        call_fail(call, read.status, "jwk", "jwk: the public part of a good Ed25519 key");
    else if (!nonce.data != !proof.data)
        call_fail(call, WRIT_MALFORMED, "nonce", "nonce, proof: both, or none to get a nonce");
    else if (!nonce.data)
        answer_nonce(call, &holders->key, now_s);
    else if (check_proof(call, &holders->key, nonce, proof, now_s))
        call_read(call, enrol_self);
}

void holders_enrol(struct call *call)
{
    static const char *const SELF[] = {"custody", "jwk", "nonce", "proof", NULL};
    static const char *const MANAGED[] = {"custody", NULL};
    struct writ_slice custody;
    struct holders *holders = state_of(call);
    if (!holders || !call_only_queries(call, NULL) ||
        !call_text(call, "custody", TEXT_MAX, true, &custody))
        return;
    const bool is_managed = writ_slice_is(custody, "managed");
    if (!is_managed && !writ_slice_is(custody, "self"))
        call_fail(call, WRIT_MALFORMED, "custody", "custody: self or managed");
    else if (!call_only_members(call, is_managed ? MANAGED : SELF))
        return;
    else if (is_managed)
        call_read(call, enrol_managed);
    else
        begin_self(call, holders);
}

/* ---- Revocation --------------------------------------------------------------------------- */

static struct writ_result run_revoke(struct call *call, struct db *db,
                                     const struct holders *holders, struct db_result **ret_row)
{
    const struct db_param params[] = {
        db_cstr(holders->thumbprint),
        db_text(call->client->id),
        holders->reason.data ? db_text(holders->reason) : db_cstr(""),
    };
    WRIT_TRY(sql_run(db, STATEMENT_HOLDER_REVOKE, params, 3, ret_row));
    WRIT_ENSURE(db_rows(*ret_row) == 1, INTERNAL);
    return WRIT_SUCCESS;
}

/* An agent may revoke its own keys; an admin any, known or not: a link may be bound to a key that
 * nobody enrolled. */
static struct writ_result check_owner(struct call *call, struct db *db, const char *thumbprint)
{
    SQL_RESULT row = NULL;
    if (!is_of_agent(call))
        return WRIT_SUCCESS;
    WRIT_TRY(find(db, thumbprint, &row));
    WRIT_ENSURE(db_rows(row) == 1 &&
                    writ_slice_equal(db_get_text(row, 0, HOLDER_AGENT), call->client->agent),
                NOT_FOUND);
    return WRIT_SUCCESS;
}

static void revoke(struct call *call, struct db *db)
{
    const struct holders *holders = *http_user(call->request);
    SQL_RESULT row = NULL;
    struct writ_result result = check_owner(call, db, holders->thumbprint);
    if (writ_is_ok(result))
        result = db_to_result(db_begin(db));
    if (writ_is_ok(result)) /* before the idempotency key: the writer takes locks first, too */
        result = sql_run(db, STATEMENT_HOLDER_LOCK, NULL, 0, NULL);
    if (writ_is_ok(result) &&
        (!ended_settle(call) || !idempotency_begin(call, db, http_path(call->request))))
        return;
    if (writ_is_ok(result))
        result = run_revoke(call, db, holders, &row);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "there is no such holder");
        return;
    }
    struct writ_json *answer = writ_json_new_object(call->arena);
    ended_put(call, answer, row);
    ended_finish(call, db, answer, row);
}

/* Once revoked, a key stays so: whoever revokes it again gets the same number. */
void holders_revoke(struct call *call)
{
    static const char *const MEMBERS[] = {"reason", NULL};
    uint8_t hash[32];
    struct holders *holders = state_of(call);
    if (!holders || !call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !call_text(call, "reason", REASON_MAX, false, &holders->reason))
        return;
    const struct writ_slice thumbprint = http_parameter(call->request, "thumbprint");
    if (!writ_is_ok(writ_base64url_decode_exact(thumbprint, hash, sizeof hash))) {
        call_fail(call, WRIT_NOT_FOUND, "thumbprint", "thumbprint: base64url of a SHA-256");
        return;
    }
    writ_base64url_hash(hash, holders->thumbprint);
    call_read_first(call, revoke);
}
