/* Uses: prove makes a presentation, validate asks the service to judge one. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "call.h"
#include "files.h"
#include "holder.h"
#include "output.h"
#include "speaker.h"

struct use {
    const char *tool;
    const struct writ_json *arguments;
    const char *audience; /* "" where none is named */
};

static enum cli_exit prove_managed(struct cli *cli, const struct held *held, const struct use *use,
                                   const struct writ_json **ret_presentation)
{
    struct credential speaker;
    const char *nonce = cli_option(cli, "nonce");
    const struct writ_json *answer = NULL;
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    CLI_TRY(speaker_find(cli, "agent orchestrator", held->agent, "", &speaker));
    writ_json_put_string(&cli->arena, body, "task", held->task);
    writ_json_put_string(&cli->arena, body, "delegation", held->delegation);
    writ_json_put_string(&cli->arena, body, "handle", held->handle);
    writ_json_put_string(&cli->arena, body, "tool", use->tool);
    if (*use->audience)
        writ_json_put_string(&cli->arena, body, "audience", use->audience);
    if (nonce)
        writ_json_put_string(&cli->arena, body, "nonce", nonce);
    cli_must(writ_json_put(&cli->arena, body, "arguments", use->arguments));
    CLI_TRY(api_call(cli, &speaker, "POST", "/v1/proofs", body, &answer));
    *ret_presentation = writ_json_get(answer, "presentation");
    return *ret_presentation ? CLI_DONE : cli_fail(cli, "the service gave no presentation");
}

/* The hash by which the ledger knows a token: that of its signing input. */
static const char *leaf_hash(struct cli *cli, struct writ_slice token)
{
    uint8_t hash[32];
    char *text = cli_must(writ_arena_alloc(&cli->arena, 44));
    size_t size = token.size;
    while (size > 0 && token.data[size - 1] != '.')
        size--;
    writ_sha256(writ_slice_of(token.data, size > 0 ? size - 1 : 0), hash);
    writ_base64url_hash(hash, text);
    return text;
}

static enum cli_exit prove_self(struct cli *cli, const struct held *held, const struct use *use,
                                const struct writ_json **ret_presentation)
{
    const char *proof = NULL;
    struct writ_json *presentation = cli_must(writ_json_new_object(&cli->arena));
    const struct writ_slice args = writ_json_verbatim(&cli->arena, use->arguments);
    CLI_TRY(
        holder_prove(cli, held, use->tool, args, use->audience, cli_option(cli, "nonce"), &proof));
    writ_json_put_string(&cli->arena, presentation, "txn", held->task);
    writ_json_put_string(&cli->arena, presentation, "aat_leaf", leaf_hash(cli, held->token));
    cli_must(writ_json_put_string(&cli->arena, presentation, "aat_pop", proof));
    *ret_presentation = presentation;
    return CLI_DONE;
}

/* With the chain itself, for whoever has no ledger to look it up in. */
static enum cli_exit by_value(struct cli *cli, const struct held *held,
                              const struct writ_json **presentation)
{
    struct writ_json *value = cli_must(writ_json_new_object(&cli->arena));
    if (!held->chain)
        return cli_fail(cli, "the chain of %s is not known here", held->delegation);
    writ_json_put(&cli->arena, value, "aat_chain", held->chain);
    cli_must(writ_json_put(&cli->arena, value, "aat_pop", writ_json_get(*presentation, "aat_pop")));
    *presentation = value;
    return CLI_DONE;
}

static enum cli_exit make_presentation(struct cli *cli, const struct held *held,
                                       const struct use *use,
                                       const struct writ_json **ret_presentation)
{
    if (held->has_key)
        CLI_TRY(prove_self(cli, held, use, ret_presentation));
    else
        CLI_TRY(prove_managed(cli, held, use, ret_presentation));
    return cli_option(cli, "by-value") ? by_value(cli, held, ret_presentation) : CLI_DONE;
}

static enum cli_exit prove(struct cli *cli)
{
    struct held held;
    const char *audience = cli_option(cli, "audience");
    const struct writ_json *presentation = NULL;
    struct use use = {.tool = cli->arguments[1]};
    CLI_TRY(state_load(cli, cli->arguments[0], &held));
    CLI_TRY(call_arguments(cli, 2, &use.arguments));
    use.audience = audience ? audience : held.audience;
    CLI_TRY(make_presentation(cli, &held, &use, &presentation));
    return output_json(cli, presentation);
}

