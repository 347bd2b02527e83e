#include "decide/ceiling.h"

#include <stdio.h>

enum { CONSTRAINT_DEPTH = WRIT_CONSTRAINT_DEPTH_MAX };

static struct writ_result exceeded(struct writ_denial *denial, const char *field,
                                   const char *detail)
{
    *denial = (struct writ_denial){.outcome = WRIT_CEILING_EXCEEDED, .step = "", .hop = 0};
    snprintf(denial->field, sizeof denial->field, "%s", field);
    snprintf(denial->detail, sizeof denial->detail, "%s", detail);
    return WRIT_FAILURE(CEILING_EXCEEDED);
}

static struct writ_result malformed(struct writ_denial *denial, const char *field,
                                    const char *detail)
{
    *denial = (struct writ_denial){.outcome = WRIT_MALFORMED, .step = "", .hop = -1};
    snprintf(denial->field, sizeof denial->field, "ceiling.%s", field);
    snprintf(denial->detail, sizeof denial->detail, "%s", detail);
    return WRIT_FAILURE(MALFORMED);
}

static bool holds_text(const struct writ_json *texts, struct writ_slice text)
{
    for (size_t i = 0; texts && i < texts->count; i++)
        if (writ_slice_equal(writ_json_text(&texts->items[i]), text))
            return true;
    return false;
}

static bool is_count(const struct writ_json *value)
{
    int64_t integer = 0;
    return !value || (writ_json_integer(value, &integer) && integer >= 0);
}

static bool is_budget(const struct writ_json *budget)
{
    static const char *const MEMBERS[] = {"unit", "limit", NULL};
    if (budget && budget->type != WRIT_JSON_ARRAY)
        return false;
    for (size_t i = 0; budget && i < budget->count; i++) {
        const struct writ_json *entry = &budget->items[i];
        if (!writ_json_is(entry, WRIT_JSON_OBJECT) || !writ_json_only(entry, MEMBERS) ||
            writ_json_text(writ_json_get(entry, "unit")).size == 0 ||
            !writ_decimal_is_valid(writ_json_text(writ_json_get(entry, "limit"))))
            return false;
    }
    return true;
}

struct writ_result ceiling_read(struct writ_arena *arena, const struct writ_json *ceiling,
                                struct writ_denial *ret_denial)
{
    static const char *const MEMBERS[] = {"principals", "audiences",  "authority",    "clearance",
                                          "open_tasks", "lifetime_s", "budget_a_day", NULL};
    if (!writ_json_is(ceiling, WRIT_JSON_OBJECT) || !writ_json_only(ceiling, MEMBERS))
        return malformed(ret_denial, "", "the ceiling has a member that is not known");
    const struct writ_json *principals = writ_json_get(ceiling, "principals");
    const struct writ_json *audiences = writ_json_get(ceiling, "audiences");
    if (principals && !writ_json_is_texts(principals))
        return malformed(ret_denial, "principals", "principals: an array of texts");
    if (audiences && !writ_json_is_texts(audiences))
        return malformed(ret_denial, "audiences", "audiences: an array of texts");
    if (!is_count(writ_json_get(ceiling, "open_tasks")) ||
        !is_count(writ_json_get(ceiling, "lifetime_s")))
        return malformed(ret_denial, "open_tasks", "open_tasks, lifetime_s: integers");
    if (!is_budget(writ_json_get(ceiling, "budget_a_day")))
        return malformed(ret_denial, "budget_a_day", "budget_a_day: [{\"unit\", \"limit\"}]");
    struct writ_label label;
    const struct writ_json *clearance = writ_json_get(ceiling, "clearance");
    if (clearance && !writ_is_ok(writ_label_read(arena, clearance, &label)))
        return malformed(ret_denial, "clearance", "clearance: a label");
    const struct writ_json *tools = writ_json_get(ceiling, "authority");
    const struct writ_authority *authority = NULL;
    bool shape = false;
    if (tools)
        WRIT_TRY(writ_authority_read(arena, tools, WRIT_PROFILE_AAT_02_WRIT, CONSTRAINT_DEPTH,
                                     &authority, &shape, ret_denial));
    return WRIT_SUCCESS;
}

