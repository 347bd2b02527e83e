/*
 * What random authorities have to keep (trial.h): the values of unit/generate.h with constraints
 * nested to depth 3, small ones by the ten thousand, and large ones, of up to fifteen tools with as
 * many arguments, by the hundred. The draft (draft.h) says what is right; where a property is about
 * the meaning, the universe of the generator and random calls stand for all values and calls.
 */
#include <string.h>

#include "authority/internal.h"
#include "suites.h"
#include "tally.h"
#include "trial.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *denies(const struct trial *trial, size_t parent, size_t child)
{
    return draft_denies(&trial->world, &trial->stated[parent], &trial->stated[child],
                        DRAFT_CASE_SHADOWS);
}

static bool is_below(const struct trial *trial, const struct writ_authority *parent,
                     const struct writ_authority *child)
{
    struct writ_denial denial = {0};
    return writ_is_ok(writ_authority_compare(trial->arena, parent, child, &denial));
}

/* ---- Narrower ------------------------------------------------------------------------------- */

static const char *refuses_by_another_step(struct trial *trial)
{
    for (size_t parent = 0; parent < TRIAL_AUTHORITIES; parent++)
        for (size_t child = 0; child < TRIAL_AUTHORITIES; child++) {
            struct writ_denial denial = {0};
            const bool ok = writ_is_ok(writ_authority_compare(trial->arena, trial->read[parent],
                                                              trial->read[child], &denial));
            const char *step = denies(trial, parent, child);
            if (ok != !step || (step && strcmp(step, denial.step) != 0))
                return writ_arena_printf(trial->arena, "%zu above %zu: draft %s, libwrit %s",
                                         parent, child, step ? step : "yes",
                                         ok ? "yes" : denial.step);
        }
    return NULL;
}

static const char *is_not_transitive(struct trial *trial)
{
    const struct writ_authority *const *all = trial->read;
    if (is_below(trial, all[0], all[1]) && is_below(trial, all[1], all[2]) &&
        !is_below(trial, all[0], all[2]))
        return "the grandchild is not below the grandparent";
    return NULL;
}

/* ---- Calls ---------------------------------------------------------------------------------- */

static bool allows(const struct trial *trial, size_t index, struct writ_slice tool,
                   const struct writ_json *args)
{
    struct writ_denial denial = {0};
    return writ_is_ok(
        writ_authority_allows(trial->read[index], WRIT_PROFILE_AAT_02_WRIT, tool, args, &denial));
}

static const char *judge_call(struct trial *trial, struct writ_slice tool,
                              const struct writ_json *args)
{
    const struct draft_args stated = draft_args_read(&trial->world, args);
    bool allowed[TRIAL_AUTHORITIES];
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++) {
        allowed[i] = allows(trial, i, tool, args);
        if (allowed[i] !=
            draft_allows(&trial->world, &trial->stated[i], tool, &stated, DRAFT_CASE_SHADOWS))
            return writ_arena_printf(trial->arena, "the draft differs on a call of %.*s: %s",
                                     WRIT_SLICE_ARGS(tool),
                                     (const char *)writ_json_canonical(trial->arena, args).data);
        if (i > 0 && allowed[i] && !allowed[i - 1] &&
            is_below(trial, trial->read[i - 1], trial->read[i]))
            return writ_arena_printf(trial->arena, "the child allows a call of %.*s: %s",
                                     WRIT_SLICE_ARGS(tool),
                                     (const char *)writ_json_canonical(trial->arena, args).data);
    }
    return NULL;
}

static const char *allows_more_below(struct trial *trial)
{
    enum { CALLS = 4 };
    struct generate generate;
    MUST(generate_start(&generate, trial->arena, trial->seed));
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++)
        for (size_t tool = 0; tool < trial->tools[i]->count; tool++)
            for (int call = 0; call < CALLS; call++) {
                const struct writ_json *args = generate_args(&generate,
                                                             &trial->tools[i]->items[tool]);
                const char *broken = judge_call(trial, trial->tools[i]->names[tool], args);
                if (broken)
                    return broken;
            }
    return NULL;
}

/* ---- Diff ----------------------------------------------------------------------------------- */

static const char *diff_says_otherwise(struct trial *trial)
{
    for (size_t before = 0; before < TRIAL_AUTHORITIES; before++)
        for (size_t after = 0; after < TRIAL_AUTHORITIES; after++) {
            const struct writ_change *changes = NULL;
            size_t count = 0, widening = 0;
            MUST(writ_is_ok(writ_authority_diff(trial->arena, trial->read[before],
                                                trial->read[after], &changes, &count)));
            for (size_t i = 0; i < count; i++)
                widening += changes[i].widens;
            const bool equal = writ_slice_equal(
                writ_authority_json(trial->arena, trial->read[before]),
                writ_authority_json(trial->arena, trial->read[after]));
            if ((widening == 0) != !denies(trial, before, after) || equal != (count == 0))
                return writ_arena_printf(trial->arena, "from %zu to %zu: %zu changes, %zu widen",
                                         before, after, count, widening);
        }
    return NULL;
}

