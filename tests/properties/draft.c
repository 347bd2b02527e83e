/* Values and constraints: sections 3.4 and 4.5 of AAT-02. */
#include "draft.h"

#include <string.h>

#include "tally.h"

/* ---- Values ---------------------------------------------------------------------------------- */

void draft_world_init(struct draft_world *world, struct writ_arena *arena)
{
    memset(world, 0, sizeof *world);
    world->arena = arena;
}

bool draft_set_has(const struct draft_set *set, size_t value)
{
    return (set->words[value / 64] >> (value % 64) & 1) != 0;
}

void draft_set_add(struct draft_set *set, size_t value)
{
    set->words[value / 64] |= (uint64_t)1 << (value % 64);
}

bool draft_set_within(const struct draft_set *small, const struct draft_set *big)
{
    for (size_t i = 0; i < DRAFT_WORDS; i++)
        if ((small->words[i] & ~big->words[i]) != 0)
            return false;
    return true;
}

struct draft_set draft_set_common(const struct draft_set *a, const struct draft_set *b)
{
    struct draft_set common;
    for (size_t i = 0; i < DRAFT_WORDS; i++)
        common.words[i] = a->words[i] & b->words[i];
    return common;
}

/* The next segment of a path, which is at its "/"; data is NULL behind the last one. */
static struct writ_slice next_segment(struct writ_slice *rest)
{
    if (rest->size == 0)
        return WRIT_SLICE_NONE;
    const uint8_t *start = rest->data + 1;
    const uint8_t *slash = memchr(start, '/', rest->size - 1);
    const size_t size = slash ? (size_t)(slash - start) : rest->size - 1;
    *rest = writ_slice_of(start + size, rest->size - 1 - size);
    return writ_slice_of(start, size);
}

/* "Absolute, /-separated, no empty, . or .. segment, no NUL, control character or backslash, none
 * of %2e %2f %5c %00." */
