/* Budget accounts as the API shows them. */
#ifndef WRIT_ENDPOINT_ACCOUNTS_H
#define WRIT_ENDPOINT_ACCOUNTS_H

#include "endpoint/call.h"
#include "ledger/account.h"

/* Puts `accounts` into a node: those that its calls fall on, its own or the nearest above. */
struct writ_result accounts_put(struct call *call, struct db *db, const struct uuid *task,
                                const struct uuid *delegation,
                                struct writ_json *node) WRIT_MUST_CHECK;
/* `remaining` of a permit: what each account has left behind this call; of one that was answered
 * from memory, as of the last commit that is known. One that was found again after a lost
 * connection does not say. NULL: out of memory. */
const struct writ_json *accounts_remaining(struct call *call, const struct debit *debits,
                                           size_t count);

#endif
