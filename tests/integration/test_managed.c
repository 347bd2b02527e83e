/* Managed holders and W11: bytes prove nothing; deriving and proving need the agent and a handle.
 */
#include "actors.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

/* A managed root for the planner and a managed child for the executor. */
struct pair {
    const char *task, *root, *root_handle, *child, *child_handle;
    struct answer opened, admitted;
};

static const char CHILD[] = "'agent': 'executor', "
                            "'grant': 'read_file(path under /notes/2026), "
                            "write_note(path under /notes/2026, text any)'";

static struct answer derive(struct client *client, const struct pair *pair, const char *handle,
                            const char *rest)
{
    return post(client, "/v1/delegations",
                quoted("{'task': '%s', 'parent': '%s', 'handle': '%s', %s}", pair->task, pair->root,
                       handle, rest));
}

static struct answer prove(struct client *client, const struct pair *pair, const char *handle,
                           const char *args)
{
    return post(client, "/v1/proofs",
                quoted("{'task': '%s', 'delegation': '%s', 'handle': '%s', "
                       "'tool': 'write_note', 'arguments': %s, 'audience': '" AUDIENCE "'}",
                       pair->task, pair->child, handle, args));
}

static struct pair make_pair(void)
{
    struct pair pair = {.opened = task_open(&cast.issuer, NULL, "")};
    expect_status(pair.opened, 201);
    expect_text(pair.opened, "delegation.custody", "managed");
    pair.task = text_at(&pair.opened, "task.id");
    pair.root = text_at(&pair.opened, "delegation.id");
    pair.root_handle = text_at(&pair.opened, "handle");
    pair.admitted = derive(&cast.planning, &pair, pair.root_handle, CHILD);
    expect_status(pair.admitted, 201);
    expect_text(pair.admitted, "delegation.custody", "managed");
    pair.child = text_at(&pair.admitted, "delegation.id");
    pair.child_handle = text_at(&pair.admitted, "handle");
    return pair;
}

static const char ARGS[] = "{'path': '/notes/2026/a', 'text': 'x'}";

/* The child is revoked or completed: no proof of it is good, if one is signed at all. */
static void expect_dead(const struct pair *pair)
{
    const struct answer proved = prove(&cast.executing, pair, pair->child_handle, ARGS);
    if (proved.status != 201)
        return;
    const struct writ_slice presentation = writ_json_canonical(scratch(),
                                                               at(proved.json, "presentation"));
    const struct answer used = post(
        &cast.enforcer, "/v1/validate",
        quoted("{'presentation': %.*s, 'tool': 'write_note', 'arguments': %s}",
               WRIT_SLICE_ARGS(presentation), ARGS));
    expect_code(used, "revoked");
}

START_TEST(a_managed_chain_is_opened_delegated_proved_and_used)
{
    const struct pair pair = make_pair();
    const struct answer proved = prove(&cast.executing, &pair, pair.child_handle, ARGS);
    expect_status(proved, 201);
    expect_text(proved, "presentation.txn", pair.task);
    expect_text(proved, "presentation.aat_pop", text_at(&proved, "proof"));
    const struct writ_slice presentation = writ_json_canonical(scratch(),
                                                               at(proved.json, "presentation"));
    const char *body = quoted("{'presentation': %.*s, 'tool': 'write_note', 'arguments': %s}",
                              WRIT_SLICE_ARGS(presentation), ARGS);
    const struct answer permit = post(&cast.enforcer, "/v1/validate", body);
    expect_status(permit, 200);
    expect_text(permit, "agent", "executor");
    /* The proof binds these arguments and no others. */
    const struct answer other = post(&cast.enforcer, "/v1/validate",
                                     quoted("{'presentation': %.*s, 'tool': 'write_note', "
                                            "'arguments': {'path': '/notes/2026/b', 'text': 'x'}}",
                                            WRIT_SLICE_ARGS(presentation)));
    expect_code(other, "holder_binding_failed");
    /* A token of the service's own making is a chain like any other: verified by its bytes. */
    const struct writ_json *claims = token_claims(text_at(&pair.admitted, "token"));
    ck_assert(writ_slice_is(writ_json_text(writ_json_get(claims, "par_hash")),
                            token_hash(text_at(&pair.opened, "token"))));
}
END_TEST

