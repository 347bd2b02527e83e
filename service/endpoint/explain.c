/*
 * GET /v1/decisions/{decision}: one decision, explained against the whole chain as it was recorded.
 * It tells why, and can never be taken for a permit: no sentence here says that a call may be made.
 */
#include "authority/notation.h"
#include "endpoint/decisions.h"
#include "endpoint/endpoints.h"
#include "endpoint/node.h"
#include "ledger/sql.h"

struct explanation {
    struct call *call;
    const struct writ_json *decision;
    const struct writ_json *task;
    const struct writ_json *chain;
    struct writ_json *why; /* sentences */
};

#define MEMBER(json, name) writ_json_text(writ_json_get((json), (name)))
#define TEXT(json, name) WRIT_SLICE_ARGS(MEMBER(json, name))

/* NULL is out of memory; the answer is then not written. */
static void say(struct explanation *explanation, const char *sentence)
{
    struct writ_arena *arena = explanation->call->arena;
    if (sentence)
        writ_json_add_text(arena, explanation->why, writ_slice_text(sentence));
    else
        writ_json_add(arena, explanation->why, NULL);
}

/* What a node has of the tool, in notation; data is NULL when it has nothing. */
static struct writ_slice held(struct explanation *explanation, const struct writ_json *node)
{
    struct writ_arena *arena = explanation->call->arena;
    const struct writ_authority *authority = NULL;
    struct writ_denial denial = {.hop = -1};
    bool shape = false;
    const struct writ_json *tools = writ_json_get(node, "authority");
    if (!tools || tools->count == 0 ||
        !writ_is_ok(writ_authority_read(arena, tools, WRIT_PROFILE_AAT_02_WRIT,
                                        WRIT_CONSTRAINT_DEPTH_MAX, &authority, &shape, &denial)))
        return WRIT_SLICE_NONE;
    const struct writ_tool *tool = writ_authority_tool(authority,
                                                       MEMBER(explanation->decision, "tool"));
    return tool ? writ_tool_notation(arena, tool) : WRIT_SLICE_NONE;
}

/* "Hop 1: retriever got read_file(path under /notes) from planner." */
static void say_hop(struct explanation *explanation, size_t hop)
{
    struct writ_arena *arena = explanation->call->arena;
    const struct writ_json *node = &explanation->chain->items[hop];
    const struct writ_slice notation = held(explanation, node);
    const char *what = notation.data ? writ_arena_printf(arena, "%.*s", WRIT_SLICE_ARGS(notation))
                                     : writ_arena_printf(arena, "nothing of %.*s",
                                                         TEXT(explanation->decision, "tool"));
    if (!what)
        say(explanation, NULL);
    else if (hop == 0)
        say(explanation,
            writ_arena_printf(arena, "Hop 0: %.*s got %s from %.*s, who opened the task for %.*s.",
                              TEXT(node, "agent"), what, TEXT(explanation->task, "opened_by"),
                              TEXT(explanation->task, "principal")));
    else
        say(explanation,
            writ_arena_printf(arena, "Hop %zu: %.*s got %s from %.*s.", hop, TEXT(node, "agent"),
                              what, TEXT(&explanation->chain->items[hop - 1], "agent")));
    if (!writ_slice_is(MEMBER(node, "state"), "live"))
        say(explanation,
            writ_arena_printf(arena, "Hop %zu was not live when the call was judged: %.*s.", hop,
                              TEXT(node, "state")));
}

static void say_refusal(struct explanation *explanation)
{
    struct writ_arena *arena = explanation->call->arena;
    const struct writ_json *decision = explanation->decision;
    const char *code = writ_arena_text(arena, MEMBER(decision, "outcome"));
    const enum writ_status outcome = code ? writ_status_from_code(code) : WRIT_STATUS_COUNT;
    int64_t hop = -1;
    const bool has_hop = writ_json_integer(writ_json_get(decision, "hop"), &hop);
    const struct writ_slice field = MEMBER(decision, "field");
    const char *where = "";
    if (has_hop && field.size > 0)
        where = writ_arena_printf(arena, " at hop %lld, field %.*s", (long long)hop,
                                  WRIT_SLICE_ARGS(field));
    else if (has_hop)
        where = writ_arena_printf(arena, " at hop %lld", (long long)hop);
    else if (field.size > 0)
        where = writ_arena_printf(arena, ", field %.*s", WRIT_SLICE_ARGS(field));
    if (!code || !where) {
        say(explanation, NULL);
        return;
    }
    say(explanation,
        writ_arena_printf(arena, "The call was refused: %s%s. %s", code, where,
                          outcome == WRIT_STATUS_COUNT ? "" : writ_status_text(outcome)));
    if (MEMBER(decision, "detail").size > 0)
        say(explanation, writ_arena_printf(arena, "In detail: %.*s", TEXT(decision, "detail")));
}

