/*
 * Each public operation of libwrit, as a thing that can be done again and again with the same
 * result: on inputs that stand ready, in the arena that is passed.
 */
#ifndef WRIT_TESTS_MEMORY_OPERATIONS_H
#define WRIT_TESTS_MEMORY_OPERATIONS_H

#include "writ.h"

struct operation {
    const char *name;
    /* WRIT_OK with what it made, as text; or the refusal that it always ends in. */
    struct writ_result (*run)(struct writ_arena *arena, struct writ_slice *ret_shown);
};

extern const struct operation OPERATIONS[];
extern const int OPERATION_COUNT;

/* Makes the inputs and gives them back. */
void operations_start(void);
void operations_end(void);

#endif
