/*
 * W12: what a client may issue. The default ceiling is empty: an absent member allows nothing
 * (lifetime_s: the operator's maximum).
 * {"principals": [...], "audiences": [...], "authority": {tools}, "clearance": {label},
 *  "open_tasks": n, "lifetime_s": n, "budget_a_day": [{"unit", "limit"}]}
 */
#ifndef WRIT_DECIDE_CEILING_H
#define WRIT_DECIDE_CEILING_H

#include "token/terms.h"

struct ceiling_request {
    struct writ_slice principal;
    const struct writ_json *audience; /* a text or an array of texts */
    const struct writ_authority *authority;
    const struct writ_terms *terms;
    int64_t lifetime_s;
};

/* A ceiling as it is stored: MALFORMED with field and detail. `grant` (notation) has become
 * `authority` before. */
struct writ_result ceiling_read(struct writ_arena *arena, const struct writ_json *ceiling,
                                struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* CEILING_EXCEEDED names the member. The authority is compared too; with `narrow`, ret_authority
 * is the meet with the ceiling instead (CEILING_EXCEEDED only if nothing is left). */
struct writ_result ceiling_check(struct writ_arena *arena, const struct writ_json *ceiling,
                                 const struct ceiling_request *request, bool narrow,
                                 const struct writ_authority **ret_authority,
                                 struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* How many tasks of this client may be open at once. */
int64_t ceiling_open_tasks(const struct writ_json *ceiling);

#endif
