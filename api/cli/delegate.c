/*
 * Passing on. A managed parent: the service signs for its agent. A self-held one: the service
 * proposes bytes, we check them (writ_derive_check) and sign them ourselves.
 */
#include <string.h>

#include "base/base64url.h"
#include "grant.h"
#include "holder.h"
#include "jose/jwk.h"
#include "output.h"
#include "speaker.h"

struct child {
    struct held held;
    const struct held *parent;
    struct credential speaker;
    const struct writ_authority *wanted;
    struct writ_json *body;
};

static enum cli_exit admit_managed(struct cli *cli, struct child *child,
                                   const struct writ_json **ret_answer)
{
    writ_json_put_string(&cli->arena, child->body, "parent", child->parent->delegation);
    cli_must(writ_json_put_string(&cli->arena, child->body, "handle", child->parent->handle));
    return api_call(cli, &child->speaker, "POST", "/v1/delegations", child->body, ret_answer);
}

/* The key that the proposed bytes name as the child's holder. */
static enum cli_exit proposed_holder(struct cli *cli, struct writ_slice input,
                                     struct writ_key *ret_key)
{
    const char *text = cli_must(writ_arena_text(&cli->arena, input));
    const char *dot = strchr(text, '.');
    struct writ_slice payload;
    const struct writ_json *claims = NULL;
    if (!dot ||
        !writ_is_ok(writ_base64url_decode(&cli->arena, writ_slice_text(dot + 1), &payload)) ||
        !writ_is_ok(writ_json_parse(&cli->arena, payload, &claims)) ||
        !writ_is_ok(writ_jwk_read(writ_json_get(writ_json_get(claims, "cnf"), "jwk"), ret_key)))
        return cli_fail(cli, "the service proposed bytes that are no token");
    return CLI_DONE;
}

static enum cli_exit check_proposal(struct cli *cli, const struct child *child,
                                    struct writ_slice input)
{
    struct writ_denial denial = {.outcome = WRIT_OK};
    struct writ_key holder = child->held.key.public;
    if (!child->held.has_key)
        CLI_TRY(proposed_holder(cli, input, &holder));
    const struct writ_result checked = writ_derive_check(
        &cli->arena, WRIT_PROFILE_AAT_02_WRIT, child->parent->token, input, &holder,
        writ_slice_text(child->held.agent), writ_authority_json(&cli->arena, child->wanted),
        &denial);
    if (!writ_is_ok(checked))
        return cli_fail(
            cli, "not signed: the service proposed something else than was asked: %s %s",
            writ_status_code(checked.status), output_safe(cli, writ_slice_text(denial.detail)));
    return CLI_DONE;
}

static enum cli_exit admit_self(struct cli *cli, struct child *child,
                                const struct writ_json **ret_answer)
{
    const struct writ_json *proposal = NULL;
    const char *token = NULL;
    const bool narrow = writ_json_remove(child->body, "narrow");
    cli_must(writ_json_put_string(&cli->arena, child->body, "parent", child->parent->delegation));
    CLI_TRY(
        api_call(cli, &child->speaker, "POST", "/v1/delegations/prepare", child->body, &proposal));
    const struct writ_json *cut = writ_json_get(proposal, "cut");
    grant_note_cut(cli, cut);
    if (!narrow && writ_json_is(cut, WRIT_JSON_ARRAY) && cut->count > 0) {
        fprintf(stderr, "refused not_narrower: the parent has less; --narrow takes what it has\n");
        return CLI_DENIED;
    }
    const struct writ_slice input = writ_json_text(writ_json_get(proposal, "input"));
    CLI_TRY(check_proposal(cli, child, input));
    CLI_TRY(holder_sign(cli, &child->parent->key, input, &token));
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put_string(&cli->arena, body, "task", child->parent->task);
    cli_must(writ_json_put_string(&cli->arena, body, "token", token));
    return api_call(cli, &child->speaker, "POST", "/v1/delegations", body, ret_answer);
}

static enum cli_exit fill(struct cli *cli, struct child *child)
{
    const char *audience = cli_option(cli, "audience");
    child->body = cli_must(writ_json_new_object(&cli->arena));
    CLI_TRY(cli_required(cli, "to", &child->held.agent));
    CLI_TRY(grant_put(cli, child->body, &child->wanted));
    CLI_TRY(speaker_find(cli, "orchestrator agent", child->parent->agent, "", &child->speaker));
    child->held.task = child->parent->task;
    child->held.opened_by = child->parent->opened_by;
    child->held.audience = audience ? audience : child->parent->audience;
    writ_json_put_string(&cli->arena, child->body, "task", child->parent->task);
    cli_must(writ_json_put_string(&cli->arena, child->body, "agent", child->held.agent));
    if (audience)
        cli_must(writ_json_put_string(&cli->arena, child->body, "audience", audience));
    if (cli_option(cli, "self")) {
        CLI_TRY(holder_enrol(cli, child->held.agent, &child->held.key));
        child->held.has_key = true;
        cli_must(
            writ_json_put_string(&cli->arena, child->body, "holder", child->held.key.thumbprint));
    }
    return CLI_DONE;
}

static enum cli_exit keep(struct cli *cli, struct child *child, const struct writ_json *answer)
{
    const struct writ_json *handle = writ_json_get(answer, "handle");
    const struct writ_slice id = writ_json_text(
        writ_json_get(writ_json_get(answer, "delegation"), "id"));
    child->held.delegation = cli_must(writ_arena_text(&cli->arena, id));
    child->held.token = writ_json_text(writ_json_get(answer, "token"));
    child->held.chain = state_chain(cli, child->parent, child->held.token);
    child->held.handle = handle ? cli_must(writ_arena_text(&cli->arena, writ_json_text(handle)))
                                : NULL;
    return state_save(cli, &child->held);
}

static enum cli_exit delegate(struct cli *cli)
{
    struct held parent;
    struct child child = {.parent = &parent};
    const struct writ_json *answer = NULL;
    CLI_TRY(state_load(cli, cli->arguments[0], &parent));
    CLI_TRY(fill(cli, &child));
    if (parent.has_key)
        CLI_TRY(admit_self(cli, &child, &answer));
    else
        CLI_TRY(admit_managed(cli, &child, &answer));
    CLI_TRY(keep(cli, &child, answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    const struct writ_json *node = writ_json_get(answer, "delegation");
    grant_note_cut(cli, writ_json_get(answer, "cut"));
    puts(child.held.delegation);
    cli_note(cli, "%s holds %s   until %s", output_text(cli, node, "agent"),
             output_text(cli, node, "notation"), output_text(cli, node, "expires_at"));
    return CLI_DONE;
}

static const struct cli_option DELEGATE_OPTIONS[] = {
    {"to", "AGENT", "who gets it"},
    GRANT_OPTIONS,
    {NULL, NULL, NULL},
};

const struct cli_command CLI_DELEGATE_COMMANDS[] = {
    {"delegate", "PARENT", "Pass on a part of a delegation held here; prints the child's id",
     DELEGATE_OPTIONS, 1, 1, delegate},
    {0},
};
