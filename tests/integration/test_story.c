/* Attack stories: what somebody inside a run would try. Each ends without gain. */
#include "actors.h"
#include "suites.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";

/* The executor sees its whole chain, so it has the planner's token, its hash and its id. With these
 * it tries to derive, prove, renew and revoke as the planner. Bytes prove nothing (W11). */
START_TEST(executor_uses_the_planners_bytes)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor,
                 "{'read_file': {'path': {'constraint_type': 'path_containment', "
                 "'root': '/notes'}}}");
    struct chain planners = chain;
    planners.count = 1;

    /* A child of the planner's token, signed with the executor's key, by the executor's client. */
    struct actor thief = cast.executor;
    const struct actor accomplice = actor_fresh(&cast.executor);
    const char *token = token_sign(child_claims(&planners, &accomplice), &thief);
    const struct answer derived = post(&cast.executing, "/v1/delegations",
                                       quoted("{'task': '%s', 'token': '%s'}", chain.task, token));
    expect_code(derived, "signature_invalid");
    const char *const handles[] = {token_hash(chain.tokens[0]), chain.ids[0], chain.tokens[0]};
    for (size_t i = 0; i < 3; i++) {
        const struct answer managed = post(
            &cast.executing, "/v1/delegations",
            quoted("{'task': '%s', 'parent': '%s', 'handle': '%s', 'agent': 'executor', "
                   "'grant': 'write_note(path under /notes, text any)'}",
                   chain.task, chain.ids[0], handles[i]));
        ck_assert_msg(managed.status >= 400 && managed.status < 500, "%s", shown(&managed));
        const struct answer signed_for = post(
            &cast.executing, "/v1/proofs",
            quoted("{'task': '%s', 'delegation': '%s', 'handle': '%s', "
                   "'tool': 'write_note', 'arguments': %s}",
                   chain.task, chain.ids[0], handles[i], NOTE));
        ck_assert_msg(signed_for.status >= 400 && signed_for.status < 500, "%s",
                      shown(&signed_for));
    }

    /* A proof for the planner's token with its own key, and its own chain for the planner's tool.
     */
    const char *proof = proof_sign(proof_claims(&planners, "write_note", NOTE), &thief);
    const struct answer used = post(&cast.enforcer, "/v1/validate",
                                    use_body(&planners, proof, "write_note", NOTE));
    expect_code(used, "holder_binding_failed");
    const struct answer own = chain_call(&chain, "write_note", NOTE);
    expect_code(own, "scope_not_granted");

    /* Ends and renewals in the planner's name. */
    static const char *const ACTS[] = {"revoke", "complete", "renew"};
    for (size_t i = 0; i < 3; i++) {
        const char *const bodies[] = {
            i == 2 ? "{\"reason\":\"x\"}" : "{}",
            quoted("{'handle': '%s'}", handles[0]),
            act_body(&chain, ACTS[i], 0, 0, &thief),
            act_body(&chain, ACTS[i], 0, 1, &thief),
        };
        for (size_t j = 0; j < 4; j++) {
            const struct answer answer = chain_act(&chain, &cast.executing, ACTS[i], 0, bodies[j]);
            ck_assert_msg(answer.status >= 400 && answer.status < 500, "%s by body %zu: %s",
                          ACTS[i], j, shown(&answer));
        }
    }
    const struct answer closed = post(&cast.executing, plain("/v1/tasks/%s/complete", chain.task),
                                      "{}");
    ck_assert_msg(closed.status >= 400 && closed.status < 500, "%s", shown(&closed));

    /* The planner never noticed. */
    const struct answer alive = chain_call(&planners, "write_note", NOTE);
    expect_status(alive, 200);
    const struct answer below = get(
        &cast.auditor, plain("/v1/delegations/%s/descendants?task=%s", chain.ids[0], chain.task));
    ck_assert_uint_eq(at(below.json, "delegations")->count, 1);
}
END_TEST

/* The retriever, between planner and executor, signs a child without the approval rule and with a
 * higher clearance, then moves it into a task of its own. */
