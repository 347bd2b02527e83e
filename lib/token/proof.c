/* Step 7 of AAT-02 section 8, and the making of a proof. */
#include "token/proof.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "token/link.h"

#define DIGEST_MEMBER "writ_sha256"

enum { DIGEST_OVER_BYTES = 4096 };

static struct writ_result open_proof(struct writ_arena *arena, const struct writ_token *leaf,
                                     struct writ_slice compact, const struct writ_json **ret_claims,
                                     struct writ_denial *ret_denial)
{
    struct writ_jws jws;
    if (compact.size > WRIT_CHAIN_SIZE_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_HEADER, "");
    const struct writ_result split = writ_jws_split(arena, compact, WRIT_TYP_PROOF, &jws);
    if (split.status == WRIT_OUT_OF_MEMORY)
        return split;
    if (!writ_is_ok(split))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_HEADER, "");
    if (!writ_is_ok(writ_jws_verify(&jws, &leaf->holder)))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_SIGNATURE, "");
    const struct writ_result read = writ_jws_payload(arena, &jws, ret_claims);
    if (read.status == WRIT_DUPLICATE_MEMBER)
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_DUPLICATE, "");
    if (read.status == WRIT_MALFORMED)
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_PAYLOAD, "");
    return read;
}

/* Step 7c. */
static struct writ_result check_leaf(const struct writ_json *claims, const struct writ_token *leaf,
                                     bool is_ours, struct writ_proof *ret_proof,
                                     struct writ_denial *ret_denial)
{
    static const char *const TEXTS[] = {"jti", "aat_id", "aat_hash", "aat_tool"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        if (writ_json_text(writ_json_get(claims, TEXTS[i])).size == 0)
            return writ_refuse(ret_denial, WRIT_RULE_PROOF_SHAPE, TEXTS[i]);
    if (!writ_json_integer(writ_json_get(claims, "iat"), &ret_proof->iat_unix_s))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_SHAPE, "iat");
    if (!writ_json_is(writ_json_get(claims, "hta"), WRIT_JSON_OBJECT))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_SHAPE, "hta");
    if (!writ_slice_equal(writ_json_text(writ_json_get(claims, "aat_id")), leaf->jti))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_LEAF, "aat_id");
    if (!writ_claims_hash_is(writ_json_text(writ_json_get(claims, "aat_hash")), leaf->hash))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_LEAF, "aat_hash");
    ret_proof->jti = writ_json_text(writ_json_get(claims, "jti"));
    if (is_ours && ret_proof->jti.size > WRIT_JTI_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_SHAPE, "jti");
    return WRIT_SUCCESS;
}

/* Step 7d. */
static struct writ_result check_audience(const struct writ_json *claims,
                                         const struct writ_verifier *verifier,
                                         struct writ_denial *ret_denial)
{
    const struct writ_json *aud = writ_json_get(claims, "aat_aud");
    const bool is_ours = writ_json_is(aud, WRIT_JSON_STRING) &&
                         writ_slice_equal(aud->text, verifier->audience);
    if (aud ? !is_ours : verifier->require_proof_audience)
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_AUDIENCE, "aat_aud");
    return WRIT_SUCCESS;
}

static bool is_digest(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_OBJECT) && value->count == 1 &&
           writ_json_get(value, DIGEST_MEMBER);
}

static struct writ_json *digest_of(struct writ_arena *arena, struct writ_slice canonical)
{
    uint8_t hash[32];
    char text[44];
    writ_sha256(canonical, hash);
    writ_base64url_hash(hash, text);
    struct writ_json *digest = writ_json_new_object(arena);
    return writ_json_put_string(arena, digest, DIGEST_MEMBER, text) ? digest : NULL;
}

/* The arguments as hta shows them: a large value as {"writ_sha256": digest}, where `like` does so
 * (NULL: always). A small one never, so that a call has one proof and not two. */
static struct writ_result show_arguments(struct writ_arena *arena, const struct writ_json *args,
                                         const struct writ_json *like, struct writ_json *ret_shown)
{
    struct writ_json *items = writ_arena_array(arena, args->count, sizeof *items);
    WRIT_ENSURE(items, OUT_OF_MEMORY);
    for (size_t i = 0; i < args->count; i++) {
        const struct writ_slice canonical = writ_json_canonical(arena, &args->items[i]);
        WRIT_ENSURE(canonical.data, OUT_OF_MEMORY);
        items[i] = args->items[i];
        if (canonical.size <= DIGEST_OVER_BYTES ||
            (like && !is_digest(writ_json_get_slice(like, args->names[i]))))
            continue;
        const struct writ_json *digest = digest_of(arena, canonical);
        WRIT_ENSURE(digest, OUT_OF_MEMORY);
        items[i] = *digest;
    }
    *ret_shown = *args;
    ret_shown->items = items;
    ret_shown->capacity = args->count;
    return WRIT_SUCCESS;
}

