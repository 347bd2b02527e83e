/*
 * The meet of two constraints (domain.h), by the draft's table and never by libwrit's own:
 *
 *   - it stands below both, and so accepts no value that one of them refuses;
 *   - it is the widest: whatever else of the domain stands below both stands below it;
 *   - where there is none, the domain has no widest constraint below both either;
 *   - meet(a, a) means a, meet(a, b) is meet(b, a) to the byte, and meet(meet(a, b), c) means
 *     meet(a, meet(b, c)) where both exist.
 *
 * "Means" is: each subsumes the other. That one of two groupings may have no meet is in the nature
 * of the closed table: `<= 9` and `in [5, 6]` have two bounds of which neither is the widest, but
 * `in [5, 6]` and `= 5` have one.
 */
#include "domain.h"
#include "suites.h"
#include "tally.h"

static struct domain domain;
static struct writ_arena scratch; /* of what was met */

static void teardown(void)
{
    writ_arena_done(&scratch);
    domain_done(&domain);
}

static struct draft_set *rows; /* of each constraint, those of the domain that stand below it */

static bool is_stated_below(const struct domain_constraint *parent,
                            const struct domain_constraint *child)
{
    return draft_subsumes(&domain.world, &parent->stated, &child->stated);
}

static void start(enum domain_size size)
{
    writ_arena_init(&scratch, 0);
    domain_start(&domain, size);
    MUST(domain.count <= DRAFT_VALUES_MAX);
    rows = writ_arena_array(&domain.arena, domain.count, sizeof *rows);
    MUST(rows);
    for (size_t i = 0; i < domain.count; i++)
        for (size_t j = 0; j < domain.count; j++)
            if (is_stated_below(&domain.constraints[i], &domain.constraints[j]))
                draft_set_add(&rows[i], j);
}

/* ---- Meets ----------------------------------------------------------------------------------- */

/* False: there is none. */
static bool meet(const struct domain_constraint *a, const struct domain_constraint *b,
                 struct domain_constraint *ret_meet)
{
    struct writ_constraint met;
    if (!writ_constraint_meet(&scratch, &a->read, &b->read, &met))
        return false;
    const struct writ_json *json = writ_constraint_json(&scratch, &met);
    MUST(json);
    *ret_meet = domain_read(&domain, &scratch, json);
    return true;
}

static void complain(const char *what, size_t a, size_t b, const struct domain_constraint *c)
{
    ck_abort_msg("%s: %s, %s: %s", what, domain_text(&domain, domain.constraints[a].json),
                 domain_text(&domain, domain.constraints[b].json),
                 c ? domain_text(&domain, c->json) : "none");
}

static void is_below_both(size_t a, size_t b, const struct domain_constraint *met)
{
    const struct domain_constraint *left = &domain.constraints[a], *right = &domain.constraints[b];
    if (!is_stated_below(left, met) || !is_stated_below(right, met))
        complain("not below both", a, b, met);
    if (!draft_set_within(&met->accepted, &left->accepted) ||
        !draft_set_within(&met->accepted, &right->accepted))
        complain("accepts more than both", a, b, met);
}

static size_t is_the_widest(size_t a, size_t b, const struct domain_constraint *met)
{
    const struct draft_set both = draft_set_common(&rows[a], &rows[b]);
    size_t compared = 0;
    for (size_t i = 0; i < domain.count; i++) {
        if (!draft_set_has(&both, i))
            continue;
        compared++;
        if (!is_stated_below(met, &domain.constraints[i]))
            complain("not the widest", a, b, &domain.constraints[i]);
    }
    return compared;
}

/* No constraint below both has all the others below itself. */
static void has_no_widest(size_t a, size_t b)
{
    const struct draft_set both = draft_set_common(&rows[a], &rows[b]);
    for (size_t i = 0; i < domain.count; i++)
        if (draft_set_has(&both, i) && draft_set_within(&both, &rows[i]))
            complain("has a meet that was not found", a, b, &domain.constraints[i]);
}

static bool is_same(const struct domain_constraint *a, const struct domain_constraint *b)
{
    return writ_slice_equal(writ_json_canonical(&scratch, a->json),
                            writ_json_canonical(&scratch, b->json));
}

static bool means_the_same(const struct domain_constraint *a, const struct domain_constraint *b)
{
    return is_stated_below(a, b) && is_stated_below(b, a);
}

/* Every pair; `closed`: whatever bounds there can be are in the domain. */
static void judge_pairs(const char *what, bool closed)
{
    size_t met = 0, bounds = 0;
    for (size_t a = 0; a < domain.count; a++) {
        for (size_t b = 0; b < domain.count; b++) {
            struct domain_constraint ab, ba;
            const bool exists = meet(&domain.constraints[a], &domain.constraints[b], &ab);
            if (exists != meet(&domain.constraints[b], &domain.constraints[a], &ba) ||
                (exists && !is_same(&ab, &ba)))
                complain("depends on the side", a, b, exists ? &ab : NULL);
            met += exists;
            if (exists) {
                is_below_both(a, b, &ab);
                bounds += is_the_widest(a, b, &ab);
            } else if (closed) {
                has_no_widest(a, b);
            }
            if (a == b && (!exists || !means_the_same(&ab, &domain.constraints[a])))
                complain("not idempotent", a, b, exists ? &ab : NULL);
            writ_arena_done(&scratch);
        }
    }
    tally(domain.count * domain.count, "%s: %zu meets, the widest of %zu bounds", what, met,
          bounds);
}

START_TEST(meets_leaves_in_the_widest_constraint_below_both)
{
    start(DOMAIN_LEAVES);
    judge_pairs("pairs of leaves", true);
}
END_TEST

/* Not closed: the meet of two `all` has the clauses of both, of which the domain has two at most.
 * So where there is no meet, a bound may be missing that would have shown that none is widest. */
START_TEST(meets_composites_in_the_widest_constraint_below_both)
{
    start(DOMAIN_SMALL);
    judge_pairs("pairs with composites", false);
}
END_TEST

START_TEST(the_meet_of_three_does_not_depend_on_the_grouping)
{
    start(DOMAIN_SMALL);
    const size_t step = scaled(1, 3);
    size_t triples = 0, both = 0;
    for (size_t a = 0; a < domain.count; a += step) {
        for (size_t b = 0; b < domain.count; b += step) {
            struct domain_constraint ab, bc, left, right;
            writ_arena_done(&scratch);
            if (!meet(&domain.constraints[a], &domain.constraints[b], &ab))
                continue;
            for (size_t c = 0; c < domain.count; c += step) {
                triples++;
                if (!meet(&domain.constraints[b], &domain.constraints[c], &bc) ||
                    !meet(&ab, &domain.constraints[c], &left) ||
                    !meet(&domain.constraints[a], &bc, &right))
                    continue;
                both++;
                if (!means_the_same(&left, &right))
                    complain("depends on the grouping", a, b, &domain.constraints[c]);
            }
        }
    }
    tally(triples, "triples of constraints: %zu met in both groupings, to the same", both);
}
END_TEST

Suite *suite_meets(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, meets_leaves_in_the_widest_constraint_below_both);
    tcase_add_test(tcase, meets_composites_in_the_widest_constraint_below_both);
    tcase_add_test(tcase, the_meet_of_three_does_not_depend_on_the_grouping);
    return suite_of("meets", tcase);
}
