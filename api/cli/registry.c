/* agent, client, tool and approver: list, show, put, delete. */
#include <string.h>

#include "base/crypto.h"
#include "files.h"
#include "jose/jwk.h"
#include "key.h"
#include "output.h"
#include "resource.h"
#include "speaker.h"

/* Of the command's own name: "tool put" is about tools. */
static const struct resource *mine(const struct cli *cli)
{
    for (int kind = 0; kind < RESOURCE_KINDS; kind++) {
        const struct resource *resource = resource_of((enum resource_kind)kind);
        if (strncmp(cli->command->name, resource->noun, strlen(resource->noun)) == 0)
            return resource;
    }
    return resource_of(RESOURCE_AGENT);
}

/* A tool is named by its audience too. */
static enum cli_exit own_path(struct cli *cli, const struct resource *resource,
                              const char **ret_path)
{
    const char *audience = NULL;
    if (resource == resource_of(RESOURCE_TOOL))
        CLI_TRY(speaker_default(cli, "audience", &audience));
    *ret_path = resource_path(cli, resource, cli->arguments[0], audience);
    return CLI_DONE;
}

static const char *cell(struct cli *cli, const struct writ_json *object, const char *name)
{
    const struct writ_json *value = writ_json_get(object, name);
    if (value && value->type != WRIT_JSON_STRING && value->type != WRIT_JSON_NULL)
        return output_safe(cli, writ_json_verbatim(&cli->arena, value));
    return output_text(cli, object, name);
}

static enum cli_exit list(struct cli *cli)
{
    static const char *const FILTERS[] = {"audience", NULL};
    const struct resource *resource = mine(cli);
    struct credential speaker;
    const struct writ_json *entries = NULL;
    CLI_TRY(speaker_find(cli, resource->readers, "", "", &speaker));
    const char *path = cli_must(writ_arena_printf(&cli->arena, "/v1/%s", resource->list));
    path = api_filtered(cli, path, FILTERS);
    CLI_TRY(api_list(cli, &speaker, path, resource->list, 100000, &entries));
    return output_list(cli, entries, resource->columns, cell);
}

/* Members one a line, values as JSON unless they are texts. */
static enum cli_exit print_one(struct cli *cli, const struct writ_json *entry)
{
    if (cli->format == CLI_JSON)
        return output_json(cli, entry);
    for (size_t i = 0; i < entry->count; i++) {
        const struct writ_json *value = &entry->items[i];
        const struct writ_slice text = value->type == WRIT_JSON_STRING
                                           ? value->text
                                           : writ_json_verbatim(&cli->arena, value);
        if (value->type != WRIT_JSON_NULL && !writ_slice_is(entry->names[i], "secret"))
            printf("%-16s %s\n", output_safe(cli, entry->names[i]), output_safe(cli, text));
    }
    return CLI_DONE;
}

static enum cli_exit show(struct cli *cli)
{
    const struct resource *resource = mine(cli);
    struct credential speaker;
    const char *path = NULL;
    const struct writ_json *entry = NULL;
    CLI_TRY(own_path(cli, resource, &path));
    CLI_TRY(speaker_find(cli, resource->readers, "", "", &speaker));
    CLI_TRY(api_call(cli, &speaker, "GET", path, NULL, &entry));
    return print_one(cli, entry);
}

/* An option whose text is JSON ({...}, [...], @FILE or a count) is sent as such, any other as a
 * text. */
static enum cli_exit put_member(struct cli *cli, struct writ_json *body, const char *member)
{
    char option[32];
    const struct writ_json *json = NULL;
    struct writ_slice text;
    snprintf(option, sizeof option, "%s", member);
    for (char *at = option; *at; at++)
        *at = *at == '_' ? '-' : *at;
    const char *value = cli_option(cli, option);
    if (!value)
        return CLI_DONE;
    if (*value == '\0') {
        cli_must(writ_json_put_boolean(&cli->arena, body, member, true));
        return CLI_DONE;
    }
    if (strcmp(member, "sends") == 0) {
        cli_must(writ_json_put_boolean(&cli->arena, body, member, strcmp(value, "no") != 0));
        return CLI_DONE;
    }
    CLI_TRY(files_read_text(cli, value, &text));
    const bool is_count = strcmp(member, "approval") == 0;
    if (is_count || (text.size > 0 && (text.data[0] == '{' || text.data[0] == '['))) {
        CLI_TRY(files_parse(cli, text, option, &json));
        cli_must(writ_json_put(&cli->arena, body, member, json));
        return CLI_DONE;
    }
    cli_must(writ_json_put_text(&cli->arena, body, member, text));
    return CLI_DONE;
}

/* Of a private key, which `writ keygen` makes, only the public half leaves this machine. */
static enum cli_exit make_public(struct cli *cli, struct writ_json *body)
{
    const struct writ_json *jwk = writ_json_get(body, "jwk");
    struct local_key key;
    if (!writ_json_get(jwk, "d"))
        return CLI_DONE;
    CLI_TRY(key_read(cli, jwk, &key));
    writ_wipe(key.seed, sizeof key.seed);
    cli_must(writ_json_put(&cli->arena, body, "jwk", writ_jwk_json(&cli->arena, &key.public)));
    return CLI_DONE;
}

