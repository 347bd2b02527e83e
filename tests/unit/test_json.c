#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "json/json.h"
#include "json/text.h"

static enum writ_status status_of(struct writ_slice text)
{
    const struct writ_json *value = NULL;
    return writ_json_parse(&arena, text, &value).status;
}

START_TEST(keeps_members_and_elements_in_the_order_of_the_text)
{
    const struct writ_json *value = parse(" {\"b\":[1,\"x\",true,null,{}],\"a\":2.50} ");
    ck_assert_uint_eq(value->count, 2);
    ck_assert(writ_slice_is(value->names[0], "b"));
    const struct writ_json *list = writ_json_get(value, "b");
    ck_assert_uint_eq(list->count, 5);
    ck_assert(writ_slice_is(list->items[0].text, "1"));
    ck_assert(writ_slice_is(writ_json_text(&list->items[1]), "x"));
    ck_assert(list->items[2].boolean);
    ck_assert_int_eq(list->items[3].type, WRIT_JSON_NULL);
    ck_assert_int_eq(list->items[4].type, WRIT_JSON_OBJECT);
    ck_assert(writ_slice_is(writ_json_get(value, "a")->text, "2.50"));
    ck_assert_ptr_null(writ_json_get(value, "c"));
    ck_assert_ptr_null(writ_json_get(list, "a"));
    ck_assert_ptr_null(writ_json_get(NULL, "a"));
    ck_assert_ptr_null(writ_json_text(list).data);
}
END_TEST

START_TEST(reads_any_value_at_the_top)
{
    ck_assert(writ_slice_is(parse("-12")->text, "-12"));
    ck_assert(writ_slice_is(parse("\"a\"")->text, "a"));
    ck_assert_int_eq(parse("null")->type, WRIT_JSON_NULL);
}
END_TEST

START_TEST(refuses_what_is_no_json)
{
    static const char *const CASES[] = {
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\"}",
        "01",
        "-01",
        "1.",
        ".5",
        "+1",
        "1e",
        "1e+",
        "-",
        "--1",
        "0x10",
        "1_000",
        "1true",
        "true1",
        "NaN",
        "1 2",
        "{}{}",
        "[1 2]",
        "'a'",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "nul",
        "\"\t\"",
        "[1}",
        "// c\n1",
        "\xef\xbb\xbf{}",
        "\"\\ud800\"",
        "1.e5",
        "1.5.5",
        "[1-2]",
        "{1:2}",
        "Infinity",
        "[,1]",
        "\"\\\"",
        "1e5.5",
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        ck_assert_msg(status_of(writ_slice_text(CASES[i])) == WRIT_MALFORMED, "%s", CASES[i]);
}
END_TEST

START_TEST(refuses_bytes_that_are_no_utf_8)
{
    static const char *const CASES[] = {"\"\xff\"",         "\"\xc0\x80\"",
                                        "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
                                        "\"\xe2\x82\"",     "\"\x80\""};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        ck_assert_msg(status_of(writ_slice_text(CASES[i])) == WRIT_MALFORMED, "case %zu", i);
}
END_TEST

START_TEST(refuses_nul_raw_and_escaped)
{
    ck_assert_int_eq(status_of(writ_slice_of("\"a\0b\"", 5)), WRIT_MALFORMED);
    ck_assert_int_eq(status_of(writ_slice_of("1\0", 2)), WRIT_MALFORMED);
    ck_assert_int_eq(status_of(writ_slice_text("\"a\\u0000b\"")), WRIT_MALFORMED);
    ck_assert_int_eq(status_of(writ_slice_text("{\"a\\u0000\":1}")), WRIT_MALFORMED);
    ck_assert(writ_slice_is(parse("\"\\\\u0000\"")->text, "\\u0000"));
}
END_TEST

START_TEST(refuses_duplicate_members_however_they_are_written)
{
    ck_assert_int_eq(status_of(writ_slice_text("{\"a\":1,\"a\":1}")), WRIT_DUPLICATE_MEMBER);
    ck_assert_int_eq(status_of(writ_slice_text("{\"a\":1,\"\\u0061\":2}")), WRIT_DUPLICATE_MEMBER);
    ck_assert_int_eq(status_of(writ_slice_text("[{\"x\":{\"é\":1,\"\\u00e9\":2}}]")),
                     WRIT_DUPLICATE_MEMBER);
    ck_assert_uint_eq(parse("{\"a\":1,\"A\":1}")->count, 2);
    /* More than a few are held against each other another way. */
    const char *many = "\"j\":0,\"b\":0,\"c\":0,\"d\":0,\"e\":0,\"f\":0,\"g\":0,\"h\":0,\"i\":0";
    parse(writ_arena_printf(&arena, "{%s}", many));
    ck_assert_int_eq(status_of(writ_slice_text(writ_arena_printf(&arena, "{%s,\"c\":1}", many))),
                     WRIT_DUPLICATE_MEMBER);
}
END_TEST

static enum writ_status nested(size_t depth, char open, char close)
{
    char *text = malloc(depth * 2);
    memset(text, open, depth);
    memset(text + depth, close, depth);
    const enum writ_status status = status_of(writ_slice_of(text, depth * 2));
    free(text);
    return status;
}

START_TEST(refuses_nesting_over_the_limit)
{
    ck_assert_int_eq(nested(WRIT_JSON_DEPTH, '[', ']'), WRIT_OK);
    ck_assert_int_eq(nested(WRIT_JSON_DEPTH + 1, '[', ']'), WRIT_MALFORMED);
    ck_assert_int_eq(nested(100000, '[', ']'), WRIT_MALFORMED);
    ck_assert_int_eq(nested(3, ']', '['), WRIT_MALFORMED);
}
END_TEST

START_TEST(brackets_in_texts_do_not_nest)
{
    parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"]\", 7]");
}
END_TEST

