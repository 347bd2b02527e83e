/* W5: the label of a task only rises, before the answer that reveals the data, and is judged where
 * data leaves. */
#include "lowering.h"
#include "suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

static struct answer task_of(const struct chain *chain)
{
    const struct answer task = get(&cast.auditor, plain("/v1/tasks/%s", chain->task));
    expect_status(task, 200);
    return task;
}

START_TEST(a_read_raises_the_label_of_its_task_and_the_permit_says_so)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    const struct answer before = task_of(&chain);
    expect_text(before, "label.confidentiality", "public");
    expect_text(before, "label.integrity", "trusted");
    const struct answer first = chain_call(&chain, "people", HERE);
    expect_status(first, 200);
    expect_text(first, "label.confidentiality", "internal");
    expect_text(first, "label.categories.0", "pii");
    const struct answer second = chain_call(&chain, "web", HERE);
    expect_text(second, "label.confidentiality", "internal");
    expect_text(second, "label.integrity", "untrusted");
    expect_permit(&chain, "web", HERE);
    const struct answer after = task_of(&chain);
    expect_text(after, "label.integrity", "untrusted");
    expect_text(after, "label_history.0.decision", text_at(&first, "id"));
    expect_text(after, "label_history.0.tool", "people");
    expect_text(after, "label_history.1.decision", text_at(&second, "id"));
    expect_text(after, "label_history.1.agent", "planner");
    ck_assert_msg(!has_at(&after, "label_history.2"), "only a rise leaves a row: %s",
                  shown(&after));
}
END_TEST

START_TEST(an_untrusted_task_sends_only_to_a_destination_that_is_pinned)
{
    struct chain open_chain;
    struct chain pinned;
    open_granting(&open_chain, "mail(to any)");
    open_granting(&pinned, "mail(to in [a@x.test, b@x.test])");
    const char *to = "{'to': 'a@x.test'}";
    expect_permit(&open_chain, "mail", to);
    expect_permit(&open_chain, "web", HERE);
    expect_permit(&pinned, "web", HERE);
    expect_denied(&open_chain, "mail", to, "label_exceeded");
    expect_permit(&pinned, "mail", to);
    /* Pinned is allowed up to confidential, by default. */
    expect_permit(&pinned, "ledger", HERE);
    expect_permit(&pinned, "mail", to);
    expect_permit(&pinned, "people", HERE);
    expect_denied(&pinned, "mail", to, "label_exceeded"); /* pii is a category */
}
END_TEST

START_TEST(a_list_of_destinations_is_pinned_by_subset_and_an_absent_one_by_the_grant)
{
    struct chain listed;
    struct chain none;
    struct chain any;
    open_granting(&listed, "mail(to? subset [a@x.test, b@x.test])");
    open_granting(&none, "mail(text any)");
    open_granting(&any, "mail(to? any)");
    struct chain *const chains[] = {&listed, &none, &any};
    for (size_t i = 0; i < 3; i++)
        expect_permit(chains[i], "web", HERE);
    expect_permit(&listed, "mail", "{'to': ['a@x.test']}");
    expect_permit(&listed, "mail", HERE);
    expect_permit(&none, "mail", "{'text': 'to where the tool sends by itself'}");
    expect_denied(&any, "mail", HERE, "label_exceeded");
}
END_TEST

START_TEST(what_is_irreversible_sends_unless_its_tool_is_declared_not_to)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    expect_permit(&chain, "shred", HERE);
    expect_permit(&chain, "web", HERE);
    expect_denied(&chain, "shred", HERE, "label_exceeded");
    expect_permit(&chain, "tidy", HERE);
}
END_TEST

