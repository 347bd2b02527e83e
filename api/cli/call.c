#include "call.h"

#include <string.h>

#include "files.h"

static enum cli_exit put_word(struct cli *cli, struct writ_json *object, const char *word)
{
    const char *equals = strchr(word, '=');
    const struct writ_json *value = NULL;
    if (!equals || equals == word)
        return cli_fail(cli, "%s: an argument of a tool is NAME=VALUE", word);
    const char *name = cli_must(
        writ_arena_text(&cli->arena, writ_slice_of(word, (size_t)(equals - word))));
    if (writ_json_get(object, name))
        return cli_fail(cli, "the argument %s is given twice", name);
    if (writ_is_ok(writ_json_parse(&cli->arena, writ_slice_text(equals + 1), &value)))
        cli_must(writ_json_put(&cli->arena, object, name, value));
    else
        cli_must(writ_json_put_string(&cli->arena, object, name, equals + 1));
    return CLI_DONE;
}

enum cli_exit call_arguments(struct cli *cli, size_t first, const struct writ_json **ret_arguments)
{
    const char *args = cli_option(cli, "args");
    struct writ_slice text;
    if (args) {
        if (cli->argument_count > first)
            return cli_fail(cli, "either --args or NAME=VALUE");
        CLI_TRY(files_read_text(cli, args, &text));
        CLI_TRY(files_parse(cli, text, "--args", ret_arguments));
        if (!writ_json_is(*ret_arguments, WRIT_JSON_OBJECT))
            return cli_fail(cli, "--args is no JSON object");
        return CLI_DONE;
    }
    struct writ_json *object = cli_must(writ_json_new_object(&cli->arena));
    for (size_t i = first; i < cli->argument_count; i++)
        CLI_TRY(put_word(cli, object, cli->arguments[i]));
    *ret_arguments = object;
    return CLI_DONE;
}
