/* `--unregistered admit`: links derived offline go through the whole admission at their first use,
 * and are marked unattributed. Never a root. */
#include "authzen.h"
#include "suites.h"

#include <string.h>

#define PLACE "{'path': '/notes/a'}"
#define TOOLS_OF_CHILD                                                                             \
    "{'read_file': {'path': {'constraint_type': 'path_containment', 'root': '%s'}}}"

static struct server admitting;

static void start_admitting(void)
{
    static const char *const FLAGS[] = {"--unregistered", "admit", NULL};
    server_start_beside(&admitting, "admitting", &first_server, FLAGS);
}

static struct answer use(const struct chain *chain, const struct actor *holder, bool whole)
{
    struct client enforcer = client_at(&cast.enforcer, &admitting);
    const char *proof = proof_sign(proof_claims(chain, "read_file", PLACE), holder);
    return post(&enforcer, "/v1/validate",
                whole ? use_body_whole(chain, proof, "read_file", PLACE)
                      : use_body(chain, proof, "read_file", PLACE));
}

/* Derived offline: the service has not seen it. */
static void derive(struct chain *chain, const struct actor *from, const struct actor *to,
                   const char *root)
{
    struct writ_json *claims = child_claims(chain, to);
    claim_authority(claims, plain(TOOLS_OF_CHILD, root), NULL);
    chain->tokens[chain->count] = token_sign(claims, from);
    chain->holders[chain->count] = *to;
    chain->count++;
}

START_TEST(admits_links_that_are_seen_first_at_use_and_marks_them)
{
    start_admitting();
    struct chain chain;
    chain_open(&chain, &cast.planner);
    derive(&chain, &cast.planner, &cast.retriever, "/notes");
    derive(&chain, &cast.retriever, &cast.executor, "/notes");
    const struct answer unknown = use(&chain, &cast.executor, false);
    expect_code(unknown, "unregistered"); /* by reference there is nothing to admit */
    const struct answer first = use(&chain, &cast.executor, true);
    expect_status(first, 200);
    ck_assert(!at(first.json, "attributed")->boolean);
    const struct answer second = use(&chain, &cast.executor, false);
    expect_status(second, 200);
    const char *count = plain("select count(*) from writ.delegation where task_id = '%s' and "
                              "not attributed",
                              chain.task);
    ck_assert_int_eq(postgres_count(&shared_postgres, count), 2);
    count = plain("select count(*) from writ.decision where task_id = '%s' and agent is null",
                  chain.task);
    ck_assert_int_eq(postgres_count(&shared_postgres, count), 2);
    /* Whoever passed it on says that it is the executor's; that agent did not. */
    const char *body = quoted("%s", authzen_good(&chain, "read_file", PLACE));
    struct client asking = client_at(&cast.enforcer, &admitting);
    const struct answer named = post(&asking, "/access/v1/evaluation", body);
    expect_false(named, "holder_binding_failed", "subject");
    ck_assert_int_eq(server_stop(&admitting), 0);
}
END_TEST

START_TEST(refuses_unseen_links_that_are_too_wide_forged_or_under_a_dead_parent)
{
    start_admitting();
    struct chain wide;
    chain_open(&wide, &cast.planner);
    derive(&wide, &cast.planner, &cast.retriever, "/");
    const struct answer too_wide = use(&wide, &cast.retriever, true);
    expect_code(too_wide, "not_narrower");

    struct chain forged;
    chain_open(&forged, &cast.planner);
    derive(&forged, &cast.executor, &cast.retriever, "/notes"); /* not the parent's holder */
    const struct answer unsigned_link = use(&forged, &cast.retriever, true);
    expect_code(unsigned_link, "signature_invalid");

    struct chain dead;
    chain_open(&dead, &cast.planner);
    derive(&dead, &cast.planner, &cast.retriever, "/notes");
    const struct answer revoked = chain_act(&dead, &cast.issuer, "revoke", 0, "{}");
    expect_status(revoked, 200);
    const struct answer orphan = use(&dead, &cast.retriever, true);
    expect_code(orphan, "revoked");

    struct chain rootless;
    chain_open(&rootless, &cast.planner);
    struct writ_json *claims = (struct writ_json *)(uintptr_t)token_claims(rootless.tokens[0]);
    claim(claims, "jti", "'another-root'");
    rootless.tokens[0] = token_sign(claims, &cast.planner);
    const struct answer no_root = use(&rootless, &cast.planner, true);
    expect_code(no_root, "unregistered");
    ck_assert_int_eq(server_stop(&admitting), 0);
}
END_TEST

START_TEST(refuses_unseen_links_that_policies_do_not_let_pass)
{
    struct chain chain;
    chain_open(&chain, &cast.planner);
    derive(&chain, &cast.planner, &cast.retriever, "/notes");
    policies_set("@id('all') permit(principal, action, resource); "
                 "@id('never_on') forbid(principal, action == Action::'delegate', resource);");
    start_admitting();
    const struct answer denied = use(&chain, &cast.retriever, true);
    policies_set("");
    expect_code(denied, "policy_denied");
    expect_text(denied, "field", "tools.read_file");
    ck_assert_int_eq(chain_rows(&chain, "delegation"), 1);
    ck_assert_int_eq(server_stop(&admitting), 0);
}
END_TEST

Suite *suite_seen(void)
{
    Suite *suite = suite_create("seen");
    ADD(suite, admits_links_that_are_seen_first_at_use_and_marks_them);
    ADD(suite, refuses_unseen_links_that_are_too_wide_forged_or_under_a_dead_parent);
    ADD(suite, refuses_unseen_links_that_policies_do_not_let_pass);
    return suite;
}