START_TEST(out_of_memory_is_a_status)
{
    struct writ_arena small;
    const struct writ_json *value = NULL;
    writ_arena_init(&small, 256);
    const char *text = "{\"a\":[1,2,3,4,5,6,7,8,9]}";
    ck_assert_int_eq(writ_json_parse(&small, writ_slice_text(text), &value).status,
                     WRIT_OUT_OF_MEMORY);
    ck_assert_ptr_null(value);
    ck_assert_ptr_null(writ_json_canonical(&small, parse(text)).data);
    writ_arena_done(&small);
}
END_TEST

START_TEST(reads_integers_that_fit)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t integer;
    } CASES[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"1704067500", true, 1704067500},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"1.0", false, 0},
        {"1e2", false, 0},
        {"\"1\"", false, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int64_t integer = 0;
        ck_assert_msg(writ_json_integer(parse(CASES[i].text), &integer) == CASES[i].fits, "%s",
                      CASES[i].text);
        ck_assert_int_eq(integer, CASES[i].integer);
    }
}
END_TEST

static const struct writ_json *many_members(int count, bool backwards)
{
    struct writ_json *object = writ_json_new_object(&arena);
    for (int i = 0; i < count; i++) {
        char name[16];
        const int number = backwards ? count - 1 - i : i;
        snprintf(name, sizeof name, "n%d", number);
        ck_assert_ptr_nonnull(writ_json_put_integer(&arena, object, name, number));
    }
    return object;
}

START_TEST(refuses_an_object_with_too_many_members)
{
    const struct writ_json *most = many_members(WRIT_JSON_MEMBERS, false);
    const struct writ_json *more = many_members(WRIT_JSON_MEMBERS + 1, false);
    ck_assert_int_eq(status_of(writ_json_canonical(&arena, most)), WRIT_OK);
    ck_assert_int_eq(status_of(writ_json_canonical(&arena, more)), WRIT_MALFORMED);
}
END_TEST

