/*
 * Denials that stick (sql/019): what was refused for good is answered from here when it is asked
 * for again, at the node where the cause lies and below it. A table of fixed size: what falls out
 * is judged anew, and refused anew or, where the cause is the task's, by the permit's statement.
 */
#ifndef WRIT_LEDGER_DENIALS_H
#define WRIT_LEDGER_DENIALS_H

#include "ledger/chain.h"

struct denials;

struct denials_entry {
    struct uuid task;
    struct uuid held_at; /* the delegation at and below which it holds */
    uint8_t digest[32];  /* of what was asked */
    struct uuid decision;
    struct writ_denial denial;
};

struct denials *denials_new(void);
struct denials *denials_free(struct denials *denials);
/* Any thread. */
void denials_add(struct denials *denials, const struct denials_entry *entry);
/* What holds for a call of this chain, if something does. */
bool denials_find(struct denials *denials, const struct chain *chain,
                  const uint8_t digest[static 32], struct denials_entry *ret_entry);

#endif
