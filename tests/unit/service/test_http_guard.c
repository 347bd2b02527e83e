/*
 * What becomes of requests that two parsers could read differently (guard.h). Expected is the
 * status, and whether the connection is closed with it.
 */
#include "suites.h"

#include "test_http_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void echo(struct http_request *request, void *context)
{
    (void)context;
    const struct writ_slice body = http_body(request);
    http_answer(request, 200, HTTP_JSON, body);
}

static void echo_parameters(struct http_request *request, void *context)
{
    (void)context;
    char *text = writ_arena_printf(http_arena(request), "%.*s|%.*s",
                                   WRIT_SLICE_ARGS(http_parameter(request, "a")),
                                   WRIT_SLICE_ARGS(http_query(request, "q")));
    test_answer(request, 200, text);
}

static void add_headers(struct http_request *request, void *context)
{
    (void)context;
    http_header(request, "Cache-Control", "max-age=5");
    http_header(request, "Retry-After", "1");
    http_header(request, "X-Evil", "a\r\nSet-Cookie: b");
    test_answer(request, 429, "{}");
}

static const struct http_route ROUTES[] = {
    {"GET", "/", echo, 0, 0},
    {"POST", "/echo", echo, 0, 0},
    {"PUT", "/echo", echo, 0, 0},
    {"GET", "/echo", echo, 0, 0},
    {"GET", "/items/{a}/parts", echo_parameters, 0, 0},
    {"GET", "/headers", add_headers, 0, 0},
};

static struct http_server *server;

static void start(void)
{
    struct http_options options = test_options(ROUTES, sizeof ROUTES / sizeof ROUTES[0]);
    ck_assert(writ_is_ok(http_start(&options, &server)));
}

static void stop(void)
{
    server = http_stop(server, 500);
}

enum { OPEN, CLOSES };

struct attempt {
    const char *name;
    int status; /* 0: closed without an answer */
    int closes;
    struct writ_slice bytes;
};

/* an initialiser: a compound literal is not constant */
#define BYTES_INIT(text)                                                                           \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }
#define POST "POST /echo HTTP/1.1\r\nHost: x\r\n"
#define GET "GET /echo HTTP/1.1\r\nHost: x\r\n"

