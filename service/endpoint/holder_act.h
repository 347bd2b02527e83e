/*
 * W11: bytes prove nothing. Renewing, ending and revoking need the holder of the node or of an
 * ancestor (a managed one: its authenticated agent with the handle; a self-held one: a
 * writ-request+jwt of its key), the task's opener, or an admin. Schema Act.
 */
#ifndef WRIT_ENDPOINT_HOLDER_ACT_H
#define WRIT_ENDPOINT_HOLDER_ACT_H

#include "endpoint/call.h"
#include "ledger/chain.h"

struct db;

/* The shape of the body; answers and returns false. */
bool holder_act_read(struct call *call);
/* The same of who asks (`as`, `handle`, `request`) alone, where the body has members of its own. */
bool holder_act_read_holder(struct call *call);
/* WRIT_OK when the caller may do `act` to this delegation; NOT_FOUND when there is none. `renew`
 * is the holder's alone. */
struct writ_result holder_act_check(struct call *call, struct db *db, const struct uuid *task,
                                    const struct uuid *delegation, const char *act,
                                    struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* The authenticated agent with the handle of a managed link. FORBIDDEN. */
struct writ_result holder_is_managed_by(struct call *call, const struct chain_link *link,
                                        const struct writ_token *token, struct writ_slice handle,
                                        struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
