/* What a holder checks before it signs bytes that somebody else proposes. */
#include <string.h>

#include "base/base64url.h"
#include "fixture.h"
#include "suites.h"

#define NARROW "{\"read_file\":{\"path\":{\"constraint_type\":\"exact\",\"value\":\"/a\"}}}"

/* Link 1 of the forged chain, without its signature. */
static struct writ_slice proposal(void)
{
    forge_seal(&chain);
    struct writ_slice input = chain.links[1];
    while (input.data[input.size - 1] != '.')
        input.size--;
    input.size--;
    return input;
}

static enum writ_status check_proposal(const char *agent, const char *wanted)
{
    const struct writ_slice input = proposal();
    const struct writ_key holder = forge_key(2);
    return writ_derive_check(&arena, WRIT_PROFILE_AAT_02_WRIT, chain.links[0], input, &holder,
                             writ_slice_text(agent), writ_slice_text(wanted), &denial)
        .status;
}

START_TEST(agrees_to_a_proposal_that_says_what_was_asked)
{
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_OK);
    forge_set_tools(&chain, 1, NARROW);
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_OK);
    forge_set(&chain.claims[1], "authorization_details", "[]");
    ck_assert_int_eq(check_proposal("agent-1", NARROW), WRIT_OK);
}
END_TEST

START_TEST(refuses_a_proposal_that_gives_more_than_was_asked)
{
    ck_assert_int_eq(check_proposal("agent-1", NARROW), WRIT_NOT_NARROWER);
    ck_assert_int_eq(check_proposal("agent-1", "{}"), WRIT_NOT_NARROWER);
    ck_assert_int_eq(check_proposal("agent-1", "7"), WRIT_MALFORMED);
}
END_TEST

START_TEST(refuses_a_proposal_for_somebody_else)
{
    ck_assert_int_eq(check_proposal("agent-9", FORGE_TOOLS), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "client_id");
    ck_assert_str_eq(denial.step, "");
    forge_set(&chain.claims[1], "cnf", forge_cnf(&arena, 9));
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_HOLDER_BINDING_FAILED);
    ck_assert_str_eq(denial.field, "cnf.jwk");
    ck_assert_str_eq(denial.step, "");
}
END_TEST

START_TEST(refuses_a_proposal_that_is_no_narrower_child)
{
    static const struct forge_case CASES[] = {
        {"par_hash", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", "4q",
         WRIT_PAR_HASH_MISMATCH},
        {"iss", "\"" FORGE_ISSUER "\"", "4c", WRIT_SIGNATURE_INVALID},
        {"del_depth", "2", "4d", WRIT_DEPTH_INVALID},
        {"del_max_depth", "9", "4g", WRIT_DEPTH_INVALID},
        {"exp", "1800001001", "4h", WRIT_NOT_NARROWER},
        {"iat", "1799999000", "4j", WRIT_NOT_NARROWER},
        {"txn", "\"task-2\"", "", WRIT_PRINCIPAL_ALTERED},
        {"sub", NULL, "", WRIT_PRINCIPAL_ALTERED},
        {"cnf", "{}", "4b2", WRIT_MALFORMED},
        {"authorization_details", "[{\"type\":\"attenuating_agent_token\",\"tools\":{\"rm\":{}}}]",
         "4p1", WRIT_NOT_NARROWER},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        teardown();
        setup_chain();
        forge_set(&chain.claims[1], CASES[i].name, CASES[i].json);
        const enum writ_status status = check_proposal("agent-1", FORGE_TOOLS);
        ck_assert_msg(status == CASES[i].outcome && strcmp(denial.step, CASES[i].step) == 0,
                      "%s: %s at %s: %s", CASES[i].name, writ_status_code(status), denial.step,
                      denial.detail);
        ck_assert_int_eq(denial.hop, 1);
    }
}
END_TEST

START_TEST(refuses_a_proposal_that_loosens_the_parents_terms)
{
    forge_set_terms(&chain, 0, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"5\"}]}");
    forge_set_terms(&chain, 1, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"6\"}]}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_NOT_NARROWER);
    forge_set_terms(&chain, 1, "{\"budget\":[{\"unit\":\"calls\",\"limit\":\"5\"}]}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_OK);
    forge_set_terms(&chain, 0, "{\"call_only\":[\"send_email\"]}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_NOT_NARROWER);
}
END_TEST

START_TEST(refuses_proposals_that_are_no_signing_input)
{
    const char *list = writ_arena_printf(
        &arena, "%s.W10", writ_base64url_encode(&arena, writ_slice_text(FORGE_HEADER)));
    const struct {
        const char *input, *step;
    } BAD[] = {{"", "4a"},        {".", "4a"},     {"x", "4a"}, {"x.y", "4a"},
               {"e30.e30", "4a"}, {"a.b.c", "4a"}, {list, "4b"}};
    forge_seal(&chain);
    const struct writ_key holder = forge_key(2);
    for (size_t i = 0; i < COUNT(BAD); i++) {
        ck_assert_int_eq(
            writ_derive_check(&arena, OURS, chain.links[0], writ_slice_text(BAD[i].input), &holder,
                              writ_slice_text("agent-1"), writ_slice_text(FORGE_TOOLS), &denial)
                .status,
            WRIT_MALFORMED);
        ck_assert_str_eq(denial.step, BAD[i].step);
    }
}
END_TEST

START_TEST(refuses_a_proposal_under_a_parent_that_can_not_be_read)
{
    const struct writ_slice input = proposal();
    const struct writ_key holder = forge_key(2);
    denial = (struct writ_denial){.hop = 9};
    ck_assert_int_eq(writ_derive_check(&arena, OURS, writ_slice_text("x.y.z"), input, &holder,
                                       writ_slice_text("agent-1"), writ_slice_text(FORGE_TOOLS),
                                       &denial)
                         .status,
                     WRIT_MALFORMED);
    ck_assert_int_eq(denial.hop, -1);
    forge_set_terms(&chain, 0, "{\"unknown\":7}");
    ck_assert_int_eq(check_proposal("agent-1", FORGE_TOOLS), WRIT_MALFORMED);
    ck_assert_str_eq(denial.field, "writ_terms");
    ck_assert_int_eq(denial.hop, -1);
}
END_TEST

START_TEST(does_not_ask_for_an_agent_under_the_strict_profile)
{
    const struct writ_slice input = proposal();
    const struct writ_key holder = forge_key(2);
    ck_assert(writ_is_ok(writ_derive_check(&arena, STRICT, chain.links[0], input, &holder,
                                           writ_slice_text("agent-9"), writ_slice_text(FORGE_TOOLS),
                                           &denial)));
}
END_TEST

Suite *suite_proposal(void)
{
    TCase *tests = tcase_create("proposal");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_add_test(tests, agrees_to_a_proposal_that_says_what_was_asked);
    tcase_add_test(tests, refuses_a_proposal_that_gives_more_than_was_asked);
    tcase_add_test(tests, refuses_a_proposal_for_somebody_else);
    tcase_add_test(tests, refuses_a_proposal_that_is_no_narrower_child);
    tcase_add_test(tests, refuses_a_proposal_that_loosens_the_parents_terms);
    tcase_add_test(tests, refuses_proposals_that_are_no_signing_input);
    tcase_add_test(tests, refuses_a_proposal_under_a_parent_that_can_not_be_read);
    tcase_add_test(tests, does_not_ask_for_an_agent_under_the_strict_profile);
    return suite_of("proposal", tests);
}
