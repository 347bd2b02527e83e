/*
 * A service whose wall clock is set back or forward while it runs (libfaketime; the database and
 * this process keep the right time). A wrong clock may refuse; it brings nothing back that ended,
 * and what it wrote does no harm once it is right again.
 */
#include "actors.h"
#include "suites.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";

/* A server with a clock that can be set, and one beside it that keeps the right time. */
struct strayed {
    struct postgres postgres;
    struct server right, server;
    struct client enforcer, planning;
    char clock[PATH_CAP + 16];
    long offset_s;
};

static void set_clock(struct strayed *strayed, long offset_s)
{
    char next[PATH_CAP + 32];
    snprintf(next, sizeof next, "%s.next", strayed->clock);
    FILE *file = fopen(next, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%+ld\n", offset_s);
    fclose(file);
    ck_assert_int_eq(rename(next, strayed->clock), 0); /* never half written */
    strayed->offset_s = offset_s;
}

/* False: it is not to be had here, and why is said. */
static bool start_strayed(struct strayed *strayed)
{
    char dir[PATH_CAP];
    glob_t found;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    puts("no other clock in this build: a sanitizer wants to be the first library");
    return false;
#endif
    if (glob("/usr/lib/*/faketime/libfaketimeMT.so.1", 0, NULL, &found) != 0) {
        puts("no other clock here: libfaketime is not installed");
        return false;
    }
    run_directory("clock", dir);
    snprintf(strayed->clock, sizeof strayed->clock, "%s/offset", dir);
    set_clock(strayed, 0);
    setenv("FAKETIME_TIMESTAMP_FILE", strayed->clock, 1);
    setenv("FAKETIME_NO_CACHE", "1", 1);
    setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
    postgres_start(&strayed->postgres, "pg");
    server_start(&strayed->right, "right", &strayed->postgres, NULL);
    cast_register(&cast, &strayed->right);
    cast_buffer_reads(&cast);
    server_prepare_beside(&strayed->server, "strayed", &strayed->right, NULL);
    setenv("LD_PRELOAD", found.gl_pathv[0], 1);
    server_launch(&strayed->server);
    unsetenv("LD_PRELOAD");
    globfree(&found);
    ck_assert_msg(server_wait_ready(&strayed->server, 60), "%s is not ready", strayed->server.url);
    cast_await(&strayed->server);
    strayed->enforcer = client_at(&cast.enforcer, &strayed->server);
    strayed->planning = client_at(&cast.planning, &strayed->server);
    return true;
}

/* A proof that is fresh by that clock. */
static const char *proof_by(const struct strayed *strayed, const struct chain *chain,
                            const char *tool, const char *args)
{
    struct writ_json *claims = proof_claims(chain, tool, args);
    claim(claims, "iat", plain("%lld", (long long)time(NULL) + strayed->offset_s));
    return proof_sign(claims, &chain->holders[chain->count - 1]);
}

static struct answer call_by(struct strayed *strayed, const struct chain *chain, const char *tool,
                             const char *args)
{
    return post(&strayed->enforcer, "/v1/validate",
                use_body(chain, proof_by(strayed, chain, tool, args), tool, args));
}

/* Gives a link with an end of its own, so many seconds from now. */
static void extend_until(struct chain *chain, const struct actor *to, int seconds)
{
    struct writ_json *claims = child_claims(chain, to);
    claim(claims, "exp", plain("%lld", (long long)time(NULL) + seconds));
    const char *token = token_sign(claims, &chain->holders[chain->count - 1]);
    const struct answer admitted = chain_admit(chain, token);
    expect_status(admitted, 201);
    chain_push(chain, &admitted, token, to);
}

static void stop(struct strayed *strayed)
{
    ck_assert_int_eq(server_stop(&strayed->server), 0);
    ck_assert_int_eq(server_stop(&strayed->right), 0);
    postgres_stop(&strayed->postgres);
}

static void expect_right_again(struct strayed *strayed, const struct chain *chain)
{
    set_clock(strayed, 0);
    struct chain here = *chain;
    here.enforcer = &strayed->enforcer;
    const struct answer permit = chain_call_settled(&here, "write_note", NOTE);
    expect_status(permit, 200);
}

START_TEST(a_clock_set_back_brings_no_link_and_no_proof_back)
{
    enum { BACK_S = 4, LEASE_S = 2 };
    struct strayed strayed = {0};
    if (!start_strayed(&strayed))
        return;
    struct chain root, ended, lapsed;
    chain_open(&root, &cast.planner);
    sleep_s(BACK_S + 1); /* so that the root is not of that clock's future */
    ended = root;
    extend_until(&ended, &cast.planner, 2);
    lapsed = root;
    chain_extend(&lapsed, &cast.executor, NULL);
    postgres_set_lease(&strayed.postgres, lapsed.ids[1], LEASE_S);
    /* Known, and good as long as they live. */
    const char *used = use_body(&root, proof_by(&strayed, &root, "write_note", NOTE), "write_note",
                                NOTE);
    const struct answer first = post(&strayed.enforcer, "/v1/validate", used);
    expect_status(first, 200);
    const struct answer alive = call_by(&strayed, &ended, "write_note", NOTE);
    expect_status(alive, 200);
    const struct answer known = call_by(&strayed, &ended, "read_file", PLACE);
    expect_text(known, "recorded", "buffered");
    sleep_s(LEASE_S + 0.5);

    set_clock(&strayed, -BACK_S);
    const struct answer expired = call_by(&strayed, &ended, "write_note", NOTE);
    expect_code(expired, "expired");
    const struct answer read = call_by(&strayed, &ended, "read_file", PLACE);
    expect_code(read, "expired");
    const struct answer idle = call_by(&strayed, &lapsed, "write_note", NOTE);
    expect_code(idle, "lapsed");
    const struct answer again = post(&strayed.enforcer, "/v1/validate", used);
    ck_assert_int_ne(again.status, 200);
    struct writ_json *claims = child_claims(&ended, &cast.executor);
    claim(claims, "iat", NULL); /* as old as its parent */
    writ_json_put(scratch(), claims, "iat", writ_json_get(token_claims(ended.tokens[1]), "iat"));
    const struct answer child = post(
        &strayed.planning, "/v1/delegations",
        quoted("{'task': '%s', 'token': '%s'}", ended.task, token_sign(claims, &cast.planner)));
    expect_code(child, "expired");
    /* Far back: before the tokens, and before the oldest proof that is kept. Until six in the
     * morning that is two days back, where a new ledger has no place for the refusal yet. */
    postgres_ask(&strayed.postgres, NULL,
                 "select writ.ensure_decision_partitions(now() - interval '2 days', now())", NULL);
    set_clock(&strayed, -30L * 3600);
    const struct answer far = call_by(&strayed, &root, "write_note", NOTE);
    ck_assert_msg(far.status == 403 || far.status == 401, "%s", shown(&far));

    expect_right_again(&strayed, &root);
    const struct answer replayed = post(&strayed.enforcer, "/v1/validate", used);
    expect_code(replayed, "replayed");
    stop(&strayed);
}
END_TEST

START_TEST(a_clock_set_forward_ends_nothing_for_others_and_lends_no_time)
{
    enum { FORWARD_S = 1200 };
    struct strayed strayed = {0};
    if (!start_strayed(&strayed))
        return;
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *early = use_body(&chain, proof_by(&strayed, &chain, "write_note", NOTE),
                                 "write_note", NOTE);
    set_clock(&strayed, FORWARD_S);
    /* A proof of now is old there; one of then is fresh, and is spent for everybody. */
    const struct answer old = post(&strayed.enforcer, "/v1/validate", early);
    expect_code(old, "expired");
    const char *ahead = use_body(&chain, proof_by(&strayed, &chain, "write_note", NOTE),
                                 "write_note", NOTE);
    const struct answer spent = post(&strayed.enforcer, "/v1/validate", ahead);
    expect_status(spent, 200);
    const struct answer twice = post(&strayed.enforcer, "/v1/validate", ahead);
    expect_code(twice, "replayed");
    const struct answer elsewhere = post(&cast.enforcer, "/v1/validate", ahead);
    ck_assert_int_ne(elsewhere.status, 200);
    /* Leases are the database's: renewed to its own time, not to that of the service. */
    ck_assert_int_eq(postgres_count(&strayed.postgres,
                                    plain("select count(*) from writ.lease where task_id = '%s' "
                                          "and expires_at > now() + interval '310 s'",
                                          chain.task)),
                     0);
    /* Beyond the end of the task all is refused there, and goes on elsewhere. */
    set_clock(&strayed, 2L * 3600);
    const struct answer over = call_by(&strayed, &chain, "write_note", NOTE);
    expect_code(over, "expired");
    const struct answer other = chain_call(&chain, "write_note", NOTE);
    expect_status(other, 200);
    expect_right_again(&strayed, &chain);
    stop(&strayed);
}
END_TEST

Suite *suite_clock(void)
{
    Suite *suite = suite_create("clock");
    ADD_LONG(suite, a_clock_set_back_brings_no_link_and_no_proof_back, 90);
    ADD_LONG(suite, a_clock_set_forward_ends_nothing_for_others_and_lends_no_time, 90);
    return suite;
}
