/*
 * What this machine holds: for each delegation a file, 0600, with its token, its chain, and the
 * handle of a managed holder or the private key of a self-held one. Bytes that others know prove
 * nothing (W11); what is in here does, so it never leaves but to the service.
 */
#ifndef WRIT_CLI_STATE_H
#define WRIT_CLI_STATE_H

#include "api.h"
#include "key.h"

struct held {
    const char *task;
    const char *delegation;
    const char *agent;
    const char *audience;  /* where it may be used, or "" */
    const char *opened_by; /* the client that opened the task, or "" */
    struct writ_slice token;
    const struct writ_json *chain; /* root first, this token last; NULL where it is not known */
    const char *handle;            /* NULL: self-held */
    bool has_key;
    struct local_key key;
};

/* Keeps it under its delegation's id. */
enum cli_exit state_save(struct cli *cli, const struct held *held);
/* By id, or by the beginning of one that no other has. */
enum cli_exit state_load(struct cli *cli, const char *id, struct held *ret_held);
/* False and no message where this machine does not hold it. */
bool state_find(struct cli *cli, const char *id, struct held *ret_held);
/* The task of a delegation that is held here; else `id` itself, which must look like one. */
enum cli_exit state_task(struct cli *cli, const char *id, const char **ret_task);
/* parent (NULL: a root) and token as one chain; NULL when the parent's is not known. */
struct writ_json *state_chain(struct cli *cli, const struct held *parent, struct writ_slice token);

#endif
