/* Several services on one database: they act as one, behind a proxy and on a standby. */
#include "actors.h"
#include "load.h"
#include "suites.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";
#define TOOL_PATH(name) "/v1/tools/" name "?audience=https%%3A%%2F%%2Ftools.test"

static void let_reads_be_buffered(void)
{
    const struct answer tool = put(
        &cast.admin, plain(TOOL_PATH("read_file")),
        quoted("{'effect': 'read', 'record': 'buffered', 'sensitivity': {}}"));
    expect_status(tool, 200);
}

static struct answer call_at(const struct chain *chain, const struct server *server,
                             const char *tool, const char *args)
{
    struct client enforcer = client_at(&cast.enforcer, server);
    struct chain there = *chain;
    there.enforcer = &enforcer;
    const struct answer answer = chain_call(&there, tool, args);
    client_done(&enforcer);
    return answer;
}

static struct answer revoke_at(const struct chain *chain, const struct server *server, size_t node)
{
    struct client issuer = client_at(&cast.issuer, server);
    const struct answer answer = chain_act(chain, &issuer, "revoke", node, "{}");
    client_done(&issuer);
    return answer;
}

static bool is_code(const struct answer *answer, const char *code)
{
    return answer->json && has_at(answer, "code") && strcmp(text_at(answer, "code"), code) == 0;
}

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
    cast_await(&cast, &pair->second);
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
    const char *line = strstr(plain("%.*s", WRIT_SLICE_ARGS(metrics.body)), "\nwrit_permits_total ");
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
    cast_await(&cast, &leaving);
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
    const struct answer permit = call_at(&chain, &leaving, "write_note", NOTE);
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
    const struct answer used = call_at(&chain, &second_server, "write_note", NOTE);
    expect_status(used, 200);
    const struct answer ended = revoke_at(&chain, &first_server, 1);
    expect_status(ended, 200);
    const struct answer after = call_at(&chain, &second_server, "write_note", NOTE);
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

/* Services whose reads rest on memory for two seconds at most, and whose leases are short. */
static const char *const SHORT[] = {"--staleness-read-ms", "2000", "--lease-s", "3", NULL};
static const double READ_BOUND_S = 2.0;

static void own_pair(struct postgres *postgres, struct server *a, struct server *b)
{
    postgres_start(postgres, "pg");
    server_start(a, "a", postgres, SHORT);
    server_start_beside(b, "b", a, NULL);
    cast_register(&cast, a);
    let_reads_be_buffered();
    struct chain chain;
    cast_await(&cast, b);
    chain_open(&chain, &cast.planner);
    const double end = seconds_now() + 10;
    struct answer read = {0};
    while ((read.status != 200 || strcmp(text_at(&read, "recorded"), "buffered") != 0) &&
           seconds_now() < end)
        read = call_at(&chain, b, "read_file", PLACE);
}

