/* Reading tools, I4 by steps 4p1 to 4p4 with its counter-examples, denials, memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

static const struct writ_authority *parsed(const char *text, enum writ_profile profile)
{
    const struct writ_authority *authority = NULL;
    ck_assert_msg(writ_is_ok(writ_authority_parse(&arena, writ_slice_text(text), profile,
                                                  &authority, &denial)),
                  "%s: %s", text, denial.detail);
    return authority;
}

/* ---- Reading -------------------------------------------------------------------------------- */

#define TYPE(name) "{\"constraint_type\":\"" name "\""
#define ANY TYPE("wildcard") "}"

static const struct {
    const char *tools;
    enum writ_status status;
    bool shape;
    const char *field;
} READS[] = {
    {"{}", WRIT_OK, false, ""},
    {"{\"t\":{}}", WRIT_OK, false, ""},
    {"{\"\":{\"\":" ANY "}}", WRIT_OK, false, ""},
    {"{\"t\":{\"*\":" ANY "}}", WRIT_OK, false, ""},
    {"[]", WRIT_MALFORMED, true, "tools"},
    {"null", WRIT_MALFORMED, true, "tools"},
    {"{\"t\":[]}", WRIT_MALFORMED, true, "tools.t"},
    {"{\"t\":{},\"u\":null}", WRIT_MALFORMED, true, "tools.u"},
    {"{\"t\":{\"a\":[]}}", WRIT_UNKNOWN_CONSTRAINT, false, "tools.t.a"},
    {"{\"t\":{\"a\":" TYPE("regex") "}}}", WRIT_UNKNOWN_CONSTRAINT, false, "tools.t.a"},
    {"{\"t\":{\"*\":" TYPE("exact") ",\"value\":1}}}", WRIT_UNKNOWN_CONSTRAINT, false, "tools.t.*"},
    {"{\"t\":{\"*\":" TYPE("wildcard") ",\"optional\":true}}}", WRIT_UNKNOWN_CONSTRAINT, false,
     "tools.t.*"},
    {"{\"t\":{\"*\":" TYPE("wildcard") ",\"optional\":false}}}", WRIT_UNKNOWN_CONSTRAINT, false,
     "tools.t.*"},
    {"{\"t\":{\"a\":" TYPE("exact") ",\"value\":9007199254740993}}}", WRIT_NON_CANONICAL, false,
     "tools.t.a"},
};

START_TEST(reads_tools_and_tells_shape_from_constraint)
{
    for (size_t i = 0; i < COUNT(READS); i++) {
        const struct writ_authority *authority = NULL;
        bool shape = !READS[i].shape;
        memset(&denial, 0, sizeof denial);
        const struct writ_result result = writ_authority_read(&arena, parse(READS[i].tools), OURS,
                                                              32, &authority, &shape, &denial);
        ck_assert_msg(result.status == READS[i].status, "%s", READS[i].tools);
        ck_assert_int_eq(denial.outcome, READS[i].status);
        ck_assert_int_eq(shape, READS[i].shape);
        ck_assert_str_eq(denial.field, READS[i].field);
        ck_assert(writ_is_ok(result) == (authority != NULL));
    }
}
END_TEST

START_TEST(refuses_tools_that_are_no_object_at_all)
{
    const struct writ_authority *authority = NULL;
    bool shape = false;
    ck_assert_int_eq(
        writ_authority_read(&arena, NULL, OURS, 32, &authority, &shape, &denial).status,
        WRIT_MALFORMED);
    ck_assert(shape && !authority);
}
END_TEST

START_TEST(reads_an_empty_map_and_a_lone_star_as_the_same)
{
    const struct writ_authority *empty = parsed("{\"t\":{}}", STRICT);
    const struct writ_authority *star = parsed("{\"t\":{\"*\":" ANY "}}", STRICT);
    ck_assert(empty->tools[0].open && star->tools[0].open);
    ck_assert_uint_eq(star->tools[0].argument_count, 0);
    ck_assert(
        writ_slice_equal(writ_authority_json(&arena, empty), writ_authority_json(&arena, star)));
}
END_TEST

