#include "endpoint/judge.h"

#include "clock.h"
#include "decide/approval.h"
#include "decide/friction.h"
#include "decide/policy.h"
#include "decide/recording.h"
#include "decide/seen.h"
#include "endpoint/approvals.h"
#include "endpoint/permit.h"
#include "ledger/label.h"
#include "ledger/refusals.h"
#include "ledger/sql.h"
#include "ledger/view.h"
#include "log.h"
#include "metrics.h"
#include "postgres/pool.h"

#include <stdlib.h>
#include <string.h>

/* ---- The end ------------------------------------------------------------------------------ */

static void log_decision(const struct decision *decision)
{
    char task[UUID_TEXT_SIZE];
    uuid_text(&decision->presented.task, task);
    log_debug("decision", LOG_TEXT("task", task),
              LOG_TEXT("outcome", decision->denial.outcome == WRIT_OK
                                      ? "permit"
                                      : writ_status_code(decision->denial.outcome)),
              LOG_INT("us", clock_unix_us() - decision->now_us));
}

static void finish(struct judge *judge)
{
    log_decision(&judge->decision);
    judge->decision.chain = chain_release(judge->decision.chain);
}

static void permit(struct judge *judge)
{
    const struct writ_slice permit = permit_text(judge);
    metrics_count_permit(judge->call->service->metrics);
    finish(judge);
    judge->permitted(judge, permit);
}

static void deny(struct judge *judge, bool recorded)
{
    char id[UUID_TEXT_SIZE];
    uuid_text(&judge->decision.id, id);
    finish(judge);
    judge->denied(judge, recorded ? id : NULL);
}

/* What the service could not do is no judgement of the use; it denies all the same. */
static void fail(struct judge *judge, enum writ_status status, const char *detail)
{
    struct writ_denial *denial = &judge->decision.denial;
    writ_denial_set(denial, status, "", "", "%s", detail);
    denial->hop = -1;
    deny(judge, false);
}

/* Where it begins again (below). */
static void load_and_judge(struct db *db, void *context);

/* ---- Record ------------------------------------------------------------------------------- */

/* What the statement decided is in the ledger; what kept it from running is not. */
static bool is_recorded(enum writ_status outcome)
{
    return outcome != WRIT_STATUS_UNKNOWN && outcome != WRIT_INTERNAL && outcome != WRIT_CONFLICT;
}

/* Asks people, where it can; the denial stands either way. */
static void ask_in_ledger(struct db *db, void *context)
{
    struct judge *judge = context;
    struct decision *decision = &judge->decision;
    const struct writ_result asked = db ? approvals_ask(judge->call, db, decision)
                                        : WRIT_FAILURE(STATUS_UNKNOWN);
    if (asked.status == WRIT_APPROVAL_INVALID) {
        /* A person's no is in the ledger for the whole task; here from now on, too. */
        struct record_friction rejected = judge->record.friction;
        rejected.stays = true;
        rejected.held_at = decision->chain->links[0].id;
        friction_keep(decision, &rejected, &decision->denial);
    }
    deny(judge, true);
}

/* The refusal is in the ledger; what it asks for is next. */
static void ask_approval(struct judge *judge)
{
    const struct writ_result submitted = pool_submit(judge->call->service->pool, ask_in_ledger,
                                                     judge);
    if (!writ_is_ok(submitted))
        deny(judge, true);
}

/* The same where the ledger is who asks: for an approval that waits, or for data of a task that has
 * become restricted, which no rule of the chain names. */
static void ask_for_ledger(struct judge *judge)
{
    struct decision *decision = &judge->decision;
    const bool is_of_label = strcmp(decision->denial.field, "label") == 0;
    const bool has_rule = !is_of_label || writ_is_ok(approval_add_label_rule(decision));
    if (has_rule && decision->approval.rules->count > 0)
        ask_approval(judge);
    else
        deny(judge, true);
}

/* What the ledger says of the task's label is where its next reads begin. */
static void learn_label(const struct judge *judge, const struct writ_json *json, bool settled)
{
    struct writ_label label;
    if (json && writ_is_ok(writ_label_read(judge->decision.arena, json, &label)))
        __atomic_store_n(&judge->decision.chain->label_known,
                         label_known(&label, settled, judge->asked_us), __ATOMIC_RELEASE);
}

