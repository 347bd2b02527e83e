/* The rules on the claims of one link; rules.c reads like sections 3 and 4 of the draft's step 8.
 */
#ifndef WRIT_TOKEN_RULES_H
#define WRIT_TOKEN_RULES_H

#include "token/link.h"

enum writ_rules {
    WRIT_RULES_ROOT,       /* steps 3b to 3m */
    WRIT_RULES_CHILD,      /* steps 4b1 to 4n */
    WRIT_RULES_CHILD_LAST, /* step 4q, behind the comparison of the authorities */
    WRIT_RULES_OURS,       /* aat-02+writ */
    WRIT_RULES_KEPT,       /* a link that was admitted before */
};

/* The first rule that does not hold refuses. */
struct writ_result writ_rules_judge(struct writ_link *link, enum writ_rules table,
                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* An anchor with a kid is only for roots that carry it. */
bool writ_rules_select(const struct writ_anchor *anchor, const struct writ_jws *jws);

#endif
