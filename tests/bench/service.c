/*
 * The service under load: writd over a PostgreSQL of its own, and this program, on one machine.
 * Proofs and tokens are made and signed just ahead of use, outside of the clock; what that costs is
 * printed beside it. Figures are of this machine at this hour: ratios within one run hold.
 *
 *     bench_service FILE SECONDS ONLY STORED BELOW
 */
#include "bench/scenarios.h"
#include "bench/watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SYNCS = 200 };

static struct postgres cluster;
static struct house house;
static const char *file;

/* ---- The machine ---------------------------------------------------------------------------- */

/* A page at a time, where the database's files are: what each commit waits for. */
static void measure_sync(void)
{
    char path[PATH_CAP + 8];
    double each_ms[SYNCS];
    const char page[8192] = {0};
    snprintf(path, sizeof path, "%s/sync", cluster.dir);
    const int sync = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    for (int i = 0; i < SYNCS; i++) {
        const double before_s = seconds_now();
        ck_assert(pwrite(sync, page, sizeof page, 0) == sizeof page && fdatasync(sync) == 0);
        each_ms[i] = (seconds_now() - before_s) * 1e3;
    }
    close(sync);
    table_note("machine, fdatasync of 8 KiB", each_ms, SYNCS, "ms");
    double p99_ms = each_ms[SYNCS * 99 / 100]; /* sorted by the note */
    table_note("machine, fdatasync of 8 KiB, p99", &p99_ms, 1, "ms");
}

static void measure_verification(void)
{
    enum { TIMES = 11 };
    double a_second[TIMES];
    for (int i = 0; i < TIMES; i++)
        a_second[i] = 1e6 / play_verification_us();
    table_note("machine, Ed25519 verifications", a_second, TIMES, "a CPU-second");
}

static const char *load_average(void)
{
    double minutes[3] = {0};
    (void)getloadavg(minutes, 3);
    return plain("%.2f %.2f %.2f", minutes[0], minutes[1], minutes[2]);
}

/* ---- The run -------------------------------------------------------------------------------- */

static void start(void)
{
    /* Room for the line of revocations below a task. */
    static const char *const DEEP[] = {"--max-depth", "16", NULL};
    char path[PATH_CAP + 32];
    char line[32] = "";
    postgres_start(&cluster, "bench");
    snprintf(path, sizeof path, "%s/data/postmaster.pid", cluster.dir);
    FILE *pid = fopen(path, "r");
    ck_assert(pid && fgets(line, sizeof line, pid));
    fclose(pid);
    settings.postmaster = (pid_t)strtol(line, NULL, 10);
    watch_own(settings.postmaster);
    house_start(&house, &cluster, "house", DEEP);
}

static void begin_table(void)
{
    char processor[160];
    watch_describe(processor, sizeof processor);
    watch_processes_begin();
    printf("%s, load average %s\n", processor, load_average());
    table_open(file,
               plain("\"machine\": \"%s\", \"load_before\": \"%s\", \"seconds\": %g, "
                     "\"stored\": %zu, \"below\": %zu",
                     processor, load_average(), settings.seconds, settings.stored, settings.below));
}

static void end_table(void)
{
    char others[160];
    watch_processes_end(others, sizeof others);
    printf("load average %s; of all cores, other processes took: %s\n", load_average(), others);
    table_close(plain("\"load_after\": \"%s\", \"others\": \"%s\"", load_average(), others));
}

/* The actors speak through check, so the bench is a test to it, and what goes wrong shows as one.
 */
START_TEST(bench_of_the_service)
{
    start();
    begin_table();
    measure_sync();
    measure_verification();
    measure_validate(&house);
    measure_graph(&house);
    measure_admit(&house);
    measure_rules(&cluster);
    measure_policies(&cluster);
    measure_revoke(&house);
    measure_growth(&cluster);
    end_table();
}
END_TEST

static bool read_arguments(int argc, char **argv)
{
    if (argc != 6)
        return false;
    file = argv[1];
    settings = (struct settings){
        .seconds = strtod(argv[2], NULL),
        .only = argv[3],
        .stored = strtoul(argv[4], NULL, 10),
        .below = strtoul(argv[5], NULL, 10),
    };
    return settings.seconds > 0 && settings.stored > 0 && settings.below > 0;
}

int main(int argc, char **argv)
{
    if (!read_arguments(argc, argv) || !writ_is_ok(writ_start()))
        return EXIT_FAILURE;
    run_start(true);
    TCase *tests = tcase_create("service");
    tcase_add_test(tests, bench_of_the_service);
    Suite *suite = suite_create("bench");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    const int failed = srunner_ntests_failed(runner);
    srunner_print(runner, failed == 0 ? CK_SILENT : CK_NORMAL);
    srunner_free(runner);
    house_stop(&house);
    if (settings.postmaster > 0)
        postgres_stop(&cluster);
    run_end();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
