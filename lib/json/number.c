#include "json/number.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/json.h"

/*
 * A decimal is 0.d1 d2 ... dn * 10^point, without zeros at either end; no digits is zero. Two
 * texts denote the same number exactly when their decimals are equal.
 */
enum {
    /* No double, and no midpoint of two, has more than 768 significant digits; a digit that
     * stands for "something follows" behind them keeps the rounding right. */
    DIGITS_KEPT = 780,
    POINT_LIMIT = 5000, /* beyond it every decimal of ours is zero or infinite as a double */
    SHORTEST_DIGITS_MAX = 17,
};

static const int64_t EXPONENT_LIMIT = 1000000000000;

struct decimal {
    bool negative;
    bool truncated;
    int64_t point;
    size_t count;
    char digits[DIGITS_KEPT + 1];
};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

static size_t count_digits(struct writ_slice text, size_t from)
{
    size_t at = from;
    while (at < text.size && is_digit(text.data[at]))
        at++;
    return at - from;
}

static bool is_at(struct writ_slice text, size_t at, const char *bytes)
{
    return at < text.size && text.data[at] != '\0' && strchr(bytes, text.data[at]);
}

/* A byte that would make more of the number, or garbage glued to it. */
static bool glues(uint8_t byte)
{
    return is_digit(byte) || byte == '.' || byte == '+' || byte == '-' || byte == '_' ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

size_t writ_number_scan(struct writ_slice text)
{
    size_t at = is_at(text, 0, "-") ? 1 : 0;
    const size_t whole = count_digits(text, at);
    if (whole == 0 || (whole > 1 && text.data[at] == '0'))
        return 0;
    at += whole;
    if (is_at(text, at, ".")) {
        const size_t fraction = count_digits(text, at + 1);
        if (fraction == 0)
            return 0;
        at += 1 + fraction;
    }
    if (is_at(text, at, "eE")) {
        at += is_at(text, at + 1, "+-") ? 2 : 1;
        const size_t exponent = count_digits(text, at);
        if (exponent == 0)
            return 0;
        at += exponent;
    }
    return at < text.size && glues(text.data[at]) ? 0 : at;
}

static void decimal_add(struct decimal *decimal, char digit)
{
    if (decimal->count < DIGITS_KEPT)
        decimal->digits[decimal->count++] = digit;
    else if (digit != '0')
        decimal->truncated = true;
}

/* `text` without its sign, up to the exponent; leaves the index of what follows. */
static size_t decimal_read_digits(struct writ_slice text, size_t at, struct decimal *decimal)
{
    bool behind_point = false;
    for (; at < text.size && (is_digit(text.data[at]) || text.data[at] == '.'); at++) {
        const char digit = (char)text.data[at];
        if (digit == '.') {
            behind_point = true;
            continue;
        }
        const bool leading_zero = decimal->count == 0 && digit == '0';
        if (!leading_zero)
            decimal_add(decimal, digit);
        if (behind_point && leading_zero)
            decimal->point--;
        if (!behind_point && !leading_zero)
            decimal->point++;
    }
    return at;
}

static int64_t read_exponent(struct writ_slice text, size_t at)
{
    const bool negative = is_at(text, at, "-");
    int64_t exponent = 0;
    for (; at < text.size; at++)
        if (is_digit(text.data[at]) && exponent < EXPONENT_LIMIT)
            exponent = exponent * 10 + (text.data[at] - '0');
    return negative ? -exponent : exponent;
}

static void decimal_read(struct writ_slice text, struct decimal *ret_decimal)
{
    ret_decimal->negative = is_at(text, 0, "-");
    ret_decimal->truncated = false;
    ret_decimal->point = 0;
    ret_decimal->count = 0;
    const size_t at = decimal_read_digits(text, ret_decimal->negative ? 1 : 0, ret_decimal);
    if (is_at(text, at, "eE"))
        ret_decimal->point += read_exponent(text, at + 1);
    while (!ret_decimal->truncated && ret_decimal->count > 0 &&
           ret_decimal->digits[ret_decimal->count - 1] == '0')
        ret_decimal->count--;
    if (ret_decimal->count == 0)
        ret_decimal->point = 0;
}

static double decimal_to_double(const struct decimal *decimal)
{
    char text[DIGITS_KEPT + 64];
    int64_t point = decimal->point;
    if (point > POINT_LIMIT)
        point = POINT_LIMIT;
    if (point < -POINT_LIMIT)
        point = -POINT_LIMIT;
    if (decimal->count == 0)
        return decimal->negative ? -0.0 : 0.0;
    const bool sticky = decimal->truncated;
    const long long exponent = (long long)point - (long long)decimal->count - (sticky ? 1 : 0);
    snprintf(text, sizeof text, "%s%.*s%se%lld", decimal->negative ? "-" : "", (int)decimal->count,
             decimal->digits, sticky ? "1" : "", exponent);
    return strtod(text, NULL);
}

static bool decimal_equal(const struct decimal *a, const struct decimal *b)
{
    if (a->count == 0 && b->count == 0)
        return true; /* -0 denotes 0 */
    return a->negative == b->negative && !a->truncated && !b->truncated && a->point == b->point &&
           a->count == b->count && memcmp(a->digits, b->digits, a->count) == 0;
}

/* The digits of |value| rounded to `count`, with the zeros at the end. */
static void round_to(double value, int count, struct decimal *ret_decimal)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", count - 1, fabs(value));
    *ret_decimal = (struct decimal){.negative = signbit(value)};
    const char *at = text;
    for (; *at != 'e' && *at != '\0'; at++)
        if (is_digit((uint8_t)*at)) /* skips the decimal point of whatever locale */
            ret_decimal->digits[ret_decimal->count++] = *at;
    ret_decimal->point = 1 + (*at == 'e' ? strtol(at + 1, NULL, 10) : 0);
}

