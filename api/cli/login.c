/* Contexts: login, list, use, show; and the trust anchors of the chosen service. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api.h"
#include "files.h"
#include "output.h"
#include "speaker.h"

/* var/admin.json and the like: {"client_id" or "id" or "client", "secret", "url"?}. */
static enum cli_exit read_credentials(struct cli *cli, const char *path,
                                      struct credential *credential, const char **url)
{
    static const char *const ID_NAMES[] = {"id", "client_id", "client"};
    const struct writ_json *file = NULL;
    struct writ_slice id = WRIT_SLICE_NONE;
    CLI_TRY(files_read_json(cli, path, &file));
    for (size_t i = 0; i < 3 && id.size == 0; i++)
        id = writ_json_text(writ_json_get(file, ID_NAMES[i]));
    struct writ_slice secret = writ_json_text(writ_json_get(file, "secret"));
    if (secret.size == 0)
        secret = writ_json_text(writ_json_get(file, "client_secret"));
    if (id.size == 0 || secret.size == 0)
        return cli_fail(cli, "%s needs `id` and `secret`", path);
    credential->id = cli_must(writ_arena_text(&cli->arena, id));
    credential->secret = cli_must(writ_arena_text(&cli->arena, secret));
    const struct writ_slice where = writ_json_text(writ_json_get(file, "url"));
    if (!*url && where.size > 0)
        *url = cli_must(writ_arena_text(&cli->arena, where));
    return CLI_DONE;
}

static enum cli_exit read_login(struct cli *cli, struct credential *credential, const char **url)
{
    const char *file = cli_option(cli, "credentials"), *secret = cli_option(cli, "secret-file");
    struct writ_slice text;
    *url = cli_option(cli, "url");
    *credential = (struct credential){.agent = "", .audience = ""};
    if (file) {
        CLI_TRY(read_credentials(cli, file, credential, url));
    } else {
        CLI_TRY(cli_required(cli, "client", &credential->id));
        if (!secret && isatty(STDIN_FILENO))
            fputs("secret: ", stderr);
        CLI_TRY(files_read_text(
            cli, cli_must(writ_arena_printf(&cli->arena, "@%s", secret ? secret : "-")), &text));
        credential->secret = cli_must(writ_arena_text(&cli->arena, text));
    }
    if (!*url)
        return cli_required(cli, "url", url);
    return CLI_DONE;
}

static enum cli_exit login(struct cli *cli)
{
    const char *url = NULL;
    const char *name = cli->context ? cli->context : "default";
    const char *ca = cli_option(cli, "ca");
    struct credential credential;
    struct context *context = NULL;
    CLI_TRY(read_login(cli, &credential, &url));
    CLI_TRY(context_open(cli, &context));
    context_choose(cli, context, name, url);
    if (ca) {
        context->ca = ca;
        cli_must(writ_json_put_string(&cli->arena, context->entry, "ca", ca));
    }
    CLI_TRY(speaker_learn(cli, &credential));
    context_put_client(cli, context, &credential);
    CLI_TRY(context_save(cli, context));
    cli_note(cli, "%s is %s%s%s in context %s (%s)", credential.id,
             output_safe(cli, writ_slice_text(credential.role)),
             *credential.agent ? " of agent " : "",
             output_safe(cli, writ_slice_text(credential.agent)), name, context->url);
    return CLI_DONE;
}

static void list_one(struct table *table, struct writ_json *names, struct writ_slice name,
                     const struct writ_json *entry, bool current)
{
    struct cli *cli = table->cli;
    const struct writ_json *clients = writ_json_get(entry, "clients");
    const char *count = cli_must(
        writ_arena_printf(&cli->arena, "%zu", clients ? clients->count : (size_t)0));
    table_row(table, current ? "*" : "", output_safe(cli, name), output_text(cli, entry, "url"),
              count);
    cli_must(writ_json_add_text(&cli->arena, names, name));
}

