/* A task that goes on with another's data begins with its label (W5). */
#ifndef WRIT_ENDPOINT_CONTINUED_H
#define WRIT_ENDPOINT_CONTINUED_H

#include "endpoint/call.h"

/* Shared, as by whoever sends: what is being read there now is over, or begins later. First in the
 * transaction, as all locks of tasks are. */
struct writ_result continued_lock(struct db *db, const struct uuid *continued) WRIT_MUST_CHECK;
/* Before the root is admitted, so that nothing in it pins what the other task's data chose.
 * NOT_FOUND where the caller opened no such task. */
struct writ_result continued_carry(struct call *call, struct db *db, const struct uuid *continued,
                                   const struct uuid *task,
                                   struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
