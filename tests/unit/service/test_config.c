/* Where a value comes from, and what is said about one that can not be used. */
#include "suites.h"

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char output[8192];
static char errors[8192];
static struct config config;

/* NULL ends the flags. */
static enum config_outcome read_with(const char *const *flags)
{
    char *argv[32] = {NULL};
    int argc = 0;
    char name[] = "writd";
    argv[argc++] = name;
    for (; *flags; flags++)
        argv[argc++] = strdup(*flags);
    memset(output, 0, sizeof output);
    memset(errors, 0, sizeof errors);
    FILE *out = fmemopen(output, sizeof output - 1, "w");
    FILE *err = fmemopen(errors, sizeof errors - 1, "w");
    config_done(&config); /* of an earlier reading in the same test */
    const enum config_outcome outcome = config_read(&config, argc, argv, out, err);
    fclose(out);
    fclose(err);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
    return outcome;
}

#define READ(...) read_with((const char *const[]){__VA_ARGS__, NULL})

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void stop(void)
{
    config_done(&config);
}

START_TEST(defaults_are_those_of_the_design)
{
    ck_assert_int_eq(read_with((const char *const[]){NULL}), CONFIG_SERVE);
    ck_assert_str_eq(config.listen, "127.0.0.1:8420");
    ck_assert_str_eq(config.listen_host, "127.0.0.1");
    ck_assert_uint_eq(config.listen_port, 8420);
    ck_assert_str_eq(config.issuer_url, "http://127.0.0.1:8420");
    ck_assert_ptr_null(config.database);
    ck_assert_uint_gt(config.threads, 0);
    ck_assert_uint_eq(config.lease_s, 300);
    ck_assert_uint_eq(config.max_lifetime_s, 3600);
    ck_assert_uint_eq(config.max_depth, 8);
    ck_assert_uint_eq(config.staleness_write_ms, 1000);
    ck_assert_uint_eq(config.staleness_read_ms, 30000);
    ck_assert(!config.admit_unregistered);
    ck_assert_int_eq(config.log_level, LOG_LEVEL_INFO);
}
END_TEST

START_TEST(a_flag_wins_over_the_environment_and_that_over_the_file)
{
    char path[] = "/tmp/writ-config-XXXXXX";
    close(mkstemp(path));
    write_file(path, "# all three\nlease-s = 10\n  max-depth=10  \n\nreaders = 10\n");
    setenv("WRIT_LEASE_S", "20", 1);
    setenv("WRIT_MAX_DEPTH", "20", 1);
    ck_assert_int_eq(READ("--config", path, "--lease-s=30"), CONFIG_SERVE);
    ck_assert_uint_eq(config.lease_s, 30);
    ck_assert_uint_eq(config.max_depth, 20);
    ck_assert_uint_eq(config.readers, 10);
    unlink(path);
}
END_TEST

START_TEST(a_refusal_names_the_option_and_its_source)
{
    char path[] = "/tmp/writ-config-XXXXXX";
    close(mkstemp(path));
    write_file(path, "\n\nmax-depth = 33\n");
    ck_assert_int_eq(READ("--config", path), CONFIG_REFUSED);
    ck_assert_ptr_nonnull(strstr(errors, "max-depth = \"33\" (file "));
    ck_assert_ptr_nonnull(strstr(errors, ":3): must be a whole number from 1 to 32"));
    setenv("WRIT_UNREGISTERED", "maybe", 1);
    ck_assert_int_eq(read_with((const char *const[]){NULL}), CONFIG_REFUSED);
    ck_assert_ptr_nonnull(strstr(errors, "(environment WRIT_UNREGISTERED): must be deny or admit"));
    unlink(path);
}
END_TEST

static const char *const REFUSED[] = {
    "--nonsense=1",
    "--lease-s",
    "--lease-s=-1",
    "--lease-s=1x",
    "--lease-s=",
    "--lease-s=99999999999999999999",
    "--max-depth=0",
    "--log-level=loud",
    "--listen=8420",
    "--listen=x:70000",
    "--listen=::1:8420",
    "--listen=:8420",
    "--issuer-url=ftp://x",
    "--issuer-url=https://x/",
    "--issuer-url=https://x?y",
    "--issuer-url=https://",
    "--tls-cert=/etc/passwd",
    "--config=/nonexistent",
    "--approval-webhook=https://x/hook",
    "--approval-webhook-secret=/etc/passwd",
    "--staleness-write-ms=60000",
    "word",
    "--data-dir=",
};

