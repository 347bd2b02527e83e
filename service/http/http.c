#include "http/http.h"

#include "base/crypto.h"
#include "clock.h"
#include "http/listener.h"
#include "http/loop.h"
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PEM_LIMIT_BYTES = 1 << 20, SPARE_DESCRIPTORS = 256 };

struct http_server {
    struct http_options options;
    uint16_t port;
    size_t loop_count;
    struct http_loop **loops;
};

static char *read_pem(const char *path, const char *what)
{
    struct stat about = {0};
    char *text = NULL;
    const char *why = NULL;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &about) != 0)
        why = strerror(errno);
    else if (!S_ISREG(about.st_mode) || about.st_size <= 0 || about.st_size > PEM_LIMIT_BYTES)
        why = "not a PEM file";
    else if (!(text = calloc(1, (size_t)about.st_size + 1)))
        why = "out of memory";
    else if (read(file, text, (size_t)about.st_size) != (ssize_t)about.st_size)
        why = "can not be read";
    if (file >= 0)
        close(file);
    if (!why)
        return text;
    free(text);
    log_error("tls_file_refused", LOG_TEXT("path", path), LOG_TEXT("what", what),
              LOG_TEXT("error", why));
    return NULL;
}

static struct writ_result read_tls(const struct http_options *options, struct server_tls *ret_tls)
{
    *ret_tls = (struct server_tls){0};
    if (!options->tls_cert && !options->tls_key)
        return WRIT_SUCCESS;
    WRIT_ENSURE(options->tls_cert && options->tls_key, INTERNAL);
    ret_tls->certificate = read_pem(options->tls_cert, "certificate");
    ret_tls->key = read_pem(options->tls_key, "key");
    WRIT_ENSURE(ret_tls->certificate && ret_tls->key, INTERNAL);
    return WRIT_SUCCESS;
}

static void forget_tls(struct server_tls *tls)
{
    if (tls->key)
        writ_wipe(tls->key, strlen(tls->key));
    free(tls->key);
    free(tls->certificate);
}

/* Connections are descriptors; the usual soft limit of 1,024 is far below the hard one. */
static void raise_descriptor_limit(unsigned connections)
{
    struct rlimit limit;
    const rlim_t wanted = (rlim_t)connections + SPARE_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted)
        return;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < wanted)
        log_warn("few_descriptors", LOG_INT("limit", limit.rlim_cur),
                 LOG_INT("connections", connections));
}

static struct writ_result start_loops(struct http_server *server, const struct server_tls *tls,
                                      const int *sockets)
{
    const unsigned count = server->options.threads;
    const unsigned share = (server->options.connections + count - 1) / count;
    struct writ_result result = WRIT_SUCCESS;
    for (size_t i = 0; i < count; i++) {
        if (!writ_is_ok(result)) {
            close(sockets[i]); /* a loop before it failed: nobody takes this one */
            continue;
        }
        result = loop_start(&server->options, tls, share, sockets[i], &server->loops[i]);
        if (writ_is_ok(result))
            server->loop_count++;
    }
    return result;
}

static struct writ_result open_server(struct http_server *server)
{
    const struct http_options *options = &server->options;
    int *sockets = calloc(options->threads, sizeof *sockets);
    server->loops = calloc(options->threads, sizeof *server->loops);
    struct server_tls tls = {0};
    struct writ_result result = WRIT_FAILURE(OUT_OF_MEMORY);
    if (sockets && server->loops)
        result = read_tls(options, &tls);
    if (writ_is_ok(result))
        result = listener_open(options->host, options->port, options->threads, sockets,
                               &server->port);
    if (writ_is_ok(result))
        result = start_loops(server, &tls, sockets);
    forget_tls(&tls);
    free(sockets);
    return result;
}

struct writ_result http_start(const struct http_options *options, struct http_server **ret_server)
{
    WRIT_ENSURE(options->threads > 0 && options->connections > 0 && options->refuse, INTERNAL);
    struct http_server *server = calloc(1, sizeof *server);
    WRIT_ENSURE(server, OUT_OF_MEMORY);
    server->options = *options;
    signal(SIGPIPE, SIG_IGN); /* a client that leaves must not end the service */
    raise_descriptor_limit(options->connections);
    const struct writ_result opened = open_server(server);
    if (!writ_is_ok(opened)) {
        http_stop(server, 0);
        return opened;
    }
    *ret_server = server;
    return WRIT_SUCCESS;
}

uint16_t http_port(const struct http_server *server)
{
    return server->port;
}

struct http_server *http_stop(struct http_server *server, unsigned drain_ms)
{
    if (!server)
        return NULL;
    const int64_t deadline_us = clock_monotonic_us() + (int64_t)drain_ms * 1000;
    for (size_t i = 0; i < server->loop_count; i++)
        loop_stop(server->loops[i], deadline_us);
    for (size_t i = 0; i < server->loop_count; i++)
        loop_join(server->loops[i]);
    free(server->loops);
    free(server);
    return NULL;
}
