/*
 * Whether a person has to say yes (W6): by a rule of the chain or by a policy. What they say yes to
 * is one JSON text, and its digest: delegation, authority, holder, tool, arguments, and the
 * policies that decided. If one of these is another, so is the digest, and the approval is of
 * something else.
 */
#ifndef WRIT_DECIDE_APPROVAL_H
#define WRIT_DECIDE_APPROVAL_H

#include "decide/decide.h"

/* APPROVAL_REQUIRED where a rule asks for one and none came with the request. What came is judged
 * by the ledger, in the transaction that spends it. */
struct writ_result approval_check(struct decision *decision) WRIT_MUST_CHECK;

#endif
