/* Sets of values, the purse that bounds what they cost, and constraints when it is empty. */
#include <string.h>

#include "authority/internal.h"
#include "fixture.h"
#include "suites.h"

static struct writ_work purse;

static const struct writ_json *set_of(const char *text)
{
    return writ_set_of(&arena, parse(text));
}

static const char *shown(const struct writ_json *value)
{
    return (const char *)writ_json_canonical(&arena, value).data;
}

START_TEST(orders_by_kind_and_value_and_drops_repeats)
{
    ck_assert_str_eq(shown(set_of("[\"b\",true,1,null,\"a\",false,1.0,2,true,[2],[1],{\"a\":1},"
                                  "\"a\",1e0,null,{\"a\":1},[2],-1]")),
                     "[null,false,true,-1,1,2,\"a\",\"b\",[1],[2],{\"a\":1}]");
    ck_assert_str_eq(shown(set_of("[]")), "[]");
}
END_TEST

static const struct {
    const char *set;
    const char *array;
    bool is_covered; /* each element of the set is in the array */
    bool is_allowed; /* each element of the array is in the set */
} PAIRS[] = {
    {"[]", "[]", true, true},
    {"[]", "[1]", true, false},
    {"[1]", "[]", false, true},
    {"[\"a\",\"b\"]", "[\"b\",\"a\"]", true, true},
    {"[\"a\",\"b\"]", "[\"a\",\"a\"]", false, true},
    {"[\"a\",\"b\"]", "[\"b\",\"b\"]", false, true},
    {"[1,2,3]", "[2,2,2]", false, true},
    {"[\"a\",\"b\"]", "[\"a\",\"x\"]", false, false},
    {"[\"a\",\"b\"]", "[\"b\",\"x\",\"a\"]", true, false},
    {"[1,2,3,4,5,6,7,8,9,10]", "[10,9,8,7,6,5,4,3,2,1]", true, true},
    {"[1,2,3,4,5,6,7,8,9,10]", "[10,9,8,7,6,5,4,3,2]", false, true},
    {"[[1],[2],{\"a\":[]}]", "[{\"a\":[]},[2],[1]]", true, true},
    {"[[1],[2],{\"a\":[]}]", "[{\"a\":[]},[2],[3]]", false, false},
};

START_TEST(covers_and_allows_what_a_caller_sent_in_any_order)
{
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        const struct writ_json *set = set_of(PAIRS[i].set), *array = parse(PAIRS[i].array);
        purse = WRIT_WORK_FULL;
        ck_assert_msg(writ_set_covered(&purse, set, array) == PAIRS[i].is_covered, "%s in %s",
                      PAIRS[i].set, PAIRS[i].array);
        ck_assert_msg(writ_set_allows(&purse, set, array) == PAIRS[i].is_allowed, "%s of %s",
                      PAIRS[i].array, PAIRS[i].set);
    }
}
END_TEST

/* The numbers from `first`, so many. */
static struct writ_json *numbers(size_t first, size_t count)
{
    struct writ_json *array = writ_json_new_array(&arena);
    array->items = writ_arena_array(&arena, count, sizeof *array->items);
    array->count = array->capacity = count;
    for (size_t i = 0; i < count; i++)
        array->items[i] = (struct writ_json){
            .type = WRIT_JSON_NUMBER, .admissible = true, .number = (double)(first + i)};
    return array;
}

/* More elements than there are bits on the stack at once. */
START_TEST(covers_sets_of_more_than_one_window)
{
    enum { WINDOW = 32768 };
    for (size_t size = WINDOW - 1; size <= WINDOW + 2; size++) {
        const struct writ_json *set = writ_set_of(&arena, numbers(0, size));
        struct writ_json *array = numbers(0, size);
        purse = WRIT_WORK_FULL;
        ck_assert(writ_set_covered(&purse, set, array));
        array->items[size - 1] = array->items[0];
        purse = WRIT_WORK_FULL;
        ck_assert(!writ_set_covered(&purse, set, array));
        array = numbers(1, size);
        purse = WRIT_WORK_FULL;
        ck_assert(!writ_set_covered(&purse, set, array));
        writ_arena_done(&arena);
    }
}
END_TEST

