/* Parsing, RFC 8785 and the verbatim text: what was read is written, and read again as the same. */
#include "fuzz.h"

#include <math.h>

static void check_again(struct writ_arena *arena, const struct writ_json *value,
                        struct writ_slice text, bool canonical)
{
    const struct writ_json *again = fuzz_json(arena, text);
    FUZZ_HOLDS(again);
    FUZZ_HOLDS(writ_json_equal(value, again) && writ_json_equal(again, value));
    const struct writ_slice rewritten = canonical ? writ_json_canonical(arena, again)
                                                  : writ_json_verbatim(arena, again);
    FUZZ_HOLDS(writ_slice_equal(rewritten, text));
    /* Only the canonical text of a number that is inadmissible may have become another number. */
    if (!canonical || writ_json_all_admissible(value))
        FUZZ_HOLDS(writ_json_all_admissible(again) == writ_json_all_admissible(value));
}

static void check_tree(const struct writ_json *value, size_t depth)
{
    FUZZ_HOLDS(depth <= WRIT_JSON_DEPTH);
    FUZZ_HOLDS(value->type != WRIT_JSON_NUMBER || !value->admissible || isfinite(value->number));
    int64_t integer = 0;
    if (writ_json_integer(value, &integer) && fabs(value->number) < 9007199254740992.0)
        FUZZ_HOLDS(value->admissible && (int64_t)value->number == integer);
    if (value->type == WRIT_JSON_OBJECT)
        FUZZ_HOLDS(value->count <= WRIT_JSON_MEMBERS);
    if (value->type != WRIT_JSON_OBJECT && value->type != WRIT_JSON_ARRAY)
        return;
    for (size_t i = 0; i < value->count; i++) {
        if (value->type == WRIT_JSON_OBJECT) /* no name stands twice */
            FUZZ_HOLDS(writ_json_get_slice(value, value->names[i]) == &value->items[i]);
        check_tree(&value->items[i], depth + 1);
    }
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    const struct writ_json *value = NULL;
    const enum writ_status status = writ_json_parse(arena, input, &value).status;
    FUZZ_HOLDS((status == WRIT_OK) == (value != NULL));
    if (!value) {
        FUZZ_HOLDS(status == WRIT_MALFORMED || status == WRIT_DUPLICATE_MEMBER);
        return;
    }
    check_tree(value, 0);
    check_again(arena, value, writ_json_canonical(arena, value), true);
    check_again(arena, value, writ_json_verbatim(arena, value), false);
}
