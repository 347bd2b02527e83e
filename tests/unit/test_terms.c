/* writ_terms: their shape, their fold over a chain, and what a holder gains by bending them. */
#include "token/terms.h"

#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "token/token.h"

/* ---- Labels --------------------------------------------------------------------------------- */

static struct writ_label label_of(const char *text)
{
    struct writ_label label;
    ck_assert_msg(writ_is_ok(writ_label_read(&arena, parse(text), &label)), "%s", text);
    return label;
}

START_TEST(reads_a_label_and_sorts_its_categories)
{
    const struct writ_label label = label_of(
        "{\"confidentiality\":\"restricted\",\"integrity\":\"trusted\","
        "\"categories\":[\"pii\",\"hr\",\"pii\",\"\xc3\xa4\",\"Z\"]}");
    ck_assert_str_eq(
        (const char *)writ_json_canonical(&arena, writ_label_json(&arena, &label)).data,
        "{\"categories\":[\"Z\",\"hr\",\"pii\",\"\xc3\xa4\"],"
        "\"confidentiality\":\"restricted\",\"integrity\":\"trusted\"}");
    const struct writ_label absent = label_of("{}");
    ck_assert_str_eq(
        (const char *)writ_json_canonical(&arena, writ_label_json(&arena, &absent)).data,
        "{\"categories\":[],\"confidentiality\":\"public\",\"integrity\":\"untrusted\"}");
}
END_TEST

START_TEST(refuses_what_is_no_label)
{
    static const char *const BAD[] = {
        "[]",
        "\"public\"",
        "{\"confidentiality\":\"secret\"}",
        "{\"confidentiality\":null}",
        "{\"confidentiality\":0}",
        "{\"integrity\":\"\"}",
        "{\"categories\":\"pii\"}",
        "{\"categories\":[7]}",
        "{\"categories\":[\"\"]}",
        "{\"level\":\"public\"}",
    };
    for (size_t i = 0; i < COUNT(BAD); i++) {
        struct writ_label label;
        ck_assert_msg(writ_label_read(&arena, parse(BAD[i]), &label).status == WRIT_MALFORMED, "%s",
                      BAD[i]);
    }
}
END_TEST

START_TEST(compares_labels_in_every_component)
{
    const struct writ_label high = label_of("{\"confidentiality\":\"confidential\","
                                            "\"integrity\":\"untrusted\",\"categories\":[\"a\","
                                            "\"b\"]}");
    static const struct {
        const char *label;
        bool is_within;
    } CASES[] = {
        {"{\"confidentiality\":\"confidential\",\"categories\":[\"b\",\"a\"]}", true},
        {"{\"confidentiality\":\"internal\",\"integrity\":\"trusted\"}", true},
        {"{\"confidentiality\":\"restricted\"}", false},
        {"{\"categories\":[\"c\"]}", false},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        const struct writ_label label = label_of(CASES[i].label);
        ck_assert_msg(writ_label_within(&label, &high) == CASES[i].is_within, "%s", CASES[i].label);
    }
    const struct writ_label trusted = label_of("{\"integrity\":\"trusted\"}");
    const struct writ_label untrusted = label_of("{\"integrity\":\"untrusted\"}");
    ck_assert(writ_label_within(&trusted, &untrusted));
    ck_assert(!writ_label_within(&untrusted, &trusted));
}
END_TEST

/* ---- Shape ---------------------------------------------------------------------------------- */

#define BUDGET(entries) "{\"budget\":[" entries "]}"
#define CALLS(rest) "{\"unit\":\"calls\"," rest "}"

