/* Who signed what, under which header and anchor, and how links stand to each other. */
#include <string.h>

#include "base/base64url.h"
#include "fixture.h"
#include "suites.h"
#include "token/token.h"

START_TEST(permits_depth_eight_and_refuses_nine)
{
    start_over(9);
    forge_permits(&chain, "depth 8");
    start_over(10);
    forge_denies(&chain, "deeper than the root says", "4e", WRIT_DEPTH_INVALID, 9);
    start_over(10);
    for (size_t i = 0; i < 10; i++)
        forge_set(&chain.claims[i], "del_max_depth", "9");
    forge_denies(&chain, "deeper than the verifier allows", "3i", WRIT_DEPTH_INVALID, 0);
    start_over(34);
    forge_denies(&chain, "longer than any chain", "4f", WRIT_DEPTH_INVALID, -1);
}
END_TEST

START_TEST(a_terminal_token_has_no_children)
{
    start_over(3);
    forge_set(&chain.claims[1], "del_max_depth", "1");
    forge_denies(&chain, "child of a terminal token", "4e", WRIT_DEPTH_INVALID, 2);
}
END_TEST

START_TEST(verifies_signatures_under_the_right_keys_only)
{
    chain.signer[0] = 0xff;
    forge_denies(&chain, "root of a stranger", "3b", WRIT_SIGNATURE_INVALID, 0);
    start_over(2);
    chain.signer[1] = 0xff;
    forge_denies(&chain, "child of a stranger", "4b", WRIT_SIGNATURE_INVALID, 1);
    start_over(3);
    chain.signer[2] = 1;
    forge_denies(&chain, "child of the grandparent", "4b", WRIT_SIGNATURE_INVALID, 2);
    start_over(2);
    chain.signer[1] = FORGE_ISSUER_SEED;
    forge_denies(&chain, "the issuer can not forge a link of a holder", "4b",
                 WRIT_SIGNATURE_INVALID, 1);
    start_over(2);
    chain.verifier.anchor_count = 0;
    forge_denies(&chain, "no anchors", "3b", WRIT_SIGNATURE_INVALID, 0);
}
END_TEST

START_TEST(refuses_headers_that_say_something_else)
{
    static const char *const HEADERS[] = {
        "{\"alg\":\"none\",\"typ\":\"aat+jwt\"}",
        "{\"alg\":\"EdDSA\",\"typ\":\"aat+jwt\"}",
        "{\"alg\":\"ed25519\",\"typ\":\"aat+jwt\"}",
        "{\"alg\":[\"Ed25519\"],\"typ\":\"aat+jwt\"}",
        "{\"typ\":\"aat+jwt\"}",
        "{\"alg\":\"Ed25519\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"JWT\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat-pop+jwt\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"crit\":[\"x\"],\"x\":1}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"crit\":[]}",
        "{\"alg\":\"none\",\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}",
        "[]",
        "x",
    };
    for (size_t i = 0; i < COUNT(HEADERS); i++)
        for (size_t link = 0; link < 2; link++) {
            start_over(2);
            chain.header[link] = HEADERS[i];
            forge_denies(&chain, HEADERS[i], link == 0 ? "3a" : "4a", WRIT_MALFORMED, (int)link);
        }
}
END_TEST

START_TEST(ignores_keys_that_a_header_brings)
{
    static const char *const HEADERS[] = {
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"jwk\":{\"kty\":\"OKP\"}}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"jku\":\"https://evil.test\",\"x5c\":[\"AA\"]}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"kid\":\"any\"}",
    };
    for (size_t i = 0; i < COUNT(HEADERS); i++) {
        start_over(2);
        chain.header[0] = chain.header[1] = HEADERS[i];
        forge_permits(&chain, HEADERS[i]);
    }
}
END_TEST

START_TEST(kid_only_selects_among_anchors)
{
    static const char WITH_KID[] = "{\"alg\":\"Ed25519\",\"kid\":\"k1\",\"typ\":\"aat+jwt\"}";
    chain.anchor.kid = writ_slice_text("k1");
    forge_denies(&chain, "no kid in the header", "3b", WRIT_SIGNATURE_INVALID, 0);
    chain.header[0] = WITH_KID;
    forge_permits(&chain, "the same kid");
    chain.anchor.kid = writ_slice_text("k2");
    forge_denies(&chain, "another kid", "3b", WRIT_SIGNATURE_INVALID, 0);
}
END_TEST

START_TEST(finds_the_anchor_among_many)
{
    struct writ_anchor anchors[3] = {chain.anchor, chain.anchor, chain.anchor};
    anchors[0].key = forge_key(0x77);
    anchors[1].issuer = writ_slice_text("https://other.test"); /* one key, two issuers */
    chain.verifier.anchors = anchors;
    chain.verifier.anchor_count = 3;
    forge_permits(&chain, "third anchor");
    chain.verifier.anchor_count = 2;
    forge_denies(&chain, "the key stands under another issuer", "3k", WRIT_SIGNATURE_INVALID, 0);
}
END_TEST

