/* What was decided, and why. An explanation is never a permit. */
#include <string.h>

#include "output.h"
#include "speaker.h"
#include "state.h"

static const char READERS[] = "auditor admin enforcer";

static void print_verdict(struct cli *cli, const struct writ_json *decision)
{
    const char *verdict = output_text(cli, decision, "verdict");
    const char *outcome = output_text(cli, decision, "outcome");
    const char *detail = output_text(cli, decision, "detail");
    const bool permit = strcmp(verdict, "permit") == 0;
    const struct writ_json *arguments = writ_json_get(decision, "arguments");
    printf("%s%s%s  %s  %s", ink_out(cli, permit ? INK_GREEN : INK_RED), verdict,
           ink_out(cli, INK_NONE), output_text(cli, decision, "at"),
           output_text(cli, decision, "tool"));
    if (arguments)
        printf(" %s", output_safe(cli, writ_json_verbatim(&cli->arena, arguments)));
    printf("\n        agent %s, asked by %s\n", output_text(cli, decision, "agent"),
           output_text(cli, decision, "client"));
    if (!permit)
        printf("        %s%s%s\n", outcome, *detail ? ": " : "", detail);
}

static void print_chain(struct cli *cli, const struct writ_json *chain)
{
    for (size_t i = 0; writ_json_is(chain, WRIT_JSON_ARRAY) && i < chain->count; i++) {
        const struct writ_json *node = &chain->items[i];
        printf("  hop %zu  %-14s %-9s %s\n", i, output_text(cli, node, "agent"),
               output_text(cli, node, "state"), output_text(cli, node, "notation"));
    }
}

static enum cli_exit why(struct cli *cli)
{
    struct credential speaker;
    const char *task = cli_option(cli, "task");
    const struct writ_json *answer = NULL;
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *path = cli_must(
        writ_arena_printf(&cli->arena, "/v1/decisions/%s%s%s", api_encode(cli, cli->arguments[0]),
                          task ? "?task=" : "", task ? api_encode(cli, task) : ""));
    CLI_TRY(api_call(cli, &speaker, "GET", path, NULL, &answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    const struct writ_json *sentences = writ_json_get(answer, "why");
    print_verdict(cli, writ_json_get(answer, "decision"));
    printf("\ntask %s  \"%s\"\n", output_text(cli, writ_json_get(answer, "task"), "id"),
           output_text(cli, writ_json_get(answer, "task"), "purpose"));
    print_chain(cli, writ_json_get(answer, "chain"));
    putchar('\n');
    for (size_t i = 0; writ_json_is_texts(sentences) && i < sentences->count; i++)
        puts(output_safe(cli, sentences->items[i].text));
    return CLI_DONE;
}

static enum cli_exit decisions(struct cli *cli)
{
    static const char *const FILTERS[] = {"task",    "delegation", "tool", "agent", "verdict",
                                          "outcome", "from",       "to",   NULL};
    static const char *const COLUMNS[] = {"id",    "at",   "verdict", "outcome",
                                          "agent", "tool", "detail",  NULL};
    struct credential speaker;
    const struct writ_json *list = NULL;
    int64_t limit = 0;
    CLI_TRY(cli_integer(cli, "limit", 50, &limit));
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *path = api_filtered(cli, "/v1/decisions", FILTERS);
    CLI_TRY(api_list(cli, &speaker, path, "decisions", limit < 1 ? 1 : (size_t)limit, &list));
    return output_list(cli, list, COLUMNS, output_text);
}

static const struct cli_option WHY_OPTIONS[] = {
    {"task", "ID", "its task; quicker where it is known"},
    {NULL, NULL, NULL},
};

static const struct cli_option DECISIONS_OPTIONS[] = {
    {"task", "ID", "of this task"},
    {"delegation", "ID", "of this delegation"},
    {"tool", "NAME", "of this tool"},
    {"agent", "NAME", "of this agent"},
    {"verdict", "VERDICT", "permit or deny"},
    {"outcome", "CODE", "such as not_narrower"},
    {"from", "TIME", "not before this time"},
    {"to", "TIME", "before this time"},
    {"limit", "N", "at most so many; 50 by default"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_WHY_COMMANDS[] = {
    {"why", "DECISION", "Explain a decision", WHY_OPTIONS, 1, 1, why},
    {"decision list", "", "Find decisions, newest first", DECISIONS_OPTIONS, 0, 0, decisions},
    {0},
};
