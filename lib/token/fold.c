/* eff(child) = eff(parent) ∧ terms(child), member by member (DESIGN section 2). */
#include "token/sets.h"
#include "token/steps.h"
#include "token/terms.h"

#define TEXT(value) WRIT_SLICE_ARGS((value)->text)

/* What a link may read that says nothing: public, untrusted, no category. */
static const struct writ_label UNSAID = {WRIT_LABEL_PUBLIC, WRIT_LABEL_UNTRUSTED,
                                         &writ_empty_array};

static struct writ_result fold_clearance(const struct writ_effective *parent,
                                         const struct writ_terms *terms,
                                         struct writ_label *ret_label,
                                         struct writ_denial *ret_denial)
{
    struct writ_label label = terms->has_clearance ? terms->clearance : UNSAID;
    if (parent && !terms->has_clearance)
        label.integrity = parent->clearance.integrity;
    if (parent && !writ_label_within(&label, &parent->clearance))
        return writ_refuse(ret_denial, WRIT_RULE_TERMS_CLEARANCE, "writ_terms.clearance");
    *ret_label = label;
    return WRIT_SUCCESS;
}

static struct writ_result fold_approval(const struct writ_json *before,
                                        const struct writ_terms *terms,
                                        const struct writ_json **ret_approval,
                                        struct writ_denial *ret_denial)
{
    const struct writ_json *now = terms->approval ? terms->approval : before;
    for (size_t i = 0; i < before->count; i++)
        if (!writ_array_has(now, &before->items[i]))
            return writ_refuse_as(ret_denial, WRIT_RULE_TERMS_APPROVAL, "writ_terms.approval",
                                  "Rule %zu of the parent is missing.", i);
    *ret_approval = now;
    return WRIT_SUCCESS;
}

static struct writ_result fold_call_only(struct writ_arena *arena, const struct writ_json *before,
                                         const struct writ_terms *terms,
                                         const struct writ_authority *authority,
                                         const struct writ_json **ret_names,
                                         struct writ_denial *ret_denial)
{
    for (size_t i = 0; i < before->count; i++)
        if (writ_authority_tool(authority, before->items[i].text))
            return writ_refuse_as(ret_denial, WRIT_RULE_TERMS_CALL_ONLY, "writ_terms.call_only",
                                  "Child has %.*s.", TEXT(&before->items[i]));
    const struct writ_json *names = writ_names_union(
        arena, before, terms->call_only ? terms->call_only : &writ_empty_array);
    WRIT_ENSURE(names, OUT_OF_MEMORY);
    *ret_names = names;
    return WRIT_SUCCESS;
}

/* pass_only binds the link that says it, and its agent and its key wherever they come again. */
static struct writ_result fold_barred(struct writ_arena *arena, const struct writ_json *before,
                                      const struct writ_terms *terms, struct writ_slice agent,
                                      const struct writ_key *key,
                                      const struct writ_json **ret_barred)
{
    if (!terms->pass_only) {
        *ret_barred = before;
        return WRIT_SUCCESS;
    }
    char thumbprint[44];
    writ_key_thumbprint(key, thumbprint);
    struct writ_json *barred = writ_json_new_array(arena);
    WRIT_ENSURE(barred, OUT_OF_MEMORY);
    for (size_t i = 0; i < before->count; i++)
        WRIT_ENSURE(writ_json_add(arena, barred, &before->items[i]), OUT_OF_MEMORY);
    for (size_t i = 0; i < terms->pass_only->count; i++) {
        struct writ_json *bar = writ_json_new_object(arena);
        WRIT_ENSURE(writ_json_put_text(arena, bar, "agent", agent) &&
                        writ_json_put_string(arena, bar, "key", thumbprint) &&
                        writ_json_put(arena, bar, "tool", &terms->pass_only->items[i]),
                    OUT_OF_MEMORY);
        if (!writ_array_has(barred, bar))
            WRIT_ENSURE(writ_json_add(arena, barred, bar), OUT_OF_MEMORY);
    }
    *ret_barred = barred;
    return WRIT_SUCCESS;
}

