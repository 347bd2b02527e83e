/*
 * The shrinker, by properties that are false: what is left of a large random case is the fault and
 * nothing else, nothing more can go, and the seed makes it again.
 */
#include <string.h>

#include "shrink.h"
#include "suites.h"
#include "tally.h"
#include "trial.h"

static struct writ_arena arena;

static void setup(void)
{
    writ_arena_init(&arena, 0);
}

static void teardown(void)
{
    writ_arena_done(&arena);
}

/* ---- Properties that are false --------------------------------------------------------------- */

static const char *step_of(struct trial *trial)
{
    struct writ_denial denial = {0};
    return writ_is_ok(writ_authority_compare(trial->arena, trial->read[0], trial->read[1], &denial))
               ? ""
               : denial.step;
}

static const char *child_is_wider(struct trial *trial)
{
    return step_of(trial)[0] != '\0' ? "the child is wider" : NULL;
}

static const char *child_has_a_wider_value(struct trial *trial)
{
    return strcmp(step_of(trial), "4p4") == 0 ? "a value is wider" : NULL;
}

static bool excludes_b(const struct writ_constraint *constraint)
{
    for (size_t i = 0; i < constraint->clause_count; i++)
        if (excludes_b(&constraint->clauses[i]))
            return true;
    if (constraint->type != WRIT_CONSTRAINT_NOT_ONE_OF)
        return false;
    for (size_t i = 0; i < constraint->values->count; i++)
        if (writ_slice_is(writ_json_text(&constraint->values->items[i]), "b"))
            return true;
    return false;
}

static const char *somebody_excludes_b(struct trial *trial)
{
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++)
        for (size_t tool = 0; tool < trial->read[i]->tool_count; tool++)
            for (size_t at = 0; at < trial->read[i]->tools[tool].argument_count; at++)
                if (excludes_b(&trial->read[i]->tools[tool].arguments[at].constraint))
                    return "b is excluded";
    return NULL;
}

static const struct trial_property WIDER = {"no child is wider", trial_authorities, child_is_wider};
static const struct trial_property WIDER_VALUE = {"no value is wider", trial_authorities,
                                                  child_has_a_wider_value};
static const struct trial_property EXCLUDED = {"nobody excludes b", trial_authorities,
                                               somebody_excludes_b};

/* ---- What is left --------------------------------------------------------------------------- */

enum { LARGE = 5 };

static size_t nodes_of(const struct writ_json *json)
{
    size_t nodes = 1;
    for (size_t i = 0; json->type >= WRIT_JSON_ARRAY && i < json->count; i++)
        nodes += nodes_of(&json->items[i]);
    return nodes;
}

/* How many cases failed; `is_minimal` judges what is left of each. */
static size_t shrink_all(const struct trial_property *property, size_t seeds, size_t *nodes,
                         bool (*is_minimal)(const struct writ_json *smallest))
{
    size_t failed = 0;
    for (uint64_t seed = first_seed(); seed < first_seed() + seeds; seed++) {
        const struct writ_json *smallest = NULL;
        const char *broken = NULL;
        writ_arena_done(&arena);
        if (trial_holds(&arena, property, seed, LARGE, &smallest, &broken))
            continue;
        failed++;
        MUST(broken);
        if (!is_minimal(smallest))
            ck_abort_msg("%s", (const char *)writ_json_canonical(&arena, smallest).data);
        if (nodes_of(smallest) > *nodes)
            *nodes = nodes_of(smallest);
    }
    return failed;
}

static bool is_one_tool_that_nobody_gave(const struct writ_json *smallest)
{
    const struct writ_json *child = &smallest->items[1];
    return smallest->items[0].count == 0 && smallest->items[2].count == 0 && child->count == 1 &&
           child->items[0].count == 0;
}

static bool is_one_argument(const struct writ_json *smallest)
{
    const struct writ_json *parent = &smallest->items[0], *child = &smallest->items[1];
    return parent->count == 1 && child->count == 1 && parent->items[0].count == 1 &&
           child->items[0].count == 1 && smallest->items[2].count == 0;
}

