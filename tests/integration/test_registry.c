/* Agents, clients and tools; what each role may see. */
#include "actors.h"
#include "suites.h"

#include <string.h>

START_TEST(a_clients_secret_is_shown_once_and_rotated_on_request)
{
    const struct answer made = put(&cast.admin, "/v1/clients/once", quoted("{'role': 'auditor'}"));
    expect_status(made, 200);
    const char *secret = text_at(&made, "secret");
    ck_assert_uint_ge(strlen(secret), 43);
    const struct answer again = put(&cast.admin, "/v1/clients/once", quoted("{'role': 'auditor'}"));
    expect_status(again, 200);
    ck_assert(!has_at(&again, "secret"));
    struct client client;
    client_init(&client, first_server.url, "once", secret);
    const struct answer self = get(&client, "/v1/clients/self");
    expect_status(self, 200);
    expect_text(self, "id", "once");
    ck_assert(!has_at(&self, "secret"));
    const struct answer rotated = put(&cast.admin, "/v1/clients/once",
                                      quoted("{'role': 'auditor', 'rotate': true}"));
    expect_status(rotated, 200);
    ck_assert_str_ne(text_at(&rotated, "secret"), secret);
    const struct answer old = get(&client, "/v1/clients/self");
    expect_code(old, "unauthenticated");
    client_init(&client, first_server.url, "once", text_at(&rotated, "secret"));
    const struct answer disabled = del(&cast.admin, "/v1/clients/once");
    expect_status(disabled, 200);
    const struct answer after = get(&client, "/v1/clients/self");
    expect_code(after, "unauthenticated");
}
END_TEST

START_TEST(only_an_admin_changes_the_registry)
{
    static const struct {
        const char *path, *body;
    } CHANGES[] = {
        {"/v1/agents/mallory", "{'role': 'x', 'owner': 'y'}"},
        {"/v1/clients/mallory", "{'role': 'admin'}"},
        {"/v1/tools/shell?audience=https%3A%2F%2Ftools.test", "{'effect': 'read'}"},
    };
    struct client *const others[] = {&cast.issuer, &cast.planning, &cast.executing, &cast.enforcer,
                                     &cast.auditor};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 3; j++) {
            const struct answer written = put(others[i], CHANGES[j].path,
                                              quoted("%s", CHANGES[j].body));
            expect_code(written, "forbidden");
            const struct answer deleted = del(others[i], CHANGES[j].path);
            expect_code(deleted, "forbidden");
        }
    const struct answer clients = get(&cast.executing, "/v1/clients");
    expect_code(clients, "forbidden");
    const struct answer gone = get(&cast.admin, "/v1/clients/mallory");
    expect_code(gone, "not_found");
}
END_TEST

START_TEST(refuses_registrations_that_are_not_as_documented)
{
    static const struct {
        const char *path, *body;
    } WRONG[] = {
        {"/v1/agents/a", "{'owner': 'y'}"},
        {"/v1/clients/a", "{'role': 'king'}"},
        {"/v1/clients/a", "{'role': 'issuer', 'ceiling': {'everything': true}}"},
        {"/v1/clients/a", "{'role': 'issuer', 'ceiling': {'grant': 'read_file(path'}}"},
        {"/v1/clients/a", "{'role': 'agent', 'agent': 'nobody-knows'}"},
        {"/v1/clients/a", "{'role': 'auditor', 'more': 1}"},
        {"/v1/tools/a?audience=https%3A%2F%2Ftools.test", "{'effect': 'explode'}"},
        {"/v1/tools/a?audience=https%3A%2F%2Ftools.test", "{}"},
        {"/v1/tools/a", "{'effect': 'read'}"},
        {"/v1/tools/a?audience=https%3A%2F%2Ftools.test",
         "{'effect': 'read', 'sensitivity': {'confidentiality': 'cosmic'}}"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        const struct answer answer = put(&cast.admin, WRONG[i].path, quoted("%s", WRONG[i].body));
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "%s %s: %s", WRONG[i].path,
                      WRONG[i].body, shown(&answer));
        ck_assert(has_at(&answer, "code"));
    }
}
END_TEST

START_TEST(a_retired_agent_enrols_no_key_and_gets_no_delegation)
{
    const struct answer agent = put(&cast.admin, "/v1/agents/temp",
                                    quoted("{'role': 'executor', 'owner': 'tests'}"));
    expect_status(agent, 200);
    const struct answer made = put(&cast.admin, "/v1/clients/temping",
                                   quoted("{'role': 'agent', 'agent': 'temp'}"));
    expect_status(made, 200);
    struct client client;
    client_init(&client, first_server.url, "temping", text_at(&made, "secret"));
    struct actor temp = {.agent = "temp", .client = &client};
    const struct actor key = actor_fresh(&temp);
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *early = token_sign(child_claims(&chain, &key), &cast.planner);
    const struct answer admitted = chain_admit(&chain, early);
    expect_status(admitted, 201);
    const struct answer retired = del(&cast.admin, "/v1/agents/temp");
    expect_status(retired, 200);
    const struct actor late = actor_sibling(&temp);
    const struct answer enrolled = actor_enrol(&late);
    ck_assert_msg(enrolled.status >= 400 && enrolled.status < 500, "%s", shown(&enrolled));
    const char *token = token_sign(child_claims(&chain, &key), &cast.planner);
    const struct answer refused = chain_admit(&chain, token);
    expect_code(refused, "holder_binding_failed");
}
END_TEST

