/* Whether one that did not answer is asked again. */
#include "breaker.h"
#include "suites.h"

enum { SECOND_US = 1000000, FAILURES = 5 };

static struct breaker breaker;
static int64_t now_us = 77 * (int64_t)SECOND_US;

static void start(void)
{
    breaker_init(&breaker);
}

static void stop(void)
{
    breaker_done(&breaker);
}

/* The turn of the last one. */
static enum breaker_turn fails(int times)
{
    enum breaker_turn turn = BREAKER_AS_BEFORE;
    for (int i = 0; i < times; i++)
        turn = breaker_report(&breaker, false, now_us);
    return turn;
}

START_TEST(failures_in_a_row_open_it)
{
    ck_assert_int_eq(fails(FAILURES - 1), BREAKER_AS_BEFORE);
    ck_assert(breaker_may_pass(&breaker, now_us));
    ck_assert_int_eq(breaker_report(&breaker, true, now_us), BREAKER_AS_BEFORE);
    ck_assert_int_eq(fails(FAILURES - 1), BREAKER_AS_BEFORE);
    ck_assert(!breaker_is_open(&breaker));
    ck_assert_int_eq(fails(1), BREAKER_OPENED);
    ck_assert(breaker_is_open(&breaker));
    ck_assert(!breaker_may_pass(&breaker, now_us));
    ck_assert(!breaker_may_pass(&breaker, now_us + SECOND_US - 1));
}
END_TEST

START_TEST(after_a_while_one_finds_out_and_no_more)
{
    fails(FAILURES);
    now_us += SECOND_US;
    ck_assert(breaker_may_pass(&breaker, now_us));
    ck_assert(!breaker_may_pass(&breaker, now_us));
    ck_assert_int_eq(fails(1), BREAKER_AS_BEFORE); /* said once */
    ck_assert(!breaker_may_pass(&breaker, now_us + SECOND_US - 1));
    now_us += SECOND_US;
    ck_assert(breaker_may_pass(&breaker, now_us));
    ck_assert_int_eq(breaker_report(&breaker, true, now_us), BREAKER_CLOSED);
    ck_assert(breaker_may_pass(&breaker, now_us));
    ck_assert(breaker_may_pass(&breaker, now_us));
    ck_assert_int_eq(fails(FAILURES - 1), BREAKER_AS_BEFORE);
}
END_TEST

START_TEST(one_that_never_reports_does_not_stop_it_for_ever)
{
    fails(FAILURES);
    now_us += SECOND_US;
    ck_assert(breaker_may_pass(&breaker, now_us));
    ck_assert(!breaker_may_pass(&breaker, now_us + SECOND_US - 1));
    ck_assert(breaker_may_pass(&breaker, now_us + SECOND_US));
}
END_TEST

Suite *suite_breaker(void)
{
    TCase *tests = tcase_create("breaker");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, failures_in_a_row_open_it);
    tcase_add_test(tests, after_a_while_one_finds_out_and_no_more);
    tcase_add_test(tests, one_that_never_reports_does_not_stop_it_for_ever);
    return suite_of("breaker", tests);
}
