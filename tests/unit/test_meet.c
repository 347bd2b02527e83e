/* The meet, case by case; its laws are in tests/properties. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

static const struct writ_authority *meet(const struct writ_authority *a,
                                         const struct writ_authority *b)
{
    const struct writ_authority *met = NULL;
    ck_assert(writ_is_ok(writ_authority_meet(&arena, a, b, &met)));
    return met;
}

static const char *shown(const struct writ_authority *authority)
{
    return (const char *)writ_authority_notation(&arena, authority).data;
}

/* Of "t(x CONSTRAINT)"; "" as the meet: there is none. */
static const struct {
    const char *a;
    const char *b;
    const char *meet;
} CONSTRAINTS[] = {
    {"any", "in [1, 2]", "in [1, 2]"},
    {"= a", "= a", "= a"},
    {"= a", "= b", ""},
    {"= 5", "<= 10", "= 5"},
    {"= 5", "<= 4", ""},
    {"= 5", "not in [6]", ""},
    {"= 5", "any of(= 5)", ""},
    {"= 5", "all of(= 5)", ""},
    {"<= 10", ">= 0", ">=0 <=10"},
    {"<= 10", "< 10", "< 10"},
    {">=1 <=10", ">5 <=20", ">5 <=10"},
    {"<= 1", ">= 2", ""},
    {"<= 2", ">= 2", ">=2 <=2"},
    {"number", "<= 1", "<= 1"},
    {"<= 10", "in [5, 20, a]", "= 5"},
    {"<= 10", "in [5, 6]", ""}, /* two bounds, neither the widest */
    {"<= 10", "in [a]", ""},
    {"<= 10", "not in [5]", ""},
    {"in [a, b, c]", "in [c, b, d]", "in [b, c]"},
    {"in [a]", "in [b]", ""},
    {"in [a, b]", "not in [a]", ""},
    {"not in [a]", "not in [b]", "not in [a, b]"},
    {"contains [b]", "contains [a]", "contains [a, b]"},
    {"subset [a, b]", "subset [b, c]", "subset [b]"},
    {"subset [a]", "subset [b]", "subset []"},
    {"contains [a]", "subset [a]", ""},
    {"under /a", "under /a/b", "under /a/b"},
    {"under /a", "under /b", ""},
    {"under /a", "= /a/b", "= /a/b"},
    {"under /a", "in [/a/x, /b/x]", "= /a/x"},
    {"under /a", "in [/a/x, /a/y]", ""},
    {"under /a", "<= 1", ""},
    {"all of(<= 10)", "all of(>= 0)", "all of(<= 10; >= 0)"},
    {"all of(<= 10; any)", "all of(<= 5; not in [1])", "all of(<= 5; not in [1])"},
    {"all of(<= 10; = a)", "all of(<= 5; = b)", "all of(= a; = b; <= 5)"},
    {"all of(<= 10)", "<= 5", ""},
    {"any of(= a; = b)", "any of(= b; = c)", "any of(= b)"},
    {"any of(= a)", "any of(= c)", ""},
    {"any of(<= 10; = a)", "any of(in [5, 6, a])", "any of(= a; = 5; = 6)"},
    {"any of(<= 10)", "any of(>= 0; = 3)", "any of(>=0 <=10)"},
    {"any of(any of(= a; = b))", "any of(any of(= b; = c))", "any of(any of(= b))"},
    {"any of(all of(<= 9); = a)", "any of(all of(>= 1); = b)", "any of(all of(<= 9; >= 1))"},
    {"any of(= a)", "in [a]", ""},
};

START_TEST(meets_constraints_by_the_table)
{
    for (size_t i = 0; i < COUNT(CONSTRAINTS); i++) {
        const struct writ_authority *a = authority_of(
            writ_arena_printf(&arena, "t(x %s)", CONSTRAINTS[i].a));
        const struct writ_authority *b = authority_of(
            writ_arena_printf(&arena, "t(x %s)", CONSTRAINTS[i].b));
        const char *wanted = CONSTRAINTS[i].meet[0] == '\0'
                                 ? ""
                                 : writ_arena_printf(&arena, "t(x %s)", CONSTRAINTS[i].meet);
        ck_assert_str_eq(shown(meet(a, b)), wanted);
        ck_assert_str_eq(shown(meet(b, a)), wanted);
    }
}
END_TEST

static const struct {
    const char *a;
    const char *b;
    const char *meet;
} AUTHORITIES[] = {
    {"a, b", "b, c", "b"},
    {"a", "b", ""},
    {"", "a", ""},
    {"t", "t(x <= 5)", "t(x <= 5)"},
    {"t(x <= 5, *)", "t(y = 1, *)", "t(x <= 5, y = 1, *)"},
    {"t(x <= 5, *)", "t(y = 1)", ""},          /* a requires x, which b forbids */
    {"t(x? <= 5, *)", "t(y = 1)", "t(y = 1)"}, /* x forbidden */
    {"t(x? <= 5)", "t(x <= 9)", "t(x <= 5)"},  /* required by one is required */
    {"t(x? <= 5)", "t(x? <= 9)", "t(x? <= 5)"},
    {"t(x? <= 1, y = 1)", "t(x? >= 2, y = 1)", "t(y = 1)"},
    {"t(x <= 1, y = 1)", "t(x? >= 2, y = 1)", ""},
    {"t(x? <= 1)", "t(x? >= 2)", ""},                      /* an empty map would be open */
    {"t(x? <= 1, y = 1, *)", "t(x? >= 2, *)", "t(y = 1)"}, /* "*" would let x return */
    {"t(x? <= 1, *)", "t(x? >= 2, *)", ""},
    {"t(x any)", "t(y any)", ""},
    {"t(x? any)", "t(y? any)", ""},
    {"t(x? any, z any)", "t(y? any, z any)", "t(z any)"},
    {"t(path? = /a, *)", "t(Path? = /b, z any)", "t(z any)"}, /* the shadow of a named one */
    {"t(path? = /a, *)", "t(Path = /b, z any)", ""},
};

START_TEST(meets_tools_and_never_opens_a_map)
{
    for (size_t i = 0; i < COUNT(AUTHORITIES); i++) {
        const struct writ_authority *a = authority_of(AUTHORITIES[i].a),
                                    *b = authority_of(AUTHORITIES[i].b);
        ck_assert_str_eq(shown(meet(a, b)), AUTHORITIES[i].meet);
        ck_assert_str_eq(shown(meet(b, a)), AUTHORITIES[i].meet);
    }
}
END_TEST

Suite *suite_meet(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, meets_constraints_by_the_table);
    tcase_add_test(tcase, meets_tools_and_never_opens_a_map);
    return suite_of("meet", tcase);
}
