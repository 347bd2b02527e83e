/* Retention: `writd maintain` beside a service that works, cut short, and twice at once; what is
 * gone is said to be gone; and a day that nobody made a partition for. */
#include "actors.h"
#include "load.h"
#include "suites.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";
/* An id of the year 2024 of a task that nobody opened. */
static const char OLD_TASK[] = "01900000-0000-7000-8000-000000000001";

static struct postgres postgres;
static struct server server;

static void own_service(void)
{
    postgres_start(&postgres, "pg");
    server_start(&server, "own", &postgres, NULL);
    cast_register(&cast, &server);
}

static const char *owner_says(const char *sql)
{
    return postgres_ask(&postgres, "writ_owner", sql, NULL);
}

/* ---- Old records ---------------------------------------------------------------------------- */

enum { FIRST_DAY = 100, ROWS_A_DAY = 5 };

/* Days of denials that are long past the 90 days of retention, and one of today. */
static void make_old_days(int days)
{
    owner_says(plain("select writ.ensure_decision_partitions(now() - interval '%d days',"
                     " now() - interval '%d days'),"
                     " writ.ensure_proof_partitions(now() - interval '%d days',"
                     " now() - interval '%d days')",
                     FIRST_DAY + days - 1, FIRST_DAY, FIRST_DAY + days - 1, FIRST_DAY));
    owner_says(plain(
        "insert into writ.decision (task_id, id, at, client_id, audience, tool, verdict, outcome)"
        " select '%s'::uuid, (left(writ.uuidv7_floor(t)::text, 14) || '7000-8000-' ||"
        "   lpad(to_hex(n), 12, '0'))::uuid, t, 'files', '" AUDIENCE "', 'write_note', 'deny',"
        "   'revoked'"
        "   from generate_series(%d, %d) as d, generate_series(1, %d) as n,"
        "        lateral (select now() - d * interval '1 day' as t) as x"
        " union all select '%s'::uuid, (left(writ.uuidv7_floor(now())::text, 14) ||"
        "   '7000-8000-00000000ffff')::uuid, now(), 'files', '" AUDIENCE "', 'write_note', 'deny',"
        "   'revoked'",
        OLD_TASK, FIRST_DAY, FIRST_DAY + days - 1, ROWS_A_DAY, OLD_TASK));
}

static long days_kept_apart(void)
{
    return postgres_count(&postgres, "select count(*) from pg_class where relkind = 'r' and"
                                     " relnamespace = 'kept'::regnamespace");
}

static long old_days_in_ledger(void)
{
    return postgres_count(&postgres, "select count(*) from writ.days_of('writ.decision')"
                                     " where day < now() - interval '90 days'");
}

/* Each day is in one place and whole, and the floor is where the ledger's days begin. */
static void expect_whole(int days)
{
    ck_assert_int_eq(days_kept_apart() + old_days_in_ledger(), days);
    const long moved = postgres_count(
        &postgres, "select coalesce(sum((xpath('/row/c/text()', query_to_xml(format("
                   "'select count(*) as c from kept.%I', relname), false, true,"
                   " '')))[1]::text::bigint), 0) from pg_class where relkind = 'r' and"
                   " relnamespace = 'kept'::regnamespace");
    const long left = postgres_count(&postgres, "select count(*) from writ.decision where id <"
                                                " writ.uuidv7_floor(now() - interval '90 days')");
    ck_assert_int_eq(moved + left, (long)days * ROWS_A_DAY);
    const long below = postgres_count(&postgres, "select count(*) from writ.decision where id <"
                                                 " (select id from writ.decision_floor)");
    ck_assert_int_eq(below, 0);
    const long above = postgres_count(
        &postgres, "select count(*) from pg_class c, writ.decision_floor f where relkind = 'r' and"
                   " relnamespace = 'kept'::regnamespace and"
                   " writ.uuidv7_floor(to_date(right(relname, 8), 'YYYYMMDD')::timestamp"
                   "   at time zone 'UTC') >= f.id");
    ck_assert_int_eq(above, 0);
}

/* ---- Commands ------------------------------------------------------------------------------- */

