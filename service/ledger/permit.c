/* Permits into the ledger, those of a batch in one statement: the ones to be judged again, and the
 * ones that were answered before. */
#include "ledger/lines.h"
#include "ledger/record.h"
#include "ledger/sql.h"
#include "json/json.h"

#include <stdio.h>
#include <string.h>

static const int64_t HOUR_US = INT64_C(3600) * 1000000;

/* What the records of a batch hold, column by column; debits are what all of them ask of accounts.
 */
struct columns {
    size_t count;
    uint8_t (*tasks)[16], (*ids)[16], (*delegations)[16], (*approvals)[16];
    struct writ_slice *clients, *audiences, *tools, *arguments, *arguments_sha256, *request_sha256;
    struct writ_slice *agents, *holders, *jtis, *leaf_hashes, *keys, *asked_sha256,
        *approval_sha256;
    struct writ_slice *adds, *releases, *releases_pinned, *engines, *judged_labels;
    int64_t *iats_us, *start_by_us, *ats_us, *pinned_at_us, *policy_versions;
    int64_t *line_sizes, *lines_at;
    bool *have_effects, *unapproved, *may_raise, *unpinned;
    bool shares_lines; /* rows of one link that follow each other have its line once */
    struct lines lines;
    size_t debit_count;
    uint8_t (*debit_tasks)[16], (*debit_ids)[16];
    int64_t *debit_of, *debit_entries, *debit_hops;
    struct writ_slice *debit_amounts, *debit_names;
    bool *debit_reserves;
};