/* One more in the last place; false where that would need another digit in front. */
static bool increment(struct decimal *decimal)
{
    for (size_t i = decimal->count; i > 0; i--) {
        if (decimal->digits[i - 1] != '9') {
            decimal->digits[i - 1]++;
            return true;
        }
        decimal->digits[i - 1] = '0';
    }
    return false;
}

/* `value` is finite and not zero. */
static void shortest(double value, struct decimal *ret_decimal)
{
    /* A normal double that any text of up to 15 digits denotes is found by rounding to 15. */
    const int first = fabs(value) >= DBL_MIN ? DBL_DIG : 1;
    for (int count = first; count <= SHORTEST_DIGITS_MAX; count++) {
        round_to(value, count, ret_decimal);
        if (decimal_to_double(ret_decimal) == value)
            break;
        /* At a power of two the doubles above are twice as far apart as those below, so that the
         * next decimal above may round back where the nearest one, below, does not. */
        if (increment(ret_decimal) && decimal_to_double(ret_decimal) == value)
            break;
    }
    while (ret_decimal->count > 1 && ret_decimal->digits[ret_decimal->count - 1] == '0')
        ret_decimal->count--;
}

/* ECMAScript Number::toString from digits and point, `n` and `k` as that text names them. */
static void write_decimal(const struct decimal *decimal, char *out)
{
    const int k = (int)decimal->count;
    const int n = (int)decimal->point;
    if (decimal->negative)
        *out++ = '-';
    if (k <= n && n <= 21) {
        memcpy(out, decimal->digits, (size_t)k);
        memset(out + k, '0', (size_t)(n - k));
        out[n] = '\0';
    } else if (0 < n && n <= 21) {
        snprintf(out, 24, "%.*s.%.*s", n, decimal->digits, k - n, decimal->digits + n);
    } else if (-6 < n && n <= 0) {
        snprintf(out, 28, "0.%.*s%.*s", -n, "000000", k, decimal->digits);
    } else {
        snprintf(out, 31, "%.1s%s%.*se%+d", decimal->digits, k > 1 ? "." : "", k - 1,
                 decimal->digits + 1, n - 1);
    }
}

void writ_json_number_text(double value, char ret_text[static 32])
{
    const double exact_below = 9007199254740992.0;
    struct decimal decimal;
    if (!isfinite(value)) /* reads back as the same double; RFC 8785 has no text for it */
        snprintf(ret_text, 32, "%s1e999", value < 0 ? "-" : "");
    else if (fabs(value) < exact_below && value == floor(value))
        snprintf(ret_text, 32, "%lld", (long long)value);
    else {
        shortest(value, &decimal);
        write_decimal(&decimal, ret_text);
    }
}

/* Integers of up to 15 digits, which are most numbers: exact, and what RFC 8785 writes. */
static bool read_small_integer(struct writ_slice text, struct writ_number *ret_number)
{
    const bool negative = is_at(text, 0, "-");
    const size_t from = negative ? 1 : 0;
    if (text.size - from > DBL_DIG || count_digits(text, from) != text.size - from)
        return false;
    int64_t integer = 0;
    for (size_t i = from; i < text.size; i++)
        integer = integer * 10 + (text.data[i] - '0');
    *ret_number = (struct writ_number){.value = (double)integer, .admissible = true};
    if (negative)
        ret_number->value = -ret_number->value;
    return true;
}

struct writ_number writ_number_read(struct writ_slice text)
{
    struct writ_number number;
    if (read_small_integer(text, &number))
        return number;
    struct decimal read, written;
    char canonical[32];
    decimal_read(text, &read);
    number = (struct writ_number){.value = decimal_to_double(&read)};
    if (isfinite(number.value)) {
        writ_json_number_text(number.value, canonical);
        decimal_read(writ_slice_text(canonical), &written);
        number.admissible = decimal_equal(&read, &written);
    }
    return number;
}
