/* What a run measured: one line a scenario on the screen, all of it as JSON in a file. */
#ifndef WRIT_TESTS_BENCH_TABLE_H
#define WRIT_TESTS_BENCH_TABLE_H

#include "bench/drive.h"

#include <sys/types.h>

/* CPU seconds of a process so far, and of its children that live (a postmaster's backends). */
double cpu_of_process_s(pid_t pid);
double cpu_of_family_s(pid_t pid);
/* CPU seconds of this thread. */
double cpu_own_s(void);
/* Resident memory in MiB. */
double resident_mib(pid_t pid);

struct table_row {
    const char *name;
    size_t clients;
    struct drive_result result;
    double making_cpu_s; /* requests made and signed, outside of the clock */
    double service_cpu_s;
    double database_cpu_s;
};

/* Opens the JSON file; `verification_s`: CPU seconds of one Ed25519 verification in this run. */
void table_open(const char *path, double verification_s);
/* Sorts the row's latencies. */
void table_add(struct table_row *row);
/* A figure of its own, with its unit. */
void table_note(const char *name, double value, const char *unit);
void table_close(void);

#endif
