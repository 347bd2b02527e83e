/*
 * The private PostgreSQL: made at first start, run as a child, restarted when it dies, stopped with
 * the service. Reached by a unix socket in a directory of 0700 only, never by TCP; who can open
 * that socket (the cluster's own user, and root) is trusted as any role, which is what owning the
 * files means anyway. When writd is root, the cluster and nothing else runs as an unprivileged
 * user. When writd is killed, the kernel tells the cluster to stop; what is left of it is stopped
 * by the next writd on this data directory before it starts its own.
 */
#ifndef WRIT_POSTGRES_CLUSTER_H
#define WRIT_POSTGRES_CLUSTER_H

#include "base/status.h"

struct cluster;

struct cluster_options {
    const char *data_dir;
    const char *bin_dir; /* NULL: search */
    const char *user;    /* NULL: postgres, else nobody; root only */
    unsigned sessions;   /* that the service will open at most */
    bool joins; /* where another writd runs the cluster: use that one, and leave it alone */
};

/* Ready for migrate_run when it returns; the database "writ" is there. INTERNAL, reason logged. */
struct writ_result cluster_start(const struct cluster_options *options,
                                 struct cluster **ret_cluster) WRIT_MUST_CHECK;
/* For db_open and psql, as the superuser of the cluster. */
const char *cluster_conninfo(const struct cluster *cluster);
/* After the migrations: a login that can take the role `role` and nothing else, so that a session
 * of the service which resets its role gains nothing. INTERNAL, reason logged. */
struct writ_result cluster_add_login(struct cluster *cluster, const char *role) WRIT_MUST_CHECK;
/* For the service's sessions, as that login. */
const char *cluster_login_conninfo(const struct cluster *cluster);
const char *cluster_socket(const struct cluster *cluster);
const char *cluster_log(const struct cluster *cluster);
/* Sessions are closed, a checkpoint is written. Takes NULL, returns NULL. */
struct cluster *cluster_stop(struct cluster *cluster);

#endif
