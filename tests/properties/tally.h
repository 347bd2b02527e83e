/*
 * What was enumerated, in numbers: a line for each as it comes, and the sums at the end. check runs
 * each test in a process of its own, so the sums are in memory that all of them share.
 */
#ifndef WRIT_TESTS_PROPERTIES_TALLY_H
#define WRIT_TESTS_PROPERTIES_TALLY_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ck_assert writes to check's pipe each time; millions of cases can only write when it fails. */
#define MUST(condition)                                                                            \
    do {                                                                                           \
        if (!(condition))                                                                          \
            ck_abort_msg("%s", #condition);                                                        \
    } while (0)

/* False when the system has no page left. */
bool tally_start(void);
/* "  4,356 pairs of constraints: ...". `cases` is added to the sum. */
void tally(size_t cases, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tally_print(void);
/* WRIT_TEST_FAST=1: smaller domains, fewer seeds. */
bool is_fast(void);
/* Where random cases begin: WRIT_TEST_SEED, or 1. */
uint64_t first_seed(void);
/* One of the two, by is_fast. */
size_t scaled(size_t whole, size_t fast);

#endif