START_TEST(refuses_a_tool_named_twice_in_json)
{
    const struct writ_authority *authority = NULL;
    ck_assert_int_eq(writ_authority_parse(&arena, WRIT_SLICE_LITERAL("{\"t\":{},\"t\":{}}"), OURS,
                                          &authority, &denial)
                         .status,
                     WRIT_DUPLICATE_MEMBER);
}
END_TEST

/* No parser lets these through; the tables rest on it that nobody does. */
START_TEST(refuses_names_that_stand_twice_however_they_came)
{
    struct writ_slice names[] = {writ_slice_text("b"), writ_slice_text("a"), writ_slice_text("b")};
    struct writ_json values[] = {*parse(ANY), *parse(ANY), *parse(ANY)};
    struct writ_json map = {.type = WRIT_JSON_OBJECT, .count = 3, .items = values, .names = names};
    struct writ_json *tools = writ_json_new_object(&arena);
    writ_json_put(&arena, tools, "t", &map);
    const struct writ_authority *authority = NULL;
    bool shape = true;
    ck_assert_int_eq(
        writ_authority_read(&arena, tools, OURS, 32, &authority, &shape, &denial).status,
        WRIT_DUPLICATE_MEMBER);
    ck_assert_int_eq(denial.outcome, WRIT_DUPLICATE_MEMBER);
    ck_assert_str_eq(denial.field, "tools.t.b");
    names[0] = writ_slice_text("a");
    ck_assert_int_eq(
        writ_authority_read(&arena, tools, OURS, 32, &authority, &shape, &denial).status,
        WRIT_DUPLICATE_MEMBER);
    ck_assert_str_eq(denial.field, "tools.t.a");
    names[0] = names[2];

    for (size_t i = 0; i < COUNT(values); i++)
        values[i] = *parse("{}");
    ck_assert_int_eq(
        writ_authority_read(&arena, &map, OURS, 32, &authority, &shape, &denial).status,
        WRIT_DUPLICATE_MEMBER);
    ck_assert_int_eq(denial.outcome, WRIT_DUPLICATE_MEMBER);
    ck_assert_str_eq(denial.field, "tools.b");
    names[0] = writ_slice_text("a");
    ck_assert_int_eq(
        writ_authority_read(&arena, &map, OURS, 32, &authority, &shape, &denial).status,
        WRIT_DUPLICATE_MEMBER);
    ck_assert_str_eq(denial.field, "tools.a");
    ck_assert(!shape);
}
END_TEST

START_TEST(refuses_tools_that_are_no_json_with_their_field)
{
    const struct writ_authority *authority = NULL;
    ck_assert_int_eq(
        writ_authority_parse(&arena, WRIT_SLICE_LITERAL("{"), OURS, &authority, &denial).status,
        WRIT_MALFORMED);
    ck_assert_int_eq(denial.outcome, WRIT_MALFORMED);
    ck_assert_str_eq(denial.field, "tools");
}
END_TEST

START_TEST(sorts_tools_and_arguments_that_come_in_any_order)
{
    const struct writ_authority *authority = parsed("{\"v\":{},\"t\":{\"c\":" ANY ",\"a\":" ANY
                                                    ",\"*\":" ANY ",\"b\":" ANY ",\"d\":" ANY
                                                    "},\"u\":{},\"s\":{}}",
                                                    OURS);
    ck_assert_str_eq((const char *)writ_authority_notation(&arena, authority).data,
                     "s, t(a any, b any, c any, d any, *), u, v");
    static const char *const NAMES[] = {"s", "t", "u", "v"};
    for (size_t i = 0; i < COUNT(NAMES); i++)
        ck_assert(writ_authority_tool(authority, writ_slice_text(NAMES[i])) != NULL);
}
END_TEST

