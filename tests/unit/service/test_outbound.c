/* HTTP out, against a peer on loopback that answers, lies, stalls and dies as its path says. */
#include "outbound/outbound.h"
#include "suites.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { LIMIT = 4, CONNECTIONS_MAX = 64, REQUEST_MAX = 8192 };

/* ---- The peer ----------------------------------------------------------------------------- */

static int listener = -1;
static uint16_t port;
static pthread_t peer_thread;
static char last_request[REQUEST_MAX];
static int request_count;

static void say(int connection, const char *text)
{
    (void)!send(connection, text, strlen(text), MSG_NOSIGNAL);
}

static bool reads_request(int connection)
{
    size_t used = 0;
    while (used < REQUEST_MAX - 1) {
        const ssize_t got = recv(connection, last_request + used, REQUEST_MAX - 1 - used, 0);
        if (got <= 0)
            return false;
        used += (size_t)got;
        last_request[used] = '\0';
        const char *end = strstr(last_request, "\r\n\r\n");
        const char *size = strcasestr(last_request, "content-length:");
        if (end &&
            (!size || used >= (size_t)(end + 4 - last_request) + strtoul(size + 15, NULL, 10)))
            return true;
    }
    return false;
}

/* False: the connection stays open, and says nothing more. */
static bool answer(int connection)
{
    static const struct timespec PAUSE = {.tv_nsec = 20000000};
    if (strstr(last_request, "POST /answer")) {
        say(connection,
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{\"a\":\"b c\"}");
    } else if (strstr(last_request, "POST /redirect")) {
        say(connection, "HTTP/1.1 307 Away\r\nLocation: /answer\r\nContent-Length: 0\r\n"
                        "Connection: close\r\n\r\n");
    } else if (strstr(last_request, "POST /die")) {
        say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"a\":");
    } else if (strstr(last_request, "POST /rubbish")) {
        say(connection, "\x16\x03\x01 no HTTP at all\r\n\r\n");
    } else if (strstr(last_request, "POST /huge")) {
        say(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        for (int i = 0; i < 200; i++)
            say(connection, "a hundred bytes, or nearly that, of what nobody has asked for and "
                            "nobody should keep in memory .");
    } else if (strstr(last_request, "POST /drip")) {
        say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        for (int i = 0; i < 100 && send(connection, " ", 1, MSG_NOSIGNAL) == 1; i++)
            nanosleep(&PAUSE, NULL);
    } else {
        return false;
    }
    return true;
}

static void *be_peer(void *context)
{
    int held[CONNECTIONS_MAX];
    size_t held_count = 0;
    (void)context;
    for (int connection; (connection = accept(listener, NULL, NULL)) >= 0;) {
        request_count++;
        if ((reads_request(connection) && !answer(connection)) && held_count < CONNECTIONS_MAX)
            held[held_count++] = connection;
        else
            close(connection);
    }
    while (held_count > 0)
        close(held[--held_count]);
    return NULL;
}

static uint16_t listen_somewhere(int *ret_listener)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    *ret_listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert(bind(*ret_listener, (struct sockaddr *)&address, sizeof address) == 0);
    ck_assert(listen(*ret_listener, 16) == 0);
    ck_assert(getsockname(*ret_listener, (struct sockaddr *)&address, &size) == 0);
    return ntohs(address.sin_port);
}

/* ---- Who asks ----------------------------------------------------------------------------- */

struct asked {
    bool is_done;
    enum outbound_fate fate;
    long status;
    char body[64];
    char error[256];
};

static struct outbound *outbound;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t done = PTHREAD_COND_INITIALIZER;

static void on_done(const struct outbound_answer *said, void *context)
{
    struct asked *asked = context;
    pthread_mutex_lock(&lock);
    ck_assert(!asked->is_done);
    asked->is_done = true;
    asked->fate = said->fate;
    asked->status = said->status;
    snprintf(asked->body, sizeof asked->body, "%.*s", WRIT_SLICE_ARGS(said->body));
    snprintf(asked->error, sizeof asked->error, "%s", said->error ? said->error : "");
    pthread_cond_signal(&done);
    pthread_mutex_unlock(&lock);
}

static struct writ_result send_to(const char *url, uint32_t deadline_ms, struct asked *asked)
{
    static const char *const HEADERS[] = {"Writ-Test: yes", NULL};
    const struct outbound_request request = {
        .url = url,
        .body = WRIT_SLICE_LITERAL("{\"asked\":true}"),
        .headers = HEADERS,
        .bearer = "secret-of-tests",
        .deadline_ms = deadline_ms,
        .answer_max = 4096,
        .done = on_done,
        .context = asked,
    };
    *asked = (struct asked){0};
    return outbound_send(outbound, &request);
}

static const char *url_of(const char *path)
{
    static char url[128];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/%s", port, path);
    return url;
}

static void await(struct asked *asked)
{
    pthread_mutex_lock(&lock);
    while (!asked->is_done)
        pthread_cond_wait(&done, &lock);
    pthread_mutex_unlock(&lock);
}

static struct asked ask(const char *path, uint32_t deadline_ms)
{
    struct asked asked;
    ck_assert(writ_is_ok(send_to(url_of(path), deadline_ms, &asked)));
    await(&asked);
    return asked;
}

static void start(void)
{
    port = listen_somewhere(&listener);
    ck_assert(pthread_create(&peer_thread, NULL, be_peer, NULL) == 0);
    ck_assert(writ_is_ok(outbound_start(LIMIT, &outbound)));
}

static void stop(void)
{
    outbound = outbound_stop(outbound);
    shutdown(listener, SHUT_RDWR);
    pthread_join(peer_thread, NULL);
    close(listener);
}

