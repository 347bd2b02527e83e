/* /v1/approvals: what people are asked to approve, whole, and what they sign. */
#include "endpoint/approvals.h"

#include "base/base64url.h"
#include "clock.h"
#include "endpoint/endpoints.h"
#include "endpoint/waiting.h"
#include "ledger/sql.h"
#include "token/statement.h"

#include <stdio.h>
#include <string.h>

enum { WAITING_OF_A_TASK_MAX = 20 };

struct approvals {
    struct uuid task;
    bool has_task;
    struct uuid approval;
    struct waiting waiting;
    /* A list. */
    struct writ_slice state;
    int64_t limit;
    struct uuid below;
    bool has_below;
    /* A vote. */
    struct writ_slice approver;
    struct writ_slice statement;
    const char *decision;
};

static struct approvals *state_of(struct call *call)
{
    struct approvals *approvals = writ_arena_alloc(call->arena, sizeof *approvals);
    if (!approvals)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    else
        *approvals = (struct approvals){.limit = 0};
    *http_user(call->request) = approvals;
    return approvals;
}

/* ---- Asking ------------------------------------------------------------------------------- */

static bool agents_of(struct writ_arena *arena, const struct chain *chain,
                      struct writ_slice **ret_agents, struct writ_slice **ret_holders)
{
    *ret_agents = writ_arena_array(arena, chain->count, sizeof **ret_agents);
    *ret_holders = writ_arena_array(arena, chain->count, sizeof **ret_holders);
    for (size_t i = 0; *ret_agents && *ret_holders && i < chain->count; i++) {
        (*ret_agents)[i] = chain->tokens[i].agent.data ? chain->tokens[i].agent
                                                       : WRIT_SLICE_LITERAL("");
        (*ret_holders)[i] = writ_slice_text(chain->links[i].thumbprint);
    }
    return *ret_agents && *ret_holders;
}

static struct writ_result open_in_ledger(struct call *call, struct db *db,
                                         struct decision *decision, struct db_result **ret_rows)
{
    const struct chain *chain = decision->chain;
    const struct writ_token *leaf = chain_leaf_token(chain);
    struct writ_slice *agents = NULL;
    struct writ_slice *holders = NULL;
    const struct writ_slice rules = writ_json_canonical(call->arena, decision->approval.rules);
    WRIT_ENSURE(rules.data && agents_of(call->arena, chain, &agents, &holders), OUT_OF_MEMORY);
    const int64_t until_us = decision->now_us +
                             (int64_t)call->service->config->approval_s * 1000000;
    const int64_t end_us = leaf->exp_unix_s * 1000000;
    const struct uuid id = uuid_new(decision->now_us);
    const struct db_param params[] = {
        db_uuid(chain->task.bytes),
        db_uuid(id.bytes),
        db_time(until_us < end_us ? until_us : end_us),
        db_uuid(chain_leaf(chain)->id.bytes),
        db_uuid(decision->id.bytes),
        db_text(decision->client->id),
        db_text(decision->client->audience),
        db_text(decision->tool),
        db_bytea(decision->arguments),
        db_bytea(decision->approval.bound),
        db_jsonb(rules),
        db_text_array(agents, chain->count),
        db_text_array(holders, chain->count),
        db_bytea(writ_slice_of(decision->asked_sha256, 32)),
        db_int8(WAITING_OF_A_TASK_MAX),
    };
    return sql_run(db, STATEMENT_APPROVAL_OPEN, params, sizeof params / sizeof params[0], ret_rows);
}

static struct writ_result refuse_rejected(struct decision *decision)
{
    struct writ_denial *denial = &decision->denial;
    *denial = (struct writ_denial){.outcome = WRIT_APPROVAL_INVALID, .step = "", .hop = -1};
    snprintf(denial->field, sizeof denial->field, "approval");
    snprintf(denial->detail, sizeof denial->detail, "a person rejected this call in this task");
    return WRIT_FAILURE(APPROVAL_INVALID);
}

