/* Section 4.5 of AAT-02: every cell of the closed table, and what comparing may cost. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

static bool covers(const char *parent, const char *child)
{
    const struct writ_constraint above = constraint_of(parent), below = constraint_of(child);
    return writ_constraint_subsumes(&above, &below);
}

#define TYPE(name) "{\"constraint_type\":\"" name "\""

/* ---- Subsumption: every cell ---------------------------------------------------------------- */

enum { TYPES = WRIT_CONSTRAINT_PATH_CONTAINMENT + 1 };

/* The cells of the table. Each holds pairs that are covered and pairs that are not. */
static const struct {
    const char *parent;
    const char *child;
    bool covers;
} CELLS[] = {
    {"= a", "= a", true},
    {"= 1", "= 1.0", true},
    {"= a", "= b", false},
    {"= 1", "= \"1\"", false},
    {"<= 10", "<= 10", true},
    {"<= 10", "<= 9", true},
    {"<= 10", "< 10", true},
    {"<= 10", ">=1 <=10", true},
    {">0 <=10", ">=1 <=5", true},
    {">0", "> 0", true},
    {"number", "number", true},
    {"number", "<= 1", true},
    {"< 10", "<= 10", false},
    {"<= 10", "<= 11", false},
    {"<= 10", ">= 1", false},
    {">= 0", "<= 10", false},
    {"> 0", ">= 0", false},
    {"<= 10", "number", false},
    {"<= 10", "= 10", true},
    {"<= 10", "= -5", true},
    {"number", "= 0", true},
    {"< 10", "= 10", false},
    {"<= 10", "= \"5\"", false},
    {"<= 10", "= null", false},
    {"in [a, b, [1]]", "in [b, a]", true},
    {"in [a, b, [1]]", "in [[1]]", true},
    {"in [a, b]", "in [a, a]", true},
    {"in [a, b]", "in [a, c]", false},
    {"in [[1]]", "in [[1, 1]]", false},
    {"in [a, 1]", "= 1", true},
    {"in [a, 1]", "= 2", false},
    {"not in [a]", "not in [b, a]", true},
    {">= 5", ">= 4", false},
    {">= 4", ">= 5", true},
    {">= 5", "> 4", false},
    {"> 4", ">= 5", true},
    {"> 5", ">= 5", false},
    {">= 5", "> 5", true},
    {"< 5", "<= 4", true},
    {"<= 4", "< 5", false},
    {"not in []", "not in []", true},
    {"not in [a, b]", "not in [a]", false},
    {"contains [a]", "contains [b, a]", true},
    {"contains []", "contains [a]", true},
    {"contains [a, b]", "contains [a]", false},
    {"subset [a, b]", "subset [a]", true},
    {"subset [a]", "subset []", true},
    {"subset [a]", "subset [a, b]", false},
    {"all of(<= 10)", "all of(<= 5)", true},
    {"all of(<= 10; >= 0)", "all of(>=0 <=10)", true},
    {"all of(<= 10; >= 0)", "all of(= 5)", true},
    {"all of(any; any)", "all of(= 5)", true},
    {"all of(<= 10)", "all of(>= 0; <= 9; any)", true},
    {"all of(<= 10; >= 0)", "all of(<= 10)", false},
    {"all of(<= 10)", "all of(<= 11)", false},
    {"any of(= pdf; = csv; = xlsx)", "any of(= pdf; = csv)", true},
    {"any of(in [pdf, csv])", "any of(= pdf)", true},
    {"any of(= pdf)", "any of(= pdf; = pdf)", true},
    {"any of(= pdf; = csv)", "any of(= pdf; = docx)", false},
    {"any of(<= 10)", "any of(<= 10; any)", false},
    {"under /a", "under /a", true},
    {"under /a", "under /a/b", true},
    {"under /", "under /a", true},
    {"under /a/b", "under /a", false},
    {"under /a", "under /ab", false},
    {"under /a", "= /a/b", true},
    {"under /a", "= /a", true},
    {"under /a", "= /b", false},
    {"under /a", "= \"/a/../b\"", false},
    {"under /a", "= 1", false},
    {"all of(any of(= a; = b))", "all of(any of(= b))", true},
    {"any of(all of(<= 10))", "any of(all of(<= 5; >= 1))", true},
    {"any of(all of(<= 10; >= 2))", "any of(all of(<= 5))", false},
};