static struct writ_result make_columns(struct writ_arena *arena, struct columns *columns)
{
    const size_t count = columns->count;
    struct writ_slice **const texts[] = {
        &columns->clients,
        &columns->audiences,
        &columns->tools,
        &columns->arguments,
        &columns->arguments_sha256,
        &columns->request_sha256,
        &columns->agents,
        &columns->holders,
        &columns->jtis,
        &columns->leaf_hashes,
        &columns->keys,
        &columns->asked_sha256,
        &columns->approval_sha256,
        &columns->adds,
        &columns->releases,
        &columns->releases_pinned,
        &columns->engines,
        &columns->judged_labels,
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = writ_arena_array(arena, count, sizeof **texts[i]);
        WRIT_ENSURE(*texts[i], OUT_OF_MEMORY);
    }
    columns->tasks = writ_arena_array(arena, count, 16);
    columns->ids = writ_arena_array(arena, count, 16);
    columns->delegations = writ_arena_array(arena, count, 16);
    columns->approvals = writ_arena_array(arena, count, 16);
    columns->unapproved = writ_arena_array(arena, count, sizeof(bool));
    columns->iats_us = writ_arena_array(arena, count, sizeof(int64_t));
    columns->start_by_us = writ_arena_array(arena, count, sizeof(int64_t));
    columns->ats_us = writ_arena_array(arena, count, sizeof(int64_t));
    columns->pinned_at_us = writ_arena_array(arena, count, sizeof(int64_t));
    columns->policy_versions = writ_arena_array(arena, count, sizeof(int64_t));
    columns->line_sizes = writ_arena_array(arena, count, sizeof(int64_t));
    columns->lines_at = writ_arena_array(arena, count, sizeof(int64_t));
    columns->have_effects = writ_arena_array(arena, count, sizeof(bool));
    columns->may_raise = writ_arena_array(arena, count, sizeof(bool));
    columns->unpinned = writ_arena_array(arena, count, sizeof(bool));
    WRIT_ENSURE(columns->tasks && columns->ids && columns->delegations && columns->approvals &&
                    columns->unapproved && columns->iats_us && columns->start_by_us &&
                    columns->ats_us && columns->pinned_at_us && columns->policy_versions &&
                    columns->line_sizes && columns->lines_at && columns->have_effects &&
                    columns->may_raise && columns->unpinned,
                OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result make_debits(struct writ_arena *arena, struct columns *columns)
{
    const size_t count = columns->debit_count;
    columns->debit_tasks = writ_arena_array(arena, count, 16);
    columns->debit_ids = writ_arena_array(arena, count, 16);
    columns->debit_of = writ_arena_array(arena, count, sizeof(int64_t));
    columns->debit_entries = writ_arena_array(arena, count, sizeof(int64_t));
    columns->debit_hops = writ_arena_array(arena, count, sizeof(int64_t));
    columns->debit_amounts = writ_arena_array(arena, count, sizeof(struct writ_slice));
    columns->debit_names = writ_arena_array(arena, count, sizeof(struct writ_slice));
    columns->debit_reserves = writ_arena_array(arena, count, sizeof(bool));
    WRIT_ENSURE(columns->debit_tasks && columns->debit_ids && columns->debit_of &&
                    columns->debit_entries && columns->debit_hops && columns->debit_amounts &&
                    columns->debit_names && columns->debit_reserves,
                OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static void put_debits(struct columns *columns, size_t *at, size_t index,
                       const struct record *record)
{
    for (size_t i = 0; i < record->debit_count; i++, (*at)++) {
        const struct debit *debit = &record->debits[i];
        memcpy(columns->debit_tasks[*at], record->item.task.bytes, 16);
        memcpy(columns->debit_ids[*at], debit->account.delegation.bytes, 16);
        columns->debit_of[*at] = (int64_t)index + 1;
        columns->debit_entries[*at] = debit->account.entry;
        columns->debit_hops[*at] = debit->hop;
        columns->debit_amounts[*at] = debit->amount;
        columns->debit_names[*at] = debit->name;
        columns->debit_reserves[*at] = debit->is_reserved;
    }
}

static void put_line(struct columns *columns, size_t i, const struct record *record)
{
    if (columns->shares_lines && i > 0 &&
        memcmp(columns->tasks[i], columns->tasks[i - 1], 16) == 0 &&
        memcmp(columns->delegations[i], columns->delegations[i - 1], 16) == 0)
        return;
    columns->line_sizes[i] = (int64_t)record->line_count;
    columns->lines_at[i] = (int64_t)columns->lines.count + 1;
    for (size_t hop = 0; hop < record->line_count; hop++)
        lines_put(&columns->lines, i, &record->item.task, &record->line[hop], record->holders[hop]);
}

static void put_record(struct columns *columns, size_t i, const struct record *record)
{
    memcpy(columns->tasks[i], record->item.task.bytes, 16);
    memcpy(columns->ids[i], record->id.bytes, 16);
    memcpy(columns->delegations[i], record->delegation.bytes, 16);
    columns->clients[i] = writ_slice_text(record->client);
    columns->audiences[i] = writ_slice_text(record->audience);
    columns->tools[i] = record->tool;
    columns->arguments[i] = record->arguments;
    columns->arguments_sha256[i] = writ_slice_of(record->arguments_sha256, 32);
    columns->request_sha256[i] = writ_slice_of(record->request_sha256, 32);
    columns->agents[i] = record->agent;
    columns->holders[i] = writ_slice_text(record->holder);
    columns->jtis[i] = record->proof_jti;
    columns->leaf_hashes[i] = writ_slice_of(record->leaf_hash, 32);
    columns->keys[i] = record->idempotency_key.size > 0 ? record->idempotency_key : WRIT_SLICE_NONE;
    columns->unapproved[i] = !record->approval_digest;
    memcpy(columns->approvals[i], record->approval.bytes, 16);
    columns->approval_sha256[i] = record->approval_digest
                                      ? writ_slice_of(record->approval_digest, 32)
                                      : WRIT_SLICE_NONE;
    columns->asked_sha256[i] = writ_slice_of(record->friction.asked_sha256, 32);
    columns->iats_us[i] = record->proof_iat_us;
    columns->start_by_us[i] = record->start_by_us;
    columns->ats_us[i] = record->at_us;
    columns->have_effects[i] = record->has_effects;
    columns->adds[i] = record->adds;
    columns->releases[i] = record->release;
    columns->releases_pinned[i] = record->release_pinned;
    columns->pinned_at_us[i] = record->pinned_at_us;
    columns->unpinned[i] = record->pinned_at_us == 0;
    columns->may_raise[i] = record->may_raise;
    columns->policy_versions[i] = record->policy_version;
    columns->engines[i] = record->policy_engines;
    columns->judged_labels[i] = record->judged_label;
    put_line(columns, i, record);
}

static struct writ_result send_permits(struct db *db, const struct columns *c,
                                       const struct record *first)
{
    const size_t n = c->count, links = c->lines.count, debits = c->debit_count;
    int64_t oldest = c->iats_us[0], newest = c->iats_us[0];
    for (size_t i = 1; i < n; i++) {
        oldest = c->iats_us[i] < oldest ? c->iats_us[i] : oldest;
        newest = c->iats_us[i] > newest ? c->iats_us[i] : newest;
    }
    const struct db_param params[] = {
        db_uuid_array((const uint8_t(*)[16])c->tasks, n),
        db_uuid_array((const uint8_t(*)[16])c->ids, n),
        db_uuid_array((const uint8_t(*)[16])c->delegations, n),
        db_text_array(c->clients, n),
        db_text_array(c->audiences, n),
        db_text_array(c->tools, n),
        db_bytea_array(c->arguments, n),
        db_bytea_array(c->arguments_sha256, n),
        db_bytea_array(c->request_sha256, n),
        db_text_array(c->agents, n),
        db_text_array(c->holders, n),
        db_text_array(c->jtis, n),
        db_time_array(c->iats_us, n),
        db_bytea_array(c->leaf_hashes, n),
        db_time_array(c->start_by_us, n),
        db_bool_array(c->have_effects, n),
        db_text_array(c->keys, n),
        db_time_array(c->ats_us, n),
        db_int8_array(c->line_sizes, n),
        db_int8_array(c->lines_at, n),
        db_uuid_array((const uint8_t(*)[16])c->lines.ids, links),
        db_text_array(c->lines.holders, links),
        db_int8(first->lease_s),
        db_bytea_array(c->asked_sha256, n),
        db_int8(first->window_s),
        db_int8_array(c->policy_versions, n),
        db_with_nulls(db_uuid_array((const uint8_t(*)[16])c->approvals, n), c->unapproved),
        db_bytea_array(c->approval_sha256, n),
        db_jsonb_array(c->adds, n),
        db_bool_array(c->may_raise, n),
        db_jsonb_array(c->releases, n),
        db_jsonb_array(c->releases_pinned, n),
        db_with_nulls(db_time_array(c->pinned_at_us, n), c->unpinned),
        db_int8_array(c->debit_of, debits),
        db_uuid_array((const uint8_t(*)[16])c->debit_tasks, debits),
        db_uuid_array((const uint8_t(*)[16])c->debit_ids, debits),
        db_int8_array(c->debit_entries, debits),
        db_text_array(c->debit_amounts, debits),
        db_bool_array(c->debit_reserves, debits),
        db_int8_array(c->debit_hops, debits),
        db_text_array(c->debit_names, debits),
        db_jsonb_array(c->engines, n),
        db_jsonb_array(c->judged_labels, n),
        db_int8(oldest / HOUR_US - 1),
        db_int8(newest / HOUR_US + 1),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_PERMIT], params,
                                         sizeof params / sizeof params[0]));
}

static struct writ_result send_permitted(struct db *db, const struct columns *c,
                                         const struct record *first)
{
    const size_t n = c->count, links = c->lines.count, debits = c->debit_count;
    const struct db_param params[] = {
        db_uuid_array((const uint8_t(*)[16])c->tasks, n),
        db_uuid_array((const uint8_t(*)[16])c->ids, n),
        db_time_array(c->ats_us, n),
        db_uuid_array((const uint8_t(*)[16])c->delegations, n),
        db_text_array(c->clients, n),
        db_text_array(c->audiences, n),
        db_text_array(c->tools, n),
        db_bytea_array(c->arguments, n),
        db_bytea_array(c->arguments_sha256, n),
        db_bytea_array(c->request_sha256, n),
        db_text_array(c->agents, n),
        db_text_array(c->holders, n),
        db_text_array(c->jtis, n),
        db_time_array(c->start_by_us, n),
        db_int8_array(c->line_sizes, n),
        db_int8_array(c->lines_at, n),
        db_int8(first->lease_s),
        db_int8_array(c->policy_versions, n),
        db_uuid_array((const uint8_t(*)[16])c->debit_tasks, debits),
        db_uuid_array((const uint8_t(*)[16])c->debit_ids, debits),
        db_int8_array(c->debit_entries, debits),
        db_jsonb_array(c->engines, n),
        db_jsonb_array(c->adds, n),
        db_uuid_array((const uint8_t(*)[16])c->lines.ids, links),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_PERMITTED], params,
                                         sizeof params / sizeof params[0]));
}

