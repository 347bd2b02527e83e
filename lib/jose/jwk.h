/* Ed25519 public keys as JWK (RFC 7517, RFC 8037) and their RFC 7638 thumbprints. */
#ifndef WRIT_JOSE_JWK_H
#define WRIT_JOSE_JWK_H

#include "writ.h"
#include "json/json.h"

#define WRIT_THUMBPRINT_URI "urn:ietf:params:oauth:jwk-thumbprint:sha-256:"

/* MALFORMED when it is no OKP/Ed25519 public key or holds private material; WEAK_KEY. */
struct writ_result writ_jwk_read(const struct writ_json *jwk,
                                 struct writ_key *ret_key) WRIT_MUST_CHECK;
/* {"crv":"Ed25519","kty":"OKP","x":...} as a node; NULL when out of memory. */
struct writ_json *writ_jwk_json(struct writ_arena *arena, const struct writ_key *key);
/* True when `iss` is the thumbprint URI of the key; constant time. */
bool writ_jwk_is_issuer(const struct writ_key *key, struct writ_slice iss);
/* The RFC 9278 URI, terminated, in the arena. */
char *writ_jwk_thumbprint_uri(struct writ_arena *arena, const struct writ_key *key);

#endif
