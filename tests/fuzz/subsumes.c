/*
 * Two authorities (JSON or notation) and a call, a line each: parent, child, tool, arguments. What
 * the comparison says of the two, every call must bear out; meet and diff say the same as it does.
 */
#include "fuzz.h"

struct case_of {
    struct writ_arena *arena;
    const struct writ_authority *parent, *child;
    struct writ_slice tool, args;
};

static bool is_narrower(const struct case_of *test, const struct writ_authority *parent,
                        const struct writ_authority *child)
{
    struct writ_denial denial;
    const struct writ_result result = writ_authority_narrower(test->arena, parent, child, &denial);
    FUZZ_HOLDS(writ_is_ok(result) || result.status == WRIT_NOT_NARROWER);
    FUZZ_HOLDS(writ_is_ok(result) || (denial.outcome == WRIT_NOT_NARROWER && denial.step[0]));
    return writ_is_ok(result);
}

static bool allows(const struct case_of *test, const struct writ_authority *authority)
{
    struct writ_denial denial;
    return writ_is_ok(
        writ_authority_check(test->arena, authority, OURS, test->tool, test->args, &denial));
}

static void check_diff(const struct case_of *test, bool narrower)
{
    const struct writ_change *changes = NULL;
    size_t count = 0, wider = 0;
    FUZZ_HOLDS(
        writ_is_ok(writ_authority_diff(test->arena, test->parent, test->child, &changes, &count)));
    for (size_t i = 0; i < count; i++)
        wider += changes[i].widens;
    FUZZ_HOLDS((wider == 0) == narrower);
    FUZZ_HOLDS((count == 0) == fuzz_same(test->arena, test->parent, test->child));
}

static void check_meet(const struct case_of *test, bool narrower)
{
    const struct writ_authority *meet = NULL, *turned = NULL;
    FUZZ_HOLDS(writ_is_ok(writ_authority_meet(test->arena, test->parent, test->child, &meet)));
    FUZZ_HOLDS(writ_is_ok(writ_authority_meet(test->arena, test->child, test->parent, &turned)));
    FUZZ_HOLDS(fuzz_same(test->arena, meet, turned));
    FUZZ_HOLDS(is_narrower(test, test->parent, meet) && is_narrower(test, test->child, meet));
    if (allows(test, meet))
        FUZZ_HOLDS(allows(test, test->parent) && allows(test, test->child));
    if (narrower) /* then the child is the widest that is below both */
        FUZZ_HOLDS(is_narrower(test, meet, test->child));
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct case_of test = {.arena = arena};
    if (input.size > FUZZ_COMPARABLE_BYTES)
        return;
    test.parent = fuzz_authority(arena, fuzz_take_line(&input), OURS);
    test.child = fuzz_authority(arena, fuzz_take_line(&input), OURS);
    test.tool = fuzz_take_line(&input);
    test.args = input;
    if (!test.parent || !test.child)
        return;
    const bool narrower = is_narrower(&test, test.parent, test.child);
    if (narrower && allows(&test, test.child))
        FUZZ_HOLDS(allows(&test, test.parent));
    check_diff(&test, narrower);
    check_meet(&test, narrower);
}
