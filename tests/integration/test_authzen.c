/* AuthZEN 1.0: another way to ask the same question, which never says more than was checked. */
#include "authzen.h"
#include "people.h"
#include "raw.h"
#include "suites.h"

#include <string.h>
#include <unistd.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";

START_TEST(authzen_permits_a_proved_use_and_says_what_to_forward)
{
    struct chain chain;
    authzen_chain(&chain);
    const struct answer permit = authzen_ask(authzen_good(&chain, "write_note", NOTE));
    expect_true(permit);
    expect_text(permit, "context.task", chain.task);
    expect_text(permit, "context.delegation", chain.ids[1]);
    expect_text(permit, "context.agent", "executor");
    expect_text(permit, "context.recorded", "durable");
    expect_text(permit, "context.arguments.path", "/notes/a");
    ck_assert(has_at(&permit, "context.start_by") && has_at(&permit, "context.remaining"));
    const struct answer explained = get(&cast.auditor,
                                        plain("/v1/decisions/%s", text_at(&permit, "context.id")));
    expect_status(explained, 200);
    expect_text(explained, "decision.verdict", "permit");
}
END_TEST

START_TEST(authzen_denies_with_our_code_and_a_record)
{
    static const struct {
        const char *tool, *args, *code;
    } CASES[] = {
        {"read_file", "{'path': '/etc/passwd'}", "argument_not_granted"},
        {"shred_file", "{'path': '/notes/a'}", "scope_not_granted"},
        {"delete_file", "{'path': '/notes/a'}", "tool_unregistered"},
    };
    const struct answer tool = put(&cast.admin,
                                   "/v1/tools/shred_file?audience=https%3A%2F%2Ftools.test",
                                   quoted("{'effect': 'irreversible', 'sensitivity': {}}"));
    expect_status(tool, 200);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct chain chain;
        authzen_chain(&chain);
        const struct answer denial = authzen_ask(
            authzen_good(&chain, CASES[i].tool, CASES[i].args));
        expect_false(denial, CASES[i].code, NULL);
        ck_assert_int_eq(authzen_recorded(&chain, "deny"), 1);
        const struct answer explained = get(
            &cast.auditor, plain("/v1/decisions/%s", text_at(&denial, "context.decision_id")));
        expect_text(explained, "decision.outcome", CASES[i].code);
    }
    struct chain chain;
    authzen_chain(&chain);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner);
    expect_false(authzen_ask(authzen_question(EXECUTOR, "write_note", NOTE,
                                              authzen_context(&chain, proof, ""))),
                 "holder_binding_failed", NULL);
    const struct answer revoked = chain_revoke_at(&chain, &first_server, 1);
    expect_status(revoked, 200);
    const struct answer denial = authzen_ask(authzen_good(&chain, "write_note", NOTE));
    expect_false(denial, "revoked", NULL);
    ck_assert_int_eq(authzen_recorded(&chain, "permit"), 0);
}
END_TEST

START_TEST(authzen_without_a_proof_is_no_permit)
{
    static const char *const CONTEXTS[] = {"", ", 'context': {}", ", 'context': {'time': 'now'}"};
    for (size_t i = 0; i < sizeof CONTEXTS / sizeof CONTEXTS[0]; i++)
        expect_false(authzen_ask(plain("{'subject': " EXECUTOR ", 'action': {'name': 'write_note', "
                                       "'properties': %s}, 'resource': " HERE "%s}",
                                       NOTE, CONTEXTS[i])),
                     "holder_binding_failed", "context.presentation");
    const char *sql = "select coalesce(sum(count), 0) from writ.refusal_count "
                      "where outcome = 'holder_binding_failed'";
    ck_assert_int_ge(postgres_count_await(&shared_postgres, sql, 3, 20), 3);
}
END_TEST

START_TEST(authzen_permits_nobody_but_who_proved_it)
{
    const struct {
        const char *type, *id, *field;
    } cases[] = {
        {"agent", "planner", "subject"},
        {"agent", cast.executor.thumbprint, "subject"},
        {"holder", cast.planner.thumbprint, "subject"},
        {"holder", "executor", "subject"},
        {"user", "alice", "subject.type"},
    };
    struct chain chain;
    authzen_chain(&chain);
    const char *proof = chain_prove(&chain, "write_note", NOTE);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *subject = plain("{'type': '%s', 'id': '%s'}", cases[i].type, cases[i].id);
        expect_false(authzen_ask(authzen_question(subject, "write_note", NOTE,
                                                  authzen_context(&chain, proof, ""))),
                     "holder_binding_failed", cases[i].field);
    }
    ck_assert_int_eq(authzen_recorded(&chain, "deny"),
                     4); /* a type that cannot be one is only counted */
    const char *holder = plain("{'type': 'holder', 'id': '%s'}", cast.executor.thumbprint);
    expect_true(authzen_ask(
        authzen_question(holder, "write_note", NOTE, authzen_context(&chain, proof, ""))));
}
END_TEST

