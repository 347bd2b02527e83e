/* Tasks: open with a root, list, show. */
#include "base/base64url.h"
#include "clock.h"
#include "decide/ceiling.h"
#include "decide/decide.h"
#include "decide/policy.h"
#include "endpoint/accounts.h"
#include "endpoint/continued.h"
#include "endpoint/endpoints.h"
#include "endpoint/grant.h"
#include "endpoint/idempotency.h"
#include "endpoint/node.h"
#include "ledger/account.h"
#include "ledger/sql.h"

#include <string.h>

enum { BUDGET_MAX = 256, PURPOSE_MAX = 2000, PRINCIPAL_MAX = 500, SECOND_US = 1000000 };

/* ---- Open --------------------------------------------------------------------------------- */

struct open {
    struct grant grant;
    struct writ_slice purpose;
    struct writ_slice principal;
    const struct writ_json *evidence;
    bool narrow;
    bool continues; /* `continued`: its data, and so its label, go on into this one */
    struct uuid continued;
    const struct writ_authority *granted;
    int64_t now_us;
    int64_t deadline_us;
    struct uuid task;
    struct uuid root;
    struct grant_holder holder;
    struct writ_token token;
    struct opening *accounts; /* of the root */
    size_t account_count;
};

static bool read_evidence(struct call *call, struct open *open)
{
    if (!call_object(call, "evidence", true, &open->evidence))
        return false;
    if (writ_json_text(writ_json_get(open->evidence, "type")).size > 0 &&
        writ_json_text(writ_json_get(open->evidence, "reference")).size > 0)
        return true;
    call_fail(call, WRIT_MALFORMED, "evidence", "evidence: an object with type and reference");
    return false;
}

static bool check_ceiling(struct call *call, struct open *open)
{
    const int64_t lifetime_s = open->deadline_us / SECOND_US - open->now_us / SECOND_US;
    const struct ceiling_request request = {
        .principal = open->principal,
        .audience = open->grant.audience,
        .authority = open->grant.authority,
        .terms = &open->grant.terms,
        .lifetime_s = lifetime_s,
    };
    struct writ_denial denial = {.step = "", .hop = -1};
    const struct writ_result result = ceiling_check(call->arena, call->client->ceiling, &request,
                                                    open->narrow, &open->granted, &denial);
    if (writ_is_ok(result))
        return true;
    denial.outcome = result.status;
    call_deny(call, &denial, NULL);
    return false;
}

/* After the ceiling: what the client may issue at all, and then what policies let it. Waits for
 * engines that run elsewhere. */
static bool check_policy(struct call *call, struct open *open)
{
    char *task = writ_arena_alloc(call->arena, UUID_TEXT_SIZE);
    struct writ_denial denial = {.step = "", .hop = -1};
    struct writ_result result = WRIT_FAILURE(OUT_OF_MEMORY);
    if (task) {
        uuid_text(&open->task, task);
        const struct policy_grant grant = {
            .registry = call->registry,
            .remotes = call->service->remotes,
            .now_us = open->now_us,
            .client = call->client,
            .task = {.id = writ_slice_text(task),
                     .principal = open->principal,
                     .purpose = open->purpose,
                     .deadline_us = open->deadline_us},
            .agent = open->grant.agent,
            .audience = open->grant.audience,
        };
        struct writ_json *cut = NULL;
        result = policy_check_grant(call->arena, &grant, open->granted, &open->granted,
                                    open->narrow ? &cut : NULL, &denial);
    }
    if (writ_is_ok(result))
        return true;
    denial.outcome = result.status;
    call_deny(call, &denial, NULL);
    return false;
}

/* Signs the root and reads it back through the rules that will judge it. */
static struct writ_result sign_root(struct call *call, struct open *open,
                                    struct writ_denial *ret_denial)
{
    struct service *service = call->service;
    char task[UUID_TEXT_SIZE];
    uuid_text(&open->task, task);
    struct writ_grant grant = {
        .iat_unix_s = open->now_us / SECOND_US,
        .exp_unix_s = open->deadline_us / SECOND_US,
        .max_depth = open->grant.max_depth >= 0 ? (int)open->grant.max_depth
                                                : (int)service->config->max_depth,
        .holder = open->holder.key,
        .audience = writ_json_canonical(call->arena, open->grant.audience),
        .tools = writ_authority_json(call->arena, open->granted),
        .txn = writ_slice_text(task),
        .sub = open->principal,
        .client_id = open->grant.agent,
    };
    if (open->grant.terms_json)
        grant.terms = writ_json_canonical(call->arena, open->grant.terms_json);
    writ_random(grant.random, sizeof grant.random);
    const struct writ_slice issuer = writ_slice_text(service->config->issuer_url);
    const struct writ_slice kid = writ_slice_text(keys_issuer_id(service->keys));
    struct writ_slice input;
    WRIT_TRY(writ_root_input(call->arena, issuer, kid, &grant, &input));
    uint8_t signature[64];
    keys_sign_issuer(service->keys, input, signature);
    const char *text = writ_base64url_encode(call->arena, writ_slice_of(signature, 64));
    const char *compact = text ? writ_arena_printf(call->arena, "%.*s.%s", WRIT_SLICE_ARGS(input),
                                                   text)
                               : NULL;
    WRIT_ENSURE(compact, OUT_OF_MEMORY);