static void expect_buffered(const struct answer answer)
{
    expect_status(answer, 200);
    expect_text(answer, "recorded", "buffered");
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
        struct answer read = call_at(&chain, &b, "read_file", PLACE);
        expect_status(read, 200);
        const struct answer ended = revoke_at(&chain, &a, 0);
        expect_status(ended, 200);
        const double since = seconds_now();
        for (double asked = since; read.status == 200; asked = seconds_now()) {
            read = call_at(&chain, &b, "read_file", PLACE);
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
    expect_buffered(call_at(&chain, &b, "read_file", PLACE));
    const double end = seconds_now() + 4;
    while (seconds_now() < end) {
        const struct answer renewed = chain_act(
            &chain, &cast.planning, "renew", 0,
            act_body(&chain, "renew", 0, 0, &chain.holders[0]));
        expect_status(renewed, 200);
        sleep_s(0.5);
    }
    const struct answer read = call_at(&chain, &b, "read_file", PLACE);
    expect_status(read, 200);
    expect_text(read, "recorded", "durable"); /* it was asked */
    expect_buffered(call_at(&chain, &b, "read_file", PLACE));

    /* And one that nobody renews lapses at both. */
    sleep_s(3.5);
    const struct answer lapsed = call_at(&chain, &b, "read_file", PLACE);
    expect_code(lapsed, "lapsed");
    const struct answer there = call_at(&chain, &a, "read_file", PLACE);
    expect_code(there, "lapsed");
    ck_assert_int_eq(server_stop(&a), 0);
    ck_assert_int_eq(server_stop(&b), 0);
    postgres_stop(&postgres);
}
END_TEST

/* ---- On a standby ------------------------------------------------------------------------- */

struct stall {
    struct postgres primary, standby;
    struct server at_primary, at_standby;
    struct chain slow, fast;
};

static void stall_start(struct stall *stall)
{
    postgres_start(&stall->primary, "pg");
    server_start(&stall->at_primary, "primary", &stall->primary, NULL);
    cast_register(&cast, &stall->at_primary);
    let_reads_be_buffered();
    chain_open(&stall->slow, &cast.planner);
    chain_open(&stall->fast, &cast.planner);
    postgres_start_standby(&stall->standby, "standby", &stall->primary);
    const char *const flags[] = {"--staleness-read-ms", "2000", "--follow", stall->standby.url,
                                 NULL};
    server_start_beside(&stall->at_standby, "standby", &stall->at_primary, flags);
}

static void stall_stop(struct stall *stall)
{
    ck_assert_int_eq(server_stop(&stall->at_primary), 0);
    ck_assert_int_eq(server_stop(&stall->at_standby), 0);
    postgres_stop(&stall->standby);
    postgres_stop(&stall->primary);
}

static void pause_replay(const struct stall *stall, bool pauses)
{
    postgres_ask(&stall->standby, NULL,
                 pauses ? "select pg_wal_replay_pause()" : "select pg_wal_replay_resume()", NULL);
    while (pauses && postgres_count(&stall->standby,
                                    "select count(*) where pg_get_wal_replay_pause_state() = "
                                    "'paused'") == 0)
        sleep_s(0.01);
}

/* A revocation that takes its number at once and commits a second later. */
static pid_t revoke_slowly(const struct stall *stall)
{
    const char *sql = plain(
        "begin; set role writ_service; "
        "select pg_advisory_xact_lock(hashtextextended('%s', 0)); "
        "with next as (update writ.feed set head = head + 1 returning head) "
        "insert into writ.revocation (task_id, delegation_id, kind, feed_no, by_client) "
        "select '%s', '%s', 'revoked', head, 'slow' from next; select pg_sleep(1); commit",
        stall->slow.task, stall->slow.task, stall->slow.ids[0]);
    const char *const arguments[] = {"psql", "-XAtq", "-v", "ON_ERROR_STOP=1",  "-o", "/dev/null",
                                     "-c",   sql,     "-d", stall->primary.url, NULL};
    const pid_t pid = run_spawn(arguments);
    while (postgres_count(&stall->primary, "select count(*) from pg_stat_activity where "
                                           "wait_event = 'PgSleep'") == 0)
        sleep_s(0.01);
    return pid;
}

/* The fast one waits for the number before its own, or gives up and is told again. */
static void revoke_fast(const struct stall *stall)
{
    const double end = seconds_now() + 10;
    struct answer ended = revoke_at(&stall->fast, &stall->at_primary, 0);
    while (ended.status == 503 && seconds_now() < end)
        ended = revoke_at(&stall->fast, &stall->at_primary, 0);
    expect_status(ended, 200);
}

/* By memory alone, while the standby shows nothing: never beyond the bound. */
static void expect_reads_end(const struct stall *stall, const struct chain *chain, double since)
{
    for (;;) {
        const double asked = seconds_now();
        const struct answer read = call_at(chain, &stall->at_standby, "read_file", PLACE);
        ck_assert_msg(read.status != 200 || asked - since < READ_BOUND_S,
                      "accepted from memory %.1f s after the revocation was answered",
                      asked - since);
        if (read.status == 200)
            continue;
        expect_code(read, "status_unknown");
        return;
    }
}

static void expect_revoked_soon(const struct server *server, const struct chain *chain,
                                const char *tool, const char *args)
{
    const double end = seconds_now() + 10;
    struct answer answer = call_at(chain, server, tool, args);
    while (is_code(&answer, "status_unknown") && seconds_now() < end) {
        sleep_s(0.05);
        answer = call_at(chain, server, tool, args);
    }
    expect_code(answer, "revoked");
}

START_TEST(slow_revocation_commits_behind_a_fast_one_and_the_standby_stalls)
{
    struct stall stall;
    stall_start(&stall);
    const struct chain *const both[] = {&stall.slow, &stall.fast};
    for (size_t i = 0; i < 2; i++)
        expect_buffered(call_at(both[i], &stall.at_standby, "read_file", PLACE));
    pause_replay(&stall, true);
    const pid_t slow = revoke_slowly(&stall);
    revoke_fast(&stall);
    const double since = seconds_now();
    ck_assert_int_eq(run_end_program(slow, 0), 0);

    /* The numbers are in the order of the commits: who has read the later one has the other. */
    ck_assert_int_eq(postgres_count(&stall.primary,
                                    "select count(*) from writ.revocation a join writ.revocation b "
                                    "on a.feed_no < b.feed_no and pg_xact_commit_timestamp(a.xmin) "
                                    "> pg_xact_commit_timestamp(b.xmin)"),
                     0);
    ck_assert_int_eq(postgres_count(&stall.primary, "select count(*) from writ.revocation"), 2);
    for (size_t i = 0; i < 2; i++) {
        expect_reads_end(&stall, both[i], since);
        const struct answer write = call_at(both[i], &stall.at_standby, "write_note", NOTE);
        expect_code(write, "status_unknown");
        expect_revoked_soon(&stall.at_primary, both[i], "read_file", PLACE);
        expect_revoked_soon(&stall.at_primary, both[i], "write_note", NOTE);
    }

    pause_replay(&stall, false);
    ck_assert_msg(server_wait_ready(&stall.at_standby, 10), "not ready when the stall was over");
    for (size_t i = 0; i < 2; i++) {
        expect_revoked_soon(&stall.at_standby, both[i], "read_file", PLACE);
        expect_revoked_soon(&stall.at_standby, both[i], "write_note", NOTE);
    }
    stall_stop(&stall);
}
END_TEST

START_TEST(a_service_is_ready_only_when_it_has_caught_up)
{
    struct stall stall;
    stall_start(&stall);
    pause_replay(&stall, true);
    const struct answer ended = revoke_at(&stall.slow, &stall.at_primary, 0);
    expect_status(ended, 200);
    struct server late;
    server_prepare_beside(&late, "late", &stall.at_standby, NULL);
    server_launch(&late);
    struct client anyone;
    client_init(&anyone, late.url, NULL, NULL);
    const double end = seconds_now() + 2.5;
    bool has_said_why = false;
    while (seconds_now() < end || !has_said_why) {
        const struct answer ready = get(&anyone, "/readyz");
        ck_assert_msg(ready.status != 200, "ready behind a standby that stalls");
        has_said_why |= ready.status == 503 && has_at(&ready, "reasons.0") &&
                        strstr(text_at(&ready, "reasons.0"), "standby");
        ck_assert_msg(has_said_why || seconds_now() < end + 30, "%s", shown(&ready));
        sleep_s(0.05);
    }
    /* It holds the revocation against nobody yet, and permits nobody. */
    const struct answer early = call_at(&stall.fast, &late, "read_file", PLACE);
    expect_code(early, "status_unknown");
    pause_replay(&stall, false);
    ck_assert_msg(server_wait_ready(&late, 10), "not ready when it had caught up");
    const struct answer revoked = call_at(&stall.slow, &late, "read_file", PLACE);
    expect_code(revoked, "revoked");
    expect_buffered(call_at(&stall.fast, &late, "read_file", PLACE));
    ck_assert_int_eq(server_stop(&late), 0);
    stall_stop(&stall);
}
END_TEST

Suite *suite_replicas(void)
{
    Suite *suite = suite_create("replicas");
    ADD(suite, what_one_service_did_holds_at_the_other_at_once);
    ADD(suite, a_proof_used_at_one_service_is_replayed_at_the_other);
    ADD(suite, requests_through_a_proxy_are_spread_and_one_that_leaves_fails_none);
    ADD(suite, a_service_that_leaves_says_so_and_serves_on);
    ADD(suite, kill_9_of_one_of_two_services_loses_nothing_and_the_proxy_goes_on);
    ADD(suite, a_revocation_at_one_service_ends_reads_from_memory_at_the_other_within_the_bound);
    ADD(suite, a_lease_that_was_renewed_at_one_service_has_not_lapsed_at_the_other);
    ADD(suite, slow_revocation_commits_behind_a_fast_one_and_the_standby_stalls);
    ADD(suite, a_service_is_ready_only_when_it_has_caught_up);
    return suite;
}
