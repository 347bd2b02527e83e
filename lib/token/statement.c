/* Statements: small signed objects with their own typ, judged the same way. */
#include "token/statement.h"

#include "base/crypto.h"
#include "token/claims.h"
#include "token/steps.h"

static struct writ_result open_statement(struct writ_arena *arena, const struct writ_key *key,
                                         struct writ_slice compact, const char *typ,
                                         const char *const *members,
                                         const struct writ_json **ret_claims,
                                         struct writ_denial *ret_denial)
{
    struct writ_jws jws;
    if (compact.size > WRIT_TOKEN_SIZE_MAX)
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_FRAME, "");
    const struct writ_result split = writ_jws_split(arena, compact, typ, &jws);
    if (split.status == WRIT_OUT_OF_MEMORY)
        return split;
    if (!writ_is_ok(split))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_FRAME, "");
    if (!writ_is_ok(writ_jws_verify(&jws, key)))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SIGNATURE, "");
    const struct writ_json *claims = NULL;
    const struct writ_result read = writ_jws_payload(arena, &jws, &claims);
    if (read.status == WRIT_OUT_OF_MEMORY)
        return read;
    if (!writ_json_only(claims, members)) /* nor is there any object when it was not read */
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SHAPE, "");
    *ret_claims = claims;
    return WRIT_SUCCESS;
}

/* The members that all statements have. */
static struct writ_result check_common(const struct writ_json *claims, struct writ_slice audience,
                                       int64_t now_unix_s, int64_t window_s,
                                       struct writ_slice *ret_jti, int64_t *ret_iat_unix_s,
                                       struct writ_denial *ret_denial)
{
    int64_t iat_unix_s = 0;
    const struct writ_slice jti = writ_json_text(writ_json_get(claims, "jti"));
    if (jti.size == 0)
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SHAPE, "jti");
    if (!writ_json_integer(writ_json_get(claims, "iat"), &iat_unix_s))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SHAPE, "iat");
    if (!writ_slice_equal(writ_json_text(writ_json_get(claims, "aud")), audience))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_AUDIENCE, "aud");
    if (iat_unix_s < writ_time_plus(now_unix_s, -window_s))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_EXPIRED, "iat");
    if (iat_unix_s > writ_time_plus(now_unix_s, window_s))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_EARLY, "iat");
    *ret_jti = jti;
    *ret_iat_unix_s = iat_unix_s;
    return WRIT_SUCCESS;
}

static struct writ_json *new_common(struct writ_arena *arena, struct writ_slice audience,
                                    int64_t iat_unix_s, const uint8_t random[static 16])
{
    struct writ_json *claims = writ_json_new_object(arena);
    const char *jti = writ_claims_new_jti(arena, iat_unix_s, random);
    const bool whole = jti && writ_json_put_text(arena, claims, "aud", audience) &&
                       writ_json_put_integer(arena, claims, "iat", iat_unix_s) &&
                       writ_json_put_string(arena, claims, "jti", jti);
    return whole ? claims : NULL;
}

/* What it must be about: a member, and what it must say. */
struct subject {
    const char *name;
    struct writ_slice expected;
};

static struct writ_result check_subjects(const struct writ_json *claims,
                                         const struct subject *subjects, size_t count,
                                         struct writ_denial *ret_denial)
{
    for (size_t i = 0; i < count; i++) {
        const struct writ_slice said = writ_json_text(writ_json_get(claims, subjects[i].name));
        if (said.size == 0 || !writ_slice_equal(said, subjects[i].expected))
            return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SUBJECT, subjects[i].name);
    }
    return WRIT_SUCCESS;
}

struct writ_result writ_enrol_input(struct writ_arena *arena, struct writ_slice audience,
                                    struct writ_slice nonce, int64_t iat_unix_s,
                                    const uint8_t random[static 16], struct writ_slice *ret_input)
{
    struct writ_json *claims = new_common(arena, audience, iat_unix_s, random);
    WRIT_ENSURE(claims && writ_json_put_text(arena, claims, "nonce", nonce), OUT_OF_MEMORY);
    return writ_jws_input(arena, WRIT_TYP_ENROL, WRIT_SLICE_NONE, claims, ret_input);
}

struct writ_result writ_enrol_verify(struct writ_arena *arena, const struct writ_key *key,
                                     struct writ_slice compact, struct writ_slice audience,
                                     struct writ_slice nonce, int64_t now_unix_s, int64_t window_s,
                                     struct writ_denial *ret_denial)
{
    static const char *const MEMBERS[] = {"aud", "iat", "jti", "nonce", NULL};
    const struct writ_json *claims = NULL;
    struct writ_slice jti;
    int64_t iat_unix_s = 0;
    *ret_denial = writ_denial_at(-1);
    WRIT_TRY(open_statement(arena, key, compact, WRIT_TYP_ENROL, MEMBERS, &claims, ret_denial));
    WRIT_TRY(check_common(claims, audience, now_unix_s, window_s, &jti, &iat_unix_s, ret_denial));
    const struct writ_slice said = writ_json_text(writ_json_get(claims, "nonce"));
    if (said.size == 0 || said.size != nonce.size ||
        !writ_secret_equal(said.data, nonce.data, nonce.size))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SUBJECT, "nonce");
    return WRIT_SUCCESS;
}

