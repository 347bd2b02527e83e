#include "breaker.h"

enum { FAILURES_TO_OPEN = 5 };

/* As long as a caller is told to wait (`retry` of policy_error). */
static const int64_t OPEN_US = 1000000;

void breaker_init(struct breaker *breaker)
{
    *breaker = (struct breaker){0};
    pthread_mutex_init(&breaker->lock, NULL);
}

void breaker_done(struct breaker *breaker)
{
    pthread_mutex_destroy(&breaker->lock);
}

bool breaker_may_pass(struct breaker *breaker, int64_t now_us)
{
    pthread_mutex_lock(&breaker->lock);
    const bool passes = !breaker->is_open || breaker->open_until_us <= now_us;
    /* The one that finds out; the next one, should it never report, after the same while. */
    if (passes && breaker->is_open)
        breaker->open_until_us = now_us + OPEN_US;
    pthread_mutex_unlock(&breaker->lock);
    return passes;
}

enum breaker_turn breaker_report(struct breaker *breaker, bool answered, int64_t now_us)
{
    pthread_mutex_lock(&breaker->lock);
    const bool was_open = breaker->is_open;
    if (answered) {
        breaker->failures = 0;
        breaker->is_open = false;
    } else if (++breaker->failures >= FAILURES_TO_OPEN) {
        breaker->is_open = true;
        breaker->open_until_us = now_us + OPEN_US;
    }
    const bool is_open = breaker->is_open;
    pthread_mutex_unlock(&breaker->lock);
    if (is_open == was_open)
        return BREAKER_AS_BEFORE;
    return is_open ? BREAKER_OPENED : BREAKER_CLOSED;
}

bool breaker_is_open(struct breaker *breaker)
{
    pthread_mutex_lock(&breaker->lock);
    const bool is_open = breaker->is_open;
    pthread_mutex_unlock(&breaker->lock);
    return is_open;
}
