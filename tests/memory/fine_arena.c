/*
 * The arena of base/arena.h with one heap block for each allocation, linked in place of
 * lib/base/arena.c: every allocation can fail on its own, and AddressSanitizer sees where each
 * one ends. Much slower, and otherwise the same.
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "heap.h"

enum { DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024 };

struct writ_arena_block {
    struct writ_arena_block *next;
    alignas(max_align_t) uint8_t bytes[];
};

void writ_arena_init(struct writ_arena *arena, size_t limit)
{
    *arena = (struct writ_arena){.limit = limit == 0 ? DEFAULT_LIMIT_BYTES : limit};
}

void writ_arena_done(struct writ_arena *arena)
{
    if (!arena)
        return;
    while (arena->blocks) {
        struct writ_arena_block *next = arena->blocks->next;
        heap_free(arena->blocks);
        arena->blocks = next;
    }
    arena->used = 0;
}

void writ_arena_reset(struct writ_arena *arena)
{
    writ_arena_done(arena);
}

void *writ_arena_alloc(struct writ_arena *arena, size_t size)
{
    if (size > arena->limit || arena->used > arena->limit - size)
        return NULL;
    struct writ_arena_block *block = heap_new(sizeof *block + size);
    if (!block)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->used += size;
    return memset(block->bytes, 0, size);
}

void *writ_arena_array(struct writ_arena *arena, size_t count, size_t size)
{
    return size != 0 && count > SIZE_MAX / size ? NULL : writ_arena_alloc(arena, count * size);
}

char *writ_arena_text(struct writ_arena *arena, struct writ_slice bytes)
{
    char *text = writ_arena_alloc(arena, bytes.size + 1);
    if (text && bytes.size > 0)
        memcpy(text, bytes.data, bytes.size);
    return text;
}

struct writ_slice writ_arena_copy(struct writ_arena *arena, struct writ_slice bytes)
{
    const char *text = writ_arena_text(arena, bytes);
    return text ? writ_slice_of(text, bytes.size) : WRIT_SLICE_NONE;
}

char *writ_arena_printf(struct writ_arena *arena, const char *format, ...)
{
    va_list list, again;
    va_start(list, format);
    va_copy(again, list);
    const int size = vsnprintf(NULL, 0, format, list);
    char *text = size < 0 ? NULL : writ_arena_alloc(arena, (size_t)size + 1);
    if (text)
        vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(list);
    return text;
}
