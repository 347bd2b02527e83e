/* The two sides of each bound on links and chains: the last that is accepted, and the first that
 * is not. */
#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "token/link.h"

/* ---- Sizes ---------------------------------------------------------------------------------- */

static struct writ_slice letters(size_t size)
{
    char *text = writ_arena_alloc(&arena, size);
    memset(text, 'a', size);
    return writ_slice_of(text, size);
}

/* The step at which a chain of these many texts, which are no tokens, is refused. */
static const char *step_of(size_t count, size_t size, int hop)
{
    struct writ_slice links[WRIT_CHAIN_MAX + 9];
    struct writ_token tokens[WRIT_CHAIN_MAX];
    for (size_t i = 0; i < count; i++)
        links[i] = letters(size);
    denial = (struct writ_denial){.hop = 99};
    ck_assert(
        !writ_is_ok(writ_chain_verify(&arena, &chain.verifier, links, count, tokens, &denial)));
    ck_assert_int_eq(denial.hop, hop);
    return denial.step;
}

START_TEST(bounds_a_token_and_a_chain_to_the_byte)
{
    ck_assert_str_eq(step_of(1, WRIT_TOKEN_SIZE_MAX, 0), "2c");
    ck_assert_str_eq(step_of(1, WRIT_TOKEN_SIZE_MAX + 1, 0), "2a");
    ck_assert_str_eq(step_of(4, WRIT_CHAIN_SIZE_MAX / 4, 0), "2c");
    ck_assert_str_eq(step_of(3, (WRIT_CHAIN_SIZE_MAX + 2) / 3, 0), "2a");
    struct writ_slice links[5];
    struct writ_token tokens[5];
    for (size_t i = 0; i < 4; i++)
        links[i] = letters(WRIT_CHAIN_SIZE_MAX / 4);
    links[4] = letters(1);
    ck_assert(!writ_is_ok(writ_chain_verify(&arena, &chain.verifier, links, 5, tokens, &denial)));
    ck_assert_str_eq(denial.step, "2b");
    ck_assert_int_eq(denial.hop, -1);
}
END_TEST

START_TEST(bounds_the_links_of_a_chain)
{
    ck_assert_str_eq(step_of(WRIT_CHAIN_MAX, 1, 0), "2c");
    ck_assert_str_eq(step_of(WRIT_CHAIN_MAX + 1, 1, -1), "4f");
    /* No hop beyond those that a chain may have, whatever was sent. */
    struct writ_slice links[WRIT_CHAIN_MAX + 3];
    struct writ_token tokens[WRIT_CHAIN_MAX];
    for (size_t long_one = WRIT_CHAIN_MAX - 1; long_one < COUNT(links); long_one++) {
        for (size_t i = 0; i < COUNT(links); i++)
            links[i] = letters(i == long_one ? WRIT_TOKEN_SIZE_MAX + 1 : 1);
        ck_assert(!writ_is_ok(
            writ_chain_verify(&arena, &chain.verifier, links, COUNT(links), tokens, &denial)));
        ck_assert_str_eq(denial.step, "2a");
        ck_assert_int_eq(denial.hop, long_one < WRIT_CHAIN_MAX ? (int)long_one : WRIT_CHAIN_MAX);
    }
}
END_TEST

START_TEST(bounds_a_link_that_comes_alone)
{
    struct writ_token token;
    ck_assert(!writ_is_ok(
        writ_root_verify(&arena, &chain.verifier, letters(WRIT_TOKEN_SIZE_MAX), &token, &denial)));
    ck_assert_str_eq(denial.step, "3a");
    ck_assert(!writ_is_ok(writ_root_verify(&arena, &chain.verifier,
                                           letters(WRIT_TOKEN_SIZE_MAX + 1), &token, &denial)));
    ck_assert_str_eq(denial.step, "2a");
}
END_TEST

/* A text of so many letters, in quotes. */
static const char *quoted(size_t size)
{
    return writ_arena_printf(&arena, "\"%.*s\"", WRIT_SLICE_ARGS(letters(size)));
}