START_TEST(refuses_terms_that_are_unknown_or_mistyped_in_any_link)
{
    static const char *const BAD[] = {
        "{\"unknown\":1}",
        "{\"Clearance\":{}}",
        "{\"clearance\":null}",
        "{\"clearance\":{\"confidentiality\":\"top\"}}",
        "{\"clearance\":{\"extra\":1}}",
        "{\"approval\":{}}",
        "{\"approval\":[7]}",
        "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"]}]}",
        "{\"approval\":[{\"tools\":[\"a\"],\"quorum\":1}]}",
        "{\"approval\":[{\"approvers\":[\"b\"],\"quorum\":1}]}",
        "{\"approval\":[{\"tools\":\"a\",\"approvers\":[\"b\"],\"quorum\":1}]}",
        "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"],\"quorum\":0}]}",
        "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"],\"quorum\":1.0}]}",
        "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"],\"quorum\":1000000000}]}",
        "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"b\"],\"quorum\":1,\"x\":1}]}",
        "{\"call_only\":\"send_email\"}",
        "{\"call_only\":[7]}",
        "{\"call_only\":[\"\"]}",
        "{\"pass_only\":{\"send_email\":true}}",
        "{\"pass_only\":[null]}",
        "{\"barred\":[]}",
        "{\"budget\":{}}",
        BUDGET("7"),
        BUDGET("{\"limit\":\"1\"}"),
        BUDGET("{\"unit\":\"\",\"limit\":\"1\"}"),
        BUDGET("{\"unit\":7,\"limit\":\"1\"}"),
        BUDGET("{\"unit\":\"usd\"}"),
        BUDGET("{\"unit\":\"usd\",\"limit\":1}"),
        BUDGET("{\"unit\":\"usd\",\"limit\":\"-1\"}"),
        BUDGET("{\"unit\":\"usd\",\"limit\":\"1\",\"per_call\":1}"),
        BUDGET("{\"unit\":\"usd\",\"limit\":\"1\",\"tool\":7}"),
        BUDGET("{\"unit\":\"usd\",\"limit\":\"1\",\"argument\":\"\"}"),
        BUDGET("{\"unit\":\"usd\",\"limit\":\"1\",\"spent\":\"0\"}"),
        BUDGET("{\"unit\":\"calls\",\"argument\":\"n\",\"limit\":\"1\"}"),
        BUDGET(CALLS("\"limit\":\"1\"") "," CALLS("\"limit\":\"2\"")),
    };
    for (size_t i = 0; i < COUNT(BAD); i++)
        for (size_t link = 0; link < 2; link++) {
            start_over(2);
            forge_set_terms(&chain, link, BAD[i]);
            forge_denies(&chain, BAD[i], "", WRIT_MALFORMED, (int)link);
        }
}
END_TEST

static const char *names(size_t from, size_t count)
{
    const char *text = "";
    for (size_t i = from; i < from + count; i++)
        text = writ_arena_printf(&arena, "%s%s\"t%zu\"", text, i == from ? "" : ",", i);
    return text;
}

START_TEST(bounds_what_one_link_says_and_what_a_chain_adds_up_to)
{
    static const char *const MEMBERS[] = {"call_only", "pass_only"};
    for (size_t i = 0; i < COUNT(MEMBERS); i++) {
        start_over(2);
        forge_set_terms(&chain, 0,
                        writ_arena_printf(&arena, "{\"%s\":[%s]}", MEMBERS[i], names(0, 257)));
        forge_denies(&chain, "one link", "", WRIT_MALFORMED, 0);
        for (size_t link = 0; link < 2; link++)
            forge_set_terms(
                &chain, link,
                writ_arena_printf(&arena, "{\"%s\":[%s]}", MEMBERS[i], names(128 * link, 128)));
        forge_permits(&chain, "256 over the chain");
        forge_set_terms(&chain, 1,
                        writ_arena_printf(&arena, "{\"%s\":[%s]}", MEMBERS[i], names(128, 129)));
        forge_denies(&chain, "257 over the chain", "", WRIT_MALFORMED, 1);
    }
}
END_TEST

START_TEST(refuses_a_second_writ_terms)
{
    for (size_t link = 0; link < 2; link++) {
        start_over(2);
        forge_set(&chain.claims[link], "authorization_details",
                  "[{\"type\":\"attenuating_agent_token\",\"tools\":" FORGE_TOOLS
                  "},{\"type\":\"writ_terms\"},{\"type\":\"writ_terms\"}]");
        forge_denies(&chain, "second writ_terms", "", WRIT_MALFORMED, (int)link);
    }
}
END_TEST

