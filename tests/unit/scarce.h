/*
 * However memory ends, an operation says so, or its result is the one that it has with plenty:
 * never half of it. Each is repeated with a little more memory until it has all that it wants.
 */
#ifndef WRIT_TESTS_UNIT_SCARCE_H
#define WRIT_TESTS_UNIT_SCARCE_H

#include "fixture.h"

struct scarce_operation {
    const char *name;
    /* Works in `scratch`; leaves what it made as text in `results`. */
    struct writ_result (*play)(struct writ_arena *scratch, struct writ_slice *ret_made);
};

extern struct writ_arena results; /* of one play */

void scarce_try(const struct scarce_operation *operation);
struct writ_slice scarce_canonical(const struct writ_json *json);
/* A text that the operation made in its scratch. */
struct writ_result scarce_taken(struct writ_slice text, struct writ_slice *ret_made);

#endif
