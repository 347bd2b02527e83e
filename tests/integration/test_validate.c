/* The decision: what a permit says, and each denial by its name. */
#include "actors.h"
#include "suites.h"

#include "base/base64url.h"
#include "base/crypto.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
static const char PLACE[] = "{'path': '/notes/a'}";

/* Planner to executor. */
static void two_links(struct chain *chain)
{
    chain_open(chain, &cast.planner);
    chain_extend(chain, &cast.executor, NULL);
}

/* Validates with a proof of which one claim is changed. */
static struct answer call_spoiled(const struct chain *chain, const char *name, const char *json)
{
    struct writ_json *claims = proof_claims(chain, "write_note", NOTE);
    claim(claims, name, json);
    const char *proof = proof_sign(claims, &chain->holders[chain->count - 1]);
    return post(chain->enforcer, "/v1/validate", use_body(chain, proof, "write_note", NOTE));
}

START_TEST(a_permit_says_what_to_forward_and_until_when)
{
    struct chain chain;
    two_links(&chain);
    const char *args = "{'text': 'x', 'path': '/notes/a'}";
    const struct answer permit = chain_call(&chain, "write_note", args);
    expect_status(permit, 200);
    expect_text(permit, "decision", "permit");
    expect_text(permit, "task", chain.task);
    expect_text(permit, "delegation", chain.ids[1]);
    expect_text(permit, "agent", "executor");
    expect_text(permit, "principal", "alice");
    expect_text(permit, "tool", "write_note");
    expect_text(permit, "recorded", "durable");
    /* Canonical: members in order, no blanks, byte for byte in the answer. */
    static const char CANONICAL[] = "{\"path\":\"/notes/a\",\"text\":\"x\"}";
    ck_assert_ptr_nonnull(strstr(plain("%.*s", WRIT_SLICE_ARGS(permit.body)), CANONICAL));
    uint8_t hash[32];
    char text[44];
    writ_sha256(writ_slice_text(CANONICAL), hash);
    writ_base64url_hash(hash, text);
    expect_text(permit, "arguments_sha256", text);
    /* At most five seconds ahead. */
    char latest[40];
    const time_t end = time(NULL) + 6;
    struct tm utc;
    strftime(latest, sizeof latest, "%Y-%m-%dT%H:%M:%S", gmtime_r(&end, &utc));
    ck_assert_msg(strcmp(text_at(&permit, "start_by"), latest) < 0, "%s", shown(&permit));
}
END_TEST

START_TEST(permits_by_value_and_by_reference_alike)
{
    struct chain chain;
    two_links(&chain);
    const char *proof = proof_sign(proof_claims(&chain, "read_file", PLACE), &cast.executor);
    const struct answer value = post(&cast.enforcer, "/v1/validate",
                                     use_body_whole(&chain, proof, "read_file", PLACE));
    expect_status(value, 200);
    const struct answer reference = post(&cast.enforcer, "/v1/validate",
                                         use_body(&chain, proof, "read_file", PLACE));
    expect_status(reference, 200);
    struct client second = client_at(&cast.enforcer, &second_server);
    const struct answer elsewhere = post(&second, "/v1/validate",
                                         use_body_whole(&chain, proof, "read_file", PLACE));
    expect_status(elsewhere, 200);
}
END_TEST

START_TEST(denies_tools_and_arguments_that_were_not_granted)
{
    static const struct {
        const char *tool, *args, *code;
    } CASES[] = {
        {"read_file", "{'path': '/etc/passwd'}", "argument_not_granted"},
        {"read_file", "{'path': '/notes/../etc/passwd'}", "argument_not_granted"},
        {"read_file", "{'path': '/notesx'}", "argument_not_granted"},
        {"read_file", "{'path': '/notes/%2e%2e/x'}", "argument_not_granted"},
        {"read_file", "{'path': '/notes/a', 'more': 1}", "argument_not_granted"},
        {"read_file", "{}", "argument_not_granted"},
        {"read_file", "{'path': ['/notes/a']}", "argument_not_granted"},
        {"send_email", "{'to': ['a@x.test', 'mallory@x.test']}", "argument_not_granted"},
        {"delete_file", "{'path': '/notes/a'}", "tool_unregistered"},
        {"shred_file", "{'path': '/notes/a'}", "scope_not_granted"},
    };
    const struct answer tool = put(&cast.admin,
                                   "/v1/tools/shred_file?audience=https%3A%2F%2Ftools.test",
                                   quoted("{'effect': 'irreversible', 'sensitivity': {}}"));
    expect_status(tool, 200);
    struct chain chain;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        two_links(&chain); /* each its own: one that is refused too often is stopped */
        const struct answer answer = chain_call(&chain, CASES[i].tool, CASES[i].args);
        const struct writ_json *code = at(answer.json, "code");
        ck_assert_msg(code && writ_slice_is(writ_json_text(code), CASES[i].code), "%s %s: %s",
                      CASES[i].tool, CASES[i].args, shown(&answer));
        expect_code(answer, CASES[i].code);
        ck_assert_msg(has_at(&answer, "decision_id"), "not recorded: %s", shown(&answer));
    }
}
END_TEST

