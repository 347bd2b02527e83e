/* The reader of plain JSON says what the general one says, or nothing. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "generate.h"
#include "suites.h"
#include "json/plain.h"

/* The same text where it is no longer plain: behind a neighbour that needs the general reader. */
static const struct writ_json *parse_generally(struct writ_slice text)
{
    const struct writ_json *list = parse(
        writ_arena_printf(&arena, "[\"\\u00e9\",%.*s]", WRIT_SLICE_ARGS(text)));
    ck_assert_uint_eq(list->count, 2);
    return &list->items[1];
}

static void agrees(struct writ_slice text)
{
    const struct writ_json *plain = writ_json_read_plain(&arena, text);
    ck_assert_msg(plain != NULL, "%.*s", WRIT_SLICE_ARGS(text));
    const struct writ_slice ours = writ_json_verbatim(&arena, plain);
    const struct writ_slice theirs = writ_json_verbatim(&arena, parse_generally(text));
    ck_assert_msg(writ_slice_equal(ours, theirs), "%s, not %s", (const char *)ours.data,
                  (const char *)theirs.data);
}

START_TEST(reads_plain_texts_as_the_general_reader_does)
{
    static const char *const TEXTS[] = {
        "null",
        "true",
        "false",
        "\"\"",
        "\"a b~\x7f\"",
        "0",
        "-0",
        "12",
        "-1.5e+300",
        "9007199254740993",
        "1e999",
        "[]",
        "{}",
        " [ 1 , \"a\" ,\t[ ] ,\r\n{ } ] ",
        "{\"b\":1,\"a\":[true,null,{\"c\":\"d\"}],\"\":0}",
        "[[[[[[[[1]]]]]]]]",
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        agrees(writ_slice_text(TEXTS[i]));
}
END_TEST

START_TEST(leaves_to_the_general_reader_whatever_is_not_plain)
{
    static const char *const TEXTS[] = {
        "\"\\u0041\"",
        "\"\\\"\"",
        "\"\xc3\xa9\"",
        "\"\xff\"",
        "\"\x1f\"",
        "\"\n\"",
        "\"a",
        "{\"a\":1,\"a\":2}",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\":1,}",
        "{\"a\"}",
        "{\"a\" 1}",
        "{a:1}",
        "[",
        "{",
        "]",
        "01",
        "1.",
        "truex",
        "tru",
        "nul",
        "falsey",
        "[1]x",
        "",
        " ",
        "\xef\xbb\xbf{}",
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++)
        ck_assert_msg(!writ_json_read_plain(&arena, writ_slice_text(TEXTS[i])), "%s", TEXTS[i]);
    ck_assert_ptr_null(writ_json_read_plain(&arena, writ_slice_of("1\0", 2)));
    ck_assert_ptr_null(writ_json_read_plain(&arena, writ_slice_of("\"a\0b\"", 5)));
}
END_TEST

/* `count` times `head`, then `middle`, then `count` times `tail`. */
static struct writ_slice nested(size_t count, const char *head, const char *middle,
                                const char *tail)
{
    const size_t size = count * (strlen(head) + strlen(tail)) + strlen(middle);
    char *text = writ_arena_alloc(&arena, size + 1);
    for (size_t i = 0; i < count; i++)
        strcat(text, head);
    strcat(text, middle);
    for (size_t i = 0; i < count; i++)
        strcat(text, tail);
    return writ_slice_text(text);
}

START_TEST(leaves_to_the_general_reader_what_is_large)
{
    agrees(nested(WRIT_JSON_DEPTH - 1, "[", "", "]"));
    ck_assert_ptr_null(writ_json_read_plain(&arena, nested(WRIT_JSON_DEPTH + 1, "[", "", "]")));
    agrees(nested(1, "[", (const char *)nested(WRIT_PLAIN_VALUES - 1, "1,", "1", "").data, "]"));
    ck_assert_ptr_null(writ_json_read_plain(
        &arena, nested(1, "[", (const char *)nested(WRIT_PLAIN_VALUES, "1,", "1", "").data, "]")));
    agrees(nested(WRIT_PLAIN_BYTES - 1, "", "1", " "));
    ck_assert_ptr_null(writ_json_read_plain(&arena, nested(WRIT_PLAIN_BYTES, "", "1", " ")));
}
END_TEST

START_TEST(ends_each_text_with_a_nul_that_is_not_counted)
{
    const struct writ_json *value = writ_json_read_plain(
        &arena, WRIT_SLICE_LITERAL("{\"name\":\"value\"}"));
    ck_assert_str_eq((const char *)value->names[0].data, "name");
    ck_assert_str_eq((const char *)value->items[0].text.data, "value");
    ck_assert_uint_eq(value->items[0].text.size, 5);
}
END_TEST

START_TEST(agrees_on_random_authorities)
{
    struct generate generate;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        ck_assert(generate_start(&generate, &arena, seed));
        const struct writ_slice text = writ_json_verbatim(&arena, generate_tools(&generate));
        if (writ_json_read_plain(&arena, text))
            agrees(text);
        writ_arena_done(&arena);
    }
}
END_TEST

START_TEST(says_nothing_when_memory_is_out)
{
    const struct writ_slice text = WRIT_SLICE_LITERAL("{\"a\":[1,2],\"b\":{}}");
    struct writ_arena small;
    bool read = false;
    for (size_t limit = 1; !read; limit += 16) {
        writ_arena_init(&small, limit);
        read = writ_json_read_plain(&small, text) != NULL;
        ck_assert(!read || limit > text.size);
        writ_arena_done(&small);
    }
}
END_TEST

Suite *suite_plain(void)
{
    TCase *tests = tcase_create("plain");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, reads_plain_texts_as_the_general_reader_does);
    tcase_add_test(tests, leaves_to_the_general_reader_whatever_is_not_plain);
    tcase_add_test(tests, leaves_to_the_general_reader_what_is_large);
    tcase_add_test(tests, ends_each_text_with_a_nul_that_is_not_counted);
    tcase_add_test(tests, agrees_on_random_authorities);
    tcase_add_test(tests, says_nothing_when_memory_is_out);
    return suite_of("plain", tests);
}
