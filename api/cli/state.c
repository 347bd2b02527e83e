#include "state.h"

#include <dirent.h>
#include <string.h>

#include "files.h"
#include "output.h"

static const char *path_of(struct cli *cli, const char *id)
{
    return cli_must(
        writ_arena_printf(&cli->arena, "%s/delegations/%s.json", context_state_directory(cli), id));
}

static void put_if(struct cli *cli, struct writ_json *object, const char *name, const char *text)
{
    if (text && *text)
        cli_must(writ_json_put_string(&cli->arena, object, name, text));
}

enum cli_exit state_save(struct cli *cli, const struct held *held)
{
    struct writ_json *json = cli_must(writ_json_new_object(&cli->arena));
    put_if(cli, json, "task", held->task);
    put_if(cli, json, "delegation", held->delegation);
    put_if(cli, json, "agent", held->agent);
    put_if(cli, json, "audience", held->audience);
    put_if(cli, json, "opened_by", held->opened_by);
    put_if(cli, json, "handle", held->handle);
    cli_must(writ_json_put_text(&cli->arena, json, "token", held->token));
    if (held->chain)
        cli_must(writ_json_put(&cli->arena, json, "chain", held->chain));
    if (held->has_key)
        cli_must(writ_json_put(&cli->arena, json, "key", key_json(cli, &held->key)));
    const struct writ_slice text = writ_json_canonical(&cli->arena, json);
    cli_must(text.data);
    if (!api_is_id(held->delegation) || !api_is_id(held->task))
        return cli_fail(cli, "the service named a delegation or a task in a way that is no id");
    return files_write(cli, path_of(cli, held->delegation), text, false);
}

/* The one id in the directory that begins with `prefix`; NULL: none, or several. */
static const char *complete(struct cli *cli, const char *prefix)
{
    enum { SHORTEST = 4 };
    const char *directory = cli_must(
        writ_arena_printf(&cli->arena, "%s/delegations", context_state_directory(cli)));
    const char *found = NULL;
    size_t count = 0;
    DIR *entries = strlen(prefix) >= SHORTEST ? opendir(directory) : NULL;
    for (struct dirent *entry; entries && (entry = readdir(entries));) {
        const size_t size = strlen(entry->d_name);
        if (size != 36 + 5 || strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        found = cli_must(writ_arena_text(&cli->arena, writ_slice_of(entry->d_name, 36)));
        count++;
    }
    if (entries)
        closedir(entries);
    return count == 1 ? found : NULL;
}

static const char *text_of(struct cli *cli, const struct writ_json *json, const char *name)
{
    const struct writ_slice text = writ_json_text(writ_json_get(json, name));
    return cli_must(writ_arena_text(&cli->arena, text));
}

static enum cli_exit read_held(struct cli *cli, const char *path, struct held *ret_held)
{
    const struct writ_json *json = NULL;
    CLI_TRY(files_read_json(cli, path, &json));
    const struct writ_json *chain = writ_json_get(json, "chain");
    const struct writ_json *key = writ_json_get(json, "key");
    *ret_held = (struct held){
        .task = text_of(cli, json, "task"),
        .delegation = text_of(cli, json, "delegation"),
        .agent = text_of(cli, json, "agent"),
        .audience = text_of(cli, json, "audience"),
        .opened_by = text_of(cli, json, "opened_by"),
        .token = writ_json_text(writ_json_get(json, "token")),
        .chain = writ_json_is_texts(chain) ? chain : NULL,
        .handle = writ_json_get(json, "handle") ? text_of(cli, json, "handle") : NULL,
        .has_key = key != NULL,
    };
    return key ? key_read(cli, key, &ret_held->key) : CLI_DONE;
}

bool state_find(struct cli *cli, const char *id, struct held *ret_held)
{
    const char *whole = api_is_id(id) ? id : complete(cli, id);
    if (!whole || !files_exists(path_of(cli, whole)))
        return false;
    return read_held(cli, path_of(cli, whole), ret_held) == CLI_DONE;
}

enum cli_exit state_load(struct cli *cli, const char *id, struct held *ret_held)
{
    if (state_find(cli, id, ret_held))
        return CLI_DONE;
    return cli_fail(cli, "this machine does not hold %s (state in %s)",
                    output_safe(cli, writ_slice_text(id)), context_state_directory(cli));
}

enum cli_exit state_task(struct cli *cli, const char *id, const char **ret_task)
{
    struct held held;
    if (state_find(cli, id, &held))
        *ret_task = held.task;
    else if (api_is_id(id))
        *ret_task = id;
    else
        return cli_fail(cli, "%s is no id of a task, nor the beginning of a delegation's held here",
                        output_safe(cli, writ_slice_text(id)));
    return CLI_DONE;
}

struct writ_json *state_chain(struct cli *cli, const struct held *parent, struct writ_slice token)
{
    struct writ_json *chain = cli_must(writ_json_new_array(&cli->arena));
    if (parent && !parent->chain)
        return NULL;
    for (size_t i = 0; parent && i < parent->chain->count; i++)
        cli_must(writ_json_add(&cli->arena, chain, &parent->chain->items[i]));
    cli_must(writ_json_add_text(&cli->arena, chain, token));
    return chain;
}
