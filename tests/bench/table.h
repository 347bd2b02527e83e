/* What a run measured: one line a scenario on the screen, all of it as JSON in a file. */
#ifndef WRIT_TESTS_BENCH_TABLE_H
#define WRIT_TESTS_BENCH_TABLE_H

#include "bench/drive.h"

enum { ROUNDS_MAX = 16 };

/* One round of a scenario: short, so that their spread tells what a change has to exceed. */
struct table_round {
    size_t answered;
    size_t good;
    double took_s;
    double service_cpu_s;
    double database_cpu_s;
    double driving_cpu_s;   /* requests sent and answers read */
    double making_cpu_s;    /* requests made and signed, outside of the clock */
    double verification_us; /* Ed25519, CPU, just before the round */
    double others;          /* share of the machine that other processes had */
};

struct table_row {
    const char *name;
    size_t clients;
    struct drive_result result; /* of all rounds */
    size_t round_count;
    struct table_round rounds[ROUNDS_MAX];
    double resident_mib; /* of writd, afterwards */
};

/* Opens the JSON file, and prints the head of the table. `about`: members of the run, as JSON. */
void table_open(const char *path, const char *about);
/* Sorts the row's latencies. */
void table_add(struct table_row *row);
/* A figure of its own, with its unit: its median, and the least and most when it was taken more
 * than once. Sorts. */
void table_note(const char *name, double *values, size_t count, const char *unit);
/* `about`: further members of the run, known only now. */
void table_close(const char *about);

/* The median over the rounds of what a round cost; the middle of an even number is the lower. */
double table_rate(const struct table_row *row);
/* Of one round: CPU of writd and PostgreSQL a request. */
double table_cpu_us(const struct table_round *round);
/* Of one round: CPU of writd alone, in Ed25519 verifications. */
double table_verifications(const struct table_round *round);
double table_median(double *values, size_t count);

#endif