START_TEST(ignores_entries_of_other_types)
{
    forge_set(&chain.claims[1], "authorization_details",
              "[7,{},{\"type\":7},{\"type\":\"other\",\"tools\":7},"
              "{\"type\":\"attenuating_agent_token\",\"tools\":" FORGE_TOOLS "}]");
    forge_permits(&chain, "other types");
}
END_TEST

/* ---- The fold ------------------------------------------------------------------------------- */

static const char *effective_of(size_t link)
{
    struct writ_token tokens[4];
    forge_seal(&chain);
    const struct writ_result result = writ_chain_verify(&arena, &chain.verifier, chain.links,
                                                        chain.count, tokens, &denial);
    ck_assert_msg(writ_is_ok(result), "%s %s", denial.field, denial.detail);
    const struct writ_json *json = writ_effective_json(&arena, &tokens[link].effective);
    return (const char *)writ_json_canonical(&arena, json).data;
}

START_TEST(a_root_without_terms_has_the_absent_column)
{
    ck_assert_str_eq(effective_of(0),
                     "{\"approval\":[],\"barred\":[],\"budget\":[],\"call_only\":[],"
                     "\"clearance\":{\"categories\":[],\"confidentiality\":\"public\","
                     "\"integrity\":\"untrusted\"}}");
}
END_TEST

START_TEST(a_child_inherits_what_it_omits_except_its_clearance)
{
    forge_set_terms(&chain, 0,
                    "{\"clearance\":{\"confidentiality\":\"internal\",\"integrity\":\"trusted\","
                    "\"categories\":[\"pii\"]},"
                    "\"approval\":[{\"tools\":[\"send_email\"],\"approvers\":[\"fin\"],"
                    "\"quorum\":2}],"
                    "\"call_only\":[\"pay\"],"
                    "\"budget\":[{\"unit\":\"usd\",\"tool\":\"pay\",\"argument\":\"amount\","
                    "\"limit\":\"100.00\",\"per_call\":\"50.00\"}]}");
    ck_assert_str_eq(effective_of(1),
                     "{\"approval\":[{\"approvers\":[\"fin\"],\"quorum\":2,"
                     "\"tools\":[\"send_email\"]}],\"barred\":[],"
                     "\"budget\":[{\"argument\":\"amount\",\"limit\":\"100.00\","
                     "\"per_call\":\"50.00\",\"tool\":\"pay\",\"unit\":\"usd\"}],"
                     "\"call_only\":[\"pay\"],"
                     "\"clearance\":{\"categories\":[],\"confidentiality\":\"public\","
                     "\"integrity\":\"trusted\"}}");
}
END_TEST

START_TEST(a_child_adds_to_what_its_parent_says)
{
    forge_set_terms(&chain, 0,
                    "{\"clearance\":{\"confidentiality\":\"internal\"},"
                    "\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"x\"],\"quorum\":1}],"
                    "\"call_only\":[\"z\",\"b\"],"
                    "\"budget\":[{\"unit\":\"calls\",\"limit\":\"20\"},"
                    "{\"unit\":\"usd\",\"limit\":\"9\",\"per_call\":\"5\"}]}");
    forge_set_terms(&chain, 1,
                    "{\"clearance\":{\"confidentiality\":\"internal\",\"integrity\":\"trusted\"},"
                    "\"approval\":[{\"tools\":[\"b\"],\"approvers\":[\"y\"],\"quorum\":3},"
                    "{\"quorum\":1,\"approvers\":[\"x\"],\"tools\":[\"a\"]}],"
                    "\"call_only\":[\"a\",\"b\"],"
                    "\"budget\":[{\"unit\":\"eur\",\"limit\":\"1\"},"
                    "{\"unit\":\"usd\",\"limit\":\"8.5\"}]}");
    ck_assert_str_eq(effective_of(1),
                     "{\"approval\":[{\"approvers\":[\"y\"],\"quorum\":3,\"tools\":[\"b\"]},"
                     "{\"approvers\":[\"x\"],\"quorum\":1,\"tools\":[\"a\"]}],\"barred\":[],"
                     "\"budget\":[{\"limit\":\"20\",\"unit\":\"calls\"},"
                     "{\"limit\":\"8.5\",\"per_call\":\"5\",\"unit\":\"usd\"},"
                     "{\"limit\":\"1\",\"unit\":\"eur\"}],"
                     "\"call_only\":[\"a\",\"b\",\"z\"],"
                     "\"clearance\":{\"categories\":[],\"confidentiality\":\"internal\","
                     "\"integrity\":\"trusted\"}}");
}
END_TEST

