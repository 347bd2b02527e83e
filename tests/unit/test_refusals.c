/*
 * Three things that must never be skipped over: a constraint type that nobody knows, our own type
 * under the profile that has it not, and a number that does not survive RFC 8785. Each is refused
 * wherever it stands, and can be told from the others.
 */
#include <string.h>

#include "fixture.h"
#include "suites.h"

#define GRANT(constraint) "{\"read_file\":{\"path\":" constraint "}}"
#define ALL(constraint) "{\"constraint_type\":\"all\",\"constraints\":[" constraint "]}"
#define UNKNOWN "{\"constraint_type\":\"regex\",\"pattern\":\".*\"}"
#define OURS_ONLY "{\"constraint_type\":\"path_containment\",\"root\":\"/\"}"
#define NUMBER "{\"constraint_type\":\"exact\",\"value\":9007199254740993}"

/* Outcome and a word of the detail: together they tell the three kinds apart. */
static const struct refusal {
    const char *constraint;
    const char *nested;
    enum writ_profile profile;
    enum writ_status outcome;
    const char *word;
} REFUSALS[] = {
    {UNKNOWN, ALL(UNKNOWN), OURS, WRIT_UNKNOWN_CONSTRAINT, "constraint_type is not known"},
    {UNKNOWN, ALL(UNKNOWN), STRICT, WRIT_UNKNOWN_CONSTRAINT, "constraint_type is not known"},
    {OURS_ONLY, ALL(OURS_ONLY), STRICT, WRIT_UNKNOWN_CONSTRAINT, "path_containment"},
    {NUMBER, ALL(NUMBER), OURS, WRIT_NON_CANONICAL, "RFC 8785"},
    {NUMBER, ALL(NUMBER), STRICT, WRIT_NON_CANONICAL, "RFC 8785"},
};

/* The link and all above it grant the same, so that nothing but the constraint can be wrong. */
static void refuses_in_link(const struct refusal *refusal, const char *constraint, size_t links)
{
    start_over(2);
    for (size_t i = 0; i < 2; i++)
        if (links & (1u << i))
            forge_set_tools(&chain, i,
                            writ_arena_printf(&arena, "{\"read_file\":{\"path\":%s}}", constraint));
    chain.verifier.profile = refusal->profile;
    forge_seal(&chain);
    const struct writ_verdict verdict = forge_judge(&chain);
    ck_assert_msg(!verdict.permit && verdict.denial.outcome == refusal->outcome, "%s: %s",
                  constraint, writ_status_code(verdict.denial.outcome));
    ck_assert_str_eq(verdict.denial.step, "3n/4o");
    ck_assert_int_eq(verdict.denial.hop, links & 1 ? 0 : 1);
    ck_assert_str_eq(verdict.denial.field, "tools.read_file.path");
    ck_assert_msg(strstr(verdict.denial.detail, refusal->word) != NULL, "%s",
                  verdict.denial.detail);
}

START_TEST(refuses_each_in_a_root_and_in_a_child_alone_and_nested)
{
    for (size_t i = 0; i < COUNT(REFUSALS); i++)
        for (size_t links = 1; links <= 3; links++) {
            refuses_in_link(&REFUSALS[i], REFUSALS[i].constraint, links);
            refuses_in_link(&REFUSALS[i], REFUSALS[i].nested, links);
        }
}
END_TEST

START_TEST(refuses_each_where_an_authority_is_parsed_alone)
{
    for (size_t i = 0; i < COUNT(REFUSALS); i++) {
        const struct writ_authority *authority = NULL;
        const char *tools = writ_arena_printf(&arena, "{\"t\":{\"a\":%s}}", REFUSALS[i].constraint);
        const struct writ_result result = writ_authority_parse(
            &arena, writ_slice_text(tools), REFUSALS[i].profile, &authority, &denial);
        ck_assert_int_eq(result.status, REFUSALS[i].outcome);
        ck_assert_ptr_nonnull(strstr(denial.detail, REFUSALS[i].word));
        ck_assert_ptr_null(authority);
    }
}
END_TEST

START_TEST(permits_our_type_under_our_profile)
{
    for (size_t i = 0; i < 2; i++)
        forge_set_tools(&chain, i, GRANT(OURS_ONLY));
    forge_permits(&chain, "path_containment under aat-02+writ");
}
END_TEST

START_TEST(refuses_the_number_in_the_arguments_of_a_call_and_of_a_proof)
{
    for (size_t i = 0; i < 2; i++)
        forge_set_tools(&chain, i, GRANT("{\"constraint_type\":\"wildcard\"}"));
    chain.args = "{\"path\":9007199254740993}";
    forge_denies(&chain, "as an argument", "6b", WRIT_NON_CANONICAL, 1);

    start_over(2);
    forge_seal(&chain);
    const struct writ_proof_request request = {
        .iat_unix_s = FORGE_NOW,
        .leaf = chain.links[1],
        .tool = writ_slice_text("read_file"),
        .args = writ_slice_text("{\"path\":9007199254740993}"),
    };
    struct writ_slice input;
    ck_assert_int_eq(writ_proof_input(&arena, &request, &input).status, WRIT_NON_CANONICAL);
}
END_TEST

Suite *suite_refusals(void)
{
    TCase *tests = tcase_create("refusals");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_add_test(tests, refuses_each_in_a_root_and_in_a_child_alone_and_nested);
    tcase_add_test(tests, refuses_each_where_an_authority_is_parsed_alone);
    tcase_add_test(tests, permits_our_type_under_our_profile);
    tcase_add_test(tests, refuses_the_number_in_the_arguments_of_a_call_and_of_a_proof);
    return suite_of("refusals", tests);
}
