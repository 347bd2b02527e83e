/*
 * Leases: a run lives as long as somebody works in it, whoever is restarted meanwhile; and what a
 * killed agent held is gone with its lease. Agents and services here are processes, and are killed.
 */
#include "labels.h"
#include "suites.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLACE "{'path': '/notes/a'}"
#define NOTE "{'path': '/notes/a', 'text': 'x'}"
#define LEASE_TEXT "3"

enum { LEASE_S = 3, EXECUTORS = 3, PARTS = 3 };

/* Whoever works says so this often, and lives well within the lease. */
static const double PACE_S = LEASE_S / 8.0;

/* What an orchestrator keeps on its disk: all that its next start has. */
struct kept {
    char task[40];
    char root[40];
    char token[4000];
};

/* One run, seen by all of its processes. */
struct run {
    struct server services[2];
    char kept[PATH_CAP + 8];
    struct chain lines[EXECUTORS];
    _Atomic long renewed, admitted, called[EXECUTORS], refused;
    char what[200]; /* the first that was refused */
};

/* Two services, so that one may be away: what neither answers is no refusal. */
static struct answer post_either(struct client pair[static 2], const char *path, const char *body)
{
    const struct answer answer = post(&pair[0], path, body);
    return answer.status == 0 || answer.status == 503 ? post(&pair[1], path, body) : answer;
}

static void note(struct run *run, _Atomic long *counter, long wanted, const struct answer *answer)
{
    if (answer->status == wanted)
        atomic_fetch_add(counter, 1);
    else if (answer->status != 0 && answer->status != 503 &&
             atomic_fetch_add(&run->refused, 1) == 0)
        snprintf(run->what, sizeof run->what, "%.180s", shown(answer));
}

static void connect_both(const struct run *run, const struct client *as, struct client ret_pair[2])
{
    for (size_t i = 0; i < 2; i++)
        ret_pair[i] = client_at(as, &run->services[i]);
}

/* ---- The processes --------------------------------------------------------------------------- */

static void keep(const struct run *run, const struct chain *chain)
{
    struct kept kept = {0};
    snprintf(kept.task, sizeof kept.task, "%s", chain->task);
    snprintf(kept.root, sizeof kept.root, "%s", chain->ids[0]);
    snprintf(kept.token, sizeof kept.token, "%s", chain->tokens[0]);
    FILE *file = fopen(run->kept, "w");
    must(file && fwrite(&kept, sizeof kept, 1, file) == 1 && fclose(file) == 0, "%s", run->kept);
}

static void take_up(const struct run *run, struct kept *kept, struct chain *chain)
{
    FILE *file = fopen(run->kept, "r");
    must(file && fread(kept, sizeof *kept, 1, file) == 1 && fclose(file) == 0, "%s", run->kept);
    *chain = (struct chain){.count = 1, .holders = {cast.planner}};
    memcpy(chain->task, kept->task, sizeof chain->task);
    memcpy(chain->ids[0], kept->root, sizeof chain->ids[0]);
    chain->tokens[0] = kept->token;
}

/* Renews its root and admits children until it is killed. */
static pid_t orchestrate(struct run *run)
{
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct kept kept;
    struct chain chain;
    struct client pair[2];
    take_up(run, &kept, &chain);
    connect_both(run, &cast.planning, pair);
    for (;;) {
        const char *renewal = plain("/v1/delegations/%s/renew?task=%s", chain.ids[0], chain.task);
        const struct answer renewed = post_either(pair, renewal,
                                                  act_body(&chain, "renew", 0, 0, &cast.planner));
        note(run, &run->renewed, 200, &renewed);
        const char *token = token_sign(child_claims(&chain, &cast.retriever), &cast.planner);
        const struct answer admitted = post_either(
            pair, "/v1/delegations", quoted("{'task': '%s', 'token': '%s'}", chain.task, token));
        note(run, &run->admitted, 201, &admitted);
        scratch_reset();
        sleep_s(PACE_S);
    }
}

/* Calls a tool with its leaf until it is killed. */
static pid_t work(struct run *run, size_t executor)
{
    const pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    struct chain line = run->lines[executor];
    struct client pair[2];
    connect_both(run, &cast.enforcer, pair);
    for (size_t i = 0; i < line.count; i++)
        line.tokens[i] = strdup(line.tokens[i]); /* the scratch goes with each answer */
    for (;;) {
        const char *proof = chain_prove(&line, "read_file", PLACE);
        const struct answer answer = post_either(pair, "/v1/validate",
                                                 use_body(&line, proof, "read_file", PLACE));
        note(run, &run->called[executor], 200, &answer);
        scratch_reset();
        sleep_s(PACE_S);
    }
}

