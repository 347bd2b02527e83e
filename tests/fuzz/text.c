/* The small readers, one by the first byte: number, double, base64url, decimal, path. */
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "token/terms.h"
#include "json/number.h"

/* The C library reads the same number. */
static void number(struct writ_arena *arena, struct writ_slice input)
{
    const size_t size = writ_number_scan(input);
    FUZZ_HOLDS(size <= input.size);
    if (size == 0)
        return;
    const struct writ_slice text = writ_slice_of(input.data, size);
    const struct writ_number read = writ_number_read(text);
    const double expected = strtod(writ_arena_text(arena, text), NULL);
    FUZZ_HOLDS(memcmp(&read.value, &expected, sizeof expected) == 0);
    FUZZ_HOLDS(isfinite(read.value) || !read.admissible);
}

/* The text of a double is the shortest that reads back, and admissible. */
static void double_text(struct writ_slice input)
{
    double value;
    char text[32] = "", shorter[64];
    if (input.size < sizeof value)
        return;
    memcpy(&value, input.data, sizeof value);
    if (!isfinite(value))
        return;
    writ_json_number_text(value, text);
    FUZZ_HOLDS(strlen(text) < sizeof text);
    const struct writ_number read = writ_number_read(writ_slice_text(text));
    FUZZ_HOLDS(writ_number_scan(writ_slice_text(text)) == strlen(text));
    FUZZ_HOLDS(read.admissible && !(read.value < value) && !(read.value > value));
    size_t digits = 0, zeros = 0;
    bool leading = true;
    for (const char *c = text; *c && *c != 'e'; c++) {
        leading &= *c < '1' || *c > '9';
        digits += *c >= '0' && *c <= '9' && !leading;
        zeros = *c == '0' ? zeros + 1 : *c == '.' ? zeros : 0;
    }
    if (digits <= zeros + 1 || digits > 17)
        return;
    snprintf(shorter, sizeof shorter, "%.*e", (int)(digits - zeros) - 2, value);
    const double other = strtod(shorter, NULL);
    FUZZ_HOLDS(other < value || other > value);
}

static void base64url(struct writ_arena *arena, struct writ_slice input)
{
    struct writ_slice bytes, again;
    const char *text = writ_base64url_encode(arena, input);
    FUZZ_HOLDS(writ_is_ok(writ_base64url_decode(arena, writ_slice_text(text), &again)));
    FUZZ_HOLDS(writ_slice_equal(again, input));
    const bool reads = writ_is_ok(writ_base64url_decode(arena, input, &bytes));
    if (reads)
        FUZZ_HOLDS(writ_slice_is(input, writ_base64url_encode(arena, bytes)));
    uint8_t exact[32];
    const bool reads_exact = writ_is_ok(writ_base64url_decode_exact(input, exact, sizeof exact));
    FUZZ_HOLDS(reads_exact == (reads && bytes.size == sizeof exact));
}

/* 20 and 9 digits fit into 128 bits. */
static unsigned __int128 scaled(struct writ_slice text)
{
    unsigned __int128 value = 0;
    size_t fraction = 0;
    bool behind_point = false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '.') {
            behind_point = true;
            continue;
        }
        value = value * 10 + (unsigned)(text.data[i] - '0');
        fraction += behind_point;
    }
    for (; fraction < 9; fraction++)
        value *= 10;
    return value;
}

static void decimal(struct writ_slice input)
{
    const struct writ_slice a = fuzz_take_line(&input), b = fuzz_take_line(&input);
    if (!writ_decimal_is_valid(a) || !writ_decimal_is_valid(b))
        return;
    FUZZ_HOLDS(writ_decimal_at_most(a, b) == (scaled(a) <= scaled(b)));
    FUZZ_HOLDS(writ_decimal_at_most(b, a) == (scaled(b) <= scaled(a)));
}

/* A normal path is its own lexical normal form, also for whoever decodes what it may hide. */
static void path(struct writ_arena *arena, struct writ_slice input)
{
    const struct writ_slice root = fuzz_take_line(&input), below = fuzz_take_line(&input);
    if (!writ_path_is_under(root, below))
        return;
    FUZZ_HOLDS(writ_path_is_normal(root) && writ_path_is_normal(below));
    FUZZ_HOLDS(writ_slice_starts(below, root));
    FUZZ_HOLDS(!memchr(below.data, '\\', below.size) && !memchr(below.data, '\0', below.size));
    const char *text = writ_arena_printf(arena, "%.*s/", WRIT_SLICE_ARGS(below));
    if (below.size > 1)
        FUZZ_HOLDS(!strstr(text, "//") && !strstr(text, "/./") && !strstr(text, "/../"));
    static const char *const HIDDEN[] = {"%2e", "%2f", "%5c", "%00"};
    for (size_t i = 0; i < COUNT(HIDDEN); i++)
        FUZZ_HOLDS(!strcasestr(text, HIDDEN[i]));
    if (root.size > 1 && below.size > root.size)
        FUZZ_HOLDS(below.data[root.size] == '/');
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    switch (fuzz_take_byte(&input)) {
    case 'n':
        number(arena, input);
        break;
    case 'd':
        double_text(input);
        break;
    case 'b':
        base64url(arena, input);
        break;
    case 'm':
        decimal(input);
        break;
    default:
        path(arena, input);
    }
}
