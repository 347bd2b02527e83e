/* Steps 1 to 5 on forged chains: every claim missing, mistyped or wrong. */
#include <string.h>

#include "base/base64url.h"
#include "fixture.h"
#include "suites.h"
#include "token/link.h"

#define TOOLS_ENTRY(tools) "{\"type\":\"attenuating_agent_token\",\"tools\":" tools "}"
#define KEY_X "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""
#define WEAK_JWK                                                                                   \
    "{\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\","                                               \
    "\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}"

static const struct forge_case ROOT_CASES[] = {
    {"jti", NULL, "2c", WRIT_MALFORMED},
    {"jti", "7", "2c", WRIT_MALFORMED},
    {"jti", "\"\"", "3j", WRIT_MALFORMED},
    {"jti", "\"link-1\"", "2c", WRIT_MALFORMED},
    {"iat", NULL, "3b", WRIT_MALFORMED},
    {"iat", "\"1799999900\"", "3b", WRIT_MALFORMED},
    {"iat", "1799999900.0", "3b", WRIT_MALFORMED},
    {"iat", "17999999e2", "3b", WRIT_MALFORMED},
    {"iat", "92233720368547758080", "3b", WRIT_MALFORMED},
    {"exp", NULL, "3b", WRIT_MALFORMED},
    {"exp", "1800001000.5", "3b", WRIT_MALFORMED},
    {"exp", "null", "3b", WRIT_MALFORMED},
    {"del_depth", NULL, "3c", WRIT_DEPTH_INVALID},
    {"del_depth", "false", "3c", WRIT_DEPTH_INVALID},
    {"del_depth", "\"0\"", "3c", WRIT_DEPTH_INVALID},
    {"del_depth", "0.0", "3c", WRIT_DEPTH_INVALID},
    {"del_depth", "1", "3c", WRIT_DEPTH_INVALID},
    {"par_hash", "\"x\"", "3d", WRIT_PAR_HASH_MISMATCH},
    {"par_hash", "null", "3d", WRIT_PAR_HASH_MISMATCH},
    {"exp", "1800000000", "3e", WRIT_EXPIRED},
    {"exp", "-1", "3e", WRIT_EXPIRED},
    {"iat", "1800000031", "3f", WRIT_NOT_YET_VALID},
    {"exp", "1807775901", "3h", WRIT_MALFORMED},
    {"exp", "9223372036854775807", "3h", WRIT_MALFORMED},
    {"iat", "-9223372036854775808", "3h", WRIT_MALFORMED},
    {"del_max_depth", NULL, "3i", WRIT_DEPTH_INVALID},
    {"del_max_depth", "-1", "3i", WRIT_DEPTH_INVALID},
    {"del_max_depth", "9", "3i", WRIT_DEPTH_INVALID},
    {"del_max_depth", "3.0", "3i", WRIT_DEPTH_INVALID},
    {"iss", NULL, "3k", WRIT_SIGNATURE_INVALID},
    {"iss", "[\"" FORGE_ISSUER "\"]", "3k", WRIT_SIGNATURE_INVALID},
    {"iss", "\"https://other.test\"", "3k", WRIT_SIGNATURE_INVALID},
    {"cnf", NULL, "3l", WRIT_MALFORMED},
    {"cnf", "{}", "3l", WRIT_MALFORMED},
    {"cnf", "{\"jwk\":\"x\"}", "3l", WRIT_MALFORMED},
    {"cnf", "{\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," KEY_X ",\"d\":\"AQ\"}}", "3l",
     WRIT_MALFORMED},
    {"cnf", "{\"jwk\":{\"kty\":\"EC\",\"crv\":\"P-256\"," KEY_X "}}", "3l", WRIT_MALFORMED},
    {"cnf", WEAK_JWK, "3l", WRIT_WEAK_KEY},
    {"authorization_details", NULL, "3m", WRIT_MALFORMED},
    {"authorization_details", "{}", "3m", WRIT_MALFORMED},
    {"authorization_details", "[]", "3m", WRIT_MALFORMED},
    {"authorization_details", "[7,{\"type\":\"other\"}]", "3m", WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("{}") "," TOOLS_ENTRY("{}") "]", "3m",
     WRIT_MALFORMED},
    {"authorization_details", "[{\"type\":\"attenuating_agent_token\"}]", "3m", WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("[]") "]", "3m", WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("{\"t\":[]}") "]", "3m", WRIT_MALFORMED},
    {"authorization_details",
     "[" TOOLS_ENTRY("{}") ",{\"type\":\"writ_terms\"},"
                           "{\"type\":\"writ_terms\"}]",
     "", WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("{\"t\":{\"a\":{\"constraint_type\":\"x\"}}}") "]",
     "3n/4o", WRIT_UNKNOWN_CONSTRAINT},
    {"authorization_details",
     "[" TOOLS_ENTRY(
         "{\"t\":{\"a\":{\"constraint_type\":\"exact\",\"value\":9007199254740993}}}") "]",
     "3n/4o", WRIT_NON_CANONICAL},
    {"aud", "7", "", WRIT_MALFORMED},
    {"aud", "[\"" FORGE_AUDIENCE "\",7]", "", WRIT_MALFORMED},
    {"txn", NULL, "", WRIT_PRINCIPAL_ALTERED},
    {"txn", "7", "", WRIT_PRINCIPAL_ALTERED},
    {"txn", "\"\"", "", WRIT_PRINCIPAL_ALTERED},
    {"sub", NULL, "", WRIT_PRINCIPAL_ALTERED},
    {"sub", "[\"alice\"]", "", WRIT_PRINCIPAL_ALTERED},
    {"client_id", NULL, "", WRIT_MALFORMED},
    {"client_id", "{}", "", WRIT_MALFORMED},
    {"client_id", "\"\"", "", WRIT_MALFORMED},
};

