/* A connection that is lost while something is written: what can be found again is answered as it
 * was recorded, or done once; of the rest nothing is known. */
#include "actors.h"
#include "relay.h"
#include "suites.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
/* On a busy machine a second session takes a while. */
static const char *const PATIENT[] = {"--statement-timeout-ms", "8000", "--staleness-write-ms",
                                      "8000", NULL};

struct setting {
    struct postgres postgres, through;
    struct relay *relay;
    struct server server;
    struct chain chain;
};

static void set_up(struct setting *setting)
{
    postgres_start(&setting->postgres, "pg");
    setting->relay = relay_start(&setting->postgres, &setting->through);
    server_start(&setting->server, "settling", &setting->through, PATIENT);
    cast_register(&cast, &setting->server);
    chain_open(&setting->chain, &cast.planner);
}

static void end(struct setting *setting)
{
    ck_assert_int_eq(server_stop(&setting->server), 0);
    relay_stop(setting->relay);
    postgres_stop(&setting->postgres);
}

static long count(const struct setting *setting, const char *what)
{
    return postgres_count(&setting->postgres, plain("select count(*) from writ.%s", what));
}

/* Near the end of an hour each is there twice, in both hours. */
static long proofs_used(const struct setting *setting)
{
    return postgres_count(
        &setting->postgres,
        "select count(distinct (leaf_hash, jti, decision_id)) from writ.proof_used");
}

static struct answer use(const struct setting *setting, const char *key)
{
    const char *proof = proof_sign(proof_claims(&setting->chain, "write_note", NOTE),
                                   &cast.planner);
    return post_once(&cast.enforcer, "/v1/validate", key,
                     use_body(&setting->chain, proof, "write_note", NOTE));
}

static struct answer admit(const struct setting *setting, const char *key)
{
    const char *child = token_sign(child_claims(&setting->chain, &cast.executor), &cast.planner);
    return post_once(&cast.planning, "/v1/delegations", key,
                     quoted("{'task': '%s', 'token': '%s'}", setting->chain.task, child));
}

/* After a loss the service is there again by itself. */
static void expect_there(const struct setting *setting)
{
    const struct answer permit = chain_call_settled(&setting->chain, "write_note", NOTE);
    expect_status(permit, 200);
}

START_TEST(what_was_committed_unheard_is_answered_as_it_was_recorded)
{
    struct setting setting;
    set_up(&setting);

    relay_cut_at(setting.relay, "permit");
    const struct answer permit = use(&setting, "key-1");
    expect_status(permit, 200);
    ck_assert_int_eq(relay_cuts(setting.relay), 1);
    ck_assert(!has_at(&permit, "repeated"));
    ck_assert_int_eq(count(&setting, plain("decision where id = '%s'", text_at(&permit, "id"))), 1);
    ck_assert_int_eq(count(&setting, "decision"), 1);
    ck_assert_int_eq(proofs_used(&setting), 1);
    expect_there(&setting);

    relay_cut_at(setting.relay, "admit");
    const struct answer admitted = admit(&setting, "key-2");
    expect_status(admitted, 201);
    ck_assert_int_eq(relay_cuts(setting.relay), 2);
    ck_assert_int_eq(count(&setting, "delegation where parent_id is not null"), 1);
    ck_assert_int_eq(
        count(&setting, plain("delegation where id = '%s'", text_at(&admitted, "delegation.id"))),
        1);

    struct client anyone;
    client_init(&anyone, setting.server.url, NULL, NULL);
    const struct answer metrics = get(&anyone, "/metrics");
    ck_assert_ptr_nonnull(strstr(plain("%.*s", WRIT_SLICE_ARGS(metrics.body)),
                                 "writ_settled_total{fate=\"recorded\"} 2\n"));
    end(&setting);
}
END_TEST

START_TEST(without_a_key_nothing_is_known_of_what_was_committed_unheard)
{
    struct setting setting;
    set_up(&setting);
    relay_cut_at(setting.relay, "permit");
    const struct answer permit = use(&setting, NULL);
    expect_code(permit, "status_unknown");
    ck_assert_int_eq(relay_cuts(setting.relay), 1);
    ck_assert_int_eq(count(&setting, "decision"), 1);
    expect_there(&setting);
    relay_cut_at(setting.relay, "admit");
    const struct answer admitted = admit(&setting, NULL);
    expect_code(admitted, "status_unknown");
    ck_assert_int_eq(count(&setting, "delegation where parent_id is not null"), 1);
    expect_there(&setting);
    end(&setting);
}
END_TEST

