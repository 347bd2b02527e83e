/* What one link says: the shape of writ_terms. The fold over links is in fold.c. */
#include "token/terms.h"

#include "token/sets.h"
#include "token/steps.h"

enum { QUORUM_MAX = 999999999 };

static bool is_rule(const struct writ_json *rule)
{
    static const char *const NAMES[] = {"tools", "approvers", "quorum", NULL};
    int64_t quorum = 0;
    return writ_json_only(rule, NAMES) && writ_is_names(writ_json_get(rule, "tools")) &&
           writ_is_names(writ_json_get(rule, "approvers")) &&
           writ_json_integer(writ_json_get(rule, "quorum"), &quorum) && quorum >= 1 &&
           quorum <= QUORUM_MAX;
}

static bool is_list(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_ARRAY) && value->count <= WRIT_TERMS_MAX;
}

static bool is_approval(const struct writ_json *value)
{
    if (!is_list(value))
        return false;
    for (size_t i = 0; i < value->count; i++)
        if (!is_rule(&value->items[i]))
            return false;
    return true;
}

static bool is_decimal(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_STRING) && writ_decimal_is_valid(value->text);
}

static bool is_absent_or_name(const struct writ_json *value)
{
    return !value || (writ_json_is(value, WRIT_JSON_STRING) && value->text.size > 0);
}

static bool is_account(const struct writ_json *entry)
{
    static const char *const NAMES[] = {"unit", "tool", "argument", "limit", "per_call", NULL};
    if (!writ_json_only(entry, NAMES))
        return false;
    const struct writ_json *unit = writ_json_get(entry, "unit");
    const struct writ_json *argument = writ_json_get(entry, "argument");
    const struct writ_json *per_call = writ_json_get(entry, "per_call");
    if (!unit || !is_absent_or_name(unit) || !is_absent_or_name(argument) ||
        !is_absent_or_name(writ_json_get(entry, "tool")))
        return false;
    /* A call counts as one, whatever its arguments are. */
    if (writ_slice_is(unit->text, "calls") && argument)
        return false;
    return is_decimal(writ_json_get(entry, "limit")) && (!per_call || is_decimal(per_call));
}

const struct writ_json *writ_budget_find(const struct writ_json *budget,
                                         const struct writ_json *entry)
{
    static const char *const KEY[] = {"unit", "tool", "argument"};
    for (size_t i = 0; i < budget->count; i++) {
        size_t same = 0;
        for (size_t k = 0; k < 3; k++) {
            const struct writ_json *ours = writ_json_get(&budget->items[i], KEY[k]);
            const struct writ_json *theirs = writ_json_get(entry, KEY[k]);
            same += !ours == !theirs && (!ours || writ_slice_equal(ours->text, theirs->text));
        }
        if (same == 3)
            return &budget->items[i];
    }
    return NULL;
}

/* One entry a key: with two, the wider could hide behind the narrower. */
static bool is_budget(const struct writ_json *value)
{
    if (!is_list(value))
        return false;
    for (size_t i = 0; i < value->count; i++)
        if (!is_account(&value->items[i]))
            return false;
    for (size_t i = 0; i < value->count; i++)
        if (writ_budget_find(value, &value->items[i]) != &value->items[i])
            return false;
    return true;
}

/* All but the clearance, which writ_label_read judges. */
static const struct {
    const char *name;
    const char *field;
    bool (*is_well_formed)(const struct writ_json *value);
} MEMBERS[] = {
    {"approval", "writ_terms.approval", is_approval},
    {"call_only", "writ_terms.call_only", writ_is_names},
    {"pass_only", "writ_terms.pass_only", writ_is_names},
    {"budget", "writ_terms.budget", is_budget},
};

static struct writ_result check_shape(const struct writ_json *entry, struct writ_denial *ret_denial)
{
    static const char *const NAMES[] = {"clearance", "approval", "call_only",
                                        "pass_only", "budget",   NULL};
    if (!writ_json_only(entry, NAMES))
        return writ_refuse(ret_denial, WRIT_RULE_TERMS_SHAPE, "writ_terms");
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        const struct writ_json *value = writ_json_get(entry, MEMBERS[i].name);
        if (value && !MEMBERS[i].is_well_formed(value))
            return writ_refuse(ret_denial, WRIT_RULE_TERMS_SHAPE, MEMBERS[i].field);
    }
    return WRIT_SUCCESS;
}

struct writ_result writ_terms_read(struct writ_arena *arena, const struct writ_json *entry,
                                   struct writ_terms *ret_terms, struct writ_denial *ret_denial)
{
    WRIT_TRY(check_shape(entry, ret_denial));
    struct writ_terms terms = {
        .approval = writ_json_get(entry, "approval"),
        .call_only = writ_json_get(entry, "call_only"),
        .pass_only = writ_json_get(entry, "pass_only"),
        .budget = writ_json_get(entry, "budget"),
    };
    const struct writ_json *clearance = writ_json_get(entry, "clearance");
    if (clearance) {
        const struct writ_result read = writ_label_read(arena, clearance, &terms.clearance);
        if (read.status == WRIT_MALFORMED)
            return writ_refuse(ret_denial, WRIT_RULE_TERMS_SHAPE, "writ_terms.clearance");
        WRIT_TRY(read);
        terms.has_clearance = true;
    }
    *ret_terms = terms;
    return WRIT_SUCCESS;
}
