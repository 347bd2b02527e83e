/* Human approval: who may give it, for what, and how often it serves. */
#include "people.h"
#include "suites.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char OTHER[] = "{'path': '/notes/a', 'text': 'y'}";

START_TEST(a_call_is_permitted_once_with_the_approval_of_its_rule)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    people_open(&chain, BY_FINANCE);
    const char *id = people_ask(&chain, NOTE);
    const struct answer waiting = call_with(&chain, NOTE, id);
    expect_code(waiting, "approval_required");
    expect_text(waiting, "field", "approval");
    expect_text(waiting, "approval.id", id); /* not another question */
    expect_vote(&ann, id, "approved");
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    const struct answer again = call_with(&chain, NOTE, id);
    expect_code(again, "approval_invalid");
    const struct answer used = get(&cast.auditor, plain("/v1/approvals/%s", id));
    expect_text(used, "state", "used");
    expect_text(used, "used_by", text_at(&permit, "id"));
}
END_TEST

START_TEST(the_same_question_is_asked_once_while_it_waits)
{
    struct chain chain;
    people_start();
    people_open(&chain, BY_FINANCE);
    const char *id = people_ask(&chain, NOTE);
    ck_assert_str_eq(people_ask(&chain, NOTE), id);
    ck_assert_str_ne(people_ask(&chain, OTHER), id);
    const struct answer list = get(&approving,
                                   plain("/v1/approvals?task=%s&state=pending", chain.task));
    expect_status(list, 200);
    ck_assert(has_at(&list, "approvals.1.id"));
    ck_assert(!has_at(&list, "approvals.2.id"));
}
END_TEST

START_TEST(a_quorum_is_of_distinct_people_who_own_nothing_in_the_chain)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    const struct person bob = person_new("bob", "['finance']");
    const struct person eve = person_new("eve", "['sales']");
    /* Who owns the agents of the cast. */
    const struct person owner = person_named("tests", "['finance']");
    people_open(&chain, "[{'tools': ['write_note'], 'approvers': ['finance'], 'quorum': 2}]");
    const char *id = people_ask(&chain, NOTE);
    const struct answer own = person_vote(&owner, id, "approve");
    expect_code(own, "forbidden");
    expect_vote(&ann, id, "pending");
    expect_vote(&ann, id, "pending");
    const struct answer stranger = person_vote(&eve, id, "approve");
    expect_code(stranger, "forbidden");
    const struct answer meddler = person_vote(&eve, id, "reject");
    expect_code(meddler, "forbidden");
    const struct answer early = call_with(&chain, NOTE, id);
    expect_code(early, "approval_required");
    expect_vote(&bob, id, "approved");
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
}
END_TEST

/* Nobody signs for a call with a key that is in its chain, by whatever name. */
START_TEST(who_holds_a_key_of_the_chain_does_not_count)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    const struct actor executor = actor_fresh(&cast.executor);
    struct person holder = {.name = "", .seed = {0}, .key = executor.key};
    snprintf(holder.name, sizeof holder.name, "holder-%.8s", executor.thumbprint);
    memcpy(holder.seed, executor.seed, sizeof holder.seed);
    const struct answer enrolled = person_enrol(&holder, "['finance']");
    expect_status(enrolled, 200);
    const struct answer opened = task_open(&cast.issuer, &cast.planner,
                                           "'terms': {'approval': " BY_FINANCE "}");
    chain_take(&chain, &opened, &cast.planner);
    chain_extend(&chain, &executor, NULL);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&holder, id, "pending");
    const struct answer early = call_with(&chain, NOTE, id);
    expect_code(early, "approval_required");
    expect_vote(&ann, id, "approved");
}
END_TEST

/* Two siblings ask for the same call: one gets a yes, and the other a no, which is the task's. */
START_TEST(a_no_outweighs_the_yes_to_a_sibling_at_every_replica)
{
    struct chain chain, sibling;
    const struct person ann = person_new("ann", "['finance']");
    people_start();
    cast_await_client(&approving, &second_server);
    people_open(&chain, BY_FINANCE);
    sibling = chain;
    sibling.count = 1;
    chain_extend(&sibling, &cast.retriever, NULL);
    const char *yes = people_ask(&sibling, NOTE);
    expect_vote(&ann, yes, "approved");
    const struct answer rejected = person_vote(&ann, people_ask(&chain, NOTE), "reject");
    expect_text(rejected, "state", "rejected");
    /* That service was told of neither: only the ledger knows. */
    struct client other = client_at(&cast.enforcer, &second_server);
    struct chain elsewhere = sibling;
    elsewhere.enforcer = &other;
    const struct answer there = call_with(&elsewhere, NOTE, yes);
    expect_code(there, "approval_invalid");
    const struct answer here = call_with(&sibling, NOTE, yes);
    expect_code(here, "approval_invalid");
}
END_TEST

