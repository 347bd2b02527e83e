#include "postgres/pool.h"

#include "clock.h"
#include "log.h"

#include <pthread.h>
#include <stdlib.h>

enum {
    QUEUE_LIMIT = 4096,
    SESSION_WAIT_US = 1000000, /* from submission: a job never waits longer for a session */
    CHECK_US = 1000000,        /* how often idle sessions are looked at */
    FIRST_PAUSE_US = 50000,
    LONGEST_PAUSE_US = 2000000,
};

struct job {
    pool_job *run;
    void *argument;
    int64_t deadline_us;
};

struct pool {
    struct pool_options options;
    pthread_mutex_t lock;
    pthread_cond_t jobs_changed;
    pthread_cond_t sessions_changed; /* for jobs that wait for one, and pool_wait_ready */
    pthread_cond_t keeper_wanted;
    bool is_ending;

    struct job *queue; /* a ring */
    size_t first;
    size_t count;

    struct db **idle; /* a stack */
    size_t idle_count;
    size_t session_count; /* idle and in use */

    pthread_t *threads;
    size_t thread_count;
    pthread_t keeper;
    bool has_keeper;
};

/* --- sessions; all with the lock held --------------------------------------------------------- */

static void drop_session(struct pool *pool, struct db *db)
{
    pool->session_count--;
    if (pool->session_count == 0)
        log_warn("database_away", LOG_TEXT("error", db_message(db)));
    pthread_cond_signal(&pool->keeper_wanted);
    pthread_cond_broadcast(&pool->sessions_changed); /* with none left nobody waits longer */
    pthread_mutex_unlock(&pool->lock);
    db_close(db);
    pthread_mutex_lock(&pool->lock);
}

/* An idle session that still lives, or NULL. */
static struct db *take_idle(struct pool *pool)
{
    while (pool->idle_count > 0) {
        struct db *db = pool->idle[--pool->idle_count];
        if (db_is_alive(db))
            return db;
        drop_session(pool, db);
    }
    return NULL;
}

static struct db *take_session(struct pool *pool, int64_t deadline_us)
{
    for (;;) {
        struct db *db = take_idle(pool);
        if (db || pool->session_count == 0 || clock_monotonic_us() >= deadline_us)
            return db;
        clock_wait(&pool->sessions_changed, &pool->lock, deadline_us);
    }
}

static void give_back(struct pool *pool, struct db *db)
{
    pool->idle[pool->idle_count++] = db;
    pthread_cond_signal(&pool->sessions_changed);
}

/* --- threads ---------------------------------------------------------------------------------- */

static void run_job(struct pool *pool, struct job job)
{
    struct db *db = take_session(pool, job.deadline_us);
    pthread_mutex_unlock(&pool->lock);
    job.run(db, job.argument);
    const bool is_good = db && db_is_alive(db) && db_end_open(db) == DB_OK;
    pthread_mutex_lock(&pool->lock);
    if (is_good)
        give_back(pool, db);
    else if (db)
        drop_session(pool, db);
}

