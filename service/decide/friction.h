/*
 * What a refusal leaves behind. Only a caller that showed a good chain and proof gets here, so that
 * nobody can spoil the record of another; and only what would be refused again is remembered: where
 * the cause lies in the task, for the whole task; where it lies in the presenter's own grant, for
 * that leaf and what is below. Faults of chain, proof, time or status never.
 */
#ifndef WRIT_DECIDE_FRICTION_H
#define WRIT_DECIDE_FRICTION_H

#include "decide/decide.h"
#include "ledger/record.h"

/* CIRCUIT_OPEN while the circuit of a link is. */
struct writ_result friction_check_circuit(struct decision *decision) WRIT_MUST_CHECK;
/* The earlier denial, when the same was refused for good; decision->refused_before then. */
struct writ_result friction_check_denied(struct decision *decision) WRIT_MUST_CHECK;
/* What the record of this denial should do; nothing, for most. */
struct record_friction friction_of(const struct decision *decision,
                                   const struct writ_denial *denial);
/* After it is recorded: keeps it in memory. */
void friction_keep(const struct decision *decision, const struct record_friction *friction,
                   const struct writ_denial *denial);

#endif
