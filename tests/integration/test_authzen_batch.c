/* Several AuthZEN questions in one request: each is a use of its own. */
#include "authzen.h"
#include "people.h"
#include "suites.h"

#include <string.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char OTHER[] = "{'path': '/notes/b', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";

/* What all questions of a batch have in common, and the questions. */
static const char *batch(const char *options, const char *questions)
{
    return plain("{'subject': " EXECUTOR ", 'resource': " HERE ", %s'evaluations': [%s]}", options,
                 questions);
}

static const char *item(const struct chain *chain, const char *tool, const char *args)
{
    return plain("{'action': {'name': '%s', 'properties': %s}, 'context': %s}", tool, args,
                 authzen_context(chain, chain_prove(chain, tool, args), ""));
}

static size_t count_of(const struct answer *answer)
{
    const struct writ_json *list = at(answer->json, "evaluations");
    ck_assert_msg(list && answer->status == 200, "%s", shown(answer));
    ck_assert(!has_at(answer, "decision"));
    return list->count;
}

START_TEST(authzen_judges_each_question_of_a_batch_as_a_use_of_its_own)
{
    struct chain chain;
    authzen_chain(&chain);
    const char *once = item(&chain, "write_note", NOTE);
    const char *impostor = plain("{'subject': {'type': 'agent', 'id': 'planner'}, %s",
                                 item(&chain, "write_note", OTHER) + 1);
    const struct answer answer = authzen_ask_all(
        batch("", plain("%s, %s, %s, {'action': {'name': 'write_note'}}, %s, %s", once, once,
                        item(&chain, "read_file", "{'path': '/etc/passwd'}"), impostor,
                        item(&chain, "write_note", OTHER))));
    ck_assert_uint_eq(count_of(&answer), 6);
    ck_assert(is_permit_at(&answer, "evaluations.0.decision"));
    ck_assert(!is_permit_at(&answer, "evaluations.1.decision"));
    expect_text(answer, "evaluations.1.context.code", "replayed");
    expect_text(answer, "evaluations.2.context.code", "argument_not_granted");
    expect_text(answer, "evaluations.3.context.code", "holder_binding_failed");
    expect_text(answer, "evaluations.3.context.field", "context.presentation");
    expect_text(answer, "evaluations.4.context.field", "subject");
    ck_assert(is_permit_at(&answer, "evaluations.5.decision"));
    expect_text(answer, "evaluations.5.context.arguments.path", "/notes/b");
    ck_assert_int_eq(authzen_recorded(&chain, "permit"), 2);
    ck_assert_int_eq(authzen_recorded(&chain, "deny"), 3);
}
END_TEST

START_TEST(authzen_stops_a_batch_where_it_is_told_to)
{
    static const struct {
        const char *semantic;
        size_t count;
    } CASES[] = {{"execute_all", 4}, {"deny_on_first_deny", 3}, {"permit_on_first_permit", 1}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct chain chain;
        authzen_chain(&chain);
        const char *last = item(&chain, "write_note", OTHER);
        const struct answer answer = authzen_ask_all(
            batch(plain("'options': {'evaluations_semantic': '%s'}, ", CASES[i].semantic),
                  plain("%s, %s, %s, %s", item(&chain, "write_note", NOTE),
                        item(&chain, "read_file", PLACE),
                        item(&chain, "read_file", "{'path': '/etc/passwd'}"), last)));
        ck_assert_msg(count_of(&answer) == CASES[i].count, "%s: %s", CASES[i].semantic,
                      shown(&answer));
        /* What was not judged is not spent. */
        const struct answer later = authzen_ask_all(batch("", last));
        ck_assert_uint_eq(count_of(&later), 1);
        ck_assert(is_permit_at(&later, "evaluations.0.decision") == (CASES[i].count < 4));
    }
    struct chain chain;
    authzen_chain(&chain);
    const struct answer second = authzen_ask_all(
        batch("'options': {'evaluations_semantic': 'permit_on_first_permit'}, ",
              plain("%s, %s, %s", item(&chain, "read_file", "{'path': '/etc/passwd'}"),
                    item(&chain, "read_file", PLACE), item(&chain, "write_note", NOTE))));
    ck_assert_uint_eq(count_of(&second), 2);
    ck_assert(is_permit_at(&second, "evaluations.1.decision"));
}
END_TEST

