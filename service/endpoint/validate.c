/* POST /v1/validate: judge one use. A permit is the only 2xx. */
#include "clock.h"
#include "decide/approval.h"
#include "decide/decide.h"
#include "decide/friction.h"
#include "decide/seen.h"
#include "endpoint/accounts.h"
#include "endpoint/approvals.h"
#include "endpoint/endpoints.h"
#include "ledger/label.h"
#include "ledger/record.h"
#include "ledger/refusals.h"
#include "ledger/view.h"
#include "log.h"
#include "metrics.h"
#include "postgres/pool.h"

#include <stdlib.h>
#include <string.h>

struct validate {
    struct call *call;
    struct decision decision;
    struct record record;
    struct uuid *line;
    const char **holders;
    int64_t asked_us; /* the ledger, by our monotonic clock */
    bool is_second_try;
};

static void finish(struct validate *validate)
{
    validate->decision.chain = chain_release(validate->decision.chain);
}

/* ---- Answers ------------------------------------------------------------------------------ */

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

static void answer_permit(struct validate *validate)
{
    struct call *call = validate->call;
    struct decision *decision = &validate->decision;
    struct writ_arena *arena = call->arena;
    const struct chain_link *leaf = chain_leaf(decision->chain);
    const struct writ_token *token = chain_leaf_token(decision->chain);
    struct writ_json *permit = writ_json_new_object(arena);
    writ_json_put_string(arena, permit, "decision", "permit");
    call_put_id(call, permit, "id", &decision->id);
    call_put_id(call, permit, "task", &decision->chain->task);
    call_put_id(call, permit, "delegation", &leaf->id);
    writ_json_put_text(arena, permit, "agent", token->agent);
    writ_json_put_boolean(arena, permit, "attributed", leaf->attributed);
    writ_json_put_text(arena, permit, "principal", decision->chain->principal);
    writ_json_put_text(arena, permit, "tool", decision->tool);
    writ_json_put(arena, permit, "arguments", decision->args);
    call_put_bytes(call, permit, "arguments_sha256", writ_slice_of(decision->arguments_sha256, 32));
    call_put_time(call, permit, "start_by", decision->start_by_us);
    writ_json_put_string(arena, permit, "recorded", decision->buffered ? "buffered" : "durable");
    writ_json_put_integer(arena, permit, "staleness_ms", decision->staleness_us / 1000);
    if (validate->record.label)
        writ_json_put(arena, permit, "label", validate->record.label);
    if (decision->registry->policy_version > 0)
        writ_json_put_integer(arena, permit, "policy_version", decision->registry->policy_version);
    if (decision->repeated)
        writ_json_put_boolean(arena, permit, "repeated", true);
    const struct writ_json *last = accounts_put_remaining(call, permit, decision->debits,
                                                          decision->debit_count);
    metrics_count_permit(call->service->metrics);
    log_decision(decision);
    finish(validate);
    call_answer(call, 200, last ? permit : NULL);
}

static void answer_denial(struct validate *validate, bool recorded)
{
    struct call *call = validate->call;
    char id[UUID_TEXT_SIZE];
    uuid_text(&validate->decision.id, id);
    log_decision(&validate->decision);
    finish(validate);
    call_deny(call, &validate->decision.denial, recorded ? id : NULL);
}

/* ---- Record ------------------------------------------------------------------------------- */

/* What the statement decided is in the ledger; what kept it from running is not. */
static bool is_recorded(enum writ_status outcome)
{
    return outcome != WRIT_STATUS_UNKNOWN && outcome != WRIT_INTERNAL && outcome != WRIT_CONFLICT;
}

/* Asks people, where it can; the denial stands either way. */
static void ask_in_ledger(struct db *db, void *context)
{
    struct validate *validate = context;
    struct decision *decision = &validate->decision;
    const struct writ_result asked = db ? approvals_ask(validate->call, db, decision)
                                        : WRIT_FAILURE(STATUS_UNKNOWN);
    if (asked.status == WRIT_APPROVAL_INVALID) {
        /* A person's no is in the ledger for the whole task; here from now on, too. */
        struct record_friction rejected = validate->record.friction;
        rejected.stays = true;
        rejected.held_at = decision->chain->links[0].id;
        friction_keep(decision, &rejected, &decision->denial);
    }
    answer_denial(validate, true);
}

