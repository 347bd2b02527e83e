/* Sets of JSON values, and the purse that bounds what comparing them costs. */
#include <stdlib.h>
#include <string.h>

#include "authority/internal.h"

bool writ_work_spend(struct writ_work *work, size_t steps)
{
    if (work->left < steps) {
        work->left = 0;
        return false;
    }
    work->left -= steps;
    return true;
}

static bool is_scalar(const struct writ_json *value)
{
    return value->type < WRIT_JSON_ARRAY;
}

/* By kind, then by value; two arrays or objects are equal here. */
static int compare_scalars(const struct writ_json *a, const struct writ_json *b)
{
    if (a->type != b->type)
        return (int)a->type - (int)b->type;
    switch (a->type) {
    case WRIT_JSON_BOOLEAN:
        return (int)a->boolean - (int)b->boolean;
    case WRIT_JSON_NUMBER:
        return (a->number > b->number) - (a->number < b->number);
    case WRIT_JSON_STRING:
        return writ_slice_compare(a->text, b->text);
    default:
        return 0;
    }
}

struct element {
    const struct writ_json *value;
    struct writ_slice canonical; /* of an array or object */
};

static int compare_elements(const void *a, const void *b)
{
    const struct element *left = a, *right = b;
    const int order = compare_scalars(left->value, right->value);
    return order != 0 ? order : writ_slice_compare(left->canonical, right->canonical);
}

const struct writ_json *writ_set_of(struct writ_arena *arena, const struct writ_json *array)
{
    struct writ_json *set = writ_json_new_array(arena);
    struct writ_json *items = writ_arena_array(arena, array->count, sizeof *items);
    struct element *elements = writ_arena_array(arena, array->count, sizeof *elements);
    if (!set || !items || !elements)
        return NULL;
    for (size_t i = 0; i < array->count; i++) {
        elements[i].value = &array->items[i];
        if (is_scalar(&array->items[i]))
            continue;
        elements[i].canonical = writ_json_canonical(arena, &array->items[i]);
        if (!elements[i].canonical.data)
            return NULL;
    }
    qsort(elements, array->count, sizeof *elements, compare_elements);
    size_t count = 0;
    for (size_t i = 0; i < array->count; i++)
        if (i == 0 || compare_elements(&elements[i - 1], &elements[i]) != 0)
            items[count++] = *elements[i].value;
    set->items = items;
    set->count = set->capacity = count;
    return set;
}

static size_t nodes_of(const struct writ_json *value)
{
    size_t nodes = 1;
    if (!is_scalar(value))
        for (size_t i = 0; i < value->count; i++)
            nodes += nodes_of(&value->items[i]);
    return nodes;
}

/* The first element that is not below `value`. */
static size_t lower_bound(const struct writ_json *set, const struct writ_json *value)
{
    size_t low = 0, high = set->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_scalars(&set->items[middle], value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The index of the element that equals value, or set->count. Arrays and objects of a caller are
 * in no order that could be searched, so they are held against each of their kind. */
static size_t find(struct writ_work *work, const struct writ_json *set,
                   const struct writ_json *value)
{
    if (!writ_work_spend(work, 1))
        return set->count;
    const size_t first = lower_bound(set, value);
    if (is_scalar(value)) {
        const bool found = first < set->count && writ_json_equal(&set->items[first], value);
        return found ? first : set->count;
    }
    const size_t price = nodes_of(value);
    for (size_t i = first; i < set->count && set->items[i].type == value->type; i++) {
        if (!writ_work_spend(work, set->items[i].count == value->count ? price : 1))
            return set->count;
        if (writ_json_equal(&set->items[i], value))
            return i;
    }
    return set->count;
}

bool writ_set_has(struct writ_work *work, const struct writ_json *set,
                  const struct writ_json *value)
{
    return find(work, set, value) < set->count;
}

/* Both are in one order, so the small one is a subsequence of the big one. */
bool writ_set_within(struct writ_work *work, const struct writ_json *small,
                     const struct writ_json *big)
{
    size_t j = 0;
    for (size_t i = 0; i < small->count; i++, j++) {
        while (j < big->count && !writ_json_equal(&big->items[j], &small->items[i]))
            if (!writ_work_spend(work, 1) || ++j == big->count)
                return false;
        if (j >= big->count)
            return false;
    }
    return writ_work_spend(work, 1);
}

bool writ_set_allows(struct writ_work *work, const struct writ_json *set,
                     const struct writ_json *array)
{
    for (size_t i = 0; i < array->count; i++)
        if (!writ_set_has(work, set, &array->items[i]))
            return false;
    return true;
}

bool writ_set_covered(struct writ_work *work, const struct writ_json *set,
                      const struct writ_json *array)
{
    /* A bit for each element, in windows that fit on the stack: no memory, and no square. */
    enum { WINDOW = 32768 };
    uint8_t seen[WINDOW / 8];
    for (size_t start = 0; start < set->count; start += WINDOW) {
        memset(seen, 0, sizeof seen);
        size_t missing = set->count - start < WINDOW ? set->count - start : WINDOW;
        for (size_t i = 0; i < array->count && missing > 0; i++) {
            const size_t index = find(work, set, &array->items[i]);
            if (index >= set->count || index < start || index - start >= WINDOW)
                continue;
            const size_t bit = index - start;
            const uint8_t mask = (uint8_t)(1U << (bit % 8));
            missing -= (seen[bit / 8] & mask) == 0;
            seen[bit / 8] |= mask;
        }
        if (missing > 0)
            return false;
    }
    return true;
}

const struct writ_json *writ_set_union(struct writ_arena *arena, const struct writ_json *a,
                                       const struct writ_json *b)
{
    struct writ_json both = {.type = WRIT_JSON_ARRAY, .count = a->count + b->count};
    both.items = writ_arena_array(arena, both.count, sizeof *both.items);
    if (!both.items)
        return NULL;
    if (a->count > 0)
        memcpy(both.items, a->items, a->count * sizeof *both.items);
    if (b->count > 0)
        memcpy(both.items + a->count, b->items, b->count * sizeof *both.items);
    return writ_set_of(arena, &both);
}

const struct writ_json *writ_set_intersection(struct writ_arena *arena, struct writ_work *work,
                                              const struct writ_json *a, const struct writ_json *b)
{
    struct writ_json *set = writ_json_new_array(arena);
    struct writ_json *items = writ_arena_array(arena, a->count, sizeof *items);
    if (!set || !items)
        return NULL;
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        if (writ_set_has(work, b, &a->items[i]))
            items[count++] = a->items[i];
    set->items = items;
    set->count = set->capacity = count;
    return set;
}
