/*
 * One request on its way through the service: who calls, with what body, and how it is answered.
 * An endpoint is one file a resource; its handlers run on a loop thread with an authenticated
 * call, and either answer at once or hand the call on: to a reader thread (call_read), which has a
 * database connection, or to the writer. Nothing here blocks. Every way out ends in exactly one of
 * call_answer, call_deny and call_fail, which give the call up.
 * May touch: http, ledger, decide, keys, lib. Knows no SQL but what lies in ledger's statements.
 */
#ifndef WRIT_ENDPOINT_CALL_H
#define WRIT_ENDPOINT_CALL_H

#include "http/http.h"
#include "ledger/registry.h"
#include "service.h"
#include "writ.h"
#include "json/json.h"

struct db;

struct call {
    struct service *service;
    struct http_request *request;
    struct writ_arena *arena;
    struct registry *registry;            /* held while the call lives */
    const struct registry_client *client; /* in registry; NULL on a public route */
    const struct writ_json *body;         /* a JSON object, or NULL where none came */
    uint8_t body_sha256[32];
    const struct writ_json *approval; /* what a denial asks people for, or NULL */
    void (*job)(struct call *call, struct db *db);
};

typedef void call_handler(struct call *call);

/* What http_route.flags says. */
enum call_flags {
    CALL_BODY = 1,          /* a JSON object is required */
    CALL_BODY_OPTIONAL = 2, /* or nothing at all */
    CALL_PUBLIC = 4,        /* no authentication */
    CALL_NAMED = 8,         /* X-Request-ID comes back as it was sent */
};

/* For struct http_options. */
void call_dispatch(struct http_request *request, const struct http_route *route, void *context);
void call_refuse(struct http_request *request, enum http_refusal why, const char *detail,
                 void *context);
/* A handler of a route, as http wants it. */
#define CALL(handler) ((http_handler *)(void (*)(void))(handler))

/* Runs `job` on a reader thread; a database that is away is answered there (status_unknown). */
void call_read(struct call *call, void (*job)(struct call *call, struct db *db));
/* The same, before all calls that wait: for what takes authority away. */
void call_read_first(struct call *call, void (*job)(struct call *call, struct db *db));

/* The node is written as RFC 8785; NULL (out of memory while it was built) answers 503. */
void call_answer(struct call *call, int status, const struct writ_json *value);
/* The same, written already; without data when out of memory. */
void call_answer_text(struct call *call, int status, struct writ_slice json);
void call_answer_bytes(struct call *call, int status, const char *content_type,
                       struct writ_slice body);
/* A denial as problem+json. decision_id may be NULL. */
void call_deny(struct call *call, const struct writ_denial *denial, const char *decision_id);
/* The same without hop and step; field may be "". */
void call_fail(struct call *call, enum writ_status status, const char *field,
               const char *detail_format, ...) __attribute__((format(printf, 4, 5)));
/* For a read that failed: `missing` says what was not there (NOT_FOUND). */
void call_fail_read(struct call *call, struct writ_result result, const char *missing);
/* A refusal that says nothing of what was granted: counted (W7), and dear to the caller unless the
 * fault is ours. */
void call_count_refusal(struct call *call, enum writ_status outcome);
/* The problem as bytes, for those that keep the answer (idempotency). */
struct writ_slice call_problem(struct call *call, const struct writ_denial *denial,
                               const char *decision_id);

/* What a denial says, into an object that is more than a problem. */
struct writ_json *call_put_denial(struct call *call, struct writ_json *object,
                                  const struct writ_denial *denial, const char *decision_id);

/* Reading the request. Each answers (400) and returns false when it is not as it should be; the
 * call is then given up and the handler returns. */
bool call_only_members(struct call *call, const char *const *names);
/* No query parameter but these, which NULL ends; names NULL: none at all. */
bool call_only_queries(struct call *call, const char *const *names);
/* Text of 1 to max bytes without control characters; required or absent (data NULL). */
bool call_text(struct call *call, const char *name, size_t max, bool required,
               struct writ_slice *ret_text);
bool call_uuid(struct call *call, const char *name, bool required, struct uuid *ret_id,
               bool *ret_present);
bool call_integer(struct call *call, const char *name, int64_t min, int64_t max, int64_t absent,
                  int64_t *ret_integer);
bool call_boolean(struct call *call, const char *name, bool absent, bool *ret_boolean);
bool call_object(struct call *call, const char *name, bool required,
                 const struct writ_json **ret_object);
/* UTF-8 of 1 to max bytes without control characters. An absent query parameter has no data. */
bool call_path_text(struct call *call, const char *name, size_t max, struct writ_slice *ret_text);
bool call_query_text(struct call *call, const char *name, struct writ_slice *ret_text);
bool call_path_uuid(struct call *call, const char *name, struct uuid *ret_id);
bool call_query_uuid(struct call *call, const char *name, struct uuid *ret_id, bool *ret_present);
bool call_query_time(struct call *call, const char *name, int64_t absent_us, int64_t *ret_us);
/* The Idempotency-Key header, 1 to 128 printable characters; empty when there is none. */
bool call_idempotency_key(struct call *call, struct writ_slice *ret_key);
/* limit (1 to 500, default 100). */
bool call_limit(struct call *call, int64_t *ret_limit);
/* A cursor of ours under this route, authenticated; empty when there is none. */
bool call_cursor(struct call *call, struct writ_slice *ret_position);
/* Puts "cursor" into the page. */
void call_put_cursor(struct call *call, struct writ_json *page, struct writ_slice position);

/* Shared ways of writing values. */
struct writ_json *call_put_id(struct call *call, struct writ_json *object, const char *name,
                              const struct uuid *id);
struct writ_json *call_put_time(struct call *call, struct writ_json *object, const char *name,
                                int64_t unix_us);
/* base64url */
struct writ_json *call_put_bytes(struct call *call, struct writ_json *object, const char *name,
                                 struct writ_slice bytes);

#endif
