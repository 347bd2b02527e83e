/* Our own issuer, deriver and prover, and the check of bytes that somebody else proposes. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "suites.h"
#include "token/token.h"
#include "json/json.h"

#define NARROW "{\"read_file\":{\"path\":{\"constraint_type\":\"exact\",\"value\":\"/a\"}}}"

static struct writ_grant grant_of(uint8_t holder, const char *tools, const char *agent)
{
    struct writ_grant grant = {
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 600,
        .max_depth = 8,
        .holder = forge_key(holder),
        .tools = writ_slice_text(tools),
        .client_id = writ_slice_text(agent),
    };
    writ_random(grant.random, sizeof grant.random);
    return grant;
}

static struct writ_grant root_grant(void)
{
    struct writ_grant grant = grant_of(1, FORGE_TOOLS, "planner");
    grant.txn = writ_slice_text("task-1");
    grant.sub = writ_slice_text("alice");
    return grant;
}

static struct writ_slice sign(struct writ_slice input, uint8_t seed)
{
    struct writ_slice compact;
    ck_assert(writ_is_ok(writ_sign_input(&arena, input, forge_seed(seed), &compact)));
    return compact;
}

static struct writ_slice issue(const struct writ_grant *grant)
{
    struct writ_slice input;
    const struct writ_result result = writ_root_input(&arena, writ_slice_text(FORGE_ISSUER),
                                                      writ_slice_text("k1"), grant, &input);
    ck_assert_msg(writ_is_ok(result), "%s", writ_status_code(result.status));
    return sign(input, FORGE_ISSUER_SEED);
}

static struct writ_slice derive(struct writ_slice parent, const struct writ_grant *grant)
{
    struct writ_slice input;
    const struct writ_result result = writ_child_input(&arena, parent, grant, &input);
    ck_assert_msg(writ_is_ok(result), "%s", writ_status_code(result.status));
    return input;
}

static struct writ_slice prove(struct writ_slice leaf, uint8_t seed, const char *tool,
                               const char *args)
{
    const struct writ_proof_request request = {
        .random = {7},
        .iat_unix_s = FORGE_NOW,
        .leaf = leaf,
        .tool = writ_slice_text(tool),
        .args = writ_slice_text(args),
        .audience = writ_slice_text(FORGE_AUDIENCE),
    };
    struct writ_slice input;
    ck_assert(writ_is_ok(writ_proof_input(&arena, &request, &input)));
    return sign(input, seed);
}

static struct writ_verdict judge(const struct writ_slice *links, size_t count,
                                 struct writ_slice proof, const char *tool, const char *args)
{
    const struct writ_presentation presentation = {links, count, proof};
    return writ_verify(&arena, &chain.verifier, &presentation, writ_slice_text(tool),
                       writ_slice_text(args));
}

/* ---- Making --------------------------------------------------------------------------------- */

START_TEST(what_we_issue_derive_and_prove_is_permitted)
{
    struct writ_grant grant = root_grant();
    grant.audience = writ_slice_text("[\"" FORGE_AUDIENCE "\"]");
    grant.terms = writ_slice_text("{\"budget\":[{\"unit\":\"calls\",\"limit\":\"20\"}]}");
    struct writ_slice links[3] = {issue(&grant)};
    grant = grant_of(2, FORGE_TOOLS, "retriever");
    links[1] = sign(derive(links[0], &grant), 1);
    grant = grant_of(3, NARROW, "executor");
    links[2] = sign(derive(links[1], &grant), 2);
    chain.anchor.kid = writ_slice_text("k1");

    const char *args = "{\"path\":\"/a\"}";
    const struct writ_verdict verdict = judge(links, 3, prove(links[2], 3, "read_file", args),
                                              "read_file", args);
    ck_assert_msg(verdict.permit, "%s: %s", verdict.denial.step, verdict.denial.detail);

    struct writ_token token;
    ck_assert(
        writ_is_ok(writ_token_read_trusted(&arena, WRIT_PROFILE_AAT_02_WRIT, links[2], &token)));
    ck_assert(writ_slice_is(token.txn, "task-1"));
    ck_assert(writ_slice_is(token.sub, "alice"));
    ck_assert(writ_slice_is(token.agent, "executor"));
    ck_assert_uint_eq(token.jti.size, 36);
    ck_assert_int_eq(token.jti.data[14], '7');
}
END_TEST

