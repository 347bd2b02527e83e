/*
 * Tools as their server describes them: `tool import` writes the registry file that a person then
 * reviews, and `tool accept` takes a changed argument schema.
 *
 * What an MCP server says of its own tools is a suggestion: its descriptions and annotations become
 * comments, and each tool begins irreversible (so a person approves each call), sending out,
 * confidential and untrusted.
 */
#include "files.h"
#include "output.h"
#include "resource.h"
#include "speaker.h"

static const char STRICTEST[] = "{\"effect\":\"irreversible\",\"sends\":true,\"sensitivity\":"
                                "{\"confidentiality\":\"confidential\",\"integrity\":\"untrusted\","
                                "\"categories\":[]}}";

/* ---- What was read ------------------------------------------------------------------------ */

/* {"tools": [...]}, or an answer to tools/list that holds it. */
static const struct writ_json *tools_of(const struct writ_json *said)
{
    const struct writ_json *result = writ_json_get(said, "result");
    const struct writ_json *tools = writ_json_get(result ? result : said, "tools");
    return writ_json_is(tools, WRIT_JSON_ARRAY) ? tools : NULL;
}

/* One JSON text, or JSON-RPC messages a line each, as a server on stdio writes them. */
static enum cli_exit read_tools(struct cli *cli, const struct writ_json **ret_tools)
{
    const char *path = cli->arguments[0];
    struct writ_slice text;
    const struct writ_json *said = NULL;
    *ret_tools = NULL;
    CLI_TRY(files_read(cli, path, &text));
    if (writ_is_ok(writ_json_parse(&cli->arena, text, &said)))
        *ret_tools = tools_of(said);
    for (size_t from = 0, to = 0; !*ret_tools && from < text.size; from = to + 1) {
        for (to = from; to < text.size && text.data[to] != '\n'; to++)
            continue;
        if (writ_is_ok(
                writ_json_parse(&cli->arena, writ_slice_of(text.data + from, to - from), &said)))
            *ret_tools = tools_of(said);
    }
    return *ret_tools ? CLI_DONE
                      : cli_fail(cli, "%s: no answer to tools/list of an MCP server", path);
}

/* ---- What is written ---------------------------------------------------------------------- */

/* A text of the server's, on a line of its own: JSON, so that it ends where it ends. */
static void comment(struct cli *cli, const char *what, const struct writ_json *said)
{
    if (said && said->type != WRIT_JSON_NULL)
        printf("      # %s, by the server: %s\n", what,
               output_safe(cli, writ_json_verbatim(&cli->arena, said)));
}

static const char *quoted(struct cli *cli, struct writ_slice text)
{
    const struct writ_json value = {.type = WRIT_JSON_STRING, .text = text};
    return output_safe(cli, writ_json_canonical(&cli->arena, &value));
}

/* The schema that arguments can be checked by, or the digest of one that the service can not apply:
 * it judges which, and changes nothing. */
static enum cli_exit print_schema(struct cli *cli, const struct credential *admin, const char *path,
                                  const struct writ_json *schema)
{
    struct api_answer answer;
    const struct writ_json *strictest = NULL;
    if (!writ_json_is(schema, WRIT_JSON_OBJECT))
        return CLI_DONE;
    CLI_TRY(files_parse(cli, writ_slice_text(STRICTEST), "defaults", &strictest));
    struct writ_json *body = cli_must(writ_json_copy(&cli->arena, strictest));
    writ_json_put_boolean(&cli->arena, body, "dry_run", true);
    cli_must(writ_json_put(&cli->arena, body, "argument_schema", schema));
    CLI_TRY(api_ask(cli, admin, "PUT", path, body, &answer));
    if (answer.status == 200) {
        printf("      argument_schema: %s\n",
               output_safe(cli, writ_json_verbatim(&cli->arena, schema)));
        return CLI_DONE;
    }
    if (!writ_slice_is(writ_json_text(writ_json_get(answer.json, "field")), "argument_schema"))
        return api_refused(cli, &answer, "refused", stderr);
    printf("      # arguments are not checked: %s\n      schema_sha256: \"%s\"\n",
           output_text(cli, answer.json, "detail"), resource_schema_digest(cli, schema));
    return CLI_DONE;
}

