/* Policies that look at who has approved a call: whose yes they want, and what an approval binds
 * that was asked for before anybody had said it. */
#include "people.h"
#include "suites.h"

#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char OTHER[] = "{'path': '/notes/a', 'text': 'y'}";

#define CALL "principal, action == Action::'call', resource"
#define IS_NOTE "resource.name == 'write_note'"
#define OTHERS "@id('others') permit(principal, action, resource);\n"
/* Finance or the board are asked, and without the board it is forbidden. */
#define BOARD_TOO                                                                                  \
    OTHERS "@id('asks') @obligation('approval') @approvers('finance, board') permit(" CALL         \
           ") when { " IS_NOTE " };\n"                                                             \
           "@id('board') forbid(" CALL ") when { " IS_NOTE                                         \
           " } unless { context.approvals.contains('board') };\n"
/* Nobody is asked by a policy; what finance approved is permitted, and nothing else. */
#define FINANCE_ALONE(why)                                                                         \
    "@id('grants') permit(principal, action in [Action::'issue', Action::'delegate'], "            \
    "resource);\n"                                                                                 \
    "@id('finance') permit(" CALL ") when { context.approvals.contains('finance') && " why " };\n"

#define ANYBODY_OF_THREE                                                                           \
    "[{'tools': ['write_note'], 'approvers': ['finance', 'board', 'sales'], 'quorum': 1}]"

static struct person ann, bob;

static void begin(void)
{
    people_start();
    ann = person_new("ann", "['finance']");
    bob = person_new("bob", "['board', 'sales']");
}

/* Any of three groups may be asked; the policy wants finance. */
static void begin_by_finance(struct chain *chain)
{
    begin();
    policies_set(FINANCE_ALONE("true"));
    people_open(chain, ANYBODY_OF_THREE);
}

static void end(void)
{
    policies_set("");
}

START_TEST(people_are_asked_where_a_policy_forbids_only_for_want_of_their_approval)
{
    struct chain chain;
    begin();
    policies_set(BOARD_TOO);
    people_open(&chain, NULL);
    const char *id = people_ask(&chain, NOTE);
    const struct answer waiting = call_with(&chain, NOTE, id);
    expect_code(waiting, "approval_required");
    expect_text(waiting, "approval.id", id);
    expect_vote(&bob, id, "approved");
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    expect_text(page, "rules.0.policy", "asks");
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    const struct answer again = call_with(&chain, NOTE, id);
    expect_status(again, 403);
    end();
}
END_TEST

START_TEST(whoever_else_approved_the_policy_forbids_until_the_right_one_does)
{
    struct chain chain;
    begin();
    policies_set(BOARD_TOO);
    sleep_s(1.5); /* a beat, for the other replica */
    people_open(&chain, NULL);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    const struct answer denied = call_with(&chain, NOTE, id);
    expect_code(denied, "policy_denied");
    expect_text(denied, "detail", "forbidden by policy board");
    /* Who has approved changes: it is not remembered, and the approval is not spent. */
    ck_assert_int_eq(chain_rows(&chain, "denial"), 0);
    expect_vote(&bob, id, "approved");
    struct client beside = client_at(&cast.enforcer, &second_server);
    const struct chain elsewhere = chain;
    chain.enforcer = &beside;
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    client_done(&beside);
    const struct answer spent = call_with(&elsewhere, NOTE, id);
    expect_status(spent, 403);
    end();
}
END_TEST

/* It did not hold when people were asked, and they were asked by it all the same. */
START_TEST(an_approval_binds_a_policy_that_permits_only_once_it_is_given)
{
    struct chain chain;
    begin_by_finance(&chain);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    ck_assert_ptr_nonnull(
        strstr(text_at(&page, "bound"), "\"policies\":[{\"id\":\"finance\",\"sha256\":"));
    policies_set(FINANCE_ALONE("!false"));
    const struct answer changed = call_with(&chain, NOTE, id);
    expect_code(changed, "approval_invalid");
    policies_set(FINANCE_ALONE("true"));
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    end();
}
END_TEST

