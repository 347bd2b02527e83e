#include "scarce.h"

#include <check.h>

struct writ_arena results;

struct writ_slice scarce_canonical(const struct writ_json *json)
{
    return writ_json_canonical(&results, json);
}

struct writ_result scarce_taken(struct writ_slice text, struct writ_slice *ret_made)
{
    WRIT_ENSURE(text.data, OUT_OF_MEMORY);
    *ret_made = writ_arena_copy(&results, text);
    return WRIT_SUCCESS;
}

/* The result with so much memory, as a text that outlives it; empty: there was none. */
static struct writ_slice play(const struct scarce_operation *operation, size_t limit,
                              size_t *ret_used)
{
    struct writ_arena scratch;
    struct writ_slice made = WRIT_SLICE_NONE;
    writ_arena_init(&scratch, limit);
    writ_arena_init(&results, 0);
    const struct writ_result result = operation->play(&scratch, &made);
    ck_assert_msg(writ_is_ok(result) || result.status == WRIT_OUT_OF_MEMORY, "%s with %zu: %s",
                  operation->name, limit, writ_status_code(result.status));
    ck_assert_msg(!writ_is_ok(result) || made.data, "%s with %zu", operation->name, limit);
    made = writ_is_ok(result) ? writ_arena_copy(&arena, made) : WRIT_SLICE_NONE;
    *ret_used = scratch.used;
    writ_arena_done(&results);
    writ_arena_done(&scratch);
    return made;
}

void scarce_try(const struct scarce_operation *operation)
{
    size_t enough = 0, unused = 0;
    const struct writ_slice whole = play(operation, 0, &enough);
    ck_assert_msg(whole.data, "%s: %s", operation->name, denial.detail);
    struct writ_slice made = WRIT_SLICE_NONE;
    for (size_t limit = 1; limit < enough + 16; limit += 16) {
        made = play(operation, limit, &unused);
        ck_assert_msg(!made.data || writ_slice_equal(made, whole), "%s with %zu: %.*s",
                      operation->name, limit, WRIT_SLICE_ARGS(made));
    }
    ck_assert_msg(made.data, "%s with enough", operation->name);
}
