#include "http/arrival.h"

#include "log.h"

#include <stddef.h>
#include <sys/socket.h>

void arrival_settle(struct arrivals *arrivals, struct arrival *arrival)
{
    if (!arrival->is_awaited)
        return;
    *(arrival->previous ? &arrival->previous->next : &arrivals->first) = arrival->next;
    *(arrival->next ? &arrival->next->previous : &arrivals->last) = arrival->previous;
    arrival->next = arrival->previous = NULL;
    arrival->is_awaited = false;
}

/* The newest is the last: so only the first has to be looked at. */
void arrival_await(struct arrivals *arrivals, struct arrival *arrival, int64_t now_us)
{
    arrival_settle(arrivals, arrival);
    arrival->is_awaited = true;
    arrival->since_us = now_us;
    arrival->previous = arrivals->last;
    *(arrivals->last ? &arrivals->last->next : &arrivals->first) = arrival;
    arrivals->last = arrival;
}

bool arrivals_end_first(struct arrivals *arrivals)
{
    struct arrival *first = arrivals->first;
    if (!first)
        return false;
    log_debug("connection_too_slow", LOG_INT("descriptor", first->descriptor));
    shutdown(first->descriptor, SHUT_RDWR);
    arrival_settle(arrivals, first);
    return true;
}

void arrivals_end_before(struct arrivals *arrivals, int64_t before_us)
{
    while (arrivals->first && arrivals->first->since_us < before_us)
        (void)arrivals_end_first(arrivals);
}
