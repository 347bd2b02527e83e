#include "endpoint/permit.h"

#include "base/base64url.h"
#include "clock.h"
#include "endpoint/accounts.h"
#include "json/text.h"

static void put_id(struct writ_json_text *text, const char *name, const struct uuid *id)
{
    char digits[UUID_TEXT_SIZE];
    uuid_text(id, digits);
    writ_json_text_put_string(text, name, writ_slice_text(digits));
}

/* In RFC 8785's order. */
struct writ_slice permit_text(const struct judge *judge)
{
    const struct decision *decision = &judge->decision;
    const struct chain_link *leaf = chain_leaf(decision->chain);
    const struct writ_token *token = chain_leaf_token(decision->chain);
    char hash[44];
    char start_by[CLOCK_TEXT_SIZE];
    writ_base64url_hash(decision->arguments_sha256, hash);
    clock_text(decision->start_by_us, start_by);
    struct writ_json_text text;
    writ_json_text_begin(&text, judge->call->arena);
    writ_json_text_put_string(&text, "agent", token->agent);
    writ_json_text_put(&text, "arguments", decision->args);
    writ_json_text_put_string(&text, "arguments_sha256", writ_slice_text(hash));
    writ_json_text_put_boolean(&text, "attributed", leaf->attributed);
    if (judge->says_decision)
        writ_json_text_put_string(&text, "decision", WRIT_SLICE_LITERAL("permit"));
    put_id(&text, "delegation", &leaf->id);
    put_id(&text, "id", &decision->id);
    if (judge->record.label)
        writ_json_text_put(&text, "label", judge->record.label);
    if (decision->registry->policy_version > 0)
        writ_json_text_put_integer(&text, "policy_version", decision->registry->policy_version);
    writ_json_text_put_string(&text, "principal", decision->chain->principal);
    writ_json_text_put_string(&text, "recorded",
                              writ_slice_text(decision->buffered ? "buffered" : "durable"));
    writ_json_text_put(&text, "remaining",
                       accounts_remaining(judge->call, decision->debits, decision->debit_count));
    if (decision->repeated)
        writ_json_text_put_boolean(&text, "repeated", true);
    writ_json_text_put_integer(&text, "staleness_ms", decision->staleness_us / 1000);
    writ_json_text_put_string(&text, "start_by", writ_slice_text(start_by));
    put_id(&text, "task", &decision->chain->task);
    writ_json_text_put_string(&text, "tool", decision->tool);
    return writ_json_text_end(&text);
}
