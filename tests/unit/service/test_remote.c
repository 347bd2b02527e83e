/* Policy engines that run elsewhere: what they are asked, and what is believed of their answers. */
#include "policy/remote.h"
#include "suites.h"

#include <string.h>

static struct writ_arena arena;

static void start(void)
{
    writ_arena_init(&arena, 0);
}

static void stop(void)
{
    writ_arena_done(&arena);
}

/* ---- Questions ---------------------------------------------------------------------------- */

static const struct policy_party LINE[] = {
    {WRIT_SLICE_LITERAL("planner"), WRIT_SLICE_LITERAL("orchestrator")},
    {WRIT_SLICE_LITERAL("executor"), WRIT_SLICE_LITERAL("executor")}};
static const struct writ_slice DESTINATIONS[] = {WRIT_SLICE_LITERAL("a@x.test")};
static const struct writ_slice APPROVALS[] = {WRIT_SLICE_LITERAL("ann"),
                                              WRIT_SLICE_LITERAL("finance")};
static const struct policy_tool TOOLS[] = {
    {.audience = WRIT_SLICE_LITERAL("https://tools.test"),
     .name = WRIT_SLICE_LITERAL("send_email"),
     .registered = true,
     .effect = WRIT_SLICE_LITERAL("irreversible"),
     .sends = true},
    {.audience = WRIT_SLICE_LITERAL("https://tools.test"),
     .name = WRIT_SLICE_LITERAL("unheard"),
     .effect = WRIT_SLICE_LITERAL("irreversible")},
};

static struct policy_request request_of(enum policy_action action)
{
    return (struct policy_request){
        .action = action,
        .now_us = 1795600000000000,
        .client = {WRIT_SLICE_LITERAL("desk"), WRIT_SLICE_LITERAL("issuer")},
        .line = LINE,
        .line_count = 2,
        .to = {WRIT_SLICE_LITERAL("retriever"), WRIT_SLICE_LITERAL("retriever")},
        .attributed = true,
        .task = {.id = WRIT_SLICE_LITERAL("01a20abf-13b8-7cc8-99ca-de0f1a31e767"),
                 .principal = WRIT_SLICE_LITERAL("emma"),
                 .purpose = WRIT_SLICE_LITERAL("tidy notes"),
                 .state = WRIT_SLICE_LITERAL("open"),
                 .opened_by = {WRIT_SLICE_LITERAL("desk"), WRIT_SLICE_LITERAL("issuer")},
                 .deadline_us = 1795603600000000},
        .destinations = DESTINATIONS,
        .destination_count = 1,
        .approvals = APPROVALS,
        .approval_count = 2,
        .label = {WRIT_LABEL_RESTRICTED, WRIT_LABEL_UNTRUSTED, NULL},
    };
}

static void expect_question(const struct policy_remote_kind *kind, enum policy_action action,
                            size_t tool_count, const char *wanted)
{
    const struct policy_request request = request_of(action);
    const struct writ_slice asked = kind->ask(&arena, &request, tool_count > 0 ? TOOLS : NULL,
                                              tool_count > 0 ? tool_count : 1);
    ck_assert_ptr_nonnull(asked.data);
    ck_assert_msg(writ_slice_is(asked, wanted), "asked:\n%.*s\nwanted:\n%s", WRIT_SLICE_ARGS(asked),
                  wanted);
}

#define BOTTOM "{\"categories\":[],\"confidentiality\":\"public\",\"integrity\":\"trusted\"}"
#define TASK                                                                                       \
    "\"task\":{\"deadline\":\"2026-11-25T10:46:40Z\","                                             \
    "\"id\":\"01a20abf-13b8-7cc8-99ca-de0f1a31e767\","                                             \
    "\"opened_by\":{\"name\":\"desk\",\"role\":\"issuer\"},\"principal\":\"emma\","                \
    "\"purpose\":\"tidy notes\",\"state\":\"open\"}"
