/* Step 6b: which calls an authority allows. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

/* ---- Step 6b -------------------------------------------------------------------------------- */

static const struct {
    const char *authority;
    const char *tool;
    const char *args;
    enum writ_status status;
    const char *field;
} CALLS[] = {
    {"t", "t", "{}", WRIT_OK, ""},
    {"t", "t", "{\"x\":[1]}", WRIT_OK, ""},
    {"t", "T", "{}", WRIT_SCOPE_NOT_GRANTED, "tools.T"},
    {"", "t", "{}", WRIT_SCOPE_NOT_GRANTED, "tools.t"},
    {"t(a <= 5)", "t", "{\"a\":5}", WRIT_OK, ""},
    {"t(a <= 5)", "t", "{\"a\":6}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a <= 5)", "t", "{}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a <= 5)", "t", "{\"a\":null}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a? <= 5)", "t", "{}", WRIT_OK, ""},
    {"t(a? <= 5)", "t", "{\"a\":6}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a <= 5)", "t", "{\"a\":5,\"b\":1}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.b"},
    {"t(a <= 5, *)", "t", "{\"a\":5,\"b\":1}", WRIT_OK, ""},
    {"t(a any)", "t", "{\"a\":9007199254740993}", WRIT_NON_CANONICAL, "tools.t.a"},
    {"t", "t", "{\"a\":[{\"b\":1e400}]}", WRIT_NON_CANONICAL, "tools.t.a"},
    {"t(a = 1, b = 1, c? = 1)", "t", "{\"a\":1}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.b"},
    {"t(a = 1, b? = 1, c = 1)", "t", "{\"a\":1}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.c"},
    {"t", "t", "{", WRIT_MALFORMED, ""},
    {"t", "t", "{\"a\":1,\"a\":1}", WRIT_DUPLICATE_MEMBER, ""},
    {"t(a any)", "t", "{\"*\":1,\"a\":1}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.*"},
    {"t(a any, *)", "t", "{\"*\":1,\"a\":1}", WRIT_OK, ""},
    {"t", "t", "[]", WRIT_MALFORMED, "tools.t"},
};

START_TEST(allows_calls_as_step_6b_says)
{
    for (size_t i = 0; i < COUNT(CALLS); i++) {
        const struct writ_authority *authority = authority_of(CALLS[i].authority);
        denial = (struct writ_denial){.step = ""};
        const struct writ_result result = writ_authority_check(
            &arena, authority, STRICT, writ_slice_text(CALLS[i].tool),
            writ_slice_text(CALLS[i].args), &denial);
        ck_assert_msg(result.status == CALLS[i].status, "%s: %s", CALLS[i].authority,
                      CALLS[i].args);
        ck_assert_int_eq(denial.outcome, CALLS[i].status);
        ck_assert_str_eq(denial.field, CALLS[i].field);
        ck_assert_str_eq(denial.step, CALLS[i].status == WRIT_OK ? "" : "6b");
    }
}
END_TEST

/* What a refused call is told. */
static const char *told(const struct writ_authority *authority, const struct writ_json *args)
{
    ck_assert_int_eq(
        writ_authority_allows(authority, OURS, writ_slice_text("q"), args, &denial).status,
        WRIT_ARGUMENT_NOT_GRANTED);
    ck_assert_int_eq(denial.outcome, WRIT_ARGUMENT_NOT_GRANTED);
    ck_assert_str_eq(denial.step, "6b");
    return denial.detail;
}

START_TEST(tells_what_the_call_has_and_what_is_granted)
{
    const struct writ_authority *rows = authority_of("q(rows <= 1000)");
    ck_assert_str_eq(told(rows, parse("{\"rows\":5000}")),
                     "call has rows = 5000; granted is rows <= 1000");
    ck_assert_str_eq(told(rows, parse("{\"rows\":\"many\"}")),
                     "call has rows = many; granted is rows <= 1000");
    /* An array or an object can be long, and says little. */
    ck_assert_str_eq(told(rows, parse("{\"rows\":[5000]}")), "granted is rows <= 1000");
    ck_assert_str_eq(told(rows, parse("{\"rows\":{}}")), "granted is rows <= 1000");
}
END_TEST

