/*
 * Refusals before possession was proved (W7): a row a (caller, outcome, minute), so that a flood
 * leaves a durable count and not a row each. Counted here, written by the follower's beat.
 */
#ifndef WRIT_LEDGER_REFUSALS_H
#define WRIT_LEDGER_REFUSALS_H

#include "base/arena.h"
#include "base/status.h"

struct db;
struct refusals;

struct refusals *refusals_new(void);
struct refusals *refusals_free(struct refusals *refusals);
/* Any thread. Beyond its fixed size, new pairs are counted with the last one. */
void refusals_count(struct refusals *refusals, struct writ_slice client, enum writ_status outcome);
/* Writes what was counted; on failure it is kept for the next time. */
struct writ_result refusals_flush(struct refusals *refusals, struct db *db) WRIT_MUST_CHECK;

#endif
