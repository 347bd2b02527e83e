#include "postgres/migrate.h"

#include "base/crypto.h"
#include "log.h"
#include "postgres/db.h"

#include <string.h>

/* "writ" in ASCII: the key of the advisory lock that a migrating service holds. */
#define MIGRATION_LOCK "2003986804"

static struct writ_result fail(const struct db *db, const char *step, const char *name,
                               enum db_error error)
{
    log_error("migration_failed", LOG_TEXT("step", step), LOG_TEXT("migration", name),
              LOG_TEXT("kind", db_error_text(error)), LOG_TEXT("sqlstate", db_sqlstate(db)),
              LOG_TEXT("error", db_message(db)));
    return error == DB_LOST ? WRIT_FAILURE(STATUS_UNKNOWN) : WRIT_FAILURE(INTERNAL);
}

static struct writ_result refuse(const char *why, const char *name)
{
    log_error("migration_refused", LOG_TEXT("error", why), LOG_TEXT("migration", name));
    return WRIT_FAILURE(INTERNAL);
}

static struct writ_result take_lock(struct db *db)
{
    struct db_result *result = NULL;
    enum db_error error = db_query(db, "select pg_try_advisory_lock(" MIGRATION_LOCK ")", NULL, 0,
                                   &result);
    if (error != DB_OK)
        return fail(db, "lock", "", error);
    const bool is_ours = db_get_bool(result, 0, 0);
    db_result_free(result);
    if (is_ours)
        return WRIT_SUCCESS;
    log_info("migration_waits", LOG_TEXT("for", "another service that migrates this database"));
    error = db_script(db, "select pg_advisory_lock(" MIGRATION_LOCK ")");
    return error == DB_OK ? WRIT_SUCCESS : fail(db, "lock", "", error);
}

/* The recorded migrations, by version; NULL where the database is empty. */
static struct writ_result read_applied(struct db *db, struct db_result **ret_applied)
{
    struct db_result *result = NULL;
    enum db_error error = db_query(db, "select to_regclass('writ.migration') is not null", NULL, 0,
                                   &result);
    if (error != DB_OK)
        return fail(db, "look", "", error);
    const bool is_there = db_get_bool(result, 0, 0);
    db_result_free(result);
    if (!is_there)
        return WRIT_SUCCESS;
    error = db_query(db, "select version, name, sha256 from writ.migration order by version", NULL,
                     0, ret_applied);
    return error == DB_OK ? WRIT_SUCCESS : fail(db, "read", "", error);
}

static void hash_of(const struct migration *migration, uint8_t ret_hash[static 32])
{
    writ_sha256(writ_slice_text(migration->sql), ret_hash);
}

static struct writ_result check_applied(const struct db_result *applied,
                                        const struct migration *migrations, size_t count,
                                        size_t *ret_done)
{
    const size_t rows = applied ? db_rows(applied) : 0;
    if (rows > count)
        return refuse("the database is newer than this program", "");
    for (size_t i = 0; i < rows; i++) {
        uint8_t hash[32];
        hash_of(&migrations[i], hash);
        const struct writ_slice recorded = db_get_bytea(applied, i, 2);
        if (db_get_int8(applied, i, 0) != migrations[i].version)
            return refuse("the database has other versions than this program", migrations[i].name);
        if (!writ_slice_equal(recorded, writ_slice_of(hash, sizeof hash)))
            return refuse("this migration is not the one that the database has seen",
                          migrations[i].name);
    }
    *ret_done = rows;
    return WRIT_SUCCESS;
}

static enum db_error apply_within(struct db *db, const struct migration *migration)
{
    uint8_t hash[32];
    hash_of(migration, hash);
    const struct db_param row[] = {
        db_int8(migration->version),
        db_cstr(migration->name),
        db_bytea(writ_slice_of(hash, sizeof hash)),
    };
    enum db_error error = db_begin(db);
    if (error == DB_OK)
        error = db_script(db, migration->sql);
    if (error == DB_OK)
        error = db_query(db,
                         "insert into writ.migration (version, name, sha256)"
                         " values ($1::integer, $2, $3)",
                         row, sizeof row / sizeof row[0], NULL);
    return error == DB_OK ? db_commit(db) : error;
}

static struct writ_result apply(struct db *db, const struct migration *migration)
{
    const enum db_error error = apply_within(db, migration);
    if (error != DB_OK)
        return fail(db, "apply", migration->name, error); /* closing the session rolls back */
    log_info("migration_applied", LOG_TEXT("migration", migration->name));
    return WRIT_SUCCESS;
}

static struct writ_result run_on(struct db *db, const struct migration *migrations, size_t count)
{
    struct db_result *applied = NULL;
    size_t done = 0;
    WRIT_TRY(take_lock(db));
    struct writ_result result = read_applied(db, &applied);
    if (writ_is_ok(result))
        result = check_applied(applied, migrations, count, &done);
    db_result_free(applied);
    for (size_t i = done; i < count && writ_is_ok(result); i++)
        result = apply(db, &migrations[i]);
    return result;
}

struct writ_result migrate_run(const char *conninfo, const struct migration *migrations,
                               size_t count)
{
    const struct db_options options = {.conninfo = conninfo};
    struct db *db = NULL;
    WRIT_TRY(db_to_result(db_open(&options, &db)));
    const struct writ_result result = run_on(db, migrations, count);
    db_close(db); /* and with the session goes the lock */
    return result;
}
