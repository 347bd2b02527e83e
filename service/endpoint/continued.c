#include "endpoint/continued.h"

#include "authority/authority.h"
#include "endpoint/node.h"
#include "ledger/sql.h"

struct writ_result continued_lock(struct db *db, const struct uuid *continued)
{
    static const bool SHARED = false;
    const struct db_param lock[] = {
        db_uuid_array(&continued->bytes, 1),
        db_bool_array(&SHARED, 1),
    };
    return sql_run(db, STATEMENT_LOCK_TASKS, lock, 2, NULL);
}

struct writ_result continued_carry(struct call *call, struct db *db, const struct uuid *continued,
                                   const struct uuid *task, struct writ_denial *ret_denial)
{
    struct writ_json *before = NULL;
    struct writ_result result = node_may_see(call, db, continued);
    if (writ_is_ok(result))
        result = node_task(call, db, continued, &before);
    if (result.status == WRIT_NOT_FOUND)
        writ_denial_set(ret_denial, WRIT_NOT_FOUND, "", "continues", "you opened no such task");
    WRIT_TRY(result);
    const struct writ_slice label = writ_json_canonical(call->arena,
                                                        writ_json_get(before, "label"));
    WRIT_ENSURE(label.data, OUT_OF_MEMORY);
    const struct db_param params[] = {db_uuid(task->bytes), db_cstr("continued"), db_null(),
                                      db_uuid(continued->bytes), db_jsonb(label)};
    return sql_run(db, STATEMENT_LABEL_RAISE, params, 5, NULL);
}
