/* Project Wycheproof: Ed25519 signatures, and JWS and JWK of all kinds but ours. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "jose/jws.h"
#include "suites.h"
#include "vector.h"

static const struct writ_json *read_array(const char *name, const char *member, size_t count)
{
    const struct writ_json *array = vector_get(vector_read(&arena, name), member);
    ck_assert_uint_eq(array->count, count);
    return array;
}

/* ---- Ed25519 -------------------------------------------------------------------------------- */

/* A signature of another length never reaches the check: it is refused where its text is read. */
static bool verifies(const struct writ_json *test)
{
    const struct writ_slice key = vector_hex(&arena, test, "key");
    const struct writ_slice signature = vector_hex(&arena, test, "sig");
    const char *text = writ_base64url_encode(&arena, signature);
    uint8_t exact[64];
    ck_assert_uint_eq(key.size, 32);
    ck_assert(writ_is_ok(writ_public_key_check(key.data)));
    if (!writ_is_ok(writ_base64url_decode_exact(writ_slice_text(text), exact, sizeof exact)))
        return false;
    return writ_signature_verify(key.data, vector_hex(&arena, test, "msg"), exact);
}

START_TEST(agrees_with_every_verdict_on_ed25519)
{
    const struct writ_json *tests = read_array("wycheproof-ed25519.json", "tests", 151);
    size_t valid = 0, other_length = 0;
    for (size_t i = 0; i < tests->count; i++) {
        const struct writ_json *test = &tests->items[i];
        const bool is_valid = writ_slice_is(vector_text(test, "result"), "valid");
        ck_assert_msg(is_valid || writ_slice_is(vector_text(test, "result"), "invalid"),
                      "test %zu is neither", i);
        ck_assert_msg(verifies(test) == is_valid, "tcId %lld is %s",
                      (long long)vector_number(test, "tcId"),
                      is_valid ? "valid, and refused" : "invalid, and accepted");
        valid += is_valid;
        other_length += vector_text(test, "sig").size != 128;
    }
    ck_assert_uint_eq(valid, 88);
    ck_assert_uint_eq(other_length, 12);
}
END_TEST

START_TEST(reads_each_ed25519_key_from_its_jwk)
{
    const struct writ_json *jwks = read_array("wycheproof-ed25519.json", "jwks", 52);
    for (size_t i = 0; i < jwks->count; i++) {
        struct writ_key key;
        const struct writ_json *jwk = vector_get(&jwks->items[i], "jwk");
        ck_assert(writ_is_ok(writ_key_parse(&arena, writ_json_canonical(&arena, jwk), &key)));
        ck_assert_mem_eq(key.bytes, vector_hex(&arena, &jwks->items[i], "pk").data, 32);
    }
}
END_TEST

/* ---- JWS and JWK of other algorithms -------------------------------------------------------- */

static bool is_refused(struct writ_slice compact)
{
    static const char *const TYPS[] = {WRIT_TYP_TOKEN, WRIT_TYP_PROOF, WRIT_TYP_ENROL,
                                       WRIT_TYP_REQUEST};
    size_t refused = 0;
    for (size_t i = 0; i < COUNT(TYPS); i++) {
        struct writ_jws jws;
        refused += writ_jws_split(&arena, compact, TYPS[i], &jws).status == WRIT_MALFORMED;
    }
    return refused == COUNT(TYPS);
}

/* The same JWS with our typ in its header, so that not the lack of it is what refuses; empty where
 * the header is none. */
static struct writ_slice with_our_typ(struct writ_slice compact)
{
    const uint8_t *dot = memchr(compact.data, '.', compact.size);
    const size_t size = dot ? (size_t)(dot - compact.data) : 0;
    struct writ_slice text;
    const struct writ_json *header = NULL;
    if (!writ_is_ok(writ_base64url_decode(&arena, writ_slice_of(compact.data, size), &text)) ||
        !writ_is_ok(writ_json_parse(&arena, text, &header)))
        return WRIT_SLICE_NONE;
    struct writ_json *typed = writ_json_new_object(&arena);
    for (size_t i = 0; i < header->count; i++)
        writ_json_put_named(&arena, typed, header->names[i], &header->items[i]);
    writ_json_put_string(&arena, typed, "typ", WRIT_TYP_TOKEN);
    return writ_slice_text(writ_arena_printf(
        &arena, "%s%.*s", writ_base64url_encode(&arena, writ_json_canonical(&arena, typed)),
        (int)(compact.size - size), (const char *)compact.data + size));
}