START_TEST(refuses_terms_that_loosen)
{
    static const char PARENT[] =
        "{\"clearance\":{\"confidentiality\":\"internal\",\"integrity\":\"trusted\","
        "\"categories\":[\"pii\"]},"
        "\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"x\"],\"quorum\":2}],"
        "\"budget\":[{\"unit\":\"usd\",\"tool\":\"pay\",\"limit\":\"10\",\"per_call\":\"5\"}]}";
    static const struct {
        const char *terms;
        const char *field;
    } CASES[] = {
        {"{\"clearance\":{\"confidentiality\":\"confidential\",\"integrity\":\"trusted\"}}",
         "writ_terms.clearance"},
        {"{\"clearance\":{\"integrity\":\"untrusted\"}}", "writ_terms.clearance"},
        {"{\"clearance\":{}}", "writ_terms.clearance"},
        {"{\"clearance\":{\"integrity\":\"trusted\",\"categories\":[\"hr\"]}}",
         "writ_terms.clearance"},
        {"{\"approval\":[]}", "writ_terms.approval"},
        {"{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"x\"],\"quorum\":1}]}",
         "writ_terms.approval"},
        {"{\"approval\":[{\"tools\":[\"a\",\"b\"],\"approvers\":[\"x\"],\"quorum\":2}]}",
         "writ_terms.approval"},
        {BUDGET("{\"unit\":\"usd\",\"tool\":\"pay\",\"limit\":\"10.01\"}"),
         "writ_terms.budget.limit"},
        {BUDGET("{\"unit\":\"usd\",\"tool\":\"pay\",\"limit\":\"1\",\"per_call\":\"5.000000001\"}"),
         "writ_terms.budget.per_call"},
    };
    for (size_t i = 0; i < COUNT(CASES); i++) {
        start_over(2);
        forge_set_terms(&chain, 0, PARENT);
        forge_set_terms(&chain, 1, CASES[i].terms);
        forge_denies(&chain, CASES[i].terms, "", WRIT_NOT_NARROWER, 1);
        ck_assert_str_eq(forge_judge(&chain).denial.field, CASES[i].field);
    }
}
END_TEST

START_TEST(a_middle_link_that_drops_its_terms_gains_nothing)
{
    start_over(3);
    forge_set_terms(&chain, 0,
                    "{\"approval\":[{\"tools\":[\"a\"],\"approvers\":[\"x\"],\"quorum\":2}],"
                    "\"budget\":[{\"unit\":\"calls\",\"limit\":\"5\"}]}");
    forge_set_terms(&chain, 2, BUDGET(CALLS("\"limit\":\"6\"")));
    forge_denies(&chain, "loosened below the gap", "", WRIT_NOT_NARROWER, 2);
    forge_set_terms(&chain, 2, "{\"approval\":[]}");
    forge_denies(&chain, "approval dropped below the gap", "", WRIT_NOT_NARROWER, 2);
    forge_set_terms(&chain, 2, "{\"clearance\":{\"confidentiality\":\"internal\"}}");
    forge_denies(&chain, "clearance that the gap lost", "", WRIT_NOT_NARROWER, 2);
}
END_TEST