static pid_t start(const char *const *arguments)
{
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

static int end_of(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        ck_assert_int_eq(errno, EINTR);
    return status;
}

static pid_t maintain_start(void)
{
    const char *const arguments[] = {WRITD,        "maintain",      "--data-dir", server.dir,
                                     "--database", server.database, NULL};
    return start(arguments);
}

static void maintain(const char *flag, char *ret_output, size_t size)
{
    const char *const arguments[] = {WRITD,        "maintain",      "--data-dir", server.dir,
                                     "--database", server.database, flag,         NULL};
    const int status = run_program(ret_output, size, arguments);
    printf("writd maintain %s: %d\n%s\n", flag ? flag : "", status, ret_output);
    ck_assert_int_eq(status, 0);
}

static void expect_said(const char *output, const char *wanted)
{
    ck_assert_msg(strstr(output, wanted), "no \"%s\" in: %s", wanted, output);
}

/* An auditor's long query: while it runs, nothing can be detached. */
static pid_t long_reader_start(void)
{
    const char *const arguments[] = {
        "psql", "-Xq", "-d", postgres.url, "-c", "select count(*), pg_sleep(60) from writ.decision",
        NULL};
    const pid_t pid = start(arguments);
    const double end = seconds_now() + 20;
    while (postgres_count(&postgres,
                          "select count(*) from pg_stat_activity where query like"
                          " 'select count(*), pg_sleep%' and wait_event = 'PgSleep'") == 0) {
        ck_assert_msg(seconds_now() < end, "the reader does not read");
        sleep_s(0.02);
    }
    return pid;
}

static void long_reader_end(pid_t pid)
{
    postgres_count(&postgres, "select count(pg_terminate_backend(pid)) from pg_stat_activity where"
                              " query like 'select count(*), pg_sleep%'");
    end_of(pid);
}

/* ---- What is gone --------------------------------------------------------------------------- */

START_TEST(what_is_past_retention_is_answered_not_retained)
{
    char output[4096];
    own_service();
    make_old_days(3);
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct answer permit = chain_call(&chain, "write_note", NOTE);
    expect_status(permit, 200);
    const char *old = plain("%s", owner_says("select id from writ.decision order by id limit 1"));
    const char *old_path = plain("/v1/decisions/%.36s", old);
    const char *from = plain("%s", owner_says("select to_char(now() - interval '95 days',"
                                              " 'YYYY-MM-DD\"T\"00:00:00\"Z\"')"));
    from = plain("%.20s", from);
    const char *before = "2024-01-01T00:00:00Z";
    const char *until = plain("/v1/decisions?to=%.20s", from);
    const char *since = plain("/v1/decisions?from=%s", before);
    const char *of_old_task = plain("/v1/decisions?task=%s&tool=unheard_of", OLD_TASK);
    const char *of_new_task = plain("/v1/decisions?task=%s&tool=unheard_of", chain.task);

    const struct answer was = get(&cast.auditor, until);
    expect_status(was, 200);
    ck_assert_uint_eq(at(was.json, "decisions")->count, 15);

    maintain("--dry-run", output, sizeof output);
    expect_said(output, "decisions   3 days would be moved");
    ck_assert_int_eq(old_days_in_ledger(), 3);
    maintain(NULL, output, sizeof output);
    expect_said(output, "decisions   3 days moved to schema kept");
    expect_said(output, "proofs      3 days dropped");
    expect_whole(3);
    maintain(NULL, output, sizeof output);
    expect_said(output, "decisions   0 days");

    const char *const gone[] = {old_path, plain("%s?task=%s", old_path, OLD_TASK), until, since,
                                of_old_task};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        const struct answer answer = get(&cast.auditor, gone[i]);
        ck_assert_msg(answer.status == 410, "%s: %s", gone[i], shown(&answer));
        expect_code(answer, "not_retained");
    }
    const struct answer report = post(&cast.enforcer, plain("%s/outcome", old_path),
                                      quoted("{'success': true}"));
    ck_assert_int_eq(report.status, 410);
    expect_code(report, "not_retained");

    /* What was never there, and what is: as before. */
    const struct answer never = get(&cast.auditor,
                                    "/v1/decisions/00000000-0000-4000-8000-000000000000");
    expect_code(never, "not_found");
    const struct answer unknown = get(&cast.auditor, plain("/v1/decisions/%s", chain.task));
    expect_code(unknown, "not_found");
    const struct answer here = get(&cast.auditor,
                                   plain("/v1/decisions/%s", text_at(&permit, "id")));
    expect_status(here, 200);
    const struct answer all = get(&cast.auditor, "/v1/decisions");
    expect_status(all, 200);
    ck_assert_uint_eq(at(all.json, "decisions")->count, 2);
    ck_assert_str_gt(text_at(&all, "kept_from"), before);
    const struct answer none = get(&cast.auditor, of_new_task);
    expect_status(none, 200);
    ck_assert(!has_at(&none, "kept_from"));
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(a_page_that_would_go_on_in_what_is_gone_is_not_retained)
{
    char output[4096];
    own_service();
    make_old_days(3);
    const struct answer page = get(&cast.auditor, "/v1/decisions?limit=4");
    expect_status(page, 200);
    const char *next = plain("/v1/decisions?limit=4&cursor=%s", text_at(&page, "cursor"));
    const struct answer second = get(&cast.auditor, next);
    expect_status(second, 200);
    maintain(NULL, output, sizeof output);
    const struct answer gone = get(&cast.auditor, next);
    ck_assert_int_eq(gone.status, 410);
    expect_code(gone, "not_retained");
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

/* ---- Beside other work ---------------------------------------------------------------------- */

START_TEST(maintain_that_is_killed_is_finished_by_the_next)
{
    const int days = 60;
    char output[4096];
    own_service();
    make_old_days(days);
    for (int round = 0; round < 4; round++) {
        const long before = days_kept_apart();
        const pid_t pid = maintain_start();
        const double end = seconds_now() + 20;
        while (days_kept_apart() == before && seconds_now() < end)
            continue;
        kill(pid, SIGKILL);
        end_of(pid);
        ck_assert_int_gt(days_kept_apart(), before);
        expect_whole(days);
        printf("killed with %ld of %d days moved\n", days_kept_apart(), days);
        if (days_kept_apart() == days)
            break;
    }
    /* While it waits for its turn. */
    const pid_t reader = long_reader_start();
    const pid_t pid = maintain_start();
    sleep_s(1);
    kill(pid, SIGKILL);
    end_of(pid);
    long_reader_end(reader);
    expect_whole(days);
    maintain(NULL, output, sizeof output);
    expect_whole(days);
    ck_assert_int_eq(days_kept_apart(), days);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

START_TEST(two_that_maintain_at_once_move_each_day_once)
{
    const int days = 12;
    own_service();
    make_old_days(days);
    const pid_t first = maintain_start();
    const pid_t second = maintain_start();
    ck_assert_int_eq(end_of(first), 0);
    ck_assert_int_eq(end_of(second), 0);
    expect_whole(days);
    ck_assert_int_eq(days_kept_apart(), days);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

static long permits(void)
{
    return postgres_count(&postgres, "select count(*) from writ.decision where verdict = 'permit'");
}

START_TEST(the_service_goes_on_while_days_are_moved_and_while_they_can_not_be)
{
    const int days = 12;
    own_service();
    make_old_days(days);
    struct load *load = load_start(&server);
    const pid_t reader = long_reader_start();
    const pid_t pid = maintain_start();
    sleep_s(1);
    const long before = permits();
    sleep_s(2);
    ck_assert_int_gt(permits(), before);
    ck_assert_int_eq(days_kept_apart(), 0);
    long_reader_end(reader);
    ck_assert_int_eq(end_of(pid), 0);
    ck_assert_int_eq(days_kept_apart(), days);
    struct journal journal;
    load_stop(load, &journal);
    journal_check(&journal, &postgres);
    expect_whole(days);
    printf("beside it: %zu admissions and %zu permits\n", journal.delegation_count,
           journal.permit_count);
    journal_done(&journal);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

/* ---- A request that comes again when its key is forgotten ----------------------------------- */

START_TEST(a_request_repeated_after_its_key_was_forgotten_spends_nothing_twice)
{
    char output[4096];
    own_service();
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const struct answer permit = post_once(&cast.enforcer, "/v1/validate", "once", body);
    expect_status(permit, 200);

    /* However old: its task is open. */
    static const char AGE[] = "update writ.idempotency set created_at = now() - interval '9 days'";
    owner_says(AGE);
    maintain(NULL, output, sizeof output);
    const struct answer again = post_once(&cast.enforcer, "/v1/validate", "once", body);
    expect_status(again, 200);
    expect_text(again, "id", text_at(&permit, "id"));

    /* The worst case, that the key is gone while the task is open: the proof is spent. */
    owner_says("delete from writ.idempotency");
    const struct answer replayed = post_once(&cast.enforcer, "/v1/validate", "once", body);
    expect_code(replayed, "replayed");

    owner_says("insert into writ.idempotency (client_id, key, route, body_sha256, created_at)"
               " values ('files', 'old', 'validate', sha256('b'), now() - interval '9 days')");
    maintain(NULL, output, sizeof output);
    expect_said(output, "answers     1 idempotency keys forgotten");
    ck_assert_int_eq(permits(), 1);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

/* ---- A day without a partition --------------------------------------------------------------- */

static void expect_ready_says(struct client *anyone, const char *reason)
{
    struct answer ready = {0};
    const double end = seconds_now() + 20;
    do {
        sleep_s(0.05);
        ready = get(anyone, "/readyz");
    } while (seconds_now() < end && (ready.status != 503 || !has_at(&ready, "reasons.0") ||
                                     !strstr(text_at(&ready, "reasons.0"), reason)));
    ck_assert_msg(ready.status == 503 && strstr(text_at(&ready, "reasons.0"), reason), "%s",
                  shown(&ready));
}

START_TEST(without_a_partition_all_is_denied_until_there_is_one)
{
    static const char TAKE[] =
        "revoke execute on function writ.ensure_decision_partitions(timestamptz, timestamptz),"
        " writ.ensure_proof_partitions(timestamptz, timestamptz) from writ_service;"
        " do $$ declare p regclass; begin"
        " for p in select part from writ.days_of('writ.decision') loop"
        " execute format('drop table %s', p); end loop; end $$";
    static const char GIVE[] =
        "grant execute on function writ.ensure_decision_partitions(timestamptz, timestamptz),"
        " writ.ensure_proof_partitions(timestamptz, timestamptz) to writ_service";
    own_service();
    cast_buffer_reads(&cast);
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct answer good = chain_call_settled(&chain, "read_file", PLACE);
    expect_status(good, 200);

    struct client anyone;
    client_init(&anyone, server.url, NULL, NULL);
    owner_says(TAKE);
    expect_ready_says(&anyone, "partition");
    const struct answer write = chain_call(&chain, "write_note", NOTE);
    expect_code(write, "status_unknown");
    const struct answer read = chain_call(&chain, "read_file", PLACE);
    expect_code(read, "status_unknown");

    owner_says(GIVE);
    ck_assert_msg(server_wait_ready(&server, 20), "not ready with partitions");
    const struct answer after = chain_call_settled(&chain, "write_note", NOTE);
    expect_status(after, 200);
    const struct answer metrics = get(&anyone, "/metrics");
    ck_assert(
        strstr(plain("%.*s", WRIT_SLICE_ARGS(metrics.body)), "writ_partitions_until_seconds 1"));
    client_done(&anyone);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

/* Whether it was used then, nobody knows any more; a new one is as good as ever. */
START_TEST(a_proof_from_before_the_oldest_that_are_kept_is_expired)
{
    own_service();
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner);
    owner_says("update writ.proof_floor set since = now()");
    sleep_s(1.1); /* a proof says its second */
    const struct answer old = post(chain.enforcer, "/v1/validate",
                                   use_body(&chain, proof, "write_note", NOTE));
    expect_code(old, "expired");
    const struct answer permit = chain_call(&chain, "write_note", NOTE);
    expect_status(permit, 200);
    ck_assert_int_eq(server_stop(&server), 0);
}
END_TEST

Suite *suite_retention(void)
{
    Suite *suite = suite_create("retention");
    ADD(suite, what_is_past_retention_is_answered_not_retained);
    ADD(suite, a_page_that_would_go_on_in_what_is_gone_is_not_retained);
    ADD_LONG(suite, maintain_that_is_killed_is_finished_by_the_next, 180);
    ADD(suite, two_that_maintain_at_once_move_each_day_once);
    ADD(suite, the_service_goes_on_while_days_are_moved_and_while_they_can_not_be);
    ADD(suite, a_request_repeated_after_its_key_was_forgotten_spends_nothing_twice);
    ADD(suite, a_proof_from_before_the_oldest_that_are_kept_is_expired);
    ADD(suite, without_a_partition_all_is_denied_until_there_is_one);
    return suite;
}
