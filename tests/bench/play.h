/*
 * Scenarios. A plan says what is asked, of whom, by how many clients; plans that are to be compared
 * with each other are played side by side: a round of each in turn, so that a slow minute of the
 * machine falls on all of them.
 */
#ifndef WRIT_TESTS_BENCH_PLAY_H
#define WRIT_TESTS_BENCH_PLAY_H

#include "bench/house.h"
#include "bench/table.h"

enum { ROUNDS = 10 };

/* One run. */
struct settings {
    double seconds;   /* of each scenario */
    const char *only; /* scenarios whose names hold it; empty: all */
    size_t stored;    /* delegations of the ledger that has grown */
    size_t below;     /* delegations under the largest subtree that is revoked */
    pid_t postmaster;
};
extern struct settings settings;

struct plan;
/* The index-th request of a plan; no two are alike. */
typedef struct writ_slice request_maker(const struct plan *plan, struct writ_arena *arena,
                                        size_t index);

struct plan {
    const char *name;
    size_t clients;
    const struct house *house;
    const struct server *server; /* NULL: the house's own */
    request_maker *make;
    size_t tasks;     /* that share the load, 1 to TASKS */
    size_t depth;     /* of the leaf that is used, or that gets children */
    const char *tool; /* of uses */
    const char *args;
    const char *path; /* of reads of the graph */
    int wanted;       /* status */
    bool by_value;    /* the whole chain, not a reference to it */
    bool distinct;    /* a narrowing of its own for each child */
    bool new_key;     /* a managed key of its own for each child */

    /* Made by play. */
    const char *basic;
    const char *leaf[TASKS];   /* hash */
    const char *tokens[TASKS]; /* of the chain, as a JSON array without its brackets */
    struct table_row row;
};

/* CPU time of one Ed25519 verification, now. */
double play_verification_us(void);
/* Whether a name was asked for. */
bool play_wanted(const char *name);
/* Those that were asked for, each with one row of the table. */
void play(struct plan *plans, size_t count);
/* How much more b costs than a, from the rounds that they played side by side: by the time a
 * request, and by the CPU of writd and PostgreSQL. Nothing when one of them was not played. */
void play_ratio(const char *name, const struct plan *a, const struct plan *b);

#endif