START_TEST(reads_no_authority_as_no_tools)
{
    ck_assert_ptr_null(writ_authority_tool(NULL, writ_slice_text("t")));
    ck_assert_str_eq((const char *)writ_authority_json(&arena, NULL).data, "{}");
    ck_assert_str_eq((const char *)writ_authority_notation(&arena, NULL).data, "");
}
END_TEST

START_TEST(finds_tools_and_arguments_by_their_exact_names)
{
    const struct writ_authority *authority = authority_of("b(z any, y any), a, c, \"\", B");
    ck_assert_uint_eq(authority->tool_count, 5);
    static const char *const NAMES[] = {"a", "b", "c", "", "B"};
    for (size_t i = 0; i < COUNT(NAMES); i++)
        ck_assert(writ_authority_tool(authority, writ_slice_text(NAMES[i])) != NULL);
    ck_assert(!writ_authority_tool(authority, writ_slice_text("A")));
    ck_assert(!writ_authority_tool(authority_of(""), writ_slice_text("a")));
    const struct writ_tool *tool = writ_authority_tool(authority, writ_slice_text("b"));
    ck_assert(writ_tool_argument(tool, writ_slice_text("y")) != NULL);
    ck_assert(!writ_tool_argument(tool, writ_slice_text("x")));
}
END_TEST

/* ---- I4 ------------------------------------------------------------------------------------- */

static const struct {
    const char *parent;
    const char *child;
    const char *step; /* "": narrower */
    const char *field;
    const char *detail;
} COMPARES[] = {
    {"t", "t", "", "", ""},
    {"t, u", "t", "", "", ""},
    {"t", "", "", "", ""},
    {"", "", "", "", ""},
    {"t(*)", "t(a <= 5)", "", "", ""},
    {"t", "t(a <= 5, *)", "", "", ""},
    {"t(a <= 5, *)", "t(a <= 4, b any, *)", "", "", ""},
    {"t(a? <= 5)", "t(a <= 5)", "", "", ""},
    {"t(a? <= 5, b any)", "t(b any)", "", "", ""},
    {"t(a? <= 5, b any, *)", "t(b any)", "", "", ""},
    {"t(a any)", "t(a under /x)", "", "", ""},
    {"search", "search, send_email", "4p1", "tools.send_email", "parent has no send_email"},
    {"", "t", "4p1", "tools.t", "parent has no t"},
    {"T", "t", "4p1", "tools.t", "parent has no t"},
    {"t(a any)", "t(a any, b any)", "4p2", "tools.t.b",
     "child allows the argument b; parent does not name it"},
    {"t(a any)", "t(a any, *)", "4p2", "tools.t.*",
     "child allows arguments that it does not name; parent allows only t(a any)"},
    {"t(a any)", "t", "4p2", "tools.t.a", "child allows any a, by \"*\"; parent allows a any"},
    {"t(a any, b <= 5)", "t(a any)", "4p2", "tools.t.b", "child leaves out b; parent requires it"},
    {"t(a? <= 5, *)", "t(*)", "4p2", "tools.t.a",
     "child allows any a, by \"*\"; parent allows a? <= 5"},
    {"t(a <= 5, *)", "t(b any)", "4p2", "tools.t.a", "child leaves out a; parent requires it"},
    {"t(a <= 5)", "t(a? <= 5)", "4p3", "tools.t.a",
     "child allows calls without a; parent requires it"},
    {"q(rows <= 1000)", "q(rows <= 5000)", "4p4", "tools.q.rows",
     "child allows rows = 5000; parent allows rows <= 1000"},
    {"q(rows? <= 1000)", "q(rows? any)", "4p4", "tools.q.rows",
     "child allows rows = 1001; parent allows rows <= 1000"},
    {"q(rows < 10)", "q(rows <= 10)", "4p4", "tools.q.rows",
     "child allows rows = 10; parent allows rows < 10"},
    {"q(rows <= 10)", "q(rows number)", "4p4", "tools.q.rows",
     "child allows rows = 11; parent allows rows <= 10"},
    {"q(rows <= 10)", "q(rows = \"5\")", "4p4", "tools.q.rows",
     "child allows rows = \"5\"; parent allows rows <= 10"},
    {"m(to in [a@x, b@x])", "m(to in [a@x, c@x])", "4p4", "tools.m.to",
     "child allows to = c@x; parent allows to in [a@x, b@x]"},
    {"m(to subset [a@x])", "m(to subset [a@x, b@x])", "4p4", "tools.m.to",
     "child allows to = [\"a@x\",\"b@x\"]; parent allows to subset [a@x]"},
    {"m(tags contains [a])", "m(tags contains [])", "4p4", "tools.m.tags",
     "child allows tags = []; parent allows tags contains [a]"},
    {"m(to not in [a])", "m(to any)", "4p4", "tools.m.to",
     "child allows to = a; parent allows to not in [a]"},
    {"f(path under /notes)", "f(path under /)", "4p4", "tools.f.path",
     "child allows path = /; parent allows path under /notes"},
    {"f(path under /a/b)", "f(path under /a)", "4p4", "tools.f.path",
     "child allows path = /a; parent allows path under /a/b"},
    {"m(x any of(= a; = b))", "m(x any of(= a; = c))", "4p4", "tools.m.x",
     "child allows x = c; parent allows x any of(= a; = b)"},
    /* nothing is wider here, but the table is closed */
    {"m(x any of(= a))", "m(x = a)", "4p4", "tools.m.x",
     "child allows x = a, which the table of AAT-02 does not place below x any of(= a)"},
    {"m(x not in [b])", "m(x in [a])", "4p4", "tools.m.x",
     "child allows x in [a], which the table of AAT-02 does not place below x not in [b]"},
};

