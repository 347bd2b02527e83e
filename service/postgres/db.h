/*
 * The one door to libpq (rule of one): one session, used by one thread at a time.
 *
 * Statements come from the caller's static table and are prepared when the session opens, all in
 * one round trip: a schema that does not fit shows at start, not at the first use. No call blocks
 * for ever, not even on a server that is stopped but keeps its socket: each has a patience, and a
 * session that exceeds it is lost. Everything that fails says what kind it is (enum db_error);
 * the details stay with the session until the next call.
 */
#ifndef WRIT_POSTGRES_DB_H
#define WRIT_POSTGRES_DB_H

#include "base/slice.h"
#include "base/status.h"

struct db;
struct db_result;

struct db_statement {
    const char *name;
    const char *sql;
};

struct db_options {
    const char *conninfo; /* URL or keywords; several hosts are asked in their order */
    const char *role;     /* SET ROLE; NULL stays who logged in */
    const struct db_statement *statements;
    size_t statement_count;
    unsigned connect_timeout_ms;   /* 0: 2,000 */
    unsigned statement_timeout_ms; /* 0: none (migrations); the server's, per statement */
    /* The last step of db_open: whether this database may be used at all. NULL: it may. */
    bool (*accept)(struct db *db, void *context);
    void *context;
};

enum db_error {
    DB_OK = 0,
    DB_CONSTRAINT, /* class 23, and errors a check function raises with it: see db_constraint */
    DB_RETRY,      /* serialization failure, deadlock, lock not available */
    DB_TIMEOUT,    /* the server gave the statement up: too slow, no room; the session is good */
    DB_LOST,       /* the session is gone; a commit under way may have happened or not */
    DB_OTHER,
};
#define DB_MUST_CHECK __attribute__((warn_unused_result))

/* --- sessions --- */

/* DB_LOST: not reachable, refused, or too slow. DB_OTHER: reached, but role or statements do not
 * fit, logged with the statement's name; or not accepted. ret_db is untouched on failure. */
enum db_error db_open(const struct db_options *options, struct db **ret_db) DB_MUST_CHECK;
struct db *db_close(struct db *db); /* takes NULL, returns NULL */
/* Asks the socket, not the server: false when the server closed the session meanwhile. */
bool db_is_alive(struct db *db);
/* Details of the last failure; "" where there are none. */
const char *db_sqlstate(const struct db *db);
const char *db_constraint(const struct db *db); /* name of the constraint */
const char *db_message(const struct db *db);    /* for the log: may quote values */
/* Which of the hosts it is with: a name, an address or the directory of a socket. */
const char *db_host(const struct db *db);
const char *db_error_text(enum db_error error);
/* STATUS_UNKNOWN for DB_LOST, DB_TIMEOUT and DB_RETRY; else INTERNAL. Callers map DB_CONSTRAINT. */
struct writ_result db_to_result(enum db_error error);

/* --- parameters --- */

/* Borrow what they are given. Types are those of the statement; db_int8 fits any integer type. */
enum db_type { DB_NULL, DB_TEXT, DB_INT8, DB_BOOL, DB_UUID, DB_BYTEA, DB_TIME, DB_JSONB };
struct db_param {
    enum db_type type;
    bool is_array;
    size_t count; /* of the array, or bytes of a single one */
    const void *data;
    const bool *nulls; /* of the array: NULL, or true where the element is NULL */
    int64_t integer;
};

struct db_param db_null(void);
struct db_param db_text(struct writ_slice text); /* no data: NULL */
struct db_param db_cstr(const char *text);       /* NULL: NULL */
struct db_param db_int8(int64_t integer);
struct db_param db_bool(bool boolean);
struct db_param db_uuid(const uint8_t *id); /* 16 bytes; NULL: NULL */
struct db_param db_bytea(struct writ_slice bytes);
struct db_param db_time(int64_t unix_us);
struct db_param db_jsonb(struct writ_slice text);
struct db_param db_text_array(const struct writ_slice *items, size_t count);
struct db_param db_bytea_array(const struct writ_slice *items, size_t count);
struct db_param db_jsonb_array(const struct writ_slice *items, size_t count);
struct db_param db_uuid_array(const uint8_t (*items)[16], size_t count);
struct db_param db_int8_array(const int64_t *items, size_t count); /* bigint[] */
struct db_param db_bool_array(const bool *items, size_t count);
struct db_param db_time_array(const int64_t *items, size_t count); /* timestamptz[] */
/* The array with some elements NULL. In arrays of slices, no data is NULL as well. */
struct db_param db_with_nulls(struct db_param array, const bool *nulls);