/* A text of so many letters as the value, the name or the grant of an argument. */
static char *letters(size_t size)
{
    char *text = writ_arena_alloc(&arena, size + 1);
    memset(text, 'v', size);
    return text;
}

START_TEST(leaves_out_what_is_long_and_then_what_does_not_fit_at_all)
{
    enum { SHOWN_MAX = 120, HUGE = (1 << 20) + 1 };
    const struct writ_authority *rows = authority_of("q(rows <= 1000)");
    const char *value = letters(SHOWN_MAX);
    ck_assert_str_eq(
        told(rows, parse(writ_arena_printf(&arena, "{\"rows\":\"%s\"}", value))),
        writ_arena_printf(&arena, "call has rows = %s; granted is rows <= 1000", value));
    value = letters(SHOWN_MAX + 1);
    ck_assert_str_eq(told(rows, parse(writ_arena_printf(&arena, "{\"rows\":\"%s\"}", value))),
                     "granted is rows <= 1000");
    value = letters(HUGE);
    ck_assert_str_eq(told(rows, parse(writ_arena_printf(&arena, "{\"rows\":\"%s\"}", value))),
                     "granted is rows <= 1000");
    ck_assert_str_eq(
        told(authority_of(writ_arena_printf(&arena, "q(rows = %s)", value)), parse("{\"rows\":1}")),
        "the value is outside of what was granted");
    ck_assert_str_eq(told(authority_of(writ_arena_printf(&arena, "q(%s <= 1)", value)),
                          parse(writ_arena_printf(&arena, "{\"%s\":2}", value))),
                     "the value is outside of what was granted");
}
END_TEST

/* An array of `count` numbers, all of them 1 but for the last. */
static struct writ_json *ones(size_t count, int last)
{
    struct writ_json *array = writ_json_new_array(&arena);
    array->items = writ_arena_array(&arena, count, sizeof *array->items);
    array->count = array->capacity = count;
    for (size_t i = 0; i < count; i++)
        array->items[i] = (struct writ_json){
            .type = WRIT_JSON_NUMBER, .admissible = true, .number = i < count - 1 ? 1 : last};
    return array;
}

START_TEST(refuses_a_value_whose_check_takes_too_many_steps)
{
    enum { SIZE = 600 };
    struct writ_json *tools = writ_json_new_object(&arena);
    struct writ_json *map = writ_json_put_object(&arena, tools, "q");
    struct writ_json *node = writ_json_put_object(&arena, map, "a");
    writ_json_put_string(&arena, node, "constraint_type", "one_of");
    struct writ_json *values = writ_json_put_array(&arena, node, "values");
    for (int i = 0; i < SIZE; i++)
        writ_json_add(&arena, values, ones(SIZE, i + 2));
    struct writ_json *args = writ_json_new_object(&arena);
    writ_json_put(&arena, args, "a", ones(SIZE, SIZE + 2));
    ck_assert_str_eq(told(authority_read(tools), args),
                     "checking the argument takes too many steps");
}
END_TEST

START_TEST(refuses_an_unnamed_argument_when_comparing_names_takes_too_many_steps)
{
    enum { NAMED = 1000, UNNAMED = 300 };
    const char *grant = "q(";
    struct writ_json *args = writ_json_new_object(&arena);
    for (int i = 0; i < NAMED; i++)
        grant = writ_arena_printf(&arena, "%sa%d? any, ", grant, i);
    for (int i = 0; i < UNNAMED; i++)
        writ_json_put_integer(&arena, args, writ_arena_printf(&arena, "u%d", i), i);
    ck_assert_ptr_nonnull(strstr(told(authority_of(writ_arena_printf(&arena, "%s*)", grant)), args),
                                 "differs only in case"));
}
END_TEST

START_TEST(reads_no_further_than_the_arguments_and_their_names)
{
    struct writ_slice name = writ_slice_of("Pathology", 4);
    struct writ_json values[] = {*parse("1"), *parse("1e400")};
    const struct writ_json args = {
        .type = WRIT_JSON_OBJECT, .count = 1, .items = values, .names = &name};
    const struct writ_slice tool = WRIT_SLICE_LITERAL("q");
    const struct writ_authority *named = authority_of("q(path? any, *)");
    ck_assert(writ_is_ok(writ_authority_allows(named, STRICT, tool, &args, &denial)));
    ck_assert(!writ_is_ok(writ_authority_allows(named, OURS, tool, &args, &denial)));
    ck_assert_str_eq(denial.field, "tools.q.Path");
}
END_TEST

