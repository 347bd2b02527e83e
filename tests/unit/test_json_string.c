/* Strings of JSON: escapes, surrogate pairs, and the edges of UTF-8. */
#include "fixture.h"
#include "suites.h"
#include "json/json.h"

static void reads_as(const char *json, const char *text)
{
    ck_assert_msg(writ_slice_is(parse(json)->text, text), "%s", json);
}

static void is_refused(const char *json)
{
    const struct writ_json *value = NULL;
    ck_assert_msg(writ_json_parse(&arena, writ_slice_text(json), &value).status == WRIT_MALFORMED,
                  "%s", json);
}

START_TEST(reads_each_escape)
{
    reads_as("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    reads_as("\"\\u0041\\u00e9\\u20AC\\uFFFF\"", "A\xc3\xa9\xe2\x82\xac\xef\xbf\xbf");
    reads_as("\"\\u0001\\u007f\\u0080\\u07ff\\u0800\"", "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80");
    reads_as("\"a\\\\u0041\"", "a\\u0041");
    reads_as("\"\"", "");
}
END_TEST

START_TEST(joins_both_halves_of_a_pair)
{
    reads_as("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80");
    reads_as("\"\\uD800\\uDC00 \\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf");
    reads_as("\"\\ud7ff\\ue000\"", "\xed\x9f\xbf\xee\x80\x80");
}
END_TEST

START_TEST(refuses_half_a_pair_and_broken_escapes)
{
    static const char *const CASES[] = {
        "\"\\ud800\"",
        "\"\\udfff\"",
        "\"\\udc00\\ud800\"",
        "\"\\ud800x\"",
        "\"\\ud800\\n\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800\\ud800\"",
        "\"\\ud800\\udc0\"",
        "\"\\ud800\\udc0g\"",
        "\"\\ud800\\",
        "\"\\u\"",
        "\"\\u004\"",
        "\"\\u004g\"",
        "\"\\u00 1\"",
        "\"\\u+041\"",
        "\"\\U0041\"",
        "\"\\a\"",
        "\"\\'\"",
        "\"\\0\"",
        "\"\\\n\"",
        "\"\\",
        "\"\\\"",
        "\"\\u0000\"",
        "\"\\ud800\\u0000\"",
        "\"\\\xc3\xa9\"",
        "\"\\u00`0\"",
        "\"\\u00@0\"",
        "\"\\u00/0\"",
    };
    for (size_t i = 0; i < COUNT(CASES); i++)
        is_refused(CASES[i]);
}
END_TEST

START_TEST(knows_the_edges_of_utf_8)
{
    static const char *const GOOD[] = {
        "\x7f",         "\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xec\xbf\xbf",
        "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf3\xbf\xbf\xbf", "\xf4\x8f\xbf\xbf",
    };
    static const char *const BAD[] = {
        "\x80",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x7f",
        "\xdf\xc0",
        "\xe0\x9f\xbf",
        "\xe1\x80",
        "\xe1\x80\x7f",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf5\x80",
        "\xf5\x80\x80\x80",
        "\xf1\x80\x80",
        "\xf1\x80\x80\xc0",
        "\xff",
    };
    for (size_t i = 0; i < COUNT(GOOD); i++)
        reads_as(writ_arena_printf(&arena, "\"%s\"", GOOD[i]), GOOD[i]);
    for (size_t i = 0; i < COUNT(BAD); i++)
        is_refused(writ_arena_printf(&arena, "\"%s\"", BAD[i]));
}
END_TEST

START_TEST(ends_at_the_first_quote_that_is_no_escape)
{
    const struct writ_json *list = parse("[\"a\\\"b\",\"c\\\\\",\"d\"]");
    ck_assert_uint_eq(list->count, 3);
    ck_assert(writ_slice_is(list->items[0].text, "a\"b"));
    ck_assert(writ_slice_is(list->items[1].text, "c\\"));
    is_refused("\"\x1f\"");
    is_refused("\"");
    is_refused("\"\\\\\\\"");
}
END_TEST

Suite *suite_json_string(void)
{
    TCase *tests = tcase_create("strings");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, reads_each_escape);
    tcase_add_test(tests, joins_both_halves_of_a_pair);
    tcase_add_test(tests, refuses_half_a_pair_and_broken_escapes);
    tcase_add_test(tests, knows_the_edges_of_utf_8);
    tcase_add_test(tests, ends_at_the_first_quote_that_is_no_escape);
    return suite_of("json_string", tests);
}
