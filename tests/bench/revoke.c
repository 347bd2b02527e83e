/*
 * Revocations: how long the answer takes, and how long after it a use of what died is still
 * permitted, on the replica that was asked and on another one. The uses are reads from memory, the
 * weakest case; the moment of a use is when its answer had arrived, so what is printed is an upper
 * bound. And what a revocation costs the memory of a replica that only follows.
 */
#include "bench/request.h"
#include "bench/scenarios.h"
#include "bench/watch.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    LINE = 14, /* nodes above what is filled in: one is revoked a round, the deepest first */
    BURST = 4, /* and as many connections to each replica */
    REPLICAS = 2,
};
static const char ARGS[] = "{'path': '/notes/2026/a.md'}";
/* Quiet for longer than the bound for writes: then no use will be permitted any more. The pause
 * makes some hundred uses a second, and is as near as the moment of the last one is known. */
static const double WARM_S = 0.2, QUIET_S = 1.2, PAUSE_S = 0.004;

/* ---- Uses, one after the other -------------------------------------------------------------- */

struct hammer {
    pthread_t thread;
    struct drive *drive;
    struct writ_slice requests[BURST];
    atomic_long answered_us; /* when the revocation was answered; 0: not yet */
    double last_good_s;
};

static void *hammer_run(void *context)
{
    struct hammer *hammer = context;
    struct drive_result result = {0};
    for (;;) {
        result.answered = 0;
        drive_run(hammer->drive, hammer->requests, BURST, 200, &result);
        const double answered_s = (double)atomic_load(&hammer->answered_us) * 1e-6;
        const double last_s = result.last_good_s > answered_s ? result.last_good_s : answered_s;
        if (answered_s > 0 && seconds_now() - last_s > QUIET_S)
            break;
        sleep_s(PAUSE_S);
    }
    hammer->last_good_s = result.last_good_s;
    drive_result_done(&result);
    return NULL;
}

/* One proof many times: a read is not spent by use. */
static void hammer_start(struct hammer *hammer, const struct server *server,
                         const struct chain *leaf)
{
    const struct actor *holder = &leaf->holders[leaf->count - 1];
    const char *proof = proof_sign(proof_claims(leaf, "read_file", ARGS), holder);
    const struct writ_slice request = request_post(scratch(), "/v1/validate",
                                                   request_basic(leaf->enforcer),
                                                   use_body(leaf, proof, "read_file", ARGS));
    hammer->drive = drive_open(server->port, BURST);
    atomic_store(&hammer->answered_us, 0);
    for (size_t i = 0; i < BURST; i++)
        hammer->requests[i] = request;
    ck_assert_int_eq(pthread_create(&hammer->thread, NULL, hammer_run, hammer), 0);
}

/* How long after the answer the last use was permitted; 0: before it. */
static double hammer_stop_ms(struct hammer *hammer)
{
    pthread_join(hammer->thread, NULL);
    hammer->drive = drive_close(hammer->drive);
    const double answered_s = (double)atomic_load(&hammer->answered_us) * 1e-6;
    ck_assert_msg(hammer->last_good_s > 0, "no use was permitted before the revocation");
    return hammer->last_good_s > answered_s ? (hammer->last_good_s - answered_s) * 1e3 : 0;
}

/* ---- Rounds --------------------------------------------------------------------------------- */

struct revocations {
    struct house *house;
    const struct server *replicas[REPLICAS]; /* the first is asked to revoke */
    size_t count, loaded_count;
    double answer_ms[LINE], loaded_ms[LINE], last_ms[REPLICAS][LINE];
    double worst_ms;
};

static double revoke_ms(const struct revocations *all, const struct chain *chain, size_t node)
{
    const struct answer revoked = chain_act(chain, &all->house->cast.admin, "revoke", node, "{}");
    expect_status(revoked, 200);
    return revoked.took_s * 1e3;
}

