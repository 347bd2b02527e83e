#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "suites.h"

/* RFC 8037 appendix A. */
#define SEED "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
#define X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define THUMBPRINT "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
#define INPUT "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
#define SIGNATURE                                                                                  \
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

static uint8_t seed[32];
static struct writ_key key;

static void setup(void)
{
    setup_arena();
    ck_assert(writ_is_ok(writ_base64url_decode_exact(writ_slice_text(SEED), seed, 32)));
    ck_assert(writ_is_ok(writ_key_from_seed(seed, &key)));
}

static enum writ_status key_status(const char *jwk)
{
    struct writ_key read;
    return writ_key_parse(&arena, writ_slice_text(jwk), &read).status;
}

START_TEST(agrees_with_rfc_8037_on_key_thumbprint_and_signature)
{
    char text[44];
    uint8_t signature[64];
    struct writ_key read;
    writ_key_thumbprint(&key, text);
    ck_assert_str_eq(text, THUMBPRINT);
    ck_assert_str_eq((const char *)writ_json_canonical(&arena, writ_jwk_json(&arena, &key)).data,
                     "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" X "\"}");
    ck_assert(writ_is_ok(writ_key_parse(
        &arena, writ_slice_text("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "\"}"), &read)));
    ck_assert_mem_eq(read.bytes, key.bytes, 32);
    writ_sign(seed, writ_slice_text(INPUT), signature);
    ck_assert_str_eq(writ_base64url_encode(&arena, writ_slice_of(signature, 64)), SIGNATURE);
    ck_assert(writ_signature_verify(key.bytes, writ_slice_text(INPUT), signature));
}
END_TEST

START_TEST(refuses_keys_of_another_kind)
{
    static const char *const CASES[] = {
        "[]",
        "{}",
        "{\"kty\":\"EC\",\"crv\":\"Ed25519\",\"x\":\"" X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"X25519\",\"x\":\"" X "\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "A\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" X "=\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"\"}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":7}",
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}",
        "{\"kty\":[\"OKP\"],\"crv\":\"Ed25519\",\"x\":\"" X "\"}",
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        ck_assert_msg(key_status(CASES[i]) == WRIT_MALFORMED, "%s", CASES[i]);
}
END_TEST

START_TEST(refuses_a_key_that_shows_its_private_half)
{
    ck_assert_int_eq(
        key_status("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"" SEED "\",\"x\":\"" X "\"}"),
        WRIT_MALFORMED);
}
END_TEST

START_TEST(writes_a_key_as_it_reads_it)
{
    ck_assert(writ_slice_is(writ_key_json(&arena, &key),
                            "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"" X "\"}"));
    struct writ_arena none;
    writ_arena_init(&none, 1);
    ck_assert_ptr_null(writ_key_json(&none, &key).data);
    writ_arena_done(&none);
}
END_TEST

START_TEST(refuses_the_identity_point_as_a_key)
{
    ck_assert_int_eq(key_status("{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
                                "\"x\":\"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}"),
                     WRIT_WEAK_KEY);
}
END_TEST

START_TEST(knows_the_issuer_by_its_thumbprint_uri)
{
    char *uri = writ_jwk_thumbprint_uri(&arena, &key);
    ck_assert_str_eq(uri, WRIT_THUMBPRINT_URI THUMBPRINT);
    ck_assert(writ_jwk_is_issuer(&key, writ_slice_text(uri)));
    ck_assert(!writ_jwk_is_issuer(&key, writ_slice_of(uri, strlen(uri) - 1)));
    ck_assert(!writ_jwk_is_issuer(&key, writ_slice_text(THUMBPRINT)));
    ck_assert(!writ_jwk_is_issuer(&key, WRIT_SLICE_NONE));
    uri[strlen(uri) - 1] ^= 1;
    ck_assert(!writ_jwk_is_issuer(&key, writ_slice_text(uri)));
}
END_TEST

/* A compact JWS over literal header and payload texts, signed whatever they say. */
static struct writ_slice sign(const char *header, const char *payload)
{
    uint8_t signature[64];
    const char *input = writ_arena_printf(&arena, "%s.%s",
                                          writ_base64url_encode(&arena, writ_slice_text(header)),
                                          writ_base64url_encode(&arena, writ_slice_text(payload)));
    writ_sign(seed, writ_slice_text(input), signature);
    return writ_slice_text(writ_arena_printf(
        &arena, "%s.%s", input, writ_base64url_encode(&arena, writ_slice_of(signature, 64))));
}

