/* Effective terms one by one: what a fold makes of two sides, and what a decision reads in them. */
#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "token/sets.h"
#include "token/terms.h"

#define CLEARED "{\"clearance\":{\"confidentiality\":\"internal\"}"
#define WHOLE(approval, call_only, barred, budget)                                                 \
    "{\"approval\":" approval ",\"barred\":" barred ",\"budget\":" budget                          \
    ",\"call_only\":" call_only ",\"clearance\":{\"categories\":[],"                               \
    "\"confidentiality\":\"public\",\"integrity\":\"untrusted\"}}"
#define BARRED(agent, key, tool) "[{\"agent\":" agent ",\"key\":" key ",\"tool\":" tool "}]"

static struct writ_effective effective_of(const char *text)
{
    struct writ_effective effective;
    ck_assert_msg(writ_is_ok(writ_effective_read(&arena, parse(text), &effective)), "%s", text);
    return effective;
}

static enum writ_status fold(const struct writ_effective *parent, const char *said,
                             struct writ_effective *ret_effective)
{
    struct writ_terms terms;
    const struct writ_key key = forge_key(1);
    const struct writ_result read = writ_terms_read(&arena, parse(said), &terms, &denial);
    if (!writ_is_ok(read))
        return read.status;
    return writ_terms_fold(&arena, parent, &terms, NULL, writ_slice_text("reader"), &key,
                           ret_effective, &denial)
        .status;
}

/* The effective terms of `said` under a root that said `above`. */
static const char *folded(const char *above, const char *said)
{
    struct writ_effective parent, child;
    ck_assert_msg(fold(NULL, above, &parent) == WRIT_OK, "%s: %s", above, denial.detail);
    ck_assert_msg(fold(&parent, said, &child) == WRIT_OK, "%s: %s", said, denial.detail);
    return (const char *)writ_json_canonical(&arena, writ_effective_json(&arena, &child)).data;
}

#define USD(rest) "{\"limit\":\"20\"" rest ",\"unit\":\"usd\"}"
#define BUDGET(entries) "{\"budget\":[" entries "]}"

