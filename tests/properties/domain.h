/*
 * The finite domain over which the properties of constraints are exhausted: a universe of values,
 * constraints of all ten types over it, and `all` and `any` over those.
 *
 *   universe   null, booleans; numbers around the bounds, each spelled in more than one way, -0,
 *              1e21 and the largest integer that a double counts to; texts that look like numbers,
 *              that differ in case or in Unicode normalization; paths, normal and not; arrays with
 *              repeats, in other orders, nested and mixed; objects in other orders.
 *   exact      every scalar of the universe
 *   range      no bound, or one of 0, 1, 1.5, 2, inclusive or exclusive, on each side
 *   sets       of each family every subset of six elements: a text, two numbers, an array, two
 * paths wildcard   one path       six roots all, any   over samples of those: one, two and (fewer
 * samples) three clauses in every order, with repeats; and one level deeper one or two clauses of
 * what that gives
 *
 * Not covered here: other alphabets of elements (the random properties have more), more than three
 * clauses, and nesting below three, where only the recursion repeats.
 */
#ifndef WRIT_TESTS_PROPERTIES_DOMAIN_H
#define WRIT_TESTS_PROPERTIES_DOMAIN_H

#include "authority/constraint.h"
#include "draft.h"

struct domain_constraint {
    const struct writ_json *json;
    struct writ_constraint read;    /* by libwrit */
    struct draft_constraint stated; /* by the draft */
    struct draft_set accepted;      /* of the universe, by the draft */
};

/* Enough of the domain for what a property costs: pairs, or triples. */
enum domain_size {
    DOMAIN_LEAVES, /* no composites */
    DOMAIN_SMALL,  /* a few of each type, and composites of one and two clauses over eight */
    DOMAIN_WIDE,   /* all, nested to depth 2 */
    DOMAIN_DEEP,   /* four leaves, nested to depth 3 */
};

struct domain {
    struct writ_arena arena;
    struct draft_world world;
    const struct writ_json *values; /* the universe as it is spelled, an array */
    size_t *value_ids;              /* beside it */
    struct domain_constraint *constraints;
    size_t count;
};

/* Fails the test when anything in it is not well-formed. */
void domain_start(struct domain *domain, enum domain_size size);
void domain_done(struct domain *domain);
/* Another constraint over the same values, read both ways; it lives in `arena`. */
struct domain_constraint domain_read(struct domain *domain, struct writ_arena *arena,
                                     const struct writ_json *json);
/* A constraint as JSON, for a message. */
const char *domain_text(struct domain *domain, const struct writ_json *json);

#endif
