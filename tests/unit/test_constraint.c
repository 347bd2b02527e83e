/* Section 3.4 of AAT-02: which constraints are well-formed, and which values pass them. */
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "generate.h"
#include "suites.h"

static enum writ_status parse_status(const char *text, enum writ_profile profile, bool top)
{
    struct writ_constraint constraint;
    return writ_constraint_parse(&arena, parse(text), profile, WRIT_CONSTRAINT_DEPTH_MAX, top,
                                 &constraint)
        .status;
}

static bool passes(const char *constraint, const char *value)
{
    const struct writ_constraint rule = constraint_of(constraint);
    return writ_constraint_check(&rule, parse(value));
}

/* ---- Well-formedness ------------------------------------------------------------------------ */

#define TYPE(name) "{\"constraint_type\":\"" name "\""

static const struct {
    const char *text;
    enum writ_status status;
} FORMS[] = {
    {TYPE("exact") ",\"value\":1}", WRIT_OK},
    {TYPE("exact") ",\"value\":null}", WRIT_OK},
    {TYPE("exact") ",\"value\":false,\"optional\":true}", WRIT_OK},
    {TYPE("exact") ",\"value\":\"\",\"optional\":false}", WRIT_OK},
    {TYPE("exact") "}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("exact") ",\"value\":[]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("exact") ",\"value\":{}}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("exact") ",\"value\":1,\"values\":[1]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("exact") ",\"value\":1,\"optional\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("exact") ",\"value\":1,\"optional\":\"true\"}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("exact") ",\"value\":9007199254740993}", WRIT_NON_CANONICAL},
    {TYPE("exact") ",\"value\":9007199254740994}", WRIT_OK},
    {TYPE("exact") ",\"value\":1.00000000000000001}", WRIT_NON_CANONICAL},
    {TYPE("exact") ",\"value\":1e400}", WRIT_NON_CANONICAL},
    {TYPE("exact") ",\"value\":1.0}", WRIT_OK},
    {TYPE("range") "}", WRIT_OK},
    {TYPE("range") ",\"min\":1}", WRIT_OK},
    {TYPE("range") ",\"min\":1,\"max\":1,\"max_inclusive\":false}", WRIT_OK},
    {TYPE("range") ",\"min\":2,\"max\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"min\":\"1\"}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"min\":null}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"min_inclusive\":true}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"max\":1,\"min_inclusive\":true}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"min\":1,\"max_inclusive\":true}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"min\":1,\"min_inclusive\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"min\":1,\"step\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("range") ",\"max\":9007199254740993}", WRIT_NON_CANONICAL},
    {TYPE("one_of") ",\"values\":[1,\"a\",[1],{\"a\":1}]}", WRIT_OK},
    {TYPE("one_of") ",\"values\":[]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("one_of") ",\"values\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("one_of") "}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("one_of") ",\"values\":[1,[{\"a\":9007199254740993}]]}", WRIT_NON_CANONICAL},
    {TYPE("not_one_of") ",\"excluded\":[]}", WRIT_OK},
    {TYPE("not_one_of") ",\"values\":[1]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("contains") ",\"required\":[]}", WRIT_OK},
    {TYPE("contains") ",\"required\":\"a\"}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("subset") ",\"allowed\":[]}", WRIT_OK},
    {TYPE("subset") ",\"allowed\":{}}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("wildcard") "}", WRIT_OK},
    {TYPE("wildcard") ",\"value\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("all") ",\"constraints\":[" TYPE("wildcard") "}]}", WRIT_OK},
    {TYPE("all") ",\"constraints\":[]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("any") ",\"constraints\":[]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("any") ",\"constraints\":{}}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("any") ",\"constraints\":[1]}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("any") ",\"constraints\":[" TYPE("wildcard") ",\"optional\":true}]}",
     WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("any") ",\"constraints\":[" TYPE("wildcard") ",\"optional\":false}]}",
     WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("all") ",\"constraints\":[" TYPE("regex") ",\"pattern\":\".\"}]}",
     WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("path_containment") ",\"root\":\"/a/b\"}", WRIT_OK},
    {TYPE("path_containment") ",\"root\":\"/a/\"}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("path_containment") ",\"root\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("path_containment") "}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("regex") "}", WRIT_UNKNOWN_CONSTRAINT},
    {TYPE("Exact") ",\"value\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {"{\"constraint_type\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {"{\"value\":1}", WRIT_UNKNOWN_CONSTRAINT},
    {"[]", WRIT_UNKNOWN_CONSTRAINT},
    {"null", WRIT_UNKNOWN_CONSTRAINT},
};

START_TEST(accepts_exactly_what_section_3_4_calls_well_formed)
{
    for (size_t i = 0; i < COUNT(FORMS); i++)
        ck_assert_msg(parse_status(FORMS[i].text, WRIT_PROFILE_AAT_02_WRIT, true) ==
                          FORMS[i].status,
                      "%s", FORMS[i].text);
}
END_TEST

START_TEST(does_not_know_path_containment_under_the_strict_profile)
{
    const char *text = TYPE("path_containment") ",\"root\":\"/a\"}";
    ck_assert_int_eq(parse_status(text, WRIT_PROFILE_AAT_02, true), WRIT_UNKNOWN_CONSTRAINT);
    ck_assert_int_eq(parse_status(TYPE("exact") ",\"value\":1}", WRIT_PROFILE_AAT_02, true),
                     WRIT_OK);
}
END_TEST

START_TEST(refuses_optional_below_the_top)
{
    ck_assert_int_eq(
        parse_status(TYPE("wildcard") ",\"optional\":true}", WRIT_PROFILE_AAT_02, false),
        WRIT_UNKNOWN_CONSTRAINT);
}
END_TEST

/* `depth` counts as the draft does: a leaf is 1. */
static struct writ_json *nested(int depth)
{
    struct writ_json *node = writ_json_new_object(&arena);
    writ_json_put_string(&arena, node, "constraint_type", depth == 1 ? "wildcard" : "any");
    if (depth > 1)
        writ_json_add(&arena, writ_json_put_array(&arena, node, "constraints"), nested(depth - 1));
    return node;
}

START_TEST(counts_depth_from_the_leaf)
{
    struct writ_constraint constraint;
    for (int limit = 1; limit <= WRIT_CONSTRAINT_DEPTH_MAX; limit++)
        for (int depth = 1; depth <= limit + 1; depth++)
            ck_assert_int_eq(writ_constraint_parse(&arena, nested(depth), WRIT_PROFILE_AAT_02,
                                                   limit, true, &constraint)
                                 .status,
                             depth <= limit ? WRIT_OK : WRIT_UNKNOWN_CONSTRAINT);
}
END_TEST

START_TEST(leaves_its_output_alone_when_it_refuses)
{
    struct writ_constraint constraint = {.clause_count = 77};
    const struct writ_result result = writ_constraint_parse(
        &arena, parse(TYPE("one_of") ",\"values\":[]}"), WRIT_PROFILE_AAT_02, 32, true,
        &constraint);
    ck_assert(!writ_is_ok(result));
    ck_assert_uint_eq(constraint.clause_count, 77);
}
END_TEST

START_TEST(writes_what_it_read)
{
    struct generate generate;
    for (uint64_t seed = 0; seed < 5000; seed++) {
        struct writ_arena scratch;
        writ_arena_init(&scratch, 0);
        ck_assert(generate_start(&generate, &scratch, seed));
        struct writ_constraint first, second;
        ck_assert(writ_is_ok(writ_constraint_parse(&scratch, generate_constraint(&generate, 4),
                                                   WRIT_PROFILE_AAT_02_WRIT, 32, true, &first)));
        const struct writ_json *node = writ_constraint_json(&scratch, &first);
        ck_assert(writ_is_ok(
            writ_constraint_parse(&scratch, node, WRIT_PROFILE_AAT_02_WRIT, 32, true, &second)));
        ck_assert(writ_slice_equal(
            writ_json_canonical(&scratch, node),
            writ_json_canonical(&scratch, writ_constraint_json(&scratch, &second))));
        writ_arena_done(&scratch);
    }
}
END_TEST

/* ---- Check ---------------------------------------------------------------------------------- */

static const struct {
    const char *constraint;
    const char *value;
    bool passes;
} CHECKS[] = {
    {"= 1", "1", true},
    {"= 1", "1.0", true},
    {"= 1", "10e-1", true},
    {"= 0", "-0", true},
    {"= 1", "\"1\"", false},
    {"= \"1\"", "1", false},
    {"= true", "true", true},
    {"= true", "1", false},
    {"= null", "null", true},
    {"= null", "false", false},
    {"= a", "\"a\"", true},
    {"= a", "\"A\"", false},
    {"= a", "\"\\u0061\"", true},
    {"= \"\xc3\xa9\"", "\"e\xcc\x81\"", false},
    {"<= 5", "5", true},
    {"< 5", "5", false},
    {"< 5", "4.999", true},
    {">= 5", "5", true},
    {"> 5", "5", false},
    {">1 <3", "2", true},
    {">1 <3", "3", false},
    {"<= 5", "\"3\"", false},
    {"<= 5", "[3]", false},
    {"number", "-1e300", true},
    {"number", "null", false},
    {"in [a, 1]", "1", true},
    {"in [a, 1]", "\"1\"", false},
    {"in [a, [1, 2]]", "[1, 2]", true},
    {"in [a, [1, 2]]", "[2, 1]", false},
    {"in [{\"x\":1,\"y\":2}]", "{\"y\":2,\"x\":1}", true},
    {"in [{\"x\":1}]", "{\"x\":1,\"y\":2}", false},
    {"not in [a, 1]", "\"a\"", false},
    {"not in [a, 1]", "\"b\"", true},
    {"not in [a, 1]", "[\"a\"]", true},
    {"not in [{\"x\":1}]", "{\"x\":1}", false},
    {"not in []", "null", true},
    {"contains [a, b]", "[\"b\",\"c\",\"a\"]", true},
    {"contains [a, b]", "[\"a\",\"a\"]", false},
    {"contains [a, a]", "[\"a\"]", true},
    {"contains []", "[]", true},
    {"contains []", "{}", false},
    {"contains [a]", "\"a\"", false},
    {"contains [[1]]", "[2,[1]]", true},
    {"subset [a, b]", "[\"a\",\"a\"]", true},
    {"subset [a, b]", "[\"c\"]", false},
    {"subset [a, b]", "[]", true},
    {"subset []", "[]", true},
    {"subset []", "[1]", false},
    {"subset [a]", "\"a\"", false},
    {"any", "{\"x\":[]}", true},
    {"all of(>= 1; <= 3)", "2", true},
    {"all of(>= 1; <= 3)", "4", false},
    {"any of(= 1; = a)", "\"a\"", true},
    {"any of(= 1; = a)", "\"b\"", false},
    {"under /notes", "\"/notes\"", true},
    {"under /notes", "\"/notes/a/b\"", true},
    {"under /notes", "\"/notes2\"", false},
    {"under /notes", "\"/notes/../etc\"", false},
    {"under /notes", "\"/notes/%2e%2E/etc\"", false},
    {"under /notes", "\"notes\"", false},
    {"under /notes", "[\"/notes\"]", false},
    {"under /", "\"/anything\"", true},
};

START_TEST(checks_values_as_the_table_of_types_says)
{
    for (size_t i = 0; i < COUNT(CHECKS); i++)
        ck_assert_msg(passes(CHECKS[i].constraint, CHECKS[i].value) == CHECKS[i].passes,
                      "%s with %s", CHECKS[i].constraint, CHECKS[i].value);
}
END_TEST

static const struct {
    const char *path;
    bool normal;
} PATHS[] = {
    {"/", true},        {"/a", true},        {"/a/b.c", true},    {"/a/...", true},
    {"/.a/b..", true},  {"/a b", true},      {"/\xc3\xa9", true}, {"/a%20", true},
    {"/a%2", true},     {"/%", true},        {"", false},         {"a", false},
    {"//", false},      {"/a/", false},      {"/a//b", false},    {"/.", false},
    {"/..", false},     {"/a/.", false},     {"/a/../b", false},  {"/./a", false},
    {"/a\\b", false},   {"/a\nb", false},    {"/a\x7f", false},   {"/a%2e", false},
    {"/a%2E/b", false}, {"/a%2f", false},    {"/%5Cb", false},    {"/a%00", false},
    {"/a%%2e", false},  {"/%", true},        {"/a%2", true},      {"/%2d", true},
    {"/%2g", true},     {"/%3e", true},      {"/%3f", true},      {"/%4c", true},
    {"/%5b", true},     {"/%5d", true},      {"/%01", true},      {"/%10", true},
    {"/%30", true},     {"/%0c", true},      {"/%50", true},      {"/%20", true},
    {"/a2e", true},     {"/a5c", true},      {"/a00", true},      {"/x2f", true},
    {"/%2F", false},    {"/%5c", false},     {"/\x1f", false},    {"/ ", true},
    {"/~", true},       {"/\xc2\x80", true},
};

START_TEST(knows_normal_paths)
{
    for (size_t i = 0; i < COUNT(PATHS); i++)
        ck_assert_msg(writ_path_is_normal(writ_slice_text(PATHS[i].path)) == PATHS[i].normal, "%s",
                      PATHS[i].path);
    ck_assert(!writ_path_is_normal(writ_slice_of("/a\0b", 4)));
    ck_assert(!writ_path_is_normal(WRIT_SLICE_NONE));
    ck_assert(writ_path_is_normal(writ_slice_of("/a%2e", 4))); /* what is behind is not its own */
    ck_assert(!writ_path_is_under(writ_slice_text(""), writ_slice_text("/a")));
    ck_assert(writ_path_is_under(writ_slice_text("/a"), writ_slice_text("/a")));
    ck_assert(!writ_path_is_under(writ_slice_text("/a"), writ_slice_text("/ab")));
    ck_assert(!writ_path_is_under(writ_slice_text("/a/"), writ_slice_text("/a/b")));
    ck_assert(writ_path_is_under(writ_slice_text("/a"), writ_slice_text("/a/b")));
    ck_assert(!writ_path_is_under(writ_slice_text("/a/b"), writ_slice_text("/a")));
    ck_assert(!writ_path_is_under(writ_slice_text("/a"), writ_slice_text("/A/b")));
}
END_TEST

START_TEST(reads_inclusiveness_and_optional_as_they_are_said)
{
    struct writ_constraint said = constraint_read(parse(
        TYPE("range") ",\"min\":1,\"min_inclusive\":true,\"max\":5,\"max_inclusive\":false}"));
    ck_assert(said.min.inclusive && !said.max.inclusive && !said.optional);
    said = constraint_read(parse(TYPE("range") ",\"min\":1,\"optional\":false}"));
    ck_assert(said.min.inclusive && !said.max.present && !said.optional);
    ck_assert(constraint_read(parse(TYPE("wildcard") ",\"optional\":true}")).optional);
}
END_TEST

static const struct {
    const char *constraint;
    const char *detail;
} REASONS[] = {
    {"[]", "a constraint is an object"},
    {"{\"value\":1}", "constraint_type is missing or no text"},
    {TYPE("path") ",\"root\":\"/a\"}", "its constraint_type is not known"},
    {TYPE("exact") ",\"value\":1,\"values\":[]}", "it has a member that is not known"},
    {TYPE("exact") ",\"value\":[]}", "value of exact is a text, number, boolean or null"},
    {TYPE("exact") ",\"value\":1,\"optional\":1}", "optional is a boolean and never nested"},
    {TYPE("range") ",\"max\":\"1\"}", "a bound of range is a number"},
    {TYPE("range") ",\"max_inclusive\":true}",
     "inclusiveness is a boolean and stands only with its bound"},
    {TYPE("range") ",\"min\":2,\"max\":1}", "min is greater than max"},
    {TYPE("one_of") ",\"values\":1}", "its values are an array"},
    {TYPE("one_of") ",\"values\":[]}", "one_of has no values"},
    {TYPE("all") ",\"constraints\":{\"a\":" TYPE("wildcard") "}}}", "its constraints are an array"},
    {TYPE("any") ",\"constraints\":[]}", "it has no constraints"},
    {TYPE("path_containment") ",\"root\":\"a\"}", "root is not an absolute, normal path"},
    {TYPE("exact") ",\"value\":1e400}", "a number in it does not survive RFC 8785"},
};

START_TEST(says_what_is_wrong_with_a_constraint)
{
    for (size_t i = 0; i < COUNT(REASONS); i++) {
        const struct writ_authority *authority = NULL;
        const char *tools = writ_arena_printf(&arena, "{\"t\":{\"a\":%s}}", REASONS[i].constraint);
        ck_assert(!writ_is_ok(
            writ_authority_parse(&arena, writ_slice_text(tools), OURS, &authority, &denial)));
        ck_assert_str_eq(denial.detail, REASONS[i].detail);
    }
}
END_TEST

#define ALL_OF(clauses) TYPE("all") ",\"constraints\":[" clauses "]}"

START_TEST(counts_the_depth_of_each_clause_alone)
{
    struct writ_constraint constraint;
    const struct writ_json *two_deep = parse(ALL_OF(ALL_OF(TYPE("wildcard") "}") "," ALL_OF(
        TYPE("wildcard") "}") "," TYPE("any") ",\"constraints\":[" TYPE("wildcard") "}]}"));
    ck_assert(writ_is_ok(writ_constraint_parse(&arena, two_deep, OURS, 3, true, &constraint)));
    ck_assert_uint_eq(constraint.clause_count, 3);
    ck_assert_int_eq(constraint.clauses[2].type, WRIT_CONSTRAINT_ANY);
    ck_assert_int_eq(writ_constraint_parse(&arena, two_deep, OURS, 2, true, &constraint).status,
                     WRIT_UNKNOWN_CONSTRAINT);
}
END_TEST

Suite *suite_constraint(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, accepts_exactly_what_section_3_4_calls_well_formed);
    tcase_add_test(tcase, does_not_know_path_containment_under_the_strict_profile);
    tcase_add_test(tcase, refuses_optional_below_the_top);
    tcase_add_test(tcase, counts_depth_from_the_leaf);
    tcase_add_test(tcase, leaves_its_output_alone_when_it_refuses);
    tcase_add_test(tcase, writes_what_it_read);
    tcase_add_test(tcase, reads_inclusiveness_and_optional_as_they_are_said);
    tcase_add_test(tcase, says_what_is_wrong_with_a_constraint);
    tcase_add_test(tcase, counts_the_depth_of_each_clause_alone);
    tcase_add_test(tcase, checks_values_as_the_table_of_types_says);
    tcase_add_test(tcase, knows_normal_paths);
    return suite_of("constraint", tcase);
}
