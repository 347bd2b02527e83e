/* Friction follows effect: how many people a tool asks for by itself, beside chain and policies. */
#include "people.h"
#include "suites.h"

#define LOCAL "'sends': false, 'sensitivity': {}" /* nothing about labels */
#define IRREVERSIBLE "'effect': 'irreversible', " LOCAL
#define WRITE "'effect': 'write', " LOCAL
#define READ "'effect': 'read', " LOCAL

static const char NOTHING[] = "{}";

static struct answer put_tool(const char *name, const char *members)
{
    return put(&cast.admin, plain("/v1/tools/%s?audience=https%%3A%%2F%%2Ftools.test", name),
               quoted("{%s}", members));
}

/* Over whatever an earlier run of the test left. */
static void set_tool(const char *name, const char *members)
{
    const struct answer set = put_tool(name, plain("%s, 'loosen': true", members));
    expect_status(set, 200);
}

static int64_t number_at(const struct answer *answer, const char *path)
{
    int64_t number = -1;
    ck_assert_msg(writ_json_integer(at(answer->json, path), &number), "%s: %s", path,
                  shown(answer));
    return number;
}

static const char *asked_for(const struct chain *chain, const char *tool)
{
    const struct answer refused = chain_call(chain, tool, NOTHING);
    return people_asked(&refused);
}

START_TEST(what_can_not_be_taken_back_asks_a_person_where_nobody_says_otherwise)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "[]");
    const struct answer tool = put_tool("erase", IRREVERSIBLE);
    expect_status(tool, 200);
    ck_assert_int_eq(number_at(&tool, "approval"), 1);
    chain_open_for(&chain, "erase", NULL);
    const struct answer asked = chain_call(&chain, "erase", NOTHING);
    const char *id = people_asked(&asked);
    expect_text(asked, "field", "approval");
    expect_text(asked, "detail", "people have to approve this call, by: tool");
    expect_text(asked, "approval.rules.0.source", "tool");
    expect_text(asked, "approval.rules.0.approvers.0", "*");
    ck_assert_int_eq(number_at(&asked, "approval.rules.0.quorum"), 1);
    ck_assert(!has_at(&asked, "approval.rules.1"));
    expect_vote(&ann, id, "approved");
    const struct answer permit = call_tool_with(&chain, "erase", NOTHING, id);
    expect_status(permit, 200);
    const struct answer again = call_tool_with(&chain, "erase", NOTHING, id);
    expect_code(again, "approval_invalid");
}
END_TEST

START_TEST(what_is_read_or_written_asks_nobody_where_nobody_says_otherwise)
{
    static const char *const TOOLS[][2] = {{"look", READ ", 'record': 'buffered'"}, {"jot", WRITE}};
    for (size_t i = 0; i < 2; i++) {
        struct chain chain;
        set_tool(TOOLS[i][0], TOOLS[i][1]);
        chain_open_for(&chain, TOOLS[i][0], NULL);
        const struct answer first = chain_call(&chain, TOOLS[i][0], NOTHING);
        expect_status(first, 200);
        /* Nor is a read that is answered from memory any slower. */
        const struct answer second = chain_call(&chain, TOOLS[i][0], NOTHING);
        expect_text(second, "recorded", i == 0 ? "buffered" : "durable");
    }
}
END_TEST

