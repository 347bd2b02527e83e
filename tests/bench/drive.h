/*
 * Load over HTTP: requests that were made and signed before the clock starts, sent over a number
 * of connections as fast as they are answered. One thread, epoll, loopback. Latency is from the
 * first byte written to the arrival of the last byte of the answer.
 */
#ifndef WRIT_TESTS_BENCH_DRIVE_H
#define WRIT_TESTS_BENCH_DRIVE_H

#include "base/slice.h"

struct drive;

struct drive_result {
    size_t answered;
    size_t good;        /* with the status that was wanted */
    double took_s;      /* of sending and waiting alone */
    double last_good_s; /* when the last of them had arrived, monotonic; 0: none */
    double *each_us;    /* answered of them, in no order */
    size_t capacity;    /* of each_us */
    int other;          /* a status that was not wanted, 0: none */
    char what[200];     /* the body that came with it */
};

/* Keeps `connections` open to 127.0.0.1:port. */
struct drive *drive_open(int port, size_t connections);
struct drive *drive_close(struct drive *drive);
/* Sends each request once; adds to the result. */
void drive_run(struct drive *drive, const struct writ_slice *requests, size_t count, int wanted,
               struct drive_result *result);
/* The latency that this share of the answers did not exceed; sorts. 0 without answers. */
double drive_quantile_us(struct drive_result *result, double share);
void drive_result_done(struct drive_result *result);

#endif