/* Holds the task until the writer waits for it, then ends the writer's session and lets go. */
static pid_t end_the_session_that_waits(const struct setting *setting)
{
    static const char SQL[] =
        "do $$ declare waiting int; begin "
        "perform pg_advisory_xact_lock(hashtextextended('%s', 0)); "
        "while waiting is null loop perform pg_stat_clear_snapshot(); perform pg_sleep(0.01); "
        "select a.pid into waiting from pg_stat_activity a "
        "where a.application_name = 'writd' and a.wait_event = 'advisory'; end loop; "
        "perform pg_terminate_backend(waiting); end $$";
    const char *sql = plain(SQL, setting->chain.task);
    const char *const arguments[] = {"psql", "-XAtq", "-c", sql, "-d", setting->postgres.url, NULL};
    const pid_t pid = run_spawn(arguments);
    while (postgres_count(&setting->postgres, "select count(*) from pg_locks where locktype = "
                                              "'advisory' and mode = 'ExclusiveLock'") == 0)
        sleep_s(0.01);
    return pid;
}

START_TEST(what_was_not_committed_is_done_once_more_under_its_key_and_else_not)
{
    struct setting setting;
    set_up(&setting);
    pid_t ending = end_the_session_that_waits(&setting);
    const struct answer permit = use(&setting, "key-1");
    ck_assert_int_eq(run_end_program(ending, 0), 0);
    expect_status(permit, 200);
    ck_assert_int_eq(count(&setting, plain("decision where id = '%s'", text_at(&permit, "id"))), 1);
    ck_assert_int_eq(count(&setting, "decision"), 1);

    ending = end_the_session_that_waits(&setting);
    const struct answer admitted = admit(&setting, "key-2");
    ck_assert_int_eq(run_end_program(ending, 0), 0);
    expect_status(admitted, 201);
    ck_assert_int_eq(count(&setting, "delegation where parent_id is not null"), 1);

    ending = end_the_session_that_waits(&setting);
    const struct answer unknown = use(&setting, NULL);
    ck_assert_int_eq(run_end_program(ending, 0), 0);
    expect_code(unknown, "status_unknown");
    ck_assert_int_eq(count(&setting, "decision"), 1);
    expect_there(&setting);
    end(&setting);
}
END_TEST

struct late {
    const struct setting *setting;
    struct answer answer;
};

static void *use_late(void *context)
{
    struct late *late = context;
    late->answer = use(late->setting, "key-late");
    late->answer.body = WRIT_SLICE_NONE; /* of this thread's scratch */
    return NULL;
}

/* The session is cut, but its transaction lives on at the server, where it waits: the second try
 * waits for the first at the key, and finds what became of it. */
START_TEST(a_first_try_that_lives_on_at_the_server_is_not_done_twice)
{
    struct setting setting;
    set_up(&setting);
    const char *sql = plain("select pg_advisory_lock(hashtextextended('%s', 0)), pg_sleep(30)",
                            setting.chain.task);
    const char *const arguments[] = {"psql", "-XAtq", "-c", sql, "-d", setting.postgres.url, NULL};
    const pid_t holding = run_spawn(arguments);
    while (postgres_count(&setting.postgres, "select count(*) from pg_locks where locktype = "
                                             "'advisory' and mode = 'ExclusiveLock'") == 0)
        sleep_s(0.01);
    struct late late = {.setting = &setting};
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, use_late, &late), 0);
    static const char WAITING[] = "select count(*) from pg_stat_activity where application_name = "
                                  "'writd' and wait_event = 'advisory'";
    while (postgres_count(&setting.postgres, WAITING) < 1)
        sleep_s(0.01);
    relay_cut_all(setting.relay);
    while (postgres_count(&setting.postgres, WAITING) < 2)
        sleep_s(0.01);
    postgres_ask(&setting.postgres, NULL,
                 "select pg_terminate_backend(pid) from pg_stat_activity where query like "
                 "'select pg_advisory_lock%'",
                 NULL);
    run_end_program(holding, SIGTERM);
    pthread_join(thread, NULL);
    ck_assert_int_eq(late.answer.status, 200);
    while (postgres_count(&setting.postgres, WAITING) > 0)
        sleep_s(0.01);
    sleep_s(0.2);
    ck_assert_int_eq(count(&setting, "decision where verdict = 'permit'"), 1);
    ck_assert_int_eq(proofs_used(&setting), 1);
    expect_there(&setting);
    end(&setting);
}
END_TEST

Suite *suite_settle(void)
{
    Suite *suite = suite_create("settle");
    ADD(suite, what_was_committed_unheard_is_answered_as_it_was_recorded);
    ADD(suite, without_a_key_nothing_is_known_of_what_was_committed_unheard);
    ADD(suite, what_was_not_committed_is_done_once_more_under_its_key_and_else_not);
    ADD(suite, a_first_try_that_lives_on_at_the_server_is_not_done_twice);
    return suite;
}
