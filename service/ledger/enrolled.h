/*
 * Keys that agents have enrolled, as the ledger said when it was asked: a row that is only
 * inserted. What is remembered here saves a question before an admission, whose own transaction
 * asks again; that the key was revoked since is the view's to say, and then the ledger's. A table
 * of fixed size.
 */
#ifndef WRIT_LEDGER_ENROLLED_H
#define WRIT_LEDGER_ENROLLED_H

#include "token/token.h"

struct enrolled;

struct enrolled_key {
    struct writ_key key;
    bool managed;
};

struct enrolled *enrolled_new(void);
struct enrolled *enrolled_free(struct enrolled *enrolled);
/* Any thread. By the key's thumbprint and the agent that enrolled it. */
void enrolled_add(struct enrolled *enrolled, struct writ_slice thumbprint, struct writ_slice agent,
                  const struct enrolled_key *key);
bool enrolled_find(struct enrolled *enrolled, struct writ_slice thumbprint, struct writ_slice agent,
                   struct enrolled_key *ret_key);

#endif