START_TEST(denies_what_the_proof_does_not_bind)
{
    const int64_t now = time(NULL);
    const struct {
        const char *claim, *json, *code;
    } cases[] = {
        {"aat_tool", "'read_file'", "holder_binding_failed"},
        {"hta", "{'path': '/notes/a', 'text': 'y'}", "holder_binding_failed"},
        {"hta", "{}", "holder_binding_failed"},
        {"aat_hash", "'47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'", "holder_binding_failed"},
        {"aat_id", "'0190aaaa-0000-7000-8000-000000000000'", "holder_binding_failed"},
        {"aat_aud", "'" OTHER_AUDIENCE "'", "audience_mismatch"},
        {"iat", plain("%ld", (long)now - 3600), "expired"},
        {"iat", plain("%ld", (long)now + 3600), "not_yet_valid"},
        {"iat", "'now'", "malformed"},
        {"jti", NULL, "malformed"},
        {"jti", "''", "malformed"},
    };
    struct chain chain;
    two_links(&chain);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct answer answer = call_spoiled(&chain, cases[i].claim, cases[i].json);
        const struct writ_json *code = at(answer.json, "code");
        ck_assert_msg(code && writ_slice_is(writ_json_text(code), cases[i].code),
                      "%s = %s: wanted %s: %s", cases[i].claim,
                      cases[i].json ? cases[i].json : "absent", cases[i].code, shown(&answer));
        expect_code(answer, cases[i].code);
    }
    /* Signed by the parent, who holds another token. */
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.planner);
    const struct answer other = post(&cast.enforcer, "/v1/validate",
                                     use_body(&chain, proof, "write_note", NOTE));
    expect_code(other, "holder_binding_failed");
    /* Before possession nothing is said about the grant. */
    const struct answer outside = post(
        &cast.enforcer, "/v1/validate",
        use_body(&chain, proof, "read_file", "{'path': '/etc/passwd'}"));
    expect_code(outside, "holder_binding_failed");
    ck_assert_ptr_null(strstr(shown(&outside), "notes"));
}
END_TEST

START_TEST(a_proof_for_a_tool_with_effects_is_good_once)
{
    struct chain chain;
    two_links(&chain);
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const struct answer first = post(&cast.enforcer, "/v1/validate", body);
    const struct answer second = post(&cast.enforcer, "/v1/validate", body);
    struct client beside = client_at(&cast.enforcer, &second_server);
    const struct answer third = post(&beside, "/v1/validate", body);
    expect_status(first, 200);
    expect_code(second, "replayed");
    expect_code(third, "replayed");
}
END_TEST

START_TEST(a_denied_call_does_not_use_up_its_proof)
{
    struct chain chain;
    two_links(&chain);
    /* Refused for its arguments, by the wrong enforcement point, then judged on its own. */
    const char *proof = proof_sign(proof_claims(&chain, "write_note", NOTE), &cast.executor);
    const char *body = use_body(&chain, proof, "write_note", NOTE);
    const struct answer elsewhere = post(&cast.outsider, "/v1/validate", body);
    expect_code(elsewhere, "audience_mismatch");
    const struct answer here = post(&cast.enforcer, "/v1/validate", body);
    expect_status(here, 200);
}
END_TEST

START_TEST(denies_a_chain_for_another_audience)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner,
                                           "'audience': '" OTHER_AUDIENCE "'");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    const struct answer answer = chain_call(&chain, "read_file", PLACE);
    expect_code(answer, "audience_mismatch");
}
END_TEST

