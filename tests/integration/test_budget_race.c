/* W4 under concurrency: many clients, over two services, on one account. */
#include "budget.h"
#include "suites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAYERS = 12, GRANTED_CENTS = 20000 };

struct payers {
    struct chain chain;
    atomic_long permitted_cents, wrong;
    char what[200];
};

struct payer {
    struct payers *shared;
    struct client client;
    unsigned seed;
};

/* Pays random amounts until nothing is left for the smallest; reports on two of three. */
static void *pay_all(void *context)
{
    struct payer *payer = context;
    struct payers *shared = payer->shared;
    for (int refused = 0; refused < 3;) {
        const long cents = refused > 0 ? 1 : rand_r(&payer->seed) % 199 + 1;
        const char *args = plain("{'amount': %ld.%02ld}", cents / 100, cents % 100);
        const char *proof = chain_prove(&shared->chain, "pay", args);
        const struct answer answer = post(&payer->client, "/v1/validate",
                                          use_body(&shared->chain, proof, "pay", args));
        if (answer.status == 200) {
            atomic_fetch_add(&shared->permitted_cents, cents);
            const struct writ_slice id = writ_json_text(at(answer.json, "id"));
            const char *body = quoted("{'success': true, 'amount': '%ld.%02ld'}", cents / 100,
                                      cents % 100);
            if (rand_r(&payer->seed) % 3 > 0)
                post(&payer->client, plain("/v1/decisions/%.*s/outcome", WRIT_SLICE_ARGS(id)),
                     body);
        } else if (writ_slice_is(writ_json_text(at(answer.json, "code")), "budget_exceeded")) {
            refused++;
        } else if (atomic_fetch_add(&shared->wrong, 1) == 0) {
            snprintf(shared->what, sizeof shared->what, "%.180s", shown(&answer));
            break;
        }
        scratch_reset();
    }
    client_done(&payer->client);
    return NULL;
}

START_TEST(many_clients_over_two_services_spend_an_account_exactly)
{
    static struct payers shared;
    static struct payer payers[PAYERS];
    pthread_t threads[PAYERS];
    budget_open(&shared.chain, USD("500") ", {'unit': 'calls', 'limit': '100000'}");
    const struct answer child = budget_admit(&shared.chain, &cast.executor, USD("200"));
    expect_status(child, 201);
    struct client beside = client_at(&cast.enforcer, &second_server);
    shared.chain.enforcer = &beside; /* which learns of the tool within a beat */
    for (int i = 0; i < 500 && budget_pay(&shared.chain, "0").status != 200; i++)
        sleep_s(0.02);
    for (int i = 0; i < PAYERS; i++) {
        payers[i] = (struct payer){.shared = &shared, .seed = (unsigned)i + 1};
        payers[i].client = client_at(&cast.enforcer, i % 2 ? &second_server : &first_server);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, pay_all, &payers[i]), 0);
    }
    for (int i = 0; i < PAYERS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_msg(atomic_load(&shared.wrong) == 0, "%s", shared.what);
    /* The last cents are paid one by one: to the end, and not one further. */
    ck_assert_int_eq(atomic_load(&shared.permitted_cents), GRANTED_CENTS);
    ck_assert_str_eq(budget_usd(&shared.chain, 1, "remaining"), "0");
    ck_assert_int_eq(budget_unbalanced(&shared.chain), 0);
    const struct answer ended = post(&cast.admin, plain("/v1/tasks/%s/cancel", shared.chain.task),
                                     "{}");
    expect_status(ended, 200);
    ck_assert(budget_is_closed(&shared.chain, 1));
    ck_assert(budget_is_closed(&shared.chain, 0));
    ck_assert_str_eq(budget_usd(&shared.chain, 0, "spent"), "200");
    ck_assert_str_eq(budget_usd(&shared.chain, 0, "withheld"), "300");
}
END_TEST

/* ---- Admissions ----------------------------------------------------------------------------- */

enum { CARVERS = 12 };

struct carver {
    const struct chain *chain;
    pthread_barrier_t *ready;
    struct client client;
    struct answer answer;
};

static void *carve_one(void *context)
{
    struct carver *carver = context;
    struct chain chain = *carver->chain;
    chain.holders[0].client = &carver->client;
    struct writ_json *claims = child_claims(&chain, &cast.executor);
    claim_authority(claims, PAY_TOOLS, "'budget': [" USD("30") "]");
    const char *token = token_sign(claims, &chain.holders[0]);
    pthread_barrier_wait(carver->ready);
    carver->answer = chain_admit(&chain, token);
    client_done(&carver->client);
    return NULL;
}

/* All ask while there is enough for each; there is enough for three. */
START_TEST(children_admitted_at_once_are_carved_out_of_what_is_there)
{
    static struct carver carvers[CARVERS];
    pthread_t threads[CARVERS];
    pthread_barrier_t ready;
    pthread_barrier_init(&ready, NULL, CARVERS);
    for (int round = 0; round < 3; round++) {
        struct chain chain;
        budget_open(&chain, USD("100"));
        for (int i = 0; i < CARVERS; i++) {
            carvers[i] = (struct carver){.chain = &chain, .ready = &ready};
            carvers[i].client = client_at(&cast.planning, i % 2 ? &second_server : &first_server);
            ck_assert_int_eq(pthread_create(&threads[i], NULL, carve_one, &carvers[i]), 0);
        }
        int admitted = 0;
        for (int i = 0; i < CARVERS; i++) {
            pthread_join(threads[i], NULL);
            admitted += carvers[i].answer.status == 201;
            if (carvers[i].answer.status != 201)
                expect_code(carvers[i].answer, "budget_exceeded");
        }
        ck_assert_int_eq(admitted, 3);
        ck_assert_str_eq(budget_usd(&chain, 0, "carved"), "90");
        ck_assert_int_eq(budget_unbalanced(&chain), 0);
    }
}
END_TEST

Suite *suite_budget_race(void)
{
    Suite *suite = suite_create("budget_race");
    ADD_LONG(suite, many_clients_over_two_services_spend_an_account_exactly, 180);
    ADD_LONG(suite, children_admitted_at_once_are_carved_out_of_what_is_there, 120);
    return suite;
}
