#include "ledger/view.h"

#include "base/base64url.h"
#include "clock.h"
#include "ledger/circuits.h"
#include "ledger/keyset.h"
#include "ledger/mark.h"
#include "ledger/position.h"
#include "ledger/refusals.h"
#include "ledger/registry.h"
#include "ledger/sql.h"
#include "log.h"
#include "rounds.h"
#include "service.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A page is read well within the timeout of a statement. */
enum { BEATS_A_BOUND = 8, BEATS_KEPT = 1024, FEED_PAGE = 5000 };

static const int64_t PARTITIONS_EVERY_US = INT64_C(1800) * 1000000;
/* With fewer ahead there is no waiting: the clock was set forward, or some were dropped. */
static const int64_t PARTITIONS_AHEAD_US = INT64_C(3) * 86400 * 1000000;
static const int64_t PARTITIONS_AGAIN_US = INT64_C(1000000);

struct view {
    struct service *service;
    void (*on_beat)(struct service *service);
    struct rounds rounds;

    pthread_rwlock_t sets_lock;
    struct keyset delegations; /* task ‖ delegation: revoked or completed */
    struct keyset tasks;       /* task ‖ zeroes: ended */
    struct keyset keys;        /* thumbprint */
    struct keyset lowered;     /* task ‖ number: its label was lowered for that time */
    bool loaded;
    struct uuid epoch;
    int64_t head;
    int64_t read_beat; /* the newest own one that the last read had; 0: none */
    int64_t fresh_us;  /* local monotonic time; 0: never */
    int64_t partitions_until_us;

    /* The thread's own. */
    struct db *db;      /* where beats are written */
    struct db *standby; /* where the feed is read; NULL: there, too */
    int64_t beat;
    int64_t sent_us[BEATS_KEPT]; /* of the last beats, by number */
    int64_t partitions_us;       /* local monotonic time at which they were asked for; 0: never */
};

/* ---- Asking ------------------------------------------------------------------------------- */

static void join_ids(const struct uuid *task, const struct uuid *delegation,
                     uint8_t ret_key[static 32])
{
    memset(ret_key, 0, 32);
    memcpy(ret_key, task->bytes, 16);
    if (delegation)
        memcpy(ret_key + 16, delegation->bytes, 16);
}

static struct writ_result judge(const struct view *view, const struct chain *chain,
                                struct writ_denial *ret_denial)
{
    uint8_t key[32];
    *ret_denial = (struct writ_denial){.step = "", .hop = -1};
    ret_denial->outcome = WRIT_STATUS_UNKNOWN;
    WRIT_ENSURE(view->loaded, STATUS_UNKNOWN);
    ret_denial->outcome = WRIT_TASK_CLOSED;
    join_ids(&chain->task, NULL, key);
    WRIT_ENSURE(!keyset_has(&view->tasks, key), TASK_CLOSED);
    ret_denial->outcome = WRIT_REVOKED;
    for (size_t i = 0; i < chain->count; i++) {
        ret_denial->hop = (int)i;
        join_ids(&chain->task, &chain->links[i].id, key);
        WRIT_ENSURE(!keyset_has(&view->delegations, key), REVOKED);
        snprintf(ret_denial->field, sizeof ret_denial->field, "cnf");
        WRIT_ENSURE(!keyset_has(&view->keys, chain->links[i].holder_sha256), REVOKED);
        ret_denial->field[0] = '\0';
    }
    *ret_denial = (struct writ_denial){.step = "", .hop = -1};
    return WRIT_SUCCESS;
}

struct writ_result view_check(struct view *view, const struct chain *chain,
                              struct writ_denial *ret_denial)
{
    pthread_rwlock_rdlock(&view->sets_lock);
    const struct writ_result result = judge(view, chain, ret_denial);
    pthread_rwlock_unlock(&view->sets_lock);
    return result;
}

bool view_has_revoked_key(struct view *view, const char thumbprint[static 44])
{
    uint8_t key[32];
    if (!writ_is_ok(writ_base64url_decode_exact(writ_slice_text(thumbprint), key, sizeof key)))
        return true;
    pthread_rwlock_rdlock(&view->sets_lock);
    const bool is_revoked = keyset_has(&view->keys, key);
    pthread_rwlock_unlock(&view->sets_lock);
    return is_revoked;
}

