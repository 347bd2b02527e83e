/*
 * Terms of a parent and of a child, a line each, and the child's tools in notation. What the fold
 * lets pass is no looser in any member, and survives the ledger.
 */
#include "fuzz.h"

#include "token/sets.h"
#include "token/terms.h"
#include "unit/forge.h"

static bool fold(struct writ_arena *arena, const struct writ_effective *parent,
                 struct writ_slice text, const struct writ_authority *authority, uint8_t holder,
                 struct writ_effective *ret_effective)
{
    struct writ_terms terms;
    struct writ_denial denial;
    const struct writ_json *json = fuzz_json(arena, text);
    const struct writ_key key = forge_key(holder);
    const char *agent = writ_arena_printf(arena, "agent-%u", (unsigned)holder);
    return json && writ_is_ok(writ_terms_read(arena, json, &terms, &denial)) &&
           writ_is_ok(writ_terms_fold(arena, parent, &terms, authority, writ_slice_text(agent),
                                      &key, ret_effective, &denial));
}

static bool has_all(const struct writ_json *set, const struct writ_json *of)
{
    for (size_t i = 0; i < of->count; i++)
        if (!writ_array_has(set, &of->items[i]))
            return false;
    return true;
}

static bool is_at_most(const struct writ_json *ours, const struct writ_json *theirs,
                       const char *name)
{
    const struct writ_json *now = writ_json_get(ours, name), *before = writ_json_get(theirs, name);
    return !before || (now && writ_decimal_at_most(now->text, before->text));
}

static void check_narrower(const struct writ_effective *parent, const struct writ_effective *child,
                           const struct writ_authority *authority)
{
    FUZZ_HOLDS(child->clearance.confidentiality <= parent->clearance.confidentiality);
    FUZZ_HOLDS(child->clearance.integrity <= parent->clearance.integrity);
    FUZZ_HOLDS(has_all(parent->clearance.categories, child->clearance.categories));
    FUZZ_HOLDS(has_all(child->approval, parent->approval));
    FUZZ_HOLDS(has_all(child->call_only, parent->call_only));
    FUZZ_HOLDS(has_all(child->barred, parent->barred));
    for (size_t i = 0; i < parent->budget->count; i++) {
        const struct writ_json *before = &parent->budget->items[i];
        const struct writ_json *now = writ_budget_find(child->budget, before);
        FUZZ_HOLDS(now && is_at_most(now, before, "limit") && is_at_most(now, before, "per_call"));
    }
    for (size_t i = 0; i < parent->call_only->count; i++)
        FUZZ_HOLDS(!writ_authority_tool(authority, parent->call_only->items[i].text));
}

static void check_ledger(struct writ_arena *arena, const struct writ_effective *effective)
{
    struct writ_effective again;
    const struct writ_slice text = writ_json_canonical(arena,
                                                       writ_effective_json(arena, effective));
    const struct writ_json *json = fuzz_json(arena, text);
    FUZZ_HOLDS(json && writ_is_ok(writ_effective_read(arena, json, &again)));
    FUZZ_HOLDS(
        writ_slice_equal(writ_json_canonical(arena, writ_effective_json(arena, &again)), text));
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    const struct writ_slice above = fuzz_take_line(&input), below = fuzz_take_line(&input);
    const struct writ_authority *authority = fuzz_authority(arena, input, OURS);
    struct writ_effective parent, child;
    if (!fold(arena, NULL, above, NULL, 1, &parent))
        return;
    check_ledger(arena, &parent);
    if (!authority || !fold(arena, &parent, below, authority, 2, &child))
        return;
    check_narrower(&parent, &child, authority);
    check_ledger(arena, &child);
}
