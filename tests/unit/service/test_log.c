/* Log lines and the two clocks. */
#include "suites.h"

#include "clock.h"
#include "log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static int ends[2];
static char lines[65536];

static void start(void)
{
    ck_assert_int_eq(pipe2(ends, O_NONBLOCK), 0);
    log_set_descriptor(ends[1]);
    log_set_level(LOG_LEVEL_INFO);
}

static void stop(void)
{
    log_set_descriptor(STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
}

static const char *logged(void)
{
    const ssize_t size = read(ends[0], lines, sizeof lines - 1);
    lines[size > 0 ? size : 0] = 0;
    return lines;
}

START_TEST(a_line_has_time_level_event_and_fields)
{
    log_info("served", LOG_TEXT("path", "/x"), LOG_INT("us", -5), LOG_TEXT("none", NULL),
             LOG_SLICE("id", WRIT_SLICE_LITERAL("abc")));
    const char *line = logged();
    ck_assert_int_eq(strncmp(line, "ts=20", 5), 0);
    ck_assert_ptr_nonnull(
        strstr(line, "Z level=info event=served path=/x us=-5 none=\"\" id=abc\n"));
    log_warn("alone");
    ck_assert_ptr_nonnull(strstr(logged(), "level=warn event=alone\n"));
}
END_TEST

START_TEST(nobodys_text_starts_a_line_or_forges_a_field)
{
    log_info("served", LOG_TEXT("path", "a\nts=1 level=\"error\" \\ \x1b[2J \xc2\x9b"));
    const char *line = logged();
    ck_assert_ptr_nonnull(
        strstr(line, "path=\"a\\nts=1 level=\\\"error\\\" \\\\ \\x1b[2J \\xc2\\x9b\"\n"));
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
}
END_TEST

START_TEST(a_long_line_is_cut_not_split)
{
    char text[9000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    log_info("served", LOG_TEXT("path", text));
    const char *line = logged();
    ck_assert_uint_eq(strlen(line), 4096);
    ck_assert_ptr_eq(strchr(line, '\n'), line + 4095);
}
END_TEST

START_TEST(repeats_are_dropped_and_counted)
{
    unsigned count = 0;
    for (int i = 0; i < 5 * LOG_BURST; i++)
        log_warn("refused", LOG_INT("i", i));
    for (const char *at = logged(); (at = strchr(at, '\n')); at++)
        count++;
    ck_assert_uint_ge(count, LOG_BURST);
    ck_assert_uint_le(count, 2 * LOG_BURST); /* a second may have turned meanwhile */
    sleep(1);
    log_warn("refused");
    ck_assert_ptr_nonnull(strstr(logged(), "dropped_before="));
}
END_TEST

START_TEST(an_error_is_not_dropped_for_what_is_only_told)
{
    for (int i = 0; i < 5 * LOG_BURST; i++)
        log_info("same_bucket", LOG_INT("i", i));
    log_error("same_bucket", LOG_TEXT("what", "lost"));
    ck_assert_ptr_nonnull(strstr(logged(), "level=error event=same_bucket what=lost"));
}
END_TEST

START_TEST(levels_below_the_threshold_are_silent)
{
    enum log_level level = LOG_LEVEL_INFO;
    log_debug("detail");
    ck_assert_str_eq(logged(), "");
    ck_assert(log_level_parse("debug", &level));
    log_set_level(level);
    log_debug("detail");
    ck_assert_str_ne(logged(), "");
    ck_assert(!log_level_parse("loud", &level));
}
END_TEST

START_TEST(times_are_rfc_3339)
{
    char text[CLOCK_TEXT_SIZE];
    clock_text(0, text);
    ck_assert_str_eq(text, "1970-01-01T00:00:00.000000Z");
    clock_text(INT64_C(1767225599999999), text);
    ck_assert_str_eq(text, "2025-12-31T23:59:59.999999Z");
    clock_text(-1, text);
    ck_assert_str_eq(text, "1969-12-31T23:59:59.999999Z");
    clock_text(INT64_MAX, text);
    ck_assert_str_eq(text, "9999-12-31T23:59:59.999999Z");
    clock_text(INT64_MIN, text);
    ck_assert_uint_lt(strlen(text), CLOCK_TEXT_SIZE);
    const int64_t before = clock_monotonic_us();
    ck_assert_int_ge(clock_monotonic_us(), before);
    ck_assert_int_gt(clock_unix_us(), INT64_C(1700000000000000));
}
END_TEST

Suite *suite_log(void)
{
    TCase *tests = tcase_create("log");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_line_has_time_level_event_and_fields);
    tcase_add_test(tests, nobodys_text_starts_a_line_or_forges_a_field);
    tcase_add_test(tests, a_long_line_is_cut_not_split);
    tcase_add_test(tests, repeats_are_dropped_and_counted);
    tcase_add_test(tests, an_error_is_not_dropped_for_what_is_only_told);
    tcase_add_test(tests, levels_below_the_threshold_are_silent);
    tcase_add_test(tests, times_are_rfc_3339);
    return suite_of("log", tests);
}
