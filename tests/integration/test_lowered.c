/* What follows where a label was lowered: what is asked anew, what a pin is, and what comes at the
 * same time. */
#include "lowering.h"
#include "suites.h"

#include <pthread.h>
#include <string.h>

#define TO_A "{'to': 'a'}"

/* A replica hears of it within a beat. */
static struct answer call_until_permitted(const struct chain *chain, const char *tool,
                                          const char *args)
{
    const double end = seconds_now() + 10;
    struct answer answer = chain_call(chain, tool, args);
    while (answer.status == 403 && seconds_now() < end) {
        sleep_s(0.3); /* more than a beat: refusals of nothing new open circuits */
        answer = chain_call(chain, tool, args);
    }
    return answer;
}

/* The tools may be so new that the other replica has not heard of them. */
static void await_tools(const struct chain *chain)
{
    const double end = seconds_now() + 10;
    while (chain_call_at(chain, &second_server, "tidy", HERE).status != 200 && seconds_now() < end)
        sleep_s(0.1);
}

START_TEST(what_stayed_refused_is_asked_anew_after_it_on_every_replica)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    struct client other = client_at(&cast.enforcer, &second_server);
    struct chain elsewhere = chain;
    chain_extend(&elsewhere, &cast.executor, NULL); /* whose refusals are its own */
    elsewhere.enforcer = &other;
    await_tools(&chain);
    const struct answer first = chain_call(&chain, "shred", HERE);
    expect_code(first, "label_exceeded");
    ck_assert_msg(strstr(text_at(&first, "detail"), "/declassifications"), "%s", shown(&first));
    for (int i = 0; i < 2; i++) {
        expect_denied(&elsewhere, "shred", HERE, "label_exceeded");
    }
    ck_assert_int_gt(postgres_count(&shared_postgres,
                                    plain("select count(*) from writ.denial where task_id = '%s' "
                                          "and outcome = 'label_exceeded' and repeats > 0",
                                          chain.task)),
                     0);
    label_lower(&chain, PUBLIC, &ann);
    const struct answer here = call_until_permitted(&chain, "shred", HERE);
    expect_status(here, 200);
    const struct answer there = call_until_permitted(&elsewhere, "shred", HERE);
    expect_status(there, 200);
    /* And it may be refused again, and asked anew again. */
    reads(&chain, "ledger");
    expect_denied(&chain, "shred", HERE, "label_exceeded");
    label_lower(&chain, PUBLIC, &ann);
    const struct answer again = call_until_permitted(&chain, "shred", HERE);
    expect_status(again, 200);
}
END_TEST

/* The poison stays, whatever else was lowered: who chose the destination may have been told to. */
START_TEST(pin_minted_after_the_poison_is_not_cured_by_lowering_something_else)
{
    struct chain planner;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    open_granting(&planner, "mail(to any)");
    reads(&planner, "web");
    reads(&planner, "ledger");
    struct chain pinned = planner;
    chain_extend(&pinned, &cast.executor, MAIL_TO("a"));
    label_lower(&planner, PUBLIC_POISONED, &ann);
    struct chain later = planner;
    chain_extend(&later, &cast.retriever, MAIL_TO("a"));
    expect_label(&planner, "public", "untrusted");
    const double end = seconds_now() + 1;
    do {
        expect_denied(&pinned, "mail", TO_A, "label_exceeded");
        expect_denied(&later, "mail", TO_A, "label_exceeded");
        sleep_s(0.3);
    } while (seconds_now() < end);
}
END_TEST

/* People who say that the poison is none make the task trusted from then on: not from before. */
START_TEST(a_pin_from_the_time_of_the_poison_stays_one_after_people_trust_the_task_again)
{
    struct chain planner;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    open_granting(&planner, "mail(to any)");
    reads(&planner, "web");
    struct chain poisoned = planner;
    chain_extend(&poisoned, &cast.executor, MAIL_TO("a"));
    label_lower(&planner, PUBLIC, &ann);
    struct chain clean = planner;
    chain_extend(&clean, &cast.retriever, MAIL_TO("b"));
    reads(&planner, "web");
    expect_denied(&poisoned, "mail", TO_A, "label_exceeded");
    const struct answer permit = call_until_permitted(&clean, "mail", "{'to': 'b'}");
    expect_status(permit, 200);
}
END_TEST

