#include "endpoint/call.h"

#include "base/base64.h"
#include "clock.h"
#include "ledger/mark.h"
#include "ledger/refusals.h"
#include "log.h"
#include "metrics.h"
#include "postgres/pool.h"
#include "rates.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_SIZE_MAX = 256, CREDENTIALS_SIZE_MAX = 1024 };

/* ---- Ways out ----------------------------------------------------------------------------- */

static void send(struct call *call, int status, const char *content_type, struct writ_slice body)
{
    call->registry = registry_release(call->registry);
    http_answer(call->request, status, content_type, body);
}

void call_answer_bytes(struct call *call, int status, const char *content_type,
                       struct writ_slice body)
{
    send(call, status, content_type, body);
}

void call_answer(struct call *call, int status, const struct writ_json *value)
{
    call_answer_text(call, status, writ_json_canonical(call->arena, value));
}

void call_answer_text(struct call *call, int status, struct writ_slice json)
{
    if (json.data)
        send(call, status, HTTP_JSON, json);
    else
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "the answer could not be written");
}

/* Built without the arena's help where memory ran out: a refusal is always said. */
static const char LAST_RESORT[] =
    "{\"agent_message\":\"The service is out of memory.\",\"code\":\"out_of_memory\","
    "\"retry\":\"after:1\",\"status\":503,\"title\":\"The service is out of memory.\","
    "\"type\":\"about:blank\"}";

struct writ_json *call_put_denial(struct call *call, struct writ_json *object,
                                  const struct writ_denial *denial, const char *decision_id)
{
    struct writ_arena *arena = call->arena;
    writ_json_put_string(arena, object, "agent_message", writ_status_text(denial->outcome));
    writ_json_put_string(arena, object, "code", writ_status_code(denial->outcome));
    struct writ_json *last = writ_json_put_string(arena, object, "retry",
                                                  writ_status_retry(denial->outcome));
    if (denial->detail[0] != '\0')
        last = writ_json_put_string(arena, object, "detail", denial->detail);
    if (denial->field[0] != '\0')
        last = writ_json_put_string(arena, object, "field", denial->field);
    if (denial->step && denial->step[0] != '\0')
        last = writ_json_put_string(arena, object, "step", denial->step);
    if (denial->hop >= 0)
        last = writ_json_put_integer(arena, object, "hop", denial->hop);
    if (decision_id)
        last = writ_json_put_string(arena, object, "decision_id", decision_id);
    if (last && call->approval)
        last = writ_json_put(arena, object, "approval", call->approval);
    return last;
}

struct writ_slice call_problem(struct call *call, const struct writ_denial *denial,
                               const char *decision_id)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *problem = writ_json_new_object(arena);
    writ_json_put_string(arena, problem, "type", "about:blank");
    writ_json_put_string(arena, problem, "title", writ_status_text(denial->outcome));
    writ_json_put_integer(arena, problem, "status", writ_status_http(denial->outcome));
    struct writ_json *last = call_put_denial(call, problem, denial, decision_id);
    if (last)
        last = writ_json_put_string(arena, problem, "request_id", http_request_id(call->request));
    const struct writ_slice body = last ? writ_json_canonical(arena, problem) : WRIT_SLICE_NONE;
    return body.data ? body : WRIT_SLICE_LITERAL(LAST_RESORT);
}

void call_deny(struct call *call, const struct writ_denial *denial, const char *decision_id)
{
    const struct writ_slice body = call_problem(call, denial, decision_id);
    const char *retry = writ_status_retry(denial->outcome);
    if (strncmp(retry, "after:", 6) == 0)
        http_header(call->request, "Retry-After", retry + 6);
    if (denial->outcome == WRIT_UNAUTHENTICATED)
        http_header(call->request, "WWW-Authenticate", "Basic realm=\"writ\", charset=\"UTF-8\"");
    metrics_count_outcome(call->service->metrics, denial->outcome);
    send(call, writ_status_http(denial->outcome), HTTP_PROBLEM, body);
}

