/*
 * What became of items whose session was lost while they were written. An item is known by its
 * client and Idempotency-Key; the row under that key is its own, or of another request that was
 * faster, or is not there. A transaction that is still under way on the server is not there yet:
 * running its item again waits for it at the key, and then one of the two is refused, so nothing
 * is done twice whatever is believed here.
 */
#ifndef WRIT_LEDGER_SETTLE_H
#define WRIT_LEDGER_SETTLE_H

#include "ledger/writer.h"

bool settle_is_known(const struct write_item *item);
/* Of items that are known: whether each was recorded by itself. */
struct writ_result settle_find(struct db *db, struct write_item *const *items, size_t count,
                               bool *ret_recorded) WRIT_MUST_CHECK;

#endif
