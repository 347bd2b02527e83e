/* What changes from one authority to another. */
#include <string.h>

#include "authority.h"
#include "cli.h"
#include "output.h"

static const char *const KINDS[] = {
    [WRIT_TOOL_REMOVED] = "tool_removed",         [WRIT_TOOL_ADDED] = "tool_added",
    [WRIT_ARGUMENT_REMOVED] = "argument_removed", [WRIT_ARGUMENT_ADDED] = "argument_added",
    [WRIT_ARGUMENT_CHANGED] = "argument_changed",
};

static enum cli_exit print_json(struct cli *cli, const struct writ_change *changes, size_t count,
                                bool narrower)
{
    struct writ_json *answer = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put_boolean(&cli->arena, answer, "narrower", narrower);
    struct writ_json *list = cli_must(writ_json_put_array(&cli->arena, answer, "changes"));
    for (size_t i = 0; i < count; i++) {
        struct writ_json *entry = cli_must(writ_json_add_object(&cli->arena, list));
        writ_json_put_string(&cli->arena, entry, "kind", KINDS[changes[i].kind]);
        writ_json_put_boolean(&cli->arena, entry, "widens", changes[i].widens);
        if (changes[i].argument.size > 0)
            writ_json_put_text(&cli->arena, entry, "argument", changes[i].argument);
        if (changes[i].before.size > 0)
            writ_json_put_text(&cli->arena, entry, "before", changes[i].before);
        if (changes[i].after.size > 0)
            writ_json_put_text(&cli->arena, entry, "after", changes[i].after);
        cli_must(writ_json_put_text(&cli->arena, entry, "tool", changes[i].tool));
    }
    return output_json(cli, answer);
}

static void print_change(struct cli *cli, const struct writ_change *change)
{
    static const char SIGNS[] = {
        [WRIT_TOOL_REMOVED] = '-',   [WRIT_TOOL_ADDED] = '+',       [WRIT_ARGUMENT_REMOVED] = '-',
        [WRIT_ARGUMENT_ADDED] = '+', [WRIT_ARGUMENT_CHANGED] = '~',
    };
    const enum ink ink = change->widens ? INK_RED : INK_GREEN;
    const char *before = output_safe(cli, change->before), *after = output_safe(cli, change->after);
    printf("%s%c %s", ink_out(cli, ink), SIGNS[change->kind], output_safe(cli, change->tool));
    if (change->argument.size > 0)
        printf(" %s", output_safe(cli, change->argument));
    if (change->before.size > 0 || change->after.size > 0)
        printf(": %s%s%s", before, *before && *after ? " -> " : "", after);
    printf("%s%s\n", change->widens ? "   widens" : "", ink_out(cli, INK_NONE));
}

static enum cli_exit diff(struct cli *cli)
{
    const struct writ_authority *before = NULL, *after = NULL;
    const struct writ_change *changes = NULL;
    struct writ_denial denial = {.outcome = WRIT_OK};
    size_t count = 0;
    CLI_TRY(authority_from_text(cli, cli->arguments[0], &before));
    CLI_TRY(authority_from_text(cli, cli->arguments[1], &after));
    if (!writ_is_ok(writ_authority_diff(&cli->arena, before, after, &changes, &count)))
        return cli_fail(cli, "out of memory");
    const bool narrower = writ_is_ok(writ_authority_narrower(&cli->arena, before, after, &denial));
    const enum cli_exit end = cli_option(cli, "narrower") && !narrower ? CLI_DENIED : CLI_DONE;
    if (cli->format == CLI_JSON) {
        CLI_TRY(print_json(cli, changes, count, narrower));
        return end;
    }
    for (size_t i = 0; i < count; i++)
        print_change(cli, &changes[i]);
    if (narrower)
        cli_note(cli, count == 0 ? "the same" : "the second is narrower than the first");
    else
        cli_note(cli, "the second is not narrower: %s",
                 output_safe(cli, writ_slice_text(denial.detail)));
    return end;
}

static const struct cli_option DIFF_OPTIONS[] = {
    {"narrower", NULL, "exit with 3 unless the second is narrower than the first"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_DIFF_COMMANDS[] = {
    {"diff", "BEFORE AFTER",
     "Compare two authorities, each in notation, as a JSON `tools` object, or in @FILE",
     DIFF_OPTIONS, 2, 2, diff},
    {0},
};
