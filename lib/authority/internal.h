/*
 * What the files of this room share and nobody else needs: sets, bounded work, and the words in
 * which a refusal explains itself.
 */
#ifndef WRIT_AUTHORITY_INTERNAL_H
#define WRIT_AUTHORITY_INTERNAL_H

#include "authority/notation.h"

/* ---- Work ---------------------------------------------------------------------------------
 *
 * Comparing two trees visits each pair of nodes of the same depth at most once, so it costs the
 * product of their sizes: never exponential, but 64 KiB against 64 KiB are millions of pairs. So
 * everything that compares spends steps of one purse, and whoever finds it empty refuses: a
 * comparison is then no subset, a value does not pass, a meet has nothing. Sets of scalars cost
 * one step an element; what people write costs hundreds.
 */
enum { WRIT_WORK_LIMIT = 1 << 18 };

struct writ_work {
    size_t left;
};

#define WRIT_WORK_FULL ((struct writ_work){WRIT_WORK_LIMIT})

/* False when there is not that much left; then nothing is. */
bool writ_work_spend(struct writ_work *work, size_t steps);

/* ---- Sets: the arrays of one_of, not_one_of, contains and subset ---------------------------
 *
 * Kept in one order and without repeats: scalars by kind and value, then arrays and objects by
 * their RFC 8785 bytes.
 */
/* NULL when out of memory. All numbers are admissible. */
const struct writ_json *writ_set_of(struct writ_arena *arena, const struct writ_json *array);
bool writ_set_has(struct writ_work *work, const struct writ_json *set,
                  const struct writ_json *value);
bool writ_set_within(struct writ_work *work, const struct writ_json *small,
                     const struct writ_json *big);
/* Every element of the array, which is as a caller sent it, is in the set. */
bool writ_set_allows(struct writ_work *work, const struct writ_json *set,
                     const struct writ_json *array);
/* The other way: every element of the set is in the array. */
bool writ_set_covered(struct writ_work *work, const struct writ_json *set,
                      const struct writ_json *array);
const struct writ_json *writ_set_union(struct writ_arena *arena, const struct writ_json *a,
                                       const struct writ_json *b);
const struct writ_json *writ_set_intersection(struct writ_arena *arena, struct writ_work *work,
                                              const struct writ_json *a, const struct writ_json *b);

/* ---- Constraints ---------------------------------------------------------------------------- */

/* writ_constraint_parse, and on failure a sentence that says what is wrong with it. */
struct writ_result writ_constraint_read(struct writ_arena *arena, const struct writ_json *json,
                                        enum writ_profile profile, int max_depth, bool top,
                                        struct writ_constraint *ret_constraint,
                                        const char **ret_reason) WRIT_MUST_CHECK;
const char *writ_constraint_type_name(enum writ_constraint_type type);
/* Of check and subsumes with the caller's purse; an empty one answers false. */
bool writ_constraint_passes(struct writ_work *work, const struct writ_constraint *constraint,
                            const struct writ_json *value);
bool writ_constraint_covers(struct writ_work *work, const struct writ_constraint *parent,
                            const struct writ_constraint *child);
bool writ_range_accepts(const struct writ_constraint *range, const struct writ_json *value);
bool writ_bound_tighter(const struct writ_bound *bound, const struct writ_bound *than, bool upper);
/* A value that the child allows and the parent does not; NULL when none was found. */
const struct writ_json *writ_constraint_witness(struct writ_arena *arena,
                                                const struct writ_constraint *parent,
                                                const struct writ_constraint *child);

/* ---- Authorities ---------------------------------------------------------------------------- */

/* The rule of our profile: `name` is not among the named arguments, but a tool that ignores case
 * would take it for one of them, so "*" must not let it in. True, too, when work runs out. */
bool writ_tool_shadows(struct writ_work *work, const struct writ_tool *tool,
                       struct writ_slice name);
/* By name; for qsort. */
int writ_tool_order(const void *a, const void *b);
int writ_argument_order(const void *a, const void *b);
/* "tools.NAME" or "tools.NAME.ARGUMENT" (no argument: name.data NULL), cut where it must be. */
enum { WRIT_FIELD_SIZE = 512 };
const char *writ_field_of(struct writ_slice tool, struct writ_slice argument,
                          char ret_field[static WRIT_FIELD_SIZE]);

/* ---- Words, in notation; data is NULL when out of memory ------------------------------------ */

struct writ_slice writ_name_notation(struct writ_arena *arena, struct writ_slice name);
/* A scalar in notation; an array or object as JSON. */
struct writ_slice writ_value_notation(struct writ_arena *arena, const struct writ_json *value);
struct writ_slice writ_argument_notation(struct writ_arena *arena,
                                         const struct writ_argument *argument);

#endif
