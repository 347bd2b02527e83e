/*
 * The registry from one file:
 *
 *   agents:
 *     planner: {role: orchestrator, owner: team-a}
 *   clients:
 *     planner: {role: orchestrator, agent: planner}
 *     desk:    {role: issuer, ceiling: {principals: ["*"], grant: "read_file(path under /notes)"}}
 *   tools:
 *     https://files.example:
 *       read_file: {effect: read}
 *   approvers:
 *     ann: {groups: [finance], jwk: {kty: OKP, crv: Ed25519, x: "..."}}
 *
 * Agents, clients, tools and approvers that the file does not name are left alone; nothing is
 * deleted.
 */
#include <string.h>

#include "authority.h"
#include "files.h"
#include "output.h"
#include "resource.h"
#include "speaker.h"
#include "yaml_file.h"

static const char *const CEILING_AND_LABEL[] = {
    "principals",   "audiences",       "authority", "clearance",  "open_tasks", "lifetime_s",
    "budget_a_day", "confidentiality", "integrity", "categories", NULL};

struct application {
    struct cli *cli;
    struct credential speaker;
    const struct writ_json *defaults;
    bool only_diff;
    bool may_loosen;
    size_t loosened;
    size_t changed;
    size_t same;
    struct writ_json *report; /* -o json: [{"kind","name","change","members"}] */
};

/* What the service takes where a member is absent (api/openapi.yaml), so that an entry of the file
 * says all there is to it: what is taken out of the file is taken back. */
static const char DEFAULTS[] =
    "{\"record\":\"durable\",\"identities\":[],\"ceiling\":{},\"rotate\":false,"
    "\"release\":\"public\",\"release_pinned\":\"confidential\","
    "\"sensitivity\":{\"confidentiality\":\"confidential\"},"
    "\"confidentiality\":\"public\",\"integrity\":\"untrusted\",\"categories\":[]}";

/* {grant: "..."} as the service answers it: {authority: {...}}. */
static enum cli_exit with_authority(struct cli *cli, struct writ_json *ceiling)
{
    const struct writ_json *grant = writ_json_get(ceiling, "grant"), *tools = NULL;
    const struct writ_authority *authority = NULL;
    if (!grant)
        return CLI_DONE;
    CLI_TRY(authority_from_text(cli, cli_must(writ_arena_text(&cli->arena, writ_json_text(grant))),
                                &authority));
    CLI_TRY(files_parse(cli, writ_authority_json(&cli->arena, authority), "grant", &tools));
    writ_json_remove(ceiling, "grant");
    cli_must(writ_json_put(&cli->arena, ceiling, "authority", tools));
    return CLI_DONE;
}

/* What the service concludes from the other members where these are absent. */
static void conclude(struct cli *cli, struct writ_json *tool)
{
    const struct writ_json *schema = writ_json_get(tool, "argument_schema");
    const bool is_irreversible = writ_slice_is(writ_json_text(writ_json_get(tool, "effect")),
                                               "irreversible");
    const bool seems_to_send = writ_json_get(tool, "destination") || is_irreversible;
    if (!writ_json_get(tool, "approval"))
        cli_must(writ_json_put_integer(&cli->arena, tool, "approval", is_irreversible ? 1 : 0));
    if (!writ_json_get(tool, "sends"))
        cli_must(writ_json_put_boolean(&cli->arena, tool, "sends", seems_to_send));
    if (schema && !writ_json_get(tool, "schema_sha256"))
        cli_must(writ_json_put_string(&cli->arena, tool, "schema_sha256",
                                      resource_schema_digest(cli, schema)));
}