typedef struct writ_result send_columns(struct db *db, const struct columns *columns,
                                        const struct record *first);

static struct writ_result send_from(struct writ_arena *arena, struct db *db,
                                    struct write_item *const *items, size_t count,
                                    send_columns *send_by)
{
    struct columns columns = {.count = count, .shares_lines = send_by == send_permitted};
    size_t links = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t line = record_of(items[i])->line_count;
        WRIT_ENSURE(line > 0 && line <= WRIT_CHAIN_MAX, INTERNAL);
        links += line;
        columns.debit_count += record_of(items[i])->debit_count;
    }
    WRIT_TRY(make_columns(arena, &columns));
    WRIT_TRY(make_debits(arena, &columns));
    WRIT_TRY(lines_make(arena, links, &columns.lines));
    for (size_t i = 0, debit_at = 0; i < count; i++) {
        put_record(&columns, i, record_of(items[i]));
        put_debits(&columns, &debit_at, i, record_of(items[i]));
    }
    return send_by(db, &columns, record_of(items[0]));
}

static struct writ_result send_many(struct db *db, struct write_item *const *items, size_t count,
                                    send_columns *send_by)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    const struct writ_result sent = send_from(&arena, db, items, count, send_by);
    writ_arena_done(&arena);
    return sent;
}