/* What the operator's default had left, for reads that are answered from memory; where that is not
 * known, they are not. */
static void keep_calls_left(const struct decision *decision)
{
    for (size_t i = 0; i < decision->debit_count; i++) {
        const struct debit *debit = &decision->debits[i];
        if (debit->account.entry != ACCOUNT_DEFAULT)
            continue;
        const long long left = debit->remaining ? strtoll(debit->remaining, NULL, 10) : 0;
        __atomic_store_n(&decision->chain->calls_left, left, __ATOMIC_RELEASE);
    }
}

/* The denial was to be written; what it leaves behind was written with it. */
static void on_denied(struct judge *judge)
{
    struct record *record = &judge->record;
    struct decision *decision = &judge->decision;
    const bool is_written = record->item.denial.outcome == WRIT_OK;
    if (is_written)
        friction_keep(decision, &record->friction, &record->denied);
    else if (!record->friction.is_decided)
        decision->denial = record->item.denial;
    if (is_written && record->opened)
        view_wake(decision->service->view);
    if (is_written && decision->denial.outcome == WRIT_APPROVAL_REQUIRED)
        ask_approval(judge);
    else
        deny(judge, is_written || record->friction.is_decided);
}

/* What the ledger denied leaves behind the same as what memory did. False: nothing to write. */
static bool submit_friction(struct judge *judge)
{
    struct record *record = &judge->record;
    record->friction = friction_of(&judge->decision, &record->item.denial);
    record->friction.is_decided = true;
    record->denied = record->item.denial;
    return record->friction.stays &&
           writ_is_ok(record_submit(record, judge->call->service->writer));
}

/* How often policies judge anew, before it is said that nobody knows. */
enum { ANEW_MAX = 3 };

/* From the top, by the label that there is now: the ledger is asked for it. */
static bool judge_anew(struct judge *judge)
{
    struct decision *decision = &judge->decision;
    __atomic_store_n(&decision->chain->label_known, 0, __ATOMIC_RELEASE);
    decision->passed = 0;
    decision->is_told = false;
    decision->now_us = clock_unix_us();
    return writ_is_ok(pool_submit(judge->call->service->pool, load_and_judge, judge));
}

/* The same proof or key came twice at the same time, here or at another service, and the other one
 * was faster: what became of it is there now, and is judged by. Or the label is another than was
 * believed: what policies said by it is nothing. */
static bool try_again(struct judge *judge)
{
    struct record *record = &judge->record;
    const bool is_by_label = record->judged_label.data != NULL;
    if (record->denied.outcome != WRIT_OK || record->item.denial.outcome != WRIT_CONFLICT ||
        judge->tries == (is_by_label ? ANEW_MAX : 1))
        return false;
    judge->tries++;
    if (is_by_label)
        return judge_anew(judge);
    record->may_raise = true; /* or the label is lower than was believed */
    judge->asked_us = clock_monotonic_us();
    return writ_is_ok(record_submit(record, judge->call->service->writer));
}

static void on_recorded(struct record *record)
{
    struct judge *judge = record->context;
    struct decision *decision = &judge->decision;
    if (try_again(judge))
        return;
    if (record->judged_label.data && record->item.denial.outcome == WRIT_CONFLICT)
        writ_denial_set(
            &record->item.denial, WRIT_STATUS_UNKNOWN, "", "",
            "the label of the task is another each time that policies have judged by it");
    if (record->mismatched) {
        decision->denial = (struct writ_denial){.outcome = WRIT_IDEMPOTENCY_MISMATCH,
                                                .step = "",
                                                .hop = -1,
                                                .field = "Idempotency-Key"};
        deny(judge, false);
        return;
    }
    if (record->denied.outcome != WRIT_OK) {
        on_denied(judge);
        return;
    }
    if (record->item.denial.outcome == WRIT_APPROVAL_REQUIRED) {
        decision->denial = record->item.denial;
        ask_for_ledger(judge);
        return;
    }
    if (record->item.denial.outcome != WRIT_OK) {
        decision->denial = record->item.denial;
        if (!submit_friction(judge))
            deny(judge, is_recorded(decision->denial.outcome));
        return;
    }
    learn_label(judge, record->label, record->label_settled);
    keep_calls_left(decision);
    /* Leases were renewed in the ledger; the next one reads them again. */
    if (__atomic_load_n(&decision->chain->lease_until_us, __ATOMIC_ACQUIRE) <= clock_monotonic_us())
        chain_forget(decision->chain);
    if (record->repeated) {
        decision->id = record->earlier_id;
        decision->repeated = true;
    }
    permit(judge);
}

