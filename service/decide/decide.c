#include "decide/decide.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "clock.h"
#include "decide/approval.h"
#include "decide/friction.h"
#include "decide/pin.h"
#include "decide/policy.h"
#include "decide/schema.h"
#include "jose/jws.h"
#include "ledger/view.h"

#include <stdio.h>

enum { TOOL_NAME_MAX = 200, PERMIT_LIFE_US = 5000000 };

static struct writ_result deny(struct decision *decision, enum writ_status outcome, int hop,
                               const char *field, const char *detail)
{
    struct writ_denial *denial = &decision->denial;
    *denial = (struct writ_denial){.outcome = outcome, .step = "", .hop = hop};
    snprintf(denial->field, sizeof denial->field, "%s", field);
    snprintf(denial->detail, sizeof denial->detail, "%s", detail);
    return (struct writ_result){outcome};
}

static int leaf_hop(const struct decision *decision)
{
    return (int)decision->chain->count - 1;
}

struct writ_verifier decide_verifier(const struct service *service, struct writ_slice audience,
                                     int64_t now_us)
{
    struct writ_verifier verifier = {
        .profile = WRIT_PROFILE_AAT_02_WRIT,
        .limits = writ_limits_default(),
        .now_unix_s = now_us / 1000000,
        .audience = audience,
    };
    verifier.limits.max_delegation_depth = (int)service->config->max_depth;
    verifier.limits.pop_window_s = service->config->pop_window_s;
    return verifier;
}

/* ---- The checks --------------------------------------------------------------------------- */

/* Exact bytes of an admitted chain (W1). Unknown ends here, before any signature is looked at. */
static struct writ_result check_known(struct decision *decision)
{
    const struct decide_presentation *presented = &decision->presented;
    if (!decision->chain ||
        (presented->compacts && !chain_is(decision->chain, presented->compacts, presented->count)))
        return deny(decision, WRIT_UNREGISTERED, -1, "presentation",
                    "the ledger has no chain of these bytes");
    return WRIT_SUCCESS;
}

/* What was judged before a wait must still be so: of another registry, or another ledger, nothing
 * has been asked. */
static struct writ_result check_unchanged(struct decision *decision)
{
    if (!decision->is_told)
        return WRIT_SUCCESS;
    struct registry *newest = registry_hold(decision->service->registries);
    const bool is_same = newest && writ_slice_equal(newest->version, decision->registry->version);
    registry_release(newest);
    if (is_same && chain_is_current(decision->chain))
        return WRIT_SUCCESS;
    return deny(decision, WRIT_STATUS_UNKNOWN, -1, "",
                "the registry changed while policy engines were asked");
}

/* I6: one signature check, and the binding to leaf, tool, arguments, audience and time. */
static struct writ_result check_proof(struct decision *decision)
{
    const struct writ_verifier verifier = decide_verifier(
        decision->service, decision->client->audience, decision->now_us);
    WRIT_TRY(writ_proof_verify(decision->arena, &verifier, chain_leaf_token(decision->chain),
                               decision->presented.proof, decision->tool, decision->args,
                               &decision->proof, &decision->denial));
    decision->possessed = true;
    return WRIT_SUCCESS;
}

/* Who is named must be who proved it: a permit is of nobody else (W10). What a token says of its
 * agent counts where that agent enrolled the key. */
static struct writ_result check_subject(struct decision *decision)
{
    const struct decision_subject *subject = &decision->subject;
    const struct chain_link *leaf = chain_leaf(decision->chain);
    const bool is_it = subject->kind == SUBJECT_HOLDER
                           ? writ_slice_is(subject->id, leaf->thumbprint)
                           : leaf->attributed &&
                                 writ_slice_equal(subject->id,
                                                  chain_leaf_token(decision->chain)->agent);
    if (subject->kind != SUBJECT_UNNAMED && !is_it)
        return deny(decision, WRIT_HOLDER_BINDING_FAILED, leaf_hop(decision), "subject",
                    "the proof is by another than the subject");
    return WRIT_SUCCESS;
}

