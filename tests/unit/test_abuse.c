/* What is no chain: too large, too deep, cut, changed, random, and memory that ends. */
#include <string.h>

#include "fixture.h"
#include "suites.h"

START_TEST(bounds_sizes)
{
    char *pad = writ_arena_alloc(&arena, 70000);
    memset(pad, 'x', 69999);
    pad[0] = pad[65998] = '"';
    pad[65999] = '\0';
    chain.count = 0;
    forge_denies_sealed(&chain, "no links", "1", WRIT_MALFORMED, -1);

    forge_chain_init(&chain, &arena, 2);
    forge_set(&chain.claims[1], "pad", pad);
    forge_denies(&chain, "64 KiB token", "2a", WRIT_MALFORMED, 1);

    pad[44998] = '"'; /* 60,000 characters of base64url */
    pad[44999] = '\0';
    forge_chain_init(&chain, &arena, 4);
    for (size_t i = 0; i < 4; i++)
        forge_set(&chain.claims[i], "pad", pad);
    forge_permits(&chain, "246 KiB chain");
    forge_chain_init(&chain, &arena, 5);
    for (size_t i = 0; i < 5; i++)
        forge_set(&chain.claims[i], "pad", pad);
    forge_denies(&chain, "256 KiB chain", "2b", WRIT_MALFORMED, -1);

    forge_chain_init(&chain, &arena, 2);
    forge_set(&chain.proof, "pad", pad);
    forge_permits(&chain, "60 KiB proof");
    forge_set(&chain.proof, "pad",
              writ_arena_printf(&arena, "[%s,%s,%s,%s,%s]", pad, pad, pad, pad, pad));
    forge_denies(&chain, "256 KiB proof", "7a", WRIT_MALFORMED, -1);
}
END_TEST

static const char *nested(size_t depth)
{
    char *text = writ_arena_alloc(&arena, 2 * depth + 1);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    return text;
}

START_TEST(refuses_nesting_of_ten_thousand)
{
    forge_set(&chain.claims[0], "deep", nested(10000));
    forge_denies(&chain, "root", "2c", WRIT_MALFORMED, 0);
    start_over(2);
    chain.header[1] = writ_arena_printf(
        &arena, "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\",\"deep\":%s}", nested(10000));
    forge_denies(&chain, "header", "4a", WRIT_MALFORMED, 1);
    start_over(2);
    chain.args = writ_arena_printf(&arena, "{\"path\":%s}", nested(10000));
    forge_denies(&chain, "arguments", "6b", WRIT_MALFORMED, 1);
    start_over(2);
    forge_set(&chain.proof, "hta", nested(10000));
    forge_denies(&chain, "proof", "7b", WRIT_MALFORMED, -1);
}
END_TEST

/* The presentation's texts: each link, then the proof. */
static struct writ_slice *part(size_t index)
{
    return index < chain.count ? &chain.links[index] : &chain.proof_compact;
}

START_TEST(denies_every_truncation)
{
    forge_seal(&chain);
    for (size_t index = 0; index <= chain.count; index++) {
        const struct writ_slice whole = *part(index);
        for (size_t size = 0; size < whole.size; size++) {
            struct writ_arena scratch;
            writ_arena_init(&scratch, 0);
            chain.arena = &scratch;
            *part(index) = writ_slice_of(whole.data, size);
            const struct writ_verdict verdict = forge_judge(&chain);
            ck_assert_msg(!verdict.permit, "part %zu cut to %zu", index, size);
            ck_assert_int_ne(verdict.denial.outcome, WRIT_OUT_OF_MEMORY);
            writ_arena_done(&scratch);
        }
        *part(index) = whole;
    }
}
END_TEST

START_TEST(denies_every_changed_byte)
{
    forge_seal(&chain);
    for (size_t index = 0; index <= chain.count; index++) {
        const struct writ_slice whole = *part(index);
        for (size_t at = 0; at < whole.size; at++) {
            struct writ_arena scratch;
            writ_arena_init(&scratch, 0);
            uint8_t *bytes = writ_arena_alloc(&scratch, whole.size);
            memcpy(bytes, whole.data, whole.size);
            bytes[at] = bytes[at] == 'A' ? 'B' : 'A';
            chain.arena = &scratch;
            *part(index) = writ_slice_of(bytes, whole.size);
            ck_assert_msg(!forge_judge(&chain).permit, "part %zu changed at %zu", index, at);
            writ_arena_done(&scratch);
        }
        *part(index) = whole;
    }
}
END_TEST

