/*
 * Properties of random authorities. A case is an array of `tools` objects, made from a seed: a
 * parent, its child and its grandchild; or three relatives of one constraint, each as the argument
 * x of a tool t. A property that fails is shown by the smallest case that was found, in notation
 * and as JSON, with the seed that makes it again.
 */
#ifndef WRIT_TESTS_PROPERTIES_TRIAL_H
#define WRIT_TESTS_PROPERTIES_TRIAL_H

#include "authority/authority.h"
#include "draft.h"
#include "unit/generate.h"

enum { TRIAL_AUTHORITIES = 3 };

/* One case, read both ways. */
struct trial {
    struct writ_arena *arena;
    uint64_t seed; /* of what a property draws besides */
    struct draft_world world;
    const struct writ_json *tools[TRIAL_AUTHORITIES];
    const struct writ_authority *read[TRIAL_AUTHORITIES];
    struct draft_tools stated[TRIAL_AUTHORITIES];
};

struct trial_property {
    const char *name;
    /* An array of TRIAL_AUTHORITIES tools objects. */
    const struct writ_json *(*make)(struct generate *generate);
    /* NULL: it holds; else what is wrong. */
    const char *(*broken)(struct trial *trial);
};

const struct writ_json *trial_authorities(struct generate *generate);
const struct writ_json *trial_constraints(struct generate *generate);

/* The case of that seed; false when it breaks the property, and then *ret_smallest is what is left
 * of it and *ret_broken what is wrong with that. Both are in the arena. */
bool trial_holds(struct writ_arena *arena, const struct trial_property *property, uint64_t seed,
                 size_t scale, const struct writ_json **ret_smallest, const char **ret_broken);
/* The same for a person: what is wrong, the seed, the smallest case in notation (an authority a
 * line) and as JSON. NULL: it holds. */
const char *trial_complaint(struct writ_arena *arena, const struct trial_property *property,
                            uint64_t seed, size_t scale);
/* Seeds from first_seed() on; fails the test with the smallest case. */
void trial_run(const struct trial_property *property, size_t cases, size_t scale);

#endif
