/* Policies: what may come into force, and what is answered by them. */
#include "suites.h"

#include "policy/cedar_engine.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT "@id(\"default\") permit(principal, action, resource);\n"

static struct writ_arena arena;
static char message[CEDAR_ENGINE_MESSAGE_MAX];

static void start(void)
{
    writ_arena_init(&arena, 0);
}

static void stop(void)
{
    writ_arena_done(&arena);
}

static struct policy_engine *must_take(const char *text)
{
    struct policy_engine *engine = NULL;
    ck_assert_msg(writ_is_ok(cedar_engine_new(writ_slice_text(text), &engine, message)), "%s",
                  message);
    return engine;
}

static void expect_refused(const char *text, const char *because)
{
    struct policy_engine *engine = NULL;
    const struct writ_result result = cedar_engine_new(writ_slice_text(text), &engine, message);
    ck_assert_msg(result.status == WRIT_MALFORMED, "taken: %s", text);
    ck_assert_ptr_null(engine);
    ck_assert_msg(strstr(message, because) != NULL, "%s\nsaid: %s", text, message);
}

static const struct policy_party LINE[] = {
    {{(const uint8_t *)"planner", 7}, {(const uint8_t *)"planner", 7}},
    {{(const uint8_t *)"executor", 8}, {(const uint8_t *)"executor", 8}},
};
static const struct writ_slice DESTINATIONS[] = {{(const uint8_t *)"a@x.test", 8}};
static const struct writ_slice APPROVALS[] = {WRIT_SLICE_LITERAL("ann"),
                                              WRIT_SLICE_LITERAL("finance")};

static struct policy_request request_of(enum policy_action action)
{
    return (struct policy_request){
        .action = action,
        .now_us = 1795600000000000, /* 2026-11-25T09:46:40Z */
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
        .tool = {.audience = WRIT_SLICE_LITERAL("https://tools.test"),
                 .name = WRIT_SLICE_LITERAL("send_email"),
                 .registered = true,
                 .effect = WRIT_SLICE_LITERAL("irreversible"),
                 .sends = true},
        .destinations = DESTINATIONS,
        .destination_count = 1,
        .approvals = APPROVALS,
        .approval_count = 2,
        .label = {WRIT_LABEL_CONFIDENTIAL, WRIT_LABEL_UNTRUSTED, NULL},
        .is_checked = true,
    };
}

static struct policy_answer judge(const char *text, const struct policy_request *request,
                                  enum writ_status wanted)
{
    struct policy_answer answer;
    struct writ_denial denial = {.hop = -1};
    struct policy_engine *engine = must_take(text);
    policy_ask(engine, &arena, request, &answer);
    const struct writ_result result = policy_conclude(&answer, &denial);
    ck_assert_msg(result.status == wanted, "%s: %s, %s", text, writ_status_code(result.status),
                  denial.detail);
    ck_assert_int_eq(denial.outcome, wanted);
    snprintf(message, sizeof message, "%s", denial.detail);
    policy_engine_free(engine);
    return answer;
}

static void call(const char *text, enum writ_status wanted)
{
    const struct policy_request request = request_of(POLICY_CALL);
    (void)judge(text, &request, wanted);
}

START_TEST(each_action_asks_what_the_schema_says)
{
    for (int action = POLICY_ISSUE; action <= POLICY_DECLASSIFY; action++) {
        const struct policy_request request = request_of((enum policy_action)action);
        (void)judge(DEFAULT, &request, WRIT_OK);
    }
}
END_TEST

START_TEST(whatever_no_policy_permits_is_denied)
{
    call("@id(\"other\") permit(principal, action == Action::\"issue\", resource);",
         WRIT_POLICY_DENIED);
    ck_assert_str_eq(message, "no policy permits it");
}
END_TEST

START_TEST(a_forbid_wins_and_is_named)
{
    call(DEFAULT "@id(\"no_mail\") forbid(principal, action, resource == "
                 "Tool::\"https://tools.test send_email\");",
         WRIT_POLICY_DENIED);
    ck_assert_str_eq(message, "forbidden by policy no_mail");
}
END_TEST

