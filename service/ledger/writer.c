#include "ledger/writer.h"

#include "base/crypto.h"
#include "clock.h"
#include "ledger/account.h"
#include "ledger/sql.h"
#include "log.h"
#include "metrics.h"
#include "service.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    BATCH_MAX = 256,
    LOOKED_AT_MAX = 512, /* of the queue, to find them */
    /* A batch holds the locks of its tasks until it commits, and a revocation waits for it: for
     * about 2 ms of rows of its own task (an admission costs the database some 60 us). */
    ROWS_OF_A_TASK_MAX = 32,
    QUEUE_MAX = 8192,
    ROW_TRIES = 3,
    RECONNECT_MS = 200,
    PROMPT_US = 500000,
};

struct writer {
    struct service *service;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct write_item *first;
    struct write_item **end;
    size_t queued;
    uint8_t random[16]; /* of the marks */
    bool stopping;
    atomic_bool connected;
    _Atomic int64_t busy_since_us; /* local monotonic time at which the batch began; 0: at rest */
    struct db *db;                 /* the thread's own */
};

/* ---- Queue -------------------------------------------------------------------------------- */

struct writ_result writer_submit(struct writer *writer, struct write_item *item)
{
    struct writ_result result = WRIT_FAILURE(RATE_LIMITED);
    pthread_mutex_lock(&writer->lock);
    if (!atomic_load(&writer->connected)) {
        result = WRIT_FAILURE(STATUS_UNKNOWN);
    } else if (writer->queued < QUEUE_MAX && !writer->stopping) {
        item->next = NULL;
        item->denial = (struct writ_denial){.step = "", .hop = -1};
        *writer->end = item;
        writer->end = &item->next;
        writer->queued++;
        pthread_cond_signal(&writer->wake);
        result = WRIT_SUCCESS;
    }
    pthread_mutex_unlock(&writer->lock);
    return result;
}

bool writer_is_connected(struct writer *writer)
{
    return atomic_load(&writer->connected);
}

uint64_t writer_mark(const struct writer *writer, struct writ_slice a, struct writ_slice b)
{
    const uint64_t both[] = {writ_fingerprint(writer->random, a),
                             writ_fingerprint(writer->random, b)};
    return writ_fingerprint(writer->random, writ_slice_of(both, sizeof both)) | 1;
}

static bool shares_a_mark(const struct write_item *a, const struct write_item *b)
{
    for (size_t i = 0; i < 2; i++)
        if (a->alone[i] != 0 && (a->alone[i] == b->alone[0] || a->alone[i] == b->alone[1]))
            return true;
    return false;
}

/* An item waits for the next batch when this one is full of its task, or has its twin: the rows of
 * one statement do not see each other. */
static bool fits(const struct write_item *item, struct write_item *const *items, size_t count)
{
    size_t rows = 0;
    for (size_t i = 0; i < count; i++) {
        if (shares_a_mark(item, items[i]))
            return false;
        rows += uuid_equal(&items[i]->task, &item->task);
    }
    return rows < ROWS_OF_A_TASK_MAX;
}

bool writer_is_prompt(struct writer *writer)
{
    const int64_t since = atomic_load(&writer->busy_since_us);
    return writer_is_connected(writer) && (since == 0 || clock_monotonic_us() - since < PROMPT_US);
}

/* Up to BATCH_MAX items, in the order in which they came; what does not fit stays where it is.
 * 0: stopping, and nothing is left. */
static size_t take(struct writer *writer, struct write_item *items[BATCH_MAX])
{
    size_t count = 0;
    pthread_mutex_lock(&writer->lock);
    while (!writer->first && !writer->stopping)
        pthread_cond_wait(&writer->wake, &writer->lock);
    struct write_item **at = &writer->first;
    for (size_t seen = 0; *at && count < BATCH_MAX && seen < LOOKED_AT_MAX; seen++) {
        if (!fits(*at, items, count)) {
            at = &(*at)->next;
            continue;
        }
        items[count++] = *at;
        *at = (*at)->next;
        if (!*at)
            writer->end = at;
    }
    writer->queued -= count;
    pthread_mutex_unlock(&writer->lock);
    return count;
}

static int by_lock_order(const void *a, const void *b)
{
    const struct write_item *left = *(struct write_item *const *)a;
    const struct write_item *right = *(struct write_item *const *)b;
    if (left->kind->rank != right->kind->rank)
        return left->kind->rank - right->kind->rank;
    const int order = uuid_compare(&left->task, &right->task);
    return order != 0 ? order : memcmp(left->order, right->order, sizeof left->order);
}