static struct writ_result check_tool(struct decision *decision)
{
    const struct registry_tool *tool = registry_tool(decision->registry, decision->client->audience,
                                                     decision->tool);
    if (!tool || tool->retired)
        return deny(decision, WRIT_TOOL_UNREGISTERED, -1, "tool",
                    "the registry has no such tool at this audience");
    if (tool->suspended)
        return deny(decision, WRIT_TOOL_UNREGISTERED, -1, "tool",
                    "the tool is suspended: its argument schema changed, and nobody accepted that");
    decision->registered = tool;
    decision->buffered = tool->buffered;
    decision->has_effects = tool->effect != EFFECT_READ || tool->sends;
    return WRIT_SUCCESS;
}

/* Steps 6a to 6c, and pass_only of every link. */
static struct writ_result check_grant(struct decision *decision)
{
    const struct writ_verifier verifier = decide_verifier(
        decision->service, decision->client->audience, decision->now_us);
    return writ_invocation_check(&verifier, decision->chain->tokens, decision->chain->count,
                                 decision->tool, decision->args, &decision->denial);
}

/* What the tool's own argument schema says of them. */
static struct writ_result check_schema(struct decision *decision)
{
    const struct writ_json *schema = decision->registered->argument_schema;
    char detail[sizeof decision->denial.detail];
    if (schema && !schema_allows(schema, decision->args, detail, sizeof detail))
        return deny(decision, WRIT_ARGUMENT_NOT_GRANTED, -1, "argument_schema", detail);
    return WRIT_SUCCESS;
}

/* I3: by I3 no link outlives its parent, so the leaf's end is the first. */
static struct writ_result check_time(struct decision *decision)
{
    const struct writ_token *leaf = chain_leaf_token(decision->chain);
    if (leaf->exp_unix_s * 1000000 <= decision->now_us ||
        decision->chain->deadline_us <= decision->now_us)
        return deny(decision, WRIT_EXPIRED, leaf_hop(decision), "exp", "the token has expired");
    return WRIT_SUCCESS;
}

/* W2 as far as memory knows; the recording transaction looks again. */
static struct writ_result check_live(struct decision *decision)
{
    return view_check(decision->service->view, decision->chain, &decision->denial);
}

/* W2: of memory that is older than the bound of the tool's effect nothing is known. What the
 * recording transaction judges again is not all: clients and tools are judged by memory alone. */
static struct writ_result check_fresh(struct decision *decision)
{
    const struct config *config = decision->service->config;
    const uint32_t bound_ms = decision->has_effects ? config->staleness_write_ms
                                                    : config->staleness_read_ms;
    struct view_state state;
    view_state(decision->service->view, &state);
    decision->staleness_us = state.staleness_us;
    decision->partitions_until_us = state.partitions_until_us;
    if (state.staleness_us > (int64_t)bound_ms * 1000)
        return deny(decision, WRIT_STATUS_UNKNOWN, -1, "",
                    "the view of revocations is older than its bound");
    return WRIT_SUCCESS;
}

/* What the tool returns must be within what the holder may read. Whether the data of the task may
 * leave by it is judged where it is recorded, under the lock of whatever raises its label (W5). */
static struct writ_result check_label(struct decision *decision)
{
    const struct writ_effective *effective = &chain_leaf_token(decision->chain)->effective;
    if (!writ_label_within(&decision->registered->sensitivity, &effective->clearance))
        return deny(decision, WRIT_LABEL_EXCEEDED, leaf_hop(decision), "clearance",
                    "the tool returns data above the clearance of this token");
    decision->pinned_since_us = pin_since_us(decision->chain, decision->tool,
                                             decision->registered->destination);
    return WRIT_SUCCESS;
}

/* W4, as far as the terms say it: the amounts, and what one call may ask. What is left only the
 * recording transaction knows, so a call under a budget that somebody granted is never buffered. */
