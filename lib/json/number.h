/*
 * The text of numbers: JSON grammar, exact decimal value, double, ECMAScript text. Nothing here
 * depends on the locale: what strtod and snprintf see or say has no decimal point.
 */
#ifndef WRIT_JSON_NUMBER_H
#define WRIT_JSON_NUMBER_H

#include "base/slice.h"

struct writ_number {
    double value;
    bool admissible; /* RFC 8785 writes the same number */
};

/* How many bytes at the start of `text` are a number of the JSON grammar; 0: none, or one that
 * goes on in a way that is no number ("01", "1.", "1e"). */
size_t writ_number_scan(struct writ_slice text);
/* `text` as a whole is a number of the JSON grammar. */
struct writ_number writ_number_read(struct writ_slice text);

#endif
