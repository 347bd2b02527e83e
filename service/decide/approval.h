/*
 * Whether a person has to say yes (W6): by what the tool is registered as, by a rule of the chain
 * or by a policy. What they say yes to is one JSON text, and its digest: delegation, authority,
 * holder, tool and its registration, arguments, and the policies that decided. If one of these is
 * another, so is the digest, and the approval is of something else.
 *
 * Policies may look at who has approved, and so decide otherwise with an approval than when it was
 * asked for. What is bound is therefore all that can permit the call whoever approves it
 * (policy_ask_at_best): the same at both times, and nothing permits at the second that people were
 * not asked by at the first. By whom they were approved the policies judge as it is.
 */
#ifndef WRIT_DECIDE_APPROVAL_H
#define WRIT_DECIDE_APPROVAL_H

#include "decide/decide.h"

/* APPROVAL_REQUIRED where a rule asks for one and none came with the request, or one that waits for
 * those whom policies want; POLICY_DENIED where they want somebody and no rule asks. What came is
 * judged by the ledger, in the transaction that spends it. */
struct writ_result approval_check(struct decision *decision) WRIT_MUST_CHECK;
/* Adds the rule by which restricted data leaves: anybody who may approve, once. */
struct writ_result approval_add_label_rule(struct decision *decision) WRIT_MUST_CHECK;

/* Parts of what people are asked, shared with what concerns a task and no call (declassify.h). Each
 * is false, or NULL, where memory ends. */

/* Adds the rules of those that permit, and want people to permit, too. */
bool approval_put_policies(struct writ_arena *arena, struct writ_json *rules,
                           const struct policy_answer *answer);
/* Adds the rule that so many of those who may approve meet, whoever they are. */
bool approval_put_anybody(struct writ_arena *arena, struct writ_json *rules, int64_t quorum,
                          const char *source);
struct writ_json *approval_put_hash(struct writ_arena *arena, struct writ_json *object,
                                    const char *name, const uint8_t hash[static 32]);
/* All that decided, in one order: a policy that is changed, comes or goes makes another digest. */
bool approval_bind_policies(struct writ_arena *arena, struct writ_json *bound,
                            struct policy_answer *answer);

#endif
