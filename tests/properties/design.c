#include "design.h"

#include "tally.h"

static const char *const LEVELS[] = {"public", "internal", "confidential", "restricted"};

static const struct writ_json *said(const struct design_link *link, const char *member)
{
    return writ_json_get(link->terms, member);
}

/* Of what may be NULL: nothing was said. */
static size_t count_of(const struct writ_json *array)
{
    return array ? array->count : 0;
}

static bool has(const struct writ_json *array, const struct writ_json *element)
{
    for (size_t i = 0; i < count_of(array); i++)
        if (writ_json_equal(&array->items[i], element))
            return true;
    return false;
}

/* ---- Clearance: child <= parent; absent: public, untrusted, none ----------------------------- */

struct clearance {
    size_t level;
    bool untrusted;
    const struct writ_json *categories;
};

/* A link that says nothing stays below what it can not see: where integrity had to be trusted above
 * it, it still has to be. */
static struct clearance clearance_of(const struct design_link *links, size_t last)
{
    const struct writ_json *label = said(&links[last], "clearance");
    const struct writ_slice level = writ_json_text(writ_json_get(label, "confidentiality"));
    const struct writ_slice integrity = writ_json_text(writ_json_get(label, "integrity"));
    struct clearance clearance = {
        .untrusted = !writ_slice_is(integrity, "trusted"),
        .categories = writ_json_get(label, "categories"),
    };
    while (level.data && !writ_slice_is(level, LEVELS[clearance.level]))
        clearance.level++;
    if (!label && last > 0)
        clearance.untrusted = clearance_of(links, last - 1).untrusted;
    return clearance;
}

static bool clearance_narrows(const struct design_link *links, size_t last)
{
    const struct clearance now = clearance_of(links, last);
    const struct clearance before = clearance_of(links, last - 1);
    for (size_t i = 0; i < count_of(now.categories); i++)
        if (!has(before.categories, &now.categories->items[i]))
            return false;
    return now.level <= before.level && (!now.untrusted || before.untrusted);
}

/* ---- Approval: child keeps every rule, may add; absent: the parent's ------------------------- */

static bool approval_narrows(const struct design_link *links, size_t last)
{
    const struct writ_json *now = said(&links[last], "approval");
    for (size_t i = 0; now && i < last; i++) {
        const struct writ_json *before = said(&links[i], "approval");
        for (size_t rule = 0; rule < count_of(before); rule++)
            if (!has(now, &before->items[rule]))
                return false;
    }
    return true;
}

/* ---- Call only: no child has the tool; absent: the parent's ---------------------------------- */

static bool call_only_narrows(const struct design_link *links, size_t last)
{
    for (size_t i = 0; i < last; i++) {
        const struct writ_json *names = said(&links[i], "call_only");
        for (size_t name = 0; name < count_of(names); name++)
            if (has(links[last].tools, &names->items[name]))
                return false;
    }
    return true;
}

/* ---- Budget: carved from the parent's -------------------------------------------------------- */

uint64_t design_amount(struct writ_slice decimal)
{
    enum { FRACTION_DIGITS = 9 };
    uint64_t amount = 0;
    size_t digits = 0;
    bool fraction = false;
    for (size_t i = 0; i < decimal.size; i++) {
        if (decimal.data[i] == '.') {
            fraction = true;
            continue;
        }
        amount = amount * 10 + (uint64_t)(decimal.data[i] - '0');
        digits += fraction;
    }
    for (; digits < FRACTION_DIGITS; digits++)
        amount *= 10;
    return amount;
}

static bool is_same_account(const struct writ_json *a, const struct writ_json *b)
{
    static const char *const KEY[] = {"unit", "tool", "argument"};
    for (size_t i = 0; i < sizeof KEY / sizeof KEY[0]; i++) {
        const struct writ_json *left = writ_json_get(a, KEY[i]), *right = writ_json_get(b, KEY[i]);
        if (!left != !right || (left && !writ_json_equal(left, right)))
            return false;
    }
    return true;
}

/* What the link says of that account, or NULL. */
static const struct writ_json *account_of(const struct design_link *link,
                                          const struct writ_json *account)
{
    const struct writ_json *budget = said(link, "budget");
    for (size_t i = 0; i < count_of(budget); i++)
        if (is_same_account(&budget->items[i], account))
            return &budget->items[i];
    return NULL;
}

/* No amount is above what any link before has set for that account. */
static bool account_narrows(const struct design_link *links, size_t last,
                            const struct writ_json *account)
{
    static const char *const AMOUNTS[] = {"limit", "per_call"};
    for (size_t i = 0; i < last; i++)
        for (size_t j = 0; j < sizeof AMOUNTS / sizeof AMOUNTS[0]; j++) {
            const struct writ_json *now = writ_json_get(account, AMOUNTS[j]);
            const struct writ_json *before = writ_json_get(account_of(&links[i], account),
                                                           AMOUNTS[j]);
            if (now && before && design_amount(now->text) > design_amount(before->text))
                return false;
        }
    return true;
}

