/* Maps and authorities: sections 3.3 and 4.5, steps 4p and 6b of AAT-02, and of DESIGN section 2
 * the rule for names that differ only in case. */
#include "draft.h"

#include <string.h>

#include "tally.h"

/* ---- Reading --------------------------------------------------------------------------------- */

static struct draft_map read_map(struct draft_world *world, const struct writ_json *json)
{
    struct writ_slice *names = writ_arena_array(world->arena, json->count, sizeof *names);
    struct draft_constraint *constraints = writ_arena_array(world->arena, json->count,
                                                            sizeof *constraints);
    MUST(names && constraints);
    struct draft_map map = {.names = names, .constraints = constraints, .star = json->count == 0};
    for (size_t i = 0; i < json->count; i++) {
        if (writ_slice_is(json->names[i], "*")) {
            map.star = true;
            continue;
        }
        names[map.count] = json->names[i];
        constraints[map.count++] = draft_read(world, &json->items[i]);
    }
    return map;
}

struct draft_tools draft_tools_read(struct draft_world *world, const struct writ_json *json)
{
    struct draft_map *maps = writ_arena_array(world->arena, json->count, sizeof *maps);
    MUST(maps);
    for (size_t i = 0; i < json->count; i++)
        maps[i] = read_map(world, &json->items[i]);
    return (struct draft_tools){.count = json->count, .names = json->names, .maps = maps};
}

struct draft_args draft_args_read(struct draft_world *world, const struct writ_json *json)
{
    size_t *values = writ_arena_array(world->arena, json->count, sizeof *values);
    MUST(values);
    for (size_t i = 0; i < json->count; i++)
        values[i] = draft_value(world, &json->items[i]);
    return (struct draft_args){.count = json->count, .names = json->names, .values = values};
}

static const struct draft_map *find_map(const struct draft_tools *tools, struct writ_slice name)
{
    for (size_t i = 0; i < tools->count; i++)
        if (writ_slice_equal(tools->names[i], name))
            return &tools->maps[i];
    return NULL;
}

static const struct draft_constraint *find(const struct draft_map *map, struct writ_slice name)
{
    for (size_t i = 0; i < map->count; i++)
        if (writ_slice_equal(map->names[i], name))
            return &map->constraints[i];
    return NULL;
}

/* ---- Case ------------------------------------------------------------------------------------
 *
 * What folding leaves of a name: ASCII in lower case; of each character beyond it the ASCII letters
 * that are in its lower, upper or title case (Unicode, SpecialCasing and simple mappings), and of
 * all others nothing.
 */
enum { FOLDED_MAX = 64 };

