/*
 * A circuit breaker: whether one that did not answer lately is asked again. Closed, all pass. After
 * some failures in a row it is open, and nobody passes for a while; then one passes and finds out.
 * It never says what an answer would have been: who may not pass is denied. Any thread.
 */
#ifndef WRIT_SERVICE_BREAKER_H
#define WRIT_SERVICE_BREAKER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct breaker {
    pthread_mutex_t lock;
    unsigned failures; /* in a row */
    int64_t open_until_us;
    bool is_open;
};

enum breaker_turn { BREAKER_AS_BEFORE, BREAKER_OPENED, BREAKER_CLOSED };

void breaker_init(struct breaker *breaker);
void breaker_done(struct breaker *breaker);
/* By the monotonic clock. Who may pass reports what came of it. */
bool breaker_may_pass(struct breaker *breaker, int64_t now_us);
/* What it did to the breaker, for the log. */
enum breaker_turn breaker_report(struct breaker *breaker, bool answered, int64_t now_us);
bool breaker_is_open(struct breaker *breaker);

#endif
