/* Accounts into the ledger: their locks, and those that come with a link. */
#include "ledger/account.h"
#include "ledger/sql.h"

#include <stdlib.h>

/* ---- Locks -------------------------------------------------------------------------------- */

struct place {
    uint8_t task[16], delegation[16];
    int64_t entry;
};

static int by_place(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    const int task = memcmp(left->task, right->task, 16);
    const int delegation = task != 0 ? task : memcmp(left->delegation, right->delegation, 16);
    return delegation != 0 ? delegation
                           : (left->entry > right->entry) - (left->entry < right->entry);
}

/* Each once, in the order of locks. */
static struct place *collect(struct writ_arena *arena, struct write_item *const *items,
                             size_t count, size_t wanted, size_t *ret_count)
{
    struct place *places = writ_arena_array(arena, wanted, sizeof *places);
    if (!places)
        return NULL;
    size_t made = 0;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < items[i]->account_count; k++) {
            struct place *place = &places[made++];
            memcpy(place->task, items[i]->task.bytes, 16);
            memcpy(place->delegation, items[i]->accounts[k].delegation.bytes, 16);
            place->entry = items[i]->accounts[k].entry;
        }
    qsort(places, made, sizeof *places, by_place);
    *ret_count = 0;
    for (size_t i = 0; i < made; i++)
        if (i == 0 || by_place(&places[i], &places[*ret_count - 1]) != 0)
            places[(*ret_count)++] = places[i];
    return places;
}

static enum db_error send_places(struct writ_arena *arena, struct db *db,
                                 const struct place *places, size_t count)
{
    uint8_t(*tasks)[16] = writ_arena_array(arena, count, 16);
    uint8_t(*delegations)[16] = writ_arena_array(arena, count, 16);
    int64_t *entries = writ_arena_array(arena, count, sizeof *entries);
    if (!tasks || !delegations || !entries)
        return DB_OTHER;
    for (size_t i = 0; i < count; i++) {
        memcpy(tasks[i], places[i].task, 16);
        memcpy(delegations[i], places[i].delegation, 16);
        entries[i] = places[i].entry;
    }
    const struct db_param params[] = {
        db_uuid_array((const uint8_t(*)[16])tasks, count),
        db_uuid_array((const uint8_t(*)[16])delegations, count),
        db_int8_array(entries, count),
    };
    return db_pipeline_send(db, &STATEMENTS[STATEMENT_LOCK_ACCOUNTS], params, 3);
}

enum db_error account_send_locks(struct db *db, struct write_item *const *items, size_t count,
                                 bool *ret_sent)
{
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++)
        wanted += items[i]->account_count;
    *ret_sent = wanted > 0;
    if (wanted == 0)
        return DB_OK;
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    size_t distinct = 0;
    const struct place *places = collect(&arena, items, count, wanted, &distinct);
    const enum db_error error = places ? send_places(&arena, db, places, distinct) : DB_OTHER;
    writ_arena_done(&arena);
    return error;
}

/* ---- Openings ----------------------------------------------------------------------------- */

static struct writ_result ask_short(struct writ_arena *arena, struct db *db,
                                    const struct opening *openings, size_t count,
                                    const struct opening **ret_lacking, struct db_result **ret_row)
{
    const struct opening **carved = writ_arena_array(arena, count, sizeof *carved);
    uint8_t(*froms)[16] = writ_arena_array(arena, count, 16);
    int64_t *entries = writ_arena_array(arena, count, sizeof *entries);
    struct writ_slice *amounts = writ_arena_array(arena, count, sizeof *amounts);
    WRIT_ENSURE(carved && froms && entries && amounts, OUT_OF_MEMORY);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (!openings[i].is_carved)
            continue;
        carved[n] = &openings[i];
        memcpy(froms[n], openings[i].from.delegation.bytes, 16);
        entries[n] = openings[i].from.entry;
        amounts[n++] = openings[i].granted;
    }
    if (n == 0)
        return WRIT_SUCCESS;
    const struct db_param params[] = {
        db_uuid(openings[0].task.bytes),
        db_uuid_array((const uint8_t(*)[16])froms, n),
        db_int8_array(entries, n),
        db_text_array(amounts, n),
    };
    WRIT_TRY(sql_run(db, STATEMENT_ACCOUNTS_SHORT, params, 4, ret_row));
    if (db_rows(*ret_row) > 0)
        *ret_lacking = carved[db_get_int8(*ret_row, 0, 0) - 1];
    return WRIT_SUCCESS;
}

