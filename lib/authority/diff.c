/*
 * What changed from one authority to another, and where it became wider: by name of tool and of
 * argument, what concerns "*" before the arguments. There is a change that widens exactly when
 * writ_authority_compare(before, after) refuses.
 */
#include <stdlib.h>
#include <string.h>

#include "authority/internal.h"

static const struct writ_slice STAR = {(const uint8_t *)"*", 1};

struct diff {
    struct writ_arena *arena;
    enum writ_profile profile; /* of what was before */
    struct writ_work work;
    struct writ_change *changes;
    size_t count, capacity;
};

static struct writ_result add(struct diff *diff, struct writ_change change)
{
    enum { FIRST_CAPACITY = 8 };
    WRIT_ENSURE(change.before.data && change.after.data, OUT_OF_MEMORY);
    if (diff->count == diff->capacity) {
        const size_t capacity = diff->capacity == 0 ? FIRST_CAPACITY : diff->capacity * 2;
        struct writ_change *changes = writ_arena_array(diff->arena, capacity, sizeof *changes);
        WRIT_ENSURE(changes, OUT_OF_MEMORY);
        if (diff->count > 0)
            memcpy(changes, diff->changes, diff->count * sizeof *changes);
        diff->changes = changes;
        diff->capacity = capacity;
    }
    diff->changes[diff->count++] = change;
    return WRIT_SUCCESS;
}

/* A whole tool that is there only before, or only after. */
static struct writ_result add_tool(struct diff *diff, const struct writ_tool *tool, bool is_added)
{
    const struct writ_slice nothing = WRIT_SLICE_LITERAL("");
    const struct writ_slice notation = writ_tool_notation(diff->arena, tool);
    return add(diff, (struct writ_change){
                         .kind = is_added ? WRIT_TOOL_ADDED : WRIT_TOOL_REMOVED,
                         .widens = is_added,
                         .tool = tool->name,
                         .argument = nothing,
                         .before = is_added ? nothing : notation,
                         .after = is_added ? notation : nothing,
                     });
}

static bool is_same(struct writ_arena *arena, const struct writ_constraint *a,
                    const struct writ_constraint *b, bool *ret_same)
{
    const struct writ_json *left = writ_constraint_json(arena, a);
    const struct writ_json *right = writ_constraint_json(arena, b);
    *ret_same = left && right && writ_json_equal(left, right);
    return left && right;
}

static struct writ_result add_changed(struct diff *diff, const struct writ_tool *tool,
                                      const struct writ_argument *before,
                                      const struct writ_argument *after)
{
    bool same = false;
    WRIT_ENSURE(is_same(diff->arena, &before->constraint, &after->constraint, &same),
                OUT_OF_MEMORY);
    if (same)
        return WRIT_SUCCESS;
    const bool frees = after->constraint.optional && !before->constraint.optional;
    return add(diff,
               (struct writ_change){
                   .kind = WRIT_ARGUMENT_CHANGED,
                   .widens = frees || !writ_constraint_covers(&diff->work, &before->constraint,
                                                              &after->constraint),
                   .tool = tool->name,
                   .argument = before->name,
                   .before = writ_argument_notation(diff->arena, before),
                   .after = writ_argument_notation(diff->arena, after),
               });
}

/* Named only before: free again under "*", or forbidden, which a call that was bound to carry it
 * can not survive. */
static struct writ_result add_removed(struct diff *diff, const struct writ_tool *after,
                                      const struct writ_argument *argument)
{
    return add(diff, (struct writ_change){
                         .kind = WRIT_ARGUMENT_REMOVED,
                         .widens = after->open || !argument->constraint.optional,
                         .tool = after->name,
                         .argument = argument->name,
                         .before = writ_argument_notation(diff->arena, argument),
                         .after = WRIT_SLICE_LITERAL(""),
                     });
}

static struct writ_result add_added(struct diff *diff, const struct writ_tool *before,
                                    const struct writ_argument *argument)
{
    const bool passed = before->open && (diff->profile != WRIT_PROFILE_AAT_02_WRIT ||
                                         !writ_tool_shadows(&diff->work, before, argument->name));
    return add(diff, (struct writ_change){
                         .kind = WRIT_ARGUMENT_ADDED,
                         .widens = !passed,
                         .tool = before->name,
                         .argument = argument->name,
                         .before = WRIT_SLICE_LITERAL(""),
                         .after = writ_argument_notation(diff->arena, argument),
                     });
}

static struct writ_result add_star(struct diff *diff, const struct writ_tool *before,
                                   const struct writ_tool *after)
{
    if (before->open == after->open)
        return WRIT_SUCCESS;
    const struct writ_slice nothing = WRIT_SLICE_LITERAL("");
    return add(diff, (struct writ_change){
                         .kind = after->open ? WRIT_ARGUMENT_ADDED : WRIT_ARGUMENT_REMOVED,
                         .widens = after->open,
                         .tool = after->name,
                         .argument = STAR,
                         .before = before->open ? STAR : nothing,
                         .after = after->open ? STAR : nothing,
                     });
}

static struct writ_result diff_tool(struct diff *diff, const struct writ_tool *before,
                                    const struct writ_tool *after)
{
    WRIT_TRY(add_star(diff, before, after));
    size_t i = 0, j = 0;
    while (i < before->argument_count || j < after->argument_count) {
        int order = i == before->argument_count ? 1 : -1;
        if (i < before->argument_count && j < after->argument_count)
            order = writ_slice_compare(before->arguments[i].name, after->arguments[j].name);
        if (order == 0)
            WRIT_TRY(add_changed(diff, before, &before->arguments[i++], &after->arguments[j++]));
        else if (order < 0)
            WRIT_TRY(add_removed(diff, after, &before->arguments[i++]));
        else
            WRIT_TRY(add_added(diff, before, &after->arguments[j++]));
    }
    return WRIT_SUCCESS;
}

struct writ_result writ_authority_diff(struct writ_arena *arena,
                                       const struct writ_authority *before,
                                       const struct writ_authority *after,
                                       const struct writ_change **ret_changes, size_t *ret_count)
{
    struct diff diff = {.arena = arena, .profile = before->profile, .work = WRIT_WORK_FULL};
    size_t i = 0, j = 0;
    while (i < before->tool_count || j < after->tool_count) {
        int order = i == before->tool_count ? 1 : -1;
        if (i < before->tool_count && j < after->tool_count)
            order = writ_slice_compare(before->tools[i].name, after->tools[j].name);
        if (order == 0)
            WRIT_TRY(diff_tool(&diff, &before->tools[i++], &after->tools[j++]));
        else if (order < 0)
            WRIT_TRY(add_tool(&diff, &before->tools[i++], false));
        else
            WRIT_TRY(add_tool(&diff, &after->tools[j++], true));
    }
    *ret_changes = diff.changes;
    *ret_count = diff.count;
    return WRIT_SUCCESS;
}