#define SEND_EMAIL                                                                                 \
    "{\"audience\":\"https://tools.test\",\"effect\":\"irreversible\",\"name\":\"send_email\","    \
    "\"registered\":true,\"sends\":true,\"sensitivity\":" BOTTOM "}"
#define UNHEARD                                                                                    \
    "{\"audience\":\"https://tools.test\",\"effect\":\"irreversible\",\"name\":\"unheard\","       \
    "\"registered\":false,\"sends\":false,\"sensitivity\":" BOTTOM "}"
#define AGENTS                                                                                     \
    "{\"name\":\"planner\",\"role\":\"orchestrator\"},{\"name\":\"executor\",\"role\":"            \
    "\"executor\"}"
#define NOW "\"now\":\"2026-11-25T09:46:40Z\""
#define TO "\"to\":{\"name\":\"retriever\",\"role\":\"retriever\"}"

START_TEST(opa_is_asked_with_an_input)
{
    expect_question(&POLICY_OPA, POLICY_CALL, 1,
                    "{\"input\":{\"action\":\"call\",\"agents\":[" AGENTS "],"
                    "\"approvals\":[\"ann\",\"finance\"],"
                    "\"attributed\":true,\"clearance\":" BOTTOM ",\"depth\":1,\"destinations\":["
                    "\"a@x.test\"],\"label\":{\"confidentiality\":\"restricted\",\"integrity\":"
                    "\"untrusted\"}," NOW ",\"principal\":{\"name\":\"executor\",\"role\":"
                    "\"executor\",\"type\":\"agent\"}," TASK ",\"tool\":" SEND_EMAIL "}}");
    expect_question(&POLICY_OPA, POLICY_ISSUE, 1,
                    "{\"input\":{\"action\":\"issue\"," NOW ",\"principal\":{\"name\":\"desk\","
                    "\"role\":\"issuer\",\"type\":\"client\"}," TASK "," TO ",\"tool\":" SEND_EMAIL
                    "}}");
    expect_question(&POLICY_OPA, POLICY_DECLASSIFY, 0,
                    "{\"input\":{\"action\":\"declassify\",\"from\":" BOTTOM "," NOW
                    ",\"principal\":{\"name\":\"desk\",\"role\":\"issuer\",\"type\":"
                    "\"client\"}," TASK ",\"to\":" BOTTOM "}}");
}
END_TEST

START_TEST(authzen_is_asked_with_its_four_parts)
{
    expect_question(
        &POLICY_AUTHZEN, POLICY_ISSUE, 1,
        "{\"action\":{\"name\":\"issue\"},\"context\":{" NOW "," TASK "," TO "},"
        "\"resource\":{\"id\":\"https://tools.test send_email\",\"properties\":" SEND_EMAIL
        ",\"type\":\"tool\"},\"subject\":{\"id\":\"desk\",\"properties\":{"
        "\"role\":\"issuer\"},\"type\":\"client\"}}");
    expect_question(&POLICY_AUTHZEN, POLICY_DECLASSIFY, 0,
                    "{\"action\":{\"name\":\"declassify\"},\"context\":{\"from\":" BOTTOM "," NOW
                    "," TASK ",\"to\":" BOTTOM "},\"resource\":{\"id\":"
                    "\"01a20abf-13b8-7cc8-99ca-de0f1a31e767\",\"type\":\"task\"},\"subject\":{"
                    "\"id\":\"desk\",\"properties\":{\"role\":\"issuer\"},\"type\":\"client\"}}");
}
END_TEST

START_TEST(several_tools_are_one_batch_with_the_rest_in_common)
{
    expect_question(&POLICY_AUTHZEN, POLICY_DELEGATE, 2,
                    "{\"action\":{\"name\":\"delegate\"},\"context\":{\"agents\":[" AGENTS
                    ",{\"name\":\"retriever\",\"role\":\"retriever\"}],\"clearance\":" BOTTOM
                    ",\"depth\":2," NOW "," TASK "," TO
                    "},\"evaluations\":[{\"resource\":{\"id\":\"https://tools.test send_email\","
                    "\"properties\":" SEND_EMAIL ",\"type\":\"tool\"}},{\"resource\":{\"id\":"
                    "\"https://tools.test unheard\",\"properties\":" UNHEARD
                    ",\"type\":\"tool\"}}],\"options\":"
                    "{\"evaluations_semantic\":\"execute_all\"},\"subject\":{\"id\":\"executor\","
                    "\"properties\":"
                    "{\"role\":\"executor\"},\"type\":\"agent\"}}");
}
END_TEST