START_TEST(a_vote_is_signed_by_its_approver_over_this_answer_to_this_question)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    const struct person bob = person_new("bob", "['finance']");
    people_open(&chain, BY_FINANCE);
    const char *id = people_ask(&chain, NOTE);
    const char *other = people_ask(&chain, OTHER);
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    const char *digest = text_at(&page, "digest");
    const struct answer wrong[] = {
        person_vote_by(&ann, id, "approve", person_sign(&bob, id, digest, "approve")),
        person_vote_by(&ann, id, "approve", person_sign(&ann, other, digest, "approve")),
        person_vote_by(&ann, other, "approve", person_sign(&ann, other, digest, "approve")),
        person_vote_by(&ann, id, "approve", person_sign(&ann, id, digest, "reject")),
        person_vote_by(&ann, id, "reject", person_sign(&ann, id, digest, "approve")),
        person_vote_by(&ann, id, "approve", act_body(&chain, "revoke", 1, 1, &cast.executor)),
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        ck_assert_msg(wrong[i].status >= 400, "%zu: %s", i, shown(&wrong[i]));
    const struct answer still = get(&approving, plain("/v1/approvals/%s", id));
    expect_text(still, "state", "pending");
}
END_TEST

START_TEST(people_see_the_arguments_whole_and_nothing_hidden)
{
    struct chain chain;
    people_start();
    people_open(&chain, BY_FINANCE);
    const char *id = people_ask(&chain,
                                "{'path': '/notes/a', 'text': 'pay \\u202e100\\u200b\\u001b[2J'}");
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    expect_status(page, 200);
    expect_text(page, "display.lines.1.argument", "text");
    ck_assert_str_eq(text_at(&page, "display.lines.1.value"),
                     "\"pay \\u{202e}100\\u{200b}\\u{5c}u001b[2J\"");
    ck_assert_ptr_nonnull(strstr(plain("%.*s", WRIT_SLICE_ARGS(page.body)), "\"trusted\":false"));
}
END_TEST

START_TEST(who_waits_is_told_when_it_is_decided)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    people_open(&chain, BY_FINANCE);
    const char *id = people_ask(&chain, NOTE);
    const double before = seconds_now();
    const struct answer waited = get(&cast.enforcer, plain("/v1/approvals/%s?wait=1", id));
    expect_text(waited, "state", "pending");
    ck_assert(seconds_now() - before > 0.8);
    expect_vote(&ann, id, "approved");
    const struct answer told = get(&cast.enforcer, plain("/v1/approvals/%s?wait=60", id));
    expect_text(told, "state", "approved");
    const struct answer hidden = get(&cast.outsider, plain("/v1/approvals/%s", id));
    expect_code(hidden, "not_found");
    const struct answer wrong = get(&cast.enforcer, plain("/v1/approvals/%s?wait=61", id));
    expect_code(wrong, "malformed");
}
END_TEST

START_TEST(an_approval_dies_with_its_delegation_and_its_time)
{
    static const char *const FLAGS[] = {"--approval-s", "1", NULL};
    struct chain chain;
    struct server brief;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    people_open(&chain, BY_FINANCE);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    const struct answer revoked = chain_act(&chain, &cast.admin, "revoke", 1, "{}");
    expect_status(revoked, 200);
    const struct answer dead = call_with(&chain, NOTE, id);
    expect_code(dead, "revoked");

    server_start_beside(&brief, "brief", &first_server, FLAGS);
    struct client enforcing = client_at(&cast.enforcer, &brief);
    people_open(&chain, BY_FINANCE);
    chain.enforcer = &enforcing;
    id = people_ask(&chain, NOTE);
    sleep_s(1.1);
    const struct answer late = person_vote(&ann, id, "approve");
    expect_code(late, "conflict");
    const struct answer expired = call_with(&chain, NOTE, id);
    expect_code(expired, "approval_invalid");
    server_stop(&brief);
}
END_TEST

