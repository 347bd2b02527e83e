/*
 * libwrit: the rules of Writ. Given tokens, a proof, a tool and arguments, it says whether the
 * call was granted and, if not, by which rule, at which hop and on which field.
 *
 * This header is the manual; read it from top to bottom. api/examples/enforce.c is an enforcement
 * point in 40 lines. In short (`body` is what arrived, see writ_verify_call):
 *
 *     bool guard(const struct writ_verifier *verifier, const char *body)
 *     {
 *         struct writ_arena arena;
 *         struct writ_call call;
 *         writ_arena_init(&arena, 0);
 *         struct writ_verdict verdict = writ_verify_call(&arena, verifier, writ_slice_text(body),
 *                                                        &call);
 *         if (verdict.permit)
 *             forward(call.tool, call.args);
 *         writ_arena_done(&arena);
 *         return verdict.permit;
 *     }
 *
 * Pure: no I/O, no clock, no threads, no globals. Time, trust anchors, randomness and the replay
 * check are arguments. No function logs, aborts or keeps state, so threads may call at once, each
 * with an arena of its own and, if it has any, a struct writ_known of its own.
 *
 * Memory: inputs are borrowed and must outlive what was made of them; whatever is returned lives
 * in the arena that was passed (base/arena.h) and goes with it. A link of usual size takes some
 * 6 KiB; an arena that is at its limit is a refusal, OUT_OF_MEMORY.
 * jansson, which reads JSON texts with escapes or beyond ASCII, does not survive a malloc that
 * fails: a process where malloc can fail sets json_set_alloc_funcs to functions that end it.
 * Text is UTF-8 with a size (base/slice.h); times are seconds since 1970, `_unix_s`.
 *
 * Errors: a struct writ_result with an outcome (base/status.h lists them all), and for what a
 * person must understand a struct writ_denial besides. ret_* arguments are never NULL and are set
 * on success only, a denial on failure only. Begin each struct with {0} or designated members:
 * later versions add members, and a zero there means what it meant before.
 *
 * Secrets: seeds are used, and nonces and hashes compared, in constant time. All else here is
 * public (tokens, proofs, arguments) and is not.
 *
 * Format: draft-niyikiza-oauth-attenuating-agent-tokens-02, JWT profile (below "AAT-02"; "step"
 * is a step of its section 8), and the profile aat-02+writ (api/docs/tokens.md).
 */
#ifndef WRIT_H
#define WRIT_H

#include "base/api.h"
#include "base/arena.h"
#include "base/slice.h"
#include "base/status.h"

WRIT_BEGIN_DECLARATIONS

/* ---- Start and version --------------------------------------------------------------------
 *
 * Semantic versioning. Before 1.0.0 a new minor version may change what is here, and the shared
 * library's name with it (libwrit.so.0.1); a new patch version never does. CMake reads this line.
 */
#define WRIT_VERSION "0.1.0"
#define WRIT_VERSION_MAJOR 0
#define WRIT_VERSION_MINOR 1
#define WRIT_VERSION_PATCH 0

/* WRIT_VERSION of the library that runs, which need not be that of this header. */
WRIT_API const char *writ_version(void);
/* Start of use: once, before any other function and any thread; again does no harm. INTERNAL when
 * the system has no randomness. */
WRIT_API struct writ_result writ_start(void) WRIT_MUST_CHECK;

/* ---- Profiles and limits ------------------------------------------------------------------
 *
 * Tokens of the service need its profile. Under the strict one its terms (clearance, approval,
 * call_only, pass_only, budget) are ignored, as AAT-02 demands of claims that it does not know.
 */

enum writ_profile {
    WRIT_PROFILE_AAT_02,      /* strict: our claims are ignored, path_containment is unknown */
    WRIT_PROFILE_AAT_02_WRIT, /* the default of the service */
};

