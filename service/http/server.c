#include "http/server.h"

#include "base/auto.h"
#include "clock.h"
#include "http/arrival.h"
#include "http/loop.h"
#include "log.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum {
    /* A body that is too large is read up to so many times the limit and thrown away, so that the
     * client gets to read its 413 instead of a reset. */
    DISCARD_FACTOR = 4,
    /* Beyond our limit, for those that are ended but not gone yet. The library's own limit is not
     * to be reached: there it stops accepting, and newcomers hang. */
    RESERVE = 64,
    POOL_EXTRA = 4096,
};

typedef struct MHD_Response mhd_response;
WRIT_AUTO_DEFINE(mhd_response, MHD_destroy_response);

struct server {
    struct http_loop *loop;
    struct MHD_Daemon *daemon;
    int epoll;
    struct arrivals arrivals;
    unsigned connections; /* open now */
    unsigned limit;
};

static const char *const METHODS[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};

/* --- reading ------------------------------------------------------------------------------- */

struct collection {
    struct http_request *request;
    bool is_whole;
};

static enum MHD_Result collect_header(void *context, enum MHD_ValueKind kind, const char *name,
                                      size_t name_size, const char *value, size_t value_size)
{
    (void)kind;
    struct collection *collection = context;
    struct http_request *request = collection->request;
    struct guard_header *header = &request->headers[request->header_count];
    /* A NUL inside of a name: "" is no token, and is refused as such. */
    const bool has_nul = memchr(name, 0, name_size) != NULL;
    header->name = writ_arena_text(&request->arena, writ_slice_of(name, has_nul ? 0 : name_size));
    header->value = writ_arena_copy(&request->arena, writ_slice_of(value, value ? value_size : 0));
    header->raw_name = name;
    header->raw_value = value;
    collection->is_whole = header->name && header->value.data;
    request->header_count++;
    return collection->is_whole ? MHD_YES : MHD_NO;
}

static bool collect_headers(struct http_request *request, struct MHD_Connection *connection)
{
    const int count = MHD_get_connection_values(connection, MHD_HEADER_KIND, NULL, NULL);
    if (count <= 0)
        return true;
    request->headers = writ_arena_array(&request->arena, (size_t)count, sizeof *request->headers);
    struct collection collection = {.request = request, .is_whole = request->headers != NULL};
    if (request->headers)
        MHD_get_connection_values_n(connection, MHD_HEADER_KIND, collect_header, &collection);
    return collection.is_whole;
}

static const char *find_fault(const struct http_request *request, struct MHD_Connection *connection,
                              const char *method, const char *version)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const struct guard_line line = {
        .method = method,
        .version = version,
        .target_size = request->raw_target.size,
        .head_size = info ? info->header_size : 0,
    };
    return guard_find_fault(&line, request->headers, request->header_count);
}

/* --- answering ----------------------------------------------------------------------------- */

static bool add_headers(struct http_request *request, struct MHD_Response *response)
{
    const struct request_answer *answer = &request->answer;
    bool added = true;
    bool has_cache_control = false;
    bool has_id = false;
    for (const struct request_header *h = answer->headers; h; h = h->next) {
        has_cache_control = has_cache_control || strcasecmp(h->name, "Cache-Control") == 0;
        has_id = has_id || strcasecmp(h->name, "X-Request-ID") == 0;
        added = MHD_add_response_header(response, h->name, h->value) == MHD_YES && added;
    }
    if (!has_cache_control)
        added = MHD_add_response_header(response, "Cache-Control", "no-store") && added;
    if (answer->content_type)
        added = MHD_add_response_header(response, "Content-Type", answer->content_type) && added;
    if (request->must_close || atomic_load(&request->loop->is_stopping))
        added = MHD_add_response_header(response, "Connection", "close") && added;
    if (!has_id)
        added = MHD_add_response_header(response, "X-Request-Id", request->id) && added;
    return MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") && added;
}

