#include "ledger/settle.h"

#include "ledger/sql.h"

#include <string.h>

/* Columns of idempotency_settle.sql. */
enum { NUMBER, DECISION, ANSWER };

bool settle_is_known(const struct write_item *item)
{
    struct writ_slice client;
    struct writ_slice key;
    return item->kind->known_by && item->kind->known_by(item, &client, &key);
}

static struct writ_result look_up(struct writ_arena *arena, struct db *db,
                                  struct write_item *const *items, size_t count,
                                  struct db_result **ret_rows)
{
    struct writ_slice *clients = writ_arena_array(arena, count, sizeof *clients);
    struct writ_slice *keys = writ_arena_array(arena, count, sizeof *keys);
    WRIT_ENSURE(clients && keys, OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        WRIT_ENSURE(items[i]->kind->known_by(items[i], &clients[i], &keys[i]), INTERNAL);
    const struct db_param params[] = {db_text_array(clients, count), db_text_array(keys, count)};
    WRIT_TRY(db_to_result(db_begin(db)));
    const struct writ_result read = sql_run(db, STATEMENT_IDEMPOTENCY_SETTLE, params, 2, ret_rows);
    const enum db_error ended = writ_is_ok(read) ? db_commit(db) : db_rollback(db);
    WRIT_TRY(read);
    return db_to_result(ended);
}

struct writ_result settle_find(struct db *db, struct write_item *const *items, size_t count,
                               bool *ret_recorded)
{
    SQL_RESULT rows = NULL;
    struct writ_arena arena;
    memset(ret_recorded, 0, count * sizeof *ret_recorded);
    writ_arena_init(&arena, 0);
    const struct writ_result found = look_up(&arena, db, items, count, &rows);
    writ_arena_done(&arena);
    WRIT_TRY(found);
    for (size_t row = 0; row < db_rows(rows); row++) {
        const int64_t number = db_get_int8(rows, row, NUMBER);
        struct uuid decision = {0};
        WRIT_ENSURE(number >= 1 && (uint64_t)number <= count, INTERNAL);
        const struct write_item *item = items[number - 1];
        (void)db_get_uuid(rows, row, DECISION, decision.bytes);
        ret_recorded[number - 1] = item->kind->is_own(item, &decision,
                                                      db_get_bytea(rows, row, ANSWER));
    }
    return WRIT_SUCCESS;
}
