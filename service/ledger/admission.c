#include "ledger/admission.h"

#include "clock.h"
#include "ledger/sql.h"

#include <stdlib.h>
#include <string.h>

static struct admission *admission_of(struct write_item *item)
{
    return (struct admission *)item; /* its first member */
}

static struct writ_result send_one(struct db *db, struct admission *admission)
{
    struct write_item *item = &admission->item;
    const struct chain *parent = admission->parent;
    const struct writ_token *token = admission->token;
    uint8_t line[WRIT_CHAIN_MAX][16];
    struct writ_slice holders[WRIT_CHAIN_MAX + 1];
    WRIT_ENSURE(parent->count <= WRIT_CHAIN_MAX, INTERNAL);
    for (size_t i = 0; i < parent->count; i++) {
        memcpy(line[i], parent->links[i].id.bytes, 16);
        holders[i] = writ_slice_text(parent->links[i].thumbprint);
    }
    holders[parent->count] = writ_slice_text(admission->holder);
    const struct db_param params[] = {
        db_uuid(item->task.bytes),
        db_uuid(admission->id.bytes),
        db_uuid(chain_leaf(parent)->id.bytes),
        db_uuid_array((const uint8_t(*)[16])line, parent->count),
        db_text_array(holders, parent->count + 1),
        db_int8(token->depth),
        db_int8(token->max_depth),
        db_time(token->iat_unix_s * 1000000),
        db_time(token->exp_unix_s * 1000000),
        db_jsonb(admission->authority),
        db_jsonb(admission->terms),
        db_bytea(writ_slice_of(token->hash, 32)),
        db_cstr(admission->holder),
        db_bytea(token->compact),
        db_text(token->jti),
        db_text(token->agent),
        admission->audience.size > 0 ? db_jsonb(admission->audience) : db_null(),
        admission->has_handle ? db_bytea(writ_slice_of(admission->handle_sha256, 32)) : db_null(),
        db_cstr(admission->admitted_by),
        db_int8(admission->lease_s),
        db_bool(admission->attributed),
        admission->idempotency_key.size > 0 ? db_text(admission->idempotency_key) : db_null(),
        db_bytea(writ_slice_of(admission->body_sha256, 32)),
        db_bytea(admission->answer_sealed),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_ADMIT], params,
                                         sizeof params / sizeof params[0]));
}

static struct writ_result receive_one(struct db *db, struct write_item *item)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(db_to_result(db_pipeline_next(db, &rows)));
    WRIT_ENSURE(db_rows(rows) == 1, INTERNAL);
    if (!db_is_null(rows, 0, 0))
        item->denial.outcome = sql_outcome(db_get_text(rows, 0, 0));
    return WRIT_SUCCESS;
}

/* The accounts of all of them, behind the links; one statement, if there are any. */
static struct writ_result send_openings(struct db *db, struct write_item *const *items,
                                        size_t count, size_t total)
{
    struct opening *openings = calloc(total, sizeof *openings);
    WRIT_ENSURE(openings, OUT_OF_MEMORY);
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < admission_of(items[i])->opening_count; k++)
            openings[made++] = admission_of(items[i])->openings[k];
    const struct writ_result sent = account_send_openings(db, openings, made);
    free(openings);
    return sent;
}

static size_t count_openings(struct write_item *const *items, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += admission_of(items[i])->opening_count;
    return total;
}

/* A statement each, with its task as a parameter: on many shards, each goes to one. */
static struct writ_result send(struct db *db, struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        WRIT_TRY(send_one(db, admission_of(items[i])));
    const size_t total = count_openings(items, count);
    return total > 0 ? send_openings(db, items, count, total) : WRIT_SUCCESS;
}

static struct writ_result receive(struct db *db, struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!writ_is_ok(receive_one(db, items[i])))
            items[i]->denial = (struct writ_denial){
                .outcome = WRIT_INTERNAL, .step = "", .hop = -1};
    return count_openings(items, count) > 0 ? db_to_result(db_pipeline_next(db, NULL))
                                            : WRIT_SUCCESS;
}

/* W8: what the database refused, in the words of the API. The library refuses first; a row that
 * gets this far means that the two disagree, or that somebody raced. */
