/* Effective terms where a decision asks them: what may be passed on, and who may not call. */
#include "fixture.h"
#include "suites.h"
#include "token/terms.h"

static struct writ_effective effective_of(const char *json)
{
    struct writ_effective effective;
    ck_assert_msg(writ_is_ok(writ_effective_read(&arena, parse(json), &effective)), "%s", json);
    return effective;
}

#define EFFECTIVE(call_only, barred)                                                               \
    "{\"approval\":[],\"budget\":[],\"clearance\":{},\"call_only\":" call_only                     \
    ",\"barred\":" barred "}"

static const char *passable_of(const struct writ_effective *effective, const char *notation)
{
    const struct writ_authority *passable = NULL;
    ck_assert(
        writ_is_ok(writ_effective_passable(&arena, effective, authority_of(notation), &passable)));
    return (const char *)writ_authority_notation(&arena, passable).data;
}

START_TEST(passes_on_all_but_what_is_call_only)
{
    const struct writ_effective some = effective_of(EFFECTIVE("[\"a\",\"c\"]", "[]"));
    const struct writ_effective none = effective_of(EFFECTIVE("[]", "[]"));
    ck_assert_str_eq(passable_of(&some, "a, b(x any), c, d"), "b(x any), d");
    ck_assert_str_eq(passable_of(&some, "a, c"), "");
    ck_assert_str_eq(passable_of(&some, ""), "");
    ck_assert_str_eq(passable_of(&none, "a, b(x any)"), "a, b(x any)");
}
END_TEST

/* Or a child could name the shadow of an argument below it, as the strict profile has it. */
START_TEST(what_is_passed_on_keeps_its_profile)
{
    const struct writ_effective none = effective_of(EFFECTIVE("[]", "[]"));
    const struct writ_authority *passable = NULL;
    ck_assert(writ_is_ok(writ_effective_passable(
        &arena, &none, authority_of("t(path under /notes, *)"), &passable)));
    ck_assert_int_eq(passable->profile, OURS);
    ck_assert_int_eq(writ_authority_compare(&arena, passable,
                                            authority_of("t(path under /notes, Path any)"), &denial)
                         .status,
                     WRIT_NOT_NARROWER);
}
END_TEST

START_TEST(refuses_bars_that_name_nobody)
{
    static const char *const BAD[] = {
        "{}",
        "[7]",
        "[{\"agent\":\"a\",\"key\":\"k\"}]",
        "[{\"agent\":\"a\",\"tool\":\"t\"}]",
        "[{\"key\":\"k\",\"tool\":\"t\"}]",
        "[{\"agent\":7,\"key\":\"k\",\"tool\":\"t\"}]",
        "[{\"agent\":\"a\",\"key\":null,\"tool\":\"t\"}]",
        "[{\"agent\":\"a\",\"key\":\"k\",\"tool\":[]}]",
        "[{\"agent\":\"a\",\"key\":\"k\",\"tool\":\"t\",\"more\":1}]",
    };
    struct writ_effective effective;
    for (size_t i = 0; i < COUNT(BAD); i++) {
        const char *json = writ_arena_printf(&arena, EFFECTIVE("[]", "%s"), BAD[i]);
        ck_assert_msg(writ_effective_read(&arena, parse(json), &effective).status == WRIT_MALFORMED,
                      "%s", json);
    }
}
END_TEST

START_TEST(bars_an_agent_and_a_key_from_one_tool)
{
    const struct writ_key key = forge_key(1), other = forge_key(2);
    char thumbprint[44];
    writ_key_thumbprint(&key, thumbprint);
    const struct writ_effective effective = effective_of(writ_arena_printf(
        &arena, EFFECTIVE("[]", "[{\"agent\":\"a\",\"key\":\"%s\",\"tool\":\"t\"}]"), thumbprint));
    const struct {
        const char *tool, *agent;
        const struct writ_key *key;
        enum writ_status status;
    } cases[] = {
        {"t", "a", &key, WRIT_SCOPE_NOT_GRANTED},
        {"t", "a", &other, WRIT_SCOPE_NOT_GRANTED},
        {"t", "b", &key, WRIT_SCOPE_NOT_GRANTED},
        {"t", "b", &other, WRIT_OK},
        {"T", "a", &key, WRIT_OK},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_int_eq(writ_effective_may_call(&effective, writ_slice_text(cases[i].tool),
                                                 writ_slice_text(cases[i].agent), cases[i].key,
                                                 &denial)
                             .status,
                         cases[i].status);
}
END_TEST

START_TEST(nobody_may_call_on_terms_that_were_never_folded)
{
    const struct writ_effective unset = {.barred = NULL};
    const struct writ_key key = forge_key(1);
    ck_assert_int_eq(
        writ_effective_may_call(&unset, writ_slice_text("t"), writ_slice_text("a"), &key, &denial)
            .status,
        WRIT_INTERNAL);
}
END_TEST

Suite *suite_effective(void)
{
    TCase *tests = tcase_create("effective terms");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, passes_on_all_but_what_is_call_only);
    tcase_add_test(tests, what_is_passed_on_keeps_its_profile);
    tcase_add_test(tests, refuses_bars_that_name_nobody);
    tcase_add_test(tests, bars_an_agent_and_a_key_from_one_tool);
    tcase_add_test(tests, nobody_may_call_on_terms_that_were_never_folded);
    return suite_of("effective", tests);
}
