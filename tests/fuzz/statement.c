/*
 * Enrolments, requests and approvals behind the signature. The first line is the typ of the header,
 * the second the claims; what is accepted says exactly what was expected, and nothing else.
 */
#include "fuzz.h"

#include <string.h>

#include "jose/jws.h"
#include "token/statement.h"
#include "unit/forge.h"

enum { SIGNER = 1, STRANGER = 2, WINDOW_S = 30 };

static bool says(const struct writ_json *claims, const char *name, const char *text)
{
    return writ_slice_is(writ_json_text(writ_json_get(claims, name)), text);
}

static void check_common(const struct writ_json *claims, size_t members)
{
    int64_t iat_unix_s = 0;
    FUZZ_HOLDS(claims && claims->count == members && says(claims, "aud", FORGE_ISSUER));
    FUZZ_HOLDS(writ_json_text(writ_json_get(claims, "jti")).size > 0);
    FUZZ_HOLDS(writ_json_integer(writ_json_get(claims, "iat"), &iat_unix_s));
    FUZZ_HOLDS(iat_unix_s >= FORGE_NOW - WINDOW_S && iat_unix_s <= FORGE_NOW + WINDOW_S);
}

static bool enrols(struct writ_arena *arena, struct writ_slice compact, uint8_t signer)
{
    struct writ_denial denial;
    const struct writ_key key = forge_key(signer);
    const struct writ_result result = writ_enrol_verify(
        arena, &key, compact, writ_slice_text(FORGE_ISSUER), writ_slice_text("n-1"), FORGE_NOW,
        WINDOW_S, &denial);
    FUZZ_HOLDS(writ_is_ok(result) || denial.outcome == result.status);
    return writ_is_ok(result);
}

static bool requests(struct writ_arena *arena, struct writ_slice compact, uint8_t signer)
{
    struct writ_denial denial;
    struct writ_act act = {.act = writ_slice_text("renew"),
                           .task = writ_slice_text("task-1"),
                           .delegation = writ_slice_text("node-1")};
    const struct writ_key key = forge_key(signer);
    const struct writ_result result = writ_request_verify(
        arena, &key, compact, writ_slice_text(FORGE_ISSUER), FORGE_NOW, WINDOW_S, &act, &denial);
    FUZZ_HOLDS(writ_is_ok(result) || denial.outcome == result.status);
    return writ_is_ok(result);
}

static bool approves(struct writ_arena *arena, struct writ_slice compact, uint8_t signer)
{
    struct writ_denial denial;
    struct writ_approval approval = {.id = writ_slice_text("a-1"),
                                     .decision = writ_slice_text("approve"),
                                     .digest = writ_slice_text("d-1")};
    const struct writ_key key = forge_key(signer);
    const struct writ_result result = writ_approval_verify(arena, &key, compact,
                                                           writ_slice_text(FORGE_ISSUER), FORGE_NOW,
                                                           WINDOW_S, &approval, &denial);
    FUZZ_HOLDS(writ_is_ok(result) || denial.outcome == result.status);
    FUZZ_HOLDS(!writ_is_ok(result) || approval.exp_unix_s > FORGE_NOW);
    return writ_is_ok(result);
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    const char *typ = writ_arena_text(arena, fuzz_take_line(&input));
    const char *claims_text = writ_arena_text(arena, input);
    const char *header = writ_arena_printf(arena, "{\"alg\":\"Ed25519\",\"typ\":\"%s\"}", typ);
    const struct writ_slice compact = forge_sign(arena, header, claims_text, SIGNER);
    const struct writ_json *claims = fuzz_json(arena, writ_slice_text(claims_text));
    const bool enrolled = enrols(arena, compact, SIGNER);
    const bool requested = requests(arena, compact, SIGNER);
    const bool approved = approves(arena, compact, SIGNER);
    FUZZ_HOLDS(!enrols(arena, compact, STRANGER) && !requests(arena, compact, STRANGER) &&
               !approves(arena, compact, STRANGER));
    FUZZ_HOLDS(enrolled + requested + approved <= 1);
    if (enrolled) {
        check_common(claims, 4);
        FUZZ_HOLDS(says(claims, "nonce", "n-1"));
    }
    if (requested) {
        check_common(claims, 6);
        FUZZ_HOLDS(says(claims, "act", "renew") && says(claims, "txn", "task-1") &&
                   says(claims, "delegation", "node-1"));
    }
    if (approved) {
        check_common(claims, 7);
        FUZZ_HOLDS(says(claims, "approval", "a-1") && says(claims, "decision", "approve") &&
                   says(claims, "digest", "d-1"));
    }
}
