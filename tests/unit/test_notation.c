/* The one-line notation, both ways. */
#include <stdlib.h>
#include <string.h>

#include "authority/notation.h"
#include "fixture.h"
#include "generate.h"
#include "suites.h"

#define TYPE(name) "{\"constraint_type\":\"" name "\","
#define ANY "{\"constraint_type\":\"wildcard\"}"

/* As people write it; what we write; the RFC 8785 text of the tools. */
static const struct {
    const char *typed;
    const char *written;
    const char *json;
} LINES[] = {
    {"", "", "{}"},
    {"  ", "", "{}"},
    {"t", "t", "{\"t\":{}}"},
    {"t(*)", "t", "{\"t\":{}}"},
    {"t ( * )", "t", "{\"t\":{}}"},
    {"b,a", "a, b", "{\"a\":{},\"b\":{}}"},
    {"send_email(recipients subset [john.mitchell@gmail.com])",
     "send_email(recipients subset [john.mitchell@gmail.com])",
     "{\"send_email\":{\"recipients\":{\"allowed\":[\"john.mitchell@gmail.com\"],"
     "\"constraint_type\":\"subset\"}}}"},
    {"read_file(path under /notes)", "read_file(path under /notes)",
     "{\"read_file\":{\"path\":{\"constraint_type\":\"path_containment\",\"root\":\"/notes\"}}}"},
    {"search(limit <= 100)", "search(limit <= 100)",
     "{\"search\":{\"limit\":{\"constraint_type\":\"range\",\"max\":100}}}"},
    {"pay(amount >0 <=50, to = \"x y\")", "pay(amount >0 <=50, to = \"x y\")",
     "{\"pay\":{\"amount\":{\"constraint_type\":\"range\",\"max\":50,\"min\":0,"
     "\"min_inclusive\":false},\"to\":{\"constraint_type\":\"exact\",\"value\":\"x y\"}}}"},
    {"pay(amount <=50>0)", "pay(amount >0 <=50)",
     "{\"pay\":{\"amount\":{\"constraint_type\":\"range\",\"max\":50,\"min\":0,"
     "\"min_inclusive\":false}}}"},
    {"read(head? <= 200, *)", "read(head? <= 200, *)",
     "{\"read\":{\"*\":" ANY ",\"head\":" TYPE("range") "\"max\":200,\"optional\":true}}}"},
    {"t(*,a=1)", "t(a = 1, *)", "{\"t\":{\"*\":" ANY ",\"a\":" TYPE("exact") "\"value\":1}}}"},
    {"t(a = 12)", "t(a = 12)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":12}}}"},
    {"t(a = \"12\")", "t(a = \"12\")", "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"12\"}}}"},
    {"t(a = -1.50e1)", "t(a = -15)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":-15}}}"},
    {"t(a = true)", "t(a = true)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":true}}}"},
    {"t(a = \"true\")", "t(a = \"true\")", "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"true\"}}}"},
    {"t(a = null)", "t(a = null)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":null}}}"},
    {"t(a = any)", "t(a = any)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"any\"}}}"},
    {"t(a = 10.0.0.1)", "t(a = \"10.0.0.1\")",
     "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"10.0.0.1\"}}}"},
    {"t(a = v1.2)", "t(a = v1.2)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"v1.2\"}}}"},
    {"t(a in [])", NULL, "one_of has no values"},
    {"t(a not in [])", "t(a not in [])", "{\"t\":{\"a\":" TYPE("not_one_of") "\"excluded\":[]}}}"
     /* the members come in RFC 8785 order */},
    {"t(a not in[x,1,[2,\"y\"],{\"z\":[]}])", "t(a not in [1, x, [2,\"y\"], {\"z\":[]}])",
     "{\"t\":{\"a\":" TYPE("not_one_of") "\"excluded\":[1,\"x\",[2,\"y\"],{\"z\":[]}]}}}"},
    {"t(a contains [x])", "t(a contains [x])",
     "{\"t\":{\"a\":" TYPE("contains") "\"required\":[\"x\"]}}}"},
    {"t(a in [\"]\", \"\\\"\", b])", "t(a in [\"\\\"\", \"]\", b])",
     "{\"t\":{\"a\":" TYPE("one_of") "\"values\":[\"\\\"\",\"]\",\"b\"]}}}"},
    {"t(any any, in in [in], not = not)", "t(any any, in in [in], not = not)",
     "{\"t\":{\"any\":" ANY ",\"in\":" TYPE("one_of") "\"values\":[\"in\"]},\"not\":" TYPE(
         "exact") "\"value\":\"not\"}}}"},
    {"t(a number)", "t(a number)", "{\"t\":{\"a\":{\"constraint_type\":\"range\"}}}"},
    {"t(a all of(>= 1; any of(= 5;any)))", "t(a all of(>= 1; any of(= 5; any)))",
     "{\"t\":{\"a\":" TYPE("all") "\"constraints\":[" TYPE("range") "\"min\":1}," TYPE(
         "any") "\"constraints\":[" TYPE("exact") "\"value\":5}," ANY "]}]}}}"},
    {"\"a tool\"(\"an arg\"? any)", "\"a tool\"(\"an arg\"? any)",
     "{\"a tool\":{\"an arg\":" TYPE("wildcard") "\"optional\":true}}}"},
    {"https://tools.example.com/fs/read(p any)", "https://tools.example.com/fs/read(p any)",
     "{\"https://tools.example.com/fs/read\":{\"p\":" ANY "}}"},
    {"\"https://x/?a=1\"", "\"https://x/?a=1\"", "{\"https://x/?a=1\":{}}"},
    {"\"\", \"*\"", "\"\", \"*\"", "{\"\":{},\"*\":{}}"},
    {"\"\\u0074\"(\"n\xc3\xa4me\" any)", "t(\"n\xc3\xa4me\" any)",
     "{\"t\":{\"n\xc3\xa4me\":" ANY "}}"},
    {"\"\"", "\"\"", "{\"\":{}}"},
    {"t(\"\" any)", "t(\"\" any)", "{\"t\":{\"\":" ANY "}}"},
    {"t(a = false)", "t(a = false)", "{\"t\":{\"a\":" TYPE("exact") "\"value\":false}}}"},
    {"t(a = \"false\")", "t(a = \"false\")",
     "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"false\"}}}"},
    {"t(a = \"null\")", "t(a = \"null\")", "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"null\"}}}"},
    {"t(a = TRUE)", "t(a = \"TRUE\")", "{\"t\":{\"a\":" TYPE("exact") "\"value\":\"TRUE\"}}}"},
    {"t(a in [[\"]\",1]])", "t(a in [[\"]\",1]])",
     "{\"t\":{\"a\":" TYPE("one_of") "\"values\":[[\"]\",1]]}}}"},
    {"12(3 = 4)", "12(3 = 4)", "{\"12\":{\"3\":" TYPE("exact") "\"value\":4}}}"},
};

