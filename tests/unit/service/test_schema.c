/* Argument schemas: what a keyword says, and that none is passed over. */
#include "decide/schema.h"
#include "suites.h"

#include <stdio.h>
#include <string.h>

static const struct writ_json *read(struct writ_arena *arena, const char *text)
{
    const struct writ_json *value = NULL;
    ck_assert_msg(writ_is_ok(writ_json_parse(arena, writ_slice_text(text), &value)), "%s", text);
    return value;
}

static const struct {
    const char *schema;
    const char *allows[4];
    const char *refuses[5];
} KEYWORDS[] = {
    {"{}", {"{}", "{\"a\":1}"}, {NULL}},
    {"{\"type\":\"object\"}", {"{}"}, {NULL}},
    {"{\"type\":\"array\"}", {NULL}, {"{}"}},
    {"{\"properties\":{\"a\":{\"type\":\"integer\"}}}",
     {"{\"a\":2}", "{\"a\":2.0}", "{}"},
     {"{\"a\":2.5}", "{\"a\":\"2\"}", "{\"a\":null}", "{\"a\":true}"}},
    {"{\"properties\":{\"a\":{\"type\":[\"string\",\"null\"]}}}",
     {"{\"a\":\"\"}", "{\"a\":null}"},
     {"{\"a\":1}", "{\"a\":[]}", "{\"a\":false}"}},
    {"{\"properties\":{\"a\":{\"enum\":[1,\"x\",null]}}}",
     {"{\"a\":1.0}", "{\"a\":\"x\"}", "{\"a\":null}"},
     {"{\"a\":\"1\"}", "{\"a\":2}"}},
    {"{\"properties\":{\"a\":{\"const\":{\"b\":[1]}}}}", {"{\"a\":{\"b\":[1]}}"}, {"{\"a\":1}"}},
    {"{\"required\":[\"a\",\"b\"]}", {"{\"a\":1,\"b\":2}"}, {"{}", "{\"a\":1}", "{\"b\":1}"}},
    {"{\"properties\":{\"a\":true},\"additionalProperties\":false}",
     {"{}", "{\"a\":1}"},
     {"{\"b\":1}", "{\"a\":1,\"A\":1}"}},
    {"{\"properties\":{\"a\":false}}", {"{}"}, {"{\"a\":1}"}},
    {"{\"additionalProperties\":{\"type\":\"string\"}}", {"{\"a\":\"\"}"}, {"{\"a\":1}"}},
    {"{\"properties\":{\"a\":{\"items\":{\"type\":\"string\"}}}}",
     {"{\"a\":[]}", "{\"a\":[\"x\"]}", "{\"a\":1}"},
     {"{\"a\":[\"x\",1]}"}},
    {"{\"properties\":{\"a\":{\"minItems\":1,\"maxItems\":2}}}",
     {"{\"a\":[1]}", "{\"a\":[1,2]}", "{\"a\":\"\"}"},
     {"{\"a\":[]}", "{\"a\":[1,2,3]}"}},
    /* Characters, not bytes. */
    {"{\"properties\":{\"a\":{\"minLength\":2,\"maxLength\":2}}}",
     {"{\"a\":\"xy\"}", "{\"a\":\"\xC3\xA4\xE2\x82\xAC\"}", "{\"a\":1}"},
     {"{\"a\":\"x\"}", "{\"a\":\"xyz\"}", "{\"a\":\"\xC3\xA4\"}"}},
    {"{\"properties\":{\"a\":{\"minimum\":1,\"maximum\":2}}}",
     {"{\"a\":1}", "{\"a\":2}", "{\"a\":\"9\"}"},
     {"{\"a\":0.999}", "{\"a\":2.001}"}},
    {"{\"properties\":{\"a\":{\"exclusiveMinimum\":1,\"exclusiveMaximum\":2}}}",
     {"{\"a\":1.5}"},
     {"{\"a\":1}", "{\"a\":2}"}},
    {"{\"allOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}",
     {"{\"a\":1,\"b\":1}"},
     {"{\"a\":1}", "{\"b\":1}"}},
    {"{\"anyOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}",
     {"{\"a\":1,\"b\":1}", "{\"a\":1}"},
     {"{}"}},
    {"{\"oneOf\":[{\"required\":[\"a\"]},{\"required\":[\"b\"]}]}",
     {"{\"a\":1}", "{\"b\":1}"},
     {"{}", "{\"a\":1,\"b\":1}"}},
    /* An annotation judges nothing. */
    {"{\"title\":\"t\",\"properties\":{\"a\":{\"format\":\"email\",\"default\":1}}}",
     {"{\"a\":\"no\"}", "{}"},
     {NULL}},
};