struct writ_result approvals_ask(struct call *call, struct db *db, struct decision *decision)
{
    enum { ID, EXPIRES_AT, STATE };
    SQL_RESULT rows = NULL;
    struct uuid id;
    WRIT_TRY(open_in_ledger(call, db, decision, &rows));
    if (db_rows(rows) == 0) {
        snprintf(decision->denial.detail, sizeof decision->denial.detail,
                 "%d calls of this task wait for approval; none is asked for until one is answered",
                 WAITING_OF_A_TASK_MAX);
        return WRIT_FAILURE(RATE_LIMITED);
    }
    if (!db_get_uuid(rows, 0, ID, id.bytes))
        return refuse_rejected(decision);
    struct writ_json *approval = writ_json_new_object(call->arena);
    call_put_id(call, approval, "id", &id);
    call_put_id(call, approval, "task", &decision->chain->task);
    writ_json_put_text(call->arena, approval, "state", db_get_text(rows, 0, STATE));
    call_put_time(call, approval, "expires_at", db_get_time(rows, 0, EXPIRES_AT));
    WRIT_ENSURE(writ_json_put(call->arena, approval, "rules", decision->approval.rules),
                OUT_OF_MEMORY);
    call->approval = approval;
    return WRIT_SUCCESS;
}

/* ---- Showing ------------------------------------------------------------------------------ */

/* Columns of approval_show.sql. */
enum {
    TASK,
    ID,
    REQUESTED_AT,
    EXPIRES_AT,
    DELEGATION,
    DECISION,
    CLIENT,
    AUDIENCE,
    TOOL,
    ARGUMENTS,
    BOUND,
    DIGEST,
    STATE,
    RULES,
    OWNERS,
    VOTES,
    USED_BY
};

static void put_id(struct call *call, struct writ_json *object, const char *name,
                   const struct db_result *rows, size_t row, int column)
{
    struct uuid id;
    if (db_get_uuid(rows, row, column, id.bytes))
        call_put_id(call, object, name, &id);
}

static void put_jsonb(struct call *call, struct writ_json *object, const char *name,
                      const struct db_result *rows, int column)
{
    const struct writ_json *value = NULL;
    if (writ_is_ok(writ_json_parse(call->arena, db_get_jsonb(rows, 0, column), &value)))
        writ_json_put(call->arena, object, name, value);
}

/* What the call would do, for people: the canonical arguments, whole, line by line. They are an
 * agent's words, and marked as such. */
static void put_display(struct call *call, struct writ_json *approval, struct writ_slice arguments)
{
    const struct writ_json *args = NULL;
    struct writ_json *display = writ_json_put_object(call->arena, approval, "display");
    writ_json_put_boolean(call->arena, display, "trusted", false);
    struct writ_json *lines = writ_json_put_array(call->arena, display, "lines");
    if (!writ_is_ok(writ_json_parse(call->arena, arguments, &args)))
        return;
    for (size_t i = 0; i < args->count; i++) {
        const struct writ_slice value = writ_json_verbatim(call->arena, &args->items[i]);
        const struct writ_slice name = approvals_display(call->arena, args->names[i]);
        const struct writ_slice text = approvals_display(call->arena, value);
        struct writ_json *line = writ_json_add_object(call->arena, lines);
        writ_json_put_text(call->arena, line, "argument", name);
        writ_json_put_text(call->arena, line, "value", text);
    }
}

