/*
 * What every way of ending authority shares: revoking or completing a node, ending a task, revoking
 * a key. Each is answered with its number in the feed and the epoch, and only when the mark outside
 * of the database covers that number: what was answered is never forgotten unnoticed.
 */
#ifndef WRIT_ENDPOINT_ENDED_H
#define WRIT_ENDPOINT_ENDED_H

#include "endpoint/call.h"

struct db_result;

/* "feed" and "epoch", from the first two columns of the statement that ended it. */
void ended_put(struct call *call, struct writ_json *answer, const struct db_result *rows);
/* Before an earlier answer may be repeated: false, and answered, when its number is not covered. */
bool ended_settle(struct call *call);
/* Commits with the answer kept under its Idempotency-Key, if there is one, and answers. */
void ended_finish(struct call *call, struct db *db, const struct writ_json *answer,
                  const struct db_result *rows);
/* Answers what is committed already. */
void ended_answer(struct call *call, const struct writ_json *answer, const struct db_result *rows);

#endif