/* --- statements --- */

/* `statement` is an element of the session's table. ret_result may be NULL where no rows matter;
 * it is set only on DB_OK, and freed by the caller. */
enum db_error db_run(struct db *db, const struct db_statement *statement,
                     const struct db_param *params, size_t count,
                     struct db_result **ret_result) DB_MUST_CHECK;
/* SQL text of ours without parameters, several statements too. Migrations and set-up only. */
enum db_error db_script(struct db *db, const char *sql) DB_MUST_CHECK;
/* One statement of ours that is not prepared. */
enum db_error db_query(struct db *db, const char *sql, const struct db_param *params, size_t count,
                       struct db_result **ret_result) DB_MUST_CHECK;

enum db_error db_begin(struct db *db) DB_MUST_CHECK;
/* DB_OTHER where the server rolled back because a statement had failed before. */
enum db_error db_commit(struct db *db) DB_MUST_CHECK;
enum db_error db_rollback(struct db *db) DB_MUST_CHECK;
/* Rolls back a transaction or pipeline that was left open; does nothing where there is none. */
enum db_error db_end_open(struct db *db) DB_MUST_CHECK;
/* `name` is a literal of ours: a plain word. */
enum db_error db_savepoint(struct db *db, const char *name) DB_MUST_CHECK;
enum db_error db_savepoint_rollback(struct db *db, const char *name) DB_MUST_CHECK;
enum db_error db_savepoint_release(struct db *db, const char *name) DB_MUST_CHECK;

/* --- pipelines: N executions in one round trip --- */

/* begin, send N times, then N times next, then end. Outside of db_begin the whole pipeline is one
 * transaction; the first failure makes all later ones DB_OTHER with sqlstate "" (not executed).
 * end also takes what was not asked for, and gives the first error of all. */
enum db_error db_pipeline_begin(struct db *db) DB_MUST_CHECK;
enum db_error db_pipeline_send(struct db *db, const struct db_statement *statement,
                               const struct db_param *params, size_t count) DB_MUST_CHECK;
enum db_error db_pipeline_next(struct db *db, struct db_result **ret_result) DB_MUST_CHECK;
enum db_error db_pipeline_end(struct db *db) DB_MUST_CHECK;

/* --- results --- */

void db_result_free(struct db_result *result); /* takes NULL */
size_t db_rows(const struct db_result *result);
/* Rows that an insert, update or delete touched. */
size_t db_affected(const struct db_result *result);
bool db_is_null(const struct db_result *result, size_t row, int column);
/* NULL reads as none, 0, false or zeroes. A column of another type, or none there, is a mistake in
 * our SQL that no input can cause: logged, and the process ends rather than judge by a wrong value.
 * Slices borrow from the result. */
struct writ_slice db_get_text(const struct db_result *result, size_t row, int column);
struct writ_slice db_get_bytea(const struct db_result *result, size_t row, int column);
struct writ_slice db_get_jsonb(const struct db_result *result, size_t row, int column);
int64_t db_get_int8(const struct db_result *result, size_t row, int column); /* any integer type */
bool db_get_bool(const struct db_result *result, size_t row, int column);
int64_t db_get_time(const struct db_result *result, size_t row, int column); /* unix µs */
/* Copies 16 bytes; false for NULL. */
bool db_get_uuid(const struct db_result *result, size_t row, int column, uint8_t ret_id[static 16]);
/* One-dimensional arrays of text, bytea or uuid; no data for a NULL element. */
size_t db_array_size(const struct db_result *result, size_t row, int column);
struct writ_slice db_array_item(const struct db_result *result, size_t row, int column,
                                size_t index);
/* Of an array of integers. */
int64_t db_array_int8(const struct db_result *result, size_t row, int column, size_t index);

#endif
