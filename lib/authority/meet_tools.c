/*
 * The meet of two authorities: the widest that is narrower than both.
 *
 * An argument that can not be granted (its two constraints have no meet, or one side does not know
 * it) takes the tool with it where either side requires it. Otherwise the argument is left out and
 * so forbidden. AAT-02 can not forbid one argument and keep "*", so "*" goes then, and a map that
 * would be left empty goes with its tool: empty, it would read as open.
 */
#include "authority/meet.h"

struct tool_meeting {
    struct writ_meeting *meeting;
    enum writ_profile profile;
    const struct writ_tool *a, *b;
    struct writ_argument *arguments;
    size_t count;
    bool open;
    bool impossible;
};

/* `name` may be granted under a tool that does not name it. */
static bool passes_unnamed(const struct tool_meeting *tools, const struct writ_tool *tool,
                           struct writ_slice name)
{
    if (!tool->open)
        return false;
    return tools->profile != WRIT_PROFILE_AAT_02_WRIT ||
           !writ_tool_shadows(&tools->meeting->work, tool, name);
}

static void forbid(struct tool_meeting *tools, bool required)
{
    tools->open = false;
    if (required)
        tools->impossible = true;
}

static void take_one(struct tool_meeting *tools, const struct writ_argument *argument,
                     const struct writ_tool *other)
{
    if (passes_unnamed(tools, other, argument->name))
        tools->arguments[tools->count++] = *argument;
    else
        forbid(tools, !argument->constraint.optional);
}

static void take_both(struct tool_meeting *tools, const struct writ_argument *a,
                      const struct writ_argument *b)
{
    struct writ_argument *to = &tools->arguments[tools->count];
    to->name = a->name;
    if (writ_meeting_meet(tools->meeting, &a->constraint, &b->constraint, &to->constraint))
        tools->count++;
    else
        forbid(tools, !a->constraint.optional || !b->constraint.optional);
}

static bool meet_tool(struct tool_meeting *tools, struct writ_tool *ret_tool)
{
    const struct writ_tool *a = tools->a, *b = tools->b;
    size_t i = 0, j = 0;
    while ((i < a->argument_count || j < b->argument_count) && !tools->impossible) {
        int order = i == a->argument_count ? 1 : -1;
        if (i < a->argument_count && j < b->argument_count)
            order = writ_slice_compare(a->arguments[i].name, b->arguments[j].name);
        if (order == 0)
            take_both(tools, &a->arguments[i++], &b->arguments[j++]);
        else if (order < 0)
            take_one(tools, &a->arguments[i++], b);
        else
            take_one(tools, &b->arguments[j++], a);
    }
    if (tools->impossible || (!tools->open && tools->count == 0))
        return false;
    *ret_tool = (struct writ_tool){
        .name = a->name,
        .arguments = tools->arguments,
        .argument_count = tools->count,
        .open = tools->open,
    };
    return true;
}

static struct writ_result meet_all_tools(struct writ_meeting *meeting,
                                         const struct writ_authority *a,
                                         const struct writ_authority *b,
                                         struct writ_authority *meet)
{
    struct writ_tool *list = writ_arena_array(meeting->arena, a->tool_count, sizeof *list);
    WRIT_ENSURE(list, OUT_OF_MEMORY);
    meet->tools = list;
    for (size_t i = 0; i < a->tool_count; i++) {
        const struct writ_tool *other = writ_authority_tool(b, a->tools[i].name);
        if (!other)
            continue;
        struct tool_meeting tools = {
            .meeting = meeting,
            .profile = meet->profile,
            .a = &a->tools[i],
            .b = other,
            .open = a->tools[i].open && other->open,
            .arguments = writ_arena_array(meeting->arena,
                                          a->tools[i].argument_count + other->argument_count,
                                          sizeof(struct writ_argument)),
        };
        WRIT_ENSURE(tools.arguments, OUT_OF_MEMORY);
        if (meet_tool(&tools, &list[meet->tool_count]))
            meet->tool_count++;
        WRIT_ENSURE(!meeting->out_of_memory, OUT_OF_MEMORY);
    }
    return WRIT_SUCCESS;
}

struct writ_result writ_authority_meet(struct writ_arena *arena, const struct writ_authority *a,
                                       const struct writ_authority *b,
                                       const struct writ_authority **ret_meet)
{
    struct writ_meeting meeting = {.arena = arena, .work = WRIT_WORK_FULL};
    struct writ_authority *meet = writ_arena_alloc(arena, sizeof *meet);
    WRIT_ENSURE(meet, OUT_OF_MEMORY);
    const bool ours = a->profile == WRIT_PROFILE_AAT_02_WRIT ||
                      b->profile == WRIT_PROFILE_AAT_02_WRIT;
    meet->profile = ours ? WRIT_PROFILE_AAT_02_WRIT : WRIT_PROFILE_AAT_02;
    WRIT_TRY(meet_all_tools(&meeting, a, b, meet));

    /* What is proposed here gets signed: it is held against the rule itself, not against our
     * belief that it keeps it. */
    struct writ_denial unused = {0};
    WRIT_ENSURE(writ_is_ok(writ_authority_compare(arena, a, meet, &unused)) &&
                    writ_is_ok(writ_authority_compare(arena, b, meet, &unused)),
                TOO_LARGE);
    *ret_meet = meet;
    return WRIT_SUCCESS;
}