static const struct forge_case CHILD_CASES[] = {
    {"jti", NULL, "2c", WRIT_MALFORMED},
    {"jti", "null", "2c", WRIT_MALFORMED},
    {"jti", "\"\"", "4b1", WRIT_MALFORMED},
    {"cnf", NULL, "4b2", WRIT_MALFORMED},
    {"cnf", "[]", "4b2", WRIT_MALFORMED},
    {"cnf", "{\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\"," KEY_X ",\"d\":\"AQ\"}}", "4b2",
     WRIT_MALFORMED},
    {"cnf", WEAK_JWK, "4b2", WRIT_WEAK_KEY},
    {"authorization_details", NULL, "4b3", WRIT_MALFORMED},
    {"authorization_details", "{}", "4b3", WRIT_MALFORMED},
    {"del_depth", NULL, "4b4", WRIT_MALFORMED},
    {"del_depth", "1.0", "4b4", WRIT_MALFORMED},
    {"del_depth", "-1", "4b4", WRIT_MALFORMED},
    {"del_depth", "\"1\"", "4b4", WRIT_MALFORMED},
    {"del_max_depth", NULL, "4b4", WRIT_MALFORMED},
    {"del_max_depth", "true", "4b4", WRIT_MALFORMED},
    {"del_max_depth", "-1", "4b4", WRIT_MALFORMED},
    {"iss", NULL, "4b5", WRIT_MALFORMED},
    {"iss", "7", "4b5", WRIT_MALFORMED},
    {"par_hash", NULL, "4b5", WRIT_MALFORMED},
    {"par_hash", "{}", "4b5", WRIT_MALFORMED},
    {"iat", NULL, "4b5", WRIT_MALFORMED},
    {"iat", "18e8", "4b5", WRIT_MALFORMED},
    {"exp", NULL, "4b5", WRIT_MALFORMED},
    {"exp", "\"1800000500\"", "4b5", WRIT_MALFORMED},
    {"iss", "\"\"", "4c", WRIT_SIGNATURE_INVALID},
    {"iss", "\"" FORGE_ISSUER "\"", "4c", WRIT_SIGNATURE_INVALID},
    {"del_depth", "0", "4d", WRIT_DEPTH_INVALID},
    {"del_depth", "2", "4d", WRIT_DEPTH_INVALID},
    {"del_depth", "9223372036854775807", "4d", WRIT_DEPTH_INVALID},
    {"del_max_depth", "9", "4g", WRIT_DEPTH_INVALID},
    {"exp", "1800001001", "4h", WRIT_NOT_NARROWER},
    {"exp", "1800000000", "4i", WRIT_EXPIRED},
    {"iat", "1799999899", "4j", WRIT_NOT_NARROWER},
    {"iat", "1800000031", "4k", WRIT_NOT_YET_VALID},
    {"del_max_depth", "0", "4m", WRIT_DEPTH_INVALID},
    {"authorization_details", "[" TOOLS_ENTRY("{}") "," TOOLS_ENTRY("{}") "]", "4n",
     WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("7") "]", "4n", WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("{\"t\":null}") "]", "4n", WRIT_MALFORMED},
    {"authorization_details", "[" TOOLS_ENTRY("{\"t\":{\"a\":{}}}") "]", "3n/4o",
     WRIT_UNKNOWN_CONSTRAINT},
    {"authorization_details", "[" TOOLS_ENTRY("{\"rm\":{}}") "]", "4p1", WRIT_NOT_NARROWER},
    {"authorization_details", "[" TOOLS_ENTRY("{\"read_file\":{}}") "]", "4p2", WRIT_NOT_NARROWER},
    {"authorization_details",
     "[" TOOLS_ENTRY("{\"read_file\":{\"path\":{\"constraint_type\":\"exact\",\"value\":\"/"
                     "a\",\"optional\":true}}}") "]",
     "4p3", WRIT_NOT_NARROWER},
    {"authorization_details",
     "[" TOOLS_ENTRY("{\"read_file\":{\"path\":{\"constraint_type\":\"wildcard\"}}}") "]", "4p4",
     WRIT_NOT_NARROWER},
    {"par_hash", "\"\"", "4q", WRIT_PAR_HASH_MISMATCH},
    {"par_hash", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "4q", WRIT_PAR_HASH_MISMATCH},
    {"aud", "{}", "", WRIT_MALFORMED},
    {"txn", NULL, "", WRIT_PRINCIPAL_ALTERED},
    {"txn", "\"task-2\"", "", WRIT_PRINCIPAL_ALTERED},
    {"sub", NULL, "", WRIT_PRINCIPAL_ALTERED},
    {"sub", "\"mallory\"", "", WRIT_PRINCIPAL_ALTERED},
    {"client_id", NULL, "", WRIT_MALFORMED},
    {"client_id", "7", "", WRIT_MALFORMED},
};

