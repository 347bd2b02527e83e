/* An older database: it is noticed, nothing is decided on it, and `writd recover` ends what it may
 * have forgotten. */
#include "recovery.h"
#include "suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";

/* ---- Databases ---------------------------------------------------------------------------- */

static void shell(const char *command)
{
    const char *const arguments[] = {"sh", "-ec", command, NULL};
    ck_assert_msg(run_program(NULL, 0, arguments) == 0, "%s", command);
}

/* A backup of the simplest kind: the files of a stopped server. */
static void back_up(const char *dir)
{
    shell(plain("cp -a '%s/data' '%s/backup'", dir, dir));
}

static void restore(const char *dir)
{
    shell(plain("rm -rf '%s/data' && cp -a '%s/backup' '%s/data'", dir, dir, dir));
}

static void restore_running(struct postgres *postgres)
{
    postgres_stop(postgres);
    restore(postgres->dir);
    postgres_restart(postgres);
}

/* ---- The service -------------------------------------------------------------------------- */

static void own_service(struct postgres *postgres, struct server *server)
{
    postgres_start(postgres, "pg");
    server_start(server, "own", postgres, NULL);
    cast_register(&cast, server);
}

static void back_up_running(struct postgres *postgres, const struct server *server)
{
    postgres_stop(postgres);
    back_up(postgres->dir);
    postgres_restart(postgres);
    expect_working(server);
}

static struct answer revoke_node(const struct chain *chain, size_t node)
{
    return chain_act(chain, &cast.admin, "revoke", node, "{}");
}

/* ---- The story ---------------------------------------------------------------------------- */

struct story {
    struct postgres postgres;
    struct server server;
    struct chain revoked; /* its leaf is, after the backup */
    struct chain used;
    const char *proof; /* of `used`, spent after the backup */
};

static struct answer replay(const struct story *story)
{
    return post(&cast.enforcer, "/v1/validate",
                use_body(&story->used, story->proof, "write_note", NOTE));
}

static void play_until_the_restore(struct story *story)
{
    own_service(&story->postgres, &story->server);
    chain_open(&story->revoked, &cast.planner);
    chain_extend(&story->revoked, &cast.executor, NULL);
    chain_open(&story->used, &cast.planner);
    back_up_running(&story->postgres, &story->server);

    const struct answer ended = revoke_node(&story->revoked, 1);
    expect_status(ended, 200);
    const struct answer dead = chain_call(&story->revoked, "write_note", NOTE);
    expect_code(dead, "revoked");
    story->proof = proof_sign(proof_claims(&story->used, "write_note", NOTE), &cast.planner);
    const struct answer once = replay(story);
    expect_status(once, 200);
    const struct answer twice = replay(story);
    expect_code(twice, "replayed");

    ck_assert_int_eq(server_stop(&story->server), 0);
    restore_running(&story->postgres);
    server_launch(&story->server);
}

static void expect_nothing_is_decided(const struct story *story)
{
    const struct answer replayed = replay(story);
    expect_code(replayed, "status_unknown");
    const struct answer revived = chain_call(&story->revoked, "write_note", NOTE);
    expect_code(revived, "status_unknown");
    const struct answer opened = task_open(&cast.issuer, &cast.planner, "");
    expect_code(opened, "status_unknown");
    const char *child = token_sign(child_claims(&story->used, &cast.executor), &cast.planner);
    struct chain grown = story->used;
    const struct answer admitted = chain_admit(&grown, child);
    expect_code(admitted, "status_unknown");
    const struct answer ended = revoke_node(&story->used, 0);
    expect_code(ended, "status_unknown");
    const struct answer shown_task = get(&cast.auditor, plain("/v1/tasks/%s", story->used.task));
    expect_code(shown_task, "status_unknown");
}

/* A proof for a new task that says it was made before the recovery. */
static void expect_older_proof_is_expired(time_t before)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    struct writ_json *claims = proof_claims(&chain, "write_note", NOTE);
    claim(claims, "iat", plain("%lld", (long long)before));
    const struct answer old = post(
        &cast.enforcer, "/v1/validate",
        use_body(&chain, proof_sign(claims, &cast.planner), "write_note", NOTE));
    expect_code(old, "expired");
    ck_assert_msg(has_at(&old, "decision_id"), "not the ledger's own: %s", shown(&old));
}

