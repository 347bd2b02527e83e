/*
 * What the operator decides. A value comes from the first that has it: a flag, the environment
 * (WRIT_*), the file (--config or WRIT_CONFIG_FILE; `key = value` lines, # begins a comment), the
 * default. One table in config.c lists every option; --help prints it. A value that cannot be
 * used is refused with its name and where it came from: there are no silent corrections.
 */
#ifndef WRIT_SERVICE_CONFIG_H
#define WRIT_SERVICE_CONFIG_H

#include "base/arena.h"
#include "log.h"

#include <stdio.h>

struct config {
    /* Where to serve. */
    const char *listen; /* as given */
    const char *listen_host;
    uint16_t listen_port;
    const char *issuer_url; /* no trailing slash */
    const char *tls_cert;   /* NULL without TLS; both or none */
    const char *tls_key;
    uint32_t threads; /* never 0: the cores, where none was given */
    uint32_t connections;
    uint32_t connection_timeout_s;
    uint32_t header_limit;
    uint32_t body_limit;
    uint32_t drain_s;
    uint32_t leave_s;
    /* What stands behind. */
    const char *data_dir;
    const char *database; /* NULL: the private cluster under data_dir */
    const char *follow;   /* NULL: the feed is read where it is written */
    const char *database_role;
    uint32_t readers;
    uint32_t statement_timeout_ms;
    const char *postgres_bin;  /* NULL: look for it */
    const char *postgres_user; /* NULL: postgres, else nobody; matters to root only */
    /* The rules. */
    uint32_t lease_s;
    uint32_t max_lifetime_s;
    uint32_t max_depth;
    uint32_t client_rate; /* these three: 0 means no limit */
    uint32_t task_nodes;
    uint32_t task_children;
    uint32_t known_chains;
    uint32_t default_budget_calls;
    uint32_t outcome_grace_s;
    uint32_t circuit_refusals;
    uint32_t circuit_open_s;
    uint32_t approval_s;
    const char *approval_webhook; /* NULL: nobody is told */
    const char *approval_webhook_secret;
    uint32_t staleness_write_ms;
    uint32_t staleness_read_ms;
    uint32_t pop_window_s;
    bool admit_unregistered; /* unregistered = admit */
    /* What `writd maintain` lets go, in days; 0 keeps for ever. */
    uint32_t retain_decisions;
    uint32_t retain_idempotency;
    const char *policy_file; /* NULL: policies come by PUT /v1/policies */
    const char *policy_opa;  /* NULL: no such engine is asked */
    const char *policy_opa_token;
    const char *policy_authzen;
    const char *policy_authzen_token;
    const char *policy_ca;
    uint32_t policy_deadline_ms;
    enum log_level log_level;

    struct writ_arena arena; /* holds the texts */
};

enum config_outcome {
    CONFIG_REFUSED, /* said why on `errors`; exit 1 */
    CONFIG_SERVE,
    CONFIG_CHECKED, /* --check-config and all is well; exit 0 */
    CONFIG_SHOWN,   /* --help or --version; exit 0 */
};

/* config_done is due whatever the outcome. */
enum config_outcome config_read(struct config *ret_config, int argc, char *const argv[],
                                FILE *output, FILE *errors);
void config_done(struct config *config);

#endif
