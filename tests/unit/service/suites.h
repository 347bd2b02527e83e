/* The suites of the service's rooms: each line is a `Suite *suite_NAME(void)` in test_NAME.c. */
#ifndef WRIT_TESTS_UNIT_SERVICE_SUITES_H
#define WRIT_TESTS_UNIT_SERVICE_SUITES_H

#include "unit/runner.h"

#define SERVICE_SUITES(X)                                                                          \
    X(config)                                                                                      \
    X(log)                                                                                         \
    X(rounds)                                                                                      \
    X(rates)                                                                                       \
    X(denials)                                                                                     \
    X(label)                                                                                       \
    X(schema)                                                                                      \
    X(enrolled)                                                                                    \
    X(display)                                                                                     \
    X(keys)                                                                                        \
    X(mark)                                                                                        \
    X(queue)                                                                                       \
    X(http_target)                                                                                 \
    X(http_guard)                                                                                  \
    X(http_loop)                                                                                   \
    X(webhook)                                                                                     \
    X(outbound)                                                                                    \
    X(breaker)                                                                                     \
    X(remote)                                                                                      \
    X(remotes)                                                                                     \
    X(policy)                                                                                      \
    X(connect)                                                                                     \
    X(postgres)                                                                                    \
    X(cluster)

#define X(name) Suite *suite_##name(void);
SERVICE_SUITES(X)
#undef X

#endif
