/*
 * A mixed load: clients that admit, use (written and read, by reference and inline), revoke,
 * complete, renew and end, on trees that they share, at random from one seed; that repeat requests
 * under their keys, and replay each other's proofs, at another server. All of it is in a history.
 * What a client chooses is the seed's; how the clients interleave is the machine's.
 */
#ifndef WRIT_TESTS_MIXED_H
#define WRIT_TESTS_MIXED_H

#include "actors.h"
#include "history.h"

enum { MIXED_WORKERS = 8, MIXED_SERVERS = 2 };

struct mixed_options {
    uint64_t seed;
    const struct server *servers[MIXED_SERVERS]; /* the second may be NULL */
    /* For runs that are long: no history is kept, and what the service has to remember does not
     * grow. The trees stay; what is ended is a link or a task that nobody ever used. */
    bool is_steady;
};

struct mixed;

/* read_file becomes a tool whose permits may be answered before they are durable. */
struct mixed *mixed_start(const struct mixed_options *options);
/* Requests so far: answered, and those of which nothing is known (503, or no answer). */
long mixed_answered(const struct mixed *mixed);
long mixed_unknown(const struct mixed *mixed);
/* Ends and frees it. ret_history may be NULL. */
void mixed_stop(struct mixed *mixed, struct history *ret_history);

#endif
