/* Authorities where memory is scarce: reading, writing, comparing, meeting. */
#include <string.h>

#include "authority/meet.h"
#include "scarce.h"
#include "suites.h"

#define LEFT                                                                                       \
    "a(x? <= 5, y in [1, [2], x], *), b(p under /a, q not in [\"\xc3\xa4\"], r contains [1]), "    \
    "c(v = 1, w subset [a, b]), d(x all of(>=0 <9; any of(= a; = b))), e, f(z any of(= 1; = 2)), " \
    "\"g h\"(\"a b\" <= 9)"
#define RIGHT                                                                                      \
    "a(x <= 6, y in [[2], z], *), b(p under /a/b, q not in [u], r contains [2]), "                 \
    "c(v any, w subset [b]), d(x all of(<= 7; any of(= b; = c))), f(z any of(= 2; = 3)), i, "      \
    "\"g h\"(\"a b\" < 9)"

static const struct writ_authority *left, *right, *four;
static struct writ_slice tools_text;
static const char *long_line;

static void setup(void)
{
    setup_arena();
    left = authority_of(LEFT);
    right = authority_of(RIGHT);
    four = authority_of("s, t, u, v(x any)");
    tools_text = writ_authority_json(&arena, left);
    char text[2001] = "";
    memset(text, 'v', sizeof text - 1);
    long_line = writ_arena_printf(&arena, "t(x = %s)", text);
}

static struct writ_result read_tools(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_authority *authority = NULL;
    WRIT_TRY(writ_authority_parse(scratch, tools_text, OURS, &authority, &denial));
    *ret_made = writ_authority_json(&results, authority);
    return WRIT_SUCCESS;
}

/* Tools without arguments need hardly more than the list that they stand in. */
static struct writ_result read_open_tools(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    static const char TOOLS[] = "{\"a\":{},\"b\":{},\"c\":{},\"d\":{}}";
    const struct writ_json *json = NULL;
    const struct writ_authority *authority = NULL;
    bool is_shape = false;
    ck_assert(writ_is_ok(writ_json_parse(&results, WRIT_SLICE_LITERAL(TOOLS), &json)));
    WRIT_TRY(writ_authority_read(scratch, json, OURS, 32, &authority, &is_shape, &denial));
    *ret_made = writ_authority_json(&results, authority);
    return WRIT_SUCCESS;
}

static struct writ_result read_notation(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_authority *authority = NULL;
    WRIT_TRY(writ_authority_from_notation(scratch, writ_slice_text(LEFT), &authority, &denial));
    *ret_made = writ_authority_json(&results, authority);
    return WRIT_SUCCESS;
}

static struct writ_result read_line(struct writ_arena *scratch, const char *line,
                                    struct writ_slice *ret_made)
{
    const struct writ_authority *authority = NULL;
    WRIT_TRY(writ_authority_from_notation(scratch, writ_slice_text(line), &authority, &denial));
    *ret_made = writ_authority_json(&results, authority);
    return WRIT_SUCCESS;
}

static struct writ_result read_no_tool(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return read_line(scratch, "", ret_made);
}

static struct writ_result read_long_word(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return read_line(scratch, long_line, ret_made);
}

static struct writ_result write_tools(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return scarce_taken(writ_authority_json(scratch, left), ret_made);
}

static struct writ_result write_open_tools(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return scarce_taken(writ_authority_json(scratch, four), ret_made);
}

static struct writ_result write_notation(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return scarce_taken(writ_authority_notation(scratch, left), ret_made);
}

static struct writ_result meet(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_authority *met = NULL;
    WRIT_TRY(writ_authority_meet(scratch, left, right, &met));
    *ret_made = writ_authority_notation(&results, met);
    return WRIT_SUCCESS;
}

static struct writ_result meet_open_tools(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_authority *met = NULL;
    WRIT_TRY(writ_authority_meet(scratch, four, four, &met));
    *ret_made = writ_authority_notation(&results, met);
    return WRIT_SUCCESS;
}

static struct writ_result diff(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    const struct writ_change *changes = NULL;
    size_t count = 0;
    WRIT_TRY(writ_authority_diff(scratch, left, right, &changes, &count));
    const char *lines = "";
    for (size_t i = 0; i < count; i++)
        lines = writ_arena_printf(
            &results, "%s%d %d %.*s.%.*s: %s -> %s\n", lines, changes[i].kind, changes[i].widens,
            WRIT_SLICE_ARGS(changes[i].tool), WRIT_SLICE_ARGS(changes[i].argument),
            (const char *)changes[i].before.data, (const char *)changes[i].after.data);
    *ret_made = writ_slice_text(lines);
    return WRIT_SUCCESS;
}

/* The words of a refusal do without what memory denies; the refusal does not. */
static struct writ_result compare(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    *ret_made = WRIT_SLICE_LITERAL("refused");
    ck_assert_int_eq(writ_authority_compare(scratch, left, right, &denial).status,
                     WRIT_NOT_NARROWER);
    ck_assert_msg(!strstr(denial.detail, "(null)") && !strstr(denial.detail, "= ;"), "%s",
                  denial.detail);
    return WRIT_SUCCESS;
}

/* An order of canonical forms, whose last is made last. */
static struct writ_result read_set_of_arrays(struct writ_arena *scratch,
                                             struct writ_slice *ret_made)
{
    static const char TOOLS[] =
        "{\"t\":{\"x\":{\"constraint_type\":\"one_of\",\"values\":[[2],[1]]}}}";
    const struct writ_json *json = NULL;
    const struct writ_authority *authority = NULL;
    bool is_shape = false;
    ck_assert(writ_is_ok(writ_json_parse(&results, WRIT_SLICE_LITERAL(TOOLS), &json)));
    WRIT_TRY(writ_authority_read(scratch, json, OURS, 32, &authority, &is_shape, &denial));
    *ret_made = writ_authority_json(&results, authority);
    return WRIT_SUCCESS;
}