static enum MHD_Result send_answer(struct http_request *request, struct MHD_Connection *connection)
{
    struct request_answer *answer = &request->answer;
    const enum MHD_ResponseMemoryMode mode = answer->body ? MHD_RESPMEM_MUST_FREE
                                                          : MHD_RESPMEM_PERSISTENT;
    WRIT_AUTO(mhd_response)
    response = MHD_create_response_from_buffer(answer->body_size, answer->body, mode);
    if (!response)
        return MHD_NO;
    answer->body = NULL; /* the response's now */
    if (!add_headers(request, response))
        return MHD_NO;
    request->phase = PHASE_SENT;
    return MHD_queue_response(connection, (unsigned)answer->status, response);
}

/* After the handler was called: send what it answered, or leave the request to other threads. */
static enum MHD_Result settle(struct http_request *request, struct MHD_Connection *connection)
{
    int expected = REQUEST_RUNNING;
    if (!atomic_compare_exchange_strong(&request->state, &expected, REQUEST_SUSPENDED))
        return send_answer(request, connection);
    loop_add_waiting(request->loop, request);
    MHD_suspend_connection(connection);
    return MHD_YES;
}

/* NULL where there was no memory for one. */
static struct arrival *arrival_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

static void note_whole_request(struct http_request *request, struct MHD_Connection *connection)
{
    struct arrival *arrival = arrival_of(connection);
    if (arrival)
        arrival_settle(&request->loop->server->arrivals, arrival);
}

static enum MHD_Result refuse(struct http_request *request, struct MHD_Connection *connection,
                              enum http_refusal why, const char *detail)
{
    const struct http_options *options = request->loop->options;
    request->phase = PHASE_DISPATCHED;
    request_hold(request);
    options->refuse(request, why, detail, options->context);
    return settle(request, connection);
}

static enum MHD_Result refuse_and_close(struct http_request *request,
                                        struct MHD_Connection *connection, enum http_refusal why,
                                        const char *detail)
{
    request->must_close = true;
    return refuse(request, connection, why, detail);
}

static enum MHD_Result dispatch(struct http_request *request, struct MHD_Connection *connection)
{
    const struct http_options *options = request->loop->options;
    char allow[ROUTER_ALLOW_SIZE];
    note_whole_request(request, connection);
    if (request->is_too_large)
        return refuse_and_close(request, connection, HTTP_REFUSED_TOO_LARGE,
                                "The body is larger than this service takes.");
    const struct http_route *route = router_find(&request->loop->router, request->method,
                                                 &request->target, allow);
    if (!route && allow[0] == 0)
        return refuse(request, connection, HTTP_REFUSED_NOT_FOUND, "There is no such path.");
    if (!route) {
        http_header(request, "Allow", allow);
        return refuse(request, connection, HTTP_REFUSED_METHOD,
                      "The path does not serve this method.");
    }
    if (!writ_is_ok(request_set_route(request, route)))
        return refuse(request, connection, HTTP_REFUSED_MALFORMED,
                      "A segment of the path is not well-formed.");

    request->phase = PHASE_DISPATCHED;
    request_hold(request);
    if (options->dispatch)
        options->dispatch(request, route, options->context);
    else
        route->handler(request, options->context);
    return settle(request, connection);
}

/* --- the library's callbacks ---------------------------------------------------------------- */