/* ---- Answers ------------------------------------------------------------------------------ */

static struct policy_answer read_answer(const struct policy_remote_kind *kind, const char *body)
{
    struct policy_answer answer = {.verdict = POLICY_FAILED};
    kind->read(&arena, writ_slice_text(body), &answer, 1);
    return answer;
}

struct said {
    const char *body;
    enum policy_verdict verdict;
    const char *detail; /* a part of the denial's */
};

#define APPROVAL "{\"type\":\"approval\",\"approvers\":[\"finance\",\"legal\"],\"quorum\":2}"

static const struct said TO_OPA[] = {
    {"{\"result\":true}", POLICY_PERMITTED, ""},
    {"{\"result\":false}", POLICY_DENIED, "forbidden by policy opa"},
    {"{\"result\":{\"allow\":true}}", POLICY_PERMITTED, ""},
    {"{\"result\":{\"allow\":true,\"reason\":[1],\"policies\":[],\"obligations\":[]}}",
     POLICY_PERMITTED, ""},
    {"{\"result\":{\"allow\":false,\"policies\":[\"a\",\"b\"],\"more\":1}}", POLICY_DENIED,
     "forbidden by policy opa:a, opa:b"},
    {"{\"decision_id\":\"d-1\",\"result\":false}", POLICY_DENIED, "opa (its decision d-1)"},
    {"{\"decision_id\":\"two words\",\"result\":false}", POLICY_DENIED, "forbidden by policy opa"},
    {"{}", POLICY_FAILED, "undefined"},
    {"{\"result\":null}", POLICY_FAILED, "no boolean"},
    {"{\"result\":\"true\"}", POLICY_FAILED, "no boolean"},
    {"{\"result\":1}", POLICY_FAILED, "no boolean"},
    {"{\"result\":[]}", POLICY_FAILED, "no boolean"},
    {"{\"result\":{}}", POLICY_FAILED, "no boolean"},
    {"{\"result\":{\"allow\":\"true\"}}", POLICY_FAILED, "no boolean"},
    {"{\"result\":{\"allow\":true,\"allow\":true}}", POLICY_FAILED, "strict JSON"},
    {"{\"result\":true}x", POLICY_FAILED, "strict JSON"},
    {"", POLICY_FAILED, "strict JSON"},
    {"{\"result\":{\"allow\":true,\"more\":1}}", POLICY_FAILED, "not known"},
    {"{\"result\":{\"allow\":true,\"policies\":[1]}}", POLICY_FAILED, "policies"},
    {"{\"result\":{\"allow\":true,\"policies\":[\"a,b\"]}}", POLICY_FAILED, "policies"},
    {"{\"result\":{\"allow\":true,\"version\":1}}", POLICY_FAILED, "version"},
    {"{\"result\":{\"allow\":true,\"obligations\":" APPROVAL "}}", POLICY_FAILED, "obligations"},
    {"{\"result\":{\"allow\":true,\"obligations\":[{}]}}", POLICY_FAILED, "one obligation"},
    {"{\"result\":{\"allow\":true,\"obligations\":[{\"type\":\"approval\"}]}}", POLICY_FAILED,
     "approvers"},
};