START_TEST(denies_nothing_at_all)
{
    struct writ_verifier verifier = {0};
    const struct writ_slice links[1] = {WRIT_SLICE_NONE};
    const struct writ_presentation presentations[] = {{NULL, 0, WRIT_SLICE_NONE},
                                                      {links, 1, WRIT_SLICE_NONE}};
    for (size_t i = 0; i < 2; i++)
        ck_assert(
            !writ_verify(&arena, &verifier, &presentations[i], WRIT_SLICE_NONE, WRIT_SLICE_NONE)
                 .permit);
    forge_seal(&chain);
    const struct writ_presentation chain_only = {chain.links, 2, WRIT_SLICE_NONE};
    ck_assert(!writ_verify(&arena, &chain.verifier, &chain_only, WRIT_SLICE_NONE, WRIT_SLICE_NONE)
                   .permit);
    ck_assert(!writ_is_ok(writ_derive_check(&arena, WRIT_PROFILE_AAT_02_WRIT, chain.links[0],
                                            WRIT_SLICE_NONE, &chain.anchor.key, WRIT_SLICE_NONE,
                                            WRIT_SLICE_NONE, &denial)));
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

START_TEST(denies_random_bytes)
{
    static const char LIKELY[] = "eyJ.{}[]\":,Ed25519aat+jwt0-_";
    uint32_t state = 7;
    forge_seal(&chain);
    for (size_t round = 0; round < 3000; round++) {
        uint8_t bytes[200];
        const size_t size = next_random(&state) % sizeof bytes;
        for (size_t i = 0; i < size; i++)
            bytes[i] = round % 2 == 0 ? (uint8_t)next_random(&state)
                                      : (uint8_t)LIKELY[next_random(&state) % (sizeof LIKELY - 1)];
        struct writ_arena scratch;
        writ_arena_init(&scratch, 0);
        chain.arena = &scratch;
        const size_t index = round % (chain.count + 1);
        const struct writ_slice whole = *part(index);
        *part(index) = writ_slice_of(bytes, size);
        ck_assert(!forge_judge(&chain).permit);
        *part(index) = whole;
        writ_arena_done(&scratch);
    }
}
END_TEST

/* However the memory ends, the answer is that it ended, and never a permit on half a judgement. */
START_TEST(says_out_of_memory_wherever_memory_ends)
{
    forge_set_terms(
        &chain, 0,
        "{\"clearance\":{\"categories\":[\"pii\"]},\"approval\":[],\"call_only\":[\"x\"]"
        ",\"pass_only\":[\"send_email\"],"
        "\"budget\":[{\"unit\":\"calls\",\"limit\":\"1\"}]}");
    forge_seal(&chain);
    bool permit = false;
    for (size_t limit = 16; !permit; limit += 48) {
        struct writ_arena scratch;
        writ_arena_init(&scratch, limit);
        chain.arena = &scratch;
        const struct writ_verdict verdict = forge_judge(&chain);
        permit = verdict.permit;
        ck_assert_msg(permit || verdict.denial.outcome == WRIT_OUT_OF_MEMORY, "%zu: %s at %s",
                      limit, writ_status_code(verdict.denial.outcome), verdict.denial.step);
        ck_assert(verdict.denial.hop == -1 || !permit);
        ck_assert(limit > 16 || verdict.denial.hop == -1);
        writ_arena_done(&scratch);
        ck_assert_uint_lt(limit, 1 << 22);
    }
}
END_TEST

Suite *suite_abuse(void)
{
    TCase *tests = tcase_create("abuse");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, bounds_sizes);
    tcase_add_test(tests, refuses_nesting_of_ten_thousand);
    tcase_add_test(tests, denies_every_truncation);
    tcase_add_test(tests, denies_every_changed_byte);
    tcase_add_test(tests, denies_random_bytes);
    tcase_add_test(tests, denies_nothing_at_all);
    tcase_add_test(tests, says_out_of_memory_wherever_memory_ends);
    return suite_of("abuse", tests);
}
