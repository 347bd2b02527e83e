#include "decide/friction.h"

#include "base/crypto.h"
#include "ledger/circuits.h"
#include "ledger/denials.h"
#include "ledger/view.h"

#include <string.h>

/* What stays refused, and whether the cause may lie in the task: there where no hop is named. A
 * label that is above the presenter's own clearance, say, is no fault of the task. */
static const struct {
    enum writ_status outcome;
    bool may_be_tasks;
} STAYS[] = {
    {WRIT_SCOPE_NOT_GRANTED, false}, {WRIT_ARGUMENT_NOT_GRANTED, false},
    {WRIT_CEILING_EXCEEDED, false},  {WRIT_LABEL_EXCEEDED, true},
    {WRIT_POLICY_DENIED, true},
};

/* What is asked for, of whatever chain. */
static void digest_asked(const struct decision *decision, uint8_t ret_digest[static 32])
{
    /* Each part by its own digest: no two questions run into each other. What an administrator
     * changes may change the answer, and so may a label that was lowered. */
    const uint32_t epoch = view_label_epoch(decision->service->view, &decision->chain->task);
    uint8_t parts[5][32];
    writ_sha256(decision->client->audience, parts[0]);
    writ_sha256(decision->tool, parts[1]);
    memcpy(parts[2], decision->arguments_sha256, 32);
    writ_sha256(decision->registry->version, parts[3]);
    writ_sha256(writ_slice_of(&epoch, sizeof epoch), parts[4]);
    writ_sha256(writ_slice_of(parts, sizeof parts), ret_digest);
}

struct writ_result friction_check_circuit(struct decision *decision)
{
    return circuits_check(decision->service->circuits, decision->chain, &decision->denial);
}

struct writ_result friction_check_denied(struct decision *decision)
{
    struct denials_entry entry;
    digest_asked(decision, decision->asked_sha256);
    if (!denials_find(decision->service->denials, decision->chain, decision->asked_sha256, &entry))
        return WRIT_SUCCESS;
    decision->refused_before = true;
    decision->refused_at = entry.held_at;
    decision->id = entry.decision;
    decision->denial = entry.denial;
    return (struct writ_result){entry.denial.outcome};
}

struct record_friction friction_of(const struct decision *decision,
                                   const struct writ_denial *denial)
{
    const struct chain *chain = decision->chain;
    struct record_friction friction = {
        .is_decided = decision->refused_before,
        .is_repeat = decision->refused_before,
        .stays = decision->refused_before,
        .held_at = decision->refused_at,
        .refusals = decision->service->config->circuit_refusals,
        .open_s = decision->service->config->circuit_open_s,
    };
    memcpy(friction.asked_sha256, decision->asked_sha256, sizeof friction.asked_sha256);
    /* What a holder may pass on and not call, another agent below it may call; where it may not
     * send, another may whose link pins the destination. */
    const bool is_its_own = strcmp(denial->field, "writ_terms.pass_only") == 0 ||
                            strcmp(denial->field, "destination") == 0;
    /* A policy that looks at the clock may answer otherwise in an hour. */
    const bool is_of_the_hour = denial->outcome == WRIT_POLICY_DENIED &&
                                decision->policy.is_of_the_hour;
    for (size_t i = 0; i < sizeof STAYS / sizeof STAYS[0] && !decision->refused_before; i++) {
        if (STAYS[i].outcome != denial->outcome || is_its_own || is_of_the_hour)
            continue;
        friction.stays = true;
        friction.held_at = STAYS[i].may_be_tasks && denial->hop < 0 ? chain->links[0].id
                                                                    : chain_leaf(chain)->id;
    }
    return friction;
}

void friction_keep(const struct decision *decision, const struct record_friction *friction,
                   const struct writ_denial *denial)
{
    struct denials_entry entry = {
        .task = decision->chain->task,
        .held_at = friction->held_at,
        .decision = decision->id,
        .denial = *denial,
    };
    memcpy(entry.digest, friction->asked_sha256, sizeof entry.digest);
    if (friction->stays)
        denials_add(decision->service->denials, &entry);
}
