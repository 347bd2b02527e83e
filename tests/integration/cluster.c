/* The PostgreSQL of a run, and its standbys: tests/postgres does the work. */
#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void postgres_do(const struct postgres *postgres, const char *verb, char *ret_output,
                        size_t size)
{
    const bool starts = strcmp(verb, "start") == 0;
    const char *const arguments[] = {TESTS_DIR "/postgres", verb, postgres->dir,
                                     /* Commit times order what two processes did. */
                                     starts ? "track_commit_timestamp=on" : NULL, NULL};
    const int status = run_program(ret_output, size, arguments);
    must(status == 0, "tests/postgres %s: %s", verb, ret_output);
}

/* Of a verb that answers nothing. */
static void postgres_tell(const struct postgres *postgres, const char *verb)
{
    char output[1024];
    postgres_do(postgres, verb, output, sizeof output);
}

void postgres_start_in(struct postgres *postgres, const char *dir)
{
    snprintf(postgres->dir, sizeof postgres->dir, "%s", dir);
    postgres_do(postgres, "start", postgres->url, sizeof postgres->url);
}

void postgres_start(struct postgres *postgres, const char *name)
{
    char dir[PATH_CAP];
    run_directory(name, dir);
    postgres_start_in(postgres, dir);
}

void postgres_restart(struct postgres *postgres)
{
    postgres_do(postgres, "start", postgres->url, sizeof postgres->url);
}

void postgres_stop(struct postgres *postgres)
{
    postgres_tell(postgres, "stop");
}

void postgres_kill(struct postgres *postgres)
{
    postgres_tell(postgres, "kill");
}

void postgres_start_standby(struct postgres *standby, const char *name,
                            const struct postgres *primary)
{
    run_directory(name, standby->dir);
    const char *const arguments[] = {TESTS_DIR "/postgres", "copy", standby->dir, primary->dir,
                                     NULL};
    must(run_program(NULL, 0, arguments) == 0, "no standby of %s", primary->dir);
    postgres_restart(standby);
}

void postgres_be_synchronous(const struct postgres *primary)
{
    postgres_ask(primary, NULL, "alter system set synchronous_standby_names = '*'", NULL);
    postgres_ask(primary, NULL, "select pg_reload_conf()", NULL);
    while (postgres_count(primary, "select count(*) from pg_stat_replication where "
                                   "sync_state = 'sync'") == 0)
        sleep_s(0.02);
}

void postgres_promote(const struct postgres *standby)
{
    postgres_ask(standby, NULL, "select pg_promote()", NULL);
}

/* The directory of a socket is a host, in a URL with its slashes escaped. */
static void append_host(char url[static URL_CAP], const char *dir)
{
    for (const char *c = dir; *c; c++) {
        const size_t used = strlen(url);
        snprintf(url + used, URL_CAP - used, "%s%.*s", *c == '/' ? "%2F" : "", *c != '/', c);
    }
}

struct postgres postgres_either(const struct postgres *a, const struct postgres *b)
{
    static const char QUERY[] = "/postgres?target_session_attrs=read-write";
    struct postgres either = {.url = "postgresql://writ_admin@"};
    append_host(either.url, a->dir);
    append_host(either.url, ",");
    append_host(either.url, b->dir);
    const size_t used = strlen(either.url);
    must(used + sizeof QUERY <= URL_CAP, "%s: too long", either.url);
    memcpy(either.url + used, QUERY, sizeof QUERY);
    return either;
}

void postgres_freeze(struct postgres *postgres)
{
    postgres_tell(postgres, "freeze");
}

void postgres_thaw(struct postgres *postgres)
{
    postgres_tell(postgres, "thaw");
}

const char *postgres_ask(const struct postgres *postgres, const char *role, const char *sql,
                         bool *ret_failed)
{
    static _Thread_local char output[4096];
    char set_role[80] = "select";
    if (role)
        snprintf(set_role, sizeof set_role, "set role %s", role);
    const char *const arguments[] = {"psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", set_role,
                                     "-c",   sql,     "-d", postgres->url,     NULL};
    const int status = run_program(output, sizeof output, arguments);
    if (ret_failed)
        *ret_failed = status != 0;
    else
        must(status == 0, "psql: %s: %s", sql, output);
    /* `select` alone prints one empty line. */
    return output[0] == '\n' ? output + 1 : output;
}

long postgres_count(const struct postgres *postgres, const char *sql)
{
    return strtol(postgres_ask(postgres, NULL, sql, NULL), NULL, 10);
}

long postgres_count_await(const struct postgres *postgres, const char *sql, long wanted,
                          double timeout_s)
{
    const double end = seconds_now() + timeout_s;
    long count = postgres_count(postgres, sql);
    while (count < wanted && seconds_now() < end) {
        sleep_s(0.05);
        count = postgres_count(postgres, sql);
    }
    return count;
}

void postgres_set_lease(const struct postgres *postgres, const char *delegation, int seconds)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "update writ.lease set expires_at = now() + interval '%d s', line_until = null "
             "where delegation_id = '%s'",
             seconds, delegation);
    postgres_ask(postgres, NULL, sql, NULL);
}
