/*
 * The meet of constraints: what the closed table lets stand below both.
 *
 * Two constraints have a set of *maximal* lower bounds. It is empty (an exact under a not_one_of),
 * or holds one, or, where a range or a path meets a one_of, one exact for each value in both, since
 * the table has no type that stands below the two and holds several. Inside an `any` all of them
 * are kept; elsewhere the meet exists only when there is one: to choose for the caller would grant
 * something that nobody asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "authority/meet.h"

struct bounds {
    struct writ_constraint *items;
    size_t count, capacity;
};

static bool lower_bounds(struct writ_meeting *meeting, const struct writ_constraint *a,
                         const struct writ_constraint *b, struct bounds *bounds);

static bool out_of_memory(struct writ_meeting *meeting)
{
    meeting->out_of_memory = true;
    return false;
}

static bool push(struct writ_meeting *meeting, struct bounds *bounds,
                 const struct writ_constraint *constraint)
{
    enum { FIRST_CAPACITY = 4 };
    if (!writ_work_spend(&meeting->work, 1))
        return false;
    if (bounds->count == bounds->capacity) {
        const size_t capacity = bounds->capacity == 0 ? FIRST_CAPACITY : bounds->capacity * 2;
        struct writ_constraint *items = writ_arena_array(meeting->arena, capacity, sizeof *items);
        if (!items)
            return out_of_memory(meeting);
        if (bounds->count > 0)
            memcpy(items, bounds->items, bounds->count * sizeof *items);
        bounds->items = items;
        bounds->capacity = capacity;
    }
    bounds->items[bounds->count++] = *constraint;
    return true;
}

/* ---- The order of clauses --------------------------------------------------------------------
 *
 * A meet must not depend on which side came first, so clauses that it puts together are ordered by
 * their RFC 8785 bytes, and of two that cover each other the first one stays.
 */
struct clause {
    const struct writ_constraint *constraint;
    struct writ_slice canonical;
    bool redundant;
};

static int compare_clauses(const void *a, const void *b)
{
    const struct clause *left = a, *right = b;
    return writ_slice_compare(left->canonical, right->canonical);
}

static struct writ_slice canonical_of(struct writ_meeting *meeting,
                                      const struct writ_constraint *constraint)
{
    const struct writ_json *json = writ_constraint_json(meeting->arena, constraint);
    const struct writ_slice canonical = json ? writ_json_canonical(meeting->arena, json)
                                             : WRIT_SLICE_NONE;
    if (!canonical.data)
        meeting->out_of_memory = true;
    return canonical;
}

/* In an `any`, a clause that another covers adds nothing; in an `all`, one that covers another. */
static bool is_redundant(struct writ_meeting *meeting, enum writ_constraint_type type,
                         const struct clause *clauses, size_t count, size_t index)
{
    const struct writ_constraint *mine = clauses[index].constraint;
    for (size_t i = 0; i < count; i++) {
        if (i == index || clauses[i].redundant)
            continue;
        const struct writ_constraint *other = clauses[i].constraint;
        const struct writ_constraint *wide = type == WRIT_CONSTRAINT_ANY ? other : mine;
        const struct writ_constraint *narrow = type == WRIT_CONSTRAINT_ANY ? mine : other;
        if (writ_constraint_covers(&meeting->work, wide, narrow) &&
            (i < index || !writ_constraint_covers(&meeting->work, narrow, wide)))
            return true;
    }
    return false;
}

/* The bounds as clauses of one constraint: ordered, and without those that say nothing. */
static bool push_composite(struct writ_meeting *meeting, enum writ_constraint_type type,
                           const struct bounds *parts, struct bounds *bounds)
{
    struct clause *clauses = writ_arena_array(meeting->arena, parts->count, sizeof *clauses);
    struct writ_constraint *kept = writ_arena_array(meeting->arena, parts->count, sizeof *kept);
    if (!clauses || !kept)
        return out_of_memory(meeting);
    for (size_t i = 0; i < parts->count; i++) {
        clauses[i].constraint = &parts->items[i];
        clauses[i].canonical = canonical_of(meeting, &parts->items[i]);
        if (!clauses[i].canonical.data)
            return false;
    }
    qsort(clauses, parts->count, sizeof *clauses, compare_clauses);
    size_t count = 0;
    for (size_t i = 0; i < parts->count; i++) {
        clauses[i].redundant = is_redundant(meeting, type, clauses, parts->count, i);
        if (!clauses[i].redundant)
            kept[count++] = *clauses[i].constraint;
    }
    const struct writ_constraint composite = {.type = type, .clauses = kept, .clause_count = count};
    return push(meeting, bounds, &composite);
}

/* ---- One pair of types each ------------------------------------------------------------------ */

static bool meet_ranges(struct writ_meeting *meeting, const struct writ_constraint *a,
                        const struct writ_constraint *b, struct bounds *bounds)
{
    const struct writ_constraint range = {
        .type = WRIT_CONSTRAINT_RANGE,
        .min = writ_bound_tighter(&a->min, &b->min, false) ? a->min : b->min,
        .max = writ_bound_tighter(&a->max, &b->max, true) ? a->max : b->max,
    };
    if (range.min.present && range.max.present &&
        range.min.number->number > range.max.number->number)
        return true;
    return push(meeting, bounds, &range);
}