static struct writ_result compare_account(const struct writ_json *before,
                                          const struct writ_json *now,
                                          struct writ_denial *ret_denial)
{
    static const struct {
        const char *name;
        const char *field;
    } AMOUNTS[] = {{"limit", "writ_terms.budget.limit"},
                   {"per_call", "writ_terms.budget.per_call"}};

    for (size_t i = 0; i < 2; i++) {
        const struct writ_json *ours = writ_json_get(now, AMOUNTS[i].name);
        const struct writ_json *theirs = writ_json_get(before, AMOUNTS[i].name);
        if (ours && theirs && !writ_decimal_at_most(ours->text, theirs->text))
            return writ_refuse_as(ret_denial, WRIT_RULE_TERMS_BUDGET, AMOUNTS[i].field,
                                  "Child has %.*s; parent has %.*s.", TEXT(ours), TEXT(theirs));
    }
    return WRIT_SUCCESS;
}

/* The child's account; a per_call that it leaves out is its parent's. */
static struct writ_result fold_account(struct writ_arena *arena, const struct writ_json *before,
                                       const struct writ_json *now, struct writ_json *budget)
{
    struct writ_json *account = writ_json_new_object(arena);
    WRIT_ENSURE(account, OUT_OF_MEMORY);
    for (size_t i = 0; i < now->count; i++)
        WRIT_ENSURE(writ_json_put_named(arena, account, now->names[i], &now->items[i]),
                    OUT_OF_MEMORY);
    const struct writ_json *per_call = writ_json_get(before, "per_call");
    if (per_call && !writ_json_get(now, "per_call"))
        WRIT_ENSURE(writ_json_put(arena, account, "per_call", per_call), OUT_OF_MEMORY);
    WRIT_ENSURE(writ_json_add(arena, budget, account), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result fold_budget(struct writ_arena *arena, const struct writ_json *before,
                                      const struct writ_terms *terms,
                                      const struct writ_json **ret_budget,
                                      struct writ_denial *ret_denial)
{
    const struct writ_json *said = terms->budget ? terms->budget : &writ_empty_array;
    struct writ_json *budget = writ_json_new_array(arena);
    WRIT_ENSURE(budget, OUT_OF_MEMORY);
    for (size_t i = 0; i < before->count; i++) {
        const struct writ_json *account = &before->items[i];
        const struct writ_json *now = writ_budget_find(said, account);
        WRIT_TRY(compare_account(account, now, ret_denial));
        WRIT_TRY(fold_account(arena, account, now ? now : account, budget));
    }
    for (size_t i = 0; i < said->count; i++)
        if (!writ_budget_find(before, &said->items[i]))
            WRIT_TRY(fold_account(arena, NULL, &said->items[i], budget));
    *ret_budget = budget;
    return WRIT_SUCCESS;
}

struct writ_result writ_terms_fold(struct writ_arena *arena, const struct writ_effective *parent,
                                   const struct writ_terms *terms,
                                   const struct writ_authority *authority, struct writ_slice agent,
                                   const struct writ_key *key, struct writ_effective *ret_effective,
                                   struct writ_denial *ret_denial)
{
    static const struct writ_effective ROOT = {.approval = &writ_empty_array,
                                               .call_only = &writ_empty_array,
                                               .barred = &writ_empty_array,
                                               .budget = &writ_empty_array};
    const struct writ_effective *before = parent ? parent : &ROOT;
    struct writ_effective now = *before;
    WRIT_TRY(fold_clearance(parent, terms, &now.clearance, ret_denial));
    WRIT_TRY(fold_approval(before->approval, terms, &now.approval, ret_denial));
    WRIT_TRY(
        fold_call_only(arena, before->call_only, terms, authority, &now.call_only, ret_denial));
    WRIT_TRY(fold_barred(arena, before->barred, terms, agent, key, &now.barred));
    WRIT_TRY(fold_budget(arena, before->budget, terms, &now.budget, ret_denial));
    if (now.call_only->count > WRIT_TERMS_MAX || now.barred->count > WRIT_TERMS_MAX ||
        now.budget->count > WRIT_TERMS_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_TERMS_SIZE, "writ_terms");
    *ret_effective = now;
    return WRIT_SUCCESS;
}
