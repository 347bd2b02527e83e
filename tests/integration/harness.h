/*
 * What integration tests stand on: a PostgreSQL of their own, writd processes over it, and HTTP
 * clients. The shared pair of servers (two processes, one database) is started once for all tests;
 * a test that kills or stops something starts its own. Everything lives under one temporary
 * directory and listens on a unix socket or on loopback; whatever a test leaves behind is ended by
 * its pid when the run is over.
 * May touch: processes, sockets, files. Knows no Writ words; those are in actors.h.
 */
#ifndef WRIT_TESTS_HARNESS_H
#define WRIT_TESTS_HARNESS_H

#include <stdbool.h>
#include <sys/types.h>

enum { PATH_CAP = 160, URL_CAP = 256, SECRET_CAP = 128 };

/* One run: its temporary directory, and how long the long tests may be (--fast: shorter). It is in
 * memory, where there is room, as databases are made by the dozen; or on disk, for measurements. */
void run_start(bool on_disk);
void run_end(void);
bool run_is_fast(void);
/* A fresh directory beneath the run's, which a server of another user may enter. */
void run_directory(const char *name, char ret_path[static PATH_CAP]);
/* The same as a disk of its own, of so many MiB; gone with the run. False: that is not permitted
 * here, and why is said. */
bool run_disk(const char *name, int size_mib, char ret_path[static PATH_CAP]);
/* Runs a program to its end; its exit status. Output goes to where ours goes, or is returned
 * (up to size - 1 bytes, without the last newline) when ret_output is not NULL. */
int run_program(char *ret_output, size_t size, const char *const *arguments);

/* The same for one that runs on. */
pid_t run_spawn(const char *const *arguments);
/* Sends it a signal (0: none) and waits for its end; the exit status. */
int run_end_program(pid_t pid, int signal_number);
/* A port of loopback that was free a moment ago. */
int run_port(void);

/* Ends the run, with the message, where something that tests stand on does not work. */
void must(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));

struct postgres {
    char dir[PATH_CAP];
    char url[URL_CAP];
};

void postgres_start(struct postgres *postgres, const char *name);
/* In a directory that is there. */
void postgres_start_in(struct postgres *postgres, const char *dir);
void postgres_restart(struct postgres *postgres);
void postgres_stop(struct postgres *postgres);
/* SIGKILL to all of its processes. */
void postgres_kill(struct postgres *postgres);
/* A copy that streams from the primary and answers questions. */
void postgres_start_standby(struct postgres *standby, const char *name,
                            const struct postgres *primary);
/* From now on the primary waits for a standby before it answers a commit. */
void postgres_be_synchronous(const struct postgres *primary);
/* Returns when it is a primary. */
void postgres_promote(const struct postgres *standby);
/* Whichever of the two takes writes. Only its url is of use. */
struct postgres postgres_either(const struct postgres *a, const struct postgres *b);
/* SIGSTOP to all of its processes; they go on with SIGCONT. */
void postgres_freeze(struct postgres *postgres);
void postgres_thaw(struct postgres *postgres);
/* One statement, as `role` when it is not NULL; the unaligned result. Fails the test on an error
 * unless ret_failed takes it. Up to 4095 characters. */
const char *postgres_ask(const struct postgres *postgres, const char *role, const char *sql,
                         bool *ret_failed);
long postgres_count(const struct postgres *postgres, const char *sql);
/* The same, asked again until it is at least `wanted` or the time is over. */
long postgres_count_await(const struct postgres *postgres, const char *sql, long wanted,
                          double timeout_s);
/* The lease of a delegation ends so long from now, and nobody knows how long its line lasts. */
void postgres_set_lease(const struct postgres *postgres, const char *delegation, int seconds);

struct server {
    char dir[PATH_CAP];
    char url[URL_CAP];
    char database[URL_CAP]; /* empty: its private cluster */
    char admin_id[SECRET_CAP];
    char admin_secret[SECRET_CAP];
    const char *flags[16]; /* NULL ends */
    int port;
    pid_t pid;
};

/* Starts writd on a fresh data directory and waits until it is ready. `postgres` NULL: a private
 * cluster. flags: further arguments, NULL ends; may be NULL. */
void server_start(struct server *server, const char *name, const struct postgres *postgres,
                  const char *const *flags);
/* A second process of the same service: same keys, same issuer, same database. flags NULL: those
 * of the first. */
void server_start_beside(struct server *server, const char *name, const struct server *first,
                         const char *const *flags);
/* The two halves of it, for a server whose readiness is asked for in another way. */
void server_prepare_beside(struct server *server, const char *name, const struct server *first,
                           const char *const *flags);
void server_launch(struct server *server);
/* Starts a stopped one again, on its directory and port. */
void server_restart(struct server *server);
/* SIGTERM, and waits; the exit status. */
int server_stop(struct server *server);
/* SIGKILL, and waits. */
void server_kill(struct server *server);
/* False when it was not ready in time. */
bool server_wait_ready(const struct server *server, double timeout_s);

/* What a process holds now: open descriptors, and memory that is in use. */
long process_descriptors(pid_t pid);
long process_resident_bytes(pid_t pid);
/* The descriptors once they are no more than wanted, or what they are when the time is over. */
long process_descriptors_await(pid_t pid, long wanted, double timeout_s);

/* The pair that all tests share. */
extern struct postgres shared_postgres;
extern struct server first_server;
extern struct server second_server;

double seconds_now(void); /* monotonic */
void sleep_s(double seconds);

#endif
