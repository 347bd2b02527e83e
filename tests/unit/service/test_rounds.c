/* The thread that makes rounds: woken, it makes another one; stopped, none. */
#include "rounds.h"
#include "suites.h"

#include <stdatomic.h>
#include <unistd.h>

static const int64_t NEVER_US = INT64_C(3600) * 1000000;

static struct rounds rounds;
static atomic_int made;

static void make(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

/* A minute at most. */
static bool are_made(int count)
{
    for (int i = 0; i < 60000 && atomic_load(&made) < count; i++)
        usleep(1000);
    return atomic_load(&made) >= count;
}

static void start(void)
{
    atomic_store(&made, 0);
}

START_TEST(the_first_round_is_at_once_and_each_wake_makes_another)
{
    ck_assert(writ_is_ok(rounds_start(&rounds, NEVER_US, make, &made)));
    for (int i = 1; i <= 3; i++) {
        ck_assert(are_made(i));
        rounds_wake(&rounds);
    }
    ck_assert(are_made(4));
    rounds_stop(&rounds);
    rounds_wake(&rounds); /* as somebody may who comes late */
    ck_assert_int_eq(atomic_load(&made), 4);
    rounds_done(&rounds);
}
END_TEST

START_TEST(rounds_come_by_themselves_until_they_are_stopped)
{
    ck_assert(writ_is_ok(rounds_start(&rounds, 1000, make, &made)));
    ck_assert(are_made(5));
    rounds_stop(&rounds);
    const int then = atomic_load(&made);
    usleep(20000);
    ck_assert_int_eq(atomic_load(&made), then);
    rounds_done(&rounds);
}
END_TEST

Suite *suite_rounds(void)
{
    TCase *tests = tcase_create("rounds");
    tcase_add_checked_fixture(tests, start, NULL);
    tcase_add_test(tests, the_first_round_is_at_once_and_each_wake_makes_another);
    tcase_add_test(tests, rounds_come_by_themselves_until_they_are_stopped);
    return suite_of("rounds", tests);
}