static void *work(void *argument)
{
    struct pool *pool = argument;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        while (pool->count == 0 && !pool->is_ending)
            pthread_cond_wait(&pool->jobs_changed, &pool->lock);
        if (pool->count == 0)
            break;
        const struct job job = pool->queue[pool->first];
        pool->first = (pool->first + 1) % pool->options.queue_limit;
        pool->count--;
        run_job(pool, job);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void check_idle(struct pool *pool)
{
    for (size_t i = 0; i < pool->idle_count;) {
        struct db *db = pool->idle[i];
        if (db_is_alive(db)) {
            i++;
            continue;
        }
        pool->idle[i] = pool->idle[--pool->idle_count];
        drop_session(pool, db);
        i = 0; /* the lock was let go: others may have changed the stack */
    }
}

/* Opens one session outside of the lock, since that may take two seconds. */
static bool open_session(struct pool *pool)
{
    struct db *db = NULL;
    pthread_mutex_unlock(&pool->lock);
    const enum db_error error = db_open(&pool->options.db, &db);
    pthread_mutex_lock(&pool->lock);
    if (error != DB_OK)
        return false;
    if (pool->session_count++ == 0)
        log_info("database_reached", LOG_TEXT("host", db_host(db)),
                 LOG_INT("sessions", pool->options.threads));
    give_back(pool, db);
    pthread_cond_broadcast(&pool->sessions_changed);
    return true;
}

static void *keep(void *argument)
{
    struct pool *pool = argument;
    int64_t pause_us = FIRST_PAUSE_US;
    pthread_mutex_lock(&pool->lock);
    while (!pool->is_ending) {
        check_idle(pool);
        if (pool->session_count < pool->options.threads) {
            if (open_session(pool)) {
                pause_us = FIRST_PAUSE_US;
                continue;
            }
            const int64_t until_us = clock_monotonic_us() + pause_us;
            pause_us = pause_us * 2 < LONGEST_PAUSE_US ? pause_us * 2 : LONGEST_PAUSE_US;
            while (!pool->is_ending && clock_monotonic_us() < until_us)
                clock_wait(&pool->keeper_wanted, &pool->lock, until_us);
            continue;
        }
        clock_wait(&pool->keeper_wanted, &pool->lock, clock_monotonic_us() + CHECK_US);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

/* --- the pool --------------------------------------------------------------------------------- */

static void start_conditions(struct pool *pool)
{
    pthread_mutex_init(&pool->lock, NULL);
    clock_condition_init(&pool->jobs_changed);
    clock_condition_init(&pool->sessions_changed);
    clock_condition_init(&pool->keeper_wanted);
}

static struct writ_result start_threads(struct pool *pool)
{
    const size_t count = pool->options.threads;
    pool->queue = calloc(pool->options.queue_limit, sizeof *pool->queue);
    pool->idle = calloc(count, sizeof(struct db *));
    pool->threads = calloc(count, sizeof *pool->threads);
    WRIT_ENSURE(pool->queue && pool->idle && pool->threads, OUT_OF_MEMORY);
    for (; pool->thread_count < count; pool->thread_count++)
        WRIT_ENSURE(pthread_create(&pool->threads[pool->thread_count], NULL, work, pool) == 0,
                    INTERNAL);
    WRIT_ENSURE(pthread_create(&pool->keeper, NULL, keep, pool) == 0, INTERNAL);
    pool->has_keeper = true;
    return WRIT_SUCCESS;
}

struct writ_result pool_start(const struct pool_options *options, struct pool **ret_pool)
{
    WRIT_ENSURE(options->threads > 0, INTERNAL);
    struct pool *pool = calloc(1, sizeof *pool);
    WRIT_ENSURE(pool, OUT_OF_MEMORY);
    pool->options = *options;
    if (pool->options.queue_limit == 0)
        pool->options.queue_limit = QUEUE_LIMIT;
    start_conditions(pool);
    const struct writ_result started = start_threads(pool);
    if (!writ_is_ok(started)) {
        pool_free(pool);
        return started;
    }
    *ret_pool = pool;
    return WRIT_SUCCESS;
}

bool pool_wait_ready(struct pool *pool, unsigned timeout_ms)
{
    const int64_t deadline_us = clock_monotonic_us() + (int64_t)timeout_ms * 1000;
    pthread_mutex_lock(&pool->lock);
    while (pool->session_count == 0 && clock_monotonic_us() < deadline_us)
        clock_wait(&pool->sessions_changed, &pool->lock, deadline_us);
    const bool is_ready = pool->session_count > 0;
    pthread_mutex_unlock(&pool->lock);
    return is_ready;
}

bool pool_is_ready(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    const bool is_ready = pool->session_count > 0;
    pthread_mutex_unlock(&pool->lock);
    return is_ready;
}

static struct writ_result submit(struct pool *pool, pool_job *job, void *argument, bool first)
{
    const int64_t deadline_us = clock_monotonic_us() + SESSION_WAIT_US;
    pthread_mutex_lock(&pool->lock);
    const size_t limit = pool->options.queue_limit;
    const bool has_room = pool->count < limit && !pool->is_ending;
    if (has_room) {
        if (first)
            pool->first = (pool->first + limit - 1) % limit;
        const size_t place = first ? pool->first : (pool->first + pool->count) % limit;
        pool->queue[place] = (struct job){job, argument, deadline_us};
        pool->count++;
        pthread_cond_signal(&pool->jobs_changed);
    }
    pthread_mutex_unlock(&pool->lock);
    return has_room ? WRIT_SUCCESS : WRIT_FAILURE(RATE_LIMITED);
}

struct writ_result pool_submit(struct pool *pool, pool_job *job, void *argument)
{
    return submit(pool, job, argument, false);
}

struct writ_result pool_submit_first(struct pool *pool, pool_job *job, void *argument)
{
    return submit(pool, job, argument, true);
}

void pool_end(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->is_ending = true;
    pthread_cond_broadcast(&pool->jobs_changed);
    pthread_cond_broadcast(&pool->keeper_wanted);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->thread_count; i++)
        pthread_join(pool->threads[i], NULL);
    pool->thread_count = 0;
    if (pool->has_keeper)
        pthread_join(pool->keeper, NULL);
    pool->has_keeper = false;
}

struct pool *pool_free(struct pool *pool)
{
    if (!pool)
        return NULL;
    pool_end(pool);
    while (pool->idle_count > 0)
        db_close(pool->idle[--pool->idle_count]);
    pthread_cond_destroy(&pool->jobs_changed);
    pthread_cond_destroy(&pool->sessions_changed);
    pthread_cond_destroy(&pool->keeper_wanted);
    pthread_mutex_destroy(&pool->lock);
    free(pool->queue);
    free(pool->idle);
    free(pool->threads);
    free(pool);
    return NULL;
}