START_TEST(a_webhook_is_a_url_of_http_and_may_have_a_query)
{
    static const char *const BAD[] = {
        "ftp://x/hook", "https://", "https:///hook", "https://u@x/", "https://x/#f", "https://x/ a",
    };
    static const char SECRET[] = "--approval-webhook-secret=/etc/passwd"; /* is read at start */
    ck_assert_int_eq(READ(SECRET, "--approval-webhook=https://x/hook/?key=y"), CONFIG_SERVE);
    ck_assert_str_eq(config.approval_webhook, "https://x/hook/?key=y");
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        ck_assert_int_eq(READ(SECRET, "--approval-webhook", BAD[i]), CONFIG_REFUSED);
        ck_assert_ptr_nonnull(strstr(errors, "writd: approval-webhook = "));
    }
    ck_assert_int_eq(READ("--approval-webhook=https://x", "--approval-webhook-secret=/none"),
                     CONFIG_REFUSED);
}
END_TEST

START_TEST(a_policy_engine_has_a_plain_url_and_its_token_goes_to_nobody_else)
{
    static const char *const BAD[] = {
        "--policy-opa=http://x/v1/query",
        "--policy-opa=ftp://x/v1/data/a",
        "--policy-opa=http://x/v1/data/a?b=c",
        "--policy-opa=http://x/v1/data/",
        "--policy-authzen=http://u@x",
        "--policy-authzen=https://x/",
        "--policy-authzen-token=/etc/passwd",
        "--policy-opa-token=/etc/passwd",
        "--policy-ca=/none",
        "--policy-deadline-ms=5001",
    };
    static const char *const AWAY[] = {"http://x", "http://127.0.0.1.x", "http://localhosts:1"};
    static const char *const PRIVATE[] = {"https://x", "http://127.0.0.1:1", "http://[::1]:1",
                                          "http://localhost"};
    static const char TOKEN[] = "--policy-authzen-token=/etc/passwd"; /* is read at start */
    ck_assert_int_eq(READ("--policy-opa=http://x:1/v1/data/a/b", "--policy-authzen=http://x/a"),
                     CONFIG_SERVE);
    ck_assert_uint_eq(config.policy_deadline_ms, 300);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        ck_assert_msg(READ(BAD[i]) == CONFIG_REFUSED, "%s", BAD[i]);
    for (size_t i = 0; i < sizeof AWAY / sizeof AWAY[0]; i++)
        ck_assert_msg(READ(TOKEN, "--policy-authzen", AWAY[i]) == CONFIG_REFUSED, "%s", AWAY[i]);
    for (size_t i = 0; i < sizeof PRIVATE / sizeof PRIVATE[0]; i++)
        ck_assert_msg(READ(TOKEN, "--policy-authzen", PRIVATE[i]) == CONFIG_SERVE, "%s", errors);
}
END_TEST

START_TEST(a_value_that_can_not_be_used_is_refused)
{
    ck_assert_int_eq(READ(REFUSED[_i]), CONFIG_REFUSED);
    ck_assert_msg(strncmp(errors, "writd: ", 7) == 0, "%s: %s", REFUSED[_i], errors);
}
END_TEST

START_TEST(an_option_given_twice_is_refused)
{
    ck_assert_int_eq(READ("--lease-s=1", "--lease-s=2"), CONFIG_REFUSED);
}
END_TEST

START_TEST(help_version_and_check_do_not_serve)
{
    ck_assert_int_eq(READ("--help"), CONFIG_SHOWN);
    ck_assert_ptr_nonnull(strstr(output, "--staleness-write-ms"));
    ck_assert_int_eq(READ("--version"), CONFIG_SHOWN);
    ck_assert_int_eq(strncmp(output, "writd ", 6), 0);
    ck_assert_int_eq(READ("--check-config"), CONFIG_CHECKED);
    ck_assert_int_eq(READ("--check-config", "--max-depth=99"), CONFIG_REFUSED);
}
END_TEST

START_TEST(an_ipv6_address_stands_in_brackets)
{
    ck_assert_int_eq(READ("--listen", "[::1]:0"), CONFIG_SERVE);
    ck_assert_str_eq(config.listen_host, "::1");
    ck_assert_uint_eq(config.listen_port, 0);
}
END_TEST

Suite *suite_config(void)
{
    TCase *tests = tcase_create("config");
    tcase_add_checked_fixture(tests, NULL, stop);
    tcase_add_test(tests, defaults_are_those_of_the_design);
    tcase_add_test(tests, a_flag_wins_over_the_environment_and_that_over_the_file);
    tcase_add_test(tests, a_refusal_names_the_option_and_its_source);
    tcase_add_test(tests, a_webhook_is_a_url_of_http_and_may_have_a_query);
    tcase_add_test(tests, a_policy_engine_has_a_plain_url_and_its_token_goes_to_nobody_else);
    tcase_add_loop_test(tests, a_value_that_can_not_be_used_is_refused, 0,
                        sizeof REFUSED / sizeof REFUSED[0]);
    tcase_add_test(tests, an_option_given_twice_is_refused);
    tcase_add_test(tests, help_version_and_check_do_not_serve);
    tcase_add_test(tests, an_ipv6_address_stands_in_brackets);
    return suite_of("config", tests);
}
