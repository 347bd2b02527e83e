/* The two clocks of the service. The library has none: time is an argument there. */
#ifndef WRIT_SERVICE_CLOCK_H
#define WRIT_SERVICE_CLOCK_H

#include <pthread.h>
#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 28 }; /* 2026-01-31T23:59:59.000000Z and a NUL */

/* Microseconds since 1970: what is written down and compared with tokens. It may jump. */
int64_t clock_unix_us(void);
/* Microseconds since some start: what durations and freshness are measured with. */
int64_t clock_monotonic_us(void);
/* A condition that is waited for by the second of them: a jump of the other one delays nobody. */
void clock_condition_init(pthread_cond_t *condition);
/* With the lock held, until it is signalled or this much of the second clock is reached. */
void clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_us);
/* RFC 3339 in UTC with microseconds; years 0000 to 9999, anything beyond reads as the limit. */
void clock_text(int64_t unix_us, char ret_text[static CLOCK_TEXT_SIZE]);

#endif
