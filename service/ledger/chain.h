/*
 * Admitted chains in memory: what the ledger recorded, by task and leaf hash, immutable. Only
 * admitted chains enter, liveness is never kept here, and a hit skips signatures and nothing else.
 * The table has a fixed size; what falls out is read from the ledger again.
 */
#ifndef WRIT_LEDGER_CHAIN_H
#define WRIT_LEDGER_CHAIN_H

#include "token/token.h"
#include "uuid.h"

struct db;
struct chains;

struct chain_link {
    struct uuid id;
    char thumbprint[44];       /* of the token's holder */
    uint8_t holder_sha256[32]; /* the digest that it is the text of */
    int64_t admitted_at_us;    /* by the ledger's clock */
    bool attributed;           /* its agent enrolled its key with us */
    bool managed;
    bool has_handle;
    uint8_t handle_sha256[32]; /* W11 */
    int64_t *accounts;         /* entries of which it has a budget account of its own */
    size_t account_count;
};

struct chain {
    struct writ_arena arena;
    int references; /* atomically; the table has one of its own */
    struct chains *owner;
    uint64_t age; /* of the table, when it was read */
    struct uuid task;
    struct writ_slice principal;
    struct writ_slice purpose;
    struct writ_slice opened_by; /* client */
    int64_t deadline_us;
    size_t count;              /* root first; the leaf is the last */
    struct writ_token *tokens; /* effective terms as recorded */
    struct chain_link *links;  /* beside tokens: what the ledger knows of each */
    /* Local monotonic time until which the line lives as last read: its leases, its ends and its
     * task's deadline, by the ledger's clock; atomically. */
    int64_t lease_until_us;
    int64_t label_known; /* of the task (label.h); atomically */
    /* What the operator's default of calls had left when it was last seen, less what was answered
     * from memory since; atomically. */
    int64_t calls_left;
};

struct chains *chains_new(size_t capacity);
struct chains *chains_free(struct chains *chains);

/* The chain that ends in this leaf, if it is in memory; NULL otherwise. Released by the caller. */
struct chain *chain_find(struct chains *chains, const struct uuid *task,
                         const uint8_t leaf_hash[static 32]);
/* Reads it from the ledger and remembers it: UNREGISTERED when there is none. By the hash of its
 * leaf, or by the leaf's id. */
struct writ_result chain_load(struct chains *chains, struct db *db, const struct uuid *task,
                              const uint8_t leaf_hash[static 32],
                              struct chain **ret_chain) WRIT_MUST_CHECK;
struct writ_result chain_load_id(struct chains *chains, struct db *db, const struct uuid *task,
                                 const struct uuid *id, struct chain **ret_chain) WRIT_MUST_CHECK;
/* Another holder of it. */
struct chain *chain_hold(struct chain *chain);
/* Takes it out of memory; whoever holds it keeps it. */
void chain_forget(struct chain *chain);
/* The same for all: the ledger that they were read from is not this one any more. */
void chains_forget_all(struct chains *chains);
/* False: all were forgotten since it was read. */
bool chain_is_current(const struct chain *chain);
/* Takes NULL; returns NULL. */
struct chain *chain_release(struct chain *chain);
static inline const struct chain_link *chain_leaf(const struct chain *chain)
{
    return &chain->links[chain->count - 1];
}
static inline const struct writ_token *chain_leaf_token(const struct chain *chain)
{
    return &chain->tokens[chain->count - 1];
}
/* Token by token the same bytes: only then is a presented chain this one. */
bool chain_is(const struct chain *chain, const struct writ_slice *compacts, size_t count);

#endif
