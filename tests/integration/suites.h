/* The suites of the integration tests, in the order in which they run, and how tests are added. */
#ifndef WRIT_TESTS_INTEGRATION_SUITES_H
#define WRIT_TESTS_INTEGRATION_SUITES_H

#include <check.h>

#define SUITES(X)                                                                                  \
    X(task)                                                                                        \
    X(admission)                                                                                   \
    X(terms)                                                                                       \
    X(budget)                                                                                      \
    X(budget_race)                                                                                 \
    X(lifecycle)                                                                                   \
    X(lease)                                                                                       \
    X(validate)                                                                                    \
    X(authzen)                                                                                     \
    X(authzen_batch)                                                                               \
    X(label)                                                                                       \
    X(label_policy)                                                                                \
    X(declassify)                                                                                  \
    X(lowered)                                                                                     \
    X(poison)                                                                                      \
    X(fate)                                                                                        \
    X(tools)                                                                                       \
    X(effect)                                                                                      \
    X(seen)                                                                                        \
    X(managed)                                                                                     \
    X(policy)                                                                                      \
    X(registry)                                                                                    \
    X(idempotency)                                                                                 \
    X(graph)                                                                                       \
    X(limits)                                                                                      \
    X(denials)                                                                                     \
    X(approval)                                                                                    \
    X(approved)                                                                                    \
    X(webhook)                                                                                     \
    X(hostile)                                                                                     \
    X(story)                                                                                       \
    X(race)                                                                                        \
    X(history)                                                                                     \
    X(crash)                                                                                       \
    X(crowd)                                                                                       \
    X(clock)                                                                                       \
    X(soak)                                                                                        \
    X(recover)                                                                                     \
    X(retention)                                                                                   \
    X(settle)                                                                                      \
    X(replicas)                                                                                    \
    X(standby)                                                                                     \
    X(failover)                                                                                    \
    X(serving)

#define X(name) Suite *suite_##name(void);
SUITES(X)
#undef X

/* A test case of its own, so that -k finds it by name; skipped when WRIT_TEST_ONLY is no part of
 * its name. */
void suite_add(Suite *suite, const char *name, const TTest *test, double timeout_s);
#define ADD(suite, test) suite_add((suite), #test, (test), 60)
/* Not in a fast run, unless it is asked for by its name. */
void suite_add_slow(Suite *suite, const char *name, const TTest *test);
#define ADD_SLOW(suite, test) suite_add_slow((suite), #test, (test))
#define ADD_LONG(suite, test, timeout_s) suite_add((suite), #test, (test), (timeout_s))

#endif
