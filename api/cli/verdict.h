/* `writ verify` as a person and as a program reads it. */
#ifndef WRIT_CLI_VERDICT_H
#define WRIT_CLI_VERDICT_H

#include "cli.h"

/* What is verified: the rules and the invocation. */
struct verification {
    struct writ_verifier verifier;
    struct writ_presentation presentation;
    struct writ_slice tool;
    struct writ_slice args;
};

/* [{"iss", "jwk", "kid"?}], or an object that has such a list as `trust_anchors`. */
enum cli_exit verdict_read_anchors(struct cli *cli, const struct writ_json *json,
                                   struct writ_verifier *verifier);
/* {"aat_chain": [...], "aat_pop": "..."} */
enum cli_exit verdict_read_presentation(struct cli *cli, const struct writ_json *json,
                                        struct writ_presentation *ret_presentation);
/* {"verdict","step","outcome","hop","detail","not_checked"}, with `id` unless it is empty. */
struct writ_json *verdict_json(struct writ_arena *arena, const struct writ_verdict *verdict,
                               struct writ_slice id);
/* `writ verify --cases FILE` */
enum cli_exit verdict_of_cases(struct cli *cli, const char *path);

#endif
