#include "postgres/db.h"

#include "clock.h"
#include "log.h"
#include "postgres/cell.h"
#include "postgres/connect.h"
#include "postgres/failure.h"
#include "postgres/param.h"
#include "postgres/session.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_TIMEOUT_MS = 2000,
    GRACE_MS = 100, /* the server gives a statement up first; we give the server up after this */
    BINARY = 1,
};

struct db {
    PGconn *connection;
    const char *conninfo; /* while it opens */
    const struct db_statement *statements;
    size_t statement_count;
    int64_t patience_us; /* 0: for ever */
    int64_t deadline_us;
    bool is_lost;
    bool pipeline_is_synced;
    size_t pipeline_sent;
    size_t pipeline_taken;
    enum db_error pipeline_error;
    struct param_buffer params;
    char sqlstate[6];
    char constraint[64];
    char message[256];
};

const char *db_sqlstate(const struct db *db)
{
    return db->sqlstate;
}

const char *db_constraint(const struct db *db)
{
    return db->constraint;
}

const char *db_message(const struct db *db)
{
    return db->message;
}

const char *db_host(const struct db *db)
{
    const char *host = PQhost(db->connection);
    return host ? host : "";
}

static void forget_error(struct db *db)
{
    db->sqlstate[0] = db->constraint[0] = db->message[0] = 0;
}

static enum db_error lose(struct db *db, const char *why)
{
    if (!db->is_lost && why != db->message)
        failure_line(db->message, sizeof db->message, why);
    db->is_lost = true;
    return DB_LOST;
}

static enum db_error other(struct db *db, const char *why)
{
    failure_line(db->message, sizeof db->message, why);
    return DB_OTHER;
}

