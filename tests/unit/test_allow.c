/* Step 6b: which calls an authority allows. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"

/* ---- Step 6b -------------------------------------------------------------------------------- */

static const struct {
    const char *authority;
    const char *tool;
    const char *args;
    enum writ_status status;
    const char *field;
} CALLS[] = {
    {"t", "t", "{}", WRIT_OK, ""},
    {"t", "t", "{\"x\":[1]}", WRIT_OK, ""},
    {"t", "T", "{}", WRIT_SCOPE_NOT_GRANTED, "tools.T"},
    {"", "t", "{}", WRIT_SCOPE_NOT_GRANTED, "tools.t"},
    {"t(a <= 5)", "t", "{\"a\":5}", WRIT_OK, ""},
    {"t(a <= 5)", "t", "{\"a\":6}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a <= 5)", "t", "{}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a <= 5)", "t", "{\"a\":null}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a? <= 5)", "t", "{}", WRIT_OK, ""},
    {"t(a? <= 5)", "t", "{\"a\":6}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.a"},
    {"t(a <= 5)", "t", "{\"a\":5,\"b\":1}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.b"},
    {"t(a <= 5, *)", "t", "{\"a\":5,\"b\":1}", WRIT_OK, ""},
    {"t(a any)", "t", "{\"a\":9007199254740993}", WRIT_NON_CANONICAL, "tools.t.a"},
    {"t", "t", "{\"a\":[{\"b\":1e400}]}", WRIT_NON_CANONICAL, "tools.t.a"},
    {"t(a any)", "t", "{\"*\":1,\"a\":1}", WRIT_ARGUMENT_NOT_GRANTED, "tools.t.*"},
    {"t(a any, *)", "t", "{\"*\":1,\"a\":1}", WRIT_OK, ""},
    {"t", "t", "[]", WRIT_MALFORMED, "tools.t"},
};

START_TEST(allows_calls_as_step_6b_says)
{
    for (size_t i = 0; i < COUNT(CALLS); i++) {
        const struct writ_authority *authority = authority_of(CALLS[i].authority);
        denial = (struct writ_denial){.step = ""};
        const struct writ_result result = writ_authority_check(
            &arena, authority, STRICT, writ_slice_text(CALLS[i].tool),
            writ_slice_text(CALLS[i].args), &denial);
        ck_assert_msg(result.status == CALLS[i].status, "%s: %s", CALLS[i].authority,
                      CALLS[i].args);
        ck_assert_str_eq(denial.field, CALLS[i].field);
        ck_assert_str_eq(denial.step, CALLS[i].status == WRIT_OK ? "" : "6b");
    }
}
END_TEST

START_TEST(tells_what_the_call_has_and_what_is_granted)
{
    ck_assert(!writ_is_ok(writ_authority_check(&arena, authority_of("q(rows <= 1000)"), OURS,
                                               writ_slice_text("q"),
                                               writ_slice_text("{\"rows\":5000}"), &denial)));
    ck_assert_str_eq(denial.detail, "call has rows = 5000; granted is rows <= 1000");
}
END_TEST

static const struct {
    const char *named;
    const char *given;
    bool shadows;
} SHADOWS[] = {
    {"path", "Path", true},
    {"path", "PATH", true},
    {"path", "paths", false},
    {"path", "pat", false},
    {"task", "tas\xe2\x84\xaa", true},   /* Kelvin sign */
    {"subject", "\xc5\xbfubject", true}, /* long s */
    {"id",
     "\xc4\xb0"
     "d",
     true},
    {"id",
     "\xc4\xb1"
     "d",
     true},
    {"n\xc3\xa4me", "N\xc3\x84ME", true},
    {"n\xc3\xa4me", "name", false},
    {"a_b", "a-b", false},
    {"ss", "\xc3\x9f", true}, /* sharp s, which is SS in upper case */
    {"STRASSE", "stra\xc3\x9f\x65", true},
    {"gro\xc3\x9f", "GROSS", true},
    {"fflag", "\xef\xac\x84\x61g", true}, /* a ligature of three letters */
    {"\xef\xac\x83", "ffi", true},
    {"\xef\xac\x83", "ff", false},
    {"\xe1\xbe\xb3", "\xce\x91\xce\x99", true}, /* one Greek letter, two in upper case */
    {"j\xcc\x8c", "\xc7\xb0", true},            /* j and a caron, j with caron */
    {"\xc3\x9f", "s", false},
};

START_TEST(refuses_the_shadow_of_a_named_argument_in_our_profile_only)
{
    for (size_t i = 0; i < COUNT(SHADOWS); i++) {
        const struct writ_authority *authority = authority_of(
            writ_arena_printf(&arena, "t(\"%s\"? = 1, *)", SHADOWS[i].named));
        struct writ_json *args = writ_json_new_object(&arena);
        writ_json_put_integer(&arena, args, SHADOWS[i].given, 7);
        const struct writ_slice tool = WRIT_SLICE_LITERAL("t");
        ck_assert_msg(writ_is_ok(writ_authority_allows(authority, OURS, tool, args, &denial)) !=
                          SHADOWS[i].shadows,
                      "%s", SHADOWS[i].given);
        ck_assert(writ_is_ok(writ_authority_allows(authority, STRICT, tool, args, &denial)));
    }
}
END_TEST

Suite *suite_allow(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, allows_calls_as_step_6b_says);
    tcase_add_test(tcase, tells_what_the_call_has_and_what_is_granted);
    tcase_add_test(tcase, refuses_the_shadow_of_a_named_argument_in_our_profile_only);
    return suite_of("allow", tcase);
}
