/* What a person sees of an agent's text. */
#include "suites.h"

#include "endpoint/approvals.h"

#include <stdio.h>
#include <string.h>

static struct writ_arena arena;

static void start(void)
{
    writ_arena_init(&arena, 1024 * 1024);
}

static void stop(void)
{
    writ_arena_done(&arena);
}

static const char *shown(struct writ_slice text)
{
    return writ_arena_text(&arena, approvals_display(&arena, text));
}

/* One code point as UTF-8. */
static struct writ_slice encoded(uint32_t point)
{
    uint8_t *bytes = writ_arena_alloc(&arena, 4);
    const size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t LEAD[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i-- > 1; point >>= 6)
        bytes[i] = (uint8_t)(0x80 | (point & 0x3f));
    bytes[0] = (uint8_t)(LEAD[size] | point);
    return writ_slice_of(bytes, size);
}

START_TEST(shows_letters_of_every_length_as_they_are)
{
    static const char *const TEXTS[] = {
        "",
        "pay 100 EUR to a.b@c.org ~ {}[]\"'",
        "Gr\u00f6\u00dfe",
        "\u05e9\u05dc\u05d5\u05dd",
        "\u4f60\u597d",
        "\U0001f600 \U00020000",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        ck_assert_str_eq(shown(writ_slice_text(TEXTS[i])), TEXTS[i]);
}
END_TEST

START_TEST(writes_out_what_hides_or_turns_text)
{
    static const struct {
        const char *what;
        uint32_t first, last;
    } CLASSES[] = {
        {"control characters", 0x00, 0x1f},
        {"delete and C1 controls", 0x7f, 0x9f},
        {"soft hyphen", 0xad, 0xad},
        {"grapheme joiner", 0x34f, 0x34f},
        {"Arabic letter mark", 0x61c, 0x61c},
        {"Hangul fillers", 0x115f, 0x1160},
        {"Khmer inherent vowels", 0x17b4, 0x17b5},
        {"Mongolian selectors", 0x180b, 0x180f},
        {"zero width and direction marks", 0x200b, 0x200f},
        {"line separators, embeddings and overrides", 0x2028, 0x202e},
        {"word joiner, isolates, invisible operators", 0x2060, 0x206f},
        {"blank Braille", 0x2800, 0x2800},
        {"Hangul filler", 0x3164, 0x3164},
        {"private use", 0xe000, 0xf8ff},
        {"variation selectors", 0xfe00, 0xfe0f},
        {"byte order mark", 0xfeff, 0xfeff},
        {"halfwidth filler", 0xffa0, 0xffa0},
        {"annotations and the replacement character", 0xfff0, 0xfffd},
        {"shorthand controls", 0x1bca0, 0x1bca3},
        {"musical controls", 0x1d173, 0x1d17a},
        {"tags, selectors and private planes", 0xe0000, 0x10ffff},
        {"backslash", '\\', '\\'},
    };
    for (size_t i = 0; i < sizeof CLASSES / sizeof CLASSES[0]; i++) {
        const uint32_t points[] = {CLASSES[i].first, CLASSES[i].last};
        for (size_t j = 0; j < 2; j++) {
            char expected[16];
            snprintf(expected, sizeof expected, "\\u{%x}", points[j]);
            ck_assert_msg(strcmp(shown(encoded(points[j])), expected) == 0, "%s: %s",
                          CLASSES[i].what, shown(encoded(points[j])));
        }
    }
}
END_TEST

/* So that nobody can write what looks like one of ours. */
START_TEST(no_two_texts_look_the_same)
{
    ck_assert_str_eq(shown(writ_slice_text("a\u202eb")), "a\\u{202e}b");
    ck_assert_str_eq(shown(writ_slice_text("a\\u{202e}b")), "a\\u{5c}u{202e}b");
    ck_assert_str_eq(shown(encoded(0x10ffff)), "\\u{10ffff}");
}
END_TEST

START_TEST(says_when_there_is_no_memory_for_it)
{
    struct writ_arena small;
    static const char TEXT[10000] = {'a'};
    writ_arena_init(&small, 8192);
    const struct writ_slice none = approvals_display(&small, writ_slice_of(TEXT, sizeof TEXT));
    ck_assert_ptr_null(none.data);
    writ_arena_done(&small);
}
END_TEST

Suite *suite_display(void)
{
    TCase *tests = tcase_create("display");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, shows_letters_of_every_length_as_they_are);
    tcase_add_test(tests, writes_out_what_hides_or_turns_text);
    tcase_add_test(tests, no_two_texts_look_the_same);
    tcase_add_test(tests, says_when_there_is_no_memory_for_it);
    return suite_of("display", tests);
}
