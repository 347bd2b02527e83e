#include "metrics.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct metrics {
    _Atomic uint64_t requests[6]; /* by hundreds of the status */
    _Atomic uint64_t request_us;
    _Atomic uint64_t permits;
    _Atomic uint64_t overspent;
    _Atomic uint64_t expired;
    _Atomic uint64_t declassified;
    _Atomic uint64_t closed_accounts;
    _Atomic uint64_t batches;
    _Atomic uint64_t batch_rows;
    _Atomic uint64_t settled[3];
    _Atomic uint64_t webhooks[3];
    _Atomic uint64_t outcomes[WRIT_STATUS_COUNT];
};

struct metrics *metrics_new(void)
{
    return calloc(1, sizeof(struct metrics));
}

struct metrics *metrics_free(struct metrics *metrics)
{
    free(metrics);
    return NULL;
}

void metrics_count_request(struct metrics *metrics, int http_status, int64_t took_us)
{
    const int class = http_status / 100;
    atomic_fetch_add(&metrics->requests[class >= 0 && class < 6 ? class : 0], 1);
    atomic_fetch_add(&metrics->request_us, (uint64_t)(took_us > 0 ? took_us : 0));
}

void metrics_count_outcome(struct metrics *metrics, enum writ_status outcome)
{
    if (outcome < WRIT_STATUS_COUNT)
        atomic_fetch_add(&metrics->outcomes[outcome], 1);
}

void metrics_count_permit(struct metrics *metrics)
{
    atomic_fetch_add(&metrics->permits, 1);
}

void metrics_count_overspent(struct metrics *metrics)
{
    atomic_fetch_add(&metrics->overspent, 1);
}

void metrics_count_expired(struct metrics *metrics)
{
    atomic_fetch_add(&metrics->expired, 1);
}

void metrics_count_declassified(struct metrics *metrics)
{
    atomic_fetch_add(&metrics->declassified, 1);
}

void metrics_count_closed_accounts(struct metrics *metrics, uint64_t count)
{
    atomic_fetch_add(&metrics->closed_accounts, count);
}

void metrics_count_batch(struct metrics *metrics, size_t rows)
{
    atomic_fetch_add(&metrics->batches, 1);
    atomic_fetch_add(&metrics->batch_rows, rows);
}

void metrics_count_settled(struct metrics *metrics, enum metrics_settled fate, size_t rows)
{
    atomic_fetch_add(&metrics->settled[fate], rows);
}

void metrics_count_webhook(struct metrics *metrics, enum metrics_webhook fate)
{
    atomic_fetch_add(&metrics->webhooks[fate], 1);
}

struct writ_slice metrics_text(struct metrics *metrics, struct writ_arena *arena)
{
    enum { SIZE = 16384 };
    char *text = writ_arena_alloc(arena, SIZE);
    if (!text)
        return WRIT_SLICE_NONE;
    size_t used = 0;
#define PUT(...)                                                                                   \
    do {                                                                                           \
        const int put = snprintf(text + used, SIZE - used, __VA_ARGS__);                           \
        used += put > 0 && (size_t)put < SIZE - used ? (size_t)put : 0;                            \
    } while (0)
    PUT("# TYPE writ_requests_total counter\n");
    for (int class = 1; class < 6; class ++)
        PUT("writ_requests_total{class=\"%dxx\"} %llu\n", class,
            (unsigned long long)atomic_load(&metrics->requests[class]));
    PUT("# TYPE writ_request_seconds_total counter\nwrit_request_seconds_total %.6f\n",
        (double)atomic_load(&metrics->request_us) / 1e6);
    PUT("# TYPE writ_permits_total counter\nwrit_permits_total %llu\n",
        (unsigned long long)atomic_load(&metrics->permits));
    PUT("# TYPE writ_outcomes_overspent_total counter\nwrit_outcomes_overspent_total %llu\n",
        (unsigned long long)atomic_load(&metrics->overspent));
    PUT("# TYPE writ_tasks_expired_total counter\nwrit_tasks_expired_total %llu\n",
        (unsigned long long)atomic_load(&metrics->expired));
    PUT("# TYPE writ_declassified_total counter\nwrit_declassified_total %llu\n",
        (unsigned long long)atomic_load(&metrics->declassified));
    PUT("# TYPE writ_accounts_closed_total counter\nwrit_accounts_closed_total %llu\n",
        (unsigned long long)atomic_load(&metrics->closed_accounts));
    PUT("# TYPE writ_batches_total counter\nwrit_batches_total %llu\n",
        (unsigned long long)atomic_load(&metrics->batches));
    PUT("# TYPE writ_batch_rows_total counter\nwrit_batch_rows_total %llu\n",
        (unsigned long long)atomic_load(&metrics->batch_rows));
    static const char *const FATES[] = {"recorded", "again", "unknown"};
    PUT("# TYPE writ_settled_total counter\n");
    for (size_t i = 0; i < sizeof FATES / sizeof FATES[0]; i++)
        PUT("writ_settled_total{fate=\"%s\"} %llu\n", FATES[i],
            (unsigned long long)atomic_load(&metrics->settled[i]));
    static const char *const WEBHOOKS[] = {"delivered", "failed", "given_up"};
    PUT("# TYPE writ_webhook_attempts_total counter\n");
    for (size_t i = 0; i < sizeof WEBHOOKS / sizeof WEBHOOKS[0]; i++)
        PUT("writ_webhook_attempts_total{fate=\"%s\"} %llu\n", WEBHOOKS[i],
            (unsigned long long)atomic_load(&metrics->webhooks[i]));
    PUT("# TYPE writ_refusals_total counter\n");
    for (int i = WRIT_OK + 1; i < WRIT_STATUS_COUNT; i++)
        PUT("writ_refusals_total{code=\"%s\"} %llu\n", writ_status_code((enum writ_status)i),
            (unsigned long long)atomic_load(&metrics->outcomes[i]));
#undef PUT
    return writ_slice_of(text, used);
}
