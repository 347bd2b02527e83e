/* W5 and W6: a label is lowered by what people approved, from the row that they saw, once. */
#include "lowering.h"
#include "suites.h"

#include <string.h>

START_TEST(an_approved_declassification_lowers_the_label_and_says_by_whom)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    const struct answer done = lowering_ask(&chain, INTERNAL, id);
    expect_status(done, 200);
    expect_text(done, "approval", id);
    expect_text(done, "task.label.confidentiality", "internal");
    expect_text(done, "task.label_history.1.cause", "declassified");
    expect_text(done, "task.label_history.1.approval", id);
    expect_text(done, "task.label_history.1.client", cast.admin.id);
    ck_assert(has_at(&done, "feed"));
    const struct answer used = get(&approving, plain("/v1/approvals/%s", id));
    expect_text(used, "state", "used");
    ck_assert_int_eq(
        postgres_count(&shared_postgres,
                       plain("select count(*) from audit.declassifications where task_id = '%s' "
                             "and requested_by = '%s' and lowered_by = '%s' and approval_id = '%s' "
                             "and reason = 'it was the wrong file' and lowered_number = 2",
                             chain.task, cast.admin.id, cast.admin.id, id)),
        1);
    /* It rises again, from there. */
    reads(&chain, "ledger");
    expect_label(&chain, "confidential", "trusted");
}
END_TEST

START_TEST(people_see_the_whole_of_what_they_sign)
{
    struct chain chain;
    people_start();
    open_granting(&chain, "mail(to any)");
    reads(&chain, "ledger");
    const char *id = lowering_asked(&chain, INTERNAL);
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    expect_text(page, "act", "declassify");
    ck_assert(!has_at(&page, "tool"));
    const char *bound = text_at(&page, "bound");
    ck_assert_ptr_nonnull(strstr(bound, "\"act\":\"declassify\""));
    ck_assert_ptr_nonnull(strstr(bound, "\"label_number\":1"));
    ck_assert_ptr_nonnull(strstr(bound, chain.task));
    ck_assert_str_eq(text_at(&page, "arguments"),
                     "{\"from\":{\"categories\":[],\"confidentiality\":\"confidential\","
                     "\"integrity\":\"trusted\"},\"reason\":\"it was the wrong file\","
                     "\"to\":{\"categories\":[],\"confidentiality\":\"internal\","
                     "\"integrity\":\"trusted\"}}");
    expect_text(page, "display.lines.1.value", "\"it was the wrong file\"");
    expect_text(page, "rules.0.source", "label");
    /* The same question is asked once; who asked it may look at it, and others may not. */
    const struct answer again = lowering_ask(&chain, INTERNAL, NULL);
    expect_text(again, "approval.id", id);
    struct client desk = desk_of_labels();
    const struct answer strange = get(&desk, plain("/v1/approvals/%s", id));
    expect_code(strange, "not_found");
}
END_TEST

/* What is between the braces of an object. */
static const char *members_of(const char *object)
{
    return plain("%.*s", (int)strlen(object) - 2, object + 1);
}

START_TEST(only_the_opener_an_admin_or_the_holder_of_the_root_asks)
{
    struct chain chain;
    people_start();
    open_granting(&chain, "mail(to any)");
    struct client desk = desk_of_labels();
    struct chain below = chain;
    chain_extend(&below, &cast.executor, NULL);
    reads(&chain, "ledger");
    const struct answer opener = lowering_ask_as(&desk, chain.task, INTERNAL, NULL, NULL);
    expect_code(opener, "approval_required");
    const struct answer other = lowering_ask_as(&cast.issuer, chain.task, INTERNAL, NULL, NULL);
    expect_code(other, "forbidden");
    const struct answer unproved = lowering_ask_as(&cast.planning, chain.task, INTERNAL, NULL,
                                                   NULL);
    expect_code(unproved, "forbidden");
    const char *own = act_body(&chain, "declassify", 0, 0, &cast.planner);
    const struct answer holder = lowering_ask_as(&cast.planning, chain.task, INTERNAL, NULL,
                                                 members_of(own));
    expect_code(holder, "approval_required");
    /* Another act of the same holder is no such wish, nor is that of who is below. */
    const char *revoke = act_body(&chain, "revoke", 0, 0, &cast.planner);
    const struct answer twisted = lowering_ask_as(&cast.planning, chain.task, INTERNAL, NULL,
                                                  members_of(revoke));
    ck_assert_int_eq(twisted.status, 403);
    const char *lower = act_body(&below, "declassify", 0, 1, &cast.executor);
    const struct answer child = lowering_ask_as(&cast.executing, chain.task, INTERNAL, NULL,
                                                members_of(lower));
    expect_code(child, "forbidden");
    const struct answer enforcer = lowering_ask_as(&cast.enforcer, chain.task, INTERNAL, NULL,
                                                   NULL);
    expect_code(enforcer, "forbidden");
}
END_TEST

