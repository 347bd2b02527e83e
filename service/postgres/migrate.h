/*
 * Brings a database to the schema that is built into this program. Migrations only go forward,
 * each in one transaction with its row in writ.migration (version, name, sha256), all under one
 * advisory lock, so that of services that start together one migrates and the others wait.
 * Refused: a database that is newer than this program, one with a gap, and one whose recorded
 * hash is not that of the file it names.
 */
#ifndef WRIT_POSTGRES_MIGRATE_H
#define WRIT_POSTGRES_MIGRATE_H

#include "base/status.h"

#include <stddef.h>

struct migration {
    int version;
    const char *name; /* 001_roles_and_schemas */
    const char *sql;
};

/* Made from sql/NNN_*.sql by embed.cmake, in order. */
extern const struct migration MIGRATIONS[];
extern const size_t MIGRATION_COUNT;

/* As the login of conninfo, which owns the database. STATUS_UNKNOWN: not reachable; INTERNAL:
 * refused or failed, with the reason logged. */
struct writ_result migrate_run(const char *conninfo, const struct migration *migrations,
                               size_t count) WRIT_MUST_CHECK;

#endif