/* One line of each thing that a policy can look at, true of the request; its negation is not. */
START_TEST(policies_see_what_the_schema_promises)
{
    static const char *const TRUE_OF_CALL[] = {
        "principal == Agent::\"executor\" && principal.role == \"executor\"",
        "resource.audience == \"https://tools.test\" && resource.name == \"send_email\"",
        "resource.registered && resource.sends && resource.effect == \"irreversible\"",
        "resource.sensitivity.confidentiality == 0 && !resource.sensitivity.untrusted",
        "resource.sensitivity.categories.isEmpty()",
        "context.task.purpose == \"tidy notes\" && context.task.state == \"open\"",
        "context.task.principal == Principal::\"emma\"",
        "context.task.opened_by.role == \"issuer\"",
        "context.task.deadline > context.now",
        "context.now == datetime(\"2026-11-25T09:46:40Z\")",
        "context.now.toTime() > duration(\"9h\") && context.now.toTime() < duration(\"10h\")",
        "context.depth == 1 && context.attributed",
        "context.agents == [Agent::\"executor\", Agent::\"planner\"]",
        "context.clearance.confidentiality == 0",
        "context.destinations.contains(\"a@x.test\")",
        "context.approvals == [\"finance\", \"ann\"]",
        "context.label.confidentiality == 2 && context.label.untrusted",
    };
    for (size_t i = 0; i < sizeof TRUE_OF_CALL / sizeof TRUE_OF_CALL[0]; i++) {
        static const char SHAPE[] = "@id(\"x\") permit(principal, action == Action::\"call\", "
                                    "resource) %s { %s };";
        call(writ_arena_printf(&arena, SHAPE, "when", TRUE_OF_CALL[i]), WRIT_OK);
        call(writ_arena_printf(&arena, SHAPE, "unless", TRUE_OF_CALL[i]), WRIT_POLICY_DENIED);
    }
}
END_TEST

START_TEST(a_delegation_counts_the_next_agent)
{
    const struct policy_request request = request_of(POLICY_DELEGATE);
    (void)judge("@id(\"x\") permit(principal == Agent::\"executor\", action, resource) when { "
                "action == Action::\"delegate\" && context.depth == 2 && "
                "context.to == Agent::\"retriever\" && context.to.role == \"retriever\" && "
                "context.agents.contains(Agent::\"retriever\") };",
                &request, WRIT_OK);
}
END_TEST

/* 9223372036854775807 + 1 is an error in Cedar, and not one that validation finds. */
#define FAILS "when { context.depth + 9223372036854775807 > 0 }"

START_TEST(a_policy_that_fails_denies_and_is_not_skipped)
{
    call(DEFAULT "@id(\"broken\") forbid(principal, action == Action::\"call\", resource) " FAILS
                 ";",
         WRIT_POLICY_ERROR);
    ck_assert_str_eq(message, "this policy failed: broken");
    call(DEFAULT "@id(\"broken\") permit(principal, action == Action::\"call\", resource) " FAILS
                 ";",
         WRIT_POLICY_ERROR);
    call(DEFAULT "@id(\"no\") forbid(principal, action, resource);\n"
                 "@id(\"broken\") permit(principal, action == Action::\"call\", resource) " FAILS
                 ";",
         WRIT_POLICY_ERROR);
}
END_TEST

