/*
 * What the service asks of the policies in force: whether a call may be made, and which tools of a
 * grant may be issued or passed on. The questions are made here, of chain and registry.
 */
#ifndef WRIT_DECIDE_POLICY_H
#define WRIT_DECIDE_POLICY_H

#include "decide/decide.h"

/* Whether what only the ledger knows can change what is said of the call: known of our own policies
 * as they are read, and of engines elsewhere never. */
bool policy_looks_at_label(const struct decision *decision);
bool policy_looks_at_approvals(const struct decision *decision);
/* The check of the array: fills decision->policy, whose obligations the approval check reads. What
 * people may still make a permit of passes, for that check: decision->approval.is_a_must. */
struct writ_result policy_check_call(struct decision *decision) WRIT_MUST_CHECK;
/* That it is a must and nobody is to be asked: POLICY_DENIED. */
struct writ_result policy_refuse_unapproved(struct decision *decision) WRIT_MUST_CHECK;
/* And the one after it: the same question to the engines that run elsewhere, where there are any.
 * decision->waits until they are told; their answer joins decision->policy. */
struct writ_result policy_check_elsewhere(struct decision *decision) WRIT_MUST_CHECK;

/* A link that would come to be. */
struct policy_grant {
    const struct registry *registry;
    struct remotes *remotes; /* waited for: not on a thread that serves others */
    int64_t now_us;
    const struct registry_client *client; /* who asks */
    const struct chain *parent;           /* NULL: a root */
    struct policy_task task;              /* of a root; a child's is its parent's */
    struct writ_slice agent;              /* whose it will be */
    const struct writ_json *audience;     /* of the link: text, array of texts or NULL */
    struct writ_label clearance;
};

/*
 * Asks for every tool, at every audience. WRIT_OK with the tools that may pass; where that is not
 * all of them and ret_cut is NULL, POLICY_DENIED with the first one. Else *ret_cut is an array of
 * {"tool", "detail"}. POLICY_ERROR when it can not be said. An obligation of approval binds calls,
 * each of which is judged by itself, and so does not stop a grant.
 */
struct writ_result policy_check_grant(struct writ_arena *arena, const struct policy_grant *grant,
                                      const struct writ_authority *asked,
                                      const struct writ_authority **ret_given,
                                      struct writ_json **ret_cut,
                                      struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* A label that would be lowered. */
struct policy_lowering {
    const struct registry *registry;
    struct remotes *remotes; /* waited for */
    int64_t now_us;
    const struct registry_client *client; /* who asks */
    const struct chain *root;
    struct writ_label from, to;
};

/* Fills ret_answer, whose obligations say who has to approve it besides. */
struct writ_result policy_check_lowering(struct writ_arena *arena,
                                         const struct policy_lowering *lowering,
                                         struct policy_answer *ret_answer,
                                         struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