START_TEST(permits_chains_of_one_to_nine_links)
{
    for (size_t links = 1; links <= 9; links++) {
        start_over(links);
        forge_permits(&chain, "plain chain");
    }
}
END_TEST

START_TEST(judges_each_claim_of_a_root)
{
    for (size_t i = 0; i < COUNT(ROOT_CASES); i++) {
        const struct forge_case *test = &ROOT_CASES[i];
        start_over(2);
        forge_set(&chain.claims[0], test->name, test->json);
        const int hop = test->json && strcmp(test->json, "\"link-1\"") == 0;
        forge_denies(&chain, title(test), test->step, test->outcome, hop);
        names_its_claim(test);
    }
}
END_TEST

START_TEST(judges_each_claim_of_a_child)
{
    for (size_t i = 0; i < COUNT(CHILD_CASES); i++) {
        const struct forge_case *test = &CHILD_CASES[i];
        start_over(2);
        forge_set(&chain.claims[1], test->name, test->json);
        forge_denies(&chain, title(test), test->step, test->outcome, 1);
        names_its_claim(test);
    }
}
END_TEST

START_TEST(refuses_an_end_before_the_beginning)
{
    forge_set(&chain.claims[0], "iat", "1800000020");
    forge_set(&chain.claims[0], "exp", "1800000010");
    forge_denies(&chain, "root", "3g", WRIT_MALFORMED, 0);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "exp");
    start_over(2);
    forge_set(&chain.claims[1], "iat", "1800000020");
    forge_set(&chain.claims[1], "exp", "1800000020");
    forge_denies(&chain, "child", "4l", WRIT_MALFORMED, 1);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "exp");
}
END_TEST