START_TEST(obligations_come_with_the_permits_that_hold)
{
    const struct policy_request request = request_of(POLICY_CALL);
    struct policy_answer answer;
    struct writ_denial denial = {.hop = -1};
    struct policy_engine *engine = must_take(
        DEFAULT "@id(\"mail\") @obligation(\"approval\") @approvers(\"finance, legal\") "
                "@quorum(\"2\") permit(principal, action, resource) when { resource is Tool && "
                "resource.name == \"send_email\" };\n"
                "@id(\"pay\") @obligation(\"approval\") @approvers(\"board\") "
                "permit(principal, action, resource) when { resource is Tool && "
                "resource.name == \"pay\" };");
    policy_ask(engine, &arena, &request, &answer);
    ck_assert(writ_is_ok(policy_conclude(&answer, &denial)));
    ck_assert(answer.needs_approval);
    ck_assert_uint_eq(answer.rule_count, 2);
    const struct policy_rule *mail = answer.rules[1];
    ck_assert(writ_slice_is(answer.rules[0]->id, "default") && !answer.rules[0]->needs_approval);
    ck_assert(writ_slice_is(mail->id, "mail") && mail->needs_approval);
    ck_assert_int_eq(mail->quorum, 2);
    ck_assert_uint_eq(mail->approver_count, 2);
    ck_assert(writ_slice_is(mail->approvers[0], "finance"));
    ck_assert(writ_slice_is(mail->approvers[1], "legal"));
    ck_assert_mem_ne(mail->sha256, answer.rules[0]->sha256, 32);
    size_t count = 0;
    const struct policy_rule *rules = cedar_engine_rules(engine, &count);
    ck_assert_uint_eq(count, 3);
    ck_assert(writ_slice_is(rules[2].id, "pay") && rules[2].quorum == 1);
    policy_engine_free(engine);
}
END_TEST

START_TEST(a_denial_says_whether_it_is_the_presenters_or_the_hours)
{
    static const struct {
        const char *when;
        bool presenters, hours;
    } RULES[] = {
        {"resource.name == \"send_email\"", false, false},
        {"context.task.purpose == \"tidy notes\"", false, false},
        {"context.task.opened_by == Client::\"desk\"", false, false},
        {"principal.role == \"executor\"", true, false},
        {"context.depth > 0", true, false},
        {"context.agents.contains(Agent::\"planner\")", true, false},
        {"context.attributed", true, false},
        {"context.now > datetime(\"2020-01-01\")", false, true},
        {"context.task.deadline > context.now", false, true},
        {"context.approvals.contains(\"finance\")", false, true},
        {"context.label.untrusted", false, true},
        {"{a: context}.a == {a: context}.a", true, true}, /* each member of it */
    };
    const struct policy_request request = request_of(POLICY_CALL);
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++) {
        const char *text = writ_arena_printf(
            &arena,
            DEFAULT
            "@id(\"no\") forbid(principal, action == Action::\"call\", resource) when { %s };",
            RULES[i].when);
        const struct policy_answer answer = judge(text, &request, WRIT_POLICY_DENIED);
        ck_assert_msg(answer.is_of_the_presenter == RULES[i].presenters &&
                          answer.is_of_the_hour == RULES[i].hours,
                      "%s", RULES[i].when);
    }
    const struct policy_answer none = judge(
        "@id(\"x\") permit(principal, action == Action::\"issue\", resource);", &request,
        WRIT_POLICY_DENIED);
    ck_assert(none.is_of_the_presenter && none.is_of_the_hour);
    const struct policy_answer scope = judge(
        DEFAULT "@id(\"x\") forbid(principal == Agent::\"executor\", action, resource);", &request,
        WRIT_POLICY_DENIED);
    ck_assert(scope.is_of_the_presenter);
}
END_TEST

START_TEST(a_denial_asks_for_no_approval)
{
    const struct policy_request request = request_of(POLICY_CALL);
    const struct policy_answer answer = judge(
        "@id(\"ask\") @obligation(\"approval\") @approvers(\"a\") permit(principal, action, "
        "resource);\n@id(\"no\") forbid(principal, action, resource);",
        &request, WRIT_POLICY_DENIED);
    ck_assert(!answer.needs_approval);
}
END_TEST

