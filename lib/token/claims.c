#include "token/claims.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "token/terms.h"

#include <string.h>

static bool is_entry(const struct writ_json *entry, const char *type)
{
    return writ_slice_is(writ_json_text(writ_json_get(entry, "type")), type);
}

static void read_details(const struct writ_json *details, struct writ_claims *claims)
{
    if (!writ_json_is(details, WRIT_JSON_ARRAY))
        return;
    claims->details = details;
    for (size_t i = 0; i < details->count; i++) {
        const struct writ_json *entry = &details->items[i];
        if (is_entry(entry, WRIT_TYPE_TOOLS) && claims->tools_entries++ == 0)
            claims->tools = writ_json_get(entry, "tools");
        if (is_entry(entry, WRIT_TYPE_TERMS) && claims->terms_entries++ == 0)
            claims->terms = entry;
    }
}

void writ_claims_read(const struct writ_json *json, struct writ_claims *ret_claims)
{
    struct writ_claims claims = {
        .jti = writ_json_text(writ_json_get(json, "jti")),
        .iss = writ_json_get(json, "iss"),
        .par_hash = writ_json_get(json, "par_hash"),
        .audience = writ_json_get(json, "aud"),
        .txn = writ_json_text(writ_json_get(json, "txn")),
        .sub = writ_json_text(writ_json_get(json, "sub")),
        .agent = writ_json_text(writ_json_get(json, "client_id")),
    };
    claims.has_iat = writ_json_integer(writ_json_get(json, "iat"), &claims.iat_unix_s);
    claims.has_exp = writ_json_integer(writ_json_get(json, "exp"), &claims.exp_unix_s);
    claims.has_depth = writ_json_integer(writ_json_get(json, "del_depth"), &claims.depth);
    claims.has_max_depth = writ_json_integer(writ_json_get(json, "del_max_depth"),
                                             &claims.max_depth);
    const struct writ_json *jwk = writ_json_get(writ_json_get(json, "cnf"), "jwk");
    claims.holder_status = writ_jwk_read(jwk, &claims.holder).status;
    read_details(writ_json_get(json, "authorization_details"), &claims);
    *ret_claims = claims;
}

struct writ_json *writ_claims_terms(struct writ_arena *arena, const struct writ_claims *claims)
{
    struct writ_json *said = writ_json_new_object(arena);
    if (!said || !claims->terms)
        return said;
    *said = *claims->terms;
    said->items = writ_arena_array(arena, said->count, sizeof *said->items);
    said->names = writ_arena_array(arena, said->count, sizeof *said->names);
    said->capacity = said->count;
    if (!said->items || !said->names)
        return NULL;
    memcpy(said->items, claims->terms->items, said->count * sizeof *said->items);
    memcpy(said->names, claims->terms->names, said->count * sizeof *said->names);
    writ_json_remove(said, "type");
    return said;
}

char *writ_claims_new_jti(struct writ_arena *arena, int64_t now_unix_s,
                          const uint8_t random[static 16])
{
    uint8_t b[16];
    memcpy(b, random, sizeof b);
    const uint64_t now_ms = (uint64_t)now_unix_s * 1000;
    for (size_t i = 0; i < 6; i++)
        b[i] = (uint8_t)(now_ms >> (40 - 8 * i));
    b[6] = (uint8_t)(0x70 | (b[6] & 0x0f));
    b[8] = (uint8_t)(0x80 | (b[8] & 0x3f));
    return writ_arena_printf(
        arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
        b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

int64_t writ_time_plus(int64_t time_unix_s, int64_t span_s)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(time_unix_s, span_s, &sum))
        return span_s > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

bool writ_claims_hash_is(struct writ_slice text, const uint8_t hash[static 32])
{
    char expected[44];
    writ_base64url_hash(hash, expected);
    return text.size == WRIT_HASH_TEXT_SIZE &&
           writ_secret_equal(text.data, (const uint8_t *)expected, WRIT_HASH_TEXT_SIZE);
}
