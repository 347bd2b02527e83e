/* The registry as the service has it: agents, clients, tools and approvers, read and written by
 * name. */
#ifndef WRIT_CLI_RESOURCE_H
#define WRIT_CLI_RESOURCE_H

#include "api.h"

enum resource_kind {
    RESOURCE_AGENT,
    RESOURCE_CLIENT,
    RESOURCE_TOOL,
    RESOURCE_APPROVER,
    RESOURCE_KINDS
};

struct resource {
    const char *noun;           /* "agent" */
    const char *list;           /* "agents": of the path, the answer and the YAML */
    const char *id;             /* the member that names one */
    const char *readers;        /* roles that may list */
    const char *const *columns; /* members shown in a table, NULL ends */
    const char *const *spec;    /* members that a PUT takes, NULL ends */
};

const struct resource *resource_of(enum resource_kind kind);
/* "/v1/tools/NAME?audience=...": audience NULL unless it is a tool. */
const char *resource_path(struct cli *cli, const struct resource *resource, const char *name,
                          const char *audience);
/* base64url SHA-256 of an argument schema, as `schema_sha256` has it. */
const char *resource_schema_digest(struct cli *cli, const struct writ_json *schema);
/* A client that is new comes with its secret, once: it goes into the context, and is said. */
enum cli_exit resource_keep_secret(struct cli *cli, const struct writ_json *client);

#endif
