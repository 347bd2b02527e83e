/* What comparing may cost: whoever finds the purse empty refuses, and says so. */
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

enum { MANY = 620 }; /* its square is over WRIT_WORK_LIMIT */

/* `format` with each of `count` numbers in the place of its #, and `between` between them. */
static const char *repeated(const char *format, size_t from, size_t count, const char *between)
{
    const char *mark = strchr(format, '#');
    const size_t room = count * (strlen(format) + strlen(between) + 8);
    char *text = writ_arena_alloc(&arena, room);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%.*s%zu%s", i > 0 ? between : "",
                                 (int)(mark - format), format, from + i, mark + 1);
    ck_assert_uint_lt(used, room);
    return text;
}

static enum writ_status call(const struct writ_authority *authority, const char *args)
{
    return writ_authority_check(&arena, authority, OURS, writ_slice_text("t"),
                                writ_slice_text(args), &denial)
        .status;
}

START_TEST(refuses_an_argument_that_takes_too_many_steps)
{
    const char *set = repeated("[#]", 0, MANY, ", ");
    const char *args = writ_arena_printf(&arena, "{\"x\":[%s]}", repeated("[#]", 1, MANY, ","));
    const struct writ_authority *authority = authority_of(
        writ_arena_printf(&arena, "t(x subset [%s])", set));
    ck_assert_int_eq(call(authority, "{\"x\":[[7],[8]]}"), WRIT_OK);
    ck_assert_int_eq(call(authority, args), WRIT_ARGUMENT_NOT_GRANTED);
    ck_assert_str_eq(denial.detail, "checking the argument takes too many steps");
}
END_TEST

START_TEST(passes_nothing_more_once_the_work_has_run_out)
{
    const char *args = writ_arena_printf(&arena, "{\"x\":[%s]}", repeated("[#]", 1, MANY, ","));
    const struct writ_authority *authority = authority_of(writ_arena_printf(
        &arena, "t(x any of(subset [%s]; any; not in [1]; subset []; contains []))",
        repeated("[#]", 0, MANY, ", ")));
    ck_assert_int_eq(call(authority, "{\"x\":[9]}"), WRIT_OK);
    ck_assert_int_eq(call(authority, args), WRIT_ARGUMENT_NOT_GRANTED);
}
END_TEST

START_TEST(refuses_names_that_take_too_many_steps)
{
    const char *named = repeated("a#? any", 0, MANY, ", ");
    const struct writ_authority *open = authority_of(writ_arena_printf(&arena, "t(%s, *)", named));
    const char *one = "{\"b\":1}";
    const char *args = writ_arena_printf(&arena, "{%s}", repeated("\"b#\":1", 0, MANY, ","));
    ck_assert_int_eq(call(open, one), WRIT_OK);
    ck_assert_int_eq(call(open, args), WRIT_ARGUMENT_NOT_GRANTED);

    const struct writ_authority *child = authority_of(
        writ_arena_printf(&arena, "t(%s, %s, *)", named, repeated("b# any", 0, MANY, ", ")));
    ck_assert_int_eq(writ_authority_narrower(&arena, open, child, &denial).status,
                     WRIT_NOT_NARROWER);
    ck_assert_str_eq(denial.step, "4p2");
    ck_assert_str_eq(denial.detail, "comparing the names takes too many steps");
    ck_assert_int_eq(writ_authority_narrower(&arena, open, open, &denial).status, WRIT_OK);
}
END_TEST

/* Each clause of the child is the parent's before it, where it is looked for last. */
START_TEST(refuses_a_child_that_takes_too_many_steps)
{
    const char *clauses = repeated("= #", 0, MANY, "; ");
    const char *turned = writ_arena_printf(&arena, "= %d; %s", MANY - 1,
                                           repeated("= #", 0, MANY - 1, "; "));
    const struct writ_authority *parent = authority_of(
        writ_arena_printf(&arena, "t(x any of(%s), y any)", clauses));
    const struct writ_authority *child = authority_of(
        writ_arena_printf(&arena, "t(x any of(%s), y any)", turned));
    const struct writ_change *changes = NULL;
    size_t count = 0;
    ck_assert_int_eq(writ_authority_narrower(&arena, parent, child, &denial).status,
                     WRIT_NOT_NARROWER);
    ck_assert_str_eq(denial.step, "4p4");
    ck_assert_str_eq(denial.detail, "comparing x takes too many steps");
    ck_assert(writ_is_ok(writ_authority_diff(&arena, parent, child, &changes, &count)));
    ck_assert_uint_eq(count, 1);
    ck_assert(changes[0].widens);
    ck_assert(writ_is_ok(writ_authority_narrower(&arena, parent, parent, &denial)));
}
END_TEST

START_TEST(meets_in_nothing_when_that_takes_too_many_steps)
{
    const struct writ_authority *meet = NULL;
    const struct writ_authority *a = authority_of(
        writ_arena_printf(&arena, "s, t(x any of(%s))", repeated("= #", 0, MANY, "; ")));
    const struct writ_authority *b = authority_of(
        writ_arena_printf(&arena, "s, t(x any of(%s))", repeated("= #", MANY, MANY, "; ")));
    ck_assert(writ_is_ok(writ_authority_meet(&arena, a, b, &meet)));
    ck_assert_str_eq((const char *)writ_authority_notation(&arena, meet).data, "s");
    a = authority_of(
        writ_arena_printf(&arena, "t(x all of(%s))", repeated("not in [#]", 0, MANY, "; ")));
    b = authority_of(
        writ_arena_printf(&arena, "t(x all of(%s))", repeated("not in [#]", MANY, MANY, "; ")));
    ck_assert(writ_is_ok(writ_authority_meet(&arena, a, b, &meet)));
    ck_assert_uint_eq(meet->tool_count, 0);
}
END_TEST

Suite *suite_work(void)
{
    TCase *tests = tcase_create("work");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, refuses_an_argument_that_takes_too_many_steps);
    tcase_add_test(tests, passes_nothing_more_once_the_work_has_run_out);
    tcase_add_test(tests, refuses_names_that_take_too_many_steps);
    tcase_add_test(tests, refuses_a_child_that_takes_too_many_steps);
    tcase_add_test(tests, meets_in_nothing_when_that_takes_too_many_steps);
    return suite_of("work", tests);
}
