/* A growing set of 32-byte keys: what is revoked, for look-ups in the view. Not locked itself. */
#ifndef WRIT_LEDGER_KEYSET_H
#define WRIT_LEDGER_KEYSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct keyset {
    uint8_t (*slots)[32]; /* all zero: free */
    size_t capacity;      /* a power of two, or 0 */
    size_t count;
};

/* False when out of memory: then the set is incomplete and its owner must refuse. */
bool keyset_add(struct keyset *set, const uint8_t key[static 32]);
bool keyset_has(const struct keyset *set, const uint8_t key[static 32]);
void keyset_done(struct keyset *set);

#endif
