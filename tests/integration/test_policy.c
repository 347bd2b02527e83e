/* Policies in force: who sets them, what they stop, what is recorded. */
#include "lowering.h"
#include "suites.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Everything but what a test forbids of tasks with its own purpose, so that others pass unharmed.
 */
#define PERMIT_ALL "@id('all') permit(principal, action, resource);\n"
#define OF_OURS "unless { context.task.purpose != 'tests of policy' }"

static struct answer try_policies(struct client *client, const char *text)
{
    struct writ_json *body = writ_json_new_object(scratch());
    writ_json_put_string(scratch(), body, "name", "tests");
    writ_json_put_string(scratch(), body, "text", quoted("%s", text));
    return client_send(client, "PUT", "/v1/policies", NULL, writ_json_canonical(scratch(), body));
}

static void no_policies(void)
{
    policies_set("");
}

static struct answer open_ours(const char *members)
{
    return task_open(
        &cast.issuer, &cast.planner,
        plain("'purpose': 'tests of policy'%s%s", members ? ", " : "", members ? members : ""));
}

static void chain_ours(struct chain *chain)
{
    const struct answer opened = open_ours(NULL);
    expect_status(opened, 201);
    chain_take(chain, &opened, &cast.planner);
}

START_TEST(a_forbid_denies_the_call_and_the_record_says_which)
{
    policies_set(PERMIT_ALL "@id('no_notes_at_all') forbid(principal, action == Action::'call', "
                            "resource) when { resource.name == 'read_file' } " OF_OURS ";");
    struct chain chain;
    chain_ours(&chain);
    const struct answer denied = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_code(denied, "policy_denied");
    expect_status(denied, 403);
    expect_text(denied, "retry", "never");
    expect_text(denied, "detail", "forbidden by policy no_notes_at_all");
    const struct answer current = get(&cast.admin, "/v1/policies/current");
    expect_status(current, 200);
    int64_t in_force = 0, of_decision = 0;
    ck_assert(writ_json_integer(at(current.json, "version"), &in_force));
    const struct answer explained = get(&cast.auditor,
                                        plain("/v1/decisions/%s", text_at(&denied, "decision_id")));
    expect_status(explained, 200);
    ck_assert(writ_json_integer(at(explained.json, "decision.policy_version"), &of_decision));
    ck_assert_int_eq(of_decision, in_force);
    const struct answer permitted = chain_call(&chain, "write_note",
                                               "{'path': '/notes/a.md', 'text': 'x'}");
    expect_status(permitted, 200);
    ck_assert(writ_json_integer(at(permitted.json, "policy_version"), &of_decision));
    ck_assert_int_eq(of_decision, in_force);
    const struct answer metrics = get(&cast.auditor, "/metrics");
    ck_assert_ptr_nonnull(strstr(plain("%.*s", WRIT_SLICE_ARGS(metrics.body)),
                                 plain("writ_policy_version %lld\n", (long long)in_force)));
    no_policies();
    const struct answer after = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_status(after, 200);
}
END_TEST

START_TEST(a_policy_can_not_grant_what_the_chain_does_not)
{
    policies_set(PERMIT_ALL);
    struct chain chain;
    chain_ours(&chain);
    const struct answer denied = chain_call(&chain, "read_file", "{'path': '/etc/passwd'}");
    expect_code(denied, "argument_not_granted");
    no_policies();
}
END_TEST

START_TEST(a_policy_that_fails_denies)
{
    policies_set(PERMIT_ALL "@id('sum') forbid(principal, action == Action::'call', resource) when "
                            "{ context.task.purpose == 'tests of policy' && "
                            "context.depth + 9223372036854775807 + 1 > 0 };");
    struct chain chain;
    chain_ours(&chain);
    const struct answer denied = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_code(denied, "policy_error");
    expect_text(denied, "detail", "this policy failed: sum");
    ck_assert(has_at(&denied, "decision_id"));
    no_policies();
}
END_TEST

START_TEST(an_obligation_asks_for_an_approval)
{
    policies_set(PERMIT_ALL "@id('mail') @obligation('approval') @approvers('finance') "
                            "permit(principal, action == Action::'call', resource) when { "
                            "resource.name == 'send_email' } " OF_OURS ";");
    struct chain chain;
    chain_ours(&chain);
    const struct answer denied = chain_call(&chain, "send_email", "{'to': ['a@x.test']}");
    expect_code(denied, "approval_required");
    const struct answer other = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_status(other, 200);
    no_policies();
}
END_TEST

#define WITH_APPROVAL(why)                                                                         \
    PERMIT_ALL "@id('notes') @obligation('approval') @approvers('finance') "                       \
               "permit(principal, action == Action::'call', resource) when { "                     \
               "resource.name == 'write_note' && " why " } " OF_OURS ";"