START_TEST(keeps_the_tighter_of_two_budgets)
{
    static const struct {
        const char *above, *said, *budget;
    } CASES[] = {
        {BUDGET(USD("")), "{}", "[" USD("") "]"},
        {BUDGET(USD(",\"per_call\":\"2\"")), "{}", "[" USD(",\"per_call\":\"2\"") "]"},
        {BUDGET(USD("")), BUDGET(USD(",\"per_call\":\"2\"")), "[" USD(",\"per_call\":\"2\"") "]"},
        {BUDGET(USD(",\"per_call\":\"2\"")), BUDGET(USD("")), "[" USD(",\"per_call\":\"2\"") "]"},
        {BUDGET(USD(",\"per_call\":\"2\"")), BUDGET(USD(",\"per_call\":\"1\"")),
         "[" USD(",\"per_call\":\"1\"") "]"},
        {"{}", BUDGET(USD("")), "[" USD("") "]"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct writ_effective wanted = effective_of(WHOLE("[]", "[]", "[]", "[]"));
        wanted.budget = parse(CASES[i].budget);
        ck_assert_str_eq(
            folded(CASES[i].above, CASES[i].said),
            (const char *)writ_json_canonical(&arena, writ_effective_json(&arena, &wanted)).data);
    }
}
END_TEST

START_TEST(names_the_member_that_was_loosened)
{
    static const struct {
        const char *above, *said, *field;
    } CASES[] = {
        {CLEARED "}", "{\"clearance\":{\"confidentiality\":\"restricted\"}}",
         "writ_terms.clearance"},
        {"{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"],\"quorum\":1}]}",
         "{\"approval\":[]}", "writ_terms.approval"},
        {BUDGET(USD("")), BUDGET("{\"limit\":\"21\",\"unit\":\"usd\"}"), "writ_terms.budget.limit"},
        {BUDGET(USD(",\"per_call\":\"2\"")), BUDGET(USD(",\"per_call\":\"3\"")),
         "writ_terms.budget.per_call"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct writ_effective parent, child;
        ck_assert_int_eq(fold(NULL, CASES[i].above, &parent), WRIT_OK);
        ck_assert_int_eq(fold(&parent, CASES[i].said, &child), WRIT_NOT_NARROWER);
        ck_assert_str_eq(denial.field, CASES[i].field);
    }
    struct writ_terms none = {0};
    struct writ_effective parent, child;
    const struct writ_key key = forge_key(1);
    ck_assert_int_eq(fold(NULL, "{\"call_only\":[\"t\"]}", &parent), WRIT_OK);
    ck_assert_int_eq(writ_terms_fold(&arena, &parent, &none, authority_of("t"),
                                     writ_slice_text("a"), &key, &child, &denial)
                         .status,
                     WRIT_NOT_NARROWER);
    ck_assert_str_eq(denial.field, "writ_terms.call_only");
}
END_TEST

START_TEST(names_the_clearance_that_is_none)
{
    struct writ_effective effective;
    ck_assert_int_eq(fold(NULL, "{\"clearance\":7}", &effective), WRIT_MALFORMED);
    ck_assert_str_eq(denial.field, "writ_terms.clearance");
}
END_TEST

START_TEST(drops_names_that_are_said_twice)
{
    struct writ_effective effective;
    ck_assert_int_eq(fold(NULL, "{\"call_only\":[\"a\",\"a\",\"b\",\"b\"]}", &effective), WRIT_OK);
    ck_assert_str_eq((const char *)writ_json_canonical(&arena, effective.call_only).data,
                     "[\"a\",\"b\"]");
    ck_assert_int_eq(fold(NULL, "{\"pass_only\":[\"a\",\"a\"]}", &effective), WRIT_OK);
    ck_assert_uint_eq(effective.barred->count, 1);
    ck_assert_int_eq(fold(NULL, "{\"pass_only\":[]}", &effective), WRIT_OK);
    ck_assert_uint_eq(effective.barred->count, 0);
}
END_TEST

/* {"MEMBER":[...]} of so many elements, each of them `format` with its number. */
static const char *list_of(const char *member, const char *before, const char *after, int from,
                           int count)
{
    const char *text = writ_arena_printf(&arena, "{\"%s\":[", member);
    for (int i = from; i < from + count; i++)
        text = writ_arena_printf(&arena, "%s%s%sn%d%s", text, i > from ? "," : "", before, i,
                                 after);
    return writ_arena_printf(&arena, "%s]}", text);
}

START_TEST(bounds_each_member_and_what_it_grows_to)
{
    static const struct {
        const char *member, *before, *after;
        bool grows;
    } MEMBERS[] = {
        {"call_only", "\"", "\"", true},
        {"pass_only", "\"", "\"", true},
        {"budget", "{\"unit\":\"", "\",\"limit\":\"1\"}", true},
        {"approval", "{\"quorum\":1,\"approvers\":[\"b\"],\"tools\":[\"", "\"]}", false},
    };
    for (size_t i = 0; i < COUNT(MEMBERS); i++) {
        struct writ_effective parent, child;
        const char *before = MEMBERS[i].before, *after = MEMBERS[i].after;
        ck_assert_int_eq(fold(NULL, list_of(MEMBERS[i].member, before, after, 0, 257), &parent),
                         WRIT_MALFORMED);
        ck_assert_str_eq(denial.field,
                         writ_arena_printf(&arena, "writ_terms.%s", MEMBERS[i].member));
        ck_assert_int_eq(fold(NULL, list_of(MEMBERS[i].member, before, after, 0, 256), &parent),
                         WRIT_OK);
        if (!MEMBERS[i].grows)
            continue;
        ck_assert_int_eq(fold(&parent, "{}", &child), WRIT_OK);
        ck_assert_int_eq(fold(&parent, list_of(MEMBERS[i].member, before, after, 256, 1), &child),
                         WRIT_MALFORMED);
        ck_assert_str_eq(denial.field, "writ_terms");
    }
    struct writ_label label;
    ck_assert(writ_is_ok(
        writ_label_read(&arena, parse(list_of("categories", "\"", "\"", 0, 256)), &label)));
    ck_assert(!writ_is_ok(
        writ_label_read(&arena, parse(list_of("categories", "\"", "\"", 0, 257)), &label)));
}
END_TEST

START_TEST(bounds_a_quorum)
{
    static const struct {
        const char *quorum;
        enum writ_status status;
    } CASES[] = {
        {"0", WRIT_MALFORMED},
        {"1", WRIT_OK},
        {"999999999", WRIT_OK},
        {"1000000000", WRIT_MALFORMED},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct writ_effective effective;
        ck_assert_int_eq(
            fold(NULL,
                 writ_arena_printf(&arena,
                                   "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"],"
                                   "\"quorum\":%s}]}",
                                   CASES[i].quorum),
                 &effective),
            CASES[i].status);
    }
}
END_TEST