START_TEST(a_denial_names_the_call_that_raised_the_label_and_is_recorded)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    expect_permit(&chain, "glance", HERE);
    expect_permit(&chain, "ledger", HERE);
    expect_permit(&chain, "web", HERE);
    const char *proof = proof_sign(proof_claims(&chain, "mail", "{'to': 'a'}"), &cast.planner);
    const char *body = use_body(&chain, proof, "mail", "{'to': 'a'}");
    const struct answer denied = post(&cast.enforcer, "/v1/validate", body);
    expect_code(denied, "label_exceeded");
    expect_text(denied, "field", "destination");
    const char *detail = text_at(&denied, "detail");
    /* Internal was too much for public already. */
    ck_assert_msg(strstr(detail, "confidential, untrusted since decision"), "%s", detail);
    const struct answer task = task_of(&chain);
    ck_assert_msg(strstr(detail, text_at(&task, "label_history.0.decision")), "%s", detail);
    const struct answer explained = get(
        &cast.auditor,
        plain("/v1/decisions/%s?task=%s", text_at(&denied, "decision_id"), chain.task));
    expect_text(explained, "decision.outcome", "label_exceeded");
    expect_text(explained, "decision.detail", detail);
    /* The proof was not consumed. */
    const struct answer again = post(&cast.enforcer, "/v1/validate", body);
    expect_code(again, "label_exceeded");
}
END_TEST

/* Denials stick, but not where another link may do what this one may not. */
START_TEST(a_refused_destination_stays_open_to_the_link_that_pins_it)
{
    struct chain planner;
    open_granting(&planner, "mail(to any)");
    struct chain executor = planner;
    chain_extend(&executor, &cast.executor, MAIL_TO("a"));
    expect_permit(&planner, "web", HERE);
    expect_denied(&planner, "mail", "{'to': 'a'}", "label_exceeded");
    expect_permit(&executor, "mail", "{'to': 'a'}");
    /* What no pin would cure is refused to the whole task, and remembered. */
    expect_permit(&planner, "people", HERE);
    expect_denied(&executor, "mail", "{'to': 'a'}", "label_exceeded");
    const struct answer again = chain_call(&executor, "mail", "{'to': 'a'}");
    expect_code(again, "label_exceeded");
    expect_text(again, "field", "label");
}
END_TEST

START_TEST(restricted_data_never_leaves_without_an_approval)
{
    struct chain chain;
    open_granting(&chain, "archive(to = store)");
    expect_permit(&chain, "archive", "{'to': 'store'}");
    expect_permit(&chain, "people", HERE);
    expect_permit(&chain, "web", HERE);
    expect_permit(&chain, "archive", "{'to': 'store'}");
    expect_permit(&chain, "vault", HERE);
    const struct answer denied = chain_call(&chain, "archive", "{'to': 'store'}");
    const char *id = people_asked(&denied);
    expect_text(denied, "field", "label");
    /* Anybody who may approve, once; an approval of the call from before is of something else. */
    people_start();
    const struct person ann = person_new("ann", "['records']");
    const struct answer early = call_tool_with(&chain, "archive", "{'to': 'store'}", id);
    expect_code(early, "approval_required");
    expect_vote(&ann, id, "approved");
    const struct answer permit = call_tool_with(&chain, "archive", "{'to': 'store'}", id);
    expect_status(permit, 200);
    const struct answer again = call_tool_with(&chain, "archive", "{'to': 'store'}", id);
    expect_code(again, "approval_invalid");
}
END_TEST

/* People said yes to a call when nothing restricted had been read: that is another question. */
START_TEST(an_approval_from_before_lets_no_restricted_data_out)
{
    static const char TO[] = "{'to': 'store'}";
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    struct client desk = desk_of_labels();
    const struct answer opened = task_open(
        &desk, &cast.planner,
        "'grant': '" READS ", archive(to = store)', 'terms': {" TO_READ_ALL
        ", 'approval': [{'tools': ['archive'], 'approvers': ['records'], 'quorum': 1}]}");
    chain_take(&chain, &opened, &cast.planner);
    const struct answer asked = chain_call(&chain, "archive", TO);
    const char *before = people_asked(&asked);
    expect_vote(&ann, before, "approved");
    expect_permit(&chain, "vault", HERE);
    const struct answer late = call_tool_with(&chain, "archive", TO, before);
    const char *anew = people_asked(&late);
    expect_text(late, "field", "label");
    ck_assert_str_ne(anew, before);
    expect_vote(&ann, anew, "approved");
    const struct answer permit = call_tool_with(&chain, "archive", TO, anew);
    expect_status(permit, 200);
}
END_TEST