static enum writ_status split_status(struct writ_slice compact)
{
    struct writ_jws jws;
    return writ_jws_split(&arena, compact, WRIT_TYP_TOKEN, &jws).status;
}

START_TEST(reads_back_what_it_wrote)
{
    struct writ_json *payload = writ_json_new_object(&arena);
    struct writ_slice input;
    struct writ_jws jws;
    const struct writ_json *claims = NULL;
    uint8_t hash[32], expected[32];
    writ_json_put_string(&arena, payload, "jti", "7");
    ck_assert(
        writ_is_ok(writ_jws_input(&arena, WRIT_TYP_TOKEN, writ_slice_text("k1"), payload, &input)));
    const struct writ_slice compact = sign(
        "{\"alg\":\"Ed25519\",\"kid\":\"k1\",\"typ\":\"aat+jwt\"}", "{\"jti\":\"7\"}");
    ck_assert(writ_slice_starts(compact, input));
    ck_assert(writ_is_ok(writ_jws_split(&arena, compact, WRIT_TYP_TOKEN, &jws)));
    ck_assert(writ_slice_equal(jws.input, input));
    ck_assert(writ_slice_is(jws.kid, "k1"));
    writ_sha256(input, expected);
    writ_jws_hash(&jws, hash);
    ck_assert_mem_eq(hash, expected, 32);
    ck_assert(writ_is_ok(writ_jws_verify(&jws, &key)));
    ck_assert(writ_is_ok(writ_jws_payload(&arena, &jws, &claims)));
    ck_assert(writ_json_equal(claims, payload));
    ck_assert(writ_is_ok(writ_jws_peek(&arena, compact, &claims)));
    ck_assert(writ_json_equal(claims, payload));
}
END_TEST

START_TEST(leaves_out_an_empty_kid)
{
    struct writ_slice input;
    ck_assert(writ_is_ok(writ_jws_input(&arena, WRIT_TYP_PROOF, WRIT_SLICE_NONE,
                                        writ_json_new_object(&arena), &input)));
    ck_assert(writ_slice_is(input, "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiYWF0LXBvcCtqd3QifQ.e30"));
}
END_TEST

