#include "resource.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "output.h"

static const char *const AGENT_COLUMNS[] = {"name", "role", "owner", "retired_at", NULL};
static const char *const AGENT_SPEC[] = {"role", "owner", "identities", NULL};
static const char *const CLIENT_COLUMNS[] = {"id",       "role",        "agent",
                                             "audience", "disabled_at", NULL};
static const char *const CLIENT_SPEC[] = {"role", "agent", "audience", "ceiling", "rotate", NULL};
static const char *const TOOL_COLUMNS[] = {"audience",     "name",        "effect",
                                           "approval",     "destination", "record",
                                           "suspended_at", "retired_at",  NULL};
static const char *const TOOL_SPEC[] = {
    "effect",      "approval", "argument_schema", "schema_sha256", "sensitivity", "sends",
    "destination", "release",  "release_pinned",  "record",        NULL};

static const char *const APPROVER_COLUMNS[] = {"name", "groups", "thumbprint", "retired_at", NULL};
static const char *const APPROVER_SPEC[] = {"groups", "jwk", NULL};

static const struct resource RESOURCES[RESOURCE_KINDS] = {
    [RESOURCE_AGENT] = {"agent", "agents", "name", "admin *", AGENT_COLUMNS, AGENT_SPEC},
    [RESOURCE_CLIENT] = {"client", "clients", "id", "admin auditor", CLIENT_COLUMNS, CLIENT_SPEC},
    [RESOURCE_TOOL] = {"tool", "tools", "name", "admin *", TOOL_COLUMNS, TOOL_SPEC},
    [RESOURCE_APPROVER] = {"approver", "approvers", "name", "admin auditor approver",
                           APPROVER_COLUMNS, APPROVER_SPEC},
};

const struct resource *resource_of(enum resource_kind kind)
{
    return &RESOURCES[kind];
}

const char *resource_path(struct cli *cli, const struct resource *resource, const char *name,
                          const char *audience)
{
    return cli_must(writ_arena_printf(&cli->arena, "/v1/%s/%s%s%s", resource->list,
                                      api_encode(cli, name), audience ? "?audience=" : "",
                                      audience ? api_encode(cli, audience) : ""));
}

static const char *text_of(struct cli *cli, const struct writ_json *object, const char *name)
{
    const struct writ_slice text = writ_json_text(writ_json_get(object, name));
    return cli_must(writ_arena_text(&cli->arena, text));
}

const char *resource_schema_digest(struct cli *cli, const struct writ_json *schema)
{
    char digest[44];
    uint8_t sha256[32];
    writ_sha256(writ_json_canonical(&cli->arena, schema), sha256);
    writ_base64url_hash(sha256, digest);
    return cli_must(writ_arena_printf(&cli->arena, "%s", digest));
}

enum cli_exit resource_keep_secret(struct cli *cli, const struct writ_json *client)
{
    struct context *context = NULL;
    const struct credential credential = {
        .id = text_of(cli, client, "id"),
        .secret = text_of(cli, client, "secret"),
        .role = text_of(cli, client, "role"),
        .agent = text_of(cli, client, "agent"),
        .audience = text_of(cli, client, "audience"),
    };
    if (!*credential.secret)
        return CLI_DONE;
    CLI_TRY(context_chosen(cli, &context));
    context_put_client(cli, context, &credential);
    CLI_TRY(context_save(cli, context));
    cli_note(cli, "the secret of %s is kept in %s",
             output_safe(cli, writ_slice_text(credential.id)), context->path);
    return CLI_DONE;
}
