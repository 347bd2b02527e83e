/* Several services on one database: they act as one, behind a proxy too. */
#include "actors.h"
#include "load.h"
#include "suites.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";

/* ---- Behind a proxy ----------------------------------------------------------------------- */

struct proxy {
    pid_t pid;
    struct server address; /* only its url is of use */
};

static void proxy_start(struct proxy *proxy, const struct server *a, const struct server *b)
{
    const int port = run_port();
    const char *const arguments[] = {"env",
                                     plain("WRIT_PROXY=127.0.0.1:%d", port),
                                     plain("WRIT_A=127.0.0.1:%d", a->port),
                                     plain("WRIT_B=127.0.0.1:%d", b->port),
                                     "haproxy",
                                     "-db",
                                     "-f",
                                     TESTS_DIR "/../docker/haproxy.cfg",
                                     NULL};
    *proxy = (struct proxy){.pid = run_spawn(arguments)};
    snprintf(proxy->address.url, URL_CAP, "http://127.0.0.1:%d", port);
    proxy->address.pid = proxy->pid;
    ck_assert_msg(server_wait_ready(&proxy->address, 10), "nothing behind the proxy");
}

struct pair {
    struct postgres postgres;
    struct server first, second;
    struct proxy proxy;
};

/* Two checks a second: two seconds are enough to notice. */
static const char *const LEAVING[] = {"--leave-s", "2", NULL};

static void pair_start(struct pair *pair)
{
    postgres_start(&pair->postgres, "pg");
    server_start(&pair->first, "first", &pair->postgres, LEAVING);
    server_start_beside(&pair->second, "second", &pair->first, NULL);
    cast_register(&cast, &pair->first);
    cast_await(&pair->second);
    proxy_start(&pair->proxy, &pair->first, &pair->second);
}

static void pair_stop(struct pair *pair)
{
    run_end_program(pair->proxy.pid, SIGTERM);
    ck_assert_int_eq(server_stop(&pair->first), 0);
    ck_assert_int_eq(server_stop(&pair->second), 0);
    postgres_stop(&pair->postgres);
}

static long permits_of(const struct server *server)
{
    struct client anyone;
    client_init(&anyone, server->url, NULL, NULL);
    const struct answer metrics = get(&anyone, "/metrics");
    expect_status(metrics, 200);
    const char *line = strstr(plain("%.*s", WRIT_SLICE_ARGS(metrics.body)),
                              "\nwrit_permits_total ");
    ck_assert_ptr_nonnull(line);
    client_done(&anyone);
    return strtol(line + strlen("\nwrit_permits_total "), NULL, 10);
}

static struct journal work_through(const struct pair *pair, double seconds)
{
    struct journal journal;
    struct load *load = load_start(&pair->proxy.address);
    sleep_s(seconds);
    load_stop(load, &journal);
    return journal;
}

START_TEST(requests_through_a_proxy_are_spread_and_one_that_leaves_fails_none)
{
    struct pair pair;
    pair_start(&pair);
    struct load *load = load_start(&pair.proxy.address);
    sleep_s(1);
    const long first = permits_of(&pair.first);
    const long second = permits_of(&pair.second);
    ck_assert_msg(first > 0 && second > 0, "%ld and %ld permits", first, second);
    ck_assert_int_eq(server_stop(&pair.first), 0);
    sleep_s(0.5);
    struct journal journal;
    load_stop(load, &journal);
    ck_assert_msg(journal.unanswered == 0, "%ld requests failed", journal.unanswered);
    journal_check(&journal, &pair.postgres);
    printf("one of two left: %zu admissions and %zu permits, none failed\n",
           journal.delegation_count, journal.permit_count);
    journal_done(&journal);
    fflush(stdout);
    server_restart(&pair.first);
    pair_stop(&pair);
}
END_TEST

START_TEST(a_service_that_leaves_says_so_and_serves_on)
{
    struct server leaving;
    server_prepare_beside(&leaving, "leaving", &first_server, LEAVING);
    server_launch(&leaving);
    ck_assert(server_wait_ready(&leaving, 30));
    cast_await(&leaving);
    struct chain chain;
    struct client anyone;
    client_init(&anyone, leaving.url, NULL, NULL);
    chain_open(&chain, &cast.planner);
    kill(leaving.pid, SIGTERM);
    struct answer ready = get(&anyone, "/readyz");
    while (ready.status == 200)
        ready = get(&anyone, "/readyz");
    expect_status(ready, 503);
    expect_text(ready, "reasons.0", "the service is stopping");
    const struct answer permit = chain_call_at(&chain, &leaving, "write_note", NOTE);
    expect_status(permit, 200);
    ck_assert_int_eq(server_stop(&leaving), 0); /* told again, it does not wait any longer */
}
END_TEST