static void join_time(const struct uuid *task, uint32_t time, uint8_t ret_key[static 32])
{
    join_ids(task, NULL, ret_key);
    memcpy(ret_key + 16, &time, sizeof time);
}

/* People lower labels: it is seldom once, and hardly ever more. */
static uint32_t label_epoch(const struct view *view, const struct uuid *task)
{
    uint32_t times = 0;
    uint8_t key[32];
    do
        join_time(task, ++times, key);
    while (keyset_has(&view->lowered, key));
    return times - 1;
}

uint32_t view_label_epoch(struct view *view, const struct uuid *task)
{
    pthread_rwlock_rdlock(&view->sets_lock);
    const uint32_t epoch = view->lowered.count > 0 ? label_epoch(view, task) : 0;
    pthread_rwlock_unlock(&view->sets_lock);
    return epoch;
}

void view_state(struct view *view, struct view_state *ret_state)
{
    pthread_rwlock_rdlock(&view->sets_lock);
    *ret_state = (struct view_state){
        .loaded = view->loaded,
        .epoch = view->epoch,
        .head = view->head,
        .staleness_us = view->fresh_us ? clock_monotonic_us() - view->fresh_us : INT64_MAX,
        .partitions_until_us = view->partitions_until_us,
        .reason = !view->loaded ? "the feed of revocations was not read yet"
                  : view->service->config->follow
                      ? "what the followed standby shows is older than its bound"
                      : NULL,
    };
    pthread_rwlock_unlock(&view->sets_lock);
}

/* ---- Following ---------------------------------------------------------------------------- */

/* Columns of feed.sql. */
enum {
    HEAD,
    EPOCH,
    OWN_BEAT,
    BEHIND,
    PARTITIONS_UNTIL,
    FEED_NO,
    KIND,
    TASK,
    DELEGATION,
    THUMBPRINT,
};

static bool add_entry(struct view *view, struct db_result *rows, size_t row)
{
    struct uuid task;
    struct uuid delegation;
    uint8_t key[32];
    const bool has_task = db_get_uuid(rows, row, TASK, task.bytes);
    const bool has_delegation = db_get_uuid(rows, row, DELEGATION, delegation.bytes);
    if (!has_task)
        return writ_is_ok(
                   writ_base64url_decode_exact(db_get_text(rows, row, THUMBPRINT), key, 32)) &&
               keyset_add(&view->keys, key);
    if (writ_slice_is(db_get_text(rows, row, KIND), "declassified")) {
        join_time(&task, label_epoch(view, &task) + 1, key);
        return keyset_add(&view->lowered, key);
    }
    join_ids(&task, has_delegation ? &delegation : NULL, key);
    return keyset_add(has_delegation ? &view->delegations : &view->tasks, key);
}

static void forget(struct view *view)
{
    keyset_done(&view->delegations);
    keyset_done(&view->tasks);
    keyset_done(&view->keys);
    keyset_done(&view->lowered);
    view->loaded = false;
    view->head = 0;
}

/* What memory holds is of another past: it is read from zero, and until then denies. Chains too: a
 * link that the database has lost must not live on here. */
static void begin_anew(struct view *view)
{
    pthread_rwlock_wrlock(&view->sets_lock);
    forget(view);
    view->fresh_us = 0;
    view->read_beat = 0;
    pthread_rwlock_unlock(&view->sets_lock);
    chains_forget_all(view->service->chains);
}

/* A smaller head or another epoch. */
static bool is_other_past(const struct view *view, struct db_result *rows)
{
    struct uuid epoch;
    return view->head > 0 || view->loaded
               ? !db_get_uuid(rows, 0, EPOCH, epoch.bytes) || !uuid_equal(&epoch, &view->epoch) ||
                     db_get_int8(rows, 0, HEAD) < view->head
               : false;
}

/* While a page is full more may follow: memory is not fresh before the last one, and a view that
 * never was whole is not loaded. */