START_TEST(a_child_is_never_issued_before_its_parent)
{
    struct writ_grant grant = root_grant();
    struct writ_slice links[2] = {issue(&grant)};
    grant = grant_of(2, NARROW, "retriever");
    grant.iat_unix_s = FORGE_NOW - 1000; /* a clock that lags */
    links[1] = sign(derive(links[0], &grant), 1);
    const char *args = "{\"path\":\"/a\"}";
    ck_assert(judge(links, 2, prove(links[1], 2, "read_file", args), "read_file", args).permit);
}
END_TEST

static enum writ_status root_status(const struct writ_grant *grant)
{
    struct writ_slice input;
    return writ_root_input(&arena, writ_slice_text(FORGE_ISSUER), WRIT_SLICE_NONE, grant, &input)
        .status;
}

START_TEST(does_not_issue_what_nobody_would_accept)
{
    struct writ_grant grant = root_grant();
    ck_assert_int_eq(root_status(&grant), WRIT_OK);
    grant.tools = WRIT_SLICE_NONE;
    ck_assert_int_eq(root_status(&grant), WRIT_MALFORMED);
    grant.tools = writ_slice_text("[]");
    ck_assert_int_eq(root_status(&grant), WRIT_MALFORMED);
    grant.tools = writ_slice_text("{\"t\":{\"a\":{\"constraint_type\":\"x\"}}}");
    ck_assert_int_eq(root_status(&grant), WRIT_UNKNOWN_CONSTRAINT);
    grant = root_grant();
    grant.terms = writ_slice_text("{\"unknown\":1}");
    ck_assert_int_eq(root_status(&grant), WRIT_MALFORMED);
    grant = root_grant();
    grant.audience = writ_slice_text("7");
    ck_assert_int_eq(root_status(&grant), WRIT_MALFORMED);
    grant = root_grant();
    grant.exp_unix_s = grant.iat_unix_s;
    ck_assert_int_eq(root_status(&grant), WRIT_MALFORMED);
    grant = root_grant();
    grant.max_depth = WRIT_DEPTH_MAX + 1;
    ck_assert_int_eq(root_status(&grant), WRIT_DEPTH_INVALID);
    grant = root_grant();
    memset(grant.holder.bytes, 0, 32);
    ck_assert_int_eq(root_status(&grant), WRIT_WEAK_KEY);
}
END_TEST

START_TEST(does_not_derive_beyond_its_parents_depth_and_end)
{
    struct writ_slice input;
    struct writ_grant grant = root_grant();
    grant.max_depth = 1;
    const struct writ_slice root = issue(&grant);
    grant = grant_of(2, NARROW, "retriever");
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_DEPTH_INVALID);
    grant.max_depth = 1;
    const struct writ_slice leaf = sign(derive(root, &grant), 1);
    ck_assert_int_eq(writ_child_input(&arena, leaf, &grant, &input).status, WRIT_DEPTH_INVALID);
    grant.exp_unix_s = FORGE_NOW + 601;
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_NOT_NARROWER);
    ck_assert_int_eq(writ_child_input(&arena, writ_slice_text("x.y.z"), &grant, &input).status,
                     WRIT_MALFORMED);
}
END_TEST

START_TEST(a_child_without_tools_is_the_empty_set)
{
    struct writ_grant grant = root_grant();
    struct writ_slice links[2] = {issue(&grant)};
    grant = grant_of(2, "", "relay");
    links[1] = sign(derive(links[0], &grant), 1);
    const char *args = "{\"path\":\"/a\"}";
    const struct writ_verdict verdict = judge(links, 2, prove(links[1], 2, "read_file", args),
                                              "read_file", args);
    ck_assert_str_eq(verdict.denial.step, "6a");
}
END_TEST

START_TEST(does_not_prove_numbers_that_change)
{
    struct writ_grant grant = root_grant();
    struct writ_proof_request request = {
        .leaf = issue(&grant),
        .tool = WRIT_SLICE_LITERAL("send_email"),
        .args = WRIT_SLICE_LITERAL("{\"to\":9007199254740993}"),
    };
    struct writ_slice input;
    ck_assert_int_eq(writ_proof_input(&arena, &request, &input).status, WRIT_NON_CANONICAL);
    request.args = writ_slice_text("[]");
    ck_assert_int_eq(writ_proof_input(&arena, &request, &input).status, WRIT_MALFORMED);
    request.args = writ_slice_text("{\"to\":1,\"to\":2}");
    ck_assert_int_eq(writ_proof_input(&arena, &request, &input).status, WRIT_DUPLICATE_MEMBER);
}
END_TEST

