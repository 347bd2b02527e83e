/* Steps 6 and 7: the call that the leaf grants, and the proof for it. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "suites.h"
#include "token/proof.h"

START_TEST(judges_the_invocation)
{
    static const struct {
        const char *tool, *args, *step;
        enum writ_status outcome;
    } CASES[] = {
        {"rm", "{}", "6b", WRIT_SCOPE_NOT_GRANTED},
        {"READ_FILE", "{\"path\":\"/a\"}", "6b", WRIT_SCOPE_NOT_GRANTED},
        {"", "{}", "6b", WRIT_SCOPE_NOT_GRANTED},
        {"read_file", "{}", "6b", WRIT_ARGUMENT_NOT_GRANTED},
        {"read_file", "{\"path\":\"/c\"}", "6b", WRIT_ARGUMENT_NOT_GRANTED},
        {"read_file", "{\"path\":\"/a\",\"mode\":\"w\"}", "6b", WRIT_ARGUMENT_NOT_GRANTED},
        {"send_email", "{\"to\":9007199254740993}", "6b", WRIT_NON_CANONICAL},
        {"read_file", "{\"path\":\"/a\",\"path\":\"/a\"}", "6b", WRIT_DUPLICATE_MEMBER},
        {"read_file", "[\"/a\"]", "6b", WRIT_MALFORMED},
        {"read_file", "{\"path\":\"/a\"", "6b", WRIT_MALFORMED},
        {"read_file", "", "6b", WRIT_MALFORMED},
        {"read_file", "{\"path\":\"/b\"}", "7f", WRIT_HOLDER_BINDING_FAILED},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        start_over(2);
        chain.tool = CASES[i].tool;
        chain.args = CASES[i].args;
        forge_denies(&chain, CASES[i].args, CASES[i].step, CASES[i].outcome,
                     CASES[i].step[0] == '7' ? -1 : 1);
    }
}
END_TEST

START_TEST(a_leaf_without_tools_calls_nothing)
{
    forge_set(&chain.claims[1], "authorization_details", "[]");
    forge_denies(&chain, "leaf", "6a", WRIT_SCOPE_NOT_GRANTED, 1);
    start_over(3);
    forge_set(&chain.claims[1], "authorization_details", "[]");
    forge_denies(&chain, "below the empty set", "4p1", WRIT_NOT_NARROWER, 2);
}
END_TEST

START_TEST(checks_every_audience)
{
    forge_set(&chain.claims[0], "aud", "\"" FORGE_AUDIENCE "\"");
    forge_set(&chain.claims[1], "aud", "[\"https://else.test\",\"" FORGE_AUDIENCE "\"]");
    forge_permits(&chain, "both name us");
    forge_set(&chain.claims[0], "aud", "[\"https://else.test\"]");
    forge_denies(&chain, "the root does not", "6c", WRIT_AUDIENCE_MISMATCH, 0);
    forge_set(&chain.claims[0], "aud", "[]");
    forge_denies(&chain, "the root names nobody", "6c", WRIT_AUDIENCE_MISMATCH, 0);
    start_over(2);
    chain.verifier.profile = WRIT_PROFILE_AAT_02; /* ours refuses the shape before */
    forge_set(&chain.claims[1], "aud", "[\"" FORGE_AUDIENCE "\",7]");
    forge_denies(&chain, "not all texts", "6c", WRIT_AUDIENCE_MISMATCH, 1);
    start_over(2);
    chain.verifier.require_chain_audience = true;
    forge_denies(&chain, "none is named", "6c", WRIT_AUDIENCE_MISMATCH, -1);
    forge_set(&chain.claims[1], "aud", "\"" FORGE_AUDIENCE "\"");
    forge_permits(&chain, "the leaf names us");
}
END_TEST