START_TEST(reads_what_people_write_and_writes_one_way)
{
    for (size_t i = 0; i < COUNT(LINES); i++) {
        const struct writ_authority *authority = NULL;
        const struct writ_result result = writ_authority_from_notation(
            &arena, writ_slice_text(LINES[i].typed), &authority, &denial);
        if (!LINES[i].written) {
            ck_assert_int_eq(result.status, WRIT_MALFORMED);
            ck_assert_ptr_nonnull(strstr(denial.detail, LINES[i].json));
            continue;
        }
        ck_assert_msg(writ_is_ok(result), "%s: %s", LINES[i].typed, denial.detail);
        const struct writ_slice line = writ_authority_notation(&arena, authority);
        ck_assert_str_eq((const char *)line.data, LINES[i].written);
        ck_assert_uint_eq(line.size, strlen(LINES[i].written));
        ck_assert_str_eq((const char *)writ_authority_json(&arena, authority).data, LINES[i].json);
    }
}
END_TEST

static const struct {
    const char *typed;
    const char *detail;
} ERRORS[] = {
    {"t(", "column 3: expected a name"},
    {"t()", "column 3: AAT can not say"},
    {"t)", "column 2: expected , or the end"},
    {"t u", "column 3: expected , or the end"},
    {"t,", "column 3: expected a name"},
    {",t", "column 1: expected a name"},
    {"t, u, t", "column 7: this name stands twice"},
    {"t(a any, b any, a = 1)", "column 17: this name stands twice"},
    {"t(*, *)", "column 6: * stands twice"},
    {"t(\"*\" any)", "column 3: \"*\" in quotes"},
    {"t(a)", "column 4: expected a constraint"},
    {"t(a?)", "column 5: expected a constraint"},
    {"t(a any", "column 8: expected , or )"},
    {"t(a any of)", "column 11: expected ("},
    {"t(a any of())", "column 12: expected =, in"},
    {"t(a any of(= 1)", "column 16: expected , or )"},
    {"t(a any of(= 1, = 2))", "column 15: expected ; or )"},
    {"t(a any off)", "column 9: expected , or )"},
    {"t(a foo in [1])", "column 5: expected =, in"},
    {"t(a foo of(= 1))", "column 5: expected =, in"},
    {"t(a", "column 4: expected a constraint"},
    {"t(a, b any)", "column 4: expected a constraint"},
    {"t(a any,   a = 1)", "column 12: this name stands twice"},
    {"t,   t", "column 6: this name stands twice"},
    {"t(a any,   \"*\" any)", "column 12: \"*\" in quotes"},
    {"t(a matches x)", "column 5: expected =, in"},
    {"t(a not x)", "column 5: expected =, in"},
    {"t(a in x)", "column 8: expected ["},
    {"t(a in [x", "column 10: expected , or ]"},
    {"t(a in [x,])", "column 11: expected a value"},
    {"t(a in [[x]])", "column 9: this is not strict JSON"},
    {"t(a = )", "column 7: expected a value"},
    {"t(a = \"x)", "column 7: this is not strict JSON"},
    {"t(a = \"\xff\")", "column 7: this is not strict JSON"},
    {"t(a = [1])", "column 7: expected a value"},
    {"t(a <= x)", "column 8: expected a number"},
    {"t(a <= 1_000)", "column 8: expected a number"},
    {"t(a <= 1 < 2)", "column 10: the range has this bound already"},
    {"t(a >= 2 <= 1)", "column 5: min is greater than max"},
    {"t(a = 9007199254740993)", "column 5: a number in it does not survive"},
    {"t(a under notes)", "column 5: root is not an absolute, normal path"},
    {"t(a under 5)", "column 5: root is not an absolute, normal path"},
    {"\"\xc3\xa4\xc3\xb6\" x", "column 6: expected , or the end"},
    {"t(\xc3\xa4 any)", "column 3: expected a name"},
};

