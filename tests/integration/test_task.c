/* Opening and ending tasks: W12, and that every token dies with its task. */
#include "actors.h"
#include "suites.h"

#include <string.h>

/* An issuer of its own, with this ceiling ("" for none). */
static struct client issuer_with(const char *name, const char *ceiling)
{
    return client_new(name, ceiling[0] ? plain("{'role': 'issuer', 'ceiling': {%s}}", ceiling)
                                       : "{'role': 'issuer'}");
}

START_TEST(opens_a_task_with_a_root_at_depth_0)
{
    const struct answer opened = task_open(&cast.issuer, &cast.planner, "'purpose': 'a purpose'");
    expect_status(opened, 201);
    expect_text(opened, "task.state", "open");
    expect_text(opened, "task.principal", "alice");
    expect_text(opened, "task.purpose", "a purpose");
    expect_text(opened, "task.opened_by", "desk");
    expect_text(opened, "delegation.state", "live");
    expect_text(opened, "delegation.agent", "planner");
    expect_text(opened, "delegation.holder", cast.planner.thumbprint);
    expect_text(opened, "delegation.custody", "self");
    ck_assert(!has_at(&opened, "handle"));
    int64_t depth = -1;
    ck_assert(writ_json_integer(at(opened.json, "delegation.depth"), &depth) && depth == 0);
    const char *task = text_at(&opened, "task.id");
    const struct writ_json *claims = token_claims(text_at(&opened, "token"));
    ck_assert(writ_slice_is(writ_json_text(writ_json_get(claims, "txn")), task));
    ck_assert(writ_slice_is(writ_json_text(writ_json_get(claims, "sub")), "alice"));
    const struct answer shown_again = get(&cast.issuer, plain("/v1/tasks/%s", task));
    expect_status(shown_again, 200);
    expect_text(shown_again, "id", task);
    expect_text(shown_again, "root", text_at(&opened, "delegation.id"));
}
END_TEST

START_TEST(refuses_a_root_beyond_the_ceiling)
{
    static const char *const BEYOND[] = {
        "'grant': 'read_file(path under /)'",
        "'grant': 'read_file'",
        "'grant': 'delete_file(path under /notes)'",
        "'grant': 'send_email(to subset [a@x.test, c@x.test])'",
        "'audience': 'https://third.test'",
        "'audience': ['" AUDIENCE "', 'https://third.test']",
        "'terms': {'clearance': {'confidentiality': 'restricted'}}",
        "'terms': {'clearance': {'confidentiality': 'public', 'categories': ['secret']}}",
    };
    for (size_t i = 0; i < sizeof BEYOND / sizeof BEYOND[0]; i++) {
        const struct answer answer = task_open(&cast.issuer, &cast.planner, BEYOND[i]);
        expect_code(answer, "ceiling_exceeded");
    }
    struct client brief = issuer_with("brief", "'principals': ['bob'], 'audiences': ['" AUDIENCE
                                               "'], 'grant': '" GRANT
                                               "', 'open_tasks': 9, 'lifetime_s': 60");
    const struct answer stranger = task_open(&brief, &cast.planner, "'expires_in': 30");
    expect_code(stranger, "ceiling_exceeded");
    const struct answer lasting = task_open(&brief, &cast.planner,
                                            "'principal': 'bob', 'expires_in': 61");
    expect_code(lasting, "ceiling_exceeded");
    const struct answer good = task_open(&brief, &cast.planner,
                                         "'principal': 'bob', 'expires_in': 60");
    expect_status(good, 201);
}
END_TEST

START_TEST(says_what_the_ceiling_allows_in_a_counter_example)
{
    const struct answer answer = task_open(&cast.issuer, &cast.planner,
                                           "'grant': 'read_file(path under /)'");
    expect_code(answer, "ceiling_exceeded");
    ck_assert_msg(strstr(text_at(&answer, "detail"), "/notes") != NULL, "%s", shown(&answer));
}
END_TEST

START_TEST(cuts_a_root_to_the_ceiling_when_asked)
{
    const struct answer answer = task_open(
        &cast.issuer, &cast.planner,
        "'narrow': true, 'grant': 'read_file(path under /), delete_file'");
    expect_status(answer, 201);
    expect_text(answer, "delegation.notation", "read_file(path under /notes)");
    ck_assert_msg(at(answer.json, "cut") && at(answer.json, "cut")->count == 2, "%s",
                  shown(&answer));
    const struct answer nothing = task_open(&cast.issuer, &cast.planner,
                                            "'narrow': true, 'grant': 'delete_file'");
    expect_code(nothing, "ceiling_exceeded");
}
END_TEST

