/* The proof of possession for one invocation: AAT-02 section 7, step 7. */
#ifndef WRIT_TOKEN_PROOF_H
#define WRIT_TOKEN_PROOF_H

#include "token/token.h"

struct writ_proof {
    struct writ_slice jti;
    int64_t iat_unix_s;
};

/*
 * Steps 7a to 7h; 7i (once) is the caller's. Outcomes: MALFORMED, SIGNATURE_INVALID,
 * HOLDER_BINDING_FAILED, AUDIENCE_MISMATCH, EXPIRED, NOT_YET_VALID. In our profile an argument
 * whose RFC 8785 form is over 4 KiB may stand in `hta` as {"writ_sha256": base64url(SHA-256)}.
 */
struct writ_result writ_proof_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_token *leaf, struct writ_slice compact,
                                     struct writ_slice tool, const struct writ_json *args,
                                     struct writ_proof *ret_proof,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