START_TEST(restored_backup_forgets_a_revocation_and_replays_a_proof)
{
    struct story story;
    char output[4096];
    play_until_the_restore(&story);
    expect_behind(&story.server);
    expect_nothing_is_decided(&story);

    /* Looking changes nothing. */
    ck_assert_int_eq(recover(&story.server, NULL, output, sizeof output), 1);
    ck_assert_msg(strstr(output, "(behind)") && strstr(output, "2 open"), "%s", output);
    expect_nothing_is_decided(&story);

    const time_t before = time(NULL);
    expect_recovers(&story.server);
    expect_ready(&story.server);
    const struct answer replayed = replay(&story);
    expect_code(replayed, "task_closed");
    const struct answer revived = chain_call_settled(&story.revoked, "write_note", NOTE);
    expect_code(revived, "task_closed");
    const struct answer task = get(&cast.auditor, plain("/v1/tasks/%s", story.used.task));
    expect_text(task, "state", "cancelled");
    expect_older_proof_is_expired(before);
    expect_working(&story.server);

    expect_nothing_to_recover(&story.server);
    ck_assert_int_eq(server_stop(&story.server), 0);
    server_restart(&story.server);
    ck_assert_int_eq(server_stop(&story.server), 0);
    postgres_stop(&story.postgres);
    fflush(stdout);
}
END_TEST

/* ---- Services that run over it ------------------------------------------------------------ */

START_TEST(a_service_that_knows_less_is_told_by_one_that_knows_more)
{
    struct postgres postgres;
    struct server more;
    struct server less;
    struct chain chain;
    own_service(&postgres, &more);
    server_start_beside(&less, "less", &more, NULL);
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    ck_assert_int_eq(server_stop(&less), 0);
    back_up_running(&postgres, &more);
    const struct answer ended = revoke_node(&chain, 1);
    expect_status(ended, 200);
    restore_running(&postgres);
    expect_behind(&more);
    while (postgres_count(&postgres, "select count(*) from writ.mark") == 0)
        sleep_s(0.05);
    server_launch(&less);
    expect_behind(&less);

    /* Recovered from where the mark itself is level. */
    expect_recovers(&less);
    expect_ready(&less);
    expect_ready(&more);
    expect_working(&less);
    expect_working(&more);
    expect_nothing_to_recover(&more);

    /* What a third one knew, told while these two have good sessions. */
    chain_open(&chain, &cast.planner);
    postgres_ask(&postgres, "writ_service",
                 "insert into writ.mark (epoch, head) values (gen_random_uuid(), 0)", NULL);
    expect_behind(&more);
    expect_behind(&less);
    const struct answer used = chain_call(&chain, "write_note", NOTE);
    expect_code(used, "status_unknown");
    const struct answer revoked = revoke_node(&chain, 0);
    expect_code(revoked, "status_unknown");
    expect_recovers(&more);
    expect_ready(&less);
    expect_ready(&more);
    ck_assert_int_eq(server_stop(&more), 0);
    server_restart(&more);
    ck_assert_int_eq(server_stop(&more), 0);
    ck_assert_int_eq(server_stop(&less), 0);
    postgres_stop(&postgres);
    fflush(stdout);
}
END_TEST

/* Between two beats, which are minutes apart here: no session is used before its database was held
 * to the mark. */
START_TEST(a_fresh_session_with_an_older_database_decides_nothing)
{
    static const char *const SLOWLY[] = {"--staleness-write-ms", "600000", "--staleness-read-ms",
                                         "600000", NULL};
    struct story story;
    postgres_start(&story.postgres, "pg");
    server_start(&story.server, "slow", &story.postgres, SLOWLY);
    cast_register(&cast, &story.server);
    chain_open(&story.used, &cast.planner);
    chain_open(&story.revoked, &cast.planner);
    back_up_running(&story.postgres, &story.server);
    const struct answer ended = revoke_node(&story.revoked, 0);
    expect_status(ended, 200);
    story.proof = proof_sign(proof_claims(&story.used, "write_note", NOTE), &cast.planner);
    const struct answer once = replay(&story);
    expect_status(once, 200);

    restore_running(&story.postgres);
    const double end = seconds_now() + 3;
    while (seconds_now() < end) {
        const struct answer replayed = replay(&story);
        expect_code(replayed, "status_unknown");
        sleep_s(0.05);
    }
    expect_behind(&story.server);
    ck_assert_int_eq(server_stop(&story.server), 0);
    postgres_stop(&story.postgres);
}
END_TEST

