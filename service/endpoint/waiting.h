/*
 * Long polls: a call with ?wait=SECONDS whose answer is not there yet is kept, without a thread,
 * and asks again at each beat of the follower, until the answer is there or the time is over.
 */
#ifndef WRIT_ENDPOINT_WAITING_H
#define WRIT_ENDPOINT_WAITING_H

#include "endpoint/call.h"

struct waiters;

/* In the call's arena. */
struct waiting {
    int64_t until_us; /* local monotonic time; 0: does not wait */
    struct call *call;
    void (*job)(struct call *call, struct db *db);
    struct waiting *next;
};

struct waiters *waiters_new(void);
struct waiters *waiters_free(struct waiters *waiters);
/* Any thread: all that wait ask again. */
void waiters_wake(struct waiters *waiters);
/* From now on nobody waits; whoever does is answered with what there is. */
void waiters_stop(struct waiters *waiters);

/* The query parameter; answers the call when it is no number of seconds up to 60. */
bool waiting_read(struct call *call, struct waiting *waiting);
/* From a job: true if the call waits, and `job` runs again; false if it is to be answered now. */
bool waiting_again(struct call *call, struct waiting *waiting,
                   void (*job)(struct call *call, struct db *db));

#endif