START_TEST(intermediate_signer_drops_terms_and_swaps_txn)
{
    const struct answer opened = task_open(
        &cast.issuer, &cast.planner,
        "'terms': {'clearance': {'confidentiality': 'internal', 'integrity': 'untrusted'}, "
        "'approval': [{'tools': ['send_email'], 'approvers': ['finance'], 'quorum': 2}]}");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    chain_extend(&chain, &cast.retriever, NULL);
    static const char MAIL[] = "{'to': ['a@x.test']}";
    static const char SEND[] = "{'send_email': {'to': {'constraint_type': 'subset', "
                               "'allowed': ['a@x.test']}}}";

    /* Dropping gains nothing: the fold keeps the rule. */
    struct chain dropped = chain;
    chain_extend(&dropped, &cast.executor, SEND);
    const struct answer unapproved = chain_call(&dropped, "send_email", MAIL);
    expect_code(unapproved, "approval_required");

    /* Loosening is refused. */
    static const char *const LOOSE[] = {
        "'approval': [{'tools': ['send_email'], 'approvers': ['finance'], 'quorum': 1}]",
        "'approval': []",
        "'clearance': {'confidentiality': 'restricted'}",
    };
    for (size_t i = 0; i < 3; i++) {
        struct writ_json *claims = child_claims(&chain, &cast.executor);
        claim_authority(claims, SEND, LOOSE[i]);
        const struct answer answer = chain_admit(&chain, token_sign(claims, &cast.retriever));
        if (i == 1 && answer.status == 201)
            continue; /* an empty list adds nothing and drops nothing: the fold keeps the rule */
        expect_code(answer, "not_narrower");
    }

    /* Another task, in which the retriever may do as it likes: opened by the same desk. */
    struct chain other;
    chain_open(&other, &cast.retriever);
    static const char *const SWAPS[][2] = {{"txn", NULL}, {"sub", NULL}, {"sub", "'mallory'"}};
    struct writ_json *swapped = child_claims(&chain, &cast.executor);
    claim(swapped, "txn", plain("'%s'", other.task));
    const char *token = token_sign(swapped, &cast.retriever);
    const struct answer here = chain_admit(&chain, token);
    expect_code(here, "principal_altered");
    const struct answer there = post(&cast.retrieving, "/v1/delegations",
                                     quoted("{'task': '%s', 'token': '%s'}", other.task, token));
    expect_code(there, "unregistered");
    for (size_t i = 0; i < 3; i++) {
        struct writ_json *claims = child_claims(&chain, &cast.executor);
        claim(claims, SWAPS[i][0], SWAPS[i][1]);
        const struct answer answer = chain_admit(&chain, token_sign(claims, &cast.retriever));
        expect_code(answer, "principal_altered");
    }

    /* The same links at an enforcement point, never admitted. */
    struct chain smuggled = chain;
    smuggled.tokens[2] = token;
    smuggled.holders[2] = cast.executor;
    smuggled.count = 3;
    const char *proof = proof_sign(proof_claims(&smuggled, "send_email", MAIL), &cast.executor);
    const struct answer used = post(&cast.enforcer, "/v1/validate",
                                    use_body_whole(&smuggled, proof, "send_email", MAIL));
    expect_code(used, "unregistered");
}
END_TEST

struct shot {
    struct client client;
    const char *body;
    pthread_barrier_t *start;
    long status;
    char code[40];
};

static void *shoot(void *context)
{
    struct shot *shot = context;
    /* The connection is open before the shot. */
    get(&shot->client, "/healthz");
    pthread_barrier_wait(shot->start);
    const struct answer answer = post(&shot->client, "/v1/validate", shot->body);
    shot->status = answer.status;
    const struct writ_slice code = writ_json_text(at(answer.json, "code"));
    snprintf(shot->code, sizeof shot->code, "%.*s", WRIT_SLICE_ARGS(code));
    client_done(&shot->client);
    scratch_reset();
    return NULL;
}

/* One captured proof for a tool with effects, shown to two processes at once: one permit. */
START_TEST(one_proof_two_servers)
{
    enum { SHOTS = 8 };
    const int rounds = run_is_fast() ? 25 : 200;
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    for (int round = 0; round < rounds; round++) {
        const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor);
        /* Half by reference, half by value. */
        const char *const bodies[] = {use_body(&chain, proof, "write_note", NOTE),
                                      use_body_whole(&chain, proof, "write_note", NOTE)};
        struct shot shots[SHOTS] = {0};
        pthread_t threads[SHOTS];
        pthread_barrier_t start;
        pthread_barrier_init(&start, NULL, SHOTS);
        for (int i = 0; i < SHOTS; i++) {
            shots[i].client = client_at(&cast.enforcer, i % 2 ? &second_server : &first_server);
            shots[i].body = bodies[(i / 2) % 2];
            shots[i].start = &start;
            ck_assert_int_eq(pthread_create(&threads[i], NULL, shoot, &shots[i]), 0);
        }
        int permits = 0;
        for (int i = 0; i < SHOTS; i++) {
            pthread_join(threads[i], NULL);
            permits += shots[i].status == 200;
            ck_assert_msg(shots[i].status == 200 || strcmp(shots[i].code, "replayed") == 0,
                          "round %d: %ld %s", round, shots[i].status, shots[i].code);
        }
        pthread_barrier_destroy(&start);
        ck_assert_msg(permits == 1, "round %d: %d permits", round, permits);
    }
    ck_assert_int_eq(postgres_count(&shared_postgres,
                                    plain("select count(*) from writ.decision where task_id = '%s' "
                                          "and verdict = 'permit'",
                                          chain.task)),
                     rounds);
}
END_TEST