START_TEST(authzen_permits_nothing_elsewhere)
{
    static const char *const ELSEWHERE[] = {
        "{'type': 'audience', 'id': '" OTHER_AUDIENCE "'}",
        "{'type': 'file', 'id': '" AUDIENCE "'}",
    };
    struct chain chain;
    authzen_chain(&chain);
    for (size_t i = 0; i < 2; i++)
        expect_false(
            authzen_ask(plain(
                "{'subject': " EXECUTOR ", 'action': {'name': 'write_note', 'properties': %s},"
                " 'resource': %s, 'context': %s}",
                NOTE, ELSEWHERE[i],
                authzen_context(&chain, chain_prove(&chain, "write_note", NOTE), ""))),
            "audience_mismatch", "resource");
    const struct answer other = post(&cast.outsider, "/access/v1/evaluation",
                                     quoted("%s", authzen_good(&chain, "write_note", NOTE)));
    expect_false(other, "audience_mismatch", "resource");
    const struct answer agent = post(&cast.executing, "/access/v1/evaluation",
                                     quoted("%s", authzen_good(&chain, "write_note", NOTE)));
    expect_code(agent, "forbidden");
    ck_assert_int_eq(authzen_recorded(&chain, "permit"), 0);
}
END_TEST

START_TEST(authzen_refuses_what_is_no_question)
{
#define ACTION "'action': {'name': 'write_note'}"
    static const struct {
        const char *body, *field;
    } CASES[] = {
        {"{}", "subject"},
        {"{'subject': 'executor', " ACTION ", 'resource': " HERE "}", "subject"},
        {"{'subject': {'type': 'agent'}, " ACTION ", 'resource': " HERE "}", "subject"},
        {"{'subject': {'type': 'agent', 'id': 7}, " ACTION ", 'resource': " HERE "}", "subject"},
        {"{'subject': {'type': 'agent', 'id': 'executor', 'properties': {'level': 9}}, " ACTION
         ", 'resource': " HERE "}",
         "subject"},
        {"{'subject': " EXECUTOR ", 'resource': " HERE "}", "action"},
        {"{'subject': " EXECUTOR ", 'action': {'name': 'write_note', 'more': 1}, 'resource': " HERE
         "}",
         "action"},
        {"{'subject': " EXECUTOR ", " ACTION "}", "resource"},
        {"{'subject': " EXECUTOR ", " ACTION ", 'resource': " HERE ", 'context': []}", "context"},
        {"{'subject': " EXECUTOR ", " ACTION ", 'resource': " HERE
         ", 'context': {'presentation': {}}}",
         "context.presentation.aat_pop"},
        {"{'subject': " EXECUTOR ", " ACTION ", 'resource': " HERE
         ", 'context': {'presentation': {'aat_pop': 'x'}}}",
         "context.presentation.txn"},
        {"{'subject': " EXECUTOR ", " ACTION ", 'resource': " HERE
         ", 'context': {'presentation': {}, 'approval_id': 'x'}}",
         "context.approval_id"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct answer answer = authzen_ask(CASES[i].body);
        expect_code(answer, "malformed");
        expect_text(answer, "field", CASES[i].field);
    }
    struct chain chain;
    authzen_chain(&chain);
    const char *said = authzen_context(&chain, chain_prove(&chain, "write_note", "{}"), "");
    const struct answer nameless = authzen_ask(authzen_question(EXECUTOR, "", "{}", said));
    expect_code(nameless, "malformed");
    expect_text(nameless, "field", "action.name");
    const struct answer listed = authzen_ask(authzen_question(EXECUTOR, "write_note", "[]", said));
    expect_code(listed, "malformed");
    expect_text(listed, "field", "action.properties");
    const struct answer more = authzen_ask("{'subject': " EXECUTOR ", " ACTION ", 'resource': " HERE
                                           ", 'evaluations': []}");
    expect_code(more, "malformed");
#undef ACTION
}
END_TEST

START_TEST(authzen_spends_an_approval_as_validate_does)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    people_open(&chain, BY_FINANCE);
    const struct answer asked = authzen_ask(authzen_good(&chain, "write_note", NOTE));
    expect_false(asked, "approval_required", NULL);
    const char *id = text_at(&asked, "context.approval.id");
    expect_vote(&ann, id, "approved");
    const char *with = plain(", 'approval_id': '%s'", id);
    expect_true(authzen_ask(
        authzen_question(EXECUTOR, "write_note", NOTE,
                         authzen_context(&chain, chain_prove(&chain, "write_note", NOTE), with))));
    expect_false(authzen_ask(authzen_question(
                     EXECUTOR, "write_note", NOTE,
                     authzen_context(&chain, chain_prove(&chain, "write_note", NOTE), with))),
                 "approval_invalid", NULL);
}
END_TEST

