/* Authorities of two profiles, and none at all: what the strict one allows, ours may not. */
#include <string.h>

#include "fixture.h"
#include "suites.h"

#define STAR_AND_PATH                                                                              \
    "{\"t\":{\"path\":{\"constraint_type\":\"wildcard\"},\"*\":{\"constraint_type\":\"wildcard\"}" \
    "}}"
#define SHADOW                                                                                     \
    "{\"t\":{\"path\":{\"constraint_type\":\"wildcard\"},"                                         \
    "\"Path\":{\"constraint_type\":\"wildcard\"}}}"

static const struct writ_authority *read_as(const char *tools, enum writ_profile profile)
{
    const struct writ_authority *authority = NULL;
    ck_assert(writ_is_ok(
        writ_authority_parse(&arena, writ_slice_text(tools), profile, &authority, &denial)));
    return authority;
}

static const char *meet_of(enum writ_profile left, enum writ_profile right)
{
    const struct writ_authority *meet = NULL;
    ck_assert(writ_is_ok(
        writ_authority_meet(&arena, read_as(STAR_AND_PATH, left), read_as(SHADOW, right), &meet)));
    ck_assert_int_eq(meet->profile, left == OURS || right == OURS ? OURS : STRICT);
    return (const char *)writ_authority_notation(&arena, meet).data;
}

START_TEST(a_meet_with_our_profile_is_of_our_profile)
{
    ck_assert_str_eq(meet_of(STRICT, STRICT), "t(Path any, path any)");
    ck_assert_str_eq(meet_of(OURS, STRICT), "");
    ck_assert_str_eq(meet_of(STRICT, OURS), "");
    ck_assert_str_eq(meet_of(OURS, OURS), "");
}
END_TEST

START_TEST(a_shadow_widens_in_our_profile_only)
{
    const struct writ_change *changes = NULL;
    size_t count = 0;
    for (int ours = 0; ours < 2; ours++) {
        const enum writ_profile profile = ours ? OURS : STRICT;
        ck_assert(writ_is_ok(writ_authority_diff(&arena, read_as(STAR_AND_PATH, profile),
                                                 read_as(SHADOW, profile), &changes, &count)));
        ck_assert_uint_eq(count, 2);
        ck_assert(!changes[0].widens); /* "*" went */
        ck_assert_int_eq(changes[1].kind, WRIT_ARGUMENT_ADDED);
        ck_assert(changes[1].widens == (ours == 1));
    }
}
END_TEST

START_TEST(no_authority_reads_as_no_tools)
{
    ck_assert_str_eq((const char *)writ_authority_json(&arena, NULL).data, "{}");
    ck_assert_str_eq((const char *)writ_authority_notation(&arena, NULL).data, "");
    ck_assert_ptr_null(writ_authority_tool(NULL, writ_slice_text("t")));
    ck_assert_int_eq(
        writ_authority_allows(NULL, OURS, writ_slice_text("t"), parse("{}"), &denial).status,
        WRIT_SCOPE_NOT_GRANTED);
}
END_TEST

/* A tree that was built, not parsed, could name a thing twice. */
static struct writ_json twice(const struct writ_json *value)
{
    struct writ_json object = {.type = WRIT_JSON_OBJECT, .count = 2, .capacity = 2};
    object.items = writ_arena_array(&arena, 2, sizeof *object.items);
    object.names = writ_arena_array(&arena, 2, sizeof *object.names);
    object.items[0] = object.items[1] = *value;
    object.names[0] = object.names[1] = writ_slice_text("x");
    return object;
}

START_TEST(refuses_a_tree_that_names_a_tool_or_an_argument_twice)
{
    const struct writ_authority *authority = NULL;
    bool is_shape = false;
    const struct writ_json tools = twice(parse("{}"));
    const struct writ_json map = twice(parse("{\"constraint_type\":\"wildcard\"}"));
    struct writ_json *tool = writ_json_new_object(&arena);
    writ_json_put(&arena, tool, "t", &map);
    const struct writ_json *const trees[] = {&tools, tool};
    for (size_t i = 0; i < COUNT(trees); i++)
        ck_assert_int_eq(writ_authority_read(&arena, trees[i], OURS, WRIT_CONSTRAINT_DEPTH_MAX,
                                             &authority, &is_shape, &denial)
                             .status,
                         WRIT_DUPLICATE_MEMBER);
}
END_TEST