START_TEST(a_label_is_only_lowered_and_only_where_there_is_one)
{
    struct chain chain;
    open_granting(&chain, "mail(to any)");
    const struct answer nothing = lowering_ask(&chain, PUBLIC, NULL);
    expect_code(nothing, "conflict");
    reads(&chain, "ledger");
    static const char *const NO_LOWER[] = {
        "{'confidentiality': 'confidential', 'integrity': 'trusted'}",
        "{'confidentiality': 'restricted', 'integrity': 'trusted'}",
        "{'confidentiality': 'public', 'integrity': 'untrusted'}",
        "{'confidentiality': 'public', 'integrity': 'trusted', 'categories': ['pii']}",
    };
    for (size_t i = 0; i < sizeof NO_LOWER / sizeof NO_LOWER[0]; i++) {
        const struct answer refused = lowering_ask(&chain, NO_LOWER[i], NULL);
        expect_code(refused, "conflict");
        expect_text(refused, "field", "label");
    }
    static const char *const NO_LABEL[] = {"'public'", "{}", "{'confidentiality': 'public'}",
                                           "{'integrity': 'trusted'}", "null"};
    for (size_t i = 0; i < sizeof NO_LABEL / sizeof NO_LABEL[0]; i++) {
        const struct answer refused = lowering_ask(&chain, NO_LABEL[i], NULL);
        expect_code(refused, "malformed");
    }
    const struct answer nowhere = lowering_ask_as(
        &cast.admin, "00000000-0000-7000-8000-000000000000", PUBLIC, NULL, NULL);
    expect_code(nowhere, "not_found");
}
END_TEST

START_TEST(nothing_is_lowered_before_its_people_approved_nor_before_replicas_forgot)
{
    struct chain chain;
    people_start();
    open_granting(&chain, "mail(to any)");
    reads(&chain, "ledger");
    const char *id = lowering_asked(&chain, INTERNAL);
    const struct answer waiting = lowering_ask(&chain, INTERNAL, id);
    expect_code(waiting, "approval_required");
    const struct person ann = person_new("ann", "['records']");
    expect_vote(&ann, id, "approved");
    const struct answer early = lowering_ask(&chain, INTERNAL, id);
    expect_code(early, "conflict");
    expect_text(early, "field", "approval_id");
    const struct answer unknown = lowering_ask(&chain, INTERNAL, chain.task);
    expect_code(unknown, "approval_invalid");
    expect_label(&chain, "confidential", "trusted");
}
END_TEST