START_TEST(kill_9_of_one_of_two_services_loses_nothing_and_the_proxy_goes_on)
{
    struct pair pair;
    pair_start(&pair);
    struct load *load = load_start(&pair.proxy.address);
    sleep_s(1);
    server_kill(&pair.second);
    sleep_s(1.5);
    struct journal journal;
    load_stop(load, &journal);
    journal_check(&journal, &pair.postgres);
    printf("one of two killed: %zu admissions, %zu permits, %zu revocations; %ld unanswered\n",
           journal.delegation_count, journal.permit_count, journal.revocation_count,
           journal.unanswered);
    journal_done(&journal);
    /* The proxy has noticed: with one of two, nothing fails. */
    journal = work_through(&pair, 0.5);
    ck_assert_msg(journal.unanswered == 0, "%ld requests failed", journal.unanswered);
    journal_check(&journal, &pair.postgres);
    journal_done(&journal);
    fflush(stdout);
    server_restart(&pair.second);
    pair_stop(&pair);
}
END_TEST

/* ---- Two of them -------------------------------------------------------------------------- */

START_TEST(what_one_service_did_holds_at_the_other_at_once)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL); /* admitted at the first */
    const struct answer used = chain_call_at(&chain, &second_server, "write_note", NOTE);
    expect_status(used, 200);
    const struct answer ended = chain_revoke_at(&chain, &first_server, 1);
    expect_status(ended, 200);
    const struct answer after = chain_call_at(&chain, &second_server, "write_note", NOTE);
    expect_code(after, "revoked");
}
END_TEST

START_TEST(a_proof_used_at_one_service_is_replayed_at_the_other)
{
    struct client beside = client_at(&cast.enforcer, &second_server);
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *body = use_body(&chain,
                                proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner),
                                "write_note", NOTE);
    const struct answer once = post(&cast.enforcer, "/v1/validate", body);
    expect_status(once, 200);
    const struct answer again = post(&beside, "/v1/validate", body);
    expect_code(again, "replayed");
}
END_TEST

/* One request at one of two services, while the other has it too. */
struct twin {
    struct client client;
    const char *path, *key, *body;
    long status;
    char id[40];
    char code[40];
    pthread_t thread;
};

static void *ask_twin(void *context)
{
    struct twin *twin = context;
    const struct answer answer = post_once(&twin->client, twin->path, twin->key, twin->body);
    twin->status = answer.status;
    if (has_at(&answer, "code"))
        snprintf(twin->code, sizeof twin->code, "%s", text_at(&answer, "code"));
    else
        snprintf(twin->id, sizeof twin->id, "%s",
                 text_at(&answer, has_at(&answer, "delegation.id") ? "delegation.id" : "id"));
    client_done(&twin->client);
    scratch_reset();
    return NULL;
}