static void end_process(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void await_more(struct run *run, _Atomic long *counter)
{
    const long before = atomic_load(counter);
    const double end = seconds_now() + 10;
    while (atomic_load(counter) == before && seconds_now() < end)
        sleep_s(0.05);
    ck_assert_msg(atomic_load(counter) > before, "nothing more is done; %s", run->what);
}

static void expect_all_at_work(struct run *run, size_t first)
{
    await_more(run, &run->renewed);
    await_more(run, &run->admitted);
    for (size_t i = first; i < EXECUTORS; i++)
        await_more(run, &run->called[i]);
    ck_assert_msg(atomic_load(&run->refused) == 0, "%s", run->what);
}

/* ---- The run --------------------------------------------------------------------------------- */

static void start_run(struct run *run)
{
    static const char *const FLAGS[] = {"--lease-s", LEASE_TEXT, NULL};
    for (size_t i = 0; i < 2; i++)
        server_start_beside(&run->services[i], "run", &first_server, FLAGS);
    char dir[PATH_CAP];
    run_directory("orchestrator", dir);
    snprintf(run->kept, sizeof run->kept, "%s/kept", dir);

    struct client issuer = client_at(&cast.issuer, &run->services[0]);
    struct client planning = client_at(&cast.planning, &run->services[0]);
    struct actor planner = cast.planner;
    planner.client = &planning;
    const struct answer opened = task_open(&issuer, &planner, "");
    struct chain root;
    chain_take(&root, &opened, &planner);
    keep(run, &root);
    for (size_t i = 0; i < EXECUTORS; i++) {
        const struct actor executor = actor_fresh(&cast.executor);
        run->lines[i] = root;
        chain_extend(&run->lines[i], &executor, NULL);
    }
    client_done(&issuer);
    client_done(&planning);
}

/* Each of the two services once: killed, and stopped in order. */
static void take_away(struct run *run, int part)
{
    if (part == 0)
        server_kill(&run->services[0]);
    else if (part == 1)
        ck_assert_int_eq(server_stop(&run->services[1]), 0);
}

static void bring_back(struct run *run, int part)
{
    if (part < 2)
        server_restart(&run->services[part]);
}

/* ---- What is left of a killed agent ---------------------------------------------------------- */

static long leases_of(const struct chain *line, const char *that)
{
    return postgres_count(&shared_postgres,
                          plain("select count(*) from writ.lease where task_id = '%s' and "
                                "delegation_id = '%s' and expires_at %s",
                                line->task, line->ids[1], that));
}

/* By the ledger's own clock: over within a lease, as nobody renews it. */
static void await_end_of_lease(const struct chain *line)
{
    const double end = seconds_now() + 4 * LEASE_S;
    bool is_over = false;
    while (!is_over && seconds_now() < end) {
        ck_assert_int_eq(leases_of(line, "> clock_timestamp() + interval '" LEASE_TEXT " s'"), 0);
        is_over = leases_of(line, "<= clock_timestamp()") == 1;
        if (!is_over)
            sleep_s(0.02);
    }
    ck_assert_msg(is_over, "somebody renews the lease of a killed agent");
}

/* Whoever has its key and its token by now is too late with all that it could do. */
static void expect_gone(const struct run *run, const struct chain *line)
{
    struct chain held = *line;
    for (size_t i = 0; i < 2; i++) {
        struct client executing = client_at(&cast.executing, &run->services[i]);
        const struct answer read = chain_call_at(line, &run->services[i], "read_file", PLACE);
        expect_code(read, "lapsed");
        const struct answer write = chain_call_at(line, &run->services[i], "write_note", NOTE);
        expect_code(write, "lapsed");
        const struct answer renewed = chain_act(line, &executing, "renew", 1,
                                                act_body(line, "renew", 1, 1, &line->holders[1]));
        expect_code(renewed, "lapsed");
        held.holders[1].client = &executing;
        const char *token = token_sign(child_claims(line, &cast.retriever), &line->holders[1]);
        const struct answer admitted = chain_admit(&held, token);
        expect_code(admitted, "lapsed");
        client_done(&executing);
    }
}

/* What a lease says of its line is true: no link of it ends before. */
static void expect_true_of_lines(const struct run *run)
{
    const char *too_long = plain(
        "with recursive line as (select l.task_id, l.line_until, l.delegation_id as id "
        "from writ.lease l where l.task_id = '%s' union all "
        "select l.task_id, l.line_until, d.parent_id from line l join writ.delegation d "
        "on d.task_id = l.task_id and d.id = l.id where d.parent_id is not null) "
        "select count(*) from line l join writ.lease s on s.task_id = l.task_id "
        "and s.delegation_id = l.id where l.line_until > s.expires_at",
        run->lines[0].task);
    ck_assert_int_eq(postgres_count(&shared_postgres, too_long), 0);
}

/* 60 s, as long as a run of twenty leases; WRIT_TEST_FAST=1: a fifth of it. */
START_TEST(a_run_survives_its_orchestrators_restart_and_a_killed_agent_lapses)
{
    struct run *run = mmap(NULL, sizeof *run, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                           -1, 0);
    ck_assert_ptr_ne(run, MAP_FAILED);
    start_run(run);
    pid_t executors[EXECUTORS];
    pid_t orchestrator = orchestrate(run);
    for (size_t i = 0; i < EXECUTORS; i++)
        executors[i] = work(run, i);
    const double part_s = (run_is_fast() ? 12.0 : 60.0) / PARTS;
    for (int part = 0; part < PARTS; part++) {
        sleep_s(part_s - LEASE_S / 2.0);
        end_process(orchestrator);
        take_away(run, part);
        sleep_s(LEASE_S / 2.0);
        orchestrator = orchestrate(run);
        bring_back(run, part);
        expect_all_at_work(run, 0);
        expect_true_of_lines(run);
    }

    const struct chain *killed = &run->lines[0];
    end_process(executors[0]);
    await_end_of_lease(killed);
    expect_gone(run, killed);
    /* Nobody else feels it; and the parent admits another in its place. */
    expect_all_at_work(run, 1);
    struct client planning = client_at(&cast.planning, &run->services[1]);
    struct chain next = *killed;
    next.count = 1;
    next.holders[0].client = &planning;
    chain_extend(&next, &cast.executor, NULL);
    const struct answer alive = chain_call_at(&next, &run->services[1], "read_file", PLACE);
    expect_status(alive, 200);

    end_process(orchestrator);
    for (size_t i = 1; i < EXECUTORS; i++)
        end_process(executors[i]);
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(server_stop(&run->services[i]), 0);
}
END_TEST

/* ---- What a lease says of its line ----------------------------------------------------------- */

/* Of each of its links, with whose lease the line down to it ends, by depth; -: not known. */
static void expect_ends(const struct chain *line, const char *wanted)
{
    const char *ends = plain(
        "select string_agg(coalesce((select e.depth::text from writ.lease s join writ.delegation e "
        "on e.task_id = s.task_id and e.id = s.delegation_id where s.task_id = l.task_id "
        "and s.expires_at = l.line_until), '-'), ' ' order by d.depth) "
        "from writ.lease l join writ.delegation d on d.task_id = l.task_id "
        "and d.id = l.delegation_id where l.task_id = '%s'",
        line->task);
    ck_assert_str_eq(postgres_ask(&shared_postgres, NULL, ends, NULL), wanted);
}

/* Leases of 300 s, of which the last 200 s are time to renew them. */
START_TEST(a_use_notes_how_long_its_line_lasts_when_nothing_is_due)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    chain_extend(&chain, &cast.retriever, NULL);
    postgres_set_lease(&shared_postgres, chain.ids[0], 280);
    postgres_set_lease(&shared_postgres, chain.ids[1], 250);
    postgres_set_lease(&shared_postgres, chain.ids[2], 270);
    expect_ends(&chain, "- - -");
    expect_permit(&chain, "write_note", NOTE);
    expect_ends(&chain, "0 1 1");
    /* One is due: it is renewed, and what is below is noted by the next use. */
    postgres_set_lease(&shared_postgres, chain.ids[1], 100);
    postgres_set_lease(&shared_postgres, chain.ids[2], 270);
    expect_permit(&chain, "write_note", NOTE);
    expect_ends(&chain, "0 - -");
    expect_permit(&chain, "write_note", NOTE);
    expect_ends(&chain, "0 0 2");
}
END_TEST

