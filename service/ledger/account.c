/* Which accounts a call falls on, and which a link opens. */
#include "ledger/account.h"

#include "jose/jws.h"
#include "token/sets.h"

/* ---- Entries ------------------------------------------------------------------------------ */

static struct writ_slice text_of(const struct writ_json *entry, const char *name)
{
    return writ_json_text(writ_json_get(entry, name));
}

/* What the operator's default is of: calls of any tool. */
static bool is_calls(const struct writ_json *entry)
{
    return writ_slice_is(text_of(entry, "unit"), "calls") && !writ_json_get(entry, "tool") &&
           !writ_json_get(entry, "argument");
}

static bool has_calls(const struct writ_json *budget)
{
    for (size_t i = 0; budget && i < budget->count; i++)
        if (is_calls(&budget->items[i]))
            return true;
    return false;
}

/* The nearest link with an account of this entry; -1: none. An entry keeps its place down the line,
 * as a fold only adds behind it. */
static int find_hop(const struct chain *chain, int64_t entry)
{
    for (size_t hop = chain->count; hop-- > 0;)
        for (size_t i = 0; i < chain->links[hop].account_count; i++)
            if (chain->links[hop].accounts[i] == entry)
                return (int)hop;
    return -1;
}

static struct account_key key_at(const struct chain *chain, int hop, int64_t entry)
{
    return (struct account_key){.delegation = chain->links[hop].id, .entry = entry};
}

/* ---- Calls -------------------------------------------------------------------------------- */

static struct writ_result refuse(struct writ_denial *ret_denial, enum writ_status outcome,
                                 struct writ_slice name, const char *field, const char *why)
{
    writ_denial_set(ret_denial, outcome, "", field, "%.*s: %s", WRIT_SLICE_ARGS(name), why);
    return (struct writ_result){outcome};
}

/* Names are the delegator's text, so they are escaped and cut as in a denial. */
static struct writ_slice name_of(struct writ_arena *arena, const struct debit *debit)
{
    struct writ_denial printable = {.hop = -1};
    const bool is_of_all = debit->tool.size == 0 && debit->argument.size == 0;
    const char *dot = debit->tool.size > 0 && debit->argument.size > 0 ? "." : "";
    if (is_of_all)
        writ_denial_set(&printable, WRIT_OK, "", "", "%.*s", WRIT_SLICE_ARGS(debit->unit));
    else
        writ_denial_set(&printable, WRIT_OK, "", "", "%.*s (%.*s%s%.*s)",
                        WRIT_SLICE_ARGS(debit->unit), WRIT_SLICE_ARGS(debit->tool), dot,
                        WRIT_SLICE_ARGS(debit->argument));
    return writ_slice_text(writ_arena_text(arena, writ_slice_text(printable.detail)));
}

/* The amount is what RFC 8785 writes for the argument: the bytes that are judged and forwarded. */
static struct writ_result read_amount(struct writ_arena *arena, const struct writ_json *args,
                                      struct debit *debit, struct writ_denial *ret_denial)
{
    debit->amount = WRIT_SLICE_LITERAL("1");
    if (debit->argument.size == 0)
        return WRIT_SUCCESS;
    const struct writ_json *value = writ_json_get_slice(args, debit->argument);
    debit->is_reserved = true;
    debit->amount = WRIT_SLICE_NONE;
    if (writ_json_is(value, WRIT_JSON_NUMBER) && value->admissible) {
        debit->amount = writ_json_canonical(arena, value);
        WRIT_ENSURE(debit->amount.data, OUT_OF_MEMORY);
    }
    if (!debit->amount.data || !writ_decimal_is_valid(debit->amount))
        return refuse(
            ret_denial, WRIT_ARGUMENT_NOT_GRANTED, debit->name, "arguments",
            "a budgeted argument is required: a number of 0 or more, without exponent and "
            "with at most 9 digits behind the point");
    return WRIT_SUCCESS;
}

