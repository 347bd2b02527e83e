/*
 * Holder keys: what a token is bound to. The private key of a managed holder is in the database,
 * sealed under the service's master key and bound to its thumbprint.
 */
#ifndef WRIT_ENDPOINT_HOLDERS_H
#define WRIT_ENDPOINT_HOLDERS_H

#include "endpoint/call.h"

/* A fresh managed key for an agent. CONFLICT when the agent is not registered, or retired. */
struct writ_result holder_make_managed(struct call *call, struct db *db, struct writ_slice agent,
                                       struct writ_key *ret_key) WRIT_MUST_CHECK;
/* The private key; the caller wipes it. NOT_FOUND when no managed holder has this thumbprint. */
struct writ_result holder_seed(struct call *call, struct db *db, const char *thumbprint,
                               uint8_t ret_seed[static 32]) WRIT_MUST_CHECK;

#endif