static void take_rows(struct view *view, struct db_result *rows)
{
    pthread_rwlock_wrlock(&view->sets_lock);
    bool complete = true;
    int64_t last = view->head;
    for (size_t i = 0; i < db_rows(rows) && complete; i++) {
        if (db_is_null(rows, i, FEED_NO))
            continue;
        complete = add_entry(view, rows, i);
        last = complete ? db_get_int8(rows, i, FEED_NO) : last;
    }
    const bool is_last = db_rows(rows) < FEED_PAGE;
    view->head = last;
    (void)db_get_uuid(rows, 0, EPOCH, view->epoch.bytes);
    view->partitions_until_us = db_get_time(rows, 0, PARTITIONS_UNTIL);
    view->loaded = complete && !db_is_null(rows, 0, EPOCH) && (view->loaded || is_last);
    view->read_beat = view->loaded && is_last ? db_get_int8(rows, 0, OWN_BEAT) : 0;
    pthread_rwlock_unlock(&view->sets_lock);
}

/* Memory first, which refuses; then the mark. A view whose mark can not be written is not fresh.
 * What does not reach the mark is a standby that is late: its primary was asked. It raises no mark,
 * and where memory knows more, or another epoch, it says nothing. */
static void take_feed(struct view *view, struct db_result *rows)
{
    const bool is_late = db_get_bool(rows, 0, BEHIND);
    if (is_late && is_other_past(view, rows))
        return;
    if (is_other_past(view, rows)) {
        log_warn("feed_of_another_past", LOG_INT("head", view->head));
        begin_anew(view);
        return;
    }
    take_rows(view, rows);
    if (!view->loaded || is_late)
        return;
    const struct mark_position reached = {.epoch = view->epoch, .head = view->head};
    if (writ_is_ok(mark_follow(view->service->mark, &reached))) {
        position_found(view->service, &reached, false);
        return;
    }
    pthread_rwlock_wrlock(&view->sets_lock);
    view->read_beat = 0;
    pthread_rwlock_unlock(&view->sets_lock);
}

/* Only when all that memory refuses by was read: revocations and the registry. */
static void set_fresh(struct view *view)
{
    pthread_rwlock_wrlock(&view->sets_lock);
    const int64_t sent_us = view->sent_us[view->read_beat % BEATS_KEPT];
    if (view->read_beat > 0 && view->beat - view->read_beat < BEATS_KEPT &&
        view->fresh_us < sent_us)
        view->fresh_us = sent_us;
    pthread_rwlock_unlock(&view->sets_lock);
}

static struct writ_result fall_behind(struct view *view, const struct mark_position *found,
                                      const struct mark_position *mark)
{
    position_found(view->service, found, true);
    begin_anew(view);
    return mark ? position_tell(view->db, mark) : WRIT_SUCCESS;
}

/* Those of the days ahead. That they can not be made is no reason to stop following: while there
 * are some it changes nothing, and /readyz says when there are none. */
static struct writ_result make_partitions(struct view *view, int64_t now_us)
{
    const bool few = view->partitions_until_us - clock_unix_us() < PARTITIONS_AHEAD_US;
    const int64_t every_us = few ? PARTITIONS_AGAIN_US : PARTITIONS_EVERY_US;
    if (view->partitions_us != 0 && now_us - view->partitions_us < every_us)
        return WRIT_SUCCESS;
    view->partitions_us = now_us;
    const enum db_error error = db_run(view->db, &STATEMENTS[STATEMENT_PARTITIONS], NULL, 0, NULL);
    if (error != DB_OK)
        log_warn("partitions_not_made", LOG_TEXT("error", db_message(view->db)));
    return error == DB_LOST ? db_to_result(error) : WRIT_SUCCESS;
}

static struct writ_result send_beat(struct view *view)
{
    view->beat++;
    view->sent_us[view->beat % BEATS_KEPT] = clock_monotonic_us();
    const struct db_param beat[] = {db_uuid(view->service->replica.bytes), db_int8(view->beat)};
    return sql_run(view->db, STATEMENT_BEAT, beat, 2, NULL);
}