static bool is_one_exclusion(const struct writ_json *smallest)
{
    const char *text = (const char *)writ_json_canonical(&arena, smallest).data;
    return nodes_of(smallest) == 9 &&
           strstr(text, "{\"constraint_type\":\"not_one_of\",\"excluded\":[\"b\"]}");
}

START_TEST(leaves_nothing_but_the_fault)
{
    const size_t seeds = scaled(60, 10);
    size_t nodes = 0;
    size_t failed = shrink_all(&WIDER, seeds, &nodes, is_one_tool_that_nobody_gave);
    failed += shrink_all(&WIDER_VALUE, seeds, &nodes, is_one_argument);
    failed += shrink_all(&EXCLUDED, seeds, &nodes, is_one_exclusion);
    ck_assert_uint_gt(failed, seeds);
    tally(failed, "cases that failed on purpose, shrunk to %zu nodes at most", nodes);
}
END_TEST

static bool still_fails(void *context, const struct writ_json *json)
{
    const char *wanted = context;
    return strstr((const char *)writ_json_canonical(&arena, json).data, wanted) != NULL;
}

START_TEST(reduces_in_every_way_it_says)
{
    static const struct {
        const char *json;
        const char *keeps;
        const char *smallest;
    } CASES[] = {
        {"[{\"a\":{},\"b\":{}},{\"a\":{}}]", "\"b\"", "[{\"b\":{}}]"},
        {"{\"constraint_type\":\"any\",\"constraints\":[{\"constraint_type\":\"all\","
         "\"constraints\":[{\"constraint_type\":\"exact\",\"value\":7}]}]}",
         "exact", "{\"constraint_type\":\"exact\"}"},
        {"{\"x\":{\"constraint_type\":\"range\",\"max\":7}}", "constraint_type",
         "{\"x\":{\"constraint_type\":\"\"}}"},
        {"[5,\"long\"]", ",\"", "[0,\"\"]"},
        {"[5,[\"long\",{\"y\":null}]]", "y", "[[{\"y\":null}]]"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct writ_json *json = NULL;
        char keeps[64];
        strcpy(keeps, CASES[i].keeps);
        MUST(writ_is_ok(writ_json_parse(&arena, writ_slice_text(CASES[i].json), &json)));
        const struct writ_json *smallest = shrink(&arena, json, still_fails, keeps);
        ck_assert_str_eq((const char *)writ_json_canonical(&arena, smallest).data,
                         CASES[i].smallest);
    }
}
END_TEST

/* The message is for a person: what is wrong with what, and how to see it again. */
START_TEST(the_complaint_has_the_smallest_case_and_the_seed_that_makes_it_again)
{
    uint64_t seed = 1;
    const char *complaint = NULL;
    while (!(complaint = trial_complaint(&arena, &EXCLUDED, seed, LARGE)))
        seed++;
    const char *start = writ_arena_printf(
        &arena, "nobody excludes b: b is excluded; WRIT_TEST_SEED=%d\n", (int)seed);
    ck_assert_msg(strncmp(complaint, start, strlen(start)) == 0, "%s", complaint);
    ck_assert_ptr_nonnull(strstr(complaint, " not in [b])\n"));
    ck_assert_ptr_nonnull(strstr(complaint, "{\"constraint_type\":\"not_one_of\","
                                            "\"excluded\":[\"b\"]}"));
    ck_assert_str_eq(complaint, trial_complaint(&arena, &EXCLUDED, seed, LARGE));
}
END_TEST

Suite *suite_shrink(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, leaves_nothing_but_the_fault);
    tcase_add_test(tcase, reduces_in_every_way_it_says);
    tcase_add_test(tcase, the_complaint_has_the_smallest_case_and_the_seed_that_makes_it_again);
    return suite_of("shrink", tcase);
}