START_TEST(each_keyword_says_what_the_standard_says)
{
    for (size_t i = 0; i < sizeof KEYWORDS / sizeof KEYWORDS[0]; i++) {
        struct writ_arena arena;
        char detail[200];
        writ_arena_init(&arena, 0);
        const struct writ_json *schema = read(&arena, KEYWORDS[i].schema);
        ck_assert_msg(schema_is_known(schema, detail, sizeof detail), "%s", detail);
        for (size_t j = 0; j < 4 && KEYWORDS[i].allows[j]; j++)
            ck_assert_msg(
                schema_allows(schema, read(&arena, KEYWORDS[i].allows[j]), detail, sizeof detail),
                "%s: %s: %s", KEYWORDS[i].schema, KEYWORDS[i].allows[j], detail);
        for (size_t j = 0; j < 5 && KEYWORDS[i].refuses[j]; j++) {
            ck_assert_msg(
                !schema_allows(schema, read(&arena, KEYWORDS[i].refuses[j]), detail, sizeof detail),
                "%s: %s", KEYWORDS[i].schema, KEYWORDS[i].refuses[j]);
            ck_assert_msg(detail[0] != '\0' || strstr(KEYWORDS[i].schema, "false"),
                          "no reason: %s: %s", KEYWORDS[i].schema, KEYWORDS[i].refuses[j]);
        }
        writ_arena_done(&arena);
    }
}
END_TEST

START_TEST(what_can_not_be_applied_is_refused_however_deep_it_stands)
{
    static const char *const UNKNOWN[] = {
        "{\"pattern\":\"^a\"}",
        "{\"$ref\":\"#\"}",
        "{\"not\":{}}",
        "{\"properties\":{\"a\":{\"items\":{\"anyOf\":[true,{\"if\":{}}]}}}}",
        "{\"additionalProperties\":{\"patternProperties\":{}}}",
        "{\"type\":\"text\"}",
        "{\"type\":[]}",
        "{\"type\":7}",
        "{\"required\":[1]}",
        "{\"enum\":7}",
        "{\"minLength\":-1}",
        "{\"minLength\":1.5}",
        "{\"maximum\":\"9\"}",
        "{\"properties\":[]}",
        "{\"items\":[{}]}",
        "{\"anyOf\":[]}",
        "{\"oneOf\":{}}",
        "{\"const\":12345678901234567890123}",
        "[]",
        "\"object\"",
    };
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof UNKNOWN[0]; i++) {
        struct writ_arena arena;
        char detail[200];
        writ_arena_init(&arena, 0);
        ck_assert_msg(!schema_is_known(read(&arena, UNKNOWN[i]), detail, sizeof detail), "%s",
                      UNKNOWN[i]);
        writ_arena_done(&arena);
    }
}
END_TEST

START_TEST(a_keyword_of_another_build_refuses_all)
{
    struct writ_arena arena;
    char detail[200];
    writ_arena_init(&arena, 0);
    ck_assert(!schema_allows(read(&arena, "{\"pattern\":\"\"}"), read(&arena, "{}"), detail,
                             sizeof detail));
    writ_arena_done(&arena);
}
END_TEST

Suite *suite_schema(void)
{
    TCase *tests = tcase_create("schema");
    tcase_add_test(tests, each_keyword_says_what_the_standard_says);
    tcase_add_test(tests, what_can_not_be_applied_is_refused_however_deep_it_stands);
    tcase_add_test(tests, a_keyword_of_another_build_refuses_all);
    return suite_of("schema", tests);
}