START_TEST(refuses_with_the_column)
{
    for (size_t i = 0; i < COUNT(ERRORS); i++) {
        const struct writ_authority *authority = NULL;
        const struct writ_result result = writ_authority_from_notation(
            &arena, writ_slice_text(ERRORS[i].typed), &authority, &denial);
        ck_assert_msg(result.status == WRIT_MALFORMED && !authority, "%s", ERRORS[i].typed);
        ck_assert_int_eq(denial.outcome, WRIT_MALFORMED);
        ck_assert_msg(strncmp(denial.detail, ERRORS[i].detail, strlen(ERRORS[i].detail)) == 0,
                      "%s: %s", ERRORS[i].typed, denial.detail);
    }
}
END_TEST

START_TEST(refuses_nul_and_too_deep)
{
    const struct writ_authority *authority = NULL;
    ck_assert(!writ_is_ok(
        writ_authority_from_notation(&arena, writ_slice_of("t\0", 2), &authority, &denial)));
    ck_assert_str_eq(denial.detail, "column 1: the text holds a NUL");
    char line[4096] = "t(a ";
    for (int i = 0; i < 32; i++)
        strcat(line, "any of(");
    strcat(line, "any");
    for (int i = 0; i < 32; i++)
        strcat(line, ")");
    strcat(line, ")");
    ck_assert(!writ_is_ok(
        writ_authority_from_notation(&arena, writ_slice_text(line), &authority, &denial)));
    /* At the one that is too deep, and not at the first. */
    ck_assert_str_eq(denial.detail, "column 229: constraints are nested too deep");
    char *first = strstr(line, "any of("), *last = strchr(line, ')');
    memmove(first, first + 7, strlen(first + 7) + 1);
    memmove(last - 7, last - 6, strlen(last - 6) + 1);
    ck_assert(writ_is_ok(
        writ_authority_from_notation(&arena, writ_slice_text(line), &authority, &denial)));
}
END_TEST

START_TEST(writes_a_text_bare_where_each_byte_may_stand_in_a_word)
{
    for (int byte = 1; byte < 0x80; byte++) {
        const char text[] = {'z', (char)byte, '\0'};
        const struct writ_json value = {.type = WRIT_JSON_STRING, .text = writ_slice_text(text)};
        const struct writ_constraint exact = {.type = WRIT_CONSTRAINT_EXACT, .value = &value};
        const char *line = (const char *)writ_constraint_notation(&arena, &exact).data;
        const bool is_word = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                             strchr("0123456789_@./:+-", byte) != NULL;
        ck_assert_msg((line[2] != '"') == is_word, "%s", line);
    }
}
END_TEST