static struct writ_json *approval_json(struct call *call, const struct db_result *rows)
{
    struct writ_json *approval = writ_json_new_object(call->arena);
    put_id(call, approval, "id", rows, 0, ID);
    put_id(call, approval, "task", rows, 0, TASK);
    put_id(call, approval, "delegation", rows, 0, DELEGATION);
    put_id(call, approval, "decision", rows, 0, DECISION);
    put_id(call, approval, "used_by", rows, 0, USED_BY);
    writ_json_put_text(call->arena, approval, "state", db_get_text(rows, 0, STATE));
    call_put_time(call, approval, "requested_at", db_get_time(rows, 0, REQUESTED_AT));
    call_put_time(call, approval, "expires_at", db_get_time(rows, 0, EXPIRES_AT));
    writ_json_put_text(call->arena, approval, "client", db_get_text(rows, 0, CLIENT));
    writ_json_put_text(call->arena, approval, "audience", db_get_text(rows, 0, AUDIENCE));
    writ_json_put_text(call->arena, approval, "tool", db_get_text(rows, 0, TOOL));
    put_jsonb(call, approval, "rules", rows, RULES);
    put_jsonb(call, approval, "excluded", rows, OWNERS);
    put_jsonb(call, approval, "votes", rows, VOTES);
    writ_json_put_text(call->arena, approval, "bound", db_get_bytea(rows, 0, BOUND));
    call_put_bytes(call, approval, "digest", db_get_bytea(rows, 0, DIGEST));
    writ_json_put_text(call->arena, approval, "arguments", db_get_bytea(rows, 0, ARGUMENTS));
    put_display(call, approval, db_get_bytea(rows, 0, ARGUMENTS));
    return approval;
}

static struct writ_result read_one(struct call *call, struct db *db, struct approvals *approvals,
                                   struct db_result **ret_rows)
{
    if (!approvals->has_task) {
        SQL_RESULT found = NULL;
        const struct db_param id = db_uuid(approvals->approval.bytes);
        WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_FIND_TASK, &id, 1, &found));
        WRIT_ENSURE(db_rows(found) == 1 && db_get_uuid(found, 0, 0, approvals->task.bytes),
                    NOT_FOUND);
        approvals->has_task = true;
    }
    const struct db_param params[] = {db_uuid(approvals->task.bytes),
                                      db_uuid(approvals->approval.bytes)};
    WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_SHOW, params, 2, ret_rows));
    WRIT_ENSURE(db_rows(*ret_rows) == 1, NOT_FOUND);
    /* An enforcement point sees what it asked itself. */
    WRIT_ENSURE(call->client->role != ROLE_ENFORCER ||
                    writ_slice_equal(db_get_text(*ret_rows, 0, CLIENT), call->client->id),
                NOT_FOUND);
    return WRIT_SUCCESS;
}

static void show_job(struct call *call, struct db *db)
{
    struct approvals *approvals = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct writ_result result = read_one(call, db, approvals, &rows);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "there is no such approval");
        return;
    }
    const bool is_pending = writ_slice_equal(db_get_text(rows, 0, STATE),
                                             WRIT_SLICE_LITERAL("pending"));
    if (is_pending && waiting_again(call, &approvals->waiting, show_job))
        return;
    call_answer(call, 200, approval_json(call, rows));
}

void approvals_show(struct call *call)
{
    static const char *const QUERIES[] = {"task", "wait", NULL};
    struct approvals *approvals = state_of(call);
    if (approvals && call_only_queries(call, QUERIES) &&
        call_path_uuid(call, "approval", &approvals->approval) &&
        call_query_uuid(call, "task", &approvals->task, &approvals->has_task) &&
        waiting_read(call, &approvals->waiting))
        call_read(call, show_job);
}

