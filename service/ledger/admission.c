#include "ledger/admission.h"

#include "base/crypto.h"
#include "clock.h"
#include "ledger/lines.h"
#include "ledger/sql.h"

#include <string.h>

static struct admission *admission_of(struct write_item *item)
{
    return (struct admission *)item; /* its first member */
}

/* ---- The statement ------------------------------------------------------------------------ */

/* What the admissions of a batch hold, column by column. */
struct columns {
    size_t count;
    uint8_t (*tasks)[16], (*ids)[16], (*parents)[16];
    int64_t *depths, *max_depths, *issued_us, *expires_us;
    struct writ_slice *digests, *authorities, *terms, *parent_hashes, *hashes, *holders, *tokens;
    struct writ_slice *jtis, *agents, *audiences, *handles, *clients, *keys, *requests, *answers;
    bool *attributed;
    struct lines lines;
};

static struct writ_result make_slices(struct writ_arena *arena, struct columns *columns)
{
    struct writ_slice **const slices[] = {
        &columns->digests, &columns->authorities, &columns->terms,   &columns->parent_hashes,
        &columns->hashes,  &columns->holders,     &columns->tokens,  &columns->jtis,
        &columns->agents,  &columns->audiences,   &columns->handles, &columns->clients,
        &columns->keys,    &columns->requests,    &columns->answers,
    };
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        *slices[i] = writ_arena_array(arena, columns->count, sizeof **slices[i]);
        WRIT_ENSURE(*slices[i], OUT_OF_MEMORY);
    }
    return WRIT_SUCCESS;
}

static struct writ_result make_columns(struct writ_arena *arena, struct columns *columns)
{
    const size_t count = columns->count;
    columns->tasks = writ_arena_array(arena, count, 16);
    columns->ids = writ_arena_array(arena, count, 16);
    columns->parents = writ_arena_array(arena, count, 16);
    columns->depths = writ_arena_array(arena, count, sizeof(int64_t));
    columns->max_depths = writ_arena_array(arena, count, sizeof(int64_t));
    columns->issued_us = writ_arena_array(arena, count, sizeof(int64_t));
    columns->expires_us = writ_arena_array(arena, count, sizeof(int64_t));
    columns->attributed = writ_arena_array(arena, count, sizeof(bool));
    WRIT_ENSURE(columns->tasks && columns->ids && columns->parents && columns->depths &&
                    columns->max_depths && columns->issued_us && columns->expires_us &&
                    columns->attributed,
                OUT_OF_MEMORY);
    return make_slices(arena, columns);
}

static void put_token(struct columns *columns, size_t i, const struct admission *admission)
{
    const struct writ_token *token = admission->token;
    columns->depths[i] = token->depth;
    columns->max_depths[i] = token->max_depth;
    columns->issued_us[i] = token->iat_unix_s * 1000000;
    columns->expires_us[i] = token->exp_unix_s * 1000000;
    columns->digests[i] = writ_slice_of(admission->digest, 32);
    columns->authorities[i] = admission->authority;
    columns->terms[i] = admission->terms;
    /* The par_hash of the token: it was verified to be this. */
    columns->parent_hashes[i] = writ_slice_of(chain_leaf_token(admission->parent)->hash, 32);
    columns->hashes[i] = writ_slice_of(token->hash, 32);
    columns->holders[i] = writ_slice_text(admission->holder);
    columns->tokens[i] = token->compact;
    columns->jtis[i] = token->jti;
    columns->agents[i] = token->agent;
    columns->audiences[i] = admission->audience;
}

static void put_admission(struct columns *columns, size_t i, const struct admission *admission)
{
    const struct chain *parent = admission->parent;
    memcpy(columns->tasks[i], admission->item.task.bytes, 16);
    memcpy(columns->ids[i], admission->id.bytes, 16);
    memcpy(columns->parents[i], chain_leaf(parent)->id.bytes, 16);
    put_token(columns, i, admission);
    if (admission->has_handle)
        columns->handles[i] = writ_slice_of(admission->handle_sha256, 32);
    columns->clients[i] = writ_slice_text(admission->admitted_by);
    columns->attributed[i] = admission->attributed;
    if (admission->idempotency_key.size > 0)
        columns->keys[i] = admission->idempotency_key;
    columns->requests[i] = writ_slice_of(admission->body_sha256, 32);
    columns->answers[i] = admission->answer_sealed;
    for (size_t hop = 0; hop < parent->count; hop++)
        lines_put(&columns->lines, i, &admission->item.task, &parent->links[hop].id,
                  parent->links[hop].thumbprint);
}

static struct writ_result send_columns(struct db *db, const struct columns *c, int64_t lease_s)
{
    const size_t n = c->count, links = c->lines.count;
    const struct db_param params[] = {
        db_uuid_array((const uint8_t(*)[16])c->tasks, n),
        db_uuid_array((const uint8_t(*)[16])c->ids, n),
        db_uuid_array((const uint8_t(*)[16])c->parents, n),
        db_int8_array(c->depths, n),
        db_int8_array(c->max_depths, n),
        db_time_array(c->issued_us, n),
        db_time_array(c->expires_us, n),
        db_bytea_array(c->digests, n),
        db_bytea_array(c->authorities, n),
        db_bytea_array(c->terms, n),
        db_bytea_array(c->parent_hashes, n),
        db_bytea_array(c->hashes, n),
        db_text_array(c->holders, n),
        db_bytea_array(c->tokens, n),
        db_text_array(c->jtis, n),
        db_text_array(c->agents, n),
        db_jsonb_array(c->audiences, n),
        db_bytea_array(c->handles, n),
        db_text_array(c->clients, n),
        db_bool_array(c->attributed, n),
        db_text_array(c->keys, n),
        db_bytea_array(c->requests, n),
        db_bytea_array(c->answers, n),
        db_int8_array(c->lines.of, links),
        db_uuid_array((const uint8_t(*)[16])c->lines.tasks, links),
        db_uuid_array((const uint8_t(*)[16])c->lines.ids, links),
        db_text_array(c->lines.holders, links),
        db_int8(lease_s),
    };
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_ADMIT], params,
                                         sizeof params / sizeof params[0]));
}