START_TEST(our_claims_mean_nothing_under_the_strict_profile)
{
    static const char *const CLAIMS[] = {"txn", "sub", "client_id"};
    chain.verifier.profile = WRIT_PROFILE_AAT_02;
    for (size_t i = 0; i < 3; i++)
        forge_set(&chain.claims[i % 2], CLAIMS[i], NULL);
    forge_set_terms(&chain, 0, "{\"unknown\":7}");
    forge_permits(&chain, "strict");
}
END_TEST

START_TEST(reads_a_known_token_as_it_was_verified)
{
    struct writ_token tokens[2];
    forge_set(&chain.claims[0], "aud", "\"" FORGE_AUDIENCE "\"");
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_chain_verify(&arena, &chain.verifier, chain.links, 2, tokens, &denial)));
    chain.verifier.now_unix_s = 0;
    for (size_t i = 0; i < 2; i++) {
        struct writ_token known;
        ck_assert(writ_is_ok(
            writ_token_read_trusted(&arena, WRIT_PROFILE_AAT_02_WRIT, chain.links[i], &known)));
        ck_assert_mem_eq(known.hash, tokens[i].hash, 32);
        ck_assert_mem_eq(known.holder.bytes, tokens[i].holder.bytes, 32);
        ck_assert(writ_slice_equal(known.jti, tokens[i].jti));
        ck_assert(known.iss.size > 0 && writ_slice_equal(known.iss, tokens[i].iss));
        ck_assert(writ_slice_equal(known.compact, chain.links[i]));
        ck_assert(writ_slice_equal(known.txn, tokens[i].txn));
        ck_assert(writ_slice_equal(known.agent, tokens[i].agent));
        ck_assert_int_eq(known.exp_unix_s, tokens[i].exp_unix_s);
        ck_assert_int_eq(known.depth, (int64_t)i);
        ck_assert_int_eq(known.max_depth, 8);
        ck_assert(!known.audience == !tokens[i].audience);
        /* A child's terms are those that the ledger folded. */
        ck_assert((known.effective.budget != NULL) == (i == 0));
        ck_assert(writ_slice_equal(writ_authority_json(&arena, known.authority),
                                   writ_authority_json(&arena, tokens[i].authority)));
    }
}
END_TEST

START_TEST(explains_a_number_with_both_sides)
{
    forge_set(&chain.claims[1], "exp", "1800001001");
    forge_seal(&chain);
    denial = forge_judge(&chain).denial;
    ck_assert_str_eq(denial.field, "exp");
    ck_assert_str_eq(denial.detail,
                     "A child must not outlive its parent. It is 1800001001 against 1800001000.");
    /* Not those of a rule before it. */
    start_over(2);
    forge_set(&chain.claims[0], "iss", "\"https://other.test\"");
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).denial.detail,
                     "The root's iss must be that of its trust anchor.");
}
END_TEST

