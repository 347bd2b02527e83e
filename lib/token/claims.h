/*
 * The claims of a link as they were found, before any step has judged them: absent and mistyped
 * members read as absent, and what is there twice is counted.
 */
#ifndef WRIT_TOKEN_CLAIMS_H
#define WRIT_TOKEN_CLAIMS_H

#include "jose/jwk.h"
#include "json/json.h"

struct writ_claims {
    struct writ_slice jti; /* empty: absent, no text, or an empty one; so with all texts */
    const struct writ_json *iss;
    const struct writ_json *par_hash;
    bool has_iat, has_exp, has_depth, has_max_depth; /* there, as whole numbers */
    int64_t iat_unix_s;
    int64_t exp_unix_s;
    int64_t depth;
    int64_t max_depth;
    enum writ_status holder_status; /* of cnf.jwk: WRIT_OK, WRIT_MALFORMED or WRIT_WEAK_KEY */
    struct writ_key holder;
    const struct writ_json *audience;
    const struct writ_json *details; /* authorization_details; NULL when it is no array */
    size_t tools_entries;
    const struct writ_json *tools; /* of the first such entry */
    size_t terms_entries;
    const struct writ_json *terms; /* the first such entry, with its type */
    struct writ_slice txn;
    struct writ_slice sub;
    struct writ_slice agent;
};

void writ_claims_read(const struct writ_json *json, struct writ_claims *ret_claims);
/* writ_terms as writ_terms_read takes it: without its type; an empty object when there is none. */
struct writ_json *writ_claims_terms(struct writ_arena *arena, const struct writ_claims *claims);
/* A UUIDv7 of this second, terminated; NULL when out of memory. */
char *writ_claims_new_jti(struct writ_arena *arena, int64_t now_unix_s,
                          const uint8_t random[static 16]);
/* A sum that stays at the end of the range, so that no iat and no clock wraps a bound around. */
int64_t writ_time_plus(int64_t time_unix_s, int64_t span_s);
/* The text of 32 bytes in base64url is `text`; constant time. */
bool writ_claims_hash_is(struct writ_slice text, const uint8_t hash[static 32]);

#endif
