/* Two constraints and a value, a line each: what the table says of them, the values must bear out.
 */
#include "fuzz.h"

static const struct writ_json *parse(struct writ_arena *arena, struct writ_slice text,
                                     struct writ_constraint *ret_constraint)
{
    const struct writ_json *json = fuzz_json(arena, text);
    struct writ_constraint strict;
    if (!json)
        return NULL;
    const bool ours = writ_is_ok(
        writ_constraint_parse(arena, json, OURS, WRIT_CONSTRAINT_DEPTH_MAX, true, ret_constraint));
    /* The strict profile knows less, never more. */
    if (writ_is_ok(
            writ_constraint_parse(arena, json, STRICT, WRIT_CONSTRAINT_DEPTH_MAX, true, &strict)))
        FUZZ_HOLDS(ours);
    return ours ? json : NULL;
}

static void check_writing(struct writ_arena *arena, const struct writ_constraint *constraint)
{
    struct writ_constraint again;
    const struct writ_slice written = writ_json_canonical(arena,
                                                          writ_constraint_json(arena, constraint));
    FUZZ_HOLDS(parse(arena, written, &again));
    FUZZ_HOLDS(
        writ_slice_equal(writ_json_canonical(arena, writ_constraint_json(arena, &again)), written));
}

static void check_meet(struct writ_arena *arena, const struct writ_constraint *a,
                       const struct writ_constraint *b, const struct writ_json *value)
{
    struct writ_constraint meet, turned;
    const bool there = writ_constraint_meet(arena, a, b, &meet);
    FUZZ_HOLDS(there == writ_constraint_meet(arena, b, a, &turned));
    if (!there)
        return;
    FUZZ_HOLDS(
        writ_json_equal(writ_constraint_json(arena, &meet), writ_constraint_json(arena, &turned)));
    FUZZ_HOLDS(writ_constraint_subsumes(a, &meet) && writ_constraint_subsumes(b, &meet));
    FUZZ_HOLDS(meet.optional == (a->optional && b->optional));
    if (value && writ_constraint_check(&meet, value))
        FUZZ_HOLDS(writ_constraint_check(a, value) && writ_constraint_check(b, value));
    check_writing(arena, &meet);
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct writ_constraint above, below;
    if (input.size > FUZZ_COMPARABLE_BYTES)
        return;
    const bool has_above = parse(arena, fuzz_take_line(&input), &above);
    const bool has_below = parse(arena, fuzz_take_line(&input), &below);
    const struct writ_json *value = fuzz_json(arena, input);
    if (has_above) {
        check_writing(arena, &above);
        FUZZ_HOLDS(writ_constraint_subsumes(&above, &above));
    }
    if (!has_above || !has_below)
        return;
    if (value && !writ_json_all_admissible(value)) /* refused before it is checked */
        value = NULL;
    if (value && writ_constraint_subsumes(&above, &below) && writ_constraint_check(&below, value))
        FUZZ_HOLDS(writ_constraint_check(&above, value));
    check_meet(arena, &above, &below, value);
}
