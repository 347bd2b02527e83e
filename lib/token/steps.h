/*
 * The one table that maps each step of AAT-02 section 8, and each rule of our own profile, to its
 * outcome. Every refusal of this room goes through it, so the docs that are printed from it can
 * not differ from the code. A step has two rows where it can fail in two ways.
 */
#ifndef WRIT_TOKEN_STEPS_H
#define WRIT_TOKEN_STEPS_H

#include "writ.h"

/* X(NAME, step, outcome, sentence) in the order in which they are checked; "" is no draft step. */
#define WRIT_RULES(X)                                                                              \
    X(ANCHORS, "", MALFORMED, "Trust anchors must be a JSON array of objects.")                    \
    X(ANCHOR, "", MALFORMED, "A trust anchor must have iss and jwk, an Ed25519 public key.")       \
    X(ANCHOR_WEAK, "", WEAK_KEY, "The key of a trust anchor must not be weak.")                    \
    X(RECEIVED_DUPLICATE, "", DUPLICATE_MEMBER, "What is received must name no member twice.")     \
    X(CALL, "", MALFORMED, "A call must have presentation, tool and arguments, and no more.")      \
    X(PRESENTATION, "", MALFORMED,                                                                 \
      "A presentation must have aat_chain; one by reference can only be judged by the service.")   \
    X(CHAIN_GIVEN, "1", MALFORMED, "The chain must have a token.")                                 \
    X(TOKEN_SIZE, "2a", MALFORMED, "A token must not be over 65536 bytes.")                        \
    X(CHAIN_SIZE, "2b", MALFORMED, "The chain must not be over 262144 bytes.")                     \
    X(JTI_DISTINCT, "2c", MALFORMED, "Each token must have a jti, and no two the same.")           \
    X(JTI_DUPLICATE, "2c", DUPLICATE_MEMBER, "No token may name a member twice.")                  \
    X(CHAIN_LENGTH, "4f", DEPTH_INVALID, "The chain must not have more links than any depth.")     \
    X(ROOT_HEADER, "3a", MALFORMED,                                                                \
      "The root must be a compact JWS with alg Ed25519, typ aat+jwt and no crit.")                 \
    X(ROOT_SIGNATURE, "3b", SIGNATURE_INVALID, "The root must be signed by a trust anchor.")       \
    X(ROOT_PAYLOAD, "3b", MALFORMED, "The root's claims must be a JSON object.")                   \
    X(ROOT_DUPLICATE, "3b", DUPLICATE_MEMBER, "The root's claims must name no member twice.")      \
    X(ROOT_TIMES, "3b", MALFORMED, "The root must have iat and exp, as whole numbers.")            \
    X(ROOT_DEPTH, "3c", DEPTH_INVALID, "The root's del_depth must be 0.")                          \
    X(ROOT_ORPHAN, "3d", PAR_HASH_MISMATCH, "The root must name no parent.")                       \
    X(ROOT_ALIVE, "3e", EXPIRED, "The root's exp must be after now.")                              \
    X(ROOT_STARTED, "3f", NOT_YET_VALID, "The root's iat must not be in the future.")              \
    X(ROOT_SPAN, "3g", MALFORMED, "The root's exp must be after its iat.")                         \
    X(ROOT_LIFETIME, "3h", MALFORMED, "The root must not live longer than the maximum.")           \
    X(ROOT_MAX_DEPTH, "3i", DEPTH_INVALID, "The root's del_max_depth must be within the maximum.") \
    X(ROOT_JTI, "3j", MALFORMED, "The root must have a jti.")                                      \
    X(ROOT_ISSUER, "3k", SIGNATURE_INVALID, "The root's iss must be that of its trust anchor.")    \
    X(ROOT_HOLDER, "3l", MALFORMED, "The root's cnf.jwk must be an Ed25519 public key.")           \
    X(ROOT_HOLDER_WEAK, "3l", WEAK_KEY, "The root's cnf.jwk must not be weak.")                    \
    X(ROOT_TOOLS, "3m", MALFORMED, "The root must have one entry with tools.")                     \
    X(CHILD_HEADER, "4a", MALFORMED,                                                               \
      "A child must be a compact JWS with alg Ed25519, typ aat+jwt and no crit.")                  \
    X(CHILD_SIGNATURE, "4b", SIGNATURE_INVALID, "A child must be signed by its parent's holder.")  \
    X(CHILD_PAYLOAD, "4b", MALFORMED, "A child's claims must be a JSON object.")                   \
    X(CHILD_DUPLICATE, "4b", DUPLICATE_MEMBER, "A child's claims must name no member twice.")      \
    X(CHILD_JTI, "4b1", MALFORMED, "A child must have a jti.")                                     \
    X(CHILD_HOLDER, "4b2", MALFORMED, "A child's cnf.jwk must be an Ed25519 public key.")          \
    X(CHILD_HOLDER_WEAK, "4b2", WEAK_KEY, "A child's cnf.jwk must not be weak.")                   \
    X(CHILD_DETAILS, "4b3", MALFORMED, "A child must have an array authorization_details.")        \
    X(CHILD_DEPTHS, "4b4", MALFORMED, "A child must have del_depth and del_max_depth.")            \
    X(CHILD_LINKS, "4b5", MALFORMED, "A child must have iss, par_hash, iat and exp.")              \
    X(CHILD_ISSUER, "4c", SIGNATURE_INVALID,                                                       \
      "A child's iss must be the thumbprint of its parent's key.")                                 \
    X(CHILD_DEPTH, "4d", DEPTH_INVALID, "A child must be one deeper than its parent.")             \
    X(CHILD_DEPTH_PARENT, "4e", DEPTH_INVALID, "A child must not be deeper than its parent says.") \
    X(CHILD_DEPTH_LIMIT, "4f", DEPTH_INVALID, "A child must not be deeper than the maximum.")      \
    X(CHILD_MAX_DEPTH, "4g", DEPTH_INVALID, "A child must not raise del_max_depth.")               \
    X(CHILD_EXP, "4h", NOT_NARROWER, "A child must not outlive its parent.")                       \
    X(CHILD_ALIVE, "4i", EXPIRED, "A child's exp must be after now.")                              \
    X(CHILD_IAT, "4j", NOT_NARROWER, "A child must not be issued before its parent.")              \
    X(CHILD_STARTED, "4k", NOT_YET_VALID, "A child's iat must not be in the future.")              \
    X(CHILD_SPAN, "4l", MALFORMED, "A child's exp must be after its iat.")                         \
    X(CHILD_OWN_DEPTH, "4m", DEPTH_INVALID, "A child must be within its own del_max_depth.")       \
    X(CHILD_TOOLS, "4n", MALFORMED, "A child must have at most one entry with tools.")             \
    X(CONSTRAINT_KNOWN, "3n/4o", UNKNOWN_CONSTRAINT,                                               \
      "Each constraint must be known, well-formed and not too deep.")                              \
    X(CONSTRAINT_NUMBERS, "3n/4o", NON_CANONICAL, "Each number must survive RFC 8785.")            \
    X(NARROWER_TOOLS, "4p1", NOT_NARROWER, "A child must have no tool that its parent has not.")   \
    X(NARROWER_NAMES, "4p2", NOT_NARROWER,                                                         \
      "A child must name the arguments that its parent names, and no others.")                     \
    X(NARROWER_REQUIRED, "4p3", NOT_NARROWER,                                                      \
      "A child must require the arguments that its parent requires.")                              \
    X(NARROWER_VALUES, "4p4", NOT_NARROWER, "A child's constraints must be within its parent's.")  \
    X(CHILD_PARENT, "4q", PAR_HASH_MISMATCH, "A child's par_hash must be its parent's hash.")      \
    X(AUDIENCE_SHAPE, "", MALFORMED, "aud must be a text or an array of texts.")                   \
    X(PRINCIPAL_GIVEN, "", PRINCIPAL_ALTERED, "Each link must name the task and the principal.")   \
    X(PRINCIPAL_SAME, "", PRINCIPAL_ALTERED,                                                       \
      "Each link must name the same task and the same principal.")                                 \
    X(AGENT_GIVEN, "", MALFORMED, "Each link must name its agent in client_id.")                   \
    X(TERMS_ONCE, "", MALFORMED, "A link must have at most one writ_terms.")                       \
    X(TERMS_SHAPE, "", MALFORMED, "Each member of writ_terms must be known and well-formed.")      \
    X(TERMS_SIZE, "", MALFORMED, "A member of writ_terms must not grow over 256 elements.")        \
    X(TERMS_CLEARANCE, "", NOT_NARROWER, "A child's clearance must be within its parent's.")       \
    X(TERMS_APPROVAL, "", NOT_NARROWER, "A child must keep each approval rule of its parent.")     \
    X(TERMS_CALL_ONLY, "", NOT_NARROWER, "A child must not have a tool that is call_only above.")  \
    X(TERMS_BUDGET, "", NOT_NARROWER, "A child's budget must be within its parent's.")             \
    X(CHAIN_DEPTH, "5", DEPTH_INVALID, "The leaf's del_depth must be that of its place.")          \
    X(LEAF_TOOLS, "6a", SCOPE_NOT_GRANTED, "The leaf must have an entry with tools.")              \
    X(CALL_TOOL, "6b", SCOPE_NOT_GRANTED, "The leaf must have the tool.")                          \
    X(CALL_SHAPE, "6b", MALFORMED, "The arguments must be a JSON object.")                         \
    X(CALL_DUPLICATE, "6b", DUPLICATE_MEMBER, "The arguments must name no member twice.")          \
    X(CALL_NUMBERS, "6b", NON_CANONICAL, "Each number must survive RFC 8785.")                     \
    X(CALL_ARGUMENTS, "6b", ARGUMENT_NOT_GRANTED,                                                  \
      "Each argument must be within its constraint, and none may be missing.")                     \
    X(CALL_BARRED, "6b", SCOPE_NOT_GRANTED,                                                        \
      "An agent and a key that may only pass a tool on must not call it.")                         \
    X(AUDIENCE, "6c", AUDIENCE_MISMATCH, "Each aud of the chain must name this audience.")         \
    X(AUDIENCE_REQUIRED, "6c", AUDIENCE_MISMATCH, "A link of the chain must have an aud.")         \
    X(PROOF_HEADER, "7a", MALFORMED,                                                               \
      "The proof must be a compact JWS with alg Ed25519, typ aat-pop+jwt and no crit.")            \
    X(PROOF_SIGNATURE, "7b", HOLDER_BINDING_FAILED,                                                \
      "The leaf's holder must have signed the proof.")                                             \
    X(PROOF_PAYLOAD, "7b", MALFORMED, "The proof's claims must be a JSON object.")                 \
    X(PROOF_DUPLICATE, "7b", DUPLICATE_MEMBER, "The proof's claims must name no member twice.")    \
    X(PROOF_SHAPE, "7c", MALFORMED,                                                                \
      "The proof must have jti, iat, aat_id, aat_hash, aat_tool and hta.")                         \
    X(PROOF_LEAF, "7c", HOLDER_BINDING_FAILED, "The proof must be for this leaf.")                 \
    X(PROOF_AUDIENCE, "7d", AUDIENCE_MISMATCH, "The proof must be for this audience.")             \
    X(PROOF_TOOL, "7e", HOLDER_BINDING_FAILED, "The proof must be for this tool.")                 \
    X(PROOF_ARGUMENTS, "7f", HOLDER_BINDING_FAILED, "The proof must be for these arguments.")      \
    X(PROOF_EXPIRED, "7g", EXPIRED, "The proof must not be older than the window.")                \
    X(PROOF_EARLY, "7g", NOT_YET_VALID, "The proof's iat must not be in the future.")              \
    X(PROOF_NONCE, "7h", HOLDER_BINDING_FAILED, "The proof must carry the nonce that was given.")  \
    X(PROOF_ONCE, "7i", REPLAYED, "A proof must be used once.")                                    \
    X(DERIVE_HOLDER, "", HOLDER_BINDING_FAILED, "The child must name the holder that was asked.")  \
    X(DERIVE_AGENT, "", HOLDER_BINDING_FAILED, "The child must name the agent that was asked.")    \
    X(DERIVE_WANTED, "", NOT_NARROWER, "The child must not give more than was asked.")             \
    X(STATEMENT_FRAME, "", MALFORMED, "The statement must be a compact JWS of its own typ.")       \
    X(STATEMENT_SIGNATURE, "", SIGNATURE_INVALID, "The statement must be signed by this key.")     \
    X(STATEMENT_SHAPE, "", MALFORMED, "The statement must have its members and no others.")        \
    X(STATEMENT_AUDIENCE, "", AUDIENCE_MISMATCH, "The statement must be for this service.")        \
    X(STATEMENT_SUBJECT, "", HOLDER_BINDING_FAILED, "The statement must be about this request.")   \
    X(STATEMENT_EXPIRED, "", EXPIRED, "The statement must not be older than the window.")          \
    X(STATEMENT_EARLY, "", NOT_YET_VALID, "The statement's iat must not be in the future.")

enum writ_rule {
#define X(name, step, outcome, says) WRIT_RULE_##name,
    WRIT_RULES(X)
#undef X
};

/* Fills the denial from the rule's row (the hop is left as it is) and returns its outcome. */
struct writ_result writ_refuse(struct writ_denial *denial, enum writ_rule rule,
                               const char *field) WRIT_MUST_CHECK;
/* The same, with what was found behind the sentence. */
struct writ_result writ_refuse_as(struct writ_denial *denial, enum writ_rule rule,
                                  const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5))) WRIT_MUST_CHECK;
/* An empty denial of this hop, to be filled. */
struct writ_denial writ_denial_at(int hop);

#endif