static enum cli_exit normalise(struct cli *cli, const struct resource *resource,
                               const struct writ_json *spec, struct writ_json **ret_wanted)
{
    struct writ_json *wanted = cli_must(writ_json_copy(&cli->arena, spec));
    const struct writ_json *ceiling = writ_json_get(wanted, "ceiling");
    if (writ_json_is(ceiling, WRIT_JSON_OBJECT)) {
        struct writ_json *copy = cli_must(writ_json_copy(&cli->arena, ceiling));
        CLI_TRY(with_authority(cli, copy));
        cli_must(writ_json_put(&cli->arena, wanted, "ceiling", copy));
    }
    if (resource == resource_of(RESOURCE_TOOL))
        conclude(cli, wanted);
    *ret_wanted = wanted;
    return CLI_DONE;
}

static bool same_authority(struct cli *cli, const struct writ_json *a, const struct writ_json *b)
{
    const struct writ_json *const sides[] = {a, b};
    struct writ_slice texts[2];
    for (size_t i = 0; i < 2; i++) {
        const struct writ_authority *authority = NULL;
        struct writ_denial denial;
        const struct writ_slice json = writ_json_verbatim(&cli->arena, sides[i]);
        if (!writ_is_ok(writ_authority_parse(&cli->arena, json, WRIT_PROFILE_AAT_02_WRIT,
                                             &authority, &denial)))
            return writ_json_equal(a, b);
        texts[i] = writ_authority_json(&cli->arena, authority);
    }
    return writ_slice_equal(texts[0], texts[1]);
}

static bool same_members(const struct application *a, const struct writ_json *left,
                         const struct writ_json *right);

/* An absent member is its default; without a default it differs from any value. */
static bool same_member(const struct application *a, struct writ_slice name,
                        const struct writ_json *left, const struct writ_json *right)
{
    const struct writ_json *otherwise = writ_json_get_slice(a->defaults, name);
    left = left ? left : otherwise;
    right = right ? right : otherwise;
    if (!left || !right)
        return left == right;
    if (writ_slice_is(name, "authority"))
        return same_authority(a->cli, left, right);
    if (left->type == WRIT_JSON_OBJECT && right->type == WRIT_JSON_OBJECT)
        return same_members(a, left, right);
    return writ_json_equal(left, right);
}

static bool same_members(const struct application *a, const struct writ_json *left,
                         const struct writ_json *right)
{
    for (size_t i = 0; i < left->count; i++)
        if (!same_member(a, left->names[i], &left->items[i],
                         writ_json_get_slice(right, left->names[i])))
            return false;
    for (size_t i = 0; i < right->count; i++)
        if (!writ_json_get_slice(left, right->names[i]) &&
            !same_member(a, right->names[i], NULL, &right->items[i]))
            return false;
    return true;
}

/* Only what a PUT takes is compared: the service adds times and names of its own. */
static bool differs(const struct application *a, const char *name, const struct writ_json *present,
                    const struct writ_json *wanted)
{
    return !same_member(a, writ_slice_text(name), writ_json_get(present, name),
                        writ_json_get(wanted, name));
}

static bool is_same(const struct application *a, const struct resource *resource,
                    const struct writ_json *present, const struct writ_json *wanted)
{
    for (size_t i = 0; resource->spec[i]; i++)
        if (differs(a, resource->spec[i], present, wanted))
            return false;
    return true;
}

static const char *shown(struct cli *cli, const struct writ_json *value)
{
    return value ? output_safe(cli, writ_json_verbatim(&cli->arena, value)) : "nothing";
}

/* What is new or differs, the members of a ceiling or label each on a line of their own. */
static void report_member(const struct application *a, const char *name,
                          const struct writ_json *present, const struct writ_json *wanted)
{
    const struct writ_json *old = writ_json_get(present, name), *new = writ_json_get(wanted, name);
    if (!differs(a, name, present, wanted) || (!old && !new))
        return;
    const bool nested = strcmp(name, "ceiling") == 0 || strcmp(name, "sensitivity") == 0;
    if (!nested || !old || !new) {
        printf("    %s: %s%s%s\n", name, present ? shown(a->cli, old) : "", present ? " -> " : "",
               shown(a->cli, new));
        return;
    }
    for (size_t i = 0; CEILING_AND_LABEL[i]; i++)
        report_member(a, CEILING_AND_LABEL[i], old, new);
}

