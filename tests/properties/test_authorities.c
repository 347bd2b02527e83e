/*
 * Whole authorities, in our profile: all 343 with three tools, each absent or with one of six maps
 * (the empty one; a required range; the same optional; an optional value; a value and "*"; two
 * arguments), against each other and against every call of those tools and of one that nobody has,
 * with x absent, 0, 1, 2 or a text, y absent or 1, and z, which no map names, absent or 1.
 */
#include "domain_tools.h"
#include "suites.h"
#include "tally.h"

static struct domain_tools domain;

static void teardown(void)
{
    domain_tools_done(&domain);
}

#define TYPE(name) "{\"constraint_type\":\"" name "\""
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* NULL: the tool is absent. */
static const char *const MAPS[] = {
    NULL,
    "{}",
    "{\"x\":" TYPE("range") ",\"max\":1}}",
    "{\"x\":" TYPE("range") ",\"max\":1,\"optional\":true}}",
    "{\"x\":" TYPE("exact") ",\"value\":1,\"optional\":true}}",
    "{\"x\":" TYPE("exact") ",\"value\":1},\"*\":" TYPE("wildcard") "}}",
    "{\"x\":" TYPE("exact") ",\"value\":1},\"y\":" TYPE("wildcard") ",\"optional\":true}}",
};
static const char *const TOOLS[] = {"a", "b", "https://tools.test/c?x=1"};

static void add_authority(size_t choice)
{
    const char *text = "";
    for (size_t i = 0; i < COUNT(TOOLS); i++, choice /= COUNT(MAPS)) {
        const char *map = MAPS[choice % COUNT(MAPS)];
        if (map)
            text = writ_arena_printf(&domain.arena, "%s%s\"%s\":%s", text, text[0] ? "," : "",
                                     TOOLS[i], map);
    }
    domain_tools_add(&domain, writ_arena_printf(&domain.arena, "{%s}", text));
}

static void add_calls(const char *tool)
{
    static const char *const X[] = {"", "\"x\":0", "\"x\":1", "\"x\":2", "\"x\":\"1\""};
    static const char *const Y[] = {"", "\"y\":1"};
    static const char *const Z[] = {"", "\"z\":1"};
    for (size_t x = 0; x < COUNT(X); x++)
        for (size_t y = 0; y < COUNT(Y); y++)
            for (size_t z = 0; z < COUNT(Z); z++) {
                const char *first = x > 0 && y > 0 ? "," : "";
                const char *second = (x > 0 || y > 0) && z > 0 ? "," : "";
                domain_tools_add_call(&domain, tool,
                                      writ_arena_printf(&domain.arena, "{%s%s%s%s%s}", X[x], first,
                                                        Y[y], second, Z[z]));
            }
}

static void start(void)
{
    domain_tools_start(&domain, WRIT_PROFILE_AAT_02_WRIT);
    for (size_t i = 0; i < COUNT(TOOLS); i++)
        add_calls(TOOLS[i]);
    add_calls("A");
    for (size_t choice = 0; choice < COUNT(MAPS) * COUNT(MAPS) * COUNT(MAPS); choice++)
        add_authority(choice);
}

START_TEST(allows_exactly_the_calls_that_the_draft_allows)
{
    start();
    domain_tools_judge_calls(&domain);
}
END_TEST

START_TEST(narrows_exactly_as_the_draft_and_soundly)
{
    start();
    domain_tools_judge_pairs(&domain);
}
END_TEST

START_TEST(meets_in_the_widest_authority_below_both)
{
    start();
    domain_tools_judge_meets(&domain);
}
END_TEST

START_TEST(meets_three_authorities_in_any_grouping)
{
    start();
    domain_tools_judge_triples(&domain, scaled(5, 16));
}
END_TEST

Suite *suite_authorities(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 300);
    tcase_add_checked_fixture(tcase, NULL, teardown);
    tcase_add_test(tcase, allows_exactly_the_calls_that_the_draft_allows);
    tcase_add_test(tcase, narrows_exactly_as_the_draft_and_soundly);
    tcase_add_test(tcase, meets_in_the_widest_authority_below_both);
    tcase_add_test(tcase, meets_three_authorities_in_any_grouping);
    return suite_of("authorities", tcase);
}