static const struct attempt ATTEMPTS[] = {
    /* good */
    {"a plain request", 200, OPEN, BYTES_INIT(GET "\r\n")},
    {"a body", 200, OPEN, BYTES_INIT(POST "Content-Length: 2\r\n\r\n{}")},
    {"an empty body", 200, OPEN, BYTES_INIT(POST "Content-Length: 0\r\n\r\n")},
    {"chunks", 200, OPEN,
     BYTES_INIT(POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n")},
    {"HTTP/1.0", 200, CLOSES, BYTES_INIT("GET /echo HTTP/1.0\r\n\r\n")},
    {"a cookie", 200, OPEN, BYTES_INIT(GET "Cookie: a=b; c=\"d\"\r\nX: y\r\n\r\n")},
    /* framing */
    {"two lengths", 400, CLOSES,
     BYTES_INIT(POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ")},
    {"one length twice", 400, CLOSES,
     BYTES_INIT(POST "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}")},
    {"lengths in a list", 400, CLOSES, BYTES_INIT(POST "Content-Length: 2, 2\r\n\r\n{}")},
    {"a signed length", 400, CLOSES, BYTES_INIT(POST "Content-Length: +2\r\n\r\n{}")},
    {"a hexadecimal length", 400, CLOSES, BYTES_INIT(POST "Content-Length: 0x2\r\n\r\n{}")},
    {"a negative length", 400, CLOSES, BYTES_INIT(POST "Content-Length: -2\r\n\r\n{}")},
    {"an empty length", 400, CLOSES, BYTES_INIT(POST "Content-Length:\r\n\r\n{}")},
    {"length and chunks", 400, CLOSES,
     BYTES_INIT(POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    {"chunks and length", 400, CLOSES,
     BYTES_INIT(POST "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n")},
    {"gzip", 400, CLOSES, BYTES_INIT(POST "Transfer-Encoding: gzip\r\n\r\n{}")},
    {"gzip, chunked", 400, CLOSES,
     BYTES_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")},
    {"identity", 400, CLOSES, BYTES_INIT(POST "Transfer-Encoding: identity\r\n\r\n{}")},
    {"chunked twice", 400, CLOSES,
     BYTES_INIT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    {"chunks in HTTP/1.0", 400, CLOSES,
     BYTES_INIT("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")},
    {"a chunk size that is none", 400, CLOSES,
     BYTES_INIT(POST "Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n")},
    /* versions */
    {"HTTP/1.9", 400, CLOSES, BYTES_INIT("GET /echo HTTP/1.9\r\nHost: x\r\n\r\n")},
    {"HTTP/2.0", 505, CLOSES, BYTES_INIT("GET /echo HTTP/2.0\r\nHost: x\r\n\r\n")},
    {"HTTP/0.9", 400, CLOSES, BYTES_INIT("GET /echo\r\n\r\n")},
    {"http/1.1", 400, CLOSES, BYTES_INIT("GET /echo http/1.1\r\nHost: x\r\n\r\n")},
    /* headers */
    {"no host", 400, CLOSES, BYTES_INIT("GET /echo HTTP/1.1\r\n\r\n")},
    {"two hosts", 400, CLOSES, BYTES_INIT(GET "Host: y\r\n\r\n")},
    {"two authorizations", 400, CLOSES,
     BYTES_INIT(GET "Authorization: Basic a\r\nauthorization: Basic b\r\n\r\n")},
    {"a space before the colon", 400, CLOSES, BYTES_INIT(POST "Content-Length : 2\r\n\r\n{}")},
    {"no colon", 400, CLOSES, BYTES_INIT(GET "Nonsense\r\n\r\n")},
    {"no name", 400, CLOSES, BYTES_INIT(GET ": x\r\n\r\n")},
    {"an escape character in a value", 400, CLOSES, BYTES_INIT(GET "X: a\x1b[2Jb\r\n\r\n")},
    {"a lone CR in a value", 400, CLOSES, BYTES_INIT(GET "X: a\rb\r\n\r\n")},
    {"a NUL in a value", 400, CLOSES, BYTES_INIT(GET "X: a\0b\r\n\r\n")},
    {"a NUL in a name", 400, CLOSES, BYTES_INIT(GET "X\0Y: a\r\n\r\n")},
    {"a NUL that begins a line", 400, CLOSES, BYTES_INIT(GET "\0X: a\r\n\r\n")},
    {"a NUL at the end of a value", 400, CLOSES, BYTES_INIT(GET "X: a\0\r\n\r\n")},
    {"a NUL before a value", 400, CLOSES, BYTES_INIT(GET "X:\0a\r\n\r\n")},
    {"a bare LF", 400, CLOSES, BYTES_INIT(GET "X: a\nY: b\r\n\r\n")},
    {"a bare LF made up for by a space", 400, CLOSES, BYTES_INIT(GET "X:  a\nY: b\r\n\r\n")},
    {"a bare LF behind the last header", 400, CLOSES, BYTES_INIT(GET "X: a\n\r\n")},
    {"a bare LF as the last line", 400, CLOSES, BYTES_INIT(GET "X: a\r\n\n")},
    {"a bare LF behind the request line", 400, CLOSES,
     BYTES_INIT("GET /echo HTTP/1.1\nHost: x\r\n\r\n")},
    {"only bare LFs", 400, CLOSES, BYTES_INIT("GET /echo HTTP/1.1\nHost: x\n\n")},
    {"two bare LFs as the last lines", 400, CLOSES, BYTES_INIT(GET "\n\n")},
    {"a folded line", 400, CLOSES, BYTES_INIT(GET "X: a\r\n  b\r\n\r\n")},
    {"a folded encoding", 400, CLOSES,
     BYTES_INIT(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n")},
    {"two spaces in the request line", 400, CLOSES,
     BYTES_INIT("GET  /echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a tab in the request line", 400, CLOSES,
     BYTES_INIT("GET\t/echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"spaces around a value", 200, OPEN, BYTES_INIT(GET "X: \t a \t\r\nY:b\r\nZ:\r\n\r\n")},
    {"an empty line before", 200, OPEN, BYTES_INIT("\r\n" GET "\r\n")},
    /* targets and methods */
    {"an absolute target", 400, CLOSES,
     BYTES_INIT("GET http://x/echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a star", 400, CLOSES, BYTES_INIT("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a broken escape in the query", 400, CLOSES,
     BYTES_INIT("GET /echo?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"an escaped NUL", 400, CLOSES, BYTES_INIT("GET /echo?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a parameter twice", 400, CLOSES, BYTES_INIT("GET /echo?a=1&a=2 HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a NUL in the target", 400, CLOSES, BYTES_INIT("GET /ec\0ho HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a path that is not there", 404, OPEN, BYTES_INIT("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"an escaped literal", 404, OPEN, BYTES_INIT("GET /%65cho HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"dots", 404, OPEN, BYTES_INIT("GET /x/../echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a trailing slash", 404, OPEN, BYTES_INIT("GET /echo/ HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a method not served", 405, OPEN, BYTES_INIT("DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"an unknown method", 405, CLOSES, BYTES_INIT("TRACE /echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a method in small letters", 405, CLOSES, BYTES_INIT("get /echo HTTP/1.1\r\nHost: x\r\n\r\n")},
    {"a broken segment", 400, OPEN, BYTES_INIT("GET /items/%0a/parts HTTP/1.1\r\nHost: x\r\n\r\n")},
};

START_TEST(a_doubtful_request_is_refused)
{
    const struct attempt *attempt = &ATTEMPTS[_i];
    struct reply reply;
    const int client = client_connect(http_port(server));
    client_send(client, attempt->bytes.data, attempt->bytes.size);
    client_read(client, &reply);
    ck_assert_msg(reply.status == attempt->status, "%s: status %d, not %d: %s", attempt->name,
                  reply.status, attempt->status, reply.bytes);
    if (attempt->closes == CLOSES)
        ck_assert_msg(reply.was_closed || client_sees_end(client), "%s: left open", attempt->name);
    close(client);
}
END_TEST

START_TEST(a_smuggled_request_is_never_served)
{
    /* after each refusal a whole second request follows on the connection: nobody answers it */
    struct reply reply;
    for (size_t i = 0; i < sizeof ATTEMPTS / sizeof ATTEMPTS[0]; i++) {
        if (ATTEMPTS[i].status != 400 || ATTEMPTS[i].closes != CLOSES)
            continue;
        const int client = client_connect(http_port(server));
        client_send(client, ATTEMPTS[i].bytes.data, ATTEMPTS[i].bytes.size);
        client_send_text(client, GET "\r\n");
        do
            client_read(client, &reply);
        while (reply.status == 400);
        ck_assert_msg(reply.status == 0, "%s: the second was answered: %s", ATTEMPTS[i].name,
                      reply.bytes);
        close(client);
    }
}
END_TEST

START_TEST(names_in_the_path_and_the_query_are_decoded)
{
    struct reply reply;
    client_ask(http_port(server),
               "GET /items/a%2Fb%20c/parts?x&q=1%262+3 HTTP/1.1\r\nHost: x\r\n\r\n", &reply);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply_body(&reply), "a/b c|1&2 3");
}
END_TEST

START_TEST(a_method_not_served_is_told_which_are)
{
    struct reply reply;
    client_ask(http_port(server), "DELETE /echo HTTP/1.1\r\nHost: x\r\n\r\n", &reply);
    ck_assert_int_eq(reply.status, 405);
    ck_assert_ptr_nonnull(strstr(reply.bytes, "Allow: POST, PUT, GET, HEAD\r\n"));
    ck_assert_ptr_nonnull(strstr(reply.bytes, "Content-Type: application/problem+json"));
}
END_TEST

START_TEST(head_is_get_without_the_body)
{
    struct reply reply;
    client_ask(http_port(server), "HEAD /headers HTTP/1.1\r\nHost: x\r\n\r\n", &reply);
    ck_assert_int_eq(reply.status, 429);
    ck_assert_str_eq(reply_body(&reply), "");
}
END_TEST

START_TEST(a_handler_can_not_split_the_answer)
{
    struct reply reply;
    client_ask(http_port(server), "GET /headers HTTP/1.1\r\nHost: x\r\n\r\n", &reply);
    ck_assert_ptr_nonnull(strstr(reply.bytes, "Retry-After: 1"));
    ck_assert_ptr_nonnull(strstr(reply.bytes, "Cache-Control: max-age=5"));
    ck_assert_ptr_null(strstr(reply.bytes, "no-store"));
    ck_assert_ptr_null(strstr(reply.bytes, "Set-Cookie"));
}
END_TEST

/* --- sizes ------------------------------------------------------------------------------------ */

static void post_of_size(size_t size, const char *extra, struct reply *ret_reply)
{
    char head[256];
    char *body = calloc(1, size + 1);
    memset(body, 'x', size);
    snprintf(head, sizeof head, POST "%sContent-Length: %zu\r\n\r\n", extra, size);
    const int client = client_connect(http_port(server));
    client_send_text(client, head);
    client_send(client, body, size);
    client_read(client, ret_reply);
    close(client);
    free(body);
}

START_TEST(a_body_up_to_the_limit_is_taken)
{
    struct reply reply;
    post_of_size(60000, "", &reply);
    ck_assert_int_eq(reply.status, 200);
    post_of_size(65537, "", &reply);
    ck_assert_int_eq(reply.status, 413);
    ck_assert_ptr_nonnull(strstr(reply_body(&reply), "\"refused\":3"));
    post_of_size(200000, "", &reply);
    ck_assert_int_eq(reply.status, 413);
}
END_TEST

START_TEST(a_huge_body_is_refused_before_it_is_sent)
{
    struct reply reply;
    const char huge[] = POST "Content-Length: 99999999999999999999\r\n\r\n";
    const char expecting[] = POST "Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n";
    const char large[] = POST "Content-Length: 10000000\r\n\r\n";
    client_ask(http_port(server), huge, &reply);
    ck_assert_int_eq(reply.status, 413);
    client_ask(http_port(server), expecting, &reply);
    ck_assert_int_eq(reply.status, 413);
    client_ask(http_port(server), large, &reply);
    ck_assert_int_eq(reply.status, 413);
}
END_TEST

START_TEST(chunks_beyond_the_limit_are_refused)
{
    struct reply reply;
    char whole[6 + 8192 + 2];
    memset(whole, 'x', sizeof whole);
    memcpy(whole, "2000\r\n", 6);
    memcpy(whole + 6 + 8192, "\r\n", 2);
    const int client = client_connect(http_port(server));
    client_send_text(client, POST "Transfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 12; i++)
        client_send(client, whole, sizeof whole);
    client_send_text(client, "0\r\n\r\n");
    client_read(client, &reply);
    ck_assert_int_eq(reply.status, 413);
    close(client);
}
END_TEST

START_TEST(headers_beyond_the_limit_are_refused)
{
    struct reply reply;
    const int client = client_connect(http_port(server));
    client_send_text(client, GET);
    for (int i = 0; i < 2000; i++) {
        char line[64];
        snprintf(line, sizeof line, "X-Filler-%04d: 012345678901234567890123456789\r\n", i);
        client_send_text(client, line);
    }
    client_send_text(client, "\r\n");
    client_read(client, &reply);
    ck_assert_msg(reply.status == 431 || reply.status == 413 || reply.status == 0, "%d",
                  reply.status);
    close(client);
}
END_TEST

START_TEST(long_headers_and_pipelined_requests_are_plain)
{
    static char text[16000];
    struct reply reply;
    const int client = client_connect(http_port(server));
    snprintf(text, sizeof text, GET "X-Long: %014000d\r\n\r\n", 7);
    client_send_text(client, text);
    client_read(client, &reply);
    ck_assert_int_eq(reply.status, 200);
    client_send_text(client, POST "Content-Length: 3\r\n\r\nabc" GET "\r\n" GET "\r\n");
    for (int answered = 0; answered < 3;) {
        client_read(client, &reply);
        ck_assert_int_eq(reply.status, 200);
        for (const char *at = reply.bytes; (at = strstr(at, "HTTP/1.1 200")); at++)
            answered++;
    }
    close(client);
}
END_TEST

START_TEST(tls_serves_with_a_good_certificate)
{
    char directory[] = "/tmp/writ-tls-XXXXXX";
    char command[512];
    ck_assert_ptr_nonnull(mkdtemp(directory));
    snprintf(command, sizeof command,
             "cd %s && openssl req -x509 -newkey ed25519 -nodes -keyout k.pem -out c.pem -days 2 "
             "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 2>/dev/null",
             directory);
    if (system(command) != 0)
        return; /* no openssl here */
    char certificate[64];
    char key[64];
    snprintf(certificate, sizeof certificate, "%s/c.pem", directory);
    snprintf(key, sizeof key, "%s/k.pem", directory);
    struct http_server *secure = NULL;
    struct http_options options = test_options(ROUTES, sizeof ROUTES / sizeof ROUTES[0]);
    options.tls_cert = certificate;
    options.tls_key = key;
    ck_assert(writ_is_ok(http_start(&options, &secure)));
    snprintf(command, sizeof command,
             "test \"$(curl -s --cacert %s -d hello https://127.0.0.1:%u/echo)\" = hello",
             certificate, http_port(secure));
    const bool has_curl = system("command -v curl >/dev/null") == 0;
    ck_assert(!has_curl || system(command) == 0);
    http_stop(secure, 500);
    snprintf(command, sizeof command, "rm -r %s", directory);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

Suite *suite_http_guard(void)
{
    const int attempts = sizeof ATTEMPTS / sizeof ATTEMPTS[0];
    TCase *tests = tcase_create("guard");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_doubtful_request_is_refused, 0, attempts);
    tcase_add_test(tests, a_smuggled_request_is_never_served);
    tcase_add_test(tests, names_in_the_path_and_the_query_are_decoded);
    tcase_add_test(tests, a_method_not_served_is_told_which_are);
    tcase_add_test(tests, head_is_get_without_the_body);
    tcase_add_test(tests, a_handler_can_not_split_the_answer);
    tcase_add_test(tests, a_body_up_to_the_limit_is_taken);
    tcase_add_test(tests, a_huge_body_is_refused_before_it_is_sent);
    tcase_add_test(tests, chunks_beyond_the_limit_are_refused);
    tcase_add_test(tests, headers_beyond_the_limit_are_refused);
    tcase_add_test(tests, long_headers_and_pipelined_requests_are_plain);
    tcase_add_test(tests, tls_serves_with_a_good_certificate);
    return suite_of("http guard", tests);
}
