#include "endpoint/change.h"

#include "clock.h"
#include "ledger/sql.h"
#include "log.h"

#include <stdio.h>
#include <string.h>

struct writ_result change_refuse(struct change *change, enum writ_status status, const char *field,
                                 const char *detail)
{
    struct writ_denial *denial = &change->denial;
    *denial = (struct writ_denial){.outcome = status, .step = "", .hop = -1};
    snprintf(denial->field, sizeof denial->field, "%s", field);
    snprintf(denial->detail, sizeof denial->detail, "%s", detail);
    return (struct writ_result){status};
}

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

static struct writ_result body_of(struct call *call, const struct writ_json *json,
                                  struct db_param *ret_param)
{
    *ret_param = db_null();
    if (!json)
        return WRIT_SUCCESS;
    const struct writ_slice text = writ_json_verbatim(call->arena, json);
    WRIT_ENSURE(text.data, OUT_OF_MEMORY);
    *ret_param = db_jsonb(text);
    return WRIT_SUCCESS;
}

static struct writ_result record(struct call *call, struct db *db, const struct change *change)
{
    struct uuid id;
    struct db_param before;
    struct db_param after;
    if (change->before && change->after && writ_json_equal(change->before, change->after))
        return WRIT_SUCCESS;
    WRIT_TRY(new_id(db, &id));
    WRIT_TRY(body_of(call, change->before, &before));
    WRIT_TRY(body_of(call, change->after, &after));
    const struct db_param params[] = {
        db_uuid(id.bytes),
        db_text(call->client->id),
        db_cstr(change->kind),
        db_text(change->key),
        before,
        after,
    };
    return sql_run(db, STATEMENT_REGISTRY_RECORD, params, 6, NULL);
}

static struct writ_result in_transaction(struct call *call, struct db *db, change_work *work,
                                         struct change *change)
{
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_LOCK, NULL, 0, NULL));
    WRIT_TRY(work(call, db, change));
    if (change->only_tried)
        return db_to_result(db_rollback(db));
    WRIT_TRY(record(call, db, change));
    return db_to_result(db_commit(db));
}

void change_run(struct call *call, struct db *db, change_work *work)
{
    struct change change = {.denial = {.outcome = WRIT_OK}};
    struct writ_result result = db_to_result(db_begin(db));
    if (writ_is_ok(result)) {
        result = in_transaction(call, db, work, &change);
        if (!writ_is_ok(result) && db_rollback(db) != DB_OK)
            log_warn("rollback_failed", LOG_TEXT("error", db_message(db)));
    }
    if (!writ_is_ok(result)) {
        if (change.denial.outcome != WRIT_OK)
            call_deny(call, &change.denial, NULL);
        else
            call_fail_read(call, result, "there is no such thing");
        return;
    }
    /* Committed whatever comes now: this replica would learn of it with its next beat anyway. */
    const struct writ_result reload = registry_reload(call->service->registries, db, true);
    if (!writ_is_ok(reload))
        log_warn("registry_not_reloaded", LOG_TEXT("outcome", writ_status_code(reload.status)));
    call_answer(call, 200, change.answer ? change.answer : change.after);
}

bool change_name(struct call *call, const char *parameter, struct writ_slice *ret_name)
{
    return call_path_text(call, parameter, CHANGE_NAME_MAX, ret_name);
}
