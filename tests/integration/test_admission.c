/* Admission of children signed by self-held keys: depth, and each refusal with its own outcome. */
#include "actors.h"
#include "suites.h"

#include "token/statement.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Admits a child of the leaf after `spoil` changed its claims; signed by the leaf's holder. */
static struct answer admit_spoiled(struct chain *chain, const struct actor *to, const char *name,
                                   const char *json)
{
    struct writ_json *claims = child_claims(chain, to);
    claim(claims, name, json);
    return chain_admit(chain, token_sign(claims, &chain->holders[chain->count - 1]));
}

START_TEST(admits_depth_1_to_8_and_refuses_9)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct actor *const turn[] = {&cast.retriever, &cast.executor, &cast.planner};
    for (int depth = 1; depth <= 8; depth++) {
        const struct actor holder = actor_fresh(turn[depth % 3]);
        chain_extend(&chain, &holder, NULL);
        const struct answer called = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
        expect_status(called, 200);
        const struct answer node = get(
            &cast.auditor, plain("/v1/delegations/%s?task=%s", chain.ids[depth], chain.task));
        int64_t shown_depth = 0;
        ck_assert(writ_json_integer(at(node.json, "depth"), &shown_depth));
        ck_assert_int_eq(shown_depth, depth);
    }
    const struct answer ninth = chain_admit(
        &chain, token_sign(child_claims(&chain, &cast.executor), &chain.holders[chain.count - 1]));
    expect_code(ninth, "depth_invalid");
    const struct answer raised = admit_spoiled(&chain, &cast.executor, "del_max_depth", "9");
    expect_code(raised, "depth_invalid");
}
END_TEST

START_TEST(refuses_claims_that_do_not_follow_from_the_parent)
{
    static const struct {
        const char *claim, *json, *code;
    } CASES[] = {
        {"del_depth", "0", "depth_invalid"},
        {"del_depth", "2", "depth_invalid"},
        {"del_depth", "'1'", "malformed"},
        {"del_depth", NULL, "malformed"},
        {"del_max_depth", "32", "depth_invalid"},
        {"del_max_depth", "0", "depth_invalid"},
        {"exp", "4102444800", "not_narrower"},
        {"exp", "1700000000", "expired"},
        {"exp", NULL, "malformed"},
        {"iat", "1700000000", "not_narrower"},
        {"iat", "4102444800", "not_yet_valid"},
        {"jti", NULL, "malformed"},
        {"iss", "'http://writ.test'", "signature_invalid"},
        {"cnf", "{'jwk': {'kty': 'OKP', 'crv': 'Ed25519', 'x': 'AQ'}}", "malformed"},
        {"cnf", NULL, "malformed"},
        {"client_id", NULL, "malformed"},
        {"aud", "7", "malformed"},
        {"authorization_details", NULL, "malformed"},
        {"txn", NULL, "principal_altered"},
        {"sub", NULL, "principal_altered"},
        {"sub", "'mallory'", "principal_altered"},
        {"txn", "'0190aaaa-0000-7000-8000-000000000000'", "principal_altered"},
    };
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct answer answer = admit_spoiled(&chain, &cast.executor, CASES[i].claim,
                                                   CASES[i].json);
        const struct writ_json *code = at(answer.json, "code");
        ck_assert_msg(code && writ_slice_is(writ_json_text(code), CASES[i].code),
                      "%s = %s: wanted %s: %s", CASES[i].claim,
                      CASES[i].json ? CASES[i].json : "absent", CASES[i].code, shown(&answer));
        expect_code(answer, CASES[i].code);
    }
    /* And nothing of it is in the ledger. */
    const struct answer below = get(
        &cast.auditor, plain("/v1/delegations/%s/descendants?task=%s", chain.ids[0], chain.task));
    expect_status(below, 200);
    ck_assert_uint_eq(at(below.json, "delegations")->count, 0);
}
END_TEST

