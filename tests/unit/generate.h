/*
 * Random authorities from a seed, and children, of which about a third are wider. The properties
 * are tried over these; the test that C and SQL agree takes its pairs from here.
 * No two arguments of one tool differ only in case, so the answers do not depend on the profile.
 */
#ifndef WRIT_TESTS_UNIT_GENERATE_H
#define WRIT_TESTS_UNIT_GENERATE_H

#include "json/json.h"

struct generate {
    struct writ_arena *arena; /* of all that is returned */
    uint64_t state;
    const struct writ_json *universe;
    size_t scale; /* 1; with more, tools, arguments and sets are that many times as many */
};

/* False when out of memory. The same seed gives the same values, whatever the platform. */
bool generate_start(struct generate *generate, struct writ_arena *arena, uint64_t seed);
/* 0 to count - 1. */
size_t generate_number(struct generate *generate, size_t count);
/* All values that constraints here speak of, and some that they do not: an array. */
const struct writ_json *generate_universe(const struct generate *generate);
/* depth 1: a leaf. Well-formed in the profile aat-02+writ, without `optional`. */
struct writ_json *generate_constraint(struct generate *generate, int depth);
/* A relative of the constraint: mostly narrower, sometimes equal, wider or unrelated. */
struct writ_json *generate_relative(struct generate *generate, const struct writ_json *constraint,
                                    int depth);
/* A tools object. */
struct writ_json *generate_tools(struct generate *generate);
struct writ_json *generate_child(struct generate *generate, const struct writ_json *tools);
/* The arguments of some call of that map of constraints; not always one that it allows. */
struct writ_json *generate_args(struct generate *generate, const struct writ_json *map);

#endif