START_TEST(an_approval_is_of_one_task_one_label_and_one_row_of_it_and_is_used_once)
{
    struct chain chain;
    struct chain other;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    open_granting(&chain, "mail(to any)");
    open_granting(&other, "mail(to any)");
    reads(&chain, "ledger");
    reads(&other, "ledger");
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    const struct answer elsewhere = lowering_ask(&other, INTERNAL, id);
    expect_code(elsewhere, "approval_invalid");
    const struct answer further = lowering_ask(&chain, PUBLIC, id);
    expect_code(further, "approval_invalid");
    const struct answer reasoned = post(
        &cast.admin, plain("/v1/tasks/%s/declassifications", chain.task),
        quoted("{'label': %s, 'reason': 'another', 'approval_id': '%s'}", INTERNAL, id));
    expect_code(reasoned, "approval_invalid");
    const struct answer called = call_tool_with(&chain, "tidy", HERE, id);
    expect_code(called, "approval_invalid");
    const struct answer done = lowering_ask(&chain, INTERNAL, id);
    expect_status(done, 200);
    const struct answer twice = lowering_ask(&chain, INTERNAL, id);
    expect_code(twice, "approval_invalid");
    reads(&chain, "ledger");
    const struct answer later = lowering_ask(&chain, INTERNAL, id);
    expect_code(later, "approval_invalid");
    expect_label(&chain, "confidential", "trusted");
}
END_TEST

START_TEST(an_approval_of_a_call_lowers_no_label)
{
    struct chain chain;
    people_start();
    open_granting(&chain, "archive(to = store)");
    reads(&chain, "vault");
    const struct answer refused = chain_call(&chain, "archive", "{'to': 'store'}");
    const char *id = people_asked(&refused);
    const struct person ann = person_new("ann", "['records']");
    expect_vote(&ann, id, "approved");
    const struct answer lowered_with_it = lowering_ask(&chain, INTERNAL, id);
    expect_code(lowered_with_it, "approval_invalid");
    expect_label(&chain, "restricted", "trusted");
}
END_TEST

START_TEST(a_rise_after_the_people_looked_is_not_lowered_by_what_they_signed)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    reads(&chain, "web");
    const struct answer risen = lowering_ask(&chain, INTERNAL, id);
    expect_code(risen, "conflict");
    expect_text(risen, "field", "label");
    expect_label(&chain, "confidential", "untrusted");
}
END_TEST

/* What it reads is what the label is already, and still nobody has approved to lower that. */
START_TEST(a_read_after_the_people_looked_is_not_lowered_even_where_it_raised_nothing)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    reads(&chain, "ledger");
    const struct answer covered = lowering_ask(&chain, INTERNAL, id);
    expect_code(covered, "conflict");
    expect_text(covered, "field", "label");
    /* Of a new state people are asked anew; more of what was approved as it is changes nothing. */
    const char *anew = lowering_approved(&chain, INTERNAL, &ann);
    ck_assert_str_ne(anew, id);
    reads(&chain, "glance");
    const struct answer done = lowering_ask(&chain, INTERNAL, anew);
    expect_status(done, 200);
    expect_label(&chain, "internal", "trusted");
    reads(&chain, "glance");
    const struct answer task = get(&cast.auditor, plain("/v1/tasks/%s", chain.task));
    expect_text(task, "label_history.1.cause", "read");
    expect_text(task, "label_history.2.cause", "declassified");
    ck_assert_msg(!has_at(&task, "label_history.3"), "%s", shown(&task));
}
END_TEST

START_TEST(a_read_from_memory_after_the_people_looked_is_not_lowered)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    open_granting(&chain, "mail(to any)");
    sleep_s(1); /* more than a beat: what is registered lets all be judged anew */
    const struct answer known = chain_call_at(&chain, &second_server, "glance", HERE);
    expect_status(known, 200);
    const char *id = lowering_asked(&chain, PUBLIC);
    expect_vote(&ann, id, "approved");
    const struct answer read = chain_call_at(&chain, &second_server, "glance", HERE);
    expect_text(read, "recorded", "buffered");
    const char *recorded = plain("select count(*) from writ.decision where id = '%s'",
                                 text_at(&read, "id"));
    (void)postgres_count_await(&shared_postgres, recorded, 1, 10);
    replicas_forget(&chain);
    const struct answer covered = lowering_ask(&chain, PUBLIC, id);
    expect_code(covered, "conflict");
    expect_label(&chain, "internal", "trusted");
}
END_TEST