START_TEST(makes_room_for_a_long_word_behind_short_ones)
{
    char text[400] = "";
    for (size_t size = 1; size < sizeof text; size++) {
        text[size - 1] = 'w';
        const char *line = writ_arena_printf(
            &arena, "t(a = 12345678901234567890123456789012345678901234567890z, b = %s)", text);
        ck_assert_str_eq((const char *)writ_authority_notation(&arena, authority_of(line)).data,
                         line);
    }
}
END_TEST

/* A notation ends where its slice ends: what is behind it is never looked at. */
START_TEST(reads_no_further_than_the_text)
{
    for (size_t i = 0; i < COUNT(LINES); i++) {
        const char *line = LINES[i].typed;
        for (size_t size = 0; size <= strlen(line); size++) {
            const struct writ_slice cut = writ_slice_of(line, size);
            const struct writ_slice alone = writ_arena_copy(&arena, cut);
            const struct writ_authority *first = NULL, *second = NULL;
            struct writ_denial other = {0};
            denial = other;
            const enum writ_status status =
                writ_authority_from_notation(&arena, cut, &first, &denial).status;
            ck_assert_int_eq(status,
                             writ_authority_from_notation(&arena, alone, &second, &other).status);
            ck_assert_str_eq(denial.detail, other.detail);
            ck_assert(!first == !second);
            ck_assert(!first || writ_slice_equal(writ_authority_json(&arena, first),
                                                 writ_authority_json(&arena, second)));
        }
    }
}
END_TEST

START_TEST(reads_back_every_authority_that_it_writes)
{
    struct generate generate;
    for (uint64_t seed = 0; seed < 25000; seed++) {
        ck_assert(generate_start(&generate, &arena, seed));
        const struct writ_json *tools = generate_tools(&generate);
        const struct writ_authority *first = NULL, *second = NULL;
        bool shape = false;
        ck_assert(writ_is_ok(writ_authority_read(&arena, tools, WRIT_PROFILE_AAT_02_WRIT, 32,
                                                 &first, &shape, &denial)));
        const struct writ_slice line = writ_authority_notation(&arena, first);
        ck_assert(line.data != NULL);
        ck_assert_msg(writ_is_ok(writ_authority_from_notation(&arena, line, &second, &denial)),
                      "%s: %s", (const char *)line.data, denial.detail);
        ck_assert_str_eq((const char *)writ_authority_json(&arena, first).data,
                         (const char *)writ_authority_json(&arena, second).data);
        ck_assert_str_eq((const char *)writ_authority_notation(&arena, second).data,
                         (const char *)line.data);
        writ_arena_done(&arena);
    }
}
END_TEST

/* Any cut or changed byte: an answer, never a crash, and what is read can be written and read. */
START_TEST(answers_for_any_text)
{
    struct generate generate;
    for (uint64_t seed = 0; seed < 10000; seed++) {
        ck_assert(generate_start(&generate, &arena, seed));
        const struct writ_authority *authority = NULL;
        bool shape = false;
        ck_assert(writ_is_ok(writ_authority_read(&arena, generate_tools(&generate),
                                                 WRIT_PROFILE_AAT_02_WRIT, 32, &authority, &shape,
                                                 &denial)));
        struct writ_slice line = writ_authority_notation(&arena, authority);
        char *text = writ_arena_text(&arena, line);
        if (line.size == 0)
            continue;
        for (int i = 0; i < 3; i++)
            text[generate_number(&generate, line.size)] =
                "()[]{},;=<>*?\"\\ a0-\xc3\n"[generate_number(&generate, 21)];
        line = writ_slice_of(text, 1 + generate_number(&generate, line.size));
        const struct writ_authority *again = NULL;
        if (writ_is_ok(writ_authority_from_notation(&arena, line, &authority, &denial)))
            ck_assert(writ_is_ok(writ_authority_from_notation(
                &arena, writ_authority_notation(&arena, authority), &again, &denial)));
        writ_arena_done(&arena);
    }
}
END_TEST

Suite *suite_notation(void)
{
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup_arena, teardown);
    tcase_add_test(tcase, reads_what_people_write_and_writes_one_way);
    tcase_add_test(tcase, refuses_with_the_column);
    tcase_add_test(tcase, refuses_nul_and_too_deep);
    tcase_add_test(tcase, writes_a_text_bare_where_each_byte_may_stand_in_a_word);
    tcase_add_test(tcase, makes_room_for_a_long_word_behind_short_ones);
    tcase_add_test(tcase, reads_no_further_than_the_text);
    tcase_add_test(tcase, reads_back_every_authority_that_it_writes);
    tcase_add_test(tcase, answers_for_any_text);
    return suite_of("notation", tcase);
}