/* A header may have blanks at its end, so a proof can be good and as long as one likes. */
START_TEST(bounds_a_proof_to_the_byte)
{
    forge_seal(&chain);
    const size_t rest = chain.proof_compact.size - strlen(FORGE_PROOF_HEADER) * 4 / 3;
    const size_t room = (WRIT_CHAIN_SIZE_MAX - rest) / 4 * 3;
    bool is_exact = false, is_one_over = false;
    /* Not every size is one of base64url, so the claims vary, too. */
    for (size_t i = 0; i < 12 * 3; i++) {
        const size_t size = room - 4 + i / 3;
        start_over(1);
        forge_set(&chain.proof, "jti", quoted(1 + i % 3));
        chain.proof_header = writ_arena_printf(&arena, "%-*s", (int)size, FORGE_PROOF_HEADER);
        forge_seal(&chain);
        const bool fits = chain.proof_compact.size <= WRIT_CHAIN_SIZE_MAX;
        is_exact |= chain.proof_compact.size == WRIT_CHAIN_SIZE_MAX;
        is_one_over |= chain.proof_compact.size == WRIT_CHAIN_SIZE_MAX + 1;
        ck_assert_msg(forge_judge(&chain).permit == fits, "%zu", chain.proof_compact.size);
    }
    ck_assert(is_exact && is_one_over);
}
END_TEST

START_TEST(bounds_a_jti_in_our_profile_only)
{
    for (size_t link = 0; link < 2; link++) {
        start_over(2);
        forge_set(&chain.claims[link], "jti", "\"j\"");
        forge_set(&chain.proof, "aat_id", link == 0 ? "\"link-1\"" : "\"j\"");
        forge_permits(&chain, "one letter");
        forge_set(&chain.claims[link], "jti", quoted(WRIT_JTI_MAX));
        forge_set(&chain.proof, "aat_id", link == 0 ? "\"link-1\"" : quoted(WRIT_JTI_MAX));
        forge_permits(&chain, "the longest");
        forge_set(&chain.claims[link], "jti", quoted(WRIT_JTI_MAX + 1));
        forge_set(&chain.proof, "aat_id", link == 0 ? "\"link-1\"" : quoted(WRIT_JTI_MAX + 1));
        forge_denies(&chain, "longer", link == 0 ? "3j" : "4b1", WRIT_MALFORMED, (int)link);
        chain.verifier.profile = STRICT;
        forge_permits(&chain, "the draft has no bound");
    }
    start_over(2);
    forge_set(&chain.proof, "jti", quoted(WRIT_JTI_MAX));
    forge_permits(&chain, "the longest of a proof");
    forge_set(&chain.proof, "jti", quoted(WRIT_JTI_MAX + 1));
    forge_denies(&chain, "longer", "7c", WRIT_MALFORMED, -1);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "jti");
    chain.verifier.profile = STRICT;
    forge_permits(&chain, "the draft has no bound");
}
END_TEST

START_TEST(takes_names_of_one_letter)
{
    for (size_t i = 0; i < 2; i++) {
        forge_set(&chain.claims[i], "txn", "\"t\"");
        forge_set(&chain.claims[i], "sub", "\"s\"");
        forge_set(&chain.claims[i], "client_id", "\"c\"");
    }
    forge_permits(&chain, "one letter each");
}
END_TEST

/* ---- Depths and times ------------------------------------------------------------------------ */

/* Whether a root with this del_max_depth is accepted where `limit` is the most. */
static bool accepts_depth(const char *max_depth, int limit)
{
    struct writ_token token;
    start_over(1);
    chain.verifier.limits.max_delegation_depth = limit;
    forge_set(&chain.claims[0], "del_max_depth", max_depth);
    forge_seal(&chain);
    const bool is_accepted = writ_is_ok(
        writ_root_verify(&arena, &chain.verifier, chain.links[0], &token, &denial));
    ck_assert(is_accepted || strcmp(denial.step, "3i") == 0);
    return is_accepted;
}

