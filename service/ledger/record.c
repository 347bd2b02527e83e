#include "ledger/record.h"

#include "ledger/sql.h"

#include <string.h>

struct record *record_of(struct write_item *item)
{
    return (struct record *)item; /* its first member */
}

static struct writ_result send_decision(struct db *db, const struct record *record)
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
        record->policy_version > 0 ? db_int8(record->policy_version) : db_null(),
        record->policy_engines.data ? db_jsonb(record->policy_engines) : db_null(),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_DENY], params,
                                         sizeof params / sizeof params[0]));
}

static struct writ_result send_friction(struct db *db, const struct record *record)
{
    const struct record_friction *friction = &record->friction;
    const struct db_param denial[] = {
        db_uuid(record->item.task.bytes), db_bytea(writ_slice_of(friction->asked_sha256, 32)),
        db_uuid(friction->held_at.bytes), db_cstr(writ_status_code(record->denied.outcome)),
        db_uuid(record->id.bytes),
    };
    const struct db_param heat[] = {
        db_uuid(record->item.task.bytes),
        db_uuid(record->delegation.bytes),
        db_int8(friction->refusals),
        db_int8(friction->open_s),
    };
    WRIT_TRY(db_to_result(
        friction->is_repeat
            ? db_pipeline_send(db, &STATEMENTS[STATEMENT_DENIAL_REPEAT], denial, 3)
            : db_pipeline_send(db, &STATEMENTS[STATEMENT_DENIAL_REMEMBER], denial, 5)));
    if (friction->refusals == 0)
        return WRIT_SUCCESS;
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_DENIAL_HEAT], heat, 4));
}

static struct writ_result send_denials(struct db *db, struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct record *record = record_of(items[i]);
        if (!record->friction.is_decided)
            WRIT_TRY(send_decision(db, record));
        if (record->friction.stays)
            WRIT_TRY(send_friction(db, record));
    }
    return WRIT_SUCCESS;
}

static struct writ_result receive_friction(struct db *db, struct record *record)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(db_to_result(db_pipeline_next(db, NULL)));
    if (record->friction.refusals == 0)
        return WRIT_SUCCESS;
    WRIT_TRY(db_to_result(db_pipeline_next(db, &rows)));
    WRIT_ENSURE(db_rows(rows) == 1, INTERNAL);
    record->opened = db_get_bool(rows, 0, 0);
    return WRIT_SUCCESS;
}

static struct writ_result receive_denials(struct db *db, struct write_item *const *items,
                                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct record *record = record_of(items[i]);
        if (!record->friction.is_decided)
            WRIT_TRY(db_to_result(db_pipeline_next(db, NULL)));
        if (record->friction.stays)
            WRIT_TRY(receive_friction(db, record));
    }
    return WRIT_SUCCESS;
}

enum writ_status record_violated(const char *constraint)
{
    /* A proof or key that another replica commits at the same time: to be asked again. Anything
     * else, a missing partition say, is ours to mend. */
    const bool is_race = strstr(constraint, "pkey") != NULL;
    return is_race ? WRIT_CONFLICT : WRIT_STATUS_UNKNOWN;
}

void record_done(struct write_item *item)
{
    struct record *record = record_of(item);
    record->done(record);
}

static const struct write_kind DENIAL_KIND = {
    .name = "denial",
    .rank = 3,
    .send = send_denials,
    .receive = receive_denials,
    .violated = record_violated,
    .done = record_done,
};

void record_init(struct record *record, const struct uuid *task)
{
    *record = (struct record){.item = {.task = *task}};
}

/* A key or a proof that comes twice is judged on what became of it the first time, and a label
 * rises from where it rose to before. */
static void mark(struct record *record, const struct writer *writer)
{
    if (record->idempotency_key.size > 0)
        record->item.alone[0] = writer_mark(writer, writ_slice_text(record->client),
                                            record->idempotency_key);
    if (record->has_effects)
        record->item.alone[1] = writer_mark(writer, writ_slice_of(record->leaf_hash, 32),
                                            record->proof_jti);
    if (record->may_raise)
        record->item.alone[2] = writer_mark(writer, WRIT_SLICE_LITERAL("label"),
                                            writ_slice_of(record->item.task.bytes, 16));
}

struct writ_result record_submit(struct record *record, struct writer *writer)
{
    if (record->denied.outcome != WRIT_OK) {
        record->item.kind = &DENIAL_KIND;
        record->item.account_count = 0; /* it takes nothing */
    } else if (record->buffered) {
        record->item.kind = &PERMITTED_KIND;
    } else {
        record->item.kind = record->may_raise ? &RAISE_KIND : &PERMIT_KIND;
    }
    record->item.locks_alone = record->item.kind == &RAISE_KIND;
    if (record->item.kind == &PERMIT_KIND || record->item.kind == &RAISE_KIND)
        mark(record, writer);
    return writer_submit(writer, &record->item);
}
