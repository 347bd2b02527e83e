#include "jose/jwk.h"

#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"

struct writ_result writ_jwk_read(const struct writ_json *jwk, struct writ_key *ret_key)
{
    struct writ_key key;
    WRIT_ENSURE(writ_slice_is(writ_json_text(writ_json_get(jwk, "kty")), "OKP"), MALFORMED);
    WRIT_ENSURE(writ_slice_is(writ_json_text(writ_json_get(jwk, "crv")), "Ed25519"), MALFORMED);
    /* Whoever shows a private key has none any more. */
    WRIT_ENSURE(!writ_json_get(jwk, "d"), MALFORMED);
    const struct writ_slice x = writ_json_text(writ_json_get(jwk, "x"));
    WRIT_TRY(writ_base64url_decode_exact(x, key.bytes, sizeof key.bytes));
    WRIT_TRY(writ_public_key_check(key.bytes));
    *ret_key = key;
    return WRIT_SUCCESS;
}

struct writ_json *writ_jwk_json(struct writ_arena *arena, const struct writ_key *key)
{
    char x[44];
    writ_base64url_hash(key->bytes, x);
    struct writ_json *jwk = writ_json_new_object(arena);
    writ_json_put_string(arena, jwk, "crv", "Ed25519");
    writ_json_put_string(arena, jwk, "kty", "OKP");
    return writ_json_put_string(arena, jwk, "x", x) ? jwk : NULL;
}

bool writ_jwk_is_issuer(const struct writ_key *key, struct writ_slice iss)
{
    const struct writ_slice scheme = WRIT_SLICE_LITERAL(WRIT_THUMBPRINT_URI);
    char thumbprint[44];
    if (!writ_slice_starts(iss, scheme) || iss.size - scheme.size != WRIT_HASH_TEXT_SIZE)
        return false;
    writ_key_thumbprint(key, thumbprint);
    return writ_secret_equal(iss.data + scheme.size, (const uint8_t *)thumbprint,
                             WRIT_HASH_TEXT_SIZE);
}

char *writ_jwk_thumbprint_uri(struct writ_arena *arena, const struct writ_key *key)
{
    char thumbprint[44];
    writ_key_thumbprint(key, thumbprint);
    return writ_arena_printf(arena, "%s%s", WRIT_THUMBPRINT_URI, thumbprint);
}

struct writ_result writ_key_parse(struct writ_arena *arena, struct writ_slice jwk,
                                  struct writ_key *ret_key)
{
    const struct writ_json *json = NULL;
    WRIT_TRY(writ_json_parse(arena, jwk, &json));
    return writ_jwk_read(json, ret_key);
}

struct writ_slice writ_key_json(struct writ_arena *arena, const struct writ_key *key)
{
    return writ_json_canonical(arena, writ_jwk_json(arena, key));
}

struct writ_result writ_key_from_seed(const uint8_t seed[static 32], struct writ_key *ret_key)
{
    struct writ_key key;
    writ_public_key_from_seed(seed, key.bytes);
    WRIT_TRY(writ_public_key_check(key.bytes));
    *ret_key = key;
    return WRIT_SUCCESS;
}

void writ_key_thumbprint(const struct writ_key *key, char ret_text[static 44])
{
    /* RFC 7638: the required members in order, no whitespace. */
    static const char HEAD[] = "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"";
    char text[sizeof HEAD - 1 + WRIT_HASH_TEXT_SIZE + 2 + 1];
    uint8_t hash[WRIT_HASH_SIZE];
    memcpy(text, HEAD, sizeof HEAD - 1);
    writ_base64url_hash(key->bytes, text + sizeof HEAD - 1);
    memcpy(text + sizeof text - 3, "\"}", 3);
    writ_sha256(writ_slice_text(text), hash);
    writ_base64url_hash(hash, ret_text);
}
