/* Finds the route of a method and a path in the caller's table. */
#ifndef WRIT_HTTP_ROUTER_H
#define WRIT_HTTP_ROUTER_H

#include "http/http.h"
#include "http/target.h"

enum { ROUTER_ALLOW_SIZE = 64 };

struct router {
    const struct http_route *routes;
    size_t count;
};

/* NULL when there is none; ret_allow then lists the methods of the path, "" for an unknown path. */
const struct http_route *router_find(const struct router *router, const char *method,
                                     const struct target *target,
                                     char ret_allow[static ROUTER_ALLOW_SIZE]);
/* The segment, as sent, that route's pattern calls {name}; no data where there is none. */
struct writ_slice router_segment(const struct http_route *route, const struct target *target,
                                 const char *name);

#endif
