/* Counters for /metrics, in the Prometheus text format. Atomic; any thread. */
#ifndef WRIT_SERVICE_METRICS_H
#define WRIT_SERVICE_METRICS_H

#include "base/arena.h"
#include "base/status.h"

struct metrics;

struct metrics *metrics_new(void);
struct metrics *metrics_free(struct metrics *metrics);
void metrics_count_request(struct metrics *metrics, int http_status, int64_t took_us);
void metrics_count_outcome(struct metrics *metrics, enum writ_status outcome);
void metrics_count_permit(struct metrics *metrics);
void metrics_count_overspent(struct metrics *metrics);
void metrics_count_expired(struct metrics *metrics);
void metrics_count_declassified(struct metrics *metrics);
void metrics_count_closed_accounts(struct metrics *metrics, uint64_t count);
void metrics_count_batch(struct metrics *metrics, size_t rows);
/* Of rows whose connection was lost. */
enum metrics_settled { SETTLED_RECORDED, SETTLED_AGAIN, SETTLED_UNKNOWN };
void metrics_count_settled(struct metrics *metrics, enum metrics_settled fate, size_t rows);
/* Of an attempt to tell the operator's URL of an approval. */
enum metrics_webhook { WEBHOOK_DELIVERED, WEBHOOK_FAILED, WEBHOOK_GIVEN_UP };
void metrics_count_webhook(struct metrics *metrics, enum metrics_webhook fate);
struct writ_slice metrics_text(struct metrics *metrics, struct writ_arena *arena);

#endif