static struct writ_result ask(struct writ_arena *arena, const struct chain *chain,
                              const struct writ_json *entry, int64_t number,
                              const struct writ_json *args, struct debit *ret_debit,
                              struct writ_denial *ret_denial)
{
    struct debit debit = {
        .hop = find_hop(chain, number),
        .unit = text_of(entry, "unit"),
        .tool = text_of(entry, "tool"),
        .argument = text_of(entry, "argument"),
    };
    debit.name = name_of(arena, &debit);
    WRIT_ENSURE(debit.name.data, OUT_OF_MEMORY);
    if (debit.hop < 0) /* admitted before accounts were kept */
        return refuse(ret_denial, WRIT_BUDGET_EXCEEDED, debit.name, "writ_terms.budget",
                      "the line has no account of this budget");
    ret_denial->hop = debit.hop;
    WRIT_TRY(read_amount(arena, args, &debit, ret_denial));
    const struct writ_json *per_call = writ_json_get(entry, "per_call");
    if (per_call && !writ_decimal_at_most(debit.amount, per_call->text)) {
        writ_denial_set(ret_denial, WRIT_BUDGET_EXCEEDED, "", "writ_terms.budget.per_call",
                        "%.*s: at most %.*s per call; the call asks for %.*s",
                        WRIT_SLICE_ARGS(debit.name), WRIT_SLICE_ARGS(per_call->text),
                        WRIT_SLICE_ARGS(debit.amount));
        return WRIT_FAILURE(BUDGET_EXCEEDED);
    }
    debit.account = key_at(chain, debit.hop, number);
    *ret_debit = debit;
    return WRIT_SUCCESS;
}

/* The operator's default as an entry; its limit is in the account. */
static const struct writ_json *default_entry(struct writ_arena *arena)
{
    struct writ_json *entry = writ_json_new_object(arena);
    return writ_json_put_string(arena, entry, "unit", "calls") ? entry : NULL;
}

struct writ_result account_debits(struct writ_arena *arena, const struct chain *chain,
                                  struct writ_slice tool, const struct writ_json *args,
                                  struct debit **ret_debits, size_t *ret_count,
                                  struct writ_denial *ret_denial)
{
    const struct writ_json *budget = chain_leaf_token(chain)->effective.budget;
    struct debit *debits = writ_arena_array(arena, budget->count + 1, sizeof *debits);
    size_t count = 0;
    WRIT_ENSURE(debits, OUT_OF_MEMORY);
    if (!has_calls(budget)) {
        const struct writ_json *entry = default_entry(arena);
        WRIT_ENSURE(entry, OUT_OF_MEMORY);
        WRIT_TRY(ask(arena, chain, entry, ACCOUNT_DEFAULT, args, &debits[count++], ret_denial));
    }
    for (size_t i = 0; i < budget->count; i++) {
        const struct writ_json *entry = &budget->items[i];
        if (writ_json_get(entry, "tool") && !writ_slice_equal(text_of(entry, "tool"), tool))
            continue;
        WRIT_TRY(ask(arena, chain, entry, (int64_t)i + 1, args, &debits[count++], ret_denial));
    }
    *ret_debits = debits;
    *ret_count = count;
    return WRIT_SUCCESS;
}

/* ---- Links -------------------------------------------------------------------------------- */

/* What the token says itself; its effective terms repeat what it took over. Its bytes were verified
 * before. NULL: nothing. */
static struct writ_result said_by(struct writ_arena *arena, const struct writ_token *token,
                                  const struct writ_json **ret_budget)
{
    struct writ_jws jws;
    const struct writ_json *claims = NULL;
    *ret_budget = NULL;
    if (token->effective.budget->count == 0)
        return WRIT_SUCCESS;
    WRIT_TRY(writ_jws_split(arena, token->compact, WRIT_TYP_TOKEN, &jws));
    WRIT_TRY(writ_jws_payload(arena, &jws, &claims));
    const struct writ_json *details = writ_json_get(claims, "authorization_details");
    for (size_t i = 0; details && i < details->count; i++)
        if (writ_slice_is(text_of(&details->items[i], "type"), WRIT_TYPE_TERMS))
            *ret_budget = writ_json_get(&details->items[i], "budget");
    return WRIT_SUCCESS;
}