START_TEST(an_issuer_is_a_uri)
{
    static const struct {
        const char *text;
        bool is_uri;
    } ISSUERS[] = {
        {"auth.test", false}, {":x", false},         {"1a:x", false},  {"https://a b", false},
        {"a_b:x", false},     {"x:<y>", false},      {"x:%4", false},  {"x:%zz", false},
        {"x:y^z", false},     {"x:\xc3\xa4", false}, {"https:", true}, {"a+b.c-d:e", true},
        {"x:%41", true},      {"X:y?z#f", true},
    };
    for (size_t i = 0; i < COUNT(ISSUERS); i++) {
        start_over(2);
        chain.anchor.issuer = writ_slice_text(ISSUERS[i].text);
        forge_set(&chain.claims[0], "iss", writ_arena_printf(&arena, "\"%s\"", ISSUERS[i].text));
        if (ISSUERS[i].is_uri)
            forge_permits(&chain, ISSUERS[i].text);
        else
            forge_denies(&chain, ISSUERS[i].text, "3k", WRIT_SIGNATURE_INVALID, 0);
    }
}
END_TEST

START_TEST(refuses_each_weak_key_where_it_enters)
{
    static const uint8_t WEAK[][32] = {
        {0},
        {1},
        {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
         0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
         0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
         0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
         0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    };
    for (size_t i = 0; i < 2 * COUNT(WEAK); i++) {
        uint8_t key[32];
        memcpy(key, WEAK[i / 2], 32);
        key[31] |= i % 2 == 0 ? 0 : 0x80;
        for (size_t link = 0; link < 2; link++) {
            start_over(2);
            forge_set(&chain.claims[link], "cnf",
                      writ_arena_printf(&arena,
                                        "{\"jwk\":{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                                        "\"x\":\"%s\"}}",
                                        writ_base64url_encode(&arena, writ_slice_of(key, 32))));
            forge_denies(&chain, "weak key", link == 0 ? "3l" : "4b2", WRIT_WEAK_KEY, (int)link);
        }
    }
}
END_TEST

START_TEST(refuses_a_member_that_stands_twice)
{
    for (size_t link = 0; link < 2; link++) {
        start_over(2);
        forge_repeat(&chain.claims[link], "exp", "1800000500");
        forge_denies(&chain, "exp twice", "2c", WRIT_DUPLICATE_MEMBER, (int)link);
        start_over(2);
        forge_set(&chain.claims[link], "cnf", "{\"jwk\":{},\"jwk\":{}}");
        forge_denies(&chain, "jwk twice", "2c", WRIT_DUPLICATE_MEMBER, (int)link);
    }
    start_over(1);
    forge_repeat(&chain.claims[0], "exp", "1800000500");
    forge_seal(&chain);
    struct writ_token token;
    const struct writ_result result = writ_root_verify(&arena, &chain.verifier, chain.links[0],
                                                       &token, &denial);
    ck_assert_int_eq(result.status, WRIT_DUPLICATE_MEMBER);
    ck_assert_str_eq(denial.step, "3b");
}
END_TEST

START_TEST(refuses_one_token_in_two_places)
{
    forge_seal(&chain);
    chain.links[1] = chain.links[0];
    forge_denies_sealed(&chain, "root twice", "2c", WRIT_MALFORMED, 1);
    start_over(3);
    forge_seal(&chain);
    chain.links[1] = chain.links[2];
    chain.count = 2;
    forge_denies_sealed(&chain, "a link is left out", "4b", WRIT_SIGNATURE_INVALID, 1);
    start_over(3);
    forge_seal(&chain);
    chain.links[0] = chain.links[1];
    chain.links[1] = chain.links[2];
    chain.count = 2;
    forge_denies_sealed(&chain, "a child as root", "3b", WRIT_SIGNATURE_INVALID, 0);
}
END_TEST

START_TEST(a_child_belongs_to_one_parent)
{
    struct forge_chain other;
    forge_chain_init(&other, &arena, 2);
    forge_set(&other.claims[0], "jti", "\"another-root\"");
    forge_seal(&other);
    forge_seal(&chain);
    chain.links[0] = other.links[0];
    forge_denies_sealed(&chain, "same holder, another parent", "4q", WRIT_PAR_HASH_MISMATCH, 1);
}
END_TEST

Suite *suite_chain(void)
{
    TCase *tests = tcase_create("chain");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, permits_depth_eight_and_refuses_nine);
    tcase_add_test(tests, a_terminal_token_has_no_children);
    tcase_add_test(tests, verifies_signatures_under_the_right_keys_only);
    tcase_add_test(tests, refuses_headers_that_say_something_else);
    tcase_add_test(tests, ignores_keys_that_a_header_brings);
    tcase_add_test(tests, kid_only_selects_among_anchors);
    tcase_add_test(tests, finds_the_anchor_among_many);
    tcase_add_test(tests, an_issuer_is_a_uri);
    tcase_add_test(tests, refuses_each_weak_key_where_it_enters);
    tcase_add_test(tests, refuses_a_member_that_stands_twice);
    tcase_add_test(tests, refuses_one_token_in_two_places);
    tcase_add_test(tests, a_child_belongs_to_one_parent);
    return suite_of("chain", tests);
}
