/* Who was stopped for being refused too often, and letting it go on. */
#include "api.h"
#include "output.h"
#include "speaker.h"

static const char *const COLUMNS[] = {"delegation", "task",      "cause",  "opened_at",
                                      "until",      "closed_by", "reason", NULL};

static enum cli_exit list(struct cli *cli)
{
    static const char *const FILTERS[] = {"task", NULL};
    struct credential speaker;
    const struct writ_json *circuits = NULL;
    CLI_TRY(speaker_find(cli, "auditor admin", "", "", &speaker));
    const char *all = cli_option(cli, "all") ? "/v1/circuits?state=all" : "/v1/circuits";
    const char *path = api_filtered(cli, all, FILTERS);
    CLI_TRY(api_list(cli, &speaker, path, "circuits", 100000, &circuits));
    return output_list(cli, circuits, COLUMNS, output_text);
}

static enum cli_exit close_one(struct cli *cli)
{
    const char *task = NULL, *reason = cli_option(cli, "reason");
    struct credential speaker;
    const struct writ_json *answer = NULL;
    CLI_TRY(cli_required(cli, "task", &task));
    CLI_TRY(speaker_find(cli, "admin", "", "", &speaker));
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    cli_must(writ_json_put_string(&cli->arena, body, "task", task));
    cli_must(writ_json_put_string(&cli->arena, body, "delegation", cli->arguments[0]));
    if (reason)
        cli_must(writ_json_put_string(&cli->arena, body, "reason", reason));
    CLI_TRY(api_call(cli, &speaker, "POST", "/v1/circuits/close", body, &answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    cli_note(cli, "%s and all below it may go on", output_text(cli, answer, "delegation"));
    return CLI_DONE;
}

static const struct cli_option LIST_OPTIONS[] = {
    {"task", "ID", "only of this task"},
    {"all", NULL, "closed ones too"},
    {NULL, NULL, NULL},
};

static const struct cli_option CLOSE_OPTIONS[] = {
    {"task", "ID", "the task of the delegation"},
    {"reason", "TEXT", "recorded beside it"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_CIRCUIT_COMMANDS[] = {
    {"circuit list", "", "List delegations that were refused too often", LIST_OPTIONS, 0, 0, list},
    {"circuit close", "DELEGATION", "Let one go on before its time", CLOSE_OPTIONS, 1, 1,
     close_one},
    {0},
};