START_TEST(denies_chains_that_the_ledger_does_not_know)
{
    struct chain chain;
    two_links(&chain);
    /* A good child that nobody admitted. */
    struct chain longer = chain;
    longer.tokens[2] = token_sign(child_claims(&chain, &cast.retriever), &cast.executor);
    longer.holders[2] = cast.retriever;
    longer.count = 3;
    const char *proof = proof_sign(proof_claims(&longer, "read_file", PLACE), &cast.retriever);
    const struct answer reference = post(&cast.enforcer, "/v1/validate",
                                         use_body(&longer, proof, "read_file", PLACE));
    expect_code(reference, "unregistered");
    const struct answer value = post(&cast.enforcer, "/v1/validate",
                                     use_body_whole(&longer, proof, "read_file", PLACE));
    expect_code(value, "unregistered");
    /* A known leaf under a root of other bytes. */
    struct chain mixed = chain;
    struct chain other;
    chain_open(&other, &cast.planner);
    mixed.tokens[0] = other.tokens[0];
    const char *good = proof_sign(proof_claims(&mixed, "read_file", PLACE), &cast.executor);
    const struct answer swapped = post(&cast.enforcer, "/v1/validate",
                                       use_body_whole(&mixed, good, "read_file", PLACE));
    expect_code(swapped, "unregistered");
    /* A link left out. */
    struct chain cut = chain;
    cut.tokens[0] = chain.tokens[1];
    cut.count = 1;
    const struct answer leaf_only = post(&cast.enforcer, "/v1/validate",
                                         use_body_whole(&cut, good, "read_file", PLACE));
    expect_code(leaf_only, "unregistered");
    /* The leaf's signature changed: the hash is the same, the bytes are not. */
    struct chain resigned = chain;
    char *bytes = writ_arena_text(scratch(), writ_slice_text(chain.tokens[1]));
    char *last = strrchr(bytes, '.') + 9;
    *last = *last == 'A' ? 'B' : 'A';
    resigned.tokens[1] = bytes;
    const struct answer changed = post(&cast.enforcer, "/v1/validate",
                                       use_body_whole(&resigned, good, "read_file", PLACE));
    expect_code(changed, "unregistered");
}
END_TEST

START_TEST(denies_an_expired_token)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim(claims, "exp", plain("%ld", (long)time(NULL) + 2));
    const char *token = token_sign(claims, &cast.planner);
    const struct answer admitted = chain_admit(&chain, token);
    expect_status(admitted, 201);
    chain_push(&chain, &admitted, token, &cast.executor);
    const struct answer before = chain_call(&chain, "read_file", PLACE);
    expect_status(before, 200);
    sleep_s(2.2);
    const struct answer after = chain_call(&chain, "read_file", PLACE);
    expect_code(after, "expired");
    const struct answer write = chain_call(&chain, "write_note", NOTE);
    expect_code(write, "expired");
}
END_TEST

START_TEST(a_revocation_is_obeyed_by_the_other_process_at_once_for_writes)
{
    struct chain chain;
    two_links(&chain);
    struct client beside = client_at(&cast.enforcer, &second_server);
    chain.enforcer = &beside;
    const struct answer before = chain_call(&chain, "write_note", NOTE);
    expect_status(before, 200);
    const struct answer revoked = chain_act(&chain, &cast.issuer, "revoke", 0,
                                            quoted("{'reason': 'enough'}"));
    expect_status(revoked, 200);
    expect_text(revoked, "delegation.state", "revoked");
    ck_assert(has_at(&revoked, "feed") && has_at(&revoked, "epoch"));
    const struct answer below = get(&cast.auditor, text_at(&revoked, "descendants"));
    expect_status(below, 200);
    ck_assert_uint_eq(at(below.json, "delegations")->count, 1);
    expect_text(below, "delegations.0.state", "dead");
    expect_text(below, "delegations.0.dead_by", chain.ids[0]);
    const struct answer write = chain_call(&chain, "write_note", NOTE);
    expect_code(write, "revoked");
    int64_t hop = -1;
    ck_assert(writ_json_integer(at(write.json, "hop"), &hop) && hop == 0);
    /* Reads rest on memory, at most the staleness bound behind: here it follows within a beat. */
    const double end = seconds_now() + 2;
    struct answer read = chain_call(&chain, "read_file", PLACE);
    while (read.status == 200 && seconds_now() < end)
        read = chain_call(&chain, "read_file", PLACE);
    expect_code(read, "revoked");
}
END_TEST

START_TEST(only_an_enforcement_point_asks)
{
    struct chain chain;
    two_links(&chain);
    struct client *const others[] = {&cast.executing, &cast.planning, &cast.issuer, &cast.auditor,
                                     &cast.admin};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        chain.enforcer = others[i];
        const struct answer answer = chain_call(&chain, "read_file", PLACE);
        expect_code(answer, "forbidden");
    }
}
END_TEST

START_TEST(numbers_that_do_not_survive_rfc_8785_are_refused)
{
    static const char *const ARGS[] = {"{'path': '/notes/a', 'n': 9007199254740993}",
                                       "{'path': '/notes/a', 'n': 1e400}",
                                       "{'path': '/notes/a', 'n': 0.10000000000000000001}"};
    struct chain chain;
    two_links(&chain);
    for (size_t i = 0; i < 3; i++) {
        const char *proof = proof_sign(proof_claims(&chain, "read_file", PLACE), &cast.executor);
        const struct answer answer = post(&cast.enforcer, "/v1/validate",
                                          use_body(&chain, proof, "read_file", ARGS[i]));
        expect_code(answer, "non_canonical");
    }
    const char *proof = proof_sign(proof_claims(&chain, "read_file", PLACE), &cast.executor);
    const struct answer twice = post(
        &cast.enforcer, "/v1/validate",
        use_body(&chain, proof, "read_file", "{'path': '/notes/a', 'path': '/etc'}"));
    expect_code(twice, "duplicate_member");
}
END_TEST