START_TEST(spends_to_the_last_step_and_then_nothing)
{
    purse = (struct writ_work){5};
    ck_assert(writ_work_spend(&purse, 2));
    ck_assert(writ_work_spend(&purse, 3));
    ck_assert_uint_eq(purse.left, 0);
    ck_assert(writ_work_spend(&purse, 0));
    ck_assert(!writ_work_spend(&purse, 1));
    purse = (struct writ_work){5};
    ck_assert(!writ_work_spend(&purse, 6));
    ck_assert_uint_eq(purse.left, 0); /* what is not enough is gone, too */
}
END_TEST

START_TEST(refuses_with_an_empty_purse)
{
    const struct writ_json *set = set_of("[1,2,3]"), *one = parse("1");
    const struct writ_constraint any = constraint_of("any"), not_one = constraint_of("not in [1]");
    purse = (struct writ_work){0};
    ck_assert(!writ_set_has(&purse, set, one));
    ck_assert(!writ_set_within(&purse, set, set));
    ck_assert(!writ_constraint_passes(&purse, &any, one));
    ck_assert(!writ_constraint_covers(&purse, &any, &any));
    /* One step for the constraint, one for the search, and one must be left. */
    const struct writ_json *two = parse("2");
    purse = (struct writ_work){3};
    ck_assert(writ_constraint_passes(&purse, &not_one, two));
    purse = (struct writ_work){2};
    ck_assert(!writ_constraint_passes(&purse, &not_one, two));
    /* One step for the pair, and one for its clauses. */
    const struct writ_constraint all = constraint_of("all of(any)"),
                                 some = constraint_of("any of(any)");
    purse = (struct writ_work){2};
    ck_assert(writ_constraint_covers(&purse, &all, &all));
    purse = (struct writ_work){1};
    ck_assert(!writ_constraint_covers(&purse, &all, &all));
    purse = (struct writ_work){2};
    ck_assert(writ_constraint_covers(&purse, &some, &some));
    /* One step for each element that is passed over, and one at the end. */
    const struct writ_json *last = set_of("[3]");
    purse = (struct writ_work){3};
    ck_assert(writ_set_within(&purse, last, set));
    purse = (struct writ_work){2};
    ck_assert(!writ_set_within(&purse, last, set));
    purse = (struct writ_work){1};
    ck_assert(!writ_set_within(&purse, last, set));
    struct writ_json array = *parse("[[1],[2]]");
    const struct writ_json *arrays = writ_set_of(&arena, &array), *value = parse("[2]");
    purse = (struct writ_work){5}; /* one, and two for each of the two */
    ck_assert(writ_set_has(&purse, arrays, value));
    purse = (struct writ_work){4};
    ck_assert(!writ_set_has(&purse, arrays, value));
    value = parse("[[[2]]]"); /* each node of it counts */
    arrays = set_of("[[[[1]]],[[[2]]]]");
    purse = (struct writ_work){9};
    ck_assert(writ_set_has(&purse, arrays, value));
    purse = (struct writ_work){8};
    ck_assert(!writ_set_has(&purse, arrays, value));
    value = parse("[2,2]"); /* of another size: one step each */
    arrays = set_of("[[1],[2],[3,3,3]]");
    purse = (struct writ_work){9};
    ck_assert(!writ_set_has(&purse, arrays, value));
    ck_assert_uint_eq(purse.left, 5);
}
END_TEST

START_TEST(finds_scalars_in_one_step)
{
    const struct writ_json *set = writ_set_of(&arena, numbers(1000, 1000));
    purse = (struct writ_work){2000};
    for (size_t i = 0; i < 1000; i++)
        ck_assert(!writ_set_has(&purse, set, &numbers(i, 1)->items[0]));
    ck_assert_uint_eq(purse.left, 1000);
}
END_TEST

Suite *suite_set(void)
{
    TCase *tests = tcase_create("set");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, orders_by_kind_and_value_and_drops_repeats);
    tcase_add_test(tests, covers_and_allows_what_a_caller_sent_in_any_order);
    tcase_add_test(tests, covers_sets_of_more_than_one_window);
    tcase_add_test(tests, spends_to_the_last_step_and_then_nothing);
    tcase_add_test(tests, refuses_with_an_empty_purse);
    tcase_add_test(tests, finds_scalars_in_one_step);
    return suite_of("set", tests);
}