START_TEST(refuses_headers_that_are_not_exactly_ours)
{
    static const char *const CASES[] = {
        "{\"alg\":\"EdDSA\",\"typ\":\"aat+jwt\"}",
        "{\"alg\":\"none\",\"typ\":\"aat+jwt\"}",
        "{\"alg\":\"ed25519\",\"typ\":\"aat+jwt\"}",
        "{\"alg\":[\"Ed25519\"],\"typ\":\"aat+jwt\"}",
        "{\"typ\":\"aat+jwt\"}",
        "{\"alg\":\"Ed25519\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"AAT+JWT\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat-pop+jwt\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"application/aat+jwt\"}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"crit\":[]}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"crit\":[\"b64\"],\"b64\":false}",
        "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"kid\":7}",
        "[\"alg\",\"Ed25519\"]",
        "\"Ed25519\"",
        "",
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        ck_assert_msg(split_status(sign(CASES[i], "{}")) == WRIT_MALFORMED, "%s", CASES[i]);
    ck_assert_int_eq(
        split_status(sign("{\"alg\":\"none\",\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}", "{}")),
        WRIT_DUPLICATE_MEMBER);
}
END_TEST

START_TEST(ignores_keys_offered_in_the_header)
{
    ck_assert_int_eq(split_status(sign("{\"alg\":\"Ed25519\",\"jku\":\"https://x\",\"jwk\":{},"
                                       "\"typ\":\"aat+jwt\",\"x5c\":[],\"zip\":\"DEF\"}",
                                       "{}")),
                     WRIT_OK);
}
END_TEST

START_TEST(refuses_a_frame_that_is_not_three_clean_parts)
{
    const char *good =
        (const char *)sign("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}", "{\"jti\":\"7\"}").data;
    const char *const cases[] = {
        "",
        ".",
        "..",
        "a.b.c",
        writ_arena_printf(&arena, "%s.", good),
        writ_arena_printf(&arena, "%s=", good),
        writ_arena_printf(&arena, "%s.e30", good),
        writ_arena_printf(&arena, ".%s", good),
        writ_arena_printf(&arena, " %s", good),
        writ_arena_printf(&arena, "%s\n", good),
        writ_arena_printf(&arena, "%.*s", (int)strlen(good) - 1, good),
        writ_arena_printf(&arena, "%sAAAA", good),
        strchr(good, '.'),
        strchr(good, '.') + 1,
    };
    ck_assert_int_eq(split_status(writ_slice_text(good)), WRIT_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        ck_assert_msg(split_status(writ_slice_text(cases[i])) == WRIT_MALFORMED, "%s", cases[i]);
}
END_TEST

START_TEST(refuses_a_payload_that_is_no_base64url)
{
    char *text = writ_arena_text(
        &arena, sign("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}", "{\"jti\":\"seven\"}"));
    char *payload = strchr(text, '.') + 1;
    payload[2] = '+';
    ck_assert_int_eq(split_status(writ_slice_text(text)), WRIT_MALFORMED);
}
END_TEST

START_TEST(refuses_another_signature)
{
    struct writ_jws jws;
    struct writ_key other;
    const uint8_t other_seed[32] = {9};
    ck_assert(writ_is_ok(writ_key_from_seed(other_seed, &other)));
    const struct writ_slice compact = sign("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}", "{}");
    ck_assert(writ_is_ok(writ_jws_split(&arena, compact, WRIT_TYP_TOKEN, &jws)));
    ck_assert_int_eq(writ_jws_verify(&jws, &other).status, WRIT_SIGNATURE_INVALID);
    jws.signature[40] ^= 1;
    ck_assert_int_eq(writ_jws_verify(&jws, &key).status, WRIT_SIGNATURE_INVALID);
}
END_TEST

START_TEST(payload_must_be_an_object_without_duplicates)
{
    static const struct {
        const char *payload;
        enum writ_status status;
    } CASES[] = {
        {"[]", WRIT_MALFORMED},
        {"{\"a\":1,\"a\":1}", WRIT_DUPLICATE_MEMBER},
        {"{} ", WRIT_OK},
        {"not json", WRIT_MALFORMED},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct writ_jws jws;
        const struct writ_json *claims = NULL;
        const struct writ_slice compact = sign("{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}",
                                               CASES[i].payload);
        ck_assert(writ_is_ok(writ_jws_split(&arena, compact, WRIT_TYP_TOKEN, &jws)));
        ck_assert_int_eq(writ_jws_payload(&arena, &jws, &claims).status, CASES[i].status);
    }
}
END_TEST

START_TEST(peeks_at_the_claims_of_an_object_only)
{
    const struct writ_json *claims = NULL;
    ck_assert_int_eq(writ_jws_peek(&arena, sign("{}", "[]"), &claims).status, WRIT_MALFORMED);
    ck_assert_int_eq(writ_jws_peek(&arena, writ_slice_text("x"), &claims).status, WRIT_MALFORMED);
    ck_assert_int_eq(writ_jws_peek(&arena, writ_slice_text("e30.e30=."), &claims).status,
                     WRIT_MALFORMED);
    ck_assert_ptr_null(claims);
    ck_assert(writ_is_ok(writ_jws_peek(&arena, sign("{}", "{\"txn\":\"t\"}"), &claims)));
    ck_assert(writ_slice_is(writ_json_text(writ_json_get(claims, "txn")), "t"));
}
END_TEST

Suite *suite_jose(void)
{
    TCase *tests = tcase_create("jose");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, agrees_with_rfc_8037_on_key_thumbprint_and_signature);
    tcase_add_test(tests, refuses_keys_of_another_kind);
    tcase_add_test(tests, refuses_a_key_that_shows_its_private_half);
    tcase_add_test(tests, writes_a_key_as_it_reads_it);
    tcase_add_test(tests, refuses_the_identity_point_as_a_key);
    tcase_add_test(tests, knows_the_issuer_by_its_thumbprint_uri);
    tcase_add_test(tests, reads_back_what_it_wrote);
    tcase_add_test(tests, leaves_out_an_empty_kid);
    tcase_add_test(tests, refuses_headers_that_are_not_exactly_ours);
    tcase_add_test(tests, ignores_keys_offered_in_the_header);
    tcase_add_test(tests, refuses_a_frame_that_is_not_three_clean_parts);
    tcase_add_test(tests, refuses_a_payload_that_is_no_base64url);
    tcase_add_test(tests, refuses_another_signature);
    tcase_add_test(tests, payload_must_be_an_object_without_duplicates);
    tcase_add_test(tests, peeks_at_the_claims_of_an_object_only);
    return suite_of("jose", tests);
}