START_TEST(to_ask_fewer_people_than_the_effect_does_needs_the_word)
{
    struct chain chain;
    static const char PATH[] = "/v1/tools/purge?audience=https%3A%2F%2Ftools.test";
    const struct answer refused = put_tool("purge", IRREVERSIBLE ", 'approval': 0");
    expect_code(refused, "conflict");
    expect_text(refused, "field", "approval");
    const struct answer absent = get(&cast.admin, PATH);
    expect_code(absent, "not_found");
    const struct answer tried = put_tool("purge", IRREVERSIBLE ", 'approval': 0, 'dry_run': true");
    expect_text(tried, "loosens.0", "approval");
    const struct answer meant = put_tool("purge", IRREVERSIBLE ", 'approval': 0, 'loosen': true");
    expect_status(meant, 200);
    expect_text(meant, "loosens.0", "approval");
    ck_assert_int_eq(postgres_count(&shared_postgres,
                                    "select count(*) from audit.registry_changes where key like "
                                    "'% purge' and after -> 'loosens' ? 'approval'"),
                     1);
    chain_open_for(&chain, "purge", NULL);
    const struct answer permit = chain_call(&chain, "purge", NOTHING);
    expect_status(permit, 200);
    /* To say again what is there loosens nothing; to say nothing means what the effect asks for. */
    const struct answer same = put_tool("purge", IRREVERSIBLE ", 'approval': 0");
    expect_status(same, 200);
    ck_assert(!has_at(&same, "loosens"));
    const struct answer silent = put_tool("purge", IRREVERSIBLE);
    ck_assert_int_eq(number_at(&silent, "approval"), 1);
    const struct answer denied = chain_call(&chain, "purge", NOTHING);
    expect_code(denied, "approval_required");
    /* An effect that grew asks for its people too. */
    set_tool("grow", WRITE);
    const struct answer grown = put_tool("grow", IRREVERSIBLE ", 'approval': 0");
    expect_code(grown, "conflict");
    expect_text(grown, "field", "approval");
}
END_TEST

START_TEST(to_ask_fewer_people_than_before_needs_the_word_and_more_needs_nothing)
{
    static const char *const FEWER[] = {WRITE ", 'approval': 2", WRITE ", 'approval': 0", WRITE};
    static const char *const WRONG[] = {"-1", "101", "'1'", "1.5", "true", "null"};
    set_tool("pay", WRITE);
    for (int people = 0; people <= 3; people++) {
        const struct answer more = put_tool("pay", plain(WRITE ", 'approval': %d", people));
        expect_status(more, 200);
        ck_assert_int_eq(number_at(&more, "approval"), people);
    }
    for (size_t i = 0; i < sizeof FEWER / sizeof FEWER[0]; i++) {
        const struct answer fewer = put_tool("pay", FEWER[i]);
        expect_code(fewer, "conflict");
        expect_text(fewer, "field", "approval");
    }
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        const struct answer wrong = put_tool("pay", plain(WRITE ", 'approval': %s", WRONG[i]));
        expect_code(wrong, "malformed");
        expect_text(wrong, "field", "approval");
    }
}
END_TEST

START_TEST(a_write_that_is_tightened_to_two_needs_two_different_people)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "[]");
    const struct person bob = person_new("bob", "[]");
    set_tool("wire", WRITE);
    chain_open_for(&chain, "wire", NULL);
    const struct answer before = chain_call(&chain, "wire", NOTHING);
    expect_status(before, 200);
    const struct answer tightened = put_tool("wire", WRITE ", 'approval': 2");
    expect_status(tightened, 200);
    const char *id = asked_for(&chain, "wire");
    expect_vote(&ann, id, "pending");
    expect_vote(&ann, id, "pending");
    const struct answer early = call_tool_with(&chain, "wire", NOTHING, id);
    expect_code(early, "approval_required");
    expect_vote(&bob, id, "approved");
    const struct answer permit = call_tool_with(&chain, "wire", NOTHING, id);
    expect_status(permit, 200);
}
END_TEST

/* Beside the number of people, whatever else may make it another tool than the one that they saw.
 */
START_TEST(an_approval_is_of_the_tool_as_it_was_registered)
{
    static const char *const CHANGED[] = {
        IRREVERSIBLE ", 'approval': 2",
        IRREVERSIBLE ", 'approval': 0",
        "'effect': 'write', 'approval': 1, " LOCAL,
        IRREVERSIBLE ", 'argument_schema': {'type': 'object'}",
        "'effect': 'irreversible', 'sends': false, 'sensitivity': {'integrity': 'trusted'}",
        "'effect': 'irreversible', 'destination': 'to', 'sensitivity': {}",
    };
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "[]");
    set_tool("shift", IRREVERSIBLE);
    chain_open_for(&chain, "shift", NULL);
    const char *id = asked_for(&chain, "shift");
    expect_vote(&ann, id, "approved");
    for (size_t i = 0; i < sizeof CHANGED / sizeof CHANGED[0]; i++) {
        set_tool("shift", CHANGED[i]);
        const struct answer changed = call_tool_with(&chain, "shift", NOTHING, id);
        expect_code(changed, "approval_invalid");
        ck_assert_msg(has_at(&changed, "decision_id"), "not recorded: %s", shown(&changed));
    }
    /* It was spent on none of them, and is of this tool. */
    set_tool("shift", IRREVERSIBLE);
    const struct answer permit = call_tool_with(&chain, "shift", NOTHING, id);
    expect_status(permit, 200);
}
END_TEST