static void submit(struct judge *judge)
{
    struct record *record = &judge->record;
    record->done = on_recorded;
    record->context = judge;
    judge->asked_us = clock_monotonic_us();
    const struct writ_result result = record_submit(record, judge->call->service->writer);
    if (!writ_is_ok(result))
        fail(judge, result.status, "the decision could not be recorded");
}

/* ---- Buffered reads ----------------------------------------------------------------------- */

/* Reads that are answered and not yet counted may be as many as this, in all services together,
 * before the operator's default is overspent. */
enum { CALLS_KEPT_BACK = 256 };

/* One call off what memory knows of the operator's default. False: it may be the last ones, so the
 * ledger counts. The first call of a chain finds nothing known. */
static bool take_call(struct decision *decision)
{
    struct chain *chain = decision->chain;
    const int64_t left = __atomic_sub_fetch(&chain->calls_left, 1, __ATOMIC_ACQ_REL);
    if (left < CALLS_KEPT_BACK || decision->debit_count != 1)
        return false;
    decision->debits[0].remaining = writ_arena_printf(decision->arena, "%lld", (long long)left);
    return decision->debits[0].remaining != NULL;
}

/* A read that the registry lets answer before it is durable: from memory alone, while that is
 * within its bound, whether the database is there or not, and only while the line's leases are
 * known to hold: one that looks lapsed here is read again before it denies. And only where it can
 * be recorded, and the operator's default of calls is far from spent; never with an approval, which
 * is the ledger's to judge and to spend, nor by policies that look at the label, which may be
 * higher than memory knows. False: take the durable way. */
static bool answer_from_memory(struct judge *judge)
{
    struct decision *decision = &judge->decision;
    struct service *service = decision->service;
    const int64_t lease = __atomic_load_n(&decision->chain->lease_until_us, __ATOMIC_ACQUIRE);
    const int64_t label = __atomic_load_n(&decision->chain->label_known, __ATOMIC_ACQUIRE);
    if (decision->approval.presented || decision->idempotency_key.size > 0 ||
        judge->record.judged_label.data || lease <= clock_monotonic_us() ||
        !label_holds(label, &decision->registered->sensitivity, clock_monotonic_us()) ||
        decision->partitions_until_us <= decision->now_us || !take_call(decision))
        return false;
    if (!writ_is_ok(record_submit_copy(&judge->record, decision->chain, service->writer)))
        return false;
    permit(judge);
    return true;
}

/* ---- The beginning ------------------------------------------------------------------------ */

static void run(struct judge *judge)
{
    struct decision *decision = &judge->decision;
    struct call *call = judge->call;
    const struct writ_result result = decide_judge(decision);
    if (decision->waits) {
        decide_wait(decision);
        return;
    }
    if (!decision->refused_before)
        decision->id = uuid_new(decision->now_us);
    if (result.status == WRIT_CIRCUIT_OPEN) {
        /* The circuit's own row says why; what runs against it leaves a count. It is not dear to
         * the enforcement point, which is not the one that is stopped. */
        refusals_count(call->service->refusals, call->client->id, WRIT_CIRCUIT_OPEN);
        deny(judge, false);
        return;
    }
    if (!writ_is_ok(result) && (!decision->possessed || result.status == WRIT_STATUS_UNKNOWN)) {
        /* Says nothing about the grant, and leaves a count (W7). */
        call_count_refusal(call, decision->denial.outcome);
        deny(judge, false);
        return;
    }
    if (!recording_of(decision, &judge->record)) {
        fail(judge, WRIT_OUT_OF_MEMORY, "the decision could not be recorded");
        return;
    }
    if (writ_is_ok(result) && decision->buffered && answer_from_memory(judge))
        return;
    decision->buffered = judge->record.buffered = false;
    judge->record.may_raise |= judge->tries > 0;
    decision->staleness_us = 0;
    submit(judge);
}

static void go_on(struct decision *decision)
{
    run(decision->context);
}

