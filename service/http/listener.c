#include "http/listener.h"

#include "log.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
};

static struct writ_result fail(const char *host, uint16_t port, const char *why)
{
    log_error("listen_failed", LOG_TEXT("host", host), LOG_INT("port", port),
              LOG_TEXT("error", why));
    return WRIT_FAILURE(INTERNAL);
}

static struct writ_result resolve(const char *host, uint16_t port, union address *ret_address,
                                  socklen_t *ret_size)
{
    char service[8];
    snprintf(service, sizeof service, "%u", port);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    const int error = getaddrinfo(host, service, &hints, &found);
    if (error != 0)
        return fail(host, port, gai_strerror(error));
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    *ret_size = found->ai_addrlen;
    freeaddrinfo(found);
    return WRIT_SUCCESS;
}

static void set_port(union address *address, uint16_t port)
{
    if (address->any.sa_family == AF_INET6)
        address->v6.sin6_port = htons(port);
    else
        address->v4.sin_port = htons(port);
}

static uint16_t bound_port(int socket_fd)
{
    union address address = {0};
    socklen_t size = sizeof address;
    getsockname(socket_fd, &address.any, &size);
    return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port);
}

static int open_bound(const union address *address, socklen_t size, bool shared)
{
    const int on = 1;
    const int socket_fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                 0);
    if (socket_fd < 0)
        return -1;
    setsockopt(socket_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (shared)
        setsockopt(socket_fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (bind(socket_fd, &address->any, size) == 0)
        return socket_fd;
    const int error = errno;
    close(socket_fd);
    errno = error;
    return -1;
}

struct writ_result listener_open(const char *host, uint16_t port, size_t count, int *ret_sockets,
                                 uint16_t *ret_port)
{
    union address address = {0};
    socklen_t size = 0;
    WRIT_TRY(resolve(host, port, &address, &size));

    /* A socket that does not share can only be bound where nobody listens. */
    const int probe = open_bound(&address, size, false);
    if (probe < 0)
        return fail(host, port, strerror(errno));
    set_port(&address, bound_port(probe));
    close(probe);

    for (size_t i = 0; i < count; i++) {
        ret_sockets[i] = open_bound(&address, size, true);
        if (ret_sockets[i] >= 0 && listen(ret_sockets[i], BACKLOG) == 0)
            continue;
        const char *why = strerror(errno);
        for (size_t opened = 0; opened <= i; opened++)
            if (ret_sockets[opened] >= 0)
                close(ret_sockets[opened]);
        return fail(host, port, why);
    }
    *ret_port = bound_port(ret_sockets[0]);
    return WRIT_SUCCESS;
}
