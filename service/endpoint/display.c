/* What a person sees of what an agent wrote. */
#include "endpoint/approvals.h"

#include <stdio.h>

/* Ranges of code points that a terminal or a page would not show as what they are. */
static const struct {
    uint32_t first, last;
} HIDDEN[] = {
    {0x00, 0x1f},        {0x7f, 0x9f},     {0xad, 0xad},     {0x34f, 0x34f},     {0x61c, 0x61c},
    {0x115f, 0x1160},    {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},    {0x2800, 0x2800}, {0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},    {0xfff0, 0xfffd}, {0xe000, 0xf8ff}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0xe0000, 0x10ffff},
};

static bool is_hidden(uint32_t point)
{
    for (size_t i = 0; i < sizeof HIDDEN / sizeof HIDDEN[0]; i++)
        if (point >= HIDDEN[i].first && point <= HIDDEN[i].last)
            return true;
    return point == '\\'; /* else what an agent wrote could look like one of ours */
}

/* One code point of good UTF-8, as all parsed JSON is; its size. */
static size_t decode(const uint8_t *at, uint32_t *ret_point)
{
    const size_t size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t point = size == 1 ? at[0] : at[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++)
        point = point << 6 | (at[i] & 0x3fu);
    *ret_point = point;
    return size;
}

struct writ_slice approvals_display(struct writ_arena *arena, struct writ_slice text)
{
    enum { ESCAPED_MAX = 10 }; /* \u{10ffff} */
    char *shown = writ_arena_alloc(arena, text.size * ESCAPED_MAX + 1);
    size_t size = 0;
    if (!shown)
        return WRIT_SLICE_NONE;
    for (size_t at = 0, step = 0; at < text.size; at += step) {
        uint32_t point = 0;
        step = decode(text.data + at, &point);
        if (is_hidden(point)) {
            size += (size_t)snprintf(shown + size, ESCAPED_MAX + 1, "\\u{%x}", point);
            continue;
        }
        for (size_t i = 0; i < step; i++)
            shown[size++] = (char)text.data[at + i];
    }
    return writ_slice_of(shown, size);
}