/* Policies are asked of every tool at every audience. */
START_TEST(a_grant_names_no_more_than_16_audiences)
{
    const char *others = "";
    for (int i = 0; i < 15; i++)
        others = plain("%s'https://%d.test', ", others, i);
    const struct answer most = task_open(&cast.issuer, &cast.planner,
                                         plain("'audience': [%s'https://last.test']", others));
    expect_code(most, "ceiling_exceeded");
    const struct answer more = task_open(
        &cast.issuer, &cast.planner,
        plain("'audience': [%s'https://16.test', 'https://last.test']", others));
    expect_code(more, "malformed");
    expect_text(more, "field", "audience");
}
END_TEST

START_TEST(an_empty_ceiling_issues_nothing)
{
    struct client empty = issuer_with("empty", "");
    const struct answer answer = task_open(&empty, &cast.planner, "");
    expect_code(answer, "ceiling_exceeded");
}
END_TEST

START_TEST(opens_no_more_tasks_at_once_than_the_ceiling_says)
{
    struct client pair = issuer_with("pair", "'principals': ['*'], 'audiences': ['" AUDIENCE
                                             "'], 'grant': '" GRANT
                                             "', 'open_tasks': 2, 'lifetime_s': 3600");
    const struct answer one = task_open(&pair, &cast.planner, "");
    const struct answer two = task_open(&pair, &cast.planner, "");
    const struct answer three = task_open(&pair, &cast.planner, "");
    expect_status(one, 201);
    expect_status(two, 201);
    expect_code(three, "ceiling_exceeded");
    const struct answer ended = post(
        &pair, plain("/v1/tasks/%s/complete", text_at(&one, "task.id")), "{}");
    expect_status(ended, 200);
    const struct answer four = task_open(&pair, &cast.planner, "");
    expect_status(four, 201);
}
END_TEST

START_TEST(only_an_issuer_opens_tasks)
{
    struct client *const others[] = {&cast.planning, &cast.executing, &cast.enforcer, &cast.auditor,
                                     &cast.admin};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct answer answer = task_open(others[i], &cast.planner, "");
        expect_code(answer, "forbidden");
    }
    struct client nobody = client_at(&cast.issuer, &first_server);
    nobody.secret[0] ^= 1;
    const struct answer guessed = task_open(&nobody, &cast.planner, "");
    expect_code(guessed, "unauthenticated");
    nobody.id[0] = '\0';
    const struct answer anonymous = task_open(&nobody, &cast.planner, "");
    expect_code(anonymous, "unauthenticated");
}
END_TEST

START_TEST(opening_needs_evidence_a_purpose_and_a_principal)
{
    const char *const rest = "'agent': 'planner', 'audience': '" AUDIENCE "', 'grant': '" GRANT "'";
    static const char *const TOO_LITTLE[] = {
        "'principal': 'alice', 'evidence': {'type': 'ticket', 'reference': 'T-1'}",
        "'purpose': 'x', 'evidence': {'type': 'ticket', 'reference': 'T-1'}",
        "'purpose': 'x', 'principal': 'alice'",
        "'purpose': 'x', 'principal': 'alice', 'evidence': {}",
        "'purpose': '', 'principal': 'alice', 'evidence': {'type': 'ticket', 'reference': 'T-1'}",
        "'purpose': 'a\\u0000b', 'principal': 'alice', "
        "'evidence': {'type': 'ticket', 'reference': 'T-1'}",
        "'purpose': 'x', 'principal': 'alice', 'unknown': 1, "
        "'evidence': {'type': 'ticket', 'reference': 'T-1'}",
    };
    for (size_t i = 0; i < sizeof TOO_LITTLE / sizeof TOO_LITTLE[0]; i++) {
        const struct answer answer = post(&cast.issuer, "/v1/tasks",
                                          quoted("{%s, %s}", TOO_LITTLE[i], rest));
        expect_code(answer, "malformed");
    }
}
END_TEST

START_TEST(a_root_goes_only_to_a_key_that_its_agent_enrolled)
{
    const struct actor stranger = actor_sibling(&cast.planner);
    const struct answer unknown = task_open(&cast.issuer, &stranger, "");
    ck_assert_msg(unknown.status >= 400 && unknown.status < 500, "%s", shown(&unknown));
    const struct answer foreign = task_open(&cast.issuer, &cast.executor, "'agent': 'planner'");
    ck_assert_msg(foreign.status >= 400 && foreign.status < 500, "%s", shown(&foreign));
}
END_TEST

