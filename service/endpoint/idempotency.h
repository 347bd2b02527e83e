/*
 * Idempotency-Key for calls that do their work on a reader's session: the key is claimed in the
 * transaction that does the work, and the answer is kept in it, sealed, as it may hold a handle.
 * (Admissions and decisions do the same inside their own statements.)
 */
#ifndef WRIT_ENDPOINT_IDEMPOTENCY_H
#define WRIT_ENDPOINT_IDEMPOTENCY_H

#include "endpoint/call.h"
#include "postgres/db.h"

/* True: go on. False: the call was answered (a repetition, another request under the same key, or
 * a failure), and the caller returns. Inside a transaction. */
bool idempotency_begin(struct call *call, struct db *db, const char *route);
/* Keeps the answer; before commit. */
struct writ_result idempotency_keep(struct call *call, struct db *db, int status,
                                    struct writ_slice body) WRIT_MUST_CHECK;
/* Keeps and commits; false, and answered, when that failed. */
bool idempotency_commit(struct call *call, struct db *db, int status, const struct writ_json *value,
                        struct writ_slice *ret_body);
/* Keeps, commits and answers; a failure is answered. */
void idempotency_finish(struct call *call, struct db *db, int status,
                        const struct writ_json *value);

/* For those that keep it themselves: the answer as stored. NONE when out of memory. */
struct writ_slice idempotency_seal(struct call *call, struct writ_slice key,
                                   struct writ_slice body);
/* The answer to a request that was made before under this key: true if the call was answered. */
bool idempotency_repeat(struct call *call, struct db *db, const char *route, bool *ret_answered);

#endif
