/* writ_terms at the service: what a holder omits, repeats, mistypes or loosens gains nothing. */
#include "actors.h"
#include "suites.h"

#include <string.h>

static const char *const TOOLS =
    "{'read_file': {'path': {'constraint_type': 'path_containment', 'root': '/notes'}}}";

/* A chain whose root has these terms. */
static void open_with(struct chain *chain, const char *terms)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner,
                                           plain("'terms': {%s}", terms));
    chain_take(chain, &opened, &cast.planner);
}

static struct answer admit_with(struct chain *chain, const struct actor *to, const char *terms)
{
    struct writ_json *claims = child_claims(chain, to);
    claim_authority(claims, TOOLS, terms);
    return chain_admit(chain, token_sign(claims, &chain->holders[chain->count - 1]));
}

START_TEST(refuses_terms_that_are_looser_than_the_parents)
{
    struct chain chain;
    open_with(&chain, "'clearance': {'confidentiality': 'internal', 'integrity': 'untrusted', "
                      "'categories': ['pii']}");
    static const char *const LOOSER[] = {
        "'clearance': {'confidentiality': 'confidential'}",
        "'clearance': {'confidentiality': 'internal', 'categories': ['pii', 'health']}",
        "'budget': [{'unit': 'calls', 'limit': '-1'}]",
    };
    for (size_t i = 0; i < 2; i++) {
        const struct answer answer = admit_with(&chain, &cast.executor, LOOSER[i]);
        expect_code(answer, "not_narrower");
    }
    const struct answer negative = admit_with(&chain, &cast.executor, LOOSER[2]);
    expect_code(negative, "malformed");
    const struct answer tighter = admit_with(&chain, &cast.executor,
                                             "'clearance': {'confidentiality': 'public'}");
    expect_status(tighter, 201);
}
END_TEST

START_TEST(refuses_terms_that_are_repeated_or_mistyped)
{
    static const char *const WRONG[] = {
        "[{'type': 'writ_terms'}, {'type': 'writ_terms'}]",
        "[{'type': 'writ_terms', 'unknown': 1}]",
        "[{'type': 'writ_terms', 'call_only': 'read_file'}]",
        "[{'type': 'writ_terms', 'clearance': 'internal'}]",
        "[{'type': 'writ_terms', 'clearance': {'confidentiality': 'secret'}}]",
        "[{'type': 'writ_terms', 'approval': [{'tools': ['read_file'], 'quorum': 0}]}]",
        "[{'type': 'writ_terms', 'budget': [{'unit': 'calls', 'limit': 5}]}]",
    };
    struct chain chain;
    chain_open(&chain, &cast.planner);
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        struct writ_json *claims = child_claims(&chain, &cast.executor);
        const char *rest = WRONG[i] + 1;
        claim(claims, "authorization_details",
              plain("[{'type': 'attenuating_agent_token', 'tools': %s}, %s", TOOLS, rest));
        const struct answer answer = chain_admit(&chain, token_sign(claims, &cast.planner));
        expect_code(answer, "malformed");
    }
}
END_TEST

START_TEST(a_child_that_drops_an_approval_rule_keeps_it)
{
    struct chain chain;
    open_with(&chain, "'approval': [{'tools': ['read_file'], 'approvers': ['finance'], "
                      "'quorum': 1}]");
    const struct answer admitted = admit_with(&chain, &cast.executor, NULL);
    expect_status(admitted, 201);
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim_authority(claims, TOOLS, NULL);
    const char *token = token_sign(claims, &cast.planner);
    const struct answer again = chain_admit(&chain, token);
    expect_status(again, 201);
    chain_push(&chain, &again, token, &cast.executor);
    const struct answer called = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(called, "approval_required");
    ck_assert_int_eq(called.status, 409);
    /* A rule that is weakened is refused. */
    chain.count = 1;
    const struct answer weaker = admit_with(
        &chain, &cast.executor,
        "'approval': [{'tools': ['read_file'], 'approvers': ['anyone'], "
        "'quorum': 1}]");
    expect_code(weaker, "not_narrower");
}
END_TEST

START_TEST(what_is_call_only_is_not_passed_on)
{
    struct chain chain;
    open_with(&chain, "'call_only': ['read_file']");
    const struct answer called = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(called, 200);
    const struct answer passed = admit_with(&chain, &cast.executor, NULL);
    expect_code(passed, "not_narrower");
}
END_TEST

START_TEST(what_is_pass_only_is_not_called_by_that_agent_or_key)
{
    struct chain chain;
    open_with(&chain, "'pass_only': ['read_file']");
    const struct answer called = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(called, "scope_not_granted");
    chain_extend(&chain, &cast.executor, TOOLS);
    const struct answer passed = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(passed, 200);
    /* Nor does a second key of the planner, further down, get around it. */
    const struct actor second = actor_fresh(&cast.planner);
    chain_extend(&chain, &second, TOOLS);
    const struct answer around = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_code(around, "scope_not_granted");
}
END_TEST

START_TEST(a_tool_above_the_clearance_is_denied)
{
    const struct answer tool = put(
        &cast.admin, "/v1/tools/read_file?audience=https%3A%2F%2Fother.test",
        quoted("{'effect': 'read', 'sensitivity': {'confidentiality': 'confidential'}}"));
    expect_status(tool, 200);
    static const struct {
        const char *terms;
        int status;
    } CASES[] = {
        {"'audience': '" OTHER_AUDIENCE "'", 403},
        {"'audience': '" OTHER_AUDIENCE "', 'terms': {'clearance': "
         "{'confidentiality': 'internal'}}",
         403},
        {"'audience': '" OTHER_AUDIENCE "', 'terms': {'clearance': "
         "{'confidentiality': 'confidential'}}",
         200},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct answer opened = task_open(&cast.issuer, &cast.planner, CASES[i].terms);
        struct chain chain;
        chain_take(&chain, &opened, &cast.planner);
        chain.enforcer = &cast.outsider;
        struct writ_json *claims = proof_claims(&chain, "read_file", "{'path': '/notes/a'}");
        claim(claims, "aat_aud", "'" OTHER_AUDIENCE "'");
        const struct answer answer = post(&cast.outsider, "/v1/validate",
                                          use_body(&chain, proof_sign(claims, &cast.planner),
                                                   "read_file", "{'path': '/notes/a'}"));
        expect_status(answer, CASES[i].status);
        if (CASES[i].status == 403)
            expect_code(answer, "label_exceeded");
    }
}
END_TEST

Suite *suite_terms(void)
{
    Suite *suite = suite_create("terms");
    ADD(suite, refuses_terms_that_are_looser_than_the_parents);
    ADD(suite, refuses_terms_that_are_repeated_or_mistyped);
    ADD(suite, a_child_that_drops_an_approval_rule_keeps_it);
    ADD(suite, what_is_call_only_is_not_passed_on);
    ADD(suite, what_is_pass_only_is_not_called_by_that_agent_or_key);
    ADD(suite, a_tool_above_the_clearance_is_denied);
    return suite;
}