START_TEST(proving_needs_the_agent_and_the_handle)
{
    const struct pair pair = make_pair();
    const struct {
        struct client *client;
        const char *handle;
    } cases[] = {
        {&cast.executing, pair.root_handle}, /* the handle of another holder */
        {&cast.executing, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {&cast.executing, ""},
        {&cast.executing, text_at(&pair.admitted, "delegation.token_hash")},
        {&cast.executing, pair.child},
        {&cast.planning, pair.child_handle}, /* the right handle, another agent */
        {&cast.retrieving, pair.child_handle},
        {&cast.enforcer, pair.child_handle},
        {&cast.admin, pair.child_handle},
        {&cast.auditor, pair.child_handle},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct answer answer = prove(cases[i].client, &pair, cases[i].handle, ARGS);
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "case %zu: %s", i,
                      shown(&answer));
        ck_assert(!has_at(&answer, "proof"));
    }
}
END_TEST

START_TEST(deriving_needs_the_agent_and_the_handle)
{
    const struct pair pair = make_pair();
    const struct {
        struct client *client;
        const char *handle;
    } cases[] = {
        {&cast.planning, pair.child_handle},
        {&cast.planning, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
        {&cast.planning, text_at(&pair.opened, "delegation.token_hash")},
        {&cast.executing, pair.root_handle},
        {&cast.retrieving, pair.root_handle},
        {&cast.issuer, pair.root_handle},
        {&cast.enforcer, pair.root_handle},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct answer answer = derive(cases[i].client, &pair, cases[i].handle, CHILD);
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "case %zu: %s", i,
                      shown(&answer));
    }
    const struct answer none = post(
        &cast.planning, "/v1/delegations",
        quoted("{'task': '%s', 'parent': '%s', %s}", pair.task, pair.root, CHILD));
    ck_assert_msg(none.status >= 400 && none.status < 500, "%s", shown(&none));
}
END_TEST

START_TEST(a_wider_child_is_refused_exactly_and_cut_when_asked)
{
    const struct pair pair = make_pair();
    static const char WIDER[] = "'agent': 'executor', "
                                "'grant': 'read_file(path under /), delete_file'";
    const struct answer exact = derive(&cast.planning, &pair, pair.root_handle, WIDER);
    expect_code(exact, "not_narrower");
    ck_assert_msg(strstr(text_at(&exact, "detail"), "parent") != NULL, "%s", shown(&exact));
    const struct answer cut = derive(&cast.planning, &pair, pair.root_handle,
                                     plain("'narrow': true, %s", WIDER));
    expect_status(cut, 201);
    expect_text(cut, "delegation.notation", "read_file(path under /notes)");
    ck_assert_uint_eq(at(cut.json, "cut")->count, 2);
}
END_TEST

START_TEST(prepare_proposes_the_meet_and_admits_nothing)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    const struct answer proposed = post(
        &cast.planning, "/v1/delegations/prepare",
        quoted("{'task': '%s', 'parent': '%s', 'agent': 'executor', 'holder': '%s', "
               "'grant': 'read_file(path under /), delete_file'}",
               chain.task, chain.ids[0], cast.executor.thumbprint));
    expect_status(proposed, 200);
    expect_text(proposed, "notation", "read_file(path under /notes)");
    ck_assert_uint_eq(at(proposed.json, "cut")->count, 2);
    const struct answer below = get(
        &cast.auditor, plain("/v1/delegations/%s/descendants?task=%s", chain.ids[0], chain.task));
    ck_assert_uint_eq(at(below.json, "delegations")->count, 0);
    /* The holder checks what it signs, signs it, and it is admitted as it is. */
    struct writ_slice compact;
    const struct writ_slice input = writ_slice_text(text_at(&proposed, "input"));
    struct writ_denial denial;
    const struct writ_slice wanted = writ_slice_text(
        quoted("{'read_file': {'path': {'constraint_type': 'path_containment', "
               "'root': '/notes'}}}"));
    ck_assert_msg(writ_is_ok(writ_derive_check(
                      scratch(), WRIT_PROFILE_AAT_02_WRIT, writ_slice_text(chain.tokens[0]), input,
                      &cast.executor.key, writ_slice_text("executor"), wanted, &denial)),
                  "%s %s", denial.field, denial.detail);
    ck_assert(writ_is_ok(writ_sign_input(scratch(), input, cast.planner.seed, &compact)));
    const char *token = plain("%.*s", WRIT_SLICE_ARGS(compact));
    const struct answer admitted = chain_admit(&chain, token);
    expect_status(admitted, 201);
    chain_push(&chain, &admitted, token, &cast.executor);
    const struct answer used = chain_call(&chain, "read_file", "{'path': '/notes/a'}");
    expect_status(used, 200);
}
END_TEST

