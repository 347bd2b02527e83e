/* pairs COUNT [SEED]: lines of parent TAB child TAB t or f, as tests/sql/agree reads them. */
#include "authority/authority.h"
#include "unit/generate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* t, f, or 0 when one of the two is no authority. */
static char judge(struct writ_arena *arena, struct writ_slice parent, struct writ_slice child)
{
    const struct writ_authority *above = NULL;
    const struct writ_authority *below = NULL;
    struct writ_denial denial;
    if (!writ_is_ok(writ_authority_parse(arena, parent, WRIT_PROFILE_AAT_02_WRIT, &above, &denial)))
        return 0;
    if (!writ_is_ok(writ_authority_parse(arena, child, WRIT_PROFILE_AAT_02_WRIT, &below, &denial)))
        return 0;
    return writ_is_ok(writ_authority_narrower(arena, above, below, &denial)) ? 't' : 'f';
}

int main(int argc, char **argv)
{
    const long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    if (count <= 0 || !writ_is_ok(writ_start())) {
        fputs("usage: pairs COUNT [SEED]\n", stderr);
        return 2;
    }
    for (long i = 0; i < count; i++) {
        struct writ_arena arena;
        struct generate generate;
        writ_arena_init(&arena, 0);
        if (!generate_start(&generate, &arena, seed * 1000003 + (uint64_t)i))
            return 1;
        const struct writ_json *tools = generate_tools(&generate);
        const struct writ_slice parent = writ_json_canonical(&arena, tools);
        const struct writ_slice child = writ_json_canonical(&arena,
                                                            generate_child(&generate, tools));
        const char said = judge(&arena, parent, child);
        if (said == 0) {
            fprintf(stderr, "pairs: seed %" PRIu64 ", pair %ld is not well-formed\n", seed, i);
            return 1;
        }
        printf("%.*s\t%.*s\t%c\n", WRIT_SLICE_ARGS(parent), WRIT_SLICE_ARGS(child), said);
        writ_arena_done(&arena);
    }
    return 0;
}