START_TEST(bounds_depth_by_the_limit_and_by_the_hard_one)
{
    ck_assert(accepts_depth("0", 8));
    ck_assert(accepts_depth("8", 8));
    ck_assert(!accepts_depth("9", 8));
    ck_assert(accepts_depth("31", WRIT_DEPTH_MAX - 1));
    ck_assert(!accepts_depth("32", WRIT_DEPTH_MAX - 1));
    ck_assert(accepts_depth("32", WRIT_DEPTH_MAX));
    ck_assert(accepts_depth("32", WRIT_DEPTH_MAX + 8));
    ck_assert(!accepts_depth("33", WRIT_DEPTH_MAX + 8));
}
END_TEST

START_TEST(bounds_a_lifetime_to_the_second)
{
    start_over(1);
    chain.verifier.limits.max_token_lifetime_s = 100;
    forge_set(&chain.claims[0], "iat", "1800000000");
    forge_set(&chain.claims[0], "exp", "1800000100");
    forge_permits(&chain, "the longest");
    forge_set(&chain.claims[0], "exp", "1800000101");
    forge_denies(&chain, "a second more", "3h", WRIT_MALFORMED, 0);
}
END_TEST

START_TEST(has_the_limits_of_the_manual)
{
    const struct writ_limits limits = writ_limits_default();
    ck_assert_int_eq(limits.max_iat_skew_s, 30);
    ck_assert_int_eq(limits.max_token_lifetime_s, 7776000); /* 90 days */
    ck_assert_int_eq(limits.pop_window_s, 30);
    ck_assert_int_eq(limits.max_delegation_depth, 8);
    ck_assert_int_eq(limits.max_constraint_depth, 32);
}
END_TEST

START_TEST(does_not_wrap_around_at_the_end_of_time)
{
    struct writ_token token;
    start_over(1);
    forge_set(&chain.claims[0], "iat", "9223372036854775800");
    forge_set(&chain.claims[0], "exp", "9223372036854775807");
    chain.verifier.now_unix_s = INT64_MAX - 1;
    forge_seal(&chain);
    ck_assert(
        writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[0], &token, &denial)));
    chain.verifier.now_unix_s = INT64_MAX;
    ck_assert_int_eq(
        writ_root_verify(&arena, &chain.verifier, chain.links[0], &token, &denial).status,
        WRIT_EXPIRED);
    ck_assert_int_eq(writ_time_plus(INT64_MAX, 1), INT64_MAX);
    ck_assert_int_eq(writ_time_plus(INT64_MIN, -1), INT64_MIN);
    ck_assert_int_eq(writ_time_plus(INT64_MAX - 1, 1), INT64_MAX);
}
END_TEST

/* ---- Calls ----------------------------------------------------------------------------------- */

START_TEST(reads_no_further_than_the_audiences_and_entries_that_are_there)
{
    forge_seal(&chain);
    struct writ_token token;
    ck_assert(
        writ_is_ok(writ_root_verify(&arena, &chain.verifier, chain.links[0], &token, &denial)));
    struct writ_json names[] = {*parse("\"https://else.test\""), *parse("\"" FORGE_AUDIENCE "\"")};
    const struct writ_json audience = {.type = WRIT_JSON_ARRAY, .count = 1, .items = names};
    token.audience = &audience;
    ck_assert_int_eq(writ_invocation_check(&chain.verifier, &token, 1,
                                           writ_slice_text("send_email"), parse("{\"to\":1}"),
                                           &denial)
                         .status,
                     WRIT_AUDIENCE_MISMATCH);
    ck_assert_str_eq(denial.field, "aud");

    struct writ_json entries[] = {*parse("{\"type\":\"attenuating_agent_token\",\"tools\":{}}"),
                                  *parse("{\"type\":\"attenuating_agent_token\",\"tools\":{}}")};
    struct writ_json *claims = writ_json_new_object(&arena);
    const struct writ_json details = {.type = WRIT_JSON_ARRAY, .count = 1, .items = entries};
    writ_json_put(&arena, claims, "authorization_details", &details);
    struct writ_claims read;
    writ_claims_read(claims, &read);
    ck_assert_uint_eq(read.tools_entries, 1);
}
END_TEST

START_TEST(judges_no_call_without_a_token)
{
    ck_assert_int_eq(
        writ_invocation_check(&chain.verifier, NULL, 0, writ_slice_text("t"), parse("{}"), &denial)
            .status,
        WRIT_INTERNAL);
}
END_TEST

