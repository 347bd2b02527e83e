/* Asking people for a call that was refused for want of their approval, and who has given it. */
#include "authority/authority.h"
#include "endpoint/approvals.h"
#include "endpoint/column.h"
#include "ledger/sql.h"
#include "webhook.h"

#include <stdio.h>

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
        db_int8(APPROVALS_WAITING_MAX),
        db_bool(call->service->config->approval_webhook != NULL),
    };
    return sql_run(db, STATEMENT_APPROVAL_OPEN, params, sizeof params / sizeof params[0], ret_rows);
}

static struct writ_result refuse_rejected(struct decision *decision)
{
    writ_denial_set(&decision->denial, WRIT_APPROVAL_INVALID, "", "approval",
                    "a person rejected this call in this task");
    decision->denial.hop = -1;
    return WRIT_FAILURE(APPROVAL_INVALID);
}

struct writ_json *approvals_asked_json(struct call *call, const struct uuid *task,
                                       const struct db_result *rows, const struct writ_json *rules)
{
    struct writ_json *approval = writ_json_new_object(call->arena);
    column_put_id(call, approval, "id", rows, 0, APPROVAL_ASKED_ID);
    call_put_id(call, approval, "task", task);
    column_put_text(call, approval, "state", rows, 0, APPROVAL_ASKED_STATE);
    column_put_time(call, approval, "expires_at", rows, 0, APPROVAL_ASKED_EXPIRES_AT);
    return writ_json_put(call->arena, approval, "rules", rules) ? approval : NULL;
}

struct writ_result approvals_ask(struct call *call, struct db *db, struct decision *decision)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(open_in_ledger(call, db, decision, &rows));
    if (db_rows(rows) == 0) {
        snprintf(decision->denial.detail, sizeof decision->denial.detail,
                 "%d calls of this task wait for approval; none is asked for until one is answered",
                 APPROVALS_WAITING_MAX);
        return WRIT_FAILURE(RATE_LIMITED);
    }
    if (db_is_null(rows, 0, APPROVAL_ASKED_ID))
        return refuse_rejected(decision);
    webhook_wake(call->service->webhook);
    call->approval = approvals_asked_json(call, &decision->chain->task, rows,
                                          decision->approval.rules);
    WRIT_ENSURE(call->approval, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

/* ---- Who has given it --------------------------------------------------------------------- */

static struct writ_result take_given(struct decision *decision, struct writ_slice jsonb)
{
    struct writ_arena *arena = decision->arena;
    const struct writ_json *names = NULL;
    WRIT_TRY(writ_json_parse(arena, jsonb, &names));
    WRIT_ENSURE(writ_json_is_texts(names), INTERNAL);
    struct writ_slice *given = writ_arena_array(arena, names->count, sizeof *given);
    WRIT_ENSURE(given || names->count == 0, OUT_OF_MEMORY);
    for (size_t i = 0; i < names->count; i++)
        given[i] = names->items[i].text;
    decision->approval.given = given;
    decision->approval.given_count = names->count;
    return WRIT_SUCCESS;
}

struct writ_result approvals_read_given(struct db *db, struct decision *decision)
{
    enum { GIVEN, WAITS };
    SQL_RESULT rows = NULL;
    decision->approval.given_count = 0; /* what was read for an earlier try is over */
    decision->approval.waits = false;
    const struct db_param params[] = {
        db_uuid(decision->chain->task.bytes),
        db_uuid(decision->approval.id.bytes),
        db_uuid(chain_leaf(decision->chain)->id.bytes),
        db_text(decision->client->audience),
        db_text(decision->tool),
        db_bytea(decision->arguments),
        db_text(decision->client->id),
        decision->idempotency_key.size > 0 ? db_text(decision->idempotency_key) : db_null(),
    };
    WRIT_TRY(
        sql_run(db, STATEMENT_APPROVAL_GIVEN, params, sizeof params / sizeof params[0], &rows));
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    decision->approval.waits = db_get_bool(rows, 0, WAITS);
    return take_given(decision, db_get_jsonb(rows, 0, GIVEN));
}
