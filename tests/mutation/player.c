/*
 * Plays the unit tests against one mutant after another. Linked with the rewritten library and the
 * unit tests in the place of libcheck: the few functions of check that they stand on are here. Each
 * test of each mutant has a process of its own, forked from this one, so that no mutant can spoil
 * what comes after it, and nothing is set up twice.
 *
 *   player reach       for each test: its number, microseconds, name, and what mutants it reaches
 *   player play        reads lines `MUTANT TEST:MILLISECONDS...` and answers each with the outcome:
 *                      `survived`, or `killed NAME`, `timeout NAME`, `crash NAME` of a test
 */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mutant.h"
#include "suites.h"
#include "writ.h"

enum {
    TESTS_MAX = 1024,
    REACHED_MAX = 1 << 16,
    FAILED = 1, /* exit status of a test that an assertion ended */
    MEMORY_MAX = 1 << 30,
    WITHOUT_MUTANT_MS = 60000,
};

int mutant_chosen;
unsigned char *mutant_reached;
/* Of the files of the library that have tables: changes the row of the chosen mutant. */
void mutant_rows(void);

/* ---- check, as far as the unit tests use it ------------------------------------------------- */

struct TCase {
    SFun setup, teardown;
};

struct Suite {
    const char *name;
};

static struct test {
    const TTest *test;
    const TCase *fixture;
    const char *suite;
    int index; /* of a loop */
} tests[TESTS_MAX];
static size_t test_count;
static bool is_loud;

TCase *tcase_create(const char *name)
{
    (void)name;
    return calloc(1, sizeof(TCase));
}

void tcase_add_checked_fixture(TCase *tcase, SFun setup, SFun teardown)
{
    tcase->setup = setup;
    tcase->teardown = teardown;
}

/* Once for all tests, before any is forked: no mutant is alive in it. It ends with the process. */
void tcase_add_unchecked_fixture(TCase *tcase, SFun setup, SFun teardown)
{
    (void)tcase;
    (void)teardown;
    setup();
}

void tcase_set_timeout(TCase *tcase, double seconds)
{
    (void)tcase;
    (void)seconds; /* every mutant has a limit of its own */
}

void _tcase_add_test(TCase *tcase, const TTest *test, int signal, int allowed_exit, int start,
                     int end)
{
    for (int i = start; i < end; i++) {
        if (test_count == TESTS_MAX || signal != 0 || allowed_exit != 0) {
            fprintf(stderr, "%s: a kind of test that the player does not know\n", test->name);
            exit(2);
        }
        tests[test_count++] = (struct test){.test = test, .fixture = tcase, .index = i};
    }
}

void suite_add_tcase(Suite *suite, TCase *tcase)
{
    for (size_t i = 0; i < test_count; i++)
        if (tests[i].fixture == tcase)
            tests[i].suite = suite->name;
}

Suite *suite_of(const char *name, TCase *tcase)
{
    Suite *suite = calloc(1, sizeof *suite);
    suite->name = name;
    suite_add_tcase(suite, tcase);
    return suite;
}

void _mark_point(const char *file, int line)
{
    (void)file;
    (void)line;
}

void _ck_assert_failed(const char *file, int line, const char *expression, const char *format, ...)
{
    if (is_loud) {
        va_list list;
        va_start(list, format);
        fprintf(stderr, "%s:%d: %s: ", file, line, expression);
        if (format)
            vfprintf(stderr, format, list);
        fputc('\n', stderr);
        va_end(list);
    }
    _exit(FAILED);
}

/* ---- One test ------------------------------------------------------------------------------- */

static void limit(long milliseconds)
{
    const struct itimerval cpu = {
        .it_value = {milliseconds / 1000, (milliseconds % 1000) * 1000 + 1}};
    const struct rlimit memory = {MEMORY_MAX, MEMORY_MAX}, none = {0, 0};
    setitimer(ITIMER_PROF, &cpu, NULL);
    setrlimit(RLIMIT_AS, &memory);
    setrlimit(RLIMIT_CORE, &none);
}

static void run(const struct test *test, long milliseconds)
{
    limit(milliseconds);
    mutant_rows();
    if (test->fixture->setup)
        test->fixture->setup();
    test->test->fn(test->index);
    if (test->fixture->teardown)
        test->fixture->teardown();
    _exit(0);
}

/* What became of it, as a word; NULL: it passed. */
static const char *try_test(const struct test *test, long milliseconds)
{
    int status = 0;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0)
        run(test, milliseconds);
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("fork");
        exit(2);
    }
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGPROF ? "timeout" : "crash";
    return WEXITSTATUS(status) == 0 ? NULL : "killed";
}

/* ---- The two plays -------------------------------------------------------------------------- */

static long microseconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_CHILDREN, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
           usage.ru_stime.tv_usec;
}

static int reach(void)
{
    int status = EXIT_SUCCESS;
    is_loud = true;
    for (size_t i = 0; i < test_count; i++) {
        memset(mutant_reached, 0, REACHED_MAX);
        const long start = microseconds();
        const char *bad = try_test(&tests[i], WITHOUT_MUTANT_MS);
        if (bad) {
            fprintf(stderr, "%s of %s fails without any mutant: %s\n", tests[i].test->name,
                    tests[i].suite, bad);
            status = EXIT_FAILURE;
        }
        printf("%zu %ld %s.%s", i, microseconds() - start, tests[i].suite, tests[i].test->name);
        for (int number = 1; number < REACHED_MAX; number++)
            if (mutant_reached[number])
                printf(" %d", number);
        putchar('\n');
    }
    return status;
}

static void play_line(char *line)
{
    char *rest = line;
    mutant_chosen = (int)strtol(rest, &rest, 10);
    while (*rest == ' ') {
        const size_t index = strtoul(rest, &rest, 10);
        const long milliseconds = *rest == ':' ? strtol(rest + 1, &rest, 10) : 0;
        const char *bad = index < test_count ? try_test(&tests[index], milliseconds) : "unknown";
        if (bad) {
            printf("%s %s.%s\n", bad, tests[index].suite, tests[index].test->name);
            return;
        }
    }
    puts("survived");
}

static int play(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        play_line(line);
        fflush(stdout);
    }
    free(line);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    mutant_reached = mmap(NULL, REACHED_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
                          0);
    if (argc != 2 || mutant_reached == MAP_FAILED || !writ_is_ok(writ_start()))
        return 2;
#define MAKE(name) suite_##name();
    WRIT_SUITES(MAKE)
#undef MAKE
    return strcmp(argv[1], "reach") == 0 ? reach() : play();
}
