/*
 * The maps of one tool, in both profiles: all 450 that come of
 *
 *   path   absent, or required or optional, with a wildcard, <= 1, = 1, or in [1, "a"]
 *   Path   absent, or required or optional, with a wildcard or = 1; differs in case only
 *   to     absent, or required or optional, with a wildcard or = 1
 *   *      with and without; a map with nothing at all is the empty one, which is open
 *
 * against each other and against all calls with `path` absent, 0, 1, "a" or null; `Path` and `to`
 * absent or 1; and `other`, `PATH` and an argument that is really called "*" absent or 1.
 *
 * Then the names that our profile takes for one: every ordered pair of the spellings below.
 */
#include "domain_tools.h"
#include "suites.h"
#include "tally.h"

static struct domain_tools domain;

static void teardown(void)
{
    domain_tools_done(&domain);
}

#define TYPE(name) "\"constraint_type\":\"" name "\""
#define ANY TYPE("wildcard")
#define ONE TYPE("exact") ",\"value\":1"
#define AT_MOST_ONE TYPE("range") ",\"max\":1"
#define IN TYPE("one_of") ",\"values\":[1,\"a\"]"
#define OPTIONAL ",\"optional\":true"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* NULL: absent. */
static const char *const PATHS[] = {
    NULL, ANY, ANY OPTIONAL, AT_MOST_ONE, AT_MOST_ONE OPTIONAL, ONE, ONE OPTIONAL, IN, IN OPTIONAL};
static const char *const OTHERS[] = {NULL, ANY, ANY OPTIONAL, ONE, ONE OPTIONAL};
static const char *const STARS[] = {NULL, ANY};

/* The members so far, and one more where it has a value. */
static const char *with(const char *members, const char *name, const char *value)
{
    if (!value)
        return members;
    return writ_arena_printf(&domain.arena, "%s%s\"%s\":%s", members, members[0] ? "," : "", name,
                             value);
}

static const char *object(const char *members)
{
    return writ_arena_printf(&domain.arena, "{%s}", members);
}

static const char *with_constraint(const char *members, const char *name, const char *constraint)
{
    return with(members, name, constraint ? object(constraint) : NULL);
}

static void add_map(const char *members)
{
    domain_tools_add(&domain, writ_arena_printf(&domain.arena, "{\"t\":{%s}}", members));
}

static void add_maps(void)
{
    for (size_t path = 0; path < COUNT(PATHS); path++)
        for (size_t shadow = 0; shadow < COUNT(OTHERS); shadow++)
            for (size_t to = 0; to < COUNT(OTHERS); to++)
                for (size_t star = 0; star < COUNT(STARS); star++) {
                    const char *map = with_constraint("", "path", PATHS[path]);
                    map = with_constraint(map, "Path", OTHERS[shadow]);
                    map = with_constraint(map, "to", OTHERS[to]);
                    add_map(with_constraint(map, "*", STARS[star]));
                }
}

static void add_calls(void)
{
    static const char *const PATH_VALUES[] = {NULL, "0", "1", "\"a\"", "null"};
    static const char *const OTHER_VALUES[] = {NULL, "1"};
    static const char *const UNNAMED[] = {"other", "PATH", "*"};
    for (size_t path = 0; path < COUNT(PATH_VALUES); path++)
        for (size_t shadow = 0; shadow < COUNT(OTHER_VALUES); shadow++)
            for (size_t to = 0; to < COUNT(OTHER_VALUES); to++)
                for (size_t unnamed = 0; unnamed < 1U << COUNT(UNNAMED); unnamed++) {
                    const char *args = with("", "path", PATH_VALUES[path]);
                    args = with(args, "Path", OTHER_VALUES[shadow]);
                    args = with(args, "to", OTHER_VALUES[to]);
                    for (size_t i = 0; i < COUNT(UNNAMED); i++)
                        args = with(args, UNNAMED[i], unnamed >> i & 1 ? "1" : NULL);
                    domain_tools_add_call(&domain, "t", object(args));
                }
}

static void start(enum writ_profile profile)
{
    domain_tools_start(&domain, profile);
    add_calls();
    add_maps();
}

static const enum writ_profile PROFILES[] = {WRIT_PROFILE_AAT_02, WRIT_PROFILE_AAT_02_WRIT};

START_TEST(allows_exactly_the_calls_that_the_draft_allows)
{
    start(PROFILES[_i]);
    domain_tools_judge_calls(&domain);
}
END_TEST

START_TEST(narrows_exactly_as_the_draft_and_soundly)
{
    start(PROFILES[_i]);
    domain_tools_judge_pairs(&domain);
}
END_TEST

START_TEST(meets_in_the_widest_map_below_both)
{
    start(PROFILES[_i]);
    domain_tools_judge_meets(&domain);
}
END_TEST

