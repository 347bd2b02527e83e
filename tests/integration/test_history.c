/* The word of the clients against that of the database, over a mixed load and a death. */
#include "mixed.h"
#include "suites.h"

#include <stdlib.h>

#define STALENESS_MS "1000"
static const double STALENESS_S = 1.0;

static uint64_t seed_of_run(void)
{
    const char *seed = getenv("WRIT_TEST_SEED");
    return seed ? strtoull(seed, NULL, 10) : 1;
}

START_TEST(a_mixed_load_leaves_a_history_that_the_database_confirms)
{
    static const char *const FLAGS[] = {"--staleness-write-ms", STALENESS_MS, "--staleness-read-ms",
                                        STALENESS_MS, NULL};
    const double third_s = run_is_fast() ? 1.5 : 4;
    struct postgres postgres;
    struct server first;
    struct server second;
    postgres_start(&postgres, "pg");
    server_start(&first, "first", &postgres, FLAGS);
    server_start_beside(&second, "second", &first, NULL);
    cast_register(&cast, &first);
    cast_await(&second);
    struct mixed *mixed = mixed_start(
        &(struct mixed_options){.seed = seed_of_run(), .servers = {&first, &second}});
    sleep_s(third_s);
    struct history_bounds bounds = {
        .staleness_s = STALENESS_S, .killed_server = 1, .killed_s = seconds_now()};
    server_kill(&second);
    sleep_s(third_s);
    server_restart(&second);
    sleep_s(third_s);
    struct history history;
    mixed_stop(mixed, &history);
    ck_assert_int_eq(server_stop(&second), 0);
    ck_assert_int_eq(server_stop(&first), 0);
    history_print(&history);
    const char *complaints = history_complaints(&history, &postgres, &bounds);
    ck_assert_msg(complaints[0] == '\0', "the database disagrees:\n%s", complaints);
    history_done(&history);
    postgres_stop(&postgres);
}
END_TEST

Suite *suite_history(void)
{
    Suite *suite = suite_create("history");
    ADD_LONG(suite, a_mixed_load_leaves_a_history_that_the_database_confirms, 120);
    return suite;
}
