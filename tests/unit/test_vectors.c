/* The 115 published vectors of AAT-02: verdict and step, through writ_verify, strict profile. */
#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "suites.h"
#include "vector.h"
#include "writ.h"

static struct writ_arena arena;
static const struct writ_json *file;
static struct writ_anchor anchor;
static struct writ_known *known;

static void setup(void)
{
    writ_arena_init(&arena, 0);
    file = vector_read(&arena, "aat-02.json");
    const struct writ_json *trusted = &writ_json_get(file, "trust_anchors")->items[0];
    anchor = (struct writ_anchor){.issuer = vector_text(trusted, "iss")};
    ck_assert(writ_is_ok(writ_key_parse(
        &arena, writ_json_canonical(&arena, writ_json_get(trusted, "jwk")), &anchor.key)));
}

static void teardown(void)
{
    writ_known_done(known);
    known = NULL;
    writ_arena_done(&arena);
}

static bool policy_says(const struct writ_json *vector, const char *name)
{
    const struct writ_json *value = writ_json_get(writ_json_get(vector, "policy"), name);
    return writ_json_is(value, WRIT_JSON_BOOLEAN) && value->boolean;
}

static struct writ_verifier verifier_of(const struct writ_json *vector)
{
    const struct writ_json *params = writ_json_get(file, "params");
    return (struct writ_verifier){
        .profile = WRIT_PROFILE_AAT_02,
        .limits = {.max_iat_skew_s = vector_number(params, "max_iat_skew"),
                   .max_token_lifetime_s = vector_number(params, "max_token_lifetime"),
                   .pop_window_s = vector_number(params, "pop_window"),
                   .max_delegation_depth = (int)vector_number(params, "max_delegation_depth"),
                   .max_constraint_depth = (int)vector_number(params, "max_constraint_depth")},
        .now_unix_s = vector_number(vector, "now"),
        .anchors = &anchor,
        .anchor_count = 1,
        .audience = vector_text(params, "audience"),
        .require_chain_audience = policy_says(vector, "require_chain_aud"),
        .require_proof_audience = policy_says(vector, "require_pop_aud"),
        .nonce = vector_text(writ_json_get(vector, "policy"), "nonce"),
        .known = known,
    };
}

static struct writ_verdict play(const struct writ_json *vector)
{
    const struct writ_json *links = writ_json_get(vector, "aat_chain");
    struct writ_slice *chain = writ_arena_array(&arena, links->count, sizeof *chain);
    for (size_t i = 0; i < links->count; i++)
        chain[i] = links->items[i].text;
    const struct writ_verifier verifier = verifier_of(vector);
    const struct writ_presentation presentation = {chain, links->count,
                                                   vector_text(vector, "aat_pop")};
    return writ_verify(&arena, &verifier, &presentation, vector_text(vector, "tool"),
                       writ_json_verbatim(&arena, writ_json_get(vector, "args")));
}

static void agrees_with_each_vector(void)
{
    const struct writ_json *vectors = writ_json_get(file, "vectors");
    size_t permits = 0;
    ck_assert_uint_eq(vectors->count, 115);
    for (size_t i = 0; i < vectors->count; i++) {
        const struct writ_json *vector = &vectors->items[i];
        const struct writ_slice id = vector_text(vector, "id");
        const struct writ_verdict verdict = play(vector);
        const bool permit = writ_slice_is(vector_text(vector, "verdict"), "PERMIT");
        permits += permit;
        ck_assert_msg(verdict.permit == permit, "%.*s: %s at %s: %s", WRIT_SLICE_ARGS(id),
                      verdict.permit ? "permit" : "deny", verdict.denial.step,
                      verdict.denial.detail);
        ck_assert_msg(permit || writ_slice_is(vector_text(vector, "step"), verdict.denial.step),
                      "%.*s: denied at %s, not at %.*s", WRIT_SLICE_ARGS(id), verdict.denial.step,
                      WRIT_SLICE_ARGS(vector_text(vector, "step")));
    }
    ck_assert_uint_eq(permits, 29);
}

START_TEST(agrees_with_each_published_vector_on_verdict_and_step)
{
    agrees_with_each_vector();
}
END_TEST

/* In the second round every link of a permit is known, also in the chains that are denied. */
START_TEST(agrees_with_each_published_vector_with_a_memory_of_links)
{
    known = writ_known_new(&arena, 256, (const uint8_t[16]){3});
    agrees_with_each_vector();
    agrees_with_each_vector();
}
END_TEST

START_TEST(denies_each_vector_with_an_outcome_of_the_table)
{
    const struct writ_json *vectors = writ_json_get(file, "vectors");
    size_t count = 0;
    const struct writ_step *steps = writ_steps(&count);
    for (size_t i = 0; i < vectors->count; i++) {
        const struct writ_verdict verdict = play(&vectors->items[i]);
        bool found = verdict.permit;
        for (size_t k = 0; k < count; k++)
            found |= strcmp(steps[k].step, verdict.denial.step) == 0 &&
                     steps[k].outcome == verdict.denial.outcome;
        ck_assert_msg(found, "%s with %s", verdict.denial.step,
                      writ_status_code(verdict.denial.outcome));
    }
}
END_TEST

START_TEST(hashes_each_signing_input_as_published)
{
    const struct writ_json *vectors = writ_json_get(file, "vectors");
    size_t matched = 0;
    for (size_t i = 0; i < vectors->count; i++) {
        const struct writ_json *links = writ_json_get(&vectors->items[i], "aat_chain");
        const struct writ_json *hashes = writ_json_get(&vectors->items[i], "sha256_signing_input");
        for (size_t k = 0; k < links->count && k < hashes->count; k++) {
            const struct writ_slice link = links->items[k].text;
            size_t size = link.size;
            while (link.data[size - 1] != '.')
                size--;
            uint8_t hash[32];
            char text[44];
            writ_sha256(writ_slice_of(link.data, size - 1), hash);
            writ_base64url_hash(hash, text);
            ck_assert(writ_slice_is(hashes->items[k].text, text));
            matched++;
        }
    }
    ck_assert_uint_gt(matched, 115);
}
END_TEST

Suite *suite_vectors(void)
{
    TCase *tests = tcase_create("aat-02");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, agrees_with_each_published_vector_on_verdict_and_step);
    tcase_add_test(tests, agrees_with_each_published_vector_with_a_memory_of_links);
    tcase_add_test(tests, denies_each_vector_with_an_outcome_of_the_table);
    tcase_add_test(tests, hashes_each_signing_input_as_published);
    return suite_of("vectors", tests);
}
