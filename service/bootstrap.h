/* First start: the ledger learns its issuer, and gets an administrator. */
#ifndef WRIT_SERVICE_BOOTSTRAP_H
#define WRIT_SERVICE_BOOTSTRAP_H

#include "service.h"

struct db;

/* One issuer key and URL a ledger. CONFLICT, logged, when the ledger has another one. */
struct writ_result bootstrap_issuer(const struct service *service, struct db *db) WRIT_MUST_CHECK;
/* An administrator, whose secret is written once to <data>/admin.json (0600). Does nothing when
 * there is any client. INTERNAL, with the reason logged. */
struct writ_result bootstrap_admin(const struct service *service, struct db *db) WRIT_MUST_CHECK;

#endif