static int by_id(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* ---- One batch ---------------------------------------------------------------------------- */

static void refuse(struct write_item *item, enum writ_status outcome)
{
    item->denial = (struct writ_denial){.outcome = outcome, .step = "", .hop = -1};
}

static enum db_error send_locks(struct db *db, struct write_item *const *items, size_t count)
{
    uint8_t tasks[BATCH_MAX][16];
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++)
        memcpy(tasks[i], items[i]->task.bytes, 16);
    qsort(tasks, count, sizeof tasks[0], by_id);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || memcmp(tasks[i], tasks[distinct - 1], 16) != 0)
            memmove(tasks[distinct++], tasks[i], 16);
    const struct db_param locks = db_uuid_array((const uint8_t(*)[16])tasks, distinct);
    return db_pipeline_send(db, &STATEMENTS[STATEMENT_LOCK_TASKS], &locks, 1);
}

/* How many of the first item's kind stand at the beginning. */
static size_t count_of_kind(struct write_item *const *items, size_t count)
{
    size_t same = 1;
    while (same < count && items[same]->kind == items[0]->kind)
        same++;
    return same;
}

static void receive_kind(struct db *db, struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refuse(items[i], WRIT_OK);
    if (!writ_is_ok(items[0]->kind->receive(db, items, count)))
        for (size_t i = 0; i < count; i++)
            refuse(items[i], WRIT_INTERNAL);
}

/* The whole batch as one pipeline, which is one transaction: locks, rows, and commit at its end.
 * Each statement behind the locks sees what was committed before they were granted. */
static enum db_error run_pipeline(struct db *db, struct write_item *const *items, size_t count)
{
    enum db_error error = db_pipeline_begin(db);
    if (error != DB_OK)
        return error;
    error = send_locks(db, items, count);
    bool has_accounts = false;
    if (error == DB_OK)
        error = account_send_locks(db, items, count, &has_accounts);
    for (size_t i = 0, n = 0; i < count && error == DB_OK; i += n) {
        n = count_of_kind(items + i, count - i);
        if (!writ_is_ok(items[i]->kind->send(db, items + i, n)))
            error = DB_OTHER;
    }
    if (error == DB_OK)
        error = db_pipeline_next(db, NULL);
    if (error == DB_OK && has_accounts)
        error = db_pipeline_next(db, NULL);
    for (size_t i = 0, n = 0; i < count && error == DB_OK; i += n) {
        n = count_of_kind(items + i, count - i);
        receive_kind(db, items + i, n);
    }
    const enum db_error ended = db_pipeline_end(db);
    return ended != DB_OK ? ended : error;
}

/* One row behind a savepoint; its own fault stays its own. */
static enum db_error run_row(struct db *db, struct write_item *item)
{
    enum db_error error = db_savepoint(db, "row");
    if (error != DB_OK)
        return error;
    error = run_pipeline(db, &item, 1);
    if (error == DB_OK)
        return db_savepoint_release(db, "row");
    if (error == DB_CONSTRAINT) {
        const char *constraint = db_constraint(db);
        const enum writ_status outcome = item->kind->violated(constraint);
        refuse(item, outcome);
        log_info("row_refused", LOG_TEXT("kind", item->kind->name),
                 LOG_TEXT("constraint", constraint),
                 LOG_TEXT("outcome", writ_status_code(outcome)));
    } else if (error != DB_LOST) {
        refuse(item, error == DB_OTHER ? WRIT_INTERNAL : WRIT_STATUS_UNKNOWN);
        log_error("row_failed", LOG_TEXT("kind", item->kind->name),
                  LOG_TEXT("error", db_error_text(error)), LOG_TEXT("sqlstate", db_sqlstate(db)),
                  LOG_TEXT("message", db_message(db)));
    }
    return error == DB_LOST ? error : db_savepoint_rollback(db, "row");
}

static int by_task(const void *a, const void *b)
{
    const struct write_item *left = *(struct write_item *const *)a;
    const struct write_item *right = *(struct write_item *const *)b;
    const int order = uuid_compare(&left->task, &right->task);
    return order != 0 ? order : by_lock_order(a, b);
}

