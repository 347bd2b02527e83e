#include "generate.h"

#include <stdlib.h>

static const char UNIVERSE[] =
    "[null,true,false,-2,-1,0,0.5,1,1.5,2,3,5,10,100,1e21,\"\",\"a\",\"b\",\"c\",\"1\",\"true\","
    "\"A\",\"x "
    "y\",\"-1e\",\"q\\\"\\\\\\n\",\"\\u00e9\",\"2024-01-01\",\"a@x.org\",\"/\",\"/notes\","
    "\"/notes/a\",\"/notes/a/b\",\"/notes2\",\"/tmp\",\"/notes/../x\",\"/notes//a\",[],[\"a\"],"
    "[\"b\"],[\"a\",\"b\"],[\"b\",\"a\",\"a\"],[\"a\",\"b\",\"c\"],[1],[1,\"a\"],[1,2],[[]],"
    "[[\"a\"]],[{}],[{\"x\":1}],{},{\"x\":1},{\"y\":2,\"x\":1}]";

static const char *const TOOLS[] = {
    "read_file", "send_email", "search", "https://tools.example.com/fs/read?v=1", "pay", "*"};
static const char *const ARGUMENTS[] = {"path", "to",  "limit",       "any",
                                        "in",   "x y", "n\xc3\xa4me", "12"};
