/* A decision as the ledger writes it down: the question, who asked, and what is to be judged again
 * in the transaction that records it. */
#ifndef WRIT_DECIDE_RECORDING_H
#define WRIT_DECIDE_RECORDING_H

#include "decide/decide.h"
#include "ledger/record.h"

/* Borrows from the decision and from its chain. False: out of memory. */
bool recording_of(const struct decision *decision, struct record *ret_record) WRIT_MUST_CHECK;

#endif
