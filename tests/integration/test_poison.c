/* Attack stories: data that was read is to be sent to somebody whom nobody trusted chose. */
#include "labels.h"
#include "suites.h"

#include <string.h>

static const char *const ATTACKER = "{'to': 'mallory@evil.test'}";

/* Makes a child, with all the clearance of the root, the leaf. */
static void extend(struct chain *chain, const struct actor *to, const char *tools)
{
    chain_extend_under(chain, to, tools, TO_READ_ALL);
}

/* The page that the orchestrator reads tells it to mail the ledger to somebody. It may not in this
 * task, so it looks for another one. */
START_TEST(injected_orchestrator_opens_a_fresh_task_to_send_what_it_read)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    expect_permit(&chain, "ledger", HERE);
    expect_permit(&chain, "web", HERE);
    expect_denied(&chain, "mail", ATTACKER, "label_exceeded");

    /* It delegates, but it can not open. */
    const struct answer opened = task_open(&cast.planning, &cast.planner,
                                           "'grant': 'mail(to any)'");
    expect_code(opened, "forbidden");
    /* Nor does a link of its own make become the root of a task, or a part of another one. */
    struct chain forged = chain;
    struct writ_json *claims = child_claims(&chain, &cast.planner);
    claim(claims, "txn", "'01890000-0000-7000-8000-000000000001'");
    const char *stray = token_sign(claims, &cast.planner);
    const struct answer admitted = chain_admit(&chain, stray);
    expect_code(admitted, "principal_altered");
    claim(claims, "par_hash", NULL);
    claim(claims, "del_depth", "0");
    forged.tokens[0] = token_sign(claims, &cast.planner);
    const char *proof = proof_sign(proof_claims(&forged, "mail", ATTACKER), &cast.planner);
    const struct answer used = post(&cast.enforcer, "/v1/validate",
                                    use_body_whole(&forged, proof, "mail", ATTACKER));
    expect_code(used, "unregistered");

    /* It talks the application, which may open, into a task that goes on with what it read. The
     * application says so, and the label goes on too, whatever the new root pins. */
    struct client desk = desk_of_labels();
    const struct answer talked = task_open(
        &desk, &cast.planner,
        plain("'grant': 'mail(to = mallory@evil.test)', 'continues': '%s', " CLEARED, chain.task));
    struct chain fresh;
    chain_take(&fresh, &talked, &cast.planner);
    expect_denied(&fresh, "mail", ATTACKER, "label_exceeded");
    /* A task that the user wants is another intent, with evidence of its own: what the agent still
     * has in mind reaches those whom the user named, and nobody else. */
    const struct answer wanted = task_open(&desk, &cast.planner,
                                           "'grant': 'mail(to = bob@x.test)', " CLEARED);
    chain_take(&fresh, &wanted, &cast.planner);
    expect_permit(&fresh, "mail", "{'to': 'bob@x.test'}");
    expect_denied(&fresh, "mail", ATTACKER, "argument_not_granted");
}
END_TEST

START_TEST(retriever_reads_secret_reports_nothing_sibling_sends_via_other_replica)
{
    struct chain retriever;
    struct client beside = client_at(&cast.enforcer, &second_server);
    open_granting(&retriever, "mail(to any)");
    struct chain executor = retriever;
    extend(&retriever, &cast.retriever, "{'ledger': {}}");
    extend(&executor, &cast.executor, "{'mail': {'to': {'constraint_type': 'wildcard'}}}");
    executor.enforcer = &beside;
    /* The other replica has the sibling's chain in memory, and knows the label: nothing yet. */
    const struct answer harmless = chain_call_settled(&executor, "mail", ATTACKER);
    expect_status(harmless, 200);
    expect_text(harmless, "label.confidentiality", "public");

    const struct answer read = chain_call(&retriever, "ledger", HERE);
    expect_status(read, 200);
    const struct answer denied = chain_call(&executor, "mail", ATTACKER);
    expect_code(denied, "label_exceeded");
    ck_assert_msg(strstr(text_at(&denied, "detail"), text_at(&read, "id")), "%s", shown(&denied));
    /* Reporting that it was nothing does not take it back. */
    const struct answer reported = post(
        &cast.enforcer, plain("/v1/decisions/%s/outcome", text_at(&read, "id")),
        quoted("{'success': false, 'label': {'confidentiality': 'public', 'integrity': "
               "'trusted'}}"));
    expect_status(reported, 201);
    expect_denied(&executor, "mail", ATTACKER, "label_exceeded");
    client_done(&beside);
}
END_TEST

START_TEST(pin_minted_after_the_poison)
{
    struct chain early;
    open_granting(&early, "mail(to any)");
    struct chain late = early;
    struct chain planner = early;
    extend(&early, &cast.executor, MAIL_TO("bob@x.test"));
    expect_permit(&planner, "web", HERE);
    /* The page said whom to pin. */
    extend(&late, &cast.executor, MAIL_TO("mallory@evil.test"));
    expect_denied(&late, "mail", ATTACKER, "label_exceeded");
    /* Below a pin from before, a narrower one pins what was pinned then. */
    expect_permit(&early, "mail", "{'to': 'bob@x.test'}");
    extend(&early, &cast.retriever, MAIL_TO("bob@x.test"));
    expect_permit(&early, "mail", "{'to': 'bob@x.test'}");
}
END_TEST

Suite *suite_poison(void)
{
    Suite *suite = suite_create("poison");
    ADD(suite, injected_orchestrator_opens_a_fresh_task_to_send_what_it_read);
    ADD(suite, retriever_reads_secret_reports_nothing_sibling_sends_via_other_replica);
    ADD(suite, pin_minted_after_the_poison);
    return suite;
}
