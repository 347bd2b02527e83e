/*
 * What waits for the writer: items in the order in which they came, at most so many. Any thread
 * pushes; the writer takes. What was answered already waits a moment for company, as nobody waits
 * for it: a full batch costs the ledger little more than a small one. Inside of the ledger only.
 */
#ifndef WRIT_LEDGER_QUEUE_H
#define WRIT_LEDGER_QUEUE_H

#include "ledger/writer.h"

#include <pthread.h>

enum { BATCH_MAX = 256 };

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct write_item *first;
    struct write_item **end;
    size_t count;
    size_t kept;    /* of these */
    int64_t due_us; /* when those are taken in any case (monotonic) */
    bool stopping;
};

void queue_init(struct queue *queue);
void queue_done(struct queue *queue);
/* Nothing may be pushed any more. */
void queue_stop(struct queue *queue);
bool queue_is_stopping(struct queue *queue);
/* Never blocks. False: there is no room. */
bool queue_push(struct queue *queue, struct write_item *item);
/* Waits for items. Up to BATCH_MAX of them; what does not fit into one batch with those before it
 * stays where it is. 0: stopping, and nothing is left. */
size_t queue_take(struct queue *queue, struct write_item *items[BATCH_MAX]);
/* Those that are kept, back to the head, in their order, unless the queue is stopping; the others
 * move up in `items`. How many those are. */
size_t queue_put_back_kept(struct queue *queue, struct write_item **items, size_t count);
/* Takes all out but what is kept, or all; linked by next. */
struct write_item *queue_empty(struct queue *queue, bool with_kept);

#endif
