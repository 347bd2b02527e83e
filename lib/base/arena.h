/*
 * A bump arena: everything that one request parses lives in it and goes with it. Allocation never
 * aborts: NULL is out of memory, and callers turn it into WRIT_OUT_OF_MEMORY. An arena is for one
 * thread at a time, and its members are its own.
 */
#ifndef WRIT_BASE_ARENA_H
#define WRIT_BASE_ARENA_H

#include "slice.h"

WRIT_BEGIN_DECLARATIONS

struct writ_arena_block;

struct writ_arena {
    struct writ_arena_block *blocks; /* newest first */
    size_t used;                     /* bytes handed out over all blocks */
    size_t limit;                    /* more than this is refused */
};

/* limit in bytes; 0 means 64 MiB. */
WRIT_API void writ_arena_init(struct writ_arena *arena, size_t limit);
/* Frees all blocks; the arena can be used again. Takes NULL. */
WRIT_API void writ_arena_done(struct writ_arena *arena);
/* Takes back all that was handed out and keeps the newest block, the largest one, for what comes:
 * a loop that resets its arena soon allocates nothing more. */
WRIT_API void writ_arena_reset(struct writ_arena *arena);
/* Zeroed, aligned for any type; size 0 gives a valid pointer. */
WRIT_API void *writ_arena_alloc(struct writ_arena *arena, size_t size) __attribute__((malloc));
/* count * size, refused on overflow. */
WRIT_API void *writ_arena_array(struct writ_arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it that is not counted. data is NULL when out of memory. */
WRIT_API struct writ_slice writ_arena_copy(struct writ_arena *arena, struct writ_slice bytes);
/* The terminated copy itself; NULL when out of memory. */
WRIT_API char *writ_arena_text(struct writ_arena *arena, struct writ_slice bytes);
WRIT_API char *writ_arena_printf(struct writ_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

WRIT_END_DECLARATIONS

#endif
