/*
 * A counter-example: a value that the child's constraint passes and the parent's does not. Tried
 * are the values that the two constraints themselves speak of, their edges, and a few of each
 * kind; where none serves, the refusal shows both constraints instead.
 */
#include "authority/internal.h"

enum { TRIES_MAX = 400 };

struct hunt {
    struct writ_arena *arena;
    const struct writ_constraint *parent;
    const struct writ_constraint *child;
    struct writ_work work;
    size_t tries_left;
    const struct writ_json *found;
};

static void try_value(struct hunt *hunt, const struct writ_json *value)
{
    if (!value || hunt->found || hunt->tries_left == 0)
        return;
    hunt->tries_left--;
    if (!writ_constraint_passes(&hunt->work, hunt->child, value))
        return;
    if (!writ_constraint_passes(&hunt->work, hunt->parent, value) && hunt->work.left > 0)
        hunt->found = value;
}

/* Bounds are finite, and so is what lies beside and between them. */
static void try_number(struct hunt *hunt, double number)
{
    struct writ_json *value = writ_arena_alloc(hunt->arena, sizeof *value);
    if (!value)
        return;
    *value = (struct writ_json){.type = WRIT_JSON_NUMBER, .number = number};
    try_value(hunt, value);
}

static void try_text(struct hunt *hunt, const char *terminated)
{
    struct writ_json *array = writ_json_new_array(hunt->arena);
    if (terminated)
        try_value(hunt, writ_json_add_text(hunt->arena, array, writ_slice_text(terminated)));
}

static void try_range(struct hunt *hunt, const struct writ_constraint *range)
{
    const struct writ_bound *bounds[] = {&range->max, &range->min};
    for (size_t i = 0; i < 2; i++) {
        if (!bounds[i]->present)
            continue;
        const double edge = bounds[i]->number->number;
        try_value(hunt, bounds[i]->number);
        try_number(hunt, edge + 1);
        try_number(hunt, edge - 1);
    }
    if (range->min.present && range->max.present)
        try_number(hunt, range->min.number->number / 2 + range->max.number->number / 2);
}

/* The set as a value, the same with one element more, and each element alone. */
static void try_arrays(struct hunt *hunt, const struct writ_json *set)
{
    try_value(hunt, set);
    for (size_t i = 0; i < set->count && !hunt->found && hunt->tries_left > 0; i++) {
        struct writ_json *one = writ_json_new_array(hunt->arena);
        if (writ_json_add(hunt->arena, one, &set->items[i]))
            try_value(hunt, one);
    }
    struct writ_json *more = writ_json_new_array(hunt->arena);
    bool whole = more != NULL;
    for (size_t i = 0; i < set->count && whole; i++)
        whole = writ_json_add(hunt->arena, more, &set->items[i]) != NULL;
    if (whole && writ_json_add_text(hunt->arena, more, WRIT_SLICE_LITERAL("other")))
        try_value(hunt, more);
}

static void try_constraint(struct hunt *hunt, const struct writ_constraint *constraint)
{
    switch (constraint->type) {
    case WRIT_CONSTRAINT_EXACT:
        try_value(hunt, constraint->value);
        break;
    case WRIT_CONSTRAINT_RANGE:
        try_range(hunt, constraint);
        break;
    case WRIT_CONSTRAINT_ONE_OF:
    case WRIT_CONSTRAINT_NOT_ONE_OF:
        for (size_t i = 0; i < constraint->values->count && hunt->tries_left > 0; i++)
            try_value(hunt, &constraint->values->items[i]);
        break;
    case WRIT_CONSTRAINT_CONTAINS:
    case WRIT_CONSTRAINT_SUBSET:
        try_arrays(hunt, constraint->values);
        break;
    case WRIT_CONSTRAINT_WILDCARD:
        break;
    case WRIT_CONSTRAINT_ALL:
    case WRIT_CONSTRAINT_ANY:
        for (size_t i = 0; i < constraint->clause_count && hunt->tries_left > 0; i++)
            try_constraint(hunt, &constraint->clauses[i]);
        break;
    case WRIT_CONSTRAINT_PATH_CONTAINMENT:
        try_value(hunt, constraint->value);
        try_text(hunt, writ_arena_printf(hunt->arena, "%.*s/file",
                                         WRIT_SLICE_ARGS(constraint->value->text)));
        break;
    }
}

const struct writ_json *writ_constraint_witness(struct writ_arena *arena,
                                                const struct writ_constraint *parent,
                                                const struct writ_constraint *child)
{
    struct hunt hunt = {arena, parent, child, {WRIT_WORK_LIMIT / 8}, TRIES_MAX, NULL};
    try_constraint(&hunt, child);
    try_constraint(&hunt, parent);
    hunt.tries_left += 8;
    try_text(&hunt, "other");
    try_number(&hunt, 0);
    try_number(&hunt, 1e6);
    try_number(&hunt, -1e6);
    static const struct writ_json EMPTY = {.type = WRIT_JSON_ARRAY};
    static const struct writ_json NOTHING = {.type = WRIT_JSON_NULL};
    try_value(&hunt, &EMPTY);
    try_value(&hunt, &NOTHING);
    return hunt.found;
}
