/* What kind of failure an SQLSTATE is. Inside of the room only. */
#ifndef WRIT_POSTGRES_FAILURE_H
#define WRIT_POSTGRES_FAILURE_H

#include "postgres/db.h"

enum db_error failure_classify(const char *sqlstate);

#endif
