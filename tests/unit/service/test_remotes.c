/* The room that asks policy engines: what it does where memory or threads end. */
#include "config.h"
#include "outbound/outbound.h"
#include "remotes.h"
#include "suites.h"

#include <errno.h>
#include <semaphore.h>
#include <string.h>

static const struct policy_request REQUEST = {
    .action = POLICY_ISSUE,
    .task = {.id = WRIT_SLICE_LITERAL("01a20abf-13b8-7cc8-99ca-de0f1a31e767")},
};

static struct outbound *outbound;
static struct remotes *remotes;

/* Port 1 of this machine: nobody answers there. */
static void start(void)
{
    static const struct config CONFIG = {
        .policy_opa = "http://127.0.0.1:1/v1/data/writ",
        .policy_authzen = "http://127.0.0.1:1",
        .policy_deadline_ms = 1000,
        .readers = 4,
    };
    ck_assert(writ_is_ok(outbound_start(1024, &outbound)));
    ck_assert(writ_is_ok(remotes_new(&CONFIG, outbound, &remotes)));
}

static void stop(void)
{
    outbound = outbound_stop(outbound);
    remotes = remotes_free(remotes);
}

static void on_done(struct remotes_question *question)
{
    sem_post(question->context);
}

START_TEST(a_question_without_room_fails_whole_and_is_heard_of_nobody)
{
    size_t refused = 0;
    for (size_t limit = 64; limit < 4096; limit += 16) {
        struct writ_arena arena;
        struct policy_answer answer = {.verdict = POLICY_PERMITTED};
        sem_t told;
        struct remotes_question question = {
            .arena = &arena,
            .request = &REQUEST,
            .tool_count = 1,
            .answers = &answer,
            .done = on_done,
            .context = &told,
        };
        ck_assert_int_eq(sem_init(&told, 0, 0), 0);
        writ_arena_init(&arena, limit);
        remotes_ask(remotes, &question);
        while (sem_wait(&told) != 0)
            ck_assert_int_eq(errno, EINTR);
        ck_assert_int_eq(answer.verdict, POLICY_FAILED);
        if (strcmp(answer.detail, "out of memory") == 0) {
            const struct writ_json *heard = remotes_heard(&question, 0);
            ck_assert(!heard || heard->count == 0);
            refused++;
        }
        writ_arena_done(&arena);
        sem_destroy(&told);
    }
    ck_assert_uint_gt(refused, 0);
}
END_TEST

Suite *suite_remotes(void)
{
    TCase *tests = tcase_create("remotes");
    tcase_add_checked_fixture(tests, start, stop);
    tcase_add_test(tests, a_question_without_room_fails_whole_and_is_heard_of_nobody);
    return suite_of("remotes", tests);
}
