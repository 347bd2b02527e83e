#include "ledger/record.h"

#include "ledger/sql.h"

#include <string.h>

enum { LINE_MAX = WRIT_CHAIN_MAX };

static struct record *record_of(struct write_item *item)
{
    return (struct record *)item; /* its first member */
}

/* The ids of the line, root to leaf. */
static struct db_param line_of(const struct record *record, uint8_t line[LINE_MAX][16])
{
    for (size_t i = 0; i < record->line_count; i++)
        memcpy(line[i], record->line[i].bytes, 16);
    return db_uuid_array((const uint8_t(*)[16])line, record->line_count);
}

static struct writ_result send_permit(struct db *db, const struct record *record)
{
    uint8_t line[LINE_MAX][16];
    struct writ_slice holders[LINE_MAX];
    WRIT_ENSURE(record->line_count <= LINE_MAX, INTERNAL);
    for (size_t i = 0; i < record->line_count; i++)
        holders[i] = writ_slice_text(record->holders[i]);
    const struct db_param params[] = {
        db_uuid(record->item.task.bytes),
        db_uuid(record->id.bytes),
        db_uuid(record->delegation.bytes),
        line_of(record, line),
        db_text_array(holders, record->line_count),
        db_cstr(record->client),
        db_cstr(record->audience),
        db_text(record->tool),
        db_bytea(record->arguments),
        db_bytea(writ_slice_of(record->arguments_sha256, 32)),
        db_bytea(writ_slice_of(record->request_sha256, 32)),
        db_text(record->agent),
        db_cstr(record->holder),
        db_text(record->proof_jti),
        db_time(record->proof_iat_us),
        db_bytea(writ_slice_of(record->leaf_hash, 32)),
        db_time(record->start_by_us),
        db_bool(record->has_effects),
        record->idempotency_key.size > 0 ? db_text(record->idempotency_key) : db_null(),
        db_int8(record->lease_s),
        db_time(record->at_us),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_PERMIT], params,
                                         sizeof params / sizeof params[0]));
}

static struct writ_result send_denial(struct db *db, const struct record *record)
{
    const struct writ_denial *denied = &record->denied;
    const struct db_param params[] = {
        db_uuid(record->item.task.bytes),
        db_uuid(record->id.bytes),
        db_time(record->at_us),
        db_uuid(record->delegation.bytes),
        db_cstr(record->client),
        db_cstr(record->audience),
        db_text(record->tool),
        db_cstr(writ_status_code(denied->outcome)),
        denied->hop >= 0 ? db_int8(denied->hop) : db_null(),
        denied->field[0] ? db_cstr(denied->field) : db_null(),
        denied->detail[0] ? db_cstr(denied->detail) : db_null(),
        db_bytea(record->arguments),
        db_bytea(writ_slice_of(record->arguments_sha256, 32)),
        db_bytea(writ_slice_of(record->request_sha256, 32)),
        db_text(record->agent),
        db_cstr(record->holder),
        db_text(record->proof_jti),
        record->idempotency_key.size > 0 ? db_text(record->idempotency_key) : db_null(),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_DENY], params,
                                         sizeof params / sizeof params[0]));
}

static struct writ_result send_permitted(struct db *db, const struct record *record)
{
    uint8_t line[LINE_MAX][16];
    WRIT_ENSURE(record->line_count <= LINE_MAX, INTERNAL);
    const struct db_param params[] = {
        db_uuid(record->item.task.bytes),
        db_uuid(record->id.bytes),
        db_time(record->at_us),
        db_uuid(record->delegation.bytes),
        line_of(record, line),
        db_cstr(record->client),
        db_cstr(record->audience),
        db_text(record->tool),
        db_bytea(record->arguments),
        db_bytea(writ_slice_of(record->arguments_sha256, 32)),
        db_bytea(writ_slice_of(record->request_sha256, 32)),
        db_text(record->agent),
        db_cstr(record->holder),
        db_text(record->proof_jti),
        db_time(record->start_by_us),
        db_int8(record->lease_s),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_PERMITTED], params,
                                         sizeof params / sizeof params[0]));
}

static bool is_judged(const struct record *record)
{
    return record->denied.outcome == WRIT_OK && !record->buffered;
}

static struct writ_result send(struct db *db, struct write_item *item)
{
    const struct record *record = record_of(item);
    if (record->denied.outcome != WRIT_OK)
        return send_denial(db, record);
    return record->buffered ? send_permitted(db, record) : send_permit(db, record);
}

/* Columns of permit.sql. */
enum { OUTCOME, HOP, EARLIER_ID, EARLIER_SAME };

static struct writ_result receive(struct db *db, struct write_item *item)
{
    struct record *record = record_of(item);
    SQL_RESULT rows = NULL;
    WRIT_TRY(db_to_result(db_pipeline_next(db, &rows)));
    if (!is_judged(record))
        return WRIT_SUCCESS;
    WRIT_ENSURE(db_rows(rows) == 1, INTERNAL);
    record->repeated = db_get_uuid(rows, 0, EARLIER_ID, record->earlier_id.bytes);
    record->mismatched = !db_is_null(rows, 0, EARLIER_SAME) && !db_get_bool(rows, 0, EARLIER_SAME);
    if (db_is_null(rows, 0, OUTCOME))
        return WRIT_SUCCESS;
    item->denial.outcome = sql_outcome(db_get_text(rows, 0, OUTCOME));
    item->denial.hop = db_is_null(rows, 0, HOP) ? -1 : (int)db_get_int8(rows, 0, HOP);
    return WRIT_SUCCESS;
}

static enum writ_status violated(const char *constraint)
{
    /* A proof or key that another replica commits at the same time: to be asked again. Anything
     * else, a missing partition say, is ours to mend. */
    const bool is_race = strstr(constraint, "pkey") != NULL;
    return is_race ? WRIT_CONFLICT : WRIT_STATUS_UNKNOWN;
}

static void done(struct write_item *item)
{
    struct record *record = record_of(item);
    record->done(record);
}

static const struct write_kind KIND = {
    .name = "decision",
    .send = send,
    .receive = receive,
    .violated = violated,
    .done = done,
};

void record_init(struct record *record, const struct uuid *task)
{
    *record = (struct record){.item = {.kind = &KIND, .task = *task}};
}