START_TEST(refuses_what_is_wider_with_step_field_and_counter_example)
{
    for (size_t i = 0; i < COUNT(COMPARES); i++) {
        const struct writ_authority *parent = authority_of(COMPARES[i].parent);
        const struct writ_authority *child = authority_of(COMPARES[i].child);
        denial = (struct writ_denial){.step = "", .hop = 3};
        const struct writ_result result = writ_authority_compare(&arena, parent, child, &denial);
        const bool narrower = COMPARES[i].step[0] == '\0';
        ck_assert_msg(writ_is_ok(result) == narrower, "%s, %s: %s", COMPARES[i].parent,
                      COMPARES[i].child, denial.detail);
        ck_assert_int_eq(denial.outcome, narrower ? WRIT_OK : WRIT_NOT_NARROWER);
        ck_assert_str_eq(denial.step, COMPARES[i].step);
        ck_assert_str_eq(denial.field, COMPARES[i].field);
        ck_assert_str_eq(denial.detail, COMPARES[i].detail);
        ck_assert_int_eq(denial.hop, 3);
    }
}
END_TEST

START_TEST(takes_the_steps_in_their_order)
{
    /* 4p4 in the first tool, 4p1 in the last: the draft asks for all tools first. */
    const struct writ_result result = writ_authority_compare(
        &arena, authority_of("a(x <= 1, y any)"), authority_of("a(x <= 2, y? any), z"), &denial);
    ck_assert(!writ_is_ok(result));
    ck_assert_str_eq(denial.step, "4p1");
    ck_assert(!writ_is_ok(writ_authority_compare(&arena, authority_of("a(x <= 1, y any)"),
                                                 authority_of("a(x <= 2, y? any)"), &denial)));
    ck_assert_str_eq(denial.step, "4p3");
}
END_TEST

START_TEST(does_not_let_a_child_name_the_shadow_of_a_named_argument)
{
    const char *parent = "{\"t\":{\"path\":" TYPE("exact") ",\"value\":\"/a\",\"optional\":true},"
                                                           "\"*\":" ANY "}}";
    const char *child = "{\"t\":{\"Path\":" ANY "}}";
    ck_assert(!writ_is_ok(
        writ_authority_narrower(&arena, parsed(parent, OURS), parsed(child, OURS), &denial)));
    ck_assert_str_eq(denial.step, "4p2");
    ck_assert_str_eq(denial.detail,
                     "child allows the argument Path; parent names one that differs only in case");
    ck_assert(writ_is_ok(
        writ_authority_narrower(&arena, parsed(parent, STRICT), parsed(child, STRICT), &denial)));
}
END_TEST

