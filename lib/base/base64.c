#include "base/base64.h"

#include "base/base64url.h"

#include <string.h>

/* The two alphabets differ in two characters. */
static void swap(char *text, size_t size, const char from[static 2], const char to[static 2])
{
    for (size_t i = 0; i < size; i++)
        text[i] = text[i] == from[0] ? to[0] : text[i] == from[1] ? to[1] : text[i];
}

char *writ_base64_encode(struct writ_arena *arena, struct writ_slice bytes)
{
    const char *url = writ_base64url_encode(arena, bytes);
    const size_t size = url ? strlen(url) : 0;
    char *text = url ? writ_arena_alloc(arena, size + 4) : NULL;
    if (!text)
        return NULL;
    memcpy(text, url, size);
    swap(text, size, "-_", "+/");
    const size_t padding = (4 - size % 4) % 4;
    memset(text + size, '=', padding);
    text[size + padding] = '\0';
    return text;
}

struct writ_result writ_base64_decode(struct writ_arena *arena, struct writ_slice text,
                                      struct writ_slice *ret_bytes)
{
    size_t size = text.size;
    while (size > 0 && text.size - size < 2 && text.data[size - 1] == '=')
        size--;
    WRIT_ENSURE(size == text.size || text.size % 4 == 0, MALFORMED);
    for (size_t i = 0; i < size; i++)
        WRIT_ENSURE(text.data[i] != '-' && text.data[i] != '_', MALFORMED);
    char *url = writ_arena_text(arena, text);
    WRIT_ENSURE(url, OUT_OF_MEMORY);
    swap(url, size, "+/", "-_");
    return writ_base64url_decode(arena, writ_slice_of(url, size), ret_bytes);
}
