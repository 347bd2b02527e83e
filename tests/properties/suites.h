/* The one list of suites: each line is a function `Suite *suite_NAME(void)` in test_NAME.c. */
#ifndef WRIT_TESTS_PROPERTIES_SUITES_H
#define WRIT_TESTS_PROPERTIES_SUITES_H

#include "unit/runner.h"

#define WRIT_PROPERTY_SUITES(X)                                                                    \
    X(constraints)                                                                                 \
    X(meets)                                                                                       \
    X(maps)                                                                                        \
    X(authorities)                                                                                 \
    X(terms)                                                                                       \
    X(chains)                                                                                      \
    X(random)                                                                                      \
    X(shrink)

#define X(name) Suite *suite_##name(void);
WRIT_PROPERTY_SUITES(X)
#undef X

#endif
