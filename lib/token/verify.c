/* Section 8 of AAT-02, whole and in its order. */
#include "base/base64url.h"
#include "base/crypto.h"
#include "token/known.h"
#include "token/proof.h"
#include "token/received.h"

struct writ_limits writ_limits_default(void)
{
    return (struct writ_limits){
        .max_iat_skew_s = 30,
        .max_token_lifetime_s = 90 * 24 * 60 * 60,
        .pop_window_s = 30,
        .max_delegation_depth = 8,
        .max_constraint_depth = WRIT_CONSTRAINT_DEPTH_MAX,
    };
}

static struct writ_result read_args(struct writ_arena *arena, struct writ_slice text,
                                    const struct writ_json **ret_args,
                                    struct writ_denial *ret_denial)
{
    const struct writ_result read = writ_json_parse(arena, text, ret_args);
    if (read.status == WRIT_DUPLICATE_MEMBER)
        return writ_refuse(ret_denial, WRIT_RULE_CALL_DUPLICATE, "");
    if (read.status == WRIT_MALFORMED)
        return writ_refuse(ret_denial, WRIT_RULE_CALL_SHAPE, "");
    return read;
}

void writ_proof_id(struct writ_slice leaf_hash, struct writ_slice jti, char ret_text[static 44])
{
    uint8_t both[64], id[32]; /* each digested first: neither can run into the other */
    writ_sha256(leaf_hash, both);
    writ_sha256(jti, both + 32);
    writ_sha256(writ_slice_of(both, sizeof both), id);
    writ_base64url_hash(id, ret_text);
}

/* Step 7i, the last: the callback may record what it has not seen. */
static struct writ_result check_once(const struct writ_verifier *verifier,
                                     const struct writ_token *leaf, const struct writ_proof *proof,
                                     struct writ_denial *ret_denial)
{
    if (verifier->replayed &&
        verifier->replayed(verifier->replayed_context, writ_slice_of(leaf->hash, sizeof leaf->hash),
                           proof->jti, proof->iat_unix_s))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_ONCE, "jti");
    return WRIT_SUCCESS;
}

static struct writ_result judge(struct writ_arena *arena, const struct writ_verifier *verifier,
                                const struct writ_presentation *presentation,
                                struct writ_slice tool, struct writ_slice args,
                                struct writ_denial *ret_denial)
{
    const size_t count = presentation->chain_count;
    struct writ_token *tokens = writ_arena_array(
        arena, count < WRIT_CHAIN_MAX ? count : WRIT_CHAIN_MAX, sizeof *tokens);
    WRIT_ENSURE(tokens, OUT_OF_MEMORY);
    WRIT_TRY(writ_chain_verify(arena, verifier, presentation->chain, count, tokens, ret_denial));
    const struct writ_token *leaf = &tokens[count - 1];

    const struct writ_json *parsed = NULL;
    WRIT_TRY(read_args(arena, args, &parsed, ret_denial));
    WRIT_TRY(writ_invocation_check(verifier, tokens, count, tool, parsed, ret_denial));

    struct writ_proof proof;
    WRIT_TRY(writ_proof_verify(arena, verifier, leaf, presentation->proof, tool, parsed, &proof,
                               ret_denial));
    WRIT_TRY(check_once(verifier, leaf, &proof, ret_denial));
    writ_known_put(verifier->known, verifier, tokens, count);
    return WRIT_SUCCESS;
}

/* The names are those of api/docs/security.md. */
#define NOT_CHECKED(w3)                                                                            \
    "whether the issuer's ledger knows each link (W1) and all of them are alive (W2), " w3         \
    "budgets (W4), labels (W5), approvals (W6); and nothing was recorded (W7)"

/* What is answered until all of it was checked. */
static struct writ_verdict no_permit(const struct writ_verifier *verifier)
{
    struct writ_verdict verdict = {
        .permit = false,
        .denial = writ_denial_at(-1),
        .not_checked = "W1,W2,W3,W4,W5,W6,W7",
        .not_checked_text = NOT_CHECKED("whether the proof was used before (W3), "),
    };
    if (verifier->replayed) {
        verdict.not_checked = "W1,W2,W4,W5,W6,W7";
        verdict.not_checked_text = NOT_CHECKED("");
    }
    return verdict;
}

struct writ_verdict writ_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                const struct writ_presentation *presentation,
                                struct writ_slice tool, struct writ_slice args)
{
    struct writ_verdict verdict = no_permit(verifier);
    const struct writ_result judged = judge(arena, verifier, presentation, tool, args,
                                            &verdict.denial);
    if (judged.status != WRIT_OK) {
        verdict.denial.outcome = judged.status;
        return verdict;
    }
    verdict.denial = writ_denial_at(-1);
    verdict.permit = true; /* step 8 */
    return verdict;
}

struct writ_verdict writ_verify_call(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     struct writ_slice json, struct writ_call *ret_call)
{
    struct writ_verdict verdict = no_permit(verifier);
    struct writ_presentation presentation;
    struct writ_call call;
    const struct writ_result parsed = writ_call_parse(arena, json, &presentation, &call,
                                                      &verdict.denial);
    if (parsed.status != WRIT_OK) {
        verdict.denial.outcome = parsed.status;
        return verdict;
    }
    verdict = writ_verify(arena, verifier, &presentation, call.tool, call.args);
    if (verdict.permit)
        *ret_call = call;
    return verdict;
}