static const char *const ROOTS[] = {"/", "/notes", "/notes/a", "/notes/a/b", "/tmp"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bool generate_start(struct generate *generate, struct writ_arena *arena, uint64_t seed)
{
    *generate = (struct generate){.arena = arena, .state = seed, .scale = 1};
    return writ_is_ok(writ_json_parse(arena, WRIT_SLICE_LITERAL(UNIVERSE), &generate->universe));
}

/* splitmix64 */
static uint64_t next(struct generate *generate)
{
    generate->state += 0x9e3779b97f4a7c15;
    uint64_t z = generate->state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

size_t generate_number(struct generate *generate, size_t count)
{
    return (size_t)(next(generate) % count);
}

static bool one_in(struct generate *generate, size_t count)
{
    return generate_number(generate, count) == 0;
}

const struct writ_json *generate_universe(const struct generate *generate)
{
    return generate->universe;
}

static const struct writ_json *any_value(struct generate *generate)
{
    return &generate->universe->items[generate_number(generate, generate->universe->count)];
}

static const struct writ_json *any_scalar(struct generate *generate)
{
    const struct writ_json *value = any_value(generate);
    while (value->type >= WRIT_JSON_ARRAY)
        value = any_value(generate);
    return value;
}

static const struct writ_json *any_number(struct generate *generate)
{
    const struct writ_json *value = any_value(generate);
    while (value->type != WRIT_JSON_NUMBER)
        value = any_value(generate);
    return value;
}

/* ---- Constraints ---------------------------------------------------------------------------- */

static struct writ_json *typed(struct generate *generate, const char *type)
{
    struct writ_json *object = writ_json_new_object(generate->arena);
    writ_json_put_string(generate->arena, object, "constraint_type", type);
    return object;
}

static struct writ_json *exact(struct generate *generate, const struct writ_json *value)
{
    struct writ_json *object = typed(generate, "exact");
    writ_json_put(generate->arena, object, "value", value);
    return object;
}

static struct writ_json *path(struct generate *generate)
{
    struct writ_json *object = typed(generate, "path_containment");
    writ_json_put_string(generate->arena, object, "root",
                         ROOTS[generate_number(generate, COUNT(ROOTS))]);
    return object;
}

static struct writ_json *range(struct generate *generate, const struct writ_json *min,
                               const struct writ_json *max)
{
    struct writ_json *object = typed(generate, "range");
    if (min && max && min->number > max->number) {
        const struct writ_json *other = min;
        min = max;
        max = other;
    }
    if (min)
        writ_json_put(generate->arena, object, "min", min);
    if (min && one_in(generate, 3))
        writ_json_put_boolean(generate->arena, object, "min_inclusive", one_in(generate, 3));
    if (max)
        writ_json_put(generate->arena, object, "max", max);
    if (max && one_in(generate, 3))
        writ_json_put_boolean(generate->arena, object, "max_inclusive", one_in(generate, 3));
    return object;
}

struct family {
    const char *type;
    const char *member;
    size_t at_least;
};

static const struct family FAMILIES[] = {
    {"one_of", "values", 1},
    {"not_one_of", "excluded", 0},
    {"contains", "required", 0},
    {"subset", "allowed", 0},
};

static struct writ_json *set(struct generate *generate, const struct family *family)
{
    struct writ_json *object = typed(generate, family->type);
    struct writ_json *array = writ_json_new_array(generate->arena);
    const size_t count = family->at_least + generate_number(generate, 4 * generate->scale);
    for (size_t i = 0; i < count; i++)
        writ_json_add(generate->arena, array,
                      one_in(generate, 4) ? any_value(generate) : any_scalar(generate));
    writ_json_put(generate->arena, object, family->member, array);
    return object;
}

static struct writ_json *composite(struct generate *generate, const char *type, int depth)
{
    struct writ_json *object = typed(generate, type);
    struct writ_json *array = writ_json_new_array(generate->arena);
    const size_t count = 1 + generate_number(generate, 3);
    for (size_t i = 0; i < count; i++)
        writ_json_add(generate->arena, array, generate_constraint(generate, depth - 1));
    writ_json_put(generate->arena, object, "constraints", array);
    return object;
}

struct writ_json *generate_constraint(struct generate *generate, int depth)
{
    const size_t kind = generate_number(generate, depth > 1 ? 12 : 9);
    if (kind < 4)
        return set(generate, &FAMILIES[kind]);
    switch (kind) {
    case 4:
        return exact(generate, any_scalar(generate));
    case 5:
    case 6:
        return range(generate, one_in(generate, 2) ? any_number(generate) : NULL,
                     one_in(generate, 2) ? any_number(generate) : NULL);
    case 7:
        return path(generate);
    case 8:
        return typed(generate, "wildcard");
    default:
        return composite(generate, kind == 9 ? "all" : "any", depth);
    }
}

/* ---- Relatives ------------------------------------------------------------------------------ */

static const struct writ_json *one_element(struct generate *generate, const struct writ_json *array)
{
    return &array->items[generate_number(generate, array->count)];
}

static struct writ_json *relative_range(struct generate *generate,
                                        const struct writ_json *constraint)
{
    if (one_in(generate, 4))
        return exact(generate, any_number(generate));
    const struct writ_json *min = writ_json_get(constraint, "min");
    const struct writ_json *max = writ_json_get(constraint, "max");
    if (one_in(generate, 3))
        min = any_number(generate);
    if (one_in(generate, 3))
        max = any_number(generate);
    return range(generate, min, max);
}

static struct writ_json *relative_path(struct generate *generate,
                                       const struct writ_json *constraint)
{
    const struct writ_slice root = writ_json_text(writ_json_get(constraint, "root"));
    const char *beneath = root.size == 1 ? "/deep"
                                         : writ_arena_printf(generate->arena, "%.*s/deep",
                                                             WRIT_SLICE_ARGS(root));
    struct writ_json *object = typed(generate, one_in(generate, 2) ? "exact" : "path_containment");
    const bool is_exact = writ_slice_is(writ_json_text(writ_json_get(object, "constraint_type")),
                                        "exact");
    if (one_in(generate, 5))
        beneath = ROOTS[generate_number(generate, COUNT(ROOTS))];
    writ_json_put_string(generate->arena, object, is_exact ? "value" : "root", beneath);
    return object;
}

/* Fewer elements for what allows them, more for what demands or excludes; at times the reverse. */
static struct writ_json *relative_set(struct generate *generate, const struct family *family,
                                      const struct writ_json *constraint)
{
    const struct writ_json *array = writ_json_get(constraint, family->member);
    const bool allows = family == &FAMILIES[0] || family == &FAMILIES[3];
    if (family->at_least == 1 && one_in(generate, 3)) {
        const struct writ_json *value = one_element(generate, array);
        if (value->type < WRIT_JSON_ARRAY)
            return exact(generate, value);
    }
    struct writ_json *object = typed(generate, family->type);
    struct writ_json *kept = writ_json_new_array(generate->arena);
    for (size_t i = 0; i < array->count; i++)
        if (!allows || kept->count < family->at_least || one_in(generate, 2))
            writ_json_add(generate->arena, kept, &array->items[i]);
    if (one_in(generate, allows ? 8 : 2))
        writ_json_add(generate->arena, kept, any_value(generate));
    if (!allows && one_in(generate, 8))
        kept = writ_json_new_array(generate->arena);
    writ_json_put(generate->arena, object, family->member, kept);
    return object;
}

static struct writ_json *relative_composite(struct generate *generate, const char *type,
                                            const struct writ_json *constraint, int depth)
{
    const bool is_all = type[1] == 'l';
    const struct writ_json *array = writ_json_get(constraint, "constraints");
    struct writ_json *object = typed(generate, type);
    struct writ_json *kept = writ_json_new_array(generate->arena);
    for (size_t i = 0; i < array->count; i++) {
        if (one_in(generate, is_all ? 12 : 4) && i + kept->count > 0)
            continue;
        writ_json_add(generate->arena, kept,
                      one_in(generate, 2)
                          ? &array->items[i]
                          : generate_relative(generate, &array->items[i], depth - 1));
    }
    if (one_in(generate, is_all ? 3 : 12))
        writ_json_add(generate->arena, kept, generate_constraint(generate, depth - 1));
    if (kept->count == 0)
        writ_json_add(generate->arena, kept, &array->items[0]);
    writ_json_put(generate->arena, object, "constraints", kept);
    return object;
}

static struct writ_json *copy(struct generate *generate, const struct writ_json *object)
{
    struct writ_json *made = writ_json_new_object(generate->arena);
    for (size_t i = 0; i < object->count; i++)
        if (!writ_slice_is(object->names[i], "optional"))
            writ_json_put_named(generate->arena, made, object->names[i], &object->items[i]);
    return made;
}

struct writ_json *generate_relative(struct generate *generate, const struct writ_json *constraint,
                                    int depth)
{
    const struct writ_slice type = writ_json_text(writ_json_get(constraint, "constraint_type"));
    if (one_in(generate, 12) || writ_slice_is(type, "wildcard"))
        return generate_constraint(generate, depth);
    if (one_in(generate, 3))
        return copy(generate, constraint);
    for (size_t i = 0; i < COUNT(FAMILIES); i++)
        if (writ_slice_is(type, FAMILIES[i].type))
            return relative_set(generate, &FAMILIES[i], constraint);
    if (writ_slice_is(type, "range"))
        return relative_range(generate, constraint);
    if (writ_slice_is(type, "path_containment"))
        return relative_path(generate, constraint);
    if (writ_slice_is(type, "all"))
        return relative_composite(generate, "all", constraint, depth);
    if (writ_slice_is(type, "any"))
        return relative_composite(generate, "any", constraint, depth);
    return copy(generate, constraint);
}

/* ---- Tools ---------------------------------------------------------------------------------- */

enum { DEPTH = 3 };

/* One of the names; at a larger scale there are that many of each. */
static const char *any_name(struct generate *generate, const char *const *names, size_t count)
{
    const char *name = names[generate_number(generate, count)];
    if (generate->scale == 1)
        return name;
    return writ_arena_printf(generate->arena, "%s%zu", name,
                             generate_number(generate, generate->scale));
}

static void put_argument(struct generate *generate, struct writ_json *map, struct writ_slice name,
                         struct writ_json *constraint, bool optional)
{
    if (optional)
        writ_json_put_boolean(generate->arena, constraint, "optional", true);
    else if (one_in(generate, 20))
        writ_json_put_boolean(generate->arena, constraint, "optional", false);
    writ_json_put_named(generate->arena, map, name, constraint);
}

static void add_arguments(struct generate *generate, struct writ_json *map, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = any_name(generate, ARGUMENTS, COUNT(ARGUMENTS));
        if (!writ_json_get(map, name))
            put_argument(generate, map, writ_slice_text(name), generate_constraint(generate, DEPTH),
                         one_in(generate, 3));
    }
}

static struct writ_json *tool(struct generate *generate)
{
    struct writ_json *map = writ_json_new_object(generate->arena);
    add_arguments(generate, map, generate_number(generate, 4 * generate->scale));
    if (one_in(generate, 3))
        writ_json_put(generate->arena, map, "*", typed(generate, "wildcard"));
    return map;
}

struct writ_json *generate_tools(struct generate *generate)
{
    struct writ_json *tools = writ_json_new_object(generate->arena);
    const size_t count = one_in(generate, 16) ? 0
                                              : 1 + generate_number(generate, 3 * generate->scale);
    for (size_t i = 0; i < count; i++)
        writ_json_put(generate->arena, tools, any_name(generate, TOOLS, COUNT(TOOLS)),
                      tool(generate));
    return tools;
}

static bool is_true(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_BOOLEAN) && value->boolean;
}

