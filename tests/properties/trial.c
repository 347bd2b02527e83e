#include "trial.h"

#include <inttypes.h>

#include "shrink.h"
#include "tally.h"

/* ---- Making --------------------------------------------------------------------------------- */

static const struct writ_json *array_of(struct writ_arena *arena,
                                        const struct writ_json *const *items, size_t count)
{
    struct writ_json *array = writ_json_new_array(arena);
    for (size_t i = 0; i < count; i++)
        writ_json_add(arena, array, items[i]);
    return array;
}

const struct writ_json *trial_authorities(struct generate *generate)
{
    const struct writ_json *parent = generate_tools(generate);
    const struct writ_json *child = generate_child(generate, parent);
    const struct writ_json *grandchild = generate_child(generate, child);
    return array_of(generate->arena, (const struct writ_json *[]){parent, child, grandchild}, 3);
}

static const struct writ_json *tool_of(struct generate *generate,
                                       const struct writ_json *constraint)
{
    struct writ_json *tools = writ_json_new_object(generate->arena);
    struct writ_json *map = writ_json_put_object(generate->arena, tools, "t");
    writ_json_put(generate->arena, map, "x", constraint);
    return tools;
}

const struct writ_json *trial_constraints(struct generate *generate)
{
    enum { DEPTH = 3 };
    const struct writ_json *origin = generate_constraint(generate, DEPTH);
    const struct writ_json *left = generate_relative(generate, origin, DEPTH);
    const struct writ_json *right = generate_number(generate, 3) == 0
                                        ? origin
                                        : generate_relative(generate, origin, DEPTH);
    const struct writ_json *third = generate_relative(
        generate, generate_number(generate, 2) == 0 ? left : right, DEPTH);
    const struct writ_json *const tools[] = {tool_of(generate, left), tool_of(generate, right),
                                             tool_of(generate, third)};
    return array_of(generate->arena, tools, TRIAL_AUTHORITIES);
}

/* ---- Trying --------------------------------------------------------------------------------- */

/* False for what is not well-formed, which breaks no property. */
static bool read(struct trial *trial, const struct writ_json *authorities)
{
    if (!writ_json_is(authorities, WRIT_JSON_ARRAY) || authorities->count != TRIAL_AUTHORITIES)
        return false;
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++) {
        struct writ_denial denial = {0};
        bool shape = false;
        trial->tools[i] = &authorities->items[i];
        if (!writ_is_ok(writ_authority_read(trial->arena, trial->tools[i], WRIT_PROFILE_AAT_02_WRIT,
                                            WRIT_CONSTRAINT_DEPTH_MAX, &trial->read[i], &shape,
                                            &denial)))
            return false;
    }
    for (size_t i = 0; i < TRIAL_AUTHORITIES; i++)
        trial->stated[i] = draft_tools_read(&trial->world, trial->tools[i]);
    return true;
}

struct attempt {
    const struct trial_property *property;
    uint64_t seed;
};

/* What is wrong with the case, copied to `arena`; NULL: nothing. */
static const char *attempt(struct writ_arena *arena, const struct trial_property *property,
                           uint64_t seed, const struct writ_json *authorities)
{
    struct writ_arena scratch;
    writ_arena_init(&scratch, 0);
    struct trial trial = {.arena = &scratch, .seed = seed};
    draft_world_init(&trial.world, &scratch);
    const char *broken = read(&trial, authorities) ? property->broken(&trial) : NULL;
    if (broken)
        broken = writ_arena_printf(arena, "%s", broken);
    writ_arena_done(&scratch);
    return broken;
}

static bool fails(void *context, const struct writ_json *authorities)
{
    const struct attempt *attempted = context;
    struct writ_arena scratch;
    writ_arena_init(&scratch, 0);
    const bool failed = attempt(&scratch, attempted->property, attempted->seed, authorities) !=
                        NULL;
    writ_arena_done(&scratch);
    return failed;
}

bool trial_holds(struct writ_arena *arena, const struct trial_property *property, uint64_t seed,
                 size_t scale, const struct writ_json **ret_smallest, const char **ret_broken)
{
    struct generate generate;
    MUST(generate_start(&generate, arena, seed));
    generate.scale = scale;
    const struct writ_json *made = property->make(&generate);
    if (!attempt(arena, property, seed, made))
        return true;
    struct attempt context = {property, seed};
    *ret_smallest = shrink(arena, made, fails, &context);
    *ret_broken = attempt(arena, property, seed, *ret_smallest);
    return false;
}

static const char *notation_of(struct writ_arena *arena, const struct writ_json *authorities)
{
    const char *text = "";
    for (size_t i = 0; i < authorities->count; i++) {
        const struct writ_authority *authority = NULL;
        struct writ_denial denial = {0};
        bool shape = false;
        MUST(writ_is_ok(writ_authority_read(arena, &authorities->items[i], WRIT_PROFILE_AAT_02_WRIT,
                                            WRIT_CONSTRAINT_DEPTH_MAX, &authority, &shape,
                                            &denial)));
        text = writ_arena_printf(arena, "%s%s%s", text, i > 0 ? "\n" : "",
                                 (const char *)writ_authority_notation(arena, authority).data);
    }
    return text;
}

const char *trial_complaint(struct writ_arena *arena, const struct trial_property *property,
                            uint64_t seed, size_t scale)
{
    const struct writ_json *smallest = NULL;
    const char *broken = NULL;
    if (trial_holds(arena, property, seed, scale, &smallest, &broken))
        return NULL;
    return writ_arena_printf(arena, "%s: %s; WRIT_TEST_SEED=%" PRIu64 "\n%s\n%s", property->name,
                             broken, seed, notation_of(arena, smallest),
                             (const char *)writ_json_canonical(arena, smallest).data);
}

void trial_run(const struct trial_property *property, size_t cases, size_t scale)
{
    const uint64_t first = first_seed();
    for (size_t i = 0; i < cases; i++) {
        struct writ_arena arena;
        writ_arena_init(&arena, 0);
        const char *complaint = trial_complaint(&arena, property, first + i, scale);
        if (complaint)
            ck_abort_msg("%s", complaint);
        writ_arena_done(&arena);
    }
    tally(cases, "random cases of scale %zu: %s (seeds from %" PRIu64 ")", scale, property->name,
          first);
}