/* A tool server's key is seen by an agent, which sends it again: with its own call, from its own
 * client, and after the authority died. */
START_TEST(replayed_idempotency_key)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const char *key = plain("call-%s", chain.task);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const struct answer first = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_status(first, 200);

    /* Another call under the same key does not pass as the first. */
    static const char OTHER[] = "{'path': '/notes/b', 'text': 'y'}";
    const char *second_proof = proof_sign(proof_claims(&chain, "write_note", OTHER),
                                          &cast.executor);
    const struct answer other = post_once(&cast.enforcer, "/v1/validate", key,
                                          use_body(&chain, second_proof, "write_note", OTHER));
    expect_code(other, "idempotency_mismatch");
    /* Nor the same call from another caller: the key is not theirs, and the proof is used. */
    const struct answer agent = post_once(&cast.executing, "/v1/validate", key, body);
    expect_code(agent, "forbidden");
    const struct answer outsider = post_once(&cast.outsider, "/v1/validate", key, body);
    expect_code(outsider, "audience_mismatch");
    /* Under a new key the proof is used up. */
    const struct answer renamed = post_once(&cast.enforcer, "/v1/validate", plain("%s-2", key),
                                            body);
    expect_code(renamed, "replayed");
    /* The key names no other task and no other act. */
    const struct answer ended = post_once(&cast.issuer, plain("/v1/tasks/%s/complete", chain.task),
                                          key, "{}");
    expect_status(ended, 200);
    /* After the end, the first answer is history: it is not a permit any more. */
    const struct answer late = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_code(late, "task_closed");
    ck_assert_int_eq(postgres_count(&shared_postgres,
                                    plain("select count(*) from writ.decision where task_id = '%s' "
                                          "and verdict = 'permit'",
                                          chain.task)),
                     1);
}
END_TEST

/* The executor makes a leaf that names the retriever as its holder, so that a bad call would be
 * written to the retriever's account. */
START_TEST(frames_a_peer_with_a_forged_leaf)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);

    /* The retriever's name over a key of the executor's: enrolment speaks for itself. */
    const struct actor own_key = actor_fresh(&cast.executor);
    struct writ_json *claims = child_claims(&chain, &own_key);
    claim(claims, "client_id", "'retriever'");
    const struct answer named = chain_admit(&chain, token_sign(claims, &cast.executor));
    expect_code(named, "holder_binding_failed");
    /* A key that nobody enrolled, and an enrolment in the retriever's name. */
    struct actor unknown = actor_sibling(&cast.retriever);
    struct writ_json *fresh = child_claims(&chain, &unknown);
    const struct answer unenrolled = chain_admit(&chain, token_sign(fresh, &cast.executor));
    expect_code(unenrolled, "holder_binding_failed");
    unknown.client = &cast.executing;
    const struct answer enrolled = actor_enrol(&unknown);
    expect_status(enrolled, 201); /* as the executor's own, and only so */
    const struct answer still = chain_admit(&chain, token_sign(fresh, &cast.executor));
    expect_code(still, "holder_binding_failed");

    /* With the retriever's true key the leaf is good, but only the retriever can use it: the calls
     * of the executor stay the executor's. */
    struct chain framed = chain;
    chain_extend(&framed, &cast.retriever, NULL);
    const char *proof = proof_sign(proof_claims(&framed, "write_note", NOTE), &cast.executor);
    const struct answer used = post(&cast.enforcer, "/v1/validate",
                                    use_body(&framed, proof, "write_note", NOTE));
    expect_code(used, "holder_binding_failed");
    const struct answer listed = get(&cast.auditor,
                                     plain("/v1/decisions?task=%s&agent=retriever", chain.task));
    expect_status(listed, 200);
    ck_assert_uint_eq(at(listed.json, "decisions")->count, 0);
}
END_TEST

Suite *suite_story(void)
{
    Suite *suite = suite_create("story");
    ADD(suite, executor_uses_the_planners_bytes);
    ADD(suite, intermediate_signer_drops_terms_and_swaps_txn);
    ADD_LONG(suite, one_proof_two_servers, 180);
    ADD(suite, replayed_idempotency_key);
    ADD(suite, frames_a_peer_with_a_forged_leaf);
    return suite;
}
