#include "ledger/position.h"

#include "ledger/sql.h"
#include "log.h"
#include "service.h"

/* Columns of position.sql. */
enum { HEAD, EPOCH, BEHIND };

struct writ_result position_ask(struct db *db, const struct mark_position *mark,
                                struct mark_position *ret_found, bool *ret_is_behind)
{
    SQL_RESULT rows = NULL;
    struct mark_position found = {0};
    const struct db_param params[] = {db_uuid(mark ? mark->epoch.bytes : NULL),
                                      db_int8(mark ? mark->head : 0)};
    WRIT_TRY(sql_run(db, STATEMENT_POSITION, params, 2, &rows));
    WRIT_ENSURE(db_rows(rows) == 1 && db_get_uuid(rows, 0, EPOCH, found.epoch.bytes), INTERNAL);
    found.head = db_get_int8(rows, 0, HEAD);
    *ret_found = found;
    *ret_is_behind = db_get_bool(rows, 0, BEHIND);
    return WRIT_SUCCESS;
}

/* A primary that waits for its standby answers every question and commits nothing, and whoever
 * gives up on it leaves a session behind that waits on. All of ours would write this one row, so at
 * most one of them is left there. */
static bool can_commit(const struct service *service, struct db *db)
{
    const struct db_param replica = db_uuid(service->replica.bytes);
    return writ_is_ok(sql_run(db, STATEMENT_PROBE, &replica, 1, NULL));
}

bool position_accept(struct db *db, void *context)
{
    struct service *service = context;
    struct mark_position mark;
    struct mark_position found;
    bool is_behind = true;
    const bool has_mark = mark_get(service->mark, &mark);
    if (!writ_is_ok(position_ask(db, has_mark ? &mark : NULL, &found, &is_behind)))
        return false;
    if (is_behind)
        position_found(service, &found, true); /* that it no longer is, the follower says */
    return !is_behind && can_commit(service, db);
}

void position_found(struct service *service, const struct mark_position *found, bool is_behind)
{
    char found_epoch[UUID_TEXT_SIZE];
    char mark_epoch[UUID_TEXT_SIZE] = "";
    struct mark_position mark = {.head = -1};
    if (!mark_set_behind(service->mark, is_behind))
        return;
    if (mark_get(service->mark, &mark))
        uuid_text(&mark.epoch, mark_epoch);
    uuid_text(&found->epoch, found_epoch);
    if (is_behind)
        log_error("database_behind", LOG_TEXT("reason", MARK_BEHIND),
                  LOG_TEXT("mark_epoch", mark_epoch), LOG_INT("mark_head", mark.head),
                  LOG_TEXT("epoch", found_epoch), LOG_INT("head", found->head));
    else
        log_info("database_recovered", LOG_TEXT("epoch", found_epoch),
                 LOG_INT("head", found->head));
}

struct writ_result position_tell(struct db *db, const struct mark_position *mark)
{
    const struct db_param params[] = {db_uuid(mark->epoch.bytes), db_int8(mark->head),
                                      db_int8(mark->log_size)};
    return sql_run(db, STATEMENT_MARK_TELL, params, 3, NULL);
}
