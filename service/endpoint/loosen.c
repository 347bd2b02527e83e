/* Whether a change of a tool loosens it, or a new one asks for less than its effect does: an
 * operator may tighten at any time, and loosens only by saying so (`"loosen": true`), which is
 * recorded with the change. */
#include "endpoint/tools.h"
#include "token/terms.h"

#include <string.h>

static int rank_of(const struct writ_json *tool, const char *member, const char *const *words)
{
    return tool_word(writ_json_get(tool, member), words);
}

static bool is_true(const struct writ_json *tool, const char *member)
{
    const struct writ_json *value = writ_json_get(tool, member);
    return writ_json_is(value, WRIT_JSON_BOOLEAN) && value->boolean;
}

static bool differs(const struct writ_json *before, const struct writ_json *after,
                    const char *member)
{
    const struct writ_json *old = writ_json_get(before, member);
    const struct writ_json *new = writ_json_get(after, member);
    return !old != !new || (old && !writ_json_equal(old, new));
}

static bool effect_loosens(struct call *call, const struct writ_json *before,
                           const struct writ_json *after)
{
    static const char *const WORDS[] = {"read", "write", "irreversible", NULL};
    (void)call;
    return rank_of(after, "effect", WORDS) < rank_of(before, "effect", WORDS);
}

/* Who says again what is there loosens nothing: a tool that asks for less than its effect does was
 * meant to, or was registered before tools asked at all. */
static bool approval_loosens(struct call *call, const struct writ_json *before,
                             const struct writ_json *after)
{
    int64_t old = 0;
    int64_t new = 0;
    (void)call;
    (void)writ_json_integer(writ_json_get(before, "approval"), &old);
    (void)writ_json_integer(writ_json_get(after, "approval"), &new);
    const bool is_as_before = !differs(before, after, "effect") &&
                              !differs(before, after, "approval");
    const struct writ_slice effect = writ_json_text(writ_json_get(after, "effect"));
    return !is_as_before && (new < old || new < tool_approval_of_effect(effect));
}

static bool record_loosens(struct call *call, const struct writ_json *before,
                           const struct writ_json *after)
{
    static const char *const WORDS[] = {"buffered", "durable", NULL};
    (void)call;
    return rank_of(after, "record", WORDS) < rank_of(before, "record", WORDS);
}

static bool sensitivity_loosens(struct call *call, const struct writ_json *before,
                                const struct writ_json *after)
{
    struct writ_label old;
    struct writ_label new;
    return !writ_is_ok(writ_label_read(call->arena, writ_json_get(before, "sensitivity"), &old)) ||
           !writ_is_ok(writ_label_read(call->arena, writ_json_get(after, "sensitivity"), &new)) ||
           !writ_label_within(&old, &new);
}

static bool sends_loosens(struct call *call, const struct writ_json *before,
                          const struct writ_json *after)
{
    (void)call;
    return is_true(before, "sends") && !is_true(after, "sends");
}

/* Another argument may be the one that the chains pin. */
static bool destination_loosens(struct call *call, const struct writ_json *before,
                                const struct writ_json *after)
{
    (void)call;
    return is_true(before, "sends") && differs(before, after, "destination");
}

static bool more_leaves(struct call *call, const struct writ_json *before,
                        const struct writ_json *after, const char *member, bool is_pinned)
{
    struct writ_label old;
    struct writ_label new;
    return !tool_release_read(call, writ_json_get(before, member), is_pinned, &old) ||
           !tool_release_read(call, writ_json_get(after, member), is_pinned, &new) ||
           !writ_label_within(&new, &old);
}

static bool release_loosens(struct call *call, const struct writ_json *before,
                            const struct writ_json *after)
{
    return more_leaves(call, before, after, "release", false);
}

static bool release_pinned_loosens(struct call *call, const struct writ_json *before,
                                   const struct writ_json *after)
{
    return more_leaves(call, before, after, "release_pinned", true);
}

/* Which of two schemas allows less nobody can tell in general. */
static bool schema_loosens(struct call *call, const struct writ_json *before,
                           const struct writ_json *after)
{
    (void)call;
    return writ_json_get(before, "argument_schema") && differs(before, after, "argument_schema");
}

static bool review_loosens(struct call *call, const struct writ_json *before,
                           const struct writ_json *after)
{
    (void)call;
    return writ_json_get(before, "schema_sha256") && differs(before, after, "schema_sha256");
}

static bool comes_back(struct call *call, const struct writ_json *before,
                       const struct writ_json *after)
{
    (void)call;
    return writ_json_get(before, "retired_at") && !writ_json_get(after, "retired_at");
}

static const struct {
    const char *member;
    bool (*loosens)(struct call *call, const struct writ_json *before,
                    const struct writ_json *after);
    enum { CHANGED, ALSO_NEW } tool; /* what may be looser than nothing */
} RULES[] = {
    {"effect", effect_loosens, CHANGED},
    {"approval", approval_loosens, ALSO_NEW},
    {"sensitivity", sensitivity_loosens, CHANGED},
    {"sends", sends_loosens, CHANGED},
    {"destination", destination_loosens, CHANGED},
    {"release", release_loosens, CHANGED},
    {"release_pinned", release_pinned_loosens, CHANGED},
    {"argument_schema", schema_loosens, CHANGED},
    {"schema_sha256", review_loosens, CHANGED},
    {"record", record_loosens, CHANGED},
    {"retired_at", comes_back, CHANGED},
};

struct writ_result tool_check_loosening(struct call *call, struct change *change,
                                        struct writ_json *after, bool allowed)
{
    const struct writ_json *before = change->before;
    struct writ_json *loosens = writ_json_new_array(call->arena);
    const char *first = NULL;
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++) {
        if ((!before && RULES[i].tool == CHANGED) || !RULES[i].loosens(call, before, after))
            continue;
        writ_json_add_text(call->arena, loosens, writ_slice_text(RULES[i].member));
        first = first ? first : RULES[i].member;
    }
    WRIT_ENSURE(loosens, OUT_OF_MEMORY);
    if (!first)
        return WRIT_SUCCESS;
    if (!allowed)
        return change_refuse(change, WRIT_CONFLICT, first,
                             "this loosens the tool; \"loosen\": true says that it is meant");
    WRIT_ENSURE(writ_json_put(call->arena, after, "loosens", loosens), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}
