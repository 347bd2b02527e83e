/*
 * The one door to libmicrohttpd (rule of one): one daemon for one loop, driven from outside. Its
 * internal epoll thread stops answering when exactly 128 connections are ready at once; driven
 * with MHD_run and an eventfd it does not.
 */
#ifndef WRIT_HTTP_SERVER_H
#define WRIT_HTTP_SERVER_H

#include "base/status.h"

struct http_loop;
struct http_request;
struct server;

struct server_tls {
    char *certificate; /* PEM texts; NULL without TLS */
    char *key;
};

/* Takes the socket, also on failure. */
struct writ_result server_open(struct http_loop *loop, const struct server_tls *tls,
                               unsigned connections, int listen_socket,
                               struct server **ret_server) WRIT_MUST_CHECK;
/* All of these on the loop's thread (or before it starts). */
int server_descriptor(const struct server *server);
int server_timeout_ms(struct server *server, int at_most_ms);
void server_run(struct server *server);
void server_resume(struct http_request *request);
/* Stops accepting. */
void server_quiesce(struct server *server);
/* No request may be suspended. Takes NULL. */
void server_close(struct server *server);

#endif
