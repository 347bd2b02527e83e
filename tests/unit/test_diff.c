/* The diff of two authorities. */
#include <stdlib.h>
#include <string.h>

#include "authority/authority.h"
#include "generate.h"
#include "suites.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define OURS WRIT_PROFILE_AAT_02_WRIT

static struct writ_arena arena;
static struct writ_denial denial;

static void setup(void)
{
    writ_arena_init(&arena, 0);
    memset(&denial, 0, sizeof denial);
}

static void teardown(void)
{
    writ_arena_done(&arena);
}

static const struct writ_authority *made(const char *notation)
{
    const struct writ_authority *authority = NULL;
    ck_assert_msg(writ_is_ok(writ_authority_from_notation(&arena, writ_slice_text(notation),
                                                          &authority, &denial)),
                  "%s: %s", notation, denial.detail);
    return authority;
}

static const struct writ_authority *random_authority(const struct writ_json *tools)
{
    const struct writ_authority *authority = NULL;
    bool shape = false;
    struct writ_denial unused = {0};
    ck_assert_msg(
        writ_is_ok(writ_authority_read(&arena, tools, OURS, 32, &authority, &shape, &unused)), "%s",
        unused.detail);
    return authority;
}

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
        &arena, made("a, b(w = 1, x <= 5, y any, *), c(x <= 5), e(x = 1)"),
        made("b(x <= 4, y? any, z in [1]), c(x <= 6, *), d(p under /), e(x = 1)"), &changes,
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

START_TEST(finds_a_widening_exactly_where_the_comparison_refuses)
{
    struct generate generate;
    for (uint64_t seed = 0; seed < 10000; seed++) {
        ck_assert(generate_start(&generate, &arena, seed));
        const struct writ_json *tools = generate_tools(&generate);
        const struct writ_authority *before = random_authority(tools);
        const struct writ_authority *after = random_authority(generate_child(&generate, tools));
        const struct writ_change *changes = NULL;
        size_t count = 1;
        ck_assert(writ_is_ok(writ_authority_diff(&arena, before, before, &changes, &count)));
        ck_assert_uint_eq(count, 0);
        ck_assert(writ_is_ok(writ_authority_diff(&arena, before, after, &changes, &count)));
        bool widens = false;
        for (size_t i = 0; i < count; i++)
            widens = widens || changes[i].widens;
        struct writ_denial unused = {0};
        ck_assert(widens != writ_is_ok(writ_authority_compare(&arena, before, after, &unused)));
        ck_assert((count == 0) == writ_slice_equal(writ_authority_json(&arena, before),
                                                   writ_authority_json(&arena, after)));
        writ_arena_done(&arena);
    }
}
END_TEST

Suite *suite_diff(void)
{
    Suite *suite = suite_create("diff");
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, lists_what_changed_and_where_it_became_wider);
    tcase_add_test(tcase, finds_a_widening_exactly_where_the_comparison_refuses);
    suite_add_tcase(suite, tcase);
    return suite;
}
