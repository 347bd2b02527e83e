/* RFC 8037 appendix A and RFC 8785, as others wrote them down: tests/vectors/README.md. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "fixture.h"
#include "jose/jws.h"
#include "suites.h"
#include "vector.h"

static const struct writ_json *file;

static void setup_rfc8037(void)
{
    setup_arena();
    file = vector_read(&arena, "rfc8037.json");
}

static void setup_rfc8785(void)
{
    setup_arena();
    file = vector_read(&arena, "rfc8785.json");
}

/* ---- RFC 8037 ------------------------------------------------------------------------------- */

static const struct writ_json *section(const char *name)
{
    const struct writ_json *sections = vector_get(file, "sections");
    for (size_t i = 0; i < sections->count; i++)
        if (writ_slice_is(vector_text(&sections->items[i], "section"), name))
            return &sections->items[i];
    ck_abort_msg("no section %s", name);
    return NULL;
}

static enum writ_status key_status(const struct writ_json *jwk, struct writ_key *ret_key)
{
    return writ_key_parse(&arena, writ_json_canonical(&arena, jwk), ret_key).status;
}

static struct writ_key public_key(void)
{
    struct writ_key key;
    ck_assert_int_eq(key_status(vector_get(section("A.2"), "public_jwk"), &key), WRIT_OK);
    return key;
}

START_TEST(has_seven_sections)
{
    ck_assert_uint_eq(vector_get(file, "sections")->count, 7);
}
END_TEST

START_TEST(a1_and_a2_are_one_key_and_only_its_public_half_is_read)
{
    const struct writ_json *private = vector_get(section("A.1"), "private_jwk");
    const struct writ_key public = public_key();
    uint8_t seed[32];
    struct writ_key derived, refused;
    ck_assert(
        writ_is_ok(writ_base64url_decode_exact(vector_text(private, "d"), seed, sizeof seed)));
    ck_assert(writ_is_ok(writ_key_from_seed(seed, &derived)));
    ck_assert_mem_eq(derived.bytes, public.bytes, 32);
    ck_assert_int_eq(key_status(private, &refused), WRIT_MALFORMED);
}
END_TEST

START_TEST(a3_is_the_thumbprint)
{
    const struct writ_json *a3 = section("A.3");
    const struct writ_key key = public_key();
    char text[44];
    uint8_t hash[32];
    writ_key_thumbprint(&key, text);
    ck_assert(writ_slice_is(vector_text(a3, "thumbprint"), text));
    ck_assert(
        writ_slice_equal(vector_text(a3, "hash_input"),
                         writ_json_canonical(&arena, vector_get(section("A.2"), "public_jwk"))));
    writ_sha256(vector_text(a3, "hash_input"), hash);
    ck_assert_mem_eq(hash, vector_hex(&arena, a3, "sha256").data, 32);
}
END_TEST

START_TEST(a4_is_what_signing_gives)
{
    const struct writ_json *a4 = section("A.4");
    const char *input = writ_arena_printf(
        &arena, "%s.%s", writ_base64url_encode(&arena, vector_text(a4, "header")),
        writ_base64url_encode(&arena, vector_text(a4, "payload")));
    uint8_t seed[32], signature[64];
    ck_assert(writ_slice_is(vector_text(a4, "signing_input"), input));
    ck_assert(writ_is_ok(writ_base64url_decode_exact(
        vector_text(vector_get(section("A.1"), "private_jwk"), "d"), seed, sizeof seed)));
    writ_sign(seed, writ_slice_text(input), signature);
    ck_assert(writ_slice_is(vector_text(a4, "signature"),
                            writ_base64url_encode(&arena, writ_slice_of(signature, 64))));
}
END_TEST

/* The signature is good, the token is none of ours: RFC 9864 made alg EdDSA ambiguous. */
START_TEST(a5_verifies_as_a_signature_and_is_refused_as_a_token)
{
    const struct writ_slice compact = vector_text(section("A.5"), "compact");
    const struct writ_slice input = vector_text(section("A.4"), "signing_input");
    const struct writ_key key = public_key();
    uint8_t signature[64];
    struct writ_jws jws;
    ck_assert(writ_slice_starts(compact, input));
    ck_assert(writ_is_ok(writ_base64url_decode_exact(
        writ_slice_of(compact.data + input.size + 1, compact.size - input.size - 1), signature,
        sizeof signature)));
    ck_assert(writ_signature_verify(key.bytes, input, signature));
    ck_assert_int_eq(writ_jws_split(&arena, compact, WRIT_TYP_TOKEN, &jws).status, WRIT_MALFORMED);
}
END_TEST