struct writ_limits {
    int64_t max_iat_skew_s;       /* how far ahead of now a token's iat may be */
    int64_t max_token_lifetime_s; /* exp - iat of a root */
    int64_t pop_window_s;         /* how old a proof may be, and how far ahead */
    int max_delegation_depth;     /* at most WRIT_DEPTH_MAX */
    int max_constraint_depth;     /* at most WRIT_CONSTRAINT_DEPTH_MAX */
};

/* Whatever is beyond these is refused, whatever the limits say. Sizes in bytes. */
enum {
    WRIT_TOKEN_SIZE_MAX = 65536,
    WRIT_CHAIN_SIZE_MAX = 262144,
    WRIT_DEPTH_MAX = 32,
    WRIT_CONSTRAINT_DEPTH_MAX = 32,
    WRIT_CHAIN_MAX = WRIT_DEPTH_MAX + 1,
};

/* 30 s, 90 days, 30 s, 8, 32: the values that AAT-02 recommends. */
WRIT_API struct writ_limits writ_limits_default(void);

/* ---- Denials ------------------------------------------------------------------------------
 *
 * Why something was refused. Fixed size, so that a refusal never needs memory. Field and detail
 * are for people, may quote what the other side sent, and are safe to print: controls are escaped
 * and long texts cut. Programs look at the outcome. A caller who has not proved possession should
 * be told the outcome alone, since a detail may say what was granted.
 */
struct writ_denial {
    enum writ_status outcome; /* WRIT_OK: not a denial */
    const char *step;         /* label of AAT-02 section 8 ("4p4"), or "" */
    int hop;                  /* link, 0 the root; -1 where none is meant */
    char field[128];          /* "tools.send_email.recipients", or "" */
    char detail[384];         /* e.g. "child allows rows = 5000; parent allows rows <= 1000" */
};

/* ---- Keys ---------------------------------------------------------------------------------
 *
 * Ed25519 (RFC 8032) as a JWK (RFC 8037). A seed is the 32 secret bytes of RFC 8032; it is yours
 * to make, keep and wipe.
 */

struct writ_key {
    uint8_t bytes[32]; /* Ed25519 public key, checked (never weak) */
};

/* From {"kty":"OKP","crv":"Ed25519","x":...}; MALFORMED (so is one with a private "d"), WEAK_KEY,
 * DUPLICATE_MEMBER. */
WRIT_API struct writ_result writ_key_parse(struct writ_arena *arena, struct writ_slice jwk,
                                           struct writ_key *ret_key) WRIT_MUST_CHECK;
/* The other way, RFC 8785; data is NULL when out of memory. */
WRIT_API struct writ_slice writ_key_json(struct writ_arena *arena, const struct writ_key *key);
/* WEAK_KEY, which no random seed meets. */
WRIT_API struct writ_result writ_key_from_seed(const uint8_t seed[WRIT_AT_LEAST(32)],
                                               struct writ_key *ret_key) WRIT_MUST_CHECK;
/* RFC 7638 SHA-256 thumbprint, base64url, terminated. */
WRIT_API void writ_key_thumbprint(const struct writ_key *key, char ret_text[WRIT_AT_LEAST(44)]);

/* ---- Authority ----------------------------------------------------------------------------
 *
 * What a token grants: tools, each with constraints on its arguments (AAT-02 section 3.4). These
 * functions need no token; they are for whoever plans, shows or compares grants.
 */

/* A parsed, well-formed `tools` object; opaque, lives in the arena of its parsing. */
struct writ_authority;

/* MALFORMED, DUPLICATE_MEMBER, UNKNOWN_CONSTRAINT (a type or member that the profile does not
 * know, or an ill-formed one), NON_CANONICAL (a number that does not survive RFC 8785). */