START_TEST(tells_budgets_apart_by_unit_tool_and_argument)
{
    static const char *const KEYS[] = {
        "\"unit\":\"u\"",
        "\"unit\":\"v\"",
        "\"unit\":\"u\",\"tool\":\"t\"",
        "\"unit\":\"u\",\"tool\":\"s\"",
        "\"unit\":\"u\",\"argument\":\"t\"",
        "\"unit\":\"u\",\"argument\":\"s\"",
        "\"unit\":\"u\",\"tool\":\"t\",\"argument\":\"t\"",
        "\"unit\":\"u\",\"tool\":\"t\",\"argument\":\"s\"",
    };
    for (size_t i = 0; i < COUNT(KEYS); i++)
        for (size_t k = 0; k < COUNT(KEYS); k++) {
            struct writ_effective effective;
            const char *both = writ_arena_printf(
                &arena, "{\"budget\":[{%s,\"limit\":\"1\"},{%s,\"limit\":\"1\"}]}", KEYS[i],
                KEYS[k]);
            ck_assert_msg((fold(NULL, both, &effective) == WRIT_OK) == (i != k), "%s", both);
        }
}
END_TEST

START_TEST(refuses_bars_that_are_not_whole)
{
    static const char *const BAD[] = {
        "{}",
        "null",
        "[7]",
        "[[]]",
        BARRED("1", "\"k\"", "\"t\""),
        BARRED("\"a\"", "1", "\"t\""),
        BARRED("\"a\"", "\"k\"", "1"),
        "[{\"key\":\"k\",\"tool\":\"t\"}]",
        "[{\"agent\":\"a\",\"tool\":\"t\"}]",
        "[{\"agent\":\"a\",\"key\":\"k\"}]",
        "[{\"agent\":\"a\",\"key\":\"k\",\"tool\":\"t\",\"until\":1}]",
    };
    effective_of(WHOLE("[]", "[]", BARRED("\"a\"", "\"k\"", "\"t\""), "[]"));
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct writ_effective effective;
        const char *text = writ_arena_printf(
            &arena,
            "{\"clearance\":{},\"approval\":[],\"call_only\":[],\"barred\":%s,\"budget\":[]}",
            BAD[i]);
        ck_assert_msg(writ_effective_read(&arena, parse(text), &effective).status == WRIT_MALFORMED,
                      "%s", text);
    }
}
END_TEST

static enum writ_status may_call(const struct writ_effective *effective, const char *tool,
                                 const char *agent, uint8_t seed)
{
    const struct writ_key key = forge_key(seed);
    return writ_effective_may_call(effective, writ_slice_text(tool), writ_slice_text(agent), &key,
                                   &denial)
        .status;
}

START_TEST(bars_the_agent_and_the_key_of_a_bar)
{
    struct writ_effective effective;
    ck_assert_int_eq(fold(NULL, "{\"pass_only\":[\"t\"]}", &effective), WRIT_OK);
    ck_assert_int_eq(may_call(&effective, "t", "reader", 2), WRIT_SCOPE_NOT_GRANTED);
    ck_assert_str_eq(denial.field, "writ_terms.pass_only");
    ck_assert_int_eq(may_call(&effective, "t", "writer", 1), WRIT_SCOPE_NOT_GRANTED);
    ck_assert_int_eq(may_call(&effective, "t", "writer", 2), WRIT_OK);
    ck_assert_int_eq(may_call(&effective, "u", "reader", 1), WRIT_OK);
    /* No further than the bars that are there; and without any fold, nothing is allowed. */
    struct writ_json bars[] = {*parse("{\"agent\":\"x\",\"key\":\"y\",\"tool\":\"t\"}"),
                               effective.barred->items[0]};
    const struct writ_json one = {.type = WRIT_JSON_ARRAY, .count = 1, .items = bars};
    effective.barred = &one;
    ck_assert_int_eq(may_call(&effective, "t", "reader", 1), WRIT_OK);
    effective.barred = NULL;
    ck_assert_int_eq(may_call(&effective, "t", "reader", 1), WRIT_INTERNAL);
}
END_TEST

START_TEST(passes_on_what_is_not_call_only)
{
    const struct writ_effective effective = effective_of(WHOLE("[]", "[\"t\",\"s\"]", "[]", "[]"));
    const struct writ_authority *passable = NULL;
    ck_assert(writ_is_ok(
        writ_effective_passable(&arena, &effective, authority_of("s, t, u, v(x any)"), &passable)));
    ck_assert_str_eq((const char *)writ_authority_notation(&arena, passable).data, "u, v(x any)");
}
END_TEST