START_TEST(large_objects_are_equal_in_any_order)
{
    const struct writ_json *a = many_members(300, false);
    struct writ_json *b = writ_json_new_object(&arena);
    *b = *many_members(300, true);
    ck_assert(writ_json_equal(a, b));
    writ_json_put_integer(&arena, b, "n7", 8);
    ck_assert(!writ_json_equal(a, b));
}
END_TEST

START_TEST(builds_what_the_parser_reads)
{
    struct writ_json *object = writ_json_new_object(&arena);
    writ_json_put_string(&arena, object, "z", "text");
    writ_json_put_integer(&arena, object, "n", -42);
    writ_json_put_boolean(&arena, object, "t", true);
    writ_json_put_null(&arena, object, "o");
    struct writ_json *list = writ_json_new_array(&arena);
    writ_json_add_text(&arena, list, WRIT_SLICE_LITERAL("a"));
    writ_json_put_integer(&arena, writ_json_add_object(&arena, list), "k", INT64_MAX);
    writ_json_put(&arena, object, "list", list);
    writ_json_put_object(&arena, object, "gone");
    ck_assert(writ_json_remove(object, "gone"));
    ck_assert(!writ_json_remove(object, "gone"));
    ck_assert_str_eq((const char *)writ_json_canonical(&arena, object).data,
                     "{\"list\":[\"a\",{\"k\":9223372036854776000}],\"n\":-42,\"o\":null,"
                     "\"t\":true,\"z\":\"text\"}");
    ck_assert(!writ_json_all_admissible(object));
}
END_TEST

START_TEST(putting_a_name_again_replaces_its_value)
{
    struct writ_json *object = writ_json_new_object(&arena);
    writ_json_put_integer(&arena, object, "a", 1);
    writ_json_put_integer(&arena, object, "b", 2);
    writ_json_put_string(&arena, object, "a", "new");
    ck_assert_str_eq((const char *)writ_json_canonical(&arena, object).data,
                     "{\"a\":\"new\",\"b\":2}");
}
END_TEST

START_TEST(a_parent_that_missed_an_addition_stays_broken)
{
    struct writ_json *object = writ_json_new_object(&arena);
    ck_assert_ptr_null(writ_json_put_string(&arena, object, "a", NULL));
    ck_assert_ptr_null(writ_json_put_integer(&arena, object, "b", 2));
    ck_assert_ptr_null(writ_json_canonical(&arena, object).data);
    struct writ_json *outer = writ_json_new_object(&arena);
    ck_assert_ptr_nonnull(writ_json_put(&arena, outer, "inner", object));
    ck_assert_ptr_null(writ_json_canonical(&arena, outer).data);
    ck_assert_ptr_null(writ_json_put_integer(&arena, NULL, "b", 2));
    ck_assert_ptr_null(writ_json_canonical(&arena, NULL).data);
}
END_TEST

START_TEST(writes_an_object_without_a_tree_as_with_one)
{
    struct writ_json_text text;
    const struct writ_json *value = parse("{\"b\":[1.0,\"\\u00e9\\n\"],\"a\":null}");
    writ_json_text_begin(&text, &arena);
    ck_assert_str_eq((const char *)writ_json_text_end(&text).data, "{}");
    writ_json_text_begin(&text, &arena);
    writ_json_text_put(&text, "a", value);
    writ_json_text_put_boolean(&text, "b", true);
    writ_json_text_put_boolean(&text, "c", false);
    writ_json_text_put_integer(&text, "d", -9007199254740991);
    writ_json_text_put_string(&text, "e\"", writ_slice_text("\"\\ \x1f\x7f \xc3\xa9"));
    writ_json_text_put_string(&text, "f", WRIT_SLICE_NONE);
    const struct writ_slice written = writ_json_text_end(&text);
    const struct writ_json *read = parse((const char *)written.data);
    ck_assert(writ_slice_equal(written, writ_json_canonical(&arena, read)));
    ck_assert(writ_json_equal(writ_json_get(read, "a"), value));
    ck_assert_uint_eq(read->count, 6);
}
END_TEST