START_TEST(refuses_a_wider_child_with_a_counter_example)
{
    static const char *const WIDER[] = {
        "{'read_file': {'path': {'constraint_type': 'path_containment', 'root': '/'}}}",
        "{'read_file': {'path': {'constraint_type': 'wildcard'}}}",
        "{'read_file': {}}",
        "{'delete_file': {'path': {'constraint_type': 'exact', 'value': '/notes/a'}}}",
        "{'send_email': {'to': {'constraint_type': 'subset', "
        "'allowed': ['a@x.test', 'c@x.test']}}}",
        "{'write_note': {'path': {'constraint_type': 'path_containment', 'root': '/notes'}}}",
    };
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (size_t i = 0; i < sizeof WIDER / sizeof WIDER[0]; i++) {
        struct writ_json *claims = child_claims(&chain, &cast.executor);
        claim_authority(claims, WIDER[i], NULL);
        const struct answer answer = chain_admit(&chain, token_sign(claims, &cast.planner));
        expect_code(answer, "not_narrower");
        ck_assert_msg(text_at(&answer, "detail")[0] && text_at(&answer, "field")[0], "%s",
                      shown(&answer));
        int64_t hop = -1;
        ck_assert(writ_json_integer(at(answer.json, "hop"), &hop) && hop == 1);
    }
}
END_TEST

START_TEST(refuses_a_child_signed_by_anyone_but_the_parents_holder)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct writ_json *claims = child_claims(&chain, &cast.executor);
    const struct answer stranger = chain_admit(&chain, token_sign(claims, &cast.executor));
    expect_code(stranger, "signature_invalid");
    char *spoiled = writ_arena_text(scratch(), writ_slice_text(token_sign(claims, &cast.planner)));
    char *last = strrchr(spoiled, '.') + 5;
    *last = *last == 'A' ? 'B' : 'A';
    const struct answer changed = chain_admit(&chain, spoiled);
    expect_code(changed, "signature_invalid");
}
END_TEST

START_TEST(refuses_another_tasks_parent)
{
    struct chain mine;
    struct chain other;
    chain_open(&mine, &cast.planner);
    chain_open(&other, &cast.planner);
    /* The other task's child, offered to mine. */
    const char *token = token_sign(child_claims(&other, &cast.executor), &cast.planner);
    const struct answer foreign = chain_admit(&mine, token);
    ck_assert_msg(foreign.status == 403, "%s", shown(&foreign));
    const char *code = text_at(&foreign, "code");
    ck_assert_msg(strcmp(code, "unregistered") == 0 || strcmp(code, "principal_altered") == 0 ||
                      strcmp(code, "par_hash_mismatch") == 0,
                  "%s", shown(&foreign));
    /* The same with txn set to mine: the parent is not in this task. */
    struct writ_json *claims = child_claims(&other, &cast.executor);
    claim(claims, "txn", plain("'%s'", mine.task));
    const struct answer moved = chain_admit(&mine, token_sign(claims, &cast.planner));
    expect_code(moved, "unregistered");
}
END_TEST

START_TEST(refuses_a_parent_hash_that_the_ledger_does_not_know)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct answer unknown = admit_spoiled(&chain, &cast.executor, "par_hash",
                                                "'47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'");
    expect_code(unknown, "unregistered");
    const struct answer garbage = admit_spoiled(&chain, &cast.executor, "par_hash", "'x'");
    ck_assert_msg(garbage.status >= 400 && garbage.status < 500, "%s", shown(&garbage));
}
END_TEST

START_TEST(refuses_a_key_enrolled_by_another_agent_or_by_none)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    /* The executor's key under the retriever's name. */
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim(claims, "client_id", "'retriever'");
    const struct answer foreign = chain_admit(&chain, token_sign(claims, &cast.planner));
    expect_code(foreign, "holder_binding_failed");
    const struct actor unknown = actor_sibling(&cast.executor);
    const struct answer unenrolled = chain_admit(
        &chain, token_sign(child_claims(&chain, &unknown), &cast.planner));
    expect_code(unenrolled, "holder_binding_failed");
}
END_TEST

