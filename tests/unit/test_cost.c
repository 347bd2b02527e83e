/* What a verdict costs, counted and not timed: signature checks, allocations, and whether the
 * general JSON reader was needed. The linker puts these counters in front of the real functions. */
#include <stdlib.h>

#include "fixture.h"
#include "suites.h"
#include "token/link.h"

struct cost {
    size_t verifications, allocations, general_reads;
};

static struct cost counted; /* since the process began */
static struct cost spent;   /* by the last verdict; check's own assertions allocate too */

int __real_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long size, const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long size, const unsigned char *key);
int __wrap_crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *message,
                                       unsigned long long size, const unsigned char *key)
{
    counted.verifications++;
    return __real_crypto_sign_verify_detached(signature, message, size, key);
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
    counted.allocations++;
    return __real_malloc(size);
}

struct json_t *__real_json_loadb(const char *text, size_t size, size_t flags, void *error);
struct json_t *__wrap_json_loadb(const char *text, size_t size, size_t flags, void *error);
struct json_t *__wrap_json_loadb(const char *text, size_t size, size_t flags, void *error)
{
    counted.general_reads++;
    return __real_json_loadb(text, size, flags, error);
}

static struct writ_arena lasting, scratch;

static struct writ_verdict judge(void)
{
    const struct writ_presentation presentation = {chain.links, chain.count, chain.proof_compact};
    writ_arena_reset(&scratch);
    counted = (struct cost){0};
    const struct writ_verdict verdict = writ_verify(&scratch, &chain.verifier, &presentation,
                                                    writ_slice_text(chain.tool),
                                                    writ_slice_text(chain.args));
    spent = counted;
    return verdict;
}

static void setup(void)
{
    setup_chain();
    start_over(4);
    writ_arena_init(&lasting, 0);
    writ_arena_init(&scratch, 0);
    forge_seal(&chain);
}

static void finish(void)
{
    writ_known_done(chain.verifier.known);
    writ_arena_done(&lasting);
    writ_arena_done(&scratch);
    teardown();
}

/* Judged until the arena has grown to what one verdict needs. */
static void know_the_chain(void)
{
    chain.verifier.known = writ_known_new(&lasting, 16, (const uint8_t[16]){5});
    for (size_t i = 0; i < 3; i++)
        ck_assert(judge().permit);
}

START_TEST(a_cold_chain_costs_a_check_a_link_and_one_for_the_proof)
{
    ck_assert(judge().permit);
    ck_assert_uint_eq(spent.verifications, 5);
    ck_assert_uint_eq(spent.general_reads, 0);
}
END_TEST

START_TEST(a_known_chain_costs_the_check_of_its_proof)
{
    know_the_chain();
    ck_assert(judge().permit);
    ck_assert_uint_eq(spent.verifications, 1);
}
END_TEST

START_TEST(a_bad_proof_on_a_known_chain_costs_one_check)
{
    know_the_chain();
    chain.proof_signer = 0xff;
    forge_seal(&chain);
    ck_assert(!judge().permit);
    ck_assert_uint_eq(spent.verifications, 1);
}
END_TEST

START_TEST(a_known_chain_allocates_nothing_beyond_the_arena)
{
    know_the_chain();
    ck_assert(judge().permit);
    ck_assert_uint_eq(spent.allocations, 0);
    ck_assert_uint_eq(spent.general_reads, 0);
}
END_TEST

/* Neither its claims nor its authority nor its terms are read again. */
START_TEST(a_known_chain_takes_no_memory_of_the_arena)
{
    struct writ_token tokens[4];
    struct writ_denial unused;
    know_the_chain();
    writ_arena_reset(&scratch);
    ck_assert(
        writ_is_ok(writ_chain_verify(&scratch, &chain.verifier, chain.links, 4, tokens, &unused)));
    ck_assert(tokens[3].is_known);
    ck_assert_uint_eq(scratch.used, 0);
}
END_TEST

/* Step 2c has parsed it, and what step 3 needs beside that is what a root takes that comes alone.
 */
START_TEST(a_cold_link_is_parsed_once)
{
    struct writ_token token;
    struct writ_denial unused;
    struct writ_arena alone;
    writ_arena_init(&alone, 0);
    ck_assert(
        writ_is_ok(writ_root_verify(&alone, &chain.verifier, chain.links[0], &token, &unused)));
    writ_arena_reset(&scratch);
    ck_assert(
        writ_is_ok(writ_chain_verify(&scratch, &chain.verifier, chain.links, 1, &token, &unused)));
    /* The payload is decoded twice, as its frame is read again. */
    ck_assert_uint_lt(scratch.used, alone.used + chain.links[0].size);
    writ_arena_done(&alone);
}
END_TEST

START_TEST(a_cold_chain_allocates_nothing_beyond_the_arena)
{
    for (size_t i = 0; i < 3; i++)
        ck_assert(judge().permit);
    ck_assert_uint_eq(spent.allocations, 0);
}
END_TEST

START_TEST(a_forged_root_costs_one_check_an_anchor)
{
    chain.signer[0] = 0xff;
    forge_seal(&chain);
    ck_assert(!judge().permit);
    ck_assert_uint_eq(spent.verifications, 1);
}
END_TEST

Suite *suite_cost(void)
{
    TCase *tests = tcase_create("cost");
    tcase_add_checked_fixture(tests, setup, finish);
    tcase_add_test(tests, a_cold_chain_costs_a_check_a_link_and_one_for_the_proof);
    tcase_add_test(tests, a_known_chain_costs_the_check_of_its_proof);
    tcase_add_test(tests, a_bad_proof_on_a_known_chain_costs_one_check);
    tcase_add_test(tests, a_known_chain_allocates_nothing_beyond_the_arena);
    tcase_add_test(tests, a_known_chain_takes_no_memory_of_the_arena);
    tcase_add_test(tests, a_cold_link_is_parsed_once);
    tcase_add_test(tests, a_cold_chain_allocates_nothing_beyond_the_arena);
    tcase_add_test(tests, a_forged_root_costs_one_check_an_anchor);
    return suite_of("cost", tests);
}
