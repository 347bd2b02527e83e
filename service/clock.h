/* The two clocks of the service. The library has none: time is an argument there. */
#ifndef WRIT_SERVICE_CLOCK_H
#define WRIT_SERVICE_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 28 }; /* 2026-01-31T23:59:59.000000Z and a NUL */

/* Microseconds since 1970: what is written down and compared with tokens. It may jump. */
int64_t clock_unix_us(void);
/* Microseconds since some start: what durations and freshness are measured with. */
int64_t clock_monotonic_us(void);
/* RFC 3339 in UTC with microseconds; years 0000 to 9999, anything beyond reads as the limit. */
void clock_text(int64_t unix_us, char ret_text[static CLOCK_TEXT_SIZE]);

#endif