START_TEST(arguments_that_are_no_json_are_refused_before_the_tool)
{
    const struct writ_authority *authority = authority_of("t");
    ck_assert_int_eq(writ_authority_check(&arena, authority, OURS, writ_slice_text("t"),
                                          writ_slice_text("{\"a\":1,}"), &denial)
                         .status,
                     WRIT_MALFORMED);
    ck_assert_str_eq(denial.step, "6b");
    ck_assert_int_eq(writ_authority_check(&arena, authority, OURS, writ_slice_text("none"),
                                          writ_slice_text("{\"a\":1,\"a\":1}"), &denial)
                         .status,
                     WRIT_DUPLICATE_MEMBER);
}
END_TEST

/* ---- Derivation ------------------------------------------------------------------------------ */

static struct writ_grant grant_below(void)
{
    return (struct writ_grant){
        .iat_unix_s = FORGE_NOW,
        .exp_unix_s = FORGE_NOW + 10,
        .max_depth = 2,
        .holder = forge_key(3),
        .tools = writ_slice_text("{\"read_file\":{\"path\":{\"constraint_type\":\"exact\","
                                 "\"value\":\"/a\"}}}"),
        .client_id = writ_slice_text("agent-2"),
    };
}

START_TEST(a_holder_asks_for_its_agent_in_our_profile_only)
{
    const struct writ_grant grant = grant_below();
    struct writ_slice input;
    forge_chain_init(&chain, &arena, 2);
    forge_seal(&chain);
    ck_assert(writ_is_ok(writ_child_input(&arena, chain.links[1], &grant, &input)));
    const struct {
        enum writ_profile profile;
        const char *agent;
        bool agrees;
    } cases[] = {{OURS, "agent-2", true}, {OURS, "agent-3", false}, {STRICT, "agent-3", true}};
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert(writ_is_ok(writ_derive_check(&arena, cases[i].profile, chain.links[1], input,
                                               &grant.holder, writ_slice_text(cases[i].agent),
                                               grant.tools, &denial)) == cases[i].agrees);
}
END_TEST

/* Whoever does not know our profile would take the digest for the argument. */
START_TEST(a_proof_shows_a_large_argument_whole_where_the_chain_names_no_task)
{
    char large[5001] = {0};
    memset(large, 'x', sizeof large - 1);
    for (int ours = 0; ours < 2; ours++) {
        forge_chain_init(&chain, &arena, 1);
        if (!ours)
            forge_set(&chain.claims[0], "txn", NULL);
        forge_seal(&chain);
        const struct writ_proof_request request = {
            .iat_unix_s = FORGE_NOW,
            .leaf = chain.links[0],
            .tool = writ_slice_text("send_email"),
            .args = writ_slice_text(writ_arena_printf(&arena, "{\"to\":\"%s\"}", large)),
        };
        struct writ_slice input;
        ck_assert(writ_is_ok(writ_proof_input(&arena, &request, &input)));
        ck_assert((input.size > sizeof large) == (ours == 0));
    }
}
END_TEST

Suite *suite_profiles(void)
{
    TCase *tests = tcase_create("profiles");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, a_meet_with_our_profile_is_of_our_profile);
    tcase_add_test(tests, a_shadow_widens_in_our_profile_only);
    tcase_add_test(tests, no_authority_reads_as_no_tools);
    tcase_add_test(tests, refuses_a_tree_that_names_a_tool_or_an_argument_twice);
    tcase_add_test(tests, arguments_that_are_no_json_are_refused_before_the_tool);
    tcase_add_test(tests, a_holder_asks_for_its_agent_in_our_profile_only);
    tcase_add_test(tests, a_proof_shows_a_large_argument_whole_where_the_chain_names_no_task);
    return suite_of("profiles", tests);
}
