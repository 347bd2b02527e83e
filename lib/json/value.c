/* Reading a tree: members, kinds, equality. */
#include "json/json.h"

static const struct writ_json *find(const struct writ_json *object, struct writ_slice name)
{
    for (size_t i = 0; i < object->count; i++)
        if (writ_slice_equal(object->names[i], name))
            return &object->items[i];
    return NULL;
}

const struct writ_json *writ_json_get_slice(const struct writ_json *value, struct writ_slice name)
{
    return writ_json_is(value, WRIT_JSON_OBJECT) ? find(value, name) : NULL;
}

const struct writ_json *writ_json_get(const struct writ_json *value, const char *name)
{
    return writ_json_get_slice(value, writ_slice_text(name));
}

bool writ_json_is(const struct writ_json *value, enum writ_json_type type)
{
    return value && value->type == type;
}

struct writ_slice writ_json_text(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_STRING) ? value->text : WRIT_SLICE_NONE;
}

bool writ_json_integer(const struct writ_json *value, int64_t *ret_integer)
{
    if (!writ_json_is(value, WRIT_JSON_NUMBER) || value->text.size == 0)
        return false;
    const bool negative = value->text.data[0] == '-';
    int64_t integer = 0; /* counts down, as the negative range is the larger one */
    for (size_t i = negative ? 1 : 0; i < value->text.size; i++) {
        const uint8_t byte = value->text.data[i];
        if (byte < '0' || byte > '9')
            return false;
        if (__builtin_mul_overflow(integer, 10, &integer) ||
            __builtin_sub_overflow(integer, byte - '0', &integer))
            return false;
    }
    if (!negative && integer == INT64_MIN)
        return false;
    *ret_integer = negative ? integer : -integer;
    return true;
}

bool writ_json_all_admissible(const struct writ_json *value)
{
    if (value->type == WRIT_JSON_NUMBER)
        return value->admissible;
    if (value->type != WRIT_JSON_ARRAY && value->type != WRIT_JSON_OBJECT)
        return true;
    for (size_t i = 0; i < value->count; i++)
        if (!writ_json_all_admissible(&value->items[i]))
            return false;
    return true;
}

static bool is_listed(struct writ_slice name, const char *const *names)
{
    for (; *names; names++)
        if (writ_slice_is(name, *names))
            return true;
    return false;
}

bool writ_json_only(const struct writ_json *object, const char *const *names)
{
    if (!writ_json_is(object, WRIT_JSON_OBJECT))
        return false;
    for (size_t i = 0; i < object->count; i++)
        if (!is_listed(object->names[i], names))
            return false;
    return true;
}

bool writ_json_is_texts(const struct writ_json *value)
{
    if (!writ_json_is(value, WRIT_JSON_ARRAY))
        return false;
    for (size_t i = 0; i < value->count; i++)
        if (value->items[i].type != WRIT_JSON_STRING)
            return false;
    return true;
}

static bool items_equal(const struct writ_json *a, const struct writ_json *b)
{
    for (size_t i = 0; i < a->count; i++)
        if (!writ_json_equal(&a->items[i], &b->items[i]))
            return false;
    return true;
}

/* Looks for the name at the same place first, which is where it is in two canonical texts; the
 * square that is left for others is bounded by WRIT_JSON_MEMBERS. */
static bool members_equal(const struct writ_json *a, const struct writ_json *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const bool same_place = writ_slice_equal(a->names[i], b->names[i]);
        const struct writ_json *other = same_place ? &b->items[i] : find(b, a->names[i]);
        if (!other || !writ_json_equal(&a->items[i], other))
            return false;
    }
    return true;
}

bool writ_json_equal(const struct writ_json *a, const struct writ_json *b)
{
    if (!a || !b || a->type != b->type || a->count != b->count)
        return false;
    switch (a->type) {
    case WRIT_JSON_NULL:
        return true;
    case WRIT_JSON_BOOLEAN:
        return a->boolean == b->boolean;
    case WRIT_JSON_NUMBER:
        return !(a->number < b->number) && !(a->number > b->number);
    case WRIT_JSON_STRING:
        return writ_slice_equal(a->text, b->text);
    case WRIT_JSON_ARRAY:
        return items_equal(a, b);
    case WRIT_JSON_OBJECT:
        return members_equal(a, b);
    }
    return false;
}
