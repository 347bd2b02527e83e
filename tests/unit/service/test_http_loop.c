/* The loop: answers at once and from other threads, bursts, clients that leave, a graceful stop. */
#include "suites.h"

#include "clock.h"
#include "log.h"
#include "scratch.h"
#include "test_http_client.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- a second thread that answers, as the writer thread will --------------------------------- */

enum { QUEUE_SIZE = 4096 };

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_request *requests[QUEUE_SIZE];
    size_t count;
    bool is_open; /* holds requests back while false */
    bool is_ending;
    pthread_t thread;
} answerer = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static atomic_uint done_answered;
static atomic_uint done_lost;

static void *answer_all(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&answerer.lock);
    while (!answerer.is_ending || answerer.count > 0) {
        if (answerer.count == 0 || !answerer.is_open) {
            pthread_cond_wait(&answerer.changed, &answerer.lock);
            continue;
        }
        struct http_request *request = answerer.requests[--answerer.count];
        pthread_mutex_unlock(&answerer.lock);
        const struct writ_slice body = http_body(request);
        http_answer(request, 200, HTTP_JSON, body.size > 0 ? body : WRIT_SLICE_LITERAL("{}"));
        pthread_mutex_lock(&answerer.lock);
    }
    pthread_mutex_unlock(&answerer.lock);
    return NULL;
}

static void set_answerer(bool is_open, bool is_ending)
{
    pthread_mutex_lock(&answerer.lock);
    answerer.is_open = is_open;
    answerer.is_ending = is_ending;
    pthread_cond_broadcast(&answerer.changed);
    pthread_mutex_unlock(&answerer.lock);
}

static size_t held_back(void)
{
    pthread_mutex_lock(&answerer.lock);
    const size_t count = answerer.count;
    pthread_mutex_unlock(&answerer.lock);
    return count;
}

static void wait_until_held(size_t count)
{
    for (int i = 0; i < 500 && held_back() < count; i++)
        sleep_ms(10);
    ck_assert_uint_eq(held_back(), count);
}

static void answer_now(struct http_request *request, void *context)
{
    (void)context;
    test_answer(request, 200, "{\"now\":true}");
}

static void answer_later(struct http_request *request, void *context)
{
    (void)context;
    pthread_mutex_lock(&answerer.lock);
    ck_assert_uint_lt(answerer.count, QUEUE_SIZE);
    answerer.requests[answerer.count++] = request;
    pthread_cond_broadcast(&answerer.changed);
    pthread_mutex_unlock(&answerer.lock);
}

static void note_done(const struct http_request *request, int status, int64_t took_us,
                      void *context)
{
    (void)request;
    (void)context;
    ck_assert_int_ge(took_us, 0);
    atomic_fetch_add(status == 0 ? &done_lost : &done_answered, 1);
}

static const struct http_route ROUTES[] = {
    {"GET", "/now", answer_now, 0, 0},
    {"GET", "/later", answer_later, 0, 0},
    {"POST", "/later", answer_later, 0, 0},
};

static struct http_server *server;

static void start(void)
{
    struct http_options options = test_options(ROUTES, sizeof ROUTES / sizeof ROUTES[0]);
    options.done = note_done;
    atomic_store(&done_answered, 0);
    atomic_store(&done_lost, 0);
    set_answerer(true, false);
    ck_assert_int_eq(pthread_create(&answerer.thread, NULL, answer_all, NULL), 0);
    ck_assert(writ_is_ok(http_start(&options, &server)));
}

static void stop(void)
{
    server = http_stop(server, 2000);
    set_answerer(true, true);
    pthread_join(answerer.thread, NULL);
}

static const char NOW[] = "GET /now HTTP/1.1\r\nHost: x\r\n\r\n";
static const char LATER[] = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";

/* --- tests ------------------------------------------------------------------------------------ */

START_TEST(answers_at_once_and_keeps_the_connection)
{
    struct reply reply;
    const int client = client_connect(http_port(server));
    for (int i = 0; i < 3; i++) {
        client_send_text(client, NOW);
        client_read(client, &reply);
        ck_assert_int_eq(reply.status, 200);
        ck_assert_str_eq(reply_body(&reply), "{\"now\":true}");
        ck_assert_ptr_nonnull(strstr(reply.bytes, "Cache-Control: no-store"));
        ck_assert_ptr_nonnull(strstr(reply.bytes, "X-Content-Type-Options: nosniff"));
        ck_assert_ptr_nonnull(strstr(reply.bytes, "Content-Type: application/json"));
        ck_assert_ptr_nonnull(strstr(reply.bytes, "X-Request-Id: "));
    }
    close(client);
}
END_TEST

START_TEST(an_answer_from_another_thread_does_not_wait_for_a_tick)
{
    struct reply reply;
    const int client = client_connect(http_port(server));
    const int64_t started_us = clock_monotonic_us();
    for (int i = 0; i < 50; i++) {
        client_send_text(client, LATER);
        client_read(client, &reply);
        ck_assert_int_eq(reply.status, 200);
    }
    /* the tick is a second; fifty answers that waited for one would take fifty */
    ck_assert_int_lt(clock_monotonic_us() - started_us, 1000000);
    close(client);
}
END_TEST

START_TEST(a_suspended_post_gets_its_own_body_back)
{
    struct reply reply;
    const char sized[] = "POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
    client_ask(http_port(server), sized, &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply_body(&reply), "{\"a\":1}");
    const char chunked[] = "POST /later HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\n{\"b\r\n4\r\n\":2}\r\n0\r\n\r\n";
    client_ask(http_port(server), chunked, &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply_body(&reply), "{\"b\":2}");
}
END_TEST

