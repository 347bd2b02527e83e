/* Policies that look at the label of a task: at the one that there is when the call is recorded. */
#include "lowering.h"
#include "suites.h"

#define PERMIT_ALL "@id('all') permit(principal, action, resource);\n"
#define CALL "principal, action == Action::'call', resource"
/* Archives take all data, as their tool is registered; this policy does not. */
#define NOTHING_SECRET                                                                             \
    PERMIT_ALL "@id('secret') forbid(" CALL ") when { resource.name == 'archive' && "              \
               "context.label.confidentiality > 1 };"
#define TO_ANY "archive(to any)"
static const char TO[] = "{'to': 'a@x.test'}";

static void end(void)
{
    policies_set("");
}

static long permits_of(const struct chain *chain, const char *tool)
{
    return postgres_count(&shared_postgres,
                          plain("select count(*) from writ.decision where task_id = '%s' and "
                                "tool = '%s' and verdict = 'permit'",
                                chain->task, tool));
}

static struct client beside; /* the enforcer at the other replica */

/* A task that both replicas judge by these policies: as the first one is asked, and the other. */
static void open_at_both(struct chain *chain, struct chain *elsewhere, const char *policies)
{
    beside = client_at(&cast.enforcer, &second_server);
    open_granting(chain, TO_ANY);
    policies_set(policies);
    sleep_s(1.5); /* a beat, for the other replica */
    *elsewhere = *chain;
    elsewhere->enforcer = &beside;
}

START_TEST(the_label_of_the_task_is_seen_by_policies)
{
    struct chain chain;
    policies_set(NOTHING_SECRET);
    open_granting(&chain, TO_ANY);
    expect_permit(&chain, "archive", TO);
    expect_permit(&chain, "glance", HERE);
    expect_permit(&chain, "archive", TO);
    expect_permit(&chain, "ledger", HERE);
    const struct answer after = chain_call(&chain, "archive", TO);
    expect_code(after, "policy_denied");
    expect_text(after, "detail", "forbidden by policy secret");
    ck_assert_int_eq(chain_rows(&chain, "denial"), 0); /* the label may be lowered */
    end();
}
END_TEST

/* It judged by what it knows, which is lower than the ledger's at the moment of recording. */
START_TEST(a_replica_that_believes_a_lower_label_permits_nothing_by_it)
{
    struct chain chain, elsewhere;
    open_at_both(&chain, &elsewhere, NOTHING_SECRET);
    const struct answer harmless = chain_call_settled(&elsewhere, "archive", TO);
    expect_status(harmless, 200);
    expect_permit(&chain, "ledger", HERE);
    expect_denied(&elsewhere, "archive", TO, "policy_denied");
    ck_assert_int_eq(permits_of(&chain, "archive"), 1);
    client_done(&beside);
    end();
}
END_TEST

/* And the other way round: what wants a label that is there is not refused for an older one. */
START_TEST(a_replica_that_believes_a_lower_label_refuses_nothing_that_it_has_to_judge_anew)
{
    struct chain chain, elsewhere;
    open_at_both(&chain, &elsewhere,
                 PERMIT_ALL "@id('x') forbid(" CALL ") when { resource.name == 'archive' && "
                            "context.label.confidentiality == 2 && context.label.untrusted };");
    const struct answer harmless = chain_call_settled(&elsewhere, "archive", TO);
    expect_status(harmless, 200);
    expect_permit(&chain, "ledger", HERE);
    const struct answer anew = chain_call(&elsewhere, "archive", TO);
    expect_status(anew, 200);
    expect_text(anew, "label.confidentiality", "confidential");
    client_done(&beside);
    end();
}
END_TEST

/* Once somebody wants it lowered, memory does not know the label: each time the ledger is asked. */
START_TEST(a_label_that_memory_does_not_know_is_read_before_policies_judge)
{
    struct chain chain, elsewhere;
    open_at_both(&chain, &elsewhere,
                 PERMIT_ALL "@id('only_secret') forbid(" CALL ") when { resource.name == 'archive' "
                            "&& context.label.confidentiality < 2 };");
    expect_permit(&chain, "glance", HERE);
    (void)lowering_asked(&chain, PUBLIC);
    const struct answer known = chain_call_settled(&elsewhere, "glance", HERE);
    expect_text(known, "label.confidentiality", "internal");
    expect_permit(&chain, "ledger", HERE);
    expect_permit(&elsewhere, "archive", TO);
    client_done(&beside);
    end();
}
END_TEST

#define BOTTOM(confidentiality)                                                                    \
    "'{\"confidentiality\": \"" confidentiality "\", \"integrity\": \"trusted\", "                 \
    "\"categories\": []}'::jsonb"

/* A ledger whose label is another whenever a permit is to be recorded than when it is asked for. */
START_TEST(policies_judge_anew_three_times_and_then_nobody_knows)
{
    struct chain chain;
    open_granting(&chain, TO_ANY);
    policies_set(NOTHING_SECRET);
    expect_permit(&chain, "archive", TO);
    postgres_ask(&shared_postgres, NULL,
                 "create or replace function writ.label_bottom() returns jsonb language sql stable "
                 "as $$ select case when current_query() like '%judged_label%' then " BOTTOM(
                     "internal") " else " BOTTOM("public") " end $$",
                 NULL);
    const struct answer lost = chain_call(&chain, "archive", TO);
    postgres_ask(&shared_postgres, NULL,
                 "create or replace function writ.label_bottom() returns jsonb language sql "
                 "immutable parallel safe begin atomic select " BOTTOM("public") "; end",
                 NULL);
    expect_code(lost, "status_unknown");
    expect_status(lost, 503);
    ck_assert_int_eq(permits_of(&chain, "archive"), 1);
    expect_permit(&chain, "archive", TO);
    end();
}
END_TEST

START_TEST(no_read_is_buffered_while_a_policy_looks_at_the_label)
{
    struct chain chain;
    open_granting(&chain, TO_ANY);
    const struct answer first = chain_call(&chain, "glance", HERE);
    expect_text(first, "recorded", "durable");
    const struct answer second = chain_call(&chain, "glance", HERE);
    expect_text(second, "recorded", "buffered");
    policies_set(PERMIT_ALL);
    const struct answer third = chain_call(&chain, "glance", HERE);
    expect_text(third, "recorded", "buffered");
    policies_set(NOTHING_SECRET);
    const struct answer looked = chain_call(&chain, "glance", HERE);
    expect_text(looked, "recorded", "durable");
    end();
}
END_TEST

Suite *suite_label_policy(void)
{
    Suite *suite = suite_create("label_policy");
    ADD(suite, the_label_of_the_task_is_seen_by_policies);
    ADD(suite, a_replica_that_believes_a_lower_label_permits_nothing_by_it);
    ADD(suite, a_replica_that_believes_a_lower_label_refuses_nothing_that_it_has_to_judge_anew);
    ADD(suite, a_label_that_memory_does_not_know_is_read_before_policies_judge);
    ADD(suite, policies_judge_anew_three_times_and_then_nobody_knows);
    ADD(suite, no_read_is_buffered_while_a_policy_looks_at_the_label);
    return suite;
}
