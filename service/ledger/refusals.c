#include "ledger/refusals.h"

#include "clock.h"
#include "ledger/sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 1024, CLIENT_MAX = 200 };

struct pair {
    char client[CLIENT_MAX + 1];
    enum writ_status outcome;
    int64_t minute_us;
    int64_t count;
};

struct refusals {
    pthread_mutex_t lock;
    size_t count;
    struct pair pairs[PAIRS_MAX];
};

struct refusals *refusals_new(void)
{
    struct refusals *refusals = calloc(1, sizeof *refusals);
    if (refusals)
        pthread_mutex_init(&refusals->lock, NULL);
    return refusals;
}

struct refusals *refusals_free(struct refusals *refusals)
{
    if (!refusals)
        return NULL;
    pthread_mutex_destroy(&refusals->lock);
    free(refusals);
    return NULL;
}

static void add(struct refusals *refusals, const char *client, enum writ_status outcome,
                int64_t minute_us, int64_t count)
{
    for (size_t i = 0; i < refusals->count; i++) {
        struct pair *pair = &refusals->pairs[i];
        if (pair->outcome == outcome && pair->minute_us == minute_us &&
            strcmp(pair->client, client) == 0) {
            pair->count += count;
            return;
        }
    }
    if (refusals->count == PAIRS_MAX) {
        /* The last pair takes the rest: counted, if not told apart. */
        refusals->pairs[PAIRS_MAX - 1].count += count;
        return;
    }
    struct pair *pair = &refusals->pairs[refusals->count++];
    *pair = (struct pair){.outcome = outcome, .minute_us = minute_us, .count = count};
    memcpy(pair->client, client, strnlen(client, CLIENT_MAX)); /* a NUL is behind it */
}

void refusals_count(struct refusals *refusals, struct writ_slice client, enum writ_status outcome)
{
    char name[CLIENT_MAX + 1] = "";
    memcpy(name, client.data, client.size < CLIENT_MAX ? client.size : CLIENT_MAX);
    const int64_t now = clock_unix_us();
    pthread_mutex_lock(&refusals->lock);
    add(refusals, name, outcome, now - now % 60000000, 1);
    pthread_mutex_unlock(&refusals->lock);
}

static struct writ_result write_pairs(struct db *db, const struct pair *pairs, size_t count)
{
    struct writ_slice clients[PAIRS_MAX];
    struct writ_slice outcomes[PAIRS_MAX];
    int64_t minutes[PAIRS_MAX];
    int64_t counts[PAIRS_MAX];
    for (size_t i = 0; i < count; i++) {
        clients[i] = writ_slice_text(pairs[i].client);
        outcomes[i] = writ_slice_text(writ_status_code(pairs[i].outcome));
        minutes[i] = pairs[i].minute_us;
        counts[i] = pairs[i].count;
    }
    const struct db_param params[] = {
        db_text_array(clients, count),
        db_text_array(outcomes, count),
        db_time_array(minutes, count),
        db_int8_array(counts, count),
    };
    return sql_run(db, STATEMENT_COUNT_REFUSALS, params, 4, NULL);
}

struct writ_result refusals_flush(struct refusals *refusals, struct db *db)
{
    pthread_mutex_lock(&refusals->lock);
    const size_t count = refusals->count;
    struct pair *pairs = count > 0 ? malloc(count * sizeof *pairs) : NULL;
    if (pairs) {
        memcpy(pairs, refusals->pairs, count * sizeof *pairs);
        refusals->count = 0;
    }
    pthread_mutex_unlock(&refusals->lock);
    if (!pairs)
        return WRIT_SUCCESS;
    const struct writ_result result = write_pairs(db, pairs, count);
    if (!writ_is_ok(result)) {
        pthread_mutex_lock(&refusals->lock);
        for (size_t i = 0; i < count; i++)
            add(refusals, pairs[i].client, pairs[i].outcome, pairs[i].minute_us, pairs[i].count);
        pthread_mutex_unlock(&refusals->lock);
    }
    free(pairs);
    return result;
}