START_TEST(an_outcome_after_the_people_looked_is_not_lowered_even_where_it_raised_nothing)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const struct answer tidied = chain_call(&chain, "tidy", HERE);
    expect_status(tidied, 200);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    const struct answer outcome = post(
        &cast.enforcer, plain("/v1/decisions/%s/outcome", text_at(&tidied, "id")),
        quoted("{'success': true, 'label': {'confidentiality': 'confidential', 'integrity': "
               "'trusted', 'categories': []}}"));
    expect_status(outcome, 201);
    const struct answer covered = lowering_ask(&chain, INTERNAL, id);
    expect_code(covered, "conflict");
    expect_label(&chain, "confidential", "trusted");
}
END_TEST

/* An agent that this person owns, with a key of its own. */
static struct actor agent_of(const struct person *owner, const char *name, struct client *client)
{
    struct actor actor = actor_sibling(&cast.executor);
    const struct answer agent = put(&cast.admin, plain("/v1/agents/%s", name),
                                    quoted("{'role': 'executor', 'owner': '%s'}", owner->name));
    ck_assert_msg(agent.status == 200 || agent.status == 201, "%s", shown(&agent));
    *client = client_new(plain("client-of-%s", name),
                         plain("{'role': 'agent', 'agent': '%s', 'rotate': true}", name));
    actor.agent = name;
    actor.client = client;
    const struct answer key = actor_enrol(&actor);
    expect_status(key, 201);
    return actor;
}

START_TEST(who_owns_an_agent_of_the_task_has_no_word_in_it_whenever_it_came)
{
    struct chain chain;
    struct client latecoming;
    people_start();
    const struct person owner = person_named("tests", "['records']");
    /* Bob owns an agent that has no part in the task yet. */
    const struct person bob = person_new("bob", "['records']");
    struct actor late = agent_of(&bob, "latecomer", &latecoming);

    open_granting(&chain, "mail(to any)");
    reads(&chain, "ledger");
    const char *id = lowering_asked(&chain, INTERNAL);
    const struct answer own = person_vote(&owner, id, "approve");
    expect_code(own, "forbidden");
    expect_vote(&bob, id, "approved");
    chain_extend(&chain, &late, NULL);
    replicas_forget(&chain);
    const struct answer bobs = lowering_ask(&chain, INTERNAL, id);
    expect_code(bobs, "approval_required");
    const struct answer page = get(&approving, plain("/v1/approvals/%s", id));
    expect_text(page, "state", "pending");
    ck_assert_msg(strstr(shown(&page), plain("\"%s\"", bob.name)), "%s", shown(&page));
    const struct person ann = person_new("ann", "['records']");
    expect_vote(&ann, id, "approved");
    const struct answer done = lowering_ask(&chain, INTERNAL, id);
    expect_status(done, 200);
}
END_TEST

/* The label came from there, by two steps; and the agent came after the vote. */
START_TEST(who_owns_an_agent_of_a_task_that_this_one_goes_on_from_has_no_word_in_it)
{
    struct chain chains[3];
    struct client earlier;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    const struct person bob = person_new("bob", "['records']");
    struct actor agent = agent_of(&bob, "forerunner", &earlier);
    open_granting(&chains[0], "mail(to any)");
    reads(&chains[0], "ledger");
    struct client desk = desk_of_labels();
    for (size_t i = 1; i < 3; i++) {
        const struct answer opened = task_open(
            &desk, &cast.planner,
            plain("'grant': '" READS "', 'continues': '%s', " CLEARED, chains[i - 1].task));
        chain_take(&chains[i], &opened, &cast.planner);
    }
    const char *early = lowering_approved(&chains[2], INTERNAL, &bob);
    chain_extend(&chains[0], &agent, NULL);
    const struct answer bobs = lowering_ask(&chains[2], INTERNAL, early);
    expect_code(bobs, "approval_required");
    const char *next = lowering_asked(&chains[1], INTERNAL);
    const struct answer refused = person_vote(&bob, next, "approve");
    expect_code(refused, "forbidden");
    ck_assert_int_eq(postgres_count(&shared_postgres,
                                    plain("select count(*) from writ.approval where id = '%s' and "
                                          "'%s' = any (owners) and '%s' = any (holders)",
                                          next, bob.name, agent.thumbprint)),
                     1);
    expect_vote(&ann, early, "approved");
    const struct answer done = lowering_ask(&chains[2], INTERNAL, early);
    expect_status(done, 200);
}
END_TEST