void call_fail(struct call *call, enum writ_status status, const char *field,
               const char *detail_format, ...)
{
    struct writ_denial denial = {.outcome = status, .step = "", .hop = -1};
    snprintf(denial.field, sizeof denial.field, "%s", field);
    va_list list;
    va_start(list, detail_format);
    vsnprintf(denial.detail, sizeof denial.detail, detail_format, list);
    va_end(list);
    call_deny(call, &denial, NULL);
}

void call_fail_read(struct call *call, struct writ_result result, const char *missing)
{
    const char *detail = "the ledger could not be read";
    if (result.status == WRIT_NOT_FOUND)
        detail = missing;
    else if (result.status == WRIT_NOT_RETAINED)
        detail = "it was moved out of the ledger; who keeps the database may still have it";
    call_fail(call, result.status, "", "%s", detail);
}

void call_count_refusal(struct call *call, enum writ_status outcome)
{
    const bool is_ours = outcome == WRIT_STATUS_UNKNOWN || outcome == WRIT_INTERNAL ||
                         outcome == WRIT_OUT_OF_MEMORY;
    refusals_count(call->service->refusals, call->client->id, outcome);
    if (!is_ours)
        rates_charge_refusal(call->service->rates, call->client->id, clock_monotonic_us());
}

/* ---- Ways in ------------------------------------------------------------------------------ */

/* RFC 7617. NULL when the caller is nobody. */
static const struct registry_client *authenticate(struct call *call)
{
    static const char SCHEME[] = "Basic ";
    const struct writ_slice header = http_header_in(call->request, "Authorization");
    const size_t scheme = sizeof SCHEME - 1;
    struct writ_slice pair;
    if (!header.data || header.size <= scheme || header.size > CREDENTIALS_SIZE_MAX ||
        strncasecmp((const char *)header.data, SCHEME, scheme) != 0 ||
        !writ_is_ok(writ_base64_decode(
            call->arena, writ_slice_of(header.data + scheme, header.size - scheme), &pair)))
        return NULL;
    const uint8_t *colon = memchr(pair.data, ':', pair.size);
    if (!colon)
        return NULL;
    const struct writ_slice id = writ_slice_of(pair.data, (size_t)(colon - pair.data));
    const struct writ_slice secret = writ_slice_of(colon + 1, pair.size - id.size - 1);
    uint8_t digest[32];
    writ_sha256(secret, digest);
    const struct registry_client *client = registry_client(call->registry, id);
    /* An unknown id costs the same comparison. */
    static const uint8_t NOBODY[32];
    const bool equal = writ_secret_equal(digest, client ? client->secret_sha256 : NOBODY, 32);
    return client && equal && !client->disabled ? client : NULL;
}

static bool read_body(struct call *call, unsigned flags)
{
    const struct writ_slice bytes = http_body(call->request);
    writ_sha256(bytes, call->body_sha256);
    if (bytes.size == 0 && (flags & CALL_BODY) == 0)
        return true;
    if ((flags & (CALL_BODY | CALL_BODY_OPTIONAL)) == 0) {
        call_fail(call, WRIT_MALFORMED, "", "this call takes no body");
        return false;
    }
    const struct writ_result result = writ_json_parse(call->arena, bytes, &call->body);
    if (!writ_is_ok(result)) {
        call_fail(call, result.status, "", "the body is not strict JSON");
        return false;
    }
    if (!writ_json_is(call->body, WRIT_JSON_OBJECT)) {
        call_fail(call, WRIT_MALFORMED, "", "the body is not a JSON object");
        return false;
    }
    return true;
}

static struct call *call_new(struct http_request *request, struct service *service)
{
    struct writ_arena *arena = http_arena(request);
    struct call *call = writ_arena_alloc(arena, sizeof *call);
    if (call)
        *call = (struct call){.service = service, .request = request, .arena = arena};
    return call;
}