START_TEST(refuses_weak_keys_wherever_they_enter)
{
    /* The identity, the points of order 4 and 8, order 2, and encodings that are not canonical. */
    static const char *const WEAK[] = {
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU",
        "xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o",
        "7P_______________________________________38",
        "7f_______________________________________38",
        "7v_______________________________________38",
        "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA",
    };
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (size_t i = 0; i < sizeof WEAK / sizeof WEAK[0]; i++) {
        const char *jwk = plain("{'kty': 'OKP', 'crv': 'Ed25519', 'x': '%s'}", WEAK[i]);
        const struct answer admitted = admit_spoiled(&chain, &cast.executor, "cnf",
                                                     plain("{'jwk': %s}", jwk));
        expect_code(admitted, "weak_key");
        const struct answer enrolled = post(&cast.executing, "/v1/holders",
                                            quoted("{'custody': 'self', 'jwk': %s}", jwk));
        expect_code(enrolled, "weak_key");
    }
}
END_TEST

START_TEST(refuses_a_child_of_an_expired_parent)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner, "'expires_in': 2");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    const char *token = token_sign(child_claims(&chain, &cast.executor), &cast.planner);
    sleep_s(3.1);
    const struct answer late = chain_admit(&chain, token);
    ck_assert_msg(late.status == 403, "%s", shown(&late));
    const char *code = text_at(&late, "code");
    ck_assert_msg(strcmp(code, "expired") == 0 || strcmp(code, "task_closed") == 0, "%s",
                  shown(&late));
    const struct answer used = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(used, "expired");
}
END_TEST

START_TEST(refuses_a_child_of_a_revoked_ancestor)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.retriever, NULL);
    const struct actor third = actor_fresh(&cast.executor);
    chain_extend(&chain, &third, NULL);
    const char *token = token_sign(child_claims(&chain, &cast.executor), &third);
    const struct answer revoked = chain_act(&chain, &cast.planning, "revoke", 1,
                                            act_body(&chain, "revoke", 1, 0, &cast.planner));
    expect_status(revoked, 200);
    const struct answer late = chain_admit(&chain, token);
    expect_code(late, "revoked");
    int64_t hop = -1;
    ck_assert_msg(!at(late.json, "hop") ||
                      (writ_json_integer(at(late.json, "hop"), &hop) && hop == 1),
                  "%s", shown(&late));
    const struct answer used = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(used, "revoked");
    /* The root still lives. */
    chain.count = 1;
    const struct answer root = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(root, 200);
}
END_TEST

START_TEST(a_revoked_key_kills_what_it_holds_and_all_below)
{
    struct chain chain;
    const struct actor middle = actor_fresh(&cast.retriever);
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &middle, NULL);
    chain_extend(&chain, &cast.executor, NULL);
    const char *late = token_sign(child_claims(&chain, &cast.planner), &cast.executor);
    const struct answer foreign = post(&cast.executing,
                                       plain("/v1/holders/%s/revoke", middle.thumbprint), "{}");
    ck_assert_msg(foreign.status == 403 || foreign.status == 404, "%s", shown(&foreign));
    const struct answer revoked = post(&cast.retrieving,
                                       plain("/v1/holders/%s/revoke", middle.thumbprint),
                                       quoted("{'reason': 'lost'}"));
    expect_status(revoked, 200);
    ck_assert(has_at(&revoked, "feed") && has_at(&revoked, "epoch"));
    const struct answer read = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(read, "revoked");
    const struct answer write = chain_call(&chain, "write_note",
                                           "{'path': '/notes/a', 'text': 'x'}");
    expect_code(write, "revoked");
    const struct answer admitted = chain_admit(&chain, late);
    expect_code(admitted, "revoked");
    const struct answer again = actor_enrol(&middle);
    ck_assert_msg(again.status >= 400, "a revoked key enrolled again: %s", shown(&again));
}
END_TEST

