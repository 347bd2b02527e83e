/*
 * writ_terms (DESIGN section 2) and their fold: eff(child) = eff(parent) ∧ terms(child). A link
 * that omits, repeats, mistypes or loosens a term gains nothing.
 */
#ifndef WRIT_TOKEN_TERMS_H
#define WRIT_TOKEN_TERMS_H

#include "authority/authority.h"

#define WRIT_TYPE_TOOLS "attenuating_agent_token"
#define WRIT_TYPE_TERMS "writ_terms"

enum writ_confidentiality {
    WRIT_LABEL_PUBLIC,
    WRIT_LABEL_INTERNAL,
    WRIT_LABEL_CONFIDENTIAL,
    WRIT_LABEL_RESTRICTED,
};
enum writ_integrity { WRIT_LABEL_TRUSTED, WRIT_LABEL_UNTRUSTED };

struct writ_label {
    enum writ_confidentiality confidentiality;
    enum writ_integrity integrity;
    const struct writ_json *categories; /* array of texts, sorted, no repeats */
};

/* What one link says; a member it omits is NULL (or has_clearance false). */
struct writ_terms {
    bool has_clearance;
    struct writ_label clearance;
    const struct writ_json *approval;  /* array of rules */
    const struct writ_json *call_only; /* array of tool names */
    const struct writ_json *pass_only;
    const struct writ_json *budget;
};

/* The fold up to a link. `barred` is what pass_only became: [{"agent","key","tool"}]. */
struct writ_effective {
    struct writ_label clearance;
    const struct writ_json *approval;
    const struct writ_json *call_only;
    const struct writ_json *barred;
    const struct writ_json *budget;
};

/* {"confidentiality","integrity","categories"}, each optional as DESIGN says; MALFORMED. */
struct writ_result writ_label_read(struct writ_arena *arena, const struct writ_json *json,
                                   struct writ_label *ret_label) WRIT_MUST_CHECK;
/* a ≤ b in every component. */
bool writ_label_within(const struct writ_label *a, const struct writ_label *b);
struct writ_json *writ_label_json(struct writ_arena *arena, const struct writ_label *label);

/* The entry without its `type`: MALFORMED for an unknown or ill-typed member. */
struct writ_result writ_terms_read(struct writ_arena *arena, const struct writ_json *entry,
                                   struct writ_terms *ret_terms,
                                   struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* parent NULL: a root. NOT_NARROWER for a loosened member, or a tool of the parent's call_only
 * in `authority`. agent and key are the link's own (pass_only binds them). */
struct writ_result writ_terms_fold(struct writ_arena *arena, const struct writ_effective *parent,
                                   const struct writ_terms *terms,
                                   const struct writ_authority *authority, struct writ_slice agent,
                                   const struct writ_key *key, struct writ_effective *ret_effective,
                                   struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The jsonb of delegation.terms: all five members, always. */
struct writ_json *writ_effective_json(struct writ_arena *arena,
                                      const struct writ_effective *effective);
struct writ_result writ_effective_read(struct writ_arena *arena, const struct writ_json *json,
                                       struct writ_effective *ret_effective) WRIT_MUST_CHECK;
/* All of it in this arena. */
struct writ_result writ_effective_copy(struct writ_arena *arena,
                                       const struct writ_effective *effective,
                                       struct writ_effective *ret_copy) WRIT_MUST_CHECK;
/* SCOPE_NOT_GRANTED when `tool` is barred for this agent or key. */
struct writ_result writ_effective_may_call(const struct writ_effective *effective,
                                           struct writ_slice tool, struct writ_slice agent,
                                           const struct writ_key *key,
                                           struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* What may stand in a child: the authority without the tools of call_only. */
struct writ_result
writ_effective_passable(struct writ_arena *arena, const struct writ_effective *effective,
                        const struct writ_authority *authority,
                        const struct writ_authority **ret_passable) WRIT_MUST_CHECK;
/* The approval rules that name `tool`: an array, empty when there is none; NULL out of memory. */
struct writ_json *writ_effective_approvals(struct writ_arena *arena,
                                           const struct writ_effective *effective,
                                           struct writ_slice tool);
/* a <= b for decimals of the form ^(0|[1-9][0-9]{0,19})(\.[0-9]{1,9})?$; both are valid. */
bool writ_decimal_at_most(struct writ_slice a, struct writ_slice b);
bool writ_decimal_is_valid(struct writ_slice text);

#endif