static struct writ_result check_budget(struct decision *decision)
{
    WRIT_TRY(account_debits(decision->arena, decision->chain, decision->tool, decision->args,
                            &decision->debits, &decision->debit_count, &decision->denial));
    for (size_t i = 0; i < decision->debit_count; i++)
        if (decision->debits[i].account.entry != ACCOUNT_DEFAULT)
            decision->buffered = false;
    return WRIT_SUCCESS;
}

struct check {
    const char *name;
    struct writ_result (*run)(struct decision *decision);
    /* AGAIN: once more after a wait, as what it sees may have changed meanwhile. */
    enum { ONCE, AGAIN } after_wait;
};

/*
 * The policy of the house, from top to bottom. Size and shape come before it (decide_read), *once*
 * and *record* after it (ledger/record.c): they need the database, and are one statement there.
 */
static const struct check CHECKS[] = {
    {"known", check_known, ONCE},
    {"unchanged", check_unchanged, AGAIN},
    {"proof", check_proof, ONCE},
    {"subject", check_subject, ONCE},
    {"time", check_time, AGAIN}, /* the same before and after a pass records the end of the task */
    {"live", check_live, AGAIN}, /* before what was refused: who is revoked hears that */
    {"circuit", friction_check_circuit, AGAIN},
    {"denied", friction_check_denied, AGAIN},
    {"tool", check_tool, ONCE},
    {"grant", check_grant, ONCE},
    {"schema", check_schema, ONCE},
    {"fresh", check_fresh, AGAIN},
    {"label", check_label, ONCE},
    {"policy", policy_check_call, ONCE},
    {"elsewhere", policy_check_elsewhere, ONCE}, /* waits */
    {"approval", approval_check, ONCE},
    {"budget", check_budget, ONCE},
};

/* Everything a check can leave behind fails closed: a result that is not OK denies, whether or not
 * the check said why. */
static struct writ_result closed(struct decision *decision, struct writ_result result)
{
    if (!writ_is_ok(result) && decision->denial.outcome == WRIT_OK)
        return deny(decision, result.status, -1, "", "");
    return result;
}

struct writ_result decide_judge(struct decision *decision)
{
    decision->denial = (struct writ_denial){.step = "", .hop = -1};
    decision->waits = false;
    for (size_t i = 0; i < sizeof CHECKS / sizeof CHECKS[0]; i++) {
        if (i < decision->passed && CHECKS[i].after_wait == ONCE)
            continue;
        WRIT_TRY(closed(decision, CHECKS[i].run(decision)));
        if (i == decision->passed)
            decision->passed++;
    }
    decision->start_by_us = decision->now_us + PERMIT_LIFE_US;
    return WRIT_SUCCESS;
}

static void on_told(struct remotes_question *question)
{
    struct decision *decision = question->context;
    decision->is_told = true;
    decision->now_us = clock_unix_us();
    decision->go_on(decision);
}

void decide_wait(struct decision *decision)
{
    decision->asked = (struct remotes_question){
        .arena = decision->arena,
        .request = decision->question,
        .tools = &decision->question->tool,
        .tool_count = 1,
        .answers = &decision->told,
        .done = on_told,
        .context = decision,
    };
    remotes_ask(decision->service->remotes, &decision->asked);
}

/* ---- Size and shape ----------------------------------------------------------------------- */

static struct writ_result read_by_reference(struct decision *decision,
                                            const struct writ_json *presentation)
{
    struct decide_presentation *presented = &decision->presented;
    const struct writ_slice leaf = writ_json_text(writ_json_get(presentation, "aat_leaf"));
    if (!uuid_parse(writ_json_text(writ_json_get(presentation, "txn")), &presented->task))
        return deny(decision, WRIT_MALFORMED, -1, "presentation.txn", "txn: a lowercase UUID");
    if (!writ_is_ok(writ_base64url_decode_exact(leaf, presented->leaf_hash, 32)))
        return deny(decision, WRIT_MALFORMED, -1, "presentation.aat_leaf",
                    "aat_leaf: base64url of a SHA-256");
    return WRIT_SUCCESS;
}