START_TEST(the_rules_of_the_tool_and_of_the_chain_are_met_each_by_itself)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "['finance']");
    const struct person bob = person_new("bob", "[]");
    const struct person eve = person_new("eve", "[]");
    set_tool("settle", IRREVERSIBLE ", 'approval': 2");
    chain_open_for(&chain, "settle",
                   "'approval': [{'tools': ['settle'], 'approvers': ['finance'], 'quorum': 1}]");
    const struct answer asked = chain_call(&chain, "settle", NOTHING);
    expect_text(asked, "detail", "people have to approve this call, by: tool and chain");
    expect_text(asked, "approval.rules.0.source", "tool");
    expect_text(asked, "approval.rules.1.source", "chain");
    /* Two, but nobody of finance; finance, but alone. */
    const char *first = text_at(&asked, "approval.id");
    expect_vote(&bob, first, "pending");
    expect_vote(&eve, first, "pending");
    const struct answer half = call_tool_with(&chain, "settle", NOTHING, first);
    expect_code(half, "approval_required");
    expect_vote(&ann, first, "approved");
    const struct answer permit = call_tool_with(&chain, "settle", NOTHING, first);
    expect_status(permit, 200);
    const char *second = asked_for(&chain, "settle");
    ck_assert_str_ne(second, first);
    expect_vote(&ann, second, "pending");
    const struct answer other_half = call_tool_with(&chain, "settle", NOTHING, second);
    expect_code(other_half, "approval_required");
}
END_TEST

/* What is kept in memory of the chain and its calls does not outlive the change. */
START_TEST(a_buffered_read_that_is_tightened_is_not_answered_from_memory)
{
    struct chain chain;
    people_start();
    const struct person ann = person_new("ann", "[]");
    set_tool("leaf", READ ", 'record': 'buffered'");
    chain_open_for(&chain, "leaf", NULL);
    const struct answer first = chain_call(&chain, "leaf", NOTHING);
    expect_status(first, 200);
    expect_buffered(chain_call(&chain, "leaf", NOTHING));
    set_tool("leaf", READ ", 'record': 'buffered', 'approval': 1");
    const char *id = asked_for(&chain, "leaf");
    const struct answer early = call_tool_with(&chain, "leaf", NOTHING, id);
    expect_code(early, "approval_required");
    expect_vote(&ann, id, "approved");
    const struct answer permit = call_tool_with(&chain, "leaf", NOTHING, id);
    expect_status(permit, 200);
    expect_text(permit, "recorded", "durable");
    const struct answer again = call_tool_with(&chain, "leaf", NOTHING, id);
    expect_code(again, "approval_invalid");
}
END_TEST

Suite *suite_effect(void)
{
    Suite *suite = suite_create("effect");
    ADD(suite, what_can_not_be_taken_back_asks_a_person_where_nobody_says_otherwise);
    ADD(suite, what_is_read_or_written_asks_nobody_where_nobody_says_otherwise);
    ADD(suite, to_ask_fewer_people_than_the_effect_does_needs_the_word);
    ADD(suite, to_ask_fewer_people_than_before_needs_the_word_and_more_needs_nothing);
    ADD(suite, a_write_that_is_tightened_to_two_needs_two_different_people);
    ADD(suite, an_approval_is_of_the_tool_as_it_was_registered);
    ADD(suite, the_rules_of_the_tool_and_of_the_chain_are_met_each_by_itself);
    ADD(suite, a_buffered_read_that_is_tightened_is_not_answered_from_memory);
    return suite;
}
