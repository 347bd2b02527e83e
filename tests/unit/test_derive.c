/* Our own issuer, deriver and prover. */
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

/* The claims of a signing input, without its jti. */
static const char *claims_of(struct writ_slice input)
{
    size_t dot = 0;
    while (input.data[dot] != '.')
        dot++;
    struct writ_slice payload;
    const struct writ_json *claims = NULL;
    ck_assert(writ_is_ok(writ_base64url_decode(
        &arena, writ_slice_of(input.data + dot + 1, input.size - dot - 1), &payload)));
    ck_assert(writ_is_ok(writ_json_parse(&arena, payload, &claims)));
    struct writ_json *rest = writ_json_new_object(&arena);
    for (size_t i = 0; i < claims->count; i++)
        if (!writ_slice_is(claims->names[i], "jti"))
            writ_json_put_named(&arena, rest, claims->names[i], &claims->items[i]);
    ck_assert_uint_eq(rest->count, claims->count - 1);
    return (const char *)writ_json_canonical(&arena, rest).data;
}

#define KEY_OF_1 "{\"jwk\":{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}}"

START_TEST(makes_exactly_the_claims_that_were_asked_for)
{
    struct writ_slice input;
    char parent_hash[44], thumbprint[44];
    const struct writ_key key = forge_key(1);
    const char *x = writ_base64url_encode(&arena, writ_slice_of(key.bytes, 32));
    writ_key_thumbprint(&key, thumbprint);
    struct writ_grant grant = grant_of(1, "{\"t\":{}}", "");
    ck_assert(writ_is_ok(
        writ_root_input(&arena, writ_slice_text(FORGE_ISSUER), WRIT_SLICE_NONE, &grant, &input)));
    ck_assert_str_eq(claims_of(input),
                     writ_arena_printf(&arena,
                                       "{\"authorization_details\":[{\"tools\":{\"t\":{}},"
                                       "\"type\":\"attenuating_agent_token\"}],\"cnf\":" KEY_OF_1
                                       ",\"del_depth\":0,\"del_max_depth\":8,\"exp\":1800000600,"
                                       "\"iat\":1800000000,\"iss\":\"" FORGE_ISSUER "\"}",
                                       x));
    grant.audience = writ_slice_text("\"a\"");
    grant.terms = writ_slice_text("{\"call_only\":[]}");
    grant.txn = writ_slice_text("t");
    grant.sub = writ_slice_text("s");
    grant.client_id = writ_slice_text("c");
    const struct writ_slice root = issue(&grant);
    size_t size = root.size;
    while (root.data[size - 1] != '.')
        size--;
    uint8_t hash[32];
    writ_sha256(writ_slice_of(root.data, size - 1), hash);
    writ_base64url_hash(hash, parent_hash);

    grant = grant_of(1, "", "");
    grant.iat_unix_s = FORGE_NOW + 5;
    ck_assert_str_eq(
        claims_of(derive(root, &grant)),
        writ_arena_printf(&arena,
                          "{\"authorization_details\":[],\"cnf\":" KEY_OF_1
                          ",\"del_depth\":1,\"del_max_depth\":8,\"exp\":1800000600,"
                          "\"iat\":1800000005,\"iss\":\"urn:ietf:params:oauth:jwk-thumbprint:"
                          "sha-256:%s\",\"par_hash\":\"%s\",\"sub\":\"s\",\"txn\":\"t\"}",
                          x, thumbprint, parent_hash));
    grant.txn = writ_slice_text("u");
    grant.sub = writ_slice_text("v");
    grant.client_id = writ_slice_text("w");
    grant.audience = writ_slice_text("[\"a\",\"b\"]");
    grant.terms = writ_slice_text("{\"call_only\":[\"t\"],\"pass_only\":[]}");
    ck_assert_str_eq(
        claims_of(derive(root, &grant)),
        writ_arena_printf(&arena,
                          "{\"aud\":[\"a\",\"b\"],\"authorization_details\":[{\"call_only\":"
                          "[\"t\"],\"pass_only\":[],\"type\":\"writ_terms\"}],"
                          "\"client_id\":\"w\",\"cnf\":" KEY_OF_1
                          ",\"del_depth\":1,\"del_max_depth\":8,\"exp\":1800000600,"
                          "\"iat\":1800000005,\"iss\":\"urn:ietf:params:oauth:jwk-thumbprint:"
                          "sha-256:%s\",\"par_hash\":\"%s\",\"sub\":\"v\",\"txn\":\"u\"}",
                          x, thumbprint, parent_hash));
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
    grant.max_depth = WRIT_DEPTH_MAX;
    ck_assert_int_eq(root_status(&grant), WRIT_OK);
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
    grant.max_depth = 0;
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_DEPTH_INVALID);
    grant.max_depth = 1;
    const struct writ_slice leaf = sign(derive(root, &grant), 1);
    ck_assert_int_eq(writ_child_input(&arena, leaf, &grant, &input).status, WRIT_DEPTH_INVALID);
    grant.exp_unix_s = FORGE_NOW + 601;
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_NOT_NARROWER);
    ck_assert_int_eq(writ_child_input(&arena, writ_slice_text("x.y.z"), &grant, &input).status,
                     WRIT_MALFORMED);
    grant.exp_unix_s = FORGE_NOW + 600;
    grant.tools = writ_slice_text("7");
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_MALFORMED);
    grant.tools = writ_slice_text("{");
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_MALFORMED);
    grant.tools = WRIT_SLICE_NONE;
    grant.terms = writ_slice_text("7");
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_MALFORMED);
    grant.terms = writ_slice_text("{");
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_MALFORMED);
    grant.terms = WRIT_SLICE_NONE;
    grant.audience = writ_slice_text("{");
    ck_assert_int_eq(writ_child_input(&arena, root, &grant, &input).status, WRIT_MALFORMED);
    ck_assert_int_eq(writ_sign_input(&arena, WRIT_SLICE_NONE, forge_seed(1), &input).status,
                     WRIT_MALFORMED);
    ck_assert_int_eq(writ_sign_input(&arena, writ_slice_text("a"), forge_seed(1), &input).status,
                     WRIT_OK);
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

