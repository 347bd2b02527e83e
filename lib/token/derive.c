/* Making links: roots, children, and the check of a child that somebody else proposes. */
#include "base/base64url.h"
#include "base/crypto.h"
#include "token/link.h"

#include <string.h>

static struct writ_result put_entry(struct writ_arena *arena, struct writ_json *details,
                                    const char *type, const char *member,
                                    const struct writ_json *value)
{
    struct writ_json *entry = writ_json_new_object(arena);
    WRIT_ENSURE(writ_json_put_string(arena, entry, "type", type), OUT_OF_MEMORY);
    if (member)
        WRIT_ENSURE(writ_json_put(arena, entry, member, value), OUT_OF_MEMORY);
    for (size_t i = 0; !member && i < value->count; i++)
        WRIT_ENSURE(writ_json_put_named(arena, entry, value->names[i], &value->items[i]),
                    OUT_OF_MEMORY);
    WRIT_ENSURE(writ_json_add(arena, details, entry), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

/* Both entries are read as a verifier will, so that no link leaves here that none would accept. */
static struct writ_result put_details(struct writ_arena *arena, const struct writ_grant *grant,
                                      struct writ_json *claims)
{
    struct writ_denial denial = writ_denial_at(-1);
    struct writ_json *details = writ_json_new_array(arena);
    WRIT_ENSURE(details, OUT_OF_MEMORY);
    const struct writ_json *json = NULL;
    if (grant->tools.size > 0) {
        const struct writ_authority *authority = NULL;
        bool is_shape = false;
        WRIT_TRY(writ_json_parse(arena, grant->tools, &json));
        WRIT_TRY(writ_authority_read(arena, json, WRIT_PROFILE_AAT_02_WRIT,
                                     WRIT_CONSTRAINT_DEPTH_MAX, &authority, &is_shape, &denial));
        WRIT_TRY(put_entry(arena, details, WRIT_TYPE_TOOLS, "tools", json));
    }
    if (grant->terms.size > 0) {
        struct writ_terms terms;
        WRIT_TRY(writ_json_parse(arena, grant->terms, &json));
        WRIT_TRY(writ_terms_read(arena, json, &terms, &denial));
        WRIT_TRY(put_entry(arena, details, WRIT_TYPE_TERMS, NULL, json));
    }
    WRIT_ENSURE(writ_json_put(arena, claims, "authorization_details", details), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result put_audience(struct writ_arena *arena, struct writ_slice audience,
                                       struct writ_json *claims)
{
    const struct writ_json *aud = NULL;
    if (audience.size == 0)
        return WRIT_SUCCESS;
    WRIT_TRY(writ_json_parse(arena, audience, &aud));
    WRIT_ENSURE(writ_json_is(aud, WRIT_JSON_STRING) || writ_json_is_texts(aud), MALFORMED);
    WRIT_ENSURE(writ_json_put(arena, claims, "aud", aud), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result put_texts(struct writ_arena *arena, const struct writ_grant *grant,
                                    struct writ_json *claims)
{
    const struct {
        const char *name;
        struct writ_slice text;
    } texts[] = {{"txn", grant->txn}, {"sub", grant->sub}, {"client_id", grant->client_id}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].text.size > 0)
            WRIT_ENSURE(writ_json_put_text(arena, claims, texts[i].name, texts[i].text),
                        OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

/* What a root and a child have alike. */
static struct writ_result put_common(struct writ_arena *arena, const struct writ_grant *grant,
                                     int64_t iat_unix_s, int64_t depth, struct writ_json *claims)
{
    WRIT_TRY(writ_public_key_check(grant->holder.bytes));
    WRIT_ENSURE(grant->exp_unix_s > iat_unix_s, MALFORMED);
    WRIT_ENSURE(depth <= grant->max_depth && grant->max_depth <= WRIT_DEPTH_MAX, DEPTH_INVALID);
    const char *jti = writ_claims_new_jti(arena, iat_unix_s, grant->random);
    struct writ_json *cnf = writ_json_new_object(arena);
    const struct writ_json *jwk = writ_jwk_json(arena, &grant->holder);
    WRIT_ENSURE(jti && jwk && writ_json_put(arena, cnf, "jwk", jwk) &&
                    writ_json_put_string(arena, claims, "jti", jti) &&
                    writ_json_put_integer(arena, claims, "iat", iat_unix_s) &&
                    writ_json_put_integer(arena, claims, "exp", grant->exp_unix_s) &&
                    writ_json_put_integer(arena, claims, "del_depth", depth) &&
                    writ_json_put_integer(arena, claims, "del_max_depth", grant->max_depth) &&
                    writ_json_put(arena, claims, "cnf", cnf),
                OUT_OF_MEMORY);
    WRIT_TRY(put_audience(arena, grant->audience, claims));
    WRIT_TRY(put_texts(arena, grant, claims));
    return put_details(arena, grant, claims);
}

struct writ_result writ_root_input(struct writ_arena *arena, struct writ_slice issuer,
                                   struct writ_slice kid, const struct writ_grant *grant,
                                   struct writ_slice *ret_input)
{
    WRIT_ENSURE(grant->tools.size > 0, MALFORMED);
    struct writ_json *claims = writ_json_new_object(arena);
    WRIT_ENSURE(writ_json_put_text(arena, claims, "iss", issuer), OUT_OF_MEMORY);
    WRIT_TRY(put_common(arena, grant, grant->iat_unix_s, 0, claims));
    return writ_jws_input(arena, WRIT_TYP_TOKEN, kid, claims, ret_input);
}

struct writ_result writ_child_input(struct writ_arena *arena, struct writ_slice parent,
                                    const struct writ_grant *grant, struct writ_slice *ret_input)
{
    struct writ_link link;
    struct writ_denial denial = writ_denial_at(-1);
    WRIT_TRY(writ_link_read_trusted(arena, WRIT_PROFILE_AAT_02_WRIT, parent, &link, &denial));
    const struct writ_token above = writ_link_token(&link);
    WRIT_ENSURE(grant->max_depth <= above.max_depth, DEPTH_INVALID);
    WRIT_ENSURE(grant->exp_unix_s <= above.exp_unix_s, NOT_NARROWER);
    /* A deriver whose clock lags takes its parent's iat (section 6.2). */
    const int64_t iat_unix_s = grant->iat_unix_s > above.iat_unix_s ? grant->iat_unix_s
                                                                    : above.iat_unix_s;
    struct writ_grant whole = *grant;
    whole.txn = grant->txn.size > 0 ? grant->txn : above.txn;
    whole.sub = grant->sub.size > 0 ? grant->sub : above.sub;

    char hash[44];
    writ_base64url_hash(above.hash, hash);
    const char *issuer = writ_jwk_thumbprint_uri(arena, &above.holder);
    struct writ_json *claims = writ_json_new_object(arena);
    WRIT_ENSURE(issuer && writ_json_put_string(arena, claims, "iss", issuer) &&
                    writ_json_put_string(arena, claims, "par_hash", hash),
                OUT_OF_MEMORY);
    WRIT_TRY(put_common(arena, &whole, iat_unix_s, above.depth + 1, claims));
    return writ_jws_input(arena, WRIT_TYP_TOKEN, WRIT_SLICE_NONE, claims, ret_input);
}

static struct writ_result join(struct writ_arena *arena, struct writ_slice input,
                               const uint8_t signature[static 64], struct writ_slice *ret_compact)
{
    const char *text = writ_base64url_encode(arena, writ_slice_of(signature, 64));
    WRIT_ENSURE(text, OUT_OF_MEMORY);
    const size_t size = input.size + 1 + strlen(text);
    char *compact = writ_arena_alloc(arena, size + 1);
    WRIT_ENSURE(compact, OUT_OF_MEMORY);
    memcpy(compact, input.data, input.size);
    compact[input.size] = '.';
    memcpy(compact + input.size + 1, text, size - input.size); /* with its end */
    *ret_compact = writ_slice_of(compact, size);
    return WRIT_SUCCESS;
}

struct writ_result writ_sign_input(struct writ_arena *arena, struct writ_slice input,
                                   const uint8_t seed[static 32], struct writ_slice *ret_compact)
{
    uint8_t signature[64];
    WRIT_ENSURE(input.size > 0, MALFORMED);
    writ_sign(seed, input, signature);
    return join(arena, input, signature, ret_compact);
}

/* The proposed bytes as a link, judged by all of step 4 that needs neither signature nor clock:
 * the time of the child's own iat stands for now. */
static struct writ_result judge_proposal(struct writ_arena *arena, struct writ_verifier *verifier,
                                         struct writ_slice input, struct writ_link *link,
                                         struct writ_denial *ret_denial)
{
    static const uint8_t UNSIGNED[64] = {0};
    struct writ_slice compact;
    if (input.size == 0)
        return writ_refuse(ret_denial, WRIT_RULE_CHILD_HEADER, "");
    WRIT_TRY(join(arena, input, UNSIGNED, &compact));
    WRIT_TRY(writ_link_open(arena, compact, link, ret_denial));
    WRIT_TRY(writ_link_read(arena, link, ret_denial));
    verifier->now_unix_s = link->claims.iat_unix_s;
    return writ_link_judge(arena, link, ret_denial);
}

static struct writ_result check_wanted(struct writ_arena *arena, const struct writ_link *link,
                                       struct writ_slice wanted, struct writ_denial *ret_denial)
{
    const struct writ_authority *asked = NULL;
    WRIT_TRY(writ_authority_parse(arena, wanted, link->verifier->profile, &asked, ret_denial));
    if (!link->authority)
        return WRIT_SUCCESS;
    return writ_authority_compare(arena, asked, link->authority, ret_denial);
}

struct writ_result writ_derive_check(struct writ_arena *arena, enum writ_profile profile,
                                     struct writ_slice parent, struct writ_slice input,
                                     const struct writ_key *holder, struct writ_slice agent,
                                     struct writ_slice wanted, struct writ_denial *ret_denial)
{
    struct writ_verifier verifier = {.profile = profile, .limits = writ_limits_default()};
    verifier.limits.max_delegation_depth = WRIT_DEPTH_MAX;
    *ret_denial = writ_denial_at(-1);
    struct writ_link known;
    WRIT_TRY(writ_link_read_trusted(arena, profile, parent, &known, ret_denial));
    WRIT_TRY(writ_link_fold(arena, &known, ret_denial));
    const struct writ_token above = writ_link_token(&known);

    struct writ_link link = {.verifier = &verifier, .parent = &above};
    ret_denial->hop = (int)above.depth + 1;
    WRIT_TRY(judge_proposal(arena, &verifier, input, &link, ret_denial));
    if (!writ_secret_equal(link.claims.holder.bytes, holder->bytes, sizeof holder->bytes))
        return writ_refuse(ret_denial, WRIT_RULE_DERIVE_HOLDER, "cnf.jwk");
    if (profile == WRIT_PROFILE_AAT_02_WRIT && !writ_slice_equal(link.claims.agent, agent))
        return writ_refuse(ret_denial, WRIT_RULE_DERIVE_AGENT, "client_id");
    return check_wanted(arena, &link, wanted, ret_denial);
}