static const struct said TO_AUTHZEN[] = {
    {"{\"decision\":true}", POLICY_PERMITTED, ""},
    {"{\"decision\":true,\"context\":{\"id\":\"1\",\"reason_admin\":{\"en\":\"x\"}}}",
     POLICY_PERMITTED, ""},
    {"{\"decision\":false,\"context\":{\"any\":1},\"more\":2}", POLICY_DENIED,
     "forbidden by policy authzen"},
    {"{\"decision\":false,\"context\":{\"obligations\":7}}", POLICY_DENIED, ""},
    {"{\"decision\":true,\"more\":1}", POLICY_FAILED, "not known"},
    {"{\"decision\":true,\"context\":{\"more\":1}}", POLICY_FAILED, "not known"},
    {"{\"decision\":true,\"context\":[]}", POLICY_FAILED, "not known"},
    {"{\"decision\":\"true\"}", POLICY_FAILED, "no boolean"},
    {"{\"evaluations\":[{\"decision\":true}]}", POLICY_FAILED, "no boolean"},
    {"true", POLICY_FAILED, "no boolean"},
};

static void expect_all(const struct policy_remote_kind *kind, const struct said *said, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct writ_denial denial = {.hop = -1};
        const struct policy_answer answer = read_answer(kind, said[i].body);
        const struct writ_result result = policy_conclude(&answer, &denial);
        ck_assert_msg(answer.verdict == said[i].verdict, "%s: %s", said[i].body, denial.detail);
        ck_assert_int_eq(writ_is_ok(result), said[i].verdict == POLICY_PERMITTED);
        ck_assert_msg(strstr(denial.detail, said[i].detail) != NULL, "%s: %s", said[i].body,
                      denial.detail);
        /* A denial is nobody's for ever. */
        ck_assert_int_eq(answer.is_of_the_hour && answer.is_of_the_presenter,
                         answer.verdict == POLICY_DENIED);
    }
}

START_TEST(of_opa_only_what_is_understood_permits)
{
    expect_all(&POLICY_OPA, TO_OPA, sizeof TO_OPA / sizeof TO_OPA[0]);
}
END_TEST

START_TEST(of_authzen_only_what_is_understood_permits)
{
    expect_all(&POLICY_AUTHZEN, TO_AUTHZEN, sizeof TO_AUTHZEN / sizeof TO_AUTHZEN[0]);
}
END_TEST

START_TEST(each_evaluation_of_a_batch_has_its_own_answer)
{
    static const char *const SHORT[] = {
        "{\"evaluations\":[{\"decision\":true}]}",
        "{\"evaluations\":[{\"decision\":true},{\"decision\":true},{\"decision\":true}]}",
        "{\"evaluations\":{}}", "{\"decision\":true}", "rubbish"};
    struct policy_answer answers[2] = {{.verdict = POLICY_FAILED}, {.verdict = POLICY_FAILED}};
    POLICY_AUTHZEN.read(
        &arena, writ_slice_text("{\"evaluations\":[{\"decision\":false},{\"decision\":true}]}"),
        answers, 2);
    ck_assert_int_eq(answers[0].verdict, POLICY_DENIED);
    ck_assert_int_eq(answers[1].verdict, POLICY_PERMITTED);
    for (size_t i = 0; i < sizeof SHORT / sizeof SHORT[0]; i++) {
        POLICY_AUTHZEN.read(&arena, writ_slice_text(SHORT[i]), answers, 2);
        ck_assert_int_eq(answers[0].verdict, POLICY_FAILED);
        ck_assert_int_eq(answers[1].verdict, POLICY_FAILED);
    }
}
END_TEST

START_TEST(obligations_are_rules_that_need_people)
{
    const struct policy_answer answer = read_answer(
        &POLICY_OPA,
        "{\"result\":{\"allow\":true,\"policies\":[\"large\"],\"obligations\":[" APPROVAL
        ",{\"type\":\"approval\",\"approvers\":[\"night\"]}]}}");
    ck_assert_int_eq(answer.verdict, POLICY_PERMITTED);
    ck_assert(answer.needs_approval);
    ck_assert_uint_eq(answer.rule_count, 3);
    ck_assert(writ_slice_is(answer.rules[0]->id, "opa:large"));
    ck_assert(!answer.rules[0]->needs_approval);
    ck_assert(writ_slice_is(answer.rules[1]->id, "opa:obligation"));
    ck_assert_int_eq(answer.rules[1]->quorum, 2);
    ck_assert_uint_eq(answer.rules[1]->approver_count, 2);
    ck_assert(writ_slice_is(answer.rules[1]->approvers[1], "legal"));
    ck_assert_int_eq(answer.rules[2]->quorum, 1);
}
END_TEST