struct writ_result account_check_openings(struct db *db, const struct opening *openings,
                                          size_t count, int hop, struct writ_denial *ret_denial)
{
    if (count == 0)
        return WRIT_SUCCESS;
    struct writ_arena arena;
    SQL_RESULT row = NULL;
    const struct opening *lacking = NULL;
    writ_arena_init(&arena, 0);
    struct writ_result result = ask_short(&arena, db, openings, count, &lacking, &row);
    writ_arena_done(&arena);
    if (!writ_is_ok(result) || !lacking)
        return result;
    ret_denial->hop = hop;
    writ_denial_set(ret_denial, WRIT_BUDGET_EXCEEDED, "", "writ_terms.budget.limit",
                    "the child asks for %.*s %.*s; %.*s remain above it",
                    WRIT_SLICE_ARGS(lacking->granted), WRIT_SLICE_ARGS(lacking->unit),
                    WRIT_SLICE_ARGS(db_get_text(row, 0, 1)));
    return WRIT_FAILURE(BUDGET_EXCEEDED);
}

struct columns {
    uint8_t (*tasks)[16], (*delegations)[16], (*froms)[16];
    int64_t *entries, *from_entries;
    struct writ_slice *units, *tools, *arguments, *amounts;
    bool *are_not_carved;
};

static bool make_columns(struct writ_arena *arena, size_t count, struct columns *columns)
{
    columns->tasks = writ_arena_array(arena, count, 16);
    columns->delegations = writ_arena_array(arena, count, 16);
    columns->froms = writ_arena_array(arena, count, 16);
    columns->entries = writ_arena_array(arena, count, sizeof(int64_t));
    columns->from_entries = writ_arena_array(arena, count, sizeof(int64_t));
    columns->units = writ_arena_array(arena, count, sizeof(struct writ_slice));
    columns->tools = writ_arena_array(arena, count, sizeof(struct writ_slice));
    columns->arguments = writ_arena_array(arena, count, sizeof(struct writ_slice));
    columns->amounts = writ_arena_array(arena, count, sizeof(struct writ_slice));
    columns->are_not_carved = writ_arena_array(arena, count, sizeof(bool));
    return columns->tasks && columns->delegations && columns->froms && columns->entries &&
           columns->from_entries && columns->units && columns->tools && columns->arguments &&
           columns->amounts && columns->are_not_carved;
}

static void put_opening(struct columns *columns, size_t i, const struct opening *opening)
{
    memcpy(columns->tasks[i], opening->task.bytes, 16);
    memcpy(columns->delegations[i], opening->account.delegation.bytes, 16);
    memcpy(columns->froms[i], opening->from.delegation.bytes, 16);
    columns->entries[i] = opening->account.entry;
    columns->from_entries[i] = opening->from.entry;
    columns->units[i] = opening->unit;
    columns->tools[i] = opening->tool;
    columns->arguments[i] = opening->argument;
    columns->amounts[i] = opening->granted;
    columns->are_not_carved[i] = !opening->is_carved;
}

/* Into a pipeline, or now. */
static struct writ_result write_openings(struct writ_arena *arena, struct db *db,
                                         const struct opening *openings, size_t count, bool now)
{
    struct columns c;
    WRIT_ENSURE(make_columns(arena, count, &c), OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        put_opening(&c, i, &openings[i]);
    const struct db_param params[] = {
        db_uuid_array((const uint8_t(*)[16])c.tasks, count),
        db_uuid_array((const uint8_t(*)[16])c.delegations, count),
        db_int8_array(c.entries, count),
        db_text_array(c.units, count),
        db_text_array(c.tools, count),
        db_text_array(c.arguments, count),
        db_text_array(c.amounts, count),
        db_with_nulls(db_uuid_array((const uint8_t(*)[16])c.froms, count), c.are_not_carved),
        db_with_nulls(db_int8_array(c.from_entries, count), c.are_not_carved),
    };
    const size_t n = sizeof params / sizeof params[0];
    if (now)
        return sql_run(db, STATEMENT_OPEN_ACCOUNTS, params, n, NULL);
    return db_to_result(db_pipeline_send(db, &STATEMENTS[STATEMENT_OPEN_ACCOUNTS], params, n));
}

static struct writ_result write_many(struct db *db, const struct opening *openings, size_t count,
                                     bool now)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    const struct writ_result written = write_openings(&arena, db, openings, count, now);
    writ_arena_done(&arena);
    return written;
}

struct writ_result account_send_openings(struct db *db, const struct opening *openings,
                                         size_t count)
{
    return write_many(db, openings, count, false);
}

struct writ_result account_open(struct db *db, const struct opening *openings, size_t count)
{
    return write_many(db, openings, count, true);
}
