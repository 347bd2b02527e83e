/* The ends of ranges: sizes, times, numbers and lists, at the last good value and beyond it. */
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "fixture.h"
#include "suites.h"
#include "token/statement.h"
#include "token/token.h"
#include "json/json.h"

static const char *text_of(char byte, size_t count)
{
    char *text = writ_arena_alloc(&arena, count + 1);
    memset(text, byte, count);
    return text;
}

static const char *quoted(size_t count)
{
    return writ_arena_printf(&arena, "\"%s\"", text_of('j', count));
}

/* It stands in keys of the ledger; the draft sets no bound. */
START_TEST(a_jti_has_128_bytes_at_most_in_our_profile)
{
    forge_set(&chain.claims[0], "jti", quoted(WRIT_JTI_MAX));
    forge_set(&chain.proof, "jti", quoted(WRIT_JTI_MAX));
    forge_permits(&chain, "128 bytes");
    forge_set(&chain.proof, "jti", quoted(WRIT_JTI_MAX + 1));
    forge_denies(&chain, "129 bytes in the proof", "7c", WRIT_MALFORMED, -1);
    start_over(2);
    forge_set(&chain.claims[0], "jti", quoted(WRIT_JTI_MAX + 1));
    forge_denies(&chain, "129 bytes in the root", "3j", WRIT_MALFORMED, 0);
    start_over(2);
    forge_set(&chain.claims[0], "jti", quoted(WRIT_JTI_MAX + 1));
    forge_set(&chain.proof, "jti", quoted(WRIT_JTI_MAX + 1));
    chain.verifier.profile = STRICT;
    forge_permits(&chain, "129 bytes under the strict profile");
}
END_TEST

START_TEST(times_at_the_end_of_the_range_do_not_wrap_around)
{
    const char *last = "9223372036854775807";
    chain.verifier.now_unix_s = INT64_MAX - 3;
    for (size_t i = 0; i < 2; i++) {
        forge_set(&chain.claims[i], "iat", "9223372036854775805");
        forge_set(&chain.claims[i], "exp", last);
    }
    forge_set(&chain.proof, "iat", "9223372036854775805");
    forge_permits(&chain, "now and iat at the end");
    chain.verifier.now_unix_s = INT64_MIN;
    forge_denies(&chain, "now at the beginning", "3f", WRIT_NOT_YET_VALID, 0);
    start_over(2);
    forge_set(&chain.claims[0], "iat", "-9223372036854775808");
    forge_set(&chain.claims[0], "exp", last);
    forge_denies(&chain, "from the beginning to the end", "3h", WRIT_MALFORMED, 0);
    start_over(2);
    forge_set(&chain.claims[1], "iat", last);
    forge_denies(&chain, "a child of the end", "4k", WRIT_NOT_YET_VALID, 1);
}
END_TEST

START_TEST(the_window_of_a_statement_does_not_wrap_around)
{
    const struct writ_slice audience = writ_slice_text(FORGE_ISSUER), nonce = writ_slice_text("n");
    const struct writ_key key = forge_key(1);
    const struct writ_slice compact = forge_sign(
        &arena, "{\"alg\":\"Ed25519\",\"typ\":\"writ-enrol+jwt\"}",
        "{\"aud\":\"" FORGE_ISSUER "\",\"iat\":9223372036854775806,\"jti\":\"j\",\"nonce\":\"n\"}",
        1);
    ck_assert_int_eq(
        writ_enrol_verify(&arena, &key, compact, audience, nonce, INT64_MAX, 30, &denial).status,
        WRIT_OK);
    ck_assert_int_eq(
        writ_enrol_verify(&arena, &key, compact, audience, nonce, INT64_MIN, 30, &denial).status,
        WRIT_NOT_YET_VALID);
}
END_TEST

START_TEST(a_derivation_and_a_statement_refuse_over_64_kib)
{
    const struct writ_slice large = writ_slice_text(text_of('a', WRIT_TOKEN_SIZE_MAX + 1));
    struct writ_grant grant = {.exp_unix_s = FORGE_NOW, .max_depth = 2};
    struct writ_slice input;
    struct writ_token token;
    ck_assert_int_eq(writ_child_input(&arena, large, &grant, &input).status, WRIT_MALFORMED);
    ck_assert_int_eq(writ_token_read_trusted(&arena, OURS, large, &token).status, WRIT_MALFORMED);
    ck_assert_int_eq(writ_enrol_verify(&arena, &chain.anchor.key, large, writ_slice_text("a"),
                                       writ_slice_text("n"), FORGE_NOW, 30, &denial)
                         .status,
                     WRIT_MALFORMED);
    ck_assert_str_eq(denial.step, "");
    ck_assert_int_eq(writ_sign_input(&arena, WRIT_SLICE_NONE, forge_seed(1), &input).status,
                     WRIT_MALFORMED);
}
END_TEST

