/* GET /v1/graph: the delegations of a task, now or as they were, as JSON or to be drawn. */
#include "clock.h"
#include "endpoint/draw.h"
#include "endpoint/endpoints.h"
#include "endpoint/node.h"

enum { NODES_MAX = 2000 };

enum format { FORMAT_JSON, FORMAT_DOT, FORMAT_MERMAID };

struct graph {
    struct node_query query;
    enum format format;
};

static struct writ_json *edges_of(struct call *call, const struct writ_json *nodes)
{
    struct writ_json *edges = writ_json_new_array(call->arena);
    for (size_t i = 0; i < nodes->count; i++) {
        const struct writ_json *parent = writ_json_get(&nodes->items[i], "parent");
        if (!parent)
            continue;
        struct writ_json *edge = writ_json_new_object(call->arena);
        writ_json_put(call->arena, edge, "from", parent);
        writ_json_put(call->arena, edge, "to", writ_json_get(&nodes->items[i], "id"));
        writ_json_add(call->arena, edges, edge);
    }
    return edges;
}

static void answer_json(struct call *call, const struct graph *graph, const struct writ_json *task,
                        const struct writ_json *nodes)
{
    const int64_t as_of_us = graph->query.as_of_us;
    struct writ_json *answer = writ_json_new_object(call->arena);
    writ_json_put(call->arena, answer, "task", task);
    call_put_time(call, answer, "as_of", as_of_us == 0 ? clock_unix_us() : as_of_us);
    writ_json_put(call->arena, answer, "nodes", nodes);
    writ_json_put(call->arena, answer, "edges", edges_of(call, nodes));
    call_answer(call, 200, answer);
}

static void answer_drawn(struct call *call, struct writ_slice text, const char *content_type)
{
    if (text.data)
        call_answer_bytes(call, 200, content_type, text);
    else
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
}

static void answer_graph(struct call *call, struct db *db)
{
    const struct graph *graph = *http_user(call->request);
    struct writ_json *task = NULL;
    struct writ_json *nodes = NULL;
    struct writ_result result = node_may_see(call, db, &graph->query.task);
    if (writ_is_ok(result))
        result = node_task_at(call, db, &graph->query.task, graph->query.as_of_us, &task);
    if (writ_is_ok(result))
        result = node_read(call, db, &graph->query, &nodes);
    if (!writ_is_ok(result))
        call_fail_read(call, result, "there is no such task");
    else if (nodes->count > NODES_MAX)
        call_fail(call, WRIT_TOO_LARGE, "",
                  "the task has more than %d delegations: ask for the descendants of one, by page",
                  NODES_MAX);
    else if (graph->format == FORMAT_DOT)
        answer_drawn(call, draw_dot(call->arena, task, nodes), "text/vnd.graphviz");
    else if (graph->format == FORMAT_MERMAID)
        answer_drawn(call, draw_mermaid(call->arena, nodes), "text/vnd.mermaid");
    else
        answer_json(call, graph, task, nodes);
}

static bool read_format(struct call *call, enum format *ret_format)
{
    static const char *const FORMATS[] = {
        [FORMAT_JSON] = "json", [FORMAT_DOT] = "dot", [FORMAT_MERMAID] = "mermaid"};
    const struct writ_slice text = http_query(call->request, "format");
    *ret_format = FORMAT_JSON;
    if (!text.data)
        return true;
    for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++)
        if (writ_slice_is(text, FORMATS[i])) {
            *ret_format = (enum format)i;
            return true;
        }
    call_fail(call, WRIT_MALFORMED, "format", "format: json, dot or mermaid");
    return false;
}

/* What is to come is not known: the graph of tomorrow would say live of what dies today. */
static bool read_moment(struct call *call, int64_t *ret_as_of_us)
{
    enum { SKEW_US = 30000000 };
    if (!call_query_time(call, "as_of", 0, ret_as_of_us))
        return false;
    if (*ret_as_of_us >= 0 && *ret_as_of_us <= clock_unix_us() + SKEW_US)
        return true;
    call_fail(call, WRIT_MALFORMED, "as_of", "as_of: a time between 1970 and now");
    return false;
}

void graph_show(struct call *call)
{
    static const char *const QUERIES[] = {"task", "as_of", "format", NULL};
    bool has_task = false;
    struct graph *graph = writ_arena_alloc(call->arena, sizeof *graph);
    if (!graph) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    graph->query.select = NODE_TASK;
    graph->query.limit = NODES_MAX + 1;
    *http_user(call->request) = graph;
    if (!call_only_queries(call, QUERIES) ||
        !call_query_uuid(call, "task", &graph->query.task, &has_task) ||
        !read_moment(call, &graph->query.as_of_us) || !read_format(call, &graph->format))
        return;
    if (has_task)
        call_read(call, answer_graph);
    else
        call_fail(call, WRIT_MALFORMED, "task", "task: the graph of which task");
}
