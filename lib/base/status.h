/*
 * The one list of outcomes: enum, wire code, HTTP status and sentence all come from here, and so
 * do the enum in api/openapi.yaml and the table in api/docs (a test compares them).
 */
#ifndef WRIT_BASE_STATUS_H
#define WRIT_BASE_STATUS_H

#include <stdbool.h>

#include "api.h"

WRIT_BEGIN_DECLARATIONS

/* When a caller may try again; the wire text of `retry`. */
#define WRIT_RETRY_LIST(X)                                                                         \
    X(NEVER, "never")                                                                              \
    X(WITH_NEW_PROOF, "with_new_proof")                                                            \
    X(WITH_NEW_GRANT, "with_new_grant")                                                            \
    X(AFTER_APPROVAL, "after_approval")                                                            \
    X(AFTER_1_SECOND, "after:1")                                                                   \
    X(AFTER_60_SECONDS, "after:60")

/* X(NAME, wire code, HTTP status, retry, sentence for a model: a fixed template, nobody's text) */
#define WRIT_OUTCOME_LIST(X)                                                                       \
    X(MALFORMED, "malformed", 400, NEVER, "The request is not well-formed.")                       \
    X(NON_CANONICAL, "non_canonical", 400, NEVER, "A number or text is not in canonical form.")    \
    X(DUPLICATE_MEMBER, "duplicate_member", 400, NEVER, "A JSON member appears twice.")            \
    X(UNKNOWN_CONSTRAINT, "unknown_constraint", 403, NEVER,                                        \
      "The token has a constraint that is not known or not well-formed.")                          \
    X(SIGNATURE_INVALID, "signature_invalid", 403, NEVER, "A signature does not verify.")          \
    X(WEAK_KEY, "weak_key", 403, NEVER, "A key is weak or not canonical.")                         \
    X(PAR_HASH_MISMATCH, "par_hash_mismatch", 403, NEVER,                                          \
      "A token does not name the parent that it was presented with.")                              \
    X(DEPTH_INVALID, "depth_invalid", 403, NEVER, "The delegation is too deep.")                   \
    X(PRINCIPAL_ALTERED, "principal_altered", 403, NEVER,                                          \
      "The task or the principal changes within the chain.")                                       \
    X(NOT_NARROWER, "not_narrower", 403, WITH_NEW_GRANT,                                           \
      "The child asks for more than its parent has.")                                              \
    X(EXPIRED, "expired", 403, WITH_NEW_GRANT, "The token or the proof has expired.")              \
    X(NOT_YET_VALID, "not_yet_valid", 403, AFTER_1_SECOND,                                         \
      "The token or the proof is not valid yet.")                                                  \
    X(LAPSED, "lapsed", 403, WITH_NEW_GRANT, "The delegation was not renewed in time.")            \
    X(AUDIENCE_MISMATCH, "audience_mismatch", 403, NEVER,                                          \
      "The token or the proof is for another audience.")                                           \
    X(HOLDER_BINDING_FAILED, "holder_binding_failed", 403, WITH_NEW_PROOF,                         \
      "The proof does not show that the caller holds this token for this call.")                   \
    X(REPLAYED, "replayed", 403, WITH_NEW_PROOF, "This proof was used before.")                    \
    X(UNREGISTERED, "unregistered", 403, WITH_NEW_GRANT, "The ledger does not know this token.")   \
    X(TOOL_UNREGISTERED, "tool_unregistered", 403, NEVER, "This tool is not registered here.")     \
    X(REVOKED, "revoked", 403, WITH_NEW_GRANT, "The delegation, or one above it, was revoked.")    \
    X(TASK_CLOSED, "task_closed", 403, NEVER, "The task has ended.")                               \
    X(STATUS_UNKNOWN, "status_unknown", 503, AFTER_1_SECOND,                                       \
      "The state of the delegation can not be known now.")                                         \
    X(SCOPE_NOT_GRANTED, "scope_not_granted", 403, WITH_NEW_GRANT, "This tool was not granted.")   \
    X(ARGUMENT_NOT_GRANTED, "argument_not_granted", 403, NEVER,                                    \
      "An argument of the call is outside of what was granted.")                                   \
    X(CEILING_EXCEEDED, "ceiling_exceeded", 403, NEVER,                                            \
      "The request is beyond what this client may issue.")                                         \
    X(BUDGET_EXCEEDED, "budget_exceeded", 403, WITH_NEW_GRANT,                                     \
      "The budget does not allow this call.")                                                      \
    X(LABEL_EXCEEDED, "label_exceeded", 403, NEVER,                                                \
      "The label of the data does not allow this call: it needs more clearance, a destination "    \
      "that was pinned before untrusted data was read, or a human.")                               \
    X(APPROVAL_REQUIRED, "approval_required", 409, AFTER_APPROVAL,                                 \
      "A human has to approve this call.")                                                         \
    X(APPROVAL_INVALID, "approval_invalid", 403, AFTER_APPROVAL,                                   \
      "The approval does not cover this call.")                                                    \
    X(POLICY_DENIED, "policy_denied", 403, NEVER, "A policy forbids this call.")                   \
    X(POLICY_ERROR, "policy_error", 503, AFTER_1_SECOND, "A policy could not be evaluated.")       \
    X(CIRCUIT_OPEN, "circuit_open", 429, AFTER_60_SECONDS, "Too many refused calls; wait.")