START_TEST(a_retired_tool_is_denied_and_a_buffered_one_says_so)
{
    const char *path = "/v1/tools/peek?audience=https%3A%2F%2Ftools.test";
    struct client peeker = client_new(
        "peeker", "{'role': 'issuer', 'ceiling': {'principals': ['*'], 'audiences': ['" AUDIENCE
                  "'], 'grant': 'peek', 'open_tasks': 9, 'lifetime_s': 600}}");
    const struct answer tool = put(
        &cast.admin, path,
        quoted(
            "{'effect': 'read', 'record': 'buffered', 'sensitivity': {'integrity': 'trusted'}}"));
    expect_status(tool, 200);
    const struct answer opened = task_open(&peeker, &cast.planner,
                                           "'grant': 'peek', 'expires_in': 60");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    /* The first call of a chain is counted before it is answered: what is left is not known yet. */
    const struct answer first = chain_call(&chain, "peek", "{}");
    expect_status(first, 200);
    expect_text(first, "recorded", "durable");
    const struct answer permit = chain_call(&chain, "peek", "{}");
    expect_status(permit, 200);
    expect_text(permit, "recorded", "buffered");
    const char *written = plain("select count(*) from writ.decision where task_id = '%s' and "
                                "verdict = 'permit' and recorded = 'buffered'",
                                chain.task);
    for (int i = 0; i < 50 && postgres_count(&shared_postgres, written) == 0; i++)
        sleep_s(0.02);
    ck_assert_int_eq(postgres_count(&shared_postgres, written), 1);
    const struct answer writes = put(&cast.admin,
                                     "/v1/tools/poke?audience=https%3A%2F%2Ftools.test",
                                     quoted("{'effect': 'write', 'record': 'buffered'}"));
    ck_assert_msg(writes.status >= 400, "a write may not be buffered: %s", shown(&writes));
    const struct answer retired = del(&cast.admin, path);
    expect_status(retired, 200);
    const struct answer denied = chain_call(&chain, "peek", "{}");
    expect_code(denied, "tool_unregistered");
}
END_TEST

START_TEST(a_read_that_sends_something_out_is_accepted_once_and_never_buffered)
{
    const char *path = "/v1/tools/fetch?audience=https%3A%2F%2Ftools.test";
    struct client fetcher = client_new(
        "fetcher", "{'role': 'issuer', 'ceiling': {'principals': ['*'], 'audiences': ['" AUDIENCE
                   "'], 'grant': 'fetch', 'open_tasks': 9, 'lifetime_s': 600}}");
    const struct answer buffered = put(
        &cast.admin, path,
        quoted("{'effect': 'read', 'record': 'buffered', 'destination': 'url'}"));
    expect_code(buffered, "malformed");
    const struct answer tool = put(
        &cast.admin, path,
        quoted(
            "{'effect': 'read', 'destination': 'url', 'sensitivity': {'integrity': 'trusted'}}"));
    expect_status(tool, 200);
    const struct answer opened = task_open(&fetcher, &cast.planner,
                                           "'grant': 'fetch', 'expires_in': 60");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    const char *where = "{'url': 'https://x.test'}";
    const char *proof = proof_sign(proof_claims(&chain, "fetch", where), &cast.planner);
    const char *body = use_body(&chain, proof, "fetch", where);
    const struct answer first = post(&cast.enforcer, "/v1/validate", body);
    expect_status(first, 200);
    const struct answer second = post(&cast.enforcer, "/v1/validate", body);
    expect_code(second, "replayed");
}
END_TEST

Suite *suite_validate(void)
{
    Suite *suite = suite_create("validate");
    ADD(suite, a_permit_says_what_to_forward_and_until_when);
    ADD(suite, permits_by_value_and_by_reference_alike);
    ADD(suite, denies_tools_and_arguments_that_were_not_granted);
    ADD(suite, denies_what_the_proof_does_not_bind);
    ADD(suite, a_proof_for_a_tool_with_effects_is_good_once);
    ADD(suite, a_denied_call_does_not_use_up_its_proof);
    ADD(suite, denies_a_chain_for_another_audience);
    ADD(suite, denies_chains_that_the_ledger_does_not_know);
    ADD(suite, denies_an_expired_token);
    ADD(suite, a_revocation_is_obeyed_by_the_other_process_at_once_for_writes);
    ADD(suite, only_an_enforcement_point_asks);
    ADD(suite, numbers_that_do_not_survive_rfc_8785_are_refused);
    ADD(suite, a_retired_tool_is_denied_and_a_buffered_one_says_so);
    ADD(suite, a_read_that_sends_something_out_is_accepted_once_and_never_buffered);
    return suite;
}
