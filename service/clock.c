#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MICROS = 1000000 };

static int64_t read_clock(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * MICROS + now.tv_nsec / 1000;
}

int64_t clock_unix_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

int64_t clock_monotonic_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

void clock_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t until_us)
{
    const struct timespec until = {.tv_sec = until_us / MICROS,
                                   .tv_nsec = until_us % MICROS * 1000};
    pthread_cond_timedwait(condition, lock, &until);
}

/* Up to the second. Most texts of a thread are of the same one. */
static size_t write_second(int64_t seconds, char ret_text[static CLOCK_TEXT_SIZE])
{
    static _Thread_local struct {
        int64_t seconds;
        size_t size; /* 0: none yet */
        char text[CLOCK_TEXT_SIZE];
    } last;
    if (last.size == 0 || last.seconds != seconds) {
        const time_t whole = (time_t)seconds;
        struct tm utc = {0};
        gmtime_r(&whole, &utc);
        last.size = strftime(last.text, sizeof last.text, "%Y-%m-%dT%H:%M:%S", &utc);
        last.seconds = seconds;
    }
    memcpy(ret_text, last.text, last.size);
    return last.size;
}

void clock_text(int64_t unix_us, char ret_text[static CLOCK_TEXT_SIZE])
{
    const int64_t first_us = INT64_C(-62167219200) * MICROS;    /* 0000-01-01 */
    const int64_t last_us = INT64_C(253402300800) * MICROS - 1; /* 9999-12-31 */
    if (unix_us < first_us)
        unix_us = first_us;
    if (unix_us > last_us)
        unix_us = last_us;

    int64_t seconds = unix_us / MICROS;
    int64_t micros = unix_us % MICROS;
    if (micros < 0) {
        micros += MICROS;
        seconds--;
    }
    const size_t size = write_second(seconds, ret_text);
    /* %Y does not pad: a year before 1000 is a clock that was never set, and reads as such. */
    snprintf(ret_text + size, CLOCK_TEXT_SIZE - size, ".%06dZ", (int)micros);
}
