#include "decide/recording.h"

#include "decide/friction.h"
#include "decide/policy.h"
#include "ledger/label.h"

#include <string.h>

/* What the label was to the policies, for the ledger to compare with what it is. */
static bool put_judged_label(const struct decision *decision, struct record *record)
{
    if (!decision->question || !policy_looks_at_label(decision))
        return true;
    const struct writ_json *level = policy_level_json(decision->arena, &decision->question->label);
    record->judged_label = level ? writ_json_canonical(decision->arena, level) : WRIT_SLICE_NONE;
    return record->judged_label.data != NULL;
}

static void fill_label(const struct decision *decision, struct record *record)
{
    const struct registry_tool *tool = decision->registered;
    const int64_t known = __atomic_load_n(&decision->chain->label_known, __ATOMIC_ACQUIRE);
    record->adds = tool->sensitivity_json;
    record->may_raise = !label_reached(known, &tool->sensitivity);
    if (!tool->sends)
        return;
    record->release = tool->release_json;
    record->pinned_at_us = decision->pinned_since_us;
    if (tool->destination.size > 0)
        record->release_pinned = tool->release_pinned_json;
}

bool recording_of(const struct decision *decision, struct record *ret_record)
{
    const struct chain *chain = decision->chain;
    const struct chain_link *leaf = chain_leaf(chain);
    const struct writ_token *token = chain_leaf_token(chain);
    struct writ_arena *arena = decision->arena;
    struct uuid *line = writ_arena_array(arena, chain->count, sizeof *line);
    const char **holders = writ_arena_array(arena, chain->count, sizeof *holders);
    struct account_key *accounts = writ_arena_array(arena, decision->debit_count, sizeof *accounts);
    if (!line || !holders || (!accounts && decision->debit_count > 0))
        return false;
    for (size_t i = 0; i < decision->debit_count; i++)
        accounts[i] = decision->debits[i].account;
    for (size_t i = 0; i < chain->count; i++) {
        line[i] = chain->links[i].id;
        holders[i] = chain->links[i].thumbprint;
    }
    record_init(ret_record, &chain->task);
    ret_record->id = decision->id;
    ret_record->at_us = decision->now_us;
    ret_record->delegation = leaf->id;
    ret_record->line = line;
    ret_record->holders = holders;
    ret_record->line_count = chain->count;
    ret_record->client = (const char *)decision->client->id.data;
    ret_record->audience = (const char *)decision->client->audience.data;
    ret_record->tool = decision->tool;
    ret_record->arguments = decision->arguments;
    ret_record->arguments_sha256 = decision->arguments_sha256;
    ret_record->request_sha256 = decision->request_sha256;
    ret_record->agent = leaf->attributed ? token->agent : WRIT_SLICE_NONE;
    ret_record->holder = leaf->thumbprint;
    ret_record->proof_jti = decision->proof.jti;
    ret_record->proof_iat_us = decision->proof.iat_unix_s * 1000000;
    ret_record->leaf_hash = token->hash;
    ret_record->start_by_us = decision->start_by_us;
    ret_record->buffered = decision->buffered;
    ret_record->has_effects = decision->has_effects; /* W3: once */
    ret_record->idempotency_key = decision->idempotency_key;
    ret_record->lease_s = decision->service->config->lease_s;
    ret_record->window_s = decision->service->config->pop_window_s;
    ret_record->policy_version = decision->registry->policy_version;
    ret_record->policy_engines = decision->engines;
    ret_record->denied = decision->denial;
    if (decision->approval.presented) {
        ret_record->approval = decision->approval.id;
        ret_record->approval_digest = decision->approval.digest;
    }
    ret_record->arena = arena;
    if (decision->registered)
        fill_label(decision, ret_record);
    if (ret_record->denied.outcome == WRIT_OK) {
        ret_record->debits = decision->debits;
        ret_record->debit_count = ret_record->item.account_count = decision->debit_count;
        ret_record->item.accounts = accounts;
    }
    ret_record->friction = friction_of(decision, &decision->denial);
    memcpy(ret_record->item.order, token->hash, sizeof ret_record->item.order);
    return put_judged_label(decision, ret_record);
}
