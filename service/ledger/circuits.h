/*
 * Circuits that are open (sql/019), as the follower read them last: who may not use what it holds
 * for a while, nor delegate it. Memory may only refuse: permits and admissions are judged on the
 * ledger's own rows again, and of a flood only the newest circuits are kept here.
 */
#ifndef WRIT_LEDGER_CIRCUITS_H
#define WRIT_LEDGER_CIRCUITS_H

#include "ledger/chain.h"

struct circuits;
struct db;

struct circuits *circuits_new(void);
struct circuits *circuits_free(struct circuits *circuits);
/* The follower's: opens the circuits of parents that are due, and reads what is open. */
struct writ_result circuits_follow(struct circuits *circuits, struct db *db,
                                   uint32_t open_s) WRIT_MUST_CHECK;
/* Any thread. CIRCUIT_OPEN with the hop in the denial. */
struct writ_result circuits_check(struct circuits *circuits, const struct chain *chain,
                                  struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