/* An approval binds ids and hashes of what decided. */
START_TEST(another_answer_has_another_hash_and_the_same_one_later_has_not)
{
    static const char *const OTHERS[] = {
        "{\"result\":{\"allow\":true,\"version\":\"2\"}}",
        "{\"result\":{\"allow\":true,\"version\":\"1\",\"policies\":[\"a\"]}}",
        "{\"result\":{\"allow\":true,\"version\":\"1\",\"obligations\":[" APPROVAL "]}}",
        "{\"result\":{\"allow\":true,\"version\":\"1\"},\"provenance\":{\"bundles\":{\"b\":{"
        "\"revision\":\"7\"}}}}",
    };
    const struct policy_answer first = read_answer(
        &POLICY_OPA, "{\"decision_id\":\"d-1\",\"result\":{\"allow\":true,\"version\":\"1\"}}");
    const struct policy_answer later = read_answer(
        &POLICY_OPA, "{\"decision_id\":\"d-2\",\"result\":{\"allow\":true,\"version\":\"1\"}}");
    ck_assert_mem_eq(first.rules[0]->sha256, later.rules[0]->sha256, 32);
    for (size_t i = 0; i < sizeof OTHERS / sizeof OTHERS[0]; i++) {
        const struct policy_answer other = read_answer(&POLICY_OPA, OTHERS[i]);
        ck_assert_int_eq(other.verdict, POLICY_PERMITTED);
        ck_assert_mem_ne(first.rules[0]->sha256, other.rules[0]->sha256, 32);
    }
}
END_TEST

START_TEST(two_engines_permit_only_together)
{
    static const enum policy_verdict F = POLICY_FAILED, D = POLICY_DENIED, P = POLICY_PERMITTED;
    const struct {
        enum policy_verdict one, other, both;
    } table[] = {{P, P, P}, {P, D, D}, {D, P, D}, {D, D, D}, {P, F, F},
                 {F, P, F}, {F, F, F}, {F, D, D}, {D, F, D}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct policy_answer answer = {.verdict = table[i].one};
        const struct policy_answer other = {.verdict = table[i].other};
        policy_join(&arena, &answer, &other);
        ck_assert_int_eq(answer.verdict, table[i].both);
    }
    struct policy_answer answer = read_answer(&POLICY_OPA, "{\"result\":true}");
    const struct policy_answer other = read_answer(
        &POLICY_AUTHZEN, "{\"decision\":true,\"context\":{\"obligations\":[" APPROVAL "]}}");
    policy_join(&arena, &answer, &other);
    ck_assert_uint_eq(answer.rule_count, 3);
    ck_assert(answer.needs_approval);
    ck_assert(writ_slice_is(answer.rules[0]->id, "opa"));
    ck_assert(writ_slice_is(answer.rules[2]->id, "authzen:obligation"));
}
END_TEST

Suite *suite_remote(void)
{
    TCase *tests = tcase_create("remote");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, opa_is_asked_with_an_input);
    tcase_add_test(tests, authzen_is_asked_with_its_four_parts);
    tcase_add_test(tests, several_tools_are_one_batch_with_the_rest_in_common);
    tcase_add_test(tests, of_opa_only_what_is_understood_permits);
    tcase_add_test(tests, of_authzen_only_what_is_understood_permits);
    tcase_add_test(tests, each_evaluation_of_a_batch_has_its_own_answer);
    tcase_add_test(tests, obligations_are_rules_that_need_people);
    tcase_add_test(tests, another_answer_has_another_hash_and_the_same_one_later_has_not);
    tcase_add_test(tests, two_engines_permit_only_together);
    return suite_of("remote", tests);
}
