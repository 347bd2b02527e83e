/* What a self-held key signs here: its enrolment, children, requests and proofs. */
#ifndef WRIT_CLI_HOLDER_H
#define WRIT_CLI_HOLDER_H

#include "state.h"

/* A key of --key FILE or a new one, enrolled for `agent` with a proof that we hold it. */
enum cli_exit holder_enrol(struct cli *cli, const char *agent, struct local_key *ret_key);
/* A writ-request+jwt by `signer` on `delegation`: "renew", "complete" or "revoke". */
enum cli_exit holder_request(struct cli *cli, const struct held *signer, const char *act,
                             const char *delegation, const char **ret_request);
/* A proof by a self-held key for one call; audience may be "". */
enum cli_exit holder_prove(struct cli *cli, const struct held *held, const char *tool,
                           struct writ_slice args, const char *audience, const char *nonce,
                           const char **ret_proof);
/* Whom statements are for: the issuer, as the service's metadata names it. */
enum cli_exit holder_issuer(struct cli *cli, struct writ_slice *ret_issuer);
enum cli_exit holder_sign(struct cli *cli, const struct local_key *key, struct writ_slice input,
                          const char **ret_compact);

#endif
