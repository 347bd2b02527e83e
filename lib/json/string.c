#include "json/string.h"

#include <string.h>

/* ---- The raw text ---------------------------------------------------------------------------- */

/* The size of the UTF-8 sequence that begins `text`; 0 where there is none (Unicode, table 3-7:
 * no overlong form, no surrogate, nothing over U+10FFFF). */
static size_t sequence_size(struct writ_slice text)
{
    const uint8_t lead = text.data[0];
    const size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size == 0 || lead > 0xf4 || size > text.size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((text.data[i] & 0xc0) != 0x80)
            return 0;
    const uint8_t second = size > 1 ? text.data[1] : 0;
    const bool wrong = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
                       (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return wrong ? 0 : size;
}

/* What stands before the closing quote, with its escapes as they are. */
static struct writ_result find_end(struct writ_slice text, size_t *ret_size, bool *ret_escaped)
{
    size_t at = 0;
    *ret_escaped = false;
    while (at < text.size && text.data[at] != '"') {
        WRIT_ENSURE(text.data[at] >= 0x20, MALFORMED);
        if (text.data[at] == '\\') {
            *ret_escaped = true;
            at++;
            WRIT_ENSURE(at < text.size, MALFORMED);
        }
        const size_t size = sequence_size(writ_slice_of(text.data + at, text.size - at));
        WRIT_ENSURE(size > 0, MALFORMED);
        at += size;
    }
    WRIT_ENSURE(at < text.size, MALFORMED);
    *ret_size = at;
    return WRIT_SUCCESS;
}

/* ---- Escapes --------------------------------------------------------------------------------- */

/* The four digits of \uXXXX, which begin `text`. */
static bool read_hex(struct writ_slice text, uint32_t *ret_unit)
{
    uint32_t unit = 0;
    if (text.size < 4)
        return false;
    for (size_t i = 0; i < 4; i++) {
        const uint8_t byte = text.data[i];
        const uint8_t lower = byte | 0x20;
        if (byte >= '0' && byte <= '9')
            unit = unit << 4 | (uint32_t)(byte - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit << 4 | (uint32_t)(lower - 'a' + 10);
        else
            return false;
    }
    *ret_unit = unit;
    return true;
}

/* A code point from behind "\u", and from a second such escape where the first is half a pair. */
static bool read_point(struct writ_slice text, uint32_t *ret_point, size_t *ret_size)
{
    uint32_t high = 0, low = 0;
    if (!read_hex(text, &high) || high == 0 || (high >= 0xdc00 && high <= 0xdfff))
        return false;
    *ret_point = high;
    *ret_size = 4;
    if (high < 0xd800 || high > 0xdfff)
        return true;
    if (text.size < 10 || text.data[4] != '\\' || text.data[5] != 'u' ||
        !read_hex(writ_slice_of(text.data + 6, 4), &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    *ret_point = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    *ret_size = 10;
    return true;
}

/* At most four bytes, and never more than the escape was long. */
static size_t write_point(uint32_t point, uint8_t *out)
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    const size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t LEAD[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--, point >>= 6)
        out[i] = (uint8_t)(0x80 | (point & 0x3f));
    out[0] = (uint8_t)(LEAD[size] | point);
    return size;
}

/* `text` begins behind the backslash. */
static bool read_escape(struct writ_slice text, uint32_t *ret_point, size_t *ret_size)
{
    static const char SHORT[] = "\"\\/bfnrt", MEANS[] = "\"\\/\b\f\n\r\t";
    const char *found = strchr(SHORT, text.data[0]);
    if (text.data[0] == 'u') {
        if (!read_point(writ_slice_of(text.data + 1, text.size - 1), ret_point, ret_size))
            return false;
        (*ret_size)++;
        return true;
    }
    if (!found || text.data[0] == '\0')
        return false;
    *ret_point = (uint8_t)MEANS[found - SHORT];
    *ret_size = 1;
    return true;
}

static struct writ_result unescape(struct writ_slice raw, uint8_t *out, size_t *ret_size)
{
    size_t used = 0;
    for (size_t at = 0; at < raw.size;) {
        if (raw.data[at] != '\\') {
            out[used++] = raw.data[at++];
            continue;
        }
        uint32_t point = 0;
        size_t size = 0;
        at++;
        WRIT_ENSURE(read_escape(writ_slice_of(raw.data + at, raw.size - at), &point, &size),
                    MALFORMED);
        used += write_point(point, out + used);
        at += size;
    }
    *ret_size = used;
    return WRIT_SUCCESS;
}

struct writ_result writ_json_string_read(struct writ_arena *arena, struct writ_slice *rest,
                                         struct writ_slice *ret_text)
{
    const struct writ_slice text = writ_slice_of(rest->data + 1, rest->size - 1);
    size_t raw_size = 0, size = 0;
    bool escaped = false;
    WRIT_TRY(find_end(text, &raw_size, &escaped));
    const struct writ_slice raw = writ_slice_of(text.data, raw_size);
    uint8_t *copy = writ_arena_alloc(arena, raw_size + 1);
    WRIT_ENSURE(copy, OUT_OF_MEMORY);
    size = raw_size;
    if (escaped)
        WRIT_TRY(unescape(raw, copy, &size));
    else
        memcpy(copy, raw.data, raw_size);
    copy[size] = '\0';
    *rest = writ_slice_of(text.data + raw_size + 1, text.size - raw_size - 1);
    *ret_text = writ_slice_of(copy, size);
    return WRIT_SUCCESS;
}