START_TEST(an_approval_is_of_the_policies_that_decided)
{
    static const char NOTE[] = "{'path': '/notes/a', 'text': 'x'}";
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    policies_set(WITH_APPROVAL("true"));
    chain_ours(&chain);
    const char *id = people_ask(&chain, NOTE);
    const struct answer approved = person_vote(&ann, id, "approve");
    expect_text(approved, "state", "approved");
    expect_text(approved, "rules.0.source", "policy");
    expect_text(approved, "rules.0.policy", "notes");
    ck_assert_ptr_nonnull(strstr(text_at(&approved, "bound"), "\"policies\":[{\"id\":\"all\","));
    /* The same to the letter but for its text, and so another policy. */
    policies_set(WITH_APPROVAL("!false"));
    const struct answer changed = call_with(&chain, NOTE, id);
    expect_code(changed, "approval_invalid");
    policies_set(WITH_APPROVAL("true"));
    const struct answer permit = call_with(&chain, NOTE, id);
    expect_status(permit, 200);
    no_policies();
}
END_TEST

#define TWO_OF_FINANCE(more)                                                                       \
    PERMIT_ALL "@id('two') @obligation('approval') @approvers('finance') @quorum('2') "            \
               "permit(principal, action == Action::'declassify', resource)" more ";\n"            \
               "@id('never_public') forbid(principal, action == Action::'declassify', resource) "  \
               "when { context.to.confidentiality == 0 && context.from.confidentiality == 2 };"

START_TEST(a_policy_forbids_a_declassification_or_says_who_approves_it)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    const struct person bob = person_new("bob", "['finance']");
    open_granting(&chain, "mail(to any)");
    reads(&chain, "ledger");
    policies_set(TWO_OF_FINANCE(""));
    const struct answer denied = lowering_ask(&chain, PUBLIC, NULL);
    expect_code(denied, "policy_denied");
    ck_assert_ptr_nonnull(strstr(text_at(&denied, "detail"), "never_public"));
    const char *id = lowering_asked(&chain, INTERNAL);
    expect_vote(&ann, id, "pending");
    expect_vote(&bob, id, "approved");
    replicas_forget(&chain);
    policies_set(TWO_OF_FINANCE(" when { true }"));
    const struct answer changed = lowering_ask(&chain, INTERNAL, id);
    expect_code(changed, "approval_invalid");
    policies_set(TWO_OF_FINANCE(""));
    const struct answer done = lowering_ask(&chain, INTERNAL, id);
    expect_status(done, 200);
    no_policies();
}
END_TEST

START_TEST(destinations_are_seen_by_policies)
{
    policies_set(PERMIT_ALL "@id('not_b') forbid(principal, action == Action::'call', resource) "
                            "when { context.destinations.contains('b@x.test') } " OF_OURS ";");
    struct chain chain;
    chain_ours(&chain);
    const struct answer good = chain_call(&chain, "send_email", "{'to': ['a@x.test']}");
    expect_status(good, 200);
    const struct answer bad = chain_call(&chain, "send_email", "{'to': ['a@x.test', 'b@x.test']}");
    expect_code(bad, "policy_denied");
    no_policies();
}
END_TEST

/* The poison of a sibling: what one agent is forbidden is not remembered against another. */
START_TEST(a_denial_of_one_agent_is_not_anothers)
{
    policies_set(PERMIT_ALL "@id('not_executor') forbid(principal == Agent::'executor', "
                            "action == Action::'call', resource) " OF_OURS ";");
    struct chain chain;
    chain_ours(&chain);
    struct chain sibling = chain;
    const struct actor executor = actor_fresh(&cast.executor);
    const struct actor retriever = actor_fresh(&cast.retriever);
    chain_extend(&chain, &executor, NULL);
    chain_extend(&sibling, &retriever, NULL);
    const struct answer denied = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_code(denied, "policy_denied");
    const struct answer permitted = chain_call(&sibling, "read_file", "{'path': '/notes/a.md'}");
    expect_status(permitted, 200);
    no_policies();
}
END_TEST

/* In an hour it may be answered otherwise. */
START_TEST(a_denial_that_hangs_on_the_hour_is_not_remembered)
{
    static const char *const WHEN[] = {"true", "context.now > datetime('2020-01-01')"};
    for (int of_the_hour = 0; of_the_hour < 2; of_the_hour++) {
        policies_set(plain(PERMIT_ALL "@id('not_now') forbid(principal, action == Action::'call', "
                                      "resource) when { %s } " OF_OURS ";",
                           WHEN[of_the_hour]));
        struct chain chain;
        chain_ours(&chain);
        const struct answer denied = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
        expect_code(denied, "policy_denied");
        ck_assert_int_eq(chain_rows(&chain, "denial"), !of_the_hour);
    }
    no_policies();
}
END_TEST