static struct writ_result send_from(struct writ_arena *arena, struct db *db,
                                    struct write_item *const *items, size_t count)
{
    struct columns columns = {.count = count};
    size_t links = 0;
    for (size_t i = 0; i < count; i++)
        links += admission_of(items[i])->parent->count;
    WRIT_TRY(make_columns(arena, &columns));
    WRIT_TRY(lines_make(arena, links, &columns.lines));
    for (size_t i = 0; i < count; i++)
        put_admission(&columns, i, admission_of(items[i]));
    return send_columns(db, &columns, admission_of(items[0])->lease_s);
}

static size_t count_openings(struct write_item *const *items, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += admission_of(items[i])->opening_count;
    return total;
}

/* The accounts of all of them, behind the links; one statement, if there are any. */
static struct writ_result send_openings(struct writ_arena *arena, struct db *db,
                                        struct write_item *const *items, size_t count)
{
    const size_t total = count_openings(items, count);
    if (total == 0)
        return WRIT_SUCCESS;
    struct opening *openings = writ_arena_array(arena, total, sizeof *openings);
    WRIT_ENSURE(openings, OUT_OF_MEMORY);
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < admission_of(items[i])->opening_count; k++)
            openings[made++] = admission_of(items[i])->openings[k];
    return account_send_openings(db, openings, made);
}

/* Those of a batch in one statement, each row with its task; and the accounts behind them. */
static struct writ_result send(struct db *db, struct write_item *const *items, size_t count)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    struct writ_result sent = send_from(&arena, db, items, count);
    if (writ_is_ok(sent))
        sent = send_openings(&arena, db, items, count);
    writ_arena_done(&arena);
    return sent;
}

static struct writ_result receive(struct db *db, struct write_item *const *items, size_t count)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(db_to_result(db_pipeline_next(db, &rows)));
    WRIT_ENSURE(db_rows(rows) == count, INTERNAL);
    for (size_t i = 0; i < count; i++)
        if (!db_is_null(rows, i, 0))
            items[i]->denial.outcome = sql_outcome(db_get_text(rows, i, 0));
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
        {"terms_well_formed", WRIT_NOT_NARROWER},
        {"call_only_is_not_passed_on", WRIT_NOT_NARROWER},
        {"does_not_outlive_its_parent", WRIT_NOT_NARROWER},
        {"not_issued_before_its_parent", WRIT_NOT_YET_VALID},
        {"one_deeper", WRIT_DEPTH_INVALID},
        {"depth_within_bounds", WRIT_DEPTH_INVALID},
        {"no_deeper_than_the_parent_allows", WRIT_DEPTH_INVALID},
        {"copy_is_the_parents", WRIT_PAR_HASH_MISMATCH},
        {"narrowed_from_the_parents", WRIT_NOT_NARROWER},
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

static bool known_by(const struct write_item *item, struct writ_slice *ret_client,
                     struct writ_slice *ret_key)
{
    const struct admission *admission = (const struct admission *)item;
    *ret_client = writ_slice_text(admission->admitted_by);
    *ret_key = admission->idempotency_key;
    return admission->idempotency_key.size > 0;
}

/* No two answers are sealed to the same bytes. */
static bool is_own(const struct write_item *item, const struct uuid *decision,
                   struct writ_slice answer_sealed)
{
    (void)decision;
    return writ_slice_equal(((const struct admission *)item)->answer_sealed, answer_sealed);
}

static const struct write_kind KIND = {
    .name = "admission",
    .rank = 0,
    .send = send,
    .receive = receive,
    .violated = violated,
    .known_by = known_by,
    .is_own = is_own,
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
    /* As the column writ.body.digest is generated. */
    uint8_t both[64];
    writ_sha256(admission->authority, both);
    writ_sha256(admission->terms, both + 32);
    writ_sha256(writ_slice_of(both, sizeof both), admission->digest);
    writ_key_thumbprint(&token->holder, admission->holder);
    memcpy(admission->item.order, token->hash, sizeof admission->item.order);
    return WRIT_SUCCESS;
}

struct writ_result admission_submit(struct admission *admission, struct writer *writer)
{
    struct write_item *item = &admission->item;
    /* A key or a token that comes twice is judged on what became of it the first time. */
    if (admission->idempotency_key.size > 0)
        item->alone[0] = writer_mark(writer, writ_slice_text(admission->admitted_by),
                                     admission->idempotency_key);
    item->alone[1] = writer_mark(writer, writ_slice_of(item->task.bytes, 16),
                                 writ_slice_of(admission->token->hash, 32));
    return writer_submit(writer, item);
}

struct writ_result admission_write(struct admission *admission, struct db *db)
{
    struct write_item *item = &admission->item;
    const enum db_error error = writer_run(db, &item, 1);
    if (error == DB_CONSTRAINT)
        return (struct writ_result){violated(db_constraint(db))};
    WRIT_TRY(db_to_result(error));
    return (struct writ_result){item->denial.outcome};
}
