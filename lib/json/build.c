/* Building a tree in an arena. A parent that missed an addition stays broken: each later one
 * fails as well, and so does writing it. */
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "json/number.h"

static bool is_open(const struct writ_json *parent, enum writ_json_type type)
{
    return parent && parent->type == type && parent->capacity != WRIT_JSON_BROKEN;
}

static struct writ_json *fail(struct writ_json *parent)
{
    if (parent)
        parent->capacity = WRIT_JSON_BROKEN;
    return NULL;
}

static bool make_room(struct writ_arena *arena, struct writ_json *parent)
{
    enum { FIRST_CAPACITY = 8 };
    if (parent->count < parent->capacity)
        return true;
    const size_t capacity = parent->capacity == 0 ? FIRST_CAPACITY : parent->capacity * 2;
    struct writ_json *items = writ_arena_array(arena, capacity, sizeof *items);
    struct writ_slice *names = parent->names;
    if (parent->type == WRIT_JSON_OBJECT)
        names = writ_arena_array(arena, capacity, sizeof *names);
    if (!items || (parent->type == WRIT_JSON_OBJECT && !names))
        return false;
    if (parent->count > 0) {
        memcpy(items, parent->items, parent->count * sizeof *items);
        if (parent->type == WRIT_JSON_OBJECT)
            memcpy(names, parent->names, parent->count * sizeof *names);
    }
    parent->items = items;
    parent->names = names;
    parent->capacity = capacity;
    return true;
}

static struct writ_json *new_node(struct writ_arena *arena, enum writ_json_type type)
{
    struct writ_json *node = writ_arena_alloc(arena, sizeof *node);
    if (node)
        node->type = type;
    return node;
}

struct writ_json *writ_json_new_object(struct writ_arena *arena)
{
    return new_node(arena, WRIT_JSON_OBJECT);
}

struct writ_json *writ_json_new_array(struct writ_arena *arena)
{
    return new_node(arena, WRIT_JSON_ARRAY);
}

static size_t position(const struct writ_json *object, struct writ_slice name)
{
    size_t i = 0;
    while (i < object->count && !writ_slice_equal(object->names[i], name))
        i++;
    return i;
}

/* A member that is there already gets the new value: an object never has two of one name. */
struct writ_json *writ_json_put_named(struct writ_arena *arena, struct writ_json *object,
                                      struct writ_slice name, const struct writ_json *value)
{
    if (!value || !is_open(object, WRIT_JSON_OBJECT))
        return fail(object);
    const struct writ_json kept = *value; /* `value` may stand in the items that move */
    const size_t at = position(object, name);
    if (at == object->count) {
        const struct writ_slice kept_name = writ_arena_copy(arena, name);
        if (!kept_name.data || !make_room(arena, object))
            return fail(object);
        object->names[object->count++] = kept_name;
    }
    object->items[at] = kept;
    return &object->items[at];
}

struct writ_json *writ_json_put(struct writ_arena *arena, struct writ_json *object,
                                const char *name, const struct writ_json *value)
{
    return writ_json_put_named(arena, object, writ_slice_text(name), value);
}

struct writ_json *writ_json_put_text(struct writ_arena *arena, struct writ_json *object,
                                     const char *name, struct writ_slice text)
{
    const struct writ_json node = {.type = WRIT_JSON_STRING, .text = writ_arena_copy(arena, text)};
    return writ_json_put(arena, object, name, node.text.data ? &node : NULL);
}

struct writ_json *writ_json_put_string(struct writ_arena *arena, struct writ_json *object,
                                       const char *name, const char *terminated)
{
    if (!terminated)
        return fail(object);
    return writ_json_put_text(arena, object, name, writ_slice_text(terminated));
}

