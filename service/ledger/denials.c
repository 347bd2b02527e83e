#include "ledger/denials.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 1024, WAYS = 8 };

struct slot {
    uint64_t turn; /* 0: free */
    struct denials_entry entry;
};

struct denials {
    pthread_mutex_t lock;
    uint64_t turn;
    struct slot slots[SETS][WAYS];
};

struct denials *denials_new(void)
{
    struct denials *denials = calloc(1, sizeof *denials);
    if (denials)
        pthread_mutex_init(&denials->lock, NULL);
    return denials;
}

struct denials *denials_free(struct denials *denials)
{
    if (!denials)
        return NULL;
    pthread_mutex_destroy(&denials->lock);
    free(denials);
    return NULL;
}

/* A digest is a SHA-256 over what a caller chose: to aim at one set costs 1,024 tries a call, and
 * gains that a denial is judged anew. */
static struct slot *set_of(struct denials *denials, const uint8_t digest[static 32])
{
    uint64_t bits;
    memcpy(&bits, digest, sizeof bits);
    return denials->slots[bits % SETS];
}

static bool is_same(const struct denials_entry *a, const struct denials_entry *b)
{
    return uuid_equal(&a->task, &b->task) && uuid_equal(&a->held_at, &b->held_at) &&
           memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

void denials_add(struct denials *denials, const struct denials_entry *entry)
{
    pthread_mutex_lock(&denials->lock);
    struct slot *set = set_of(denials, entry->digest);
    struct slot *place = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].turn > 0 && is_same(&set[i].entry, entry)) {
            place = &set[i];
            break;
        }
        if (set[i].turn < place->turn)
            place = &set[i];
    }
    *place = (struct slot){.turn = ++denials->turn, .entry = *entry};
    pthread_mutex_unlock(&denials->lock);
}

static bool holds_for(const struct denials_entry *entry, const struct chain *chain,
                      const uint8_t digest[static 32])
{
    if (memcmp(entry->digest, digest, sizeof entry->digest) != 0 ||
        !uuid_equal(&entry->task, &chain->task))
        return false;
    for (size_t i = 0; i < chain->count; i++)
        if (uuid_equal(&entry->held_at, &chain->links[i].id))
            return true;
    return false;
}

bool denials_find(struct denials *denials, const struct chain *chain,
                  const uint8_t digest[static 32], struct denials_entry *ret_entry)
{
    bool found = false;
    pthread_mutex_lock(&denials->lock);
    struct slot *set = set_of(denials, digest);
    for (size_t i = 0; i < WAYS && !found; i++) {
        found = set[i].turn > 0 && holds_for(&set[i].entry, chain, digest);
        if (found) {
            set[i].turn = ++denials->turn;
            *ret_entry = set[i].entry;
        }
    }
    pthread_mutex_unlock(&denials->lock);
    return found;
}
