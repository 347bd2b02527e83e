/*
 * writd: HTTP in, PostgreSQL out. main starts the rooms in the order in which they need each
 * other, waits for a signal, and stops them the other way round.
 */
#include "bootstrap.h"
#include "clock.h"
#include "endpoint/endpoints.h"
#include "endpoint/waiting.h"
#include "http/http.h"
#include "ledger/caps.h"
#include "ledger/chain.h"
#include "ledger/circuits.h"
#include "ledger/denials.h"
#include "ledger/enrolled.h"
#include "ledger/position.h"
#include "ledger/refusals.h"
#include "ledger/registry.h"
#include "ledger/sql.h"
#include "ledger/sweep.h"
#include "ledger/view.h"
#include "ledger/writer.h"
#include "log.h"
#include "maintain.h"
#include "metrics.h"
#include "outbound/outbound.h"
#include "policies.h"
#include "postgres/cluster.h"
#include "postgres/pool.h"
#include "rates.h"
#include "recover.h"
#include "remotes.h"
#include "webhook.h"
#include "json/json.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    START_MS = 30000,
    OUTBOUND_MAX = 1024, /* requests of the service under way */
    /* What requests gave back stays for the next ones, up to this in each of the allocator's heaps:
     * else it gives the end of a heap back to the system, and takes it again, many times a second.
     */
    KEPT_FREE_BYTES = 8 * 1024 * 1024,
    TAKEN_AT_ONCE_BYTES = 512 * 1024,
    /* What is larger is mapped for itself; a batch's columns are not. */
    MAPPED_BYTES = 1024 * 1024,
};

/* Better no service than one that judges by half a text: ending is safe at any time. */
static void *allocate_or_end(size_t size)
{
    void *block = malloc(size);
    if (!block) {
        log_error("out_of_memory", LOG_INT("bytes", size));
        abort();
    }
    return block;
}

static int print_routes(void)
{
    for (size_t i = 0; i < ROUTE_COUNT; i++)
        printf("%s %s\n", ROUTES[i].method, ROUTES[i].pattern);
    return EXIT_SUCCESS;
}

static void on_done(const struct http_request *request, int status, int64_t took_us, void *context)
{
    const struct service *service = context;
    metrics_count_request(service->metrics, status, took_us);
    log_debug("request", LOG_TEXT("req", http_request_id(request)),
              LOG_TEXT("method", http_method(request)), LOG_TEXT("path", http_path(request)),
              LOG_INT("status", status), LOG_INT("us", took_us));
}

static struct http_options http_options(const struct config *config, struct service *service)
{
    return (struct http_options){
        .host = config->listen_host,
        .port = config->listen_port,
        .threads = config->threads,
        .connections = config->connections,
        .connection_timeout_s = config->connection_timeout_s,
        .header_limit = config->header_limit,
        .body_limit = config->body_limit,
        .tls_cert = config->tls_cert,
        .tls_key = config->tls_key,
        .routes = ROUTES,
        .route_count = ROUTE_COUNT,
        .context = service,
        .refuse = call_refuse,
        .dispatch = call_dispatch,
        .done = on_done,
    };
}

static struct db_options session_options(struct service *service, const char *conninfo)
{
    return (struct db_options){
        .conninfo = conninfo,
        .role = service->config->database_role,
        .statements = STATEMENTS,
        .statement_count = STATEMENT_COUNT,
        .statement_timeout_ms = service->config->statement_timeout_ms,
        .accept = position_accept,
        .context = service,
    };
}

/* A first start takes the mark from the database; any other holds the database to the mark. */
static struct writ_result compare_mark(struct service *service, struct db *db)
{
    struct mark_position seen;
    struct mark_position found;
    bool is_behind = true;
    const bool has_mark = mark_get(service->mark, &seen);
    WRIT_TRY(position_ask(db, has_mark ? &seen : NULL, &found, &is_behind));
    position_found(service, &found, is_behind);
    return is_behind ? WRIT_SUCCESS : mark_follow(service->mark, &found);
}