/* ---- Large arguments ------------------------------------------------------------------------ */

/* {"to":"xx…x"} with a value of `size` bytes in RFC 8785, its quotes counted. */
static const char *large_args(size_t size)
{
    char *body = writ_arena_alloc(&arena, size);
    memset(body, 'x', size - 2);
    return writ_arena_printf(&arena, "{\"to\":\"%s\"}", body);
}

START_TEST(a_large_argument_is_proved_by_its_digest)
{
    struct writ_grant grant = root_grant();
    const struct writ_slice root = issue(&grant);
    static const size_t SIZES[] = {4096, 4097, 200000};
    for (size_t i = 0; i < COUNT(SIZES); i++) {
        const char *args = large_args(SIZES[i]);
        const struct writ_slice proof = prove(root, 1, "send_email", args);
        ck_assert_msg((proof.size > 4096) == (SIZES[i] == 4096), "%zu gives %zu", SIZES[i],
                      proof.size);
        ck_assert(judge(&root, 1, proof, "send_email", args).permit);
        chain.verifier.profile = WRIT_PROFILE_AAT_02;
        const struct writ_verdict strict = judge(&root, 1, proof, "send_email", args);
        ck_assert(strict.permit == (SIZES[i] == 4096));
        chain.verifier.profile = WRIT_PROFILE_AAT_02_WRIT;
        ck_assert_str_eq(judge(&root, 1, proof, "send_email", large_args(SIZES[i] + 1)).denial.step,
                         "7f");
    }
}
END_TEST

START_TEST(a_digest_stands_only_for_a_large_argument)
{
    uint8_t hash[32];
    char text[44];
    forge_chain_init(&chain, &arena, 1);
    writ_sha256(writ_slice_text("\"/a\""), hash);
    writ_base64url_hash(hash, text);
    forge_set(&chain.proof, "hta",
              writ_arena_printf(&arena, "{\"path\":{\"writ_sha256\":\"%s\"}}", text));
    forge_denies(&chain, "small", "7f", WRIT_HOLDER_BINDING_FAILED, -1);

    chain.tool = "send_email";
    chain.args = large_args(5000);
    forge_set(&chain.proof, "aat_tool", "\"send_email\"");
    writ_sha256(writ_slice_of(chain.args + 6, 5000), hash);
    writ_base64url_hash(hash, text);
    forge_set(&chain.proof, "hta",
              writ_arena_printf(&arena, "{\"to\":{\"writ_sha256\":\"%s\"}}", text));
    forge_permits(&chain, "large");
    forge_set(&chain.proof, "hta",
              writ_arena_printf(&arena, "{\"to\":{\"writ_sha256\":\"%s\",\"x\":1}}", text));
    forge_denies(&chain, "with another member", "7f", WRIT_HOLDER_BINDING_FAILED, -1);
    forge_set(&chain.proof, "hta", writ_arena_printf(&arena, "{\"to\":\"%s\"}", text));
    forge_denies(&chain, "not tagged", "7f", WRIT_HOLDER_BINDING_FAILED, -1);
}
END_TEST

/* ---- Proposals ------------------------------------------------------------------------------ */

/* The proposal is link 1 of the forged chain, without its signature. */
static enum writ_status check_proposal(const char *agent, const char *wanted)
{
    forge_seal(&chain);
    struct writ_slice input = chain.links[1];
    while (input.data[input.size - 1] != '.')
        input.size--;
    input.size--;
    const struct writ_key holder = forge_key(2);
    return writ_derive_check(&arena, WRIT_PROFILE_AAT_02_WRIT, chain.links[0], input, &holder,
                             writ_slice_text(agent), writ_slice_text(wanted), &denial)
        .status;
}

START_TEST(agrees_to_a_proposal_that_says_what_was_asked)
{
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_OK);
    forge_set_tools(&chain, 1, NARROW);
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_OK);
    forge_set(&chain.claims[1], "authorization_details", "[]");
    ck_assert_int_eq(check_proposal("agent-1", NARROW), WRIT_OK);
}
END_TEST

START_TEST(refuses_a_proposal_that_gives_more_than_was_asked)
{
    ck_assert_int_eq(check_proposal("agent-1", NARROW), WRIT_NOT_NARROWER);
    ck_assert_int_eq(check_proposal("agent-1", "{}"), WRIT_NOT_NARROWER);
    ck_assert_int_eq(check_proposal("agent-1", "7"), WRIT_MALFORMED);
}
END_TEST

