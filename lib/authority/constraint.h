/*
 * One constraint on one argument: the nine types of AAT-02 section 3.4 and, in our profile,
 * path_containment; check (does a value pass) and subsumption (section 4.5, a closed table).
 */
#ifndef WRIT_AUTHORITY_CONSTRAINT_H
#define WRIT_AUTHORITY_CONSTRAINT_H

#include "writ.h"
#include "json/json.h"

#define WRIT_CONSTRAINT_TYPES(X)                                                                   \
    X(EXACT, "exact")                                                                              \
    X(RANGE, "range")                                                                              \
    X(ONE_OF, "one_of")                                                                            \
    X(NOT_ONE_OF, "not_one_of")                                                                    \
    X(CONTAINS, "contains")                                                                        \
    X(SUBSET, "subset")                                                                            \
    X(WILDCARD, "wildcard")                                                                        \
    X(ALL, "all")                                                                                  \
    X(ANY, "any")                                                                                  \
    X(PATH_CONTAINMENT, "path_containment")

enum writ_constraint_type {
#define X(name, text) WRIT_CONSTRAINT_##name,
    WRIT_CONSTRAINT_TYPES(X)
#undef X
};

struct writ_bound {
    bool present;
    bool inclusive;
    const struct writ_json *number;
};

struct writ_constraint {
    enum writ_constraint_type type;
    bool optional;
    const struct writ_json *value;  /* EXACT: a scalar; PATH_CONTAINMENT: the root, a string */
    const struct writ_json *values; /* ONE_OF, NOT_ONE_OF, CONTAINS, SUBSET: an array */
    struct writ_bound min, max;     /* RANGE */
    const struct writ_constraint *clauses; /* ALL, ANY */
    size_t clause_count;
};

/* UNKNOWN_CONSTRAINT (type or member unknown, ill-formed, too deep, empty all/any) or
 * NON_CANONICAL (a number that RFC 8785 changes). `top` allows `optional`. */
struct writ_result writ_constraint_parse(struct writ_arena *arena, const struct writ_json *json,
                                         enum writ_profile profile, int max_depth, bool top,
                                         struct writ_constraint *ret_constraint) WRIT_MUST_CHECK;
struct writ_json *writ_constraint_json(struct writ_arena *arena,
                                       const struct writ_constraint *constraint);
bool writ_constraint_check(const struct writ_constraint *constraint, const struct writ_json *value);
/* child ⊑ parent by the closed table, `optional` left aside. */
bool writ_constraint_subsumes(const struct writ_constraint *parent,
                              const struct writ_constraint *child);
/* The widest constraint that the table lets stand below both; false when there is none. */
bool writ_constraint_meet(struct writ_arena *arena, const struct writ_constraint *a,
                          const struct writ_constraint *b, struct writ_constraint *ret_meet);
/* An absolute, normal path: no empty, "." or ".." segment, no control character, backslash or
 * NUL, none of %2e %2f %5c %00. "/" is normal. */
bool writ_path_is_normal(struct writ_slice path);
/* Both normal, and path is root or beneath it by whole segments. */
bool writ_path_is_under(struct writ_slice root, struct writ_slice path);

#endif
