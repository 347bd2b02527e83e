/*
 * Reader threads, a bounded queue before them, and sessions that come back by themselves.
 *
 * A job runs on one of the threads with a session, or with NULL when the database is away: it must
 * answer either way. It never waits longer than a second for a session; with no session left it
 * fails at once. One further thread opens sessions again, with a growing pause, and drops those
 * that the server closed meanwhile, so that pool_is_ready is true or false within a second.
 */
#ifndef WRIT_POSTGRES_POOL_H
#define WRIT_POSTGRES_POOL_H

#include "postgres/db.h"

struct pool;

struct pool_options {
    struct db_options db; /* copied; what it points to outlives the pool */
    unsigned threads;     /* and sessions */
    size_t queue_limit;   /* jobs that wait; 0: 4,096 */
};

/* `db` is NULL when the database is away. The job may use it until it returns, and leaves no
 * transaction open (one left open is rolled back). */
typedef void pool_job(struct db *db, void *argument);

/* Returns before any session is open: see pool_wait_ready. */
struct writ_result pool_start(const struct pool_options *options,
                              struct pool **ret_pool) WRIT_MUST_CHECK;
/* True once there is a session; false after timeout_ms. */
bool pool_wait_ready(struct pool *pool, unsigned timeout_ms);
bool pool_is_ready(struct pool *pool);
/* From any thread, never blocks. RATE_LIMITED when the queue is full: the job does not run. */
struct writ_result pool_submit(struct pool *pool, pool_job *job, void *argument) WRIT_MUST_CHECK;
/* The same, before all that wait: for what takes authority away. */
struct writ_result pool_submit_first(struct pool *pool, pool_job *job,
                                     void *argument) WRIT_MUST_CHECK;
/* Runs what is queued, then ends; what is submitted later is refused. Takes NULL. */
void pool_end(struct pool *pool);
/* Ends it first. Nothing may be submitted any more. Takes NULL, returns NULL. */
struct pool *pool_free(struct pool *pool);

#endif
