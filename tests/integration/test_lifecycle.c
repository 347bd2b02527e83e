/* How authority ends: by the deadline, sealed after a grace, and with the lease of whoever stops.
 */
#include "actors.h"
#include "suites.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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
    ck_assert_int_eq(postgres_count(&shared_postgres,
                                    plain("select count(*) from writ.task_end where task_id = '%s'",
                                          chain.task)),
                     0);
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
    const char *name = plain("glancer%d", (int)getpid());
    const struct answer ceiling = put(
        &cast.admin, plain("/v1/clients/%s", name),
        quoted("{'role': 'issuer', 'ceiling': {'principals': ['*'], 'audiences': ['" AUDIENCE
               "'], 'grant': 'glance', 'open_tasks': 9, 'lifetime_s': 600}}"));
    expect_status(ceiling, 200);
    struct client glancer;
    client_init(&glancer, cast.admin.url, name, text_at(&ceiling, "secret"));
    const struct answer opened = task_open(&glancer, &cast.planner,
                                           "'grant': 'glance', 'expires_in': 60");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    const struct answer first = chain_call(&chain, "glance", "{}");
    const struct answer before = chain_call(&chain, "glance", "{}");
    expect_status(first, 200);
    expect_text(before, "recorded", "buffered");
    const struct answer revoked = chain_act(&chain, &cast.admin, "revoke", 0, "{}");
    expect_status(revoked, 200);
    /* The bound of this service is 30 s; it follows within a beat. */
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

/* ---- Leases -------------------------------------------------------------------------------------
 */

struct run {
    struct chain chain;
    const struct server *server;
    double lease_s;
    _Atomic long renewed, called, failed;
    char what[200];
};

static void note(struct run *run, _Atomic long *counter, const struct answer *answer)
{
    if (answer->status == 200)
        atomic_fetch_add(counter, 1);
    else if (atomic_fetch_add(&run->failed, 1) == 0)
        snprintf(run->what, sizeof run->what, "%.180s", shown(answer));
    scratch_reset();
}

/* A process that has nothing but its key and the chain: renews the root until it is killed. */
static pid_t orchestrate(struct run *run)
{
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct client planning = client_at(&cast.planning, run->server);
    char path[160];
    snprintf(path, sizeof path, "/v1/delegations/%s/renew?task=%s", run->chain.ids[0],
             run->chain.task);
    for (;;) {
        const struct answer answer = post(&planning, path,
                                          act_body(&run->chain, "renew", 0, 0, &cast.planner));
        note(run, &run->renewed, &answer);
        sleep_s(run->lease_s / 8);
    }
}

/* Calls a tool with its leaf until it is killed. */
static pid_t work(struct run *run)
{
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct client enforcer = client_at(&cast.enforcer, run->server);
    struct chain chain = run->chain;
    chain.enforcer = &enforcer;
    for (size_t i = 0; i < chain.count; i++)
        chain.tokens[i] = strdup(chain.tokens[i]); /* the scratch goes with each answer */
    for (;;) {
        const struct answer answer = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
        note(run, &run->called, &answer);
        sleep_s(run->lease_s / 8);
    }
}

static void end_process(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* WRIT_TEST_FAST=0: leases of 3 s and a run of 60 s, as the issue has it. */
START_TEST(a_run_survives_its_orchestrators_restart_and_a_killed_agent_lapses)
{
    struct run *run = mmap(NULL, sizeof *run, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                           -1, 0);
    ck_assert_ptr_ne(run, MAP_FAILED);
    const double run_s = run_is_fast() ? 10 : 60;
    run->lease_s = run_is_fast() ? 2 : 3;
    struct server brief;
    const char *const flags[] = {"--lease-s", run_is_fast() ? "2" : "3", NULL};
    server_start_beside(&brief, "run", &first_server, flags);
    struct client issuer = client_at(&cast.issuer, &brief);
    struct client planning = client_at(&cast.planning, &brief);
    struct client enforcer = client_at(&cast.enforcer, &brief);
    struct actor planner = cast.planner;
    planner.client = &planning;
    const struct answer opened = task_open(&issuer, &planner, "");
    chain_take(&run->chain, &opened, &planner);
    chain_extend(&run->chain, &cast.executor, NULL);
    run->server = &brief;

    const pid_t agent = work(run);
    pid_t orchestrator = orchestrate(run);
    for (int part = 0; part < 3; part++) {
        sleep_s(run_s / 3);
        end_process(orchestrator);
        sleep_s(run->lease_s / 2);
        const long before = atomic_load(&run->renewed);
        orchestrator = orchestrate(run); /* knows what any other start of it would */
        for (int i = 0; i < 100 && atomic_load(&run->renewed) == before; i++)
            sleep_s(0.05);
        ck_assert_msg(atomic_load(&run->renewed) > before, "%s", run->what);
    }
    ck_assert_msg(atomic_load(&run->failed) == 0, "%s", run->what);
    ck_assert_int_gt(atomic_load(&run->called), 20);

    end_process(agent);
    sleep_s(run->lease_s + 0.2);
    struct chain chain = run->chain;
    chain.enforcer = &enforcer;
    const struct answer gone = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(gone, "lapsed");
    /* Its parent is alive, and admits another. */
    chain.count = 1;
    const struct answer alive = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(alive, 200);
    chain_extend(&chain, &cast.retriever, NULL);
    const struct answer next = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(next, 200);
    end_process(orchestrator);
    ck_assert_msg(atomic_load(&run->failed) == 0, "%s", run->what);
    ck_assert_int_eq(server_stop(&brief), 0);
}
END_TEST

Suite *suite_lifecycle(void)
{
    Suite *suite = suite_create("lifecycle");
    ADD(suite, a_task_past_its_deadline_is_ended_once_by_whichever_service);
    ADD(suite, a_token_is_dead_at_the_deadline_whatever_has_been_recorded);
    ADD(suite, a_read_from_memory_obeys_a_revocation);
    ADD(suite, a_record_is_sealed_when_the_grace_behind_its_end_is_over);
    ADD_LONG(suite, a_run_survives_its_orchestrators_restart_and_a_killed_agent_lapses, 180);
    return suite;
}