START_TEST(proves_exactly_what_was_asked_for)
{
    struct writ_grant grant = root_grant();
    const struct writ_slice leaf = issue(&grant);
    struct writ_token token;
    char hash[44];
    ck_assert(writ_is_ok(writ_token_read_trusted(&arena, OURS, leaf, &token)));
    writ_base64url_hash(token.hash, hash);
    const char *jti = writ_arena_printf(&arena, "%.*s", WRIT_SLICE_ARGS(token.jti));
    struct writ_proof_request request = {
        .iat_unix_s = FORGE_NOW,
        .leaf = leaf,
        .tool = WRIT_SLICE_LITERAL("t"),
        .args = WRIT_SLICE_LITERAL("{\"b\":1,\"a\":2}"),
    };
    struct writ_slice input;
    ck_assert(writ_is_ok(writ_proof_input(&arena, &request, &input)));
    ck_assert_str_eq(claims_of(input),
                     writ_arena_printf(&arena,
                                       "{\"aat_hash\":\"%s\",\"aat_id\":\"%s\",\"aat_tool\":\"t\","
                                       "\"hta\":{\"a\":2,\"b\":1},\"iat\":1800000000}",
                                       hash, jti));
    request.audience = writ_slice_text("x");
    request.nonce = writ_slice_text("n");
    ck_assert(writ_is_ok(writ_proof_input(&arena, &request, &input)));
    ck_assert_str_eq(claims_of(input),
                     writ_arena_printf(&arena,
                                       "{\"aat_aud\":\"x\",\"aat_hash\":\"%s\",\"aat_id\":\"%s\","
                                       "\"aat_tool\":\"t\",\"hta\":{\"a\":2,\"b\":1},"
                                       "\"iat\":1800000000,\"nonce\":\"n\"}",
                                       hash, jti));
    request.leaf = writ_slice_text("x.y.z");
    ck_assert_int_eq(writ_proof_input(&arena, &request, &input).status, WRIT_MALFORMED);
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

START_TEST(writes_digests_only_for_a_chain_of_our_profile)
{
    struct writ_grant grant = root_grant();
    grant.txn = writ_slice_text("t");
    ck_assert_uint_lt(prove(issue(&grant), 1, "send_email", large_args(5000)).size, 4096);
    grant.txn = WRIT_SLICE_NONE;
    ck_assert_uint_gt(prove(issue(&grant), 1, "send_email", large_args(5000)).size, 5000);
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

/* ---- Proposals of our own deriver ------------------------------------------------------------ */

START_TEST(agrees_to_a_proposal_below_the_default_depth)
{
    struct writ_grant grant = root_grant();
    grant.max_depth = 20;
    struct writ_slice link = issue(&grant);
    for (int depth = 1; depth <= 12; depth++) {
        grant = grant_of(1, FORGE_TOOLS, "relay");
        grant.max_depth = 20;
        const struct writ_slice input = derive(link, &grant);
        const struct writ_key holder = forge_key(1);
        ck_assert_msg(writ_is_ok(writ_derive_check(&arena, OURS, link, input, &holder,
                                                   writ_slice_text("relay"),
                                                   writ_slice_text(FORGE_TOOLS), &denial)),
                      "%d: %s", depth, denial.detail);
        link = sign(input, 1);
    }
}
END_TEST

Suite *suite_derive(void)
{
    TCase *tests = tcase_create("derive");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_we_issue_derive_and_prove_is_permitted);
    tcase_add_test(tests, makes_exactly_the_claims_that_were_asked_for);
    tcase_add_test(tests, a_child_is_never_issued_before_its_parent);
    tcase_add_test(tests, does_not_issue_what_nobody_would_accept);
    tcase_add_test(tests, does_not_derive_beyond_its_parents_depth_and_end);
    tcase_add_test(tests, a_child_without_tools_is_the_empty_set);
    tcase_add_test(tests, does_not_prove_numbers_that_change);
    tcase_add_test(tests, a_large_argument_is_proved_by_its_digest);
    tcase_add_test(tests, proves_exactly_what_was_asked_for);
    tcase_add_test(tests, writes_digests_only_for_a_chain_of_our_profile);
    tcase_add_test(tests, a_digest_stands_only_for_a_large_argument);
    tcase_add_test(tests, agrees_to_a_proposal_below_the_default_depth);
    return suite_of("derive", tests);
}
