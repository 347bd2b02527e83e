/* The memory of enrolled keys: by thumbprint and agent, and no more of them than fit. */
#include "ledger/enrolled.h"
#include "suites.h"

#include <stdio.h>

static struct enrolled *enrolled;

static void start(void)
{
    enrolled = enrolled_new();
}

static void stop(void)
{
    enrolled = enrolled_free(enrolled);
}

/* A thumbprint's length, and one a number. */
static struct writ_slice thumbprint(int number)
{
    static char text[64];
    snprintf(text, sizeof text, "%043d", number);
    return writ_slice_text(text);
}

static void add(int number, const char *agent, bool managed)
{
    struct enrolled_key key = {.managed = managed};
    key.key.bytes[0] = (uint8_t)number;
    enrolled_add(enrolled, thumbprint(number), writ_slice_text(agent), &key);
}

static bool finds(int number, const char *agent, bool managed)
{
    struct enrolled_key found;
    return enrolled_find(enrolled, thumbprint(number), writ_slice_text(agent), &found) &&
           found.key.bytes[0] == (uint8_t)number && found.managed == managed;
}

START_TEST(a_key_is_found_for_the_agent_that_enrolled_it_and_for_no_other)
{
    struct enrolled_key untouched;
    add(1, "planner", true);
    add(2, "executor", false);
    ck_assert(finds(1, "planner", true));
    ck_assert(finds(2, "executor", false));
    ck_assert(!enrolled_find(enrolled, thumbprint(1), writ_slice_text("executor"), &untouched));
    ck_assert(!enrolled_find(enrolled, thumbprint(1), writ_slice_text("planne"), &untouched));
    ck_assert(!enrolled_find(enrolled, thumbprint(3), writ_slice_text("planner"), &untouched));
}
END_TEST

START_TEST(the_newest_word_about_a_key_holds)
{
    add(1, "planner", true);
    add(1, "planner", false);
    ck_assert(finds(1, "planner", false));
}
END_TEST

START_TEST(what_is_no_thumbprint_or_no_agent_is_never_found)
{
    static const char *const AGENTS[] = {
        "",
        "an agent whose name is longer than any that is registered: 0123456789 0123456789 "
        "0123456789 "
        "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 "
        "0123456789 0123456789",
    };
    struct enrolled_key found = {0};
    const struct writ_slice whole = thumbprint(1);
    for (size_t i = 0; i < sizeof AGENTS / sizeof AGENTS[0]; i++) {
        enrolled_add(enrolled, whole, writ_slice_text(AGENTS[i]), &found);
        ck_assert(!enrolled_find(enrolled, whole, writ_slice_text(AGENTS[i]), &found));
    }
    const struct writ_slice cut = {.data = whole.data, .size = whole.size - 1};
    enrolled_add(enrolled, cut, writ_slice_text("planner"), &found);
    ck_assert(!enrolled_find(enrolled, cut, writ_slice_text("planner"), &found));
}
END_TEST

START_TEST(a_flood_of_keys_pushes_out_what_was_asked_for_longest_ago)
{
    int left = 0;
    for (int i = 0; i < 100000; i++)
        add(i, "planner", false);
    for (int i = 0; i < 100000; i++)
        left += finds(i, "planner", false);
    ck_assert_int_gt(left, 1000);
    ck_assert_int_le(left, 4096);
    ck_assert(finds(99999, "planner", false));
}
END_TEST

Suite *suite_enrolled(void)
{
    TCase *tests = tcase_create("enrolled");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_key_is_found_for_the_agent_that_enrolled_it_and_for_no_other);
    tcase_add_test(tests, the_newest_word_about_a_key_holds);
    tcase_add_test(tests, what_is_no_thumbprint_or_no_agent_is_never_found);
    tcase_add_test(tests, a_flood_of_keys_pushes_out_what_was_asked_for_longest_ago);
    return suite_of("enrolled", tests);
}
