#include "endpoint/ended.h"

#include "endpoint/idempotency.h"
#include "ledger/mark.h"
#include "ledger/view.h"
#include "postgres/db.h"

/* Columns that revoke.sql, end_task.sql and holder_revoke.sql share. */
enum { FEED_NO, EPOCH };

void ended_put(struct call *call, struct writ_json *answer, const struct db_result *rows)
{
    struct uuid epoch = {0};
    (void)db_get_uuid(rows, 0, EPOCH, epoch.bytes);
    writ_json_put_integer(call->arena, answer, "feed", db_get_int8(rows, 0, FEED_NO));
    call_put_id(call, answer, "epoch", &epoch);
}

static bool fail(struct call *call, struct writ_result result)
{
    call_fail(call, result.status, "",
              "it is recorded, but not yet kept outside of the database; ask again");
    return false;
}

bool ended_settle(struct call *call)
{
    const struct writ_result settled = mark_settle(call->service->mark);
    return writ_is_ok(settled) || fail(call, settled);
}

static bool cover(struct call *call, const struct db_result *rows)
{
    struct uuid epoch = {0};
    (void)db_get_uuid(rows, 0, EPOCH, epoch.bytes);
    view_wake(call->service->view);
    const struct writ_result reached = mark_reach(call->service->mark, &epoch,
                                                  db_get_int8(rows, 0, FEED_NO));
    return writ_is_ok(reached) || fail(call, reached);
}

void ended_finish(struct call *call, struct db *db, const struct writ_json *answer,
                  const struct db_result *rows)
{
    struct writ_slice body;
    if (idempotency_commit(call, db, 200, answer, &body) && cover(call, rows))
        call_answer_bytes(call, 200, HTTP_JSON, body);
}

void ended_answer(struct call *call, const struct writ_json *answer, const struct db_result *rows)
{
    if (cover(call, rows))
        call_answer(call, 200, answer);
}