static const struct forge_case PROOF_CASES[] = {
    {"jti", NULL, "7c", WRIT_MALFORMED},
    {"jti", "\"\"", "7c", WRIT_MALFORMED},
    {"jti", "7", "7c", WRIT_MALFORMED},
    {"iat", NULL, "7c", WRIT_MALFORMED},
    {"iat", "1800000000.0", "7c", WRIT_MALFORMED},
    {"aat_id", NULL, "7c", WRIT_MALFORMED},
    {"aat_hash", NULL, "7c", WRIT_MALFORMED},
    {"aat_tool", NULL, "7c", WRIT_MALFORMED},
    {"hta", NULL, "7c", WRIT_MALFORMED},
    {"hta", "[]", "7c", WRIT_MALFORMED},
    {"aat_id", "\"link-0\"", "7c", WRIT_HOLDER_BINDING_FAILED},
    {"aat_hash", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "7c",
     WRIT_HOLDER_BINDING_FAILED},
    {"aat_hash", "\"x\"", "7c", WRIT_HOLDER_BINDING_FAILED},
    {"aat_aud", "\"https://else.test\"", "7d", WRIT_AUDIENCE_MISMATCH},
    {"aat_aud", "[\"" FORGE_AUDIENCE "\"]", "7d", WRIT_AUDIENCE_MISMATCH},
    {"aat_aud", "null", "7d", WRIT_AUDIENCE_MISMATCH},
    {"aat_tool", "\"send_email\"", "7e", WRIT_HOLDER_BINDING_FAILED},
    {"hta", "{}", "7f", WRIT_HOLDER_BINDING_FAILED},
    {"hta", "{\"path\":\"/b\"}", "7f", WRIT_HOLDER_BINDING_FAILED},
    {"hta", "{\"path\":\"/a\",\"x\":1}", "7f", WRIT_HOLDER_BINDING_FAILED},
    {"hta", "{\"path\":{\"writ_sha256\":\"x\"}}", "7f", WRIT_HOLDER_BINDING_FAILED},
    {"iat", "1799999969", "7g", WRIT_EXPIRED},
    {"iat", "-9223372036854775808", "7g", WRIT_EXPIRED},
    {"iat", "1800000031", "7g", WRIT_NOT_YET_VALID},
    {"iat", "9223372036854775807", "7g", WRIT_NOT_YET_VALID},
};

START_TEST(judges_each_claim_of_a_proof)
{
    for (size_t i = 0; i < COUNT(PROOF_CASES); i++) {
        const struct forge_case *test = &PROOF_CASES[i];
        start_over(2);
        forge_set(&chain.proof, test->name, test->json);
        forge_denies(&chain, title(test), test->step, test->outcome, -1);
        names_its_claim(test);
    }
}
END_TEST

START_TEST(takes_a_proof_to_the_second_of_its_window)
{
    forge_set(&chain.proof, "iat", "1799999970");
    forge_permits(&chain, "the oldest");
    forge_set(&chain.proof, "iat", "1800000030");
    forge_permits(&chain, "the youngest");
}
END_TEST

/* Where a value stands as itself, it is compared as itself, whatever stands beside it. */
START_TEST(takes_large_arguments_as_they_are_or_by_their_digests)
{
    static const struct {
        const char *before, *after;
    } VALUES[] = {{"\"", "\""},
                  {"[\"", "\"]"},
                  {"{\"x\":\"", "\"}"},
                  {"{\"writ_sha256\":\"z\",\"x\":\"", "\"}"}};
    char text[5001] = "";
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < COUNT(VALUES); i++) {
        uint8_t hash[32];
        char digest[44];
        start_over(1);
        forge_set_tools(&chain, 0, "{\"read_file\":{}}");
        writ_sha256(writ_slice_text(writ_arena_printf(&arena, "\"%s\"", text)), hash);
        writ_base64url_hash(hash, digest);
        const char *value = writ_arena_printf(&arena, "%s%s%s", VALUES[i].before, text,
                                              VALUES[i].after);
        chain.args = writ_arena_printf(&arena, "{\"a\":%s,\"b\":\"%s\"}", value, text);
        forge_set(&chain.proof, "hta", chain.args);
        forge_permits(&chain, "both as they are");
        forge_set(
            &chain.proof, "hta",
            writ_arena_printf(&arena, "{\"a\":%s,\"b\":{\"writ_sha256\":\"%s\"}}", value, digest));
        forge_permits(&chain, "one by its digest");
        forge_set(&chain.proof, "hta",
                  writ_arena_printf(&arena, "{\"a\":1,\"b\":{\"writ_sha256\":\"%s\"}}", digest));
        forge_denies(&chain, "another", "7f", WRIT_HOLDER_BINDING_FAILED, -1);
    }
}
END_TEST