/* libmicrohttpd's own epoll thread answers none of exactly 128. */
static void burst(size_t count, const char *request, bool hold)
{
    struct reply reply;
    int *clients = calloc(count, sizeof *clients);
    set_answerer(!hold, false);
    for (size_t i = 0; i < count; i++)
        clients[i] = client_connect(http_port(server));
    for (size_t i = 0; i < count; i++)
        client_send_text(clients[i], request);
    if (hold) { /* all are suspended, then all are answered at once */
        wait_until_held(count);
        set_answerer(true, false);
    }
    for (size_t i = 0; i < count; i++) {
        client_read(clients[i], &reply);
        ck_assert_int_eq(reply.status, 200);
        close(clients[i]);
    }
    free(clients);
}

static const size_t BURSTS[] = {127, 128, 129, 255, 256, 257, 512};

START_TEST(a_burst_is_answered_at_once)
{
    burst(BURSTS[_i], NOW, false);
}
END_TEST

START_TEST(a_burst_is_answered_by_another_thread)
{
    burst(BURSTS[_i], LATER, false);
}
END_TEST

START_TEST(a_burst_that_was_suspended_is_answered_together)
{
    burst(BURSTS[_i], LATER, true);
}
END_TEST

START_TEST(a_client_that_leaves_while_suspended_harms_nobody)
{
    struct reply reply;
    set_answerer(false, false);
    for (int i = 0; i < 32; i++) {
        const int client = client_connect(http_port(server));
        const struct linger reset = {.l_onoff = 1, .l_linger = 0};
        if (i % 2)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        client_send_text(client, LATER);
        wait_until_held((size_t)i + 1);
        close(client);
    }
    set_answerer(true, false);
    client_ask(http_port(server), LATER, &reply);
    ck_assert_int_eq(reply.status, 200);
    for (int i = 0; i < 200 && atomic_load(&done_answered) + atomic_load(&done_lost) < 33; i++)
        sleep_ms(10);
    ck_assert_uint_eq(atomic_load(&done_answered) + atomic_load(&done_lost), 33);
}
END_TEST

static void *stop_in_background(void *drain_ms)
{
    http_stop(server, *(unsigned *)drain_ms);
    return NULL;
}

START_TEST(a_stop_lets_running_requests_end)
{
    struct reply reply;
    unsigned drain_ms = 5000;
    pthread_t stopper;
    set_answerer(false, false);
    const uint16_t port = http_port(server);
    const int client = client_connect(port);
    client_send_text(client, LATER);
    wait_until_held(1);
    pthread_create(&stopper, NULL, stop_in_background, &drain_ms);
    sleep_ms(100);
    set_answerer(true, false);
    client_read(client, &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_ptr_nonnull(strstr(reply.bytes, "Connection: close"));
    pthread_join(stopper, NULL);
    close(client);
    server = NULL;
}
END_TEST

START_TEST(a_stop_does_not_wait_longer_than_its_deadline)
{
    struct reply reply;
    set_answerer(false, false);
    const int client = client_connect(http_port(server));
    client_send_text(client, LATER);
    wait_until_held(1);
    const int64_t started_us = clock_monotonic_us();
    server = http_stop(server, 200);
    ck_assert_int_lt(clock_monotonic_us() - started_us, 2000000);
    client_read(client, &reply);
    ck_assert_int_eq(reply.status, 0);
    ck_assert(reply.was_closed);
    close(client);
    /* the answer comes after the server is gone, and goes nowhere: stop() lets it */
}
END_TEST

START_TEST(an_address_in_use_is_refused)
{
    struct http_server *second = NULL;
    struct http_options options = test_options(ROUTES, 1);
    options.port = http_port(server);
    ck_assert(!writ_is_ok(http_start(&options, &second)));
    ck_assert_ptr_null(second);
}
END_TEST

START_TEST(a_certificate_that_is_none_is_refused)
{
    struct http_server *second = NULL;
    struct http_options options = test_options(ROUTES, 1);
    options.tls_cert = options.tls_key = "/nonexistent.pem";
    ck_assert(!writ_is_ok(http_start(&options, &second)));
    options.tls_cert = options.tls_key = "/etc/passwd";
    ck_assert(!writ_is_ok(http_start(&options, &second)));
}
END_TEST

Suite *suite_http_loop(void)
{
    const int bursts = sizeof BURSTS / sizeof BURSTS[0];
    TCase *tests = tcase_create("loop");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, answers_at_once_and_keeps_the_connection);
    tcase_add_test(tests, an_answer_from_another_thread_does_not_wait_for_a_tick);
    tcase_add_test(tests, a_suspended_post_gets_its_own_body_back);
    tcase_add_loop_test(tests, a_burst_is_answered_at_once, 0, bursts);
    tcase_add_loop_test(tests, a_burst_is_answered_by_another_thread, 0, bursts);
    tcase_add_loop_test(tests, a_burst_that_was_suspended_is_answered_together, 0, bursts);
    tcase_add_test(tests, a_client_that_leaves_while_suspended_harms_nobody);
    tcase_add_test(tests, a_stop_lets_running_requests_end);
    tcase_add_test(tests, a_stop_does_not_wait_longer_than_its_deadline);
    tcase_add_test(tests, an_address_in_use_is_refused);
    tcase_add_test(tests, a_certificate_that_is_none_is_refused);
    return suite_of("http loop", tests);
}