/* ---- To be judged ------------------------------------------------------------------------- */

static struct writ_result send_to_be_judged(struct db *db, struct write_item *const *items,
                                            size_t count)
{
    return send_many(db, items, count, send_permits);
}

/* Columns of the answer. */
enum { OUTCOME, HOP, FIELD, DETAIL, EARLIER_ID, EARLIER_SAME, LABEL, SETTLED, REMAINING };

/* In the order in which they were asked. */
static void read_remaining(const struct db_result *rows, size_t row, struct record *record)
{
    for (size_t i = 0; i < db_array_size(rows, row, REMAINING) && i < record->debit_count; i++)
        record->debits[i].remaining = writ_arena_text(record->arena,
                                                      db_array_item(rows, row, REMAINING, i));
}

static void put_text(char *to, size_t size, const struct db_result *rows, size_t row, int column)
{
    if (!db_is_null(rows, row, column))
        snprintf(to, size, "%.*s", WRIT_SLICE_ARGS(db_get_text(rows, row, column)));
}

static struct writ_result read_row(const struct db_result *rows, size_t row, struct record *record)
{
    struct writ_denial *denial = &record->item.denial;
    /* An earlier one of the same id is this one: its first try was recorded after all. */
    record->repeated = db_get_uuid(rows, row, EARLIER_ID, record->earlier_id.bytes) &&
                       !uuid_equal(&record->earlier_id, &record->id);
    record->mismatched = !db_is_null(rows, row, EARLIER_SAME) &&
                         !db_get_bool(rows, row, EARLIER_SAME);
    record->label_settled = db_get_bool(rows, row, SETTLED);
    if (db_is_null(rows, row, OUTCOME)) {
        read_remaining(rows, row, record);
        return writ_json_parse(record->arena, db_get_jsonb(rows, row, LABEL), &record->label);
    }
    denial->outcome = sql_outcome(db_get_text(rows, row, OUTCOME));
    denial->hop = db_is_null(rows, row, HOP) ? -1 : (int)db_get_int8(rows, row, HOP);
    put_text(denial->field, sizeof denial->field, rows, row, FIELD);
    put_text(denial->detail, sizeof denial->detail, rows, row, DETAIL);
    return WRIT_SUCCESS;
}