    struct writ_anchor anchor = {.issuer = issuer, .kid = kid};
    memcpy(anchor.key.bytes, keys_issuer_public(service->keys), sizeof anchor.key.bytes);
    struct writ_verifier verifier = decide_verifier(service, WRIT_SLICE_NONE, open->now_us);
    verifier.anchors = &anchor;
    verifier.anchor_count = 1;
    return writ_root_verify(call->arena, &verifier, writ_slice_text(compact), &open->token,
                            ret_denial);
}

static struct writ_slice allowed_today(const struct writ_json *ceiling, struct writ_slice unit)
{
    for (size_t i = 0; ceiling && i < ceiling->count; i++)
        if (writ_slice_equal(writ_json_text(writ_json_get(&ceiling->items[i], "unit")), unit))
            return writ_json_text(writ_json_get(&ceiling->items[i], "limit"));
    return WRIT_SLICE_NONE;
}

/* All accounts of one unit together. The operator's default counts where the ceiling speaks of
 * calls, and needs no word of it otherwise. */
static struct writ_result check_unit_today(struct call *call, struct db *db,
                                           const struct open *open, const struct opening *account,
                                           struct writ_denial *ret_denial)
{
    const struct writ_json *ceiling = writ_json_get(call->client->ceiling, "budget_a_day");
    const struct writ_slice allowed = allowed_today(ceiling, account->unit);
    struct writ_slice limits[BUDGET_MAX + 1];
    size_t count = 0;
    if (!allowed.data && account->account.entry == ACCOUNT_DEFAULT)
        return WRIT_SUCCESS;
    for (size_t i = 0; i < open->account_count && count < BUDGET_MAX + 1; i++)
        if (writ_slice_equal(open->accounts[i].unit, account->unit))
            limits[count++] = open->accounts[i].granted;
    const struct db_param params[] = {db_text(call->client->id), db_text(account->unit),
                                      db_text_array(limits, count),
                                      db_text(allowed.data ? allowed : WRIT_SLICE_LITERAL("0"))};
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_CLIENT_BUDGET_TODAY, params, 4, &rows));
    if (db_rows(rows) == 1 && db_get_bool(rows, 0, 0))
        return WRIT_SUCCESS;
    writ_denial_set(ret_denial, WRIT_CEILING_EXCEEDED, "", "terms.budget",
                    "the client's budget of today for %.*s does not allow this",
                    WRIT_SLICE_ARGS(account->unit));
    return WRIT_FAILURE(CEILING_EXCEEDED);
}

static struct writ_result check_budget_today(struct call *call, struct db *db, struct open *open,
                                             struct writ_denial *ret_denial)
{
    WRIT_TRY(account_open_root(call->arena, &open->task, &open->root, &open->token,
                               call->service->config->default_budget_calls, &open->accounts,
                               &open->account_count));
    for (size_t i = 0; i < open->account_count; i++)
        WRIT_TRY(check_unit_today(call, db, open, &open->accounts[i], ret_denial));
    return WRIT_SUCCESS;
}

static struct writ_result check_open_tasks(struct call *call, struct db *db,
                                           struct writ_denial *ret_denial)
{
    const struct db_param client = db_text(call->client->id);
    WRIT_TRY(sql_run(db, STATEMENT_CLIENT_ISSUES_ALONE, &client, 1, NULL));
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_CLIENT_OPEN_TASKS, &client, 1, &rows));
    const int64_t allowed = ceiling_open_tasks(call->client->ceiling);
    if (db_rows(rows) == 1 && db_get_int8(rows, 0, 0) < allowed)
        return WRIT_SUCCESS;
    writ_denial_set(ret_denial, WRIT_CEILING_EXCEEDED, "", "open_tasks",
                    "the client has as many open tasks as it may: %lld", (long long)allowed);
    return WRIT_FAILURE(CEILING_EXCEEDED);
}

static struct writ_result insert_task(struct call *call, struct db *db, const struct open *open)
{
    const struct writ_slice evidence = writ_json_canonical(call->arena, open->evidence);
    WRIT_ENSURE(evidence.data, OUT_OF_MEMORY);
    const struct db_param params[] = {db_uuid(open->task.bytes),  db_text(open->principal),
                                      db_text(open->purpose),     db_jsonb(evidence),
                                      db_time(open->deadline_us), db_text(call->client->id),
                                      db_time(open->now_us)};
    return sql_run(db, STATEMENT_TASK_INSERT, params, 7, NULL);
}

