/* Keys and signed objects as they come in. Nothing verifies under a key that never signs. */
#include "fuzz.h"

#include <string.h>

#include "jose/jwk.h"
#include "jose/jws.h"
#include "unit/forge.h"

enum { NEVER_SIGNS = 0x77, SIGNS = 0x11 };

static void key(struct writ_arena *arena, struct writ_slice input)
{
    struct writ_key key, again;
    if (!writ_is_ok(writ_key_parse(arena, input, &key)))
        return;
    const struct writ_slice jwk = writ_json_canonical(arena, writ_jwk_json(arena, &key));
    FUZZ_HOLDS(writ_is_ok(writ_key_parse(arena, jwk, &again)));
    FUZZ_HOLDS(memcmp(key.bytes, again.bytes, sizeof key.bytes) == 0);
    const struct writ_slice uri = writ_slice_text(writ_jwk_thumbprint_uri(arena, &key));
    FUZZ_HOLDS(writ_jwk_is_issuer(&key, uri));
    const struct writ_json *json = fuzz_json(arena, input);
    FUZZ_HOLDS(json && !writ_json_get(json, "d"));
}

/* Whatever was split can be put together again, and signed anew by somebody else. */
static void token(struct writ_arena *arena, struct writ_slice input)
{
    struct writ_jws jws, again;
    const struct writ_json *claims = NULL, *claims_again = NULL;
    const struct writ_key stranger = forge_key(NEVER_SIGNS), signer = forge_key(SIGNS);
    if (!writ_is_ok(writ_jws_split(arena, input, WRIT_TYP_TOKEN, &jws)))
        return;
    FUZZ_HOLDS(!writ_is_ok(writ_jws_verify(&jws, &stranger)));
    FUZZ_HOLDS(!writ_is_ok(writ_jws_split(arena, input, WRIT_TYP_PROOF, &again)));
    FUZZ_HOLDS(jws.input.data == input.data && jws.input.size < input.size);
    FUZZ_HOLDS(input.data[jws.input.size] == '.');
    if (!writ_is_ok(writ_jws_payload(arena, &jws, &claims)))
        return;
    struct writ_slice made, compact;
    FUZZ_HOLDS(claims->type == WRIT_JSON_OBJECT);
    FUZZ_HOLDS(writ_is_ok(writ_jws_input(arena, WRIT_TYP_TOKEN, jws.kid, claims, &made)));
    FUZZ_HOLDS(writ_is_ok(writ_sign_input(arena, made, forge_seed(SIGNS), &compact)));
    FUZZ_HOLDS(writ_is_ok(writ_jws_split(arena, compact, WRIT_TYP_TOKEN, &again)));
    FUZZ_HOLDS(writ_slice_equal(again.kid, jws.kid));
    FUZZ_HOLDS(writ_is_ok(writ_jws_verify(&again, &signer)));
    FUZZ_HOLDS(!writ_is_ok(writ_jws_verify(&again, &stranger)));
    FUZZ_HOLDS(writ_is_ok(writ_jws_payload(arena, &again, &claims_again)));
    FUZZ_HOLDS(writ_json_equal(claims, claims_again));
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    if (input.size > 0 && input.data[0] == '{')
        key(arena, input);
    else
        token(arena, input);
}
