#include "ledger/writer.h"

#include "base/crypto.h"
#include "clock.h"
#include "ledger/account.h"
#include "ledger/queue.h"
#include "ledger/settle.h"
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
    ROW_TRIES = 3,
    RECONNECT_MS = 200,
    SETTLE_PAUSE_MS = 50,
};

struct writer {
    struct service *service;
    pthread_t thread;
    struct queue queue;
    uint8_t random[16]; /* of the marks */
    atomic_bool connected;
    struct db *db; /* the thread's own */
};

/* ---- Asking ------------------------------------------------------------------------------- */

struct writ_result writer_submit(struct writer *writer, struct write_item *item)
{
    WRIT_ENSURE(writer_is_connected(writer) || item->kind->is_kept, STATUS_UNKNOWN);
    WRIT_ENSURE(queue_push(&writer->queue, item), RATE_LIMITED);
    return WRIT_SUCCESS;
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

static int by_lock_order(const void *a, const void *b)
{
    const struct write_item *left = *(struct write_item *const *)a;
    const struct write_item *right = *(struct write_item *const *)b;
    if (left->kind->rank != right->kind->rank)
        return left->kind->rank - right->kind->rank;
    const int order = uuid_compare(&left->task, &right->task);
    return order != 0 ? order : memcmp(left->order, right->order, sizeof left->order);
}

static int by_task(const void *a, const void *b)
{
    const struct write_item *left = *(struct write_item *const *)a;
    const struct write_item *right = *(struct write_item *const *)b;
    const int order = uuid_compare(&left->task, &right->task);
    return order != 0 ? order : by_lock_order(a, b);
}

/* In the order of tasks, each with whether one of its items takes the lock alone: who shares a lock
 * and then wants it alone can wait for another one who does the same. Answers how many. */
static size_t list_tasks(struct write_item *const *items, size_t count,
                         uint8_t ret_tasks[BATCH_MAX][16], bool ret_alone[BATCH_MAX])
{
    struct write_item *sorted[BATCH_MAX];
    size_t distinct = 0;
    memcpy(sorted, items, count * sizeof items[0]);
    qsort(sorted, count, sizeof sorted[0], by_task);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || !uuid_equal(&sorted[i]->task, &sorted[i - 1]->task)) {
            memcpy(ret_tasks[distinct], sorted[i]->task.bytes, 16);
            ret_alone[distinct++] = false;
        }
        ret_alone[distinct - 1] |= sorted[i]->locks_alone;
    }
    return distinct;
}

/* ---- One batch ---------------------------------------------------------------------------- */

static void refuse(struct write_item *item, enum writ_status outcome)
{
    item->denial = (struct writ_denial){.outcome = outcome, .step = "", .hop = -1};
}

