/* A raw HTTP client and a small server for the tests of service/http: bytes in, bytes out. */
#ifndef WRIT_TEST_HTTP_CLIENT_H
#define WRIT_TEST_HTTP_CLIENT_H

#include "http/http.h"

enum { REPLY_BYTES = 65536 };

struct reply {
    int status; /* 0: the connection ended without an answer */
    bool was_closed;
    size_t size;
    char bytes[REPLY_BYTES];
};

int client_connect(uint16_t port);
void client_send(int socket_fd, const void *bytes, size_t size);
void client_send_text(int socket_fd, const char *text);
/* Reads up to a whole answer, the end, or five seconds. */
void client_read(int socket_fd, struct reply *ret_reply);
/* True when the other side closes within a second, without another byte. */
bool client_sees_end(int socket_fd);
/* One request on its own connection. */
void client_ask(uint16_t port, const char *request, struct reply *ret_reply);
const char *reply_body(const struct reply *reply);

/* Options with limits that suit tests; refuse answers {"refused":N} as a problem. */
struct http_options test_options(const struct http_route *routes, size_t count);
void test_refuse(struct http_request *request, enum http_refusal why, const char *detail,
                 void *context);
void test_answer(struct http_request *request, int status, const char *text);

#endif
