#include "ledger/record.h"

#include "ledger/sql.h"

#include <string.h>

struct record *record_of(struct write_item *item)
{
    return (struct record *)item; /* its first member */
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

static struct writ_result receive_denials(struct db *db, struct write_item *const *items,
                                          size_t count)
{
    (void)items;
    for (size_t i = 0; i < count; i++)
        WRIT_TRY(db_to_result(db_pipeline_next(db, NULL)));
    return WRIT_SUCCESS;
}

static struct writ_result send_denials(struct db *db, struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        WRIT_TRY(send_denial(db, record_of(items[i])));
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
    record->item.locks_alone = record->may_raise;
    if (record->may_raise)
        record->item.alone[2] = writer_mark(writer, WRIT_SLICE_LITERAL("label"),
                                            writ_slice_of(record->item.task.bytes, 16));
}

struct writ_result record_submit(struct record *record, struct writer *writer)
{
    if (record->denied.outcome != WRIT_OK)
        record->item.kind = &DENIAL_KIND;
    else if (record->buffered)
        record->item.kind = &PERMITTED_KIND;
    else
        record->item.kind = record->may_raise ? &RAISE_KIND : &PERMIT_KIND;
    if (record->item.kind == &PERMIT_KIND || record->item.kind == &RAISE_KIND)
        mark(record, writer);
    return writer_submit(writer, &record->item);
}
