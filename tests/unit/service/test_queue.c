/* What waits for the writer: in order, bounded, and what was answered already outlives an outage.
 */
#include "suites.h"

#include "ledger/queue.h"

static const struct write_kind WAITED_FOR = {.name = "waited for"};
static const struct write_kind KEPT = {.name = "kept", .is_kept = true};
enum { MANY = 9000 };

static struct queue queue;
static struct write_item items[MANY];

static void start(void)
{
    queue_init(&queue);
    for (size_t i = 0; i < MANY; i++) { /* a task each */
        items[i] = (struct write_item){.kind = &WAITED_FOR};
        items[i].task.bytes[0] = (uint8_t)i;
        items[i].task.bytes[1] = (uint8_t)(i >> 8);
    }
}

static void stop(void)
{
    queue_done(&queue);
}

static void push(size_t index, const struct write_kind *kind)
{
    items[index].kind = kind;
    ck_assert(queue_push(&queue, &items[index]));
}

static size_t push_until_full(const struct write_kind *kind)
{
    for (size_t i = 0; i < MANY; i++) {
        items[i].kind = kind;
        if (!queue_push(&queue, &items[i]))
            return i;
    }
    return MANY;
}

START_TEST(gives_items_in_their_order_as_many_as_a_batch_holds)
{
    struct write_item *batch[BATCH_MAX];
    for (size_t i = 0; i < 300; i++)
        push(i, &WAITED_FOR);
    ck_assert_uint_eq(queue_take(&queue, batch), BATCH_MAX);
    for (size_t i = 0; i < BATCH_MAX; i++)
        ck_assert_ptr_eq(batch[i], &items[i]);
    ck_assert_uint_eq(queue_take(&queue, batch), 300 - BATCH_MAX);
    ck_assert_ptr_eq(batch[0], &items[BATCH_MAX]);
}
END_TEST

START_TEST(leaves_a_twin_and_too_many_of_one_task_for_the_next_batch)
{
    struct write_item *batch[BATCH_MAX];
    items[0].alone[0] = items[1].alone[1] = 7;
    push(0, &WAITED_FOR);
    push(1, &WAITED_FOR);
    for (size_t i = 2; i < 72; i++) {
        items[i].task = items[2].task;
        push(i, &WAITED_FOR);
    }
    ck_assert_uint_eq(queue_take(&queue, batch), 1 + 32);
    ck_assert_uint_eq(queue_take(&queue, batch), 1 + 32);
    ck_assert_ptr_eq(batch[0], &items[1]);
    ck_assert_uint_eq(queue_take(&queue, batch), 6);
}
END_TEST

START_TEST(has_room_for_so_many_and_for_half_as_many_that_are_kept)
{
    ck_assert_uint_eq(push_until_full(&KEPT), 4096);
    push(MANY - 1, &WAITED_FOR);
    struct write_item *all = queue_empty(&queue, true);
    ck_assert_ptr_eq(all, &items[0]);
    ck_assert_uint_eq(push_until_full(&WAITED_FOR), 8192);
    items[MANY - 1].kind = &KEPT;
    ck_assert(!queue_push(&queue, &items[MANY - 1]));
}
END_TEST

START_TEST(gives_up_what_is_waited_for_and_keeps_the_rest_in_order)
{
    struct write_item *batch[BATCH_MAX];
    for (size_t i = 0; i < 10; i++)
        push(i, i % 2 ? &KEPT : &WAITED_FOR);
    const struct write_item *given_up = queue_empty(&queue, false);
    for (size_t i = 0; i < 10; i += 2, given_up = given_up->next)
        ck_assert_ptr_eq(given_up, &items[i]);
    ck_assert_ptr_null(given_up);
    push(10, &WAITED_FOR); /* the end is where it should be */
    ck_assert_uint_eq(queue_take(&queue, batch), 6);
    for (size_t i = 0; i < 5; i++)
        ck_assert_ptr_eq(batch[i], &items[2 * i + 1]);
    ck_assert_ptr_eq(batch[5], &items[10]);
}
END_TEST

START_TEST(takes_back_at_its_head_what_is_kept)
{
    struct write_item *batch[BATCH_MAX];
    for (size_t i = 0; i < 4; i++)
        push(i, i % 2 ? &KEPT : &WAITED_FOR);
    ck_assert_uint_eq(queue_take(&queue, batch), 4);
    ck_assert_uint_eq(queue_put_back_kept(&queue, batch, 4), 2);
    ck_assert(batch[0] == &items[0] && batch[1] == &items[2]);
    push(4, &WAITED_FOR);
    ck_assert_uint_eq(queue_take(&queue, batch), 3);
    ck_assert(batch[0] == &items[1] && batch[1] == &items[3] && batch[2] == &items[4]);
    /* Before others that wait. */
    push(5, &WAITED_FOR);
    ck_assert_uint_eq(queue_put_back_kept(&queue, batch, 3), 1);
    ck_assert_uint_eq(queue_take(&queue, batch), 3);
    ck_assert(batch[0] == &items[1] && batch[1] == &items[3] && batch[2] == &items[5]);
}
END_TEST

START_TEST(takes_nothing_any_more_when_it_stops)
{
    struct write_item *batch[BATCH_MAX];
    push(0, &KEPT);
    queue_stop(&queue);
    ck_assert(queue_is_stopping(&queue));
    ck_assert(!queue_push(&queue, &items[1]));
    ck_assert_uint_eq(queue_take(&queue, batch), 1);
    ck_assert_uint_eq(queue_put_back_kept(&queue, batch, 1), 1); /* it is the caller's to answer */
    ck_assert_uint_eq(queue_take(&queue, batch), 0);
}
END_TEST

Suite *suite_queue(void)
{
    TCase *tests = tcase_create("queue");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, gives_items_in_their_order_as_many_as_a_batch_holds);
    tcase_add_test(tests, leaves_a_twin_and_too_many_of_one_task_for_the_next_batch);
    tcase_add_test(tests, has_room_for_so_many_and_for_half_as_many_that_are_kept);
    tcase_add_test(tests, gives_up_what_is_waited_for_and_keeps_the_rest_in_order);
    tcase_add_test(tests, takes_back_at_its_head_what_is_kept);
    tcase_add_test(tests, takes_nothing_any_more_when_it_stops);
    return suite_of("queue", tests);
}
