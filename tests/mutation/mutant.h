/*
 * What the rewritten copy of lib/ stands on: every mutant is compiled in, and one number says
 * which of them lives. 0 is the original.
 */
#ifndef WRIT_TESTS_MUTATION_MUTANT_H
#define WRIT_TESTS_MUTATION_MUTANT_H

#include <stdbool.h>
#include <string.h>

extern int mutant_chosen;
extern unsigned char *mutant_reached; /* by its number: a test came by */

static inline bool mutant_is(int number)
{
    mutant_reached[number] = 1;
    return mutant_chosen == number;
}

/* A value of any type, or all zeros. `plain` is the expression as it was written: only its type is
 * looked at, and the comma takes its qualifiers away. */
#define MUTANT_ZERO(number, plain, value)                                                          \
    __extension__({                                                                                \
        __typeof__((0, plain)) mutant_value = (value);                                             \
        if (mutant_is(number))                                                                     \
            memset(&mutant_value, 0, sizeof mutant_value);                                         \
        mutant_value;                                                                              \
    })

/* A row of a table becomes a copy of another: as good as gone, in tables that are searched and in
 * tables that are played. */
#define MUTANT_ROW(number, table, row, other)                                                      \
    do {                                                                                           \
        if (mutant_chosen == (number))                                                             \
            memcpy(&(table)[row], &(table)[other], sizeof(table)[0]);                              \
    } while (0)

#endif
