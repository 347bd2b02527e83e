/* Tools of the registry: tightened at any time, loosened only with the word, suspended when their
 * schema changes. */
#include "actors.h"
#include "suites.h"

#include <string.h>

#define TOOL(name) "/v1/tools/" name "?audience=https%3A%2F%2Ftools.test"

static struct answer put_tool(const char *path, const char *body)
{
    return put(&cast.admin, path, quoted("%s", body));
}

START_TEST(a_looser_tool_needs_the_word_and_leaves_a_record)
{
    static const char *const STRICT = "{'effect': 'irreversible', 'destination': 'to', "
                                      "'argument_schema': {'type': 'object'}}";
    static const char *const LOOSER[][2] = {
        {"effect",
         "{'effect': 'write', 'destination': 'to', 'argument_schema': {'type': 'object'}}"},
        {"approval", "{'effect': 'irreversible', 'destination': 'to', 'argument_schema': "
                     "{'type': 'object'}, 'approval': 0}"},
        {"sensitivity", "{'effect': 'irreversible', 'destination': 'to', 'argument_schema': "
                        "{'type': 'object'}, 'sensitivity': {'integrity': 'untrusted'}}"},
        {"sends", "{'effect': 'irreversible', 'sends': false, 'argument_schema': "
                  "{'type': 'object'}}"},
        {"destination", "{'effect': 'irreversible', 'destination': 'cc', 'argument_schema': "
                        "{'type': 'object'}}"},
        {"release", "{'effect': 'irreversible', 'destination': 'to', 'release': 'internal', "
                    "'argument_schema': {'type': 'object'}}"},
        {"release", "{'effect': 'irreversible', 'destination': 'to', 'release': "
                    "{'integrity': 'untrusted'}, 'argument_schema': {'type': 'object'}}"},
        {"release_pinned", "{'effect': 'irreversible', 'destination': 'to', 'release_pinned': "
                           "'restricted', 'argument_schema': {'type': 'object'}}"},
        {"argument_schema", "{'effect': 'irreversible', 'destination': 'to'}"},
    };
    const char *path = TOOL("strict");
    const struct answer made = put_tool(path, STRICT);
    expect_status(made, 200);
    for (size_t i = 0; i < sizeof LOOSER / sizeof LOOSER[0]; i++) {
        const struct answer refused = put_tool(path, LOOSER[i][1]);
        expect_code(refused, "conflict");
        expect_text(refused, "field", LOOSER[i][0]);
        const char *end = strrchr(LOOSER[i][1], '}');
        const struct answer meant = put_tool(
            path, plain("%.*s, 'loosen': true}", (int)(end - LOOSER[i][1]), LOOSER[i][1]));
        expect_status(meant, 200);
        ck_assert_msg(strstr(shown(&meant), LOOSER[i][0]), "%s", shown(&meant));
        const struct answer back = put_tool(
            path, plain("%.*s, 'loosen': true}", (int)strlen(STRICT) - 1, STRICT));
        expect_status(back, 200);
    }
    ck_assert_int_ge(postgres_count(&shared_postgres,
                                    "select count(*) from audit.registry_changes where key like "
                                    "'% strict' and after ? 'loosens'"),
                     9);
    const struct answer retired = del(&cast.admin, path);
    expect_status(retired, 200);
    const struct answer returns = put_tool(path, STRICT);
    expect_code(returns, "conflict");
    expect_text(returns, "field", "retired_at");
}
END_TEST

START_TEST(a_dry_run_says_what_would_loosen_and_changes_nothing)
{
    const char *path = TOOL("tried");
    const struct answer made = put_tool(path, "{'effect': 'irreversible'}");
    expect_status(made, 200);
    const struct answer tried = put_tool(path, "{'effect': 'read', 'dry_run': true}");
    expect_status(tried, 200);
    expect_text(tried, "loosens.0", "effect");
    const struct answer now = get(&cast.admin, path);
    expect_text(now, "effect", "irreversible");
}
END_TEST