static struct writ_json *child_tool(struct generate *generate, const struct writ_json *parent)
{
    struct writ_json *map = writ_json_new_object(generate->arena);
    const bool open = parent->count == 0 || writ_json_get(parent, "*");
    const bool stays_open = open ? one_in(generate, 2) : one_in(generate, 20);
    for (size_t i = 0; i < parent->count; i++) {
        if (writ_slice_is(parent->names[i], "*"))
            continue;
        const bool optional = is_true(writ_json_get(&parent->items[i], "optional"));
        if (one_in(generate, optional && !stays_open ? 3 : 40))
            continue;
        struct writ_json *constraint = one_in(generate, 2)
                                           ? copy(generate, &parent->items[i])
                                           : generate_relative(generate, &parent->items[i], DEPTH);
        put_argument(generate, map, parent->names[i], constraint,
                     optional ? !one_in(generate, 4) : one_in(generate, 20));
    }
    if (open || one_in(generate, 20))
        add_arguments(generate, map, generate_number(generate, 3));
    if (stays_open && map->count > 0)
        writ_json_put(generate->arena, map, "*", typed(generate, "wildcard"));
    return map;
}

struct writ_json *generate_child(struct generate *generate, const struct writ_json *tools)
{
    struct writ_json *child = writ_json_new_object(generate->arena);
    for (size_t i = 0; i < tools->count; i++)
        if (!one_in(generate, 5))
            writ_json_put_named(generate->arena, child, tools->names[i],
                                child_tool(generate, &tools->items[i]));
    if (one_in(generate, 20))
        writ_json_put(generate->arena, child, any_name(generate, TOOLS, COUNT(TOOLS)),
                      tool(generate));
    return child;
}

struct writ_json *generate_args(struct generate *generate, const struct writ_json *map)
{
    struct writ_json *args = writ_json_new_object(generate->arena);
    for (size_t i = 0; i < map->count; i++) {
        if (one_in(generate, 12))
            continue;
        const struct writ_json *value = writ_json_get(&map->items[i], "value");
        const struct writ_json *values = writ_json_get(&map->items[i], "values");
        if (values && values->count > 0)
            value = one_element(generate, values);
        if (!value || one_in(generate, 6))
            value = any_value(generate);
        writ_json_put_named(generate->arena, args, map->names[i], value);
    }
    if (one_in(generate, 4))
        writ_json_put(generate->arena, args, any_name(generate, ARGUMENTS, COUNT(ARGUMENTS)),
                      any_value(generate));
    return args;
}
