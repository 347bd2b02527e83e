/*
 * The draft once more: sections 3.4 (does a value pass), 4.5 (the closed table, the rules for maps)
 * and 8 (steps 4p and 6b) of AAT-02, written from its text and not from lib/authority. It is
 * slow and small: values are interned by their RFC 8785 bytes, so that equality is equality of
 * numbers and every set is a row of bits. Of libwrit it uses the JSON tree, its RFC 8785 writer and
 * the arena, and nothing else.
 */
#ifndef WRIT_TESTS_PROPERTIES_DRAFT_H
#define WRIT_TESTS_PROPERTIES_DRAFT_H

#include "json/json.h"

/* ---- Values ---------------------------------------------------------------------------------- */

enum { DRAFT_VALUES_MAX = 512, DRAFT_WORDS = DRAFT_VALUES_MAX / 64 };

/* A set of numbers: of values of one world, or of whatever else a test has numbered. */
struct draft_set {
    uint64_t words[DRAFT_WORDS];
};

struct draft_value {
    struct writ_slice canonical;
    enum writ_json_type type;
    double number;
    struct writ_slice text;
    struct draft_set elements; /* of an array */
    bool is_normal_path;
};

/* All values that were spoken of so far. */
struct draft_world {
    struct writ_arena *arena;
    struct draft_value values[DRAFT_VALUES_MAX];
    size_t count;
};

void draft_world_init(struct draft_world *world, struct writ_arena *arena);
/* The number of the value; fails the test when the world is full. */
size_t draft_value(struct draft_world *world, const struct writ_json *json);
bool draft_set_has(const struct draft_set *set, size_t value);
bool draft_set_within(const struct draft_set *small, const struct draft_set *big);
struct draft_set draft_set_common(const struct draft_set *a, const struct draft_set *b);
void draft_set_add(struct draft_set *set, size_t value);

/* ---- Constraints ----------------------------------------------------------------------------- */

enum draft_type {
    DRAFT_EXACT,
    DRAFT_RANGE,
    DRAFT_ONE_OF,
    DRAFT_NOT_ONE_OF,
    DRAFT_CONTAINS,
    DRAFT_SUBSET,
    DRAFT_WILDCARD,
    DRAFT_ALL,
    DRAFT_ANY,
    DRAFT_PATH, /* path_containment, as DESIGN section 2 narrows the draft's example */
    DRAFT_TYPES,
};

extern const char *const DRAFT_TYPE_NAMES[DRAFT_TYPES];

struct draft_bound {
    bool given;
    bool inclusive;
    double at;
};

struct draft_constraint {
    enum draft_type type;
    bool optional;
    size_t value;         /* EXACT; PATH: the root */
    struct draft_set set; /* ONE_OF, NOT_ONE_OF, CONTAINS, SUBSET */
    struct draft_bound min, max;
    const struct draft_constraint *clauses;
    size_t clause_count;
};

/* Of a well-formed constraint. */
struct draft_constraint draft_read(struct draft_world *world, const struct writ_json *json);
/* Section 3.4: does the value satisfy the constraint? */
bool draft_accepts(const struct draft_world *world, const struct draft_constraint *constraint,
                   size_t value);
/* All values of the world that do. */
struct draft_set draft_accepted(const struct draft_world *world,
                                const struct draft_constraint *constraint);
/* Section 4.5: is the pair in the table, and is its condition met? */
bool draft_subsumes(const struct draft_world *world, const struct draft_constraint *parent,
                    const struct draft_constraint *child);
/* The table has an entry for the pair, whatever its condition. */
bool draft_has_entry(enum draft_type parent, enum draft_type child);

/* ---- Maps and authorities -------------------------------------------------------------------- */

struct draft_map {
    size_t count;
    const struct writ_slice *names; /* without "*" */
    const struct draft_constraint *constraints;
    bool star; /* it has "*", or is empty, which is the same */
};

struct draft_tools {
    size_t count;
    const struct writ_slice *names;
    const struct draft_map *maps;
};

/* A profile's rule for names that differ only in case; the draft has none. */
enum draft_case { DRAFT_CASE_IS_NOTHING, DRAFT_CASE_SHADOWS };

struct draft_args {
    size_t count;
    const struct writ_slice *names;
    const size_t *values;
};

struct draft_args draft_args_read(struct draft_world *world, const struct writ_json *args);
struct draft_tools draft_tools_read(struct draft_world *world, const struct writ_json *tools);
/* The first of steps 4p1 to 4p4 that denies; NULL: the child is narrower. */
const char *draft_denies(const struct draft_world *world, const struct draft_tools *parent,
                         const struct draft_tools *child, enum draft_case names);
/* Step 6b. */
bool draft_allows(const struct draft_world *world, const struct draft_tools *tools,
                  struct writ_slice tool, const struct draft_args *args, enum draft_case names);

#endif
