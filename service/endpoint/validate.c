/* POST /v1/validate: judge one use. A permit is the only 2xx. */
#include "clock.h"
#include "decide/decide.h"
#include "decide/friction.h"
#include "decide/seen.h"
#include "endpoint/approvals.h"
#include "endpoint/endpoints.h"
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
    if (decision->registry->policy_version > 0)
        writ_json_put_integer(arena, permit, "policy_version", decision->registry->policy_version);
    if (decision->repeated)
        writ_json_put_boolean(arena, permit, "repeated", true);
    struct writ_json *last = writ_json_put_array(arena, permit, "remaining");
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
    if (record->item.denial.outcome != WRIT_OK) {
        decision->denial = record->item.denial;
        if (!submit_friction(validate))
            answer_denial(validate, is_recorded(decision->denial.outcome));
        return;
    }
    /* Leases were renewed in the ledger; the next one reads them again. */
    if (__atomic_load_n(&decision->chain->lease_until_us, __ATOMIC_ACQUIRE) <= clock_monotonic_us())
        chain_forget(decision->chain);
    if (record->repeated) {
        decision->id = record->earlier_id;
        decision->repeated = true;
    }
    answer_permit(validate);
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
    if (!validate->line || !validate->holders)
        return false;
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
    record->idempotency_key = decision->idempotency_key;
    record->lease_s = decision->service->config->lease_s;
    record->window_s = decision->service->config->pop_window_s;
    record->policy_version = decision->registry->policy_version;
    record->denied = decision->denial;
    if (decision->approval.presented) {
        record->approval = decision->approval.id;
        record->approval_digest = decision->approval.digest;
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
    const struct writ_result result = record_submit(record, validate->call->service->writer);
    if (writ_is_ok(result))
        return;
    struct call *call = validate->call;
    finish(validate);
    call_fail(call, result.status, "", "the decision could not be recorded");
}

/* ---- Buffered reads ----------------------------------------------------------------------- */

/* A buffered record outlives the request that it answers: a copy of its own. */
struct buffered {
    struct writ_arena arena;
    struct record record;
};

static void on_buffered(struct record *record)
{
    struct buffered *buffered = record->context;
    if (record->item.denial.outcome != WRIT_OK)
        log_warn("buffered_record_lost",
                 LOG_TEXT("outcome", writ_status_code(record->item.denial.outcome)));
    writ_arena_done(&buffered->arena);
    free(buffered);
}

static bool copy_record(struct buffered *copy, const struct record *record)
{
    struct writ_arena *arena = &copy->arena;
    struct record *to = &copy->record;
    *to = *record;
    struct uuid *line = writ_arena_array(arena, record->line_count, sizeof *line);
    const char **holders = writ_arena_array(arena, record->line_count, sizeof *holders);
    if (!line || !holders)
        return false;
    for (size_t i = 0; i < record->line_count; i++) {
        line[i] = record->line[i];
        holders[i] = writ_arena_text(arena, writ_slice_text(record->holders[i]));
        if (!holders[i])
            return false;
    }
    to->line = line;
    to->holders = holders;
    to->client = writ_arena_text(arena, writ_slice_text(record->client));
    to->audience = writ_arena_text(arena, writ_slice_text(record->audience));
    to->holder = writ_arena_text(arena, writ_slice_text(record->holder));
    to->tool = writ_arena_copy(arena, record->tool);
    to->arguments = writ_arena_copy(arena, record->arguments);
    to->agent = record->agent.data ? writ_arena_copy(arena, record->agent) : WRIT_SLICE_NONE;
    to->proof_jti = writ_arena_copy(arena, record->proof_jti);
    to->idempotency_key = WRIT_SLICE_NONE;
    to->arguments_sha256 = writ_arena_copy(arena, writ_slice_of(record->arguments_sha256, 32)).data;
    to->request_sha256 = writ_arena_copy(arena, writ_slice_of(record->request_sha256, 32)).data;
    to->leaf_hash = writ_arena_copy(arena, writ_slice_of(record->leaf_hash, 32)).data;
    to->context = copy;
    to->done = on_buffered;
    return to->client && to->audience && to->holder && to->tool.data && to->arguments.data &&
           (to->agent.data || !record->agent.data) && to->proof_jti.data && to->arguments_sha256 &&
           to->request_sha256 && to->leaf_hash;
}

/* A read that the registry lets answer before it is durable: from memory alone, while that is
 * within its bound, whether the database is there or not, and only while the line's leases are
 * known to hold: one that looks lapsed here is read again before it denies. And only where it can
 * be recorded; never with an approval, which is the ledger's to judge and to spend. False: take the
 * durable way. */
static bool answer_from_memory(struct validate *validate)
{
    struct decision *decision = &validate->decision;
    struct service *service = decision->service;
    const int64_t lease = __atomic_load_n(&decision->chain->lease_until_us, __ATOMIC_ACQUIRE);
    if (decision->approval.presented || decision->idempotency_key.size > 0 ||
        lease <= clock_monotonic_us() || decision->partitions_until_us <= decision->now_us)
        return false;
    struct buffered *copy = calloc(1, sizeof *copy);
    if (!copy)
        return false;
    writ_arena_init(&copy->arena, 0);
    if (!copy_record(copy, &validate->record) ||
        !writ_is_ok(record_submit(&copy->record, service->writer))) {
        writ_arena_done(&copy->arena);
        free(copy);
        return false;
    }
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
