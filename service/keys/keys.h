/*
 * The keys that the service itself holds.
 *
 *   <dir>/master.key   32 random bytes, made at first start, 0600; whoever reads it reads all below
 *   <dir>/issuer.key   the issuer's Ed25519 seed, sealed under the master key
 *
 * Every use has its own key, derived from the master key by purpose: a sealed holder key can not be
 * opened as a stored answer, and a MAC of one kind never passes for another. Losing master.key
 * loses the issuer: back it up. May touch: lib/base/crypto, two files. Knows no ledger, no HTTP.
 * After keys_open everything here is read-only, and safe from any thread.
 */
#ifndef WRIT_KEYS_KEYS_H
#define WRIT_KEYS_KEYS_H

#include "base/crypto.h"

/* Stored data depends on these numbers: append, never change. */
enum keys_purpose {
    KEYS_ISSUER = 1, /* seals issuer.key; not for callers */
    KEYS_HOLDER,     /* seals managed holder keys */
    KEYS_ANSWER,     /* seals answers kept for Idempotency-Key */
    KEYS_NONCE,      /* MACs stateless nonces */
    KEYS_CURSOR,     /* MACs the cursors of lists */
    KEYS_PURPOSE_END,
};

enum { KEYS_ID_SIZE = 44, KEYS_JWK_SIZE = 192 };

struct keys;

/* Creates what is missing, never replaces what is there. INTERNAL with the reason logged. */
struct writ_result keys_open(const char *dir, struct keys **ret_keys) WRIT_MUST_CHECK;
/* Wipes. Takes NULL, returns NULL. */
struct keys *keys_free(struct keys *keys);

/* 32 bytes. */
const uint8_t *keys_issuer_public(const struct keys *keys);
/* RFC 7638 thumbprint of the issuer's key: its kid. */
const char *keys_issuer_id(const struct keys *keys);
/* {"kty":"OKP","crv":"Ed25519","x":…,"kid":…,"use":"sig","alg":"Ed25519"} */
const char *keys_issuer_jwk(const struct keys *keys);
void keys_sign_issuer(const struct keys *keys, struct writ_slice signing_input,
                      uint8_t ret_signature[static 64]);

/* `bound` is what the sealed bytes belong to (an id): unsealing under another one fails, so that
 * rows can not be exchanged. ret_sealed has plain.size + WRIT_SEAL_OVERHEAD bytes. */
void keys_seal(const struct keys *keys, enum keys_purpose purpose, struct writ_slice bound,
               struct writ_slice plain, uint8_t *ret_sealed);
/* ret_plain has sealed.size - WRIT_SEAL_OVERHEAD bytes. */
bool keys_unseal(const struct keys *keys, enum keys_purpose purpose, struct writ_slice bound,
                 struct writ_slice sealed, uint8_t *ret_plain) WRIT_MUST_CHECK;
/* Compare with writ_secret_equal. */
void keys_mac(const struct keys *keys, enum keys_purpose purpose, struct writ_slice bytes,
              uint8_t ret_mac[static 32]);

#endif
