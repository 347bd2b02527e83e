/* /v1/agents: the registered kinds of workload. */
#include "endpoint/change.h"
#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "ledger/sql.h"

struct agents {
    struct writ_slice name; /* one, or the last of the page before */
    int64_t limit;
    struct writ_slice role;
    struct writ_slice owner;
    const struct writ_json *identities; /* NULL: none */
};

static struct writ_json *agent_json(struct call *call, const struct db_result *rows, size_t row)
{
    enum { NAME, ROLE, OWNER, IDENTITIES, CREATED_AT, RETIRED_AT };
    struct writ_json *agent = writ_json_new_object(call->arena);
    writ_json_put_text(call->arena, agent, "name", db_get_text(rows, row, NAME));
    writ_json_put_text(call->arena, agent, "role", db_get_text(rows, row, ROLE));
    writ_json_put_text(call->arena, agent, "owner", db_get_text(rows, row, OWNER));
    column_put_json(call, agent, "identities", rows, row, IDENTITIES);
    call_put_time(call, agent, "created_at", db_get_time(rows, row, CREATED_AT));
    column_put_time(call, agent, "retired_at", rows, row, RETIRED_AT);
    return agent;
}

/* NULL in *ret_agent: there is none of this name. */
static struct writ_result find(struct call *call, struct db *db, struct writ_slice name,
                               const struct writ_json **ret_agent)
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_cstr(""), db_int8(1), db_text(name)};
    WRIT_TRY(sql_run(db, STATEMENT_AGENTS_LIST, params, 3, &rows));
    *ret_agent = NULL;
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    *ret_agent = agent_json(call, rows, 0);
    WRIT_ENSURE(*ret_agent, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct agents *state_of(struct call *call)
{
    struct agents *agents = writ_arena_alloc(call->arena, sizeof *agents);
    if (!agents)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    *http_user(call->request) = agents;
    return agents;
}

/* ---- Reading ------------------------------------------------------------------------------ */

static const struct page PAGE = {.name = "agents", .entry = agent_json};

static void answer_page(struct call *call, struct db *db)
{
    const struct agents *agents = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        agents->name.data ? db_text(agents->name) : db_cstr(""),
        page_rows(agents->limit),
        db_null(),
    };
    const struct writ_result result = sql_run(db, STATEMENT_AGENTS_LIST, params, 3, &rows);
    page_answer(call, result, rows, &PAGE, agents->limit);
}

void agents_list(struct call *call)
{
    static const char *const QUERIES[] = {"limit", "cursor", NULL};
    struct agents *agents = state_of(call);
    if (agents && call_only_queries(call, QUERIES) && call_limit(call, &agents->limit) &&
        call_cursor(call, &agents->name))
        call_read(call, answer_page);
}

static void answer_one(struct call *call, struct db *db)
{
    const struct agents *agents = *http_user(call->request);
    const struct writ_json *agent = NULL;
    struct writ_result result = find(call, db, agents->name, &agent);
    if (writ_is_ok(result) && !agent)
        result = WRIT_FAILURE(NOT_FOUND);
    if (writ_is_ok(result))
        call_answer(call, 200, agent);
    else
        call_fail_read(call, result, "there is no such agent");
}

void agents_show(struct call *call)
{
    struct agents *agents = state_of(call);
    if (agents && call_only_queries(call, NULL) && change_name(call, "name", &agents->name))
        call_read(call, answer_one);
}

/* ---- Changing ----------------------------------------------------------------------------- */

static struct writ_result put(struct call *call, struct db *db, struct change *change)
{
    const struct agents *agents = *http_user(call->request);
    change->kind = "agent";
    change->key = agents->name;
    WRIT_TRY(find(call, db, agents->name, &change->before));
    const struct writ_slice identities = agents->identities
                                             ? writ_json_canonical(call->arena, agents->identities)
                                             : WRIT_SLICE_LITERAL("[]");
    WRIT_ENSURE(identities.data, OUT_OF_MEMORY);
    const struct db_param params[] = {db_text(agents->name), db_text(agents->role),
                                      db_text(agents->owner), db_jsonb(identities)};
    WRIT_TRY(sql_run(db, STATEMENT_AGENT_PUT, params, 4, NULL));
    return find(call, db, agents->name, &change->after);
}

static void run_put(struct call *call, struct db *db)
{
    change_run(call, db, put);
}

void agents_put(struct call *call)
{
    static const char *const MEMBERS[] = {"role", "owner", "identities", NULL};
    struct agents *agents = state_of(call);
    if (!agents || !call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !change_name(call, "name", &agents->name) ||
        !call_text(call, "role", CHANGE_NAME_MAX, true, &agents->role) ||
        !call_text(call, "owner", CHANGE_NAME_MAX, true, &agents->owner))
        return;
    agents->identities = writ_json_get(call->body, "identities");
    if (agents->identities && !writ_json_is_texts(agents->identities))
        call_fail(call, WRIT_MALFORMED, "identities", "identities: an array of texts");
    else
        call_read(call, run_put);
}

static struct writ_result retire(struct call *call, struct db *db, struct change *change)
{
    const struct agents *agents = *http_user(call->request);
    change->kind = "agent";
    change->key = agents->name;
    WRIT_TRY(find(call, db, agents->name, &change->before));
    if (!change->before)
        return change_refuse(change, WRIT_NOT_FOUND, "name", "there is no such agent");
    const struct db_param params[] = {db_text(agents->name)};
    WRIT_TRY(sql_run(db, STATEMENT_AGENT_RETIRE, params, 1, NULL));
    return find(call, db, agents->name, &change->after);
}

static void run_retire(struct call *call, struct db *db)
{
    change_run(call, db, retire);
}

void agents_retire(struct call *call)
{
    struct agents *agents = state_of(call);
    if (agents && call_only_queries(call, NULL) && change_name(call, "name", &agents->name))
        call_read(call, run_retire);
}