/* Admission judges one link at a time, without step 2. */
START_TEST(judges_a_link_on_its_own)
{
    struct writ_token root;
    struct writ_token child;
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[0], &root, &denial)));
    ck_assert(writ_is_ok(
        writ_child_verify(&arena, &chain.verifier, &root, chain.links[1], &child, &denial)));
    static const struct {
        const char *payload, *root_step, *child_step;
        enum writ_status root_outcome;
    } CASES[] = {{"[]", "3b", "4b", WRIT_MALFORMED},
                 {"{", "3b", "4b", WRIT_MALFORMED},
                 {"{\"iat\":1,\"exp\":2}", "3c", "4b1", WRIT_DEPTH_INVALID}};
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct writ_slice link = forge_sign(&arena, FORGE_HEADER, CASES[i].payload,
                                            FORGE_ISSUER_SEED);
        ck_assert(!writ_is_ok(writ_root_verify(&arena, &chain.verifier, link, &root, &denial)));
        ck_assert_str_eq(denial.step, CASES[i].root_step);
        ck_assert_int_eq(denial.outcome, CASES[i].root_outcome);
        link = forge_sign(&arena, FORGE_HEADER, CASES[i].payload, 1);
        ck_assert(
            !writ_is_ok(writ_child_verify(&arena, &chain.verifier, &root, link, &child, &denial)));
        ck_assert_str_eq(denial.step, CASES[i].child_step);
        ck_assert_int_eq(denial.outcome, WRIT_MALFORMED);
        ck_assert_str_eq(denial.field, i == 2 ? "jti" : "");
        ck_assert_int_eq(denial.hop, 1);
    }
    forge_set(&chain.claims[0], "jti", NULL);
    forge_seal(&chain);
    ck_assert(
        !writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[0], &root, &denial)));
    ck_assert_str_eq(denial.step, "3j");
    ck_assert_str_eq(denial.field, "jti");
    start_over(2);
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[0], &root, &denial)));
    chain.verifier.limits.max_delegation_depth = 0; /* was more when the root was admitted */
    ck_assert(!writ_is_ok(
        writ_child_verify(&arena, &chain.verifier, &root, chain.links[1], &child, &denial)));
    ck_assert_str_eq(denial.step, "4f");
    ck_assert_int_eq(denial.outcome, WRIT_DEPTH_INVALID);
    ck_assert_str_eq(denial.field, "del_depth");
    root.max_depth = 0; /* as the parent was read, and not as it stands in any child */
    chain.verifier.limits.max_delegation_depth = 8;
    ck_assert(!writ_is_ok(
        writ_child_verify(&arena, &chain.verifier, &root, chain.links[1], &child, &denial)));
    ck_assert_str_eq(denial.step, "4e");
    ck_assert_str_eq(denial.field, "del_depth");
    start_over(2);
    forge_repeat(&chain.claims[1], "jti", "\"link-1\"");
    forge_seal(&chain);
    ck_assert_int_eq(
        writ_child_verify(&arena, &chain.verifier, &root, chain.links[1], &child, &denial).status,
        WRIT_DUPLICATE_MEMBER);
    ck_assert_str_eq(denial.step, "4b");
    ck_assert_str_eq(denial.detail, "A child's claims must name no member twice.");
}
END_TEST

START_TEST(reads_a_known_token_under_its_profile)
{
    struct writ_token token;
    forge_seal(&chain);
    ck_assert(writ_is_ok(writ_token_read_trusted(&arena, OURS, chain.links[0], &token)));
    ck_assert(token.txn.size > 0 && token.sub.size > 0 && token.agent.size > 0);
    ck_assert(writ_is_ok(writ_token_read_trusted(&arena, STRICT, chain.links[0], &token)));
    ck_assert(token.txn.size == 0 && token.sub.size == 0 && token.agent.size == 0);
    forge_set_tools(&chain, 0,
                    "{\"t\":{\"a\":{\"constraint_type\":\"path_containment\",\"root\":\"/\"}}}");
    forge_seal(&chain);
    ck_assert(writ_is_ok(writ_token_read_trusted(&arena, OURS, chain.links[0], &token)));
    ck_assert_int_eq(writ_token_read_trusted(&arena, STRICT, chain.links[0], &token).status,
                     WRIT_UNKNOWN_CONSTRAINT);
}
END_TEST