START_TEST(call_only_is_not_passed_on)
{
    forge_set_terms(&chain, 0, "{\"call_only\":[\"send_email\"]}");
    forge_denies(&chain, "child has it", "", WRIT_NOT_NARROWER, 1);
    forge_set_tools(&chain, 1,
                    "{\"read_file\":{\"path\":{\"constraint_type\":\"exact\",\"value\":\"/a\"}}}");
    forge_permits(&chain, "child has it not");
    start_over(1);
    forge_set_terms(&chain, 0, "{\"call_only\":[\"read_file\"]}");
    forge_permits(&chain, "its holder calls it");
}
END_TEST

START_TEST(what_may_be_passed_on_is_the_rest_under_the_same_rules)
{
    const struct writ_json *call_only = parse("[\"pay\"]");
    const struct writ_effective effective = {.call_only = call_only};
    const struct writ_authority *passable = NULL;
    ck_assert(writ_is_ok(writ_effective_passable(
        &arena, &effective, authority_of("pay(amount <= 5), read(path? = /a, *)"), &passable)));
    ck_assert_uint_eq(passable->tool_count, 1);
    ck_assert(writ_is_ok(
        writ_authority_compare(&arena, passable, authority_of("read(path = /a)"), &denial)));
    /* "Path" is the shadow of "path" in our profile, and what is left is of our profile. */
    ck_assert(!writ_is_ok(writ_authority_compare(
        &arena, passable, authority_of("read(path? = /a, Path any)"), &denial)));
    ck_assert_str_eq(denial.step, "4p2");
}
END_TEST

START_TEST(pass_only_binds_the_leaf)
{
    forge_set_terms(&chain, 1, "{\"pass_only\":[\"read_file\"]}");
    forge_denies(&chain, "leaf", "6b", WRIT_SCOPE_NOT_GRANTED, 1);
    forge_set_terms(&chain, 1, "{\"pass_only\":[\"send_email\"]}");
    forge_permits(&chain, "another tool");
}
END_TEST

START_TEST(pass_only_binds_that_agent_and_that_key_in_every_descendant)
{
    start_over(4);
    forge_set_terms(&chain, 1, "{\"pass_only\":[\"read_file\"]}");
    forge_permits(&chain, "another agent with another key");
    forge_set(&chain.claims[3], "client_id", "\"agent-1\"");
    forge_denies(&chain, "that agent with another key", "6b", WRIT_SCOPE_NOT_GRANTED, 3);
    forge_set(&chain.claims[3], "client_id", "\"agent-3\"");
    forge_set(&chain.claims[3], "cnf", forge_cnf(&arena, 2));
    chain.proof_signer = 2;
    forge_denies(&chain, "another agent with that key", "6b", WRIT_SCOPE_NOT_GRANTED, 3);
}
END_TEST

START_TEST(a_swapped_task_or_principal_is_refused_at_any_hop)
{
    for (size_t link = 1; link < 4; link++) {
        start_over(4);
        forge_set(&chain.claims[link], "txn", "\"task-2\"");
        forge_denies(&chain, "txn", "", WRIT_PRINCIPAL_ALTERED, (int)link);
        start_over(4);
        forge_set(&chain.claims[link], "sub", "\"bob\"");
        forge_denies(&chain, "sub", "", WRIT_PRINCIPAL_ALTERED, (int)link);
    }
}
END_TEST

/* ---- What the ledger keeps ------------------------------------------------------------------ */