static struct writ_result read_by_value(struct decision *decision, const struct writ_json *chain)
{
    struct decide_presentation *presented = &decision->presented;
    if (!writ_json_is_texts(chain) || chain->count == 0 || chain->count > WRIT_CHAIN_MAX)
        return deny(decision, WRIT_MALFORMED, -1, "presentation.aat_chain",
                    "aat_chain: one to 33 compact tokens, root first");
    struct writ_slice *compacts = writ_arena_array(decision->arena, chain->count, sizeof *compacts);
    WRIT_ENSURE(compacts, OUT_OF_MEMORY);
    size_t total = 0;
    for (size_t i = 0; i < chain->count; i++) {
        compacts[i] = chain->items[i].text;
        total += compacts[i].size;
        if (compacts[i].size > WRIT_TOKEN_SIZE_MAX)
            return deny(decision, WRIT_MALFORMED, (int)i, "presentation.aat_chain",
                        "a token is over 64 KiB");
    }
    if (total > WRIT_CHAIN_SIZE_MAX)
        return deny(decision, WRIT_MALFORMED, -1, "presentation.aat_chain",
                    "the chain is over 256 KiB");
    presented->compacts = compacts;
    presented->count = chain->count;
    /* The leaf says under which task to look; it is believed only if the ledger has its bytes. */
    const struct writ_json *claims = NULL;
    struct writ_jws leaf;
    if (!writ_is_ok(
            writ_jws_split(decision->arena, compacts[chain->count - 1], WRIT_TYP_TOKEN, &leaf)) ||
        !writ_is_ok(writ_jws_payload(decision->arena, &leaf, &claims)) ||
        !uuid_parse(writ_json_text(writ_json_get(claims, "txn")), &presented->task))
        return deny(decision, WRIT_MALFORMED, (int)chain->count - 1, "presentation.aat_chain",
                    "the leaf is no token of this profile");
    writ_jws_hash(&leaf, presented->leaf_hash);
    return WRIT_SUCCESS;
}

static struct writ_result read_arguments(struct decision *decision, const struct writ_json *args)
{
    if (!writ_json_is(args, WRIT_JSON_OBJECT))
        return deny(decision, WRIT_MALFORMED, -1, "arguments", "arguments: a JSON object");
    if (!writ_json_all_admissible(args))
        return deny(decision, WRIT_NON_CANONICAL, -1, "arguments",
                    "a number that RFC 8785 would write as another one");
    decision->args = args;
    decision->arguments = writ_json_canonical(decision->arena, args);
    WRIT_ENSURE(decision->arguments.data, OUT_OF_MEMORY);
    writ_sha256(decision->arguments, decision->arguments_sha256);
    return WRIT_SUCCESS;
}

static struct writ_result read_question(struct decision *decision,
                                        const struct writ_json *presentation,
                                        struct writ_slice tool, const struct writ_json *args)
{
    if (!writ_json_is(presentation, WRIT_JSON_OBJECT))
        return deny(decision, WRIT_MALFORMED, -1, "presentation", "presentation: a JSON object");
    decision->presented.proof = writ_json_text(writ_json_get(presentation, "aat_pop"));
    if (decision->presented.proof.size == 0 || decision->presented.proof.size > WRIT_TOKEN_SIZE_MAX)
        return deny(decision, WRIT_MALFORMED, -1, "presentation.aat_pop",
                    "aat_pop: a compact proof of at most 64 KiB");
    const struct writ_json *chain = writ_json_get(presentation, "aat_chain");
    WRIT_TRY(chain ? read_by_value(decision, chain) : read_by_reference(decision, presentation));
    if (tool.size == 0 || tool.size > TOOL_NAME_MAX)
        return deny(decision, WRIT_MALFORMED, -1, "tool", "tool: a text of 1 to 200 bytes");
    decision->tool = tool;
    return read_arguments(decision, args);
}

struct writ_result decide_read(struct decision *decision, const struct writ_json *presentation,
                               struct writ_slice tool, const struct writ_json *args)
{
    decision->denial = (struct writ_denial){.step = "", .hop = -1};
    return closed(decision, read_question(decision, presentation, tool, args));
}