/* The first news of a request; what it returns is the *slot of all later calls. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct server *server = context;
    struct http_request *request = request_new(server->loop, loop_random(server->loop));
    if (!request)
        return NULL;
    request->connection = connection;
    server->loop->active++;
    request->raw_target = writ_arena_copy(&request->arena, writ_slice_text(target));
    return request;
}

static bool is_served_method(const char *method)
{
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++)
        if (strcmp(METHODS[i], method) == 0)
            return true;
    return false;
}

/* Headers are read, the body is not. Returning without an answer lets it come. */
static enum MHD_Result begin(struct http_request *request, struct MHD_Connection *connection,
                             const char *method, const char *version)
{
    const size_t limit = request->loop->options->body_limit;
    request->phase = PHASE_BODY;
    snprintf(request->method, sizeof request->method, "%s", method);
    if (!collect_headers(request, connection) || !request->raw_target.data)
        return refuse_and_close(request, connection, HTTP_REFUSED_NO_MEMORY,
                                "There is no memory for this request.");
    const char *fault = find_fault(request, connection, method, version);
    if (fault)
        return refuse_and_close(request, connection, HTTP_REFUSED_MALFORMED, fault);
    if (!writ_is_ok(target_parse(&request->arena, request->raw_target, &request->target)))
        return refuse_and_close(request, connection, HTTP_REFUSED_MALFORMED,
                                "The request target is not well-formed.");
    if (!is_served_method(request->method))
        return refuse_and_close(request, connection, HTTP_REFUSED_METHOD,
                                "This service does not know the method.");

    uint64_t announced = 0;
    if (!guard_content_length(request->headers, request->header_count, &announced) &&
        http_header_in(request, "Content-Length").data)
        announced = UINT64_MAX;
    request->is_too_large = announced > limit;
    if (request->is_too_large &&
        (announced / DISCARD_FACTOR > limit || http_header_in(request, "Expect").data))
        return dispatch(request, connection);
    return MHD_YES;
}

static enum MHD_Result take_body(struct http_request *request, const char *bytes, size_t *size)
{
    const size_t limit = request->loop->options->body_limit;
    if (!request->is_too_large && !request_append(request, bytes, *size, limit))
        request->is_too_large = true;
    if (request->is_too_large) {
        request->body_size = 0;
        request->body_discarded += *size;
        if (request->body_discarded / DISCARD_FACTOR > limit)
            return MHD_NO;
    }
    *size = 0;
    return MHD_YES;
}

static enum MHD_Result on_access(void *context, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_size, void **slot)
{
    (void)context;
    (void)url;
    struct http_request *request = *slot;
    if (!request)
        return MHD_NO;
    switch (request->phase) {
    case PHASE_NEW:
        return begin(request, connection, method, version);
    case PHASE_BODY:
        if (*upload_size > 0)
            return take_body(request, upload, upload_size);
        return dispatch(request, connection);
    case PHASE_DISPATCHED: /* resumed */
        if (atomic_load(&request->state) != REQUEST_ANSWERED)
            return MHD_NO;
        return send_answer(request, connection);
    case PHASE_SENT:
        *upload_size = 0; /* the rest of a body that was refused early */
        return MHD_YES;
    }
    return MHD_NO;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode how)
{
    struct server *server = context;
    struct http_request *request = *slot;
    if (!request)
        return;
    const struct http_options *options = server->loop->options;
    const bool was_sent = request->phase == PHASE_SENT &&
                          how == MHD_REQUEST_TERMINATED_COMPLETED_OK;
    if (options->done)
        options->done(request, was_sent ? request->answer.status : 0,
                      clock_monotonic_us() - request->started_us, options->context);
    *slot = NULL;
    struct arrival *arrival = arrival_of(connection);
    if (arrival)
        arrival_await(&server->arrivals, arrival, clock_monotonic_us());
    server->loop->active--;
    request_release(request);
}

/* Where all places are taken, a newcomer gets that of the client which brought nothing for longest;
 * where all are at work, it is closed at once. So a crowd that only waits keeps nobody out. */
static enum MHD_Result on_newcomer(void *context, const struct sockaddr *address, socklen_t size)
{
    (void)address;
    (void)size;
    struct server *server = context;
    return server->connections < server->limit || arrivals_end_first(&server->arrivals) ? MHD_YES
                                                                                        : MHD_NO;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **slot,
                          enum MHD_ConnectionNotificationCode what)
{
    struct server *server = context;
    struct arrival *arrival = *slot;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
        server->connections--;
        if (arrival)
            arrival_settle(&server->arrivals, arrival);
        free(arrival);
        *slot = NULL;
        return;
    }
    server->connections++;
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(
        connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    *slot = arrival = info ? calloc(1, sizeof *arrival) : NULL;
    if (!arrival)
        return;
    arrival->descriptor = info->connect_fd;
    arrival_await(&server->arrivals, arrival, clock_monotonic_us());
}