START_TEST(refuses_when_comparing_names_takes_too_many_steps)
{
    enum { NAMED = 1000, MORE = 300 };
    const char *parent = "t(", *child = "t(";
    for (int i = 0; i < NAMED; i++)
        parent = writ_arena_printf(&arena, "%sa%d? any, ", parent, i);
    for (int i = 0; i < MORE; i++)
        child = writ_arena_printf(&arena, "%s%sb%d? any", child, i > 0 ? ", " : "", i);
    ck_assert(!writ_is_ok(
        writ_authority_compare(&arena, authority_of(writ_arena_printf(&arena, "%s*)", parent)),
                               authority_of(writ_arena_printf(&arena, "%s)", child)), &denial)));
    ck_assert_str_eq(denial.step, "4p2");
    ck_assert_str_eq(denial.detail, "comparing the names takes too many steps");
}
END_TEST

START_TEST(refuses_when_comparing_values_takes_too_many_steps)
{
    enum { CLAUSES = 600 };
    const char *clauses = "= 0";
    for (int i = 1; i < CLAUSES; i++)
        clauses = writ_arena_printf(&arena, "%s; = %d", clauses, i);
    const char *parent = writ_arena_printf(&arena, "t(x any of(%s; = a))", clauses);
    const char *child = writ_arena_printf(&arena, "t(x any of(= b; %s))", clauses);
    ck_assert(!writ_is_ok(
        writ_authority_compare(&arena, authority_of(parent), authority_of(child), &denial)));
    ck_assert_str_eq(denial.step, "4p4");
    ck_assert_ptr_nonnull(strstr(denial.detail, "child allows x = b; parent allows"));
    /* With the clauses turned around, each is found last. */
    const char *turned = "= 0";
    for (int i = 1; i < CLAUSES; i++)
        turned = writ_arena_printf(&arena, "= %d; %s", i, turned);
    parent = writ_arena_printf(&arena, "t(x any of(%s; %s))", clauses, clauses);
    child = writ_arena_printf(&arena, "t(x any of(%s; %s))", turned, turned);
    ck_assert(!writ_is_ok(
        writ_authority_compare(&arena, authority_of(parent), authority_of(child), &denial)));
    ck_assert_str_eq(denial.detail, "comparing x takes too many steps");
}
END_TEST

/* ---- Words ---------------------------------------------------------------------------------- */

START_TEST(keeps_the_parents_side_in_sight_of_a_long_counter_example)
{
    char long_value[600] = {0};
    memset(long_value, 'v', sizeof long_value - 1);
    const struct writ_authority *child = authority_of(
        writ_arena_printf(&arena, "t(x = %s)", long_value));
    ck_assert(
        !writ_is_ok(writ_authority_compare(&arena, authority_of("t(x = a)"), child, &denial)));
    ck_assert_ptr_nonnull(strstr(denial.detail, "v...; parent allows x = a"));

    enum { SHOWN_MAX = 120 };
    static const struct {
        int letters;
        const char *last, *shown;
    } VALUES[] = {
        {SHOWN_MAX - 1, "v", "v"},
        {SHOWN_MAX, "v", "..."},
        {SHOWN_MAX - 2, "\xc3\xa9", "..."}, /* two bytes, and quotes around the text */
    };
    for (size_t i = 0; i < COUNT(VALUES); i++) {
        const char *letters = writ_arena_printf(&arena, "%.*s", VALUES[i].letters, long_value);
        child = authority_of(writ_arena_printf(&arena, "t(x = \"%s%s\")", letters, VALUES[i].last));
        ck_assert(
            !writ_is_ok(writ_authority_compare(&arena, authority_of("t(x = a)"), child, &denial)));
        const char *quote = VALUES[i].last[0] == 'v' ? "" : "\"";
        ck_assert_str_eq(denial.detail,
                         writ_arena_printf(&arena, "child allows x = %s%s%s; parent allows x = a",
                                           quote, letters, VALUES[i].shown));
    }
}
END_TEST