START_TEST(revoking_and_renewing_need_the_holder_or_someone_above)
{
    const struct pair pair = make_pair();
    const char *revoke = plain("/v1/delegations/%s/revoke?task=%s", pair.child, pair.task);
    const char *renew = plain("/v1/delegations/%s/renew?task=%s", pair.child, pair.task);
    const struct {
        struct client *client;
        const char *path, *body;
    } refused[] = {
        {&cast.retrieving, revoke, "{}"},
        {&cast.enforcer, revoke, "{}"},
        {&cast.auditor, revoke, "{}"},
        {&cast.executing, revoke, "{}"},
        {&cast.executing, revoke, quoted("{'handle': '%s'}", pair.root_handle)},
        {&cast.executing, revoke,
         quoted("{'as': '%s', 'handle': '%s'}", pair.root, pair.child_handle)},
        {&cast.executing, revoke,
         quoted("{'as': '%s', 'handle': '%s'}", pair.root, pair.root_handle)},
        {&cast.planning, revoke, quoted("{'handle': '%s'}", pair.child_handle)},
        {&cast.planning, renew, quoted("{'handle': '%s'}", pair.child_handle)},
        {&cast.executing, renew, "{}"},
        {&cast.executing, renew, quoted("{'handle': 'x'}")},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct answer answer = post(refused[i].client, refused[i].path, refused[i].body);
        ck_assert_msg(answer.status >= 400 && answer.status < 500, "case %zu: %s", i,
                      shown(&answer));
    }
    const struct answer renewed = post(&cast.executing, renew,
                                       quoted("{'handle': '%s'}", pair.child_handle));
    expect_status(renewed, 200);
    ck_assert(has_at(&renewed, "lease_expires_at"));
    const struct answer above = post(
        &cast.planning, revoke,
        quoted("{'as': '%s', 'handle': '%s'}", pair.root, pair.root_handle));
    expect_status(above, 200);
    expect_dead(&pair);
}
END_TEST

START_TEST(a_holder_completes_its_own_delegation)
{
    const struct pair pair = make_pair();
    const struct answer ended = post(
        &cast.executing, plain("/v1/delegations/%s/complete?task=%s", pair.child, pair.task),
        quoted("{'handle': '%s'}", pair.child_handle));
    expect_status(ended, 200);
    expect_text(ended, "delegation.state", "completed");
    expect_dead(&pair);
    const struct answer root = get(&cast.auditor,
                                   plain("/v1/delegations/%s?task=%s", pair.root, pair.task));
    expect_text(root, "state", "live");
}
END_TEST

START_TEST(no_secret_comes_back_in_any_list)
{
    const struct pair pair = make_pair();
    const char *const paths[] = {
        plain("/v1/delegations/%s?task=%s", pair.child, pair.task),
        plain("/v1/delegations/%s/ancestors?task=%s", pair.child, pair.task),
        plain("/v1/graph?task=%s", pair.task),
        plain("/v1/tasks/%s", pair.task),
        "/v1/holders?limit=500",
        "/v1/clients?limit=500",
    };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        const struct answer answer = get(&cast.admin, paths[i]);
        expect_status(answer, 200);
        const char *text = shown(&answer);
        ck_assert_ptr_null(strstr(text, pair.root_handle));
        ck_assert_ptr_null(strstr(text, pair.child_handle));
        ck_assert_ptr_null(strstr(text, "\"secret\""));
        ck_assert_ptr_null(strstr(text, cast.issuer.secret));
        ck_assert_ptr_null(strstr(text, "\"d\""));
    }
}
END_TEST

Suite *suite_managed(void)
{
    Suite *suite = suite_create("managed");
    ADD(suite, a_managed_chain_is_opened_delegated_proved_and_used);
    ADD(suite, proving_needs_the_agent_and_the_handle);
    ADD(suite, deriving_needs_the_agent_and_the_handle);
    ADD(suite, a_wider_child_is_refused_exactly_and_cut_when_asked);
    ADD(suite, prepare_proposes_the_meet_and_admits_nothing);
    ADD(suite, revoking_and_renewing_need_the_holder_or_someone_above);
    ADD(suite, a_holder_completes_its_own_delegation);
    ADD(suite, no_secret_comes_back_in_any_list);
    return suite;
}