static enum cli_exit context_list(struct cli *cli)
{
    static const char *const TITLES[] = {"", "context", "url", "clients", NULL};
    struct context *context = NULL;
    struct table table;
    CLI_TRY(context_open(cli, &context));
    const struct writ_json *contexts = writ_json_get(context->file, "contexts");
    const struct writ_slice current = writ_json_text(writ_json_get(context->file, "current"));
    struct writ_json *names = cli_must(writ_json_new_array(&cli->arena));
    table_begin(&table, cli, TITLES);
    for (size_t i = 0; contexts && i < contexts->count; i++)
        list_one(&table, names, contexts->names[i], &contexts->items[i],
                 writ_slice_equal(contexts->names[i], current));
    if (!contexts && writ_json_get(context->file, "url"))
        list_one(&table, names, WRIT_SLICE_LITERAL("default"), context->file, true);
    if (cli->format == CLI_JSON)
        return output_json(cli, names);
    table_print(&table);
    return CLI_DONE;
}

static enum cli_exit context_use(struct cli *cli)
{
    struct context *context = NULL;
    cli->context = cli->arguments[0];
    CLI_TRY(context_chosen(cli, &context));
    CLI_TRY(context_save(cli, context));
    cli_note(cli, "context %s (%s)", context->name, context->url);
    return CLI_DONE;
}

/* Never the secrets. */
static enum cli_exit context_show(struct cli *cli)
{
    static const char *const TITLES[] = {"client", "role", "agent", "audience", NULL};
    struct context *context = NULL;
    struct table table;
    CLI_TRY(context_chosen(cli, &context));
    struct writ_json *answer = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put_string(&cli->arena, answer, "context", context->name);
    writ_json_put_string(&cli->arena, answer, "url", context->url);
    struct writ_json *clients = cli_must(writ_json_put_array(&cli->arena, answer, "clients"));
    table_begin(&table, cli, TITLES);
    for (size_t i = 0; i < context_client_count(context); i++) {
        const struct credential client = context_client(cli, context, i);
        struct writ_json *entry = cli_must(writ_json_add_object(&cli->arena, clients));
        writ_json_put_string(&cli->arena, entry, "id", client.id);
        writ_json_put_string(&cli->arena, entry, "role", client.role);
        writ_json_put_string(&cli->arena, entry, "agent", client.agent);
        cli_must(writ_json_put_string(&cli->arena, entry, "audience", client.audience));
        table_row(&table, client.id, client.role, client.agent, client.audience);
    }
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    cli_note(cli, "context %s   %s   state in %s", context->name, context->url,
             context_state_directory(cli));
    table_print(&table);
    return CLI_DONE;
}

static enum cli_exit anchors(struct cli *cli)
{
    const struct writ_json *metadata = NULL, *keys = NULL;
    CLI_TRY(api_call(cli, NULL, "GET", "/.well-known/oauth-authorization-server", NULL, &metadata));
    CLI_TRY(api_call(cli, NULL, "GET", "/.well-known/jwks.json", NULL, &keys));
    const struct writ_json *list = writ_json_get(keys, "keys");
    const struct writ_json *issuer = writ_json_get(metadata, "issuer");
    struct writ_json *answer = cli_must(writ_json_new_array(&cli->arena));
    if (!writ_json_is(list, WRIT_JSON_ARRAY) || !writ_json_is(issuer, WRIT_JSON_STRING))
        return cli_fail(cli, "the service does not say its issuer and keys");
    for (size_t i = 0; i < list->count; i++) {
        struct writ_json *anchor = cli_must(writ_json_add_object(&cli->arena, answer));
        writ_json_put(&cli->arena, anchor, "iss", issuer);
        cli_must(writ_json_put(&cli->arena, anchor, "jwk", &list->items[i]));
    }
    return output_json(cli, answer);
}

static const struct cli_option LOGIN_OPTIONS[] = {
    {"url", "URL", "the service, e.g. http://127.0.0.1:8420"},
    {"client", "ID", "the API client"},
    {"secret-file", "FILE", "its secret; stdin by default"},
    {"credentials", "FILE", "instead: a JSON file with id and secret, such as var/admin.json"},
    {"ca", "FILE", "trust the certificates of this PEM file"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_LOGIN_COMMANDS[] = {
    {"login", "", "Check an API client's secret and keep it in a context (--context NAME)",
     LOGIN_OPTIONS, 0, 0, login},
    {"context list", "", "List the contexts", NULL, 0, 0, context_list},
    {"context use", "NAME", "Make a context the current one", NULL, 1, 1, context_use},
    {"context show", "", "Show the current context and its clients, without secrets", NULL, 0, 0,
     context_show},
    {"anchors", "", "Print the service's trust anchors, for `writ verify --anchors`", NULL, 0, 0,
     anchors},
    {0},
};
