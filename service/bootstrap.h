/* First start: the database is there and current, the ledger learns its issuer, and gets an
 * administrator. */
#ifndef WRIT_SERVICE_BOOTSTRAP_H
#define WRIT_SERVICE_BOOTSTRAP_H

#include "service.h"

struct cluster;
struct db;

/* Starts the private cluster unless --database names another, and migrates. `joins`: see
 * cluster_options. *ret_cluster is set even on failure, NULL where there is none; the conninfo is
 * that of the owner. INTERNAL or STATUS_UNKNOWN, with the reason logged. */
struct writ_result bootstrap_database(const struct config *config, bool joins,
                                      struct cluster **ret_cluster,
                                      const char **ret_conninfo) WRIT_MUST_CHECK;
/* One issuer key and URL a ledger. CONFLICT, logged, when the ledger has another one. */
struct writ_result bootstrap_issuer(const struct service *service, struct db *db) WRIT_MUST_CHECK;
/* An administrator, whose secret is written once to <data>/admin.json (0600). Does nothing when
 * there is any client. INTERNAL, with the reason logged. */
struct writ_result bootstrap_admin(const struct service *service, struct db *db) WRIT_MUST_CHECK;

#endif