START_TEST(a_task_is_not_opened_against_a_policy)
{
    policies_set(PERMIT_ALL
                 "@id('no_mail') forbid(principal, action == Action::'issue', resource) "
                 "when { resource.name == 'send_email' && principal.role == 'issuer' } " OF_OURS
                 ";");
    const struct answer refused = open_ours(NULL);
    expect_code(refused, "policy_denied");
    expect_text(refused, "field", "tools.send_email");
    const struct answer narrowed = open_ours("'narrow': true");
    expect_status(narrowed, 201);
    ck_assert(strstr(text_at(&narrowed, "delegation.notation"), "send_email") == NULL);
    ck_assert(strstr(text_at(&narrowed, "delegation.notation"), "read_file") != NULL);
    expect_text(narrowed, "cut.0.tool", "send_email");
    no_policies();
}
END_TEST

START_TEST(a_delegation_against_a_policy_is_refused_and_prepare_says_what_was_cut)
{
    policies_set(PERMIT_ALL "@id('no_mail') forbid(principal, action == Action::'delegate', "
                            "resource) when { resource.name == 'send_email' && "
                            "context.to == Agent::'executor' && context.depth == 1 } " OF_OURS ";");
    struct chain chain;
    chain_ours(&chain);
    const struct actor holder = actor_fresh(&cast.executor);
    const char *token = token_sign(child_claims(&chain, &holder), &cast.planner);
    const struct answer refused = chain_admit(&chain, token);
    expect_code(refused, "policy_denied");
    expect_text(refused, "field", "tools.send_email");
    const struct answer prepared = post(
        &cast.planning, "/v1/delegations/prepare",
        quoted("{'task': '%s', 'parent': '%s', 'agent': 'executor', 'holder': '%s', 'grant': '%s'}",
               chain.task, chain.ids[0], holder.thumbprint, GRANT));
    expect_status(prepared, 200);
    expect_text(prepared, "cut_by_policy.0.tool", "send_email");
    expect_text(prepared, "cut_by_policy.0.detail", "forbidden by policy no_mail");
    ck_assert(!has_at(&prepared, "cut_by_policy.1"));
    ck_assert(strstr(text_at(&prepared, "notation"), "send_email") == NULL);
    const struct actor retriever = actor_fresh(&cast.retriever);
    chain_extend(&chain, &retriever, NULL);
    no_policies();
}
END_TEST

START_TEST(only_valid_policies_come_into_force_and_only_by_an_admin)
{
    policies_set(PERMIT_ALL);
    const struct answer before = get(&cast.admin, "/v1/policies/current");
    static const char *const WRONG[] = {
        "permit(principal, action, resource);",
        "@id('x') permit(principal, action, resource",
        "@id('x') permit(principal, action, resource) when { context.moon };",
        PERMIT_ALL PERMIT_ALL,
        "@id('never') forbid(principal, action, resource) when { resource == principal };",
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        const struct answer refused = try_policies(&cast.admin, WRONG[i]);
        expect_status(refused, 400);
        expect_code(refused, "malformed");
        expect_text(refused, "field", "text");
    }
    struct client *const others[] = {&cast.issuer, &cast.planning, &cast.enforcer, &cast.auditor};
    for (size_t i = 0; i < 4; i++) {
        const struct answer refused = try_policies(others[i], "");
        expect_code(refused, "forbidden");
    }
    const struct answer after = get(&cast.auditor, "/v1/policies/current");
    expect_text(after, "sha256", text_at(&before, "sha256"));
    no_policies();
}
END_TEST

START_TEST(every_version_is_kept_with_its_author_and_the_same_text_makes_none)
{
    policies_set(PERMIT_ALL "// first");
    const struct answer first = get(&cast.admin, "/v1/policies/current");
    policies_set(PERMIT_ALL "// first");
    const struct answer same = get(&cast.admin, "/v1/policies/current");
    int64_t one = 0, two = 0;
    ck_assert(writ_json_integer(at(first.json, "version"), &one));
    ck_assert(writ_json_integer(at(same.json, "version"), &two));
    ck_assert_int_eq(one, two);
    policies_set(PERMIT_ALL "// second");
    const struct answer old = get(&cast.auditor, plain("/v1/policies/%lld", (long long)one));
    expect_status(old, 200);
    expect_text(old, "changed_by", cast.admin.id);
    ck_assert_ptr_nonnull(strstr(text_at(&old, "text"), "// first"));
    ck_assert(!at(old.json, "in_force")->boolean);
    const struct answer page = get(&cast.auditor, "/v1/policies?limit=1");
    expect_status(page, 200);
    ck_assert(at(page.json, "policies.0.in_force")->boolean && has_at(&page, "cursor"));
    const struct answer next = get(
        &cast.auditor, plain("/v1/policies?limit=1&cursor=%s", text_at(&page, "cursor")));
    expect_status(next, 200);
    ck_assert(writ_json_integer(at(next.json, "policies.0.version"), &two));
    ck_assert_int_eq(two, one);
    ck_assert_int_gt(postgres_count(&shared_postgres,
                                    "select count(*) from audit.registry_changes where kind = "
                                    "'policy' and key = 'tests' and changed_by <> ''"),
                     1);
    const struct answer none = get(&cast.auditor, "/v1/policies/9999999");
    expect_code(none, "not_found");
    const struct answer wrong = get(&cast.auditor, "/v1/policies/new");
    expect_code(wrong, "malformed");
    no_policies();
}
END_TEST