/* What the service says that this would loosen, without doing it; NULL where nothing. */
static enum cli_exit loosened_by(struct application *a, const struct resource *resource,
                                 const char *path, const struct writ_json *spec,
                                 const struct writ_json **ret_loosens)
{
    const struct writ_json *tried = NULL;
    *ret_loosens = NULL;
    if (resource != resource_of(RESOURCE_TOOL))
        return CLI_DONE;
    struct writ_json *body = cli_must(writ_json_copy(&a->cli->arena, spec));
    cli_must(writ_json_put_boolean(&a->cli->arena, body, "dry_run", true));
    CLI_TRY(api_call(a->cli, &a->speaker, "PUT", path, body, &tried));
    *ret_loosens = writ_json_get(tried, "loosens");
    a->loosened += *ret_loosens != NULL;
    return CLI_DONE;
}

static void report_loosening(const struct application *a, const struct writ_json *loosens)
{
    for (size_t i = 0; loosens && i < loosens->count; i++)
        printf("    %sLOOSENS%s %s\n", ink_out(a->cli, INK_RED), ink_out(a->cli, INK_NONE),
               output_safe(a->cli, loosens->items[i].text));
}

static void report(struct application *a, const struct resource *resource, const char *name,
                   const struct writ_json *present, const struct writ_json *wanted,
                   const struct writ_json *loosens)
{
    struct cli *cli = a->cli;
    const enum ink ink = present ? INK_YELLOW : INK_GREEN;
    struct writ_json *entry = cli_must(writ_json_add_object(&cli->arena, a->report));
    writ_json_put_string(&cli->arena, entry, "kind", resource->noun);
    writ_json_put_string(&cli->arena, entry, "name", name);
    if (loosens)
        writ_json_put(&cli->arena, entry, "loosens", loosens);
    cli_must(writ_json_put_string(&cli->arena, entry, "change", present ? "changed" : "new"));
    if (cli->format == CLI_JSON)
        return;
    printf("%s%c %s %s%s\n", ink_out(cli, ink), present ? '~' : '+', resource->noun,
           output_safe(cli, writ_slice_text(name)), ink_out(cli, INK_NONE));
    for (size_t i = 0; resource->spec[i]; i++)
        report_member(a, resource->spec[i], present, wanted);
    report_loosening(a, loosens);
}

static const char *joined(struct cli *cli, const char *const *names)
{
    const char *text = "";
    for (size_t i = 0; names[i]; i++)
        text = cli_must(writ_arena_printf(&cli->arena, "%s%s%s", text,
                                          i == 0         ? ""
                                          : names[i + 1] ? ", "
                                                         : " and ",
                                          names[i]));
    return text;
}

static enum cli_exit apply_one(struct application *a, const struct resource *resource,
                               const char *name, const char *audience, const struct writ_json *spec)
{
    struct cli *cli = a->cli;
    struct api_answer answer;
    const struct writ_json *now = NULL;
    struct writ_json *wanted = NULL;
    if (!writ_json_is(spec, WRIT_JSON_OBJECT) || !writ_json_only(spec, resource->spec))
        return cli_fail(cli, "%s %s: it may have %s", resource->noun, name,
                        joined(cli, resource->spec));
    CLI_TRY(normalise(cli, resource, spec, &wanted));
    const char *path = resource_path(cli, resource, name, audience);
    CLI_TRY(api_ask(cli, &a->speaker, "GET", path, NULL, &answer));
    if (answer.status != 200 && answer.status != 404)
        return api_refused(cli, &answer, "refused", stderr);
    const struct writ_json *present = answer.status == 200 ? answer.json : NULL;
    const bool retired = writ_json_get(present, "retired_at") ||
                         writ_json_get(present, "disabled_at");
    if (present && !retired && is_same(a, resource, present, wanted)) {
        a->same++;
        return CLI_DONE;
    }
    const struct writ_json *loosens = NULL;
    CLI_TRY(loosened_by(a, resource, path, spec, &loosens));
    a->changed++;
    report(a, resource, name, present, wanted, loosens);
    if (a->only_diff)
        return CLI_DONE;
    struct writ_json *body = cli_must(writ_json_copy(&cli->arena, spec));
    if (loosens && a->may_loosen)
        cli_must(writ_json_put_boolean(&cli->arena, body, "loosen", true));
    CLI_TRY(api_call(cli, &a->speaker, "PUT", path, body, &now));
    return resource_keep_secret(cli, now);
}