START_TEST(a6_and_a7_are_no_keys_to_sign_with)
{
    size_t refused = 0;
    for (int i = 6; i <= 7; i++) {
        const char *name = writ_arena_printf(&arena, "A.%d", i);
        const struct writ_json *jwks = vector_get(section(name), "jwks");
        for (size_t k = 0; k < jwks->count; k++, refused++) {
            struct writ_key key;
            ck_assert_int_eq(key_status(&jwks->items[k], &key), WRIT_MALFORMED);
        }
    }
    ck_assert_uint_eq(refused, 4);
}
END_TEST

/* ---- RFC 8785 ------------------------------------------------------------------------------- */

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(struct writ_slice hex)
{
    char text[17] = {0};
    ck_assert_uint_eq(hex.size, 16);
    memcpy(text, hex.data, hex.size);
    return strtoull(text, NULL, 16);
}

/* What may stand in a proof, and what may not. */
static bool is_number(const char *text)
{
    const struct writ_json *value = NULL;
    return writ_is_ok(writ_json_parse(&arena, writ_slice_text(text), &value)) &&
           writ_json_all_admissible(value);
}

START_TEST(writes_each_number_of_appendix_b)
{
    const struct writ_json *numbers = vector_get(file, "numbers");
    size_t errors = 0;
    ck_assert_uint_eq(numbers->count, 26);
    for (size_t i = 0; i < numbers->count; i++) {
        const struct writ_json *row = &numbers->items[i];
        const double value = double_of(bits_of(vector_text(row, "ieee")));
        const struct writ_slice error = vector_text(row, "error");
        char text[32];
        if (error.size > 0) {
            /* No JSON text is read as such a number, so that none is ever written. */
            ck_assert(!isfinite(value) && !is_number(writ_arena_text(&arena, error)));
            errors++;
            continue;
        }
        writ_json_number_text(value, text);
        ck_assert_msg(writ_slice_is(vector_text(row, "text"), text), "%s", text);
        ck_assert(is_number(text) && parse(text)->number == value);
    }
    ck_assert_uint_eq(errors, 2);
    ck_assert(!is_number("-Infinity") && !is_number("1e999") && !is_number("-1e999"));
}
END_TEST

static void check_canonical(const struct writ_json *row, size_t i)
{
    const struct writ_json *value = NULL;
    const struct writ_result read = writ_json_parse(&arena, vector_text(row, "input"), &value);
    if (writ_json_get(row, "error")) {
        ck_assert_msg(read.status == WRIT_MALFORMED, "row %zu is read", i);
        return;
    }
    ck_assert_msg(writ_is_ok(read), "row %zu is refused", i);
    const struct writ_slice canonical = writ_json_canonical(&arena, value);
    ck_assert_msg(writ_slice_equal(vector_text(row, "output"), canonical), "row %zu: %.*s", i,
                  WRIT_SLICE_ARGS(canonical));
}

START_TEST(writes_each_sample_as_published)
{
    const struct writ_json *samples = vector_get(file, "samples");
    ck_assert_uint_eq(samples->count, 8);
    for (size_t i = 0; i < samples->count; i++)
        check_canonical(&samples->items[i], i);
}
END_TEST

START_TEST(escapes_each_character_as_section_3_2_2_2_says)
{
    const struct writ_json *strings = vector_get(file, "strings");
    ck_assert_uint_eq(strings->count, 43);
    for (size_t i = 0; i < strings->count; i++)
        check_canonical(&strings->items[i], i);
}
END_TEST

/* Stricter than the RFC, which writes it as \u0000: a text of ours never holds a NUL. */
START_TEST(refuses_the_one_escape_that_the_rfc_allows_and_we_do_not)
{
    const struct writ_json *value = NULL;
    ck_assert_int_eq(writ_json_parse(&arena, writ_slice_text("\"\\u0000\""), &value).status,
                     WRIT_MALFORMED);
}
END_TEST

