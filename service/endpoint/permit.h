/* A permit, as an enforcement point gets it. */
#ifndef WRIT_ENDPOINT_PERMIT_H
#define WRIT_ENDPOINT_PERMIT_H

#include "endpoint/judge.h"

/* JSON in the arena of the call, whose decision still holds its chain. No data: out of memory. */
struct writ_slice permit_text(const struct judge *judge);

#endif
