/* A call has one fate: what one rule refuses takes nothing by another one. */
#include "labels.h"
#include "people.h"
#include "suites.h"

#define TO_A "{'to': 'a@x.test'}"
#define LIMIT(calls) "'budget': [{'unit': 'calls', 'limit': '" calls "'}]"

/* A root of the planner's that may read the web and send mail under these terms. */
static void open_under(struct chain *chain, const char *mail, const char *terms)
{
    (void)desk_of_labels();
    struct client desk = client_new(
        "desk-of-fates",
        "{'role': 'issuer', 'rotate': true, 'ceiling': {'principals': ['*'], 'audiences': "
        "['" AUDIENCE "'], 'grant': 'web, mail', 'clearance': {'confidentiality': 'public', "
        "'integrity': 'untrusted'}, 'open_tasks': 1000000, 'lifetime_s': 3600, "
        "'budget_a_day': [{'unit': 'calls', 'limit': '1000000'}]}}");
    const struct answer opened = task_open(
        &desk, &cast.planner,
        plain("'grant': 'web, %s', 'terms': {'clearance': {'confidentiality': 'public', "
              "'integrity': 'untrusted'}, %s}",
              mail, terms));
    expect_status(opened, 201);
    chain_take(chain, &opened, &cast.planner);
}

static void expect_calls_left(const struct chain *chain, const char *calls)
{
    const struct answer task = get(&cast.auditor, plain("/v1/tasks/%s", chain->task));
    expect_status(task, 200);
    expect_text(task, "accounts.0.unit", "calls");
    expect_text(task, "accounts.0.remaining", calls);
}

START_TEST(a_call_beyond_its_budget_raises_no_label)
{
    struct chain chain;
    open_under(&chain, "mail(to any)", LIMIT("1"));
    expect_permit(&chain, "mail", TO_A);
    const struct answer over = chain_call(&chain, "web", HERE);
    expect_code(over, "budget_exceeded");
    expect_text(over, "field", "writ_terms.budget");
    const struct answer task = get(&cast.auditor, plain("/v1/tasks/%s", chain.task));
    expect_text(task, "label.integrity", "trusted");
    ck_assert_int_eq(chain_rows(&chain, "task_label"), 0);
}
END_TEST

START_TEST(a_permit_says_the_label_and_what_remains)
{
    struct chain chain;
    open_under(&chain, "mail(to any)", LIMIT("3"));
    const struct answer web = chain_call(&chain, "web", HERE);
    expect_status(web, 200);
    expect_text(web, "label.integrity", "untrusted");
    expect_text(web, "remaining.0.remaining", "2");
    expect_calls_left(&chain, "2");
}
END_TEST

START_TEST(a_call_that_the_label_refuses_is_not_counted)
{
    struct chain chain;
    open_under(&chain, "mail(to any)", LIMIT("3"));
    expect_permit(&chain, "web", HERE);
    expect_denied(&chain, "mail", TO_A, "label_exceeded");
    expect_calls_left(&chain, "2");
    ck_assert_int_eq(chain_rows(&chain, "proof_used"), 0);
}
END_TEST

START_TEST(a_call_beyond_its_budget_spends_neither_its_approval_nor_its_proof)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['post']");
    open_under(
        &chain, "mail(to in [a@x.test])",
        LIMIT("1") ", 'approval': [{'tools': ['mail'], 'approvers': ['post'], 'quorum': 1}]");
    const struct answer asked = chain_call(&chain, "mail", TO_A);
    const char *id = people_asked(&asked);
    expect_calls_left(&chain, "1");
    const struct answer waiting = call_tool_with(&chain, "mail", TO_A, id);
    expect_code(waiting, "approval_required");
    expect_calls_left(&chain, "1");
    expect_vote(&ann, id, "approved");
    expect_permit(&chain, "web", HERE);
    const struct answer over = call_tool_with(&chain, "mail", TO_A, id);
    expect_code(over, "budget_exceeded");
    ck_assert_int_eq(chain_rows(&chain, "approval_use"), 0);
    ck_assert_int_eq(chain_rows(&chain, "proof_used"), 0);
    const struct answer kept = get(&cast.auditor, plain("/v1/approvals/%s", id));
    expect_text(kept, "state", "approved");
}
END_TEST

Suite *suite_fate(void)
{
    Suite *suite = suite_create("fate");
    ADD(suite, a_permit_says_the_label_and_what_remains);
    ADD(suite, a_call_beyond_its_budget_raises_no_label);
    ADD(suite, a_call_that_the_label_refuses_is_not_counted);
    ADD(suite, a_call_beyond_its_budget_spends_neither_its_approval_nor_its_proof);
    return suite;
}