static bool is_normal_path(const char *text, struct writ_slice path)
{
    static const char *const HIDDEN[] = {"%2e", "%2f", "%5c", "%00"};
    if (text[0] != '/' || strchr(text, '\\') || strlen(text) != path.size)
        return false;
    for (size_t i = 0; i < sizeof HIDDEN / sizeof HIDDEN[0]; i++)
        if (strcasestr(text, HIDDEN[i]))
            return false;
    for (const char *at = text; *at != '\0'; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    if (strcmp(text, "/") == 0)
        return true;
    struct writ_slice segment = next_segment(&path);
    for (; segment.data; segment = next_segment(&path))
        if (segment.size == 0 || writ_slice_is(segment, ".") || writ_slice_is(segment, ".."))
            return false;
    return true;
}

/* Whole segments, bytes, no case folding. */
static bool is_beneath(const struct draft_value *root, const struct draft_value *path)
{
    if (root->type != WRIT_JSON_STRING || path->type != WRIT_JSON_STRING || !root->is_normal_path ||
        !path->is_normal_path)
        return false;
    struct writ_slice above = root->text, below = path->text;
    if (writ_slice_is(above, "/"))
        return true;
    for (;;) {
        const struct writ_slice wanted = next_segment(&above);
        if (!wanted.data)
            return true;
        const struct writ_slice found = next_segment(&below);
        if (!found.data || !writ_slice_equal(wanted, found))
            return false;
    }
}

size_t draft_value(struct draft_world *world, const struct writ_json *json)
{
    const struct writ_slice canonical = writ_json_canonical(world->arena, json);
    MUST(canonical.data);
    for (size_t i = 0; i < world->count; i++)
        if (writ_slice_equal(world->values[i].canonical, canonical))
            return i;
    struct draft_value value = {
        .canonical = canonical,
        .type = json->type,
        .number = json->number,
        .text = json->text,
    };
    if (json->type == WRIT_JSON_STRING)
        value.is_normal_path = is_normal_path(writ_arena_text(world->arena, json->text),
                                              json->text);
    for (size_t i = 0; json->type == WRIT_JSON_ARRAY && i < json->count; i++)
        draft_set_add(&value.elements, draft_value(world, &json->items[i]));
    MUST(world->count < DRAFT_VALUES_MAX);
    world->values[world->count] = value;
    return world->count++;
}

/* ---- Constraints ----------------------------------------------------------------------------- */

const char *const DRAFT_TYPE_NAMES[DRAFT_TYPES] = {
    "exact",  "range",    "one_of", "not_one_of", "contains",
    "subset", "wildcard", "all",    "any",        "path_containment",
};

/* Where the type keeps its set, or its value. */
static const char *const SETS[DRAFT_TYPES] = {
    [DRAFT_ONE_OF] = "values",
    [DRAFT_NOT_ONE_OF] = "excluded",
    [DRAFT_CONTAINS] = "required",
    [DRAFT_SUBSET] = "allowed",
};

static bool is_false(const struct writ_json *json)
{
    return writ_json_is(json, WRIT_JSON_BOOLEAN) && !json->boolean;
}

static bool is_true(const struct writ_json *json)
{
    return writ_json_is(json, WRIT_JSON_BOOLEAN) && json->boolean;
}

static struct draft_bound read_bound(const struct writ_json *at, const struct writ_json *inclusive)
{
    return (struct draft_bound){at != NULL, !is_false(inclusive), at ? at->number : 0};
}

static enum draft_type type_of(const struct writ_json *json)
{
    const struct writ_slice name = writ_json_text(writ_json_get(json, "constraint_type"));
    enum draft_type type = DRAFT_EXACT;
    while (type < DRAFT_TYPES && !writ_slice_is(name, DRAFT_TYPE_NAMES[type]))
        type++;
    MUST(type < DRAFT_TYPES);
    return type;
}

static void read_clauses(struct draft_world *world, const struct writ_json *array,
                         struct draft_constraint *constraint)
{
    struct draft_constraint *clauses = writ_arena_array(world->arena, array->count,
                                                        sizeof *clauses);
    MUST(clauses);
    for (size_t i = 0; i < array->count; i++)
        clauses[i] = draft_read(world, &array->items[i]);
    constraint->clauses = clauses;
    constraint->clause_count = array->count;
}

struct draft_constraint draft_read(struct draft_world *world, const struct writ_json *json)
{
    struct draft_constraint constraint = {
        .type = type_of(json),
        .optional = is_true(writ_json_get(json, "optional")),
        .min = read_bound(writ_json_get(json, "min"), writ_json_get(json, "min_inclusive")),
        .max = read_bound(writ_json_get(json, "max"), writ_json_get(json, "max_inclusive")),
    };
    if (constraint.type == DRAFT_EXACT)
        constraint.value = draft_value(world, writ_json_get(json, "value"));
    if (constraint.type == DRAFT_PATH)
        constraint.value = draft_value(world, writ_json_get(json, "root"));
    if (constraint.type == DRAFT_ALL || constraint.type == DRAFT_ANY)
        read_clauses(world, writ_json_get(json, "constraints"), &constraint);
    const char *member = SETS[constraint.type];
    const struct writ_json *set = member ? writ_json_get(json, member) : NULL;
    for (size_t i = 0; set && i < set->count; i++)
        draft_set_add(&constraint.set, draft_value(world, &set->items[i]));
    return constraint;
}

static bool is_in_range(const struct draft_constraint *range, const struct draft_value *value)
{
    const struct draft_bound *min = &range->min, *max = &range->max;
    if (value->type != WRIT_JSON_NUMBER)
        return false;
    if (min->given && (min->inclusive ? value->number < min->at : value->number <= min->at))
        return false;
    return !max->given || (max->inclusive ? value->number <= max->at : value->number < max->at);
}

static size_t count_accepting(const struct draft_world *world,
                              const struct draft_constraint *constraint, size_t value)
{
    size_t count = 0;
    for (size_t i = 0; i < constraint->clause_count; i++)
        count += draft_accepts(world, &constraint->clauses[i], value);
    return count;
}

bool draft_accepts(const struct draft_world *world, const struct draft_constraint *constraint,
                   size_t value)
{
    const struct draft_value *given = &world->values[value];
    const bool is_array = given->type == WRIT_JSON_ARRAY;
    switch (constraint->type) {
    case DRAFT_EXACT:
        return value == constraint->value;
    case DRAFT_RANGE:
        return is_in_range(constraint, given);
    case DRAFT_ONE_OF:
        return draft_set_has(&constraint->set, value);
    case DRAFT_NOT_ONE_OF:
        return !draft_set_has(&constraint->set, value);
    case DRAFT_CONTAINS:
        return is_array && draft_set_within(&constraint->set, &given->elements);
    case DRAFT_SUBSET:
        return is_array && draft_set_within(&given->elements, &constraint->set);
    case DRAFT_WILDCARD:
        return true;
    case DRAFT_ALL:
        return count_accepting(world, constraint, value) == constraint->clause_count;
    case DRAFT_ANY:
        return count_accepting(world, constraint, value) > 0;
    case DRAFT_PATH:
        return is_beneath(&world->values[constraint->value], given);
    case DRAFT_TYPES:
        break;
    }
    return false;
}

struct draft_set draft_accepted(const struct draft_world *world,
                                const struct draft_constraint *constraint)
{
    struct draft_set accepted = {0};
    for (size_t i = 0; i < world->count; i++)
        if (draft_accepts(world, constraint, i))
            draft_set_add(&accepted, i);
    return accepted;
}

/* ---- The table of section 4.5: conditions, then cells ---------------------------------------- */

#define CONDITION(name)                                                                            \
    static bool name(const struct draft_world *world, const struct draft_constraint *parent,       \
                     const struct draft_constraint *child)

/* "exact with the same value" */
CONDITION(same_value)
{
    (void)world;
    return parent->value == child->value;
}

/* "exact whose value is a number the parent range accepts", "... a member of the parent's values",
 * and of a path "equal to the parent's root or beneath it" */
CONDITION(value_accepted)
{
    return draft_accepts(world, parent, child->value);
}

/* "Derived min >= parent min, derived max <= parent max. A missing bound on the parent is treated
 * as unbounded; on the derived constraint it is only valid if the parent bound is also missing.
 * Inclusivity may only become more restrictive." */
CONDITION(range_at_least_as_tight)
{
    (void)world;
    const struct draft_bound *above = &parent->min, *below = &child->min;
    if (above->given && (!below->given || below->at < above->at ||
                         (below->at <= above->at && below->inclusive && !above->inclusive)))
        return false;
    above = &parent->max;
    below = &child->max;
    return !above->given ||
           (below->given && (below->at < above->at ||
                             (below->at <= above->at && (above->inclusive || !below->inclusive))));
}

/* "whose values are a (non-empty) subset of the parent's", "whose allowed elements are a subset" */
CONDITION(set_within)
{
    (void)world;
    return draft_set_within(&child->set, &parent->set);
}

/* "whose excluded values", "whose required elements are a superset of the parent's" */
CONDITION(set_around)
{
    (void)world;
    return draft_set_within(&parent->set, &child->set);
}

/* "every parent clause subsumes at least one derived clause" */
CONDITION(each_parent_clause_subsumes_one)
{
    for (size_t p = 0; p < parent->clause_count; p++) {
        size_t subsumed = 0;
        for (size_t d = 0; d < child->clause_count; d++)
            subsumed += draft_subsumes(world, &parent->clauses[p], &child->clauses[d]);
        if (subsumed == 0)
            return false;
    }
    return true;
}

/* "every derived clause is subsumed by at least one parent clause" */
CONDITION(each_child_clause_is_subsumed)
{
    for (size_t d = 0; d < child->clause_count; d++) {
        size_t subsuming = 0;
        for (size_t p = 0; p < parent->clause_count; p++)
            subsuming += draft_subsumes(world, &parent->clauses[p], &child->clauses[d]);
        if (subsuming == 0)
            return false;
    }
    return true;
}

/* "is the parent's root or lies beneath it" */
CONDITION(root_beneath)
{
    return is_beneath(&world->values[parent->value], &world->values[child->value]);
}

CONDITION(always)
{
    (void)world;
    (void)parent;
    (void)child;
    return true;
}

/* Rows are parents. "Every other pair is invalid and MUST be rejected." */
static bool (*const TABLE[DRAFT_TYPES][DRAFT_TYPES])(const struct draft_world *world,
                                                     const struct draft_constraint *parent,
                                                     const struct draft_constraint *child) = {
    [DRAFT_EXACT] = {[DRAFT_EXACT] = same_value},
    [DRAFT_RANGE] = {[DRAFT_RANGE] = range_at_least_as_tight, [DRAFT_EXACT] = value_accepted},
    [DRAFT_ONE_OF] = {[DRAFT_ONE_OF] = set_within, [DRAFT_EXACT] = value_accepted},
    [DRAFT_NOT_ONE_OF] = {[DRAFT_NOT_ONE_OF] = set_around},
    [DRAFT_CONTAINS] = {[DRAFT_CONTAINS] = set_around},
    [DRAFT_SUBSET] = {[DRAFT_SUBSET] = set_within},
    [DRAFT_ALL] = {[DRAFT_ALL] = each_parent_clause_subsumes_one},
    [DRAFT_ANY] = {[DRAFT_ANY] = each_child_clause_is_subsumed},
    [DRAFT_WILDCARD] = {always, always, always, always, always, always, always, always, always,
                        always},
    [DRAFT_PATH] = {[DRAFT_PATH] = root_beneath, [DRAFT_EXACT] = value_accepted},
};

bool draft_has_entry(enum draft_type parent, enum draft_type child)
{
    return TABLE[parent][child] != NULL;
}

bool draft_subsumes(const struct draft_world *world, const struct draft_constraint *parent,
                    const struct draft_constraint *child)
{
    return draft_has_entry(parent->type, child->type) &&
           TABLE[parent->type][child->type](world, parent, child);
}
