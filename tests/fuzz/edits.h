/*
 * A chain that is valid, and edits to it, a line each: that is how a target gets behind the
 * signatures, which are made anew after the edits.
 *
 *   LINK NAME JSON      sets a claim of a link ("1 exp 5"); LINK is a digit, or p for the proof
 *   LINK NAME           takes it away
 *   s LINK BYTE         has it signed by another key (the digit's seed)
 *   h LINK JSON         has another header; p for the proof's
 *   t TEXT              the tool of the call
 *   a JSON              its arguments; the proof's hta stays as it is
 *   c JSON              the arguments, and hta with them
 *   x                   the strict profile
 */
#ifndef WRIT_TESTS_FUZZ_EDITS_H
#define WRIT_TESTS_FUZZ_EDITS_H

#include "fuzz.h"
#include "unit/forge.h"

/* The chain has its links already; lines that are no edit are skipped. */
void edits_apply(struct forge_chain *chain, struct writ_slice lines);
/* What a link or proof that was sealed says; NULL when that is no JSON. */
const struct writ_json *edits_claims(struct writ_arena *arena, struct writ_slice compact);

#endif