static const struct {
    const char *named;
    const char *given;
    bool shadows;
} SHADOWS[] = {
    {"path", "Path", true},
    {"path", "PATH", true},
    {"path", "paths", false},
    {"path", "pat", false},
    {"task", "tas\xe2\x84\xaa", true},   /* Kelvin sign */
    {"subject", "\xc5\xbfubject", true}, /* long s */
    {"id",
     "\xc4\xb0"
     "d",
     true},
    {"id",
     "\xc4\xb1"
     "d",
     true},
    {"n\xc3\xa4me", "N\xc3\x84ME", true},
    {"n\xc3\xa4me", "name", false},
    {"a_b", "a-b", false},
    {"ss", "\xc3\x9f", true}, /* sharp s, which is SS in upper case */
    {"STRASSE", "stra\xc3\x9f\x65", true},
    {"gro\xc3\x9f", "GROSS", true},
    {"fflag", "\xef\xac\x84\x61g", true}, /* a ligature of three letters */
    {"\xef\xac\x83", "ffi", true},
    {"\xef\xac\x83", "ff", false},
    {"\xe1\xbe\xb3", "\xce\x91\xce\x99", true}, /* one Greek letter, two in upper case */
    {"j\xcc\x8c", "\xc7\xb0", true},            /* j and a caron, j with caron */
    {"\xc3\x9f", "s", false},
    {"az", "AZ", true}, /* the first and the last letter, and what stands beside them */
    {"a@", "a`", false},
    {"a[", "a{", false},
    {"a;", "a[", false},
    {"a\x7f", "a\xc3\xa4", false},
    /* and the other characters that become ASCII letters in upper or lower case */
    {"n", "\xc5\x89", true},
    {"h", "\xe1\xba\x96", true},
    {"t", "\xe1\xba\x97", true},
    {"w", "\xe1\xba\x98", true},
    {"y", "\xe1\xba\x99", true},
    {"a", "\xe1\xba\x9a", true},
    {"ss", "\xe1\xba\x9e", true},
    {"ff", "\xef\xac\x80", true},
    {"fi", "\xef\xac\x81", true},
    {"fl", "\xef\xac\x82", true},
    {"st", "\xef\xac\x85", true},
    {"st", "\xef\xac\x86", true},
};

START_TEST(refuses_the_shadow_of_a_named_argument_in_our_profile_only)
{
    for (size_t i = 0; i < COUNT(SHADOWS); i++) {
        const struct writ_authority *authority = authority_of(
            writ_arena_printf(&arena, "t(\"%s\"? = 1, *)", SHADOWS[i].named));
        struct writ_json *args = writ_json_new_object(&arena);
        writ_json_put_integer(&arena, args, SHADOWS[i].given, 7);
        const struct writ_slice tool = WRIT_SLICE_LITERAL("t");
        ck_assert_msg(writ_is_ok(writ_authority_allows(authority, OURS, tool, args, &denial)) !=
                          SHADOWS[i].shadows,
                      "%s", SHADOWS[i].given);
        ck_assert(!SHADOWS[i].shadows || denial.outcome == WRIT_ARGUMENT_NOT_GRANTED);
        ck_assert(writ_is_ok(writ_authority_allows(authority, STRICT, tool, args, &denial)));
    }
}
END_TEST

Suite *suite_allow(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, allows_calls_as_step_6b_says);
    tcase_add_test(tcase, tells_what_the_call_has_and_what_is_granted);
    tcase_add_test(tcase, leaves_out_what_is_long_and_then_what_does_not_fit_at_all);
    tcase_add_test(tcase, refuses_a_value_whose_check_takes_too_many_steps);
    tcase_add_test(tcase, refuses_an_unnamed_argument_when_comparing_names_takes_too_many_steps);
    tcase_add_test(tcase, reads_no_further_than_the_arguments_and_their_names);
    tcase_add_test(tcase, refuses_the_shadow_of_a_named_argument_in_our_profile_only);
    return suite_of("allow", tcase);
}
