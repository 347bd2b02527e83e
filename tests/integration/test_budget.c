/* W4: what is granted is carved, reserved, spent and given back, and never grows. */
#include "budget.h"
#include "suites.h"

#include <string.h>

static struct answer report(const char *decision, const char *members)
{
    return post(&cast.enforcer, plain("/v1/decisions/%s/outcome", decision),
                quoted("{'success': true%s}", members));
}

START_TEST(a_call_debits_the_nearest_account_and_says_what_remains)
{
    struct chain chain;
    budget_open(&chain, USD("100.00") ", {'unit': 'calls', 'limit': '5'}");
    const struct answer first = budget_pay(&chain, "30.25");
    expect_status(first, 200);
    expect_text(first, "remaining.0.unit", "usd");
    expect_text(first, "remaining.0.remaining", "69.75");
    expect_text(first, "remaining.1.unit", "calls");
    expect_text(first, "remaining.1.remaining", "4");
    /* A call that the entry in usd does not cover, by a link without an account of its own. */
    const struct answer admitted = budget_admit(&chain, &cast.executor, NULL);
    expect_status(admitted, 201);
    const struct answer read = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(read, 200);
    expect_text(read, "remaining.0.unit", "calls");
    expect_text(read, "remaining.0.remaining", "3");
    expect_text(read, "remaining.0.delegation", chain.ids[0]);
    const struct answer over = budget_pay(&chain, "69.76");
    expect_code(over, "budget_exceeded");
    expect_text(over, "field", "writ_terms.budget");
    expect_text(over, "retry", "with_new_grant");
    ck_assert_msg(strstr(text_at(&over, "detail"), "69.75 of 100 usd (pay.amount) remain"), "%s",
                  shown(&over));
    const struct answer rest = budget_pay(&chain, "69.75");
    expect_status(rest, 200);
    ck_assert_str_eq(budget_usd(&chain, 1, "remaining"), "0");
    ck_assert_str_eq(budget_usd(&chain, 1, "reserved"), "100");
    ck_assert_int_eq(budget_unbalanced(&chain), 0);
}
END_TEST

START_TEST(what_a_client_opens_in_a_day_stays_within_its_ceiling)
{
    struct client small = payer_with("small", "{'unit': 'usd', 'limit': '100'}, "
                                              "{'unit': 'calls', 'limit': '1500'}");
    const struct answer first = budget_try_open(&small, USD("60"));
    expect_status(first, 201);
    const struct answer more = budget_try_open(&small,
                                               USD("40.5") ", {'unit': 'calls', 'limit': '1'}");
    expect_code(more, "ceiling_exceeded");
    expect_text(more, "field", "terms.budget");
    const struct answer euros = budget_try_open(&small, "{'unit': 'eur', 'limit': '1'}, "
                                                        "{'unit': 'calls', 'limit': '1'}");
    expect_code(euros, "ceiling_exceeded");
    /* A root that says nothing of calls has the operator's 1,000, of which 500 are left. */
    const struct answer silent = budget_try_open(&small, USD("1"));
    expect_code(silent, "ceiling_exceeded");
    const struct answer rest = budget_try_open(&small,
                                               USD("40") ", {'unit': 'calls', 'limit': '500'}");
    expect_status(rest, 201);
}
END_TEST

START_TEST(a_child_is_carved_out_of_its_parents_account)
{
    struct chain chain;
    budget_open(&chain, USD("100"));
    const struct answer half = budget_admit(&chain, &cast.executor, USD("60"));
    expect_status(half, 201);
    ck_assert_str_eq(budget_usd(&chain, 0, "carved"), "60");
    chain.count = 1;
    const struct answer more = budget_admit(&chain, &cast.executor, USD("40.000000001"));
    expect_code(more, "budget_exceeded");
    expect_text(more, "field", "writ_terms.budget.limit");
    ck_assert_msg(strstr(text_at(&more, "detail"), "40 remain") != NULL, "%s", shown(&more));
    const struct answer rest = budget_admit(&chain, &cast.retriever, USD("40"));
    expect_status(rest, 201);
    /* Its own account is what the parent can no longer spend. */
    const struct answer own = budget_pay(&chain, "40");
    expect_status(own, 200);
    chain.count = 1;
    const struct answer parents = budget_pay(&chain, "0.01");
    expect_code(parents, "budget_exceeded");
    ck_assert_int_eq(budget_unbalanced(&chain), 0);
}
END_TEST

START_TEST(a_budgeted_argument_is_required_and_an_exact_amount)
{
    static const char *const NO_AMOUNTS[] = {
        "{'amount': -1}",   "{'amount': -0.01}", "{'amount': '5'}",         "{'amount': null}",
        "{'amount': 1e21}", "{'amount': 1e-10}", "{'amount': [1]}",         "{'amount': true}",
        "{'amount': {}}",   "{'amount': 1e400}", "{'amount': 0.0000000001}"};
    struct chain chain;
    for (size_t i = 0; i < sizeof NO_AMOUNTS / sizeof NO_AMOUNTS[0]; i++) {
        if (i % 3 == 0)
            budget_open(&chain, USD("100")); /* before its circuit opens */
        const struct answer answer = chain_call(&chain, "pay", NO_AMOUNTS[i]);
        ck_assert_msg(answer.status == 400 || answer.status == 403, "%s: %s", NO_AMOUNTS[i],
                      shown(&answer));
    }
    budget_open(&chain, USD("100"));
    const struct answer cent = budget_pay(&chain, "0.10");
    expect_status(cent, 200);
    const struct answer again = budget_pay(&chain, "0.2");
    expect_status(again, 200);
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"),
                     "99.7"); /* binary fractions say 99.69999… */
}
END_TEST