START_TEST(an_outcome_can_only_add_to_the_label)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    const struct answer permit = chain_call(&chain, "ledger", HERE);
    const char *path = plain("/v1/decisions/%s/outcome", text_at(&permit, "id"));
    const char *body = quoted("{'success': true, 'label': {'confidentiality': 'public', "
                              "'integrity': 'trusted', 'categories': ['pii']}}");
    for (int i = 0; i < 2; i++) {
        const struct answer reported = post(&cast.enforcer, path, body);
        expect_status(reported, 201);
    }
    const struct answer task = task_of(&chain);
    expect_text(task, "label.confidentiality", "confidential");
    expect_text(task, "label.categories.0", "pii");
    expect_text(task, "label_history.1.cause", "outcome");
    ck_assert(!has_at(&task, "label_history.2"));
    expect_denied(&chain, "mail", "{'to': 'a'}", "label_exceeded");
}
END_TEST

START_TEST(a_read_that_raises_is_never_buffered)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    const struct answer first = chain_call(&chain, "glance", HERE);
    expect_text(first, "recorded", "durable");
    expect_text(first, "label.confidentiality", "internal");
    const struct answer second = chain_call(&chain, "glance", HERE);
    expect_text(second, "recorded", "buffered");
    /* Once somebody wants the label lowered, nothing is answered from memory, in time. */
    (void)lowering_asked(&chain, PUBLIC);
    const double end = seconds_now() + 40;
    struct answer last = second;
    while (seconds_now() < end && strcmp(text_at(&last, "recorded"), "buffered") == 0) {
        sleep_s(0.2);
        last = chain_call(&chain, "glance", HERE);
        expect_status(last, 200);
    }
    expect_text(last, "recorded", "durable");
    for (int i = 0; i < 3; i++) {
        last = chain_call(&chain, "glance", HERE);
        expect_text(last, "recorded", "durable");
    }
}
END_TEST

START_TEST(a_task_that_continues_another_begins_with_its_label)
{
    struct chain first;
    struct chain next;
    open_granting(&first, "mail(to any)");
    struct client desk = desk_of_labels();
    expect_permit(&first, "web", HERE);
    const struct answer opened = task_open(
        &desk, &cast.planner,
        plain("'grant': '" READS ", mail(to = a)', 'continues': '%s', " CLEARED, first.task));
    chain_take(&next, &opened, &cast.planner);
    const struct answer task = task_of(&next);
    expect_text(task, "label.integrity", "untrusted");
    expect_text(task, "label_history.0.cause", "continued");
    expect_text(task, "label_history.0.task", first.task);
    /* Its root was issued when its data was there already. */
    expect_denied(&next, "mail", "{'to': 'a'}", "label_exceeded");
    /* Not a task that somebody else opened, nor one that is not there. */
    const struct answer strange = task_open(&cast.issuer, &cast.planner,
                                            plain("'continues': '%s'", first.task));
    expect_code(strange, "not_found");
    const struct answer absent = task_open(&cast.issuer, &cast.planner,
                                           "'continues': '00000000-0000-7000-8000-000000000000'");
    expect_code(absent, "not_found");
}
END_TEST

/* ---- Concurrency -------------------------------------------------------------------------- */

enum { SENDERS = 6, SENDS = 400 };

struct send {
    double began_s;
    bool permitted;
    bool is_of_a_risen; /* the ledger had the label risen when it recorded this */
};

struct sender {
    const struct chain *chain;
    const struct server *server;
    const char *tool;
    const atomic_bool *is_over;
    struct send sends[SENDS];
    size_t count;
};

static void *send_on(void *context)
{
    struct sender *sender = context;
    struct chain chain = *sender->chain;
    struct client enforcer = client_at(&cast.enforcer, sender->server);
    chain.enforcer = &enforcer;
    while (sender->count < SENDS && !atomic_load(sender->is_over)) {
        struct send *send = &sender->sends[sender->count++];
        send->began_s = seconds_now();
        const struct answer answer = chain_call(&chain, sender->tool, "{'to': 'a'}");
        const struct writ_json *label = at(answer.json, "label");
        send->permitted = answer.status == 200;
        send->is_of_a_risen = label &&
                              !(writ_slice_is(writ_json_text(at(label, "confidentiality")),
                                              "public") &&
                                writ_slice_is(writ_json_text(at(label, "integrity")), "trusted"));
        scratch_reset();
    }
    client_done(&enforcer);
    return NULL;
}