static void list_job(struct call *call, struct db *db)
{
    enum { L_TASK, L_ID, L_REQUESTED_AT, L_EXPIRES_AT, L_DELEGATION, L_AUDIENCE, L_TOOL, L_STATE };
    const struct approvals *approvals = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        approvals->has_task ? db_uuid(approvals->task.bytes) : db_null(),
        approvals->state.data ? db_text(approvals->state) : db_null(),
        approvals->has_below ? db_uuid(approvals->below.bytes) : db_null(),
        db_int8(approvals->limit + 1), /* one more tells whether there is a next page */
    };
    const struct writ_result result = sql_run(db, STATEMENT_APPROVALS_LIST, params, 4, &rows);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "");
        return;
    }
    const size_t limit = (size_t)approvals->limit;
    const size_t count = db_rows(rows) < limit ? db_rows(rows) : limit;
    struct writ_json *page = writ_json_new_object(call->arena);
    struct writ_json *list = writ_json_new_array(call->arena);
    for (size_t i = 0; i < count; i++) {
        struct writ_json *approval = writ_json_new_object(call->arena);
        put_id(call, approval, "id", rows, i, L_ID);
        put_id(call, approval, "task", rows, i, L_TASK);
        put_id(call, approval, "delegation", rows, i, L_DELEGATION);
        writ_json_put_text(call->arena, approval, "audience", db_get_text(rows, i, L_AUDIENCE));
        writ_json_put_text(call->arena, approval, "tool", db_get_text(rows, i, L_TOOL));
        writ_json_put_text(call->arena, approval, "state", db_get_text(rows, i, L_STATE));
        call_put_time(call, approval, "requested_at", db_get_time(rows, i, L_REQUESTED_AT));
        call_put_time(call, approval, "expires_at", db_get_time(rows, i, L_EXPIRES_AT));
        writ_json_add(call->arena, list, approval);
    }
    writ_json_put(call->arena, page, "approvals", list);
    struct uuid last;
    if (db_rows(rows) > limit && db_get_uuid(rows, count - 1, L_ID, last.bytes))
        call_put_cursor(call, page, writ_slice_of(last.bytes, sizeof last.bytes));
    call_answer(call, 200, page);
}

static bool is_state(struct writ_slice word)
{
    static const char *const STATES[] = {"pending", "approved", "used", "rejected", "expired"};
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        if (writ_slice_is(word, STATES[i]))
            return true;
    return false;
}

void approvals_list(struct call *call)
{
    static const char *const QUERIES[] = {"task", "state", "limit", "cursor", NULL};
    struct approvals *approvals = state_of(call);
    struct writ_slice position;
    if (!approvals || !call_only_queries(call, QUERIES) ||
        !call_query_uuid(call, "task", &approvals->task, &approvals->has_task) ||
        !call_query_text(call, "state", &approvals->state) ||
        !call_limit(call, &approvals->limit) || !call_cursor(call, &position))
        return;
    if (approvals->state.data && !is_state(approvals->state)) {
        call_fail(call, WRIT_MALFORMED, "state",
                  "state: pending, approved, used, rejected or expired");
        return;
    }
    approvals->has_below = position.size == sizeof approvals->below;
    if (approvals->has_below)
        memcpy(approvals->below.bytes, position.data, position.size);
    call_read(call, list_job);
}

/* ---- Voting ------------------------------------------------------------------------------- */

static bool has_text(struct call *call, struct writ_slice jsonb, struct writ_slice text)
{
    const struct writ_json *list = NULL;
    if (!writ_is_ok(writ_json_parse(call->arena, jsonb, &list)))
        return true; /* then nobody counts */
    for (size_t i = 0; i < list->count; i++)
        if (writ_slice_equal(writ_json_text(&list->items[i]), text))
            return true;
    return false;
}

/* The person, by the key that was enrolled; a signature over this approval and this answer. */
static struct writ_result check_vote(struct call *call, struct db *db,
                                     const struct approvals *approvals,
                                     const struct db_result *approval, char ret_thumbprint[44],
                                     int64_t *ret_exp_unix_s, struct writ_denial *ret_denial)
{
    enum { NAME, GROUPS, PUBLIC_KEY, THUMBPRINT, CREATED_AT, RETIRED_AT };
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_cstr(""), db_int8(1), db_text(approvals->approver)};
    WRIT_TRY(sql_run(db, STATEMENT_APPROVERS_LIST, params, 3, &rows));
    struct writ_key key;
    writ_denial_set(ret_denial, WRIT_FORBIDDEN, "", "approver", "there is no such approver");
    WRIT_ENSURE(db_rows(rows) == 1 && db_is_null(rows, 0, RETIRED_AT), FORBIDDEN);
    WRIT_ENSURE(db_get_bytea(rows, 0, PUBLIC_KEY).size == sizeof key.bytes, INTERNAL);
    memcpy(key.bytes, db_get_bytea(rows, 0, PUBLIC_KEY).data, sizeof key.bytes);
    writ_denial_set(ret_denial, WRIT_FORBIDDEN, "", "approver",
                    "who owns an agent of the chain does not approve what it does");
    WRIT_ENSURE(!has_text(call, db_get_jsonb(approval, 0, OWNERS), approvals->approver), FORBIDDEN);
    char digest[44];
    char id[UUID_TEXT_SIZE];
    writ_base64url_hash(db_get_bytea(approval, 0, DIGEST).data, digest);
    uuid_text(&approvals->approval, id);
    struct writ_approval expected = {
        .id = writ_slice_text(id),
        .decision = writ_slice_text(approvals->decision),
        .digest = writ_slice_text(digest),
    };
    const struct config *config = call->service->config;
    WRIT_TRY(writ_approval_verify(call->arena, &key, approvals->statement,
                                  writ_slice_text(config->issuer_url), clock_unix_us() / 1000000,
                                  config->pop_window_s, &expected, ret_denial));
    writ_key_thumbprint(&key, ret_thumbprint);
    *ret_exp_unix_s = expected.exp_unix_s;
    return WRIT_SUCCESS;
}