struct writ_json *writ_json_put_integer(struct writ_arena *arena, struct writ_json *object,
                                        const char *name, int64_t integer)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)integer);
    const struct writ_number number = writ_number_read(writ_slice_text(text));
    const struct writ_json node = {
        .type = WRIT_JSON_NUMBER,
        .admissible = number.admissible,
        .number = number.value,
        .text = writ_arena_copy(arena, writ_slice_text(text)),
    };
    return writ_json_put(arena, object, name, node.text.data ? &node : NULL);
}

struct writ_json *writ_json_put_boolean(struct writ_arena *arena, struct writ_json *object,
                                        const char *name, bool boolean)
{
    const struct writ_json node = {.type = WRIT_JSON_BOOLEAN, .boolean = boolean};
    return writ_json_put(arena, object, name, &node);
}

struct writ_json *writ_json_put_null(struct writ_arena *arena, struct writ_json *object,
                                     const char *name)
{
    const struct writ_json node = {.type = WRIT_JSON_NULL};
    return writ_json_put(arena, object, name, &node);
}

struct writ_json *writ_json_put_object(struct writ_arena *arena, struct writ_json *object,
                                       const char *name)
{
    const struct writ_json node = {.type = WRIT_JSON_OBJECT};
    return writ_json_put(arena, object, name, &node);
}

struct writ_json *writ_json_put_array(struct writ_arena *arena, struct writ_json *object,
                                      const char *name)
{
    const struct writ_json node = {.type = WRIT_JSON_ARRAY};
    return writ_json_put(arena, object, name, &node);
}

bool writ_json_remove(struct writ_json *object, const char *name)
{
    if (!is_open(object, WRIT_JSON_OBJECT))
        return false;
    const size_t at = position(object, writ_slice_text(name));
    if (at == object->count)
        return false;
    const size_t behind = object->count - at - 1;
    memmove(object->items + at, object->items + at + 1, behind * sizeof *object->items);
    memmove(object->names + at, object->names + at + 1, behind * sizeof *object->names);
    object->count--;
    return true;
}

struct writ_json *writ_json_add(struct writ_arena *arena, struct writ_json *array,
                                const struct writ_json *value)
{
    if (!value || !is_open(array, WRIT_JSON_ARRAY))
        return fail(array);
    const struct writ_json kept = *value;
    if (!make_room(arena, array))
        return fail(array);
    array->items[array->count] = kept;
    return &array->items[array->count++];
}

struct writ_json *writ_json_add_text(struct writ_arena *arena, struct writ_json *array,
                                     struct writ_slice text)
{
    const struct writ_json node = {.type = WRIT_JSON_STRING, .text = writ_arena_copy(arena, text)};
    return writ_json_add(arena, array, node.text.data ? &node : NULL);
}

struct writ_json *writ_json_add_object(struct writ_arena *arena, struct writ_json *array)
{
    const struct writ_json node = {.type = WRIT_JSON_OBJECT};
    return writ_json_add(arena, array, &node);
}

static bool copy_into(struct writ_arena *arena, const struct writ_json *from, struct writ_json *to)
{
    const bool is_object = from->type == WRIT_JSON_OBJECT;
    *to = *from;
    to->capacity = from->count;
    to->items = writ_arena_array(arena, from->count, sizeof *to->items);
    to->names = is_object ? writ_arena_array(arena, from->count, sizeof *to->names) : NULL;
    if (from->text.data)
        to->text = writ_arena_copy(arena, from->text);
    if (!to->items || (is_object && !to->names) || (from->text.data && !to->text.data))
        return false;
    for (size_t i = 0; i < from->count; i++) {
        if (is_object)
            to->names[i] = writ_arena_copy(arena, from->names[i]);
        if ((is_object && !to->names[i].data) || !copy_into(arena, &from->items[i], &to->items[i]))
            return false;
    }
    return true;
}

struct writ_json *writ_json_copy(struct writ_arena *arena, const struct writ_json *value)
{
    struct writ_json *copy = writ_arena_alloc(arena, sizeof *copy);
    return value && copy && copy_into(arena, value, copy) ? copy : NULL;
}
