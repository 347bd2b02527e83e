/* The delegation graph of a task, as a tree in the terminal or in the formats of the service. */
#include <string.h>

#include "authority/notation.h"
#include "output.h"
#include "speaker.h"
#include "state.h"

struct drawing {
    struct cli *cli;
    const struct writ_json *nodes;
    size_t width; /* of the longest branch with its agent */
};

static struct writ_slice id_of(const struct writ_json *node, const char *name)
{
    return writ_json_text(writ_json_get(node, name));
}

/* pass_only binds the agent and the key that it names (DESIGN section 2). */
static bool is_barred(const struct writ_json *node, struct writ_slice tool)
{
    const struct writ_json *barred = writ_json_get(writ_json_get(node, "terms"), "barred");
    for (size_t i = 0; writ_json_is(barred, WRIT_JSON_ARRAY) && i < barred->count; i++) {
        const struct writ_json *entry = &barred->items[i];
        const bool bound = writ_slice_equal(id_of(entry, "agent"), id_of(node, "agent")) ||
                           writ_slice_equal(id_of(entry, "key"), id_of(node, "holder"));
        if (bound && writ_slice_equal(id_of(entry, "tool"), tool))
            return true;
    }
    return false;
}

/* "tool(...), tool(...)" of those that the node may call, or may only pass on; "" for none. */
static const char *tools_of(struct drawing *drawing, const struct writ_json *node, bool barred)
{
    struct writ_arena *arena = &drawing->cli->arena;
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    const char *text = "";
    if (!writ_is_ok(
            writ_authority_from_notation(arena, id_of(node, "notation"), &authority, &denial)))
        return barred ? "" : output_text(drawing->cli, node, "notation");
    for (size_t i = 0; i < authority->tool_count; i++) {
        if (is_barred(node, authority->tools[i].name) != barred)
            continue;
        const struct writ_slice tool = writ_tool_notation(arena, &authority->tools[i]);
        text = cli_must(writ_arena_printf(arena, "%s%s%s", text, *text ? ", " : "",
                                          output_safe(drawing->cli, tool)));
    }
    return text;
}

static void print_node(struct drawing *drawing, const struct writ_json *node, const char *branch,
                       size_t branch_width)
{
    struct cli *cli = drawing->cli;
    const char *agent = output_text(cli, node, "agent"), *state = output_text(cli, node, "state");
    const char *call = tools_of(drawing, node, false), *pass = tools_of(drawing, node, true);
    const bool live = strcmp(state, "live") == 0;
    const size_t used = branch_width + strlen(agent);
    printf("%s%s%s%s%*s", branch, ink_out(cli, live ? INK_BOLD : INK_DIM), agent,
           ink_out(cli, INK_NONE), (int)(drawing->width > used ? drawing->width - used + 3 : 3),
           "");
    if (*call || !*pass)
        printf("may call     %s", *call ? call : "nothing");
    if (*pass)
        printf("%smay pass on  %s", *call ? "; " : "", pass);
    if (!live)
        printf("   %s%s%s", ink_out(cli, INK_RED), state, ink_out(cli, INK_NONE));
    if (cli_option(cli, "ids"))
        printf("   %s%s%s", ink_out(cli, INK_DIM), output_text(cli, node, "id"),
               ink_out(cli, INK_NONE));
    putchar('\n');
}

static bool is_child_of(const struct writ_json *node, struct writ_slice parent)
{
    return writ_slice_equal(id_of(node, "parent"), parent);
}

enum { BRANCH_WIDTH = 3 };

static void measure(struct drawing *drawing, struct writ_slice parent, size_t depth)
{
    for (size_t i = 0; i < drawing->nodes->count && depth <= WRIT_DEPTH_MAX; i++) {
        const struct writ_json *node = &drawing->nodes->items[i];
        const size_t width = depth * BRANCH_WIDTH + id_of(node, "agent").size;
        if (!is_child_of(node, parent))
            continue;
        if (width > drawing->width)
            drawing->width = width;
        measure(drawing, id_of(node, "id"), depth + 1);
    }
}

