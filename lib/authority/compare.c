/*
 * I4, steps 4p1 to 4p4: is the child narrower than the parent? A refusal names the step and the
 * field, and gives a call that the child would allow and the parent does not.
 */
#include "authority/internal.h"

struct comparison {
    struct writ_arena *arena;
    const struct writ_authority *parent;
    struct writ_work *work;
    struct writ_denial *denial;
    const char *step;
};

/* The words of a refusal. They are made only once it is one, and do without what memory denies. */
static const char *words(struct writ_slice text)
{
    return text.data ? (const char *)text.data : "?";
}

static const char *name_of(const struct comparison *comparison, struct writ_slice name)
{
    return words(writ_name_notation(comparison->arena, name));
}

static const char *argument_of(const struct comparison *comparison,
                               const struct writ_argument *argument)
{
    return words(writ_argument_notation(comparison->arena, argument));
}

#define REFUSE(comparison, tool, argument, ...)                                                    \
    do {                                                                                           \
        char refuse_field[WRIT_FIELD_SIZE];                                                        \
        writ_denial_set((comparison)->denial, WRIT_NOT_NARROWER, (comparison)->step,               \
                        writ_field_of(tool, argument, refuse_field), __VA_ARGS__);                 \
        return WRIT_FAILURE(NOT_NARROWER);                                                         \
    } while (0)

/* p1: every tool of the child is the parent's. */
static struct writ_result has_tool(const struct comparison *comparison,
                                   const struct writ_tool *parent, const struct writ_tool *child)
{
    if (!parent)
        REFUSE(comparison, child->name, WRIT_SLICE_NONE, "parent has no %s",
               name_of(comparison, child->name));
    return WRIT_SUCCESS;
}

static struct writ_result may_name(const struct comparison *comparison,
                                   const struct writ_tool *parent, const struct writ_tool *child,
                                   const struct writ_argument *argument)
{
    if (writ_tool_argument(parent, argument->name))
        return WRIT_SUCCESS;
    if (!parent->open)
        REFUSE(comparison, child->name, argument->name,
               "child allows the argument %s; parent does not name it",
               name_of(comparison, argument->name));
    if (comparison->parent->profile != WRIT_PROFILE_AAT_02_WRIT ||
        !writ_tool_shadows(comparison->work, parent, argument->name))
        return WRIT_SUCCESS;
    if (comparison->work->left == 0)
        REFUSE(comparison, child->name, argument->name, "comparing the names takes too many steps");
    REFUSE(comparison, child->name, argument->name,
           "child allows the argument %s; parent names one that differs only in case",
           name_of(comparison, argument->name));
}

static struct writ_result may_omit(const struct comparison *comparison,
                                   const struct writ_tool *child,
                                   const struct writ_argument *argument)
{
    if (writ_tool_argument(child, argument->name))
        return WRIT_SUCCESS;
    if (child->open)
        REFUSE(comparison, child->name, argument->name,
               "child allows any %s, by \"*\"; parent allows %s",
               name_of(comparison, argument->name), argument_of(comparison, argument));
    if (!argument->constraint.optional)
        REFUSE(comparison, child->name, argument->name, "child leaves out %s; parent requires it",
               name_of(comparison, argument->name));
    return WRIT_SUCCESS;
}

/* p2: the keys. */
static struct writ_result keys_narrow(const struct comparison *comparison,
                                      const struct writ_tool *parent, const struct writ_tool *child)
{
    for (size_t i = 0; i < child->argument_count; i++)
        WRIT_TRY(may_name(comparison, parent, child, &child->arguments[i]));
    for (size_t i = 0; i < parent->argument_count; i++)
        WRIT_TRY(may_omit(comparison, child, &parent->arguments[i]));
    if (child->open && !parent->open)
        REFUSE(comparison, child->name, WRIT_SLICE_LITERAL("*"),
               "child allows arguments that it does not name; parent allows only %s",
               words(writ_tool_notation(comparison->arena, parent)));
    return WRIT_SUCCESS;
}

