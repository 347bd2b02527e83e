/* As whom to speak: each call of the service wants a role, and often one agent's own client. */
#ifndef WRIT_CLI_SPEAKER_H
#define WRIT_CLI_SPEAKER_H

#include "context.h"

/* The client of --as; else the first whose role is the earliest possible of `roles` ("admin
 * auditor", "*" for any) and whose agent and audience are those given, where they are not "". A
 * failure says what to log in. */
enum cli_exit speaker_find(struct cli *cli, const char *roles, const char *agent,
                           const char *audience, struct credential *ret_credential);
/* The same, without a message where there is none. */
bool speaker_has(struct cli *cli, const char *roles, const char *agent);
/* The role, agent and audience of a client, as the service has them. */
enum cli_exit speaker_learn(struct cli *cli, struct credential *credential);
/* --name, else a default of the context, else what its clients suggest: the agent of the first
 * orchestrator, the audience of the first enforcer, the one principal of the issuer. */
enum cli_exit speaker_default(struct cli *cli, const char *name, const char **ret_value);

#endif