START_TEST(refuses_every_jws_of_another_algorithm)
{
    const struct writ_json *tests = read_array("wycheproof-jws.json", "tests", 427);
    size_t typed = 0;
    for (size_t i = 0; i < tests->count; i++) {
        const struct writ_json *test = &tests->items[i];
        const struct writ_slice compact = vector_text(test, "jws");
        const struct writ_slice ours = with_our_typ(compact);
        ck_assert_msg(is_refused(compact) && is_refused(ours), "%.*s, tcId %lld",
                      WRIT_SLICE_ARGS(vector_text(test, "file")),
                      (long long)vector_number(test, "tcId"));
        typed += ours.size > 0;
    }
    ck_assert_uint_eq(typed, 408);
}
END_TEST

START_TEST(refuses_every_key_of_another_kind)
{
    const struct writ_json *jwks = read_array("wycheproof-jwk.json", "jwks", 581);
    for (size_t i = 0; i < jwks->count; i++) {
        struct writ_key key;
        const struct writ_slice jwk = writ_json_canonical(&arena,
                                                          vector_get(&jwks->items[i], "jwk"));
        ck_assert_msg(writ_key_parse(&arena, jwk, &key).status == WRIT_MALFORMED, "%.*s",
                      WRIT_SLICE_ARGS(jwk));
    }
}
END_TEST

/* ---- What was done to those JWS, done to ours ------------------------------------------------ */

/*
 * The classes of the groups hs256 and base64 of json_web_signature_test, each applied to a token
 * that is good as it stands. In `input` and `signature` H, P and S stand for the parts of that
 * token; what they make is signed as it is, so that nothing but the class can be the reason.
 */
struct modification {
    const char *class;
    const char *input;
    const char *signature; /* behind the input; S is the signature of the input that was made */
    enum writ_status status;
};

static const struct modification MODIFICATIONS[] = {
    {"acceptsValid", "H.P", ".S", WRIT_OK},
    {"rejectsModifiedSignature", "H.P", ".X", WRIT_SIGNATURE_INVALID},
    {"rejectsMissingSignature", "H.P", ".", WRIT_MALFORMED},
    {"rejectsMissingSignatureAndSeparator", "H.P", "", WRIT_MALFORMED},
    {"rejectsMissingPayload", "H.", ".S", WRIT_MALFORMED},
    {"rejectsMissingPayloadAndSeparator", "H", ".S", WRIT_MALFORMED},
    {"rejectsMissingHeader", ".P", ".S", WRIT_MALFORMED},
    {"rejectsMissingHeaderAndSeparator", "P", ".S", WRIT_MALFORMED},
    {"rejectsMissingHeaderAndSignature", ".P", ".", WRIT_MALFORMED},
    {"rejectsMissingHeaderSignatureAndSeparators", "P", "", WRIT_MALFORMED},
    {"rejectsEmptyString", "", "", WRIT_MALFORMED},
    {"rejectsExtraEmptyComponent", "H.P", ".S.", WRIT_MALFORMED},
    {"rejectsExtraComponent", "H.P", ".S.foo", WRIT_MALFORMED},
    {"rejectsNoneAlgorithmAndMissingSignature", "N.P", ".", WRIT_MALFORMED},
    {"rejectsNoneAlgorithm, signed", "N.P", ".S", WRIT_MALFORMED},
    {"rejectsValidJsonSerialization", "{\"protected\":\"H\",\"payload\":\"P\"", ",\"signature\":S}",
     WRIT_MALFORMED},
    {"rejectsSpacesInMac", "H.P", ".    S", WRIT_MALFORMED},
    {"rejectsInvalidCharacterInsertedInMac, in front", "H.P", ".?S", WRIT_MALFORMED},
    {"rejectsInvalidCharacterInsertedInMac, behind", "H.P", ".S?", WRIT_MALFORMED},
    {"spacesInHeader", "H    .P", ".S", WRIT_MALFORMED},
    {"invalidCharactersInHeader", "H####.P", ".S", WRIT_MALFORMED},
    {"spacesInPayload", "H.    P", ".S", WRIT_MALFORMED},
    {"invalidCharactersInPayload", "H.####P", ".S", WRIT_MALFORMED},
    {"InvalidCharacterInPayload", "H.?P", ".S", WRIT_MALFORMED},
    {"invalidBase64Padding", "H=.P", ".S", WRIT_MALFORMED},
    {"invalidBase64PaddingInPayload", "H.P=", ".S", WRIT_MALFORMED},
    {"ModifiedPadding", "H.P", ".S==", WRIT_MALFORMED},
    {"ModifiedUnusedBitsInPayload", "H.AB", ".S", WRIT_MALFORMED},
    /* Wycheproof's own verdict on these two is valid; a decoder that skips what it does not know
     * makes two texts of one token, and par_hash is over the text. */
    {"InvalidCharacterInsertedInHeader", "H?.P", ".S", WRIT_MALFORMED},
    {"InvalidCharacterInsertedInPayload", "H.P?", ".S", WRIT_MALFORMED},
    {"ValidSpacesInJsonHeader", "W.P", ".S", WRIT_OK},
    {"ValidWhiteSpaceInJsonHeader", "L.P", ".S", WRIT_OK},
};

