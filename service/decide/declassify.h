/*
 * Lowering the label of a task (W5): what policies say of it, whom they want to be asked, and what
 * people sign. Policies can only refuse: without people nothing is lowered, whatever they permit.
 */
#ifndef WRIT_DECIDE_DECLASSIFY_H
#define WRIT_DECIDE_DECLASSIFY_H

#include "ledger/chain.h"
#include "ledger/registry.h"

struct remotes;

struct declassify {
    /* The question. */
    const struct registry *registry;
    struct remotes *remotes;              /* waited for, as with a grant */
    const struct registry_client *client; /* who asks */
    const struct chain *root;
    int64_t now_us;
    int64_t number; /* of the row that is the label now */
    struct writ_label from, to;
    struct writ_slice reason;

    /* What people are shown and sign, RFC 8785: as with a call (approval.h), but that `number`
     * stands for the state that they approve of. Another rise makes another digest. */
    struct writ_json *rules;
    struct writ_slice arguments, bound;
    uint8_t digest[32];
};

/* Fills the rest. POLICY_DENIED or POLICY_ERROR with the denial. */
struct writ_result declassify_judge(struct writ_arena *arena, struct declassify *declassify,
                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
