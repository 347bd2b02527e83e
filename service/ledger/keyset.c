#include "ledger/keyset.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 256 };

static const uint8_t FREE[32];

/* Keys hold hashes or random bits at their ends: no further mixing. */
static size_t place(const uint8_t key[static 32])
{
    uint64_t left, right;
    memcpy(&left, key + 8, sizeof left);
    memcpy(&right, key + 24, sizeof right);
    const uint64_t mixed = (left ^ (right * 0x9e3779b97f4a7c15u)) * 0x9e3779b97f4a7c15u;
    return (size_t)(mixed >> 16);
}

static size_t find(const struct keyset *set, const uint8_t key[static 32])
{
    size_t i = place(key) & (set->capacity - 1);
    while (memcmp(set->slots[i], FREE, 32) != 0 && memcmp(set->slots[i], key, 32) != 0)
        i = (i + 1) & (set->capacity - 1);
    return i;
}

static bool grow(struct keyset *set)
{
    struct keyset bigger = {.capacity = set->capacity ? set->capacity * 2 : FIRST_CAPACITY};
    bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t i = 0; i < set->capacity; i++)
        if (memcmp(set->slots[i], FREE, 32) != 0)
            memcpy(bigger.slots[find(&bigger, set->slots[i])], set->slots[i], 32);
    bigger.count = set->count;
    free(set->slots);
    *set = bigger;
    return true;
}

bool keyset_add(struct keyset *set, const uint8_t key[static 32])
{
    if (set->count * 4 >= set->capacity * 3 && !grow(set))
        return false;
    uint8_t *slot = set->slots[find(set, key)];
    if (memcmp(slot, FREE, 32) == 0) {
        memcpy(slot, key, 32);
        set->count++;
    }
    return true;
}

bool keyset_has(const struct keyset *set, const uint8_t key[static 32])
{
    return set->capacity > 0 && memcmp(set->slots[find(set, key)], FREE, 32) != 0;
}

void keyset_done(struct keyset *set)
{
    free(set->slots);
    *set = (struct keyset){0};
}
