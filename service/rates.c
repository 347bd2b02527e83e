#include "rates.h"

#include "base/crypto.h"

#include <pthread.h>
#include <stdlib.h>

enum { SETS = 1024, WAYS = 4, REFUSAL_COST = 10 };

static const int64_t AHEAD_NS = INT64_C(1000000000);

struct rates {
    int64_t cost_ns; /* of one request; 0: no limit */
    uint8_t random[16];
    struct set {
        pthread_mutex_t lock;
        struct {
            uint64_t client; /* its fingerprint; 0: free */
            int64_t filled_ns;
        } ways[WAYS];
    } sets[SETS];
};

struct rates *rates_new(uint32_t per_second)
{
    struct rates *rates = calloc(1, sizeof *rates);
    if (!rates)
        return NULL;
    rates->cost_ns = per_second > 0 ? AHEAD_NS / per_second : 0;
    writ_random(rates->random, sizeof rates->random);
    for (size_t i = 0; i < SETS; i++)
        pthread_mutex_init(&rates->sets[i].lock, NULL);
    return rates;
}

struct rates *rates_free(struct rates *rates)
{
    for (size_t i = 0; rates && i < SETS; i++)
        pthread_mutex_destroy(&rates->sets[i].lock);
    free(rates);
    return NULL;
}

/* The time to which this client is filled, of now or later; in a locked set. */
static int64_t *filled_of(struct set *set, uint64_t client, int64_t now_ns)
{
    size_t place = 0;
    for (size_t i = 0; i < WAYS; i++) {
        if (set->ways[i].client == client) {
            place = i;
            break;
        }
        if (set->ways[i].filled_ns < set->ways[place].filled_ns)
            place = i;
    }
    if (set->ways[place].client != client || set->ways[place].filled_ns < now_ns)
        set->ways[place].filled_ns = now_ns;
    set->ways[place].client = client;
    return &set->ways[place].filled_ns;
}

/* Adds so many requests; false, and nothing, when the client is too far ahead. */
static bool add(struct rates *rates, struct writ_slice client, int64_t now_us, int64_t requests,
                bool must)
{
    if (rates->cost_ns == 0)
        return true;
    const uint64_t fingerprint = writ_fingerprint(rates->random, client) | 1;
    struct set *set = &rates->sets[(fingerprint >> 1) % SETS];
    pthread_mutex_lock(&set->lock);
    int64_t *filled_ns = filled_of(set, fingerprint, now_us * 1000);
    const bool fits = must || *filled_ns - now_us * 1000 <= AHEAD_NS;
    if (fits)
        *filled_ns += requests * rates->cost_ns;
    pthread_mutex_unlock(&set->lock);
    return fits;
}

bool rates_take(struct rates *rates, struct writ_slice client, int64_t now_us)
{
    return add(rates, client, now_us, 1, false);
}

void rates_charge_refusal(struct rates *rates, struct writ_slice client, int64_t now_us)
{
    (void)add(rates, client, now_us, REFUSAL_COST - 1, true);
}