START_TEST(refuses_policies_that_are_not_as_documented)
{
    expect_refused("permit(principal, action, resource);", "it has no @id");
    expect_refused("@id(\"a b\") permit(principal, action, resource);", "@id: 1 to 100");
    expect_refused("@id(\"\") permit(principal, action, resource);", "empty");
    expect_refused(DEFAULT DEFAULT, "two policies have the @id \"default\"");
    expect_refused("@id(\"x\") permit(principal == ?principal, action, resource);", "template");
    expect_refused("\n\n@id(\"x\") permit(principal, action, resourse);", "line 3");
    expect_refused("@id(\"x\") permit(principal, action, resource) when { context.moon };", "moon");
    expect_refused("@id(\"x\") permit(principal == User::\"a\", action, resource);", "User");
    expect_refused("@id(\"x\") permit(principal, action == Action::\"fly\", resource);", "fly");
    expect_refused("@id(\"x\") permit(principal, action, resource) when { principal.role == 3 };",
                   "line 1");
}
END_TEST

/* Cedar only warns of these. A forbid that can never apply is a hole with a lid painted on it. */
START_TEST(refuses_policies_that_can_never_apply)
{
    expect_refused(DEFAULT "@id(\"x\") forbid(principal is Client, action == Action::\"call\", "
                           "resource);",
                   "applicable action");
    expect_refused(DEFAULT "@id(\"x\") forbid(principal, action, resource) when { false };",
                   "impossible");
    expect_refused(DEFAULT
                   "@id(\"x\") forbid(principal, action == Action::\"call\", resource) when "
                   "{ context.task.purpose == \"\u202egnp.exe\" };",
                   "BIDI");
}
END_TEST