START_TEST(one_call_may_not_ask_for_more_than_per_call)
{
    struct chain chain;
    budget_open(&chain, "{'unit': 'usd', 'tool': 'pay', 'argument': 'amount', 'limit': '100', "
                        "'per_call': '10'}");
    const struct answer over = budget_pay(&chain, "10.01");
    expect_code(over, "budget_exceeded");
    expect_text(over, "field", "writ_terms.budget.per_call");
    const struct answer within = budget_pay(&chain, "10");
    expect_status(within, 200);
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "90");
    /* A child that says nothing of it is held to it all the same. */
    const struct answer admitted = budget_admit(&chain, &cast.executor, USD("50"));
    expect_status(admitted, 201);
    const struct answer below = budget_pay(&chain, "11");
    expect_code(below, "budget_exceeded");
}
END_TEST

START_TEST(a_repeated_validate_is_debited_once)
{
    struct chain chain;
    budget_open(&chain, USD("100"));
    const char *proof = proof_sign(proof_claims(&chain, "pay", "{'amount': 60}"), &cast.planner);
    const char *body = use_body(&chain, proof, "pay", "{'amount': 60}");
    const char *key = plain("pay-%s", chain.task);
    for (int i = 0; i < 3; i++) {
        const struct answer answer = post_once(&cast.enforcer, "/v1/validate", key, body);
        expect_status(answer, 200);
        expect_text(answer, "remaining.1.remaining", "40");
    }
    ck_assert_str_eq(budget_usd(&chain, 0, "reserved"), "60");
    ck_assert_int_eq(budget_unbalanced(&chain), 0);
}
END_TEST

START_TEST(what_a_dead_child_left_returns_to_its_parent_once)
{
    struct chain chain;
    budget_open(&chain, USD("100"));
    const struct answer child = budget_admit(&chain, &cast.executor, USD("60"));
    expect_status(child, 201);
    const struct answer grandchild = budget_admit(&chain, &cast.retriever, USD("20"));
    expect_status(grandchild, 201);
    const struct answer used = budget_pay(&chain, "5");
    expect_status(used, 200);
    const struct answer unreported = budget_pay(&chain, "2");
    expect_status(unreported, 200);
    const struct answer said = report(text_at(&used, "id"), ", 'amount': '4'");
    expect_status(said, 201);
    const struct answer ended = chain_act(&chain, &cast.admin, "revoke", 1, "{}");
    expect_status(ended, 200);
    ck_assert(budget_is_closed(&chain, 2));
    ck_assert(budget_is_closed(&chain, 1));
    /* 4 were used, and 2 may have been. */
    ck_assert_str_eq(budget_usd(&chain, 0, "carved"), "0");
    ck_assert_str_eq(budget_usd(&chain, 0, "spent"), "6");
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "94");
    const struct answer again = chain_act(&chain, &cast.admin, "revoke", 1, "{}");
    expect_status(again, 200);
    ck_assert_int_eq(
        postgres_count(&shared_postgres, plain("select writ.settle('%s')", chain.task)), 0);
    /* A report that comes late is kept, and gives nothing back. */
    const struct answer late = report(text_at(&unreported, "id"), ", 'amount': '0'");
    expect_status(late, 201);
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "94");
    const struct answer completed = post(&cast.admin, plain("/v1/tasks/%s/complete", chain.task),
                                         "{}");
    expect_status(completed, 200);
    ck_assert(budget_is_closed(&chain, 0));
}
END_TEST

START_TEST(what_a_lapsed_child_left_returns_to_its_parent)
{
    struct chain chain;
    budget_open(&chain, USD("100"));
    const struct answer child = budget_admit(&chain, &cast.executor, USD("60"));
    expect_status(child, 201);
    ck_assert_str_eq(budget_usd(&chain, 0, "carved"), "60");
    postgres_set_lease(&shared_postgres, chain.ids[1], 0);
    ck_assert(budget_is_closed(&chain, 1));
    ck_assert_str_eq(budget_usd(&chain, 0, "carved"), "0");
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "100");
}
END_TEST