START_TEST(meets_three_maps_in_any_grouping)
{
    start(PROFILES[_i]);
    domain_tools_judge_triples(&domain, scaled(7, 19));
}
END_TEST

/* ---- Names that differ only in case ---------------------------------------------------------- */

static const char *const NAMES[] = {
    "k",          "K",
    "\u212a",     "s",
    "S",          "\u017f",
    "i",          "I",
    "\u0130",     "\u0131",
    "\u00e4",     "\u00c4",
    "\u00f6",     "\u0430",
    "\u0410",     "a",
    "A",          "ab",
    "aB",         "Ab",
    "a\u00e4",    "A\u00c4",
    "\u00e4a",    "a?",
    "ask",        "A\u017f\u212a",
    "",           "\u01c4",
    "\u01c6",     "\U00010400",
    "\U00010428",
};

/* Equal by the folding of Unicode, simple or full, in upper case, or to a tool that speaks Turkish.
 */
static const char *const EQUAL[][2] = {
    {"k", "K"},
    {"k", "\u212a"},
    {"K", "\u212a"},
    {"s", "S"},
    {"s", "\u017f"},
    {"S", "\u017f"},
    {"i", "I"},
    {"i", "\u0130"},
    {"I", "\u0131"},
    {"\u00e4", "\u00c4"},
    {"\u0430", "\u0410"},
    {"a", "A"},
    {"ab", "aB"},
    {"ab", "Ab"},
    {"a\u00e4", "A\u00c4"},
    {"ask", "A\u017f\u212a"},
    {"\u01c4", "\u01c6"},
    {"\U00010400", "\U00010428"},
    {"ss", "\u00df"},
    {"SS", "\u1e9e"},
    {"fi", "\ufb01"},
    {"FFL", "\ufb04"},
    {"j\u030c", "\u01f0"},
};

static void start_names(enum writ_profile profile)
{
    domain_tools_start(&domain, profile);
    for (size_t i = 0; i < COUNT(NAMES); i++)
        domain_tools_add_call(&domain, "t", object(with("", NAMES[i], "1")));
    for (size_t i = 0; i < COUNT(NAMES); i++)
        add_map(with_constraint(with_constraint("", NAMES[i], AT_MOST_ONE OPTIONAL), "*", ANY));
}

START_TEST(takes_names_for_one_as_it_is_stated)
{
    start_names(PROFILES[_i]);
    domain_tools_judge_calls(&domain);
    domain_tools_judge_pairs(&domain);
    domain_tools_judge_meets(&domain);
}
END_TEST

static bool passes_beside(const char *named, const char *name)
{
    const struct writ_authority *authority = NULL;
    struct writ_denial denial = {0};
    const char *map = with_constraint(with_constraint("", named, ANY OPTIONAL), "*", ANY);
    const char *tools = writ_arena_printf(&domain.arena, "{\"t\":{%s}}", map);
    const char *args = object(with("", name, "1"));
    ck_assert(writ_is_ok(writ_authority_parse(&domain.arena, writ_slice_text(tools), domain.profile,
                                              &authority, &denial)));
    return writ_is_ok(writ_authority_check(&domain.arena, authority, domain.profile,
                                           writ_slice_text("t"), writ_slice_text(args), &denial));
}

START_TEST(lets_no_name_in_that_differs_from_a_named_one_only_in_case)
{
    domain_tools_start(&domain, WRIT_PROFILE_AAT_02_WRIT);
    for (size_t i = 0; i < COUNT(EQUAL); i++)
        if (passes_beside(EQUAL[i][0], EQUAL[i][1]) || passes_beside(EQUAL[i][1], EQUAL[i][0]))
            ck_abort_msg("%s, %s", EQUAL[i][0], EQUAL[i][1]);
    tally(2 * COUNT(EQUAL), "names that differ only in case");
}
END_TEST

Suite *suite_maps(void)
{
    TCase *tcase = tcase_create("all");
    const int profiles = (int)COUNT(PROFILES);
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_loop_test(tcase, allows_exactly_the_calls_that_the_draft_allows, 0, profiles);
    tcase_add_loop_test(tcase, narrows_exactly_as_the_draft_and_soundly, 0, profiles);
    tcase_add_loop_test(tcase, meets_in_the_widest_map_below_both, 0, profiles);
    tcase_add_loop_test(tcase, meets_three_maps_in_any_grouping, 0, profiles);
    tcase_add_loop_test(tcase, takes_names_for_one_as_it_is_stated, 0, profiles);
    tcase_add_test(tcase, lets_no_name_in_that_differs_from_a_named_one_only_in_case);
    return suite_of("maps", tcase);
}