/* Whether the database is behind the mark is asked where it is written. */
static struct writ_result read_feed(struct view *view, struct db *source)
{
    SQL_RESULT rows = NULL;
    struct mark_position mark;
    struct mark_position found = {0};
    bool is_behind = false;
    const bool has_mark = mark_get(view->service->mark, &mark);
    if (source != view->db) {
        WRIT_TRY(position_ask(view->db, has_mark ? &mark : NULL, &found, &is_behind));
        if (is_behind)
            return fall_behind(view, &found, has_mark ? &mark : NULL);
        position_found(view->service, &found, false);
    }
    const struct db_param since[] = {db_int8(view->head), db_uuid(view->service->replica.bytes),
                                     db_uuid(has_mark ? mark.epoch.bytes : NULL),
                                     db_int8(has_mark ? mark.head : 0), db_int8(FEED_PAGE)};
    WRIT_TRY(sql_run(source, STATEMENT_FEED, since, 5, &rows));
    WRIT_ENSURE(db_rows(rows) > 0, INTERNAL);
    if (source == view->db && db_get_bool(rows, 0, BEHIND)) {
        found.head = db_get_int8(rows, 0, HEAD);
        (void)db_get_uuid(rows, 0, EPOCH, found.epoch.bytes);
        return fall_behind(view, &found, has_mark ? &mark : NULL);
    }
    take_feed(view, rows);
    if (db_rows(rows) >= FEED_PAGE)
        view_wake(view); /* for the next page */
    return WRIT_SUCCESS;
}

/* `source` NULL: there is none now, and the view grows old. */
static struct writ_result follow(struct view *view, struct db *source)
{
    struct service *service = view->service;
    WRIT_TRY(send_beat(view));
    if (source)
        WRIT_TRY(read_feed(view, source));
    if (mark_is_behind(service->mark))
        return WRIT_SUCCESS;
    WRIT_TRY(registry_reload(service->registries, view->db, false));
    WRIT_TRY(circuits_follow(service->circuits, view->db, service->config->circuit_open_s));
    if (source)
        set_fresh(view);
    WRIT_TRY(refusals_flush(service->refusals, view->db));
    return make_partitions(view, clock_monotonic_us());
}

/* A session to look with: the only one that a database which is behind may have. */
static bool has_session(const struct view *view, const char *conninfo, struct db **db)
{
    struct db_options options = *view->service->sessions;
    options.accept = NULL;
    if (conninfo)
        options.conninfo = conninfo;
    return *db || db_open(&options, db) == DB_OK;
}

static void beat(struct view *view)
{
    const char *standby = view->service->config->follow;
    if (!has_session(view, NULL, &view->db))
        return;
    struct db *source = view->db;
    if (standby)
        source = has_session(view, standby, &view->standby) ? view->standby : NULL;
    if (writ_is_ok(follow(view, source)))
        return;
    log_warn("feed_not_read", LOG_TEXT("error", db_message(view->db)),
             LOG_TEXT("standby", view->standby ? db_message(view->standby) : ""));
    view->db = db_close(view->db);
    view->standby = db_close(view->standby);
}

/* ---- The thread --------------------------------------------------------------------------- */

static void make_round(void *context)
{
    struct view *view = context;
    beat(view);
    view->on_beat(view->service);
}

void view_wake(struct view *view)
{
    rounds_wake(&view->rounds);
}

struct writ_result view_start(struct service *service, void (*on_beat)(struct service *service),
                              struct view **ret_view)
{
    struct view *view = calloc(1, sizeof *view);
    WRIT_ENSURE(view, OUT_OF_MEMORY);
    view->service = service;
    view->on_beat = on_beat;
    pthread_rwlock_init(&view->sets_lock, NULL);
    const int64_t every_us = (int64_t)service->config->staleness_write_ms * 1000 / BEATS_A_BOUND;
    const struct writ_result started = rounds_start(&view->rounds, every_us, make_round, view);
    if (!writ_is_ok(started)) {
        pthread_rwlock_destroy(&view->sets_lock);
        free(view);
        return started;
    }
    *ret_view = view;
    return WRIT_SUCCESS;
}

struct view *view_stop(struct view *view)
{
    if (!view)
        return NULL;
    rounds_stop(&view->rounds);
    rounds_done(&view->rounds);
    if (view->db && !writ_is_ok(refusals_flush(view->service->refusals, view->db)))
        log_warn("refusals_not_written", LOG_TEXT("error", db_message(view->db)));
    db_close(view->db);
    db_close(view->standby);
    forget(view);
    pthread_rwlock_destroy(&view->sets_lock);
    free(view);
    return NULL;
}
