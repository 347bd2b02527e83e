/* A primary that dies, hangs or is cut off, and the standby that takes over. */
#include "load.h"
#include "recovery.h"
#include "suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";

/* How long reads may rest on memory here. */
static const char *const FLAGS[] = {"--staleness-read-ms", "3000", NULL};
static const double READ_BOUND_S = 3.0;

struct setting {
    struct postgres primary, standby;
    struct server first, second;
};

static void set_up(struct setting *setting)
{
    postgres_start(&setting->primary, "pg");
    postgres_start_standby(&setting->standby, "standby", &setting->primary);
    const struct postgres either = postgres_either(&setting->primary, &setting->standby);
    server_start(&setting->first, "first", &either, FLAGS);
    server_start_beside(&setting->second, "second", &setting->first, NULL);
    cast_register(&cast, &setting->first);
    cast_await(&setting->second);
    cast_buffer_reads(&cast);
}

static void stop_services(struct setting *setting)
{
    ck_assert_int_eq(server_stop(&setting->first), 0);
    ck_assert_int_eq(server_stop(&setting->second), 0);
}

/* ---- A reader ----------------------------------------------------------------------------- */

enum { READS_MAX = 20000 };

/* Calls a buffered tool again and again, and keeps what was permitted. */
struct reader {
    struct chain chain;
    struct client enforcer;
    atomic_bool over;
    char (*ids)[40];
    atomic_size_t count;
    _Atomic double last_permit_s; /* when it was asked for */
    _Atomic double first_unknown_s;
    long others;
    char what[200];
    pthread_t thread;
};

static void *read_on(void *context)
{
    struct reader *reader = context;
    while (!atomic_load(&reader->over) && reader->count < READS_MAX) {
        const double asked = seconds_now();
        const struct answer read = chain_call(&reader->chain, "read_file", PLACE);
        if (read.status == 200) {
            snprintf(reader->ids[reader->count++], 40, "%s", text_at(&read, "id"));
            if (reader->first_unknown_s == 0)
                reader->last_permit_s = asked;
        } else if (read.status == 503) {
            if (reader->first_unknown_s == 0)
                reader->first_unknown_s = seconds_now();
        } else if (reader->others++ == 0) {
            snprintf(reader->what, sizeof reader->what, "%.190s", shown(&read));
        }
        scratch_reset();
        sleep_s(0.01);
    }
    client_done(&reader->enforcer);
    return NULL;
}

static void reader_start(struct reader *reader, const struct server *server)
{
    memset(reader, 0, sizeof *reader);
    reader->ids = calloc(READS_MAX, sizeof *reader->ids);
    ck_assert_ptr_nonnull(reader->ids);
    chain_open(&reader->chain, &cast.planner);
    reader->chain.tokens[0] = strdup(reader->chain.tokens[0]); /* the scratch is reset */
    reader->enforcer = client_at(&cast.enforcer, server);
    reader->chain.enforcer = &reader->enforcer;
    const struct answer read = chain_call_settled(&reader->chain, "read_file", PLACE);
    expect_status(read, 200);
    ck_assert_int_eq(pthread_create(&reader->thread, NULL, read_on, reader), 0);
}

/* All of it is in the ledger, a little later perhaps; no other answer than 200 and 503 was given.
 */
static void reader_check(struct reader *reader, const struct postgres *postgres)
{
    atomic_store(&reader->over, true);
    pthread_join(reader->thread, NULL);
    ck_assert_msg(reader->others == 0, "%s", reader->what);
    const char *sql = plain("select count(*) from writ.decision where task_id = '%s' and "
                            "recorded = 'buffered'",
                            reader->chain.task);
    (void)postgres_count_await(postgres, sql, (long)reader->count, 5);
    for (size_t i = 0; i < reader->count; i += 100) { /* and by their names */
        sql = plain("select count(*) from writ.decision where task_id = '%s' and id = '%s'",
                    reader->chain.task, reader->ids[i]);
        ck_assert_int_eq(postgres_count(postgres, sql), 1);
    }
    sql = plain("select count(*) from writ.decision where task_id = '%s' and verdict = 'permit'",
                reader->chain.task);
    ck_assert_int_ge(postgres_count(postgres, sql), (long)reader->count);
    free(reader->ids);
    free((void *)(uintptr_t)reader->chain.tokens[0]);
}

/* ---- The primary dies --------------------------------------------------------------------- */