START_TEST(finds_the_approvals_of_a_tool)
{
#define RULE(tools) "{\"approvers\":[\"b\"],\"quorum\":1,\"tools\":[" tools "]}"
    const struct writ_effective effective = effective_of(
        WHOLE("[" RULE("\"a\"") "," RULE("\"b\",\"a\"") "," RULE("\"c\"") "]", "[]", "[]", "[]"));
    static const struct {
        const char *tool, *rules;
    } CASES[] = {
        {"a", "[" RULE("\"a\"") "," RULE("\"b\",\"a\"") "]"},
        {"c", "[" RULE("\"c\"") "]"},
        {"d", "[]"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++)
        ck_assert_str_eq((const char *)writ_json_canonical(
                             &arena, writ_effective_approvals(&arena, &effective,
                                                              writ_slice_text(CASES[i].tool)))
                             .data,
                         CASES[i].rules);
}
END_TEST

START_TEST(writes_a_label_without_categories)
{
    const struct writ_label label = {.confidentiality = WRIT_LABEL_PUBLIC};
    ck_assert_str_eq(
        (const char *)writ_json_canonical(&arena, writ_label_json(&arena, &label)).data,
        "{\"categories\":[],\"confidentiality\":\"public\",\"integrity\":\"trusted\"}");
}
END_TEST

/* Sets are arrays that end where they say. */
START_TEST(looks_no_further_than_a_set_goes)
{
    struct writ_json names[] = {*parse("\"a\""), *parse("\"b\"")};
    const struct writ_json set = {.type = WRIT_JSON_ARRAY, .count = 1, .items = names};
    ck_assert(writ_array_has(&set, &names[0]) && !writ_array_has(&set, &names[1]));
    ck_assert(writ_names_have(&set, writ_slice_text("a")));
    ck_assert(!writ_names_have(&set, writ_slice_text("b")));
    struct writ_json accounts[] = {*parse("{\"unit\":\"u\"}"), *parse("{\"unit\":\"v\"}")};
    const struct writ_json budget = {.type = WRIT_JSON_ARRAY, .count = 1, .items = accounts};
    ck_assert(writ_budget_find(&budget, &accounts[0]) == &accounts[0]);
    ck_assert_ptr_null(writ_budget_find(&budget, &accounts[1]));
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

/* The copy of terms of which one member is large: it is whole, or memory has ended. */
static void copy_of(const struct writ_effective *effective, const char *text)
{
    enum writ_status status = WRIT_OUT_OF_MEMORY;
    for (size_t limit = 16; status != WRIT_OK; limit += 16) {
        struct writ_arena small;
        struct writ_effective copy;
        writ_arena_init(&small, limit);
        status = writ_effective_copy(&small, effective, &copy).status;
        ck_assert(status == WRIT_OUT_OF_MEMORY || status == WRIT_OK);
        if (status == WRIT_OK) {
            const struct writ_json *json = writ_effective_json(&arena, &copy);
            ck_assert_ptr_nonnull(json);
            ck_assert_str_eq((const char *)writ_json_canonical(&arena, json).data, text);
            ck_assert_ptr_ne(copy.budget, effective->budget);
        }
        writ_arena_done(&small);
    }
}

START_TEST(copies_terms_whole_or_says_out_of_memory)
{
    struct writ_json *large = writ_json_new_array(&arena);
    for (int i = 0; i < 64; i++)
        writ_json_add(&arena, large, parse("\"a name\""));
    struct writ_effective effective = {
        .clearance = {WRIT_LABEL_RESTRICTED, WRIT_LABEL_UNTRUSTED, &writ_empty_array},
        .approval = &writ_empty_array,
        .call_only = &writ_empty_array,
        .barred = &writ_empty_array,
        .budget = &writ_empty_array,
    };
    const struct writ_json **members[] = {&effective.clearance.categories, &effective.approval,
                                          &effective.call_only, &effective.barred,
                                          &effective.budget};
    for (size_t i = 0; i < COUNT(members); i++) {
        *members[i] = large;
        const struct writ_json *json = writ_effective_json(&arena, &effective);
        copy_of(&effective, (const char *)writ_json_canonical(&arena, json).data);
        *members[i] = &writ_empty_array;
    }
}
END_TEST

Suite *suite_effective(void)
{
    TCase *tests = tcase_create("effective");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, keeps_the_tighter_of_two_budgets);
    tcase_add_test(tests, names_the_member_that_was_loosened);
    tcase_add_test(tests, names_the_clearance_that_is_none);
    tcase_add_test(tests, drops_names_that_are_said_twice);
    tcase_add_test(tests, bounds_each_member_and_what_it_grows_to);
    tcase_add_test(tests, bounds_a_quorum);
    tcase_add_test(tests, tells_budgets_apart_by_unit_tool_and_argument);
    tcase_add_test(tests, refuses_bars_that_are_not_whole);
    tcase_add_test(tests, bars_the_agent_and_the_key_of_a_bar);
    tcase_add_test(tests, passes_on_what_is_not_call_only);
    tcase_add_test(tests, finds_the_approvals_of_a_tool);
    tcase_add_test(tests, writes_a_label_without_categories);
    tcase_add_test(tests, looks_no_further_than_a_set_goes);
    tcase_add_test(tests, nobody_may_call_on_terms_that_were_never_folded);
    tcase_add_test(tests, copies_terms_whole_or_says_out_of_memory);
    return suite_of("effective", tests);
}