/* Row by row each takes the lock of its task, so here they go by task first. */
static enum db_error run_rows(struct db *db, struct write_item **items, size_t count)
{
    qsort(items, count, sizeof items[0], by_task);
    const struct uuid *blocked = NULL; /* a task whose lock was not to be had in time */
    enum db_error error = db_begin(db);
    for (size_t i = 0; i < count && error == DB_OK; i++) {
        if (blocked && uuid_equal(blocked, &items[i]->task)) {
            refuse(items[i], WRIT_STATUS_UNKNOWN);
            continue;
        }
        error = run_row(db, items[i]);
        if (items[i]->denial.outcome == WRIT_STATUS_UNKNOWN)
            blocked = &items[i]->task;
    }
    return error == DB_OK ? db_commit(db) : error;
}

static void run_batch(struct writer *writer, struct write_item **items, size_t count)
{
    qsort(items, count, sizeof items[0], by_lock_order);
    enum db_error error = run_pipeline(writer->db, items, count);
    for (int tries = 0; error != DB_OK && error != DB_LOST && tries < ROW_TRIES; tries++) {
        error = run_rows(writer->db, items, count);
        if (error != DB_OK && error != DB_LOST && db_rollback(writer->db) == DB_LOST)
            error = DB_LOST;
    }
    if (error != DB_OK) {
        log_error("batch_failed", LOG_TEXT("error", db_error_text(error)),
                  LOG_TEXT("message", db_message(writer->db)), LOG_INT("rows", count));
        for (size_t i = 0; i < count; i++)
            refuse(items[i], WRIT_STATUS_UNKNOWN);
    }
    metrics_count_batch(writer->service->metrics, count);
    for (size_t i = 0; i < count; i++)
        items[i]->kind->done(items[i]);
    if (error == DB_LOST) {
        atomic_store(&writer->connected, false);
        writer->db = db_close(writer->db);
    }
}

/* ---- The thread --------------------------------------------------------------------------- */

static void refuse_items(struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        refuse(items[i], WRIT_STATUS_UNKNOWN);
        items[i]->kind->done(items[i]);
    }
}

static bool has_items(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    const bool has_some = writer->first != NULL;
    pthread_mutex_unlock(&writer->lock);
    return has_some;
}

/* What was queued while the database went away is answered, not kept. */
static void refuse_all(struct writer *writer)
{
    struct write_item *items[BATCH_MAX];
    while (has_items(writer))
        refuse_items(items, take(writer, items));
}

static bool is_stopping(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    const bool stopping = writer->stopping;
    pthread_mutex_unlock(&writer->lock);
    return stopping;
}

static bool connect_once(struct writer *writer)
{
    if (db_open(writer->service->sessions, &writer->db) != DB_OK)
        return false;
    atomic_store(&writer->connected, true);
    return true;
}

static void *run(void *context)
{
    struct writer *writer = context;
    for (;;) {
        if (!writer->db)
            refuse_all(writer); /* before a connection is waited for */
        if (!writer->db && !connect_once(writer)) {
            refuse_all(writer);
            if (is_stopping(writer))
                return NULL;
            nanosleep(&(struct timespec){.tv_nsec = RECONNECT_MS * 1000000L}, NULL);
            continue;
        }
        struct write_item *items[BATCH_MAX];
        const size_t count = take(writer, items);
        if (count == 0)
            return NULL;
        /* A session that the server closed while we rested has lost nothing yet. */
        if (!db_is_alive(writer->db)) {
            writer->db = db_close(writer->db);
            if (!connect_once(writer)) {
                atomic_store(&writer->connected, false);
                refuse_items(items, count);
                continue;
            }
        }
        atomic_store(&writer->busy_since_us, clock_monotonic_us());
        run_batch(writer, items, count);
        atomic_store(&writer->busy_since_us, 0);
    }
}

struct writ_result writer_start(struct service *service, struct writer **ret_writer)
{
    struct writer *writer = calloc(1, sizeof *writer);
    WRIT_ENSURE(writer, OUT_OF_MEMORY);
    writer->service = service;
    writer->end = &writer->first;
    writ_random(writer->random, sizeof writer->random);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, NULL);
    if (pthread_create(&writer->thread, NULL, run, writer) != 0) {
        free(writer);
        return WRIT_FAILURE(INTERNAL);
    }
    *ret_writer = writer;
    return WRIT_SUCCESS;
}

struct writer *writer_stop(struct writer *writer)
{
    if (!writer)
        return NULL;
    pthread_mutex_lock(&writer->lock);
    writer->stopping = true;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    db_close(writer->db);
    pthread_cond_destroy(&writer->wake);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
    return NULL;
}
