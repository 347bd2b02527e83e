#include "postgres/cluster.h"

#include "clock.h"
#include "log.h"
#include "postgres/binaries.h"
#include "postgres/db.h"
#include "postgres/place.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    READY_MS = 180000, /* recovery after a crash may read much log */
    FAST_STOP_MS = 30000,
    HARD_STOP_MS = 5000,
    POLL_MS = 20,
    SUPERVISE_MS = 100,
    FIRST_TRIES = 3, /* the memory of a killed cluster may be in use a moment longer */
    LONGEST_PAUSE_MS = 5000,
    SPARE_SESSIONS = 32,
};

struct cluster {
    struct place place;
    unsigned sessions;
    char binaries[PATH_MAX];
    char conninfo[PATH_MAX + 128];
    char login_conninfo[PATH_MAX + 128];

    pthread_t supervisor;
    bool has_supervisor;
    atomic_bool is_stopping;
    atomic_int state; /* enum cluster_state */
};

enum cluster_state { CLUSTER_STARTING, CLUSTER_READY, CLUSTER_FAILED };

static void sleep_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&pause, NULL);
}

/* --- first start ------------------------------------------------------------------------------ */

static struct writ_result fail(const struct cluster *cluster, const char *step)
{
    log_error("cluster_failed", LOG_TEXT("step", step), LOG_TEXT("see", cluster->place.log));
    return WRIT_FAILURE(INTERNAL);
}

