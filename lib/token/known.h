/*
 * Links that were verified before, remembered by their exact bytes. A hit spares a link its
 * signature, its parsing, and the comparison of its authority and terms with its parent's: the
 * same bytes under the same anchor or parent must pass all of that again. Every other rule
 * is judged each time (link.c), so a verdict is the same with or without a memory. Only chains that
 * led to a permit enter. Fixed size, four ways a set: the one that was used longest ago leaves.
 */
#ifndef WRIT_TOKEN_KNOWN_H
#define WRIT_TOKEN_KNOWN_H

#include "token/link.h"

struct writ_known_link {
    struct writ_link link; /* verifier and parent are NULL */
    uint8_t parent_hash[32];
    enum writ_profile profile;
    int max_constraint_depth;
};

/* A verification begins: what it finds from here on stays until the next one begins. Takes NULL. */
void writ_known_begin(struct writ_known *known);
/* The link with these bytes, whoever its parent is; NULL: none, or `known` is NULL. */
const struct writ_known_link *writ_known_find(struct writ_known *known, struct writ_slice compact);
/* Fills `link`, whose verifier and parent are set, for it to be judged. Leaves it as it is when
 * what it stands on, an anchor or a parent, or the rules are others than they were. */
void writ_known_take(const struct writ_known_link *found, struct writ_link *link);
/* Remembers a verified chain. What there is no memory for is simply not known. */
void writ_known_put(struct writ_known *known, const struct writ_verifier *verifier,
                    const struct writ_token *tokens, size_t token_count);

#endif