/* ---- Meet ----------------------------------------------------------------------------------- */

/* NULL: refused, which no meet of authorities this small may be. */
static const struct writ_authority *meet(struct trial *trial, const struct writ_authority *a,
                                         const struct writ_authority *b)
{
    const struct writ_authority *met = NULL;
    return writ_is_ok(writ_authority_meet(trial->arena, a, b, &met)) ? met : NULL;
}

static bool is_same(struct trial *trial, const struct writ_authority *a,
                    const struct writ_authority *b)
{
    return writ_slice_equal(writ_authority_json(trial->arena, a),
                            writ_authority_json(trial->arena, b));
}

static const struct writ_authority *read_back(struct trial *trial,
                                              const struct writ_authority *authority)
{
    const struct writ_authority *again = NULL;
    struct writ_denial denial = {0};
    MUST(writ_is_ok(writ_authority_parse(trial->arena, writ_authority_json(trial->arena, authority),
                                         WRIT_PROFILE_AAT_02_WRIT, &again, &denial)));
    return again;
}

/* By the draft. */
static bool is_stated_below(struct trial *trial, const struct writ_authority *parent,
                            const struct writ_authority *child)
{
    const struct draft_tools above = draft_tools_read(&trial->world,
                                                      writ_authority_node(trial->arena, parent));
    const struct draft_tools below = draft_tools_read(&trial->world,
                                                      writ_authority_node(trial->arena, child));
    return !draft_denies(&trial->world, &above, &below, DRAFT_CASE_SHADOWS);
}

static const char *judge_meet(struct trial *trial, size_t i, size_t j)
{
    const struct writ_authority *a = trial->read[i], *b = trial->read[j];
    const struct writ_authority *met = meet(trial, a, b), *other = meet(trial, b, a);
    if (!met || !other)
        return "there is no meet";
    if (!is_stated_below(trial, a, met) || !is_stated_below(trial, b, met))
        return "the meet is not below both";
    if (!is_same(trial, met, other))
        return "the meet depends on the side";
    if (i == j && !is_same(trial, met, a))
        return "the meet with itself is another";
    if (!is_same(trial, met, read_back(trial, met)))
        return "the meet reads back as another";
    const struct writ_authority *once_more = meet(trial, met, met), *again = meet(trial, met, a);
    if (!once_more || !again)
        return "the meet has no meet";
    if (!is_same(trial, once_more, met))
        return "the meet of the meet is another";
    if (!is_stated_below(trial, met, again) || !is_stated_below(trial, again, met))
        return "what was met meets to another";
    if (!denies(trial, i, j) && !is_stated_below(trial, met, b))
        return "the meet is narrower than the narrower of the two";
    return NULL;
}

static const char *meets_wrongly(struct trial *trial)
{
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++)
        for (size_t j = i; j < TRIAL_AUTHORITIES; j++) {
            const char *broken = judge_meet(trial, i, j);
            if (broken)
                return broken;
        }
    return NULL;
}

static const struct writ_constraint *x_of(const struct trial *trial, size_t index)
{
    const struct writ_argument *argument = NULL;
    if (trial->read[index]->tool_count == 1)
        argument = writ_tool_argument(&trial->read[index]->tools[0], WRIT_SLICE_LITERAL("x"));
    return argument ? &argument->constraint : NULL;
}

static const char *meet_is_not_the_widest(struct trial *trial)
{
    const struct writ_constraint *a = x_of(trial, 0), *b = x_of(trial, 1), *c = x_of(trial, 2);
    struct writ_constraint met;
    if (!a || !b || !c || !writ_constraint_meet(trial->arena, a, b, &met))
        return NULL;
    if (!writ_constraint_subsumes(a, &met) || !writ_constraint_subsumes(b, &met))
        return "the meet is not below both";
    if (writ_constraint_subsumes(a, c) && writ_constraint_subsumes(b, c) &&
        !writ_constraint_subsumes(&met, c))
        return "the third is below both and not below their meet";
    return NULL;
}

/* ---- Values --------------------------------------------------------------------------------- */

static const char *judge_value(struct trial *trial, const struct writ_json *value,
                               const struct draft_constraint *const stated[])
{
    const size_t number = draft_value(&trial->world, value);
    bool passes[TRIAL_AUTHORITIES];
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++) {
        passes[i] = writ_constraint_check(x_of(trial, i), value);
        if (passes[i] != draft_accepts(&trial->world, stated[i], number))
            return writ_arena_printf(trial->arena, "the draft differs on %s",
                                     (const char *)writ_json_canonical(trial->arena, value).data);
    }
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++)
        for (size_t j = 0; j < TRIAL_AUTHORITIES; j++)
            if (passes[j] && !passes[i] && writ_constraint_subsumes(x_of(trial, i), x_of(trial, j)))
                return writ_arena_printf(
                    trial->arena, "%zu passes %s and %zu above it does not", j,
                    (const char *)writ_json_canonical(trial->arena, value).data, i);
    return NULL;
}

