/* Transactions and savepoints, as far as they are plain SQL; db_commit is in db.c. */
#include "postgres/db.h"

#include <stdio.h>

enum db_error db_begin(struct db *db)
{
    return db_script(db, "begin");
}

enum db_error db_rollback(struct db *db)
{
    return db_script(db, "rollback");
}

static enum db_error savepoint(struct db *db, const char *verb, const char *name)
{
    char sql[128];
    snprintf(sql, sizeof sql, "%s %s", verb, name);
    return db_script(db, sql);
}

enum db_error db_savepoint(struct db *db, const char *name)
{
    return savepoint(db, "savepoint", name);
}

enum db_error db_savepoint_rollback(struct db *db, const char *name)
{
    return savepoint(db, "rollback to savepoint", name);
}

enum db_error db_savepoint_release(struct db *db, const char *name)
{
    return savepoint(db, "release savepoint", name);
}