/* Reads the registry once before anything is served, so that a ledger that does not fit shows at
 * start; makes the administrator of a new one. */
static struct writ_result read_ledger(struct service *service)
{
    struct db_options options = *service->sessions;
    struct db *db = NULL;
    options.accept = NULL; /* one that is behind is looked at as well */
    WRIT_TRY(db_to_result(db_open(&options, &db)));
    struct writ_result result = compare_mark(service, db);
    if (writ_is_ok(result))
        result = registry_reload(service->registries, db, true);
    if (writ_is_ok(result))
        result = bootstrap_issuer(service, db);
    if (writ_is_ok(result) && !mark_is_behind(service->mark))
        result = bootstrap_admin(service, db);
    if (writ_is_ok(result) && !mark_is_behind(service->mark))
        result = policies_take_file(service, db);
    if (!writ_is_ok(result))
        log_error("ledger_not_read", LOG_TEXT("message", db_message(db)));
    db_close(db);
    return result;
}

static struct writ_result start_memory(struct service *service)
{
    service->registries = registry_store_new(&POLICIES_READER);
    service->refusals = refusals_new();
    service->metrics = metrics_new();
    service->chains = chains_new(service->config->known_chains);
    service->rates = rates_new(service->config->client_rate);
    service->caps = caps_new(&(struct caps_limits){
        .nodes = service->config->task_nodes,
        .children = service->config->task_children,
    });
    service->denials = denials_new();
    service->circuits = circuits_new();
    service->enrolled = enrolled_new();
    service->waiters = waiters_new();
    WRIT_ENSURE(service->registries && service->refusals && service->metrics && service->chains &&
                    service->rates && service->caps && service->denials && service->circuits &&
                    service->enrolled && service->waiters,
                OUT_OF_MEMORY);
    WRIT_TRY(outbound_start(OUTBOUND_MAX, &service->outbound));
    return remotes_new(service->config, service->outbound, &service->remotes);
}

/* The ledger knows no calls. */
static void wake_waiters(struct service *service)
{
    waiters_wake(service->waiters);
}

static struct writ_result start_ledger(struct service *service)
{
    WRIT_TRY(read_ledger(service));
    const struct pool_options pool = {.db = *service->sessions,
                                      .threads = service->config->readers};
    WRIT_TRY(pool_start(&pool, &service->pool));
    /* A database that is behind gets no sessions until it is recovered; /readyz says it. */
    WRIT_ENSURE(mark_is_behind(service->mark) || pool_wait_ready(service->pool, START_MS),
                STATUS_UNKNOWN);
    WRIT_TRY(writer_start(service, &service->writer));
    WRIT_TRY(view_start(service, wake_waiters, &service->view));
    WRIT_TRY(sweep_start(service, &service->sweep));
    return webhook_start(service, &service->webhook);
}

static void stop(struct service *service)
{
    waiters_stop(service->waiters);
    service->http = http_stop(service->http, service->config->drain_s * 1000);
    /* Readers and the writer answer what they hold; only then may what they use go. */
    pool_end(service->pool);
    webhook_end(service->webhook);
    service->outbound = outbound_stop(service->outbound);
    service->webhook = webhook_free(service->webhook);
    service->remotes = remotes_free(service->remotes);
    service->writer = writer_stop(service->writer);
    service->sweep = sweep_stop(service->sweep);
    service->pool = pool_free(service->pool);
    service->view = view_stop(service->view);
    service->chains = chains_free(service->chains);
    service->registries = registry_store_free(service->registries);
    service->refusals = refusals_free(service->refusals);
    service->metrics = metrics_free(service->metrics);
    service->rates = rates_free(service->rates);
    service->caps = caps_free(service->caps);
    service->denials = denials_free(service->denials);
    service->circuits = circuits_free(service->circuits);
    service->enrolled = enrolled_free(service->enrolled);
    service->waiters = waiters_free(service->waiters);
    service->mark = mark_free(service->mark);
    service->keys = keys_free(service->keys);
}

