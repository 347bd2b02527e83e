/* What an auditor sees: the graph and its formats, lines, decisions and their explanation. */
#include "actors.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* planner → retriever, and planner → executor. */
struct fork {
    struct chain retriever, executor;
};

static void make_fork(struct fork *fork)
{
    chain_open(&fork->retriever, &cast.planner);
    fork->executor = fork->retriever;
    chain_extend(&fork->retriever, &cast.retriever,
                 "{'read_file': {'path': {'constraint_type': 'path_containment', "
                 "'root': '/notes'}}}");
    chain_extend(&fork->executor, &cast.executor, NULL);
}

START_TEST(the_graph_has_every_node_and_edge)
{
    struct fork fork;
    make_fork(&fork);
    const struct answer graph = get(&cast.auditor, plain("/v1/graph?task=%s", fork.executor.task));
    expect_status(graph, 200);
    expect_text(graph, "task.id", fork.executor.task);
    ck_assert_uint_eq(at(graph.json, "nodes")->count, 3);
    ck_assert_uint_eq(at(graph.json, "edges")->count, 2);
    for (size_t i = 0; i < 2; i++)
        expect_text(graph, plain("edges.%zu.from", i), fork.executor.ids[0]);
    bool seen = false;
    for (size_t i = 0; i < 3; i++)
        seen |= strcmp(text_at(&graph, plain("nodes.%zu.notation", i)),
                       "read_file(path under /notes)") == 0;
    ck_assert_msg(seen, "%s", shown(&graph));
}
END_TEST

START_TEST(the_graph_is_drawn_as_dot_and_mermaid)
{
    struct fork fork;
    make_fork(&fork);
    const struct answer dot = get(&cast.auditor,
                                  plain("/v1/graph?task=%s&format=dot", fork.executor.task));
    expect_status(dot, 200);
    ck_assert_ptr_nonnull(strstr(dot.content_type, "text/vnd.graphviz"));
    const char *drawn = plain("%.*s", WRIT_SLICE_ARGS(dot.body));
    ck_assert_ptr_nonnull(strstr(drawn, "digraph"));
    ck_assert_ptr_nonnull(strstr(drawn, "->"));
    ck_assert_ptr_nonnull(strstr(drawn, "executor"));
    const struct answer mermaid = get(
        &cast.auditor, plain("/v1/graph?task=%s&format=mermaid", fork.executor.task));
    expect_status(mermaid, 200);
    ck_assert_ptr_nonnull(strstr(mermaid.content_type, "text/vnd.mermaid"));
    drawn = plain("%.*s", WRIT_SLICE_ARGS(mermaid.body));
    ck_assert(strncmp(drawn, "flowchart", 9) == 0 || strncmp(drawn, "graph", 5) == 0);
    ck_assert_ptr_nonnull(strstr(drawn, "-->"));
    const struct answer other = get(&cast.auditor,
                                    plain("/v1/graph?task=%s&format=gif", fork.executor.task));
    expect_code(other, "malformed");
}
END_TEST

START_TEST(the_graph_shows_what_was_at_a_moment)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    sleep_s(1.1);
    char then[40];
    const time_t now = time(NULL);
    struct tm utc;
    strftime(then, sizeof then, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    sleep_s(1.1);
    chain_extend(&chain, &cast.executor, NULL);
    const struct answer revoked = chain_act(&chain, &cast.issuer, "revoke", 0, "{}");
    expect_status(revoked, 200);
    const struct answer before = get(&cast.auditor,
                                     plain("/v1/graph?task=%s&as_of=%s", chain.task, then));
    expect_status(before, 200);
    ck_assert_uint_eq(at(before.json, "nodes")->count, 1);
    expect_text(before, "nodes.0.state", "live");
    const struct answer after = get(&cast.auditor, plain("/v1/graph?task=%s", chain.task));
    ck_assert_uint_eq(at(after.json, "nodes")->count, 2);
    const struct answer wrong = get(&cast.auditor,
                                    plain("/v1/graph?task=%s&as_of=yesterday", chain.task));
    expect_code(wrong, "malformed");
}
END_TEST

START_TEST(the_graph_is_for_those_who_may_see_the_task)
{
    struct fork fork;
    make_fork(&fork);
    const char *path = plain("/v1/graph?task=%s", fork.executor.task);
    struct client *const allowed[] = {&cast.admin, &cast.auditor, &cast.issuer, &cast.planning,
                                      &cast.executing};
    for (size_t i = 0; i < 5; i++) {
        const struct answer answer = get(allowed[i], path);
        expect_status(answer, 200);
    }
    const struct answer enforcer = get(&cast.enforcer, path);
    expect_code(enforcer, "forbidden");
    struct chain alone;
    chain_open(&alone, &cast.planner);
    const struct answer outside = get(&cast.executing, plain("/v1/graph?task=%s", alone.task));
    ck_assert_msg(outside.status == 403 || outside.status == 404, "%s", shown(&outside));
    const struct answer unknown = get(&cast.auditor,
                                      "/v1/graph?task=0190aaaa-0000-7000-8000-000000000000");
    expect_code(unknown, "not_found");
}
END_TEST

