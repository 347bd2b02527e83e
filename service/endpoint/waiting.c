#include "endpoint/waiting.h"

#include "clock.h"

#include <pthread.h>
#include <stdlib.h>

enum { WAITERS_MAX = 256, WAIT_MAX_S = 60 };

struct waiters {
    pthread_mutex_t lock;
    struct waiting *first;
    size_t count;
    bool stopping;
};

struct waiters *waiters_new(void)
{
    struct waiters *waiters = calloc(1, sizeof *waiters);
    if (waiters)
        pthread_mutex_init(&waiters->lock, NULL);
    return waiters;
}

struct waiters *waiters_free(struct waiters *waiters)
{
    if (!waiters)
        return NULL;
    pthread_mutex_destroy(&waiters->lock);
    free(waiters);
    return NULL;
}

static void wake(struct waiters *waiters, bool stop)
{
    pthread_mutex_lock(&waiters->lock);
    struct waiting *waiting = waiters->first;
    waiters->first = NULL;
    waiters->count = 0;
    waiters->stopping = waiters->stopping || stop;
    pthread_mutex_unlock(&waiters->lock);
    while (waiting) {
        struct waiting *next = waiting->next; /* the call may be gone a moment later */
        call_read(waiting->call, waiting->job);
        waiting = next;
    }
}

void waiters_wake(struct waiters *waiters)
{
    wake(waiters, false);
}

void waiters_stop(struct waiters *waiters)
{
    if (waiters)
        wake(waiters, true);
}

bool waiting_read(struct call *call, struct waiting *waiting)
{
    struct writ_slice text;
    if (!call_query_text(call, "wait", &text))
        return false;
    int64_t seconds = text.data ? 0 : -1;
    for (size_t i = 0; i < text.size && seconds >= 0 && seconds <= WAIT_MAX_S; i++)
        seconds = text.data[i] >= '0' && text.data[i] <= '9' ? seconds * 10 + text.data[i] - '0'
                                                             : WAIT_MAX_S + 1;
    if (seconds > WAIT_MAX_S) {
        call_fail(call, WRIT_MALFORMED, "wait", "wait: 0 to %d seconds", WAIT_MAX_S);
        return false;
    }
    waiting->until_us = seconds > 0 ? clock_monotonic_us() + seconds * 1000000 : 0;
    return true;
}

bool waiting_again(struct call *call, struct waiting *waiting,
                   void (*job)(struct call *call, struct db *db))
{
    struct waiters *waiters = call->service->waiters;
    bool waits = false;
    if (waiting->until_us <= clock_monotonic_us())
        return false;
    waiting->call = call;
    waiting->job = job;
    pthread_mutex_lock(&waiters->lock);
    waits = !waiters->stopping && waiters->count < WAITERS_MAX;
    if (waits) {
        waiting->next = waiters->first;
        waiters->first = waiting;
        waiters->count++;
    }
    pthread_mutex_unlock(&waiters->lock);
    return waits;
}
