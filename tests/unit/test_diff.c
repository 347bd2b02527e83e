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

Suite *suite_diff(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, lists_what_changed_and_where_it_became_wider);
    return suite_of("diff", tcase);
}
