/* Idempotency-Key: one effect a key, whatever is repeated, over both processes. */
#include "actors.h"
#include "suites.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";

/* A key of this test alone: the shared database outlives a test. */
static const char *fresh_key(void)
{
    const struct actor random = actor_sibling(&cast.planner);
    return plain("key-%s", random.thumbprint);
}

static const char *task_body(const char *purpose)
{
    return quoted("{'purpose': '%s', 'principal': 'alice', 'agent': 'planner', "
                  "'evidence': {'type': 'ticket', 'reference': 'T-1'}, 'audience': '" AUDIENCE
                  "', 'grant': '" GRANT "'}",
                  purpose);
}

START_TEST(the_same_key_and_body_get_the_first_answer)
{
    const char *key = fresh_key();
    const struct answer first = post_once(&cast.issuer, "/v1/tasks", key, task_body("one"));
    expect_status(first, 201);
    struct client beside = client_at(&cast.issuer, &second_server);
    const struct answer second = post_once(&cast.issuer, "/v1/tasks", key, task_body("one"));
    const struct answer third = post_once(&beside, "/v1/tasks", key, task_body("one"));
    ck_assert_msg(second.status == 201 && third.status == 201, "%s %s", shown(&second),
                  shown(&third));
    ck_assert_str_eq(text_at(&second, "task.id"), text_at(&first, "task.id"));
    ck_assert_str_eq(text_at(&third, "token"), text_at(&first, "token"));
    /* The handle is shown again to the same caller: the first answer may have been lost. */
    ck_assert_str_eq(text_at(&third, "handle"), text_at(&first, "handle"));
}
END_TEST

START_TEST(the_same_key_and_another_body_are_refused)
{
    const char *key = fresh_key();
    const struct answer first = post_once(&cast.issuer, "/v1/tasks", key, task_body("one"));
    expect_status(first, 201);
    const struct answer second = post_once(&cast.issuer, "/v1/tasks", key, task_body("two"));
    expect_code(second, "idempotency_mismatch");
}
END_TEST

START_TEST(a_key_belongs_to_its_caller)
{
    const char *key = fresh_key();
    struct client other = client_new(
        "desk2", "{'role': 'issuer', 'ceiling': {'principals': ['*'], 'audiences': ['" AUDIENCE
                 "'], 'grant': '" GRANT "', 'open_tasks': 99, 'lifetime_s': 3600}}");
    const struct answer mine = post_once(&cast.issuer, "/v1/tasks", key, task_body("one"));
    const struct answer theirs = post_once(&other, "/v1/tasks", key, task_body("one"));
    expect_status(mine, 201);
    expect_status(theirs, 201);
    ck_assert_str_ne(text_at(&mine, "task.id"), text_at(&theirs, "task.id"));
}
END_TEST

START_TEST(a_repeated_validate_is_one_decision)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const char *key = fresh_key();
    const struct answer first = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_status(first, 200);
    struct client beside = client_at(&cast.enforcer, &second_server);
    const struct answer second = post_once(&beside, "/v1/validate", key, body);
    expect_status(second, 200);
    ck_assert_str_eq(text_at(&second, "id"), text_at(&first, "id"));
    ck_assert(at(second.json, "repeated") && at(second.json, "repeated")->boolean);
    ck_assert(!at(first.json, "repeated") || !at(first.json, "repeated")->boolean);
    const struct answer listed = get(&cast.auditor,
                                     plain("/v1/decisions?task=%s&verdict=permit", chain.task));
    ck_assert_uint_eq(at(listed.json, "decisions")->count, 1);
    /* Another body under the key; the same proof without it, or under another. */
    static const char OTHER[] = "{'path': '/notes/b', 'text': 'x'}";
    const char *fresh = proof_sign(proof_claims(&chain, "write_note", OTHER), &cast.planner);
    const struct answer mismatch = post_once(&cast.enforcer, "/v1/validate", key,
                                             use_body(&chain, fresh, "write_note", OTHER));
    expect_status(mismatch, 422);
    expect_code(mismatch, "idempotency_mismatch");
    const struct answer bare = post(&cast.enforcer, "/v1/validate", body);
    expect_code(bare, "replayed");
    const struct answer renamed = post_once(&cast.enforcer, "/v1/validate", fresh_key(), body);
    expect_code(renamed, "replayed");
}
END_TEST

START_TEST(a_repeated_validate_is_judged_live_again)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const char *key = fresh_key();
    const struct answer first = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_status(first, 200);
    const struct answer revoked = chain_act(&chain, &cast.issuer, "revoke", 1, "{}");
    expect_status(revoked, 200);
    const struct answer second = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_code(second, "revoked");
}
END_TEST

START_TEST(an_admission_is_repeated_without_a_second_child)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *token = token_sign(child_claims(&chain, &cast.executor), &cast.planner);
    const char *body = quoted("{'task': '%s', 'token': '%s'}", chain.task, token);
    const char *key = fresh_key();
    const struct answer first = post_once(&cast.planning, "/v1/delegations", key, body);
    const struct answer second = post_once(&cast.planning, "/v1/delegations", key, body);
    expect_status(first, 201);
    expect_status(second, 201);
    ck_assert_str_eq(text_at(&second, "delegation.id"), text_at(&first, "delegation.id"));
    const struct answer wrong_route = post_once(&cast.planning, "/v1/delegations/prepare", key,
                                                body);
    ck_assert_int_ne(wrong_route.status, 201);
    const struct answer endless = post_once(&cast.planning, "/v1/delegations", plain("%0200d", 7),
                                            body);
    expect_code(endless, "malformed");
}
END_TEST

