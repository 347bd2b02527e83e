/* AuthZEN 1.0: questions of the executor's at the shared pair, and what they are answered. */
#ifndef WRIT_TESTS_AUTHZEN_H
#define WRIT_TESTS_AUTHZEN_H

#include "actors.h"

#define EXECUTOR "{'type': 'agent', 'id': 'executor'}"
#define HERE "{'type': 'audience', 'id': '" AUDIENCE "'}"

/* Planner to executor. */
void authzen_chain(struct chain *chain);
/* The context of a question: with this proof, and further members. */
const char *authzen_context(const struct chain *chain, const char *proof, const char *more);
const char *authzen_question(const char *subject, const char *tool, const char *args,
                             const char *context);
/* A good question of the executor's, freshly proved. */
const char *authzen_good(const struct chain *chain, const char *tool, const char *args);
struct answer authzen_ask(const char *body);
struct answer authzen_ask_all(const char *body);

/* decision: true or false, by its path. */
bool is_permit_at(const struct answer *answer, const char *path);
/* How many decisions of this kind the ledger has of the task. */
long authzen_recorded(const struct chain *chain, const char *verdict);
/* 200 and decision: true. */
void expect_true(struct answer answer);
/* 200 and decision: false with this code, and about this field where one is wanted. */
void expect_false(struct answer answer, const char *code, const char *field);

#endif