/* Answers of the service that are no judgement of a chain. */
#define WRIT_FAULT_LIST(X)                                                                         \
    X(UNAUTHENTICATED, "unauthenticated", 401, NEVER, "The caller is not authenticated.")          \
    X(FORBIDDEN, "forbidden", 403, NEVER, "The caller may not do this.")                           \
    X(NOT_FOUND, "not_found", 404, NEVER, "There is no such thing here.")                          \
    X(METHOD_NOT_ALLOWED, "method_not_allowed", 405, NEVER, "This method is not allowed here.")    \
    X(CONFLICT, "conflict", 409, NEVER, "The request conflicts with the present state.")           \
    X(NOT_RETAINED, "not_retained", 410, NEVER, "The record is past its retention.")               \
    X(TOO_LARGE, "too_large", 413, NEVER, "The request is too large.")                             \
    X(IDEMPOTENCY_MISMATCH, "idempotency_mismatch", 422, NEVER,                                    \
      "This idempotency key was used with another request.")                                       \
    X(RATE_LIMITED, "rate_limited", 429, AFTER_1_SECOND, "Too many requests; wait.")               \
    X(INTERNAL, "internal", 500, AFTER_1_SECOND, "The service failed.")                            \
    X(OUT_OF_MEMORY, "out_of_memory", 503, AFTER_1_SECOND, "The service is out of memory.")

enum writ_status {
    WRIT_OK = 0,
#define X(name, code, http, retry, text) WRIT_##name,
    WRIT_OUTCOME_LIST(X) WRIT_FAULT_LIST(X)
#undef X
        WRIT_STATUS_COUNT
};

/* All of these answer for any int; a value outside of the list reads as INTERNAL. */
WRIT_API const char *writ_status_code(enum writ_status status);
WRIT_API const char *writ_status_text(enum writ_status status);
WRIT_API const char *writ_status_retry(enum writ_status status);
WRIT_API int writ_status_http(enum writ_status status);
/* The status of a wire code; WRIT_STATUS_COUNT where there is none. */
WRIT_API enum writ_status writ_status_from_code(const char *code);

/* A struct, so that a result can be taken neither for an int nor for a bool. */
struct writ_result {
    enum writ_status status;
};

#define WRIT_SUCCESS ((struct writ_result){WRIT_OK})
#define WRIT_FAILURE(code) ((struct writ_result){WRIT_##code})

static inline bool writ_is_ok(struct writ_result result)
{
    return result.status == WRIT_OK;
}

#define WRIT_TRY(call)                                                                             \
    do {                                                                                           \
        const struct writ_result writ_try_result = (call);                                         \
        if (writ_try_result.status != WRIT_OK)                                                     \
            return writ_try_result;                                                                \
    } while (0)

#define WRIT_ENSURE(condition, code)                                                               \
    do {                                                                                           \
        if (!(condition))                                                                          \
            return WRIT_FAILURE(code);                                                             \
    } while (0)

WRIT_END_DECLARATIONS

#endif
