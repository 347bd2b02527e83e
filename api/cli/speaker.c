#include "speaker.h"

#include <string.h>

#include "api.h"

static const char *text_of(struct cli *cli, const struct writ_json *object, const char *name)
{
    const struct writ_slice text = writ_json_text(writ_json_get(object, name));
    return cli_must(writ_arena_text(&cli->arena, text));
}

enum cli_exit speaker_learn(struct cli *cli, struct credential *credential)
{
    const struct writ_json *self = NULL;
    CLI_TRY(api_call(cli, credential, "GET", "/v1/clients/self", NULL, &self));
    credential->role = text_of(cli, self, "role");
    credential->agent = text_of(cli, self, "agent");
    credential->audience = text_of(cli, self, "audience");
    return CLI_DONE;
}

/* All clients of the context, with their roles; NULL id ends the list. */
static enum cli_exit load(struct cli *cli, struct credential **ret_clients)
{
    struct context *context = NULL;
    if (cli->speakers) {
        *ret_clients = cli->speakers;
        return CLI_DONE;
    }
    CLI_TRY(context_chosen(cli, &context));
    const size_t count = context_client_count(context);
    struct credential *clients = cli_must(
        writ_arena_array(&cli->arena, count + 1, sizeof *clients));
    for (size_t i = 0; i < count; i++) {
        clients[i] = context_client(cli, context, i);
        if (!*clients[i].role)
            CLI_TRY(speaker_learn(cli, &clients[i]));
    }
    *ret_clients = cli->speakers = clients;
    return CLI_DONE;
}

static bool fits(const struct credential *client, struct writ_slice role, const char *agent,
                 const char *audience)
{
    return (writ_slice_is(role, "*") || writ_slice_is(role, client->role)) &&
           (!*agent || strcmp(agent, client->agent) == 0) &&
           (!*audience || strcmp(audience, client->audience) == 0);
}

static const struct credential *find(const struct credential *clients, const char *roles,
                                     const char *agent, const char *audience)
{
    for (const char *at = roles; *at;) {
        const size_t size = strcspn(at, " ");
        for (const struct credential *client = clients; client->id; client++)
            if (fits(client, writ_slice_of(at, size), agent, audience))
                return client;
        at += size + strspn(at + size, " ");
    }
    return NULL;
}

static enum cli_exit find_named(struct cli *cli, struct credential *ret_credential)
{
    struct context *context = NULL;
    CLI_TRY(context_chosen(cli, &context));
    for (size_t i = 0; i < context_client_count(context); i++) {
        const struct credential client = context_client(cli, context, i);
        if (strcmp(client.id, cli->as) == 0) {
            *ret_credential = client;
            return CLI_DONE;
        }
    }
    return cli_fail(cli, "context %s has no client %s; see `writ context show`", context->name,
                    cli->as);
}

enum cli_exit speaker_find(struct cli *cli, const char *roles, const char *agent,
                           const char *audience, struct credential *ret_credential)
{
    struct credential *clients = NULL;
    if (cli->as)
        return find_named(cli, ret_credential);
    CLI_TRY(load(cli, &clients));
    const struct credential *found = find(clients, roles, agent, audience);
    if (!found)
        return cli_fail(cli,
                        "this needs a client with role %s%s%s%s%s, and the context has none; "
                        "`writ login` adds one",
                        roles, *agent ? " of agent " : "", agent, *audience ? " at " : "",
                        audience);
    *ret_credential = *found;
    return CLI_DONE;
}

bool speaker_has(struct cli *cli, const char *roles, const char *agent)
{
    struct credential *clients = NULL;
    return load(cli, &clients) == CLI_DONE && find(clients, roles, agent, "") != NULL;
}

/* The ceiling of an issuer that may act for just one principal names it. */
static const char *only_principal(struct cli *cli, const struct credential *issuer)
{
    struct api_answer answer;
    if (api_ask(cli, issuer, "GET", "/v1/clients/self", NULL, &answer) != CLI_DONE)
        return NULL;
    const struct writ_json *principals = writ_json_get(writ_json_get(answer.json, "ceiling"),
                                                       "principals");
    if (!writ_json_is_texts(principals) || principals->count != 1 ||
        writ_slice_is(principals->items[0].text, "*"))
        return NULL;
    return cli_must(writ_arena_text(&cli->arena, principals->items[0].text));
}

static const char *suggest(struct cli *cli, const struct credential *clients, const char *name)
{
    const struct credential *client = NULL;
    if (strcmp(name, "agent") == 0 && (client = find(clients, "orchestrator", "", "")))
        return client->agent;
    if (strcmp(name, "audience") == 0 && (client = find(clients, "enforcer", "", "")))
        return client->audience;
    if (strcmp(name, "principal") == 0 && (client = find(clients, "issuer", "", "")))
        return only_principal(cli, client);
    return NULL;
}

enum cli_exit speaker_default(struct cli *cli, const char *name, const char **ret_value)
{
    struct context *context = NULL;
    struct credential *clients = NULL;
    const char *value = cli_option(cli, name);
    CLI_TRY(context_chosen(cli, &context));
    if (!value)
        value = context_default(cli, context, name);
    if (!value) {
        CLI_TRY(load(cli, &clients));
        value = suggest(cli, clients, name);
    }
    if (!value || !*value)
        return cli_required(cli, name, ret_value);
    *ret_value = value;
    return CLI_DONE;
}
