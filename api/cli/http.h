/* HTTP, the one door to libcurl (rule of one). One connection is kept for the life of a command. */
#ifndef WRIT_CLI_HTTP_H
#define WRIT_CLI_HTTP_H

#include "cli.h"

struct http_request {
    const char *method;
    const char *url;
    const char *client; /* NULL: not authenticated */
    const char *secret;
    const char *idempotency_key; /* NULL: none */
    const char *ca_file;         /* NULL: the system's */
    struct writ_slice body;      /* JSON; empty: none */
};

struct http_response {
    long status;
    const char *type; /* Content-Type, "" where there is none */
    struct writ_slice body;
    int64_t date_unix_s; /* of the Date header; 0: none */
    double seconds;
};

struct http *http_new(void);
struct http *http_free(struct http *http);
/* false: there is no answer, and ret_error says why. The answer lives in the arena. */
bool http_call(struct http *http, struct writ_arena *arena, const struct http_request *request,
               struct http_response *ret_response, char ret_error[static 256]);

#endif