/* `unregistered = admit`: links that were derived offline are admitted before they are judged. */
static struct writ_result find_chain(struct judge *judge, struct db *db)
{
    struct decision *decision = &judge->decision;
    struct chains *chains = decision->service->chains;
    const struct writ_result result = chain_load(chains, db, &decision->presented.task,
                                                 decision->presented.leaf_hash, &decision->chain);
    if (result.status != WRIT_UNREGISTERED)
        return result;
    if (decision->service->config->admit_unregistered && decision->presented.compacts)
        return seen_admit(decision, db);
    return WRIT_SUCCESS; /* the first check says it */
}

static bool is_in_memory(struct judge *judge)
{
    struct decision *decision = &judge->decision;
    if (!decision->chain)
        decision->chain = chain_find(decision->service->chains, &decision->presented.task,
                                     decision->presented.leaf_hash);
    return decision->chain != NULL;
}

/* Policies that look at who has approved, or at the label, are told what the ledger says: of a call
 * that came with an approval, and of a task whose label memory does not know. */
static bool asks_who_approved(const struct judge *judge)
{
    return judge->decision.approval.presented && policy_looks_at_approvals(&judge->decision);
}

static bool asks_for_label(const struct judge *judge)
{
    struct chain *chain = judge->decision.chain;
    return policy_looks_at_label(&judge->decision) &&
           !label_is_fresh(__atomic_load_n(&chain->label_known, __ATOMIC_ACQUIRE),
                           clock_monotonic_us());
}

static struct writ_result read_label(struct judge *judge, struct db *db)
{
    enum { LABEL, SETTLED };
    SQL_RESULT rows = NULL;
    const struct writ_json *json = NULL;
    struct decision *decision = &judge->decision;
    const struct db_param task = db_uuid(decision->chain->task.bytes);
    judge->asked_us = clock_monotonic_us();
    WRIT_TRY(sql_run(db, STATEMENT_LABEL_NOW, &task, 1, &rows));
    WRIT_TRY(writ_json_parse(decision->arena, db_get_jsonb(rows, 0, LABEL), &json));
    learn_label(judge, json, db_get_bool(rows, 0, SETTLED));
    return WRIT_SUCCESS;
}

static struct writ_result read_from_ledger(struct judge *judge, struct db *db)
{
    struct decision *decision = &judge->decision;
    if (!decision->chain)
        return WRIT_SUCCESS; /* the first check says it */
    if (asks_who_approved(judge))
        WRIT_TRY(approvals_read_given(db, decision));
    return asks_for_label(judge) ? read_label(judge, db) : WRIT_SUCCESS;
}

static void read_and_run(struct judge *judge, struct db *db)
{
    const struct writ_result read = read_from_ledger(judge, db);
    if (writ_is_ok(read))
        run(judge);
    else
        fail(judge, read.status, "what policies look at could not be read");
}

void judge_use_with(struct judge *judge, struct db *db)
{
    struct decision *decision = &judge->decision;
    const bool is_known = is_in_memory(judge);
    if (!db && (!is_known || asks_who_approved(judge) || asks_for_label(judge))) {
        fail(judge, WRIT_STATUS_UNKNOWN, "the database does not answer");
        return;
    }
    const struct writ_result result = is_known ? WRIT_SUCCESS : find_chain(judge, db);
    if (writ_is_ok(result)) {
        read_and_run(judge, db);
        return;
    }
    if (decision->denial.outcome == WRIT_OK)
        decision->denial.outcome = result.status;
    call_count_refusal(judge->call, decision->denial.outcome);
    deny(judge, false);
}

static void load_and_judge(struct db *db, void *context)
{
    judge_use_with(context, db);
}

void judge_use(struct judge *judge)
{
    if (is_in_memory(judge) && !asks_who_approved(judge) && !asks_for_label(judge)) {
        run(judge);
        return;
    }
    const struct writ_result submitted = pool_submit(judge->call->service->pool, load_and_judge,
                                                     judge);
    if (!writ_is_ok(submitted))
        fail(judge, submitted.status, "too many requests wait for the database");
}

void judge_init(struct judge *judge, struct call *call)
{
    *judge = (struct judge){.call = call};
    judge->decision = (struct decision){
        .service = call->service,
        .arena = call->arena,
        .registry = call->registry,
        .client = call->client,
        .now_us = clock_unix_us(),
        .go_on = go_on,
        .context = judge,
    };
    memcpy(judge->decision.request_sha256, call->body_sha256, 32);
}
