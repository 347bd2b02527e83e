/*
 * HTTP in. One epoll loop a core parses requests and calls the handler of the route that matches.
 * A handler answers at once, or returns and leaves the request suspended until any thread calls
 * http_answer; it must never block. This room knows methods, paths, headers and bytes. It knows no
 * ledger, no roles and no codes: `roles` of a route is the caller's, and every refusal made here
 * goes through the caller's `refuse`, so that codes stay in one list.
 * May touch: sockets, threads, lib/base, log, clock. server.c alone includes microhttpd.h.
 *
 * What is refused as malformed (400 and close) is listed in guard.h, with what the library hides.
 */
#ifndef WRIT_HTTP_HTTP_H
#define WRIT_HTTP_HTTP_H

#include "base/arena.h"
#include "base/status.h"

#define HTTP_JSON "application/json"
#define HTTP_PROBLEM "application/problem+json"

struct http_request;
struct http_server;

typedef void http_handler(struct http_request *request, void *context);

/* "/v1/tasks/{task}/complete": a segment in braces matches any one segment and names it. Of two
 * routes that match, the first in the table wins: literal segments go before named ones. */
struct http_route {
    const char *method; /* GET serves HEAD too */
    const char *pattern;
    http_handler *handler;
    unsigned roles; /* the caller's; 0 is what the caller says it is */
    unsigned flags; /* the caller's */
};

enum http_refusal {
    HTTP_REFUSED_MALFORMED, /* 400 */
    HTTP_REFUSED_NOT_FOUND, /* 404 */
    HTTP_REFUSED_METHOD,    /* 405; Allow is set already */
    HTTP_REFUSED_TOO_LARGE, /* 413 */
    HTTP_REFUSED_NO_MEMORY, /* 503 */
};

struct http_options {
    const char *host;              /* address or name to listen on */
    uint16_t port;                 /* 0: any free one, see http_port */
    unsigned threads;              /* loops */
    unsigned connections;          /* all loops together; one more ends who waits longest */
    unsigned connection_timeout_s; /* without a whole request; a suspended one is never ended */
    size_t header_limit; /* request line and headers, about; the library answers 431 or 414 */
    size_t body_limit;
    const char *tls_cert; /* PEM files; both NULL without TLS */
    const char *tls_key;

    const struct http_route *routes; /* outlives the server */
    size_t route_count;
    void *context; /* given to all of these */
    /* Must answer, at once. `detail` is a sentence of ours, without the caller's text. */
    void (*refuse)(struct http_request *request, enum http_refusal why, const char *detail,
                   void *context);
    /* Called in place of route->handler, which it calls when it sees fit: the place for
     * authentication and roles. NULL: the handler is called directly. */
    void (*dispatch)(struct http_request *request, const struct http_route *route, void *context);
    /* After the answer went out or the client was lost (status 0: never answered). May be NULL.
     * Method, path, id and route may be read; `user` and the arena may not. */
    void (*done)(const struct http_request *request, int status, int64_t took_us, void *context);
};

/* INTERNAL with the reason logged: address in use, unreadable certificate, no TLS support. */
struct writ_result http_start(const struct http_options *options,
                              struct http_server **ret_server) WRIT_MUST_CHECK;
uint16_t http_port(const struct http_server *server);
/* Stops listening, lets running requests end for drain_ms, closes the connections of the rest
 * without an answer, and frees the server. Requests not answered by then stay good until they
 * are answered: http_answer is due for them too, and goes nowhere. Takes NULL, returns NULL. */
struct http_server *http_stop(struct http_server *server, unsigned drain_ms);

/* Until http_answer, a request belongs to whoever was handed it: one thread at a time. */
const char *http_method(const struct http_request *request);
const char *http_path(const struct http_request *request); /* as sent: not decoded, no query */
const struct http_route *http_route_of(const struct http_request *request); /* NULL in refusals */
/* For the log; sent back too, where no X-Request-ID was set. */
const char *http_request_id(const struct http_request *request);
/* Without data when absent; an empty value has data. Header names in any case. Of repeated
 * headers the first; guard.h lists those that may not repeat. */
struct writ_slice http_header_in(const struct http_request *request, const char *name);
/* Decoded; a name that is given twice was refused. */
struct writ_slice http_query(const struct http_request *request, const char *name);
/* Every query parameter in order, for those that must refuse unknown ones. */
size_t http_query_count(const struct http_request *request);
struct writ_slice http_query_name(const struct http_request *request, size_t index);
/* Decoded path segment that the pattern calls {name}; no control characters, not empty. */
struct writ_slice http_parameter(const struct http_request *request, const char *name);
struct writ_slice http_body(const struct http_request *request);
/* Lives as long as the request. */
struct writ_arena *http_arena(struct http_request *request);
void **http_user(struct http_request *request);

/* Adds a header to the answer. A value with control characters is dropped, and logged. */
void http_header(struct http_request *request, const char *name, const char *value);
/* Hands the answer out and gives the request up: not to be touched afterwards, not even to read.
 * From any thread, exactly once a request. The body is copied; content_type is a literal, and may
 * be NULL where there is no body. Cache-Control is no-store unless it was set. */
void http_answer(struct http_request *request, int status, const char *content_type,
                 struct writ_slice body);

#endif