/* Many send by this tool, at both replicas, while somebody reads: none that begins after the read
 * was answered is permitted. */
static void expect_no_send_after(const char *const reads[2], const char *tool)
{
    const int rounds = run_is_fast() ? 3 : 12;
    size_t permitted = 0;
    size_t denied = 0;
    for (int round = 0; round < rounds; round++) {
        struct chain chain;
        static struct sender senders[SENDERS];
        pthread_t threads[SENDERS];
        atomic_bool is_over = false;
        open_granting(&chain, plain("%s(to any)", tool));
        for (int i = 0; i < SENDERS; i++) {
            senders[i] = (struct sender){.chain = &chain, .tool = tool, .is_over = &is_over};
            senders[i].server = i % 2 ? &second_server : &first_server;
            ck_assert(pthread_create(&threads[i], NULL, send_on, &senders[i]) == 0);
        }
        sleep_s(0.1);
        expect_permit(&chain, reads[round % 2], HERE);
        const double answered_s = seconds_now();
        sleep_s(0.3);
        atomic_store(&is_over, true);
        for (int i = 0; i < SENDERS; i++)
            pthread_join(threads[i], NULL);
        for (int i = 0; i < SENDERS; i++)
            for (size_t j = 0; j < senders[i].count; j++) {
                const struct send *send = &senders[i].sends[j];
                ck_assert_msg(!send->permitted || send->began_s < answered_s,
                              "sent %.1f ms after the read was answered",
                              (send->began_s - answered_s) * 1000);
                ck_assert_msg(!send->is_of_a_risen, "sent by a label that had risen");
                permitted += send->permitted;
                denied += !send->permitted;
            }
    }
    ck_assert_msg(permitted > 0 && denied > 0, "%zu permitted, %zu denied", permitted, denied);
}

START_TEST(no_send_that_begins_after_a_read_was_answered_is_permitted_on_any_replica)
{
    static const char *const READS_OF_ROUNDS[] = {"ledger", "web"};
    expect_no_send_after(READS_OF_ROUNDS, "mail");
}
END_TEST

/* The tool itself would let all of it out: only the policy looks at the label. */
START_TEST(no_policy_permits_by_a_label_that_has_risen_meanwhile_on_any_replica)
{
    static const char *const READS_OF_ROUNDS[] = {"ledger", "ledger"};
    policies_set("@id('all') permit(principal, action, resource);\n"
                 "@id('secret') forbid(principal, action == Action::'call', resource) when { "
                 "resource.name == 'archive' && context.label.confidentiality > 1 };");
    sleep_s(1.5); /* a beat, for the other replica */
    expect_no_send_after(READS_OF_ROUNDS, "archive");
    policies_set("");
}
END_TEST

Suite *suite_label(void)
{
    Suite *suite = suite_create("label");
    ADD(suite, a_read_raises_the_label_of_its_task_and_the_permit_says_so);
    ADD(suite, an_untrusted_task_sends_only_to_a_destination_that_is_pinned);
    ADD(suite, a_list_of_destinations_is_pinned_by_subset_and_an_absent_one_by_the_grant);
    ADD(suite, what_is_irreversible_sends_unless_its_tool_is_declared_not_to);
    ADD(suite, a_denial_names_the_call_that_raised_the_label_and_is_recorded);
    ADD(suite, a_refused_destination_stays_open_to_the_link_that_pins_it);
    ADD(suite, restricted_data_never_leaves_without_an_approval);
    ADD(suite, an_approval_from_before_lets_no_restricted_data_out);
    ADD(suite, an_outcome_can_only_add_to_the_label);
    ADD_LONG(suite, a_read_that_raises_is_never_buffered, 90);
    ADD(suite, a_task_that_continues_another_begins_with_its_label);
    ADD_LONG(suite, no_send_that_begins_after_a_read_was_answered_is_permitted_on_any_replica, 120);
    ADD_LONG(suite, no_policy_permits_by_a_label_that_has_risen_meanwhile_on_any_replica, 120);
    return suite;
}