static bool budget_narrows(const struct design_link *links, size_t last)
{
    const struct writ_json *budget = said(&links[last], "budget");
    for (size_t i = 0; i < count_of(budget); i++)
        if (!account_narrows(links, last, &budget->items[i]))
            return false;
    return true;
}

/* ---- The table ------------------------------------------------------------------------------- */

static const struct {
    const char *member;
    bool (*narrows)(const struct design_link *links, size_t last);
} TABLE[] = {
    {"clearance", clearance_narrows},
    {"approval", approval_narrows},
    {"call_only", call_only_narrows},
    {"budget", budget_narrows},
};

const char *design_denies(const struct design_link *links, size_t count)
{
    for (size_t i = 0; count > 1 && i < sizeof TABLE / sizeof TABLE[0]; i++)
        if (!TABLE[i].narrows(links, count - 1))
            return TABLE[i].member;
    return NULL;
}

/* ---- Effective terms ------------------------------------------------------------------------- */

static void put_clearance(struct writ_arena *arena, const struct design_link *links, size_t count,
                          struct writ_json *effective)
{
    const struct clearance clearance = clearance_of(links, count - 1);
    struct writ_json *label = writ_json_put_object(arena, effective, "clearance");
    writ_json_put_string(arena, label, "confidentiality", LEVELS[clearance.level]);
    writ_json_put_string(arena, label, "integrity", clearance.untrusted ? "untrusted" : "trusted");
    struct writ_json *categories = writ_json_put_array(arena, label, "categories");
    for (size_t i = 0; i < count_of(clearance.categories); i++)
        if (!has(categories, &clearance.categories->items[i]))
            writ_json_add(arena, categories, &clearance.categories->items[i]);
}

/* What the last link said that said anything. */
static void put_approval(struct writ_arena *arena, const struct design_link *links, size_t count,
                         struct writ_json *effective)
{
    struct writ_json *approval = writ_json_put_array(arena, effective, "approval");
    while (count > 0 && !said(&links[count - 1], "approval"))
        count--;
    const struct writ_json *rules = count > 0 ? said(&links[count - 1], "approval") : NULL;
    for (size_t i = 0; i < count_of(rules); i++)
        writ_json_add(arena, approval, &rules->items[i]);
}

static void put_call_only(struct writ_arena *arena, const struct design_link *links, size_t count,
                          struct writ_json *effective)
{
    struct writ_json *all = writ_json_put_array(arena, effective, "call_only");
    for (size_t i = 0; i < count; i++) {
        const struct writ_json *names = said(&links[i], "call_only");
        for (size_t name = 0; name < count_of(names); name++)
            if (!has(all, &names->items[name]))
                writ_json_add(arena, all, &names->items[name]);
    }
}

/* "Binds the leaf, and that agent and key in every descendant." */
static void put_barred(struct writ_arena *arena, const struct design_link *links, size_t count,
                       struct writ_json *effective)
{
    struct writ_json *all = writ_json_put_array(arena, effective, "barred");
    for (size_t i = 0; i < count; i++) {
        const struct writ_json *names = said(&links[i], "pass_only");
        for (size_t name = 0; name < count_of(names); name++) {
            struct writ_json *bar = writ_json_new_object(arena);
            writ_json_put_text(arena, bar, "agent", links[i].agent);
            writ_json_put_text(arena, bar, "key", links[i].key);
            writ_json_put(arena, bar, "tool", &names->items[name]);
            if (!has(all, bar))
                writ_json_add(arena, all, bar);
        }
    }
}

/* Each account that any link has; each amount as the last one set it that did. */
static void put_budget(struct writ_arena *arena, const struct design_link *links, size_t count,
                       struct writ_json *effective)
{
    struct writ_json *budget = writ_json_put_array(arena, effective, "budget");
    for (size_t i = 0; i < count; i++) {
        const struct writ_json *accounts = said(&links[i], "budget");
        for (size_t j = 0; j < count_of(accounts); j++) {
            const struct writ_json *account = &accounts->items[j];
            bool is_known = false;
            for (size_t k = 0; k < i; k++)
                is_known = is_known || account_of(&links[k], account);
            if (is_known)
                continue;
            struct writ_json *sum = writ_json_new_object(arena);
            for (size_t k = i; k < count; k++) {
                const struct writ_json *set = account_of(&links[k], account);
                for (size_t m = 0; m < (set ? set->count : 0); m++)
                    writ_json_put_named(arena, sum, set->names[m], &set->items[m]);
            }
            writ_json_add(arena, budget, sum);
        }
    }
}

struct writ_json *design_effective(struct writ_arena *arena, const struct design_link *links,
                                   size_t count)
{
    struct writ_json *effective = writ_json_new_object(arena);
    MUST(effective);
    put_clearance(arena, links, count, effective);
    put_approval(arena, links, count, effective);
    put_call_only(arena, links, count, effective);
    put_barred(arena, links, count, effective);
    put_budget(arena, links, count, effective);
    return effective;
}
