/*
 * What a question to Cedar costs, in units of one libsodium Ed25519 verification of the same run:
 * of its values alone, and with more and more policies. Medians of five rounds; nothing here passes
 * or fails. tests/bench/policy builds it and prints its table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "policy/cedar_engine.h"

enum { ROUNDS = 5, OPERATIONS = 4000, TEXT_SIZE = 262144 };

static double cpu_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "bench: %s\n", what);
    exit(EXIT_FAILURE);
}

/* ---- What is asked -------------------------------------------------------------------------- */

static const struct policy_party LINE[] = {
    {{(const uint8_t *)"planner", 7}, {(const uint8_t *)"planner", 7}},
    {{(const uint8_t *)"retriever", 9}, {(const uint8_t *)"retriever", 9}},
    {{(const uint8_t *)"executor", 8}, {(const uint8_t *)"executor", 8}},
};
static const struct writ_slice DESTINATIONS[] = {{(const uint8_t *)"john.mitchell@gmail.com", 23}};
static const struct policy_request REQUEST = {
    .action = POLICY_CALL,
    .now_us = 1795600000000000,
    .line = LINE,
    .line_count = 3,
    .attributed = true,
    .task = {.id = {(const uint8_t *)"01a20abf-13b8-7cc8-99ca-de0f1a31e767", 36},
             .principal = {(const uint8_t *)"emma", 4},
             .purpose = {(const uint8_t *)"send the minutes", 16},
             .state = {(const uint8_t *)"open", 4},
             .opened_by = {{(const uint8_t *)"desk", 4}, {(const uint8_t *)"issuer", 6}},
             .deadline_us = 1795603600000000},
    .tool = {.audience = {(const uint8_t *)"https://mail.example", 20},
             .name = {(const uint8_t *)"send_email", 10},
             .registered = true,
             .effect = {(const uint8_t *)"irreversible", 12},
             .sends = true},
    .destinations = DESTINATIONS,
    .destination_count = 1,
};

/* One permit, and forbids of which a third speak of another agent, a third of another tool, and a
 * third of this one under conditions that do not hold. */
static struct policy_engine *engine_of(size_t count)
{
    char message[CEDAR_ENGINE_MESSAGE_MAX];
    char *text = malloc(TEXT_SIZE);
    struct policy_engine *engine = NULL;
    must(text != NULL, "out of memory");
    int used = snprintf(text, TEXT_SIZE, "@id(\"p0\") permit(principal, action, resource);\n");
    for (size_t i = 1; i < count; i++) {
        char *at = text + used;
        const size_t room = (size_t)(TEXT_SIZE - used);
        if (i % 3 == 0)
            used += snprintf(at, room,
                             "@id(\"p%zu\") forbid(principal == Agent::\"agent%zu\", "
                             "action == Action::\"call\", resource);\n",
                             i, i);
        else if (i % 3 == 1)
            used += snprintf(at, room,
                             "@id(\"p%zu\") forbid(principal, action == Action::\"call\", "
                             "resource == Tool::\"https://mail.example tool%zu\");\n",
                             i, i);
        else
            used += snprintf(
                at, room,
                "@id(\"p%zu\") forbid(principal, action == Action::\"call\", resource) "
                "when { resource.name == \"send_email\" && "
                "context.clearance.confidentiality > 1 && "
                "context.task.purpose like \"*%zu*\" };\n",
                i, i);
    }
    must(writ_is_ok(cedar_engine_new(writ_slice_of(text, (size_t)used), &engine, message)),
         message);
    free(text);
    return engine;
}

/* ---- Rounds --------------------------------------------------------------------------------- */

static double verification_us(void)
{
    uint8_t seed[32] = {1}, public_key[32], signature[64];
    static const uint8_t INPUT[600] = {0};
    const struct writ_slice input = writ_slice_of(INPUT, sizeof INPUT);
    writ_public_key_from_seed(seed, public_key);
    writ_sign(seed, input, signature);
    const double start = cpu_us();
    for (int i = 0; i < OPERATIONS; i++)
        must(writ_signature_verify(public_key, input, signature), "a signature");
    return (cpu_us() - start) / OPERATIONS;
}

static double judging_us(const struct policy_engine *engine, struct writ_arena *arena)
{
    const double start = cpu_us();
    for (int i = 0; i < OPERATIONS; i++) {
        struct policy_answer answer;
        struct writ_denial denial = {.hop = -1};
        policy_ask(engine, arena, &REQUEST, &answer);
        must(writ_is_ok(policy_conclude(&answer, &denial)), denial.detail);
        writ_arena_reset(arena);
    }
    return (cpu_us() - start) / OPERATIONS;
}

int main(void)
{
    static const size_t COUNTS[] = {1, 10, 50, 200};
    struct writ_arena arena;
    double verifications[ROUNDS];
    must(writ_is_ok(writ_start()), "writ_start");
    writ_arena_init(&arena, 0);
    for (int round = 0; round < ROUNDS; round++)
        verifications[round] = verification_us();
    qsort(verifications, ROUNDS, sizeof *verifications, ascending);
    printf("an Ed25519 verification of 600 bytes    %6.1f us\n", verifications[ROUNDS / 2]);
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        double rounds[ROUNDS];
        struct policy_engine *engine = engine_of(COUNTS[i]);
        for (int round = 0; round < ROUNDS; round++)
            rounds[round] = judging_us(engine, &arena);
        qsort(rounds, ROUNDS, sizeof *rounds, ascending);
        printf("a call judged by %3zu policies (Cedar)   %6.1f us   %.2f verifications\n",
               COUNTS[i], rounds[ROUNDS / 2], rounds[ROUNDS / 2] / verifications[ROUNDS / 2]);
        policy_engine_free(engine);
    }
    writ_arena_done(&arena);
    return EXIT_SUCCESS;
}
