/*
 * A thread that makes a round, rests until the next one is due or somebody wakes it, and so on
 * until it is stopped. It rests by the monotonic clock: one that is set back may not silence it.
 */
#ifndef WRIT_SERVICE_ROUNDS_H
#define WRIT_SERVICE_ROUNDS_H

#include "base/status.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef void rounds_make(void *context);

/* A member of what the rounds are for, so that a round may wake the next one. */
struct rounds {
    rounds_make *make;
    void *context;
    int64_t every_us;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t wake;
    bool is_woken;
    bool is_stopping;
};

/* The first round is made at once. INTERNAL where there is no thread; then nothing is left. */
struct writ_result rounds_start(struct rounds *rounds, int64_t every_us, rounds_make *make,
                                void *context) WRIT_MUST_CHECK;
/* Another round, now or after the one under way. Any thread, until rounds_done; never blocks. */
void rounds_wake(struct rounds *rounds);
/* Waits for the round under way; none is made afterwards. */
void rounds_stop(struct rounds *rounds);
/* When it has stopped, and nobody wakes it any more. */
void rounds_done(struct rounds *rounds);

#endif
