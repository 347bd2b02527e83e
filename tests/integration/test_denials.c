/* Denials that stick, and circuits: who is refused again and again is stopped, and nobody else. */
#include "actors.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

static const char PLACE[] = "{'path': '/notes/a'}";
static const char OUTSIDE[] = "{'path': '/etc/passwd'}";
static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";

static void two_links(struct chain *chain)
{
    chain_open(chain, &cast.planner);
    chain_extend(chain, &cast.executor, NULL);
}

/* A place outside of what was granted, another one each time. */
static struct answer stray(const struct chain *chain, int number)
{
    return chain_call(chain, "read_file", plain("{'path': '/etc/%d'}", number));
}

static void stray_until_stopped(const struct chain *chain)
{
    for (int i = 0; i < 5; i++) {
        const struct answer refused = stray(chain, i);
        expect_code(refused, "argument_not_granted");
    }
}

static bool is_stopped(const struct chain *chain)
{
    const double end = seconds_now() + 10;
    do {
        const struct answer answer = chain_call_settled(chain, "read_file", PLACE);
        if (answer.status == 429) {
            expect_code(answer, "circuit_open");
            return true;
        }
        expect_status(answer, 200);
        sleep_s(0.05);
    } while (seconds_now() < end);
    return false;
}

static struct answer circuits_of(const struct chain *chain, const char *state)
{
    return get(&cast.auditor, plain("/v1/circuits?task=%s&state=%s", chain->task, state));
}

START_TEST(the_same_refused_call_has_the_same_answer_and_costs_a_counter)
{
    struct chain chain;
    two_links(&chain);
    const struct answer first = chain_call(&chain, "read_file", OUTSIDE);
    expect_code(first, "argument_not_granted");
    const char *id = text_at(&first, "decision_id");
    for (int i = 0; i < 3; i++) {
        const struct answer again = chain_call(&chain, "read_file", OUTSIDE);
        expect_code(again, "argument_not_granted");
        expect_text(again, "decision_id", id);
        expect_text(again, "field", text_at(&first, "field"));
    }
    ck_assert_int_eq(chain_rows(&chain, "decision"), 1);
    ck_assert_int_eq(
        postgres_count(&shared_postgres,
                       plain("select repeats from writ.denial where task_id = '%s'", chain.task)),
        3);
}
END_TEST

START_TEST(a_fault_of_the_presenter_is_remembered_of_it_alone)
{
    struct chain chain;
    two_links(&chain);
    struct chain narrow = chain;
    chain_extend(&narrow, &cast.retriever,
                 "{'write_note': {'path': {'constraint_type': 'exact', 'value': '/notes/b'}, "
                 "'text': {'constraint_type': 'wildcard'}}}");
    const struct answer refused = chain_call(&narrow, "write_note", NOTE);
    expect_code(refused, "argument_not_granted");
    const struct answer permit = chain_call(&chain, "write_note", NOTE);
    expect_status(permit, 200);
}
END_TEST

START_TEST(faults_of_chain_proof_time_and_status_are_never_remembered)
{
    struct chain chain;
    two_links(&chain);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const struct answer first = post(chain.enforcer, "/v1/validate", body);
    expect_status(first, 200);
    for (int i = 0; i < 7; i++) {
        const struct answer replayed = post(chain.enforcer, "/v1/validate", body);
        expect_code(replayed, "replayed");
        const char *forged = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner);
        const struct answer unproved = post(chain.enforcer, "/v1/validate",
                                            use_body(&chain, forged, "write_note", NOTE));
        expect_code(unproved, "holder_binding_failed");
    }
    const struct answer permit = chain_call(&chain, "write_note", NOTE);
    expect_status(permit, 200);
    ck_assert_int_eq(chain_rows(&chain, "denial"), 0);
}
END_TEST

START_TEST(who_is_refused_five_times_in_a_minute_is_stopped_with_all_below)
{
    struct chain chain, below;
    two_links(&chain);
    below = chain;
    chain_extend(&below, &cast.retriever, NULL);
    struct chain above = chain;
    above.count = 1;
    stray_until_stopped(&chain);
    ck_assert(is_stopped(&chain));
    ck_assert(is_stopped(&below));
    const struct answer permit = chain_call(&above, "write_note", NOTE);
    expect_status(permit, 200);
    /* At the other replica too, for what it asks the ledger. */
    struct client other = client_at(&cast.enforcer, &second_server);
    struct chain elsewhere = chain;
    elsewhere.enforcer = &other;
    const struct answer stopped = chain_call_settled(&elsewhere, "write_note", NOTE);
    expect_code(stopped, "circuit_open");
    const struct answer list = circuits_of(&chain, "open");
    expect_status(list, 200);
    ck_assert_str_eq(text_at(&list, "circuits.0.delegation"), chain.ids[1]);
    ck_assert_str_eq(text_at(&list, "circuits.0.cause"), "refusals");
}
END_TEST

START_TEST(nothing_is_admitted_under_an_open_circuit)
{
    struct chain chain;
    two_links(&chain);
    stray_until_stopped(&chain);
    ck_assert(is_stopped(&chain));
    const char *token = token_sign(child_claims(&chain, &cast.retriever), &cast.executor);
    const struct answer refused = chain_admit(&chain, token);
    expect_code(refused, "circuit_open");
    struct chain elsewhere = chain;
    struct client other = client_at(&cast.executing, &second_server);
    elsewhere.holders[1].client = &other;
    const struct answer there = chain_admit(&elsewhere, token);
    expect_code(there, "circuit_open");
}
END_TEST