START_TEST(no_depth_is_negative)
{
    forge_set(&chain.claims[0], "del_max_depth", "-1");
    forge_denies(&chain, "root", "3i", WRIT_DEPTH_INVALID, 0);
    start_over(2);
    forge_set(&chain.claims[1], "del_max_depth", "-1");
    forge_denies(&chain, "child", "4b4", WRIT_MALFORMED, 1);
}
END_TEST

START_TEST(a_path_hides_no_byte_behind_an_escape)
{
    static const char *const BAD[] = {"%2e", "%2E", "%2f", "%2F", "%5c", "%5C", "%00"};
    static const char *const GOOD[] = {"%2d", "%20", "%0a", "%01", "%5d", "%50", "%", "%2", "%%2"};
    for (size_t i = 0; i < COUNT(BAD); i++)
        ck_assert_msg(
            !writ_path_is_normal(writ_slice_text(writ_arena_printf(&arena, "/a%sb", BAD[i]))), "%s",
            BAD[i]);
    for (size_t i = 0; i < COUNT(GOOD); i++)
        ck_assert_msg(
            writ_path_is_normal(writ_slice_text(writ_arena_printf(&arena, "/a%s", GOOD[i]))), "%s",
            GOOD[i]);
}
END_TEST

START_TEST(reads_numbers_far_beyond_every_double)
{
    static const struct {
        const char *text;
        double value;
        bool admissible;
    } CASES[] = {
        {"0e99999999999999999999", 0, true},
        {"1e-99999999999999999999", 0, false},
        {"-1e-400", 0, false},
        {"4.9e-324", 5e-324, false},
        {"5e-324", 5e-324, true},
        {"1.7976931348623157e308", 1.7976931348623157e308, true},
        {"0.000000000000000000000000000000001e33", 1, true},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct writ_json *number = parse(CASES[i].text);
        ck_assert_msg(number->admissible == CASES[i].admissible, "%s", CASES[i].text);
        ck_assert_msg(number->number >= CASES[i].value && number->number <= CASES[i].value, "%s",
                      CASES[i].text);
    }
    ck_assert(!parse("1e309")->admissible && parse("1e309")->number > 1e308);
    ck_assert(!parse("-1e99999")->admissible && parse("-1e99999")->number < -1e308);
    ck_assert(
        writ_slice_is(writ_json_canonical(&arena, parse("[-1e999,1e999]")), "[-1e999,1e999]"));
}
END_TEST

START_TEST(reads_more_tools_and_arguments_than_the_first_room)
{
    const char *tools = "t01";
    const char *arguments = "a01 any";
    for (int i = 2; i <= 40; i++) {
        tools = writ_arena_printf(&arena, "%s, t%02d", tools, i);
        arguments = writ_arena_printf(&arena, "%s, a%02d any", arguments, i);
    }
    const struct writ_authority *many = authority_of(
        writ_arena_printf(&arena, "%s, u(%s)", tools, arguments));
    ck_assert_uint_eq(many->tool_count, 41);
    ck_assert_uint_eq(many->tools[40].argument_count, 40);
    ck_assert_str_eq((const char *)writ_authority_notation(&arena, many).data,
                     writ_arena_printf(&arena, "%s, u(%s)", tools, arguments));
}
END_TEST

START_TEST(refuses_sizes_that_overflow)
{
    uint8_t byte = 7;
    const struct writ_slice endless = {&byte, SIZE_MAX};
    ck_assert_ptr_null(writ_arena_text(&arena, endless));
    ck_assert_ptr_null(writ_base64url_encode(&arena, endless));
    ck_assert_ptr_null(writ_arena_array(&arena, SIZE_MAX, 2));
    ck_assert_ptr_nonnull(writ_arena_array(&arena, SIZE_MAX, 0));
    uint8_t bytes[65] = {0};
    const char *text = text_of('A', WRIT_BASE64URL_SIZE(65));
    ck_assert_int_eq(writ_base64url_decode_exact(writ_slice_text(text), bytes, sizeof bytes).status,
                     WRIT_MALFORMED);
}
END_TEST

Suite *suite_ends(void)
{
    TCase *tests = tcase_create("ends");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_add_test(tests, a_jti_has_128_bytes_at_most_in_our_profile);
    tcase_add_test(tests, times_at_the_end_of_the_range_do_not_wrap_around);
    tcase_add_test(tests, the_window_of_a_statement_does_not_wrap_around);
    tcase_add_test(tests, a_derivation_and_a_statement_refuse_over_64_kib);
    tcase_add_test(tests, no_depth_is_negative);
    tcase_add_test(tests, a_path_hides_no_byte_behind_an_escape);
    tcase_add_test(tests, reads_numbers_far_beyond_every_double);
    tcase_add_test(tests, reads_more_tools_and_arguments_than_the_first_room);
    tcase_add_test(tests, refuses_sizes_that_overflow);
    return suite_of("ends", tests);
}
