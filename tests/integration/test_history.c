/* The word of the clients against that of the database, over a mixed load and what goes wrong under
 * it: processes that die, a database that hangs, a disk that is full. Each time the service must
 * find back by itself, and the history must hold. */
#include "mixed.h"
#include "suites.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STALENESS_MS "1000"
static const double STALENESS_S = 1.0;
static const double RECOVERY_S = 60;

/* One database, two services, and the load over both. */
struct stage {
    struct postgres postgres;
    struct server servers[MIXED_SERVERS];
    struct mixed *mixed;
    double lost_from_s, lost_until_s;
};

static uint64_t seed_of_run(void)
{
    const char *seed = getenv("WRIT_TEST_SEED");
    return seed ? strtoull(seed, NULL, 10) : 1;
}

/* How long the load runs between events. */
static double while_s(void)
{
    return run_is_fast() ? 1 : 2;
}

/* `dir` NULL: anywhere. */
static void set_up(struct stage *stage, const char *dir)
{
    static const char *const FLAGS[] = {"--staleness-write-ms", STALENESS_MS, "--staleness-read-ms",
                                        STALENESS_MS, NULL};
    *stage = (struct stage){0};
    if (dir)
        postgres_start_in(&stage->postgres, dir);
    else
        postgres_start(&stage->postgres, "pg");
    server_start(&stage->servers[0], "first", &stage->postgres, FLAGS);
    server_start_beside(&stage->servers[1], "second", &stage->servers[0], NULL);
    cast_register(&cast, &stage->servers[0]);
    cast_await(&stage->servers[1]);
    stage->mixed = mixed_start(&(struct mixed_options){
        .seed = seed_of_run(), .servers = {&stage->servers[0], &stage->servers[1]}});
    sleep_s(while_s());
}

/* The load gets answers again, without anybody's help. */
static void expect_recovery(const struct stage *stage)
{
    const long before = mixed_answered(stage->mixed);
    const double end = seconds_now() + RECOVERY_S;
    while (mixed_answered(stage->mixed) < before + 200 && seconds_now() < end)
        sleep_s(0.05);
    ck_assert_msg(mixed_answered(stage->mixed) >= before + 200, "the service does not find back");
    for (size_t i = 0; i < MIXED_SERVERS; i++)
        ck_assert_msg(server_wait_ready(&stage->servers[i], RECOVERY_S), "%s is not ready",
                      stage->servers[i].url);
}

static void expect_true_history(struct stage *stage)
{
    const struct history_bounds bounds = {.staleness_s = STALENESS_S,
                                          .lost_from_s = stage->lost_from_s,
                                          .lost_until_s = stage->lost_until_s};
    struct history history;
    sleep_s(while_s());
    mixed_stop(stage->mixed, &history);
    for (size_t i = MIXED_SERVERS; i-- > 0;)
        ck_assert_int_eq(server_stop(&stage->servers[i]), 0);
    history_print(&history);
    const char *complaints = history_complaints(&history, &stage->postgres, &bounds);
    ck_assert_msg(complaints[0] == '\0', "the database disagrees:\n%s", complaints);
    history_done(&history);
    postgres_stop(&stage->postgres);
}

START_TEST(a_mixed_load_leaves_a_history_that_the_database_confirms)
{
    struct stage stage;
    set_up(&stage, NULL);
    stage.lost_from_s = seconds_now() - 1;
    server_kill(&stage.servers[1]);
    stage.lost_until_s = seconds_now();
    sleep_s(while_s());
    server_restart(&stage.servers[1]);
    expect_recovery(&stage);
    expect_true_history(&stage);
}
END_TEST

START_TEST(kill_9_of_both_at_once_and_then_a_hang_leave_a_true_history)
{
    struct stage stage;
    set_up(&stage, NULL);
    stage.lost_from_s = seconds_now() - 1;
    postgres_kill(&stage.postgres);
    server_kill(&stage.servers[0]);
    sleep_s(0.3);
    postgres_restart(&stage.postgres);
    server_restart(&stage.servers[0]);
    expect_recovery(&stage);
    postgres_freeze(&stage.postgres);
    sleep_s(2);
    postgres_thaw(&stage.postgres);
    expect_recovery(&stage);
    stage.lost_until_s = seconds_now();
    expect_true_history(&stage);
}
END_TEST

/* ---- A full disk ----------------------------------------------------------------------------- */

/* Takes what is left of the disk; the file. */
static void fill_disk(const char *dir, char ret_path[static PATH_CAP + 16])
{
    static char block[1 << 16];
    memset(block, 'x', sizeof block);
    snprintf(ret_path, PATH_CAP + 16, "%s/filler", dir);
    const int file = open(ret_path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert(file >= 0);
    size_t size = sizeof block;
    while (size > 0) {
        const ssize_t written = write(file, block, size);
        if (written < 0 && errno == ENOSPC)
            size /= 2; /* down to the last byte */
        else
            ck_assert(written > 0);
    }
    close(file);
}

/* The first pages are free ones, so it takes a moment. */
static void wait_for_trouble(const struct stage *stage)
{
    const long before = mixed_unknown(stage->mixed);
    const double end = seconds_now() + RECOVERY_S;
    while (mixed_unknown(stage->mixed) < before + 100 && seconds_now() < end)
        sleep_s(0.05);
    ck_assert_msg(mixed_unknown(stage->mixed) >= before + 100, "the full disk hurts nobody");
}

START_TEST(a_full_disk_of_the_database_leaves_a_true_history)
{
    struct stage stage;
    char dir[PATH_CAP], filler[PATH_CAP + 16];
    if (!run_disk("disk", 128, dir))
        return;
    set_up(&stage, dir);
    stage.lost_from_s = seconds_now() - 1;
    fill_disk(dir, filler);
    wait_for_trouble(&stage);
    ck_assert_int_eq(unlink(filler), 0);
    /* PostgreSQL gives up where it can not even write its log; its own keeper starts it again. */
    bool failed = false;
    const double end = seconds_now() + 3;
    do {
        sleep_s(0.2);
        postgres_ask(&stage.postgres, NULL, "select 1", &failed);
    } while (failed && seconds_now() < end);
    printf("a full disk: PostgreSQL %s\n", failed ? "ended, and is started" : "went on");
    if (failed)
        postgres_restart(&stage.postgres);
    expect_recovery(&stage);
    stage.lost_until_s = seconds_now();
    expect_true_history(&stage);
}
END_TEST

Suite *suite_history(void)
{
    Suite *suite = suite_create("history");
    ADD_LONG(suite, a_mixed_load_leaves_a_history_that_the_database_confirms, 180);
    ADD_LONG(suite, kill_9_of_both_at_once_and_then_a_hang_leave_a_true_history, 180);
    ADD_LONG(suite, a_full_disk_of_the_database_leaves_a_true_history, 240);
    return suite;
}
