/*
 * Where the service is and as whom this machine may speak to it. The file ($WRIT_CONFIG, else
 * ~/.config/writ/context.json, 0600) has contexts by name; each is one service with the API
 * clients that were logged in, as one machine often plays several roles:
 *
 *   {"current": "local",
 *    "contexts": {"local": {"url": "http://127.0.0.1:8420", "ca": "/path/ca.pem",
 *                           "defaults": {"principal": "...", "audience": "...", "agent": "..."},
 *                           "clients": {"ID": {"secret", "role", "agent"?, "audience"?}}}}}
 *
 * A file that is one such context and nothing around it is read too, as the context `default`; a
 * client may be just its secret, and the service is then asked for the rest (speaker.h).
 */
#ifndef WRIT_CLI_CONTEXT_H
#define WRIT_CLI_CONTEXT_H

#include "cli.h"

struct context {
    const char *path;
    const char *name; /* of the chosen one */
    const char *url;  /* without a slash at its end */
    const char *ca;   /* NULL: the system's */
    struct writ_json *file;
    struct writ_json *entry; /* the chosen one; file itself when that is a single context */
};

struct credential {
    const char *id;
    const char *secret;
    const char *role;     /* "" while it is not known */
    const char *agent;    /* "" where it has none */
    const char *audience; /* "" where it has none */
};

/* The file, empty where there is none; chooses nothing. */
enum cli_exit context_open(struct cli *cli, struct context **ret_context);
/* The context of --context, $WRIT_CONTEXT or `current`. */
enum cli_exit context_chosen(struct cli *cli, struct context **ret_context);
/* Makes `name` the chosen one, creating it where it is new. */
void context_choose(struct cli *cli, struct context *context, const char *name, const char *url);
/* Adds a client, or replaces the one of that id. */
void context_put_client(struct cli *cli, struct context *context,
                        const struct credential *credential);
enum cli_exit context_save(struct cli *cli, const struct context *context);

size_t context_client_count(const struct context *context);
struct credential context_client(struct cli *cli, const struct context *context, size_t index);
/* A text of `defaults`, or NULL. */
const char *context_default(struct cli *cli, const struct context *context, const char *name);
/* Where the command keeps what it holds: $WRIT_STATE, else `state` beside $WRIT_CONFIG, else
 * ~/.local/state/writ. */
const char *context_state_directory(struct cli *cli);

#endif
