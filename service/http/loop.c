#include "http/loop.h"

#include "clock.h"
#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

enum {
    TICK_MS = 1000,
    DRAIN_TICK_MS = 20,
    LAST_WRITES_US = 500000, /* past the deadline, for answers that are half out */
};

void http_loop_hold(struct http_loop *loop)
{
    atomic_fetch_add(&loop->references, 1);
}

void http_loop_release(struct http_loop *loop)
{
    if (atomic_fetch_sub(&loop->references, 1) != 1)
        return;
    close(loop->wake);
    free(loop);
}

static void wake(struct http_loop *loop)
{
    const uint64_t one = 1;
    const ssize_t written = write(loop->wake, &one, sizeof one);
    (void)written; /* a full counter wakes as well */
}

void http_loop_push(struct http_loop *loop, struct http_request *request)
{
    struct http_request *head = atomic_load(&loop->answered);
    do
        request->next_answered = head;
    while (!atomic_compare_exchange_weak(&loop->answered, &head, request));
    /* Only the first of a batch wakes: the loop takes all that it finds. */
    if (!head)
        wake(loop);
}

uint64_t loop_random(struct http_loop *loop)
{
    /* splitmix64: names for the log, no secrets */
    uint64_t z = loop->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void loop_add_waiting(struct http_loop *loop, struct http_request *request)
{
    request->waiting_previous = NULL;
    request->waiting_next = loop->waiting;
    if (loop->waiting)
        loop->waiting->waiting_previous = request;
    loop->waiting = request;
}

void loop_remove_waiting(struct http_loop *loop, struct http_request *request)
{
    if (request->waiting_next)
        request->waiting_next->waiting_previous = request->waiting_previous;
    if (request->waiting_previous)
        request->waiting_previous->waiting_next = request->waiting_next;
    else
        loop->waiting = request->waiting_next;
    request->waiting_next = request->waiting_previous = NULL;
}

static void resume_answered(struct http_loop *loop)
{
    struct http_request *newest = atomic_exchange(&loop->answered, NULL);
    struct http_request *oldest = NULL;
    while (newest) { /* first answered, first sent */
        struct http_request *next = newest->next_answered;
        newest->next_answered = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest) {
        struct http_request *next = oldest->next_answered;
        loop_remove_waiting(loop, oldest);
        server_resume(oldest);
        oldest = next;
    }
}

static void run_once(struct http_loop *loop, int at_most_ms)
{
    struct epoll_event events[2];
    const int timeout_ms = server_timeout_ms(loop->server, at_most_ms);
    if (epoll_wait(loop->epoll, events, 2, timeout_ms) < 0 && errno != EINTR)
        log_error("epoll_failed", LOG_TEXT("error", strerror(errno)));
    uint64_t woken = 0;
    const ssize_t size = read(loop->wake, &woken, sizeof woken);
    (void)size;
    resume_answered(loop);
    server_run(loop->server);
}

/* The drain is over. Requests that nobody answered lose their connection without an answer: what
 * became of them is not known here, and must not be guessed. */
static void abandon_waiting(struct http_loop *loop)
{
    while (loop->waiting) {
        struct http_request *next = NULL;
        for (struct http_request *request = loop->waiting; request; request = next) {
            int expected = REQUEST_SUSPENDED;
            next = request->waiting_next;
            if (!atomic_compare_exchange_strong(&request->state, &expected, REQUEST_ABANDONED))
                continue; /* answered just now: its push is on the way */
            loop_remove_waiting(loop, request);
            server_resume(request);
        }
        run_once(loop, 0);
    }
}

static void *run(void *argument)
{
    struct http_loop *loop = argument;
    while (!atomic_load(&loop->is_stopping))
        run_once(loop, TICK_MS);

    const int64_t deadline_us = atomic_load(&loop->deadline_us);
    server_quiesce(loop->server);
    while (loop->active > 0 && clock_monotonic_us() < deadline_us)
        run_once(loop, DRAIN_TICK_MS);
    abandon_waiting(loop);
    const int64_t last_us = clock_monotonic_us() + LAST_WRITES_US;
    while (loop->active > 0 && clock_monotonic_us() < last_us) {
        run_once(loop, DRAIN_TICK_MS);
        abandon_waiting(loop); /* a pipelined request may have been read meanwhile */
    }
    server_close(loop->server);
    close(loop->epoll);
    return NULL;
}

static bool watch(struct http_loop *loop, int descriptor)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = descriptor};
    return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

static struct writ_result fail(const char *what)
{
    log_error("loop_failed", LOG_TEXT("step", what), LOG_TEXT("error", strerror(errno)));
    return WRIT_FAILURE(INTERNAL);
}

static struct writ_result open_loop(struct http_loop *loop, const struct server_tls *tls,
                                    unsigned connections, int listen_socket)
{
    WRIT_TRY(server_open(loop, tls, connections, listen_socket, &loop->server));
    if (loop->epoll < 0 || loop->wake < 0)
        return fail("descriptors");
    if (!watch(loop, loop->wake) || !watch(loop, server_descriptor(loop->server)))
        return fail("watch");
    if (getrandom(&loop->random, sizeof loop->random, 0) != (ssize_t)sizeof loop->random)
        return fail("random");
    if (pthread_create(&loop->thread, NULL, run, loop) != 0)
        return fail("thread");
    return WRIT_SUCCESS;
}

struct writ_result loop_start(const struct http_options *options, const struct server_tls *tls,
                              unsigned connections, int listen_socket, struct http_loop **ret_loop)
{
    struct http_loop *loop = calloc(1, sizeof *loop);
    if (!loop) {
        close(listen_socket);
        return WRIT_FAILURE(OUT_OF_MEMORY);
    }
    atomic_init(&loop->references, 1);
    loop->options = options;
    loop->router = (struct router){options->routes, options->route_count};
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    loop->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    const struct writ_result opened = open_loop(loop, tls, connections, listen_socket);
    if (!writ_is_ok(opened)) {
        server_close(loop->server);
        close(loop->epoll);
        http_loop_release(loop);
        return opened;
    }
    *ret_loop = loop;
    return WRIT_SUCCESS;
}

void loop_stop(struct http_loop *loop, int64_t deadline_us)
{
    atomic_store(&loop->deadline_us, deadline_us);
    atomic_store(&loop->is_stopping, true);
    wake(loop);
}

void loop_join(struct http_loop *loop)
{
    pthread_join(loop->thread, NULL);
    http_loop_release(loop);
}
