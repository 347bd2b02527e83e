/*
 * HTTP out: what the service asks and tells others, who may be slow, gone or hostile. One thread
 * drives all requests; whoever sends never waits, and is called back exactly once. A request goes
 * to the URL that the operator wrote and nowhere else: no redirect is followed, no proxy is taken
 * from the environment, certificates are verified. Every request has a deadline and every answer a
 * size, and there is a limit to what is under way. Who asks judges what came back: this room knows
 * no ledger, no policies and no JSON.
 * May touch: sockets, threads, lib/base, clock. outbound.c alone includes curl.h.
 */
#ifndef WRIT_OUTBOUND_OUTBOUND_H
#define WRIT_OUTBOUND_OUTBOUND_H

#include "base/slice.h"
#include "base/status.h"

struct outbound;

enum outbound_fate {
    OUTBOUND_ANSWERED,    /* with whatever status */
    OUTBOUND_UNREACHABLE, /* no connection, or no TLS that can be trusted */
    OUTBOUND_TIMED_OUT,   /* no whole answer by the deadline */
    OUTBOUND_BROKEN,      /* it ended early, or is no HTTP */
    OUTBOUND_TOO_LARGE,   /* over answer_max */
    OUTBOUND_ENDED,       /* the service stops */
    OUTBOUND_FATES,
};
/* "answered", "timed_out": for logs. */
const char *outbound_fate_text(enum outbound_fate fate);

struct outbound_answer {
    enum outbound_fate fate;
    long status;            /* OUTBOUND_ANSWERED: of HTTP */
    struct writ_slice body; /* OUTBOUND_ANSWERED: gone when `done` returns */
    const char *error;      /* else one line for people; gone as well */
    int64_t took_us;
};

/* On the room's thread, which serves all the others: it must not block. */
typedef void outbound_done(const struct outbound_answer *answer, void *context);

/* All of it is copied. */
struct outbound_request {
    const char *url;            /* http or https */
    struct writ_slice body;     /* POSTed as application/json */
    const char *const *headers; /* more of them, "Name: value", NULL ends; may be NULL */
    const char *bearer;         /* NULL: sends no Authorization */
    const char *ca_file;        /* PEM; NULL: the system's */
    uint32_t deadline_ms;       /* for all of it, from now */
    size_t answer_max;
    outbound_done *done;
    void *context;
};

/* At most `limit` requests under way. INTERNAL with the reason logged. */
struct writ_result outbound_start(size_t limit, struct outbound **ret_outbound) WRIT_MUST_CHECK;
/* From any thread, also from `done`. When it fails `done` is not called: RATE_LIMITED where too
 * many are under way or the room stops, OUT_OF_MEMORY. */
struct writ_result outbound_send(struct outbound *outbound,
                                 const struct outbound_request *request) WRIT_MUST_CHECK;
/* Refuses what comes from now on, and ends what is under way: each is told so. Takes NULL, returns
 * NULL. */
struct outbound *outbound_stop(struct outbound *outbound);

#endif