START_TEST(refuses_a_proposal_for_somebody_else)
{
    ck_assert_int_eq(check_proposal("agent-9", FORGE_TOOLS), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "client_id");
    forge_set(&chain.claims[1], "cnf", forge_cnf(&arena, 9));
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "cnf.jwk");
}
END_TEST

START_TEST(refuses_a_proposal_that_is_no_narrower_child)
{
    static const struct forge_case CASES[] = {
        {"par_hash", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "4q",
         WRIT_PAR_HASH_MISMATCH},
        {"iss", "\"" FORGE_ISSUER "\"", "4c", WRIT_SIGNATURE_INVALID},
        {"del_depth", "2", "4d", WRIT_DEPTH_INVALID},
        {"del_max_depth", "9", "4g", WRIT_DEPTH_INVALID},
        {"exp", "1800001001", "4h", WRIT_NOT_NARROWER},
        {"iat", "1799999000", "4j", WRIT_NOT_NARROWER},
        {"txn", "\"task-2\"", "", WRIT_PRINCIPAL_ALTERED},
        {"sub", NULL, "", WRIT_PRINCIPAL_ALTERED},
        {"cnf", "{}", "4b2", WRIT_MALFORMED},
        {"authorization_details", "[{\"type\":\"attenuating_agent_token\",\"tools\":{\"rm\":{}}}]",
         "4p1", WRIT_NOT_NARROWER},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        teardown();
        setup_chain();
        forge_set(&chain.claims[1], CASES[i].name, CASES[i].json);
        const enum writ_status status = check_proposal("agent-1", FORGE_TOOLS);
        ck_assert_msg(status == CASES[i].outcome && strcmp(denial.step, CASES[i].step) == 0,
                      "%s: %s at %s: %s", CASES[i].name, writ_status_code(status), denial.step,
                      denial.detail);
        ck_assert_int_eq(denial.hop, 1);
    }
}
END_TEST

START_TEST(refuses_a_proposal_that_loosens_the_parents_terms)
{
    forge_set_terms(&chain, 0, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"5\"}]}");
    forge_set_terms(&chain, 1, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"6\"}]}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_NOT_NARROWER);
    forge_set_terms(&chain, 1, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"5\"}]}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_OK);
    forge_set_terms(&chain, 0, "{\"call_only\":[\"send_email\"]}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_NOT_NARROWER);
}
END_TEST

START_TEST(refuses_proposals_that_are_no_signing_input)
{
    static const char *const BAD[] = {"", ".", "x", "x.y", "e30.e30", "a.b.c"};
    forge_seal(&chain);
    const struct writ_key holder = forge_key(2);
    for (size_t i = 0; i < COUNT(BAD); i++)
        ck_assert_msg(writ_derive_check(&arena, WRIT_PROFILE_AAT_02_WRIT, chain.links[0],
                                        writ_slice_text(BAD[i]), &holder,
                                        writ_slice_text("agent-1"), writ_slice_text(FORGE_TOOLS),
                                        &denial)
                              .status == WRIT_MALFORMED,
                      "%s", BAD[i]);
}
END_TEST

Suite *suite_derive(void)
{
    TCase *tests = tcase_create("derive");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_we_issue_derive_and_prove_is_permitted);
    tcase_add_test(tests, a_child_is_never_issued_before_its_parent);
    tcase_add_test(tests, does_not_issue_what_nobody_would_accept);
    tcase_add_test(tests, does_not_derive_beyond_its_parents_depth_and_end);
    tcase_add_test(tests, a_child_without_tools_is_the_empty_set);
    tcase_add_test(tests, does_not_prove_numbers_that_change);
    tcase_add_test(tests, a_large_argument_is_proved_by_its_digest);
    tcase_add_test(tests, a_digest_stands_only_for_a_large_argument);
    tcase_add_test(tests, agrees_to_a_proposal_that_says_what_was_asked);
    tcase_add_test(tests, refuses_a_proposal_that_gives_more_than_was_asked);
    tcase_add_test(tests, refuses_a_proposal_for_somebody_else);
    tcase_add_test(tests, refuses_a_proposal_that_is_no_narrower_child);
    tcase_add_test(tests, refuses_a_proposal_that_loosens_the_parents_terms);
    tcase_add_test(tests, refuses_proposals_that_are_no_signing_input);
    return suite_of("derive", tests);
}
