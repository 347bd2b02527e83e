/* The meet, case by case; its laws are in tests/properties. */
#include <stdlib.h>
#include <string.h>

#include "authority/meet.h"
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
    {"not in [a, b, c]", "not in [d, f, g]", "not in [a, b, c, d, f, g]"},
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
    {"any of(= b; = a)", "any of(= a; = b)", "any of(= a; = b)"}, /* two ways to say one thing */
    {"all of(any of(= a; = b); <= 5)", "all of(any of(= b; = a); >= 1)",
     "all of(any of(= a; = b); <= 5; >= 1)"},
    {"any of(<= 1; = 5)", "any of(>= 2; = 5)", "any of(= 5)"},
    {"any of(in [a]; = 5)", "any of(in [b]; = 5)", "any of(= 5)"},
    {"any of(<= 1; = a)", "any of(in [[0], 0]; = a)", "any of(= a; = 0)"},
    {"all of(<= 5; = a)", "all of(<= 5; = b)", "all of(= a; = b; <= 5)"},
    {"all of(contains [a]; contains [b]; contains [c]; contains [d]; contains [f])",
     "all of(contains [g]; contains [h]; contains [i]; contains [j]; contains [k])",
     "all of(contains [a]; contains [b]; contains [c]; contains [d]; contains [f]; contains [g]; "
     "contains [h]; contains [i]; contains [j]; contains [k])"},
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
    {"t(a = 1, x <= 1)", "t(a = 1, x? >= 2)", ""},
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

START_TEST(meets_constraints_alone_and_tells_when_there_is_no_meet)
{
    struct writ_constraint low = constraint_of("<= 5"), high = constraint_of(">= 1"), met;
    low.optional = true;
    ck_assert(writ_constraint_meet(&arena, &low, &high, &met));
    ck_assert(met.min.present && met.max.present && !met.optional);
    high.optional = true;
    ck_assert(writ_constraint_meet(&arena, &low, &high, &met));
    ck_assert(met.optional);
    high = constraint_of(">= 6");
    ck_assert(!writ_constraint_meet(&arena, &low, &high, &met));
}
END_TEST

static const struct writ_authority *strict(const char *notation)
{
    const struct writ_authority *authority = NULL;
    ck_assert(writ_is_ok(writ_authority_parse(
        &arena, writ_authority_json(&arena, authority_of(notation)), STRICT, &authority, &denial)));
    return authority;
}

START_TEST(knows_shadows_when_either_side_is_of_our_profile)
{
    const char *named = "t(path? = /a, *)", *shadow = "t(Path = /b, z any)";
    const char *both = "t(Path = /b, z any)";
    ck_assert_str_eq(shown(meet(strict(named), strict(shadow))), both);
    ck_assert_str_eq(shown(meet(authority_of(named), strict(shadow))), "");
    ck_assert_str_eq(shown(meet(strict(named), authority_of(shadow))), "");
    ck_assert_int_eq(meet(strict("t"), strict("t"))->profile, STRICT);
    ck_assert_int_eq(meet(strict("t"), authority_of("t"))->profile, OURS);
    ck_assert_int_eq(meet(authority_of("t"), strict("t"))->profile, OURS);
}
END_TEST

START_TEST(grants_nothing_when_a_meet_takes_too_many_steps)
{
    enum { CLAUSES = 600 };
    const char *rising = "= 0", *falling = "= 0";
    for (int i = 1; i < CLAUSES; i++) {
        rising = writ_arena_printf(&arena, "%s; = %d", rising, i);
        falling = writ_arena_printf(&arena, "= %d; %s", i, falling);
    }
    const struct writ_authority *a = authority_of(
        writ_arena_printf(&arena, "s, t(x any of(%s)), u", rising));
    const struct writ_authority *b = authority_of(
        writ_arena_printf(&arena, "s, t(x any of(%s; = -1)), u", falling));
    const char *met = shown(meet(a, b));
    ck_assert_msg(strncmp(met, "s", 1) == 0 && !strstr(met, "t("), "%s", met);
}
END_TEST

/* The fewest steps with which there is this meet. */
static size_t price_of(const char *one, const char *other)
{
    const struct writ_constraint a = constraint_of(one), b = constraint_of(other);
    for (size_t steps = 0; steps < 1000; steps++) {
        struct writ_meeting meeting = {.arena = &arena, .work = {steps}};
        struct writ_constraint met;
        if (writ_meeting_meet(&meeting, &a, &b, &met))
            return steps;
        ck_assert(!meeting.out_of_memory);
    }
    return 1000;
}

START_TEST(costs_a_step_for_each_comparison_and_each_bound_and_leaves_one)
{
    ck_assert_uint_eq(price_of("<= 5", "<= 6"), 2 + 1 + 1);
    ck_assert_uint_eq(price_of("<= 5", ">= 1"), 2 + 1 + 1);
    ck_assert_uint_eq(price_of("any of(<= 5)", "any of(>= 1)"), 4 + 2 + 1 + 1 + 1);
}
END_TEST

START_TEST(keeps_every_clause_of_many)
{
    enum { CLAUSES = 40 };
    const char *a = "contains [a0]", *b = "contains [b0]";
    for (int i = 1; i < CLAUSES; i++) {
        a = writ_arena_printf(&arena, "%s; contains [a%d]", a, i);
        b = writ_arena_printf(&arena, "%s; contains [b%d]", b, i);
    }
    const struct writ_constraint left = constraint_of(writ_arena_printf(&arena, "all of(%s)", a));
    const struct writ_constraint right = constraint_of(writ_arena_printf(&arena, "all of(%s)", b));
    struct writ_constraint met;
    ck_assert(writ_constraint_meet(&arena, &left, &right, &met));
    ck_assert_uint_eq(met.clause_count, 2 * CLAUSES);
}
END_TEST

Suite *suite_meet(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, meets_constraints_by_the_table);
    tcase_add_test(tcase, meets_tools_and_never_opens_a_map);
    tcase_add_test(tcase, meets_constraints_alone_and_tells_when_there_is_no_meet);
    tcase_add_test(tcase, knows_shadows_when_either_side_is_of_our_profile);
    tcase_add_test(tcase, grants_nothing_when_a_meet_takes_too_many_steps);
    tcase_add_test(tcase, costs_a_step_for_each_comparison_and_each_bound_and_leaves_one);
    tcase_add_test(tcase, keeps_every_clause_of_many);
    return suite_of("meet", tcase);
}
