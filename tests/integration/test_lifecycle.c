/* How authority ends: by the deadline, and sealed after a grace. Leases are in test_lease.c. */
#include "actors.h"
#include "suites.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(a_task_past_its_deadline_is_ended_once_by_whichever_service)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner, "'expires_in': 2");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const char *ends = plain("select count(*) from writ.task_end where task_id = '%s' and "
                             "state = 'expired' and by_client = 'writd'",
                             chain.task);
    const char *open_accounts = plain("select count(*) from writ.account where task_id = '%s' and "
                                      "closed_at is null",
                                      chain.task);
    ck_assert_int_eq(postgres_count(&shared_postgres, ends), 0);
    for (int i = 0; i < 400 && postgres_count(&shared_postgres, ends) == 0; i++)
        sleep_s(0.05);
    for (int i = 0; i < 400 && postgres_count(&shared_postgres, open_accounts) > 0; i++)
        sleep_s(0.05);
    sleep_s(2.2); /* both services have come by */
    ck_assert_int_eq(postgres_count(&shared_postgres, ends), 1);
    ck_assert_int_eq(postgres_count(&shared_postgres, open_accounts), 0);
    ck_assert_int_eq(
        postgres_count(&shared_postgres, plain("select count(*) from writ.feed_entry where kind = "
                                               "'task_expired' and task_id = '%s'",
                                               chain.task)),
        1);
    const struct answer shown_task = get(&cast.auditor, plain("/v1/tasks/%s", chain.task));
    expect_text(shown_task, "state", "expired");
    const struct answer call = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    ck_assert_msg(call.status == 403, "%s", shown(&call));
    /* A second end answers the first, and changes nothing. */
    const struct answer completed = post(&cast.admin, plain("/v1/tasks/%s/complete", chain.task),
                                         "{}");
    expect_status(completed, 200);
    expect_text(completed, "task.state", "expired");
}
END_TEST

START_TEST(a_token_is_dead_at_the_deadline_whatever_has_been_recorded)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner, "'expires_in': 2");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const struct answer before = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(before, 200);
    /* The pass is held off: it takes the lock of the task alone. */
    const pid_t holding = fork();
    if (holding == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        postgres_ask(&shared_postgres, NULL,
                     plain("begin; select pg_advisory_xact_lock_shared(hashtextextended('%s', 0)); "
                           "select pg_sleep(6)",
                           chain.task),
                     NULL);
        _exit(0);
    }
    sleep_s(3.2);
    ck_assert_int_eq(chain_rows(&chain, "task_end"), 0);
    const struct answer after = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(after, "expired");
    kill(holding, SIGKILL);
    waitpid(holding, NULL, 0);
}
END_TEST

/* A tool whose reads are answered from memory: what is revoked is refused there too. */
START_TEST(a_read_from_memory_obeys_a_revocation)
{
    const struct answer tool = put(
        &cast.admin, "/v1/tools/glance?audience=https%3A%2F%2Ftools.test",
        quoted("{'effect': 'read', 'record': 'buffered', 'sensitivity': {}}"));
    expect_status(tool, 200);
    struct chain chain;
    chain_open_for(&chain, "glance", NULL);
    const struct answer first = chain_call(&chain, "glance", "{}");
    const struct answer before = chain_call(&chain, "glance", "{}");
    expect_status(first, 200);
    expect_text(before, "recorded", "buffered");
    /* At the other service: this one learns of it as all do. Its bound is 30 s; a beat is enough.
     */
    struct client elsewhere = client_at(&cast.admin, &second_server);
    const struct answer revoked = chain_act(&chain, &elsewhere, "revoke", 0, "{}");
    expect_status(revoked, 200);
    struct answer after = chain_call(&chain, "glance", "{}");
    for (int i = 0; i < 250 && after.status == 200; i++) {
        sleep_s(0.02);
        after = chain_call(&chain, "glance", "{}");
    }
    expect_code(after, "revoked");
}
END_TEST

static struct answer report_at(const struct server *server, const char *decision, const char *task)
{
    struct client enforcer = client_at(&cast.enforcer, server);
    const struct answer answer = post(&enforcer,
                                      plain("/v1/decisions/%s/outcome?task=%s", decision, task),
                                      quoted("{'success': true, 'reference': 'r-1'}"));
    client_done(&enforcer);
    return answer;
}

/* Two services that differ in their grace, so that nothing hangs on how fast the test is. */
START_TEST(a_record_is_sealed_when_the_grace_behind_its_end_is_over)
{
    struct server strict;
    static const char *const FLAGS[] = {"--outcome-grace-s", "0", NULL};
    server_start_beside(&strict, "sealed", &first_server, FLAGS);
    for (int of_task = 0; of_task < 2; of_task++) {
        struct chain chain;
        chain_open(&chain, &cast.planner);
        chain_extend(&chain, &cast.executor, NULL);
        const struct answer early = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
        const struct answer call = chain_call(&chain, "read_file", "{'path': '/notes/b'}");
        expect_status(early, 200);
        expect_status(call, 200);
        const struct answer running = report_at(&strict, text_at(&early, "id"), chain.task);
        expect_status(running, 201);
        const struct answer ended = of_task ? post(&cast.issuer,
                                                   plain("/v1/tasks/%s/complete", chain.task), "{}")
                                            : chain_act(&chain, &cast.admin, "complete", 0, "{}");
        expect_status(ended, 200);
        const struct answer sealed = report_at(&strict, text_at(&call, "id"), chain.task);
        expect_code(sealed, "task_closed");
        const struct answer graced = report_at(&first_server, text_at(&call, "id"), chain.task);
        expect_status(graced, 201);
        /* What is recorded is answered again. */
        const struct answer again = report_at(&strict, text_at(&call, "id"), chain.task);
        expect_status(again, 201);
    }
    ck_assert_int_eq(server_stop(&strict), 0);
}
END_TEST

Suite *suite_lifecycle(void)
{
    Suite *suite = suite_create("lifecycle");
    ADD(suite, a_task_past_its_deadline_is_ended_once_by_whichever_service);
    ADD(suite, a_token_is_dead_at_the_deadline_whatever_has_been_recorded);
    ADD(suite, a_read_from_memory_obeys_a_revocation);
    ADD(suite, a_record_is_sealed_when_the_grace_behind_its_end_is_over);
    return suite;
}
