/* What people sign: approve and reject. */
#include "base/base64url.h"
#include "clock.h"
#include "endpoint/approvals.h"
#include "endpoint/endpoints.h"
#include "ledger/sql.h"
#include "token/statement.h"
#include "webhook.h"

#include <string.h>

struct vote {
    struct approval_name name;
    struct writ_slice approver;
    struct writ_slice statement;
    const char *decision;
};

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
static struct writ_result check_vote(struct call *call, struct db *db, const struct vote *vote,
                                     const struct db_result *approval, char ret_thumbprint[44],
                                     int64_t *ret_exp_unix_s, struct writ_denial *ret_denial)
{
    enum { NAME, GROUPS, PUBLIC_KEY, THUMBPRINT, CREATED_AT, RETIRED_AT };
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_cstr(""), db_int8(1), db_text(vote->approver)};
    WRIT_TRY(sql_run(db, STATEMENT_APPROVERS_LIST, params, 3, &rows));
    struct writ_key key;
    writ_denial_set(ret_denial, WRIT_FORBIDDEN, "", "approver", "there is no such approver");
    WRIT_ENSURE(db_rows(rows) == 1 && db_is_null(rows, 0, RETIRED_AT), FORBIDDEN);
    WRIT_ENSURE(db_get_bytea(rows, 0, PUBLIC_KEY).size == sizeof key.bytes, INTERNAL);
    memcpy(key.bytes, db_get_bytea(rows, 0, PUBLIC_KEY).data, sizeof key.bytes);
    writ_denial_set(ret_denial, WRIT_FORBIDDEN, "", "approver",
                    "who owns an agent of the chain does not approve what it does");
    WRIT_ENSURE(!has_text(call, db_get_jsonb(approval, 0, APPROVAL_OWNERS), vote->approver),
                FORBIDDEN);
    char digest[44];
    char id[UUID_TEXT_SIZE];
    writ_base64url_hash(db_get_bytea(approval, 0, APPROVAL_DIGEST).data, digest);
    uuid_text(&vote->name.id, id);
    struct writ_approval expected = {
        .id = writ_slice_text(id),
        .decision = writ_slice_text(vote->decision),
        .digest = writ_slice_text(digest),
    };
    const struct config *config = call->service->config;
    WRIT_TRY(writ_approval_verify(call->arena, &key, vote->statement,
                                  writ_slice_text(config->issuer_url), clock_unix_us() / 1000000,
                                  config->pop_window_s, &expected, ret_denial));
    writ_key_thumbprint(&key, ret_thumbprint);
    *ret_exp_unix_s = expected.exp_unix_s;
    return WRIT_SUCCESS;
}

static struct writ_result record_vote(struct db *db, const struct vote *vote,
                                      const char *thumbprint, int64_t exp_unix_s,
                                      struct writ_denial *ret_denial)
{
    enum { IS_ASKED, DECISION };
    SQL_RESULT rows = NULL;
    const int64_t far_s = 253402300799; /* 9999-12-31 */
    const struct db_param params[] = {
        db_uuid(vote->name.task.bytes),
        db_uuid(vote->name.id.bytes),
        db_text(vote->approver),
        db_cstr(thumbprint),
        db_cstr(vote->decision),
        db_time((exp_unix_s < far_s ? exp_unix_s : far_s) * 1000000),
        db_bytea(vote->statement),
    };
    /* One after the other: of two last votes of a quorum at once neither would see the other, and
     * nobody would be told that it is decided. */
    WRIT_TRY(db_to_result(db_begin(db)));
    WRIT_TRY(sql_run(db, STATEMENT_LOCK_TASK_ALONE, params, 1, NULL));
    WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_VOTE, params, 7, &rows));
    writ_denial_set(ret_denial, WRIT_FORBIDDEN, "", "approver", "no rule asks this person");
    WRIT_ENSURE(db_rows(rows) == 1 && db_get_bool(rows, 0, IS_ASKED), FORBIDDEN);
    writ_denial_set(ret_denial, WRIT_CONFLICT, "", "approval",
                    "the approval does not wait any more");
    WRIT_ENSURE(!db_is_null(rows, 0, DECISION), CONFLICT);
    writ_denial_set(ret_denial, WRIT_CONFLICT, "", "approver",
                    "this person has given another answer");
    WRIT_ENSURE(writ_slice_is(db_get_text(rows, 0, DECISION), vote->decision), CONFLICT);
    WRIT_TRY(sql_run(db, STATEMENT_APPROVAL_REJECTED, params, 2, NULL));
    WRIT_TRY(sql_run(db, STATEMENT_NOTICE_DECIDED, params, 2, NULL));
    return db_to_result(db_commit(db));
}

static void vote_job(struct call *call, struct db *db)
{
    struct vote *vote = *http_user(call->request);
    struct writ_denial denial = {.step = "", .hop = -1};
    char thumbprint[44];
    int64_t exp_unix_s = 0;
    SQL_RESULT before = NULL;
    SQL_RESULT after = NULL;
    struct writ_result result = approvals_read(call, db, &vote->name, &before);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "there is no such approval");
        return;
    }
    result = check_vote(call, db, vote, before, thumbprint, &exp_unix_s, &denial);
    if (writ_is_ok(result))
        result = record_vote(db, vote, thumbprint, exp_unix_s, &denial);
    if (writ_is_ok(result))
        webhook_wake(call->service->webhook);
    if (writ_is_ok(result))
        result = approvals_read(call, db, &vote->name, &after);
    if (writ_is_ok(result)) {
        call_answer(call, 200, approvals_json(call, after));
        return;
    }
    denial.outcome = result.status;
    call_deny(call, &denial, NULL);
}

static void take(struct call *call, const char *decision)
{
    static const char *const MEMBERS[] = {"task", "approver", "statement", NULL};
    struct vote *vote = writ_arena_alloc(call->arena, sizeof *vote);
    if (!vote) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    *vote = (struct vote){.decision = decision};
    *http_user(call->request) = vote;
    if (!call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !call_path_uuid(call, "approval", &vote->name.id) ||
        !call_uuid(call, "task", false, &vote->name.task, &vote->name.has_task) ||
        !call_text(call, "approver", 200, true, &vote->approver) ||
        !call_text(call, "statement", WRIT_TOKEN_SIZE_MAX, true, &vote->statement))
        return;
    call_read(call, vote_job);
}

void approvals_approve(struct call *call)
{
    take(call, "approve");
}

void approvals_reject(struct call *call)
{
    take(call, "reject");
}
