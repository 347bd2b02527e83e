/* The memory of denials: for whom one holds. */
#include "ledger/denials.h"
#include "suites.h"

#include <string.h>

static struct denials *denials;
static struct chain_link line[3];
static struct chain chain = {.links = line, .count = 3};

static void start(void)
{
    denials = denials_new();
    memset(line, 0, sizeof line);
    memset(&chain.task, 1, sizeof chain.task);
    for (size_t i = 0; i < 3; i++)
        memset(&line[i].id, (int)(16 + i), sizeof line[i].id);
}

static void stop(void)
{
    denials = denials_free(denials);
}

static struct denials_entry entry_at(size_t hop, uint8_t asked)
{
    struct denials_entry entry = {.task = chain.task, .held_at = line[hop].id};
    entry.denial.outcome = WRIT_ARGUMENT_NOT_GRANTED;
    memset(entry.digest, asked, sizeof entry.digest);
    return entry;
}

/* Whether it holds for the first `count` links of the line. */
static bool holds(size_t count, uint8_t asked)
{
    struct denials_entry found;
    const struct denials_entry wanted = entry_at(0, asked);
    struct chain part = chain;
    part.count = count;
    return denials_find(denials, &part, wanted.digest, &found) &&
           found.denial.outcome == WRIT_ARGUMENT_NOT_GRANTED;
}

START_TEST(it_holds_at_its_delegation_and_below_and_not_above)
{
    const struct denials_entry entry = entry_at(1, 7);
    denials_add(denials, &entry);
    ck_assert(!holds(1, 7));
    ck_assert(holds(2, 7));
    ck_assert(holds(3, 7));
}
END_TEST

START_TEST(it_holds_for_what_was_asked_and_in_its_task)
{
    const struct denials_entry entry = entry_at(0, 7);
    denials_add(denials, &entry);
    ck_assert(!holds(3, 8));
    memset(&chain.task, 2, sizeof chain.task);
    ck_assert(!holds(3, 7));
}
END_TEST

/* As many others of the same set as there is room for. */
static void fill_set(void)
{
    struct denials_entry entry = entry_at(0, 7);
    for (int i = 0; i < 8; i++) {
        entry.digest[31] = (uint8_t)(i + 100);
        denials_add(denials, &entry);
    }
}

START_TEST(the_longest_unused_is_forgotten_when_a_set_is_full)
{
    const struct denials_entry entry = entry_at(0, 7);
    denials_add(denials, &entry);
    ck_assert(holds(1, 7));
    fill_set();
    ck_assert(!holds(1, 7));
}
END_TEST

Suite *suite_denials(void)
{
    TCase *tests = tcase_create("denials");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, it_holds_at_its_delegation_and_below_and_not_above);
    tcase_add_test(tests, it_holds_for_what_was_asked_and_in_its_task);
    tcase_add_test(tests, the_longest_unused_is_forgotten_when_a_set_is_full);
    return suite_of("denials", tests);
}