START_TEST(lines_go_up_to_the_root_and_down_to_every_leaf)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.retriever, NULL);
    chain_extend(&chain, &cast.executor, NULL);
    const struct answer up = get(
        &cast.auditor, plain("/v1/delegations/%s/ancestors?task=%s", chain.ids[2], chain.task));
    expect_status(up, 200);
    ck_assert_uint_eq(at(up.json, "delegations")->count, 3);
    for (size_t i = 0; i < 3; i++)
        expect_text(up, plain("delegations.%zu.id", i), chain.ids[i]);
    const struct answer down = get(
        &cast.auditor, plain("/v1/delegations/%s/descendants?task=%s", chain.ids[0], chain.task));
    ck_assert_uint_eq(at(down.json, "delegations")->count, 2);
    /* By bare id, for people. */
    const struct answer bare = get(&cast.auditor, plain("/v1/delegations/%s", chain.ids[2]));
    expect_status(bare, 200);
    expect_text(bare, "task", chain.task);
    expect_text(bare, "parent", chain.ids[1]);
    expect_text(bare, "token_hash", token_hash(chain.tokens[2]));
    const struct answer missing = get(
        &cast.auditor,
        plain("/v1/delegations/0190aaaa-0000-7000-8000-000000000000?task=%s", chain.task));
    expect_code(missing, "not_found");
}
END_TEST

START_TEST(effective_authority_tells_calls_from_passing_on)
{
    const struct answer opened = task_open(
        &cast.issuer, &cast.planner,
        "'terms': {'pass_only': ['send_email'], 'call_only': ['read_file']}");
    struct chain chain;
    chain_take(&chain, &opened, &cast.planner);
    const struct answer authority = get(
        &cast.auditor, plain("/v1/delegations/%s/authority?task=%s", chain.ids[0], chain.task));
    expect_status(authority, 200);
    expect_text(authority, "state", "live");
    const struct writ_json *calls = at(authority.json, "may_call");
    const struct writ_json *passes = at(authority.json, "may_pass_on");
    ck_assert_ptr_nonnull(calls);
    ck_assert_ptr_nonnull(passes);
    const char *called = plain("%.*s", WRIT_SLICE_ARGS(writ_json_canonical(scratch(), calls)));
    const char *passed = plain("%.*s", WRIT_SLICE_ARGS(writ_json_canonical(scratch(), passes)));
    ck_assert(strstr(called, "read_file") && !strstr(called, "send_email"));
    ck_assert(strstr(passed, "send_email") && !strstr(passed, "read_file"));
}
END_TEST

START_TEST(decisions_are_found_by_task_tool_agent_verdict_and_outcome)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const struct answer permit = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    const struct answer deny = chain_call(&chain, "read_file", "{'path': '/etc/passwd'}");
    const struct answer write = chain_call(&chain, "write_note",
                                           "{'path': '/notes/a', 'text': 'x'}");
    expect_status(permit, 200);
    expect_code(deny, "argument_not_granted");
    expect_status(write, 200);
    const struct {
        const char *filter;
        size_t count;
    } cases[] = {
        {"", 3},
        {"&tool=read_file", 2},
        {"&verdict=permit", 2},
        {"&verdict=deny", 1},
        {"&outcome=argument_not_granted", 1},
        {"&outcome=replayed", 0},
        {"&agent=executor", 3},
        {"&agent=planner", 0},
        {plain("&delegation=%s", chain.ids[1]), 3},
        {"&tool=read_file&verdict=permit", 1},
        {"&from=2020-01-01T00:00:00Z", 3},
        {"&to=2020-01-01T00:00:00Z", 0},
        {"&limit=1", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct answer listed = get(
            &cast.auditor, plain("/v1/decisions?task=%s%s", chain.task, cases[i].filter));
        expect_status(listed, 200);
        ck_assert_msg(at(listed.json, "decisions")->count == cases[i].count, "%s: %s",
                      cases[i].filter, shown(&listed));
    }
    const struct answer mine = get(&cast.enforcer, plain("/v1/decisions?task=%s", chain.task));
    ck_assert_uint_eq(at(mine.json, "decisions")->count, 3);
    const struct answer others = get(&cast.outsider, plain("/v1/decisions?task=%s", chain.task));
    expect_status(others, 200);
    ck_assert_uint_eq(at(others.json, "decisions")->count, 0);
}
END_TEST

