/* Clients that work and write down what they were answered, for the tests that pull plugs. */
#ifndef WRIT_TESTS_LOAD_H
#define WRIT_TESTS_LOAD_H

#include "actors.h"

#include <stdatomic.h>

enum { LOAD_CLIENTS = 8, LOAD_JOURNAL = 20000 };

/* What was answered: ids of delegations with 201, of decisions with 200, of delegations whose
 * revocation was answered with 200. */
struct journal {
    char (*delegations)[40];
    char (*permits)[40];
    char (*revocations)[40];
    size_t delegation_count, permit_count, revocation_count;
    long unanswered; /* admissions and uses: no answer, or one of 502, 503 and 504 */
    long refused;    /* other answers than 2xx and those */
    char what[200];  /* the first of those */
};

struct load;

/* Admits a child and permits a write, again and again, each client in a task of its own, and
 * revokes some of the children; goes on through outages. Uses the global cast at `server`. */
struct load *load_start(const struct server *server);
/* Stops and frees it; the journals of all clients in one, freed by journal_done. */
void load_stop(struct load *load, struct journal *ret_journal);
void journal_done(struct journal *journal);
/* Everything in the journal is in the database, and the database is whole: no delegation without
 * its lease, no permit of a write without its used proof, no task without its root. */
void journal_check(const struct journal *journal, const struct postgres *postgres);

#endif
