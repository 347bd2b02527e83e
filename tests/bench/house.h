/*
 * A house is a ledger of its own with a service over it: a database in the run's one PostgreSQL,
 * its writd, the cast registered there, and chains to work with. What has to be there in numbers is
 * filled in by the owner's SQL (fill_*.sql): rows like any other, only not asked for one by one.
 */
#ifndef WRIT_TESTS_BENCH_HOUSE_H
#define WRIT_TESTS_BENCH_HOUSE_H

#include "integration/actors.h"

enum { TASKS = 64, CHAIN_DEPTH = 8 };

struct house {
    struct postgres database;
    struct server server;
    struct cast cast;
    /* One a task, of the depth that was asked for; any beginning of it is a chain too. */
    struct chain chains[TASKS];
    /* Roots whose keys the service keeps. */
    struct {
        char task[40], root[40], handle[64];
    } managed[TASKS];
    char managed_holder[44]; /* a key that it keeps for the executor */
};

/* `flags`: further arguments of writd, NULL ends. No caps, no rates, and leases longer than a run:
 * they are not what is measured. Reads are recorded a moment later, as the registry may say of a
 * `read` tool. */
void house_start(struct house *house, const struct postgres *cluster, const char *name,
                 const char *const *flags);
void house_stop(struct house *house);
/* Another writd over the same ledger. */
void house_start_beside(const struct house *house, struct server *server, const char *name,
                        const char *const *flags);

/* A task and its chain of this depth. */
void house_open_chain(struct house *house, struct chain *chain, size_t depth);
void house_open_chains(struct house *house, size_t depth);
void house_open_managed(struct house *house);
/* Its first `depth` links below the root. */
struct chain chain_prefix(const struct chain *chain, size_t depth);

/* So many children of this node of the chain, each with a lease. */
void house_fill_below(const struct house *house, const struct chain *chain, size_t node,
                      size_t count);
/* Revokes each child of a node, as if they had been asked for one after the other. */
void house_revoke_below(const struct house *house, const struct chain *chain, size_t node);
/* So many delegations in all, in tasks like that of the first chain: a hundred nodes each. */
void house_fill_to(const struct house *house, size_t count);
/* Statistics, and all dirty pages written: what comes next pays for itself alone. */
void house_settle(const struct house *house);

#endif
