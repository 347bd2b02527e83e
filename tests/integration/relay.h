/*
 * A relay between writd and PostgreSQL, in this process, that can cut a session at the moment that
 * matters: the statement has been carried out and committed, and nobody hears of it.
 */
#ifndef WRIT_TESTS_RELAY_H
#define WRIT_TESTS_RELAY_H

#include "harness.h"

struct relay;

/* `ret_through` is the same database, through the relay. */
struct relay *relay_start(const struct postgres *postgres, struct postgres *ret_through);
void relay_stop(struct relay *relay);
/* The next session that executes this prepared statement is cut when the server answers. What is
 * sent together is answered together, after the commit. */
void relay_cut_at(struct relay *relay, const char *statement);
/* All sessions, now. Their servers notice when they have something to say. */
void relay_cut_all(struct relay *relay);
/* How many were cut by order. */
int relay_cuts(struct relay *relay);

#endif
