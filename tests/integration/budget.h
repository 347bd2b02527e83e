/* Tasks with a budget, a tool that pays, and what the ledger says of their accounts. */
#ifndef WRIT_TESTS_BUDGET_H
#define WRIT_TESTS_BUDGET_H

#include "actors.h"

#define PAY_TOOLS                                                                                  \
    "{'pay': {'amount': {'constraint_type': 'wildcard'}}, "                                        \
    "'read_file': {'path': {'constraint_type': 'path_containment', 'root': '/notes'}}}"
#define USD(limit) "{'unit': 'usd', 'tool': 'pay', 'argument': 'amount', 'limit': '" limit "'}"

/* An issuer with a budget a day. */
struct client payer_with(const char *name, const char *budget_a_day);
/* Opens a task whose root has this budget. */
struct answer budget_try_open(struct client *payer, const char *budget);
/* The same by an issuer that may, with the tool registered. */
void budget_open(struct chain *chain, const char *budget);
struct answer budget_pay(const struct chain *chain, const char *amount);
/* A child with accounts of its own, or NULL; the new leaf when it is admitted. */
struct answer budget_admit(struct chain *chain, const struct actor *to, const char *budget);
/* A member of the account in usd that calls of this node fall on. */
const char *budget_usd(const struct chain *chain, size_t node, const char *member);
/* Waits for the pass that gives back. */
bool budget_is_closed(const struct chain *chain, size_t node);
/* Accounts of the task of which a sum is not what the rows behind it say. */
long budget_unbalanced(const struct chain *chain);

#endif
