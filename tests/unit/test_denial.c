/* What stands in a denial: other people's text, so that no terminal and no log obeys it. */
#include <string.h>

#include "fixture.h"
#include "suites.h"

static const char *detail_of(const char *text)
{
    writ_denial_set(&denial, WRIT_MALFORMED, "3m", "field", "%s", text);
    return denial.detail;
}

START_TEST(escapes_what_controls_a_terminal_or_turns_text)
{
    static const struct {
        const char *text, *shown;
    } CASES[] = {
        {"\x1f", "\\u001f"},
        {" ~", " ~"},
        {"\x7f", "\\u007f"},
        {"\xc2\x9f", "\\u009f"},
        {"\xc2\xa0", "\xc2\xa0"},
        {"\xd8\x9c", "\\u061c"},
        {"\xe2\x80\x8a", "\xe2\x80\x8a"},
        {"\xe2\x80\x8b\xe2\x80\x8f", "\\u200b\\u200f"},
        {"\xe2\x80\x90\xe2\x80\xa7", "\xe2\x80\x90\xe2\x80\xa7"},
        {"\xe2\x80\xa8\xe2\x80\xae", "\\u2028\\u202e"},
        {"\xe2\x80\xaf\xe2\x81\xa5", "\xe2\x80\xaf\xe2\x81\xa5"},
        {"\xe2\x81\xa6\xe2\x81\xa9", "\\u2066\\u2069"},
        {"\xe2\x81\xaa", "\xe2\x81\xaa"},
        {"\xef\xbb\xbf", "\\ufeff"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++)
        ck_assert_str_eq(detail_of(CASES[i].text), CASES[i].shown);
}
END_TEST

START_TEST(shows_bytes_that_are_no_utf_8_as_question_marks)
{
    ck_assert_str_eq(detail_of("a\x80z"), "a?z");
    ck_assert_str_eq(detail_of("a\xc1\xbfz"), "a??z");
    ck_assert_str_eq(detail_of("a\xe2\x28\xa1z"), "a?(?z");
    ck_assert_str_eq(detail_of("a\xf5\x80\x80\x80z"), "a????z");
    ck_assert_str_eq(detail_of("a\xf0\x9f"), "a??");
}
END_TEST

START_TEST(cuts_at_a_character_and_says_that_it_cut)
{
    char text[1200] = {0};
    /* Through each place of a character of four bytes. */
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t at = shift; at + 4 < sizeof text; at += 4)
            memcpy(text + at, "\xf0\x9f\x98\x80", 5);
        const char *detail = detail_of(text);
        const size_t size = strlen(detail);
        ck_assert_uint_lt(size, sizeof denial.detail);
        ck_assert_uint_gt(size, sizeof denial.detail - 10);
        ck_assert_str_eq(detail + size - 7, "\xf0\x9f\x98\x80...");
        ck_assert_ptr_null(strchr(detail, '?'));
    }
    memset(text, 'x', 383);
    text[383] = '\0';
    ck_assert_str_eq(detail_of(text), text);
    text[383] = 'x';
    text[384] = '\0';
    ck_assert_str_eq(detail_of(text) + 380, "...");
}
END_TEST

START_TEST(does_not_cut_a_counter_example_through_a_character)
{
    const char *half = "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9";
    const struct writ_authority *child = authority_of(
        writ_arena_printf(&arena, "t(x = \"a%s%s%s%s%s%s%s%s%s\")", half, half, half, half, half,
                          half, half, half, half));
    ck_assert(
        !writ_is_ok(writ_authority_compare(&arena, authority_of("t(x = a)"), child, &denial)));
    ck_assert_ptr_nonnull(strstr(denial.detail, "\xc3\xa9...; parent allows x = a"));
    ck_assert_ptr_null(strchr(denial.detail, '?'));
}
END_TEST

Suite *suite_denial(void)
{
    TCase *tests = tcase_create("denials");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, escapes_what_controls_a_terminal_or_turns_text);
    tcase_add_test(tests, shows_bytes_that_are_no_utf_8_as_question_marks);
    tcase_add_test(tests, cuts_at_a_character_and_says_that_it_cut);
    tcase_add_test(tests, does_not_cut_a_counter_example_through_a_character);
    return suite_of("denial", tests);
}
