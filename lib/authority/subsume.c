/*
 * The two relations that everything rests on: a value passes a constraint (section 3.4), and a
 * constraint covers another (section 4.5). The table of the second is closed: a pair that is not
 * written here is refused, also where a value-by-value argument would show it harmless.
 */
#include "authority/internal.h"

static bool below_max(const struct writ_bound *max, double number)
{
    if (!max->present)
        return true;
    return max->inclusive ? number <= max->number->number : number < max->number->number;
}

static bool above_min(const struct writ_bound *min, double number)
{
    if (!min->present)
        return true;
    return min->inclusive ? number >= min->number->number : number > min->number->number;
}

bool writ_range_accepts(const struct writ_constraint *range, const struct writ_json *value)
{
    return value->type == WRIT_JSON_NUMBER && above_min(&range->min, value->number) &&
           below_max(&range->max, value->number);
}

/* At least as tight: a missing bound only where the other is missing too. */
bool writ_bound_tighter(const struct writ_bound *bound, const struct writ_bound *than, bool upper)
{
    if (!than->present)
        return true;
    if (!bound->present)
        return false;
    const double ours = bound->number->number, theirs = than->number->number;
    if (ours < theirs || ours > theirs)
        return upper ? ours < theirs : ours > theirs;
    return than->inclusive || !bound->inclusive;
}

static bool is_under(const struct writ_constraint *path, const struct writ_json *value)
{
    return value->type == WRIT_JSON_STRING && writ_path_is_under(path->value->text, value->text);
}

static bool passes_all(struct writ_work *work, const struct writ_constraint *constraint,
                       const struct writ_json *value)
{
    for (size_t i = 0; i < constraint->clause_count; i++)
        if (!writ_constraint_passes(work, &constraint->clauses[i], value))
            return false;
    return true;
}

static bool passes_any(struct writ_work *work, const struct writ_constraint *constraint,
                       const struct writ_json *value)
{
    for (size_t i = 0; i < constraint->clause_count; i++)
        if (writ_constraint_passes(work, &constraint->clauses[i], value))
            return true;
    return false;
}

bool writ_constraint_passes(struct writ_work *work, const struct writ_constraint *constraint,
                            const struct writ_json *value)
{
    if (!writ_work_spend(work, 1))
        return false;
    switch (constraint->type) {
    case WRIT_CONSTRAINT_EXACT:
        return writ_json_equal(constraint->value, value);
    case WRIT_CONSTRAINT_RANGE:
        return writ_range_accepts(constraint, value);
    case WRIT_CONSTRAINT_ONE_OF:
        return writ_set_has(work, constraint->values, value);
    case WRIT_CONSTRAINT_NOT_ONE_OF:
        /* Not found, and not merely not looked for. */
        return !writ_set_has(work, constraint->values, value) && work->left > 0;
    case WRIT_CONSTRAINT_CONTAINS:
        return value->type == WRIT_JSON_ARRAY && writ_set_covered(work, constraint->values, value);
    case WRIT_CONSTRAINT_SUBSET:
        return value->type == WRIT_JSON_ARRAY && writ_set_allows(work, constraint->values, value);
    case WRIT_CONSTRAINT_WILDCARD:
        return true;
    case WRIT_CONSTRAINT_ALL:
        return passes_all(work, constraint, value);
    case WRIT_CONSTRAINT_ANY:
        return passes_any(work, constraint, value);
    case WRIT_CONSTRAINT_PATH_CONTAINMENT:
        return is_under(constraint, value);
    }
    return false;
}

/* Every clause of the parent covers at least one of the child. The one at the same place is tried
 * first, so that what was not changed costs nothing extra. */
static bool covers_all(struct writ_work *work, const struct writ_constraint *parent,
                       const struct writ_constraint *child)
{
    for (size_t i = 0; i < parent->clause_count; i++) {
        bool found = false;
        for (size_t j = 0; j < child->clause_count && !found && work->left > 0; j++)
            found = writ_constraint_covers(work, &parent->clauses[i],
                                           &child->clauses[(i + j) % child->clause_count]);
        if (!found)
            return false;
    }
    return true;
}

/* Every clause of the child is covered by at least one of the parent. */
static bool covers_any(struct writ_work *work, const struct writ_constraint *parent,
                       const struct writ_constraint *child)
{
    for (size_t i = 0; i < child->clause_count; i++) {
        bool found = false;
        for (size_t j = 0; j < parent->clause_count && !found && work->left > 0; j++)
            found = writ_constraint_covers(work, &parent->clauses[(i + j) % parent->clause_count],
                                           &child->clauses[i]);
        if (!found)
            return false;
    }
    return true;
}

/* The only type that stands below others than its own (and wildcard). */
static bool covers_exact(struct writ_work *work, const struct writ_constraint *parent,
                         const struct writ_json *value)
{
    switch (parent->type) {
    case WRIT_CONSTRAINT_EXACT:
        return writ_json_equal(parent->value, value);
    case WRIT_CONSTRAINT_RANGE:
        return writ_range_accepts(parent, value);
    case WRIT_CONSTRAINT_ONE_OF:
        return writ_set_has(work, parent->values, value);
    case WRIT_CONSTRAINT_PATH_CONTAINMENT:
        return is_under(parent, value);
    default:
        return false;
    }
}

bool writ_constraint_covers(struct writ_work *work, const struct writ_constraint *parent,
                            const struct writ_constraint *child)
{
    if (!writ_work_spend(work, 1))
        return false;
    if (parent->type == WRIT_CONSTRAINT_WILDCARD)
        return true;
    if (child->type == WRIT_CONSTRAINT_EXACT)
        return covers_exact(work, parent, child->value);
    if (child->type != parent->type)
        return false;
    switch (parent->type) {
    case WRIT_CONSTRAINT_RANGE:
        return writ_bound_tighter(&child->min, &parent->min, false) &&
               writ_bound_tighter(&child->max, &parent->max, true);
    case WRIT_CONSTRAINT_ONE_OF:
    case WRIT_CONSTRAINT_SUBSET:
        return writ_set_within(work, child->values, parent->values);
    case WRIT_CONSTRAINT_NOT_ONE_OF:
    case WRIT_CONSTRAINT_CONTAINS:
        return writ_set_within(work, parent->values, child->values);
    case WRIT_CONSTRAINT_ALL:
        return covers_all(work, parent, child);
    case WRIT_CONSTRAINT_ANY:
        return covers_any(work, parent, child);
    case WRIT_CONSTRAINT_PATH_CONTAINMENT:
        return is_under(parent, child->value);
    default:
        return false;
    }
}

bool writ_constraint_check(const struct writ_constraint *constraint, const struct writ_json *value)
{
    struct writ_work work = WRIT_WORK_FULL;
    return writ_constraint_passes(&work, constraint, value);
}

bool writ_constraint_subsumes(const struct writ_constraint *parent,
                              const struct writ_constraint *child)
{
    struct writ_work work = WRIT_WORK_FULL;
    return writ_constraint_covers(&work, parent, child);
}