struct writ_result writ_request_input(struct writ_arena *arena, const struct writ_act *act,
                                      struct writ_slice audience, const uint8_t random[static 16],
                                      struct writ_slice *ret_input)
{
    struct writ_json *claims = new_common(arena, audience, act->iat_unix_s, random);
    WRIT_ENSURE(claims && writ_json_put_text(arena, claims, "act", act->act) &&
                    writ_json_put_text(arena, claims, "txn", act->task) &&
                    writ_json_put_text(arena, claims, "delegation", act->delegation),
                OUT_OF_MEMORY);
    return writ_jws_input(arena, WRIT_TYP_REQUEST, WRIT_SLICE_NONE, claims, ret_input);
}

struct writ_result writ_request_verify(struct writ_arena *arena, const struct writ_key *signer,
                                       struct writ_slice compact, struct writ_slice audience,
                                       int64_t now_unix_s, int64_t window_s, struct writ_act *act,
                                       struct writ_denial *ret_denial)
{
    static const char *const MEMBERS[] = {"act", "aud", "delegation", "iat", "jti", "txn", NULL};
    const struct subject subjects[] = {
        {"act", act->act}, {"txn", act->task}, {"delegation", act->delegation}};
    const struct writ_json *claims = NULL;
    struct writ_slice jti;
    int64_t iat_unix_s = 0;
    *ret_denial = writ_denial_at(-1);
    WRIT_TRY(
        open_statement(arena, signer, compact, WRIT_TYP_REQUEST, MEMBERS, &claims, ret_denial));
    WRIT_TRY(check_common(claims, audience, now_unix_s, window_s, &jti, &iat_unix_s, ret_denial));
    WRIT_TRY(check_subjects(claims, subjects, sizeof subjects / sizeof subjects[0], ret_denial));
    act->jti = jti;
    act->iat_unix_s = iat_unix_s;
    return WRIT_SUCCESS;
}

struct writ_result writ_approval_input(struct writ_arena *arena,
                                       const struct writ_approval *approval,
                                       struct writ_slice audience, const uint8_t random[static 16],
                                       struct writ_slice *ret_input)
{
    struct writ_json *claims = new_common(arena, audience, approval->iat_unix_s, random);
    WRIT_ENSURE(claims && writ_json_put_text(arena, claims, "approval", approval->id) &&
                    writ_json_put_text(arena, claims, "decision", approval->decision) &&
                    writ_json_put_text(arena, claims, "digest", approval->digest) &&
                    writ_json_put_integer(arena, claims, "exp", approval->exp_unix_s),
                OUT_OF_MEMORY);
    return writ_jws_input(arena, WRIT_TYP_APPROVAL, WRIT_SLICE_NONE, claims, ret_input);
}

struct writ_result writ_approval_verify(struct writ_arena *arena, const struct writ_key *signer,
                                        struct writ_slice compact, struct writ_slice audience,
                                        int64_t now_unix_s, int64_t window_s,
                                        struct writ_approval *approval,
                                        struct writ_denial *ret_denial)
{
    static const char *const MEMBERS[] = {"approval", "aud", "decision", "digest",
                                          "exp",      "iat", "jti",      NULL};
    const struct subject subjects[] = {
        {"approval", approval->id}, {"decision", approval->decision}, {"digest", approval->digest}};
    const struct writ_json *claims = NULL;
    struct writ_slice jti;
    int64_t iat_unix_s = 0;
    int64_t exp_unix_s = 0;
    *ret_denial = writ_denial_at(-1);
    WRIT_TRY(
        open_statement(arena, signer, compact, WRIT_TYP_APPROVAL, MEMBERS, &claims, ret_denial));
    WRIT_TRY(check_common(claims, audience, now_unix_s, window_s, &jti, &iat_unix_s, ret_denial));
    WRIT_TRY(check_subjects(claims, subjects, sizeof subjects / sizeof subjects[0], ret_denial));
    if (!writ_json_integer(writ_json_get(claims, "exp"), &exp_unix_s))
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_SHAPE, "exp");
    if (exp_unix_s <= now_unix_s)
        return writ_refuse(ret_denial, WRIT_RULE_STATEMENT_EXPIRED, "exp");
    approval->iat_unix_s = iat_unix_s;
    approval->exp_unix_s = exp_unix_s;
    return WRIT_SUCCESS;
}