/* p3: what the parent requires stays required. */
static struct writ_result required_stay(const struct comparison *comparison,
                                        const struct writ_tool *parent,
                                        const struct writ_tool *child)
{
    for (size_t i = 0; i < child->argument_count; i++) {
        const struct writ_argument *ours = &child->arguments[i];
        const struct writ_argument *theirs = writ_tool_argument(parent, ours->name);
        if (theirs && !theirs->constraint.optional && ours->constraint.optional)
            REFUSE(comparison, child->name, ours->name,
                   "child allows calls without %s; parent requires it",
                   name_of(comparison, ours->name));
    }
    return WRIT_SUCCESS;
}

/* A long value must not push the parent's side out of the sentence. */
static struct writ_slice shortened(struct writ_slice text)
{
    enum { VALUE_MAX = 120 };
    if (text.size <= VALUE_MAX)
        return text;
    size_t size = VALUE_MAX;
    while (size > 0 && (text.data[size] & 0xc0) == 0x80)
        size--;
    return writ_slice_of(text.data, size);
}

static struct writ_result refuse_constraint(const struct comparison *comparison,
                                            struct writ_slice tool,
                                            const struct writ_argument *parent,
                                            const struct writ_argument *child)
{
    struct writ_arena *arena = comparison->arena;
    const char *name = name_of(comparison, child->name);
    if (comparison->work->left == 0)
        REFUSE(comparison, tool, child->name, "comparing %s takes too many steps", name);
    const char *theirs = words(writ_constraint_notation(arena, &parent->constraint));
    const struct writ_json *witness = writ_constraint_witness(arena, &parent->constraint,
                                                              &child->constraint);
    struct writ_slice ours = witness ? writ_value_notation(arena, witness)
                                     : writ_constraint_notation(arena, &child->constraint);
    if (!ours.data)
        ours = WRIT_SLICE_LITERAL("?");
    const struct writ_slice shown = shortened(ours);
    const char *more = shown.size < ours.size ? "..." : "";
    if (!witness) /* it may be harmless; the table is closed all the same */
        REFUSE(comparison, tool, child->name,
               "child allows %s %.*s%s, which the table of AAT-02 does not place below %s %s", name,
               WRIT_SLICE_ARGS(shown), more, name, theirs);
    REFUSE(comparison, tool, child->name, "child allows %s = %.*s%s; parent allows %s %s", name,
           WRIT_SLICE_ARGS(shown), more, name, theirs);
}

/* p4: each constraint stands below the parent's; whatever "*" lets in does. */
static struct writ_result values_narrow(const struct comparison *comparison,
                                        const struct writ_tool *parent,
                                        const struct writ_tool *child)
{
    for (size_t i = 0; i < child->argument_count; i++) {
        const struct writ_argument *ours = &child->arguments[i];
        const struct writ_argument *theirs = writ_tool_argument(parent, ours->name);
        if (!theirs)
            continue;
        if (!writ_constraint_covers(comparison->work, &theirs->constraint, &ours->constraint))
            return refuse_constraint(comparison, child->name, theirs, ours);
    }
    return WRIT_SUCCESS;
}

static const struct {
    const char *step;
    struct writ_result (*holds)(const struct comparison *comparison, const struct writ_tool *parent,
                                const struct writ_tool *child);
} RULES[] = {
    {"4p1", has_tool},
    {"4p2", keys_narrow},
    {"4p3", required_stay},
    {"4p4", values_narrow},
};

struct writ_result writ_authority_compare(struct writ_arena *arena,
                                          const struct writ_authority *parent,
                                          const struct writ_authority *child,
                                          struct writ_denial *ret_denial)
{
    struct writ_work work = WRIT_WORK_FULL;
    for (size_t rule = 0; rule < sizeof RULES / sizeof RULES[0]; rule++) {
        const struct comparison comparison = {arena, parent, &work, ret_denial, RULES[rule].step};
        for (size_t i = 0; i < child->tool_count; i++) {
            const struct writ_tool *ours = &child->tools[i];
            WRIT_TRY(RULES[rule].holds(&comparison, writ_authority_tool(parent, ours->name), ours));
        }
    }
    return WRIT_SUCCESS;
}

struct writ_result writ_authority_narrower(struct writ_arena *arena,
                                           const struct writ_authority *parent,
                                           const struct writ_authority *child,
                                           struct writ_denial *ret_denial)
{
    return writ_authority_compare(arena, parent, child, ret_denial);
}
