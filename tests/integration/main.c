/*
 * The integration tests. The first process only waits and cleans up, so that nothing which a test
 * started outlives the run, however it ends; the second starts the shared servers and runs check,
 * which forks every test.
 */
#include "actors.h"
#include "suites.h"

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
/* What is under test is writd, which is checked for leaks when it ends. A test here keeps its
 * answers until its process is gone. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}
#endif

/* WRIT_TEST_ONLY: parts of names, with commas between them. */
static bool is_wanted(const char *name)
{
    const char *only = getenv("WRIT_TEST_ONLY");
    if (!only)
        return true;
    char *words = strdup(only);
    bool wanted = false;
    char *rest = NULL;
    for (char *word = strtok_r(words, ",", &rest); word; word = strtok_r(NULL, ",", &rest))
        wanted = wanted || strstr(name, word);
    free(words);
    return wanted;
}

/* WRIT_TEST_SHARE: "1/2" is the first half, every second test. */
static bool is_of_share(void)
{
    static unsigned added;
    unsigned share = 1, shares = 1;
    const char *text = getenv("WRIT_TEST_SHARE");
    if (text && (sscanf(text, "%u/%u", &share, &shares) != 2 || shares == 0)) {
        fprintf(stderr, "integration: WRIT_TEST_SHARE=%s: a part like 1/2\n", text);
        _exit(EXIT_FAILURE);
    }
    return added++ % shares == share - 1;
}

void suite_add(Suite *suite, const char *name, const TTest *test, double timeout_s)
{
    if (!is_wanted(name) || !is_of_share())
        return;
    TCase *tcase = tcase_create(name);
    tcase_add_test(tcase, test);
    tcase_set_timeout(tcase, timeout_s);
    suite_add_tcase(suite, tcase);
}

void suite_add_slow(Suite *suite, const char *name, const TTest *test)
{
    if (!run_is_fast() || getenv("WRIT_TEST_ONLY"))
        suite_add(suite, name, test, 120);
}

/* In the process that forks the tests, before the first of them. */
static void start_shared(void)
{
    postgres_start(&shared_postgres, "pg");
    server_start(&first_server, "first", &shared_postgres, NULL);
    server_start_beside(&second_server, "second", &first_server, NULL);
    cast_register(&cast, &first_server);
    cast_await(&second_server);
    scratch_reset();
}

START_TEST(two_processes_serve_one_database)
{
    const struct server *const servers[] = {&first_server, &second_server};
    for (size_t i = 0; i < 2; i++) {
        struct client admin = client_at(&cast.admin, servers[i]);
        const struct answer self = get(&admin, "/v1/clients/self");
        expect_status(self, 200);
        expect_text(self, "role", "admin");
    }
}
END_TEST

static Suite *suite_start(void)
{
    Suite *suite = suite_create("start");
    TCase *tcase = tcase_create("two_processes_serve_one_database");
    tcase_add_unchecked_fixture(tcase, start_shared, NULL);
    tcase_add_test(tcase, two_processes_serve_one_database);
    suite_add_tcase(suite, tcase);
    return suite;
}

static int run_tests(void)
{
    SRunner *runner = srunner_create(suite_start());
#define X(name) srunner_add_suite(runner, suite_##name());
    SUITES(X)
#undef X
    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    /* A good end is part of what is tested. */
    if (!second_server.pid || server_stop(&second_server) != 0 || server_stop(&first_server) != 0) {
        fputs("integration: writd did not end well\n", stderr);
        failed++;
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(void)
{
    if (!writ_is_ok(writ_start()) || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        fputs("integration: libraries do not start\n", stderr);
        return EXIT_FAILURE;
    }
    run_start(false);
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        return run_tests();
    }
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    run_end();
    return child > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE;
}
