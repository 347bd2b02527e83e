/* How often a client may call, and how large a task may grow. */
#include "actors.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

/* A server beside the shared ones, over their database. */
static struct server limited;

static void start(const char *const *flags)
{
    server_start_beside(&limited, "limited", &first_server, flags);
}

/* The cast's chain with its calls going to that server. */
static struct client planning, enforcing;

static void open_at_limited(struct chain *chain)
{
    struct client issuer = client_at(&cast.issuer, &limited);
    planning = client_at(&cast.planning, &limited);
    enforcing = client_at(&cast.enforcer, &limited);
    const struct answer opened = task_open(&issuer, &cast.planner, "");
    chain_take(chain, &opened, &cast.planner);
    chain->holders[0].client = &planning;
    chain->enforcer = &enforcing;
}

static struct answer admit(struct chain *chain)
{
    return chain_admit(
        chain, token_sign(child_claims(chain, &cast.executor), &chain->holders[chain->count - 1]));
}

START_TEST(a_node_has_no_more_children_than_the_cap)
{
    static const char *const FLAGS[] = {"--task-children", "3", NULL};
    struct chain chain;
    start(FLAGS);
    open_at_limited(&chain);
    for (int i = 0; i < 3; i++) {
        const struct answer admitted = admit(&chain);
        expect_status(admitted, 201);
    }
    for (int i = 0; i < 2; i++) {
        const struct answer refused = admit(&chain);
        expect_code(refused, "ceiling_exceeded");
        expect_text(refused, "field", "parent");
    }
    server_stop(&limited);
}
END_TEST

START_TEST(a_task_has_no_more_nodes_than_the_cap)
{
    static const char *const FLAGS[] = {"--task-nodes", "4", NULL};
    struct chain chain;
    start(FLAGS);
    open_at_limited(&chain);
    for (int i = 0; i < 3; i++) { /* the root is the first */
        const struct answer admitted = admit(&chain);
        expect_status(admitted, 201);
    }
    const struct answer refused = admit(&chain);
    expect_code(refused, "ceiling_exceeded");
    expect_text(refused, "field", "task");
    /* Another task is not concerned. */
    open_at_limited(&chain);
    const struct answer admitted = admit(&chain);
    expect_status(admitted, 201);
    server_stop(&limited);
}
END_TEST

START_TEST(a_client_that_calls_too_often_waits_and_others_do_not)
{
    static const char *const FLAGS[] = {"--client-rate", "20", NULL};
    start(FLAGS);
    struct client auditor = client_at(&cast.auditor, &limited);
    struct client admin = client_at(&cast.admin, &limited);
    struct answer limit = {0};
    for (int i = 0; i < 200 && limit.status != 429; i++)
        limit = get(&auditor, "/v1/clients/self");
    expect_code(limit, "rate_limited");
    const struct answer other = get(&admin, "/v1/clients/self");
    expect_status(other, 200);
    const double end = seconds_now() + 10;
    while (get(&auditor, "/v1/clients/self").status != 200 && seconds_now() < end)
        sleep_s(0.1);
    ck_assert(seconds_now() < end);
    server_stop(&limited);
}
END_TEST

START_TEST(forged_requests_use_up_their_client_and_no_other)
{
    static const char *const FLAGS[] = {"--client-rate", "50", NULL};
    struct chain chain;
    start(FLAGS);
    open_at_limited(&chain);
    static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
    const char *forged = use_body(
        &chain, proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor), "write_note",
        NOTE);
    struct client outsider = client_at(&cast.outsider, &limited);
    struct answer answer = {0};
    int refused = 0;
    for (; refused < 50 && answer.status != 429; refused++)
        answer = post(&outsider, "/v1/validate", forged);
    expect_code(answer, "rate_limited");
    ck_assert_int_lt(refused, 50);
    const struct answer permit = chain_call(&chain, "write_note", NOTE);
    expect_status(permit, 200);
    server_stop(&limited);
}
END_TEST

Suite *suite_limits(void)
{
    Suite *suite = suite_create("limits");
    ADD(suite, a_node_has_no_more_children_than_the_cap);
    ADD(suite, a_task_has_no_more_nodes_than_the_cap);
    ADD(suite, a_client_that_calls_too_often_waits_and_others_do_not);
    ADD(suite, forged_requests_use_up_their_client_and_no_other);
    return suite;
}
