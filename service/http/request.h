/*
 * One request, from its first line to the end of its answer. Inside of the room only.
 *
 * Two own it: the connection (until the library says it is completed) and the handler (until it
 * answers); the last one frees it. So an answer to a connection that is gone goes nowhere, and
 * an answering thread never touches freed memory. `state` decides the races:
 *
 *     RUNNING ── http_answer ──────────────────────────────→ ANSWERED   queued by the loop itself
 *        └── handler returned → SUSPENDED ── http_answer ──→ ANSWERED   pushed to the loop, woken
 *                                   └── the drain is over ─→ ABANDONED  an answer goes nowhere
 */
#ifndef WRIT_HTTP_REQUEST_H
#define WRIT_HTTP_REQUEST_H

#include "http/guard.h"
#include "http/http.h"
#include "http/router.h"
#include "http/target.h"

#include <stdatomic.h>

enum { REQUEST_ID_SIZE = 11, REQUEST_METHOD_SIZE = 12 };

enum request_state { REQUEST_RUNNING, REQUEST_SUSPENDED, REQUEST_ANSWERED, REQUEST_ABANDONED };

/* Where the connection stands; the loop's thread only. */
enum request_phase { PHASE_NEW, PHASE_BODY, PHASE_DISPATCHED, PHASE_SENT };

struct request_header {
    const char *name;
    const char *value;
    struct request_header *next;
};

struct request_answer {
    int status;
    const char *content_type;
    uint8_t *body; /* malloc: the library frees it */
    size_t body_size;
    struct request_header *headers;
};

struct http_request {
    atomic_int references;
    atomic_int state; /* enum request_state */
    struct http_request *next_answered;

    /* The loop's. */
    struct http_loop *loop;
    void *connection; /* the library's */
    enum request_phase phase;
    bool must_close;
    bool is_too_large;
    size_t body_capacity;
    size_t body_discarded;
    int64_t started_us;
    struct http_request *waiting_next; /* of those suspended in this loop */
    struct http_request *waiting_previous;

    /* The request, fixed once it is dispatched. */
    struct writ_arena arena;
    const struct http_route *route;
    char id[REQUEST_ID_SIZE];
    char method[REQUEST_METHOD_SIZE];
    struct writ_slice raw_target;
    struct target target;
    struct guard_header *headers;
    size_t header_count;
    uint8_t *body; /* malloc: it grows */
    size_t body_size;
    struct target_pair parameters[TARGET_SEGMENTS];
    size_t parameter_count;

    void *user;
    struct request_answer answer;
};

/* The loop that a request came from lives until its last request is freed. Defined beside the
 * loop: request.c knows it only by these. */
void http_loop_hold(struct http_loop *loop);
void http_loop_release(struct http_loop *loop);
void http_loop_push(struct http_loop *loop, struct http_request *request);

/* One reference, the connection's; NULL when out of memory. */
struct http_request *request_new(struct http_loop *loop, uint64_t random);
/* A second one, for the handler, before it is called. */
void request_hold(struct http_request *request);
void request_release(struct http_request *request);
/* False: out of memory, or more than `limit`. */
bool request_append(struct http_request *request, const void *bytes, size_t size, size_t limit);
/* Decodes what the pattern names; MALFORMED as target_decode_segment. */
struct writ_result request_set_route(struct http_request *request,
                                     const struct http_route *route) WRIT_MUST_CHECK;

#endif
