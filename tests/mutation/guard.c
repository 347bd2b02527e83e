/*
 * Every allocation of an arena with a guard behind it, in the place of the next one: what a mutant
 * reads past the end is neither zero nor a pointer, and what it writes there ends the process.
 * Stands before the functions of the arena (linker's --wrap), and counts like them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { GUARD_BYTES = 256, GUARD = 0xa5, LEAST_BYTES = 16 };

void *__real_writ_arena_alloc(struct writ_arena *arena, size_t size);
void __real_writ_arena_done(struct writ_arena *arena);
void *__wrap_writ_arena_alloc(struct writ_arena *arena, size_t size);
void *__wrap_writ_arena_array(struct writ_arena *arena, size_t count, size_t size);
void __wrap_writ_arena_done(struct writ_arena *arena);

/* The guard of the last allocation, which is whole when the next one comes. */
static const uint8_t *last;

static void check_last(void)
{
    for (size_t i = 0; last && i < LEAST_BYTES; i++)
        if (last[i] != GUARD)
            abort();
    last = NULL;
}

void *__wrap_writ_arena_alloc(struct writ_arena *arena, size_t size)
{
    check_last();
    if (size > arena->limit)
        return NULL;
    const size_t whole = (size == 0 ? LEAST_BYTES : size) + GUARD_BYTES;
    arena->limit += GUARD_BYTES;
    uint8_t *bytes = __real_writ_arena_alloc(arena, whole);
    arena->limit -= GUARD_BYTES;
    if (!bytes)
        return NULL;
    arena->used -= GUARD_BYTES;
    memset(bytes + size, GUARD, whole - size);
    last = bytes + size;
    return bytes;
}

void *__wrap_writ_arena_array(struct writ_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return __wrap_writ_arena_alloc(arena, count * size);
}

void __wrap_writ_arena_done(struct writ_arena *arena)
{
    check_last();
    __real_writ_arena_done(arena);
}
