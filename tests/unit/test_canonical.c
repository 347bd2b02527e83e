#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "suites.h"
#include "json/json.h"

static const char *canonical(const char *text)
{
    return (const char *)writ_json_canonical(&arena, parse(text)).data;
}

START_TEST(refuses_a_number_that_loses_digits)
{
    static const char *const CASES[] = {
        "9007199254740993",
        "0.1000000000000000055511151231257827",
        "1e400",
        "-1e400",
        "1e-400",
        "12345678901234567890",
        "1e9999999999999999999",
        "0.30000000000000000001",
        "1.7976931348623159e308",
        "2e-324",
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct writ_json *number = parse(CASES[i]);
        ck_assert_msg(!number->admissible, "%s", CASES[i]);
        ck_assert(writ_slice_is(number->text, CASES[i]));
    }
    ck_assert(!writ_json_all_admissible(parse("{\"a\":[1,{\"b\":9007199254740993}]}")));
    ck_assert(isinf(parse("1e400")->number));
    ck_assert(isinf(parse("-1e400")->number));
}
END_TEST

START_TEST(admits_every_way_to_write_the_same_number)
{
    static const char *const CASES[] = {
        "0",
        "-0",
        "0.0",
        "-0.0e5",
        "0e99999999999",
        "1.0",
        "10e-1",
        "0.1",
        "100e-3",
        "1E+2",
        "1e21",
        "9007199254740992",
        "1e22",
        "5e-324",
        "1.50",
        "0.000001",
        "123456789012345680",
        "1.7976931348623157e308",
        "100000000000000000000000000000000",
        "5.684341886080802e-14",
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
        ck_assert_msg(parse(CASES[i])->admissible, "%s", CASES[i]);
    ck_assert(
        writ_json_all_admissible(parse("{\"a\":[1,{\"b\":2.5}],\"c\":\"9007199254740993\"}")));
}
END_TEST

START_TEST(rounds_a_long_number_as_strtod_does)
{
    /* Just above the midpoint of 2^53 and 2^53 + 2, by a digit 800 places behind the point. */
    char text[900];
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17);
    text[817] = '1';
    text[818] = '\0';
    ck_assert(parse(text)->number == 9007199254740994.0);
    text[817] = '\0';
    ck_assert(parse(text)->number == 9007199254740992.0);
}
END_TEST

/* RFC 8785 appendix B, but for NaN and Infinity; and powers of two where the shortest text is not
 * the nearest one of its length. */
static const struct {
    uint64_t ieee;
    const char *text;
} NUMBERS[] = {
    {0x0000000000000000, "0"},
    {0x8000000000000000, "0"},
    {0x0000000000000001, "5e-324"},
    {0x8000000000000001, "-5e-324"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0xffefffffffffffff, "-1.7976931348623157e+308"},
    {0x4340000000000000, "9007199254740992"},
    {0xc340000000000000, "-9007199254740992"},
    {0x4430000000000000, "295147905179352830000"},
    {0x44b52d02c7e14af5, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4e, "999999999999999700000"},
    {0x444b1ae4d6e2ef4f, "999999999999999900000"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8d, "0.000001"},
    {0x41b3de4355555553, "333333333.3333332"},
    {0x41b3de4355555554, "333333333.33333325"},
    {0x41b3de4355555555, "333333333.3333333"},
    {0x41b3de4355555556, "333333333.3333334"},
    {0x41b3de4355555557, "333333333.33333343"},
    {0xbecbf647612f3696, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959, "1424953923781206.2"},
    {0x3d30000000000000, "5.684341886080802e-14"},
    {0x0010000000000000, "2.2250738585072014e-308"},
};

static void check_numbers(void)
{
    for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
        char text[32];
        double value;
        memcpy(&value, &NUMBERS[i].ieee, sizeof value);
        writ_json_number_text(value, text);
        ck_assert_str_eq(text, NUMBERS[i].text);
        const struct writ_json *number = parse(text);
        ck_assert(number->admissible);
        ck_assert(number->number == value);
    }
}

START_TEST(writes_numbers_as_rfc_8785_appendix_b)
{
    check_numbers();
}
END_TEST