START_TEST(tells_hop_and_field_of_a_refused_call)
{
    forge_set(&chain.claims[1], "authorization_details", "[]");
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "authorization_details");
    start_over(2);
    forge_set(&chain.claims[1], "jti", "\"link-0\"");
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "jti");
    start_over(2);
    chain.verifier.require_chain_audience = true;
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "aud");
    start_over(2);
    chain.verifier.nonce = writ_slice_text("n");
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "nonce");
    chain.verifier.nonce = WRIT_SLICE_NONE;
    chain.verifier.require_proof_audience = true;
    forge_set(&chain.proof, "aat_aud", NULL);
    forge_seal(&chain);
    ck_assert_str_eq(forge_judge(&chain).denial.field, "aat_aud");
}
END_TEST

/* ---- Small texts ------------------------------------------------------------------------------
 */

START_TEST(makes_a_jti_of_the_second_and_the_random_bytes)
{
    uint8_t random[16];
    memset(random, 0xff, sizeof random);
    ck_assert_str_eq(writ_claims_new_jti(&arena, FORGE_NOW, random),
                     "01a3185c-5000-7fff-bfff-ffffffffffff");
    memset(random, 0, sizeof random);
    ck_assert_str_eq(writ_claims_new_jti(&arena, FORGE_NOW, random),
                     "01a3185c-5000-7000-8000-000000000000");
}
END_TEST

START_TEST(takes_a_hash_only_whole)
{
    uint8_t hash[32];
    memset(hash, 7, sizeof hash);
    const struct writ_slice text = writ_slice_text("BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc");
    ck_assert(writ_claims_hash_is(text, hash));
    ck_assert(!writ_claims_hash_is(writ_slice_of(text.data, text.size - 1), hash));
    ck_assert(!writ_claims_hash_is(writ_slice_of(text.data, text.size + 1), hash));
    ck_assert(!writ_claims_hash_is(WRIT_SLICE_NONE, hash));
}
END_TEST

START_TEST(takes_the_type_from_a_copy_of_the_terms)
{
    struct writ_claims claims;
    writ_claims_read(parse("{\"authorization_details\":[{\"type\":\"writ_terms\",\"call_only\":[],"
                           "\"budget\":[]}]}"),
                     &claims);
    for (int i = 0; i < 2; i++) {
        const struct writ_json *said = writ_claims_terms(&arena, &claims);
        ck_assert_str_eq((const char *)writ_json_canonical(&arena, said).data,
                         "{\"budget\":[],\"call_only\":[]}");
        ck_assert_str_eq((const char *)writ_json_canonical(&arena, claims.terms).data,
                         "{\"budget\":[],\"call_only\":[],\"type\":\"writ_terms\"}");
    }
}
END_TEST

Suite *suite_bounds(void)
{
    TCase *tests = tcase_create("bounds");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, bounds_a_token_and_a_chain_to_the_byte);
    tcase_add_test(tests, bounds_the_links_of_a_chain);
    tcase_add_test(tests, bounds_a_link_that_comes_alone);
    tcase_add_test(tests, bounds_a_proof_to_the_byte);
    tcase_add_test(tests, bounds_a_jti_in_our_profile_only);
    tcase_add_test(tests, takes_names_of_one_letter);
    tcase_add_test(tests, bounds_depth_by_the_limit_and_by_the_hard_one);
    tcase_add_test(tests, bounds_a_lifetime_to_the_second);
    tcase_add_test(tests, has_the_limits_of_the_manual);
    tcase_add_test(tests, does_not_wrap_around_at_the_end_of_time);
    tcase_add_test(tests, reads_no_further_than_the_audiences_and_entries_that_are_there);
    tcase_add_test(tests, judges_no_call_without_a_token);
    tcase_add_test(tests, tells_hop_and_field_of_a_refused_call);
    tcase_add_test(tests, makes_a_jti_of_the_second_and_the_random_bytes);
    tcase_add_test(tests, takes_a_hash_only_whole);
    tcase_add_test(tests, takes_the_type_from_a_copy_of_the_terms);
    return suite_of("bounds", tests);
}
