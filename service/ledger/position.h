/*
 * Asking a database where it stands against the mark: at start, in every fresh session before it is
 * used for anything (no session outlives a restore or a promotion, so none that decides is ever on
 * an older database), and at each beat of the follower, which hears of other services' marks too.
 */
#ifndef WRIT_LEDGER_POSITION_H
#define WRIT_LEDGER_POSITION_H

#include "ledger/mark.h"

struct db;
struct service;

/* Where the database stands, and whether that is behind the mark (NULL: there is none). */
struct writ_result position_ask(struct db *db, const struct mark_position *mark,
                                struct mark_position *ret_found,
                                bool *ret_is_behind) WRIT_MUST_CHECK;
/* For db_options.accept: not behind, and takes a write. `service` is a struct service. */
bool position_accept(struct db *db, void *service);
/* What was found, to all who ask mark_is_behind, and to the log when it is news. */
void position_found(struct service *service, const struct mark_position *found, bool is_behind);
/* Tells the other services on this database, if it is this mark that it does not reach. */
struct writ_result position_tell(struct db *db, const struct mark_position *mark) WRIT_MUST_CHECK;

#endif
