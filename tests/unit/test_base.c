#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/base64.h"
#include "base/base64url.h"
#include "base/crypto.h"
#include "base/status.h"
#include "suites.h"

START_TEST(arena_gives_zeroed_memory_up_to_its_limit)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 64);
    const uint8_t *bytes = writ_arena_alloc(&arena, 48);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < 48; i++)
        ck_assert_uint_eq(bytes[i], 0);
    ck_assert_ptr_null(writ_arena_alloc(&arena, 48));
    writ_arena_done(&arena);
    ck_assert_ptr_nonnull(writ_arena_alloc(&arena, 48));
    writ_arena_done(&arena);
    writ_arena_done(NULL);
}
END_TEST

START_TEST(arena_that_is_reset_gives_the_same_memory_again)
{
    enum { LARGE = 20000 };
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    writ_arena_reset(&arena);
    memset(writ_arena_alloc(&arena, 100), 1, 100);
    uint8_t *const large = writ_arena_alloc(&arena, LARGE);
    memset(large, 1, LARGE);
    writ_arena_reset(&arena);
    ck_assert_uint_eq(arena.used, 0);
    const uint8_t *const again = writ_arena_alloc(&arena, LARGE);
    ck_assert_ptr_eq(again, large);
    for (size_t i = 0; i < LARGE; i++)
        ck_assert_uint_eq(again[i], 0);
    writ_arena_done(&arena);
}
END_TEST

START_TEST(arena_refuses_a_product_that_overflows)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    ck_assert_ptr_null(writ_arena_array(&arena, SIZE_MAX / 2, 4));
    ck_assert_ptr_nonnull(writ_arena_array(&arena, 0, 4));
    writ_arena_done(&arena);
}
END_TEST

START_TEST(arena_text_is_a_terminated_copy)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    ck_assert_str_eq(writ_arena_text(&arena, writ_slice_of("abcdef", 3)), "abc");
    ck_assert_str_eq(writ_arena_printf(&arena, "%s-%d", "n", 7), "n-7");
    const struct writ_slice none = writ_arena_copy(&arena, WRIT_SLICE_NONE);
    ck_assert_ptr_nonnull(none.data);
    ck_assert_uint_eq(none.size, 0);
    writ_arena_done(&arena);
}
END_TEST

START_TEST(slices_order_by_bytes_and_then_by_size)
{
    ck_assert_int_lt(writ_slice_compare(writ_slice_text("a"), writ_slice_text("ab")), 0);
    ck_assert_int_gt(writ_slice_compare(writ_slice_text("\xff"), writ_slice_text("a")), 0);
    ck_assert_int_eq(writ_slice_compare(WRIT_SLICE_NONE, WRIT_SLICE_NONE), 0);
    ck_assert(writ_slice_equal(WRIT_SLICE_NONE, writ_slice_text("")));
    ck_assert(writ_slice_starts(writ_slice_text("/notes/a"), writ_slice_text("/notes")));
    ck_assert(!writ_slice_starts(writ_slice_text("/n"), writ_slice_text("/notes")));
}
END_TEST

START_TEST(base64url_writes_what_rfc_4648_says)
{
    static const char *const CASES[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"},
    };
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct writ_slice bytes = writ_slice_text(CASES[i][0]);
        struct writ_slice read;
        ck_assert_str_eq(writ_base64url_encode(&arena, bytes), CASES[i][1]);
        ck_assert(writ_is_ok(writ_base64url_decode(&arena, writ_slice_text(CASES[i][1]), &read)));
        ck_assert(writ_slice_equal(read, bytes));
    }
    writ_arena_done(&arena);
}
END_TEST

START_TEST(base64url_refuses_what_it_would_not_write)
{
    static const char *const CASES[] = {"Z",    "Zg==",   "Zh",  "Zm9",    "Zm+v",
                                        "Zm/v", "Zm9v\n", "Z g", "Zm9v.Zg"};
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct writ_slice read;
        ck_assert_msg(writ_base64url_decode(&arena, writ_slice_text(CASES[i]), &read).status ==
                          WRIT_MALFORMED,
                      "%s", CASES[i]);
    }
    writ_arena_done(&arena);
}
END_TEST