WRIT_API struct writ_result writ_authority_parse(struct writ_arena *arena, struct writ_slice tools,
                                                 enum writ_profile profile,
                                                 const struct writ_authority **ret_authority,
                                                 struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* I4. WRIT_OK when the child allows a subset; else NOT_NARROWER with a counter-example. */
WRIT_API struct writ_result writ_authority_narrower(struct writ_arena *arena,
                                                    const struct writ_authority *parent,
                                                    const struct writ_authority *child,
                                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Step 6b: SCOPE_NOT_GRANTED, ARGUMENT_NOT_GRANTED, NON_CANONICAL. args is a JSON object. WRIT_OK
 * is no permit: it says nothing about a token or a proof. */
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
/* One line: send_email(recipients subset [a@x]), read_file(path under /notes). Data is NULL when
 * out of memory, here and above. */
WRIT_API struct writ_slice writ_authority_notation(struct writ_arena *arena,
                                                   const struct writ_authority *authority);
/* The other way; MALFORMED with the column in the denial's detail. */
WRIT_API struct writ_result
writ_authority_from_notation(struct writ_arena *arena, struct writ_slice notation,
                             const struct writ_authority **ret_authority,
                             struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* ---- Verify -------------------------------------------------------------------------------
 *
 * A presentation is a chain of signed tokens, root first, and a proof that the holder of the last
 * one, the leaf, signed for one call. The root is signed by a trust anchor, each child by its
 * parent's holder, the proof by the leaf's.
 */

/* Whose roots are believed. */
struct writ_anchor {
    struct writ_slice issuer; /* exact text of `iss` */
    struct writ_slice kid;    /* empty: any; else it must equal a kid that the header carries */
    struct writ_key key;
};

/*
 * A memory of links that were part of a permit before, for whoever sees the same chains again and
 * again. A link is known by its exact bytes and by its parent or, a root, its anchor; its signature
 * and its parsing are spared then and nothing else, so that the verdict is what it would be without
 * a memory, but for OUT_OF_MEMORY, as it takes less of the arena. `capacity` links, at most 120 KiB
 * each and mostly 8; `random` keeps others from choosing which links meet in the table. Every call
 * writes to it: for one thread at a time, and not for a call from within the `replayed` of another.
 * It lives in the arena, which must outlive it; NULL when out of memory.
 */
struct writ_known;
WRIT_API struct writ_known *writ_known_new(struct writ_arena *arena, size_t capacity,
                                           const uint8_t random[WRIT_AT_LEAST(16)]);
/* Frees what it remembers, before its arena goes. Takes NULL. */
WRIT_API void writ_known_done(struct writ_known *known);

/*
 * True when this proof was accepted before; unknown must answer true (fail closed). The last thing
 * that is asked, only of a call that is otherwise permitted: look up and remember in one step, or
 * two threads both find it new. leaf_hash (32 bytes) and jti name the proof; both are borrowed,
 * and jti is the caller's text. It may be forgotten when now is over iat_unix_s + pop_window_s.
 */
typedef bool (*writ_replayed_fn)(void *context, struct writ_slice leaf_hash, struct writ_slice jti,
                                 int64_t iat_unix_s);
/* One name for the two, a digest in base64url, terminated: fit for a key or a file. */
WRIT_API void writ_proof_id(struct writ_slice leaf_hash, struct writ_slice jti,
                            char ret_text[WRIT_AT_LEAST(44)]);

/* Who judges, by what, and when. Borrowed for the time of a call; a zeroed one permits nothing. */
struct writ_verifier {
    enum writ_profile profile;
    struct writ_limits limits; /* writ_limits_default(), or tighter */
    int64_t now_unix_s;
    const struct writ_anchor *anchors;
    size_t anchor_count;
    struct writ_slice audience;  /* this enforcement point */
    bool require_chain_audience; /* else a chain without aud is for everybody */
    bool require_proof_audience; /* else a proof without aat_aud is */
    struct writ_slice nonce;     /* empty: none is required */
    writ_replayed_fn replayed;   /* NULL: not tracked, and named in not_checked */
    void *replayed_context;
    struct writ_known *known; /* NULL: no link is remembered */
};

/* Sets the anchors from [{"iss": "https://...", "jwk": {...}, "kid": "..."?}], as `writ anchors`
 * prints it, or from an object that has such an array as `trust_anchors`; a kid may stand in the
 * jwk instead. MALFORMED, WEAK_KEY,
 * DUPLICATE_MEMBER. They live in the arena, which must outlive the verifier. */
WRIT_API struct writ_result writ_verifier_trust(struct writ_arena *arena, struct writ_slice anchors,
                                                struct writ_verifier *verifier,
                                                struct writ_denial *ret_denial) WRIT_MUST_CHECK;

struct writ_presentation {
    const struct writ_slice *chain; /* compact JWS, root first */
    size_t chain_count;
    struct writ_slice proof; /* compact JWS */
};
/* {"aat_chain": ["...", ...], "aat_pop": "..."}. MALFORMED (so is one by reference, which only the
 * service can judge), DUPLICATE_MEMBER. */
WRIT_API struct writ_result writ_presentation_parse(struct writ_arena *arena,
                                                    struct writ_slice json,
                                                    struct writ_presentation *ret_presentation,
                                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/*
 * A permit says that the chain and the proof are right for this call, at this time, by these
 * anchors, and no more. What that leaves open is named in it, permit or not, and belongs beside
 * the answer: whether the issuer's ledger knows each link (W1) and all are alive, none revoked
 * (W2), whether the proof was used elsewhere (W3, unless `replayed` is set), what budget is left
 * (W4), how far labels have risen (W5), whether somebody approved (W6); and nothing was recorded
 * (W7). Only the service that issued the root can say these.
 */
struct writ_verdict {
    bool permit;                  /* false whatever else went wrong */
    struct writ_denial denial;    /* when it is no permit */
    const char *not_checked;      /* "W1,W2,W4,W5,W6,W7" or with W3, for programs */
    const char *not_checked_text; /* the same as a sentence, for people */
};

/* The whole of section 8, steps 1 to 8. `tool` and `args` (a JSON object) are the invocation. */
WRIT_API struct writ_verdict writ_verify(struct writ_arena *arena,
                                         const struct writ_verifier *verifier,
                                         const struct writ_presentation *presentation,
                                         struct writ_slice tool, struct writ_slice args);

/* A permitted call, to be forwarded. */
struct writ_call {
    struct writ_slice tool;
    struct writ_slice args; /* the RFC 8785 bytes that were judged */
};
/*
 * The same for a call in one JSON text, with these members and no others:
 * {"presentation": {...}, "tool": "...", "arguments": {...}}. That is the body of POST /v1/validate
 * without its `context`, and with the chain by value. What is none is denied: MALFORMED,
 * DUPLICATE_MEMBER. ret_call is set when the call is permitted. Forward that one, not what was
 * received: another parser might read those bytes in another way.
 */
WRIT_API struct writ_verdict writ_verify_call(struct writ_arena *arena,
                                              const struct writ_verifier *verifier,
                                              struct writ_slice json, struct writ_call *ret_call);

/* The table of draft steps and outcomes, for the docs and for `writ verify`. Static. */
struct writ_step {
    const char *step;
    enum writ_status outcome;
    const char *says;
};
WRIT_API const struct writ_step *writ_steps(size_t *ret_count);

/* ---- Issue, derive, prove -----------------------------------------------------------------
 *
 * For issuers and holders; an enforcement point needs none of it. Each makes the bytes that are
 * signed, so that a key may live elsewhere; writ_sign_input signs with a seed that is at hand.
 * Ill-formed grants are refused here with a verifier's outcomes, and so are a depth and a life that
 * the parent does not allow; whether tools and terms are narrower, writ_derive_check says. `random`
 * is 16 fresh bytes from the system (getrandom), never used twice.
 */

/* What a link shall say. Absent members: empty slices. */
struct writ_grant {
    uint8_t random[16]; /* becomes the jti together with iat */
    int64_t iat_unix_s;
    int64_t exp_unix_s;
    int max_depth;               /* how deep the deepest link below may stand; a root is 0 */
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
                                            const uint8_t seed[WRIT_AT_LEAST(32)],
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

WRIT_END_DECLARATIONS

#endif
