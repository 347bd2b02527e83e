#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK_BYTES = 8192, DEFAULT_LIMIT_BYTES = 64 * 1024 * 1024 };

struct writ_arena_block {
    struct writ_arena_block *next;
    size_t size;
    size_t used;
    alignas(max_align_t) uint8_t bytes[];
};

void writ_arena_init(struct writ_arena *arena, size_t limit)
{
    *arena = (struct writ_arena){.limit = limit == 0 ? DEFAULT_LIMIT_BYTES : limit};
}

static void free_blocks(struct writ_arena_block *block)
{
    while (block) {
        struct writ_arena_block *next = block->next;
        free(block);
        block = next;
    }
}

void writ_arena_done(struct writ_arena *arena)
{
    if (!arena)
        return;
    free_blocks(arena->blocks);
    arena->blocks = NULL;
    arena->used = 0;
}

void writ_arena_reset(struct writ_arena *arena)
{
    if (arena->blocks) {
        free_blocks(arena->blocks->next);
        arena->blocks->next = NULL;
        arena->blocks->used = 0;
    }
    arena->used = 0;
}

static struct writ_arena_block *grow(struct writ_arena *arena, size_t need)
{
    size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK_BYTES;
    if (size < need)
        size = need;
    struct writ_arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return NULL;
    *block = (struct writ_arena_block){.next = arena->blocks, .size = size};
    arena->blocks = block;
    return block;
}

void *writ_arena_alloc(struct writ_arena *arena, size_t size)
{
    const size_t unit = alignof(max_align_t);
    if (size > arena->limit || arena->used > arena->limit - size)
        return NULL;
    const size_t need = size == 0 ? unit : (size + unit - 1) / unit * unit;
    struct writ_arena_block *block = arena->blocks;
    if (!block || block->size - block->used < need)
        block = grow(arena, need);
    if (!block)
        return NULL;
    void *bytes = block->bytes + block->used;
    block->used += need;
    arena->used += need;
    return memset(bytes, 0, need);
}

void *writ_arena_array(struct writ_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return writ_arena_alloc(arena, count * size);
}

char *writ_arena_text(struct writ_arena *arena, struct writ_slice bytes)
{
    if (bytes.size == SIZE_MAX)
        return NULL;
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
    char moderate[256]; /* as nearly all are */
    va_list list;
    va_start(list, format);
    const int size = vsnprintf(moderate, sizeof moderate, format, list);
    va_end(list);
    if (size < 0)
        return NULL;
    if ((size_t)size < sizeof moderate)
        return writ_arena_text(arena, writ_slice_of(moderate, (size_t)size));
    char *text = writ_arena_alloc(arena, (size_t)size + 1);
    if (!text)
        return NULL;
    va_start(list, format);
    vsnprintf(text, (size_t)size + 1, format, list);
    va_end(list);
    return text;
}
