/* Records that were answered before: each outlives its request. */
#include "ledger/record.h"

#include "log.h"

#include <stdlib.h>
#include <string.h>

/* A copy of its own, but for what the chain has: the holders and the leaf's hash. */
struct buffered {
    struct writ_arena arena;
    struct record record;
    struct chain *chain;
};

static void on_buffered(struct record *record)
{
    struct buffered *buffered = record->context;
    __atomic_store_n(&buffered->chain->calls_left, record->calls_left, __ATOMIC_RELEASE);
    chain_release(buffered->chain);
    if (record->item.denial.outcome != WRIT_OK)
        log_warn("buffered_record_lost",
                 LOG_TEXT("outcome", writ_status_code(record->item.denial.outcome)));
    writ_arena_done(&buffered->arena);
    free(buffered);
}

static bool copy_debits(struct buffered *copy, const struct record *record)
{
    struct record *to = &copy->record;
    const size_t count = record->debit_count;
    to->debits = writ_arena_array(&copy->arena, count, sizeof *to->debits);
    struct account_key *accounts = writ_arena_array(&copy->arena, count, sizeof *accounts);
    if (!to->debits || !accounts)
        return false;
    memcpy(to->debits, record->debits, count * sizeof *to->debits);
    memcpy(accounts, record->item.accounts, count * sizeof *accounts);
    to->item.accounts = accounts;
    return true;
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
    memcpy(line, record->line, record->line_count * sizeof *line);
    memcpy(holders, record->holders, record->line_count * sizeof *holders);
    to->line = line;
    to->holders = holders;
    to->client = writ_arena_text(arena, writ_slice_text(record->client));
    to->audience = writ_arena_text(arena, writ_slice_text(record->audience));
    to->tool = writ_arena_copy(arena, record->tool);
    to->arguments = writ_arena_copy(arena, record->arguments);
    to->agent = record->agent.data ? writ_arena_copy(arena, record->agent) : WRIT_SLICE_NONE;
    to->proof_jti = writ_arena_copy(arena, record->proof_jti);
    to->policy_engines = record->policy_engines.data
                             ? writ_arena_copy(arena, record->policy_engines)
                             : WRIT_SLICE_NONE;
    to->idempotency_key = WRIT_SLICE_NONE;
    to->adds = writ_arena_copy(arena, record->adds);
    to->release = to->release_pinned = WRIT_SLICE_NONE;
    to->arguments_sha256 = writ_arena_copy(arena, writ_slice_of(record->arguments_sha256, 32)).data;
    to->request_sha256 = writ_arena_copy(arena, writ_slice_of(record->request_sha256, 32)).data;
    to->context = copy;
    to->done = on_buffered;
    to->arena = arena;
    to->calls_left = 0;
    return copy_debits(copy, record) && to->client && to->audience && to->tool.data &&
           to->arguments.data && (to->agent.data || !record->agent.data) && to->proof_jti.data &&
           to->adds.data && (to->policy_engines.data || !record->policy_engines.data) &&
           to->arguments_sha256 && to->request_sha256;
}

struct writ_result record_submit_copy(const struct record *record, struct chain *chain,
                                      struct writer *writer)
{
    struct buffered *copy = calloc(1, sizeof *copy);
    WRIT_ENSURE(copy, OUT_OF_MEMORY);
    writ_arena_init(&copy->arena, 0);
    copy->chain = chain_hold(chain);
    struct writ_result result = WRIT_FAILURE(OUT_OF_MEMORY);
    if (copy_record(copy, record))
        result = record_submit(&copy->record, writer);
    if (!writ_is_ok(result)) {
        chain_release(copy->chain);
        writ_arena_done(&copy->arena);
        free(copy);
    }
    return result;
}