/* Of each type some that would, value by value, fit below something of another. */
static const char *const SAMPLES[TYPES][4] = {
    [WRIT_CONSTRAINT_EXACT] = {"= 5", "= a", "= /a/b", "= null"},
    [WRIT_CONSTRAINT_RANGE] = {">=5 <=5", "<= 10", ">5 <5", "number"},
    [WRIT_CONSTRAINT_ONE_OF] = {"in [5]", "in [a]", "in [/a/b]", "in [[], [\"a\"]]"},
    [WRIT_CONSTRAINT_NOT_ONE_OF] = {"not in [5]", "not in []", "not in [z]", "not in [[]]"},
    [WRIT_CONSTRAINT_CONTAINS] = {"contains [a]", "contains []", "contains [5]", "contains [[]]"},
    [WRIT_CONSTRAINT_SUBSET] = {"subset [a]", "subset []", "subset [5]", "subset [a, 5]"},
    [WRIT_CONSTRAINT_WILDCARD] = {"any", "any", "any", "any"},
    [WRIT_CONSTRAINT_ALL] = {"all of(= 5)", "all of(any)", "all of(in [a]; = a)", "all of(<= 5)"},
    [WRIT_CONSTRAINT_ANY] = {"any of(= 5)", "any of(any)", "any of(in [a]; = a)", "any of(<= 5)"},
    [WRIT_CONSTRAINT_PATH_CONTAINMENT] = {"under /a", "under /", "under /a/b", "under /b"},
};

/* "may" where the table has an entry, and the values decide. */
static bool is_in_table(int parent, int child)
{
    if (parent == child || parent == WRIT_CONSTRAINT_WILDCARD)
        return true;
    return child == WRIT_CONSTRAINT_EXACT &&
           (parent == WRIT_CONSTRAINT_RANGE || parent == WRIT_CONSTRAINT_ONE_OF ||
            parent == WRIT_CONSTRAINT_PATH_CONTAINMENT);
}

START_TEST(decides_the_cells_of_the_table_by_their_values)
{
    bool yes[TYPES][TYPES] = {0}, no[TYPES][TYPES] = {0};
    for (size_t i = 0; i < COUNT(CELLS); i++) {
        ck_assert_msg(covers(CELLS[i].parent, CELLS[i].child) == CELLS[i].covers, "%s, %s",
                      CELLS[i].parent, CELLS[i].child);
        bool(*seen)[TYPES] = CELLS[i].covers ? yes : no;
        seen[constraint_of(CELLS[i].parent).type][constraint_of(CELLS[i].child).type] = true;
    }
    for (int parent = 0; parent < TYPES; parent++)
        for (int child = 0; child < TYPES; child++)
            if (is_in_table(parent, child) && parent != WRIT_CONSTRAINT_WILDCARD)
                ck_assert_msg(yes[parent][child] && no[parent][child], "untested: %d, %d", parent,
                              child);
}
END_TEST

START_TEST(refuses_every_pair_that_is_not_in_the_table)
{
    for (int parent = 0; parent < TYPES; parent++)
        for (int child = 0; child < TYPES; child++)
            for (int pair = 0; pair < 16 && !is_in_table(parent, child); pair++)
                ck_assert_msg(!covers(SAMPLES[parent][pair / 4], SAMPLES[child][pair % 4]),
                              "%s, %s", SAMPLES[parent][pair / 4], SAMPLES[child][pair % 4]);
}
END_TEST

START_TEST(lets_wildcard_cover_everything)
{
    for (int child = 0; child < TYPES; child++)
        for (int sample = 0; sample < 4; sample++)
            ck_assert(covers("any", SAMPLES[child][sample]));
}
END_TEST

START_TEST(leaves_optional_aside)
{
    const struct writ_constraint one = constraint_read(
        parse(TYPE("exact") ",\"value\":1,\"optional\":true}"));
    const struct writ_constraint two = constraint_read(parse(TYPE("exact") ",\"value\":1}"));
    ck_assert(writ_constraint_subsumes(&one, &two) && writ_constraint_subsumes(&two, &one));
}
END_TEST