static struct writ_result insert_root(struct call *call, struct db *db, const struct open *open)
{
    const struct writ_token *token = &open->token;
    char thumbprint[44];
    writ_key_thumbprint(&token->holder, thumbprint);
    const struct writ_slice terms = writ_json_canonical(
        call->arena, writ_effective_json(call->arena, &token->effective));
    const struct writ_slice authority = writ_authority_json(call->arena, token->authority);
    const struct writ_slice audience = writ_json_canonical(call->arena, token->audience);
    WRIT_ENSURE(terms.data && authority.data && audience.data, OUT_OF_MEMORY);
    const struct db_param params[] = {
        db_uuid(open->task.bytes),
        db_uuid(open->root.bytes),
        db_int8(token->max_depth),
        db_time(token->iat_unix_s * SECOND_US),
        db_time(token->exp_unix_s * SECOND_US),
        db_bytea(authority),
        db_bytea(terms),
        db_bytea(writ_slice_of(token->hash, 32)),
        db_cstr(thumbprint),
        db_bytea(token->compact),
        db_text(token->jti),
        db_text(token->agent),
        db_jsonb(audience),
        open->holder.managed ? db_bytea(writ_slice_of(open->holder.handle_sha256, 32)) : db_null(),
        db_text(call->client->id),
        db_int8(call->service->config->lease_s),
    };
    return sql_run(db, STATEMENT_OPEN_ROOT, params, sizeof params / sizeof params[0], NULL);
}

static struct writ_json *task_node(struct call *call, const struct open *open)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *task = writ_json_new_object(arena);
    call_put_id(call, task, "id", &open->task);
    writ_json_put_text(arena, task, "principal", open->principal);
    writ_json_put_text(arena, task, "purpose", open->purpose);
    writ_json_put_string(arena, task, "state", "open");
    call_put_time(call, task, "deadline", open->deadline_us);
    writ_json_put_text(arena, task, "opened_by", call->client->id);
    call_put_time(call, task, "opened_at", open->now_us);
    return call_put_id(call, task, "root", &open->root) ? task : NULL;
}

static struct writ_result do_open(struct call *call, struct db *db, struct open *open,
                                  struct writ_denial *ret_denial)
{
    WRIT_TRY(check_open_tasks(call, db, ret_denial));
    WRIT_TRY(grant_take_holder(call, db, &open->grant, false, &open->holder, ret_denial));
    WRIT_TRY(sign_root(call, open, ret_denial));
    WRIT_TRY(check_budget_today(call, db, open, ret_denial));
    WRIT_TRY(insert_task(call, db, open));
    if (open->continues)
        WRIT_TRY(continued_carry(call, db, &open->continued, &open->task, ret_denial));
    WRIT_TRY(insert_root(call, db, open));
    return account_open(db, open->accounts, open->account_count);
}

static void open_job(struct call *call, struct db *db)
{
    struct open *open = *http_user(call->request);
    /* Before the transaction: nobody's lock is held while engines are waited for. */
    if (!check_policy(call, open))
        return;
    if (db_begin(db) != DB_OK) {
        call_fail(call, WRIT_STATUS_UNKNOWN, "", "the database does not answer");
        return;
    }
    if (open->continues && !writ_is_ok(continued_lock(db, &open->continued))) {
        call_fail(call, WRIT_STATUS_UNKNOWN, "", "the task that it continues could not be locked");
        return;
    }
    if (!idempotency_begin(call, db, "tasks"))
        return;
    struct writ_denial denial = {.step = "", .hop = -1};
    const struct writ_result result = do_open(call, db, open, &denial);
    if (!writ_is_ok(result)) {
        denial.outcome = result.status;
        call_deny(call, &denial, NULL);
        return;
    }
    struct writ_json *node = grant_node(call, &open->task, &open->root, NULL, &open->token,
                                        open->holder.managed);
    struct writ_json *answer = grant_answer(call, node, &open->token, &open->holder,
                                            open->narrow ? open->grant.authority : NULL);
    struct writ_json *task = task_node(call, open);
    const bool complete = task && writ_json_put(call->arena, answer, "task", task);
    idempotency_finish(call, db, 201, complete ? answer : NULL);
}

