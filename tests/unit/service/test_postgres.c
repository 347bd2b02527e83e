/* The rooms over libpq, on a real private cluster under /tmp: values, errors, pipelines, pool,
 * migrations. */
#include "scratch.h"
#include "suites.h"

#include "clock.h"
#include "postgres/cluster.h"
#include "postgres/db.h"
#include "postgres/migrate.h"
#include "postgres/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char directory[64];
static struct cluster *cluster;

static void start(void)
{
    snprintf(directory, sizeof directory, "/tmp/writ-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    ck_assert(writ_is_ok(start_cluster(directory, &cluster)));
}

static void stop(void)
{
    cluster = cluster_stop(cluster);
    remove_tree(directory);
}

static const struct db_statement STATEMENTS[] = {
    {"echo", "select $1::text, $2::bigint, $3::boolean, $4::uuid, $5::bytea, $6::timestamptz,"
             " $7::jsonb, $8::integer, $9::text"},
    {"unnest", "select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[],"
               " $5::boolean[], $6::timestamptz[], $7::jsonb[])"},
    {"insert", "insert into pg_temp.thing values ($1)"},
    {"sleep", "select pg_sleep($1::text::float8)"},
    {"divide", "select 1 / $1::integer"},
    {"arrays", "select array['a', null, 'c'], array[1, 2, 3], array[]::text[]"},
};
enum { ECHO, UNNEST, INSERT, SLEEP, DIVIDE, ARRAYS, COUNT };

/* "insert" needs its table before it can be prepared. */
static struct db_options options_of(size_t first, size_t count)
{
    return (struct db_options){
        .conninfo = cluster_conninfo(cluster),
        .statements = STATEMENTS + first,
        .statement_count = count,
        .statement_timeout_ms = 500,
    };
}

static struct db *open_db(void)
{
    struct db *db = NULL;
    const struct db_options options = options_of(0, 2);
    ck_assert_int_eq(db_open(&options, &db), DB_OK);
    return db;
}

#define MUST(call) ck_assert_int_eq(call, DB_OK)

START_TEST(values_come_back_as_they_went)
{
    const uint8_t id[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255};
    const uint8_t bytes[] = {0, 1, 0xff, 0};
    uint8_t back[16];
    struct db_result *result = NULL;
    struct db *db = open_db();
    const int64_t now_us = clock_unix_us();
    const struct db_param params[] = {
        db_cstr("grüß \\ ' \""),
        db_int8(INT64_MIN),
        db_bool(true),
        db_uuid(id),
        db_bytea(writ_slice_of(bytes, sizeof bytes)),
        db_time(now_us),
        db_jsonb(WRIT_SLICE_LITERAL("{\"a\":[1,null]}")),
        db_int8(-7),
        db_null(),
    };
    MUST(db_run(db, &STATEMENTS[ECHO], params, 9, &result));
    ck_assert_uint_eq(db_rows(result), 1);
    ck_assert(writ_slice_is(db_get_text(result, 0, 0), "grüß \\ ' \""));
    ck_assert(db_get_int8(result, 0, 1) == INT64_MIN);
    ck_assert(db_get_bool(result, 0, 2));
    ck_assert(db_get_uuid(result, 0, 3, back));
    ck_assert_mem_eq(back, id, 16);
    ck_assert(writ_slice_equal(db_get_bytea(result, 0, 4), writ_slice_of(bytes, sizeof bytes)));
    ck_assert_int_eq(db_get_time(result, 0, 5), now_us);
    ck_assert(writ_slice_is(db_get_jsonb(result, 0, 6), "{\"a\": [1, null]}"));
    ck_assert_int_eq(db_get_int8(result, 0, 7), -7);
    ck_assert(db_is_null(result, 0, 8));
    ck_assert_ptr_null(db_get_text(result, 0, 8).data);
    db_result_free(result);
    db_close(db);
}
END_TEST

START_TEST(arrays_come_back_with_their_nulls)
{
    const uint8_t ids[3][16] = {{1}, {2}, {3}};
    const struct writ_slice texts[3] = {WRIT_SLICE_LITERAL("a"), WRIT_SLICE_NONE,
                                        WRIT_SLICE_LITERAL("{,\"}")};
    const struct writ_slice json[3] = {WRIT_SLICE_LITERAL("1"), WRIT_SLICE_LITERAL("{}"),
                                       WRIT_SLICE_NONE};
    const int64_t numbers[3] = {1, -2, INT64_MAX};
    const bool booleans[3] = {true, false, true};
    const bool nulls[3] = {false, true, false};
    uint8_t back[16];
    struct db_result *result = NULL;
    struct db *db = open_db();
    const struct db_param params[] = {
        db_with_nulls(db_uuid_array(ids, 3), nulls),
        db_text_array(texts, 3),
        db_bytea_array(texts, 3),
        db_with_nulls(db_int8_array(numbers, 3), nulls),
        db_bool_array(booleans, 3),
        db_time_array(numbers, 3),
        db_jsonb_array(json, 3),
    };
    MUST(db_run(db, &STATEMENTS[UNNEST], params, 7, &result));
    ck_assert_uint_eq(db_rows(result), 3);
    ck_assert(db_get_uuid(result, 2, 0, back));
    ck_assert_mem_eq(back, ids[2], 16);
    ck_assert(!db_get_uuid(result, 1, 0, back));
    ck_assert(writ_slice_is(db_get_text(result, 2, 1), "{,\"}"));
    ck_assert(db_is_null(result, 1, 1));
    ck_assert(writ_slice_is(db_get_bytea(result, 0, 2), "a"));
    ck_assert(db_get_int8(result, 2, 3) == INT64_MAX);
    ck_assert(db_is_null(result, 1, 3));
    ck_assert(!db_get_bool(result, 1, 4));
    ck_assert_int_eq(db_get_time(result, 1, 5), -2);
    ck_assert(writ_slice_is(db_get_jsonb(result, 1, 6), "{}"));
    ck_assert(db_is_null(result, 2, 6));
    db_result_free(result);

    const struct db_param none[] = {
        db_uuid_array(NULL, 0),  db_text_array(NULL, 0), db_bytea_array(NULL, 0),
        db_int8_array(NULL, 0),  db_bool_array(NULL, 0), db_time_array(NULL, 0),
        db_jsonb_array(NULL, 0),
    };
    MUST(db_run(db, &STATEMENTS[UNNEST], none, 7, &result));
    ck_assert_uint_eq(db_rows(result), 0);
    db_result_free(result);

    MUST(db_query(db, STATEMENTS[ARRAYS].sql, NULL, 0, &result));
    ck_assert_uint_eq(db_array_size(result, 0, 0), 3);
    ck_assert(writ_slice_is(db_array_item(result, 0, 0, 2), "c"));
    ck_assert_ptr_null(db_array_item(result, 0, 0, 1).data);
    ck_assert_int_eq(db_array_int8(result, 0, 1, 2), 3);
    ck_assert_uint_eq(db_array_size(result, 0, 2), 0);
    db_result_free(result);
    db_close(db);
}
END_TEST

START_TEST(failures_say_what_they_are)
{
    struct db *db = open_db();
    MUST(db_script(db, "create temporary table thing"
                       " (id bigint constraint thing_key primary key check (id < 100))"));
    const struct db_param one = db_int8(1);
    const struct db_param large = db_int8(100);
    const char insert[] = "insert into thing values ($1)";
    MUST(db_query(db, insert, &one, 1, NULL));
    ck_assert_int_eq(db_query(db, insert, &one, 1, NULL), DB_CONSTRAINT);
    ck_assert_str_eq(db_sqlstate(db), "23505");
    ck_assert_str_eq(db_constraint(db), "thing_key");
    ck_assert_int_eq(db_query(db, insert, &large, 1, NULL), DB_CONSTRAINT);
    ck_assert_str_eq(db_constraint(db), "thing_id_check");
    ck_assert_int_eq(db_script(db, "select nonsense"), DB_OTHER);
    ck_assert_int_eq(db_script(db, "select pg_sleep(5)"), DB_TIMEOUT);
    MUST(db_script(db, "select 1"));

    MUST(db_begin(db));
    MUST(db_savepoint(db, "row"));
    ck_assert_int_eq(db_query(db, insert, &one, 1, NULL), DB_CONSTRAINT);
    MUST(db_savepoint_rollback(db, "row"));
    MUST(db_savepoint_release(db, "row"));
    MUST(db_commit(db));

    MUST(db_begin(db));
    ck_assert_int_eq(db_query(db, insert, &one, 1, NULL), DB_CONSTRAINT);
    ck_assert_int_eq(db_commit(db), DB_OTHER); /* COMMIT says ROLLBACK */
    MUST(db_begin(db));
    MUST(db_end_open(db));

    ck_assert_int_eq(db_script(db, "select pg_terminate_backend(pg_backend_pid())"), DB_LOST);
    ck_assert_int_eq(db_script(db, "select 1"), DB_LOST);
    ck_assert(!db_is_alive(db));
    db_close(db);
}
END_TEST

START_TEST(a_pipeline_answers_each_in_order)
{
    struct db *db = NULL;
    struct db_result *result = NULL;
    const struct db_options options = options_of(DIVIDE, 2);
    MUST(db_open(&options, &db));
    MUST(db_pipeline_begin(db));
    for (int i = 1; i <= 500; i++) {
        const struct db_param param = db_int8(i == 400 ? 0 : i);
        MUST(db_pipeline_send(db, &STATEMENTS[DIVIDE], &param, 1));
    }
    for (int i = 1; i <= 500; i++) {
        const enum db_error error = db_pipeline_next(db, &result);
        ck_assert_int_eq(error, i < 400 ? DB_OK : DB_OTHER);
        ck_assert_str_eq(db_sqlstate(db), i == 400 ? "22012" : "");
        if (error == DB_OK) {
            ck_assert_int_eq(db_get_int8(result, 0, 0), i == 1);
            db_result_free(result);
        }
    }
    ck_assert_int_eq(db_pipeline_end(db), DB_OTHER);
    /* and the session goes on; what nobody asked for is taken at the end */
    const struct db_param one = db_int8(1);
    MUST(db_pipeline_begin(db));
    MUST(db_pipeline_send(db, &STATEMENTS[DIVIDE], &one, 1));
    MUST(db_pipeline_end(db));
    MUST(db_run(db, &STATEMENTS[DIVIDE], &one, 1, NULL));
    db_close(db);
}
END_TEST

START_TEST(a_statement_that_does_not_fit_is_refused_at_the_start)
{
    struct db *db = NULL;
    const struct db_options options = options_of(INSERT, 1);
    ck_assert_int_eq(db_open(&options, &db), DB_OTHER);
    ck_assert_ptr_null(db);
}
END_TEST

START_TEST(a_server_that_is_not_there_is_lost_in_time)
{
    struct db *db = NULL;
    const int64_t started_us = clock_monotonic_us();
    struct db_options options = {.conninfo = "host=/nonexistent dbname=writ"};
    ck_assert_int_eq(db_open(&options, &db), DB_LOST);
    options.conninfo = "host=192.0.2.1 dbname=writ"; /* nobody answers there */
    ck_assert_int_eq(db_open(&options, &db), DB_LOST);
    ck_assert_int_lt(clock_monotonic_us() - started_us, 2500000);
}
END_TEST

START_TEST(a_server_that_is_stopped_is_lost_in_time)
{
    struct db_result *result = NULL;
    const struct db_param params[9] = {db_null()};
    struct db *db = open_db();
    MUST(db_query(db, "select pg_backend_pid()", NULL, 0, &result));
    const pid_t backend = (pid_t)db_get_int8(result, 0, 0);
    db_result_free(result);
    ck_assert_int_eq(kill(backend, SIGSTOP), 0);
    const int64_t started_us = clock_monotonic_us();
    ck_assert_int_eq(db_run(db, &STATEMENTS[ECHO], params, 9, NULL), DB_LOST);
    const int64_t took_us = clock_monotonic_us() - started_us;
    kill(backend, SIGCONT);
    ck_assert_int_lt(took_us, 900000); /* it may take 500 ms, and we wait 100 more */
    db_close(db);
}
END_TEST

/* --- the pool --------------------------------------------------------------------------------- */

static atomic_uint jobs_good;
static atomic_uint jobs_away;

static void count_job(struct db *db, void *argument)
{
    (void)argument;
    const struct db_param params[9] = {db_null()};
    if (db && db_run(db, &STATEMENTS[ECHO], params, 9, NULL) == DB_OK)
        atomic_fetch_add(&jobs_good, 1);
    else
        atomic_fetch_add(&jobs_away, 1);
}

static void run_jobs(struct pool *pool, unsigned count)
{
    atomic_store(&jobs_good, 0);
    atomic_store(&jobs_away, 0);
    for (unsigned i = 0; i < count; i++)
        ck_assert(writ_is_ok(pool_submit(pool, count_job, NULL)));
    for (int i = 0; i < 400 && atomic_load(&jobs_good) + atomic_load(&jobs_away) < count; i++)
        sleep_ms(10);
    ck_assert_uint_eq(atomic_load(&jobs_good) + atomic_load(&jobs_away), count);
}

static struct pool *start_pool(const char *conninfo)
{
    struct pool *pool = NULL;
    struct pool_options options = {.db = options_of(0, 2), .threads = 4};
    options.db.conninfo = conninfo;
    ck_assert(writ_is_ok(pool_start(&options, &pool)));
    return pool;
}

START_TEST(a_pool_runs_jobs_and_ends)
{
    struct pool *pool = start_pool(cluster_conninfo(cluster));
    ck_assert(pool_wait_ready(pool, 5000));
    run_jobs(pool, 1000);
    ck_assert_uint_eq(atomic_load(&jobs_good), 1000);
    pool_free(pool);
}
END_TEST

START_TEST(a_pool_without_a_database_fails_at_once)
{
    struct pool *pool = start_pool("host=/nonexistent dbname=writ");
    ck_assert(!pool_wait_ready(pool, 100));
    const int64_t started_us = clock_monotonic_us();
    run_jobs(pool, 100);
    ck_assert_uint_eq(atomic_load(&jobs_away), 100);
    ck_assert_int_lt(clock_monotonic_us() - started_us, 500000);
    pool_free(pool);
}
END_TEST

START_TEST(a_pool_opens_again_what_was_closed)
{
    struct db *db = open_db();
    struct pool *pool = start_pool(cluster_conninfo(cluster));
    ck_assert(pool_wait_ready(pool, 5000));
    MUST(db_script(db, "select pg_terminate_backend(pid) from pg_stat_activity"
                       " where datname = 'writ' and pid <> pg_backend_pid()"));
    sleep_ms(100);
    run_jobs(pool, 8); /* closed sessions are found before they are given to a job */
    ck_assert(pool_wait_ready(pool, 3000));
    run_jobs(pool, 100);
    ck_assert_uint_eq(atomic_load(&jobs_good), 100);
    pool_free(pool);
    db_close(db);
}
END_TEST

/* --- migrations ------------------------------------------------------------------------------- */

#define FIRST                                                                                      \
    "create schema writ; create table writ.migration (version integer primary key,"                \
    " name text not null, sha256 bytea not null, applied_at timestamptz default now())"

static const struct migration GOOD[] = {
    {1, "001_first", FIRST},
    {2, "002_second", "create table writ.a (b text); insert into writ.a values ('x')"},
    {3, "003_broken", "create table writ.c (d text); select nonsense"},
};

START_TEST(migrations_are_applied_once_and_checked)
{
    struct migration changed[2] = {GOOD[0], GOOD[1]};
    char conninfo[512];
    struct db *db = NULL;
    const struct db_options patient = {.conninfo = cluster_conninfo(cluster)};
    MUST(db_open(&patient, &db));
    MUST(db_script(db, "drop database if exists migrated"));
    MUST(db_script(db, "create database migrated"));
    db_close(db);
    snprintf(conninfo, sizeof conninfo, "host='%s' port=5432 user=postgres dbname=migrated",
             cluster_socket(cluster));
    ck_assert(writ_is_ok(migrate_run(conninfo, GOOD, 1)));
    ck_assert(writ_is_ok(migrate_run(conninfo, GOOD, 2)));
    ck_assert(writ_is_ok(migrate_run(conninfo, GOOD, 2)));
    ck_assert(!writ_is_ok(migrate_run(conninfo, GOOD, 3)));
    ck_assert(!writ_is_ok(migrate_run(conninfo, GOOD, 1))); /* the database is newer */
    changed[1].sql = "select 1";
    ck_assert(!writ_is_ok(migrate_run(conninfo, changed, 2)));
    ck_assert(writ_is_ok(migrate_run(conninfo, GOOD, 2))); /* the broken one left nothing */
    ck_assert_int_eq(migrate_run("host=/nonexistent", GOOD, 1).status, WRIT_STATUS_UNKNOWN);
}
END_TEST

Suite *suite_postgres(void)
{
    TCase *tests = tcase_create("postgres");
    /* unchecked: one cluster for all, owned by the runner */
    tcase_add_unchecked_fixture(tests, start, stop);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, values_come_back_as_they_went);
    tcase_add_test(tests, arrays_come_back_with_their_nulls);
    tcase_add_test(tests, failures_say_what_they_are);
    tcase_add_test(tests, a_pipeline_answers_each_in_order);
    tcase_add_test(tests, a_statement_that_does_not_fit_is_refused_at_the_start);
    tcase_add_test(tests, a_server_that_is_not_there_is_lost_in_time);
    tcase_add_test(tests, a_server_that_is_stopped_is_lost_in_time);
    tcase_add_test(tests, a_pool_runs_jobs_and_ends);
    tcase_add_test(tests, a_pool_without_a_database_fails_at_once);
    tcase_add_test(tests, a_pool_opens_again_what_was_closed);
    tcase_add_test(tests, migrations_are_applied_once_and_checked);
    return suite_of("postgres", tests);
}