/* Targets are decoded in target.c, from the raw text. */
static size_t on_unescape(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void on_library_log(void *context, const char *format,
                                                                 va_list arguments)
{
    (void)context;
    char text[256];
    if (!log_enabled(LOG_LEVEL_DEBUG))
        return;
    vsnprintf(text, sizeof text, format, arguments);
    text[strcspn(text, "\n")] = 0;
    log_debug("http_library", LOG_TEXT("text", text));
}

/* --- the daemon ----------------------------------------------------------------------------- */

static struct MHD_Daemon *start_daemon(struct server *server, const struct server_tls *tls,
                                       int listen_socket)
{
    const struct http_options *options = server->loop->options;
    unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
    struct MHD_OptionItem tls_items[] = {
        {MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, tls->certificate},
        {MHD_OPTION_END, 0, NULL},
    };
    if (tls->key)
        flags |= MHD_USE_TLS;
    else
        tls_items[0].option = MHD_OPTION_END;
    return MHD_start_daemon(
        flags, 0, on_newcomer, server, on_access, server, MHD_OPTION_EXTERNAL_LOGGER,
        on_library_log, NULL, MHD_OPTION_LISTEN_SOCKET, listen_socket, MHD_OPTION_NOTIFY_COMPLETED,
        on_completed, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
        MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape,
        NULL, MHD_OPTION_CONNECTION_LIMIT, server->limit + RESERVE, MHD_OPTION_CONNECTION_TIMEOUT,
        options->connection_timeout_s,
        /* The library keeps headers and buffers of a connection in one pool. Above 32 KiB it maps
         * the pool, so that what a crowd took goes back to the system when the crowd is gone. */
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->header_limit * 2 + POOL_EXTRA,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, tls_items, MHD_OPTION_END);
}

struct writ_result server_open(struct http_loop *loop, const struct server_tls *tls,
                               unsigned connections, int listen_socket, struct server **ret_server)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server) {
        close(listen_socket);
        return WRIT_FAILURE(OUT_OF_MEMORY);
    }
    server->loop = loop;
    server->limit = connections;
    server->daemon = start_daemon(server, tls, listen_socket);
    const union MHD_DaemonInfo *info = server->daemon
                                           ? MHD_get_daemon_info(server->daemon,
                                                                 MHD_DAEMON_INFO_EPOLL_FD)
                                           : NULL;
    if (!info) {
        log_error("http_start_failed",
                  LOG_TEXT("error", tls->key ? "the library refused the certificate or its key"
                                             : "the library did not start"));
        if (server->daemon)
            MHD_stop_daemon(server->daemon);
        else
            close(listen_socket);
        free(server);
        return WRIT_FAILURE(INTERNAL);
    }
    server->epoll = info->epoll_fd;
    *ret_server = server;
    return WRIT_SUCCESS;
}

int server_descriptor(const struct server *server)
{
    return server->epoll;
}

int server_timeout_ms(struct server *server, int at_most_ms)
{
    MHD_UNSIGNED_LONG_LONG wanted_ms = 0;
    if (MHD_get_timeout(server->daemon, &wanted_ms) != MHD_YES)
        return at_most_ms;
    return wanted_ms < (MHD_UNSIGNED_LONG_LONG)at_most_ms ? (int)wanted_ms : at_most_ms;
}

void server_run(struct server *server)
{
    const int64_t timeout_us = (int64_t)server->loop->options->connection_timeout_s * 1000000;
    arrivals_end_before(&server->arrivals, clock_monotonic_us() - timeout_us);
    MHD_run(server->daemon);
}

void server_resume(struct http_request *request)
{
    MHD_resume_connection(request->connection);
}

void server_quiesce(struct server *server)
{
    const int listen_socket = MHD_quiesce_daemon(server->daemon);
    if (listen_socket >= 0)
        close(listen_socket);
}

void server_close(struct server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->daemon);
    free(server);
}