/* ---- Transport ---------------------------------------------------------------------------- */

/* The head of the answer to a request with this name of its sender's. */
static const char *head_of(const char *path, const char *credentials, const char *body)
{
    static char head[4096];
    const int connection = raw_dial(&first_server);
    const char *text = plain("POST %s HTTP/1.1\r\nHost: a\r\nAuthorization: Basic %s\r\n"
                             "X-Request-ID: bfe9eb29/ab87 \"4ca3\"\r\nConnection: close\r\n"
                             "Content-Length: %zu\r\n\r\n%s",
                             path, credentials, strlen(body), body);
    raw_send(connection, text, strlen(text));
    size_t size = 0;
    for (ssize_t got = 1; got > 0 && size<sizeof head - 1; size += got> 0 ? (size_t)got : 0)
        got = read(connection, head + size, sizeof head - 1 - size);
    close(connection);
    head[size] = '\0';
    return head;
}

START_TEST(authzen_sends_the_callers_request_id_back)
{
    static const char ID[] = "X-Request-ID: bfe9eb29/ab87 \"4ca3\"\r\n";
    struct chain chain;
    authzen_chain(&chain);
    const char *known = raw_credentials(&cast.enforcer);
    const struct {
        const char *path, *credentials, *body, *status;
    } cases[] = {
        {"/access/v1/evaluation", known, quoted("%s", authzen_good(&chain, "write_note", NOTE)),
         " 200 "},
        {"/access/v1/evaluations", known, "{}", " 400 "},
        {"/access/v1/evaluation", "bm9ib2R5OngK", "{}", " 401 "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *head = head_of(cases[i].path, cases[i].credentials, cases[i].body);
        ck_assert_msg(strstr(head, cases[i].status) && strstr(head, ID), "%s", head);
        ck_assert_ptr_null(strstr(strstr(head, ID) + 1, "X-Request-I"));
    }
}
END_TEST

START_TEST(authzen_says_where_it_is_served_and_no_more)
{
    struct client anybody;
    client_init(&anybody, first_server.url, "", "");
    const struct answer found = get(&anybody, "/.well-known/authzen-configuration");
    expect_status(found, 200);
    const struct answer issuer = get(&anybody, "/.well-known/oauth-authorization-server");
    const char *url = text_at(&issuer, "issuer");
    expect_text(found, "policy_decision_point", url);
    expect_text(found, "access_evaluation_endpoint", plain("%s/access/v1/evaluation", url));
    expect_text(found, "access_evaluations_endpoint", plain("%s/access/v1/evaluations", url));
    ck_assert_uint_eq(found.json->count, 3);
    client_done(&anybody);
}
END_TEST

Suite *suite_authzen(void)
{
    Suite *suite = suite_create("authzen");
    ADD(suite, authzen_permits_a_proved_use_and_says_what_to_forward);
    ADD(suite, authzen_denies_with_our_code_and_a_record);
    ADD(suite, authzen_without_a_proof_is_no_permit);
    ADD(suite, authzen_permits_nobody_but_who_proved_it);
    ADD(suite, authzen_permits_nothing_elsewhere);
    ADD(suite, authzen_refuses_what_is_no_question);
    ADD(suite, authzen_spends_an_approval_as_validate_does);
    ADD(suite, authzen_sends_the_callers_request_id_back);
    ADD(suite, authzen_says_where_it_is_served_and_no_more);
    return suite;
}
