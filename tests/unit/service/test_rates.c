/* How often a client may call. */
#include "rates.h"
#include "suites.h"

#include <stdio.h>

enum { SECOND_US = 1000000 };

static struct rates *rates;
static const struct writ_slice ALICE = WRIT_SLICE_LITERAL("alice"), BOB = WRIT_SLICE_LITERAL("bob");

static void stop(void)
{
    rates = rates_free(rates);
}

/* So many requests of one moment that pass. */
static int pass_at(struct writ_slice client, int64_t now_us)
{
    int passed = 0;
    while (passed < 1000 && rates_take(rates, client, now_us))
        passed++;
    return passed;
}

START_TEST(a_client_may_use_a_second_at_once_and_then_its_rate)
{
    rates = rates_new(100);
    ck_assert_int_eq(pass_at(ALICE, 5 * SECOND_US), 101);
    ck_assert_int_eq(pass_at(ALICE, 5 * SECOND_US + SECOND_US / 2), 50);
    ck_assert_int_eq(pass_at(ALICE, 9 * SECOND_US), 101);
}
END_TEST

START_TEST(one_client_takes_nothing_from_another)
{
    rates = rates_new(100);
    pass_at(ALICE, 5 * SECOND_US);
    ck_assert_int_eq(pass_at(BOB, 5 * SECOND_US), 101);
}
END_TEST

START_TEST(a_refused_request_counts_ten)
{
    rates = rates_new(100);
    int refused = 0;
    for (; refused < 1000 && rates_take(rates, ALICE, SECOND_US); refused++)
        rates_charge_refusal(rates, ALICE, SECOND_US);
    ck_assert_int_eq(refused, 11);
}
END_TEST

START_TEST(without_a_rate_there_is_no_limit)
{
    rates = rates_new(0);
    ck_assert_int_eq(pass_at(ALICE, SECOND_US), 1000);
    rates_charge_refusal(rates, ALICE, SECOND_US);
    ck_assert_int_eq(pass_at(ALICE, SECOND_US), 1000);
}
END_TEST

START_TEST(a_table_that_is_full_of_clients_still_limits_one)
{
    char name[16];
    rates = rates_new(100);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "client %d", i);
        rates_take(rates, writ_slice_text(name), 5 * SECOND_US);
    }
    ck_assert_int_eq(pass_at(ALICE, 5 * SECOND_US), 101);
}
END_TEST

Suite *suite_rates(void)
{
    TCase *tests = tcase_create("rates");
    tcase_add_checked_fixture(tests, NULL, stop);
    tcase_add_test(tests, a_client_may_use_a_second_at_once_and_then_its_rate);
    tcase_add_test(tests, one_client_takes_nothing_from_another);
    tcase_add_test(tests, a_refused_request_counts_ten);
    tcase_add_test(tests, without_a_rate_there_is_no_limit);
    tcase_add_test(tests, a_table_that_is_full_of_clients_still_limits_one);
    return suite_of("rates", tests);
}
