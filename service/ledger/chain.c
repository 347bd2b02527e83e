#include "ledger/chain.h"

#include "base/base64url.h"
#include "clock.h"
#include "ledger/label.h"
#include "ledger/sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Four ways a set: a chain can stand in any of four places, and the oldest of them leaves. */
enum { WAYS = 4 };

struct chains {
    pthread_mutex_t lock;
    size_t sets; /* a power of two */
    uint64_t turn;
    uint64_t age; /* how often all were forgotten; atomically */
    struct {
        struct chain *chain;
        uint64_t used;
    } slots[];
};

struct chains *chains_new(size_t capacity)
{
    size_t sets = 1;
    while (sets * WAYS < capacity)
        sets *= 2;
    struct chains *chains = calloc(1, sizeof *chains + sets * WAYS * sizeof chains->slots[0]);
    if (!chains)
        return NULL;
    chains->sets = sets;
    pthread_mutex_init(&chains->lock, NULL);
    return chains;
}

static void chain_free(struct chain *chain)
{
    struct writ_arena arena = chain->arena;
    writ_arena_done(&arena);
}

struct chains *chains_free(struct chains *chains)
{
    if (!chains)
        return NULL;
    for (size_t i = 0; i < chains->sets * WAYS; i++)
        if (chains->slots[i].chain)
            chain_free(chains->slots[i].chain);
    pthread_mutex_destroy(&chains->lock);
    free(chains);
    return NULL;
}

static size_t first_slot(const struct chains *chains, const uint8_t leaf_hash[static 32])
{
    uint64_t word;
    memcpy(&word, leaf_hash, sizeof word);
    return ((size_t)word & (chains->sets - 1)) * WAYS;
}

static bool is_leaf(const struct chain *chain, const struct uuid *task,
                    const uint8_t leaf_hash[static 32])
{
    return chain && uuid_equal(&chain->task, task) &&
           memcmp(chain_leaf_token(chain)->hash, leaf_hash, 32) == 0;
}

struct chain *chain_hold(struct chain *chain)
{
    __atomic_add_fetch(&chain->references, 1, __ATOMIC_RELAXED); /* whoever asks has one */
    return chain;
}

struct chain *chain_release(struct chain *chain)
{
    if (chain && __atomic_sub_fetch(&chain->references, 1, __ATOMIC_ACQ_REL) == 0)
        chain_free(chain);
    return NULL;
}

struct chain *chain_find(struct chains *chains, const struct uuid *task,
                         const uint8_t leaf_hash[static 32])
{
    struct chain *found = NULL;
    pthread_mutex_lock(&chains->lock);
    const size_t first = first_slot(chains, leaf_hash);
    for (size_t i = first; i < first + WAYS && !found; i++)
        if (is_leaf(chains->slots[i].chain, task, leaf_hash)) {
            found = chain_hold(chains->slots[i].chain);
            chains->slots[i].used = ++chains->turn;
        }
    pthread_mutex_unlock(&chains->lock);
    return found;
}

/* The table takes a reference of its own; whatever stood there is released. */
static void remember(struct chains *chains, struct chain *chain)
{
    const uint8_t *hash = chain_leaf_token(chain)->hash;
    pthread_mutex_lock(&chains->lock);
    const size_t first = first_slot(chains, hash);
    size_t place = first;
    for (size_t i = first; i < first + WAYS; i++) {
        if (is_leaf(chains->slots[i].chain, &chain->task, hash)) {
            place = i;
            break;
        }
        if (chains->slots[i].used < chains->slots[place].used)
            place = i;
    }
    struct chain *old = chains->slots[place].chain;
    chains->slots[place].chain = chain;
    chains->slots[place].used = ++chains->turn;
    chain_hold(chain);
    pthread_mutex_unlock(&chains->lock);
    chain_release(old);
}

void chain_forget(struct chain *chain)
{
    struct chains *chains = chain->owner;
    struct chain *forgotten = NULL;
    pthread_mutex_lock(&chains->lock);
    const size_t first = first_slot(chains, chain_leaf_token(chain)->hash);
    for (size_t i = first; i < first + WAYS && !forgotten; i++)
        if (chains->slots[i].chain == chain) {
            forgotten = chain;
            chains->slots[i].chain = NULL;
            chains->slots[i].used = 0;
        }
    pthread_mutex_unlock(&chains->lock);
    chain_release(forgotten);
}

bool chain_is_current(const struct chain *chain)
{
    return __atomic_load_n(&chain->owner->age, __ATOMIC_ACQUIRE) == chain->age;
}

void chains_forget_all(struct chains *chains)
{
    __atomic_add_fetch(&chains->age, 1, __ATOMIC_ACQ_REL);
    for (size_t i = 0; i < chains->sets * WAYS; i++) {
        pthread_mutex_lock(&chains->lock);
        struct chain *forgotten = chains->slots[i].chain;
        chains->slots[i].chain = NULL;
        chains->slots[i].used = 0;
        pthread_mutex_unlock(&chains->lock);
        chain_release(forgotten);
    }
}

bool chain_is(const struct chain *chain, const struct writ_slice *compacts, size_t count)
{
    if (count != chain->count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!writ_slice_equal(chain->tokens[i].compact, compacts[i]))
            return false;
    return true;
}

/* ---- Reading ------------------------------------------------------------------------------ */

/* Columns of chain.sql. */
enum {
    ID,
    TOKEN,
    TERMS,
    CUSTODY,
    HANDLE,
    PRINCIPAL,
    PURPOSE,
    OPENED_BY,
    DEADLINE,
    LEASE,
    ATTRIBUTED,
    ADMITTED_AT,
    LABEL,
    SETTLED,
    ACCOUNTS,
};

