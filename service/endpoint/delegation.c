/* GET /v1/delegations/{delegation}, …/ancestors, …/descendants, …/authority: one node, its lines.
 */
#include "endpoint/accounts.h"
#include "endpoint/endpoints.h"
#include "endpoint/node.h"

/* What a caller asked about. */
struct ask {
    struct node_query query;
    bool has_task;
    int64_t limit;
};

static const char *const TASK_ONLY[] = {"task", NULL};

/* NULL: answered. */
static struct ask *read_ask(struct call *call, enum node_select select, const char *const *queries)
{
    struct ask *ask = writ_arena_alloc(call->arena, sizeof *ask);
    if (!ask) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return NULL;
    }
    ask->query.select = select;
    *http_user(call->request) = ask;
    const bool is_read = call_only_queries(call, queries) &&
                         call_path_uuid(call, "delegation", &ask->query.id) &&
                         call_query_uuid(call, "task", &ask->query.task, &ask->has_task);
    return is_read ? ask : NULL;
}

/* Finds the task where none was named, and the nodes where the caller may see them. NULL: answered.
 */
static struct writ_json *read_nodes(struct call *call, struct db *db)
{
    struct ask *ask = *http_user(call->request);
    struct writ_json *nodes = NULL;
    struct writ_result result = WRIT_SUCCESS;
    if (!ask->has_task)
        result = node_find_task(call, db, &ask->query.id, &ask->query.task);
    if (writ_is_ok(result))
        result = node_may_see(call, db, &ask->query.task);
    if (writ_is_ok(result))
        result = node_read(call, db, &ask->query, &nodes);
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "there is no such delegation");
        return NULL;
    }
    return nodes;
}

/* ---- One ---------------------------------------------------------------------------------- */

static void answer_one(struct call *call, struct db *db)
{
    const struct ask *ask = *http_user(call->request);
    struct writ_json *nodes = read_nodes(call, db);
    if (!nodes)
        return;
    const struct writ_result result = accounts_put(call, db, &ask->query.task, &ask->query.id,
                                                   &nodes->items[0]);
    if (writ_is_ok(result))
        call_answer(call, 200, &nodes->items[0]);
    else
        call_fail_read(call, result, "");
}

void delegation_show(struct call *call)
{
    if (read_ask(call, NODE_ONE, TASK_ONLY))
        call_read(call, answer_one);
}

/* ---- Lines -------------------------------------------------------------------------------- */

static void answer_line(struct call *call, struct db *db)
{
    struct writ_json *nodes = read_nodes(call, db);
    if (!nodes)
        return;
    const struct ask *ask = *http_user(call->request);
    const bool has_more = ask->limit > 0 && nodes->count > (size_t)ask->limit;
    if (has_more)
        nodes->count = (size_t)ask->limit;
    struct writ_json *page = writ_json_new_object(call->arena);
    writ_json_put(call->arena, page, "delegations", nodes);
    if (has_more)
        call_put_cursor(call, page,
                        writ_json_text(writ_json_get(&nodes->items[nodes->count - 1], "id")));
    call_answer(call, 200, page);
}

void delegation_ancestors(struct call *call)
{
    if (read_ask(call, NODE_ANCESTORS, TASK_ONLY))
        call_read(call, answer_line);
}

void delegation_descendants(struct call *call)
{
    static const char *const QUERIES[] = {"task", "limit", "cursor", NULL};
    struct ask *ask = read_ask(call, NODE_DESCENDANTS, QUERIES);
    struct writ_slice position = WRIT_SLICE_NONE;
    if (!ask || !call_limit(call, &ask->limit) || !call_cursor(call, &position))
        return;
    if (position.data && !uuid_parse(position, &ask->query.after)) {
        call_fail(call, WRIT_MALFORMED, "cursor", "cursor: not one that this list gave");
        return;
    }
    ask->query.limit = ask->limit + 1; /* one more tells whether there is a next page */
    call_read(call, answer_line);
}

/* ---- Authority ---------------------------------------------------------------------------- */

static bool holds_text(const struct writ_json *texts, struct writ_slice text)
{
    for (size_t i = 0; texts && i < texts->count; i++)
        if (writ_slice_equal(writ_json_text(&texts->items[i]), text))
            return true;
    return false;
}

/* pass_only of this link, or of one above it by the same agent or key. */
static bool is_barred(const struct writ_json *node, struct writ_slice tool)
{
    const struct writ_json *barred = writ_json_get(writ_json_get(node, "terms"), "barred");
    const struct writ_slice agent = writ_json_text(writ_json_get(node, "agent"));
    const struct writ_slice key = writ_json_text(writ_json_get(node, "holder"));
    for (size_t i = 0; barred && i < barred->count; i++) {
        const struct writ_json *bar = &barred->items[i];
        if (writ_slice_equal(writ_json_text(writ_json_get(bar, "tool")), tool) &&
            (writ_slice_equal(writ_json_text(writ_json_get(bar, "agent")), agent) ||
             writ_slice_equal(writ_json_text(writ_json_get(bar, "key")), key)))
            return true;
    }
    return false;
}

/* Both lists are empty for a node that is not live: it may do nothing. */
static void put_uses(struct call *call, struct writ_json *answer, const struct writ_json *node)
{
    struct writ_json *may_call = writ_json_new_array(call->arena);
    struct writ_json *may_pass_on = writ_json_new_array(call->arena);
    const struct writ_json *tools = writ_json_get(node, "authority");
    const struct writ_json *call_only = writ_json_get(writ_json_get(node, "terms"), "call_only");
    const bool is_live = writ_slice_is(writ_json_text(writ_json_get(node, "state")), "live");
    int64_t depth = 0;
    int64_t max_depth = 0;
    const bool has_room = writ_json_integer(writ_json_get(node, "depth"), &depth) &&
                          writ_json_integer(writ_json_get(node, "max_depth"), &max_depth) &&
                          depth < max_depth;
    for (size_t i = 0; is_live && tools && i < tools->count; i++) {
        if (!is_barred(node, tools->names[i]))
            writ_json_add_text(call->arena, may_call, tools->names[i]);
        if (has_room && !holds_text(call_only, tools->names[i]))
            writ_json_add_text(call->arena, may_pass_on, tools->names[i]);
    }
    writ_json_put(call->arena, answer, "may_call", may_call);
    writ_json_put(call->arena, answer, "may_pass_on", may_pass_on);
}

static void answer_authority(struct call *call, struct db *db)
{
    static const char *const MEMBERS[] = {"authority", "notation",   "terms",
                                          "state",     "expires_at", "lease_expires_at"};
    const struct writ_json *nodes = read_nodes(call, db);
    if (!nodes)
        return;
    const struct writ_json *node = &nodes->items[0];
    struct writ_json *answer = writ_json_new_object(call->arena);
    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        const struct writ_json *value = writ_json_get(node, MEMBERS[i]);
        if (value)
            writ_json_put(call->arena, answer, MEMBERS[i], value);
    }
    put_uses(call, answer, node);
    call_answer(call, 200, answer);
}

void delegation_authority(struct call *call)
{
    if (read_ask(call, NODE_ONE, TASK_ONLY))
        call_read(call, answer_authority);
}