/* The refusal is in the ledger; what it asks for is next. */
static void ask_approval(struct validate *validate)
{
    const struct writ_result submitted = pool_submit(validate->call->service->pool, ask_in_ledger,
                                                     validate);
    if (!writ_is_ok(submitted))
        answer_denial(validate, true);
}

/* The same where the ledger is who asks: for an approval that waits, or for data of a task that has
 * become restricted, which no rule of the chain names. */
static void ask_for_ledger(struct validate *validate)
{
    struct decision *decision = &validate->decision;
    const bool is_of_label = strcmp(decision->denial.field, "label") == 0;
    const bool is_asked = !is_of_label || writ_is_ok(approval_add_label_rule(decision));
    if (is_asked && decision->approval.rules->count > 0)
        ask_approval(validate);
    else
        answer_denial(validate, true);
}

/* What the ledger says of the task's label is where its next reads begin. */
static void learn_label(const struct validate *validate)
{
    const struct record *record = &validate->record;
    struct writ_label label;
    if (record->label &&
        writ_is_ok(writ_label_read(validate->decision.arena, record->label, &label)))
        __atomic_store_n(&validate->decision.chain->label_known,
                         label_known(&label, record->label_settled, validate->asked_us),
                         __ATOMIC_RELEASE);
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
static void on_denied(struct validate *validate)
{
    struct record *record = &validate->record;
    struct decision *decision = &validate->decision;
    const bool is_written = record->item.denial.outcome == WRIT_OK;
    if (is_written)
        friction_keep(decision, &record->friction, &record->denied);
    else if (!record->friction.is_decided)
        decision->denial = record->item.denial;
    if (is_written && record->opened)
        view_wake(decision->service->view);
    if (is_written && decision->denial.outcome == WRIT_APPROVAL_REQUIRED)
        ask_approval(validate);
    else
        answer_denial(validate, is_written || record->friction.is_decided);
}

/* What the ledger denied leaves behind the same as what memory did. False: nothing to write. */
static bool submit_friction(struct validate *validate)
{
    struct record *record = &validate->record;
    record->friction = friction_of(&validate->decision, &record->item.denial);
    record->friction.is_decided = true;
    record->denied = record->item.denial;
    return record->friction.stays &&
           writ_is_ok(record_submit(record, validate->call->service->writer));
}

/* The same proof or key came twice at the same time, here or at another service, and the other one
 * was faster: what became of it is there now, and is judged by. */
static bool try_again(struct validate *validate)
{
    struct record *record = &validate->record;
    if (validate->is_second_try || record->denied.outcome != WRIT_OK ||
        record->item.denial.outcome != WRIT_CONFLICT)
        return false;
    validate->is_second_try = true;
    record->may_raise = true; /* or the label is lower than was believed */
    validate->asked_us = clock_monotonic_us();
    return writ_is_ok(record_submit(record, validate->call->service->writer));
}

static void on_recorded(struct record *record)
{
    struct validate *validate = record->context;
    struct decision *decision = &validate->decision;
    if (try_again(validate))
        return;
    if (record->mismatched) {
        decision->denial = (struct writ_denial){.outcome = WRIT_IDEMPOTENCY_MISMATCH,
                                                .step = "",
                                                .hop = -1,
                                                .field = "Idempotency-Key"};
        answer_denial(validate, false);
        return;
    }
    if (record->denied.outcome != WRIT_OK) {
        on_denied(validate);
        return;
    }
    if (record->item.denial.outcome == WRIT_APPROVAL_REQUIRED) {
        decision->denial = record->item.denial;
        ask_for_ledger(validate);
        return;
    }
    if (record->item.denial.outcome != WRIT_OK) {
        decision->denial = record->item.denial;
        if (!submit_friction(validate))
            answer_denial(validate, is_recorded(decision->denial.outcome));
        return;
    }
    learn_label(validate);
    keep_calls_left(decision);
    /* Leases were renewed in the ledger; the next one reads them again. */
    if (__atomic_load_n(&decision->chain->lease_until_us, __ATOMIC_ACQUIRE) <= clock_monotonic_us())
        chain_forget(decision->chain);
    if (record->repeated) {
        decision->id = record->earlier_id;
        decision->repeated = true;
    }
    answer_permit(validate);
}

static void fill_label(struct validate *validate, const struct registry_tool *tool)
{
    struct record *record = &validate->record;
    const int64_t known = __atomic_load_n(&validate->decision.chain->label_known, __ATOMIC_ACQUIRE);
    record->adds = tool->sensitivity_json;
    record->may_raise = !label_reached(known, &tool->sensitivity);
    if (!tool->sends)
        return;
    record->release = tool->release_json;
    record->pinned_at_us = validate->decision.pinned_since_us;
    if (tool->destination.size > 0)
        record->release_pinned = tool->release_pinned_json;
}

static bool fill_record(struct validate *validate)
{
    struct decision *decision = &validate->decision;
    const struct chain *chain = decision->chain;
    const struct chain_link *leaf = chain_leaf(chain);
    const struct writ_token *token = chain_leaf_token(chain);
    struct record *record = &validate->record;
    struct writ_arena *arena = decision->arena;
    validate->line = writ_arena_array(arena, chain->count, sizeof *validate->line);
    validate->holders = writ_arena_array(arena, chain->count, sizeof *validate->holders);
    struct account_key *accounts = writ_arena_array(arena, decision->debit_count, sizeof *accounts);
    if (!validate->line || !validate->holders || (!accounts && decision->debit_count > 0))
        return false;
    for (size_t i = 0; i < decision->debit_count; i++)
        accounts[i] = decision->debits[i].account;
    for (size_t i = 0; i < chain->count; i++) {
        validate->line[i] = chain->links[i].id;
        validate->holders[i] = chain->links[i].thumbprint;
    }
    record_init(record, &chain->task);
    record->id = decision->id;
    record->at_us = decision->now_us;
    record->delegation = leaf->id;
    record->line = validate->line;
    record->holders = validate->holders;
    record->line_count = chain->count;
    record->client = (const char *)decision->client->id.data;
    record->audience = (const char *)decision->client->audience.data;
    record->tool = decision->tool;
    record->arguments = decision->arguments;
    record->arguments_sha256 = decision->arguments_sha256;
    record->request_sha256 = decision->request_sha256;
    record->agent = leaf->attributed ? token->agent : WRIT_SLICE_NONE;
    record->holder = leaf->thumbprint;
    record->proof_jti = decision->proof.jti;
    record->proof_iat_us = decision->proof.iat_unix_s * 1000000;
    record->leaf_hash = token->hash;
    record->start_by_us = decision->start_by_us;
    record->buffered = decision->buffered;
    record->has_effects = decision->has_effects; /* W3: once */
    const struct registry_tool *tool = decision->registered;
    record->idempotency_key = decision->idempotency_key;
    record->lease_s = decision->service->config->lease_s;
    record->window_s = decision->service->config->pop_window_s;
    record->policy_version = decision->registry->policy_version;
    record->denied = decision->denial;
    if (decision->approval.presented) {
        record->approval = decision->approval.id;
        record->approval_digest = decision->approval.digest;
    }
    record->arena = arena;
    if (tool)
        fill_label(validate, tool);
    if (record->denied.outcome == WRIT_OK) {
        record->debits = decision->debits;
        record->debit_count = record->item.account_count = decision->debit_count;
        record->item.accounts = accounts;
    }
    record->friction = friction_of(decision, &decision->denial);
    memcpy(record->item.order, token->hash, sizeof record->item.order);
    return true;
}

static void submit(struct validate *validate)
{
    struct record *record = &validate->record;
    record->done = on_recorded;
    record->context = validate;
    validate->asked_us = clock_monotonic_us();
    const struct writ_result result = record_submit(record, validate->call->service->writer);
    if (writ_is_ok(result))
        return;
    struct call *call = validate->call;
    finish(validate);
    call_fail(call, result.status, "", "the decision could not be recorded");
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
 * is the ledger's to judge and to spend. False: take the durable way. */
static bool answer_from_memory(struct validate *validate)
{
    struct decision *decision = &validate->decision;
    struct service *service = decision->service;
    const int64_t lease = __atomic_load_n(&decision->chain->lease_until_us, __ATOMIC_ACQUIRE);
    const int64_t label = __atomic_load_n(&decision->chain->label_known, __ATOMIC_ACQUIRE);
    if (decision->approval.presented || decision->idempotency_key.size > 0 ||
        lease <= clock_monotonic_us() ||
        !label_holds(label, &decision->registered->sensitivity, clock_monotonic_us()) ||
        decision->partitions_until_us <= decision->now_us || !take_call(decision))
        return false;
    if (!writ_is_ok(record_submit_copy(&validate->record, decision->chain, service->writer)))
        return false;
    answer_permit(validate);
    return true;
}

/* ---- The request -------------------------------------------------------------------------- */

static void judge(struct validate *validate)
{
    struct decision *decision = &validate->decision;
    struct call *call = validate->call;
    const struct writ_result result = decide_judge(decision);
    if (!decision->refused_before)
        decision->id = uuid_new(decision->now_us);
    if (result.status == WRIT_CIRCUIT_OPEN) {
        /* The circuit's own row says why; what runs against it leaves a count. It is not dear to
         * the enforcement point, which is not the one that is stopped. */
        refusals_count(call->service->refusals, call->client->id, WRIT_CIRCUIT_OPEN);
        answer_denial(validate, false);
        return;
    }
    if (!writ_is_ok(result) && (!decision->possessed || result.status == WRIT_STATUS_UNKNOWN)) {
        /* Says nothing about the grant, and leaves a count (W7). */
        call_count_refusal(call, decision->denial.outcome);
        answer_denial(validate, false);
        return;
    }
    if (!fill_record(validate)) {
        finish(validate);
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "the decision could not be recorded");
        return;
    }
    if (writ_is_ok(result) && decision->buffered && answer_from_memory(validate))
        return;
    decision->buffered = validate->record.buffered = false;
    decision->staleness_us = 0;
    submit(validate);
}

/* `unregistered = admit`: links that were derived offline are admitted before they are judged. */
static struct writ_result find_chain(struct validate *validate, struct db *db)
{
    struct decision *decision = &validate->decision;
    struct chains *chains = decision->service->chains;
    const struct writ_result result = chain_load(chains, db, &decision->presented.task,
                                                 decision->presented.leaf_hash, &decision->chain);
    if (result.status != WRIT_UNREGISTERED)
        return result;
    if (decision->service->config->admit_unregistered && decision->presented.compacts)
        return seen_admit(decision, db);
    return WRIT_SUCCESS; /* the first check says it */
}

static void load_and_judge(struct call *call, struct db *db)
{
    struct validate *validate = *http_user(call->request);
    struct decision *decision = &validate->decision;
    const struct writ_result result = find_chain(validate, db);
    if (!writ_is_ok(result)) {
        if (decision->denial.outcome == WRIT_OK)
            decision->denial.outcome = result.status;
        call_count_refusal(call, decision->denial.outcome);
        answer_denial(validate, false);
        return;
    }
    judge(validate);
}

void validate(struct call *call)
{
    static const char *const MEMBERS[] = {"presentation", "tool",        "arguments",
                                          "context",      "approval_id", NULL};
    struct validate *state = writ_arena_alloc(call->arena, sizeof *state);
    if (!state) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_members(call, MEMBERS))
        return;
    state->call = call;
    struct decision *decision = &state->decision;
    *decision = (struct decision){
        .service = call->service,
        .arena = call->arena,
        .registry = call->registry,
        .client = call->client,
        .now_us = clock_unix_us(),
    };
    memcpy(decision->request_sha256, call->body_sha256, 32);
    if (!call_uuid(call, "approval_id", false, &decision->approval.id,
                   &decision->approval.presented))
        return;
    if (!call_idempotency_key(call, &decision->idempotency_key))
        return;
    const struct writ_result read = decide_read(decision, writ_json_get(call->body, "presentation"),
                                                writ_json_text(writ_json_get(call->body, "tool")),
                                                writ_json_get(call->body, "arguments"));
    if (!writ_is_ok(read)) {
        if (decision->denial.outcome == WRIT_OK)
            decision->denial.outcome = read.status;
        call_deny(call, &decision->denial, NULL);
        return;
    }
    decision->chain = chain_find(call->service->chains, &decision->presented.task,
                                 decision->presented.leaf_hash);
    if (decision->chain) {
        judge(state);
        return;
    }
    *http_user(call->request) = state;
    call_read(call, load_and_judge);
}