/* Memory knows the chain, its lease is fresh, and the tool may be answered from memory alone. */
START_TEST(what_only_memory_knows_is_not_served_after_a_restore)
{
    struct postgres postgres;
    struct server server;
    struct chain lost;
    struct chain kept;
    own_service(&postgres, &server);
    cast_buffer_reads(&cast);
    chain_open(&kept, &cast.planner);
    back_up_running(&postgres, &server);
    chain_open(&lost, &cast.planner);
    const struct answer before = chain_call(&lost, "read_file", PLACE);
    expect_status(before, 200);
    const struct answer ended = revoke_node(&kept, 0);
    expect_status(ended, 200);

    restore_running(&postgres);
    expect_behind(&server);
    const struct answer while_behind = chain_call(&lost, "read_file", PLACE);
    expect_code(while_behind, "status_unknown");
    expect_recovers(&server);
    expect_ready(&server);
    const struct answer after = chain_call_settled(&lost, "read_file", PLACE);
    expect_code(after, "unregistered");
    const struct answer closed = chain_call_settled(&kept, "read_file", PLACE);
    expect_code(closed, "task_closed");
    ck_assert_int_eq(server_stop(&server), 0);
    postgres_stop(&postgres);
}
END_TEST

START_TEST(a_recovery_that_nothing_asks_for_needs_the_word_anyway)
{
    struct postgres postgres;
    struct server server;
    struct chain chain;
    char output[4096];
    own_service(&postgres, &server);
    chain_open(&chain, &cast.planner);
    expect_nothing_to_recover(&server);
    const struct answer still = chain_call(&chain, "write_note", NOTE);
    expect_status(still, 200);

    const char *const arguments[] = {WRITD,      "recover",    "--data-dir",    server.dir, "--yes",
                                     "--anyway", "--database", server.database, NULL};
    ck_assert_msg(run_program(output, sizeof output, arguments) == 0, "%s", output);
    struct answer closed = chain_call_settled(&chain, "write_note", NOTE);
    expect_code(closed, "task_closed");
    expect_working(&server);
    ck_assert_int_eq(server_stop(&server), 0);
    postgres_stop(&postgres);
}
END_TEST

/* ---- The mark ----------------------------------------------------------------------------- */

static long long head_of_mark(const struct server *server)
{
    char output[256];
    const char *path = plain("%s/mark", server->dir);
    const char *const arguments[] = {"sed", "-n", "s/^head 0*\\([0-9]\\)/\\1/p", path, NULL};
    ck_assert_int_eq(run_program(output, sizeof output, arguments), 0);
    return strtoll(output, NULL, 10);
}

