/*
 * libwrit: the rules of Writ. Given tokens, a proof, a tool and arguments, it says whether the
 * call was granted and, if not, by which rule, at which hop and on which field.
 *
 * Pure: no I/O, no clock, no threads, no globals. Time, trust anchors, randomness and the replay
 * check are arguments. Inputs are borrowed; whatever is returned lives in the arena that was
 * passed and goes with it. No function logs, aborts or keeps state.
 *
 * Format: draft-niyikiza-oauth-attenuating-agent-tokens-02, JWT profile (below "AAT-02"; "step"
 * is a step of its section 8), and the profile aat-02+writ of DESIGN section 2.
 */
#ifndef WRIT_H
#define WRIT_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

#define WRIT_API __attribute__((visibility("default")))

/* Start of use: call once, before any other function. */
WRIT_API struct writ_result writ_start(void) WRIT_MUST_CHECK;

/* ---- Profiles and limits ------------------------------------------------------------------ */

enum writ_profile {
    WRIT_PROFILE_AAT_02,      /* strict: our claims are ignored, path_containment is unknown */
    WRIT_PROFILE_AAT_02_WRIT, /* the default of the service */
};

struct writ_limits {
    int64_t max_iat_skew_s;
    int64_t max_token_lifetime_s;
    int64_t pop_window_s;
    int max_delegation_depth; /* at most WRIT_DEPTH_MAX */
    int max_constraint_depth; /* at most WRIT_CONSTRAINT_DEPTH_MAX */
};

enum {
    WRIT_TOKEN_SIZE_MAX = 65536,
    WRIT_CHAIN_SIZE_MAX = 262144,
    WRIT_DEPTH_MAX = 32,
    WRIT_CONSTRAINT_DEPTH_MAX = 32,
    WRIT_CHAIN_MAX = WRIT_DEPTH_MAX + 1,
};

/* 30 s, 90 days, 30 s, 8, 32: the values that AAT-02 recommends. */
WRIT_API struct writ_limits writ_limits_default(void);

/* ---- Denials ------------------------------------------------------------------------------ */

/* Why something was refused. Fixed size, so that a refusal never needs memory. */
struct writ_denial {
    enum writ_status outcome; /* WRIT_OK: not a denial */
    const char *step;         /* label of AAT-02 section 8 ("4p4"), or "" */
    int hop;                  /* link, 0 the root; -1 where none is meant */
    char field[128];          /* "tools.send_email.recipients", or "" */
    char detail[384];         /* e.g. "child allows rows = 5000; parent allows rows <= 1000" */
};

/* ---- Keys --------------------------------------------------------------------------------- */

struct writ_key {
    uint8_t bytes[32]; /* Ed25519 public key, checked (never weak) */
};

/* From {"kty":"OKP","crv":"Ed25519","x":...}; MALFORMED, or WEAK_KEY. */
WRIT_API struct writ_result writ_key_parse(struct writ_arena *arena, struct writ_slice jwk,
                                           struct writ_key *ret_key) WRIT_MUST_CHECK;
WRIT_API struct writ_result writ_key_from_seed(const uint8_t seed[static 32],
                                               struct writ_key *ret_key) WRIT_MUST_CHECK;
/* RFC 7638 SHA-256 thumbprint, base64url, terminated. */
WRIT_API void writ_key_thumbprint(const struct writ_key *key, char ret_text[static 44]);

/* ---- Authority ---------------------------------------------------------------------------- */

/* A parsed, well-formed `tools` object; opaque, lives in the arena of its parsing. */
struct writ_authority;