static enum cli_exit put(struct cli *cli)
{
    const struct resource *resource = mine(cli);
    struct credential speaker;
    const char *path = NULL;
    const struct writ_json *entry = NULL;
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    for (size_t i = 0; resource->spec[i]; i++)
        CLI_TRY(put_member(cli, body, resource->spec[i]));
    CLI_TRY(make_public(cli, body));
    CLI_TRY(put_member(cli, body, "loosen"));
    CLI_TRY(own_path(cli, resource, &path));
    CLI_TRY(speaker_find(cli, "admin", "", "", &speaker));
    CLI_TRY(api_call(cli, &speaker, "PUT", path, body, &entry));
    CLI_TRY(resource_keep_secret(cli, entry));
    return print_one(cli, entry);
}

static enum cli_exit retire(struct cli *cli)
{
    const struct resource *resource = mine(cli);
    struct credential speaker;
    const char *path = NULL;
    const struct writ_json *entry = NULL;
    CLI_TRY(own_path(cli, resource, &path));
    CLI_TRY(speaker_find(cli, "admin", "", "", &speaker));
    CLI_TRY(api_call(cli, &speaker, "DELETE", path, NULL, &entry));
    return print_one(cli, entry);
}

static const struct cli_option AGENT_OPTIONS[] = {
    {"role", "NAME", "orchestrator, planner, retriever, executor or your own"},
    {"owner", "NAME", "who answers for it"},
    {"identities", "JSON", "list of workload identities"},
    {NULL, NULL, NULL},
};

static const struct cli_option CLIENT_OPTIONS[] = {
    {"role", "ROLE", "admin, issuer, orchestrator, agent, enforcer, auditor or approver"},
    {"agent", "NAME", "orchestrator and agent: whose client it is"},
    {"audience", "URI", "enforcer: where it stands"},
    {"ceiling", "JSON|@FILE", "issuer: what it may issue at most"},
    {"rotate", NULL, "make a new secret"},
    {NULL, NULL, NULL},
};

static const struct cli_option TOOL_OPTIONS[] = {
    {"audience", "URI", "where it is served"},
    {"effect", "EFFECT", "read, write or irreversible"},
    {"approval", "COUNT", "people who approve each call; irreversible tools need 1 by default"},
    {"argument-schema", "JSON|@FILE", "JSON Schema of its arguments"},
    {"schema-sha256", "DIGEST", "of its server's schema, where arguments are not checked by it"},
    {"sensitivity", "JSON", "label of what it returns"},
    {"sends", "yes|no", "whether data leaves by it; irreversible tools do by default"},
    {"destination", "NAME", "the argument that says where to"},
    {"release", "LEVEL|JSON", "the highest label that may be sent anywhere"},
    {"release-pinned", "LEVEL|JSON", "the highest that may be sent to a pinned destination"},
    {"record", "HOW", "durable or buffered"},
    {"loosen", NULL, "the change may loosen it, or ask for less than its effect does"},
    {NULL, NULL, NULL},
};

static const struct cli_option APPROVER_OPTIONS[] = {
    {"groups", "JSON", "list of the groups that rules may name"},
    {"jwk", "JSON|@FILE", "the key; of a private one only the public half is sent"},
    {NULL, NULL, NULL},
};

static const struct cli_option AUDIENCE_OPTION[] = {
    {"audience", "URI", "where the tool is served"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_REGISTRY_COMMANDS[] = {
    {"agent list", "", "List agents", NULL, 0, 0, list},
    {"agent show", "NAME", "Show an agent", NULL, 1, 1, show},
    {"agent put", "NAME", "Register or change an agent", AGENT_OPTIONS, 1, 1, put},
    {"agent delete", "NAME", "Retire an agent", NULL, 1, 1, retire},
    {"client list", "", "List API clients", NULL, 0, 0, list},
    {"client show", "ID", "Show an API client", NULL, 1, 1, show},
    {"client put", "ID", "Register or change an API client; keeps a new secret", CLIENT_OPTIONS, 1,
     1, put},
    {"client delete", "ID", "Disable an API client", NULL, 1, 1, retire},
    {"tool list", "", "List tools", AUDIENCE_OPTION, 0, 0, list},
    {"tool show", "NAME", "Show a tool", AUDIENCE_OPTION, 1, 1, show},
    {"tool put", "NAME", "Register or change a tool", TOOL_OPTIONS, 1, 1, put},
    {"tool delete", "NAME", "Retire a tool", AUDIENCE_OPTION, 1, 1, retire},
    {"approver list", "", "List people who may approve", NULL, 0, 0, list},
    {"approver show", "NAME", "Show an approver", NULL, 1, 1, show},
    {"approver put", "NAME", "Enrol or change an approver", APPROVER_OPTIONS, 1, 1, put},
    {"approver delete", "NAME", "Retire an approver", NULL, 1, 1, retire},
    {0},
};