START_TEST(refuses_an_obligation_that_nobody_could_meet)
{
    static const struct {
        const char *annotations, *because;
    } WRONG[] = {
        {"@obligation(\"dance\") @approvers(\"a\")", "the one @obligation"},
        {"@obligation(\"approval\")", "@approvers"},
        {"@obligation(\"approval\") @approvers(\"\")", "@approvers"},
        {"@obligation(\"approval\") @approvers(\"a,,b\")", "@approvers"},
        {"@obligation(\"approval\") @approvers(\"a,\")", "@approvers"},
        {"@obligation(\"approval\") @approvers(\"a\") @quorum(\"0\")", "@quorum"},
        {"@obligation(\"approval\") @approvers(\"a\") @quorum(\"two\")", "@quorum"},
        {"@obligation(\"approval\") @approvers(\"a\") @quorum(\"101\")", "@quorum"},
        {"@obligation(\"approval\") @approvers(\"a\") @quorum(\"\")", "@quorum"},
        {"@approvers(\"a\")", "need an @obligation"},
        {"@quorum(\"2\")", "need an @obligation"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
        expect_refused(writ_arena_printf(&arena,
                                         "@id(\"x\") %s permit(principal, action, resource);",
                                         WRONG[i].annotations),
                       WRONG[i].because);
    expect_refused("@id(\"x\") @obligation(\"approval\") @approvers(\"a\") "
                   "forbid(principal, action, resource);",
                   "a forbid has no obligation");
    expect_refused("@id(\"x\") @obligation(\"approval\") @approvers(\"a\") permit(principal, "
                   "action == Action::\"call\", resource) when { context.approvals.isEmpty() };",
                   "who looks at approvals does not ask for them");
}
END_TEST

/* ---- Whoever may still approve ------------------------------------------------------------ */

#define WHEN_CALLED "(principal, action == Action::\"call\", resource) when "
#define PERMIT(id, when) "@id(\"" id "\") permit" WHEN_CALLED "{ " when " };\n"
#define FORBID(id, when) "@id(\"" id "\") forbid" WHEN_CALLED "{ " when " };\n"
#define BY_LEGAL "context.approvals.contains(\"legal\")"
#define OVERFLOWS "context.depth + 9223372036854775807 > 0"

/* What is so now, and with the approvals left open: 'p' permitted, 'd' denied, 'f' failed. */
static void expect_at_best(const char *text, char now, char then, const char *by)
{
    static const char WORDS[] = {
        [POLICY_FAILED] = 'f', [POLICY_DENIED] = 'd', [POLICY_PERMITTED] = 'p'};
    const struct policy_request request = request_of(POLICY_CALL);
    struct policy_engine *engine = must_take(text);
    struct policy_answer answer, at_best;
    policy_ask(engine, &arena, &request, &answer);
    policy_ask_at_best(engine, &arena, &request, &answer, &at_best);
    ck_assert_msg(WORDS[answer.verdict] == now, "%s: %c now", text, WORDS[answer.verdict]);
    ck_assert_msg(WORDS[at_best.verdict] == then, "%s: %c then", text, WORDS[at_best.verdict]);
    const char *ids = "";
    for (size_t i = 0; i < at_best.rule_count; i++)
        ids = writ_arena_printf(&arena, "%s%s%.*s", ids, i ? " " : "",
                                WRIT_SLICE_ARGS(at_best.rules[i]->id));
    ck_assert_str_eq(ids, by);
    policy_engine_free(engine);
}

START_TEST(a_permit_that_somebody_may_approve_can_hold)
{
    expect_at_best(PERMIT("a", BY_LEGAL), 'd', 'p', "a");
    expect_at_best(PERMIT("a", "!" BY_LEGAL), 'p', 'p', "a");
    expect_at_best(PERMIT("a", "context.depth == 1 && " BY_LEGAL), 'd', 'p', "a");
    expect_at_best(PERMIT("a", "context.depth == 1 || " BY_LEGAL), 'p', 'p', "a");
    expect_at_best(PERMIT("a", "{a: context}.a == {a: context}.a"), 'p', 'p', "a");
    /* What has nothing to do with approvals stays as it is. */
    expect_at_best(PERMIT("a", "context.depth == 2 && " BY_LEGAL), 'd', 'd', "");
    expect_at_best(PERMIT("a", BY_LEGAL " && context.depth == 2"), 'd', 'd', "");
    expect_at_best("@id(\"a\") permit(principal == Agent::\"planner\", action == "
                   "Action::\"call\", resource) when { " BY_LEGAL " };",
                   'd', 'd', "");
    expect_at_best("@id(\"a\") permit(principal is Agent, action == "
                   "Action::\"call\", resource is Tool) when { " BY_LEGAL " };",
                   'd', 'p', "a");
}
END_TEST

START_TEST(a_forbid_that_somebody_may_lift_need_not_hold)
{
    expect_at_best(DEFAULT FORBID("no", "!" BY_LEGAL), 'd', 'p', "default");
    expect_at_best(DEFAULT FORBID("no", "context.depth == 1 && !" BY_LEGAL), 'd', 'p', "default");
    expect_at_best(DEFAULT FORBID("no", BY_LEGAL), 'p', 'p', "default");
    expect_at_best(DEFAULT FORBID("no", "context.depth == 1"), 'd', 'd', "no");
    expect_at_best(DEFAULT FORBID("no", "context.depth == 1") FORBID("lift", "!" BY_LEGAL), 'd',
                   'd', "no");
}
END_TEST

/* What permits with some approvals is among what can: the approval binds it. */
START_TEST(whatever_permits_once_people_have_approved_was_bound_before)
{
    expect_at_best(DEFAULT PERMIT("legal", BY_LEGAL)
                       PERMIT("finance", "context.approvals.contains(\"finance\")")
                           PERMIT("other", "context.depth == 7"),
                   'p', 'p', "default legal finance");
}
END_TEST

/* A clause that fails denies, unless one that is open may keep Cedar from it. */
START_TEST(what_fails_fails_with_approvals_open_too)
{
    expect_at_best(DEFAULT FORBID("no", OVERFLOWS " && " BY_LEGAL), 'f', 'f', "no");
    expect_at_best(DEFAULT FORBID("no", BY_LEGAL " && " OVERFLOWS), 'p', 'p', "default");
    expect_at_best(PERMIT("a", OVERFLOWS " && " BY_LEGAL), 'f', 'f', "a");
    expect_at_best(PERMIT("a", BY_LEGAL " && " OVERFLOWS), 'd', 'p', "a");
    expect_at_best(PERMIT("a", "!" BY_LEGAL " && " OVERFLOWS), 'f', 'f', "a");
}
END_TEST

/* Deep nesting must end in a refusal, not in a stack that ran out. */
START_TEST(survives_hostile_texts)
{
    enum { DEEP = 100000 };
    char *deep = writ_arena_alloc(&arena, 2 * DEEP + 200);
    ck_assert_ptr_nonnull(deep);
    struct policy_engine *engine = NULL;
    static const char HEAD[] = "@id(\"x\") permit(principal, action, resource) when { ";
    memcpy(deep, HEAD, sizeof HEAD - 1);
    memset(deep + sizeof HEAD - 1, '(', DEEP);
    ck_assert(!writ_is_ok(cedar_engine_new(writ_slice_text(deep), &engine, message)));
    memset(deep + sizeof HEAD - 1, '!', DEEP);
    strcat(deep, "true };");
    ck_assert(!writ_is_ok(cedar_engine_new(writ_slice_text(deep), &engine, message)));
    ck_assert(!writ_is_ok(cedar_engine_new(writ_slice_of("\xff\xfe", 2), &engine, message)));
    char *long_text = writ_arena_alloc(&arena, CEDAR_ENGINE_TEXT_MAX + 2);
    memset(long_text, ' ', CEDAR_ENGINE_TEXT_MAX + 1);
    ck_assert(!writ_is_ok(cedar_engine_new(writ_slice_text(long_text), &engine, message)));
    ck_assert_ptr_null(engine);
}
END_TEST

START_TEST(a_question_that_no_time_fits_is_an_error)
{
    struct policy_request request = request_of(POLICY_CALL);
    request.now_us = INT64_MAX;
    (void)judge(DEFAULT, &request, WRIT_POLICY_ERROR);
}
END_TEST

START_TEST(without_an_engine_nothing_is_restricted)
{
    const struct policy_request request = request_of(POLICY_CALL);
    struct policy_answer answer;
    struct writ_denial denial = {.hop = -1};
    policy_ask(NULL, &arena, &request, &answer);
    ck_assert(writ_is_ok(policy_conclude(&answer, &denial)));
    ck_assert(!answer.needs_approval);
    ck_assert_ptr_null(policy_engine_free(NULL));
}
END_TEST

Suite *suite_policy(void)
{
    TCase *tests = tcase_create("policy");
    tcase_set_timeout(tests, 60); /* Cedar under sanitizers */
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, without_an_engine_nothing_is_restricted);
    if (CEDAR_ENGINE_IS_BUILT_IN) {
        tcase_add_test(tests, each_action_asks_what_the_schema_says);
        tcase_add_test(tests, whatever_no_policy_permits_is_denied);
        tcase_add_test(tests, a_forbid_wins_and_is_named);
        tcase_add_test(tests, policies_see_what_the_schema_promises);
        tcase_add_test(tests, a_delegation_counts_the_next_agent);
        tcase_add_test(tests, a_policy_that_fails_denies_and_is_not_skipped);
        tcase_add_test(tests, obligations_come_with_the_permits_that_hold);
        tcase_add_test(tests, a_denial_says_whether_it_is_the_presenters_or_the_hours);
        tcase_add_test(tests, a_denial_asks_for_no_approval);
        tcase_add_test(tests, refuses_policies_that_are_not_as_documented);
        tcase_add_test(tests, refuses_policies_that_can_never_apply);
        tcase_add_test(tests, refuses_an_obligation_that_nobody_could_meet);
        tcase_add_test(tests, a_permit_that_somebody_may_approve_can_hold);
        tcase_add_test(tests, a_forbid_that_somebody_may_lift_need_not_hold);
        tcase_add_test(tests, whatever_permits_once_people_have_approved_was_bound_before);
        tcase_add_test(tests, what_fails_fails_with_approvals_open_too);
        tcase_add_test(tests, survives_hostile_texts);
        tcase_add_test(tests, a_question_that_no_time_fits_is_an_error);
    }
    return suite_of("policy", tests);
}
