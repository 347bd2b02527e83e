/*
 * One link, verified and parsed; and the two rules that make one: steps 3 (a root under an
 * anchor) and 4 (a child under its parent) of AAT-02 section 8. The same functions serve the
 * ledger's admission, the decision and `writ verify`.
 */
#ifndef WRIT_TOKEN_TOKEN_H
#define WRIT_TOKEN_TOKEN_H

#include "jose/jwk.h"
#include "jose/jws.h"
#include "token/terms.h"

/* Bytes of a jti in our profile: it stands in keys of the ledger. The draft sets no bound. */
enum { WRIT_JTI_MAX = 128 };

struct writ_token {
    struct writ_slice compact;
    uint8_t hash[32]; /* SHA-256 of the signing input */
    struct writ_slice jti;
    struct writ_slice iss;
    int64_t iat_unix_s;
    int64_t exp_unix_s;
    int64_t depth;
    int64_t max_depth;
    struct writ_key holder;
    struct writ_key signer;           /* the key that verified it; zero where none was asked to */
    bool is_known;                    /* by the verifier's memory of links */
    const struct writ_json *audience; /* text or array of texts; NULL: absent */
    const struct writ_authority *authority; /* NULL: no entry, the empty set */
    /* Profile aat-02+writ only; empty under the strict one. */
    struct writ_slice txn;
    struct writ_slice sub;
    struct writ_slice agent; /* client_id */
    struct writ_effective effective;
};

/* Step 3. `hop` of the denial is 0. */
struct writ_result writ_root_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                    struct writ_slice compact, struct writ_token *ret_token,
                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Step 4. `hop` is parent->depth + 1. */
struct writ_result writ_child_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_token *parent, struct writ_slice compact,
                                     struct writ_token *ret_token,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The claims of bytes that the ledger holds, and so were verified when they were admitted: no
 * signature, no time and no parent is checked here; effective terms are set only for a root and
 * come from the ledger otherwise. Never for bytes that a caller sent. */
struct writ_result writ_token_read_trusted(struct writ_arena *arena, enum writ_profile profile,
                                           struct writ_slice compact,
                                           struct writ_token *ret_token) WRIT_MUST_CHECK;
/* Steps 1, 2, 3, 4, 5: ret_tokens has room for chain_count (at most WRIT_CHAIN_MAX). */
struct writ_result writ_chain_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_slice *chain, size_t chain_count,
                                     struct writ_token *ret_tokens,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Steps 6a, 6b (leaf, pass_only) and 6c (every audience) on parsed arguments. */
struct writ_result writ_invocation_check(const struct writ_verifier *verifier,
                                         const struct writ_token *tokens, size_t token_count,
                                         struct writ_slice tool, const struct writ_json *args,
                                         struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