START_TEST(an_approval_by_others_than_a_policy_wants_permits_nothing)
{
    struct chain chain;
    begin_by_finance(&chain);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&bob, id, "approved");
    const struct answer denied = call_with(&chain, NOTE, id);
    expect_code(denied, "policy_denied");
    expect_text(denied, "detail", "no policy permits it");
    expect_vote(&ann, id, "approved");
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    end();
}
END_TEST

/* The policy only says whose yes counts: where no rule asks for one, there is none. */
START_TEST(a_policy_that_looks_at_approvals_asks_nobody)
{
    struct chain chain;
    begin();
    policies_set(FINANCE_ALONE("true"));
    people_open(&chain, NULL);
    const struct answer denied = call_with(&chain, NOTE, NULL);
    expect_code(denied, "policy_denied");
    ck_assert(!has_at(&denied, "approval"));
    const struct answer invented = call_with(&chain, NOTE, "01a20abf-13b8-7cc8-99ca-de0f1a31e767");
    expect_code(invented, "policy_denied");
    end();
}
END_TEST

START_TEST(the_approval_of_another_call_is_nobodys_yes_to_this_one)
{
    struct chain chain, sibling;
    begin_by_finance(&chain);
    sibling = chain;
    sibling.count = 1;
    chain_extend(&sibling, &cast.retriever, NULL);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    const struct answer swapped = call_with(&chain, OTHER, id);
    expect_code(swapped, "policy_denied");
    const struct answer borrowed = call_with(&sibling, NOTE, id);
    expect_code(borrowed, "policy_denied");
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    const struct answer spent = call_with(&chain, NOTE, id);
    expect_code(spent, "policy_denied");
    end();
}
END_TEST

START_TEST(whoever_may_approve_no_more_is_not_among_those_who_did)
{
    struct chain chain;
    begin_by_finance(&chain);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    expect_vote(&bob, id, "approved");
    const struct answer gone = del(&cast.admin, plain("/v1/approvers/%s", ann.name));
    expect_status(gone, 200);
    const struct answer denied = call_with(&chain, NOTE, id);
    expect_code(denied, "policy_denied");
    end();
}
END_TEST

/* The same request by the same key, after it has spent its approval: the first answer. */
START_TEST(a_repetition_is_judged_by_the_approval_that_it_spent)
{
    struct chain chain;
    begin_by_finance(&chain);
    const char *id = people_ask(&chain, NOTE);
    expect_vote(&ann, id, "approved");
    const char *proof = chain_prove(&chain, "write_note", NOTE);
    const char *body = body_approved(use_body(&chain, proof, "write_note", NOTE), id);
    const char *key = plain("approved-%s", chain.task);
    const struct answer first = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_status(first, 200);
    const struct answer second = post_once(&cast.enforcer, "/v1/validate", key, body);
    expect_status(second, 200);
    ck_assert_str_eq(text_at(&second, "id"), text_at(&first, "id"));
    const struct answer other = post_once(&cast.enforcer, "/v1/validate", plain("%s-b", key), body);
    expect_status(other, 403);
    end();
}
END_TEST

Suite *suite_approved(void)
{
    Suite *suite = suite_create("approved");
    ADD(suite, people_are_asked_where_a_policy_forbids_only_for_want_of_their_approval);
    ADD(suite, whoever_else_approved_the_policy_forbids_until_the_right_one_does);
    ADD(suite, an_approval_binds_a_policy_that_permits_only_once_it_is_given);
    ADD(suite, an_approval_by_others_than_a_policy_wants_permits_nothing);
    ADD(suite, a_policy_that_looks_at_approvals_asks_nobody);
    ADD(suite, the_approval_of_another_call_is_nobodys_yes_to_this_one);
    ADD(suite, whoever_may_approve_no_more_is_not_among_those_who_did);
    ADD(suite, a_repetition_is_judged_by_the_approval_that_it_spent);
    return suite;
}