static bool meet_sets(struct writ_meeting *meeting, const struct writ_constraint *a,
                      const struct writ_constraint *b, bool join, struct bounds *bounds)
{
    struct writ_constraint set = {.type = a->type};
    set.values = join ? writ_set_union(meeting->arena, a->values, b->values)
                      : writ_set_intersection(meeting->arena, &meeting->work, a->values, b->values);
    if (!set.values)
        return out_of_memory(meeting);
    if (set.type == WRIT_CONSTRAINT_ONE_OF && set.values->count == 0)
        return true;
    return push(meeting, bounds, &set);
}

/* One exact for each value that `other`, a range or a path, lets pass: no array or object. */
static bool meet_one_of(struct writ_meeting *meeting, const struct writ_constraint *one_of,
                        const struct writ_constraint *other, struct bounds *bounds)
{
    for (size_t i = 0; i < one_of->values->count; i++) {
        const struct writ_json *value = &one_of->values->items[i];
        const struct writ_constraint exact = {.type = WRIT_CONSTRAINT_EXACT, .value = value};
        if (writ_constraint_covers(&meeting->work, other, &exact) && !push(meeting, bounds, &exact))
            return false;
    }
    return true;
}

/* Each clause of either must cover one of the meet's, so the meet has them all. */
static bool meet_all(struct writ_meeting *meeting, const struct writ_constraint *a,
                     const struct writ_constraint *b, struct bounds *bounds)
{
    struct bounds parts = {0};
    for (size_t i = 0; i < a->clause_count; i++)
        if (!push(meeting, &parts, &a->clauses[i]))
            return false;
    for (size_t i = 0; i < b->clause_count; i++)
        if (!push(meeting, &parts, &b->clauses[i]))
            return false;
    return push_composite(meeting, WRIT_CONSTRAINT_ALL, &parts, bounds);
}

/* Each clause of the meet must be covered by one of a and by one of b. */
static bool meet_any(struct writ_meeting *meeting, const struct writ_constraint *a,
                     const struct writ_constraint *b, struct bounds *bounds)
{
    struct bounds parts = {0};
    for (size_t i = 0; i < a->clause_count; i++)
        for (size_t j = 0; j < b->clause_count; j++)
            if (!lower_bounds(meeting, &a->clauses[i], &b->clauses[j], &parts))
                return false;
    return parts.count == 0 || push_composite(meeting, WRIT_CONSTRAINT_ANY, &parts, bounds);
}

static bool is_range_or_path(const struct writ_constraint *constraint)
{
    return constraint->type == WRIT_CONSTRAINT_RANGE ||
           constraint->type == WRIT_CONSTRAINT_PATH_CONTAINMENT;
}

static bool meet_unrelated(struct writ_meeting *meeting, const struct writ_constraint *a,
                           const struct writ_constraint *b, struct bounds *bounds)
{
    if (a->type == WRIT_CONSTRAINT_ONE_OF && is_range_or_path(b))
        return meet_one_of(meeting, a, b, bounds);
    if (b->type == WRIT_CONSTRAINT_ONE_OF && is_range_or_path(a))
        return meet_one_of(meeting, b, a, bounds);
    if (a->type != b->type)
        return true;
    switch (a->type) {
    case WRIT_CONSTRAINT_RANGE:
        return meet_ranges(meeting, a, b, bounds);
    case WRIT_CONSTRAINT_ONE_OF:
    case WRIT_CONSTRAINT_SUBSET:
        return meet_sets(meeting, a, b, false, bounds);
    case WRIT_CONSTRAINT_NOT_ONE_OF:
    case WRIT_CONSTRAINT_CONTAINS:
        return meet_sets(meeting, a, b, true, bounds);
    case WRIT_CONSTRAINT_ALL:
        return meet_all(meeting, a, b, bounds);
    case WRIT_CONSTRAINT_ANY:
        return meet_any(meeting, a, b, bounds);
    default:
        return true; /* two values, or two directories, that have nothing in common */
    }
}

/* Adds every maximal lower bound of a and b. False: no memory, or no work left. */
static bool lower_bounds(struct writ_meeting *meeting, const struct writ_constraint *a,
                         const struct writ_constraint *b, struct bounds *bounds)
{
    const bool b_below_a = writ_constraint_covers(&meeting->work, a, b);
    const bool a_below_b = writ_constraint_covers(&meeting->work, b, a);
    if (meeting->work.left == 0)
        return false;
    if (!b_below_a && !a_below_b)
        return meet_unrelated(meeting, a, b, bounds);
    struct writ_constraint lower = b_below_a ? *b : *a;
    if (b_below_a && a_below_b) { /* two ways to say one thing */
        const struct writ_slice in_a = canonical_of(meeting, a), in_b = canonical_of(meeting, b);
        if (!in_a.data || !in_b.data)
            return false;
        lower = writ_slice_compare(in_a, in_b) <= 0 ? *a : *b;
    }
    return push(meeting, bounds, &lower);
}

bool writ_meeting_meet(struct writ_meeting *meeting, const struct writ_constraint *a,
                       const struct writ_constraint *b, struct writ_constraint *ret_meet)
{
    struct bounds bounds = {0};
    if (!lower_bounds(meeting, a, b, &bounds) || bounds.count != 1 || meeting->work.left == 0)
        return false;
    *ret_meet = bounds.items[0];
    ret_meet->optional = a->optional && b->optional;
    return true;
}

bool writ_constraint_meet(struct writ_arena *arena, const struct writ_constraint *a,
                          const struct writ_constraint *b, struct writ_constraint *ret_meet)
{
    struct writ_meeting meeting = {.arena = arena, .work = WRIT_WORK_FULL};
    return writ_meeting_meet(&meeting, a, b, ret_meet);
}