/* ---- Memory --------------------------------------------------------------------------------- */

static struct writ_result everything(struct writ_arena *scratch)
{
    static const char LEFT[] =
        "{\"t\":{\"a\":" TYPE("any") ",\"constraints\":[" TYPE("range") ",\"max\":9}," TYPE(
            "one_of") ",\"values\":[1,[2],\"x\"]}]},\"b\":" TYPE("subset") ",\"allowed\":[\"x\","
                                                                           "\"y\"],\"optional\":"
                                                                           "true}},\"u\":{}}";
    const struct writ_authority *left = NULL, *right = NULL, *met = NULL;
    const struct writ_change *changes = NULL;
    size_t count = 0;
    struct writ_denial unused = {0};
    WRIT_TRY(writ_authority_parse(scratch, WRIT_SLICE_LITERAL(LEFT), OURS, &left, &unused));
    WRIT_TRY(writ_authority_from_notation(
        scratch, WRIT_SLICE_LITERAL("t(a any of(>= 1; in [[2]]), b subset [y, z]), v"), &right,
        &unused));
    WRIT_TRY(writ_authority_meet(scratch, left, right, &met));
    ck_assert_uint_eq(met->tool_count, 1);
    WRIT_TRY(writ_authority_diff(scratch, left, right, &changes, &count));
    ck_assert(!writ_is_ok(writ_authority_compare(scratch, left, right, &unused)));
    WRIT_ENSURE(writ_authority_json(scratch, met).data, OUT_OF_MEMORY);
    WRIT_ENSURE(writ_authority_notation(scratch, met).data, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

START_TEST(returns_out_of_memory_wherever_memory_ends)
{
    size_t limit = 1;
    for (;; limit += 16) {
        struct writ_arena scratch;
        writ_arena_init(&scratch, limit);
        const struct writ_result result = everything(&scratch);
        writ_arena_done(&scratch);
        if (writ_is_ok(result))
            break;
        ck_assert_int_eq(result.status, WRIT_OUT_OF_MEMORY);
    }
    ck_assert_uint_gt(limit, 4096);
}
END_TEST

Suite *suite_authority(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, reads_tools_and_tells_shape_from_constraint);
    tcase_add_test(tcase, refuses_tools_that_are_no_object_at_all);
    tcase_add_test(tcase, reads_an_empty_map_and_a_lone_star_as_the_same);
    tcase_add_test(tcase, refuses_a_tool_named_twice_in_json);
    tcase_add_test(tcase, refuses_names_that_stand_twice_however_they_came);
    tcase_add_test(tcase, refuses_tools_that_are_no_json_with_their_field);
    tcase_add_test(tcase, sorts_tools_and_arguments_that_come_in_any_order);
    tcase_add_test(tcase, reads_no_authority_as_no_tools);
    tcase_add_test(tcase, finds_tools_and_arguments_by_their_exact_names);
    tcase_add_test(tcase, refuses_what_is_wider_with_step_field_and_counter_example);
    tcase_add_test(tcase, takes_the_steps_in_their_order);
    tcase_add_test(tcase, does_not_let_a_child_name_the_shadow_of_a_named_argument);
    tcase_add_test(tcase, refuses_when_comparing_names_takes_too_many_steps);
    tcase_add_test(tcase, refuses_when_comparing_values_takes_too_many_steps);
    tcase_add_test(tcase, keeps_the_parents_side_in_sight_of_a_long_counter_example);
    tcase_add_test(tcase, returns_out_of_memory_wherever_memory_ends);
    return suite_of("authority", tcase);
}