/* ---- Bounded work --------------------------------------------------------------------------- */

static struct writ_constraint wide(const char *type, const char *clause, size_t count)
{
    struct writ_json *node = writ_json_new_object(&arena);
    writ_json_put_string(&arena, node, "constraint_type", type);
    struct writ_json *array = writ_json_put_array(&arena, node, "constraints");
    for (size_t i = 0; i < count; i++)
        writ_json_add(&arena, array, parse(clause));
    return constraint_read(node);
}

START_TEST(gives_up_and_refuses_when_a_comparison_takes_too_many_steps)
{
    const struct writ_constraint above = wide("any", TYPE("range") ",\"max\":1}", 1300);
    const struct writ_constraint below = wide("any", TYPE("range") ",\"max\":2}", 1300);
    struct writ_constraint last = above;
    struct writ_constraint *clauses = writ_arena_array(&arena, 1300, sizeof *clauses);
    memcpy(clauses, above.clauses, 1300 * sizeof *clauses);
    clauses[1299] = constraint_of("<= 3");
    last.clauses = clauses;
    ck_assert(!writ_constraint_subsumes(&above, &below));
    ck_assert(writ_constraint_subsumes(&above, &above)); /* the unchanged is never too much */
    ck_assert(writ_constraint_subsumes(&last, &last));
}
END_TEST

static const struct writ_json *numbers(size_t count)
{
    struct writ_json *array = writ_json_new_array(&arena);
    char text[24];
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%zu", count - i);
        writ_json_add(&arena, array, parse(text));
    }
    return array;
}

static struct writ_constraint of_numbers(const char *type, const char *member, size_t count)
{
    struct writ_json *node = writ_json_new_object(&arena);
    writ_json_put_string(&arena, node, "constraint_type", type);
    writ_json_put(&arena, node, member, numbers(count));
    return constraint_read(node);
}

START_TEST(compares_large_sets_in_less_than_the_square)
{
    const struct writ_constraint one_of = of_numbers("one_of", "values", 24000);
    const struct writ_constraint smaller = of_numbers("one_of", "values", 23000);
    ck_assert(writ_constraint_subsumes(&one_of, &smaller));
    ck_assert(!writ_constraint_subsumes(&smaller, &one_of));
    const struct writ_constraint contains = of_numbers("contains", "required", 40000);
    ck_assert(writ_constraint_check(&contains, numbers(40000)));
    ck_assert(!writ_constraint_check(&contains, numbers(39999)));
}
END_TEST

START_TEST(does_not_pass_an_excluded_value_when_work_runs_out)
{
    struct writ_json *node = writ_json_new_object(&arena);
    writ_json_put_string(&arena, node, "constraint_type", "not_one_of");
    struct writ_json *array = writ_json_put_array(&arena, node, "excluded");
    struct writ_json *large = writ_json_new_array(&arena);
    for (size_t i = 0; i < 600; i++)
        writ_json_add(&arena, large, parse("7"));
    for (size_t i = 0; i < 600; i++) {
        char text[32];
        struct writ_json *other = writ_json_add(&arena, array, large);
        snprintf(text, sizeof text, "%zu", i);
        struct writ_json *items = writ_arena_array(&arena, 600, sizeof *items);
        memcpy(items, large->items, 600 * sizeof *items);
        items[599] = *parse(text);
        other->items = items;
    }
    const struct writ_constraint constraint = constraint_read(node);
    ck_assert(!writ_constraint_check(&constraint, large));
    struct writ_json *free_value = writ_json_new_array(&arena);
    ck_assert(writ_constraint_check(&constraint, free_value));
}
END_TEST

Suite *suite_subsume(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, decides_the_cells_of_the_table_by_their_values);
    tcase_add_test(tcase, refuses_every_pair_that_is_not_in_the_table);
    tcase_add_test(tcase, lets_wildcard_cover_everything);
    tcase_add_test(tcase, leaves_optional_aside);
    tcase_add_test(tcase, gives_up_and_refuses_when_a_comparison_takes_too_many_steps);
    tcase_add_test(tcase, compares_large_sets_in_less_than_the_square);
    tcase_add_test(tcase, does_not_pass_an_excluded_value_when_work_runs_out);
    return suite_of("subsume", tcase);
}