static void expect_nothing_is_decided(const struct chain *chain)
{
    const struct answer write = chain_call(chain, "write_note", NOTE);
    expect_code(write, "status_unknown");
    struct chain grown = *chain;
    const struct answer admitted = chain_admit(
        &grown, token_sign(child_claims(chain, &cast.executor), &cast.planner));
    expect_code(admitted, "status_unknown");
    const struct answer opened = task_open(&cast.issuer, &cast.planner, "");
    expect_code(opened, "status_unknown");
    const struct answer ended = chain_act(chain, &cast.issuer, "revoke", 0, "{}");
    expect_code(ended, "status_unknown");
}

static void expect_bound_is_kept(const struct reader *reader, double dead_s)
{
    const double end = seconds_now() + READ_BOUND_S + 5;
    while (reader->first_unknown_s == 0 && seconds_now() < end)
        sleep_s(0.05);
    const double permitted_for = reader->last_permit_s - dead_s;
    printf("primary killed: reads went on from memory for %.1f s of %.1f s\n", permitted_for,
           READ_BOUND_S);
    ck_assert_msg(permitted_for > 0, "a read was refused while memory was fresh");
    ck_assert_msg(permitted_for < READ_BOUND_S, "a read from memory %.2f s after the primary died",
                  permitted_for);
    ck_assert_msg(reader->first_unknown_s > 0, "reads from memory never ended");
}

START_TEST(promotion_of_a_synchronous_standby_loses_nothing_that_was_answered)
{
    struct setting setting;
    struct reader reader;
    struct chain idle;
    set_up(&setting);
    postgres_be_synchronous(&setting.primary);
    chain_open(&idle, &cast.planner);
    reader_start(&reader, &setting.second);
    struct load *load = load_start(&setting.first);
    sleep_s(1.5);
    postgres_kill(&setting.primary);
    const double dead = seconds_now(); /* no beat is younger */
    expect_nothing_is_decided(&idle);
    expect_bound_is_kept(&reader, dead);
    expect_nothing_is_decided(&idle);

    postgres_promote(&setting.standby);
    const double promoted = seconds_now();
    ck_assert_msg(server_wait_ready(&setting.first, 15), "the new primary was not found");
    ck_assert_msg(server_wait_ready(&setting.second, 15), "the new primary was not found");
    printf("promoted: ready after %.1f s\n", seconds_now() - promoted);
    sleep_s(0.5);
    struct journal journal;
    load_stop(load, &journal);
    printf("%zu admissions, %zu permits, %zu revocations and %zu reads were answered\n",
           journal.delegation_count, journal.permit_count, journal.revocation_count, reader.count);
    ck_assert_uint_gt(journal.revocation_count, 0);
    journal_check(&journal, &setting.standby);
    reader_check(&reader, &setting.standby);
    journal_done(&journal);
    expect_working(&setting.first);
    expect_working(&setting.second);
    fflush(stdout);
    stop_services(&setting);
    postgres_stop(&setting.standby);
}
END_TEST

/* ---- The primary is alone ----------------------------------------------------------------- */

static long sessions_of(const struct postgres *postgres)
{
    return postgres_count(postgres, "select count(*) from pg_stat_activity where "
                                    "application_name = 'writd'");
}

/* Asks for decisions that can not be recorded; the longest that one took to be refused. */
static double ask_in_vain(const struct chain *chain, double seconds)
{
    double slowest_s = 0;
    for (const double end = seconds_now() + seconds; seconds_now() < end;) {
        const struct answer write = chain_call(chain, "write_note", NOTE);
        expect_code(write, "status_unknown");
        struct chain grown = *chain;
        const struct answer admitted = chain_admit(
            &grown, token_sign(child_claims(chain, &cast.executor), &cast.planner));
        expect_code(admitted, "status_unknown");
        slowest_s = write.took_s > slowest_s ? write.took_s : slowest_s;
        slowest_s = admitted.took_s > slowest_s ? admitted.took_s : slowest_s;
        sleep_s(0.05);
    }
    return slowest_s;
}

/* A commit that waits for the standby can not be taken back: whoever gives up on it leaves it
 * there. That is so once for what was open before, and no more, however long it lasts and many ask.
 */