void tasks_open(struct call *call)
{
    static const char *const MEMBERS[] = {
        "purpose", "principal", "evidence", "narrow",     "authority", "grant",     "terms",
        "agent",   "holder",    "audience", "expires_in", "max_depth", "continues", NULL};
    struct open *open = writ_arena_alloc(call->arena, sizeof *open);
    if (!open) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_members(call, MEMBERS) || !grant_read(call, &open->grant) ||
        !call_text(call, "purpose", PURPOSE_MAX, true, &open->purpose) ||
        !call_text(call, "principal", PRINCIPAL_MAX, true, &open->principal) ||
        !call_uuid(call, "continues", false, &open->continued, &open->continues) ||
        !read_evidence(call, open) || !call_boolean(call, "narrow", false, &open->narrow))
        return;
    const struct config *config = call->service->config;
    if (!open->grant.audience) {
        call_fail(call, WRIT_MALFORMED, "audience", "audience: where the tools are called");
        return;
    }
    if (open->grant.max_depth > (int64_t)config->max_depth) {
        call_fail(call, WRIT_DEPTH_INVALID, "max_depth", "max_depth: at most %u here",
                  config->max_depth);
        return;
    }
    if (open->grant.expires_in_s > (int64_t)config->max_lifetime_s) {
        call_fail(call, WRIT_CEILING_EXCEEDED, "expires_in", "expires_in: at most %u s here",
                  config->max_lifetime_s);
        return;
    }
    const int64_t lifetime_s = open->grant.expires_in_s > 0 ? open->grant.expires_in_s
                                                            : (int64_t)config->max_lifetime_s;
    open->now_us = clock_unix_us();
    /* Whole seconds, as `exp` is: the deadline is the root's last. */
    open->deadline_us = (open->now_us / SECOND_US + lifetime_s) * SECOND_US;
    open->task = uuid_new(open->now_us);
    open->root = uuid_new(open->now_us);
    if (!check_ceiling(call, open))
        return;
    *http_user(call->request) = open;
    call_read(call, open_job);
}

/* ---- List and show ------------------------------------------------------------------------ */

static void list_job(struct call *call, struct db *db)
{
    const struct writ_slice state = http_query(call->request, "state");
    struct writ_slice principal;
    struct writ_slice position;
    int64_t limit = 0;
    if (!call_query_text(call, "principal", &principal) || !call_limit(call, &limit) ||
        !call_cursor(call, &position))
        return;
    struct uuid before;
    const bool has_before = position.size == sizeof before.bytes;
    if (has_before)
        memcpy(before.bytes, position.data, sizeof before.bytes);
    const bool own_only = call->client->role == ROLE_ISSUER;
    const struct db_param params[] = {
        db_text(state),
        db_text(principal),
        own_only ? db_text(call->client->id) : db_null(),
        has_before ? db_uuid(before.bytes) : db_null(),
        db_int8(limit + 1),
    };
    SQL_RESULT rows = NULL;
    const struct writ_result result = sql_run(db, STATEMENT_TASK_LIST, params, 5, &rows);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the tasks could not be read");
        return;
    }
    struct writ_json *page = writ_json_new_object(call->arena);
    struct writ_json *tasks = writ_json_new_array(call->arena);
    struct uuid last;
    for (size_t i = 0; i < db_rows(rows) && i < (size_t)limit; i++) {
        (void)db_get_uuid(rows, i, 0, last.bytes);
        struct writ_json *task = NULL;
        if (!writ_is_ok(node_task(call, db, &last, &task)) || !task)
            continue;
        writ_json_add(call->arena, tasks, task);
    }
    if (db_rows(rows) > (size_t)limit)
        call_put_cursor(call, page, writ_slice_of(last.bytes, sizeof last.bytes));
    call_answer(call, 200, writ_json_put(call->arena, page, "tasks", tasks) ? page : NULL);
}

void tasks_list(struct call *call)
{
    static const char *const QUERIES[] = {"state", "principal", "limit", "cursor", NULL};
    static const char *const STATES[] = {"open", "completed", "cancelled", "expired"};
    const struct writ_slice state = http_query(call->request, "state");
    bool known = !state.data;
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        known = known || writ_slice_is(state, STATES[i]);
    if (!call_only_queries(call, QUERIES))
        return;
    if (!known) {
        call_fail(call, WRIT_MALFORMED, "state", "state: open, completed, cancelled or expired");
        return;
    }
    call_read(call, list_job);
}

static void show_job(struct call *call, struct db *db)
{
    const struct uuid *task = *http_user(call->request);
    struct writ_json *node = NULL;
    struct uuid root;
    struct writ_result result = node_may_see(call, db, task);
    if (writ_is_ok(result))
        result = node_task(call, db, task, &node);
    if (writ_is_ok(result))
        result = node_root(call, db, task, &root);
    if (writ_is_ok(result))
        result = accounts_put(call, db, task, &root, node);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "task", "no such task, or not one that you may see");
        return;
    }
    call_answer(call, 200, node);
}

void tasks_show(struct call *call)
{
    struct uuid *task = writ_arena_alloc(call->arena, sizeof *task);
    if (!task) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_path_uuid(call, "task", task))
        return;
    *http_user(call->request) = task;
    call_read(call, show_job);
}
