/* A borrowed run of bytes. Whoever made the bytes owns them; text is UTF-8 and not terminated. */
#ifndef WRIT_BASE_SLICE_H
#define WRIT_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api.h"

WRIT_BEGIN_DECLARATIONS

struct writ_slice {
    const uint8_t *data;
    size_t size;
};

#define WRIT_SLICE_NONE ((struct writ_slice){NULL, 0})
/* For string literals and byte arrays of known size. */
#define WRIT_SLICE_LITERAL(text) ((struct writ_slice){(const uint8_t *)(text), sizeof(text) - 1})
/* printf("%.*s", WRIT_SLICE_ARGS(s)) */
#define WRIT_SLICE_ARGS(s) (int)(s).size, (const char *)(s).data

WRIT_API struct writ_slice writ_slice_of(const void *data, size_t size);
WRIT_API struct writ_slice writ_slice_text(const char *terminated);
/* Not for secrets: stops at the first difference. */
WRIT_API bool writ_slice_equal(struct writ_slice a, struct writ_slice b);
WRIT_API bool writ_slice_is(struct writ_slice a, const char *terminated);
/* Order of bytes, the shorter first. */
WRIT_API int writ_slice_compare(struct writ_slice a, struct writ_slice b);
WRIT_API bool writ_slice_starts(struct writ_slice a, struct writ_slice prefix);

WRIT_END_DECLARATIONS

#endif