/* Whoever is registered already is told what its server offers now. */
static enum cli_exit offer(struct cli *cli, const struct credential *admin, const char *name,
                           const char *audience, const struct writ_json *schema)
{
    struct api_answer answer;
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    if (!writ_json_is(schema, WRIT_JSON_OBJECT))
        return CLI_DONE;
    cli_must(writ_json_put(&cli->arena, body, "argument_schema", schema));
    const char *path = cli_must(writ_arena_printf(&cli->arena, "/v1/tools/%s/offer?audience=%s",
                                                  api_encode(cli, name),
                                                  api_encode(cli, audience)));
    CLI_TRY(api_ask(cli, admin, "POST", path, body, &answer));
    if (answer.status == 404)
        return CLI_DONE;
    if (answer.status != 200)
        return api_refused(cli, &answer, "refused", stderr);
    if (writ_json_get(answer.json, "suspended_at"))
        cli_note(cli, "%s is suspended: its schema changed. `writ tool accept %s` shows it.",
                 output_safe(cli, writ_slice_text(name)), output_safe(cli, writ_slice_text(name)));
    return CLI_DONE;
}

static enum cli_exit import_one(struct cli *cli, const struct credential *admin,
                                const char *audience, const struct writ_json *tool)
{
    const struct writ_slice said = writ_json_text(writ_json_get(tool, "name"));
    const struct writ_json *schema = writ_json_get(tool, "inputSchema");
    if (said.size == 0)
        return cli_fail(cli, "a tool has no name");
    const char *name = cli_must(writ_arena_text(&cli->arena, said));
    const char *path = resource_path(cli, resource_of(RESOURCE_TOOL), name, audience);
    printf("    %s:\n", quoted(cli, said));
    comment(cli, "description", writ_json_get(tool, "description"));
    comment(cli, "annotations", writ_json_get(tool, "annotations"));
    puts("      effect: irreversible\n      approval: 1\n      sends: true\n"
         "      sensitivity: {confidentiality: confidential, integrity: untrusted}");
    CLI_TRY(print_schema(cli, admin, path, schema));
    return offer(cli, admin, name, audience, schema);
}

static enum cli_exit tool_import(struct cli *cli)
{
    struct credential admin;
    const char *audience = NULL;
    const struct writ_json *tools = NULL;
    CLI_TRY(speaker_default(cli, "audience", &audience));
    CLI_TRY(speaker_find(cli, "admin", "", "", &admin));
    CLI_TRY(read_tools(cli, &tools));
    printf("# To be reviewed, then: writ apply -f FILE\ntools:\n  %s:\n",
           quoted(cli, writ_slice_text(audience)));
    for (size_t i = 0; tools && i < tools->count; i++)
        CLI_TRY(import_one(cli, &admin, audience, &tools->items[i]));
    return CLI_DONE;
}

/* ---- Accepting ---------------------------------------------------------------------------- */

static enum cli_exit tool_accept(struct cli *cli)
{
    struct credential admin;
    const char *audience = NULL, *name = cli->arguments[0], *digest = cli_option(cli, "digest");
    const struct writ_json *tool = NULL;
    CLI_TRY(speaker_default(cli, "audience", &audience));
    CLI_TRY(speaker_find(cli, "admin", "", "", &admin));
    const char *path = resource_path(cli, resource_of(RESOURCE_TOOL), name, audience);
    CLI_TRY(api_call(cli, &admin, "GET", path, NULL, &tool));
    const struct writ_json *offered = writ_json_get(tool, "offered_schema");
    if (!offered)
        return cli_fail(cli, "%s: no schema waits to be accepted", name);
    if (!digest) {
        CLI_TRY(output_json(cli, offered));
        cli_note(cli, "accept it with --digest %s", output_text(cli, tool, "offered_sha256"));
        return CLI_DONE;
    }
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put_string(&cli->arena, body, "schema_sha256", digest);
    cli_must(writ_json_put_boolean(&cli->arena, body, "loosen", cli_option(cli, "loosen") != NULL));
    path = cli_must(writ_arena_printf(&cli->arena, "/v1/tools/%s/accept?audience=%s",
                                      api_encode(cli, name), api_encode(cli, audience)));
    CLI_TRY(api_call(cli, &admin, "POST", path, body, &tool));
    if (cli->format == CLI_JSON)
        return output_json(cli, tool);
    cli_note(cli, "%s is accepted", name);
    return CLI_DONE;
}

static const struct cli_option IMPORT_OPTIONS[] = {
    {"audience", "URI", "where the tools are served"},
    {NULL, NULL, NULL},
};

static const struct cli_option ACCEPT_OPTIONS[] = {
    {"audience", "URI", "where the tool is served"},
    {"digest", "SHA-256", "of the schema that was reviewed; without it, the schema is shown"},
    {"loosen", NULL, "also where the service can not check arguments by it"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_TOOLS_COMMANDS[] = {
    {"tool import", "FILE", "Write a registry file of what an MCP server lists, to be reviewed",
     IMPORT_OPTIONS, 1, 1, tool_import},
    {"tool accept", "NAME", "Show or accept the changed schema of a suspended tool", ACCEPT_OPTIONS,
     1, 1, tool_accept},
    {0},
};
