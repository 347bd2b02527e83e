/* POST /v1/proofs: sign a proof with a managed key, for its agent with the handle (W11). */
#include "clock.h"
#include "endpoint/endpoints.h"
#include "endpoint/holder_act.h"
#include "endpoint/holders.h"
#include "ledger/view.h"
#include "postgres/db.h"

struct proof_request {
    struct uuid task;
    struct uuid delegation;
    struct writ_slice handle;
    struct writ_slice tool;
    struct writ_slice audience;
    struct writ_slice nonce;
    const struct writ_json *arguments;
};

static struct writ_result sign(struct call *call, struct db *db, const struct chain *chain,
                               const struct proof_request *asked, struct writ_slice *ret_proof,
                               struct writ_denial *ret_denial)
{
    const struct chain_link *leaf = chain_leaf(chain);
    const struct writ_token *token = chain_leaf_token(chain);
    WRIT_TRY(holder_is_managed_by(call, leaf, token, asked->handle, ret_denial));
    WRIT_TRY(view_check(call->service->view, chain, ret_denial));
    struct writ_proof_request request = {
        .iat_unix_s = clock_unix_us() / 1000000,
        .leaf = token->compact,
        .tool = asked->tool,
        .args = writ_json_canonical(call->arena, asked->arguments),
        .audience = asked->audience,
        .nonce = asked->nonce,
    };
    writ_random(request.random, sizeof request.random);
    if (!writ_json_all_admissible(asked->arguments)) {
        writ_denial_set(ret_denial, WRIT_NON_CANONICAL, "", "arguments",
                        "a number that RFC 8785 would write as another one");
        return WRIT_FAILURE(NON_CANONICAL);
    }
    struct writ_slice input;
    WRIT_TRY(writ_proof_input(call->arena, &request, &input));
    uint8_t seed[32];
    WRIT_TRY(holder_seed(call, db, leaf->thumbprint, seed));
    const struct writ_result result = writ_sign_input(call->arena, input, seed, ret_proof);
    writ_wipe(seed, sizeof seed);
    return result;
}

static struct writ_json *proof_answer(struct call *call, const struct chain *chain,
                                      struct writ_slice proof)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *answer = writ_json_new_object(arena);
    struct writ_json *presentation = writ_json_new_object(arena);
    const struct writ_token *token = chain_leaf_token(chain);
    call_put_id(call, presentation, "txn", &chain->task);
    call_put_bytes(call, presentation, "aat_leaf", writ_slice_of(token->hash, sizeof token->hash));
    writ_json_put_text(arena, presentation, "aat_pop", proof);
    writ_json_put_text(arena, answer, "proof", proof);
    return writ_json_put(arena, answer, "presentation", presentation) ? answer : NULL;
}

static void sign_job(struct call *call, struct db *db)
{
    const struct proof_request *asked = *http_user(call->request);
    struct chain *chain = NULL;
    struct writ_slice proof = WRIT_SLICE_NONE;
    struct writ_denial denial = {.step = "", .hop = -1};
    struct writ_result result = chain_load_id(call->service->chains, db, &asked->task,
                                              &asked->delegation, &chain);
    if (writ_is_ok(result))
        result = sign(call, db, chain, asked, &proof, &denial);
    struct writ_json *answer = writ_is_ok(result) ? proof_answer(call, chain, proof) : NULL;
    chain_release(chain);
    if (!writ_is_ok(result)) {
        denial.outcome = result.status;
        call_deny(call, &denial, NULL);
        return;
    }
    call_answer(call, 201, answer);
}

void proofs_sign(struct call *call)
{
    static const char *const MEMBERS[] = {"task",      "delegation", "handle", "tool",
                                          "arguments", "audience",   "nonce",  NULL};
    struct proof_request *asked = writ_arena_alloc(call->arena, sizeof *asked);
    if (!asked) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    if (!call_only_members(call, MEMBERS) || !call_uuid(call, "task", true, &asked->task, NULL) ||
        !call_uuid(call, "delegation", true, &asked->delegation, NULL) ||
        !call_text(call, "handle", 64, true, &asked->handle) ||
        !call_text(call, "tool", 200, true, &asked->tool) ||
        !call_object(call, "arguments", true, &asked->arguments) ||
        !call_text(call, "audience", 500, false, &asked->audience) ||
        !call_text(call, "nonce", 500, false, &asked->nonce))
        return;
    *http_user(call->request) = asked;
    call_read(call, sign_job);
}
