#include "ledger/changes.h"

#include "clock.h"
#include "ledger/sql.h"
#include "uuid.h"

/* Others know a change by its id being the newest: never below one that is there already, even
 * where another replica's clock is ahead. */
static struct writ_result new_id(struct db *db, struct uuid *ret_id)
{
    SQL_RESULT rows = NULL;
    struct uuid newest;
    struct uuid id = uuid_new(clock_unix_us());
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_VERSION, NULL, 0, &rows));
    if (db_rows(rows) > 0 && db_get_uuid(rows, 0, 0, newest.bytes) &&
        uuid_compare(&id, &newest) <= 0)
        id = uuid_new(uuid_unix_us(&newest) + 1000);
    *ret_id = id;
    return WRIT_SUCCESS;
}

struct writ_result changes_record(struct db *db, const struct change_entry *entry)
{
    struct uuid id;
    WRIT_TRY(new_id(db, &id));
    const struct db_param params[] = {
        db_uuid(id.bytes),
        db_text(entry->client),
        db_cstr(entry->kind),
        db_text(entry->key),
        entry->before.data ? db_jsonb(entry->before) : db_null(),
        entry->after.data ? db_jsonb(entry->after) : db_null(),
    };
    return sql_run(db, STATEMENT_REGISTRY_RECORD, params, 6, NULL);
}
