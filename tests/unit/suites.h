/* The one list of unit suites: each line is a function `Suite *suite_NAME(void)` in test_NAME.c. */
#ifndef WRIT_TESTS_UNIT_SUITES_H
#define WRIT_TESTS_UNIT_SUITES_H

#include "runner.h"

#define WRIT_SUITES(X)                                                                             \
    X(base)                                                                                        \
    X(crypto)                                                                                      \
    X(json)                                                                                        \
    X(json_string)                                                                                 \
    X(plain)                                                                                       \
    X(canonical)                                                                                   \
    X(jose)                                                                                        \
    X(vectors)                                                                                     \
    X(outside)                                                                                     \
    X(outside_wycheproof)                                                                          \
    X(outside_small_order)                                                                         \
    X(attacks)                                                                                     \
    X(abuse)                                                                                       \
    X(decimal)                                                                                     \
    X(terms)                                                                                       \
    X(effective)                                                                                   \
    X(derive)                                                                                      \
    X(proposal)                                                                                    \
    X(statement)                                                                                   \
    X(chain)                                                                                       \
    X(known)                                                                                       \
    X(token)                                                                                       \
    X(cost)                                                                                        \
    X(proof)                                                                                       \
    X(received)                                                                                    \
    X(refusals)                                                                                    \
    X(bounds)                                                                                      \
    X(issuer)                                                                                      \
    X(constraint)                                                                                  \
    X(set)                                                                                         \
    X(witness)                                                                                     \
    X(subsume)                                                                                     \
    X(denial)                                                                                      \
    X(authority)                                                                                   \
    X(allow)                                                                                       \
    X(diff)                                                                                        \
    X(meet)                                                                                        \
    X(work)                                                                                        \
    X(profiles)                                                                                    \
    X(ends)                                                                                        \
    X(notation)                                                                                    \
    X(scarce)                                                                                      \
    X(memory)

#define X(name) Suite *suite_##name(void);
WRIT_SUITES(X)
#undef X

#endif