/* Made beside and renamed: an interrupted start leaves nothing that looks like a cluster. */
static struct writ_result create_data(struct cluster *cluster)
{
    struct place *place = &cluster->place;
    char initdb[PATH_MAX + 16];
    char rm[] = "/bin/rm";
    char recursive[] = "-rf";
    char end[] = "--";
    char flag_data[] = "-D", flag_user[] = "--username=postgres", flag_trust[] = "--auth=trust";
    char flag_encoding[] = "--encoding=UTF8", flag_locale[] = "--locale=C";
    char flag_checksums[] = "--data-checksums";
    snprintf(initdb, sizeof initdb, "%s/initdb", cluster->binaries);
    char *const clear[] = {rm, recursive, end, place->fresh, NULL};
    char *const create[] = {initdb,        flag_data,   place->fresh,   flag_user, flag_trust,
                            flag_encoding, flag_locale, flag_checksums, NULL};
    log_info("cluster_create", LOG_TEXT("path", place->data));
    if (!process_run(&place->user, clear, place->log))
        return fail(cluster, "clear");
    if (!process_run(&place->user, create, place->log))
        return fail(cluster, "initdb");
    if (rename(place->fresh, place->data) != 0)
        return fail(cluster, "rename");
    const int base = open(place->base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (base >= 0) {
        fsync(base);
        close(base);
    }
    return WRIT_SUCCESS;
}

/* --- what an earlier writd left --------------------------------------------------------------- */

/* postmaster.pid: process id, data directory, start, port, socket directory, address, memory,
 * state. True with the id, and whether it says "ready". */
static bool read_pid_file(const struct cluster *cluster, pid_t *ret_id, bool *ret_is_ready)
{
    char path[PATH_MAX + 32];
    char text[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/postmaster.pid", cluster->place.data);
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    if (size <= 0)
        return false;
    text[size] = 0;
    *ret_id = (pid_t)strtol(text, NULL, 10);
    *ret_is_ready = strstr(text, "\nready") != NULL;
    return true;
}

static bool wait_until_empty(const struct cluster *cluster, long timeout_ms)
{
    for (long waited_ms = 0; process_find_in(cluster->place.data, NULL, 0) > 0;
         waited_ms += POLL_MS) {
        if (waited_ms >= timeout_ms)
            return false;
        sleep_ms(POLL_MS);
    }
    return true;
}

/* No process but ours may use the data. We hold the lock of the directory, so whoever runs there is
 * an orphan. */
static bool clear_orphans(const struct cluster *cluster)
{
    pid_t id = 0;
    bool is_ready = false;
    if (process_find_in(cluster->place.data, NULL, 0) > 0) {
        log_warn("cluster_orphan", LOG_TEXT("path", cluster->place.data));
        pid_t ids[256];
        /* First the postmaster, which stops the others in good order. */
        if (read_pid_file(cluster, &id, &is_ready) && id > 1)
            for (size_t n = process_find_in(cluster->place.data, ids, 256), i = 0; i < n && i < 256;
                 i++)
                if (ids[i] == id)
                    kill(id, SIGINT);
        if (!wait_until_empty(cluster, FAST_STOP_MS)) {
            for (size_t n = process_find_in(cluster->place.data, ids, 256), i = 0; i < n && i < 256;
                 i++)
                kill(ids[i], SIGKILL);
            if (!wait_until_empty(cluster, HARD_STOP_MS))
                return false;
        }
    }
    /* A file of a dead postmaster whose number another process has by now would stop the start. */
    if (read_pid_file(cluster, &id, &is_ready) && id > 0 && (kill(id, 0) == 0 || errno == EPERM)) {
        char path[PATH_MAX + 32];
        snprintf(path, sizeof path, "%s/postmaster.pid", cluster->place.data);
        unlink(path);
    }
    return true;
}

/* --- running ---------------------------------------------------------------------------------- */

static pid_t start_postgres(const struct cluster *cluster)
{
    static const char *const SETTINGS[] = {
        "listen_addresses=",
        "port=5432",
        "unix_socket_permissions=0700",
        /* what was answered is on disk (W7) */
        "fsync=on",
        "full_page_writes=on",
        "synchronous_commit=on",
        "shared_buffers=128MB",
        "max_wal_size=1GB",
        "checkpoint_timeout=10min",
        "jit=off",
        "random_page_cost=1.1",
        "timezone=UTC",
        "log_timezone=UTC",
        /* no row, statement or parameter in the log: they hold tokens and arguments */
        "logging_collector=off",
        "log_destination=stderr",
        "log_line_prefix=%m [%p] %q%u ",
        "log_error_verbosity=terse",
        "log_min_error_statement=panic",
        "log_parameter_max_length_on_error=0",
        "log_checkpoints=off",
    };
    enum { FIXED = sizeof SETTINGS / sizeof SETTINGS[0], ARGUMENTS = 3 + 2 * (FIXED + 2) + 1 };
    const struct place *place = &cluster->place;
    char program[PATH_MAX + 16];
    char data[sizeof place->data];
    char sockets[sizeof place->socket + 32];
    char sessions[48];
    char settings[FIXED][48];
    char flag_data[] = "-D";
    char flag[] = "-c";
    char *argv[ARGUMENTS] = {program, flag_data, data};
    size_t count = 3;
    snprintf(program, sizeof program, "%s/postgres", cluster->binaries);
    snprintf(data, sizeof data, "%s", place->data);
    snprintf(sockets, sizeof sockets, "unix_socket_directories=%s", place->socket);
    snprintf(sessions, sizeof sessions, "max_connections=%u", cluster->sessions + SPARE_SESSIONS);
    for (size_t i = 0; i < FIXED; i++) {
        snprintf(settings[i], sizeof settings[i], "%s", SETTINGS[i]);
        argv[count++] = flag;
        argv[count++] = settings[i];
    }
    argv[count++] = flag;
    argv[count++] = sockets;
    argv[count++] = flag;
    argv[count++] = sessions;
    /* SIGINT: a fast, clean stop, should writd be killed. */
    return process_start(&place->user, argv, place->log, SIGINT);
}

/* Reaps the child if it ended; true while it runs. */
static bool is_running(pid_t child)
{
    int status = 0;
    return waitpid(child, &status, WNOHANG) == 0;
}

static bool wait_ready(const struct cluster *cluster, pid_t child)
{
    for (long waited_ms = 0; waited_ms < READY_MS; waited_ms += POLL_MS) {
        pid_t id = 0;
        bool is_ready = false;
        if (!is_running(child))
            return false;
        if (read_pid_file(cluster, &id, &is_ready) && id == child && is_ready)
            return true;
        if (atomic_load(&cluster->is_stopping))
            return true; /* the caller stops it */
        sleep_ms(POLL_MS);
    }
    return true; /* still recovering: it runs, and pools wait for it */
}

static bool wait_end(pid_t child, long timeout_ms)
{
    for (long waited_ms = 0; is_running(child); waited_ms += POLL_MS) {
        if (waited_ms >= timeout_ms)
            return false;
        sleep_ms(POLL_MS);
    }
    return true;
}

static void stop_postgres(pid_t child)
{
    kill(child, SIGINT);
    if (wait_end(child, FAST_STOP_MS))
        return;
    log_warn("cluster_stops_slowly", LOG_INT("pid", child));
    kill(child, SIGQUIT); /* at once; the next start recovers from the log */
    if (wait_end(child, HARD_STOP_MS))
        return;
    kill(child, SIGKILL);
    wait_end(child, HARD_STOP_MS);
}

/* One life of the cluster. True when it was ready at some time. */
static bool run_once(struct cluster *cluster)
{
    if (!clear_orphans(cluster))
        return false;
    const pid_t child = start_postgres(cluster);
    if (child < 0 || !wait_ready(cluster, child))
        return false;
    atomic_store(&cluster->state, CLUSTER_READY);
    while (is_running(child)) {
        if (atomic_load(&cluster->is_stopping)) {
            stop_postgres(child);
            return true;
        }
        sleep_ms(SUPERVISE_MS);
    }
    return true;
}

/* The thread that starts the cluster must live as long as the cluster: the kernel's signal at the
 * parent's death means the death of this thread. */
static void *supervise(void *argument)
{
    struct cluster *cluster = argument;
    long pause_ms = SUPERVISE_MS;
    for (int tries = 1; !atomic_load(&cluster->is_stopping); tries++) {
        const bool was_ready = run_once(cluster);
        if (atomic_load(&cluster->is_stopping))
            break;
        if (atomic_load(&cluster->state) == CLUSTER_STARTING && tries == FIRST_TRIES) {
            atomic_store(&cluster->state, CLUSTER_FAILED);
            break;
        }
        if (was_ready)
            pause_ms = SUPERVISE_MS;
        log_error("cluster_died", LOG_TEXT("see", cluster->place.log),
                  LOG_INT("again_in_ms", pause_ms));
        for (long slept_ms = 0; slept_ms < pause_ms && !atomic_load(&cluster->is_stopping);
             slept_ms += POLL_MS)
            sleep_ms(POLL_MS);
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
    return NULL;
}

/* --- the cluster ------------------------------------------------------------------------------ */

/* In a conninfo, a value stands in quotes, with \ before \ and '. */
static void write_conninfo(const struct cluster *cluster, const char *user, const char *database,
                           char *ret_text, size_t size)
{
    size_t used = (size_t)snprintf(ret_text, size, "host='");
    for (const char *c = cluster->place.socket; *c && used + 64 < size; c++) {
        if (*c == '\'' || *c == '\\')
            ret_text[used++] = '\\';
        ret_text[used++] = *c;
    }
    snprintf(ret_text + used, size - used, "' port=5432 user=%s dbname=%s", user, database);
}

static struct writ_result create_database(const struct cluster *cluster)
{
    char conninfo[sizeof cluster->conninfo];
    struct db *db = NULL;
    struct db_result *found = NULL;
    write_conninfo(cluster, "postgres", "postgres", conninfo, sizeof conninfo);
    const struct db_options options = {.conninfo = conninfo, .connect_timeout_ms = 10000};
    WRIT_TRY(db_to_result(db_open(&options, &db)));
    enum db_error error = db_query(db, "select 1 from pg_database where datname = 'writ'", NULL, 0,
                                   &found);
    if (error == DB_OK && db_rows(found) == 0)
        error = db_script(db, "create database writ");
    db_result_free(found);
    db_close(db);
    return error == DB_OK ? WRIT_SUCCESS : fail(cluster, "create database");
}

static void name_sessions(struct cluster *cluster)
{
    write_conninfo(cluster, "postgres", "writ", cluster->conninfo, sizeof cluster->conninfo);
    write_conninfo(cluster, "writ_login", "writ", cluster->login_conninfo,
                   sizeof cluster->login_conninfo);
}

static struct writ_result open_cluster(struct cluster *cluster,
                                       const struct cluster_options *options)
{
    const struct writ_result opened = place_open(options->data_dir, options->user, &cluster->place);
    if (opened.status == WRIT_CONFLICT && options->joins) {
        WRIT_TRY(place_join(options->data_dir, &cluster->place));
        name_sessions(cluster);
        return WRIT_SUCCESS;
    }
    if (opened.status == WRIT_CONFLICT)
        log_error("cluster_place_refused", LOG_TEXT("path", options->data_dir),
                  LOG_TEXT("error", "another writd uses this data directory"));
    WRIT_TRY(opened);
    const int major = place_major(&cluster->place);
    WRIT_TRY(binaries_find(options->bin_dir, major, cluster->binaries));
    if (major == 0)
        WRIT_TRY(create_data(cluster));
    name_sessions(cluster);
    if (pthread_create(&cluster->supervisor, NULL, supervise, cluster) != 0)
        return fail(cluster, "thread");
    cluster->has_supervisor = true;
    while (atomic_load(&cluster->state) == CLUSTER_STARTING)
        sleep_ms(POLL_MS);
    if (atomic_load(&cluster->state) == CLUSTER_FAILED)
        return fail(cluster, "start");
    WRIT_TRY(create_database(cluster));
    log_info("cluster_ready", LOG_TEXT("socket", cluster->place.socket),
             LOG_TEXT("programs", cluster->binaries));
    return WRIT_SUCCESS;
}

struct writ_result cluster_start(const struct cluster_options *options,
                                 struct cluster **ret_cluster)
{
    struct cluster *cluster = calloc(1, sizeof *cluster);
    WRIT_ENSURE(cluster, OUT_OF_MEMORY);
    cluster->place.lock = -1;
    cluster->sessions = options->sessions;
    const struct writ_result opened = open_cluster(cluster, options);
    if (!writ_is_ok(opened)) {
        cluster_stop(cluster);
        return opened;
    }
    *ret_cluster = cluster;
    return WRIT_SUCCESS;
}

const char *cluster_conninfo(const struct cluster *cluster)
{
    return cluster->conninfo;
}

struct writ_result cluster_add_login(struct cluster *cluster, const char *role)
{
    static const char FORMAT[] =
        "do $$ begin create role writ_login login noinherit;"
        " exception when duplicate_object then null; end $$; grant \"%s\" to writ_login";
    char script[512];
    struct db *db = NULL;
    if (strchr(role, '"') || (size_t)snprintf(script, sizeof script, FORMAT, role) >= sizeof script)
        return fail(cluster, "name of the role");
    const struct db_options options = {.conninfo = cluster->conninfo};
    WRIT_TRY(db_to_result(db_open(&options, &db)));
    const enum db_error error = db_script(db, script);
    db_close(db);
    return error == DB_OK ? WRIT_SUCCESS : fail(cluster, "create login");
}

const char *cluster_login_conninfo(const struct cluster *cluster)
{
    return cluster->login_conninfo;
}

const char *cluster_socket(const struct cluster *cluster)
{
    return cluster->place.socket;
}

const char *cluster_log(const struct cluster *cluster)
{
    return cluster->place.log;
}

struct cluster *cluster_stop(struct cluster *cluster)
{
    if (!cluster)
        return NULL;
    atomic_store(&cluster->is_stopping, true);
    if (cluster->has_supervisor)
        pthread_join(cluster->supervisor, NULL);
    place_close(&cluster->place);
    free(cluster);
    return NULL;
}
