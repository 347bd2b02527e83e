/* Where PostgreSQL's programs are. Inside of the room only. */
#ifndef WRIT_POSTGRES_BINARIES_H
#define WRIT_POSTGRES_BINARIES_H

#include "base/status.h"

#include <limits.h>

enum { BINARIES_OLDEST_MAJOR = 15 };

/* A directory with initdb and postgres: `given` if not NULL, else the one that pg_config names and
 * those of the usual places, the highest major wins. `wanted_major` of an existing cluster must
 * fit; 0 takes any from 15 on. INTERNAL with a sentence that says what to install. */
struct writ_result binaries_find(const char *given, int wanted_major,
                                 char ret_directory[static PATH_MAX]) WRIT_MUST_CHECK;

#endif
