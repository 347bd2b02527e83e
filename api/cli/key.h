/* Private keys that the command keeps: Ed25519 seeds, as JWK with `d` (RFC 8037). */
#ifndef WRIT_CLI_KEY_H
#define WRIT_CLI_KEY_H

#include "cli.h"

struct local_key {
    uint8_t seed[32];
    struct writ_key public;
    char thumbprint[44];
};

void key_new(struct cli *cli, struct local_key *ret_key);
enum cli_exit key_read(struct cli *cli, const struct writ_json *jwk, struct local_key *ret_key);
/* With `d`. */
struct writ_json *key_json(struct cli *cli, const struct local_key *key);

#endif
