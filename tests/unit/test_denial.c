/* Filling a denial: what is escaped, what is replaced, and where it is cut. */
#include <string.h>

#include "fixture.h"
#include "suites.h"

static const struct {
    const char *text;
    const char *shown;
} TEXTS[] = {
    {"a\nb", "a\\u000ab"},
    {"\x1b[31m", "\\u001b[31m"},
    {"\x1f ~\x7f", "\\u001f ~\\u007f"},
    {"\xc2\x80\xc2\x9f\xc2\xa0", "\\u0080\\u009f\xc2\xa0"},
    /* The Arabic letter mark, and its neighbours. */
    {"\xd8\x9b\xd8\x9c\xd8\x9d", "\xd8\x9b\\u061c\xd8\x9d"},
    /* U+200B to U+200F, U+2028 to U+202E, U+2066 to U+2069, U+FEFF: first, last and beyond. */
    {"\xe2\x80\x8a\xe2\x80\x8b\xe2\x80\x8f\xe2\x80\x90", "\xe2\x80\x8a\\u200b\\u200f\xe2\x80\x90"},
    {"\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xae\xe2\x80\xaf", "\xe2\x80\xa7\\u2028\\u202e\xe2\x80\xaf"},
    {"\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa", "\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa"},
    {"\xef\xbb\xbe\xef\xbb\xbf\xef\xbc\x80", "\xef\xbb\xbe\\ufeff\xef\xbc\x80"},
    /* The first and the last of each length of UTF-8. */
    {"\xdf\xbf", "\xdf\xbf"},
    {"\xe0\xa0\x80", "\xe0\xa0\x80"},
    {"\xef\xbf\xbf", "\xef\xbf\xbf"},
    {"\xf0\x90\x80\x80", "\xf0\x90\x80\x80"},
    {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
    /* What is no UTF-8, byte by byte. */
    {"\x80z", "?z"},
    {"\xc1\xbf", "??"},
    {"\xc2", "?"},
    {"\xc2z", "?z"},
    {"\xe2\x80", "??"},
    {"\xe2\x80z", "??z"},
    {"\xf5\x80\x80\x80", "????"},
    {"\xff", "?"},
};

START_TEST(escapes_what_turns_or_hides_text_and_replaces_what_is_none)
{
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        writ_denial_set(&denial, WRIT_MALFORMED, "3m", TEXTS[i].text, "%s", TEXTS[i].text);
        ck_assert_str_eq(denial.field, TEXTS[i].shown);
        ck_assert_str_eq(denial.detail, TEXTS[i].shown);
    }
}
END_TEST

START_TEST(keeps_the_hop_and_sets_the_rest)
{
    denial.hop = 5;
    writ_denial_set(&denial, WRIT_EXPIRED, "3e", "exp", "%d against %d", 1, 2);
    ck_assert_int_eq(denial.hop, 5);
    ck_assert_int_eq(denial.outcome, WRIT_EXPIRED);
    ck_assert_str_eq(denial.step, "3e");
    ck_assert_str_eq(denial.field, "exp");
    ck_assert_str_eq(denial.detail, "1 against 2");
    writ_denial_set(NULL, WRIT_MALFORMED, "", "", "nobody asked");
}
END_TEST

/* A field that holds `size` times the text `unit`, and then `last`. */
static const char *field_of(const char *unit, size_t size, const char *last)
{
    char text[4 * sizeof denial.field] = "";
    for (size_t i = 0; i < size; i++)
        strcat(text, unit);
    strcat(text, last);
    writ_denial_set(&denial, WRIT_MALFORMED, "", text, "the field is long");
    ck_assert_str_eq(denial.detail, "the field is long");
    return denial.field;
}

START_TEST(cuts_behind_the_last_whole_character_that_leaves_room_for_dots)
{
    enum { ROOM = sizeof denial.field };
    ck_assert_uint_eq(strlen(field_of("a", ROOM - 1, "")), ROOM - 1);
    ck_assert_str_eq(field_of("a", ROOM - 2, "") + ROOM - 4, "aa");
    ck_assert_str_eq(field_of("a", ROOM, "") + ROOM - 5, "a...");
    /* One character of two bytes, and one escaped, do not fit where one of one byte would. */
    ck_assert_str_eq(field_of("\xc3\xa9", ROOM / 2, "") + ROOM - 6, "\xc3\xa9...");
    ck_assert_str_eq(field_of("a", ROOM - 6, "\x01") + ROOM - 7, "a...");
    ck_assert_str_eq(field_of("a", ROOM - 7, "\x01") + ROOM - 8, "a\\u0001");
}
END_TEST

START_TEST(writes_nothing_behind_a_denial_of_whatever_length)
{
    enum { ROOM = sizeof denial.detail, END = offsetof(struct writ_denial, detail) + ROOM };
    union {
        struct writ_denial denial;
        char bytes[sizeof(struct writ_denial) + 8];
    } guarded;
    char text[4 * ROOM] = "";
    for (size_t size = 1; size < sizeof text; size++) {
        text[size - 1] = 'a';
        memset(&guarded, 'g', sizeof guarded);
        writ_denial_set(&guarded.denial, WRIT_MALFORMED, "", "", "%s", text);
        for (size_t i = END; i < sizeof guarded; i++)
            ck_assert_int_eq(guarded.bytes[i], 'g');
        ck_assert_uint_eq(strlen(guarded.denial.detail), size < ROOM ? size : ROOM - 1);
        ck_assert(size < ROOM || strcmp(guarded.denial.detail + ROOM - 5, "a...") == 0);
    }
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
    TCase *tests = tcase_create("denial");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, escapes_what_turns_or_hides_text_and_replaces_what_is_none);
    tcase_add_test(tests, keeps_the_hop_and_sets_the_rest);
    tcase_add_test(tests, cuts_behind_the_last_whole_character_that_leaves_room_for_dots);
    tcase_add_test(tests, writes_nothing_behind_a_denial_of_whatever_length);
    tcase_add_test(tests, does_not_cut_a_counter_example_through_a_character);
    return suite_of("denial", tests);
}
