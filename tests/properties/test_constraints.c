/*
 * One constraint against one value, and every ordered pair of constraints (domain.h): libwrit and
 * the draft give the same answer, yes and no; and where it is yes, no value passes below that does
 * not pass above.
 */
#include <string.h>

#include "authority/internal.h"
#include "domain.h"
#include "suites.h"
#include "tally.h"

static struct domain domain;

static void teardown(void)
{
    domain_done(&domain);
}

/* ---- Check ----------------------------------------------------------------------------------- */

START_TEST(passes_exactly_the_values_that_the_draft_accepts)
{
    domain_start(&domain, DOMAIN_WIDE);
    size_t passed = 0;
    for (size_t i = 0; i < domain.count; i++) {
        const struct domain_constraint *constraint = &domain.constraints[i];
        for (size_t v = 0; v < domain.values->count; v++) {
            const struct writ_json *value = &domain.values->items[v];
            const bool accepted = draft_set_has(&constraint->accepted, domain.value_ids[v]);
            if (writ_constraint_check(&constraint->read, value) != accepted)
                ck_abort_msg("%s %s %s", domain_text(&domain, constraint->json),
                             accepted ? "must pass" : "must not pass", domain_text(&domain, value));
            passed += accepted;
        }
    }
    tally(domain.count * domain.values->count,
          "values against constraints: %zu constraints, %zu spellings of %zu values, %zu pass",
          domain.count, domain.values->count, domain.world.count, passed);
}
END_TEST

/* ---- Subsumption ----------------------------------------------------------------------------- */

/* By types of parent and child: how often the answer was no, and yes. */
static size_t answers[DRAFT_TYPES][DRAFT_TYPES][2];

static void judge_pair(const struct domain_constraint *parent,
                       const struct domain_constraint *child)
{
    const bool subsumes = writ_constraint_subsumes(&parent->read, &child->read);
    const bool stated = draft_subsumes(&domain.world, &parent->stated, &child->stated);
    if (subsumes != stated)
        ck_abort_msg("parent %s, child %s: the draft says %s", domain_text(&domain, parent->json),
                     domain_text(&domain, child->json), stated ? "yes" : "no");
    if (subsumes && !draft_set_within(&child->accepted, &parent->accepted))
        ck_abort_msg("parent %s, child %s: unsound", domain_text(&domain, parent->json),
                     domain_text(&domain, child->json));
    answers[parent->stated.type][child->stated.type][subsumes]++;
}

static size_t judge_all_pairs(void)
{
    size_t covered = 0;
    memset(answers, 0, sizeof answers);
    for (size_t i = 0; i < domain.count; i++)
        for (size_t j = 0; j < domain.count; j++)
            judge_pair(&domain.constraints[i], &domain.constraints[j]);
    for (int parent = 0; parent < DRAFT_TYPES; parent++)
        for (int child = 0; child < DRAFT_TYPES; child++)
            covered += answers[parent][child][true];
    return covered;
}

START_TEST(subsumes_exactly_the_pairs_of_the_draft_and_soundly)
{
    domain_start(&domain, DOMAIN_WIDE);
    const size_t covered = judge_all_pairs();
    for (int parent = 0; parent < DRAFT_TYPES; parent++)
        for (int child = 0; child < DRAFT_TYPES; child++) {
            const size_t *seen = answers[parent][child];
            const char *above = DRAFT_TYPE_NAMES[parent], *below = DRAFT_TYPE_NAMES[child];
            const bool may = draft_has_entry(parent, child);
            ck_assert_msg(may == (seen[true] > 0), "%s, %s: never yes", above, below);
            ck_assert_msg(parent == DRAFT_WILDCARD || seen[false] > 0, "%s, %s: never no", above,
                          below);
        }
    tally(domain.count * domain.count,
          "ordered pairs of constraints, %d x %d types, nested to depth 2: %zu subsumed",
          DRAFT_TYPES, DRAFT_TYPES, covered);
}
END_TEST

START_TEST(subsumes_exactly_the_pairs_of_the_draft_at_depth_three)
{
    domain_start(&domain, DOMAIN_DEEP);
    if (is_fast())
        domain.count /= 4;
    const size_t covered = judge_all_pairs();
    tally(domain.count * domain.count, "ordered pairs nested to depth 3: %zu subsumed", covered);
}
END_TEST

/* What a grandchild is narrower than, so that a chain narrows from end to end. */
START_TEST(subsumption_is_reflexive_and_transitive)
{
    domain_start(&domain, is_fast() ? DOMAIN_SMALL : DOMAIN_LEAVES);
    const size_t count = domain.count;
    bool *below = writ_arena_array(&domain.arena, count * count, sizeof *below);
    MUST(below);
    for (size_t i = 0; i < count * count; i++)
        below[i] = writ_constraint_subsumes(&domain.constraints[i / count].read,
                                            &domain.constraints[i % count].read);
    for (size_t a = 0; a < count; a++) {
        MUST(below[a * count + a]);
        for (size_t b = 0; b < count; b++)
            for (size_t c = 0; c < count && below[a * count + b]; c++)
                if (below[b * count + c] && !below[a * count + c])
                    ck_abort_msg("%s, %s, %s", domain_text(&domain, domain.constraints[a].json),
                                 domain_text(&domain, domain.constraints[b].json),
                                 domain_text(&domain, domain.constraints[c].json));
    }
    tally(count * count * count, "triples of constraints: reflexive, transitive");
}
END_TEST

/* ---- Counter-examples ------------------------------------------------------------------------ */

/* What a refusal shows is true: the child accepts that value, and the parent does not. */
START_TEST(a_counter_example_is_one)
{
    domain_start(&domain, DOMAIN_LEAVES);
    const size_t step = scaled(1, 7);
    size_t refused = 0, shown = 0, missed = 0;
    for (size_t pair = 0; pair < domain.count * domain.count; pair += step) {
        const struct domain_constraint *parent = &domain.constraints[pair / domain.count];
        const struct domain_constraint *child = &domain.constraints[pair % domain.count];
        if (writ_constraint_subsumes(&parent->read, &child->read))
            continue;
        struct writ_arena scratch;
        writ_arena_init(&scratch, 0);
        const struct writ_json *witness = writ_constraint_witness(&scratch, &parent->read,
                                                                  &child->read);
        refused++;
        shown += witness != NULL;
        missed += !witness && !draft_set_within(&child->accepted, &parent->accepted);
        if (witness) {
            struct draft_world world = domain.world; /* it may speak of a new value */
            world.arena = &scratch;
            const size_t value = draft_value(&world, witness);
            if (!draft_accepts(&world, &child->stated, value) ||
                draft_accepts(&world, &parent->stated, value))
                ck_abort_msg("%s for parent %s, child %s", domain_text(&domain, witness),
                             domain_text(&domain, parent->json), domain_text(&domain, child->json));
        }
        writ_arena_done(&scratch);
    }
    ck_assert_msg(shown > refused / 2, "%zu of %zu", shown, refused);
    tally(refused, "refused pairs: %zu show a counter-example, %zu have one that was not found",
          shown, missed);
}
END_TEST

Suite *suite_constraints(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, passes_exactly_the_values_that_the_draft_accepts);
    tcase_add_test(tcase, subsumes_exactly_the_pairs_of_the_draft_and_soundly);
    tcase_add_test(tcase, subsumes_exactly_the_pairs_of_the_draft_at_depth_three);
    tcase_add_test(tcase, subsumption_is_reflexive_and_transitive);
    tcase_add_test(tcase, a_counter_example_is_one);
    return suite_of("constraints", tcase);
}