START_TEST(a_closed_task_kills_every_token)
{
    static const char *const ENDS[] = {"complete", "cancel"};
    for (size_t i = 0; i < 2; i++) {
        struct chain chain;
        chain_open(&chain, &cast.planner);
        chain_extend(&chain, &cast.executor, NULL);
        const char *late = token_sign(child_claims(&chain, &cast.retriever), &cast.executor);
        const struct answer before = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
        expect_status(before, 200);
        const struct answer ended = post(&cast.issuer,
                                         plain("/v1/tasks/%s/%s", chain.task, ENDS[i]), "{}");
        expect_status(ended, 200);
        expect_text(ended, "task.state", i == 0 ? "completed" : "cancelled");
        const struct answer read = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
        expect_code(read, "task_closed");
        const struct answer write = chain_call(&chain, "write_note",
                                               "{'path': '/notes/a', 'text': 'x'}");
        expect_code(write, "task_closed");
        const struct answer admitted = chain_admit(&chain, late);
        expect_code(admitted, "task_closed");
        const struct answer node = get(
            &cast.auditor, plain("/v1/delegations/%s?task=%s", chain.ids[1], chain.task));
        expect_status(node, 200);
        expect_text(node, "state", "task_closed");
    }
}
END_TEST

START_TEST(only_the_opener_the_roots_holder_and_an_admin_end_a_task)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const char *path = plain("/v1/tasks/%s/complete", chain.task);
    struct client *const others[] = {&cast.executing, &cast.retrieving, &cast.enforcer,
                                     &cast.auditor};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct answer answer = post(others[i], path, "{}");
        expect_code(answer, "forbidden");
    }
    const struct answer live = get(&cast.issuer, plain("/v1/tasks/%s", chain.task));
    expect_text(live, "state", "open");
    const struct answer ended = post(&cast.admin, path, "{}");
    expect_status(ended, 200);
}
END_TEST

START_TEST(lists_tasks_page_by_page_and_only_ones_own)
{
    struct client mine = issuer_with("lister", "'principals': ['*'], 'audiences': ['" AUDIENCE
                                               "'], 'grant': '" GRANT
                                               "', 'open_tasks': 9, 'lifetime_s': 3600");
    for (int i = 0; i < 5; i++) {
        const struct answer opened = task_open(&mine, &cast.planner, "'principal': 'carol'");
        expect_status(opened, 201);
    }
    const char *path = "/v1/tasks?limit=2";
    char last[40] = "~";
    size_t seen = 0;
    for (int page = 0; page < 4 && path; page++) {
        const struct answer answer = get(&mine, path);
        expect_status(answer, 200);
        for (size_t i = 0; i < at(answer.json, "tasks")->count; i++, seen++) {
            const char *id = text_at(&answer, plain("tasks.%zu.id", i));
            ck_assert_msg(strcmp(id, last) < 0, "newest first: %s after %s", id, last);
            strncpy(last, id, sizeof last - 1);
            expect_text(answer, plain("tasks.%zu.opened_by", i), "lister");
        }
        path = has_at(&answer, "cursor")
                   ? plain("/v1/tasks?limit=2&cursor=%s", text_at(&answer, "cursor"))
                   : NULL;
    }
    ck_assert_uint_eq(seen, 5);
    const struct answer forged = get(&mine, "/v1/tasks?cursor=AAAA");
    expect_code(forged, "malformed");
    const struct answer all = get(&cast.auditor, "/v1/tasks?principal=carol&limit=500");
    expect_status(all, 200);
    ck_assert_uint_eq(at(all.json, "tasks")->count, 5);
    const struct answer enforcer = get(&cast.enforcer, "/v1/tasks");
    expect_code(enforcer, "forbidden");
}
END_TEST

Suite *suite_task(void)
{
    Suite *suite = suite_create("task");
    ADD(suite, opens_a_task_with_a_root_at_depth_0);
    ADD(suite, refuses_a_root_beyond_the_ceiling);
    ADD(suite, says_what_the_ceiling_allows_in_a_counter_example);
    ADD(suite, cuts_a_root_to_the_ceiling_when_asked);
    ADD(suite, a_grant_names_no_more_than_16_audiences);
    ADD(suite, an_empty_ceiling_issues_nothing);
    ADD(suite, opens_no_more_tasks_at_once_than_the_ceiling_says);
    ADD(suite, only_an_issuer_opens_tasks);
    ADD(suite, opening_needs_evidence_a_purpose_and_a_principal);
    ADD(suite, a_root_goes_only_to_a_key_that_its_agent_enrolled);
    ADD(suite, a_closed_task_kills_every_token);
    ADD(suite, only_the_opener_the_roots_holder_and_an_admin_end_a_task);
    ADD(suite, lists_tasks_page_by_page_and_only_ones_own);
    return suite;
}
