/*
 * Edits (edits.h) to a root and to the child that is proposed below it; the first line is what its
 * holder wants. Whatever the holder agrees to sign, every verifier accepts, and it is no more.
 */
#include "edits.h"

#include <string.h>

#include "base/base64url.h"
#include "token/token.h"

enum { HOLDER = 2 };

static struct writ_slice unsigned_input(struct writ_arena *arena, struct writ_slice compact)
{
    size_t size = compact.size;
    while (size > 0 && compact.data[size - 1] != '.')
        size--;
    FUZZ_HOLDS(size > 0);
    return writ_slice_text(writ_arena_text(arena, writ_slice_of(compact.data, size - 1)));
}

static void check_signed(struct writ_arena *arena, const struct forge_chain *chain,
                         struct writ_slice input, struct writ_slice wanted)
{
    struct writ_slice compact;
    struct writ_token root, child;
    struct writ_denial denial;
    struct writ_verifier verifier = chain->verifier;
    FUZZ_HOLDS(writ_is_ok(writ_sign_input(arena, input, forge_seed(1), &compact)));
    FUZZ_HOLDS(
        writ_is_ok(writ_token_read_trusted(arena, verifier.profile, chain->links[0], &root)));
    const struct writ_json *claims = edits_claims(arena, chain->links[1]);
    FUZZ_HOLDS(writ_json_integer(writ_json_get(claims, "iat"), &verifier.now_unix_s));
    verifier.limits.max_delegation_depth = WRIT_DEPTH_MAX;
    FUZZ_HOLDS(writ_is_ok(writ_child_verify(arena, &verifier, &root, compact, &child, &denial)));
    const struct writ_key holder = forge_key(HOLDER);
    FUZZ_HOLDS(memcmp(child.holder.bytes, holder.bytes, sizeof holder.bytes) == 0);
    if (verifier.profile == OURS)
        FUZZ_HOLDS(writ_slice_is(child.agent, "agent-1"));
    const struct writ_authority *most = fuzz_authority(arena, wanted, verifier.profile);
    if (child.authority)
        FUZZ_HOLDS(most &&
                   writ_is_ok(writ_authority_narrower(arena, most, child.authority, &denial)));
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct forge_chain chain;
    struct writ_denial denial;
    const struct writ_slice line = fuzz_take_line(&input);
    const struct writ_slice wanted = line.size > 0 ? line : writ_slice_text(FORGE_TOOLS);
    forge_chain_init(&chain, arena, 2);
    chain.proof_signer = 1; /* unused here */
    edits_apply(&chain, input);
    forge_seal(&chain);
    const struct writ_slice proposal = unsigned_input(arena, chain.links[1]);
    const struct writ_key holder = forge_key(HOLDER);
    const struct writ_result result = writ_derive_check(
        arena, chain.verifier.profile, chain.links[0], proposal, &holder,
        writ_slice_text("agent-1"), wanted, &denial);
    FUZZ_HOLDS(result.status != WRIT_OUT_OF_MEMORY && result.status != WRIT_INTERNAL);
    if (writ_is_ok(result))
        check_signed(arena, &chain, proposal, wanted);
}