static struct writ_result record_vote(struct db *db, const struct approvals *approvals,
                                      const char *thumbprint, int64_t exp_unix_s,
                                      struct writ_denial *ret_denial)
{
    SQL_RESULT rows = NULL;
    const int64_t far_s = 253402300799; /* 9999-12-31 */
    const struct db_param params[] = {
        db_uuid(approvals->task.bytes),
        db_uuid(approvals->approval.bytes),
        db_text(approvals->approver),
        db_cstr(thumbprint),
        db_cstr(approvals->decision),
        db_time((exp_unix_s < far_s ? exp_unix_s : far_s) * 1000000),
        db_bytea(approvals->statement),
    };
    WRIT_TRY(db_to_result(db_begin(db)));
    WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_VOTE, params, 7, &rows));
    writ_denial_set(ret_denial, WRIT_CONFLICT, "", "approval",
                    "the approval does not wait any more");
    WRIT_ENSURE(db_rows(rows) == 1, CONFLICT);
    writ_denial_set(ret_denial, WRIT_CONFLICT, "", "approver",
                    "this person has given another answer");
    WRIT_ENSURE(writ_slice_is(db_get_text(rows, 0, 0), approvals->decision), CONFLICT);
    WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_REJECTED, params, 2, NULL));
    return db_to_result(db_commit(db));
}

static void vote_job(struct call *call, struct db *db)
{
    struct approvals *approvals = *http_user(call->request);
    struct writ_denial denial = {.step = "", .hop = -1};
    char thumbprint[44];
    int64_t exp_unix_s = 0;
    SQL_RESULT before = NULL;
    SQL_RESULT after = NULL;
    struct writ_result result = read_one(call, db, approvals, &before);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "there is no such approval");
        return;
    }
    result = check_vote(call, db, approvals, before, thumbprint, &exp_unix_s, &denial);
    if (writ_is_ok(result))
        result = record_vote(db, approvals, thumbprint, exp_unix_s, &denial);
    if (writ_is_ok(result))
        result = read_one(call, db, approvals, &after);
    if (writ_is_ok(result)) {
        call_answer(call, 200, approval_json(call, after));
        return;
    }
    denial.outcome = result.status;
    call_deny(call, &denial, NULL);
}

static void vote(struct call *call, const char *decision)
{
    static const char *const MEMBERS[] = {"task", "approver", "statement", NULL};
    struct approvals *approvals = state_of(call);
    if (!approvals || !call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !call_path_uuid(call, "approval", &approvals->approval) ||
        !call_uuid(call, "task", false, &approvals->task, &approvals->has_task) ||
        !call_text(call, "approver", 200, true, &approvals->approver) ||
        !call_text(call, "statement", WRIT_TOKEN_SIZE_MAX, true, &approvals->statement))
        return;
    approvals->decision = decision;
    call_read(call, vote_job);
}

void approvals_approve(struct call *call)
{
    vote(call, "approve");
}

void approvals_reject(struct call *call)
{
    vote(call, "reject");
}
