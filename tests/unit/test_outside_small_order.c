/* The points of small order, in each of their encodings, wherever a key or a signature enters. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "suites.h"
#include "vector.h"

static const struct writ_json *file;

static void setup(void)
{
    setup_chain();
    file = vector_read(&arena, "small-order.json");
}

static const char *jwk_of(const struct writ_json *point)
{
    const struct writ_slice key = vector_hex(&arena, point, "encoding");
    return writ_arena_printf(&arena, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}",
                             writ_base64url_encode(&arena, key));
}

static enum writ_status key_status(const struct writ_json *point)
{
    struct writ_key key;
    return writ_key_parse(&arena, writ_slice_text(jwk_of(point)), &key).status;
}

static bool is_true(const struct writ_json *object, const char *name)
{
    return vector_get(object, name)->boolean;
}

/* R and nothing more: with S = 0 the equation holds whenever R + kA is the neutral element. */
static void forge_signature(const struct writ_json *point, uint8_t ret_signature[static 64])
{
    memset(ret_signature, 0, 64);
    memcpy(ret_signature, vector_hex(&arena, point, "encoding").data, 32);
}

static void replace_signature(struct writ_slice *compact, const uint8_t signature[static 64])
{
    size_t size = compact->size;
    while (compact->data[size - 1] != '.')
        size--;
    const char *text = writ_base64url_encode(&arena, writ_slice_of(signature, 64));
    *compact = writ_slice_text(
        writ_arena_printf(&arena, "%.*s%s", (int)size, (const char *)compact->data, text));
}

START_TEST(refuses_each_encoding_as_a_key)
{
    const struct writ_json *points = vector_get(file, "points");
    size_t canonical = 0;
    ck_assert_uint_eq(points->count, 14);
    for (size_t i = 0; i < points->count; i++) {
        ck_assert_msg(key_status(&points->items[i]) == WRIT_WEAK_KEY, "point %zu", i);
        canonical += is_true(&points->items[i], "canonical");
    }
    ck_assert_uint_eq(canonical, 8);
}
END_TEST

START_TEST(refuses_each_encoding_that_is_not_reduced)
{
    const struct writ_json *encodings = vector_get(file, "non_canonical");
    size_t on_curve = 0;
    ck_assert_uint_eq(encodings->count, 38);
    for (size_t i = 0; i < encodings->count; i++) {
        ck_assert_msg(key_status(&encodings->items[i]) == WRIT_WEAK_KEY, "encoding %zu", i);
        on_curve += is_true(&encodings->items[i], "on_curve");
    }
    ck_assert_uint_eq(on_curve, 24);
}
END_TEST

START_TEST(refuses_each_point_as_the_holder_of_a_link)
{
    const struct writ_json *points = vector_get(file, "points");
    for (size_t i = 0; i < points->count; i++) {
        const char *cnf = writ_arena_printf(&arena, "{\"jwk\":%s}", jwk_of(&points->items[i]));
        for (size_t link = 0; link < 2; link++) {
            forge_chain_init(&chain, &arena, 2);
            forge_set(&chain.claims[link], "cnf", cnf);
            forge_denies(&chain, cnf, link == 0 ? "3l" : "4b2", WRIT_WEAK_KEY, (int)link);
        }
    }
}
END_TEST

/* Whoever sets up a verifier by hand may give it any bytes; what they "signed" counts nowhere. */
START_TEST(refuses_what_each_point_would_have_signed_as_an_anchor)
{
    const struct writ_json *points = vector_get(file, "points");
    for (size_t i = 0; i < points->count; i++)
        for (size_t k = 0; k < points->count; k++) {
            uint8_t signature[64];
            forge_chain_init(&chain, &arena, 1);
            memcpy(chain.anchor.key.bytes, vector_hex(&arena, &points->items[i], "encoding").data,
                   32);
            forge_seal(&chain);
            forge_signature(&points->items[k], signature);
            replace_signature(&chain.links[0], signature);
            forge_denies_sealed(&chain, "root of a weak anchor", "3b", WRIT_SIGNATURE_INVALID, 0);
        }
}
END_TEST