/* The sequence of es6testfile100m.txt: listed values, then 2000 that follow each other, then what
 * SHA-256 over the hash before gives, eight bytes a double, without zeros and the non-finite. */
struct sequence {
    const struct writ_json *listed;
    size_t next;
    uint8_t block[32];
    size_t taken; /* doubles of the block */
};

static double next_double(struct sequence *sequence)
{
    static const size_t CONSECUTIVE = 2000;
    const size_t i = sequence->next++;
    const size_t listed = sequence->listed->count;
    if (i < listed)
        return double_of(bits_of(sequence->listed->items[i].text));
    if (i < listed + CONSECUTIVE)
        return double_of(0x0010000000000000 + (i - listed));
    for (;;) {
        if (sequence->taken == 4) {
            uint8_t before[32];
            memcpy(before, sequence->block, sizeof before);
            writ_sha256(writ_slice_of(before, sizeof before), sequence->block);
            sequence->taken = 0;
        }
        uint64_t bits = 0;
        for (size_t k = 8; k > 0; k--)
            bits = bits << 8 | sequence->block[8 * sequence->taken + k - 1];
        sequence->taken++;
        if (double_of(bits) != 0 && isfinite(double_of(bits)))
            return double_of(bits);
    }
}

enum { ES6_LINES = 100000, ES6_LINE_SIZE = 64 };

/* "bits in hexadecimal,text", as the file has it; returns its size. */
static size_t write_line(double value, char ret_line[static ES6_LINE_SIZE])
{
    char number[32];
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    writ_json_number_text(value, number);
    return (size_t)snprintf(ret_line, ES6_LINE_SIZE, "%llx,%s\n", (unsigned long long)bits, number);
}

START_TEST(writes_the_first_hundred_thousand_numbers_of_the_es6_file)
{
    const struct writ_json *sums = vector_get(file, "es6_checksums");
    struct sequence sequence = {.listed = vector_get(file, "es6_values"), .taken = 4};
    char *text = writ_arena_alloc(&arena, (size_t)ES6_LINES * ES6_LINE_SIZE);
    size_t size = 0, line = 0, compared = 0;
    ck_assert_uint_eq(sequence.listed->count, 168);
    for (; compared < sums->count; compared++) {
        const struct writ_json *sum = &sums->items[compared];
        const size_t lines = (size_t)vector_number(sum, "lines");
        uint8_t hash[32];
        if (lines > ES6_LINES)
            break;
        for (; line < lines; line++)
            size += write_line(next_double(&sequence), text + size);
        writ_sha256(writ_slice_of(text, size), hash);
        ck_assert_msg(memcmp(hash, vector_hex(&arena, sum, "sha256").data, 32) == 0,
                      "one of the first %zu lines differs", lines);
    }
    ck_assert_uint_eq(compared, 3);
}
END_TEST

Suite *suite_outside(void)
{
    TCase *rfc8037 = tcase_create("rfc8037");
    tcase_add_checked_fixture(rfc8037, setup_rfc8037, teardown);
    tcase_add_test(rfc8037, has_seven_sections);
    tcase_add_test(rfc8037, a1_and_a2_are_one_key_and_only_its_public_half_is_read);
    tcase_add_test(rfc8037, a3_is_the_thumbprint);
    tcase_add_test(rfc8037, a4_is_what_signing_gives);
    tcase_add_test(rfc8037, a5_verifies_as_a_signature_and_is_refused_as_a_token);
    tcase_add_test(rfc8037, a6_and_a7_are_no_keys_to_sign_with);
    TCase *rfc8785 = tcase_create("rfc8785");
    tcase_add_checked_fixture(rfc8785, setup_rfc8785, teardown);
    tcase_set_timeout(rfc8785, 60);
    tcase_add_test(rfc8785, writes_each_number_of_appendix_b);
    tcase_add_test(rfc8785, writes_each_sample_as_published);
    tcase_add_test(rfc8785, escapes_each_character_as_section_3_2_2_2_says);
    tcase_add_test(rfc8785, refuses_the_one_escape_that_the_rfc_allows_and_we_do_not);
    tcase_add_test(rfc8785, writes_the_first_hundred_thousand_numbers_of_the_es6_file);
    Suite *suite = suite_of("outside", rfc8037);
    suite_add_tcase(suite, rfc8785);
    return suite;
}
