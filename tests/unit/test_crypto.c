/* The door to libsodium, against values of another implementation (Python's hashlib). */
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "suites.h"

static void is_hex(const uint8_t *bytes, const char *hex)
{
    char text[65];
    for (size_t i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    ck_assert_str_eq(text, hex);
}

/* hashlib.blake2b(b"writ", digest_size=32, key=bytes(range(32))) */
START_TEST(the_mac_is_keyed_blake2b)
{
    uint8_t key[32], mac[32];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (uint8_t)i;
    writ_mac(key, writ_slice_text("writ"), mac);
    is_hex(mac, "4102a5a09ce6778a0e1dc40c9b0be3c5bbd95f68ecdd16e36b03238f1410d87c");
    key[31] ^= 1;
    writ_mac(key, writ_slice_text("writ"), mac);
    is_hex(mac, "7efd1deec2b1fb9a04174e9767913450c3c8bf36aaa77bb8f08d3d4cb29708f2");
    writ_mac(key, WRIT_SLICE_NONE, mac);
    is_hex(mac, "d64780a46afb9e4e8249609ec2fc6877cf772afffb28291e6bc6c8b2c87cdf5f");
}
END_TEST

/* RFC 4231, cases 1, 2 and 6: a key of a block or more is hashed first. */
START_TEST(the_hmac_is_that_of_rfc_4231)
{
    uint8_t key[131], mac[32];
    memset(key, 0x0b, 20);
    writ_hmac_sha256(writ_slice_of(key, 20), writ_slice_text("Hi There"), mac);
    is_hex(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    writ_hmac_sha256(writ_slice_text("Jefe"), writ_slice_text("what do ya want for nothing?"), mac);
    is_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    writ_hmac_sha256(writ_slice_of(key, sizeof key),
                     writ_slice_text("Test Using Larger Than Block-Size Key - Hash Key First"),
                     mac);
    is_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

/* hashlib.blake2b(b"", digest_size=32, key=..., salt=id in 16 bytes, person=context in 16) */
START_TEST(derives_keys_that_differ_by_number_and_family)
{
    uint8_t master[32], key[32];
    for (size_t i = 0; i < sizeof master; i++)
        master[i] = (uint8_t)i;
    writ_derive_key(master, 1, "holders_", key);
    is_hex(key, "7117a135ace18f90764bf51f4d3b984fbd19c2edb371b6ef866b73a54924b532");
    writ_derive_key(master, 0x0102030405060708, "holders_", key);
    is_hex(key, "7538b3e78a2d32cacb230e33a4da4b6206296e4aa29d1555a2b40cf847432c26");
    writ_derive_key(master, 1, "handles_", key);
    is_hex(key, "69efe5f45c330017ef34ec4e608b4881ac34794e6643e5adfac4a226eb17dc92");
}
END_TEST

START_TEST(secrets_are_compared_as_a_whole_and_wiped)
{
    uint8_t *secret = writ_secret_new(32);
    uint8_t other[32];
    ck_assert_ptr_nonnull(secret);
    writ_random(secret, 32);
    memcpy(other, secret, sizeof other);
    ck_assert(writ_secret_equal(secret, other, 32));
    for (size_t i = 0; i < sizeof other; i++) {
        other[i] ^= 0x80;
        ck_assert(!writ_secret_equal(secret, other, 32));
        other[i] ^= 0x80;
    }
    writ_wipe(secret, 32);
    for (size_t i = 0; i < 32; i++)
        ck_assert_uint_eq(secret[i], 0);
    ck_assert_ptr_null(writ_secret_free(secret));
    ck_assert_ptr_null(writ_secret_free(NULL));
}
END_TEST

/* p = 2^255 - 19: below it every coordinate is canonical, from it on none. */
START_TEST(knows_where_canonical_coordinates_end)
{
    uint8_t key[32];
    memset(key, 0xff, sizeof key);
    key[0] = 0xeb; /* p - 2 */
    key[31] = 0x7f;
    ck_assert(writ_is_ok(writ_public_key_check(key)));
    key[0] = 0xed; /* p */
    ck_assert_int_eq(writ_public_key_check(key).status, WRIT_WEAK_KEY);
    key[0] = 0xff;
    key[31] = 0xff; /* with the sign bit */
    ck_assert_int_eq(writ_public_key_check(key).status, WRIT_WEAK_KEY);
    for (size_t i = 1; i < 31; i++) {
        key[i] = 0xfe; /* a byte less anywhere, and it is below p again */
        ck_assert(writ_is_ok(writ_public_key_check(key)));
        key[i] = 0xff;
    }
}
END_TEST

Suite *suite_crypto(void)
{
    TCase *tests = tcase_create("crypto");
    tcase_add_test(tests, the_mac_is_keyed_blake2b);
    tcase_add_test(tests, the_hmac_is_that_of_rfc_4231);
    tcase_add_test(tests, derives_keys_that_differ_by_number_and_family);
    tcase_add_test(tests, secrets_are_compared_as_a_whole_and_wiped);
    tcase_add_test(tests, knows_where_canonical_coordinates_end);
    return suite_of("crypto", tests);
}