START_TEST(another_process_learns_of_a_change_within_a_beat)
{
    const struct answer made = put(&cast.admin, "/v1/clients/roamer",
                                   quoted("{'role': 'auditor'}"));
    expect_status(made, 200);
    struct client roamer;
    client_init(&roamer, second_server.url, "roamer", text_at(&made, "secret"));
    const double end = seconds_now() + 3;
    struct answer self = get(&roamer, "/v1/clients/self");
    while (self.status != 200 && seconds_now() < end) {
        sleep_s(0.05);
        self = get(&roamer, "/v1/clients/self");
    }
    expect_status(self, 200);
}
END_TEST

START_TEST(lists_are_paged_and_whole)
{
    for (int i = 0; i < 7; i++) {
        const struct answer answer = put(
            &cast.admin, plain("/v1/tools/paged%d?audience=https%%3A%%2F%%2Fpaged.test", i),
            quoted("{'effect': 'read'}"));
        expect_status(answer, 200);
    }
    const char *const base = "/v1/tools?audience=https%3A%2F%2Fpaged.test&limit=3";
    const char *path = base;
    size_t seen = 0;
    for (int page = 0; path && page < 5; page++) {
        const struct answer answer = get(&cast.executing, path);
        expect_status(answer, 200);
        for (size_t i = 0; i < at(answer.json, "tools")->count; i++, seen++)
            expect_text(answer, plain("tools.%zu.name", i), plain("paged%zu", seen));
        path = has_at(&answer, "cursor") ? plain("%s&cursor=%s", base, text_at(&answer, "cursor"))
                                         : NULL;
    }
    ck_assert_uint_eq(seen, 7);
    static const char *const WRONG[] = {"limit=0",    "limit=501",    "limit=x",
                                        "cursor=%00", "cursor=bogus", "unknown=1"};
    for (size_t i = 0; i < 5; i++) {
        const struct answer answer = get(&cast.executing, plain("/v1/tools?%s", WRONG[i]));
        expect_code(answer, "malformed");
    }
}
END_TEST

START_TEST(metadata_and_keys_verify_what_the_service_signs)
{
    struct client anyone;
    client_init(&anyone, second_server.url, NULL, NULL);
    const struct answer metadata = get(&anyone, "/.well-known/oauth-authorization-server");
    expect_status(metadata, 200);
    expect_text(metadata, "issuer", "http://writ.test");
    const struct answer keys = get(&anyone, "/.well-known/jwks.json");
    expect_status(keys, 200);
    ck_assert(!has_at(&keys, "keys.0.d"));
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct writ_slice jwk = writ_json_canonical(scratch(), at(keys.json, "keys.0"));
    struct writ_anchor anchor = {.issuer = WRIT_SLICE_LITERAL("http://writ.test")};
    ck_assert(writ_is_ok(writ_key_parse(scratch(), jwk, &anchor.key)));
    const struct writ_slice tokens[] = {writ_slice_text(chain.tokens[0])};
    static const char ARGS[] = "{\"path\":\"/notes/a\"}";
    const struct writ_json *claims = token_claims(chain.tokens[0]);
    int64_t iat = 0;
    ck_assert(writ_json_integer(writ_json_get(claims, "iat"), &iat));
    const struct writ_verifier verifier = {
        .profile = WRIT_PROFILE_AAT_02_WRIT,
        .limits = writ_limits_default(),
        .now_unix_s = iat + 2,
        .anchors = &anchor,
        .anchor_count = 1,
        .audience = WRIT_SLICE_LITERAL(AUDIENCE),
    };
    const char *proof = proof_sign(proof_claims(&chain, "read_file", ARGS), &cast.planner);
    const struct writ_presentation presentation = {tokens, 1, writ_slice_text(proof)};
    const struct writ_verdict verdict = writ_verify(scratch(), &verifier, &presentation,
                                                    WRIT_SLICE_LITERAL("read_file"),
                                                    WRIT_SLICE_LITERAL(ARGS));
    ck_assert_msg(verdict.permit, "%s %s", verdict.denial.step, verdict.denial.detail);
}
END_TEST

Suite *suite_registry(void)
{
    Suite *suite = suite_create("registry");
    ADD(suite, a_clients_secret_is_shown_once_and_rotated_on_request);
    ADD(suite, only_an_admin_changes_the_registry);
    ADD(suite, refuses_registrations_that_are_not_as_documented);
    ADD(suite, a_retired_agent_enrols_no_key_and_gets_no_delegation);
    ADD(suite, another_process_learns_of_a_change_within_a_beat);
    ADD(suite, lists_are_paged_and_whole);
    ADD(suite, metadata_and_keys_verify_what_the_service_signs);
    return suite;
}
