/* The end of a delegation, and its heartbeat. Who may: its holder, one above it, opener, admin. */
#include <string.h>

#include "holder.h"
#include "output.h"
#include "speaker.h"

static const char AGENT_ROLES[] = "agent orchestrator";

struct act {
    const char *name; /* "renew", "complete", "revoke" */
    const char *delegation;
    const char *task; /* NULL: not known here */
    struct credential speaker;
    struct writ_json *body;
};

/* Speaks as the agent of `signer`, with what only its holder has. */
static enum cli_exit as_holder(struct cli *cli, const struct held *signer, struct act *act)
{
    const char *request = NULL;
    CLI_TRY(speaker_find(cli, AGENT_ROLES, signer->agent, "", &act->speaker));
    cli_must(writ_json_put_string(&cli->arena, act->body, "as", signer->delegation));
    if (signer->handle) {
        cli_must(writ_json_put_string(&cli->arena, act->body, "handle", signer->handle));
        return CLI_DONE;
    }
    CLI_TRY(holder_request(cli, signer, act->name, act->delegation, &request));
    cli_must(writ_json_put_string(&cli->arena, act->body, "request", request));
    return CLI_DONE;
}

/* --by ANCESTOR; else the holder itself where it is held here; else the opener or an admin. */
static enum cli_exit prepare(struct cli *cli, struct act *act)
{
    struct held target, ancestor;
    const char *by = cli_option(cli, "by"), *reason = cli_option(cli, "reason");
    const bool is_held = state_find(cli, cli->arguments[0], &target);
    if (!is_held && !api_is_id(cli->arguments[0]))
        return state_load(cli, cli->arguments[0], &target);
    act->delegation = is_held ? target.delegation : cli->arguments[0];
    act->task = is_held ? target.task : cli_option(cli, "task");
    if (reason)
        cli_must(writ_json_put_string(&cli->arena, act->body, "reason", reason));
    if (by) {
        CLI_TRY(state_load(cli, by, &ancestor));
        act->task = ancestor.task;
        return as_holder(cli, &ancestor, act);
    }
    if (is_held && !cli->as && speaker_has(cli, AGENT_ROLES, target.agent))
        return as_holder(cli, &target, act);
    return speaker_find(cli, "issuer admin", "", "", &act->speaker);
}

static enum cli_exit perform(struct cli *cli, const char *name, const struct writ_json **ret_answer)
{
    struct act act = {.name = name, .body = cli_must(writ_json_new_object(&cli->arena))};
    CLI_TRY(prepare(cli, &act));
    const char *path = cli_must(writ_arena_printf(&cli->arena, "/v1/delegations/%s/%s%s%s",
                                                  act.delegation, name, act.task ? "?task=" : "",
                                                  act.task ? api_encode(cli, act.task) : ""));
    return api_call(cli, &act.speaker, "POST", path, act.body, ret_answer);
}

static enum cli_exit end(struct cli *cli, const char *name)
{
    const struct writ_json *answer = NULL;
    CLI_TRY(perform(cli, name, &answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    const struct writ_json *node = writ_json_get(answer, "delegation");
    int64_t feed = 0;
    writ_json_integer(writ_json_get(answer, "feed"), &feed);
    printf("%s  %s\n", output_text(cli, node, "state"), output_text(cli, node, "id"));
    cli_note(cli, "%s and all below it; number %lld in the feed", output_text(cli, node, "agent"),
             (long long)feed);
    return CLI_DONE;
}

static enum cli_exit revoke(struct cli *cli)
{
    return end(cli, "revoke");
}

static enum cli_exit complete(struct cli *cli)
{
    return end(cli, "complete");
}

static enum cli_exit renew(struct cli *cli)
{
    const struct writ_json *answer = NULL;
    CLI_TRY(perform(cli, "renew", &answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    printf("renewed  until %s\n", output_text(cli, answer, "lease_expires_at"));
    return CLI_DONE;
}

static const struct cli_option REVOKE_OPTIONS[] = {
    {"by", "ANCESTOR", "act as the holder of this delegation above it"},
    {"task", "ID", "its task, where it is not held here"},
    {"reason", "TEXT", "for the record"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_REVOKE_COMMANDS[] = {
    {"renew", "DELEGATION", "Heartbeat: renew the lease", NULL, 1, 1, renew},
    {"complete", "DELEGATION", "End a delegation whose work is done, and all below it",
     REVOKE_OPTIONS, 1, 1, complete},
    {"revoke", "DELEGATION", "Kill a delegation and all below it", REVOKE_OPTIONS, 1, 1, revoke},
    {0},
};
