#include "decide/seen.h"

#include "decide/policy.h"
#include "ledger/admission.h"
#include "ledger/caps.h"
#include "ledger/circuits.h"
#include "ledger/view.h"

/* The longest prefix that the ledger knows: its length is *ret_known. */
static struct writ_result find_prefix(struct decision *decision, struct db *db,
                                      struct chain **ret_chain, size_t *ret_known)
{
    const struct decide_presentation *presented = &decision->presented;
    for (size_t known = presented->count - 1; known > 0; known--) {
        struct writ_jws leaf;
        uint8_t hash[32];
        WRIT_TRY(
            writ_jws_split(decision->arena, presented->compacts[known - 1], WRIT_TYP_TOKEN, &leaf));
        writ_jws_hash(&leaf, hash);
        struct chain *chain = NULL;
        const struct writ_result result = chain_load(decision->service->chains, db,
                                                     &presented->task, hash, &chain);
        if (writ_is_ok(result) && chain_is(chain, presented->compacts, known)) {
            *ret_chain = chain;
            *ret_known = known;
            return WRIT_SUCCESS;
        }
        chain_release(chain);
        if (!writ_is_ok(result) && result.status != WRIT_UNREGISTERED)
            return result;
    }
    return WRIT_FAILURE(UNREGISTERED);
}

/* Who may not pass a tool on may not do so offline either. */
static struct writ_result check_policy(struct decision *decision, const struct chain *parent,
                                       const struct writ_token *token)
{
    const struct policy_grant grant = {
        .registry = decision->registry,
        .remotes = decision->service->remotes,
        .now_us = decision->now_us,
        .client = decision->client,
        .parent = parent,
        .agent = token->agent,
        .audience = token->audience ? token->audience : chain_leaf_token(parent)->audience,
        .clearance = token->effective.clearance,
    };
    const struct writ_authority *given = NULL;
    return policy_check_grant(decision->arena, &grant, token->authority, &given, NULL,
                              &decision->denial);
}

static struct writ_result admit_next(struct decision *decision, struct db *db,
                                     const struct chain *parent, struct writ_slice compact,
                                     struct chain **ret_chain)
{
    struct service *service = decision->service;
    const struct writ_verifier verifier = decide_verifier(service, decision->client->audience,
                                                          decision->now_us);
    struct writ_token token;
    WRIT_TRY(view_check(service->view, parent, &decision->denial));
    WRIT_TRY(circuits_check(service->circuits, parent, &decision->denial));
    WRIT_TRY(writ_child_verify(decision->arena, &verifier, chain_leaf_token(parent), compact,
                               &token, &decision->denial));
    WRIT_TRY(check_policy(decision, parent, &token));
    WRIT_TRY(
        caps_admit(service->caps, db, &parent->task, &chain_leaf(parent)->id, &decision->denial));
    struct admission admission;
    admission_init(&admission, &parent->task);
    WRIT_TRY(admission_fill(&admission, decision->arena, parent, &token));
    WRIT_TRY(account_check_openings(db, admission.openings, admission.opening_count,
                                    (int)token.depth, &decision->denial));
    admission.admitted_by = (const char *)decision->client->id.data;
    admission.lease_s = service->config->lease_s;
    admission.body_sha256 = decision->request_sha256;
    const struct writ_result written = admission_write(&admission, db);
    /* Two that see it first at once: the other one has recorded it. */
    if (!writ_is_ok(written) && written.status != WRIT_CONFLICT)
        return written;
    return chain_load(service->chains, db, &parent->task, token.hash, ret_chain);
}

struct writ_result seen_admit(struct decision *decision, struct db *db)
{
    const struct decide_presentation *presented = &decision->presented;
    struct chain *chain = NULL;
    size_t known = 0;
    WRIT_TRY(find_prefix(decision, db, &chain, &known));
    for (size_t i = known; i < presented->count; i++) {
        struct chain *next = NULL;
        const struct writ_result result = admit_next(decision, db, chain, presented->compacts[i],
                                                     &next);
        chain_release(chain);
        WRIT_TRY(result);
        chain = next;
    }
    decision->chain = chain;
    return WRIT_SUCCESS;
}