START_TEST(a_primary_without_its_synchronous_standby_decides_nothing_until_that_is_back)
{
    struct setting setting;
    struct chain chain;
    set_up(&setting);
    postgres_be_synchronous(&setting.primary);
    chain_open(&chain, &cast.planner);
    const struct answer before = chain_call(&chain, "write_note", NOTE);
    expect_status(before, 200);
    postgres_stop(&setting.standby);
    double slowest_s = ask_in_vain(&chain, 3);
    const long early = sessions_of(&setting.primary);
    const double slower_s = ask_in_vain(&chain, 4);
    const long late = sessions_of(&setting.primary);
    slowest_s = slower_s > slowest_s ? slower_s : slowest_s;
    struct client anyone;
    client_init(&anyone, setting.first.url, NULL, NULL);
    const struct answer ready = get(&anyone, "/readyz");
    expect_status(ready, 503);
    printf("without the standby: the slowest answer took %.0f ms; %ld sessions, then %ld; %s\n",
           slowest_s * 1e3, early, late, text_at(&ready, "reasons.0"));
    ck_assert_msg(late <= early + 1, "%ld sessions, then %ld", early, late);

    postgres_restart(&setting.standby);
    ck_assert_msg(server_wait_ready(&setting.first, 15), "not ready after the standby came back");
    ck_assert_msg(server_wait_ready(&setting.second, 15), "not ready after the standby came back");
    const struct answer after = chain_call_settled(&chain, "write_note", NOTE);
    expect_status(after, 200);
    fflush(stdout);
    stop_services(&setting);
    postgres_stop(&setting.primary);
    postgres_stop(&setting.standby);
}
END_TEST

/* ---- The standby was behind --------------------------------------------------------------- */

START_TEST(an_asynchronous_standby_that_missed_a_revocation_is_refused_until_it_is_recovered)
{
    struct setting setting;
    struct chain revoked;
    set_up(&setting);
    chain_open(&revoked, &cast.planner);
    expect_working(&setting.first);
    while (postgres_count(&setting.standby, plain("select count(*) from writ.task where task_id = "
                                                  "'%s'",
                                                  revoked.task)) == 0)
        sleep_s(0.02);
    /* The stream ends before the revocation. */
    postgres_ask(&setting.standby, NULL, "alter system set primary_conninfo = ''", NULL);
    postgres_ask(&setting.standby, NULL, "select pg_reload_conf()", NULL);
    while (postgres_count(&setting.standby, "select count(*) from pg_stat_wal_receiver") > 0)
        sleep_s(0.02);
    const struct answer ended = chain_act(&revoked, &cast.issuer, "revoke", 0, "{}");
    expect_status(ended, 200);
    postgres_kill(&setting.primary);
    postgres_promote(&setting.standby);

    expect_behind(&setting.first);
    expect_behind(&setting.second);
    ck_assert_int_eq(postgres_count(&setting.standby, "select count(*) from writ.revocation"), 0);
    expect_nothing_is_decided(&revoked);
    const struct answer read = chain_call(&revoked, "read_file", PLACE);
    expect_code(read, "status_unknown");

    expect_recovers(&setting.first);
    expect_ready(&setting.first);
    expect_ready(&setting.second);
    const struct answer revived = chain_call_settled(&revoked, "write_note", NOTE);
    expect_code(revived, "task_closed");
    expect_working(&setting.first);
    expect_working(&setting.second);
    fflush(stdout);
    stop_services(&setting);
    postgres_stop(&setting.standby);
}
END_TEST

/* ---- Finding the primary ------------------------------------------------------------------ */

/* A socket that takes connections and says nothing, as a machine does that hangs. */
static int mute_host(struct postgres *ret_host)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    run_directory("mute", ret_host->dir);
    ck_assert_int_lt(
        snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", ret_host->dir),
        (int)sizeof address.sun_path);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(bind(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(descriptor, 64), 0);
    return descriptor;
}

START_TEST(a_host_that_answers_nothing_does_not_hide_the_primary)
{
    struct postgres primary, standby;
    struct postgres mute = {.dir = ""};
    struct server server;
    const int descriptor = mute_host(&mute);
    postgres_start(&primary, "pg");
    const struct postgres either = postgres_either(&mute, &primary);
    server_start(&server, "own", &either, NULL);
    cast_register(&cast, &server);
    expect_working(&server);
    ck_assert_int_eq(server_stop(&server), 0);
    close(descriptor);

    /* One that is no primary is passed by, too. */
    postgres_start_standby(&standby, "standby", &primary);
    const struct postgres standby_first = postgres_either(&standby, &primary);
    snprintf(server.database, sizeof server.database, "%s", standby_first.url);
    server_restart(&server);
    expect_working(&server);
    ck_assert_int_eq(server_stop(&server), 0);
    postgres_stop(&standby);
    postgres_stop(&primary);
}
END_TEST

Suite *suite_failover(void)
{
    Suite *suite = suite_create("failover");
    ADD_SLOW(suite, promotion_of_a_synchronous_standby_loses_nothing_that_was_answered);
    ADD_SLOW(suite, a_primary_without_its_synchronous_standby_decides_nothing_until_that_is_back);
    ADD_SLOW(suite,
             an_asynchronous_standby_that_missed_a_revocation_is_refused_until_it_is_recovered);
    ADD_SLOW(suite, a_host_that_answers_nothing_does_not_hide_the_primary);
    return suite;
}