static enum db_error send_locks(struct db *db, struct write_item *const *items, size_t count)
{
    uint8_t tasks[BATCH_MAX][16];
    bool alone[BATCH_MAX];
    const size_t distinct = list_tasks(items, count, tasks, alone);
    const struct db_param locks[] = {
        db_uuid_array((const uint8_t(*)[16])tasks, distinct),
        db_bool_array(alone, distinct),
    };
    return db_pipeline_send(db, &STATEMENTS[STATEMENT_LOCK_TASKS], locks, 2);
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

/* Each statement behind the locks sees what was committed before they were granted. */
enum db_error writer_run(struct db *db, struct write_item *const *items, size_t count)
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
    error = writer_run(db, &item, 1);
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

/* Row by row each takes the lock of its task, so here they go by task first, and all of a task in
 * the same way. */
static void order_rows(struct write_item **items, size_t count)
{
    qsort(items, count, sizeof items[0], by_task);
    for (size_t i = 1; i < count; i++)
        if (uuid_equal(&items[i]->task, &items[i - 1]->task))
            items[i]->locks_alone |= items[i - 1]->locks_alone;
    for (size_t i = count; i-- > 1;)
        if (uuid_equal(&items[i]->task, &items[i - 1]->task))
            items[i - 1]->locks_alone |= items[i]->locks_alone;
}

static enum db_error run_rows(struct db *db, struct write_item **items, size_t count)
{
    order_rows(items, count);
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

/* The fate of each item that the database let us know; else what kept it from that. */
static enum db_error write_batch(struct writer *writer, struct write_item **items, size_t count)
{
    qsort(items, count, sizeof items[0], by_lock_order);
    enum db_error error = writer_run(writer->db, items, count);
    for (int tries = 0; error != DB_OK && error != DB_LOST && tries < ROW_TRIES; tries++) {
        error = run_rows(writer->db, items, count);
        if (error != DB_OK && error != DB_LOST && db_rollback(writer->db) == DB_LOST)
            error = DB_LOST;
    }
    metrics_count_batch(writer->service->metrics, count);
    if (error == DB_OK)
        return DB_OK;
    log_error("batch_failed", LOG_TEXT("error", db_error_text(error)),
              LOG_TEXT("message", db_message(writer->db)), LOG_INT("rows", count));
    for (size_t i = 0; i < count; i++)
        refuse(items[i], WRIT_STATUS_UNKNOWN);
    if (error == DB_LOST) {
        atomic_store(&writer->connected, false);
        writer->db = db_close(writer->db);
    }
    return error;
}

static void finish(struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i]->kind->done(items[i]);
}

static void refuse_items(struct write_item *const *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        refuse(items[i], WRIT_STATUS_UNKNOWN);
    finish(items, count);
}

/* What was queued while the database went away is answered. What was answered already stays, unless
 * it is too late for it. */
static void refuse_queued(struct writer *writer, bool with_kept)
{
    struct write_item *next = NULL;
    for (struct write_item *item = queue_empty(&writer->queue, with_kept); item; item = next) {
        next = item->next;
        refuse_items(&item, 1);
    }
}

/* ---- After a loss ------------------------------------------------------------------------- */

static bool connect_within(struct writer *writer, unsigned timeout_ms)
{
    struct db_options options = *writer->service->sessions;
    options.connect_timeout_ms = timeout_ms;
    if (db_open(&options, &writer->db) != DB_OK)
        return false;
    atomic_store(&writer->connected, true);
    return true;
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static bool reconnect_until(struct writer *writer, int64_t deadline_us)
{
    for (;;) {
        const int64_t left_us = deadline_us - clock_monotonic_us();
        if (left_us < 1000)
            return false;
        if (connect_within(writer, (unsigned)(left_us / 1000)))
            return true;
        pause_ms(SETTLE_PAUSE_MS);
    }
}

/* Answers those that `answered` names; the others move up. How many those are. */
static size_t answer_some(struct write_item **items, size_t count, const bool *answered)
{
    size_t others = 0;
    for (size_t i = 0; i < count; i++) {
        if (answered[i])
            finish(&items[i], 1);
        else
            items[others++] = items[i];
    }
    return others;
}

/* Answers what was recorded; what was not moves up. How many that is. */
static size_t answer_recorded(struct writer *writer, struct write_item **items, size_t count)
{
    bool recorded[BATCH_MAX];
    if (!writer->db || !writ_is_ok(settle_find(writer->db, items, count, recorded)))
        return count;
    for (size_t i = 0; i < count; i++)
        if (recorded[i])
            refuse(items[i], WRIT_OK);
    const size_t others = answer_some(items, count, recorded);
    metrics_count_settled(writer->service->metrics, SETTLED_RECORDED, count - others);
    return others;
}

/* An item that lost a race against its own first try is recorded. */
static void answer_again(struct writer *writer, struct write_item **items, size_t count)
{
    bool is_final[BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        is_final[i] = items[i]->denial.outcome != WRIT_CONFLICT;
    const size_t raced = answer_some(items, count, is_final);
    if (raced > 0)
        finish(items, answer_recorded(writer, items, raced));
}

/* Items of a session that is lost, all of them known. Each is run once more at most, and none later
 * than a statement may take after the loss. */
static void settle(struct writer *writer, struct write_item **items, size_t count)
{
    const int64_t deadline_us = clock_monotonic_us() +
                                (int64_t)writer->service->config->statement_timeout_ms * 1000;
    size_t left = count;
    if (reconnect_until(writer, deadline_us))
        left = answer_recorded(writer, items, count);
    if (left == 0)
        return;
    const bool may_run = writer->db && clock_monotonic_us() < deadline_us;
    metrics_count_settled(writer->service->metrics, may_run ? SETTLED_AGAIN : SETTLED_UNKNOWN,
                          left);
    log_info("settled", LOG_INT("recorded", count - left), LOG_INT("again", may_run ? left : 0),
             LOG_INT("unknown", may_run ? 0 : left));
    if (!may_run) {
        refuse_items(items, left);
        return;
    }
    const enum db_error error = write_batch(writer, items, left);
    if (error == DB_OK)
        answer_again(writer, items, left);
    else
        refuse_items(items, left);
}

static void run_batch(struct writer *writer, struct write_item **items, size_t count)
{
    const enum db_error error = write_batch(writer, items, count);
    if (error == DB_OK || error == DB_OTHER) {
        finish(items, count);
        return;
    }
    const size_t others = queue_put_back_kept(&writer->queue, items, count);
    if (error != DB_LOST) {
        finish(items, others);
        if (others < count)
            pause_ms(RECONNECT_MS); /* before those are tried again */
        return;
    }
    count = others;
    bool unknown[BATCH_MAX];
    for (size_t i = 0; i < count; i++)
        unknown[i] = !settle_is_known(items[i]);
    count = answer_some(items, count, unknown);
    refuse_queued(writer, false);
    if (count > 0)
        settle(writer, items, count);
}

/* ---- The thread --------------------------------------------------------------------------- */

static void *run(void *context)
{
    struct writer *writer = context;
    for (;;) {
        if (!writer->db)
            refuse_queued(writer, false); /* before a connection is waited for */
        if (!writer->db && !connect_within(writer, 0)) {
            const bool stopping = queue_is_stopping(&writer->queue);
            refuse_queued(writer, stopping);
            if (stopping)
                return NULL;
            pause_ms(RECONNECT_MS);
            continue;
        }
        struct write_item *items[BATCH_MAX];
        const size_t count = queue_take(&writer->queue, items);
        if (count == 0)
            return NULL;
        /* A session that the server closed while we rested has lost nothing yet. */
        if (!db_is_alive(writer->db)) {
            writer->db = db_close(writer->db);
            if (!connect_within(writer, 0)) {
                atomic_store(&writer->connected, false);
                refuse_items(items, queue_put_back_kept(&writer->queue, items, count));
                continue;
            }
        }
        run_batch(writer, items, count);
    }
}

struct writ_result writer_start(struct service *service, struct writer **ret_writer)
{
    struct writer *writer = calloc(1, sizeof *writer);
    WRIT_ENSURE(writer, OUT_OF_MEMORY);
    writer->service = service;
    writ_random(writer->random, sizeof writer->random);
    queue_init(&writer->queue);
    if (pthread_create(&writer->thread, NULL, run, writer) != 0) {
        queue_done(&writer->queue);
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
    queue_stop(&writer->queue);
    pthread_join(writer->thread, NULL);
    db_close(writer->db);
    queue_done(&writer->queue);
    free(writer);
    return NULL;
}
