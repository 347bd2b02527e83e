/* What every session is told when it begins. Inside of the room only. */
#ifndef WRIT_POSTGRES_SESSION_H
#define WRIT_POSTGRES_SESSION_H

#include "postgres/db.h"

enum db_error session_set_up(struct db *db, const struct db_options *options) DB_MUST_CHECK;

#endif
