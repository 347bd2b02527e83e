/* Reading a `tools` object into tables, writing it back, and finding things in it. */
#include "authority/authority.h"

#include <stdlib.h>

#include "authority/internal.h"

static const struct writ_slice STAR = {(const uint8_t *)"*", 1};

int writ_tool_order(const void *a, const void *b)
{
    const struct writ_tool *left = a, *right = b;
    return writ_slice_compare(left->name, right->name);
}

int writ_argument_order(const void *a, const void *b)
{
    const struct writ_argument *left = a, *right = b;
    return writ_slice_compare(left->name, right->name);
}

const struct writ_tool *writ_authority_tool(const struct writ_authority *authority,
                                            struct writ_slice name)
{
    const struct writ_tool key = {.name = name};
    if (!authority || authority->tool_count == 0)
        return NULL;
    return bsearch(&key, authority->tools, authority->tool_count, sizeof key, writ_tool_order);
}

const struct writ_argument *writ_tool_argument(const struct writ_tool *tool, struct writ_slice name)
{
    const struct writ_argument key = {.name = name};
    if (tool->argument_count == 0)
        return NULL;
    return bsearch(&key, tool->arguments, tool->argument_count, sizeof key, writ_argument_order);
}

/* ---- Reading ------------------------------------------------------------------------------ */

struct reading {
    struct writ_arena *arena;
    enum writ_profile profile;
    int max_constraint_depth;
    struct writ_denial *denial;
};

static struct writ_result refuse(const struct reading *reading, enum writ_status outcome,
                                 struct writ_slice tool, struct writ_slice argument,
                                 const char *reason)
{
    char field[WRIT_FIELD_SIZE];
    writ_denial_set(reading->denial, outcome, "", writ_field_of(tool, argument, field), "%s",
                    reason);
    return (struct writ_result){outcome};
}

/* "*" is a wildcard and has no `optional`, not even a false one. */
static bool is_star_well_formed(const struct writ_json *json, const struct writ_constraint *read)
{
    return read->type == WRIT_CONSTRAINT_WILDCARD && !writ_json_get(json, "optional");
}

static struct writ_result read_argument(const struct reading *reading, struct writ_slice tool,
                                        struct writ_slice name, const struct writ_json *json,
                                        struct writ_constraint *ret_constraint)
{
    const char *reason = "";
    const struct writ_result result = writ_constraint_read(reading->arena, json, reading->profile,
                                                           reading->max_constraint_depth, true,
                                                           ret_constraint, &reason);
    if (!writ_is_ok(result))
        return refuse(reading, result.status, tool, name, reason);
    if (writ_slice_equal(name, STAR) && !is_star_well_formed(json, ret_constraint))
        return refuse(reading, WRIT_UNKNOWN_CONSTRAINT, tool, name,
                      "\"*\" is a wildcard without optional");
    return WRIT_SUCCESS;
}

static struct writ_result read_map(const struct reading *reading, struct writ_slice name,
                                   const struct writ_json *map, struct writ_tool *ret_tool)
{
    struct writ_argument *arguments = writ_arena_array(reading->arena, map->count,
                                                       sizeof *arguments);
    WRIT_ENSURE(arguments, OUT_OF_MEMORY);
    size_t count = 0;
    for (size_t i = 0; i < map->count; i++) {
        arguments[count].name = map->names[i];
        WRIT_TRY(read_argument(reading, name, map->names[i], &map->items[i],
                               &arguments[count].constraint));
        count += !writ_slice_equal(map->names[i], STAR);
    }
    qsort(arguments, count, sizeof *arguments, writ_argument_order);
    for (size_t i = 1; i < count; i++)
        if (writ_slice_equal(arguments[i - 1].name, arguments[i].name))
            return refuse(reading, WRIT_DUPLICATE_MEMBER, name, arguments[i].name,
                          "an argument stands twice");
    *ret_tool = (struct writ_tool){
        .name = name,
        .arguments = arguments,
        .argument_count = count,
        .open = map->count == 0 || writ_json_get_slice(map, STAR),
    };
    return WRIT_SUCCESS;
}

static struct writ_result check_shape(const struct reading *reading, const struct writ_json *tools)
{
    if (!writ_json_is(tools, WRIT_JSON_OBJECT)) {
        writ_denial_set(reading->denial, WRIT_MALFORMED, "", "tools", "tools is not an object");
        return WRIT_FAILURE(MALFORMED);
    }
    for (size_t i = 0; i < tools->count; i++)
        if (tools->items[i].type != WRIT_JSON_OBJECT)
            return refuse(reading, WRIT_MALFORMED, tools->names[i], WRIT_SLICE_NONE,
                          "a tool's constraints are not an object");
    return WRIT_SUCCESS;
}