static enum writ_status violated(const char *constraint)
{
    static const struct {
        const char *constraint;
        enum writ_status outcome;
    } MEANINGS[] = {
        {"narrower", WRIT_NOT_NARROWER},
        {"terms_narrower", WRIT_NOT_NARROWER},
        {"call_only_is_not_passed_on", WRIT_NOT_NARROWER},
        {"does_not_outlive_its_parent", WRIT_NOT_NARROWER},
        {"not_issued_before_its_parent", WRIT_NOT_YET_VALID},
        {"one_deeper", WRIT_DEPTH_INVALID},
        {"depth_within_bounds", WRIT_DEPTH_INVALID},
        {"no_deeper_than_the_parent_allows", WRIT_DEPTH_INVALID},
        {"copy_is_the_parents", WRIT_PAR_HASH_MISMATCH},
        {"authority_well_formed", WRIT_UNKNOWN_CONSTRAINT},
        {ACCOUNT_CONSERVED, WRIT_BUDGET_EXCEEDED},
    };
    for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++)
        if (strcmp(MEANINGS[i].constraint, constraint) == 0)
            return MEANINGS[i].outcome;
    /* The same token admitted twice, or the same key used at the same time. */
    return WRIT_CONFLICT;
}

static void done(struct write_item *item)
{
    struct admission *admission = admission_of(item);
    admission->done(admission);
}

static const struct write_kind KIND = {
    .name = "admission",
    .rank = 0,
    .send = send,
    .receive = receive,
    .violated = violated,
    .done = done,
};

void admission_init(struct admission *admission, const struct uuid *task)
{
    *admission = (struct admission){.item = {.kind = &KIND, .task = *task}};
}

/* What its accounts are carved from is locked with the accounts of the batch. */
static struct writ_result fill_accounts(struct admission *admission, struct writ_arena *arena)
{
    WRIT_TRY(account_open_child(arena, admission->parent, &admission->id, admission->token,
                                &admission->openings, &admission->opening_count));
    struct account_key *keys = writ_arena_array(arena, admission->opening_count, sizeof *keys);
    WRIT_ENSURE(keys || admission->opening_count == 0, OUT_OF_MEMORY);
    size_t count = 0;
    for (size_t i = 0; i < admission->opening_count; i++)
        if (admission->openings[i].is_carved)
            keys[count++] = admission->openings[i].from;
    admission->item.accounts = keys;
    admission->item.account_count = count;
    return WRIT_SUCCESS;
}

struct writ_result admission_fill(struct admission *admission, struct writ_arena *arena,
                                  const struct chain *parent, const struct writ_token *token)
{
    admission->id = uuid_new(clock_unix_us());
    admission->parent = parent;
    admission->token = token;
    admission->authority = token->authority ? writ_authority_json(arena, token->authority)
                                            : WRIT_SLICE_LITERAL("{}");
    const struct writ_json *terms = writ_effective_json(arena, &token->effective);
    WRIT_ENSURE(admission->authority.data && terms, OUT_OF_MEMORY);
    admission->terms = writ_json_canonical(arena, terms);
    if (token->audience)
        admission->audience = writ_json_canonical(arena, token->audience);
    WRIT_ENSURE(admission->terms.data && (!token->audience || admission->audience.data),
                OUT_OF_MEMORY);
    WRIT_TRY(fill_accounts(admission, arena));
    writ_key_thumbprint(&token->holder, admission->holder);
    memcpy(admission->item.order, token->hash, sizeof admission->item.order);
    return WRIT_SUCCESS;
}

static enum db_error write_now(struct admission *admission, struct db *db)
{
    struct write_item *item = &admission->item;
    bool has_accounts = false;
    enum db_error error = db_pipeline_begin(db);
    if (error != DB_OK)
        return error;
    const struct db_param lock = db_uuid_array((const uint8_t(*)[16]) & admission->item.task.bytes,
                                               1);
    error = db_pipeline_send(db, &STATEMENTS[STATEMENT_LOCK_TASKS], &lock, 1);
    if (error == DB_OK)
        error = account_send_locks(db, &item, 1, &has_accounts);
    if (error == DB_OK && !writ_is_ok(send(db, &item, 1)))
        error = DB_OTHER;
    if (error == DB_OK)
        error = db_pipeline_next(db, NULL);
    if (error == DB_OK && has_accounts)
        error = db_pipeline_next(db, NULL);
    if (error == DB_OK && !writ_is_ok(receive(db, &item, 1)))
        error = DB_OTHER;
    const enum db_error ended = db_pipeline_end(db);
    return ended != DB_OK ? ended : error;
}

struct writ_result admission_write(struct admission *admission, struct db *db)
{
    admission->item.denial = (struct writ_denial){.step = "", .hop = -1};
    const enum db_error error = write_now(admission, db);
    if (error == DB_CONSTRAINT)
        return (struct writ_result){violated(db_constraint(db))};
    WRIT_TRY(db_to_result(error));
    return (struct writ_result){admission->item.denial.outcome};
}
