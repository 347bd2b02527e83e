/*
 * A long mixed load must not grow the service. Only where WRIT_SOAK_SECONDS says for how long.
 *
 * The load is steady: what the service has to remember stays the same, but for revocations and
 * ends, which are allowed 200 bytes each. After a third of the time, for warming up, the resident
 * memory of both services is sampled every half second; a straight line is laid through it by least
 * squares. What the line gains in the rest may not be more than that, and noise: three times the
 * deviation of the samples from the line, and no less than 2 MiB, which is what the allocator takes
 * in the first minutes. So a minute finds a leak of some 200 bytes a request, ten minutes one
 * of 20.
 */
#include "mixed.h"
#include "suites.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MAX = 8192, BYTES_A_REVOCATION = 200 };

struct samples {
    double at_s[SAMPLES_MAX], bytes[SAMPLES_MAX];
    size_t count;
};

/* What the line gains over the samples, and how far these are from it. */
static void fit(const struct samples *samples, double *ret_gain, double *ret_deviation)
{
    const double n = (double)samples->count;
    double x = 0, y = 0, xx = 0, xy = 0, squares = 0;
    for (size_t i = 0; i < samples->count; i++) {
        x += samples->at_s[i] / n;
        y += samples->bytes[i] / n;
    }
    for (size_t i = 0; i < samples->count; i++) {
        xx += (samples->at_s[i] - x) * (samples->at_s[i] - x);
        xy += (samples->at_s[i] - x) * (samples->bytes[i] - y);
    }
    const double slope = xy / xx;
    for (size_t i = 0; i < samples->count; i++) {
        const double off = samples->bytes[i] - y - slope * (samples->at_s[i] - x);
        squares += off * off;
    }
    *ret_gain = slope * (samples->at_s[samples->count - 1] - samples->at_s[0]);
    *ret_deviation = sqrt(squares / n);
}

static void expect_level(const char *name, const struct samples *samples, long revocations)
{
    double gain, deviation;
    fit(samples, &gain, &deviation);
    const double noise = fmax(3 * deviation, 2 * 1024 * 1024);
    const double allowed = noise + (double)(BYTES_A_REVOCATION * revocations);
    printf("soak, %s: %.1f MiB after warming up, %.1f MiB at the end; the line gains %+.0f KiB in "
           "%.0f s, %.0f KiB are allowed (%ld revocations, noise %.0f KiB)\n",
           name, samples->bytes[0] / 1048576, samples->bytes[samples->count - 1] / 1048576,
           gain / 1024, samples->at_s[samples->count - 1] - samples->at_s[0], allowed / 1024,
           revocations, noise / 1024);
    fflush(stdout);
    ck_assert_msg(gain <= allowed, "%s grows by %.0f KiB", name, gain / 1024);
}

/* A task of this load is called more often than a task is by default. */
static const char *const UNCOUNTED[] = {UNCOUNTED_CALLS, NULL};

START_TEST(a_long_mixed_load_grows_neither_memory_nor_descriptors)
{
    static struct samples samples[MIXED_SERVERS];
    static const char *const NAMES[MIXED_SERVERS] = {"first", "second"};
    const double length_s = strtod(getenv("WRIT_SOAK_SECONDS"), NULL);
    const double step_s = fmax(0.5, length_s / SAMPLES_MAX);
    struct postgres postgres;
    struct server servers[MIXED_SERVERS];
    long descriptors[MIXED_SERVERS];
    postgres_start(&postgres, "pg");
    server_start(&servers[0], "first", &postgres, UNCOUNTED);
    server_start_beside(&servers[1], "second", &servers[0], UNCOUNTED);
    cast_register(&cast, &servers[0]);
    cast_await(&servers[1]);
    for (size_t i = 0; i < MIXED_SERVERS; i++)
        descriptors[i] = process_descriptors(servers[i].pid);

    const double start_s = seconds_now();
    struct mixed *mixed = mixed_start(&(struct mixed_options){
        .seed = 1, .servers = {&servers[0], &servers[1]}, .is_steady = true});
    sleep_s(length_s / 3);
    const long before = postgres_count(&postgres, "select head from writ.feed");
    while (seconds_now() < start_s + length_s) {
        for (size_t i = 0; i < MIXED_SERVERS; i++) {
            ck_assert(samples[i].count < SAMPLES_MAX);
            samples[i].at_s[samples[i].count] = seconds_now();
            samples[i].bytes[samples[i].count++] = (double)process_resident_bytes(servers[i].pid);
        }
        sleep_s(step_s);
    }
    const long revocations = postgres_count(&postgres, "select head from writ.feed") - before;
    printf("soak: %.0f s, %ld requests answered, %ld unknown\n", length_s, mixed_answered(mixed),
           mixed_unknown(mixed));
    mixed_stop(mixed, NULL);
    for (size_t i = 0; i < MIXED_SERVERS; i++)
        expect_level(NAMES[i], &samples[i], revocations);

    for (size_t i = 0; i < MIXED_SERVERS; i++) {
        const long wanted = descriptors[i] + 4; /* sessions that were opened meanwhile */
        const long left = process_descriptors_await(servers[i].pid, wanted, 10);
        printf("soak, %s: %ld descriptors before, %ld after\n", NAMES[i], descriptors[i], left);
        ck_assert_int_le(left, wanted);
        ck_assert_int_eq(server_stop(&servers[i]), 0);
    }
    fflush(stdout);
}
END_TEST

Suite *suite_soak(void)
{
    Suite *suite = suite_create("soak");
    const char *seconds = getenv("WRIT_SOAK_SECONDS");
    if (seconds)
        ADD_LONG(suite, a_long_mixed_load_grows_neither_memory_nor_descriptors,
                 strtod(seconds, NULL) + 120);
    return suite;
}