static struct writ_result receive_verdicts(struct db *db, struct write_item *const *items,
                                           size_t count)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(db_to_result(db_pipeline_next(db, &rows)));
    WRIT_ENSURE(db_rows(rows) == count, INTERNAL);
    for (size_t i = 0; i < count; i++)
        WRIT_TRY(read_row(rows, i, record_of(items[i])));
    return WRIT_SUCCESS;
}

static bool known_by(const struct write_item *item, struct writ_slice *ret_client,
                     struct writ_slice *ret_key)
{
    const struct record *record = (const struct record *)item;
    *ret_client = writ_slice_text(record->client);
    *ret_key = record->idempotency_key;
    return record->idempotency_key.size > 0;
}

static bool is_own(const struct write_item *item, const struct uuid *decision,
                   struct writ_slice answer_sealed)
{
    (void)answer_sealed;
    return uuid_equal(&((const struct record *)item)->id, decision);
}

#define OF_WHAT_IS_JUDGED                                                                          \
    .send = send_to_be_judged, .receive = receive_verdicts, .violated = record_violated,           \
    .known_by = known_by, .is_own = is_own, .done = record_done

/* Those that may raise a label come first: whoever sends in the same batch sees it raised. */
const struct write_kind RAISE_KIND = {.name = "raise", .rank = 1, OF_WHAT_IS_JUDGED};
const struct write_kind PERMIT_KIND = {.name = "permit", .rank = 2, OF_WHAT_IS_JUDGED};

#undef OF_WHAT_IS_JUDGED

/* ---- Answered before ---------------------------------------------------------------------- */

static struct writ_result send_answered(struct db *db, struct write_item *const *items,
                                        size_t count)
{
    return send_many(db, items, count, send_permitted);
}

/* A row each account. */
static struct writ_result receive_accounts(struct db *db, struct write_item *const *items,
                                           size_t count)
{
    enum { TASK, DELEGATION, LEFT };
    SQL_RESULT rows = NULL;
    WRIT_TRY(db_to_result(db_pipeline_next(db, &rows)));
    for (size_t row = 0; row < db_rows(rows); row++) {
        struct uuid task, delegation;
        (void)db_get_uuid(rows, row, TASK, task.bytes);
        (void)db_get_uuid(rows, row, DELEGATION, delegation.bytes);
        for (size_t i = 0; i < count; i++)
            if (uuid_equal(&items[i]->task, &task) && items[i]->account_count > 0 &&
                uuid_equal(&items[i]->accounts[0].delegation, &delegation))
                record_of(items[i])->calls_left = db_get_int8(rows, row, LEFT);
    }
    return WRIT_SUCCESS;
}

const struct write_kind PERMITTED_KIND = {
    .name = "permitted",
    .rank = 4,
    .send = send_answered,
    .receive = receive_accounts,
    .violated = record_violated,
    .is_kept = true,
    .done = record_done,
};