static const char *part_of(char letter, const char *signature)
{
    switch (letter) {
    case 'H':
        return writ_base64url_encode(&arena, writ_slice_text(FORGE_HEADER));
    case 'N':
        return writ_base64url_encode(&arena,
                                     writ_slice_text("{\"alg\":\"none\",\"typ\":\"aat+jwt\"}"));
    case 'W':
        return writ_base64url_encode(
            &arena, writ_slice_text("{ \"alg\" : \"Ed25519\", \"typ\" : \"aat+jwt\" }"));
    case 'L':
        return writ_base64url_encode(
            &arena, writ_slice_text("{\"alg\":\"Ed25519\",\n\t\"typ\":\"aat+jwt\"}"));
    case 'P':
        return writ_base64url_encode(&arena, writ_slice_text("{\"jti\":\"7\"}"));
    case 'S':
        return signature;
    case 'X': /* the last character carries unused bits, the first does not */
        return writ_arena_printf(&arena, "%c%s", signature[0] == 'A' ? 'B' : 'A', signature + 1);
    default:
        return NULL;
    }
}

static const char *expand(const char *template, const char *signature)
{
    const char *text = "";
    for (const char *at = template; *at; at++) {
        const char *part = part_of(*at, signature);
        text = part ? writ_arena_printf(&arena, "%s%s", text, part)
                    : writ_arena_printf(&arena, "%s%c", text, *at);
    }
    return text;
}

static enum writ_status status_of(const struct modification *modification)
{
    const struct writ_key key = forge_key(1);
    const char *input = expand(modification->input, "");
    struct writ_jws jws;
    uint8_t signature[64];
    writ_sign(forge_seed(1), writ_slice_text(input), signature);
    const char *rest = expand(modification->signature,
                              writ_base64url_encode(&arena, writ_slice_of(signature, 64)));
    const char *compact = writ_arena_printf(&arena, "%s%s", input, rest);
    const struct writ_result split = writ_jws_split(&arena, writ_slice_text(compact),
                                                    WRIT_TYP_TOKEN, &jws);
    return writ_is_ok(split) ? writ_jws_verify(&jws, &key).status : split.status;
}

START_TEST(refuses_each_class_of_modification_in_a_token_of_ours)
{
    size_t accepted = 0;
    ck_assert_uint_eq(COUNT(MODIFICATIONS), 32);
    for (size_t i = 0; i < COUNT(MODIFICATIONS); i++) {
        const enum writ_status status = status_of(&MODIFICATIONS[i]);
        ck_assert_msg(status == MODIFICATIONS[i].status, "%s: %s", MODIFICATIONS[i].class,
                      writ_status_code(status));
        accepted += status == WRIT_OK;
    }
    ck_assert_uint_eq(accepted, 3);
}
END_TEST

Suite *suite_outside_wycheproof(void)
{
    TCase *tests = tcase_create("wycheproof");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, agrees_with_every_verdict_on_ed25519);
    tcase_add_test(tests, reads_each_ed25519_key_from_its_jwk);
    tcase_add_test(tests, refuses_every_jws_of_another_algorithm);
    tcase_add_test(tests, refuses_every_key_of_another_kind);
    tcase_add_test(tests, refuses_each_class_of_modification_in_a_token_of_ours);
    return suite_of("outside_wycheproof", tests);
}