/* One of those that spend the same approval at once. */
struct spender {
    struct client client;
    struct chain chain;
    const char *approval;
    pthread_barrier_t *start;
    bool permitted;
    bool refused; /* as it is to be */
};

static void *spend(void *context)
{
    struct spender *spender = context;
    spender->chain.enforcer = &spender->client;
    /* Connected, and the chain known here, so that all come at once. */
    (void)chain_call(&spender->chain, "read_file", "{'path': '/notes/a'}");
    pthread_barrier_wait(spender->start);
    const struct answer answer = call_with(&spender->chain, NOTE, spender->approval);
    const struct writ_slice code = writ_json_text(at(answer.json, "code"));
    spender->permitted = answer.status == 200;
    /* A conflict: another replica spends it at this moment. */
    spender->refused = writ_slice_is(code, "approval_invalid") || writ_slice_is(code, "conflict");
    client_done(&spender->client);
    return NULL;
}

START_TEST(an_approval_is_spent_once_over_replicas)
{
    enum { SPENDERS = 8 };
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    for (int round = 0; round < 10; round++) {
        struct spender spenders[SPENDERS];
        pthread_t threads[SPENDERS];
        pthread_barrier_t barrier;
        int permits = 0;
        people_open(&chain, BY_FINANCE);
        const char *id = people_ask(&chain, NOTE);
        expect_vote(&ann, id, "approved");
        pthread_barrier_init(&barrier, NULL, SPENDERS);
        for (int i = 0; i < SPENDERS; i++) {
            struct server *server = i % 2 ? &second_server : &first_server;
            spenders[i] = (struct spender){.client = client_at(&cast.enforcer, server),
                                           .chain = chain,
                                           .approval = id,
                                           .start = &barrier};
            ck_assert_int_eq(pthread_create(&threads[i], NULL, spend, &spenders[i]), 0);
        }
        for (int i = 0; i < SPENDERS; i++) {
            pthread_join(threads[i], NULL);
            permits += spenders[i].permitted;
            ck_assert(spenders[i].permitted != spenders[i].refused);
        }
        pthread_barrier_destroy(&barrier);
        ck_assert_int_eq(permits, 1);
    }
}
END_TEST

/* Memory alone cannot judge it, so a read that is answered from memory is not, under a rule. */
START_TEST(no_buffered_read_passes_by_an_approval)
{
    struct chain chain;
    people_start();
    static const char *const TOOLS[] = {"/v1/tools/peek?audience=https%3A%2F%2Ftools.test",
                                        "/v1/tools/peep?audience=https%3A%2F%2Ftools.test"};
    for (size_t i = 0; i < 2; i++) {
        const struct answer tool = put(&cast.admin, TOOLS[i],
                                       quoted("{'loosen': true, 'effect': 'read', "
                                              "'record': 'buffered', 'sensitivity': {}}"));
        expect_status(tool, 200);
    }
    struct client peeker = client_new(
        "peeker",
        "{'role': 'issuer', 'rotate': true, 'ceiling': {'principals': ['*'], 'audiences': "
        "['https://tools.test'], 'grant': 'peek, peep', 'open_tasks': 9, 'lifetime_s': 600}}");
    const struct answer opened = task_open(
        &peeker, &cast.planner,
        "'grant': 'peek, peep', 'expires_in': 60, 'terms': {'approval': [{'tools': ['peek'], "
        "'approvers': ['finance'], 'quorum': 1}]}");
    expect_status(opened, 201);
    chain_take(&chain, &opened, &cast.planner);
    /* The chain is known by now, and what no rule names is answered from memory. */
    const struct answer first = chain_call(&chain, "peep", "{}");
    expect_status(first, 200);
    expect_buffered(chain_call(&chain, "peep", "{}"));
    const struct answer asked = chain_call(&chain, "peek", "{}");
    const char *id = people_asked(&asked);
    const struct answer early = call_tool_with(&chain, "peek", "{}", id);
    expect_code(early, "approval_required");
}
END_TEST

