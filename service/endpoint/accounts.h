/* Budget accounts as the API shows them. */
#ifndef WRIT_ENDPOINT_ACCOUNTS_H
#define WRIT_ENDPOINT_ACCOUNTS_H

#include "endpoint/call.h"

/* Puts `accounts` into a node: those that its calls fall on, its own or the nearest above. */
struct writ_result accounts_put(struct call *call, struct db *db, const struct uuid *task,
                                const struct uuid *delegation,
                                struct writ_json *node) WRIT_MUST_CHECK;

#endif