/* Step 7f. */
static struct writ_result check_arguments(struct writ_arena *arena, const struct writ_json *hta,
                                          const struct writ_json *args, enum writ_profile profile,
                                          struct writ_denial *ret_denial)
{
    if (writ_json_equal(hta, args))
        return WRIT_SUCCESS;
    if (profile == WRIT_PROFILE_AAT_02_WRIT) {
        struct writ_json expected;
        WRIT_TRY(show_arguments(arena, args, hta, &expected));
        if (writ_json_equal(hta, &expected))
            return WRIT_SUCCESS;
    }
    return writ_refuse(ret_denial, WRIT_RULE_PROOF_ARGUMENTS, "hta");
}

/* Steps 7g and 7h. */
static struct writ_result check_freshness(const struct writ_json *claims,
                                          const struct writ_verifier *verifier, int64_t iat_unix_s,
                                          struct writ_denial *ret_denial)
{
    const int64_t window_s = verifier->limits.pop_window_s;
    if (iat_unix_s < writ_time_plus(verifier->now_unix_s, -window_s))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_EXPIRED, "iat");
    if (iat_unix_s > writ_time_plus(verifier->now_unix_s, window_s))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_EARLY, "iat");
    if (verifier->nonce.size == 0)
        return WRIT_SUCCESS;
    const struct writ_slice nonce = writ_json_text(writ_json_get(claims, "nonce"));
    if (nonce.size != verifier->nonce.size ||
        !writ_secret_equal(nonce.data, verifier->nonce.data, nonce.size))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_NONCE, "nonce");
    return WRIT_SUCCESS;
}

struct writ_result writ_proof_verify(struct writ_arena *arena, const struct writ_verifier *verifier,
                                     const struct writ_token *leaf, struct writ_slice compact,
                                     struct writ_slice tool, const struct writ_json *args,
                                     struct writ_proof *ret_proof, struct writ_denial *ret_denial)
{
    const struct writ_json *claims = NULL;
    struct writ_proof proof = {0};
    *ret_denial = writ_denial_at(-1);
    WRIT_TRY(open_proof(arena, leaf, compact, &claims, ret_denial));
    WRIT_TRY(check_leaf(claims, leaf, verifier->profile == WRIT_PROFILE_AAT_02_WRIT, &proof,
                        ret_denial));
    WRIT_TRY(check_audience(claims, verifier, ret_denial));
    if (!writ_slice_equal(writ_json_text(writ_json_get(claims, "aat_tool")), tool))
        return writ_refuse(ret_denial, WRIT_RULE_PROOF_TOOL, "aat_tool");
    WRIT_TRY(
        check_arguments(arena, writ_json_get(claims, "hta"), args, verifier->profile, ret_denial));
    WRIT_TRY(check_freshness(claims, verifier, proof.iat_unix_s, ret_denial));
    *ret_proof = proof;
    return WRIT_SUCCESS;
}

struct writ_result writ_proof_input(struct writ_arena *arena,
                                    const struct writ_proof_request *request,
                                    struct writ_slice *ret_input)
{
    struct writ_link link;
    struct writ_denial denial = writ_denial_at(-1);
    WRIT_TRY(
        writ_link_read_trusted(arena, WRIT_PROFILE_AAT_02_WRIT, request->leaf, &link, &denial));
    const struct writ_token leaf = writ_link_token(&link);
    const struct writ_json *args = NULL;
    WRIT_TRY(writ_json_parse(arena, request->args, &args));
    WRIT_ENSURE(writ_json_is(args, WRIT_JSON_OBJECT), MALFORMED);
    WRIT_ENSURE(writ_json_all_admissible(args), NON_CANONICAL);

    char hash[44];
    writ_base64url_hash(leaf.hash, hash);
    struct writ_json *claims = writ_json_new_object(arena);
    const char *jti = writ_claims_new_jti(arena, request->iat_unix_s, request->random);
    WRIT_ENSURE(jti && writ_json_put_string(arena, claims, "jti", jti) &&
                    writ_json_put_integer(arena, claims, "iat", request->iat_unix_s) &&
                    writ_json_put_text(arena, claims, "aat_id", leaf.jti) &&
                    writ_json_put_string(arena, claims, "aat_hash", hash) &&
                    writ_json_put_text(arena, claims, "aat_tool", request->tool),
                OUT_OF_MEMORY);
    if (request->audience.size > 0)
        WRIT_ENSURE(writ_json_put_text(arena, claims, "aat_aud", request->audience), OUT_OF_MEMORY);
    if (request->nonce.size > 0)
        WRIT_ENSURE(writ_json_put_text(arena, claims, "nonce", request->nonce), OUT_OF_MEMORY);
    /* Digests only in chains of our profile: others would not know what they mean. */
    struct writ_json shown = *args;
    if (leaf.txn.size > 0)
        WRIT_TRY(show_arguments(arena, args, NULL, &shown));
    WRIT_ENSURE(writ_json_put(arena, claims, "hta", &shown), OUT_OF_MEMORY);
    return writ_jws_input(arena, WRIT_TYP_PROOF, WRIT_SLICE_NONE, claims, ret_input);
}
