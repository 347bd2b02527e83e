#include "base/crypto.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* SHA256_Init; see writ_sha256 */
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

_Static_assert(crypto_sign_SECRETKEYBYTES == 64, "seed and public key");
_Static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
                       crypto_aead_xchacha20poly1305_ietf_ABYTES ==
                   WRIT_SEAL_OVERHEAD,
               "seal layout");

struct writ_result writ_crypto_start(void)
{
    WRIT_ENSURE(sodium_init() >= 0, INTERNAL);
    return WRIT_SUCCESS;
}

/* libcrypto's uses the processor's instructions for it; libsodium's takes three times as long. */
void writ_sha256(struct writ_slice bytes, uint8_t ret_hash[static 32])
{
    /* Step by step: the call that does it all asks the heap first, and without memory it leaves
     * the hash as it was. */
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes.data, bytes.size);
    SHA256_Final(ret_hash, &state);
}

uint64_t writ_fingerprint(const uint8_t key[static 16], struct writ_slice bytes)
{
    uint64_t fingerprint;
    _Static_assert(sizeof fingerprint == crypto_shorthash_BYTES && crypto_shorthash_KEYBYTES == 16,
                   "SipHash-2-4");
    crypto_shorthash((uint8_t *)&fingerprint, bytes.data, bytes.size, key);
    return fingerprint;
}

void writ_mac(const uint8_t key[static 32], struct writ_slice bytes, uint8_t ret_mac[static 32])
{
    crypto_generichash(ret_mac, 32, bytes.data, bytes.size, key, 32);
}

void writ_hmac_sha256(struct writ_slice key, struct writ_slice bytes, uint8_t ret_mac[static 32])
{
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, key.data, key.size);
    crypto_auth_hmacsha256_update(&state, bytes.data, bytes.size);
    crypto_auth_hmacsha256_final(&state, ret_mac);
    writ_wipe(&state, sizeof state);
}

bool writ_secret_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

void writ_wipe(void *bytes, size_t size)
{
    sodium_memzero(bytes, size);
}

void *writ_secret_new(size_t size)
{
    return sodium_malloc(size);
}

void *writ_secret_free(void *secret)
{
    sodium_free(secret);
    return NULL;
}

void writ_random(void *ret_bytes, size_t size)
{
    randombytes_buf(ret_bytes, size);
}

/* The y coordinates of the eight points of small order; the sign bit is masked before comparing. */
static const uint8_t SMALL_ORDER[][32] = {
    {0},
    {1},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

/* y < 2^255 - 19, little-endian, sign bit already masked. */
static bool is_canonical(const uint8_t y[static 32])
{
    if (y[31] != 0x7f || y[0] < 0xed)
        return true;
    for (size_t i = 1; i < 31; i++)
        if (y[i] != 0xff)
            return true;
    return false;
}

struct writ_result writ_public_key_check(const uint8_t key[static 32])
{
    /* libsodium's own test multiplies by the group order, which costs as much as a signature
     * check; a key that passes here and is no point never verifies anything. */
    uint8_t y[32];
    memcpy(y, key, sizeof y);
    y[31] &= 0x7f;
    WRIT_ENSURE(is_canonical(y), WEAK_KEY);
    for (size_t i = 0; i < sizeof SMALL_ORDER / sizeof SMALL_ORDER[0]; i++)
        WRIT_ENSURE(memcmp(y, SMALL_ORDER[i], sizeof y) != 0, WEAK_KEY);
    return WRIT_SUCCESS;
}

static void expand(const uint8_t seed[static 32], uint8_t ret_public[static 32],
                   uint8_t ret_secret[static 64])
{
    crypto_sign_seed_keypair(ret_public, ret_secret, seed);
}

void writ_public_key_from_seed(const uint8_t seed[static 32], uint8_t ret_key[static 32])
{
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    expand(seed, ret_key, secret);
    writ_wipe(secret, sizeof secret);
}

void writ_sign(const uint8_t seed[static 32], struct writ_slice message,
               uint8_t ret_signature[static 64])
{
    uint8_t public[32];
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
    expand(seed, public, secret);
    crypto_sign_detached(ret_signature, NULL, message.data, message.size, secret);
    writ_wipe(secret, sizeof secret);
}

bool writ_signature_verify(const uint8_t key[static 32], struct writ_slice message,
                           const uint8_t signature[static 64])
{
    return crypto_sign_verify_detached(signature, message.data, message.size, key) == 0;
}

void writ_derive_key(const uint8_t master[static 32], uint64_t id, const char context[static 8],
                     uint8_t ret_key[static 32])
{
    crypto_kdf_derive_from_key(ret_key, 32, id, context, master);
}

void writ_seal(const uint8_t key[static 32], struct writ_slice plain, struct writ_slice purpose,
               uint8_t *ret_sealed)
{
    uint8_t *nonce = ret_sealed;
    uint8_t *box = ret_sealed + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    writ_random(nonce, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(box, NULL, plain.data, plain.size, purpose.data,
                                               purpose.size, NULL, nonce, key);
}

bool writ_unseal(const uint8_t key[static 32], struct writ_slice sealed, struct writ_slice purpose,
                 uint8_t *ret_plain)
{
    const size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
    if (sealed.size < WRIT_SEAL_OVERHEAD)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt(
               ret_plain, NULL, NULL, sealed.data + nonce_size, sealed.size - nonce_size,
               purpose.data, purpose.size, sealed.data, key) == 0;
}