static struct writ_result read_link(struct chain *chain, struct db_result *rows, size_t row)
{
    struct writ_arena *arena = &chain->arena;
    struct chain_link *link = &chain->links[row];
    struct writ_token *token = &chain->tokens[row];
    const struct writ_slice bytes = writ_arena_copy(arena, db_get_bytea(rows, row, TOKEN));
    WRIT_ENSURE(bytes.data, OUT_OF_MEMORY);
    WRIT_TRY(writ_token_read_trusted(arena, WRIT_PROFILE_AAT_02_WRIT, bytes, token));
    const struct writ_json *terms = NULL;
    WRIT_TRY(writ_json_parse(arena, db_get_jsonb(rows, row, TERMS), &terms));
    WRIT_TRY(writ_effective_read(arena, terms, &token->effective));
    (void)db_get_uuid(rows, row, ID, link->id.bytes);
    writ_key_thumbprint(&token->holder, link->thumbprint);
    WRIT_TRY(writ_base64url_decode_exact(writ_slice_text(link->thumbprint), link->holder_sha256,
                                         sizeof link->holder_sha256));
    link->attributed = db_get_bool(rows, row, ATTRIBUTED);
    link->admitted_at_us = db_get_time(rows, row, ADMITTED_AT);
    link->managed = writ_slice_is(db_get_text(rows, row, CUSTODY), "managed");
    const struct writ_slice handle = db_get_bytea(rows, row, HANDLE);
    link->has_handle = handle.size == sizeof link->handle_sha256;
    if (link->has_handle)
        memcpy(link->handle_sha256, handle.data, handle.size);
    link->account_count = db_array_size(rows, row, ACCOUNTS);
    link->accounts = writ_arena_array(arena, link->account_count, sizeof *link->accounts);
    WRIT_ENSURE(link->accounts || link->account_count == 0, OUT_OF_MEMORY);
    for (size_t i = 0; i < link->account_count; i++)
        link->accounts[i] = db_array_int8(rows, row, ACCOUNTS, i);
    return WRIT_SUCCESS;
}

static struct writ_result read_label(struct chain *chain, struct db_result *rows, int64_t asked_us)
{
    const struct writ_json *json = NULL;
    struct writ_label label;
    const bool is_bottom = db_is_null(rows, 0, LABEL);
    if (!is_bottom) {
        WRIT_TRY(writ_json_parse(&chain->arena, db_get_jsonb(rows, 0, LABEL), &json));
        WRIT_TRY(writ_label_read(&chain->arena, json, &label));
    }
    chain->label_known = label_known(is_bottom ? NULL : &label, db_get_bool(rows, 0, SETTLED),
                                     asked_us);
    return WRIT_SUCCESS;
}

static struct writ_result read_rows(struct chain *chain, struct db_result *rows, int64_t asked_us)
{
    struct writ_arena *arena = &chain->arena;
    chain->count = db_rows(rows);
    chain->links = writ_arena_array(arena, chain->count, sizeof *chain->links);
    chain->tokens = writ_arena_array(arena, chain->count, sizeof *chain->tokens);
    chain->principal = writ_arena_copy(arena, db_get_text(rows, 0, PRINCIPAL));
    chain->purpose = writ_arena_copy(arena, db_get_text(rows, 0, PURPOSE));
    chain->opened_by = writ_arena_copy(arena, db_get_text(rows, 0, OPENED_BY));
    WRIT_ENSURE(chain->links && chain->tokens && chain->principal.data && chain->opened_by.data,
                OUT_OF_MEMORY);
    chain->deadline_us = db_get_time(rows, 0, DEADLINE);
    chain->lease_until_us = clock_monotonic_us() + db_get_int8(rows, 0, LEASE);
    for (size_t i = 0; i < chain->count; i++)
        WRIT_TRY(read_link(chain, rows, i));
    return read_label(chain, rows, asked_us);
}

static struct writ_result load(struct chains *chains, struct db *db, const struct uuid *task,
                               struct db_param leaf_hash, struct db_param leaf_id,
                               struct chain **ret_chain)
{
    SQL_RESULT rows = NULL;
    const int64_t asked_us = clock_monotonic_us();
    const struct db_param params[] = {db_uuid(task->bytes), leaf_hash, leaf_id};
    WRIT_TRY(sql_run(db, STATEMENT_CHAIN, params, 3, &rows));
    WRIT_ENSURE(db_rows(rows) > 0, UNREGISTERED);

    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    struct chain *chain = writ_arena_alloc(&arena, sizeof *chain);
    WRIT_ENSURE(chain, OUT_OF_MEMORY);
    *chain = (struct chain){.arena = arena, .references = 1, .owner = chains, .task = *task};
    chain->age = __atomic_load_n(&chains->age, __ATOMIC_ACQUIRE);
    const struct writ_result result = read_rows(chain, rows, asked_us);
    if (!writ_is_ok(result)) {
        chain_free(chain);
        return result.status == WRIT_OUT_OF_MEMORY ? result : WRIT_FAILURE(INTERNAL);
    }
    remember(chains, chain);
    *ret_chain = chain;
    return WRIT_SUCCESS;
}

struct writ_result chain_load(struct chains *chains, struct db *db, const struct uuid *task,
                              const uint8_t leaf_hash[static 32], struct chain **ret_chain)
{
    return load(chains, db, task, db_bytea(writ_slice_of(leaf_hash, 32)), db_null(), ret_chain);
}

struct writ_result chain_load_id(struct chains *chains, struct db *db, const struct uuid *task,
                                 const struct uuid *id, struct chain **ret_chain)
{
    return load(chains, db, task, db_null(), db_uuid(id->bytes), ret_chain);
}
