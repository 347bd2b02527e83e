/* Human approval (W6): asking for one, showing it, and what people sign. */
#ifndef WRIT_ENDPOINT_APPROVALS_H
#define WRIT_ENDPOINT_APPROVALS_H

#include "decide/decide.h"
#include "endpoint/call.h"

/*
 * Asks people for what the decision was refused for, and puts the approval into call->approval, for
 * the problem: the one that is there, where the same was asked for before. APPROVAL_INVALID, and so
 * the decision's denial, where somebody rejected the same call in this task; RATE_LIMITED where too
 * many of the task wait. Without one the denial stands as it is.
 */
struct writ_result approvals_ask(struct call *call, struct db *db,
                                 struct decision *decision) WRIT_MUST_CHECK;
/* Text that a person can trust to be whole: what is no printable character, or turns the direction
 * of text, or is not seen, is written as \u{...}. NONE when out of memory. */
struct writ_slice approvals_display(struct writ_arena *arena, struct writ_slice text);

#endif
