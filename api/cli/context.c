#include "context.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "files.h"

static const char CONTEXT_SINGLE[] = "default";

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static const char *home(struct cli *cli, const char *variable, const char *below)
{
    const char *base = environment(variable);
    if (base)
        return cli_must(writ_arena_printf(&cli->arena, "%s/writ", base));
    const char *user = environment("HOME");
    return cli_must(writ_arena_printf(&cli->arena, "%s/%s/writ", user ? user : "/root", below));
}

static const char *file_path(struct cli *cli)
{
    const char *path = environment("WRIT_CONFIG");
    if (path)
        return path;
    const char *directory = home(cli, "XDG_CONFIG_HOME", ".config");
    return cli_must(writ_arena_printf(&cli->arena, "%s/context.json", directory));
}

const char *context_state_directory(struct cli *cli)
{
    const char *given = environment("WRIT_STATE"), *config = environment("WRIT_CONFIG");
    if (given)
        return given;
    if (!config)
        return home(cli, "XDG_STATE_HOME", ".local/state");
    const char *slash = strrchr(config, '/');
    const size_t size = slash ? (size_t)(slash - config) : 1;
    return cli_must(writ_arena_printf(&cli->arena, "%.*s/state", (int)size, slash ? config : "."));
}

/* Secrets are in it: nobody else may read it. */
static enum cli_exit check_mode(struct cli *cli, const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && (status.st_mode & 077) != 0)
        return cli_fail(cli, "%s can be read by others; `chmod 600 %s`", path, path);
    return CLI_DONE;
}

/* The members of a parsed tree cannot be added to in place, since they are const; a copy can. */
static struct writ_json *editable(struct cli *cli, const struct writ_json *value)
{
    struct writ_json *copy = cli_must(writ_arena_alloc(&cli->arena, sizeof *copy));
    if (value && value->type == WRIT_JSON_OBJECT)
        *copy = *value;
    else
        copy->type = WRIT_JSON_OBJECT;
    return copy;
}

enum cli_exit context_open(struct cli *cli, struct context **ret_context)
{
    struct context *context = cli_must(writ_arena_alloc(&cli->arena, sizeof *context));
    const struct writ_json *file = NULL;
    context->path = file_path(cli);
    if (files_exists(context->path)) {
        CLI_TRY(check_mode(cli, context->path));
        CLI_TRY(files_read_json(cli, context->path, &file));
    }
    context->file = editable(cli, file);
    *ret_context = context;
    return CLI_DONE;
}

static const char *text_or(struct cli *cli, const struct writ_json *object, const char *name,
                           const char *otherwise)
{
    const struct writ_slice text = writ_json_text(writ_json_get(object, name));
    return text.size > 0 ? cli_must(writ_arena_text(&cli->arena, text)) : otherwise;
}

static bool is_single(const struct writ_json *file)
{
    return writ_json_get(file, "url") && !writ_json_get(file, "contexts");
}

static void remember(struct cli *cli, struct context *context, const char *name,
                     const struct writ_json *entry)
{
    context->name = name;
    context->entry = is_single(context->file) ? context->file : editable(cli, entry);
    context->url = text_or(cli, context->entry, "url", "");
    context->ca = text_or(cli, context->entry, "ca", NULL);
}

enum cli_exit context_chosen(struct cli *cli, struct context **ret_context)
{
    if (cli->configured) {
        *ret_context = cli->configured;
        return CLI_DONE;
    }
    struct context *context = NULL;
    CLI_TRY(context_open(cli, &context));
    const char *name = cli->context ? cli->context : environment("WRIT_CONTEXT");
    if (!name)
        name = text_or(cli, context->file, "current", NULL);
    if (is_single(context->file) && (!name || strcmp(name, CONTEXT_SINGLE) == 0)) {
        remember(cli, context, CONTEXT_SINGLE, context->file);
        *ret_context = cli->configured = context;
        return CLI_DONE;
    }
    if (!name)
        return cli_fail(cli, "there is no context in %s; begin with `writ login`", context->path);
    const struct writ_json *entry = writ_json_get(writ_json_get(context->file, "contexts"), name);
    if (!entry)
        return cli_fail(cli, "%s has no context %s", context->path, name);
    remember(cli, context, name, entry);
    *ret_context = cli->configured = context;
    return CLI_DONE;
}

void context_choose(struct cli *cli, struct context *context, const char *name, const char *url)
{
    const struct writ_json *contexts = writ_json_get(context->file, "contexts");
    remember(cli, context, name, writ_json_get(contexts, name));
    size_t size = strlen(url);
    while (size > 0 && url[size - 1] == '/')
        size--;
    context->url = cli_must(writ_arena_text(&cli->arena, writ_slice_of(url, size)));
    cli_must(writ_json_put_string(&cli->arena, context->entry, "url", context->url));
    cli->configured = context;
}

void context_put_client(struct cli *cli, struct context *context,
                        const struct credential *credential)
{
    struct writ_json *clients = editable(cli, writ_json_get(context->entry, "clients"));
    struct writ_json *client = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put_string(&cli->arena, client, "secret", credential->secret);
    writ_json_put_string(&cli->arena, client, "role", credential->role);
    if (*credential->agent)
        writ_json_put_string(&cli->arena, client, "agent", credential->agent);
    if (*credential->audience)
        writ_json_put_string(&cli->arena, client, "audience", credential->audience);
    if (is_single(context->file))
        cli_must(writ_json_put_string(&cli->arena, clients, credential->id, credential->secret));
    else
        cli_must(writ_json_put(&cli->arena, clients, credential->id, client));
    cli_must(writ_json_put(&cli->arena, context->entry, "clients", clients));
}

enum cli_exit context_save(struct cli *cli, const struct context *context)
{
    if (context->entry && context->entry != context->file) {
        struct writ_json *contexts = editable(cli, writ_json_get(context->file, "contexts"));
        cli_must(writ_json_put(&cli->arena, contexts, context->name, context->entry));
        writ_json_put(&cli->arena, context->file, "contexts", contexts);
        cli_must(writ_json_put_string(&cli->arena, context->file, "current", context->name));
    }
    const struct writ_slice text = writ_json_canonical(&cli->arena, context->file);
    cli_must(text.data);
    return files_write(cli, context->path, text, false);
}

size_t context_client_count(const struct context *context)
{
    const struct writ_json *clients = writ_json_get(context->entry, "clients");
    return writ_json_is(clients, WRIT_JSON_OBJECT) ? clients->count : 0;
}

struct credential context_client(struct cli *cli, const struct context *context, size_t index)
{
    const struct writ_json *clients = writ_json_get(context->entry, "clients");
    const struct writ_json *client = &clients->items[index];
    const char *secret = cli_must(writ_arena_text(&cli->arena, writ_json_text(client)));
    return (struct credential){
        .id = cli_must(writ_arena_text(&cli->arena, clients->names[index])),
        .secret = *secret ? secret : text_or(cli, client, "secret", ""),
        .role = text_or(cli, client, "role", ""),
        .agent = text_or(cli, client, "agent", ""),
        .audience = text_or(cli, client, "audience", ""),
    };
}

const char *context_default(struct cli *cli, const struct context *context, const char *name)
{
    return text_or(cli, writ_json_get(context->entry, "defaults"), name, NULL);
}
