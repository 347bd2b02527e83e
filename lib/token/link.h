/*
 * One link on its way through steps 3 and 4: what the rules of token.c look at, and the judging
 * that they share with derive.c, where a child is judged before it is signed.
 */
#ifndef WRIT_TOKEN_LINK_H
#define WRIT_TOKEN_LINK_H

#include "token/claims.h"
#include "token/steps.h"
#include "token/token.h"

struct writ_link {
    const struct writ_verifier *verifier;
    const struct writ_token *parent; /* NULL: a root */
    bool is_known;                   /* taken from known.h: what it spares is not done again */
    const struct writ_json *peeked;  /* the payload, when step 2c has parsed it already; or NULL */
    struct writ_jws jws;
    uint8_t hash[32]; /* of jws */
    struct writ_claims claims;
    struct writ_key signer; /* the key that verified it: an anchor's, or the parent's holder */
    const struct writ_authority *authority;
    struct writ_effective effective;
    /* What the last rule compared, for its denial. */
    bool is_measured;
    int64_t got;
    int64_t limit;
};

/* The frame; nothing behind the header is parsed. */
struct writ_result writ_link_open(struct writ_arena *arena, struct writ_slice compact,
                                  struct writ_link *link,
                                  struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The payload, whose signature is verified (or which its holder is about to sign). */
struct writ_result writ_link_read(struct writ_arena *arena, struct writ_link *link,
                                  struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Everything of step 3 (or 4) behind the signature, and our profile's rules. */
struct writ_result writ_link_judge(struct writ_arena *arena, struct writ_link *link,
                                   struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The whole of step 3 (or 4): the frame, the signature, and all that stands behind it; without the
 * first two for a known link. The hop of the denial is the caller's. */
struct writ_result writ_link_verify(struct writ_arena *arena, struct writ_link *link,
                                    struct writ_slice compact,
                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* A link that was judged whole before (or, in derive.c, that its own holder reads): no signature,
 * no time, no parent; the effective terms are not set. */
struct writ_result writ_link_read_trusted(struct writ_arena *arena, enum writ_profile profile,
                                          struct writ_slice compact, struct writ_link *ret_link,
                                          struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Our profile's rules, and the terms folded on the parent's; part of the judgement above. */
struct writ_result writ_link_fold(struct writ_arena *arena, struct writ_link *link,
                                  struct writ_denial *ret_denial) WRIT_MUST_CHECK;
struct writ_token writ_link_token(const struct writ_link *link);

#endif