START_TEST(tells_the_hop_whatever_stood_there)
{
    struct writ_token tokens[2];
    struct writ_proof proof;
    forge_seal(&chain);
    denial.hop = 99;
    ck_assert(!writ_is_ok(writ_chain_verify(&arena, &chain.verifier, NULL, 0, tokens, &denial)));
    ck_assert_int_eq(denial.hop, -1);
    ck_assert(
        writ_is_ok(writ_chain_verify(&arena, &chain.verifier, chain.links, 2, tokens, &denial)));
    denial.hop = 99;
    ck_assert(!writ_is_ok(writ_invocation_check(&chain.verifier, tokens, 2, writ_slice_text("rm"),
                                                parse("{}"), &denial)));
    ck_assert_int_eq(denial.hop, 1);
    denial.hop = 99;
    ck_assert(
        !writ_is_ok(writ_proof_verify(&arena, &chain.verifier, &tokens[1], writ_slice_text("x"),
                                      writ_slice_text("rm"), parse("{}"), &proof, &denial)));
    ck_assert_int_eq(denial.hop, -1);
}
END_TEST

START_TEST(a_proof_is_signed_by_the_leafs_holder_and_is_no_token)
{
    chain.proof_signer = 1; /* the parent */
    forge_denies(&chain, "signed by the parent", "7b", WRIT_HOLDER_BINDING_FAILED, -1);
    start_over(2);
    chain.proof_header = FORGE_HEADER;
    forge_denies(&chain, "typ of a token", "7a", WRIT_MALFORMED, -1);
    start_over(2);
    forge_repeat(&chain.proof, "jti", "\"again\"");
    forge_denies(&chain, "jti twice", "7b", WRIT_DUPLICATE_MEMBER, -1);
    start_over(2);
    forge_seal(&chain);
    chain.proof_compact = chain.links[1];
    forge_denies_sealed(&chain, "a token in its place", "7a", WRIT_MALFORMED, -1);
    chain.proof_compact = WRIT_SLICE_NONE;
    forge_denies_sealed(&chain, "no proof", "7a", WRIT_MALFORMED, -1);
}
END_TEST

START_TEST(asks_for_audience_and_nonce_where_required)
{
    forge_set(&chain.proof, "aat_aud", NULL);
    forge_permits(&chain, "no aat_aud");
    chain.verifier.require_proof_audience = true;
    forge_denies(&chain, "aat_aud is required", "7d", WRIT_AUDIENCE_MISMATCH, -1);
    start_over(2);
    chain.verifier.nonce = writ_slice_text("n-1");
    forge_denies(&chain, "no nonce", "7h", WRIT_HOLDER_BINDING_FAILED, -1);
    forge_set(&chain.proof, "nonce", "\"n-2\"");
    forge_denies(&chain, "another nonce", "7h", WRIT_HOLDER_BINDING_FAILED, -1);
    forge_set(&chain.proof, "nonce", "\"n-1\"");
    forge_permits(&chain, "the nonce");
    chain.verifier.nonce = WRIT_SLICE_NONE;
    forge_permits(&chain, "a nonce that nobody asked for");
}
END_TEST

static bool answer_seen(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                        int64_t iat_unix_s)
{
    ck_assert_uint_eq(leaf_hash.size, 32);
    ck_assert(writ_slice_is(jti, "proof-1"));
    ck_assert_int_eq(iat_unix_s, FORGE_NOW);
    int *calls = context;
    return (*calls)++ > 0;
}

START_TEST(accepts_a_proof_once_and_asks_only_for_a_permit)
{
    int calls = 0;
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).not_checked, "W1,W2,W3,W4,W5,W6,W7");
    chain.verifier.replayed = answer_seen;
    chain.verifier.replayed_context = &calls;
    chain.tool = "rm";
    ck_assert(!forge_judge(&chain).permit);
    ck_assert_int_eq(calls, 0);
    chain.tool = "read_file";
    forge_permits(&chain, "first");
    forge_denies(&chain, "second", "7i", WRIT_REPLAYED, -1);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "jti");
    ck_assert_str_eq(forge_judge(&chain).not_checked, "W1,W2,W4,W5,W6,W7");
}
END_TEST

Suite *suite_proof(void)
{
    TCase *tests = tcase_create("calls");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, judges_the_invocation);
    tcase_add_test(tests, a_leaf_without_tools_calls_nothing);
    tcase_add_test(tests, checks_every_audience);
    tcase_add_test(tests, judges_each_claim_of_a_proof);
    tcase_add_test(tests, takes_a_proof_to_the_second_of_its_window);
    tcase_add_test(tests, takes_large_arguments_as_they_are_or_by_their_digests);
    tcase_add_test(tests, tells_the_hop_whatever_stood_there);
    tcase_add_test(tests, a_proof_is_signed_by_the_leafs_holder_and_is_no_token);
    tcase_add_test(tests, asks_for_audience_and_nonce_where_required);
    tcase_add_test(tests, accepts_a_proof_once_and_asks_only_for_a_permit);
    return suite_of("proof", tests);
}