START_TEST(effective_terms_survive_the_ledger)
{
    forge_set_terms(&chain, 0,
                    "{\"clearance\":{\"confidentiality\":\"internal\",\"categories\":[\"b\","
                    "\"a\"]},\"pass_only\":[\"send_email\",\"send_email\"],"
                    "\"call_only\":[\"x\"],\"budget\":[{\"unit\":\"calls\",\"limit\":\"2\"}],"
                    "\"approval\":[{\"tools\":[\"read_file\"],\"approvers\":[\"x\"],"
                    "\"quorum\":1}]}");
    const char *before = effective_of(1);
    struct writ_effective effective;
    ck_assert(writ_is_ok(writ_effective_read(&arena, parse(before), &effective)));
    ck_assert_str_eq(
        (const char *)writ_json_canonical(&arena, writ_effective_json(&arena, &effective)).data,
        before);
    ck_assert_uint_eq(effective.barred->count, 1);
    const struct writ_json *rules = writ_effective_approvals(&arena, &effective,
                                                             writ_slice_text("read_file"));
    ck_assert_uint_eq(rules->count, 1);
    rules = writ_effective_approvals(&arena, &effective, writ_slice_text("send_email"));
    ck_assert_uint_eq(rules->count, 0);
}
END_TEST

START_TEST(refuses_effective_terms_that_are_not_whole)
{
    static const char WHOLE[] = "{\"approval\":[],\"barred\":[],\"budget\":[],\"call_only\":[],"
                                "\"clearance\":{}}";
    static const char *const BAD[] = {
        "[]",
        "{}",
        "{\"approval\":[],\"barred\":[],\"budget\":[],\"call_only\":[]}",
        "{\"approval\":[],\"barred\":[],\"budget\":[],\"clearance\":{}}",
        "{\"approval\":[],\"barred\":[],\"call_only\":[],\"clearance\":{}}",
        "{\"approval\":[],\"budget\":[],\"call_only\":[],\"clearance\":{}}",
        "{\"barred\":[],\"budget\":[],\"call_only\":[],\"clearance\":{}}",
        "{\"approval\":[],\"barred\":[{}],\"budget\":[],\"call_only\":[],\"clearance\":{}}",
        "{\"approval\":[],\"barred\":[],\"budget\":[],\"call_only\":[],\"clearance\":{},"
        "\"pass_only\":[]}",
    };
    struct writ_effective effective;
    ck_assert(writ_is_ok(writ_effective_read(&arena, parse(WHOLE), &effective)));
    for (size_t i = 0; i < COUNT(BAD); i++)
        ck_assert_msg(writ_effective_read(&arena, parse(BAD[i]), &effective).status ==
                          WRIT_MALFORMED,
                      "%s", BAD[i]);
}
END_TEST

Suite *suite_terms(void)
{
    TCase *tests = tcase_create("terms");
    tcase_add_checked_fixture(tests, setup_chain, teardown);
    tcase_add_test(tests, reads_a_label_and_sorts_its_categories);
    tcase_add_test(tests, refuses_what_is_no_label);
    tcase_add_test(tests, compares_labels_in_every_component);
    tcase_add_test(tests, refuses_terms_that_are_unknown_or_mistyped_in_any_link);
    tcase_add_test(tests, bounds_what_one_link_says_and_what_a_chain_adds_up_to);
    tcase_add_test(tests, refuses_a_second_writ_terms);
    tcase_add_test(tests, ignores_entries_of_other_types);
    tcase_add_test(tests, a_root_without_terms_has_the_absent_column);
    tcase_add_test(tests, a_child_inherits_what_it_omits_except_its_clearance);
    tcase_add_test(tests, a_child_adds_to_what_its_parent_says);
    tcase_add_test(tests, refuses_terms_that_loosen);
    tcase_add_test(tests, a_middle_link_that_drops_its_terms_gains_nothing);
    tcase_add_test(tests, call_only_is_not_passed_on);
    tcase_add_test(tests, what_may_be_passed_on_is_the_rest_under_the_same_rules);
    tcase_add_test(tests, pass_only_binds_the_leaf);
    tcase_add_test(tests, pass_only_binds_that_agent_and_that_key_in_every_descendant);
    tcase_add_test(tests, a_swapped_task_or_principal_is_refused_at_any_hop);
    tcase_add_test(tests, effective_terms_survive_the_ledger);
    tcase_add_test(tests, refuses_effective_terms_that_are_not_whole);
    return suite_of("terms", tests);
}
