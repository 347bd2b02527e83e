/*
 * `verify` behind the signatures: a chain of up to five links, edited and signed anew. Whatever is
 * permitted must be so by rules that are written here a second time, from the claims alone.
 */
#include "edits.h"

#include <string.h>

#include "token/proof.h"

struct judged {
    struct writ_arena *arena;
    const struct forge_chain *chain;
    const struct writ_json *claims[10];
};

static int64_t integer(const struct writ_json *claims, const char *name)
{
    int64_t value = 0;
    FUZZ_HOLDS(writ_json_integer(writ_json_get(claims, name), &value));
    return value;
}

static struct writ_slice text(const struct writ_json *claims, const char *name)
{
    const struct writ_slice value = writ_json_text(writ_json_get(claims, name));
    FUZZ_HOLDS(value.size > 0);
    return value;
}

static bool says(const struct writ_json *json, const char *name, const char *value)
{
    return writ_slice_is(writ_json_text(writ_json_get(json, name)), value);
}

static void check_header(const struct judged *judged, const char *header, const char *typ)
{
    const struct writ_json *json = fuzz_json(judged->arena, writ_slice_text(header));
    FUZZ_HOLDS(says(json, "alg", "Ed25519") && says(json, "typ", typ));
    FUZZ_HOLDS(!writ_json_get(json, "crit"));
}

/* The tools of a link: of the one entry of that type. */
static const struct writ_json *tools_of(const struct writ_json *claims)
{
    const struct writ_json *details = writ_json_get(claims, "authorization_details");
    const struct writ_json *tools = NULL;
    for (size_t i = 0; details && i < details->count; i++)
        if (says(&details->items[i], "type", WRIT_TYPE_TOOLS)) {
            FUZZ_HOLDS(!tools);
            tools = writ_json_get(&details->items[i], "tools");
        }
    return tools;
}

/* I4: what the leaf may, every link above may. */
static void check_call(const struct judged *judged, const struct writ_json *claims)
{
    const struct forge_chain *chain = judged->chain;
    const struct writ_authority *authority = NULL;
    struct writ_denial denial;
    const struct writ_slice tools = writ_json_canonical(judged->arena, tools_of(claims));
    const enum writ_profile profile = chain->verifier.profile;
    FUZZ_HOLDS(tools.data && writ_is_ok(writ_authority_parse(judged->arena, tools, profile,
                                                             &authority, &denial)));
    FUZZ_HOLDS(writ_is_ok(writ_authority_check(judged->arena, authority, profile,
                                               writ_slice_text(chain->tool),
                                               writ_slice_text(chain->args), &denial)));
}

static void check_link(const struct judged *judged, size_t link)
{
    const struct forge_chain *chain = judged->chain;
    const struct writ_json *ours = judged->claims[link];
    FUZZ_HOLDS(chain->signer[link] == (link == 0 ? FORGE_ISSUER_SEED : link));
    check_header(judged, chain->header[link], "aat+jwt");
    FUZZ_HOLDS(integer(ours, "exp") > FORGE_NOW && integer(ours, "exp") > integer(ours, "iat"));
    FUZZ_HOLDS(integer(ours, "iat") <= FORGE_NOW + 30);
    FUZZ_HOLDS(integer(ours, "del_depth") == (int64_t)link);
    FUZZ_HOLDS(integer(ours, "del_max_depth") >= (int64_t)link);
    FUZZ_HOLDS(text(ours, "jti").size > 0);
    check_call(judged, ours);
    if (link == 0) {
        FUZZ_HOLDS(says(ours, "iss", FORGE_ISSUER) && !writ_json_get(ours, "par_hash"));
        return;
    }
    const struct writ_json *above = judged->claims[link - 1];
    FUZZ_HOLDS(integer(ours, "exp") <= integer(above, "exp"));
    FUZZ_HOLDS(integer(ours, "iat") >= integer(above, "iat"));
    FUZZ_HOLDS(integer(ours, "del_max_depth") <= integer(above, "del_max_depth"));
    if (chain->verifier.profile == OURS) {
        FUZZ_HOLDS(writ_slice_equal(text(ours, "txn"), text(above, "txn")));
        FUZZ_HOLDS(writ_slice_equal(text(ours, "sub"), text(above, "sub")));
    }
}

static void check_proof(const struct judged *judged)
{
    const struct forge_chain *chain = judged->chain;
    struct writ_arena *arena = judged->arena;
    const struct writ_json *proof = edits_claims(arena, chain->proof_compact);
    const struct writ_json *args = fuzz_json(arena, writ_slice_text(chain->args));
    FUZZ_HOLDS(chain->proof_signer == chain->count);
    check_header(judged, chain->proof_header, "aat-pop+jwt");
    FUZZ_HOLDS(integer(proof, "iat") >= FORGE_NOW - 30 && integer(proof, "iat") <= FORGE_NOW + 30);
    FUZZ_HOLDS(writ_slice_is(text(proof, "aat_tool"), chain->tool));
    /* No argument of these inputs is over 4 KiB, so none may be a digest. */
    FUZZ_HOLDS(strlen(chain->args) > 4096 || writ_json_equal(writ_json_get(proof, "hta"), args));
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    struct forge_chain chain;
    struct judged judged = {.arena = arena, .chain = &chain};
    forge_chain_init(&chain, arena, 1 + fuzz_take_byte(&input) % 5u);
    edits_apply(&chain, input);
    forge_seal(&chain);
    const struct writ_verdict verdict = forge_judge(&chain);
    FUZZ_HOLDS(verdict.permit == (verdict.denial.outcome == WRIT_OK));
    FUZZ_HOLDS(verdict.denial.outcome != WRIT_OUT_OF_MEMORY &&
               verdict.denial.outcome != WRIT_INTERNAL);
    if (!verdict.permit)
        return;
    for (size_t i = 0; i < chain.count; i++)
        judged.claims[i] = edits_claims(arena, chain.links[i]);
    for (size_t i = 0; i < chain.count; i++)
        check_link(&judged, i);
    check_proof(&judged);
}