START_TEST(a_revocation_is_not_answered_before_the_mark_covers_it)
{
    struct postgres postgres;
    struct server server;
    struct chain first;
    struct chain second;
    own_service(&postgres, &server);
    chain_open(&first, &cast.planner);
    chain_open(&second, &cast.planner);
    const char *path = plain("/v1/delegations/%s/revoke?task=%s", second.ids[0], second.task);
    const struct answer good = revoke_node(&first, 0);
    expect_status(good, 200);
    int64_t number = 0;
    ck_assert(writ_json_integer(at(good.json, "feed"), &number));
    ck_assert_int_eq(head_of_mark(&server), number);

    /* A directory in its place: the mark can not be replaced. */
    shell(plain("cd '%s' && mv mark mark.kept && mkdir mark", server.dir));
    const struct answer unsure = post_once(&cast.admin, path, "again", "{}");
    expect_code(unsure, "status_unknown");
    const struct answer repeated = post_once(&cast.admin, path, "again", "{}");
    expect_code(repeated, "status_unknown");
    ck_assert_int_eq(postgres_count(&postgres, "select count(*) from writ.revocation"), 2);
    const struct answer dead = chain_call(&second, "write_note", NOTE);
    expect_code(dead, "revoked");
    struct client anyone;
    client_init(&anyone, server.url, NULL, NULL);
    const struct answer ready = get(&anyone, "/readyz");
    ck_assert_ptr_nonnull(strstr(text_at(&ready, "reasons.0"), "the mark can not be written"));

    shell(plain("cd '%s' && rmdir mark && mv mark.kept mark", server.dir));
    const struct answer sure = post_once(&cast.admin, path, "again", "{}");
    expect_status(sure, 200);
    ck_assert(writ_json_integer(at(sure.json, "feed"), &number));
    ck_assert_int_eq(head_of_mark(&server), number);
    ck_assert_msg(server_wait_ready(&server, 10), "not ready with its mark back");
    ck_assert_int_eq(server_stop(&server), 0);

    shell(plain("truncate -s 40 '%s/mark'", server.dir));
    server_launch(&server);
    ck_assert_msg(!server_wait_ready(&server, 20), "serves with a torn mark");
    postgres_stop(&postgres);
}
END_TEST

/* ---- The private cluster ------------------------------------------------------------------ */

START_TEST(the_private_cluster_is_recovered_whether_or_not_a_service_runs_it)
{
    struct server server;
    struct chain chain;
    char output[4096];
    server_start(&server, "private", NULL, NULL);
    cast_register(&cast, &server);
    chain_open(&chain, &cast.planner);
    ck_assert_int_eq(server_stop(&server), 0);
    const char *cluster = plain("%s/pg", server.dir);
    back_up(cluster);

    server_restart(&server);
    const struct answer ended = revoke_node(&chain, 0);
    expect_status(ended, 200);
    ck_assert_int_eq(server_stop(&server), 0);
    restore(cluster);
    ck_assert_int_eq(recover(&server, NULL, output, sizeof output), 1);
    ck_assert_msg(strstr(output, "(behind)"), "%s", output);
    expect_recovers(&server);
    server_restart(&server);
    const struct answer closed = chain_call_settled(&chain, "write_note", NOTE);
    expect_code(closed, "task_closed");
    expect_working(&server);
    ck_assert_int_eq(server_stop(&server), 0);

    /* Without a mark nothing can be told, until there is one again. */
    shell(plain("rm '%s/mark'", server.dir));
    ck_assert_int_eq(recover(&server, NULL, output, sizeof output), 1);
    ck_assert_msg(strstr(output, "can not be told"), "%s", output);
    expect_recovers(&server);
    expect_nothing_to_recover(&server);

    /* The same backup again: now the epoch is one that it never had. */
    restore(cluster);
    server_launch(&server);
    expect_behind(&server);
    expect_recovers(&server);
    expect_ready(&server);
    const struct answer closed_again = chain_call_settled(&chain, "write_note", NOTE);
    expect_code(closed_again, "task_closed");
    expect_working(&server);
    expect_nothing_to_recover(&server);
    ck_assert_int_eq(server_stop(&server), 0);
    fflush(stdout);
}
END_TEST

Suite *suite_recover(void)
{
    Suite *suite = suite_create("recover");
    ADD_LONG(suite, restored_backup_forgets_a_revocation_and_replays_a_proof, 180);
    ADD_LONG(suite, a_service_that_knows_less_is_told_by_one_that_knows_more, 180);
    ADD_LONG(suite, a_fresh_session_with_an_older_database_decides_nothing, 90);
    ADD_LONG(suite, what_only_memory_knows_is_not_served_after_a_restore, 180);
    ADD_LONG(suite, a_recovery_that_nothing_asks_for_needs_the_word_anyway, 90);
    ADD_LONG(suite, a_revocation_is_not_answered_before_the_mark_covers_it, 90);
    ADD_LONG(suite, the_private_cluster_is_recovered_whether_or_not_a_service_runs_it, 180);
    return suite;
}