START_TEST(base64_is_padded_and_has_the_other_alphabet)
{
    static const char *const CASES[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"\xfb\xff", "+/8="},
        {"\xfb\xff\xbf", "+/+/"},
    };
    static const char *const BAD[] = {
        "Zg=", "Zg===", "Z===", "Zm9v=", "=", "-_8=", "Zm 9v", "Zh=="};
    struct writ_arena arena;
    struct writ_slice read;
    writ_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct writ_slice bytes = writ_slice_text(CASES[i][0]);
        const struct writ_slice text = writ_slice_text(CASES[i][1]);
        ck_assert_str_eq(writ_base64_encode(&arena, bytes), CASES[i][1]);
        ck_assert(writ_is_ok(writ_base64_decode(&arena, text, &read)));
        ck_assert(writ_slice_equal(read, bytes));
    }
    ck_assert(writ_is_ok(writ_base64_decode(&arena, WRIT_SLICE_LITERAL("Zg"), &read)));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        ck_assert_msg(writ_base64_decode(&arena, writ_slice_text(BAD[i]), &read).status ==
                          WRIT_MALFORMED,
                      "%s", BAD[i]);
    writ_arena_done(&arena);
}
END_TEST

START_TEST(base64url_of_exact_size_leaves_its_output_on_failure)
{
    uint8_t bytes[3] = {1, 2, 3};
    ck_assert(!writ_is_ok(writ_base64url_decode_exact(writ_slice_text("Zm8"), bytes, 3)));
    ck_assert(!writ_is_ok(writ_base64url_decode_exact(writ_slice_text("Zm9!"), bytes, 3)));
    ck_assert_mem_eq(bytes, ((uint8_t[]){1, 2, 3}), 3);
    ck_assert(writ_is_ok(writ_base64url_decode_exact(writ_slice_text("Zm9v"), bytes, 3)));
    ck_assert_mem_eq(bytes, "foo", 3);
}
END_TEST

START_TEST(every_status_has_one_code_that_reads_back)
{
    for (int i = 0; i < WRIT_STATUS_COUNT; i++) {
        const enum writ_status status = (enum writ_status)i;
        ck_assert_int_eq((int)writ_status_from_code(writ_status_code(status)), i);
        ck_assert_int_gt((int)strlen(writ_status_text(status)), 0);
        ck_assert_int_ge(writ_status_http(status), 200);
    }
    ck_assert_str_eq(writ_status_code((enum writ_status)9999), "internal");
    ck_assert_str_eq(writ_status_code((enum writ_status) - 1), "internal");
    ck_assert_int_eq(writ_status_from_code("no such code"), WRIT_STATUS_COUNT);
}
END_TEST

START_TEST(refuses_every_key_of_small_order_and_non_canonical_ones)
{
    static const char *const WEAK[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    for (size_t i = 0; i < sizeof WEAK / sizeof WEAK[0]; i++) {
        uint8_t key[32];
        for (size_t j = 0; j < sizeof key; j++) {
            const char digits[3] = {WEAK[i][2 * j], WEAK[i][2 * j + 1], '\0'};
            key[j] = (uint8_t)strtoul(digits, NULL, 16);
        }
        ck_assert_msg(writ_public_key_check(key).status == WRIT_WEAK_KEY, "%s", WEAK[i]);
    }
}
END_TEST

START_TEST(unseals_only_with_the_key_and_the_purpose)
{
    const struct writ_slice plain = WRIT_SLICE_LITERAL("a holder's seed");
    const struct writ_slice purpose = WRIT_SLICE_LITERAL("holder 7");
    uint8_t key[32] = {7};
    uint8_t sealed[64], opened[64];
    const struct writ_slice box = {sealed, plain.size + WRIT_SEAL_OVERHEAD};
    writ_seal(key, plain, purpose, sealed);
    ck_assert(writ_unseal(key, box, purpose, opened));
    ck_assert_mem_eq(opened, plain.data, plain.size);
    ck_assert(!writ_unseal(key, box, WRIT_SLICE_LITERAL("holder 8"), opened));
    ck_assert(!writ_unseal(key, writ_slice_of(sealed, 39), purpose, opened));
    key[0] = 8;
    ck_assert(!writ_unseal(key, box, purpose, opened));
}
END_TEST

Suite *suite_base(void)
{
    TCase *tests = tcase_create("base");
    tcase_add_test(tests, arena_gives_zeroed_memory_up_to_its_limit);
    tcase_add_test(tests, arena_that_is_reset_gives_the_same_memory_again);
    tcase_add_test(tests, arena_refuses_a_product_that_overflows);
    tcase_add_test(tests, arena_text_is_a_terminated_copy);
    tcase_add_test(tests, slices_order_by_bytes_and_then_by_size);
    tcase_add_test(tests, base64url_writes_what_rfc_4648_says);
    tcase_add_test(tests, base64url_refuses_what_it_would_not_write);
    tcase_add_test(tests, base64_is_padded_and_has_the_other_alphabet);
    tcase_add_test(tests, base64url_of_exact_size_leaves_its_output_on_failure);
    tcase_add_test(tests, every_status_has_one_code_that_reads_back);
    tcase_add_test(tests, refuses_every_key_of_small_order_and_non_canonical_ones);
    tcase_add_test(tests, unseals_only_with_the_key_and_the_purpose);
    return suite_of("base", tests);
}
