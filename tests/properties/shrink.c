#include "shrink.h"

#include <string.h>

#include "tally.h"

/* Counts through all that can be done to a tree, until it is at the one wanted. */
struct reduction {
    struct writ_arena *arena;
    size_t left;
};

static bool is_chosen(struct reduction *reduction)
{
    return reduction->left-- == 0;
}

static struct writ_json without(struct writ_arena *arena, const struct writ_json *node,
                                size_t index)
{
    struct writ_json copy = *node;
    copy.items = writ_arena_array(arena, node->count, sizeof *copy.items);
    copy.names = node->names ? writ_arena_array(arena, node->count, sizeof *copy.names) : NULL;
    MUST(copy.items);
    copy.count = 0;
    for (size_t i = 0; i < node->count; i++) {
        if (i == index)
            continue;
        copy.items[copy.count] = node->items[i];
        if (copy.names)
            copy.names[copy.count] = node->names[i];
        copy.count++;
    }
    copy.capacity = copy.count;
    return copy;
}

static struct writ_json with(struct writ_arena *arena, const struct writ_json *node, size_t index,
                             const struct writ_json *item)
{
    struct writ_json copy = *node;
    copy.items = writ_arena_array(arena, node->count, sizeof *copy.items);
    MUST(copy.items);
    memcpy(copy.items, node->items, node->count * sizeof *copy.items);
    copy.items[index] = *item;
    return copy;
}

static bool is_container(const struct writ_json *node)
{
    return node->type == WRIT_JSON_ARRAY || node->type == WRIT_JSON_OBJECT;
}

static bool reduce_composite(struct reduction *reduction, const struct writ_json *node,
                             struct writ_json *ret_node)
{
    const struct writ_json *clauses = writ_json_get(node, "constraints");
    for (size_t i = 0; writ_json_is(clauses, WRIT_JSON_ARRAY) && i < clauses->count; i++)
        if (is_chosen(reduction)) {
            *ret_node = clauses->items[i];
            return true;
        }
    return false;
}

static bool reduce_to_wildcard(struct reduction *reduction, const struct writ_json *node,
                               struct writ_json *ret_node)
{
    const struct writ_slice type = writ_json_text(writ_json_get(node, "constraint_type"));
    if (type.size == 0 || writ_slice_is(type, "wildcard") || !is_chosen(reduction))
        return false;
    struct writ_json *wildcard = writ_json_new_object(reduction->arena);
    writ_json_put_string(reduction->arena, wildcard, "constraint_type", "wildcard");
    *ret_node = *wildcard;
    return true;
}

static bool reduce_scalar(struct reduction *reduction, const struct writ_json *node,
                          struct writ_json *ret_node)
{
    static const struct writ_json ZERO = {
        .type = WRIT_JSON_NUMBER, .admissible = true, .text = WRIT_SLICE_LITERAL("0")};
    static const struct writ_json EMPTY = {.type = WRIT_JSON_STRING,
                                           .text = WRIT_SLICE_LITERAL("")};
    const struct writ_json *plain = node->type == WRIT_JSON_NUMBER   ? &ZERO
                                    : node->type == WRIT_JSON_STRING ? &EMPTY
                                                                     : node;
    if (writ_json_equal(plain, node) || !is_chosen(reduction))
        return false;
    *ret_node = *plain;
    return true;
}

/* The tree without any member of that name. */
static struct writ_json without_all(struct writ_arena *arena, const struct writ_json *node,
                                    struct writ_slice name)
{
    struct writ_json copy = *node;
    for (size_t i = 0; is_container(&copy) && i < copy.count;) {
        if (copy.type == WRIT_JSON_OBJECT && writ_slice_equal(copy.names[i], name)) {
            copy = without(arena, &copy, i);
            continue;
        }
        const struct writ_json item = without_all(arena, &copy.items[i], name);
        copy = with(arena, &copy, i, &item);
        i++;
    }
    return copy;
}

/* A tool or an argument that parent and child name has to go from both at once. `node` is the
 * place up to which the names of the whole `tree` were tried. */
static bool reduce_everywhere(struct reduction *reduction, const struct writ_json *tree,
                              const struct writ_json *node, struct writ_json *ret_node)
{
    for (size_t i = 0; is_container(node) && i < node->count; i++) {
        if (node->type == WRIT_JSON_OBJECT && is_chosen(reduction)) {
            *ret_node = without_all(reduction->arena, tree, node->names[i]);
            return true;
        }
        if (reduce_everywhere(reduction, tree, &node->items[i], ret_node))
            return true;
    }
    return false;
}

/* The wanted reduction of this node or of one below it; large ones come first. */
static bool reduce(struct reduction *reduction, const struct writ_json *node,
                   struct writ_json *ret_node)
{
    for (size_t i = 0; is_container(node) && i < node->count; i++)
        if (is_chosen(reduction)) {
            *ret_node = without(reduction->arena, node, i);
            return true;
        }
    if (reduce_composite(reduction, node, ret_node) ||
        reduce_to_wildcard(reduction, node, ret_node) || reduce_scalar(reduction, node, ret_node))
        return true;
    for (size_t i = 0; is_container(node) && i < node->count; i++) {
        struct writ_json item;
        if (reduce(reduction, &node->items[i], &item)) {
            *ret_node = with(reduction->arena, node, i, &item);
            return true;
        }
    }
    return false;
}

/* Every reduction leaves fewer nodes, or more of the plainest, so this ends. */
const struct writ_json *shrink(struct writ_arena *arena, const struct writ_json *failing,
                               shrink_fails fails, void *context)
{
    bool is_smaller = true;
    while (is_smaller) {
        is_smaller = false;
        for (size_t next = 0;;) {
            struct reduction reduction = {arena, next};
            struct writ_json *candidate = writ_arena_alloc(arena, sizeof *candidate);
            MUST(candidate);
            if (!reduce_everywhere(&reduction, failing, failing, candidate) &&
                !reduce(&reduction, failing, candidate))
                break;
            if (!fails(context, candidate)) {
                next++;
                continue;
            }
            failing = candidate; /* what was behind it has moved up to its place */
            is_smaller = true;
        }
    }
    return failing;
}
