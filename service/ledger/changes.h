/* The ledger entry of an administrative change: who changed what, from what, to what. */
#ifndef WRIT_LEDGER_CHANGES_H
#define WRIT_LEDGER_CHANGES_H

#include "base/slice.h"
#include "base/status.h"

struct db;

struct change_entry {
    struct writ_slice client;
    const char *kind;
    struct writ_slice key;
    struct writ_slice before; /* JSON; data NULL: it is new */
    struct writ_slice after;
};

/* Under the lock of registry changes (registry_lock.sql); others see the snapshot change with it.
 */
struct writ_result changes_record(struct db *db, const struct change_entry *entry) WRIT_MUST_CHECK;

#endif