/* AuthZEN 1.0, section 10.1: the caller's own name of the request, whatever it is. */
static void send_back_name(struct call *call)
{
    const struct writ_slice name = http_header_in(call->request, "X-Request-ID");
    const char *text = name.size > 0 ? writ_arena_text(call->arena, name) : NULL;
    if (text)
        http_header(call->request, "X-Request-ID", text);
}

void call_dispatch(struct http_request *request, const struct http_route *route, void *context)
{
    struct service *service = context;
    struct call *call = call_new(request, service);
    if (!call) {
        http_answer(request, 503, HTTP_PROBLEM, WRIT_SLICE_LITERAL(LAST_RESORT));
        return;
    }
    call_handler *handler = (call_handler *)(void (*)(void))route->handler;
    if (route->flags & CALL_NAMED)
        send_back_name(call);
    if (route->flags & CALL_PUBLIC) {
        handler(call);
        return;
    }
    /* Before anybody is known: who may call is part of what an older database has wrong. */
    if (mark_is_behind(service->mark)) {
        call_fail(call, WRIT_STATUS_UNKNOWN, "", MARK_BEHIND);
        return;
    }
    call->registry = registry_hold(service->registries);
    if (!call->registry) {
        call_fail(call, WRIT_STATUS_UNKNOWN, "", "the ledger was not read yet");
        return;
    }
    call->client = authenticate(call);
    if (!call->client) {
        call_fail(call, WRIT_UNAUTHENTICATED, "", "send the id and secret of an API client");
        return;
    }
    if (!rates_take(service->rates, call->client->id, clock_monotonic_us())) {
        call_fail(call, WRIT_RATE_LIMITED, "", "this client calls too often");
        return;
    }
    if ((route->roles & call->client->role) == 0) {
        call_count_refusal(call, WRIT_FORBIDDEN);
        call_fail(call, WRIT_FORBIDDEN, "", "a client of role %s may not call this",
                  registry_role_text(call->client->role));
        return;
    }
    if (read_body(call, route->flags))
        handler(call);
}

void call_refuse(struct http_request *request, enum http_refusal why, const char *detail,
                 void *context)
{
    static const enum writ_status STATUS[] = {
        [HTTP_REFUSED_MALFORMED] = WRIT_MALFORMED,       [HTTP_REFUSED_NOT_FOUND] = WRIT_NOT_FOUND,
        [HTTP_REFUSED_METHOD] = WRIT_METHOD_NOT_ALLOWED, [HTTP_REFUSED_TOO_LARGE] = WRIT_TOO_LARGE,
        [HTTP_REFUSED_NO_MEMORY] = WRIT_OUT_OF_MEMORY,
    };
    struct call *call = call_new(request, context);
    if (!call) {
        http_answer(request, 503, HTTP_PROBLEM, WRIT_SLICE_LITERAL(LAST_RESORT));
        return;
    }
    call_fail(call, STATUS[why], "", "%s", detail);
}

static void run_job(struct db *db, void *context)
{
    struct call *call = context;
    if (!db) {
        call_fail(call, WRIT_STATUS_UNKNOWN, "", "the database does not answer");
        return;
    }
    call->job(call, db);
}

static void read_by(struct call *call, void (*job)(struct call *call, struct db *db),
                    struct writ_result (*submit)(struct pool *, pool_job *, void *))
{
    call->job = job;
    const struct writ_result result = submit(call->service->pool, run_job, call);
    if (!writ_is_ok(result))
        call_fail(call, result.status, "", "too many requests wait for the database");
}

void call_read(struct call *call, void (*job)(struct call *call, struct db *db))
{
    read_by(call, job, pool_submit);
}

void call_read_first(struct call *call, void (*job)(struct call *call, struct db *db))
{
    read_by(call, job, pool_submit_first);
}