static enum cli_exit print_decision(struct cli *cli, const struct api_answer *answer)
{
    if (cli->format == CLI_JSON && answer->json) {
        CLI_TRY(output_json(cli, answer->json));
        return answer->status == 200 ? CLI_DONE : api_ending(answer);
    }
    if (answer->status != 200)
        return api_refused(cli, answer, "deny   ", stdout);
    if (!writ_slice_is(writ_json_text(writ_json_get(answer->json, "decision")), "permit"))
        return cli_fail(cli, "the service answered 200, but no permit");
    printf("%spermit%s  %s\n", ink_out(cli, INK_GREEN), ink_out(cli, INK_NONE),
           output_text(cli, answer->json, "id"));
    cli_note(cli, "%s for %s   start by %s", output_text(cli, answer->json, "agent"),
             output_text(cli, answer->json, "principal"),
             output_text(cli, answer->json, "start_by"));
    return CLI_DONE;
}

static enum cli_exit judge(struct cli *cli, const struct credential *enforcer,
                           const struct use *use, const struct writ_json *presentation)
{
    struct api_answer answer;
    const char *approval = cli_option(cli, "approval");
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put(&cli->arena, body, "presentation", presentation);
    writ_json_put_string(&cli->arena, body, "tool", use->tool);
    cli_must(writ_json_put(&cli->arena, body, "arguments", use->arguments));
    if (approval)
        cli_must(writ_json_put_string(&cli->arena, body, "approval_id", approval));
    CLI_TRY(api_ask(cli, enforcer, "POST", "/v1/validate", body, &answer));
    return print_decision(cli, &answer);
}

/* validate --presentation FILE TOOL ...: somebody else proved, we only ask. */
static enum cli_exit validate_given(struct cli *cli, const char *path)
{
    struct credential enforcer;
    const struct writ_json *presentation = NULL;
    const char *audience = cli_option(cli, "audience");
    struct use use = {.tool = cli->arguments[0], .audience = ""};
    CLI_TRY(files_read_json(cli, path, &presentation));
    CLI_TRY(call_arguments(cli, 1, &use.arguments));
    CLI_TRY(speaker_find(cli, "enforcer", "", audience ? audience : "", &enforcer));
    return judge(cli, &enforcer, &use, presentation);
}

static enum cli_exit validate(struct cli *cli)
{
    struct held held;
    struct credential enforcer;
    const char *path = cli_option(cli, "presentation"), *audience = cli_option(cli, "audience");
    const char *as = cli->as;
    const struct writ_json *presentation = NULL;
    if (path)
        return validate_given(cli, path);
    if (cli->argument_count < 2)
        return cli_fail(cli, "usage: writ validate DELEGATION TOOL [NAME=VALUE ...]");
    struct use use = {.tool = cli->arguments[1]};
    CLI_TRY(state_load(cli, cli->arguments[0], &held));
    CLI_TRY(call_arguments(cli, 2, &use.arguments));
    CLI_TRY(speaker_find(cli, "enforcer", "", audience ? audience : held.audience, &enforcer));
    use.audience = *enforcer.audience ? enforcer.audience : held.audience;
    cli->as = NULL; /* --as names the enforcement point; the agent proves as itself */
    CLI_TRY(make_presentation(cli, &held, &use, &presentation));
    cli->as = as;
    return judge(cli, &enforcer, &use, presentation);
}

static const struct cli_option PROVE_OPTIONS[] = {
    {"args", "JSON|@FILE", "the arguments, instead of NAME=VALUE"},
    {"audience", "URI", "the enforcement point; the delegation's audience by default"},
    {"nonce", "TEXT", "the nonce that it gave"},
    {"by-value", NULL, "with the whole chain, as `writ verify` needs it"},
    {NULL, NULL, NULL},
};

static const struct cli_option VALIDATE_OPTIONS[] = {
    {"args", "JSON|@FILE", "the arguments, instead of NAME=VALUE"},
    {"audience", "URI", "ask as the enforcement point of this audience"},
    {"presentation", "FILE", "judge this one, then there is no DELEGATION; - is stdin"},
    {"by-value", NULL, "present the whole chain"},
    {"approval", "ID", "spend this approval on it"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_USE_COMMANDS[] = {
    {"prove", "DELEGATION TOOL [NAME=VALUE ...]", "Make a presentation for one call of a tool",
     PROVE_OPTIONS, 2, CLI_ARGUMENTS_ANY, prove},
    {"validate", "DELEGATION TOOL [NAME=VALUE ...]",
     "Prove one call, and ask the service to judge it; exit code 3 is deny", VALIDATE_OPTIONS, 1,
     CLI_ARGUMENTS_ANY, validate},
    {0},
};