/* The bytes that a holder derives from, or that a ledger gives back, may still be no token. */
START_TEST(refuses_known_bytes_that_can_not_be_read)
{
    static const struct {
        const char *name;
        const char *json;
        enum writ_status outcome;
        const char *field;
    } CASES[] = {
        {"jti", NULL, WRIT_MALFORMED, "jti"},
        {"cnf", "{}", WRIT_MALFORMED, "cnf"},
        {"cnf", WEAK_JWK, WRIT_WEAK_KEY, "cnf"},
        {"del_depth", "-1", WRIT_MALFORMED, "del_depth"},
        {"del_depth", "9", WRIT_DEPTH_INVALID, "del_depth"},
        {"del_max_depth", "33", WRIT_DEPTH_INVALID, "del_max_depth"},
        {"exp", NULL, WRIT_MALFORMED, "exp"},
        {"authorization_details", "[" TOOLS_ENTRY("{}") "," TOOLS_ENTRY("{}") "]", WRIT_MALFORMED,
         "authorization_details"},
        {"authorization_details", "[" TOOLS_ENTRY("{\"t\":{\"a\":{}}}") "]",
         WRIT_UNKNOWN_CONSTRAINT, "tools.t.a"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct writ_token token;
        start_over(2);
        forge_set(&chain.claims[1], CASES[i].name, CASES[i].json);
        forge_seal(&chain);
        struct writ_link link;
        ck_assert(
            !writ_is_ok(writ_link_read_trusted(&arena, OURS, chain.links[1], &link, &denial)));
        ck_assert_msg(strstr(denial.field, CASES[i].field) != NULL, "%s: %s", CASES[i].name,
                      denial.field);
        ck_assert_msg(
            writ_token_read_trusted(&arena, WRIT_PROFILE_AAT_02_WRIT, chain.links[1], &token)
                    .status == CASES[i].outcome,
            "%s %zu", CASES[i].name, i);
    }
}
END_TEST

START_TEST(says_which_key_has_signed_each_link)
{
    struct writ_token tokens[2], child;
    start_over(2);
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_chain_verify(&arena, &chain.verifier, chain.links, 2, tokens, &denial)));
    ck_assert_mem_eq(tokens[0].signer.bytes, chain.anchor.key.bytes, sizeof child.signer.bytes);
    ck_assert_mem_eq(tokens[1].signer.bytes, tokens[0].holder.bytes, sizeof child.signer.bytes);
    ck_assert(writ_is_ok(
        writ_child_verify(&arena, &chain.verifier, &tokens[0], chain.links[1], &child, &denial)));
    ck_assert(writ_slice_is(child.jti, "link-1"));
    ck_assert_mem_eq(child.signer.bytes, tokens[0].holder.bytes, sizeof child.signer.bytes);
}
END_TEST

START_TEST(says_the_hop_of_a_link_that_comes_alone)
{
    struct writ_token root, child;
    start_over(2);
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[0], &root, &denial)));
    denial.hop = 99;
    ck_assert(
        !writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[1], &root, &denial)));
    ck_assert_int_eq(denial.hop, 0);
    denial.hop = 99;
    ck_assert(!writ_is_ok(
        writ_child_verify(&arena, &chain.verifier, &root, chain.links[0], &child, &denial)));
    ck_assert_int_eq(denial.hop, 1);
}
END_TEST

Suite *suite_token(void)
{
    TCase *tests = tcase_create("links");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, permits_chains_of_one_to_nine_links);
    tcase_add_test(tests, judges_each_claim_of_a_root);
    tcase_add_test(tests, judges_each_claim_of_a_child);
    tcase_add_test(tests, refuses_an_end_before_the_beginning);
    tcase_add_test(tests, our_claims_mean_nothing_under_the_strict_profile);
    tcase_add_test(tests, reads_a_known_token_as_it_was_verified);
    tcase_add_test(tests, reads_a_known_token_under_its_profile);
    tcase_add_test(tests, judges_a_link_on_its_own);
    tcase_add_test(tests, refuses_known_bytes_that_can_not_be_read);
    tcase_add_test(tests, explains_a_number_with_both_sides);
    tcase_add_test(tests, says_which_key_has_signed_each_link);
    tcase_add_test(tests, says_the_hop_of_a_link_that_comes_alone);
    return suite_of("token", tests);
}