/* Never 200 with the first one's node: the second would stay alive, believed dead. */
START_TEST(one_key_on_two_delegations_is_refused_for_the_second)
{
    struct chain first, second;
    chain_open(&first, &cast.planner);
    chain_open(&second, &cast.planner);
    const char *key = fresh_key();
    const char *path = plain("/v1/delegations/%s/revoke?task=%s", first.ids[0], first.task);
    const struct answer revoked = post_once(&cast.issuer, path, key, "{}");
    expect_status(revoked, 200);
    path = plain("/v1/delegations/%s/revoke?task=%s", second.ids[0], second.task);
    const struct answer other = post_once(&cast.issuer, path, key, "{}");
    expect_code(other, "idempotency_mismatch");
    const struct answer again = post_once(&cast.issuer, path, fresh_key(), "{}");
    expect_status(again, 200);
    const struct answer used = chain_call(&second, "write_note", NOTE);
    expect_code(used, "revoked");
}
END_TEST

/* ---- At once -------------------------------------------------------------------------------- */

enum { TOGETHER = 16, ROUNDS = 8 };

struct sender {
    pthread_t thread;
    pthread_barrier_t *start;
    struct client client;
    const char *key; /* NULL: none */
    const char *body;
    long status;
    char id[40], code[40];
    bool repeated;
};

static void *send_at_once(void *context)
{
    struct sender *sender = context;
    pthread_barrier_wait(sender->start);
    const struct answer answer = post_once(&sender->client, "/v1/validate", sender->key,
                                           sender->body);
    sender->status = answer.status;
    if (answer.status == 200)
        snprintf(sender->id, sizeof sender->id, "%s", text_at(&answer, "id"));
    else
        snprintf(sender->code, sizeof sender->code, "%s",
                 has_at(&answer, "code") ? text_at(&answer, "code") : "none");
    sender->repeated = has_at(&answer, "repeated");
    client_done(&sender->client);
    scratch_reset();
    return NULL;
}

/* One request by sixteen clients in the same moment; they land in one batch of the writer. */
static void send_together(const char *key, const char *body, struct sender senders[TOGETHER])
{
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, TOGETHER);
    for (int i = 0; i < TOGETHER; i++) {
        senders[i] = (struct sender){.start = &start, .key = key, .body = body};
        senders[i].client = client_at(&cast.enforcer, &first_server);
        ck_assert_int_eq(pthread_create(&senders[i].thread, NULL, send_at_once, &senders[i]), 0);
    }
    for (int i = 0; i < TOGETHER; i++)
        pthread_join(senders[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

static const char *fresh_use(const struct chain *chain)
{
    const char *proof = proof_sign(proof_claims(chain, "write_note", NOTE), &chain->holders[0]);
    return use_body(chain, proof, "write_note", NOTE);
}

START_TEST(one_request_sent_many_times_at_once_is_one_permit)
{
    struct sender senders[TOGETHER];
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (int round = 0; round < ROUNDS; round++) {
        int first = 0;
        send_together(fresh_key(), fresh_use(&chain), senders);
        for (int i = 0; i < TOGETHER; i++) {
            ck_assert_msg(senders[i].status == 200, "%ld %s", senders[i].status, senders[i].code);
            ck_assert_str_eq(senders[i].id, senders[0].id);
            first += !senders[i].repeated;
        }
        ck_assert_int_eq(first, 1);
    }
}
END_TEST

START_TEST(one_proof_sent_many_times_at_once_is_good_once)
{
    struct sender senders[TOGETHER];
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (int round = 0; round < ROUNDS; round++) {
        int permits = 0;
        send_together(NULL, fresh_use(&chain), senders);
        for (int i = 0; i < TOGETHER; i++) {
            permits += senders[i].status == 200;
            ck_assert_msg(senders[i].status == 200 || strcmp(senders[i].code, "replayed") == 0,
                          "%ld %s", senders[i].status, senders[i].code);
        }
        ck_assert_int_eq(permits, 1);
    }
}
END_TEST

Suite *suite_idempotency(void)
{
    Suite *suite = suite_create("idempotency");
    ADD(suite, the_same_key_and_body_get_the_first_answer);
    ADD(suite, one_key_on_two_delegations_is_refused_for_the_second);
    ADD(suite, the_same_key_and_another_body_are_refused);
    ADD(suite, a_key_belongs_to_its_caller);
    ADD(suite, a_repeated_validate_is_one_decision);
    ADD(suite, a_repeated_validate_is_judged_live_again);
    ADD(suite, an_admission_is_repeated_without_a_second_child);
    ADD(suite, one_request_sent_many_times_at_once_is_one_permit);
    ADD(suite, one_proof_sent_many_times_at_once_is_good_once);
    return suite;
}
