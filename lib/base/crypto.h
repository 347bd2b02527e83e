/*
 * The one door to libsodium and, for SHA-256, to libcrypto (rule of one). Every function answers
 * for any input; nothing here allocates except writ_secret_new.
 */
#ifndef WRIT_BASE_CRYPTO_H
#define WRIT_BASE_CRYPTO_H

#include "base/slice.h"
#include "base/status.h"

enum {
    WRIT_HASH_SIZE = 32,
    WRIT_PUBLIC_KEY_SIZE = 32,
    WRIT_SEED_SIZE = 32,
    WRIT_SIGNATURE_SIZE = 64,
    WRIT_SEAL_OVERHEAD = 24 + 16, /* nonce and tag of XChaCha20-Poly1305 */
};

/* Once in a process, before anything else; safe to repeat. */
struct writ_result writ_crypto_start(void) WRIT_MUST_CHECK;

void writ_sha256(struct writ_slice bytes, uint8_t ret_hash[static 32]);
/* Where to look in a table, so that nobody without the key can choose it: SipHash-2-4, no digest.
 */
uint64_t writ_fingerprint(const uint8_t key[static 16], struct writ_slice bytes);
/* Keyed BLAKE2b, 32 bytes. */
void writ_mac(const uint8_t key[static 32], struct writ_slice bytes, uint8_t ret_mac[static 32]);
/* HMAC-SHA-256 (RFC 2104), for what others have to verify; a key of any size. */
void writ_hmac_sha256(struct writ_slice key, struct writ_slice bytes, uint8_t ret_mac[static 32]);

/* Constant time in the content; sizes are public. */
bool writ_secret_equal(const uint8_t *a, const uint8_t *b, size_t size);
void writ_wipe(void *bytes, size_t size);
/* Guarded, locked memory; NULL when out of memory. Freed with writ_secret_free, which wipes. */
void *writ_secret_new(size_t size);
void *writ_secret_free(void *secret);
void writ_random(void *ret_bytes, size_t size);

/* WEAK_KEY for the identity, the other points of small order and non-canonical encodings. */
struct writ_result writ_public_key_check(const uint8_t key[static 32]) WRIT_MUST_CHECK;
void writ_public_key_from_seed(const uint8_t seed[static 32], uint8_t ret_key[static 32]);
void writ_sign(const uint8_t seed[static 32], struct writ_slice message,
               uint8_t ret_signature[static 64]);
bool writ_signature_verify(const uint8_t key[static 32], struct writ_slice message,
                           const uint8_t signature[static 64]);

/* Key number `id` of the family `context` (8 characters) under a master key. */
void writ_derive_key(const uint8_t master[static 32], uint64_t id, const char context[static 8],
                     uint8_t ret_key[static 32]);
/* ret_sealed has size + WRIT_SEAL_OVERHEAD bytes; `purpose` is authenticated with them. */
void writ_seal(const uint8_t key[static 32], struct writ_slice plain, struct writ_slice purpose,
               uint8_t *ret_sealed);
/* ret_plain has size - WRIT_SEAL_OVERHEAD bytes. false: nothing is written that may be used. */
bool writ_unseal(const uint8_t key[static 32], struct writ_slice sealed, struct writ_slice purpose,
                 uint8_t *ret_plain);

#endif
