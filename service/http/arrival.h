/*
 * Connections from which a whole request is awaited, the oldest first. The library ends a
 * connection that is silent; one that sends a byte now and then never is, and would keep its place
 * for ever. The loop's thread only.
 */
#ifndef WRIT_HTTP_ARRIVAL_H
#define WRIT_HTTP_ARRIVAL_H

#include <stdbool.h>
#include <stdint.h>

/* One connection. */
struct arrival {
    int descriptor;
    bool is_awaited;
    int64_t since_us; /* monotonic */
    struct arrival *next, *previous;
};

struct arrivals {
    struct arrival *first, *last;
};

/* From now on: when the connection is new, and after each answer. */
void arrival_await(struct arrivals *arrivals, struct arrival *arrival, int64_t now_us);
/* The request is whole, or the connection is gone. */
void arrival_settle(struct arrivals *arrivals, struct arrival *arrival);
/* Shuts down the one that is awaited longest; the library finds it ended. False: there is none. */
bool arrivals_end_first(struct arrivals *arrivals);
/* All that are awaited since before then. */
void arrivals_end_before(struct arrivals *arrivals, int64_t before_us);

#endif
