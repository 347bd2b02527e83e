/* Listening sockets that share one port, so that the kernel spreads connections over the loops. */
#ifndef WRIT_HTTP_LISTENER_H
#define WRIT_HTTP_LISTENER_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Opens `count` sockets on one address. Port 0 takes a free one, the same for all. Refuses an
 * address on which somebody listens already, although SO_REUSEPORT would allow it: a second
 * service by mistake would get half of the requests. The reason of a failure is logged. */
struct writ_result listener_open(const char *host, uint16_t port, size_t count, int *ret_sockets,
                                 uint16_t *ret_port) WRIT_MUST_CHECK;

#endif