START_TEST(authzen_batches_have_a_size_and_a_shape)
{
    struct chain chain;
    authzen_chain(&chain);
    static const char *const BODIES[] = {
        "{'evaluations': {}}",
        "{'evaluations': [7]}",
        "{'evaluations': [{'verb': 'read'}]}",
        "{'evaluations': [{}], 'options': {'evaluations_semantic': 'any'}}",
        "{'evaluations': [{}], 'options': {'parallel': true}}",
        "{'evaluations': [{}], 'options': 'execute_all'}",
        "{'evaluations': [{}], 'more': 1}",
    };
    for (size_t i = 0; i < sizeof BODIES / sizeof BODIES[0]; i++) {
        const struct answer answer = authzen_ask_all(BODIES[i]);
        expect_code(answer, "malformed");
    }
    const char *questions = "{}";
    for (size_t i = 1; i < 32; i++)
        questions = plain("%s, {}", questions);
    const struct answer full = authzen_ask_all(batch("", questions));
    ck_assert_uint_eq(count_of(&full), 32);
    expect_text(full, "evaluations.31.context.code", "malformed");
    expect_text(full, "evaluations.31.context.error.message",
                text_at(&full, "evaluations.31.context.agent_message"));
    const char *good = item(&chain, "write_note", NOTE);
    for (size_t i = 1; i < 32; i++)
        good = plain("%s, %s", good, item(&chain, "write_note", NOTE));
    const struct answer all = authzen_ask_all(batch("", good));
    ck_assert_uint_eq(count_of(&all), 32);
    ck_assert_int_eq(authzen_recorded(&chain, "permit"), 32);
    const struct answer over = authzen_ask_all(batch("", plain("%s, {}", questions)));
    expect_code(over, "malformed");
    /* Without questions of its own the body is one. */
    static const char *const NONE[] = {"", ", 'evaluations': []"};
    for (size_t i = 0; i < 2; i++) {
        const char *one = authzen_good(&chain, "write_note", NOTE);
        expect_true(authzen_ask_all(plain("%.*s%s}", (int)strlen(one) - 1, one, NONE[i])));
    }
}
END_TEST

START_TEST(authzen_answers_a_repeated_request_once)
{
    struct chain chain;
    authzen_chain(&chain);
    const char *key = plain("key of %s", chain.task);
    const char *one = quoted("%s", authzen_good(&chain, "write_note", NOTE));
    const struct answer first = post_once(&cast.enforcer, "/access/v1/evaluation", key, one);
    expect_true(first);
    const struct answer again = post_once(&cast.enforcer, "/access/v1/evaluation", key, one);
    expect_true(again);
    expect_text(again, "context.id", text_at(&first, "context.id"));
    ck_assert(at(again.json, "context.repeated")->boolean);
    const struct answer other = post_once(&cast.enforcer, "/access/v1/evaluation", key,
                                          quoted("%s", authzen_good(&chain, "write_note", OTHER)));
    expect_code(other, "idempotency_mismatch");

    const char *many = quoted("%s", batch("", plain("%s, %s", item(&chain, "write_note", NOTE),
                                                    item(&chain, "write_note", OTHER))));
    const char *other_key = plain("batch of %s", chain.task);
    const struct answer both = post_once(&cast.enforcer, "/access/v1/evaluations", other_key, many);
    const struct answer repeated = post_once(&cast.enforcer, "/access/v1/evaluations", other_key,
                                             many);
    ck_assert_uint_eq(count_of(&repeated), 2);
    expect_text(repeated, "evaluations.0.context.id", text_at(&both, "evaluations.0.context.id"));
    expect_text(repeated, "evaluations.1.context.id", text_at(&both, "evaluations.1.context.id"));
    ck_assert_int_eq(authzen_recorded(&chain, "permit"), 3);
}
END_TEST

START_TEST(authzen_names_an_approval_only_where_it_was_asked_for)
{
    struct chain chain;
    people_open(&chain, BY_FINANCE);
    const struct answer answer = authzen_ask_all(
        batch("", plain("%s, %s", item(&chain, "write_note", NOTE),
                        item(&chain, "read_file", "{'path': '/etc/passwd'}"))));
    expect_text(answer, "evaluations.0.context.code", "approval_required");
    expect_text(answer, "evaluations.0.context.approval.task", chain.task);
    expect_text(answer, "evaluations.1.context.code", "argument_not_granted");
    ck_assert(!has_at(&answer, "evaluations.1.context.approval"));
}
END_TEST

Suite *suite_authzen_batch(void)
{
    Suite *suite = suite_create("authzen_batch");
    ADD(suite, authzen_judges_each_question_of_a_batch_as_a_use_of_its_own);
    ADD(suite, authzen_stops_a_batch_where_it_is_told_to);
    ADD(suite, authzen_batches_have_a_size_and_a_shape);
    ADD(suite, authzen_answers_a_repeated_request_once);
    ADD(suite, authzen_names_an_approval_only_where_it_was_asked_for);
    return suite;
}
