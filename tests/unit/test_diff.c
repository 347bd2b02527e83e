/* The diff of two authorities. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

/* ---- Diff ----------------------------------------------------------------------------------- */

struct change {
    enum writ_change_kind kind;
    bool widens;
    const char *tool, *argument, *before, *after;
};

static const struct change CHANGES[] = {
    {WRIT_TOOL_REMOVED, false, "a", "", "a", ""},
    {WRIT_ARGUMENT_REMOVED, false, "b", "*", "*", ""},
    {WRIT_ARGUMENT_REMOVED, true, "b", "w", "w = 1", ""},
    {WRIT_ARGUMENT_CHANGED, false, "b", "x", "x <= 5", "x <= 4"},
    {WRIT_ARGUMENT_CHANGED, true, "b", "y", "y any", "y? any"},
    {WRIT_ARGUMENT_ADDED, false, "b", "z", "", "z in [1]"},
    {WRIT_ARGUMENT_ADDED, true, "c", "*", "", "*"},
    {WRIT_ARGUMENT_CHANGED, true, "c", "x", "x <= 5", "x <= 6"},
    {WRIT_TOOL_ADDED, true, "d", "", "", "d(p under /)"},
};

START_TEST(lists_what_changed_and_where_it_became_wider)
{
    const struct writ_change *changes = NULL;
    size_t count = 0;
    ck_assert(writ_is_ok(writ_authority_diff(
        &arena, authority_of("a, b(w = 1, x <= 5, y any, *), c(x <= 5), e(x = 1)"),
        authority_of("b(x <= 4, y? any, z in [1]), c(x <= 6, *), d(p under /), e(x = 1)"), &changes,
        &count)));
    ck_assert_uint_eq(count, COUNT(CHANGES));
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(changes[i].kind, CHANGES[i].kind);
        ck_assert_int_eq(changes[i].widens, CHANGES[i].widens);
        ck_assert(writ_slice_is(changes[i].tool, CHANGES[i].tool));
        ck_assert(writ_slice_is(changes[i].argument, CHANGES[i].argument));
        ck_assert(writ_slice_is(changes[i].before, CHANGES[i].before));
        ck_assert_msg(writ_slice_is(changes[i].after, CHANGES[i].after), "%s",
                      (const char *)changes[i].after.data);
    }
}
END_TEST

/* Each change as "widens", or "-", and its place and both sides. */
static const struct {
    const char *before;
    const char *after;
    const char *changes;
} DIFFS[] = {
    {"", "", ""},
    {"t", "", "- t: t -> . "},
    {"", "t, u", "widens t:  -> t. widens u:  -> u. "},
    {"t, u", "u", "- t: t -> . "},
    {"t, u", "t", "- u: u -> . "},
    {"t(x? <= 5)", "t(x? <= 4)", "- t.x: x? <= 5 -> x? <= 4. "},
    {"t(x <= 5)", "t(x? <= 5)", "widens t.x: x <= 5 -> x? <= 5. "},
    {"t(x? = 1, y = 1)", "t(y = 1)", "- t.x: x? = 1 -> . "},
    {"t(x? = 1, y = 1)", "t(x? = 1)", "widens t.y: y = 1 -> . "},
    {"t(x? = 1, y = 1, *)", "t(y = 1, *)", "widens t.x: x? = 1 -> . "},
    {"t(y = 1)", "t(x = 1, y = 1)", "widens t.x:  -> x = 1. "},
    {"t(y = 1, *)", "t(x = 1, y = 1, *)", "- t.x:  -> x = 1. "},
    {"t(y = 1, *)", "t(y = 1)", "- t.*: * -> . "},
    {"t(y = 1)", "t(y = 1, *)", "widens t.*:  -> *. "},
    {"t(path? = 1, *)", "t(Path = 1, path? = 1, *)", "widens t.Path:  -> Path = 1. "},
};

static const char *diff(const struct writ_authority *before, const struct writ_authority *after)
{
    const struct writ_change *changes = NULL;
    size_t count = 0;
    ck_assert(writ_is_ok(writ_authority_diff(&arena, before, after, &changes, &count)));
    const char *line = "";
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_nonnull(changes[i].argument.data);
        line = writ_arena_printf(
            &arena, "%s%s %.*s%s%.*s: %s -> %s. ", line, changes[i].widens ? "widens" : "-",
            WRIT_SLICE_ARGS(changes[i].tool), changes[i].argument.size > 0 ? "." : "",
            WRIT_SLICE_ARGS(changes[i].argument), (const char *)changes[i].before.data,
            (const char *)changes[i].after.data);
    }
    return line;
}

START_TEST(tells_each_kind_of_change)
{
    for (size_t i = 0; i < COUNT(DIFFS); i++)
        ck_assert_str_eq(diff(authority_of(DIFFS[i].before), authority_of(DIFFS[i].after)),
                         DIFFS[i].changes);
}
END_TEST

START_TEST(knows_no_shadows_before_under_the_strict_profile)
{
    const struct writ_authority *before = NULL, *after = authority_of("t(Path = 1, path? = 1, *)");
    ck_assert(writ_is_ok(
        writ_authority_parse(&arena, writ_authority_json(&arena, authority_of("t(path? = 1, *)")),
                             STRICT, &before, &denial)));
    ck_assert_str_eq(diff(before, after), "- t.Path:  -> Path = 1. ");
}
END_TEST

START_TEST(keeps_every_change_of_many)
{
    const char *before = "a00", *wanted = "- a00: a00 -> . ";
    for (int i = 1; i < 40; i++) {
        before = writ_arena_printf(&arena, "%s, a%02d", before, i);
        wanted = writ_arena_printf(&arena, "%s- a%02d: a%02d -> . ", wanted, i, i);
    }
    ck_assert_str_eq(diff(authority_of(before), authority_of("")), wanted);
}
END_TEST

Suite *suite_diff(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, lists_what_changed_and_where_it_became_wider);
    tcase_add_test(tcase, tells_each_kind_of_change);
    tcase_add_test(tcase, knows_no_shadows_before_under_the_strict_profile);
    tcase_add_test(tcase, keeps_every_change_of_many);
    return suite_of("diff", tcase);
}