/* A read that is answered from memory, until the ledger has it. */
static void read_and_record(const struct chain *chain)
{
    const char *sql = plain("select count(*) from writ.decision where task_id = '%s'", chain->task);
    const long before = postgres_count(&shared_postgres, sql);
    expect_buffered(chain_call(chain, "glance", HERE));
    ck_assert_int_eq(postgres_count_await(&shared_postgres, sql, before + 1, 10), before + 1);
}

START_TEST(a_read_from_memory_renews_and_notes_and_revives_nothing)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    chain_extend(&chain, &cast.executor, NULL);
    chain_extend(&chain, &cast.retriever, NULL);
    expect_permit(&chain, "glance", HERE);
    postgres_set_lease(&shared_postgres, chain.ids[0], 280);
    postgres_set_lease(&shared_postgres, chain.ids[1], 250);
    postgres_set_lease(&shared_postgres, chain.ids[2], 270);
    read_and_record(&chain);
    expect_ends(&chain, "0 1 1");
    postgres_set_lease(&shared_postgres, chain.ids[1], 100);
    postgres_set_lease(&shared_postgres, chain.ids[2], 270);
    read_and_record(&chain);
    expect_ends(&chain, "0 - -");
    read_and_record(&chain);
    expect_ends(&chain, "0 0 2");
    /* Memory does not know yet that one has lapsed: that stays so, and nothing is noted over it. */
    postgres_set_lease(&shared_postgres, chain.ids[1], -1);
    postgres_set_lease(&shared_postgres, chain.ids[2], 270);
    read_and_record(&chain);
    expect_ends(&chain, "0 - -");
    expect_denied(&chain, "ledger", HERE, "lapsed");
}
END_TEST

Suite *suite_lease(void)
{
    Suite *suite = suite_create("lease");
    ADD(suite, a_use_notes_how_long_its_line_lasts_when_nothing_is_due);
    ADD(suite, a_read_from_memory_renews_and_notes_and_revives_nothing);
    ADD_LONG(suite, a_run_survives_its_orchestrators_restart_and_a_killed_agent_lapses, 240);
    return suite;
}
