/* GET /healthz, /readyz, /metrics: alive; able to decide, and why not; counters. */
#include "clock.h"
#include "endpoint/endpoints.h"
#include "ledger/mark.h"
#include "ledger/view.h"
#include "ledger/writer.h"
#include "metrics.h"
#include "postgres/pool.h"
#include "remotes.h"

enum { REASONS_MAX = 5 };

struct readiness {
    struct view_state view;
    bool has_staleness;
    const char *reasons[REASONS_MAX];
    size_t reason_count; /* 0: ready */
};

static void add_reason(struct readiness *readiness, const char *reason)
{
    if (readiness->reason_count < REASONS_MAX)
        readiness->reasons[readiness->reason_count++] = reason;
}

static void read_readiness(struct service *service, struct readiness *ret_readiness)
{
    struct readiness readiness = {.view = {.staleness_us = INT64_MAX}};
    if (service->view)
        view_state(service->view, &readiness.view);
    const struct view_state *view = &readiness.view;
    readiness.has_staleness = view->staleness_us != INT64_MAX;
    if (mark_is_behind(service->mark)) { /* all else follows from it */
        add_reason(&readiness, MARK_BEHIND);
        *ret_readiness = readiness;
        return;
    }
    if (atomic_load(&service->is_leaving))
        add_reason(&readiness, "the service is stopping");
    if (!service->writer || !writer_is_connected(service->writer) || !pool_is_ready(service->pool))
        add_reason(&readiness, "the database does not answer");
    if (!mark_is_kept(service->mark))
        add_reason(&readiness, "the mark can not be written; the log says why");
    if (!view->loaded || view->staleness_us > (int64_t)service->config->staleness_write_ms * 1000)
        add_reason(&readiness,
                   view->reason ? view->reason : "the view of revocations is older than its bound");
    if (view->loaded && view->partitions_until_us <= clock_unix_us())
        add_reason(&readiness, "no partition takes today's decisions; the log says why");
    struct registry *registry = registry_hold(service->registries);
    if (!registry)
        add_reason(&readiness, "the registry was not read yet");
    registry_release(registry);
    *ret_readiness = readiness;
}

void health_alive(struct call *call)
{
    struct writ_json *answer = writ_json_new_object(call->arena);
    if (!call_only_queries(call, NULL))
        return;
    writ_json_put_string(call->arena, answer, "status", "alive");
    call_answer(call, 200, answer);
}

void health_ready(struct call *call)
{
    struct readiness readiness;
    struct writ_json *answer = writ_json_new_object(call->arena);
    struct writ_json *reasons = writ_json_new_array(call->arena);
    if (!call_only_queries(call, NULL))
        return;
    read_readiness(call->service, &readiness);
    for (size_t i = 0; i < readiness.reason_count; i++)
        writ_json_add_text(call->arena, reasons, writ_slice_text(readiness.reasons[i]));
    writ_json_put_boolean(call->arena, answer, "ready", readiness.reason_count == 0);
    writ_json_put(call->arena, answer, "reasons", reasons);
    if (readiness.view.loaded) {
        call_put_id(call, answer, "epoch", &readiness.view.epoch);
        writ_json_put_integer(call->arena, answer, "feed", readiness.view.head);
    }
    if (readiness.has_staleness)
        writ_json_put_integer(call->arena, answer, "staleness_ms",
                              readiness.view.staleness_us / 1000);
    call_answer(call, readiness.reason_count == 0 ? 200 : 503, answer);
}

/* Of the snapshot that calls are judged by now; 0: there never were policies. */
static int64_t policy_version(const struct service *service)
{
    struct registry *registry = registry_hold(service->registries);
    const int64_t version = registry ? registry->policy_version : 0;
    registry_release(registry);
    return version;
}

void health_metrics(struct call *call)
{
    struct readiness readiness;
    if (!call_only_queries(call, NULL))
        return;
    read_readiness(call->service, &readiness);
    const struct writ_slice counters = metrics_text(call->service->metrics, call->arena);
    const struct writ_slice engines = remotes_metrics(call->service->remotes, call->arena);
    const char *staleness = readiness.has_staleness
                                ? writ_arena_printf(call->arena,
                                                    "# TYPE writ_view_staleness_seconds gauge\n"
                                                    "writ_view_staleness_seconds %.6f\n",
                                                    (double)readiness.view.staleness_us / 1e6)
                                : "";
    const char *text = counters.data && engines.data && staleness
                           ? writ_arena_printf(
                                 call->arena,
                                 "%.*s%.*s# TYPE writ_ready gauge\nwrit_ready %d\n"
                                 "# TYPE writ_feed_head gauge\nwrit_feed_head %lld\n"
                                 "# TYPE writ_partitions_until_seconds gauge\n"
                                 "writ_partitions_until_seconds %lld\n"
                                 "# TYPE writ_policy_version gauge\nwrit_policy_version %lld\n%s",
                                 WRIT_SLICE_ARGS(counters), WRIT_SLICE_ARGS(engines),
                                 readiness.reason_count == 0, (long long)readiness.view.head,
                                 (long long)(readiness.view.partitions_until_us / 1000000),
                                 (long long)policy_version(call->service), staleness)
                           : NULL;
    if (text)
        call_answer_bytes(call, 200, "text/plain; version=0.0.4; charset=utf-8",
                          writ_slice_text(text));
    else
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
}