START_TEST(numbers_do_not_depend_on_the_locale)
{
    /* Any locale with a decimal comma that this machine has; without one nothing is shown. */
    static const char *const LOCALES[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.utf8"};
    for (size_t i = 0; i < sizeof LOCALES / sizeof LOCALES[0]; i++)
        if (setlocale(LC_ALL, LOCALES[i]))
            break;
    check_numbers();
    setlocale(LC_ALL, "C");
}
END_TEST

START_TEST(every_double_reads_back_and_is_admissible)
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        char text[32];
        double value;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(&value, &state, sizeof value);
        if (!isfinite(value))
            continue;
        writ_json_number_text(value, text);
        ck_assert_msg(strtod(text, NULL) == value, "%a as %s", value, text);
        if (i % 100 == 0)
            ck_assert(parse(text)->admissible);
    }
}
END_TEST

START_TEST(sorts_names_by_utf_16_code_units)
{
    ck_assert_str_eq(
        canonical("{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
                  "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
                  "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
                  "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}"),
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\","
        "\"\xe2\x82\xac\":\"Euro Sign\","
        "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
        "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    ck_assert_str_eq(canonical("{\"aa\":1,\"a\":2,\"\":3}"), "{\"\":3,\"a\":2,\"aa\":1}");
}
END_TEST

START_TEST(writes_the_example_of_rfc_8785)
{
    ck_assert_str_eq(
        canonical("{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,"
                  "0.000000000000000000000000001],"
                  "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                  "\"literals\":[null,true,false]}"),
        "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
        "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}
END_TEST

START_TEST(verbatim_text_keeps_numbers_as_they_were_read)
{
    const struct writ_json *value = parse("{\"b\":9007199254740993,\"a\":[1.50,-0]}");
    ck_assert_str_eq((const char *)writ_json_verbatim(&arena, value).data,
                     "{\"a\":[1.50,-0],\"b\":9007199254740993}");
}
END_TEST

START_TEST(escapes_only_what_must_be)
{
    ck_assert_str_eq(canonical("\"\\b\\t\\n\\f\\r\\u0001\\u001F\\u007f\\u2028<\\/>\""),
                     "\"\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\xe2\x80\xa8</>\"");
}
END_TEST

START_TEST(equality_is_equality_of_canonical_bytes)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } CASES[] = {
        {"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1e0}", true},
        {"-0", "0", true},
        {"1", "\"1\"", false},
        {"[1,2]", "[2,1]", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":1}", false},
        {"{\"a\":1,\"c\":1}", "{\"a\":1,\"b\":1}", false},
        {"null", "false", false},
        {"\"\\u00e9\"", "\"e\\u0301\"", false},
        {"9007199254740993", "9007199254740992", true},
        {"1e400", "2e400", true},
        {"[]", "{}", false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct writ_json *a = parse(CASES[i].a), *b = parse(CASES[i].b);
        ck_assert_msg(writ_json_equal(a, b) == CASES[i].equal, "case %zu", i);
        ck_assert(writ_slice_equal(writ_json_canonical(&arena, a),
                                   writ_json_canonical(&arena, b)) == CASES[i].equal);
    }
    ck_assert(!writ_json_equal(NULL, NULL));
}
END_TEST

Suite *suite_canonical(void)
{
    TCase *tests = tcase_create("canonical");
    tcase_add_checked_fixture(tests, setup_arena, teardown);
    tcase_add_test(tests, refuses_a_number_that_loses_digits);
    tcase_add_test(tests, admits_every_way_to_write_the_same_number);
    tcase_add_test(tests, rounds_a_long_number_as_strtod_does);
    tcase_add_test(tests, writes_numbers_as_rfc_8785_appendix_b);
    tcase_add_test(tests, numbers_do_not_depend_on_the_locale);
    tcase_add_test(tests, every_double_reads_back_and_is_admissible);
    tcase_add_test(tests, sorts_names_by_utf_16_code_units);
    tcase_add_test(tests, writes_the_example_of_rfc_8785);
    tcase_add_test(tests, verbatim_text_keeps_numbers_as_they_were_read);
    tcase_add_test(tests, escapes_only_what_must_be);
    tcase_add_test(tests, equality_is_equality_of_canonical_bytes);
    return suite_of("canonical", tests);
}