WRIT_API struct writ_result writ_authority_parse(struct writ_arena *arena, struct writ_slice tools,
                                                 enum writ_profile profile,
                                                 const struct writ_authority **ret_authority,
                                                 struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* I4. WRIT_OK when the child allows a subset; else NOT_NARROWER with a counter-example. */
WRIT_API struct writ_result writ_authority_narrower(struct writ_arena *arena,
                                                    const struct writ_authority *parent,
                                                    const struct writ_authority *child,
                                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Step 6b: SCOPE_NOT_GRANTED, ARGUMENT_NOT_GRANTED, NON_CANONICAL. args is a JSON object. */
WRIT_API struct writ_result writ_authority_check(struct writ_arena *arena,
                                                 const struct writ_authority *authority,
                                                 enum writ_profile profile, struct writ_slice tool,
                                                 struct writ_slice args,
                                                 struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The widest authority that is narrower than both, as far as the closed table can say it. */
WRIT_API struct writ_result
writ_authority_meet(struct writ_arena *arena, const struct writ_authority *a,
                    const struct writ_authority *b,
                    const struct writ_authority **ret_meet) WRIT_MUST_CHECK;

enum writ_change_kind {
    WRIT_TOOL_REMOVED,
    WRIT_TOOL_ADDED,
    WRIT_ARGUMENT_REMOVED,
    WRIT_ARGUMENT_ADDED,
    WRIT_ARGUMENT_CHANGED,
};

struct writ_change {
    enum writ_change_kind kind;
    bool widens; /* `after` is not narrower than `before` here */
    struct writ_slice tool;
    struct writ_slice argument; /* "*" for the unnamed ones; empty for a whole tool */
    struct writ_slice before;   /* in notation; empty when added */
    struct writ_slice after;    /* in notation; empty when removed */
};

/* What differs from `before` to `after`, by tool and argument, in order of their names. */
WRIT_API struct writ_result writ_authority_diff(struct writ_arena *arena,
                                                const struct writ_authority *before,
                                                const struct writ_authority *after,
                                                const struct writ_change **ret_changes,
                                                size_t *ret_count) WRIT_MUST_CHECK;
/* RFC 8785 text of the `tools` object. */
WRIT_API struct writ_slice writ_authority_json(struct writ_arena *arena,
                                               const struct writ_authority *authority);
/* One line: send_email(recipients subset [a@x]), read_file(path under /notes). See notation.h. */
WRIT_API struct writ_slice writ_authority_notation(struct writ_arena *arena,
                                                   const struct writ_authority *authority);
/* The other way; MALFORMED with the column in the denial's detail. */
WRIT_API struct writ_result
writ_authority_from_notation(struct writ_arena *arena, struct writ_slice notation,
                             const struct writ_authority **ret_authority,
                             struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* ---- Chains ------------------------------------------------------------------------------- */

struct writ_anchor {
    struct writ_slice issuer; /* exact text of `iss` */
    struct writ_slice kid;    /* empty: any; else it must equal a kid that the header carries */
    struct writ_key key;
};

/*
 * A memory of links that were part of a permit before, for whoever sees the same chains again and
 * again. A link is known by its exact bytes and by its parent or, a root, its anchor; its signature
 * and its parsing are spared then and nothing else, so that the verdict is what it would be without
 * a memory. `capacity` links, at most 64 KiB each and mostly 8; `random` keeps others from choosing
 * which links meet in the table. For one thread at a time. It lives in the arena, which must
 * outlive it; NULL when out of memory.
 */
struct writ_known;
WRIT_API struct writ_known *writ_known_new(struct writ_arena *arena, size_t capacity,
                                           const uint8_t random[static 16]);
/* Frees what it remembers, before its arena goes. Takes NULL. */
WRIT_API void writ_known_done(struct writ_known *known);

/* True when this proof was accepted before; unknown must answer true (fail closed). */
typedef bool (*writ_replayed_fn)(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                                 int64_t iat_unix_s);

struct writ_verifier {
    enum writ_profile profile;
    struct writ_limits limits;
    int64_t now_unix_s;
    const struct writ_anchor *anchors;
    size_t anchor_count;
    struct writ_slice audience; /* this enforcement point */
    bool require_chain_audience;
    bool require_proof_audience;
    struct writ_slice nonce;   /* empty: none is required */
    writ_replayed_fn replayed; /* NULL: not tracked, and named in not_checked */
    void *replayed_context;
    struct writ_known *known; /* NULL: no link is remembered */
};

struct writ_presentation {
    const struct writ_slice *chain; /* compact JWS, root first */
    size_t chain_count;
    struct writ_slice proof; /* compact JWS */
};

struct writ_verdict {
    bool permit;               /* false whatever else went wrong */
    struct writ_denial denial; /* when it is no permit */
    const char *not_checked;   /* e.g. "W1,W2,W3,W4,W5,W6,W7": what no offline check can know */
};

/* The whole of section 8, steps 1 to 8. `tool` and `args` (a JSON object) are the invocation. */
WRIT_API struct writ_verdict writ_verify(struct writ_arena *arena,
                                         const struct writ_verifier *verifier,
                                         const struct writ_presentation *presentation,
                                         struct writ_slice tool, struct writ_slice args);

/* The table of draft steps and outcomes, for the docs and for `writ verify`. */
struct writ_step {
    const char *step;
    enum writ_status outcome;
    const char *says;
};
WRIT_API const struct writ_step *writ_steps(size_t *ret_count);

/* ---- Issue, derive, prove ----------------------------------------------------------------- */

/* What a link shall say. Absent members: empty slices. */
struct writ_grant {
    uint8_t random[16]; /* fresh; becomes the jti together with now */
    int64_t iat_unix_s;
    int64_t exp_unix_s;
    int max_depth;
    struct writ_key holder;      /* cnf.jwk */
    struct writ_slice audience;  /* JSON text or array of texts; empty: no aud */
    struct writ_slice tools;     /* JSON object */
    struct writ_slice terms;     /* writ_terms without its type, JSON object; empty: none */
    struct writ_slice txn;       /* task id */
    struct writ_slice sub;       /* principal */
    struct writ_slice client_id; /* agent */
};

/* The signing input ("header.payload") of a root, or of a child of `parent` (a compact JWS). */
WRIT_API struct writ_result writ_root_input(struct writ_arena *arena, struct writ_slice issuer,
                                            struct writ_slice kid, const struct writ_grant *grant,
                                            struct writ_slice *ret_input) WRIT_MUST_CHECK;
WRIT_API struct writ_result writ_child_input(struct writ_arena *arena, struct writ_slice parent,
                                             const struct writ_grant *grant,
                                             struct writ_slice *ret_input) WRIT_MUST_CHECK;
/* input + "." + signature. */
WRIT_API struct writ_result writ_sign_input(struct writ_arena *arena, struct writ_slice input,
                                            const uint8_t seed[static 32],
                                            struct writ_slice *ret_compact) WRIT_MUST_CHECK;
/*
 * What a holder does before it signs bytes that somebody else proposed: `input` must be a child of
 * `parent` that is narrower in everything, names `holder` and `agent`, and gives no more than
 * `wanted` (a tools object). MALFORMED, NOT_NARROWER, PRINCIPAL_ALTERED, ... with a denial.
 */
WRIT_API struct writ_result writ_derive_check(struct writ_arena *arena, enum writ_profile profile,
                                              struct writ_slice parent, struct writ_slice input,
                                              const struct writ_key *holder,
                                              struct writ_slice agent, struct writ_slice wanted,
                                              struct writ_denial *ret_denial) WRIT_MUST_CHECK;

struct writ_proof_request {
    uint8_t random[16];
    int64_t iat_unix_s;
    struct writ_slice leaf; /* compact JWS */
    struct writ_slice tool;
    struct writ_slice args;     /* JSON object */
    struct writ_slice audience; /* empty: none */
    struct writ_slice nonce;    /* empty: none */
};

/* The signing input of a proof, RFC 8785 payload. NON_CANONICAL for an inadmissible number. */
WRIT_API struct writ_result writ_proof_input(struct writ_arena *arena,
                                             const struct writ_proof_request *request,
                                             struct writ_slice *ret_input) WRIT_MUST_CHECK;

#endif