START_TEST(a_lease_that_is_not_renewed_lapses_and_takes_all_below)
{
    struct server brief;
    static const char *const FLAGS[] = {"--lease-s", "2", NULL};
    server_start_beside(&brief, "lease", &first_server, FLAGS);
    struct client issuer = client_at(&cast.issuer, &brief);
    struct client enforcer = client_at(&cast.enforcer, &brief);
    struct client planning = client_at(&cast.planning, &brief);
    struct actor planner = cast.planner;
    planner.client = &planning;
    const struct answer opened = task_open(&issuer, &planner, "");
    struct chain chain;
    chain_take(&chain, &opened, &planner);
    chain.enforcer = &enforcer;
    chain_extend(&chain, &cast.executor, NULL);
    const char *renewal = plain("/v1/delegations/%s/renew?task=%s", chain.ids[1], chain.task);
    /* A heartbeat keeps it alive beyond its lease, and the lines above too. */
    for (int i = 0; i < 4; i++) {
        sleep_s(0.8);
        struct client executing = client_at(&cast.executing, &brief);
        const struct answer renewed = post(&executing, renewal,
                                           act_body(&chain, "renew", 1, 1, &cast.executor));
        expect_status(renewed, 200);
        client_done(&executing);
    }
    const struct answer alive = chain_call(&chain, "write_note",
                                           "{'path': '/notes/a', 'text': 'x'}");
    expect_status(alive, 200);
    sleep_s(2.6);
    const struct answer write = chain_call(&chain, "write_note",
                                           "{'path': '/notes/a', 'text': 'x'}");
    expect_code(write, "lapsed");
    const struct answer read = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(read, "lapsed");
    const char *token = token_sign(child_claims(&chain, &cast.retriever), &cast.executor);
    const struct answer admitted = chain_admit(&chain, token);
    expect_code(admitted, "lapsed");
    struct client executing = client_at(&cast.executing, &brief);
    const struct answer late = post(&executing, renewal,
                                    act_body(&chain, "renew", 1, 1, &cast.executor));
    expect_code(late, "lapsed");
    ck_assert_int_eq(server_stop(&brief), 0);
}
END_TEST

/* Its own lease would last for minutes. */
START_TEST(a_child_admitted_late_in_its_parents_lease_dies_with_it)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *ending = plain("update writ.lease set expires_at = now() + interval '3 s', "
                               "line_until = now() + interval '3 s' where task_id = '%s'",
                               chain.task);
    postgres_ask(&shared_postgres, NULL, ending, NULL);
    chain_extend(&chain, &cast.executor, NULL);
    sleep_s(3.2);
    const struct answer write = chain_call(&chain, "write_note",
                                           "{'path': '/notes/a', 'text': 'x'}");
    expect_code(write, "lapsed");
}
END_TEST

START_TEST(a_key_that_was_revoked_after_it_was_used_gets_no_other_link)
{
    struct chain chain;
    const struct actor once = actor_fresh(&cast.retriever);
    chain_open(&chain, &cast.planner);
    const struct answer first = chain_admit(&chain,
                                            token_sign(child_claims(&chain, &once), &cast.planner));
    expect_status(first, 201);
    const struct answer revoked = post(&cast.retrieving,
                                       plain("/v1/holders/%s/revoke", once.thumbprint), "{}");
    expect_status(revoked, 200);
    const struct answer second = chain_admit(
        &chain, token_sign(child_claims(&chain, &once), &cast.planner));
    ck_assert_msg(second.status == 403, "%s", shown(&second));
    const char *code = text_at(&second, "code");
    ck_assert_msg(strcmp(code, "revoked") == 0 || strcmp(code, "holder_binding_failed") == 0, "%s",
                  code);
}
END_TEST

START_TEST(links_that_say_the_same_share_what_they_say)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *const counted = plain("select count(*) from writ.narrowing where task_id = '%s'",
                                      chain.task);
    for (int i = 0; i < 3; i++) {
        const struct answer same = chain_admit(
            &chain, token_sign(child_claims(&chain, &cast.executor), &cast.planner));
        expect_status(same, 201);
    }
    ck_assert_int_eq(postgres_count(&shared_postgres, counted), 1);
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim_authority(claims,
                    "{'read_file': {'path': {'constraint_type': 'path_containment', "
                    "'root': '/notes/2026'}}}",
                    NULL);
    const struct answer narrow = chain_admit(&chain, token_sign(claims, &cast.planner));
    expect_status(narrow, 201);
    ck_assert_int_eq(postgres_count(&shared_postgres, counted), 2);
}
END_TEST

