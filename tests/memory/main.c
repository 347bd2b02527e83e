/*
 * Memory that ends. Each operation of libwrit is run again and again, and each time another of
 * its allocations fails, until none is left to fail. It must say that memory ended, or give
 * exactly what it gives with all memory; it must never permit on less, and never leak.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "operations.h"

enum { SHOWN_MAX = 1 << 16, ALLOCATIONS_MAX = 100000 };

struct trial {
    enum writ_status status;
    size_t size;
    char shown[SHOWN_MAX];
    bool struck; /* an allocation failed */
    size_t leaked;
};

static struct trial whole, trial;

/* nth 0: with all memory. */
static void attempt(const struct operation *operation, size_t nth, enum heap_mode mode,
                    struct trial *ret_trial)
{
    struct writ_arena arena;
    struct writ_slice shown = WRIT_SLICE_NONE;
    const size_t live = heap_live();
    writ_arena_init(&arena, 0);
    if (nth > 0)
        heap_arm(nth, mode);
    ret_trial->status = operation->run(&arena, &shown).status;
    ret_trial->struck = heap_disarm();
    ck_assert_uint_lt(shown.size, sizeof ret_trial->shown);
    ret_trial->size = shown.size;
    if (shown.size > 0)
        memcpy(ret_trial->shown, shown.data, shown.size);
    writ_arena_done(&arena);
    ret_trial->leaked = heap_live() - live;
}

static bool is_as_with_all_memory(void)
{
    return trial.status == whole.status && trial.size == whole.size &&
           memcmp(trial.shown, whole.shown, whole.size) == 0;
}

/* A refusal that is certain needs no more memory: only its words may become plainer. */
static void fail_each(const struct operation *operation, enum heap_mode mode)
{
    size_t nth = 0;
    attempt(operation, 0, mode, &whole);
    ck_assert_uint_eq(whole.leaked, 0);
    do {
        attempt(operation, ++nth, mode, &trial);
        ck_assert_uint_lt(nth, ALLOCATIONS_MAX);
        ck_assert_msg(trial.leaked == 0, "%s, allocation %zu: %zu blocks leak", operation->name,
                      nth, trial.leaked);
        const bool ended = trial.status == WRIT_OUT_OF_MEMORY && trial.size == 0;
        ck_assert_msg(is_as_with_all_memory() || (trial.struck && ended),
                      "%s, allocation %zu: %s, or another result, instead of %s", operation->name,
                      nth, writ_status_code(trial.status), writ_status_code(whole.status));
        /* One that fails alone may be made good by another way; with no memory there is none. */
        ck_assert_msg(!trial.struck || ended || mode == HEAP_FAILS_ONCE || whole.status != WRIT_OK,
                      "%s, allocation %zu: is not missed", operation->name, nth);
    } while (trial.struck);
    ck_assert_msg(nth > 1, "%s: no allocation failed", operation->name);
}

static void setup(void)
{
    operations_start();
}

static void teardown(void)
{
    operations_end();
}

START_TEST(says_that_memory_ended_when_one_allocation_fails)
{
    fail_each(&OPERATIONS[_i], HEAP_FAILS_ONCE);
}
END_TEST

START_TEST(says_that_memory_ended_when_all_fail_from_one_on)
{
    fail_each(&OPERATIONS[_i], HEAP_FAILS_FROM_THEN_ON);
}
END_TEST

int main(void)
{
    heap_start();
    if (!writ_is_ok(writ_start()))
        return EXIT_FAILURE;
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("allocations");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 120);
    tcase_add_loop_test(tests, says_that_memory_ended_when_one_allocation_fails, 0,
                        OPERATION_COUNT);
    tcase_add_loop_test(tests, says_that_memory_ended_when_all_fail_from_one_on, 0,
                        OPERATION_COUNT);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