/* ---- Tests -------------------------------------------------------------------------------- */

START_TEST(an_answer_comes_back_whole)
{
    const struct asked asked = ask("answer", 5000);
    ck_assert_int_eq(asked.fate, OUTBOUND_ANSWERED);
    ck_assert_int_eq(asked.status, 200);
    ck_assert_str_eq(asked.body, "{\"a\":\"b c\"}");
    ck_assert_ptr_nonnull(strstr(last_request, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_nonnull(strstr(last_request, "\r\nAuthorization: Bearer secret-of-tests\r\n"));
    ck_assert_ptr_nonnull(strstr(last_request, "\r\nWrit-Test: yes\r\n"));
    ck_assert_ptr_null(strstr(last_request, "Expect:"));
    ck_assert_ptr_nonnull(strstr(last_request, "\r\n\r\n{\"asked\":true}"));
}
END_TEST

START_TEST(a_redirect_is_an_answer_and_is_not_followed)
{
    const struct asked asked = ask("redirect", 5000);
    ck_assert_int_eq(asked.fate, OUTBOUND_ANSWERED);
    ck_assert_int_eq(asked.status, 307);
    ck_assert_int_eq(request_count, 1);
}
END_TEST

START_TEST(who_stalls_or_drips_is_given_up_at_the_deadline)
{
    ck_assert_int_eq(ask("stall", 100).fate, OUTBOUND_TIMED_OUT);
    ck_assert_int_eq(ask("drip", 100).fate, OUTBOUND_TIMED_OUT);
}
END_TEST

START_TEST(who_dies_or_speaks_no_http_is_broken)
{
    const struct asked died = ask("die", 5000);
    ck_assert_int_eq(died.fate, OUTBOUND_BROKEN);
    ck_assert_str_eq(died.body, "");
    ck_assert_str_ne(died.error, "");
    ck_assert_int_eq(ask("rubbish", 5000).fate, OUTBOUND_BROKEN);
}
END_TEST

START_TEST(an_answer_over_its_size_is_not_kept)
{
    ck_assert_int_eq(ask("huge", 5000).fate, OUTBOUND_TOO_LARGE);
}
END_TEST

START_TEST(where_nobody_listens_is_unreachable)
{
    int nobody = -1;
    struct asked asked;
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%u/answer", listen_somewhere(&nobody));
    close(nobody);
    ck_assert(writ_is_ok(send_to(url, 5000, &asked)));
    await(&asked);
    ck_assert_int_eq(asked.fate, OUTBOUND_UNREACHABLE);
}
END_TEST

START_TEST(other_schemes_are_not_spoken)
{
    static const char *const URLS[] = {"file:///etc/passwd", "ftp://127.0.0.1/answer",
                                       "gopher://127.0.0.1/answer"};
    for (size_t i = 0; i < sizeof URLS / sizeof URLS[0]; i++) {
        struct asked asked;
        if (!writ_is_ok(send_to(URLS[i], 1000, &asked)))
            continue;
        await(&asked);
        ck_assert_int_eq(asked.fate, OUTBOUND_BROKEN);
        ck_assert_str_eq(asked.body, "");
    }
}
END_TEST

START_TEST(a_proxy_of_the_environment_is_not_taken)
{
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    ck_assert_int_eq(ask("answer", 5000).status, 200);
}
END_TEST

START_TEST(beyond_the_limit_it_is_refused_and_others_are_not_held_up)
{
    struct asked stalled[LIMIT], refused;
    for (int i = 0; i < LIMIT - 1; i++)
        ck_assert(writ_is_ok(send_to(url_of("stall"), 1000, &stalled[i])));
    ck_assert_int_eq(ask("answer", 5000).status, 200); /* while the others wait */
    ck_assert(writ_is_ok(send_to(url_of("stall"), 1000, &stalled[LIMIT - 1])));
    ck_assert_int_eq(send_to(url_of("answer"), 1000, &refused).status, WRIT_RATE_LIMITED);
    for (int i = 0; i < LIMIT; i++) {
        await(&stalled[i]);
        ck_assert_int_eq(stalled[i].fate, OUTBOUND_TIMED_OUT);
    }
    ck_assert(!refused.is_done);
    ck_assert_int_eq(ask("answer", 5000).status, 200);
}
END_TEST

START_TEST(the_end_tells_everybody_who_waits)
{
    struct asked stalled[LIMIT];
    for (int i = 0; i < LIMIT; i++)
        ck_assert(writ_is_ok(send_to(url_of("stall"), 60000, &stalled[i])));
    outbound = outbound_stop(outbound);
    for (int i = 0; i < LIMIT; i++) {
        ck_assert(stalled[i].is_done);
        ck_assert_int_eq(stalled[i].fate, OUTBOUND_ENDED);
    }
}
END_TEST

Suite *suite_outbound(void)
{
    TCase *tests = tcase_create("outbound");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, an_answer_comes_back_whole);
    tcase_add_test(tests, a_redirect_is_an_answer_and_is_not_followed);
    tcase_add_test(tests, who_stalls_or_drips_is_given_up_at_the_deadline);
    tcase_add_test(tests, who_dies_or_speaks_no_http_is_broken);
    tcase_add_test(tests, an_answer_over_its_size_is_not_kept);
    tcase_add_test(tests, where_nobody_listens_is_unreachable);
    tcase_add_test(tests, other_schemes_are_not_spoken);
    tcase_add_test(tests, a_proxy_of_the_environment_is_not_taken);
    tcase_add_test(tests, beyond_the_limit_it_is_refused_and_others_are_not_held_up);
    tcase_add_test(tests, the_end_tells_everybody_who_waits);
    return suite_of("outbound", tests);
}