START_TEST(admitting_the_same_token_again_adds_nothing)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *token = token_sign(child_claims(&chain, &cast.executor), &cast.planner);
    const struct answer first = chain_admit(&chain, token);
    expect_status(first, 201);
    const struct answer second = chain_admit(&chain, token);
    ck_assert_msg(second.status == 409 || second.status == 200 || second.status == 201, "%s",
                  shown(&second));
    const struct answer below = get(
        &cast.auditor, plain("/v1/delegations/%s/descendants?task=%s", chain.ids[0], chain.task));
    ck_assert_uint_eq(at(below.json, "delegations")->count, 1);
}
END_TEST

START_TEST(only_agents_and_orchestrators_delegate)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *token = token_sign(child_claims(&chain, &cast.executor), &cast.planner);
    const char *body = quoted("{'task': '%s', 'token': '%s'}", chain.task, token);
    struct client *const others[] = {&cast.enforcer, &cast.auditor, &cast.issuer};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct answer answer = post(others[i], "/v1/delegations", body);
        expect_code(answer, "forbidden");
    }
}
END_TEST

START_TEST(an_enrolment_needs_the_nonce_signed_by_that_key)
{
    const struct actor honest = actor_sibling(&cast.executor);
    const struct actor thief = actor_sibling(&cast.executor);
    const struct answer asked = post(&cast.executing, "/v1/holders",
                                     quoted("{'custody': 'self', 'jwk': %s}", actor_jwk(&honest)));
    expect_status(asked, 202);
    const char *nonce = text_at(&asked, "nonce");
    static const uint8_t RANDOM[16];
    const struct {
        const struct actor *signer;
        const char *nonce, *audience, *code;
    } cases[] = {
        {&thief, nonce, "http://writ.test", "signature_invalid"},
        {&honest, "another", "http://writ.test", "holder_binding_failed"},
        {&honest, nonce, "http://elsewhere.test", "audience_mismatch"},
        {&honest, nonce, "http://writ.test", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct writ_slice input;
        struct writ_slice proof;
        ck_assert(writ_is_ok(writ_enrol_input(scratch(), writ_slice_text(cases[i].audience),
                                              writ_slice_text(cases[i].nonce), time(NULL), RANDOM,
                                              &input)));
        ck_assert(writ_is_ok(writ_sign_input(scratch(), input, cases[i].signer->seed, &proof)));
        const struct answer answer = post(
            &cast.executing, "/v1/holders",
            quoted("{'custody': 'self', 'jwk': %s, 'nonce': '%s', 'proof': '%.*s'}",
                   actor_jwk(&honest), nonce, WRIT_SLICE_ARGS(proof)));
        if (cases[i].code)
            expect_code(answer, cases[i].code);
        else
            expect_status(answer, 201);
    }
    /* Another agent's client may not take the nonce over. */
    const struct answer second = actor_enrol(&honest);
    expect_status(second, 200);
}
END_TEST

Suite *suite_admission(void)
{
    Suite *suite = suite_create("admission");
    ADD(suite, admits_depth_1_to_8_and_refuses_9);
    ADD(suite, refuses_claims_that_do_not_follow_from_the_parent);
    ADD(suite, refuses_a_wider_child_with_a_counter_example);
    ADD(suite, refuses_a_child_signed_by_anyone_but_the_parents_holder);
    ADD(suite, refuses_another_tasks_parent);
    ADD(suite, refuses_a_parent_hash_that_the_ledger_does_not_know);
    ADD(suite, refuses_a_key_enrolled_by_another_agent_or_by_none);
    ADD(suite, refuses_weak_keys_wherever_they_enter);
    ADD(suite, refuses_a_child_of_an_expired_parent);
    ADD(suite, refuses_a_child_of_a_revoked_ancestor);
    ADD(suite, a_revoked_key_kills_what_it_holds_and_all_below);
    ADD(suite, a_lease_that_is_not_renewed_lapses_and_takes_all_below);
    ADD(suite, a_child_admitted_late_in_its_parents_lease_dies_with_it);
    ADD(suite, a_key_that_was_revoked_after_it_was_used_gets_no_other_link);
    ADD(suite, links_that_say_the_same_share_what_they_say);
    ADD(suite, admitting_the_same_token_again_adds_nothing);
    ADD(suite, only_agents_and_orchestrators_delegate);
    ADD(suite, an_enrolment_needs_the_nonce_signed_by_that_key);
    return suite;
}
