/* A service that follows the feed of revocations on a standby, and what it does when that stalls.
 */
#include "actors.h"
#include "suites.h"

#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";
static const double READ_BOUND_S = 2.0;

static bool is_code(const struct answer *answer, const char *code)
{
    return answer->json && has_at(answer, "code") && strcmp(text_at(answer, "code"), code) == 0;
}

struct stall {
    struct postgres primary, standby;
    struct server at_primary, at_standby;
    struct chain slow, fast;
};

static void stall_start(struct stall *stall)
{
    postgres_start(&stall->primary, "pg");
    static const char *const UNCOUNTED[] = {UNCOUNTED_CALLS, NULL};
    server_start(&stall->at_primary, "primary", &stall->primary, UNCOUNTED);
    cast_register(&cast, &stall->at_primary);
    cast_buffer_reads(&cast);
    chain_open(&stall->slow, &cast.planner);
    chain_open(&stall->fast, &cast.planner);
    postgres_start_standby(&stall->standby, "standby", &stall->primary);
    const char *const flags[] = {"--staleness-read-ms", "2000",          "--follow",
                                 stall->standby.url,    UNCOUNTED_CALLS, NULL};
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
    struct answer ended = chain_revoke_at(&stall->fast, &stall->at_primary, 0);
    while (ended.status == 503 && seconds_now() < end)
        ended = chain_revoke_at(&stall->fast, &stall->at_primary, 0);
    expect_status(ended, 200);
}

/* By memory alone, while the standby shows nothing: never beyond the bound. */
static void expect_reads_end(const struct stall *stall, const struct chain *chain, double since)
{
    for (;;) {
        const double asked = seconds_now();
        const struct answer read = chain_call_at(chain, &stall->at_standby, "read_file", PLACE);
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
    struct answer answer = chain_call_at(chain, server, tool, args);
    while (is_code(&answer, "status_unknown") && seconds_now() < end) {
        sleep_s(0.05);
        answer = chain_call_at(chain, server, tool, args);
    }
    expect_code(answer, "revoked");
}

START_TEST(slow_revocation_commits_behind_a_fast_one_and_the_standby_stalls)
{
    struct stall stall;
    stall_start(&stall);
    const struct chain *const both[] = {&stall.slow, &stall.fast};
    for (size_t i = 0; i < 2; i++)
        expect_known(both[i], &stall.at_standby);
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
        const struct answer write = chain_call_at(both[i], &stall.at_standby, "write_note", NOTE);
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
    const struct answer ended = chain_revoke_at(&stall.slow, &stall.at_primary, 0);
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
    const struct answer early = chain_call_at(&stall.fast, &late, "read_file", PLACE);
    expect_code(early, "status_unknown");
    pause_replay(&stall, false);
    ck_assert_msg(server_wait_ready(&late, 10), "not ready when it had caught up");
    const struct answer revoked = chain_call_at(&stall.slow, &late, "read_file", PLACE);
    expect_code(revoked, "revoked");
    expect_known(&stall.fast, &late);
    ck_assert_int_eq(server_stop(&late), 0);
    stall_stop(&stall);
}
END_TEST

Suite *suite_standby(void)
{
    Suite *suite = suite_create("standby");
    ADD_SLOW(suite, slow_revocation_commits_behind_a_fast_one_and_the_standby_stalls);
    ADD_SLOW(suite, a_service_is_ready_only_when_it_has_caught_up);
    return suite;
}