START_TEST(another_replica_judges_by_new_policies_within_a_beat)
{
    struct chain chain;
    chain_ours(&chain);
    struct client there = client_at(&cast.enforcer, &second_server);
    chain.enforcer = &there;
    const struct answer before = chain_call_settled(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_status(before, 200);
    policies_set(PERMIT_ALL "@id('no_reading') forbid(principal, action == Action::'call', "
                            "resource) " OF_OURS ";");
    sleep_s(1.5);
    const struct answer after = chain_call_settled(&chain, "read_file", "{'path': '/notes/a.md'}");
    expect_code(after, "policy_denied");
    no_policies();
    client_done(&there);
}
END_TEST

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_policy_file_is_read_at_start_and_at_sighup)
{
    char directory[PATH_CAP];
    run_directory("policy-file", directory);
    const char *path = plain("%s/policies.cedar", directory);
    write_file(path, quoted(PERMIT_ALL "// from a file\n"));
    struct postgres own;
    struct server server;
    postgres_start(&own, "policy-file");
    const char *const flags[] = {"--policy-file", path, NULL};
    server_start(&server, "policy-file", &own, flags);
    struct client admin;
    client_init(&admin, server.url, server.admin_id, server.admin_secret);
    const struct answer first = get(&admin, "/v1/policies/current");
    expect_status(first, 200);
    expect_text(first, "changed_by", "policy-file");
    const struct answer refused = try_policies(&admin, "");
    expect_code(refused, "conflict");
    /* What is wrong does not come into force; what is right does. */
    write_file(path, "permit(principal");
    kill(server.pid, SIGHUP);
    sleep_s(1);
    const struct answer kept = get(&admin, "/v1/policies/current");
    expect_text(kept, "sha256", text_at(&first, "sha256"));
    write_file(path, quoted(PERMIT_ALL "// changed\n"));
    kill(server.pid, SIGHUP);
    const double until = seconds_now() + 10;
    struct answer changed = get(&admin, "/v1/policies/current");
    while (strcmp(text_at(&changed, "sha256"), text_at(&first, "sha256")) == 0 &&
           seconds_now() < until) {
        sleep_s(0.1);
        changed = get(&admin, "/v1/policies/current");
    }
    ck_assert_ptr_nonnull(strstr(text_at(&changed, "text"), "// changed"));
    client_done(&admin);
    /* And nobody starts with what can not be read. */
    ck_assert_int_eq(server_stop(&server), 0);
    write_file(path, "permit(principal");
    server_launch(&server);
    ck_assert(!server_wait_ready(&server, 3));
    postgres_stop(&own);
}
END_TEST

Suite *suite_policy(void)
{
    Suite *suite = suite_create("policy");
    ADD(suite, a_forbid_denies_the_call_and_the_record_says_which);
    ADD(suite, a_policy_can_not_grant_what_the_chain_does_not);
    ADD(suite, a_policy_that_fails_denies);
    ADD(suite, an_obligation_asks_for_an_approval);
    ADD(suite, an_approval_is_of_the_policies_that_decided);
    ADD(suite, a_policy_forbids_a_declassification_or_says_who_approves_it);
    ADD(suite, destinations_are_seen_by_policies);
    ADD(suite, a_denial_of_one_agent_is_not_anothers);
    ADD(suite, a_denial_that_hangs_on_the_hour_is_not_remembered);
    ADD(suite, a_task_is_not_opened_against_a_policy);
    ADD(suite, a_delegation_against_a_policy_is_refused_and_prepare_says_what_was_cut);
    ADD(suite, only_valid_policies_come_into_force_and_only_by_an_admin);
    ADD(suite, every_version_is_kept_with_its_author_and_the_same_text_makes_none);
    ADD(suite, another_replica_judges_by_new_policies_within_a_beat);
    ADD(suite, a_policy_file_is_read_at_start_and_at_sighup);
    return suite;
}
