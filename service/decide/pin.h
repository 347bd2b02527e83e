/*
 * Pins: a link pins the destination of a call when it names the values that it may have, or does
 * not let it be given, so that whoever calls can not choose another. By the ledger's clock, as only
 * a pin from before anything untrusted was read says what somebody trusted wanted (W5).
 */
#ifndef WRIT_DECIDE_PIN_H
#define WRIT_DECIDE_PIN_H

#include "ledger/chain.h"

/* When the first link was admitted that pins this argument of this tool; 0 where none does. */
int64_t pin_since_us(const struct chain *chain, struct writ_slice tool, struct writ_slice argument);

#endif
