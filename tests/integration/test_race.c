/*
 * W9: a parent is revoked while 32 clients over two processes admit children under it. No child may
 * be committed after the revocation, and the revocation may not wait behind the admissions.
 */
#include "actors.h"
#include "suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLIENTS = 32, ROUNDS_FULL = 1000, ROUNDS_FAST = 60 };
/* The bound for the 99th percentile of a revocation's time, as its caller sees it. */
#define REVOKE_P99_S 0.100

struct race {
    pthread_barrier_t ready, done;
    struct chain chain;  /* its leaf is the parent */
    atomic_bool revoked; /* the answer of the revocation is there */
    atomic_bool over;
    atomic_int admitted;
    atomic_int late;  /* admitted although sent after that answer */
    atomic_int wrong; /* answers that are neither admission nor `revoked` */
    char what[200];
};

struct racer {
    struct race *race;
    struct client client;
};

static void *admit_children(void *context)
{
    struct racer *racer = context;
    struct race *race = racer->race;
    for (;;) {
        pthread_barrier_wait(&race->ready);
        if (atomic_load(&race->over))
            break;
        bool after = false;
        for (int i = 0; !after && i < 10000; i++) {
            const struct chain *chain = &race->chain;
            const char *token = token_sign(child_claims(chain, &cast.executor),
                                           &chain->holders[chain->count - 1]);
            const char *body = quoted("{'task': '%s', 'token': '%s'}", chain->task, token);
            after = atomic_load(&race->revoked);
            const struct answer answer = post(&racer->client, "/v1/delegations", body);
            const struct writ_slice code = writ_json_text(at(answer.json, "code"));
            if (answer.status == 201) {
                atomic_fetch_add(&race->admitted, 1);
                if (after)
                    atomic_fetch_add(&race->late, 1);
            } else if (!writ_slice_is(code, "revoked") && atomic_fetch_add(&race->wrong, 1) == 0) {
                snprintf(race->what, sizeof race->what, "%.180s", shown(&answer));
            }
        }
        scratch_reset();
        pthread_barrier_wait(&race->done);
    }
    client_done(&racer->client);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* So many rounds; the p99 of the revocation, in seconds. */
static double run_rounds(struct race *race, struct client issuers[2], int rounds)
{
    static double took_s[ROUNDS_FULL];
    for (int round = 0; round < rounds; round++) {
        chain_open(&race->chain, &cast.planner);
        if (round % 2)
            chain_extend(&race->chain, &cast.planner, NULL);
        atomic_store(&race->revoked, false);
        pthread_barrier_wait(&race->ready);
        sleep_s(0.001 * (double)(round % 13));
        const struct answer revoked = chain_act(&race->chain, &issuers[(round / 2) % 2], "revoke",
                                                race->chain.count - 1, "{}");
        atomic_store(&race->revoked, true);
        took_s[round] = revoked.took_s;
        pthread_barrier_wait(&race->done);
        expect_status(revoked, 200);
        ck_assert_msg(atomic_load(&race->late) == 0, "round %d: a child after the revocation",
                      round);
        ck_assert_msg(atomic_load(&race->wrong) == 0, "round %d: %s", round, race->what);
        scratch_reset();
    }
    qsort(took_s, (size_t)rounds, sizeof took_s[0], compare);
    const double p99 = took_s[rounds * 99 / 100];
    printf("revocation against %d admitting clients: p50 %.1f ms, p99 %.1f ms, most %.1f ms; "
           "%d rounds\n",
           CLIENTS, took_s[rounds / 2] * 1e3, p99 * 1e3, took_s[rounds - 1] * 1e3, rounds);
    fflush(stdout);
    return p99;
}

START_TEST(no_child_is_admitted_after_its_parents_revocation)
{
    const int rounds = run_is_fast() ? ROUNDS_FAST : ROUNDS_FULL;
    static struct race race;
    static struct racer racers[CLIENTS];
    pthread_t threads[CLIENTS];
    struct client issuers[2] = {client_at(&cast.issuer, &first_server),
                                client_at(&cast.issuer, &second_server)};
    pthread_barrier_init(&race.ready, NULL, CLIENTS + 1);
    pthread_barrier_init(&race.done, NULL, CLIENTS + 1);
    const char *since = plain(
        "%s", postgres_ask(&shared_postgres, NULL, "select clock_timestamp()", NULL));
    char from[64];
    snprintf(from, sizeof from, "%s", since);
    for (int i = 0; i < CLIENTS; i++) {
        racers[i].race = &race;
        racers[i].client = client_at(&cast.planning, i % 2 ? &second_server : &first_server);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, admit_children, &racers[i]), 0);
    }
    /* The bound is the issue's, for two cores that do nothing else: what else runs on them is not
     * ours to fail for, so a slow run may be repeated. A short one has too few for a percentile. */
    double p99 = run_rounds(&race, issuers, rounds);
    for (int again = 0; again < 2 && p99 > REVOKE_P99_S && !run_is_fast(); again++)
        p99 = run_rounds(&race, issuers, rounds);
    atomic_store(&race.over, true);
    pthread_barrier_wait(&race.ready);
    for (int i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);

    /* The database's own word: by commit times, no child came after its parent's revocation. */
    const char *children = plain(
        "from writ.revocation r join writ.delegation d "
        "on d.task_id = r.task_id and d.parent_id = r.delegation_id where r.at >= '%s'",
        from);
    const long all = postgres_count(&shared_postgres, plain("select count(*) %s", children));
    const long late = postgres_count(
        &shared_postgres, plain("select count(*) %s and pg_xact_commit_timestamp(d.xmin) > "
                                "pg_xact_commit_timestamp(r.xmin)",
                                children));
    ck_assert_int_eq(late, 0);
    ck_assert_int_eq(all, atomic_load(&race.admitted));
    if (!run_is_fast())
        ck_assert_msg(p99 <= REVOKE_P99_S, "p99 of a revocation: %.1f ms", p99 * 1e3);
}
END_TEST

/* The same for the end of a whole task. */
START_TEST(no_child_is_admitted_after_its_tasks_end)
{
    const int rounds = run_is_fast() ? 10 : 100;
    for (int round = 0; round < rounds; round++) {
        struct chain chain;
        chain_open(&chain, &cast.planner);
        pid_t admitting = fork();
        if (admitting == 0) {
            struct client beside = client_at(&cast.planning, &second_server);
            chain.holders[0].client = &beside;
            for (int i = 0; i < 200; i++) {
                const char *token = token_sign(child_claims(&chain, &cast.executor), &cast.planner);
                if (chain_admit(&chain, token).status != 201)
                    break;
            }
            _exit(0);
        }
        sleep_s(0.002 * (double)(round % 7));
        const struct answer ended = post(&cast.issuer, plain("/v1/tasks/%s/complete", chain.task),
                                         "{}");
        expect_status(ended, 200);
        waitpid(admitting, NULL, 0);
        ck_assert_int_eq(
            postgres_count(&shared_postgres,
                           plain("select count(*) from writ.task_end e join writ.delegation d "
                                 "using (task_id) where e.task_id = '%s' and "
                                 "pg_xact_commit_timestamp(d.xmin) > "
                                 "pg_xact_commit_timestamp(e.xmin)",
                                 chain.task)),
            0);
        scratch_reset();
    }
}
END_TEST

Suite *suite_race(void)
{
    Suite *suite = suite_create("race");
    ADD_LONG(suite, no_child_is_admitted_after_its_parents_revocation, 900);
    ADD_LONG(suite, no_child_is_admitted_after_its_tasks_end, 180);
    return suite;
}
