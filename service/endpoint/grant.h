/*
 * What a link shall have, as opening a task, preparing and admitting a child read it from the body
 * (schema Grant); and what was admitted, as they answer it.
 */
#ifndef WRIT_ENDPOINT_GRANT_H
#define WRIT_ENDPOINT_GRANT_H

#include "endpoint/call.h"
#include "token/token.h"

struct db;

struct grant {
    const struct writ_authority *authority;
    const struct writ_json *terms_json; /* NULL: none */
    struct writ_terms terms;
    struct writ_slice agent;
    struct writ_slice holder;         /* thumbprint; empty: make a managed one */
    const struct writ_json *audience; /* NULL: none */
    int64_t expires_in_s;             /* 0: not given */
    int64_t max_depth;                /* -1: not given */
};

/* Answers and returns false when the body is not as it should be. */
bool grant_read(struct call *call, struct grant *ret_grant);

/* The key that will hold the link, and the handle that comes with a managed one (W11). */
struct grant_holder {
    struct writ_key key;
    bool managed;
    uint8_t handle[32];
    uint8_t handle_sha256[32];
};

/* HOLDER_BINDING_FAILED when the key is not one that this agent enrolled, or is revoked. What the
 * recording transaction judges again may be answered from memory. */
struct writ_result grant_take_holder(struct call *call, struct db *db, const struct grant *grant,
                                     bool is_judged_again, struct grant_holder *ret_holder,
                                     struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* True when the caller's handle is the one that this digest is of. */
bool grant_handle_fits(struct writ_slice handle, const uint8_t digest[static 32]);

/* A delegation that is about to be recorded, as Delegation of api/openapi.yaml. parent may be
 * NULL. */
struct writ_json *grant_node(struct call *call, const struct uuid *task, const struct uuid *id,
                             const struct uuid *parent, const struct writ_token *token,
                             bool managed);
/* {"delegation", "token", "handle"?, "cut"?}; asked NULL: nothing was cut. */
struct writ_json *grant_answer(struct call *call, struct writ_json *node,
                               const struct writ_token *token, const struct grant_holder *holder,
                               const struct writ_authority *asked);
/* The differences as an array of Cut. */
struct writ_json *grant_cut(struct call *call, const struct writ_authority *asked,
                            const struct writ_authority *given);

#endif
