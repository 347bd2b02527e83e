/*
 * JWS compact serialization with Ed25519 (RFC 7515, RFC 9864), one signature, explicit typ.
 *
 * Reading has two stages, since a payload must not be parsed before its signature is verified:
 * writ_jws_split reads the frame and the header, writ_jws_verify the signature; only then is
 * writ_jws_payload called.
 */
#ifndef WRIT_JOSE_JWS_H
#define WRIT_JOSE_JWS_H

#include "writ.h"
#include "json/json.h"

#define WRIT_TYP_TOKEN "aat+jwt"
#define WRIT_TYP_PROOF "aat-pop+jwt"
#define WRIT_TYP_ENROL "writ-enrol+jwt"
#define WRIT_TYP_REQUEST "writ-request+jwt"
#define WRIT_TYP_APPROVAL "writ-approval+jwt"

struct writ_jws {
    struct writ_slice compact;
    struct writ_slice input;   /* header.payload, as presented */
    struct writ_slice payload; /* decoded; not parsed */
    struct writ_slice kid;     /* of the header, or empty */
    uint8_t signature[64];
};

/* MALFORMED: not three parts, not base64url, header no object, alg other than Ed25519, typ other
 * than `typ`, crit present. jwk, jku, x5c and unknown parameters are ignored. Fills all members. */
struct writ_result writ_jws_split(struct writ_arena *arena, struct writ_slice compact,
                                  const char *typ, struct writ_jws *ret_jws) WRIT_MUST_CHECK;
/* SHA-256 of the input: par_hash, aat_hash, the leaf hash of the ledger. */
void writ_jws_hash(const struct writ_jws *jws, uint8_t ret_hash[static 32]);
/* SIGNATURE_INVALID. */
struct writ_result writ_jws_verify(const struct writ_jws *jws,
                                   const struct writ_key *key) WRIT_MUST_CHECK;
/* The payload as an object: MALFORMED or DUPLICATE_MEMBER. */
struct writ_result writ_jws_payload(struct writ_arena *arena, const struct writ_jws *jws,
                                    const struct writ_json **ret_claims) WRIT_MUST_CHECK;
/* base64url(header) "." base64url(JCS(payload)); kid may be empty. */
struct writ_result writ_jws_input(struct writ_arena *arena, const char *typ, struct writ_slice kid,
                                  const struct writ_json *payload,
                                  struct writ_slice *ret_input) WRIT_MUST_CHECK;
/* The payload before its signature is verified, for its jti (step 2c), and to know by its txn where
 * to look a chain up. Not to be believed. As writ_jws_payload. */
struct writ_result writ_jws_peek(struct writ_arena *arena, struct writ_slice compact,
                                 const struct writ_json **ret_claims) WRIT_MUST_CHECK;

#endif