static void revoke_under_load(struct revocations *all, const struct chain *chain, size_t node)
{
    struct hammer hammers[REPLICAS];
    struct chain leaf = chain_prefix(chain, node);
    chain_extend(&leaf, &all->house->cast.executor, NULL);
    for (size_t i = 0; i < REPLICAS; i++)
        hammer_start(&hammers[i], all->replicas[i], &leaf);
    sleep_s(WARM_S);
    const size_t at = all->loaded_count++;
    all->loaded_ms[at] = revoke_ms(all, chain, node);
    const long answered_us = (long)(seconds_now() * 1e6);
    for (size_t i = 0; i < REPLICAS; i++)
        atomic_store(&hammers[i].answered_us, answered_us);
    for (size_t i = 0; i < REPLICAS; i++) {
        all->last_ms[i][at] = hammer_stop_ms(&hammers[i]);
        if (all->last_ms[i][at] > all->worst_ms)
            all->worst_ms = all->last_ms[i][at];
    }
}

/* Each node of the line has all of the ones below it, and what was filled in, under it. */
static void revoke_subtrees(struct revocations *all, size_t below, struct chain *ret_chain)
{
    house_open_chain(all->house, ret_chain, LINE);
    house_fill_below(all->house, ret_chain, LINE, below);
    house_settle(all->house);
    all->count = all->loaded_count = 0;
    for (size_t node = LINE; node > 0; node--) {
        if (node % 2)
            all->answer_ms[all->count++] = revoke_ms(all, ret_chain, node);
        else
            revoke_under_load(all, ret_chain, node);
    }
    table_note(plain("revoke, %zu below: answer", below), all->answer_ms, all->count, "ms");
    table_note(plain("revoke, %zu below: answer, under load", below), all->loaded_ms,
               all->loaded_count, "ms");
    table_note(plain("revoke, %zu below: last accept, same replica", below), all->last_ms[0],
               all->loaded_count, "ms");
    table_note(plain("revoke, %zu below: last accept, other replica", below), all->last_ms[1],
               all->loaded_count, "ms");
}

/* ---- Memory --------------------------------------------------------------------------------- */

static void wait_for_feed(const struct server *server, long head)
{
    struct client client;
    int64_t seen = -1;
    client_init(&client, server->url, NULL, NULL);
    for (int i = 0; i < 600 && seen < head; i++) {
        const struct answer ready = get(&client, "/readyz");
        if (!writ_json_integer(at(ready.json, "feed"), &seen))
            seen = -1;
        sleep_s(0.1);
    }
    client_done(&client);
    ck_assert_msg(seen >= head, "%s has not seen number %ld", server->url, head);
}

/* All that is below a node is revoked one by one, and a replica follows. */
static void measure_memory(const struct revocations *all, const struct chain *chain)
{
    const struct postgres *database = &all->house->database;
    const struct server *follower = all->replicas[1];
    const double before = (double)process_resident_bytes(follower->pid);
    const long from = postgres_count(database, "select head from writ.feed");
    house_revoke_below(all->house, chain, LINE);
    const long head = postgres_count(database, "select head from writ.feed");
    wait_for_feed(follower, head);
    double each = ((double)process_resident_bytes(follower->pid) - before) / (double)(head - from);
    table_note(plain("memory, a live revocation, of %ld", head - from), &each, 1, "bytes");
}

void measure_revoke(struct house *house)
{
    const size_t below[] = {1, 1000, settings.below};
    struct server other;
    struct chain chain;
    struct revocations all = {.house = house, .replicas = {&house->server, &other}};
    if (!play_wanted("revoke") && !play_wanted("memory"))
        return;
    server_start_beside(&other, "other", &house->server, NULL);
    for (size_t i = 0; i < sizeof below / sizeof below[0]; i++)
        revoke_subtrees(&all, below[i], &chain);
    table_note("revoke, last accept of all", &all.worst_ms, 1, "ms at most");
    measure_memory(&all, &chain);
    server_stop(&other);
}