START_TEST(an_operator_closes_a_circuit_and_old_refusals_do_not_count_again)
{
    struct chain chain;
    two_links(&chain);
    stray_until_stopped(&chain);
    ck_assert(is_stopped(&chain));
    const char *body = plain("{\"task\": \"%s\", \"delegation\": \"%s\", \"reason\": \"mended\"}",
                             chain.task, chain.ids[1]);
    const struct answer forbidden = post(&cast.auditor, "/v1/circuits/close", body);
    expect_code(forbidden, "forbidden");
    const struct answer closed = post(&cast.admin, "/v1/circuits/close", body);
    expect_status(closed, 200);
    const struct answer twice = post(&cast.admin, "/v1/circuits/close", body);
    expect_code(twice, "not_found");
    const double end = seconds_now() + 10;
    struct answer answer = chain_call(&chain, "write_note", NOTE);
    while (answer.status == 429 && seconds_now() < end) {
        sleep_s(0.05);
        answer = chain_call(&chain, "write_note", NOTE);
    }
    expect_status(answer, 200);
    const struct answer once = stray(&chain, 9);
    expect_code(once, "argument_not_granted");
    answer = chain_call(&chain, "write_note", NOTE);
    expect_status(answer, 200);
    const struct answer list = circuits_of(&chain, "all");
    ck_assert_str_eq(text_at(&list, "circuits.0.reason"), "mended");
    const struct answer open = circuits_of(&chain, "open");
    ck_assert_ptr_null(strstr(shown(&open), chain.ids[1]));
}
END_TEST

START_TEST(a_circuit_closes_by_time)
{
    static const char *const FLAGS[] = {"--circuit-open-s", "1", NULL};
    struct server brief;
    server_start_beside(&brief, "brief", &first_server, FLAGS);
    struct client enforcing = client_at(&cast.enforcer, &brief);
    struct chain chain;
    two_links(&chain);
    chain.enforcer = &enforcing;
    stray_until_stopped(&chain);
    ck_assert(is_stopped(&chain));
    const double end = seconds_now() + 10;
    struct answer answer = chain_call(&chain, "write_note", NOTE);
    while (answer.status == 429 && seconds_now() < end) {
        sleep_s(0.1);
        answer = chain_call(&chain, "write_note", NOTE);
    }
    expect_status(answer, 200);
    server_stop(&brief);
}
END_TEST

START_TEST(of_five_stopped_children_the_parent_is_stopped_too)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (int child = 0; child < 5; child++) {
        struct chain line = chain;
        chain_extend(&line, &cast.executor, NULL);
        if (child == 4)
            ck_assert_int_eq(chain_call(&chain, "write_note", NOTE).status, 200);
        stray_until_stopped(&line);
        ck_assert(is_stopped(&line));
    }
    ck_assert(is_stopped(&chain));
    const struct answer list = circuits_of(&chain, "open");
    ck_assert_ptr_nonnull(strstr(shown(&list), "children"));
}
END_TEST

/* One of two siblings asks for what it was not granted, in the words of what the other will ask
 * for, again and again; then it makes four children of its own and has them stopped. */
START_TEST(jealous_sibling_poisons_denials_and_opens_a_circuit)
{
    struct chain chain, good, jealous;
    chain_open(&chain, &cast.planner);
    good = chain;
    jealous = chain;
    chain_extend(&good, &cast.executor, NULL);
    chain_extend(&jealous, &cast.retriever,
                 "{'read_file': {'path': {'constraint_type': 'path_containment', "
                 "'root': '/notes'}}}");
    const struct answer poison = chain_call(&jealous, "write_note", NOTE);
    expect_code(poison, "scope_not_granted");
    const struct answer permit = chain_call(&good, "write_note", NOTE);
    expect_status(permit, 200);
    for (int child = 0; child < 4; child++) {
        struct chain line = jealous;
        chain_extend(&line, &cast.retriever, NULL);
        stray_until_stopped(&line);
        ck_assert(is_stopped(&line));
    }
    for (int i = 0; i < 4; i++) { /* with the poison that is five */
        const struct answer refused = stray(&jealous, i);
        expect_code(refused, "argument_not_granted");
    }
    ck_assert(is_stopped(&jealous));
    /* Neither the sibling nor their parent is concerned. */
    sleep_s(1);
    const struct answer after = chain_call(&good, "write_note", NOTE);
    expect_status(after, 200);
    const struct answer parents = chain_call(&chain, "write_note", NOTE);
    expect_status(parents, 200);
}
END_TEST

Suite *suite_denials(void)
{
    Suite *suite = suite_create("denials");
    ADD(suite, the_same_refused_call_has_the_same_answer_and_costs_a_counter);
    ADD(suite, a_fault_of_the_presenter_is_remembered_of_it_alone);
    ADD(suite, faults_of_chain_proof_time_and_status_are_never_remembered);
    ADD(suite, who_is_refused_five_times_in_a_minute_is_stopped_with_all_below);
    ADD(suite, nothing_is_admitted_under_an_open_circuit);
    ADD(suite, an_operator_closes_a_circuit_and_old_refusals_do_not_count_again);
    ADD(suite, a_circuit_closes_by_time);
    ADD(suite, of_five_stopped_children_the_parent_is_stopped_too);
    ADD(suite, jealous_sibling_poisons_denials_and_opens_a_circuit);
    return suite;
}