/* Both wait for the task, whose lock is held until they do; then both go on at once. */
static void ask_at_once(const struct chain *chain, struct twin twins[2], const struct client *as,
                        const char *path, const char *key, const char *body)
{
    static const char SQL[] =
        "do $$ declare waiting int = 0; begin "
        "perform pg_advisory_xact_lock(hashtextextended('%s', 0)); "
        "while waiting < 2 loop perform pg_stat_clear_snapshot(); perform pg_sleep(0.005); "
        "select count(*) into waiting from pg_stat_activity a "
        "where a.application_name = 'writd' and a.wait_event = 'advisory'; end loop; end $$";
    const char *sql = plain(SQL, chain->task);
    const char *const arguments[] = {"psql", "-XAtq", "-c", sql, "-d", shared_postgres.url, NULL};
    const pid_t holding = run_spawn(arguments);
    while (postgres_count(&shared_postgres, "select count(*) from pg_locks where locktype = "
                                            "'advisory' and mode = 'ExclusiveLock'") == 0)
        sleep_s(0.005);
    for (int i = 0; i < 2; i++) {
        twins[i] = (struct twin){.client = client_at(as, i ? &second_server : &first_server),
                                 .path = path,
                                 .key = key,
                                 .body = body};
        ck_assert_int_eq(pthread_create(&twins[i].thread, NULL, ask_twin, &twins[i]), 0);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(twins[i].thread, NULL);
    ck_assert_int_eq(run_end_program(holding, 0), 0);
}

static void expect_one(const struct twin twins[2], long status)
{
    for (int i = 0; i < 2; i++)
        ck_assert_msg(twins[i].status == status, "%ld %s", twins[i].status, twins[i].code);
    ck_assert_str_eq(twins[0].id, twins[1].id);
}

START_TEST(the_same_request_at_two_services_at_once_is_done_once_and_answered_twice)
{
    for (int round = 0; round < 5; round++) {
        struct chain chain;
        struct twin twins[2];
        chain_open(&chain, &cast.planner);
        const struct actor *holder = &chain.holders[0];
        const char *body = use_body(&chain,
                                    proof_sign(proof_claims(&chain, "write_note", NOTE), holder),
                                    "write_note", NOTE);
        ask_at_once(&chain, twins, &cast.enforcer, "/v1/validate", plain("use-%s", chain.task),
                    body);
        expect_one(twins, 200);

        const char *token = token_sign(child_claims(&chain, &cast.executor), holder);
        body = quoted("{'task': '%s', 'token': '%s'}", chain.task, token);
        ask_at_once(&chain, twins, &cast.planning, "/v1/delegations", plain("admit-%s", chain.task),
                    body);
        expect_one(twins, 201);

        /* Without a key there is nothing to answer twice with. */
        body = use_body(&chain, proof_sign(proof_claims(&chain, "write_note", NOTE), holder),
                        "write_note", NOTE);
        ask_at_once(&chain, twins, &cast.enforcer, "/v1/validate", NULL, body);
        const int slower = twins[0].status == 200;
        ck_assert_int_eq(twins[!slower].status, 200);
        ck_assert_str_eq(twins[slower].code, "replayed");
    }
}
END_TEST

/* Services whose reads rest on memory for two seconds at most, and whose leases are short. */
static const char *const SHORT[] = {"--staleness-read-ms", "2000", "--lease-s", "3", NULL};
static const double READ_BOUND_S = 2.0;

static void own_pair(struct postgres *postgres, struct server *a, struct server *b)
{
    postgres_start(postgres, "pg");
    server_start(a, "a", postgres, SHORT);
    server_start_beside(b, "b", a, NULL);
    cast_register(&cast, a);
    cast_buffer_reads(&cast);
    struct chain chain;
    cast_await(b);
    chain_open(&chain, &cast.planner);
    const double end = seconds_now() + 10;
    struct answer read = {0};
    while ((read.status != 200 || strcmp(text_at(&read, "recorded"), "buffered") != 0) &&
           seconds_now() < end)
        read = chain_call_at(&chain, b, "read_file", PLACE);
}

START_TEST(a_revocation_at_one_service_ends_reads_from_memory_at_the_other_within_the_bound)
{
    struct postgres postgres;
    struct server a, b;
    own_pair(&postgres, &a, &b);
    double slowest_s = 0;
    for (int round = 0; round < 10; round++) {
        struct chain chain;
        chain_open(&chain, &cast.planner);
        struct answer read = chain_call_at(&chain, &b, "read_file", PLACE);
        expect_status(read, 200);
        const struct answer ended = chain_revoke_at(&chain, &a, 0);
        expect_status(ended, 200);
        const double since = seconds_now();
        for (double asked = since; read.status == 200; asked = seconds_now()) {
            read = chain_call_at(&chain, &b, "read_file", PLACE);
            ck_assert_msg(read.status != 200 || asked - since < READ_BOUND_S,
                          "accepted %.1f s after the revocation was answered", asked - since);
        }
        expect_code(read, "revoked");
        const double took = seconds_now() - since;
        slowest_s = took > slowest_s ? took : slowest_s;
    }
    printf("revoked at one, last accept at the other: at most %.0f ms later\n", slowest_s * 1e3);
    fflush(stdout);
    ck_assert_int_eq(server_stop(&a), 0);
    ck_assert_int_eq(server_stop(&b), 0);
    postgres_stop(&postgres);
}
END_TEST

/* What B remembers of the lease is long over; that A renewed it, only the ledger knows. */
START_TEST(a_lease_that_was_renewed_at_one_service_has_not_lapsed_at_the_other)
{
    struct postgres postgres;
    struct server a, b;
    own_pair(&postgres, &a, &b);
    struct chain chain;
    chain_open(&chain, &cast.planner);
    expect_known(&chain, &b);
    const double end = seconds_now() + 4;
    while (seconds_now() < end) {
        const struct answer renewed = chain_act(&chain, &cast.planning, "renew", 0,
                                                act_body(&chain, "renew", 0, 0, &chain.holders[0]));
        expect_status(renewed, 200);
        sleep_s(0.5);
    }
    const struct answer read = chain_call_at(&chain, &b, "read_file", PLACE);
    expect_status(read, 200);
    expect_text(read, "recorded", "durable"); /* it was asked */
    expect_known(&chain, &b);

    /* And one that nobody renews lapses at both. */
    sleep_s(3.5);
    const struct answer lapsed = chain_call_at(&chain, &b, "read_file", PLACE);
    expect_code(lapsed, "lapsed");
    const struct answer there = chain_call_at(&chain, &a, "read_file", PLACE);
    expect_code(there, "lapsed");
    ck_assert_int_eq(server_stop(&a), 0);
    ck_assert_int_eq(server_stop(&b), 0);
    postgres_stop(&postgres);
}
END_TEST

Suite *suite_replicas(void)
{
    Suite *suite = suite_create("replicas");
    ADD(suite, what_one_service_did_holds_at_the_other_at_once);
    ADD(suite, a_proof_used_at_one_service_is_replayed_at_the_other);
    ADD(suite, the_same_request_at_two_services_at_once_is_done_once_and_answered_twice);
    ADD_SLOW(suite, requests_through_a_proxy_are_spread_and_one_that_leaves_fails_none);
    ADD_SLOW(suite, a_service_that_leaves_says_so_and_serves_on);
    ADD_SLOW(suite, kill_9_of_one_of_two_services_loses_nothing_and_the_proxy_goes_on);
    ADD_SLOW(suite,
             a_revocation_at_one_service_ends_reads_from_memory_at_the_other_within_the_bound);
    ADD_SLOW(suite, a_lease_that_was_renewed_at_one_service_has_not_lapsed_at_the_other);
    return suite;
}
