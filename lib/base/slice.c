#include "base/slice.h"

#include <string.h>

struct writ_slice writ_slice_of(const void *data, size_t size)
{
    return (struct writ_slice){data, size};
}

struct writ_slice writ_slice_text(const char *terminated)
{
    return terminated ? writ_slice_of(terminated, strlen(terminated)) : WRIT_SLICE_NONE;
}

bool writ_slice_equal(struct writ_slice a, struct writ_slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool writ_slice_is(struct writ_slice a, const char *terminated)
{
    return writ_slice_equal(a, writ_slice_text(terminated));
}

int writ_slice_compare(struct writ_slice a, struct writ_slice b)
{
    const size_t common = a.size < b.size ? a.size : b.size;
    const int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0)
        return order;
    return (a.size > b.size) - (a.size < b.size);
}

bool writ_slice_starts(struct writ_slice a, struct writ_slice prefix)
{
    return a.size >= prefix.size && writ_slice_equal(writ_slice_of(a.data, prefix.size), prefix);
}
