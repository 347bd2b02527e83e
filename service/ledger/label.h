/*
 * What memory knows of a task's label (W5). The label rises in the ledger alone; here is a lower
 * bound of it, learnt from a committed row, in one word that threads read and write atomically:
 * level, integrity, and until when a read may be answered from it. Categories are not kept: what
 * has one is never known to be within. Being wrong costs a question to the ledger, no more: it
 * says `conflict` where a call would raise a label whose lock it does not hold alone.
 */
#ifndef WRIT_LEDGER_LABEL_H
#define WRIT_LEDGER_LABEL_H

#include "token/terms.h"

/* Shorter than the wait of a declassification (sql/015, lowered_after_all_have_forgotten), so that
 * no replica still believes the label from before it. */
enum { LABEL_KNOWN_US = 30000000 };

/* The word for a label that a statement sent at `asked_us` (local monotonic) answered. `settled`
 * false: somebody wants it lowered, so nothing is answered from memory. NULL: nothing was read. */
int64_t label_known(const struct writ_label *label, bool settled, int64_t asked_us);
/* It is this, as far as a policy may look: its level and integrity, for as long as nobody can have
 * lowered it. It may have risen; who judges by it has the ledger compare (permit.sql). */
bool label_is_fresh(int64_t known, int64_t now_us);
struct writ_label label_as_known(int64_t known);
/* At some time the label was at least this. */
bool label_reached(int64_t known, const struct writ_label *label);
/* It still is, at `now_us`: a read of this raises nothing. */
bool label_holds(int64_t known, const struct writ_label *label, int64_t now_us);

#endif
