/* Exact decimals, as budgets write them. */
#include "suites.h"
#include "token/terms.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

START_TEST(knows_a_decimal)
{
    static const char *const GOOD[] = {"0",   "1",           "10",
                                       "0.0", "0.000000001", "99999999999999999999.999999999"};
    static const char *const BAD[] = {
        "",    ".",     "1.",  ".5",  "00",           "01",
        "-1",  "+1",    "1e3", "1,0", "1.0000000000", "100000000000000000000",
        "1:",  "1/",    ":1",  "/",   "1 ",           " 1",
        "0x1", "1.2.3", "NaN"};
    for (size_t i = 0; i < COUNT(GOOD); i++)
        ck_assert_msg(writ_decimal_is_valid(writ_slice_text(GOOD[i])), "%s", GOOD[i]);
    for (size_t i = 0; i < COUNT(BAD); i++)
        ck_assert_msg(!writ_decimal_is_valid(writ_slice_text(BAD[i])), "%s", BAD[i]);
}
END_TEST

START_TEST(orders_decimals_exactly)
{
    /* Each is less than the next. */
    static const char *const RISING[] = {"0",
                                         "0.000000001",
                                         "0.09",
                                         "0.1",
                                         "0.11",
                                         "0.9",
                                         "1",
                                         "1.000000001",
                                         "2",
                                         "9.99",
                                         "10",
                                         "9007199254740992",
                                         "9007199254740993",
                                         "99999999999999999999.999999998",
                                         "99999999999999999999.999999999"};
    for (size_t i = 0; i < COUNT(RISING); i++)
        for (size_t k = 0; k < COUNT(RISING); k++)
            ck_assert_msg(writ_decimal_at_most(writ_slice_text(RISING[i]),
                                               writ_slice_text(RISING[k])) == (i <= k),
                          "%s <= %s", RISING[i], RISING[k]);
    ck_assert(writ_decimal_at_most(writ_slice_text("1.50"), writ_slice_text("1.5")));
    ck_assert(writ_decimal_at_most(writ_slice_text("1.5"), writ_slice_text("1.500")));
    ck_assert(writ_decimal_at_most(writ_slice_text("1.0"), writ_slice_text("1")));
}
END_TEST

START_TEST(reads_no_digit_behind_the_decimal)
{
    const char *digits = "1299";
    const struct writ_slice twelve = writ_slice_of(digits, 2);
    ck_assert(writ_decimal_is_valid(twelve));
    ck_assert(writ_decimal_at_most(twelve, writ_slice_text("12")));
    ck_assert(writ_decimal_at_most(twelve, writ_slice_text("12.5")));
    ck_assert(!writ_decimal_is_valid(writ_slice_of("1.5", 2)));
}
END_TEST

Suite *suite_decimal(void)
{
    TCase *tests = tcase_create("decimal");
    tcase_add_test(tests, knows_a_decimal);
    tcase_add_test(tests, orders_decimals_exactly);
    tcase_add_test(tests, reads_no_digit_behind_the_decimal);
    return suite_of("decimal", tests);
}
