/*
 * One use, judged and recorded: the machine behind POST /v1/validate and behind AuthZEN, so that
 * there is one way to a permit (W10). It asks decide/ for the verdict, has the ledger judge again
 * what must be exact, asks people where a rule wants them, and tells its caller what came of it:
 * exactly once, on whatever thread that was. What an answer looks like is the caller's business.
 */
#ifndef WRIT_ENDPOINT_JUDGE_H
#define WRIT_ENDPOINT_JUDGE_H

#include "decide/decide.h"
#include "endpoint/call.h"
#include "ledger/record.h"

struct judge {
    struct call *call;
    struct decision decision; /* decide_read fills the question */

    /* With all that an enforcement point needs, as JSON; without data when out of memory. */
    void (*permitted)(struct judge *judge, struct writ_slice permit);
    bool says_decision; /* the permit itself says that it is one */
    /* decision.denial says why; decision_id is NULL where no decision was recorded, and is no more
     * when this returns. */
    void (*denied)(struct judge *judge, const char *decision_id);
    void *context; /* the caller's */

    /* On the way. */
    struct record record;
    int64_t asked_us; /* the ledger, by our monotonic clock */
    int tries;        /* at recording, after the first */
};

/* Of this caller, now. What is to be told to whom is the caller's to fill in. */
void judge_init(struct judge *judge, struct call *call);
/* From any thread; never blocks. */
void judge_use(struct judge *judge);
/* The same from a reader thread, with its session or NULL. */
void judge_use_with(struct judge *judge, struct db *db);

#endif