/* Where it stands in the effective terms, from 1; 0: it does not. */
static int64_t number_of(const struct writ_json *budget, const struct writ_json *entry)
{
    const struct writ_json *found = writ_budget_find(budget, entry);
    return found ? found - budget->items + 1 : 0;
}

static struct opening opening_of(const struct uuid *task, const struct uuid *id, int64_t number,
                                 const struct writ_json *entry)
{
    return (struct opening){
        .task = *task,
        .account = {.delegation = *id, .entry = number},
        .unit = text_of(entry, "unit"),
        .tool = text_of(entry, "tool"),
        .argument = text_of(entry, "argument"),
        .granted = text_of(entry, "limit"),
    };
}

struct writ_result account_open_root(struct writ_arena *arena, const struct uuid *task,
                                     const struct uuid *id, const struct writ_token *root,
                                     uint32_t default_calls, struct opening **ret_openings,
                                     size_t *ret_count)
{
    const struct writ_json *budget = root->effective.budget;
    struct opening *openings = writ_arena_array(arena, budget->count + 1, sizeof *openings);
    size_t count = 0;
    WRIT_ENSURE(openings, OUT_OF_MEMORY);
    if (!has_calls(budget)) {
        const char *calls = writ_arena_printf(arena, "%u", default_calls);
        WRIT_ENSURE(calls, OUT_OF_MEMORY);
        openings[count++] = (struct opening){
            .task = *task,
            .account = {.delegation = *id, .entry = ACCOUNT_DEFAULT},
            .unit = WRIT_SLICE_LITERAL("calls"),
            .granted = writ_slice_text(calls),
        };
    }
    for (size_t i = 0; i < budget->count; i++)
        openings[count++] = opening_of(task, id, (int64_t)i + 1, &budget->items[i]);
    *ret_openings = openings;
    *ret_count = count;
    return WRIT_SUCCESS;
}

/* A unit that nothing above it counts is the child's own restraint: there is nothing to carve. */
static struct writ_result carve(const struct chain *parent, const struct writ_json *entry,
                                struct opening *opening)
{
    const struct writ_json *above = chain_leaf_token(parent)->effective.budget;
    int64_t number = number_of(above, entry);
    if (number == 0 && !is_calls(entry))
        return WRIT_SUCCESS;
    if (number == 0)
        number = ACCOUNT_DEFAULT;
    const int hop = find_hop(parent, number);
    WRIT_ENSURE(hop >= 0, BUDGET_EXCEEDED);
    opening->is_carved = true;
    opening->from = key_at(parent, hop, number);
    return WRIT_SUCCESS;
}

struct writ_result account_open_child(struct writ_arena *arena, const struct chain *parent,
                                      const struct uuid *id, const struct writ_token *child,
                                      struct opening **ret_openings, size_t *ret_count)
{
    const struct writ_json *said = NULL;
    WRIT_TRY(said_by(arena, child, &said));
    *ret_count = said ? said->count : 0;
    if (*ret_count == 0)
        return WRIT_SUCCESS;
    struct opening *openings = writ_arena_array(arena, said->count, sizeof *openings);
    WRIT_ENSURE(openings, OUT_OF_MEMORY);
    for (size_t i = 0; i < said->count; i++) {
        const struct writ_json *entry = &said->items[i];
        openings[i] = opening_of(&parent->task, id, number_of(child->effective.budget, entry),
                                 entry);
        WRIT_TRY(carve(parent, entry, &openings[i]));
    }
    *ret_openings = openings;
    return WRIT_SUCCESS;
}
