/* The one list of unit suites: each line is a function `Suite *suite_NAME(void)` in test_NAME.c. */
#ifndef WRIT_TESTS_UNIT_SUITES_H
#define WRIT_TESTS_UNIT_SUITES_H

#include "runner.h"

#define WRIT_SUITES(X)                                                                             \
    X(base)                                                                                        \
    X(json)                                                                                        \
    X(canonical)                                                                                   \
    X(jose)                                                                                        \
    X(vectors)                                                                                     \
    X(abuse)                                                                                       \
    X(decimal)                                                                                     \
    X(terms)                                                                                       \
    X(effective)                                                                                   \
    X(derive)                                                                                      \
    X(proposal)                                                                                    \
    X(statement)                                                                                   \
    X(chain)                                                                                       \
    X(token)                                                                                       \
    X(proof)                                                                                       \
    X(bounds)                                                                                      \
    X(constraint)                                                                                  \
    X(set)                                                                                         \
    X(witness)                                                                                     \
    X(subsume)                                                                                     \
    X(denial)                                                                                      \
    X(authority)                                                                                   \
    X(allow)                                                                                       \
    X(diff)                                                                                        \
    X(meet)                                                                                        \
    X(notation)                                                                                    \
    X(scarce)                                                                                      \
    X(memory)

#define X(name) Suite *suite_##name(void);
WRIT_SUITES(X)
#undef X

#endif
