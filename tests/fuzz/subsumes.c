/*
 * Two authorities (JSON or notation) and a call, a line each: parent, child, tool, arguments. What
 * the comparison says of the two, that call must bear out, and so must calls with the values that
 * stand in the constraints; meet and diff say the same as the comparison does.
 */
#include "fuzz.h"

struct case_of {
    struct writ_arena *arena;
    const struct writ_authority *parent, *child;
    struct writ_slice tool;
    const struct writ_json *args; /* NULL: no JSON */
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
    return test->args &&
           writ_is_ok(writ_authority_allows(authority, OURS, test->tool, test->args, &denial));
}

/* ---- Calls with the values that stand in the constraints ------------------------------------- */

enum { CALLS_EACH = 6 };

/* The nth of all values in the tree, counting down. */
static const struct writ_json *nth_value(const struct writ_json *json, size_t *n)
{
    if ((*n)-- == 0)
        return json;
    const bool has_items = json->type == WRIT_JSON_ARRAY || json->type == WRIT_JSON_OBJECT;
    for (size_t i = 0; has_items && i < json->count; i++) {
        const struct writ_json *found = nth_value(&json->items[i], n);
        if (found)
            return found;
    }
    return NULL;
}

static size_t count_values(const struct writ_json *json)
{
    size_t count = 1;
    if (json->type == WRIT_JSON_ARRAY || json->type == WRIT_JSON_OBJECT)
        for (size_t i = 0; i < json->count; i++)
            count += count_values(&json->items[i]);
    return count;
}

/* Arguments from the constraints of `tool`, some left out where they may be. */
static const struct writ_json *args_of(struct writ_arena *arena, const struct writ_tool *tool,
                                       size_t round)
{
    struct writ_json *args = writ_json_new_object(arena);
    for (size_t i = 0; i < tool->argument_count; i++) {
        const struct writ_argument *argument = &tool->arguments[i];
        const struct writ_json *json = writ_constraint_json(arena, &argument->constraint);
        size_t n = (round + i) % count_values(json);
        if (!argument->constraint.optional || round % 2 == 0)
            writ_json_put_named(arena, args, argument->name, nth_value(json, &n));
    }
    return args;
}

static void check_calls_of(struct case_of test, const struct writ_authority *from, bool narrower,
                           const struct writ_authority *meet)
{
    for (size_t i = 0; i < from->tool_count; i++)
        for (size_t round = 0; round < CALLS_EACH; round++) {
            test.tool = from->tools[i].name;
            test.args = args_of(test.arena, &from->tools[i], round);
            if (narrower && allows(&test, test.child))
                FUZZ_HOLDS(allows(&test, test.parent));
            if (allows(&test, meet))
                FUZZ_HOLDS(allows(&test, test.parent) && allows(&test, test.child));
        }
}

/* ---- The laws ---------------------------------------------------------------------------------
 */

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
    check_calls_of(*test, test->parent, narrower, meet);
    check_calls_of(*test, test->child, narrower, meet);
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct case_of test = {.arena = arena};
    if (input.size > FUZZ_COMPARABLE_BYTES)
        return;
    test.parent = fuzz_authority(arena, fuzz_take_line(&input), OURS);
    test.child = fuzz_authority(arena, fuzz_take_line(&input), OURS);
    test.tool = fuzz_take_line(&input);
    test.args = fuzz_json(arena, input);
    if (!test.parent || !test.child)
        return;
    const bool narrower = is_narrower(&test, test.parent, test.child);
    if (narrower && allows(&test, test.child))
        FUZZ_HOLDS(allows(&test, test.parent));
    check_diff(&test, narrower);
    check_meet(&test, narrower);
}
