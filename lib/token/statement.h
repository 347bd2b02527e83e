/*
 * What is signed to the service besides tokens and proofs: by a holder, `writ-enrol+jwt` over a
 * nonce (enrolment of a key) and `writ-request+jwt` (renew, complete or revoke one delegation); by
 * a person, `writ-approval+jwt` over what was asked. Each typ is accepted only as itself.
 */
#ifndef WRIT_TOKEN_STATEMENT_H
#define WRIT_TOKEN_STATEMENT_H

#include "token/token.h"

/* {"aud": issuer, "iat", "jti", "nonce"} signed by the key that is enrolled. */
struct writ_result writ_enrol_input(struct writ_arena *arena, struct writ_slice audience,
                                    struct writ_slice nonce, int64_t iat_unix_s,
                                    const uint8_t random[static 16],
                                    struct writ_slice *ret_input) WRIT_MUST_CHECK;
struct writ_result writ_enrol_verify(struct writ_arena *arena, const struct writ_key *key,
                                     struct writ_slice compact, struct writ_slice audience,
                                     struct writ_slice nonce, int64_t now_unix_s, int64_t window_s,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* {"act": "renew"|"complete"|"revoke", "aud", "delegation", "iat", "jti", "txn"} signed by the
 * holder of `signer`, the delegation acted on or an ancestor of it. */
struct writ_act {
    struct writ_slice act;
    struct writ_slice task;
    struct writ_slice delegation;
    struct writ_slice jti; /* out when verified */
    int64_t iat_unix_s;    /* out when verified */
};

struct writ_result writ_request_input(struct writ_arena *arena, const struct writ_act *act,
                                      struct writ_slice audience, const uint8_t random[static 16],
                                      struct writ_slice *ret_input) WRIT_MUST_CHECK;
/* act, task and delegation say what is expected; jti and iat are filled. */
struct writ_result writ_request_verify(struct writ_arena *arena, const struct writ_key *signer,
                                       struct writ_slice compact, struct writ_slice audience,
                                       int64_t now_unix_s, int64_t window_s, struct writ_act *act,
                                       struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* {"approval", "aud", "decision": "approve"|"reject", "digest", "exp", "iat", "jti"} signed by an
 * approver's key. */
struct writ_approval {
    struct writ_slice id;
    struct writ_slice decision;
    struct writ_slice digest; /* base64url SHA-256 of what it binds */
    int64_t iat_unix_s;
    int64_t exp_unix_s; /* out when verified */
};

struct writ_result writ_approval_input(struct writ_arena *arena,
                                       const struct writ_approval *approval,
                                       struct writ_slice audience, const uint8_t random[static 16],
                                       struct writ_slice *ret_input) WRIT_MUST_CHECK;
/* id, decision and digest say what is expected; iat and exp are filled. EXPIRED at its exp. */
struct writ_result writ_approval_verify(struct writ_arena *arena, const struct writ_key *signer,
                                        struct writ_slice compact, struct writ_slice audience,
                                        int64_t now_unix_s, int64_t window_s,
                                        struct writ_approval *approval,
                                        struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
