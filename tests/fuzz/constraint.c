/*
 * Two constraints and a value, a line each. What the table says of the two, the value must bear
 * out, and so must every value that stands in them.
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

struct pair {
    const struct writ_constraint *above, *below;
    const struct writ_constraint *meet; /* NULL: none */
    bool subsumes;
};

static void check_value(const struct pair *pair, const struct writ_json *value)
{
    if (pair->subsumes && writ_constraint_check(pair->below, value))
        FUZZ_HOLDS(writ_constraint_check(pair->above, value));
    if (pair->meet && writ_constraint_check(pair->meet, value))
        FUZZ_HOLDS(writ_constraint_check(pair->above, value) &&
                   writ_constraint_check(pair->below, value));
}

static void check_values_in(const struct pair *pair, const struct writ_json *json)
{
    check_value(pair, json);
    if (json->type == WRIT_JSON_ARRAY || json->type == WRIT_JSON_OBJECT)
        for (size_t i = 0; i < json->count; i++)
            check_values_in(pair, &json->items[i]);
}

static bool check_meet(struct writ_arena *arena, const struct writ_constraint *a,
                       const struct writ_constraint *b, struct writ_constraint *ret_meet)
{
    struct writ_constraint meet, turned;
    const bool there = writ_constraint_meet(arena, a, b, &meet);
    FUZZ_HOLDS(there == writ_constraint_meet(arena, b, a, &turned));
    if (!there)
        return false;
    FUZZ_HOLDS(
        writ_json_equal(writ_constraint_json(arena, &meet), writ_constraint_json(arena, &turned)));
    FUZZ_HOLDS(writ_constraint_subsumes(a, &meet) && writ_constraint_subsumes(b, &meet));
    FUZZ_HOLDS(meet.optional == (a->optional && b->optional));
    check_writing(arena, &meet);
    *ret_meet = meet;
    return true;
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct writ_constraint above, below, meet;
    if (input.size > FUZZ_COMPARABLE_BYTES)
        return;
    const struct writ_json *upper = parse(arena, fuzz_take_line(&input), &above);
    const struct writ_json *lower = parse(arena, fuzz_take_line(&input), &below);
    const struct writ_json *value = fuzz_json(arena, input);
    if (!upper || !lower)
        return;
    check_writing(arena, &above);
    FUZZ_HOLDS(writ_constraint_subsumes(&above, &above));
    const struct pair pair = {
        .above = &above,
        .below = &below,
        .meet = check_meet(arena, &above, &below, &meet) ? &meet : NULL,
        .subsumes = writ_constraint_subsumes(&above, &below),
    };
    check_values_in(&pair, upper);
    check_values_in(&pair, lower);
    if (value && writ_json_all_admissible(value)) /* others are refused before */
        check_values_in(&pair, value);
}