START_TEST(overspending_freezes_the_account)
{
    struct chain chain;
    budget_open(&chain, USD("100"));
    const struct answer first = budget_pay(&chain, "10");
    const struct answer second = budget_pay(&chain, "20");
    expect_status(first, 200);
    expect_status(second, 200);
    const struct answer more = report(text_at(&first, "id"), ", 'amount': '10.5', 'unit': 'usd'");
    expect_status(more, 201);
    ck_assert_str_eq(budget_usd(&chain, 0, "overspent"), "0.5");
    ck_assert_str_eq(budget_usd(&chain, 0, "spent"), "10");
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "0");
    const struct answer none = budget_pay(&chain, "0");
    expect_code(none, "budget_exceeded");
    const struct answer child = budget_admit(&chain, &cast.executor, USD("1"));
    expect_code(child, "budget_exceeded");
    /* What another outcome releases does not thaw it. */
    const struct answer less = report(text_at(&second, "id"), ", 'amount': '1'");
    expect_status(less, 201);
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "0");
    ck_assert_str_eq(budget_usd(&chain, 0, "withheld"), "89");
    ck_assert_int_eq(budget_unbalanced(&chain), 0);
}
END_TEST

/* The attack: a holder that wants more than it was given, and an enforcement point that is told to
 * say whatever helps. */
START_TEST(budget_refilled_by_negative_amounts_and_false_outcomes)
{
    struct chain chain;
    budget_open(&chain, USD("50") ", {'unit': 'calls', 'limit': '9'}");
    static const char *const REFILLS[] = {"-1000000", "-0.000000001", "-1e3", "1e-400"};
    for (size_t i = 0; i < sizeof REFILLS / sizeof REFILLS[0]; i++) {
        const struct answer refill = budget_pay(&chain, REFILLS[i]);
        ck_assert_msg(refill.status == 400 || refill.status == 403, "%s", shown(&refill));
    }
    const struct answer zero = budget_pay(&chain, "-0");
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "50");
    const struct answer spent = budget_pay(&chain, "50");
    expect_status(spent, 200);
    const char *decision = text_at(&spent, "id");
    /* Amounts that are none, then one that was never reserved. */
    static const char *const FALSE[] = {"'-50'", "'-0'", "'+0'", "'1e1'", "'NaN'", "-50", "' 0'"};
    for (size_t i = 0; i < sizeof FALSE / sizeof FALSE[0]; i++) {
        const struct answer answer = report(decision, plain(", 'amount': %s", FALSE[i]));
        expect_code(answer, "malformed");
    }
    struct client outsider = cast.outsider;
    const struct answer foreign = post(&outsider, plain("/v1/decisions/%s/outcome", decision),
                                       quoted("{'success': false, 'amount': '0'}"));
    ck_assert_int_ge(foreign.status, 400);
    ck_assert_str_eq(budget_usd(&chain, 0, "remaining"), "0");
    /* A unit that the call was not reserved in releases nothing. */
    const struct answer euros = report(decision, ", 'amount': '0', 'unit': 'eur'");
    expect_status(euros, 201);
    ck_assert_str_eq(budget_usd(&chain, 0, "spent"), "50");
    /* The second report, of the same call, cannot release what the first did not. */
    const struct answer twice = report(decision, ", 'amount': '0', 'unit': 'usd'");
    expect_code(twice, "conflict");
    const struct answer denied = budget_pay(&chain, "0.000001");
    expect_code(denied, "budget_exceeded");
    /* A refused call has no outcome, a child no budget that its parent has not. */
    const struct answer none = report(text_at(&denied, "decision_id"), ", 'amount': '0'");
    expect_code(none, "conflict");
    const struct answer child = budget_admit(&chain, &cast.executor, USD("0.01"));
    expect_code(child, "budget_exceeded");
    const struct answer wider = budget_admit(&chain, &cast.executor, USD("51"));
    expect_code(wider, "not_narrower");
    const struct answer negative = budget_admit(&chain, &cast.executor, USD("-51"));
    expect_code(negative, "malformed");
    /* Nor does a call come back: the nine were of this task, whatever became of them. */
    for (long calls = zero.status == 200 ? 2 : 1; calls < 9; calls++) {
        const struct answer read = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
        expect_status(read, 200);
        const struct answer failed = post(
            &cast.enforcer, plain("/v1/decisions/%s/outcome", text_at(&read, "id")),
            quoted("{'success': false, 'amount': '0', 'unit': 'calls'}"));
        expect_status(failed, 201);
    }
    const struct answer tenth = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(tenth, "budget_exceeded");
    ck_assert_int_eq(budget_unbalanced(&chain), 0);
}
END_TEST

Suite *suite_budget(void)
{
    Suite *suite = suite_create("budget");
    ADD(suite, a_call_debits_the_nearest_account_and_says_what_remains);
    ADD(suite, what_a_client_opens_in_a_day_stays_within_its_ceiling);
    ADD(suite, a_child_is_carved_out_of_its_parents_account);
    ADD(suite, a_budgeted_argument_is_required_and_an_exact_amount);
    ADD(suite, one_call_may_not_ask_for_more_than_per_call);
    ADD(suite, a_repeated_validate_is_debited_once);
    ADD(suite, what_a_dead_child_left_returns_to_its_parent_once);
    ADD(suite, what_a_lapsed_child_left_returns_to_its_parent);
    ADD(suite, overspending_freezes_the_account);
    ADD(suite, budget_refilled_by_negative_amounts_and_false_outcomes);
    return suite;
}
