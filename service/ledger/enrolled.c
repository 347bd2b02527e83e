#include "ledger/enrolled.h"

#include "base/crypto.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 1024, WAYS = 4, THUMBPRINT_SIZE = 43, AGENT_MAX = 200 };

struct slot {
    uint64_t turn; /* 0: free */
    uint8_t name[32];
    struct enrolled_key key;
};

struct enrolled {
    pthread_mutex_t lock;
    uint64_t turn;
    struct slot slots[SETS][WAYS];
};

struct enrolled *enrolled_new(void)
{
    struct enrolled *enrolled = calloc(1, sizeof *enrolled);
    if (enrolled)
        pthread_mutex_init(&enrolled->lock, NULL);
    return enrolled;
}

struct enrolled *enrolled_free(struct enrolled *enrolled)
{
    if (!enrolled)
        return NULL;
    pthread_mutex_destroy(&enrolled->lock);
    free(enrolled);
    return NULL;
}

/* The digest of both; a thumbprint has one length, so there is one way to split them. */
static bool name_of(struct writ_slice thumbprint, struct writ_slice agent, uint8_t ret_name[32])
{
    uint8_t both[THUMBPRINT_SIZE + AGENT_MAX];
    if (thumbprint.size != THUMBPRINT_SIZE || agent.size == 0 || agent.size > AGENT_MAX)
        return false;
    memcpy(both, thumbprint.data, THUMBPRINT_SIZE);
    memcpy(both + THUMBPRINT_SIZE, agent.data, agent.size);
    writ_sha256(writ_slice_of(both, THUMBPRINT_SIZE + agent.size), ret_name);
    return true;
}

/* In a locked table: the slot of this name, or the one of its set that was asked for longest ago.
 */
static struct slot *slot_of(struct enrolled *enrolled, const uint8_t name[static 32],
                            bool *ret_is_its)
{
    uint64_t bits;
    memcpy(&bits, name, sizeof bits);
    struct slot *set = enrolled->slots[bits % SETS];
    struct slot *oldest = &set[0];
    for (size_t i = 0; i < WAYS; i++) {
        *ret_is_its = set[i].turn > 0 && memcmp(set[i].name, name, sizeof set[i].name) == 0;
        if (*ret_is_its)
            return &set[i];
        if (set[i].turn < oldest->turn)
            oldest = &set[i];
    }
    return oldest;
}

void enrolled_add(struct enrolled *enrolled, struct writ_slice thumbprint, struct writ_slice agent,
                  const struct enrolled_key *key)
{
    struct slot made = {.key = *key};
    bool is_its;
    if (!name_of(thumbprint, agent, made.name))
        return;
    pthread_mutex_lock(&enrolled->lock);
    struct slot *slot = slot_of(enrolled, made.name, &is_its);
    made.turn = ++enrolled->turn;
    *slot = made;
    pthread_mutex_unlock(&enrolled->lock);
}

bool enrolled_find(struct enrolled *enrolled, struct writ_slice thumbprint, struct writ_slice agent,
                   struct enrolled_key *ret_key)
{
    uint8_t name[32];
    bool found = false;
    if (!name_of(thumbprint, agent, name))
        return false;
    pthread_mutex_lock(&enrolled->lock);
    struct slot *slot = slot_of(enrolled, name, &found);
    if (found) {
        slot->turn = ++enrolled->turn;
        *ret_key = slot->key;
    }
    pthread_mutex_unlock(&enrolled->lock);
    return found;
}
