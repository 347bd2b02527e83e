/*
 * One event loop: a thread, the library's daemon, and a list of answers that other threads pushed.
 * Everything about a connection happens on the loop's own thread; others only push and wake.
 */
#ifndef WRIT_HTTP_LOOP_H
#define WRIT_HTTP_LOOP_H

#include "http/request.h"
#include "http/server.h"

#include <pthread.h>

struct http_loop {
    atomic_int references;                   /* the server's, and one a request */
    int wake;                                /* eventfd; open as long as the loop lives */
    _Atomic(struct http_request *) answered; /* newest first */
    atomic_bool is_stopping;
    _Atomic(int64_t) deadline_us; /* of the drain; set before is_stopping */

    /* The loop's thread only, and only while it runs. */
    pthread_t thread;
    const struct http_options *options;
    struct router router;
    struct server *server;
    int epoll;
    struct http_request *waiting; /* suspended */
    unsigned active;              /* requests not completed */
    uint64_t random;
};

/* Takes the listening socket, also on failure. options and tls outlive the thread and this call. */
struct writ_result loop_start(const struct http_options *options, const struct server_tls *tls,
                              unsigned connections, int listen_socket,
                              struct http_loop **ret_loop) WRIT_MUST_CHECK;
/* Asks; loop_join waits. */
void loop_stop(struct http_loop *loop, int64_t deadline_us);
void loop_join(struct http_loop *loop);

/* For server.c, on the loop's thread. */
uint64_t loop_random(struct http_loop *loop);
void loop_add_waiting(struct http_loop *loop, struct http_request *request);
void loop_remove_waiting(struct http_loop *loop, struct http_request *request);

#endif
