#include "ledger/queue.h"

#include "clock.h"

#include <string.h>

enum {
    LOOKED_AT_MAX = 512, /* of the queue, to find a batch */
    /* A batch holds the locks of its tasks until it commits, and a revocation waits for it: for
     * about 2 ms of rows of its own task (an admission costs the database some 60 us). */
    ROWS_OF_A_TASK_MAX = 32,
    QUEUE_MAX = 8192,
    KEPT_MAX = QUEUE_MAX / 2, /* what is kept leaves room for what is waited for */
    COMPANY_US = 20000,
};

void queue_init(struct queue *queue)
{
    *queue = (struct queue){0};
    queue->end = &queue->first;
    pthread_mutex_init(&queue->lock, NULL);
    clock_condition_init(&queue->wake);
}

void queue_done(struct queue *queue)
{
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->lock);
}

void queue_stop(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->stopping = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->lock);
}

bool queue_is_stopping(struct queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    const bool stopping = queue->stopping;
    pthread_mutex_unlock(&queue->lock);
    return stopping;
}

/* With the lock held: a batch is full, or somebody waits for one. */
static bool is_pressing(const struct queue *queue)
{
    return queue->stopping || queue->count > queue->kept || queue->count >= BATCH_MAX;
}

bool queue_push(struct queue *queue, struct write_item *item)
{
    const bool is_kept = item->kind->is_kept;
    pthread_mutex_lock(&queue->lock);
    const bool has_room = !queue->stopping && queue->count < QUEUE_MAX &&
                          (!is_kept || queue->kept < KEPT_MAX);
    if (has_room) {
        const bool is_first = queue->count == 0;
        if (is_first)
            queue->due_us = clock_monotonic_us() + COMPANY_US;
        item->next = NULL;
        item->denial = (struct writ_denial){.step = "", .hop = -1};
        *queue->end = item;
        queue->end = &item->next;
        queue->count++;
        queue->kept += is_kept;
        if (is_first || is_pressing(queue))
            pthread_cond_signal(&queue->wake);
    }
    pthread_mutex_unlock(&queue->lock);
    return has_room;
}

/* With the lock held. */
static struct write_item *unlink_at(struct queue *queue, struct write_item **at)
{
    struct write_item *item = *at;
    *at = item->next;
    if (!*at)
        queue->end = at;
    queue->count--;
    queue->kept -= item->kind->is_kept;
    return item;
}

/* ---- A batch ------------------------------------------------------------------------------ */

static bool shares_a_mark(const struct write_item *a, const struct write_item *b)
{
    for (size_t i = 0; i < WRITER_MARKS; i++)
        for (size_t j = 0; a->alone[i] != 0 && j < WRITER_MARKS; j++)
            if (a->alone[i] == b->alone[j])
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

/* With the lock held. */
static void await_batch(struct queue *queue)
{
    while (!is_pressing(queue)) {
        if (queue->count == 0)
            pthread_cond_wait(&queue->wake, &queue->lock);
        else if (clock_monotonic_us() < queue->due_us)
            clock_wait(&queue->wake, &queue->lock, queue->due_us);
        else
            return;
    }
}

size_t queue_take(struct queue *queue, struct write_item *items[BATCH_MAX])
{
    size_t count = 0;
    pthread_mutex_lock(&queue->lock);
    await_batch(queue);
    struct write_item **at = &queue->first;
    for (size_t seen = 0; *at && count < BATCH_MAX && seen < LOOKED_AT_MAX; seen++) {
        if (!fits(*at, items, count)) {
            at = &(*at)->next;
            continue;
        }
        items[count++] = unlink_at(queue, at);
    }
    pthread_mutex_unlock(&queue->lock);
    return count;
}

/* ---- An outage ---------------------------------------------------------------------------- */

size_t queue_put_back_kept(struct queue *queue, struct write_item **items, size_t count)
{
    size_t others = 0;
    struct write_item *first = NULL;
    struct write_item **end = &first;
    pthread_mutex_lock(&queue->lock);
    for (size_t i = 0; i < count; i++) {
        if (!items[i]->kind->is_kept || queue->stopping) {
            items[others++] = items[i];
            continue;
        }
        *end = items[i];
        end = &items[i]->next;
        queue->count++;
        queue->kept++;
    }
    *end = NULL;
    if (first) {
        *end = queue->first;
        if (!queue->first)
            queue->end = end;
        queue->first = first;
    }
    pthread_mutex_unlock(&queue->lock);
    return others;
}

struct write_item *queue_empty(struct queue *queue, bool with_kept)
{
    struct write_item *taken = NULL;
    struct write_item **end = &taken;
    pthread_mutex_lock(&queue->lock);
    for (struct write_item **at = &queue->first; *at;) {
        if ((*at)->kind->is_kept && !with_kept) {
            at = &(*at)->next;
            continue;
        }
        *end = unlink_at(queue, at);
        end = &(*end)->next;
    }
    *end = NULL;
    pthread_mutex_unlock(&queue->lock);
    return taken;
}
