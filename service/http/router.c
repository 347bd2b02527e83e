#include "http/router.h"

#include <stdio.h>
#include <string.h>

/* One segment of a pattern that begins behind its '/'; *ret_rest is the next '/' or the end. */
static struct writ_slice next_segment(const char *pattern, const char **ret_rest)
{
    const size_t size = strcspn(pattern, "/");
    *ret_rest = pattern + size;
    return writ_slice_of(pattern, size);
}

static bool is_named(struct writ_slice segment)
{
    return segment.size > 2 && segment.data[0] == '{';
}

static bool matches(const char *pattern, const struct target *target)
{
    const char *rest = pattern;
    size_t i = 0;
    if (strcmp(pattern, "/") == 0)
        return target->segment_count == 0;
    for (; *rest == '/'; i++) {
        if (i == target->segment_count)
            return false;
        const struct writ_slice wanted = next_segment(rest + 1, &rest);
        const struct writ_slice given = target->segments[i];
        if (is_named(wanted) ? given.size == 0 : !writ_slice_equal(wanted, given))
            return false;
    }
    return i == target->segment_count;
}

static bool serves(const struct http_route *route, const char *method)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

static void allow(char *text, const char *method)
{
    const size_t used = strlen(text);
    const char *separator = used > 0 ? ", " : "";
    if (strstr(text, method))
        return;
    snprintf(text + used, ROUTER_ALLOW_SIZE - used, "%s%s", separator, method);
}

const struct http_route *router_find(const struct router *router, const char *method,
                                     const struct target *target,
                                     char ret_allow[static ROUTER_ALLOW_SIZE])
{
    ret_allow[0] = 0;
    for (size_t i = 0; i < router->count; i++) {
        const struct http_route *route = &router->routes[i];
        if (!matches(route->pattern, target))
            continue;
        if (serves(route, method))
            return route;
        allow(ret_allow, route->method);
        if (strcmp(route->method, "GET") == 0)
            allow(ret_allow, "HEAD");
    }
    return NULL;
}

struct writ_slice router_segment(const struct http_route *route, const struct target *target,
                                 const char *name)
{
    const char *rest = route->pattern;
    for (size_t i = 0; *rest == '/' && i < target->segment_count; i++) {
        const struct writ_slice wanted = next_segment(rest + 1, &rest);
        if (is_named(wanted) &&
            writ_slice_is(writ_slice_of(wanted.data + 1, wanted.size - 2), name))
            return target->segments[i];
    }
    return WRIT_SLICE_NONE;
}
