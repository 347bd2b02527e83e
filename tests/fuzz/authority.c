/* A tools object: JSON and notation say the same, and an authority is what it is. */
#include "fuzz.h"

static void check_laws(struct writ_arena *arena, const struct writ_authority *authority)
{
    const struct writ_authority *meet = NULL;
    const struct writ_change *changes = NULL;
    struct writ_denial denial;
    size_t count = 0;
    FUZZ_HOLDS(writ_is_ok(writ_authority_narrower(arena, authority, authority, &denial)));
    FUZZ_HOLDS(writ_is_ok(writ_authority_diff(arena, authority, authority, &changes, &count)));
    FUZZ_HOLDS(count == 0);
    FUZZ_HOLDS(writ_is_ok(writ_authority_meet(arena, authority, authority, &meet)));
    FUZZ_HOLDS(fuzz_same(arena, meet, authority));
}

static void check_texts(struct writ_arena *arena, const struct writ_authority *authority,
                        enum writ_profile profile)
{
    const struct writ_authority *again = NULL;
    struct writ_denial denial;
    const struct writ_slice json = writ_authority_json(arena, authority);
    const struct writ_slice notation = writ_authority_notation(arena, authority);
    FUZZ_HOLDS(writ_is_ok(writ_authority_parse(arena, json, profile, &again, &denial)));
    FUZZ_HOLDS(fuzz_same(arena, again, authority));
    FUZZ_HOLDS(writ_is_ok(writ_authority_from_notation(arena, notation, &again, &denial)));
    FUZZ_HOLDS(fuzz_same(arena, again, authority));
    FUZZ_HOLDS(writ_slice_equal(writ_authority_notation(arena, again), notation));
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    const struct writ_authority *ours = NULL, *strict = NULL;
    struct writ_denial denial;
    const struct writ_result read = writ_authority_parse(arena, input, OURS, &ours, &denial);
    FUZZ_HOLDS(writ_is_ok(read) || (denial.outcome == read.status && !ours));
    if (writ_is_ok(writ_authority_parse(arena, input, STRICT, &strict, &denial))) {
        FUZZ_HOLDS(ours && fuzz_same(arena, ours, strict));
        check_texts(arena, strict, STRICT);
    }
    if (!ours)
        return;
    check_texts(arena, ours, OURS);
    if (input.size <= FUZZ_COMPARABLE_BYTES)
        check_laws(arena, ours);
}