static void say_all(struct explanation *explanation)
{
    struct writ_arena *arena = explanation->call->arena;
    const struct writ_json *decision = explanation->decision;
    for (size_t i = 0; i < explanation->chain->count; i++)
        say_hop(explanation, i);
    if (explanation->chain->count == 0)
        say(explanation, "The ledger has no chain for this call.");
    say(explanation,
        writ_arena_printf(arena, "%.*s asked to call %.*s; %.*s judged it for %.*s at %.*s.",
                          TEXT(decision, "agent"), TEXT(decision, "tool"), TEXT(decision, "client"),
                          TEXT(decision, "audience"), TEXT(decision, "at")));
    if (writ_slice_is(MEMBER(decision, "verdict"), "deny"))
        say_refusal(explanation);
    else
        say(explanation, "Nothing refused the call then. This is history and grants nothing: each "
                         "call is judged anew by /v1/validate.");
}

/* The chain as it was when the call was judged. The clocks of service and database may differ by
 * a little: a node admitted just before is then looked at as it is now. */
static struct writ_result read_chain(struct call *call, struct db *db,
                                     const struct decision_ask *ask, const struct db_result *row,
                                     struct writ_json **ret_chain)
{
    struct node_query query = {.select = NODE_ANCESTORS, .task = ask->task};
    if (!db_get_uuid(row, 0, DECISION_DELEGATION, query.id.bytes)) {
        *ret_chain = writ_json_new_array(call->arena);
        WRIT_ENSURE(*ret_chain, OUT_OF_MEMORY);
        return WRIT_SUCCESS;
    }
    query.as_of_us = db_get_time(row, 0, DECISION_AT);
    const struct writ_result then = node_read(call, db, &query, ret_chain);
    if (then.status != WRIT_NOT_FOUND)
        return then;
    query.as_of_us = 0;
    return node_read(call, db, &query, ret_chain);
}

static struct writ_result explain(struct call *call, struct db *db, struct writ_json *answer)
{
    struct decision_ask *ask = *http_user(call->request);
    SQL_RESULT row = NULL;
    struct writ_json *task = NULL;
    struct writ_json *chain = NULL;
    WRIT_TRY(decision_find(call, db, ask, &row));
    WRIT_TRY(node_task(call, db, &ask->task, &task));
    WRIT_TRY(read_chain(call, db, ask, row, &chain));
    struct explanation explanation = {
        .call = call,
        .decision = decision_json(call, row, 0),
        .task = task,
        .chain = chain,
        .why = writ_json_new_array(call->arena),
    };
    WRIT_ENSURE(explanation.decision && explanation.why, OUT_OF_MEMORY);
    say_all(&explanation);
    writ_json_put(call->arena, answer, "decision", explanation.decision);
    writ_json_put(call->arena, answer, "task", task);
    writ_json_put(call->arena, answer, "chain", chain);
    writ_json_put(call->arena, answer, "why", explanation.why);
    const struct writ_json *report = decision_report_json(call, row);
    if (report)
        writ_json_put(call->arena, answer, "call_outcome", report);
    return WRIT_SUCCESS;
}

static void answer_explained(struct call *call, struct db *db)
{
    struct writ_json *answer = writ_json_new_object(call->arena);
    const struct writ_result result = explain(call, db, answer);
    if (writ_is_ok(result))
        call_answer(call, 200, answer);
    else
        call_fail_read(call, result, "there is no such decision");
}

void decisions_explain(struct call *call)
{
    if (decision_ask_read(call))
        call_read(call, answer_explained);
}
