/*
 * How often a client may call. Each has a virtual time to which its requests have filled it (GCRA):
 * a request moves it on by its cost, and is refused while it lies more than a second ahead of now.
 * A request that is refused before possession is proved costs ten, so that a flood of forged ones
 * leaves the machine to the others. Atomic; any thread. A table of fixed size: of clients that do
 * not fit, the one that called least is forgotten, and begins anew.
 */
#ifndef WRIT_SERVICE_RATES_H
#define WRIT_SERVICE_RATES_H

#include "base/slice.h"

struct rates;

/* per_second 0: no limit. NULL when out of memory. */
struct rates *rates_new(uint32_t per_second);
struct rates *rates_free(struct rates *rates);
/* False: the client has to wait. now_us is any monotonic time. */
bool rates_take(struct rates *rates, struct writ_slice client, int64_t now_us);
/* What the request turned out to be costs more. */
void rates_charge_refusal(struct rates *rates, struct writ_slice client, int64_t now_us);

#endif