static struct writ_result read_tools(const struct reading *reading, const struct writ_json *tools,
                                     struct writ_authority *authority)
{
    struct writ_tool *list = writ_arena_array(reading->arena, tools->count, sizeof *list);
    WRIT_ENSURE(list, OUT_OF_MEMORY);
    for (size_t i = 0; i < tools->count; i++)
        WRIT_TRY(read_map(reading, tools->names[i], &tools->items[i], &list[i]));
    qsort(list, tools->count, sizeof *list, writ_tool_order);
    for (size_t i = 1; i < tools->count; i++)
        if (writ_slice_equal(list[i - 1].name, list[i].name))
            return refuse(reading, WRIT_DUPLICATE_MEMBER, list[i].name, WRIT_SLICE_NONE,
                          "a tool stands twice");
    authority->tools = list;
    authority->tool_count = tools->count;
    return WRIT_SUCCESS;
}

struct writ_result writ_authority_read(struct writ_arena *arena, const struct writ_json *tools,
                                       enum writ_profile profile, int max_constraint_depth,
                                       const struct writ_authority **ret_authority, bool *ret_shape,
                                       struct writ_denial *ret_denial)
{
    const struct reading reading = {arena, profile, max_constraint_depth, ret_denial};
    const struct writ_result shape = check_shape(&reading, tools);
    *ret_shape = !writ_is_ok(shape);
    WRIT_TRY(shape);
    struct writ_authority *authority = writ_arena_alloc(arena, sizeof *authority);
    WRIT_ENSURE(authority, OUT_OF_MEMORY);
    authority->profile = profile;
    WRIT_TRY(read_tools(&reading, tools, authority));
    *ret_authority = authority;
    return WRIT_SUCCESS;
}

struct writ_result writ_authority_parse(struct writ_arena *arena, struct writ_slice tools,
                                        enum writ_profile profile,
                                        const struct writ_authority **ret_authority,
                                        struct writ_denial *ret_denial)
{
    const struct writ_json *json = NULL;
    const struct writ_result parsed = writ_json_parse(arena, tools, &json);
    if (!writ_is_ok(parsed)) {
        writ_denial_set(ret_denial, parsed.status, "", "tools", "tools is not strict JSON");
        return parsed;
    }
    bool shape = false;
    return writ_authority_read(arena, json, profile, WRIT_CONSTRAINT_DEPTH_MAX, ret_authority,
                               &shape, ret_denial);
}

/* ---- Writing ------------------------------------------------------------------------------ */

/* An object of `count` members, to be filled in place: putting one by one would look each name up
 * among all that are there. */
static struct writ_json *object_of(struct writ_arena *arena, size_t count)
{
    struct writ_json *object = writ_json_new_object(arena);
    if (!object)
        return NULL;
    object->items = writ_arena_array(arena, count, sizeof *object->items);
    object->names = writ_arena_array(arena, count, sizeof *object->names);
    object->count = object->capacity = count;
    return object->items && object->names ? object : NULL;
}

static struct writ_json *map_node(struct writ_arena *arena, const struct writ_tool *tool)
{
    static const struct writ_constraint WILDCARD = {.type = WRIT_CONSTRAINT_WILDCARD};
    const size_t named = tool->argument_count;
    const bool star = tool->open && named > 0; /* an empty map says the same shorter */
    struct writ_json *map = object_of(arena, named + star);
    if (!map)
        return NULL;
    for (size_t i = 0; i < map->count; i++) {
        const struct writ_json *node = writ_constraint_json(
            arena, i < named ? &tool->arguments[i].constraint : &WILDCARD);
        if (!node)
            return NULL;
        map->names[i] = i < named ? tool->arguments[i].name : STAR;
        map->items[i] = *node;
    }
    return map;
}

struct writ_json *writ_authority_node(struct writ_arena *arena,
                                      const struct writ_authority *authority)
{
    struct writ_json *tools = object_of(arena, authority ? authority->tool_count : 0);
    if (!tools || !authority)
        return tools;
    for (size_t i = 0; i < authority->tool_count; i++) {
        const struct writ_json *map = map_node(arena, &authority->tools[i]);
        if (!map)
            return NULL;
        tools->names[i] = authority->tools[i].name;
        tools->items[i] = *map;
    }
    return tools;
}

struct writ_slice writ_authority_json(struct writ_arena *arena,
                                      const struct writ_authority *authority)
{
    const struct writ_json *node = writ_authority_node(arena, authority);
    return node ? writ_json_canonical(arena, node) : WRIT_SLICE_NONE;
}