static void say_serving(const struct config *config, const struct service *service)
{
    printf("serving %s://%s:%u   data and credentials in %s/   Ctrl-C stops\n",
           config->tls_cert ? "https" : "http", config->listen_host, http_port(service->http),
           config->data_dir);
    fflush(stdout);
    log_info("serving", LOG_TEXT("listen", config->listen),
             LOG_INT("port", http_port(service->http)));
}

/* SIGHUP reads the policy file again; any other signal is the end. */
static int wait_for_end(struct service *service, const sigset_t *signals)
{
    int number = 0;
    while (sigwait(signals, &number) == 0 && number == SIGHUP)
        policies_reread_file(service);
    return number;
}

/* Until the next signal, or until a proxy must have asked whether we are ready. */
static void leave(struct service *service, const sigset_t *signals)
{
    const struct timespec pause = {.tv_sec = service->config->leave_s};
    atomic_store(&service->is_leaving, true);
    while (pause.tv_sec > 0 && sigtimedwait(signals, NULL, &pause) < 0 && errno == EINTR)
        continue;
}

static struct writ_result serve(const struct config *config, const char *conninfo,
                                const sigset_t *signals)
{
    struct service service = {.config = config, .replica = uuid_new(clock_unix_us())};
    const struct db_options sessions = session_options(&service, conninfo);
    service.sessions = &sessions;
    struct writ_result result = keys_open(config->data_dir, &service.keys);
    if (writ_is_ok(result))
        result = mark_open(config->data_dir, &service.mark);
    if (writ_is_ok(result))
        result = start_memory(&service);
    if (writ_is_ok(result))
        result = start_ledger(&service);
    if (writ_is_ok(result)) {
        const struct http_options options = http_options(config, &service);
        result = http_start(&options, &service.http);
    }
    if (writ_is_ok(result)) {
        say_serving(config, &service);
        log_info("stopping", LOG_TEXT("signal", strsignal(wait_for_end(&service, signals))));
        leave(&service, signals);
    }
    stop(&service);
    return result;
}

static struct writ_result run(const struct config *config, const sigset_t *signals)
{
    WRIT_TRY(writ_crypto_start());
    if (mkdir(config->data_dir, 0711) != 0 && access(config->data_dir, W_OK) != 0) {
        log_error("data_dir", LOG_TEXT("path", config->data_dir),
                  LOG_TEXT("error", "not writable"));
        return WRIT_FAILURE(INTERNAL);
    }
    struct cluster *cluster = NULL;
    const char *conninfo = NULL;
    struct writ_result result = bootstrap_database(config, false, &cluster, &conninfo);
    if (writ_is_ok(result) && cluster) {
        result = cluster_add_login(cluster, config->database_role);
        conninfo = cluster_login_conninfo(cluster);
    }
    if (writ_is_ok(result))
        result = serve(config, conninfo, signals);
    cluster_stop(cluster);
    return result;
}

int main(int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "--routes") == 0)
        return print_routes();
    if (argc >= 2 && strcmp(argv[1], "recover") == 0)
        return recover_main(argc, argv);
    if (argc >= 2 && strcmp(argv[1], "maintain") == 0)
        return maintain_main(argc, argv);
    struct config config;
    const enum config_outcome outcome = config_read(&config, argc, argv, stdout, stderr);
    if (outcome != CONFIG_SERVE) {
        config_done(&config);
        return outcome == CONFIG_REFUSED ? EXIT_FAILURE : EXIT_SUCCESS;
    }
    /* Blocked before any thread starts, so that only the wait in serve() takes them. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);
    log_set_level(config.log_level);
    writ_json_allocate_by(allocate_or_end, free);

    mallopt(M_TRIM_THRESHOLD, KEPT_FREE_BYTES);
    mallopt(M_TOP_PAD, TAKEN_AT_ONCE_BYTES);
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);

    const struct writ_result result = run(&config, &signals);
    if (!writ_is_ok(result))
        log_error("not_serving", LOG_TEXT("reason", writ_status_text(result.status)));
    config_done(&config);
    return writ_is_ok(result) ? EXIT_SUCCESS : EXIT_FAILURE;
}
