/*
 * The writer: one thread gathers what must be durable into one transaction a batch; the next batch
 * gathers while this one commits, so there is no timer but for what nobody waits for (queue.h). A
 * batch that a constraint hit is redone row by row under savepoints, so that a poisoned row never
 * fails its neighbours. After commit each item hears its own fate, on the writer's thread; it must
 * not block there.
 *
 * When the session is lost, the batch under way may have been committed or not. Items that the
 * ledger can find again, by their Idempotency-Key, are looked up in a new session: what is there is
 * answered as recorded, what is not is run once more (settle.h). What was answered before it was
 * recorded is kept until it can be. All others are answered STATUS_UNKNOWN.
 *
 * Lock order in a batch: tasks ascending (shared, W9; alone where a label may rise, W5), accounts
 * ascending, then rows by kind, task and key.
 */
#ifndef WRIT_LEDGER_WRITER_H
#define WRIT_LEDGER_WRITER_H

#include "postgres/db.h"
#include "uuid.h"
#include "writ.h"

struct service;
struct writer;
struct write_item;

enum { WRITER_MARKS = 3 };

/* A budget account of an item's task (account.h). */
struct account_key {
    struct uuid delegation;
    int64_t entry;
};

/* One kind of write. What a batch has of it is written together: by one statement for all of them,
 * or by one each, as the kind sees fit. */
struct write_kind {
    const char *name;
    int rank; /* kinds follow each other in this order in every batch, as their rows lock rows */
    /* Sends the statements (in a pipeline). */
    struct writ_result (*send)(struct db *db, struct write_item *const *items, size_t count);
    /* Reads as many results into the items; a refusal by the ledger is item->denial, not an error.
     * An error of the database shows again at the end of the pipeline; a result that does not fit
     * is the items' own, as their rows are committed with the others. */
    struct writ_result (*receive)(struct db *db, struct write_item *const *items, size_t count);
    /* The outcome that a violated constraint means. */
    enum writ_status (*violated)(const char *constraint);
    /* The client and Idempotency-Key under which the row can be found again; false: it has none.
     * NULL: no row of this kind has. */
    bool (*known_by)(const struct write_item *item, struct writ_slice *ret_client,
                     struct writ_slice *ret_key);
    /* Whether what is recorded under that key, a decision or a sealed answer, is of this item. */
    bool (*is_own)(const struct write_item *item, const struct uuid *decision,
                   struct writ_slice answer_sealed);
    /* It was answered already: queued while the database is away too, and written when it is back.
     * Writing it twice is writing it once. */
    bool is_kept;
    /* After commit, or when it failed (item->denial tells). The item belongs to it again. */
    void (*done)(struct write_item *item);
};

struct write_item {
    struct write_item *next; /* the writer's */
    const struct write_kind *kind;
    struct uuid task;
    uint8_t order[32]; /* order of rows within a task: leaf hash, token hash */
    bool locks_alone;  /* its task's lock, against all others */
    /* Two items that share one of these are never in one batch; 0: any. */
    uint64_t alone[WRITER_MARKS];
    /* Locked before any row is written; borrowed until done is called. */
    const struct account_key *accounts;
    size_t account_count;
    struct writ_denial denial; /* outcome WRIT_OK: written */
};

struct writ_result writer_start(struct service *service,
                                struct writer **ret_writer) WRIT_MUST_CHECK;
/* Writes what is queued, then stops. */
struct writer *writer_stop(struct writer *writer);
/* A value for write_item.alone, of what the rows of one statement could not see of each other. */
uint64_t writer_mark(const struct writer *writer, struct writ_slice a, struct writ_slice b);
/* Never blocks. RATE_LIMITED when the queue is full, STATUS_UNKNOWN while the database is away, but
 * for what is kept; then `done` is not called. */
struct writ_result writer_submit(struct writer *writer, struct write_item *item) WRIT_MUST_CHECK;
/* Those of one batch, in lock order, as one pipeline: locks, then rows. That is a transaction,
 * where none is open. */
enum db_error writer_run(struct db *db, struct write_item *const *items,
                         size_t count) WRIT_MUST_CHECK;
/* The database answers, as far as the writer knows. */
bool writer_is_connected(struct writer *writer);

#endif
