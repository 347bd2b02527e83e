/* Decimals are compared as text: exact at any size, where a float would round money. */
#include "token/terms.h"

enum { WHOLE_DIGITS_MAX = 20, FRACTION_DIGITS_MAX = 9 };

struct parts {
    struct writ_slice whole;
    struct writ_slice fraction; /* without trailing zeros, which weigh nothing */
};

static size_t count_digits(struct writ_slice text)
{
    size_t count = 0;
    while (count < text.size && text.data[count] >= '0' && text.data[count] <= '9')
        count++;
    return count;
}

static struct writ_slice after(struct writ_slice text, size_t count)
{
    return writ_slice_of(text.data + count, text.size - count);
}

bool writ_decimal_is_valid(struct writ_slice text)
{
    const size_t whole = count_digits(text);
    if (whole == 0 || whole > WHOLE_DIGITS_MAX || (whole > 1 && text.data[0] == '0'))
        return false;
    if (whole == text.size)
        return true;
    const struct writ_slice rest = after(text, whole);
    const size_t fraction = rest.size - 1;
    return rest.data[0] == '.' && fraction >= 1 && fraction <= FRACTION_DIGITS_MAX &&
           count_digits(after(rest, 1)) == fraction;
}

static struct parts split(struct writ_slice text)
{
    const size_t whole = count_digits(text);
    struct parts parts = {.whole = writ_slice_of(text.data, whole)};
    if (whole < text.size)
        parts.fraction = after(text, whole + 1);
    while (parts.fraction.size > 0 && parts.fraction.data[parts.fraction.size - 1] == '0')
        parts.fraction.size--;
    return parts;
}

bool writ_decimal_at_most(struct writ_slice a, struct writ_slice b)
{
    const struct parts left = split(a);
    const struct parts right = split(b);
    if (left.whole.size != right.whole.size)
        return left.whole.size < right.whole.size;
    const int order = writ_slice_compare(left.whole, right.whole);
    if (order != 0)
        return order < 0;
    return writ_slice_compare(left.fraction, right.fraction) <= 0;
}
