#include "http/request.h"

#include "clock.h"
#include "log.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ARENA_LIMIT = 64 * 1024 * 1024, FIRST_BODY_BYTES = 4096 };

struct http_request *request_new(struct http_loop *loop, uint64_t random)
{
    static const char DIGITS[] = "0123456789abcdefghjkmnpqrstvwxyz";
    struct http_request *request = calloc(1, sizeof *request);
    if (!request)
        return NULL;
    atomic_init(&request->references, 1);
    atomic_init(&request->state, REQUEST_RUNNING);
    request->loop = loop;
    request->started_us = clock_monotonic_us();
    request->target.path = "";
    writ_arena_init(&request->arena, ARENA_LIMIT);
    for (size_t i = 0; i + 1 < sizeof request->id; i++, random >>= 5)
        request->id[i] = DIGITS[random & 31];
    http_loop_hold(loop);
    return request;
}

void request_hold(struct http_request *request)
{
    atomic_fetch_add(&request->references, 1);
}

void request_release(struct http_request *request)
{
    if (atomic_fetch_sub(&request->references, 1) != 1)
        return;
    struct http_loop *loop = request->loop;
    writ_arena_done(&request->arena);
    free(request->body);
    free(request->answer.body);
    free(request);
    http_loop_release(loop);
}

bool request_append(struct http_request *request, const void *bytes, size_t size, size_t limit)
{
    if (size > limit || request->body_size > limit - size)
        return false;
    const size_t need = request->body_size + size;
    if (need > request->body_capacity) {
        size_t capacity = request->body_capacity ? request->body_capacity : FIRST_BODY_BYTES;
        while (capacity < need)
            capacity *= 2;
        uint8_t *grown = realloc(request->body, capacity);
        if (!grown)
            return false;
        request->body = grown;
        request->body_capacity = capacity;
    }
    memcpy(request->body + request->body_size, bytes, size);
    request->body_size = need;
    return true;
}

struct writ_result request_set_route(struct http_request *request, const struct http_route *route)
{
    const char *open = strchr(route->pattern, '{');
    for (; open; open = strchr(open + 1, '{')) {
        struct target_pair *pair = &request->parameters[request->parameter_count];
        const size_t size = strcspn(open + 1, "}");
        char *name = writ_arena_text(&request->arena, writ_slice_of(open + 1, size));
        WRIT_ENSURE(name, OUT_OF_MEMORY);
        const struct writ_slice raw = router_segment(route, &request->target, name);
        WRIT_TRY(target_decode_segment(&request->arena, raw, &pair->value));
        pair->name = writ_slice_text(name);
        request->parameter_count++;
    }
    request->route = route;
    return WRIT_SUCCESS;
}

const char *http_method(const struct http_request *request)
{
    return request->method;
}

const char *http_path(const struct http_request *request)
{
    return request->target.path;
}

const struct http_route *http_route_of(const struct http_request *request)
{
    return request->route;
}

const char *http_request_id(const struct http_request *request)
{
    return request->id;
}

struct writ_slice http_header_in(const struct http_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (strcasecmp(request->headers[i].name, name) == 0)
            return request->headers[i].value;
    return WRIT_SLICE_NONE;
}

static struct writ_slice find(const struct target_pair *pairs, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (writ_slice_is(pairs[i].name, name))
            return pairs[i].value;
    return WRIT_SLICE_NONE;
}

struct writ_slice http_query(const struct http_request *request, const char *name)
{
    return find(request->target.query, request->target.query_count, name);
}

size_t http_query_count(const struct http_request *request)
{
    return request->target.query_count;
}

struct writ_slice http_query_name(const struct http_request *request, size_t index)
{
    return index < request->target.query_count ? request->target.query[index].name
                                               : WRIT_SLICE_NONE;
}

struct writ_slice http_parameter(const struct http_request *request, const char *name)
{
    return find(request->parameters, request->parameter_count, name);
}

struct writ_slice http_body(const struct http_request *request)
{
    return writ_slice_of(request->body, request->body_size);
}

struct writ_arena *http_arena(struct http_request *request)
{
    return &request->arena;
}

void **http_user(struct http_request *request)
{
    return &request->user;
}

void http_header(struct http_request *request, const char *name, const char *value)
{
    for (const char *c = value; *c; c++)
        if ((*c > 0 && *c < ' ') || *c == 0x7f) {
            log_error("response_header_refused", LOG_TEXT("name", name));
            return;
        }
    struct request_header *header = writ_arena_alloc(&request->arena, sizeof *header);
    char *name_copy = writ_arena_text(&request->arena, writ_slice_text(name));
    char *value_copy = writ_arena_text(&request->arena, writ_slice_text(value));
    if (!header || !name_copy || !value_copy)
        return;
    *header = (struct request_header){name_copy, value_copy, request->answer.headers};
    request->answer.headers = header;
}

void http_answer(struct http_request *request, int status, const char *content_type,
                 struct writ_slice body)
{
    struct request_answer *answer = &request->answer;
    answer->status = status;
    answer->content_type = content_type;
    if (body.size > 0) {
        answer->body = malloc(body.size);
        if (answer->body) {
            memcpy(answer->body, body.data, body.size);
            answer->body_size = body.size;
        } else {
            answer->status = 503; /* half an answer would be worse than none */
            answer->content_type = NULL;
        }
    }
    /* Neither exchange holds for an abandoned request: its answer goes nowhere. */
    int expected = REQUEST_RUNNING;
    if (!atomic_compare_exchange_strong(&request->state, &expected, REQUEST_ANSWERED)) {
        expected = REQUEST_SUSPENDED;
        if (atomic_compare_exchange_strong(&request->state, &expected, REQUEST_ANSWERED))
            http_loop_push(request->loop, request);
    }
    request_release(request);
}