START_TEST(a_tool_that_nobody_described_is_confidential_untrusted_and_sends_nothing_freely)
{
    const struct answer made = put_tool(TOOL("unknown"), "{'effect': 'irreversible'}");
    expect_text(made, "sensitivity.confidentiality", "confidential");
    expect_text(made, "sensitivity.integrity", "untrusted");
    expect_text(made, "release", "public");
    expect_text(made, "release_pinned", "confidential");
    ck_assert(at(made.json, "sends")->boolean);
    static const char *const WRONG[][2] = {
        {"sends", "{'effect': 'read', 'destination': 'to', 'sends': false}"},
        {"release", "{'effect': 'write', 'release': 'secret'}"},
        {"release", "{'effect': 'write', 'release': {'confidentiality': 'public'}}"},
        {"release_pinned",
         "{'effect': 'write', 'release': 'internal', 'release_pinned': 'public'}"},
        {"record", "{'effect': 'read', 'sends': true, 'record': 'buffered'}"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        const struct answer refused = put_tool(TOOL("wrong"), WRONG[i][1]);
        expect_code(refused, "malformed");
        expect_text(refused, "field", WRONG[i][0]);
    }
}
END_TEST

START_TEST(arguments_are_judged_by_the_tools_own_schema)
{
    const struct answer made = put_tool(
        TOOL("shaped"), "{'effect': 'read', 'sensitivity': {}, 'argument_schema': {'type': "
                        "'object', 'properties': {'rows': {'type': 'integer', 'maximum': 10}}, "
                        "'required': ['rows'], 'additionalProperties': false}}");
    expect_status(made, 200);
    struct chain chain;
    chain_open_for(&chain, "shaped", NULL);
    static const struct {
        const char *args;
        const char *detail; /* NULL: permitted */
    } CASES[] = {
        {"{'rows': 10}", NULL},
        {"{'rows': 11}", "rows: not as maximum of the tool's schema says"},
        {"{'rows': 1.5}", "rows: not as type of the tool's schema says"},
        {"{}", "rows: not as required of the tool's schema says"},
        {"{'rows': 1, 'more': 1}", "not as additionalProperties of the tool's schema says"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct answer answer = chain_call(&chain, "shaped", CASES[i].args);
        expect_status(answer, CASES[i].detail ? 403 : 200);
        if (!CASES[i].detail)
            continue;
        expect_code(answer, "argument_not_granted");
        expect_text(answer, "field", "argument_schema");
        expect_text(answer, "detail", CASES[i].detail);
    }
    const struct answer unknown = put_tool(
        TOOL("wrong"), "{'effect': 'read', 'argument_schema': {'properties': {'a': "
                       "{'pattern': '^a'}}}}");
    expect_code(unknown, "malformed");
    ck_assert_msg(strstr(text_at(&unknown, "detail"), "pattern"), "%s", shown(&unknown));
}
END_TEST

START_TEST(a_changed_schema_suspends_the_tool_until_it_is_accepted)
{
    const char *path = TOOL("served");
    const char *offer = "/v1/tools/served/offer?audience=https%3A%2F%2Ftools.test";
    const char *accept = "/v1/tools/served/accept?audience=https%3A%2F%2Ftools.test";
    const struct answer made = put_tool(
        path, "{'effect': 'read', 'sensitivity': {}, 'argument_schema': {'type': 'object'}}");
    expect_status(made, 200);
    struct chain chain;
    chain_open_for(&chain, "served", NULL);
    const struct answer same = post(&cast.enforcer, offer,
                                    quoted("{'argument_schema': {'type': 'object'}}"));
    expect_status(same, 200);
    ck_assert(!has_at(&same, "suspended_at"));
    const struct answer before = chain_call(&chain, "served", "{'a': 1}");
    expect_status(before, 200);

    const struct answer stranger = post(&cast.outsider, offer,
                                        quoted("{'argument_schema': {'type': 'array'}}"));
    expect_code(stranger, "forbidden");
    const struct answer changed = post(
        &cast.enforcer, offer, quoted("{'argument_schema': {'type': 'object', 'maxItems': 1}}"));
    expect_status(changed, 200);
    ck_assert(has_at(&changed, "suspended_at"));
    const struct answer denied = chain_call(&chain, "served", "{'a': 1}");
    expect_code(denied, "tool_unregistered");
    ck_assert_msg(strstr(text_at(&denied, "detail"), "suspended"), "%s", shown(&denied));
    /* Offering the old one again, or registering it again, does not bring it back. */
    const struct answer again = post(&cast.enforcer, offer,
                                     quoted("{'argument_schema': {'type': 'object'}}"));
    ck_assert(has_at(&again, "suspended_at"));
    const struct answer reput = put_tool(
        path, "{'effect': 'read', 'sensitivity': {}, 'argument_schema': {'type': 'object'}}");
    ck_assert(has_at(&reput, "suspended_at"));

    const struct answer another = post(
        &cast.admin, accept, quoted("{'schema_sha256': '%s'}", text_at(&made, "schema_sha256")));
    expect_code(another, "conflict");
    const struct answer accepted = post(
        &cast.admin, accept,
        quoted("{'schema_sha256': '%s'}", text_at(&changed, "offered_sha256")));
    expect_status(accepted, 200);
    ck_assert(!has_at(&accepted, "suspended_at"));
    const struct answer after = chain_call(&chain, "served", "{'a': 1}");
    expect_status(after, 200);
}
END_TEST

START_TEST(a_schema_that_can_not_be_applied_is_accepted_only_with_the_word)
{
    const char *offer = "/v1/tools/odd/offer?audience=https%3A%2F%2Ftools.test";
    const char *accept = "/v1/tools/odd/accept?audience=https%3A%2F%2Ftools.test";
    const struct answer made = put_tool(
        TOOL("odd"), "{'effect': 'read', 'argument_schema': {'type': 'object'}}");
    expect_status(made, 200);
    const struct answer changed = post(&cast.admin, offer,
                                       quoted("{'argument_schema': {'$ref': '#/x'}}"));
    const char *digest = text_at(&changed, "offered_sha256");
    const struct answer refused = post(&cast.admin, accept,
                                       quoted("{'schema_sha256': '%s'}", digest));
    expect_code(refused, "conflict");
    const struct answer meant = post(&cast.admin, accept,
                                     quoted("{'schema_sha256': '%s', 'loosen': true}", digest));
    expect_status(meant, 200);
    ck_assert(!has_at(&meant, "argument_schema"));
    expect_text(meant, "schema_sha256", digest);
    expect_text(meant, "loosens.0", "argument_schema");
}
END_TEST

Suite *suite_tools(void)
{
    Suite *suite = suite_create("tools");
    ADD(suite, a_looser_tool_needs_the_word_and_leaves_a_record);
    ADD(suite, a_dry_run_says_what_would_loosen_and_changes_nothing);
    ADD(suite, a_tool_that_nobody_described_is_confidential_untrusted_and_sends_nothing_freely);
    ADD(suite, arguments_are_judged_by_the_tools_own_schema);
    ADD(suite, a_changed_schema_suspends_the_tool_until_it_is_accepted);
    ADD(suite, a_schema_that_can_not_be_applied_is_accepted_only_with_the_word);
    return suite;
}