/* An agent tries to make more of a yes than was said, and then to get one by asking. */
START_TEST(approval_reused_swapped_and_asked_until_tired)
{
    struct chain chain, sibling;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    people_open(&chain, BY_FINANCE);
    sibling = chain;
    sibling.count = 1;
    chain_extend(&sibling, &cast.retriever, NULL);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    /* Other arguments, another holder, another task. */
    const struct answer swapped = call_with(&chain, OTHER, id);
    expect_code(swapped, "approval_invalid");
    const struct answer borrowed = call_with(&sibling, NOTE, id);
    expect_code(borrowed, "approval_invalid");
    struct chain foreign;
    people_open(&foreign, BY_FINANCE);
    const struct answer carried = call_with(&foreign, NOTE, id);
    expect_code(carried, "approval_invalid");
    /* The same call twice. */
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    const struct answer reused = call_with(&chain, NOTE, id);
    expect_code(reused, "approval_invalid");
    /* A no holds for the task, whoever asks, however it is written. */
    const char *no = people_ask(&chain, OTHER);
    const struct answer rejected = person_vote(&ann, no, "reject");
    expect_text(rejected, "state", "rejected");
    const struct answer changed = person_vote(&ann, no, "approve");
    expect_code(changed, "conflict");
    const struct answer insisted = call_with(&chain, "{'text': 'y',  'path': '/notes/a'}", NULL);
    expect_code(insisted, "approval_invalid");
    const struct answer other = call_with(&sibling, OTHER, NULL);
    expect_code(other, "approval_invalid");
    /* Nor does it help to ask for many things at once. */
    struct chain flood;
    people_open(&flood, BY_FINANCE);
    for (int i = 0; i < 20; i++)
        people_ask(&flood, plain("{'path': '/notes/%d', 'text': 'x'}", i));
    const struct answer tired = call_with(&flood, "{'path': '/notes/20', 'text': 'x'}", NULL);
    expect_code(tired, "approval_required");
    ck_assert(!has_at(&tired, "approval"));
}
END_TEST

/* The child's token says nothing of its parent's rule, and adds one of its own. */
START_TEST(child_drops_its_parents_approval_rule)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    const struct person law = person_new("law", "['legal']");
    const struct answer opened = task_open(&cast.issuer, &cast.planner,
                                           "'terms': {'approval': " BY_FINANCE "}");
    expect_status(opened, 201);
    chain_take(&chain, &opened, &cast.planner);
    chain_extend(&chain, &cast.retriever, NULL); /* says nothing */
    chain_extend_under(
        &chain, &cast.executor,
        "{'write_note': {'path': {'constraint_type': 'path_containment', 'root': "
        "'/notes'}, 'text': {'constraint_type': 'wildcard'}}}",
        "'approval': [{'tools': ['write_note'], 'approvers': ['finance'], 'quorum': 1},"
        " {'tools': ['write_note'], 'approvers': ['legal'], 'quorum': 1}]");
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&law, id, "pending"); /* its own rule does not stand for its parent's */
    const struct answer half = call_with(&chain, NOTE, id);
    expect_code(half, "approval_required");
    expect_vote(&ann, id, "approved");
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
}
END_TEST

Suite *suite_approval(void)
{
    Suite *suite = suite_create("approval");
    ADD(suite, a_call_is_permitted_once_with_the_approval_of_its_rule);
    ADD(suite, the_same_question_is_asked_once_while_it_waits);
    ADD(suite, a_quorum_is_of_distinct_people_who_own_nothing_in_the_chain);
    ADD(suite, who_holds_a_key_of_the_chain_does_not_count);
    ADD(suite, a_no_outweighs_the_yes_to_a_sibling_at_every_replica);
    ADD(suite, a_vote_is_signed_by_its_approver_over_this_answer_to_this_question);
    ADD(suite, people_see_the_arguments_whole_and_nothing_hidden);
    ADD(suite, who_waits_is_told_when_it_is_decided);
    ADD(suite, an_approval_dies_with_its_delegation_and_its_time);
    ADD(suite, an_approval_is_spent_once_over_replicas);
    ADD(suite, no_buffered_read_passes_by_an_approval);
    ADD(suite, approval_reused_swapped_and_asked_until_tired);
    ADD(suite, child_drops_its_parents_approval_rule);
    return suite;
}
