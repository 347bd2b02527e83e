/* Effective terms as the ledger keeps them, and what a decision asks of them. */
#include "token/sets.h"
#include "token/steps.h"
#include "token/terms.h"

struct writ_json *writ_effective_json(struct writ_arena *arena,
                                      const struct writ_effective *effective)
{
    const struct {
        const char *name;
        const struct writ_json *value;
    } members[] = {
        {"clearance", writ_label_json(arena, &effective->clearance)},
        {"approval", effective->approval},
        {"call_only", effective->call_only},
        {"barred", effective->barred},
        {"budget", effective->budget},
    };
    struct writ_json *json = writ_json_new_object(arena);
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (!members[i].value || !writ_json_put(arena, json, members[i].name, members[i].value))
            return NULL;
    return json;
}

static bool is_barred(const struct writ_json *value)
{
    static const char *const NAMES[] = {"agent", "key", "tool", NULL};
    if (!writ_json_is(value, WRIT_JSON_ARRAY))
        return false;
    for (size_t i = 0; i < value->count; i++) {
        const struct writ_json *bar = &value->items[i];
        if (!writ_json_only(bar, NAMES) ||
            !writ_json_is(writ_json_get(bar, "agent"), WRIT_JSON_STRING) ||
            !writ_json_is(writ_json_get(bar, "key"), WRIT_JSON_STRING) ||
            !writ_json_is(writ_json_get(bar, "tool"), WRIT_JSON_STRING))
            return false;
    }
    return true;
}

/* All members but `barred` have the shape of writ_terms, and all five are there. */
struct writ_result writ_effective_read(struct writ_arena *arena, const struct writ_json *json,
                                       struct writ_effective *ret_effective)
{
    struct writ_json *said = writ_json_new_object(arena);
    WRIT_ENSURE(said, OUT_OF_MEMORY);
    const struct writ_json *barred = writ_json_get(json, "barred");
    WRIT_ENSURE(is_barred(barred), MALFORMED);
    for (size_t i = 0; i < json->count; i++)
        if (!writ_slice_is(json->names[i], "barred"))
            WRIT_ENSURE(writ_json_put_named(arena, said, json->names[i], &json->items[i]),
                        OUT_OF_MEMORY);
    struct writ_terms terms = {0};
    struct writ_denial denial = writ_denial_at(-1);
    WRIT_TRY(writ_terms_read(arena, said, &terms, &denial));
    WRIT_ENSURE(terms.has_clearance && terms.approval && terms.call_only && terms.budget &&
                    !terms.pass_only,
                MALFORMED);
    *ret_effective = (struct writ_effective){
        .clearance = terms.clearance,
        .approval = terms.approval,
        .call_only = terms.call_only,
        .barred = barred,
        .budget = terms.budget,
    };
    return WRIT_SUCCESS;
}

struct writ_result writ_effective_copy(struct writ_arena *arena,
                                       const struct writ_effective *effective,
                                       struct writ_effective *ret_copy)
{
    const struct writ_effective copy = {
        .clearance = {.confidentiality = effective->clearance.confidentiality,
                      .integrity = effective->clearance.integrity,
                      .categories = writ_json_copy(arena, effective->clearance.categories)},
        .approval = writ_json_copy(arena, effective->approval),
        .call_only = writ_json_copy(arena, effective->call_only),
        .barred = writ_json_copy(arena, effective->barred),
        .budget = writ_json_copy(arena, effective->budget),
    };
    WRIT_ENSURE(copy.clearance.categories && copy.approval && copy.call_only && copy.barred &&
                    copy.budget,
                OUT_OF_MEMORY);
    *ret_copy = copy;
    return WRIT_SUCCESS;
}

struct writ_result writ_effective_may_call(const struct writ_effective *effective,
                                           struct writ_slice tool, struct writ_slice agent,
                                           const struct writ_key *key,
                                           struct writ_denial *ret_denial)
{
    WRIT_ENSURE(effective->barred, INTERNAL); /* never folded */
    if (effective->barred->count == 0)
        return WRIT_SUCCESS;
    char thumbprint[44];
    writ_key_thumbprint(key, thumbprint);
    for (size_t i = 0; i < effective->barred->count; i++) {
        const struct writ_json *bar = &effective->barred->items[i];
        if (!writ_slice_equal(writ_json_text(writ_json_get(bar, "tool")), tool))
            continue;
        if (writ_slice_equal(writ_json_text(writ_json_get(bar, "agent")), agent) ||
            writ_slice_is(writ_json_text(writ_json_get(bar, "key")), thumbprint))
            return writ_refuse(ret_denial, WRIT_RULE_CALL_BARRED, "writ_terms.pass_only");
    }
    return WRIT_SUCCESS;
}

struct writ_json *writ_effective_approvals(struct writ_arena *arena,
                                           const struct writ_effective *effective,
                                           struct writ_slice tool)
{
    struct writ_json *rules = writ_json_new_array(arena);
    if (!rules)
        return NULL;
    for (size_t i = 0; i < effective->approval->count; i++) {
        const struct writ_json *rule = &effective->approval->items[i];
        if (writ_names_have(writ_json_get(rule, "tools"), tool) &&
            !writ_json_add(arena, rules, rule))
            return NULL;
    }
    return rules;
}

struct writ_result writ_effective_passable(struct writ_arena *arena,
                                           const struct writ_effective *effective,
                                           const struct writ_authority *authority,
                                           const struct writ_authority **ret_passable)
{
    struct writ_authority *passable = writ_arena_alloc(arena, sizeof *passable);
    struct writ_tool *tools = writ_arena_array(arena, authority->tool_count, sizeof *tools);
    WRIT_ENSURE(passable && tools, OUT_OF_MEMORY);
    passable->tools = tools;
    passable->profile = authority->profile; /* whose rule on names still holds */
    for (size_t i = 0; i < authority->tool_count; i++)
        if (!writ_names_have(effective->call_only, authority->tools[i].name))
            tools[passable->tool_count++] = authority->tools[i];
    *ret_passable = passable;
    return WRIT_SUCCESS;
}
