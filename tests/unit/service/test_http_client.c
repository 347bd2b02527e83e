#include "test_http_client.h"

#include <arpa/inet.h>
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

int client_connect(uint16_t port)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
    } address = {.v4 = {.sin_family = AF_INET, .sin_port = htons(port)}};
    address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(socket_fd, 0);
    ck_assert_int_eq(connect(socket_fd, &address.any, sizeof address.v4), 0);
    return socket_fd;
}

void client_send(int socket_fd, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        const ssize_t sent = send(socket_fd, at, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* refused early: the answer tells */
        at += sent;
        size -= (size_t)sent;
    }
}

void client_send_text(int socket_fd, const char *text)
{
    client_send(socket_fd, text, strlen(text));
}

static bool is_whole(const struct reply *reply)
{
    const char *end = strstr(reply->bytes, "\r\n\r\n");
    const char *length = strcasestr(reply->bytes, "\r\nContent-Length:");
    if (!end)
        return false;
    const size_t body = length && length < end ? (size_t)atol(length + 17) : 0;
    return reply->size >= (size_t)(end - reply->bytes) + 4 + body;
}

void client_read(int socket_fd, struct reply *ret_reply)
{
    ret_reply->status = 0;
    ret_reply->was_closed = false;
    ret_reply->size = 0;
    ret_reply->bytes[0] = 0;
    struct pollfd wanted = {.fd = socket_fd, .events = POLLIN};
    while (!is_whole(ret_reply) && poll(&wanted, 1, PATIENCE_MS) == 1) {
        const ssize_t got = recv(socket_fd, ret_reply->bytes + ret_reply->size,
                                 sizeof ret_reply->bytes - 1 - ret_reply->size, 0);
        if (got <= 0) {
            ret_reply->was_closed = true;
            break;
        }
        ret_reply->size += (size_t)got;
        ret_reply->bytes[ret_reply->size] = 0;
    }
    if (strncmp(ret_reply->bytes, "HTTP/1.", 7) == 0)
        ret_reply->status = atoi(ret_reply->bytes + 9);
}

bool client_sees_end(int socket_fd)
{
    char byte;
    struct pollfd wanted = {.fd = socket_fd, .events = POLLIN};
    return poll(&wanted, 1, 1000) == 1 && recv(socket_fd, &byte, 1, 0) <= 0;
}

void client_ask(uint16_t port, const char *request, struct reply *ret_reply)
{
    const int socket_fd = client_connect(port);
    client_send_text(socket_fd, request);
    client_read(socket_fd, ret_reply);
    close(socket_fd);
}

const char *reply_body(const struct reply *reply)
{
    const char *end = strstr(reply->bytes, "\r\n\r\n");
    return end ? end + 4 : "";
}

void test_answer(struct http_request *request, int status, const char *text)
{
    http_answer(request, status, HTTP_JSON, writ_slice_text(text));
}

void test_refuse(struct http_request *request, enum http_refusal why, const char *detail,
                 void *context)
{
    static const int STATUS[] = {400, 404, 405, 413, 503};
    (void)context;
    char *text = writ_arena_printf(http_arena(request), "{\"refused\":%d,\"detail\":\"%s\"}",
                                   (int)why, detail);
    http_answer(request, STATUS[why], HTTP_PROBLEM, writ_slice_text(text));
}

struct http_options test_options(const struct http_route *routes, size_t count)
{
    return (struct http_options){
        .host = "127.0.0.1",
        .threads = 2,
        .connections = 1024,
        .connection_timeout_s = 10,
        .header_limit = 16384,
        .body_limit = 65536,
        .routes = routes,
        .route_count = count,
        .refuse = test_refuse,
    };
}