START_TEST(what_a_person_rejected_is_not_asked_again_with_other_words)
{
    struct chain chain;
    people_start();
    open_granting(&chain, "mail(to any)");
    reads(&chain, "ledger");
    const char *id = lowering_asked(&chain, INTERNAL);
    const struct person ann = person_new("ann", "['records']");
    const struct answer vote = person_vote(&ann, id, "reject");
    expect_text(vote, "state", "rejected");
    replicas_forget(&chain);
    const struct answer spent = lowering_ask(&chain, INTERNAL, id);
    expect_code(spent, "approval_invalid");
    const struct answer again = post(&cast.admin,
                                     plain("/v1/tasks/%s/declassifications", chain.task),
                                     quoted("{'label': %s, 'reason': 'please'}", INTERNAL));
    expect_code(again, "approval_invalid");
    /* Of another state of the task it is another question. */
    reads(&chain, "web");
    ck_assert_str_ne(lowering_asked(&chain, INTERNAL), id);
}
END_TEST

START_TEST(an_ended_task_is_not_lowered_whatever_was_approved)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    const struct answer ended = post(&cast.admin, plain("/v1/tasks/%s/cancel", chain.task), "{}");
    expect_status(ended, 200);
    const struct answer spent = lowering_ask(&chain, INTERNAL, id);
    expect_code(spent, "task_closed");
    const struct answer anew = lowering_ask(&chain, PUBLIC, NULL);
    expect_code(anew, "task_closed");
    expect_label(&chain, "confidential", "trusted");
}
END_TEST

START_TEST(a_repeated_request_under_its_key_has_the_first_answer)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    const char *path = plain("/v1/tasks/%s/declassifications", chain.task);
    const char *body = quoted("{'label': %s, 'reason': 'it was the wrong file', "
                              "'approval_id': '%s'}",
                              INTERNAL, id);
    const char *key = plain("key-%s", id);
    const struct answer first = post_once(&cast.admin, path, key, body);
    expect_status(first, 200);
    reads(&chain, "ledger");
    const struct answer second = post_once(&cast.admin, path, key, body);
    expect_status(second, 200);
    expect_text(second, "task.label.confidentiality", "internal");
    expect_label(&chain, "confidential", "trusted");
}
END_TEST

Suite *suite_declassify(void)
{
    Suite *suite = suite_create("declassify");
    ADD(suite, an_approved_declassification_lowers_the_label_and_says_by_whom);
    ADD(suite, people_see_the_whole_of_what_they_sign);
    ADD(suite, only_the_opener_an_admin_or_the_holder_of_the_root_asks);
    ADD(suite, a_label_is_only_lowered_and_only_where_there_is_one);
    ADD(suite, nothing_is_lowered_before_its_people_approved_nor_before_replicas_forgot);
    ADD(suite, an_approval_is_of_one_task_one_label_and_one_row_of_it_and_is_used_once);
    ADD(suite, an_approval_of_a_call_lowers_no_label);
    ADD(suite, a_rise_after_the_people_looked_is_not_lowered_by_what_they_signed);
    ADD(suite, a_read_after_the_people_looked_is_not_lowered_even_where_it_raised_nothing);
    ADD(suite, a_read_from_memory_after_the_people_looked_is_not_lowered);
    ADD(suite, an_outcome_after_the_people_looked_is_not_lowered_even_where_it_raised_nothing);
    ADD(suite, who_owns_an_agent_of_the_task_has_no_word_in_it_whenever_it_came);
    ADD(suite, who_owns_an_agent_of_a_task_that_this_one_goes_on_from_has_no_word_in_it);
    ADD(suite, what_a_person_rejected_is_not_asked_again_with_other_words);
    ADD(suite, an_ended_task_is_not_lowered_whatever_was_approved);
    ADD(suite, a_repeated_request_under_its_key_has_the_first_answer);
    return suite;
}
