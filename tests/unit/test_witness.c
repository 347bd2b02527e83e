/* Counter-examples: a value that the child allows and the parent does not, where one is found. */
#include <string.h>

#include "authority/internal.h"
#include "fixture.h"
#include "suites.h"

#define DEFAULTS "= other; = 0; = 1000000; = -1000000"

static const struct {
    const char *parent;
    const char *child;
    const char *witness; /* JSON; NULL: none is found */
} WITNESSES[] = {
    {"<= 10", "<= 20", "20"},
    {"< 10", "number", "10"},
    {"<= 10", "number", "11"},
    {"> 10", "number", "10"},
    {">= 10", "number", "9"},
    {">= 10", ">= 5", "5"},
    {"any of(>= 9; <= 1)", ">=0 <=10", "5"}, /* between the ends */
    {"any of(>= 5; <= 3)", ">=0 <=8", "4"},
    {"any of(>= 9; <= 3)", ">=2 <=10", "6"},
    {"subset [a]", "contains [a, b]", "[\"a\",\"b\"]"},
    {"subset [a]", "subset [a, b]", "[\"a\",\"b\"]"},
    {"contains [a, b]", "subset [a, b]", "[\"a\"]"},
    {"contains [a]", "subset [a, b]", "[\"b\"]"},
    {"subset [a]", "contains [a]", "[\"a\",\"other\"]"},
    {"not in [a]", "any", "\"a\""},
    {"in [a]", "in [a, b]", "\"b\""},
    {"= a", "all of(<= 5; >= 5)", "5"},
    {"= /a", "under /a", "\"/a/file\""},
    {"= a", "any", "\"other\""},
    {"any of(= other; = a)", "any", "0"},
    {"any of(= other; = 0)", "any", "1000000"},
    {"any of(= other; = 0; = 1000000)", "any", "-1000000"},
    {"any of(" DEFAULTS ")", "any", "[]"},
    {"any of(" DEFAULTS "; in [[]])", "any", "null"},
    {"any of(" DEFAULTS "; in [[], null])", "any", NULL},
    {"any of(= a)", "= a", NULL},
};

START_TEST(finds_the_value_that_tells_two_constraints_apart)
{
    for (size_t i = 0; i < COUNT(WITNESSES); i++) {
        const struct writ_constraint parent = constraint_of(WITNESSES[i].parent);
        const struct writ_constraint child = constraint_of(WITNESSES[i].child);
        const struct writ_json *found = writ_constraint_witness(&arena, &parent, &child);
        ck_assert_msg(!found == !WITNESSES[i].witness, "%s, %s", WITNESSES[i].parent,
                      WITNESSES[i].child);
        if (found)
            ck_assert_str_eq((const char *)writ_json_canonical(&arena, found).data,
                             WITNESSES[i].witness);
    }
}
END_TEST

START_TEST(finds_it_or_none_when_memory_ends)
{
    for (size_t i = 0; i < COUNT(WITNESSES); i++) {
        const struct writ_constraint parent = constraint_of(WITNESSES[i].parent);
        const struct writ_constraint child = constraint_of(WITNESSES[i].child);
        struct writ_arena scratch;
        for (size_t limit = 1; limit < 8192; limit += 16) {
            writ_arena_init(&scratch, limit);
            const struct writ_json *found = writ_constraint_witness(&scratch, &parent, &child);
            ck_assert(!found || (writ_constraint_check(&child, found) &&
                                 !writ_constraint_check(&parent, found)));
            writ_arena_done(&scratch);
        }
    }
}
END_TEST

/* "in [a000, a001, ...]" of so many, and then `last`. */
static const char *many(int count, const char *last)
{
    const char *line = "in [";
    for (int i = 0; i < count; i++)
        line = writ_arena_printf(&arena, "%sa%03d, ", line, i);
    return writ_arena_printf(&arena, "%s%s]", line, last);
}

START_TEST(gives_up_after_four_hundred_values_but_for_the_common_ones)
{
    struct writ_constraint parent = constraint_of(many(399, "a000"));
    struct writ_constraint child = constraint_of(many(399, "z"));
    ck_assert(writ_slice_is(writ_constraint_witness(&arena, &parent, &child)->text, "z"));
    parent = constraint_of(many(400, "a000"));
    child = constraint_of(many(400, "z"));
    ck_assert_ptr_null(writ_constraint_witness(&arena, &parent, &child));
    /* Not even the edge of a range, which is no list. */
    const char *numbers = "1";
    for (int i = 2; i <= 400; i++)
        numbers = writ_arena_printf(&arena, "%s, %d", numbers, i);
    parent = constraint_of("<= 500");
    child = constraint_of(writ_arena_printf(&arena, "in [%s, 501]", numbers));
    ck_assert_ptr_null(writ_constraint_witness(&arena, &parent, &child));
    parent = constraint_of(many(500, "a000"));
    child = constraint_of("any");
    ck_assert(writ_slice_is(writ_constraint_witness(&arena, &parent, &child)->text, "other"));
}
END_TEST

START_TEST(takes_no_value_that_it_had_no_work_left_to_judge)
{
    enum { SIZE = 300 };
    struct writ_json *node = writ_json_new_object(&arena);
    writ_json_put_string(&arena, node, "constraint_type", "one_of");
    struct writ_json *values = writ_json_put_array(&arena, node, "values");
    for (int i = 0; i < SIZE; i++) {
        struct writ_json *array = writ_json_new_array(&arena);
        for (int k = 0; k < SIZE; k++) {
            const struct writ_json number = {
                .type = WRIT_JSON_NUMBER, .admissible = true, .number = k == SIZE - 1 ? i : 7};
            writ_json_add(&arena, array, &number);
        }
        writ_json_add(&arena, values, array);
    }
    const struct writ_constraint parent = constraint_read(node);
    const struct writ_constraint child = constraint_of("any");
    ck_assert_ptr_null(writ_constraint_witness(&arena, &parent, &child));
}
END_TEST

Suite *suite_witness(void)
{
    TCase *tests = tcase_create("witness");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, finds_the_value_that_tells_two_constraints_apart);
    tcase_add_test(tests, finds_it_or_none_when_memory_ends);
    tcase_add_test(tests, gives_up_after_four_hundred_values_but_for_the_common_ones);
    tcase_add_test(tests, takes_no_value_that_it_had_no_work_left_to_judge);
    return suite_of("witness", tests);
}