/* Everything below `parent`; `margin` is drawn before each line. */
static void draw(struct drawing *drawing, struct writ_slice parent, const char *margin,
                 size_t depth)
{
    struct writ_arena *arena = &drawing->cli->arena;
    const struct writ_json *nodes = drawing->nodes;
    size_t left = 0;
    for (size_t i = 0; i < nodes->count; i++)
        left += is_child_of(&nodes->items[i], parent);
    for (size_t i = 0; i < nodes->count && depth <= WRIT_DEPTH_MAX; i++) {
        const struct writ_json *node = &nodes->items[i];
        if (!is_child_of(node, parent))
            continue;
        left--;
        const char *mark = depth == 0 ? "" : left > 0 ? "├─ " : "└─ ";
        const char *below = depth == 0 ? "" : left > 0 ? "│  " : "   ";
        print_node(drawing, node, cli_must(writ_arena_printf(arena, "%s%s", margin, mark)),
                   depth * BRANCH_WIDTH);
        draw(drawing, id_of(node, "id"), cli_must(writ_arena_printf(arena, "%s%s", margin, below)),
             depth + 1);
    }
}

static void draw_tree(struct cli *cli, const struct writ_json *graph)
{
    struct drawing drawing = {.cli = cli, .nodes = writ_json_get(graph, "nodes")};
    const struct writ_json *task = writ_json_get(graph, "task");
    const char *state = output_text(cli, task, "state");
    printf("task %s  \"%s\"%s%s\n", output_text(cli, task, "id"), output_text(cli, task, "purpose"),
           strcmp(state, "open") == 0 ? "" : "   ", strcmp(state, "open") == 0 ? "" : state);
    if (!writ_json_is(drawing.nodes, WRIT_JSON_ARRAY))
        return;
    measure(&drawing, WRIT_SLICE_NONE, 0);
    draw(&drawing, WRIT_SLICE_NONE, "", 0);
}

/* An id may be a delegation's that is not held here: then the service knows its task. */
static enum cli_exit ask(struct cli *cli, const struct credential *speaker, const char *task,
                         const char *format, struct api_answer *ret_answer)
{
    const char *as_of = cli_option(cli, "as-of");
    const char *path = cli_must(
        writ_arena_printf(&cli->arena, "/v1/graph?task=%s&format=%s%s%s", api_encode(cli, task),
                          format, as_of ? "&as_of=" : "", as_of ? api_encode(cli, as_of) : ""));
    return api_ask(cli, speaker, "GET", path, NULL, ret_answer);
}

static enum cli_exit task_of_delegation(struct cli *cli, const struct credential *speaker,
                                        const char *id, const char **ret_task)
{
    struct api_answer answer;
    CLI_TRY(api_ask(cli, speaker, "GET",
                    cli_must(writ_arena_printf(&cli->arena, "/v1/delegations/%s", id)), NULL,
                    &answer));
    const struct writ_slice task = id_of(answer.json, "task");
    *ret_task = answer.status == 200 && task.size > 0 ? cli_must(writ_arena_text(&cli->arena, task))
                                                      : NULL;
    return CLI_DONE;
}

static enum cli_exit graph(struct cli *cli)
{
    struct credential speaker;
    struct api_answer answer;
    const char *task = NULL, *other = NULL;
    const bool text = cli->output && cli->format == CLI_TABLE && strcmp(cli->output, "table") != 0;
    const char *format = text ? cli->output : "json";
    CLI_TRY(state_task(cli, cli->arguments[0], &task));
    CLI_TRY(speaker_find(cli, "auditor admin issuer *", "", "", &speaker));
    CLI_TRY(ask(cli, &speaker, task, format, &answer));
    if (answer.status == 404) {
        CLI_TRY(task_of_delegation(cli, &speaker, task, &other));
        if (other)
            CLI_TRY(ask(cli, &speaker, other, format, &answer));
    }
    if (answer.status != 200)
        return api_refused(cli, &answer, "refused", stderr);
    if (text) {
        fwrite(answer.body.data, 1, answer.body.size, stdout);
        return CLI_DONE;
    }
    if (cli->format == CLI_JSON)
        return output_json(cli, answer.json);
    draw_tree(cli, answer.json);
    return CLI_DONE;
}

static const struct cli_option GRAPH_OPTIONS[] = {
    {"as-of", "TIME", "as it was then, e.g. 2026-01-31T12:00:00Z"},
    {"ids", NULL, "with the ids of the delegations"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_GRAPH_COMMANDS[] = {
    {"graph", "TASK|DELEGATION", "Draw who holds what, and from whom", GRAPH_OPTIONS, 1, 1, graph},
    {0},
};