START_TEST(a_text_that_missed_a_member_stays_broken)
{
    struct writ_json_text text;
    writ_json_text_begin(&text, &arena);
    writ_json_text_put(&text, "a", NULL);
    writ_json_text_put_boolean(&text, "b", true);
    ck_assert_ptr_null(writ_json_text_end(&text).data);
    struct writ_arena small;
    writ_arena_init(&small, 1024);
    writ_json_text_begin(&text, &small);
    for (int i = 0; i < 200; i++)
        writ_json_text_put_integer(&text, "number", i);
    ck_assert_ptr_null(writ_json_text_end(&text).data);
    writ_arena_done(&small);
}
END_TEST

/* Readers and writers look at eight bytes at a time. */
START_TEST(writes_any_character_at_any_place_as_it_was_read)
{
    for (unsigned byte = 1; byte < 0x80; byte++)
        for (size_t size = 1; size <= 20; size++)
            for (size_t at = 0; at < size; at++) {
                char bytes[21] = "abcdefghijklmnopqrst";
                bytes[size] = '\0';
                bytes[at] = (char)byte;
                struct writ_json_text text;
                writ_json_text_begin(&text, &arena);
                writ_json_text_put_string(&text, "t", writ_slice_text(bytes));
                const struct writ_json *read = NULL;
                ck_assert(writ_is_ok(writ_json_parse(&arena, writ_json_text_end(&text), &read)));
                ck_assert(writ_slice_is(writ_json_text(writ_json_get(read, "t")), bytes));
                writ_arena_reset(&arena);
            }
}
END_TEST

START_TEST(knows_objects_with_only_the_named_members)
{
    static const char *const NAMES[] = {"a", "b", NULL};
    ck_assert(writ_json_only(parse("{\"b\":1}"), NAMES));
    ck_assert(writ_json_only(parse("{}"), NAMES));
    ck_assert(!writ_json_only(parse("{\"a\":1,\"c\":1}"), NAMES));
    ck_assert(!writ_json_only(parse("[]"), NAMES));
    ck_assert(writ_json_is_texts(parse("[]")));
    ck_assert(writ_json_is_texts(parse("[\"a\"]")));
    ck_assert(!writ_json_is_texts(parse("[\"a\",1]")));
    ck_assert(!writ_json_is_texts(parse("\"a\"")));
}
END_TEST

Suite *suite_json(void)
{
    TCase *tests = tcase_create("json");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, keeps_members_and_elements_in_the_order_of_the_text);
    tcase_add_test(tests, reads_any_value_at_the_top);
    tcase_add_test(tests, refuses_what_is_no_json);
    tcase_add_test(tests, refuses_bytes_that_are_no_utf_8);
    tcase_add_test(tests, refuses_nul_raw_and_escaped);
    tcase_add_test(tests, refuses_duplicate_members_however_they_are_written);
    tcase_add_test(tests, refuses_nesting_over_the_limit);
    tcase_add_test(tests, brackets_in_texts_do_not_nest);
    tcase_add_test(tests, out_of_memory_is_a_status);
    tcase_add_test(tests, reads_integers_that_fit);
    tcase_add_test(tests, refuses_an_object_with_too_many_members);
    tcase_add_test(tests, large_objects_are_equal_in_any_order);
    tcase_add_test(tests, builds_what_the_parser_reads);
    tcase_add_test(tests, putting_a_name_again_replaces_its_value);
    tcase_add_test(tests, a_parent_that_missed_an_addition_stays_broken);
    tcase_add_test(tests, writes_an_object_without_a_tree_as_with_one);
    tcase_add_test(tests, a_text_that_missed_a_member_stays_broken);
    tcase_add_test(tests, writes_any_character_at_any_place_as_it_was_read);
    tcase_add_test(tests, knows_objects_with_only_the_named_members);
    return suite_of("json", tests);
}
