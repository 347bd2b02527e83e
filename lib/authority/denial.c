/* Filling a denial: fixed arrays, so what is too long is cut, and what could break a log line or
 * rewrite a terminal is escaped, since names and values in it are the other side's text. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "authority/internal.h"

/* The size of the UTF-8 sequence at this place and its code point; 0 when there is none. The text
 * is terminated, and its end continues no sequence. */
static size_t decode(const uint8_t *text, uint32_t *ret_point)
{
    const uint8_t lead = text[0];
    const size_t length = lead < 0x80   ? 1
                          : lead < 0xc2 ? 0
                          : lead < 0xe0 ? 2
                          : lead < 0xf0 ? 3
                          : lead < 0xf5 ? 4
                                        : 0;
    uint32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (text[i] & 0x3f);
    }
    *ret_point = point;
    return length;
}

/* Controls, line and paragraph separators, and the marks that turn the direction of text. */
static bool must_escape(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

static void copy_text(char *to, size_t room, const char *text)
{
    static const char MORE[] = "...";
    const size_t size = strlen(text);
    size_t used = 0, fits = 0; /* fits: the last end after which there is room for MORE */
    bool cut = false;
    for (size_t at = 0; at < size;) {
        uint32_t point = 0;
        char unit[8];
        size_t length = decode((const uint8_t *)text + at, &point);
        size_t unit_size = length;
        if (length == 0) {
            unit[0] = '?';
            length = unit_size = 1;
        } else if (must_escape(point)) {
            unit_size = (size_t)snprintf(unit, sizeof unit, "\\u%04x", (unsigned)point);
        } else {
            memcpy(unit, text + at, length);
        }
        if (used + unit_size >= room) {
            cut = true;
            break;
        }
        memcpy(to + used, unit, unit_size);
        used += unit_size;
        at += length;
        if (used + sizeof MORE <= room)
            fits = used;
    }
    if (cut) {
        memcpy(to + fits, MORE, sizeof MORE - 1);
        used = fits + sizeof MORE - 1;
    }
    to[used] = '\0';
}

void writ_denial_set(struct writ_denial *denial, enum writ_status outcome, const char *step,
                     const char *field, const char *detail_format, ...)
{
    if (!denial)
        return;
    /* No byte gets shorter in the copy, so what is cut off here would never have shown. */
    char detail[2 * sizeof denial->detail];
    va_list list;
    va_start(list, detail_format);
    const int size = vsnprintf(detail, sizeof detail, detail_format, list);
    va_end(list);
    if (size < 0)
        detail[0] = '\0';
    denial->outcome = outcome;
    denial->step = step;
    copy_text(denial->field, sizeof denial->field, field);
    copy_text(denial->detail, sizeof denial->detail, detail);
}

const char *writ_field_of(struct writ_slice tool, struct writ_slice argument,
                          char ret_field[static WRIT_FIELD_SIZE])
{
    snprintf(ret_field, WRIT_FIELD_SIZE, "tools.%.*s%s%.*s", WRIT_SLICE_ARGS(tool),
             argument.data ? "." : "", WRIT_SLICE_ARGS(argument));
    return ret_field;
}