/* ---- Concurrency -------------------------------------------------------------------------- */

enum { REPEATS = 4 };

struct redeeming {
    struct client client;
    const struct chain *chain;
    const char *approval;
    long status;
};

static void *redeem(void *context)
{
    struct redeeming *redeeming = context;
    redeeming->status = lowering_ask_as(&redeeming->client, redeeming->chain->task, INTERNAL,
                                        redeeming->approval, NULL)
                            .status;
    client_done(&redeeming->client);
    return NULL;
}

static void *raise_it(void *context)
{
    const struct chain *chain = context;
    (void)chain_call_at(chain, &second_server, "web", HERE);
    return NULL;
}

START_TEST(of_many_who_redeem_at_once_one_does_on_whatever_replica)
{
    struct chain chain;
    const struct person ann = lowering_begin(&chain);
    const char *id = lowering_approved(&chain, INTERNAL, &ann);
    struct redeeming redeeming[REPEATS];
    pthread_t threads[REPEATS];
    int done = 0;
    for (int i = 0; i < REPEATS; i++) {
        redeeming[i] = (struct redeeming){.chain = &chain, .approval = id};
        redeeming[i].client = client_at(&cast.admin, i % 2 ? &second_server : &first_server);
        ck_assert(pthread_create(&threads[i], NULL, redeem, &redeeming[i]) == 0);
    }
    for (int i = 0; i < REPEATS; i++) {
        pthread_join(threads[i], NULL);
        done += redeeming[i].status == 200;
    }
    ck_assert_int_eq(done, 1);
    ck_assert_int_eq(postgres_count(&shared_postgres,
                                    plain("select count(*) from writ.task_label where task_id = "
                                          "'%s' and cause = 'declassified'",
                                          chain.task)),
                     1);
}
END_TEST

/* Whichever comes first, what was read is in the label afterwards. */
START_TEST(a_rise_at_the_same_time_is_never_lost)
{
    const int rounds = run_is_fast() ? 4 : 16;
    people_start();
    const struct person ann = person_new("ann", "['records']");
    for (int round = 0; round < rounds; round++) {
        struct chain chain;
        pthread_t raiser;
        pthread_t redeemer;
        open_granting(&chain, "mail(to any)");
        await_tools(&chain);
        reads(&chain, "ledger");
        struct redeeming redeeming = {.chain = &chain,
                                      .approval = lowering_approved(&chain, INTERNAL, &ann)};
        redeeming.client = client_at(&cast.admin, &first_server);
        ck_assert(pthread_create(&raiser, NULL, raise_it, &chain) == 0);
        ck_assert(pthread_create(&redeemer, NULL, redeem, &redeeming) == 0);
        pthread_join(raiser, NULL);
        pthread_join(redeemer, NULL);
        ck_assert_msg(redeeming.status == 200 || redeeming.status == 409, "%ld", redeeming.status);
        expect_label(&chain, redeeming.status == 200 ? "internal" : "confidential", "untrusted");
    }
}
END_TEST

Suite *suite_lowered(void)
{
    Suite *suite = suite_create("lowered");
    ADD(suite, what_stayed_refused_is_asked_anew_after_it_on_every_replica);
    ADD(suite, pin_minted_after_the_poison_is_not_cured_by_lowering_something_else);
    ADD(suite, a_pin_from_the_time_of_the_poison_stays_one_after_people_trust_the_task_again);
    ADD(suite, of_many_who_redeem_at_once_one_does_on_whatever_replica);
    ADD(suite, a_rise_at_the_same_time_is_never_lost);
    return suite;
}
