/* The one-line notation: what reads is written one way, and is what a token may say. */
#include "fuzz.h"

#include <string.h>

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    const struct writ_authority *authority = NULL, *again = NULL;
    struct writ_denial denial = {.outcome = WRIT_OK};
    const struct writ_result read = writ_authority_from_notation(arena, input, &authority, &denial);
    if (!writ_is_ok(read)) {
        FUZZ_HOLDS(read.status == WRIT_MALFORMED && denial.outcome == WRIT_MALFORMED);
        FUZZ_HOLDS(strncmp(denial.detail, "column ", 7) == 0);
        return;
    }
    const struct writ_slice notation = writ_authority_notation(arena, authority);
    const struct writ_slice json = writ_authority_json(arena, authority);
    FUZZ_HOLDS(writ_is_ok(writ_authority_from_notation(arena, notation, &again, &denial)));
    FUZZ_HOLDS(writ_slice_equal(writ_authority_notation(arena, again), notation));
    FUZZ_HOLDS(fuzz_same(arena, again, authority));
    FUZZ_HOLDS(writ_is_ok(writ_authority_parse(arena, json, OURS, &again, &denial)));
    FUZZ_HOLDS(fuzz_same(arena, again, authority));
}