START_TEST(a_decision_is_explained_and_never_taken_for_a_permit)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    chain_extend(&chain, &cast.executor, NULL);
    const struct answer deny = chain_call(&chain, "read_file", "{'path': '/etc/passwd'}");
    const char *id = text_at(&deny, "decision_id");
    const struct answer told = get(&cast.auditor,
                                   plain("/v1/decisions/%s?task=%s", id, chain.task));
    expect_status(told, 200);
    expect_text(told, "decision.verdict", "deny");
    expect_text(told, "decision.outcome", "argument_not_granted");
    expect_text(told, "decision.arguments.path", "/etc/passwd");
    ck_assert_uint_eq(at(told.json, "chain")->count, 2);
    ck_assert_uint_ge(at(told.json, "why")->count, 1);
    ck_assert_msg(!writ_json_is(at(told.json, "decision"), WRIT_JSON_STRING), "%s", shown(&told));
    const struct answer bare = get(&cast.auditor, plain("/v1/decisions/%s", id));
    expect_status(bare, 200);
    const struct answer outsider = get(&cast.outsider,
                                       plain("/v1/decisions/%s?task=%s", id, chain.task));
    ck_assert_msg(outsider.status == 403 || outsider.status == 404, "%s", shown(&outsider));
}
END_TEST

START_TEST(the_outcome_of_a_call_is_reported_once_by_its_enforcement_point)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct answer permit = chain_call(&chain, "write_note",
                                            "{'path': '/notes/a', 'text': 'x'}");
    expect_status(permit, 200);
    const char *path = plain("/v1/decisions/%s/outcome?task=%s", text_at(&permit, "id"),
                             chain.task);
    const char *body = quoted("{'success': true, 'reference': 'note 7'}");
    const struct answer outsider = post(&cast.outsider, path, body);
    ck_assert_msg(outsider.status == 403 || outsider.status == 404, "%s", shown(&outsider));
    const struct answer first = post(&cast.enforcer, path, body);
    expect_status(first, 201);
    const struct answer second = post(&cast.enforcer, path,
                                      quoted("{'success': false, 'reference': 'note 8'}"));
    expect_code(second, "conflict");
    const struct answer told = get(
        &cast.auditor, plain("/v1/decisions/%s?task=%s", text_at(&permit, "id"), chain.task));
    expect_text(told, "call_outcome.reference", "note 7");
}
END_TEST

START_TEST(refusals_before_possession_are_counted_and_not_told_apart)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const char *sql = "select coalesce(sum(count), 0) from writ.refusal_count";
    bool failed = false;
    postgres_ask(&shared_postgres, NULL, sql, &failed);
    const long before = failed ? 0 : postgres_count(&shared_postgres, sql);
    const char *args = "{'path': '/notes/a'}";
    for (int i = 0; i < 5; i++) {
        const char *proof = proof_sign(proof_claims(&chain, "read_file", args), &cast.executor);
        const struct answer answer = post(&cast.enforcer, "/v1/validate",
                                          use_body(&chain, proof, "read_file", args));
        expect_code(answer, "holder_binding_failed");
        ck_assert(!has_at(&answer, "decision_id"));
    }
    const struct answer listed = get(&cast.auditor, plain("/v1/decisions?task=%s", chain.task));
    ck_assert_uint_eq(at(listed.json, "decisions")->count, 0);
    ck_assert_msg(!failed, "no table writ.refusal_count");
    ck_assert_int_ge(postgres_count_await(&shared_postgres, sql, before + 5, 5), before + 5);
}
END_TEST

Suite *suite_graph(void)
{
    Suite *suite = suite_create("graph");
    ADD(suite, the_graph_has_every_node_and_edge);
    ADD(suite, the_graph_is_drawn_as_dot_and_mermaid);
    ADD(suite, the_graph_shows_what_was_at_a_moment);
    ADD(suite, the_graph_is_for_those_who_may_see_the_task);
    ADD(suite, lines_go_up_to_the_root_and_down_to_every_leaf);
    ADD(suite, effective_authority_tells_calls_from_passing_on);
    ADD(suite, decisions_are_found_by_task_tool_agent_verdict_and_outcome);
    ADD(suite, a_decision_is_explained_and_never_taken_for_a_permit);
    ADD(suite, the_outcome_of_a_call_is_reported_once_by_its_enforcement_point);
    ADD(suite, refusals_before_possession_are_counted_and_not_told_apart);
    return suite;
}
