#include "endpoint/change.h"

#include "ledger/changes.h"
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

static struct writ_result body_of(struct call *call, const struct writ_json *json,
                                  struct writ_slice *ret_body)
{
    *ret_body = json ? writ_json_verbatim(call->arena, json) : WRIT_SLICE_NONE;
    WRIT_ENSURE(!json || ret_body->data, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result record(struct call *call, struct db *db, const struct change *change)
{
    struct change_entry entry = {
        .client = call->client->id,
        .kind = change->kind,
        .key = change->key,
    };
    if (change->before && change->after && writ_json_equal(change->before, change->after))
        return WRIT_SUCCESS;
    WRIT_TRY(body_of(call, change->before, &entry.before));
    WRIT_TRY(body_of(call, change->after, &entry.after));
    return changes_record(db, &entry);
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