static const char *passes_more_below(struct trial *trial)
{
    struct generate generate;
    const struct draft_constraint *stated[TRIAL_AUTHORITIES];
    MUST(generate_start(&generate, trial->arena, trial->seed));
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++) {
        if (!x_of(trial, i))
            return NULL;
        stated[i] = &trial->stated[i].maps[0].constraints[0];
    }
    const struct writ_json *universe = generate_universe(&generate);
    for (size_t i = 0; i < universe->count; i++) {
        const char *broken = judge_value(trial, &universe->items[i], stated);
        if (broken)
            return broken;
    }
    return NULL;
}

static const char *counter_example_is_none(struct trial *trial)
{
    for (size_t i = 1; i < TRIAL_AUTHORITIES; i++) {
        const struct writ_constraint *parent = x_of(trial, i - 1), *child = x_of(trial, i);
        if (!parent || !child || writ_constraint_subsumes(parent, child))
            continue;
        const struct writ_json *witness = writ_constraint_witness(trial->arena, parent, child);
        if (!witness)
            continue;
        const size_t value = draft_value(&trial->world, witness);
        if (!draft_accepts(&trial->world, &trial->stated[i].maps[0].constraints[0], value) ||
            draft_accepts(&trial->world, &trial->stated[i - 1].maps[0].constraints[0], value))
            return (const char *)writ_json_canonical(trial->arena, witness).data;
    }
    return NULL;
}

/* ---- The table ------------------------------------------------------------------------------ */

static const struct {
    struct trial_property property;
    size_t small, large; /* cases of each scale; large ones have many tools or values */
} PROPERTIES[] = {
    {{"refuses by the draft's step", trial_authorities, refuses_by_another_step}, 20000, 400},
    {{"narrower is transitive", trial_authorities, is_not_transitive}, 20000, 400},
    {{"no call passes below and not above", trial_authorities, allows_more_below}, 10000, 200},
    {{"a diff widens where it is refused", trial_authorities, diff_says_otherwise}, 20000, 400},
    {{"the meet is below both, and one", trial_authorities, meets_wrongly}, 10000, 200},
    {{"the meet is the widest", trial_constraints, meet_is_not_the_widest}, 60000, 4000},
    {{"no value passes below and not above", trial_constraints, passes_more_below}, 20000, 2000},
    {{"a counter-example is one", trial_constraints, counter_example_is_none}, 20000, 2000},
};

START_TEST(holds_for_small_ones)
{
    trial_run(&PROPERTIES[_i].property, scaled(PROPERTIES[_i].small, PROPERTIES[_i].small / 8), 1);
}
END_TEST

START_TEST(holds_for_large_ones)
{
    enum { LARGE = 5 };
    trial_run(&PROPERTIES[_i].property, scaled(PROPERTIES[_i].large, PROPERTIES[_i].large / 8),
              LARGE);
}
END_TEST

/* Properties that hold because nothing is ever narrower, or nothing met, would say nothing. */
START_TEST(random_authorities_are_narrower_and_wider_and_have_meets)
{
    enum { CASES = 4000 };
    size_t narrower = 0, met = 0, kept = 0;
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct writ_arena arena;
        struct generate generate;
        struct writ_denial denial = {0};
        const struct writ_authority *parent = NULL, *child = NULL, *both = NULL;
        bool shape = false;
        writ_arena_init(&arena, 0);
        MUST(generate_start(&generate, &arena, seed));
        const struct writ_json *made = trial_authorities(&generate);
        MUST(writ_is_ok(writ_authority_read(&arena, &made->items[0], WRIT_PROFILE_AAT_02_WRIT,
                                            WRIT_CONSTRAINT_DEPTH_MAX, &parent, &shape, &denial)));
        MUST(writ_is_ok(writ_authority_read(&arena, &made->items[1], WRIT_PROFILE_AAT_02_WRIT,
                                            WRIT_CONSTRAINT_DEPTH_MAX, &child, &shape, &denial)));
        narrower += writ_is_ok(writ_authority_compare(&arena, parent, child, &denial));
        MUST(writ_is_ok(writ_authority_meet(&arena, parent, child, &both)));
        met += child->tool_count;
        kept += both->tool_count;
        writ_arena_done(&arena);
    }
    ck_assert_msg(narrower > CASES / 3 && narrower < CASES * 4 / 5 && kept > met / 2,
                  "%zu narrower, %zu of %zu tools met", narrower, kept, met);
    tally(CASES, "random parents and children: %zu narrower, %zu of %zu tools met", narrower, kept,
          met);
}
END_TEST

Suite *suite_random(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, holds_for_small_ones, 0, (int)COUNT(PROPERTIES));
    tcase_add_loop_test(tcase, holds_for_large_ones, 0, (int)COUNT(PROPERTIES));
    tcase_add_test(tcase, random_authorities_are_narrower_and_wider_and_have_meets);
    return suite_of("random", tcase);
}