static enum cli_exit apply_map(struct application *a, const struct resource *resource,
                               const struct writ_json *map, const char *audience)
{
    if (map && map->type != WRIT_JSON_OBJECT)
        return cli_fail(a->cli, "%s: names, each with what it shall have", resource->list);
    for (size_t i = 0; map && i < map->count; i++) {
        const char *name = cli_must(writ_arena_text(&a->cli->arena, map->names[i]));
        CLI_TRY(apply_one(a, resource, name, audience, &map->items[i]));
    }
    return CLI_DONE;
}

static enum cli_exit apply_tools(struct application *a, const struct writ_json *audiences)
{
    const struct resource *resource = resource_of(RESOURCE_TOOL);
    if (audiences && audiences->type != WRIT_JSON_OBJECT)
        return cli_fail(a->cli, "tools: audiences, each with the tools that it serves");
    for (size_t i = 0; audiences && i < audiences->count; i++) {
        const char *audience = cli_must(writ_arena_text(&a->cli->arena, audiences->names[i]));
        CLI_TRY(apply_map(a, resource, &audiences->items[i], audience));
    }
    return CLI_DONE;
}

static enum cli_exit apply(struct cli *cli)
{
    static const char *const SECTIONS[] = {"agents", "clients", "tools", "approvers", NULL};
    struct application a = {.cli = cli,
                            .only_diff = cli_option(cli, "diff") != NULL,
                            .may_loosen = cli_option(cli, "loosen") != NULL};
    const char *path = NULL;
    const struct writ_json *file = NULL;
    CLI_TRY(cli_required(cli, "file", &path));
    CLI_TRY(yaml_read(cli, path, &file));
    if (!writ_json_only(file, SECTIONS))
        return cli_fail(cli, "%s: agents, clients, tools and approvers, nothing else", path);
    CLI_TRY(files_parse(cli, writ_slice_text(DEFAULTS), "defaults", &a.defaults));
    CLI_TRY(speaker_find(cli, "admin", "", "", &a.speaker));
    a.report = cli_must(writ_json_new_array(&cli->arena));
    CLI_TRY(apply_map(&a, resource_of(RESOURCE_AGENT), writ_json_get(file, "agents"), NULL));
    CLI_TRY(apply_tools(&a, writ_json_get(file, "tools")));
    CLI_TRY(apply_map(&a, resource_of(RESOURCE_CLIENT), writ_json_get(file, "clients"), NULL));
    CLI_TRY(apply_map(&a, resource_of(RESOURCE_APPROVER), writ_json_get(file, "approvers"), NULL));
    if (cli->format == CLI_JSON)
        return output_json(cli, a.report);
    cli_note(cli, "%zu %s, %zu as they were", a.changed, a.only_diff ? "would change" : "changed",
             a.same);
    if (a.only_diff && a.loosened > 0 && !a.may_loosen)
        cli_note(cli, "%zu would be looser; --loosen says that it is meant", a.loosened);
    return CLI_DONE;
}

static const struct cli_option APPLY_OPTIONS[] = {
    {"file", "FILE", "the YAML (-f); - is stdin"},
    {"diff", NULL, "only show what would change"},
    {"loosen", NULL, "tools may become looser, or ask for less than their effect does"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_APPLY_COMMANDS[] = {
    {"apply", "", "Make agents, clients, tools and approvers as a YAML file says", APPLY_OPTIONS, 0,
     0, apply},
    {0},
};
