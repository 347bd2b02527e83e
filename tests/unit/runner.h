/* What the two unit programs share: one case a suite, and a main that runs the suites named. */
#ifndef WRIT_TESTS_UNIT_RUNNER_H
#define WRIT_TESTS_UNIT_RUNNER_H

#include <check.h>

struct suite_entry {
    const char *name;
    Suite *(*make)(void);
};

/* For an X-macro list of suites. */
#define SUITE_ENTRY(name) {#name, suite_##name},

Suite *suite_of(const char *name, TCase *tests);
/* All suites, or those that the arguments name. Returns what main returns. */
int run_suites(const struct suite_entry *suites, size_t suite_count, int argc, char **argv);

#endif