static const char *letters_in(const char *character, size_t size)
{
    static const char *const CASES[][2] = {
        {"\u00df", "ss"}, {"\u0130", "i"},   {"\u0131", "i"},   {"\u0149", "n"},  {"\u017f", "s"},
        {"\u01f0", "j"},  {"\u1e96", "h"},   {"\u1e97", "t"},   {"\u1e98", "w"},  {"\u1e99", "y"},
        {"\u1e9a", "a"},  {"\u1e9e", "ss"},  {"\u212a", "k"},   {"\ufb00", "ff"}, {"\ufb01", "fi"},
        {"\ufb02", "fl"}, {"\ufb03", "ffi"}, {"\ufb04", "ffl"}, {"\ufb05", "st"}, {"\ufb06", "st"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        if (strlen(CASES[i][0]) == size && memcmp(CASES[i][0], character, size) == 0)
            return CASES[i][1];
    return "";
}

static void fold(struct writ_slice name, char folded[static FOLDED_MAX])
{
    const char *at = (const char *)name.data, *end = at + name.size;
    size_t used = 0;
    MUST(name.size < FOLDED_MAX / 3);
    while (at < end) {
        size_t size = 1;
        while (at + size < end && ((unsigned char)at[size] & 0xc0) == 0x80)
            size++;
        const char *letters = size > 1 ? letters_in(at, size) : "";
        if (size == 1)
            folded[used++] = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
        while (*letters)
            folded[used++] = *letters++;
        at += size;
    }
    folded[used] = '\0';
}

/* `name`, which the map does not name, is a named one but for its case. */
static bool is_shadow(const struct draft_map *map, struct writ_slice name, enum draft_case names)
{
    char ours[FOLDED_MAX], theirs[FOLDED_MAX];
    if (names == DRAFT_CASE_IS_NOTHING)
        return false;
    fold(name, ours);
    for (size_t i = 0; i < map->count; i++) {
        fold(map->names[i], theirs);
        if (strcmp(ours, theirs) == 0)
            return true;
    }
    return false;
}

/* ---- Step 4p --------------------------------------------------------------------------------- */

/* "Every key the child names is named by the parent unless the parent contains *; every key the
 * parent names and the child omits is optional in the parent, and the child then does not contain
 * *; and the child contains * only if the parent does." */
static bool keys_hold(const struct draft_map *parent, const struct draft_map *child,
                      enum draft_case names)
{
    for (size_t i = 0; i < child->count; i++)
        if (!find(parent, child->names[i]) &&
            (!parent->star || is_shadow(parent, child->names[i], names)))
            return false;
    for (size_t i = 0; i < parent->count; i++)
        if (!find(child, parent->names[i]) && (!parent->constraints[i].optional || child->star))
            return false;
    return parent->star || !child->star;
}

/* "For each argument key named in both maps, the child's is required if the parent's is." */
static bool requirements_hold(const struct draft_map *parent, const struct draft_map *child)
{
    for (size_t i = 0; i < child->count; i++) {
        const struct draft_constraint *above = find(parent, child->names[i]);
        if (above && !above->optional && child->constraints[i].optional)
            return false;
    }
    return true;
}

/* "The parent's constraint for that key, or the parent's *, subsumes the child's." */
static bool constraints_hold(const struct draft_world *world, const struct draft_map *parent,
                             const struct draft_map *child)
{
    for (size_t i = 0; i < child->count; i++) {
        const struct draft_constraint *above = find(parent, child->names[i]);
        if (above && !draft_subsumes(world, above, &child->constraints[i]))
            return false;
    }
    return true;
}

const char *draft_denies(const struct draft_world *world, const struct draft_tools *parent,
                         const struct draft_tools *child, enum draft_case names)
{
    for (size_t i = 0; i < child->count; i++)
        if (!find_map(parent, child->names[i]))
            return "4p1";
    for (size_t i = 0; i < child->count; i++)
        if (!keys_hold(find_map(parent, child->names[i]), &child->maps[i], names))
            return "4p2";
    for (size_t i = 0; i < child->count; i++)
        if (!requirements_hold(find_map(parent, child->names[i]), &child->maps[i]))
            return "4p3";
    for (size_t i = 0; i < child->count; i++)
        if (!constraints_hold(world, find_map(parent, child->names[i]), &child->maps[i]))
            return "4p4";
    return NULL;
}

/* ---- Step 6b --------------------------------------------------------------------------------- */

bool draft_allows(const struct draft_world *world, const struct draft_tools *tools,
                  struct writ_slice tool, const struct draft_args *args, enum draft_case names)
{
    const struct draft_map *map = find_map(tools, tool);
    if (!map)
        return false;
    size_t given = 0;
    for (size_t i = 0; i < args->count; i++) {
        const struct draft_constraint *constraint = find(map, args->names[i]);
        if (constraint && !draft_accepts(world, constraint, args->values[i]))
            return false;
        if (!constraint && (!map->star || is_shadow(map, args->names[i], names)))
            return false;
        given += constraint && !constraint->optional;
    }
    size_t required = 0;
    for (size_t i = 0; i < map->count; i++)
        required += !map->constraints[i].optional;
    return given == required;
}
