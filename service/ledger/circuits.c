#include "ledger/circuits.h"

#include "authority/authority.h"
#include "ledger/keyset.h"
#include "ledger/sql.h"

#include <pthread.h>
#include <stdlib.h>

enum { KEPT_MAX = 10000 };

struct circuits {
    pthread_rwlock_t lock;
    struct keyset open; /* task ‖ delegation */
};

struct circuits *circuits_new(void)
{
    struct circuits *circuits = calloc(1, sizeof *circuits);
    if (circuits)
        pthread_rwlock_init(&circuits->lock, NULL);
    return circuits;
}

struct circuits *circuits_free(struct circuits *circuits)
{
    if (!circuits)
        return NULL;
    pthread_rwlock_destroy(&circuits->lock);
    keyset_done(&circuits->open);
    free(circuits);
    return NULL;
}

static void put(struct circuits *circuits, struct keyset *open)
{
    pthread_rwlock_wrlock(&circuits->lock);
    const struct keyset before = circuits->open;
    circuits->open = *open;
    pthread_rwlock_unlock(&circuits->lock);
    *open = before;
}

static struct writ_result read_open(const struct db_result *rows, struct keyset *open)
{
    for (size_t i = 0; i < db_rows(rows); i++) {
        uint8_t key[32];
        WRIT_ENSURE(db_get_uuid(rows, i, 0, key) && db_get_uuid(rows, i, 1, key + 16), INTERNAL);
        WRIT_ENSURE(keyset_add(open, key), OUT_OF_MEMORY);
    }
    return WRIT_SUCCESS;
}

struct writ_result circuits_follow(struct circuits *circuits, struct db *db, uint32_t open_s)
{
    const struct db_param seconds = db_int8(open_s);
    const struct db_param most = db_int8(KEPT_MAX);
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_CIRCUITS_SPREAD, &seconds, 1, NULL));
    WRIT_TRY(sql_run(db, STATEMENT_CIRCUITS_OPEN, &most, 1, &rows));
    struct keyset open = {0};
    const struct writ_result result = read_open(rows, &open);
    if (writ_is_ok(result))
        put(circuits, &open);
    keyset_done(&open);
    return result;
}

struct writ_result circuits_check(struct circuits *circuits, const struct chain *chain,
                                  struct writ_denial *ret_denial)
{
    int hop = -1;
    pthread_rwlock_rdlock(&circuits->lock);
    for (size_t i = 0; circuits->open.count > 0 && i < chain->count && hop < 0; i++) {
        uint8_t key[32];
        memcpy(key, chain->task.bytes, 16);
        memcpy(key + 16, chain->links[i].id.bytes, 16);
        hop = keyset_has(&circuits->open, key) ? (int)i : -1;
    }
    pthread_rwlock_unlock(&circuits->lock);
    if (hop < 0)
        return WRIT_SUCCESS;
    writ_denial_set(ret_denial, WRIT_CIRCUIT_OPEN, "", "", "this delegation was refused too often");
    ret_denial->hop = hop;
    return WRIT_FAILURE(CIRCUIT_OPEN);
}