static enum db_error judge(struct db *db, const PGresult *result)
{
    const ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC ||
        status == PGRES_EMPTY_QUERY)
        return DB_OK;
    if (status == PGRES_PIPELINE_ABORTED)
        return other(db, "not executed: an earlier statement failed");
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    failure_line(db->sqlstate, sizeof db->sqlstate, state);
    failure_line(db->constraint, sizeof db->constraint,
                 PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
    failure_line(db->message, sizeof db->message,
                 PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    if (PQstatus(db->connection) == CONNECTION_BAD || !state)
        return lose(db, PQerrorMessage(db->connection));
    const enum db_error error = failure_classify(state);
    return error == DB_LOST ? lose(db, NULL) : error;
}

static void start_patience(struct db *db)
{
    db->deadline_us = db->patience_us == 0 ? 0 : clock_monotonic_us() + db->patience_us;
}

/* The events that are ready; 0 when the patience is over. */
static short wait_for(const struct db *db, short events)
{
    return connect_wait(PQsocket(db->connection), events, db->deadline_us);
}

static enum db_error flush(struct db *db)
{
    int left = 0;
    while ((left = PQflush(db->connection)) == 1) {
        const short ready = wait_for(db, POLLIN | POLLOUT);
        if (ready == 0)
            return lose(db, "the server took no data in time");
        if ((ready & POLLIN) != 0 && !PQconsumeInput(db->connection))
            return lose(db, PQerrorMessage(db->connection));
    }
    return left == 0 ? DB_OK : lose(db, PQerrorMessage(db->connection));
}

/* The next result of libpq, NULL at the end of a command. */
static enum db_error next_result(struct db *db, PGresult **ret_result)
{
    while (PQisBusy(db->connection)) {
        if (wait_for(db, POLLIN) == 0)
            return lose(db, "the server did not answer in time");
        if (!PQconsumeInput(db->connection))
            return lose(db, PQerrorMessage(db->connection));
    }
    *ret_result = PQgetResult(db->connection);
    return DB_OK;
}

/* All results of one command: the last good one, or the first failure. */
static enum db_error finish(struct db *db, PGresult **ret_result)
{
    PGresult *last = NULL;
    enum db_error error = flush(db);
    while (error != DB_LOST) {
        PGresult *result = NULL;
        const enum db_error waited = next_result(db, &result);
        if (waited != DB_OK || !result) {
            error = waited != DB_OK ? waited : error;
            break;
        }
        const enum db_error judged = error == DB_OK ? judge(db, result) : error;
        error = judged;
        PQclear(last);
        last = result;
    }
    if (error != DB_OK || !ret_result) {
        PQclear(last);
        return error;
    }
    *ret_result = last;
    return DB_OK;
}

static enum db_error begin_call(struct db *db)
{
    if (db->is_lost)
        return DB_LOST;
    forget_error(db);
    start_patience(db);
    return DB_OK;
}

static enum db_error finish_sent(struct db *db, bool was_sent, struct db_result **ret_result)
{
    PGresult *result = NULL;
    if (!was_sent)
        return lose(db, PQerrorMessage(db->connection));
    const enum db_error error = finish(db, ret_result ? &result : NULL);
    if (error == DB_OK && ret_result)
        *ret_result = (struct db_result *)result;
    return error;
}

static void on_notice(void *context, const char *text)
{
    (void)context;
    log_debug("database_notice", LOG_TEXT("text", text));
}

static bool try_place(void *context, const struct connect_place *place, int64_t deadline_us)
{
    struct db *db = context;
    const char *names[CONNECT_SETTINGS_MAX];
    const char *values[CONNECT_SETTINGS_MAX];
    PQfinish(db->connection);
    connect_settings(db->conninfo, place, names, values);
    db->connection = PQconnectStartParams(names, values, 1);
    db->deadline_us = deadline_us;
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (PQstatus(db->connection) != CONNECTION_BAD && state != PGRES_POLLING_OK &&
           state != PGRES_POLLING_FAILED) {
        if (wait_for(db, state == PGRES_POLLING_READING ? POLLIN : POLLOUT) == 0) {
            failure_add_line(db->message, sizeof db->message, "no connection in time");
            return false;
        }
        state = PQconnectPoll(db->connection);
    }
    if (PQstatus(db->connection) == CONNECTION_OK && PQsetnonblocking(db->connection, 1) == 0)
        return true;
    failure_add_line(db->message, sizeof db->message, PQerrorMessage(db->connection));
    return false;
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val ? options->val : "";
    return "";
}

static enum db_error connect_to(struct db *db, const char *conninfo, int64_t deadline_us)
{
    db->conninfo = conninfo;
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    const struct connect_lists lists = {
        .host = value_of(options, "host"),
        .hostaddr = value_of(options, "hostaddr"),
        .port = value_of(options, "port"),
        .attributes = value_of(options, "target_session_attrs"),
    };
    const bool is_open = connect_any(&lists, deadline_us, try_place, db);
    PQconninfoFree(options);
    if (!is_open)
        return lose(db, db->message);
    forget_error(db);
    PQsetNoticeProcessor(db->connection, on_notice, NULL);
    return DB_OK;
}

static enum db_error prepare_all(struct db *db)
{
    if (db->statement_count == 0)
        return DB_OK;
    start_patience(db);
    if (PQenterPipelineMode(db->connection) != 1)
        return lose(db, "no pipeline mode");
    for (size_t i = 0; i < db->statement_count; i++) {
        const struct db_statement *statement = &db->statements[i];
        if (PQsendPrepare(db->connection, statement->name, statement->sql, 0, NULL) != 1)
            return lose(db, PQerrorMessage(db->connection));
        db->pipeline_sent++;
    }
    for (size_t i = 0; i < db->statement_count; i++) {
        struct db_result *result = NULL;
        const enum db_error error = db_pipeline_next(db, &result);
        db_result_free(result);
        if (error == DB_OK)
            continue;
        log_error("statement_refused", LOG_TEXT("statement", db->statements[i].name),
                  LOG_TEXT("sqlstate", db->sqlstate), LOG_TEXT("error", db->message));
        return error;
    }
    return db_pipeline_end(db);
}

enum db_error db_open(const struct db_options *options, struct db **ret_db)
{
    const unsigned connect_ms = options->connect_timeout_ms ? options->connect_timeout_ms
                                                            : CONNECT_TIMEOUT_MS;
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        return DB_LOST;
    db->statements = options->statements;
    db->statement_count = options->statement_count;
    enum db_error error = connect_to(db, options->conninfo,
                                     clock_monotonic_us() + (int64_t)connect_ms * 1000);
    /* preparing a hundred statements may take longer than one of them may run */
    db->patience_us = options->statement_timeout_ms ? (int64_t)connect_ms * 1000 : 0;
    if (error == DB_OK)
        error = session_set_up(db, options);
    if (error == DB_OK)
        error = prepare_all(db);
    if (error == DB_OK && options->accept && !options->accept(db, options->context))
        error = other(db, "this database is not accepted");
    if (error != DB_OK) {
        log_warn("database_not_opened", LOG_TEXT("kind", db_error_text(error)),
                 LOG_TEXT("sqlstate", db->sqlstate), LOG_TEXT("error", db->message));
        db_close(db);
        return error;
    }
    if (options->statement_timeout_ms)
        db->patience_us = ((int64_t)options->statement_timeout_ms + GRACE_MS) * 1000;
    *ret_db = db;
    return DB_OK;
}

struct db *db_close(struct db *db)
{
    if (!db)
        return NULL;
    PQfinish(db->connection);
    param_done(&db->params);
    free(db);
    return NULL;
}

bool db_is_alive(struct db *db)
{
    struct pollfd wanted = {.fd = PQsocket(db->connection), .events = POLLIN};
    /* An idle session hears nothing but a notice that does no harm, or a last word and its end. */
    while (!db->is_lost && poll(&wanted, 1, 0) > 0)
        if (!PQconsumeInput(db->connection))
            lose(db, PQerrorMessage(db->connection));
    if (PQstatus(db->connection) == CONNECTION_BAD)
        lose(db, "the session is closed");
    return !db->is_lost;
}

static bool is_ours(const struct db *db, const struct db_statement *statement)
{
    return statement >= db->statements && statement < db->statements + db->statement_count;
}

enum db_error db_run(struct db *db, const struct db_statement *statement,
                     const struct db_param *params, size_t count, struct db_result **ret_result)
{
    const enum db_error begun = begin_call(db);
    if (begun != DB_OK)
        return begun;
    if (!is_ours(db, statement))
        return other(db, "the statement is not of this session's table");
    if (!param_encode(&db->params, params, count))
        return other(db, "the parameters can not be encoded");
    const bool sent = PQsendQueryPrepared(db->connection, statement->name, (int)count,
                                          db->params.values, db->params.lengths, db->params.formats,
                                          BINARY) == 1;
    return finish_sent(db, sent, ret_result);
}

enum db_error db_query(struct db *db, const char *sql, const struct db_param *params, size_t count,
                       struct db_result **ret_result)
{
    const enum db_error begun = begin_call(db);
    if (begun != DB_OK)
        return begun;
    if (!param_encode(&db->params, params, count))
        return other(db, "the parameters can not be encoded");
    const bool sent = PQsendQueryParams(db->connection, sql, (int)count, NULL, db->params.values,
                                        db->params.lengths, db->params.formats, BINARY) == 1;
    return finish_sent(db, sent, ret_result);
}

enum db_error db_script(struct db *db, const char *sql)
{
    const enum db_error begun = begin_call(db);
    if (begun != DB_OK)
        return begun;
    return finish_sent(db, PQsendQuery(db->connection, sql) == 1, NULL);
}

enum db_error db_commit(struct db *db)
{
    struct db_result *result = NULL;
    const enum db_error error = db_query(db, "commit", NULL, 0, &result);
    if (error != DB_OK)
        return error;
    /* COMMIT of a failed transaction succeeds, and says ROLLBACK. */
    const bool committed = strcmp(PQcmdStatus((PGresult *)result), "COMMIT") == 0;
    db_result_free(result);
    return committed ? DB_OK : other(db, "rolled back: a statement had failed");
}

enum db_error db_end_open(struct db *db)
{
    if (db->is_lost)
        return DB_LOST;
    if (PQpipelineStatus(db->connection) != PQ_PIPELINE_OFF && db_pipeline_end(db) == DB_LOST)
        return DB_LOST;
    return PQtransactionStatus(db->connection) == PQTRANS_IDLE ? DB_OK : db_rollback(db);
}

enum db_error db_pipeline_begin(struct db *db)
{
    const enum db_error begun = begin_call(db);
    if (begun != DB_OK)
        return begun;
    return PQenterPipelineMode(db->connection) == 1 ? DB_OK : other(db, "no pipeline mode here");
}

enum db_error db_pipeline_send(struct db *db, const struct db_statement *statement,
                               const struct db_param *params, size_t count)
{
    if (db->is_lost)
        return DB_LOST;
    if (!is_ours(db, statement) || !param_encode(&db->params, params, count))
        return other(db, "the statement or its parameters can not be sent");
    if (PQsendQueryPrepared(db->connection, statement->name, (int)count, db->params.values,
                            db->params.lengths, db->params.formats, BINARY) != 1)
        return lose(db, PQerrorMessage(db->connection));
    db->pipeline_sent++;
    return DB_OK;
}

static enum db_error sync_pipeline(struct db *db)
{
    if (db->pipeline_is_synced)
        return DB_OK;
    if (PQpipelineSync(db->connection) != 1)
        return lose(db, PQerrorMessage(db->connection));
    db->pipeline_is_synced = true;
    return flush(db);
}

enum db_error db_pipeline_next(struct db *db, struct db_result **ret_result)
{
    if (db->is_lost)
        return DB_LOST;
    forget_error(db);
    start_patience(db);
    if (db->pipeline_taken == db->pipeline_sent)
        return other(db, "nothing more was sent");
    enum db_error error = sync_pipeline(db);
    PGresult *result = NULL;
    if (error == DB_OK)
        error = next_result(db, &result);
    if (error != DB_OK)
        return error;
    db->pipeline_taken++;
    error = judge(db, result);
    if (error != DB_OK && db->pipeline_error == DB_OK)
        db->pipeline_error = error;
    PGresult *end = NULL;
    const enum db_error ended = error == DB_LOST ? DB_LOST : next_result(db, &end);
    PQclear(end); /* always NULL: each command ends with one */
    if (ended != DB_OK)
        error = ended;
    if (error != DB_OK || !ret_result)
        PQclear(result);
    else
        *ret_result = (struct db_result *)result;
    return error;
}

enum db_error db_pipeline_end(struct db *db)
{
    while (!db->is_lost && db->pipeline_taken < db->pipeline_sent)
        if (db_pipeline_next(db, NULL) == DB_LOST)
            break;
    start_patience(db);
    enum db_error error = db->is_lost ? DB_LOST : sync_pipeline(db);
    PGresult *synced = NULL;
    if (error == DB_OK)
        error = next_result(db, &synced);
    /* A commit that fails is told here, and leaves a pipeline that we do not go on with. */
    if (error == DB_OK && judge(db, synced) != DB_OK)
        error = lose(db, NULL);
    PQclear(synced);
    if (error == DB_OK && PQexitPipelineMode(db->connection) != 1)
        error = lose(db, PQerrorMessage(db->connection));
    if (error == DB_OK)
        error = db->pipeline_error;
    db->pipeline_sent = db->pipeline_taken = 0;
    db->pipeline_is_synced = false;
    db->pipeline_error = DB_OK;
    return error;
}

void db_result_free(struct db_result *result)
{
    PQclear((PGresult *)result);
}

size_t db_rows(const struct db_result *result)
{
    return (size_t)PQntuples((const PGresult *)result);
}

size_t db_affected(const struct db_result *result)
{
    PGresult *held = NULL;
    memcpy(&held, &result, sizeof held); /* libpq's prototype lacks const */
    return (size_t)strtoull(PQcmdTuples(held), NULL, 10);
}

struct cell db_cell(const struct db_result *result, size_t row, int column)
{
    const PGresult *held = (const PGresult *)result;
    if (column < 0 || column >= PQnfields(held) || row >= db_rows(result))
        return (struct cell){.is_null = true};
    const int at = (int)row;
    struct cell cell = {.is_null = PQgetisnull(held, at, column) != 0,
                        .oid = PQftype(held, column)};
    if (!cell.is_null)
        cell.bytes = writ_slice_of(PQgetvalue(held, at, column),
                                   (size_t)PQgetlength(held, at, column));
    return cell;
}