static struct writ_result read_empty_set(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    return read_line(scratch, "t(x contains [])", ret_made);
}

/* The words do without what is missing, but say that it is. */
static struct writ_result compare_values(struct writ_arena *scratch, struct writ_slice *ret_made)
{
    *ret_made = WRIT_SLICE_LITERAL("refused");
    const struct writ_authority *parent = authority_of("t(x <= 5)"),
                                *child = authority_of("t(x <= 6)");
    ck_assert_int_eq(writ_authority_compare(scratch, parent, child, &denial).status,
                     WRIT_NOT_NARROWER);
    ck_assert_msg(!strstr(denial.detail, "(null)") && !strstr(denial.detail, "= ;") &&
                      !strstr(denial.detail, " ,"),
                  "%s", denial.detail);
    return WRIT_SUCCESS;
}

static const struct scarce_operation OPERATIONS[] = {
    {"read tools", read_tools},
    {"read open tools", read_open_tools},
    {"read notation", read_notation},
    {"read no tool", read_no_tool},
    {"read a long word", read_long_word},
    {"write tools", write_tools},
    {"write open tools", write_open_tools},
    {"write notation", write_notation},
    {"meet", meet},
    {"meet open tools", meet_open_tools},
    {"diff", diff},
    {"compare", compare},
    {"read a set of arrays", read_set_of_arrays},
    {"read an empty set", read_empty_set},
    {"compare values", compare_values},
};

START_TEST(makes_all_of_it_or_says_out_of_memory)
{
    scarce_try(&OPERATIONS[_i]);
}
END_TEST

/* So many clauses that their list grows at the end, by more than a change needs. */
#define FOUR "any; any; any; any; "
#define MANY "t(x any of(" FOUR FOUR FOUR FOUR FOUR FOUR FOUR FOUR "any; any))"

/* A change that is the only one: nothing behind it would notice that memory had ended. */
START_TEST(tells_the_only_change_or_says_out_of_memory)
{
    const struct {
        const char *before;
        const char *after;
        size_t count;
    } PAIRS[] = {
        {"t", "", 1},
        {"", "t", 1},
        {"t(x = 1)", "t(x = 1, *)", 1},
        {"t(x = 1)", "t(x = 2)", 1},
        {"t(x = 1)", "t(x? = 1)", 1},
        {"t(x = 1, y = 1)", "t(x = 1)", 1},
        {"t(x = 1)", "t(x = 1, y = 1)", 1},
        {"t(x in [aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb, c])", "t(x = 1)", 1},
        {"t(x = 1)", "t(x in [aaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbb, c])", 1},
        {long_line, "t(x = 1)", 1},
        {"t(x = 1)", long_line, 1},
        {"t(x in [a, b, c, d])", "t(x in [a, b, c, d])", 0},
        {MANY, MANY, 0},
    };
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        const struct writ_authority *before = authority_of(PAIRS[i].before);
        const struct writ_authority *after = authority_of(PAIRS[i].after);
        bool is_told = false;
        for (size_t limit = 1; !is_told; limit += 16) {
            struct writ_arena scratch;
            const struct writ_change *changes = NULL;
            size_t count = 0;
            writ_arena_init(&scratch, limit);
            const struct writ_result result = writ_authority_diff(&scratch, before, after, &changes,
                                                                  &count);
            is_told = writ_is_ok(result);
            ck_assert(is_told || result.status == WRIT_OUT_OF_MEMORY);
            ck_assert(!is_told || count == PAIRS[i].count);
            ck_assert(!is_told || count == 0 || (changes->before.data && changes->after.data));
            writ_arena_done(&scratch);
        }
    }
}
END_TEST

/* Here there is no word for it: whoever asks for one constraint is told that there is none. */
START_TEST(meets_two_constraints_or_none)
{
    static const char *const PAIRS[][2] = {
        {"any of(any of(= a; = b); = c)", "any of(any of(= b; = d); = c)"},
        {"any of(all of(<= 9; >= 1); = c)", "any of(all of(<= 8; >= 0); = c)"},
        {"any of(in [1, 2, 3, 4, 5, 6]; = c)", "any of(<= 9; = c)"},
        {"any of(not in [a]; = c)", "any of(not in [b]; = c)"},
        {"all of(<= 9; contains [a]; contains [b])", "all of(>= 1; contains [c]; contains [d])"},
        {"any of(any of(= a; = b); = c)", "any of(any of(= b; = a); = c)"},
    };
    for (size_t i = 0; i < COUNT(PAIRS); i++) {
        const struct writ_constraint a = constraint_of(PAIRS[i][0]), b = constraint_of(PAIRS[i][1]);
        struct writ_constraint whole, met;
        ck_assert(writ_constraint_meet(&arena, &a, &b, &whole));
        const struct writ_slice wanted = writ_constraint_notation(&arena, &whole);
        for (size_t limit = 1; limit < 16384; limit += 16) {
            struct writ_arena scratch;
            writ_arena_init(&scratch, limit);
            if (writ_constraint_meet(&scratch, &a, &b, &met))
                ck_assert(writ_slice_equal(writ_constraint_notation(&arena, &met), wanted));
            writ_arena_done(&scratch);
        }
    }
}
END_TEST

Suite *suite_scarce(void)
{
    TCase *tests = tcase_create("authorities");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, makes_all_of_it_or_says_out_of_memory, 0, COUNT(OPERATIONS));
    tcase_add_test(tests, tells_the_only_change_or_says_out_of_memory);
    tcase_add_test(tests, meets_two_constraints_or_none);
    return suite_of("scarce", tests);
}
