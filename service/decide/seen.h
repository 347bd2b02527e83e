/*
 * W1 with `unregistered = admit`: a holder-signed link that is seen first at use goes through the
 * whole admission before it is judged, and is marked unattributed, as no agent enrolled its key
 * with us. Never a root: without its row an issuer's signature is worth nothing.
 */
#ifndef WRIT_DECIDE_SEEN_H
#define WRIT_DECIDE_SEEN_H

#include "decide/decide.h"

struct db;

/* Admits what the ledger does not know of decision->presented and sets decision->chain; else the
 * denial. UNREGISTERED when not even the root is known. */
struct writ_result seen_admit(struct decision *decision, struct db *db) WRIT_MUST_CHECK;

#endif
