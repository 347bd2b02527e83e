/* The options that say what a link shall have, shared by `task open` and `delegate`. */
#ifndef WRIT_CLI_GRANT_H
#define WRIT_CLI_GRANT_H

#include "cli.h"

/* clang-format off */
#define GRANT_OPTIONS                                                                              \
    {"grant", "AUTHORITY", "in notation, as a JSON `tools` object, or in @FILE"},                  \
    {"terms", "JSON|@FILE", "writ_terms without its type, e.g. {\"pass_only\": [\"pay\"]}"},       \
    {"audience", "URI", "where it may be used"},                                                   \
    {"expires-in", "SECONDS", "at most as long as what is above it"},                              \
    {"max-depth", "N", "how deep it may be passed on"},                                            \
    {"narrow", NULL, "take what may be had of it, instead of being refused"},                      \
    {"self", NULL, "this machine keeps the key; the service keeps it otherwise"},                  \
    {"key", "FILE", "with --self: this private JWK instead of a new one"}
/* clang-format on */

/* Puts them into the body of a call; `authority` is what --grant means. */
enum cli_exit grant_put(struct cli *cli, struct writ_json *body,
                        const struct writ_authority **ret_authority);
/* What was cut and why, for people. */
void grant_note_cut(struct cli *cli, const struct writ_json *cut);

#endif
