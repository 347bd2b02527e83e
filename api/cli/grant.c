#include "grant.h"

#include "authority.h"
#include "files.h"
#include "output.h"

static enum cli_exit put_authority(struct cli *cli, struct writ_json *body,
                                   const struct writ_authority **ret_authority)
{
    const char *grant = NULL;
    const struct writ_json *tools = NULL;
    CLI_TRY(cli_required(cli, "grant", &grant));
    CLI_TRY(authority_from_text(cli, grant, ret_authority));
    CLI_TRY(files_parse(cli, writ_authority_json(&cli->arena, *ret_authority), "--grant", &tools));
    cli_must(writ_json_put(&cli->arena, body, "authority", tools));
    return CLI_DONE;
}

static enum cli_exit put_integer(struct cli *cli, struct writ_json *body, const char *option,
                                 const char *name)
{
    int64_t integer = 0;
    if (!cli_option(cli, option))
        return CLI_DONE;
    CLI_TRY(cli_integer(cli, option, 0, &integer));
    cli_must(writ_json_put_integer(&cli->arena, body, name, integer));
    return CLI_DONE;
}

enum cli_exit grant_put(struct cli *cli, struct writ_json *body,
                        const struct writ_authority **ret_authority)
{
    const char *terms = cli_option(cli, "terms");
    CLI_TRY(put_authority(cli, body, ret_authority));
    if (terms) {
        struct writ_slice text;
        const struct writ_json *json = NULL;
        CLI_TRY(files_read_text(cli, terms, &text));
        CLI_TRY(files_parse(cli, text, "--terms", &json));
        cli_must(writ_json_put(&cli->arena, body, "terms", json));
    }
    if (cli_option(cli, "narrow"))
        cli_must(writ_json_put_boolean(&cli->arena, body, "narrow", true));
    CLI_TRY(put_integer(cli, body, "expires-in", "expires_in"));
    return put_integer(cli, body, "max-depth", "max_depth");
}

void grant_note_cut(struct cli *cli, const struct writ_json *cut)
{
    for (size_t i = 0; writ_json_is(cut, WRIT_JSON_ARRAY) && i < cut->count; i++) {
        const struct writ_json *entry = &cut->items[i];
        const char *argument = output_text(cli, entry, "argument");
        const char *asked = output_text(cli, entry, "asked");
        const char *given = output_text(cli, entry, "given");
        cli_note(cli, "%scut%s  %s%s%s: asked %s, given %s", ink_err(cli, INK_YELLOW),
                 ink_err(cli, INK_NONE), output_text(cli, entry, "tool"), *argument ? " " : "",
                 argument, *asked ? asked : "the tool", *given ? given : "nothing");
    }
}