static bool audiences_within(const struct writ_json *allowed, const struct writ_json *asked)
{
    if (!writ_json_is(asked, WRIT_JSON_ARRAY))
        return holds_text(allowed, writ_json_text(asked));
    for (size_t i = 0; i < asked->count; i++)
        if (!holds_text(allowed, writ_json_text(&asked->items[i])))
            return false;
    return asked->count > 0;
}

static struct writ_result check_clearance(struct writ_arena *arena, const struct writ_json *ceiling,
                                          const struct writ_terms *terms,
                                          struct writ_denial *ret_denial)
{
    struct writ_label allowed;
    const struct writ_json *clearance = writ_json_get(ceiling, "clearance");
    /* Absent is what it is in a token: public, untrusted, no categories. */
    WRIT_TRY(writ_label_read(arena, clearance ? clearance : writ_json_new_object(arena), &allowed));
    if (terms->has_clearance && !writ_label_within(&terms->clearance, &allowed))
        return exceeded(ret_denial, "terms.clearance",
                        "the clearance is above the client's ceiling");
    return WRIT_SUCCESS;
}

struct writ_result ceiling_check(struct writ_arena *arena, const struct writ_json *ceiling,
                                 const struct ceiling_request *request, bool narrow,
                                 const struct writ_authority **ret_authority,
                                 struct writ_denial *ret_denial)
{
    const struct writ_json *principals = writ_json_get(ceiling, "principals");
    if (!holds_text(principals, request->principal) &&
        !holds_text(principals, WRIT_SLICE_LITERAL("*")))
        return exceeded(ret_denial, "principal", "the client may not act for this principal");
    if (!audiences_within(writ_json_get(ceiling, "audiences"), request->audience))
        return exceeded(ret_denial, "audience", "the client may not issue for this audience");
    int64_t lifetime_s = 0;
    if (writ_json_integer(writ_json_get(ceiling, "lifetime_s"), &lifetime_s) &&
        request->lifetime_s > lifetime_s)
        return exceeded(ret_denial, "expires_in", "the client may not issue for so long");
    WRIT_TRY(check_clearance(arena, ceiling, request->terms, ret_denial));

    const struct writ_json *tools = writ_json_get(ceiling, "authority");
    const struct writ_authority *allowed = NULL;
    bool shape = false;
    if (!tools)
        return exceeded(ret_denial, "authority", "the client may not issue any tool");
    WRIT_TRY(writ_authority_read(arena, tools, WRIT_PROFILE_AAT_02_WRIT, CONSTRAINT_DEPTH, &allowed,
                                 &shape, ret_denial));
    const struct writ_authority *granted = request->authority;
    if (narrow)
        WRIT_TRY(writ_authority_meet(arena, allowed, request->authority, &granted));
    if (granted->tool_count == 0)
        return exceeded(ret_denial, "authority", "nothing of what was asked is within the ceiling");
    struct writ_denial wider = {.hop = 0};
    const struct writ_result compared = writ_authority_compare(arena, allowed, granted, &wider);
    if (compared.status == WRIT_NOT_NARROWER) {
        *ret_denial = wider;
        ret_denial->outcome = WRIT_CEILING_EXCEEDED;
        ret_denial->step = "";
        ret_denial->hop = 0;
        return WRIT_FAILURE(CEILING_EXCEEDED);
    }
    WRIT_TRY(compared);
    *ret_authority = granted;
    return WRIT_SUCCESS;
}

int64_t ceiling_open_tasks(const struct writ_json *ceiling)
{
    int64_t open = 0;
    return writ_json_integer(writ_json_get(ceiling, "open_tasks"), &open) ? open : 0;
}