START_TEST(refuses_each_point_as_half_of_a_signature)
{
    const struct writ_json *points = vector_get(file, "points");
    for (size_t i = 0; i < points->count; i++) {
        uint8_t signature[64];
        forge_signature(&points->items[i], signature);
        forge_chain_init(&chain, &arena, 2);
        forge_seal(&chain);
        replace_signature(&chain.links[1], signature);
        forge_denies_sealed(&chain, "child with S = 0", "4b", WRIT_SIGNATURE_INVALID, 1);
        forge_chain_init(&chain, &arena, 2);
        forge_seal(&chain);
        replace_signature(&chain.proof_compact, signature);
        forge_denies_sealed(&chain, "proof with S = 0", "7b", WRIT_HOLDER_BINDING_FAILED, -1);
    }
}
END_TEST

/* OpenSSL accepts this one for any message: key and R the neutral element, S = 0. */
START_TEST(refuses_the_signature_that_is_good_for_every_message)
{
    static const uint8_t NEUTRAL[32] = {1};
    uint8_t signature[64] = {1};
    ck_assert(!writ_signature_verify(NEUTRAL, writ_slice_text("any"), signature));
    ck_assert(!writ_signature_verify(NEUTRAL, WRIT_SLICE_NONE, signature));
    ck_assert_int_eq(writ_public_key_check(NEUTRAL).status, WRIT_WEAK_KEY);
}
END_TEST

/* 196 pairs, as ed25519-zebra combines them; ZIP 215 has all of them valid, we none. */
START_TEST(refuses_every_pair_of_key_and_signature_point)
{
    const struct writ_json *points = vector_get(file, "points");
    size_t pairs = 0;
    for (size_t i = 0; i < points->count; i++)
        for (size_t k = 0; k < points->count; k++, pairs++) {
            const struct writ_slice key = vector_hex(&arena, &points->items[i], "encoding");
            uint8_t signature[64];
            forge_signature(&points->items[k], signature);
            ck_assert_msg(!writ_signature_verify(key.data, writ_slice_text("Zcash"), signature),
                          "key %zu, R %zu", i, k);
        }
    ck_assert_uint_eq(pairs, 196);
}
END_TEST

/* Only case 6 is good, as in libsodium: key and R have a part of small order each, which cancel.
 * That key is not weak: its signatures still need the secret. */
START_TEST(agrees_with_speccheck_on_libsodium)
{
    const struct writ_json *cases = vector_get(file, "speccheck");
    ck_assert_uint_eq(cases->count, 15);
    for (size_t i = 0; i < cases->count; i++) {
        const struct writ_json *test = &cases->items[i];
        const struct writ_slice key = vector_hex(&arena, test, "key");
        const struct writ_slice signature = vector_hex(&arena, test, "sig");
        ck_assert_uint_eq(key.size + signature.size, 96);
        ck_assert_msg(
            writ_signature_verify(key.data, vector_hex(&arena, test, "msg"), signature.data) ==
                writ_slice_is(vector_text(test, "libsodium"), "valid"),
            "case %zu", i);
    }
}
END_TEST

Suite *suite_outside_small_order(void)
{
    TCase *tests = tcase_create("small_order");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, refuses_each_encoding_as_a_key);
    tcase_add_test(tests, refuses_each_encoding_that_is_not_reduced);
    tcase_add_test(tests, refuses_each_point_as_the_holder_of_a_link);
    tcase_add_test(tests, refuses_what_each_point_would_have_signed_as_an_anchor);
    tcase_add_test(tests, refuses_each_point_as_half_of_a_signature);
    tcase_add_test(tests, refuses_the_signature_that_is_good_for_every_message);
    tcase_add_test(tests, refuses_every_pair_of_key_and_signature_point);
    tcase_add_test(tests, agrees_with_speccheck_on_libsodium);
    return suite_of("outside_small_order", tests);
}
