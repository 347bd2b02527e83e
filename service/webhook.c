#include "webhook.h"

#include "base/crypto.h"
#include "clock.h"
#include "ledger/mark.h"
#include "ledger/sql.h"
#include "log.h"
#include "metrics.h"
#include "outbound/outbound.h"
#include "rounds.h"
#include "service.h"
#include "webhook_message.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EVERY_US = 1000000,
    UNDER_WAY_MAX = 16,
    DEADLINE_MS = 5000,
    ANSWER_MAX = 4096, /* of which nothing is read */
    CLAIM_S = 10,      /* longer than the deadline */
    ATTEMPTS_MAX = 10,
    PAUSE_MAX_S = 300, /* between two attempts */
};

enum slot_state { SLOT_FREE, SLOT_SENT, SLOT_ANSWERED };

/* One message under way. */
struct slot {
    enum slot_state state; /* under the lock; the rest is whose turn it is by that */
    struct webhook *webhook;
    struct webhook_event event;
    int64_t attempts;
    bool is_delivered;
    char said[80]; /* what came back, for the log */
    int64_t took_us;
};

struct webhook {
    struct service *service;
    uint8_t *key;
    size_t key_size;
    struct rounds rounds;
    struct db *db;
    pthread_mutex_t lock; /* of the states of slots */
    struct slot slots[UNDER_WAY_MAX];
};

/* ---- What became of it -------------------------------------------------------------------- */

/* 1, 2, 4 seconds and so on. */
static int64_t pause_s(int64_t attempts)
{
    const int64_t pause = INT64_C(1) << (attempts < 10 ? attempts - 1 : 9);
    return pause < PAUSE_MAX_S ? pause : PAUSE_MAX_S;
}

static struct writ_result settle(struct webhook *webhook, const struct webhook_event *event,
                                 int64_t attempts, const char *fate)
{
    const struct db_param params[] = {
        db_uuid(event->task.bytes), db_uuid(event->approval.bytes),   db_cstr(event->name),
        db_int8(attempts),          fate ? db_cstr(fate) : db_null(), db_int8(pause_s(attempts)),
    };
    return sql_run(webhook->db, STATEMENT_NOTICE_SETTLE, params, 6, NULL);
}

static void log_attempt(const struct slot *slot, const char *fate)
{
    char approval[UUID_TEXT_SIZE];
    uuid_text(&slot->event.approval, approval);
    if (slot->is_delivered)
        log_info("webhook_delivered", LOG_TEXT("approval", approval),
                 LOG_TEXT("event", slot->event.name), LOG_INT("attempt", slot->attempts),
                 LOG_INT("us", slot->took_us));
    else if (fate)
        log_error("webhook_given_up", LOG_TEXT("approval", approval),
                  LOG_TEXT("event", slot->event.name), LOG_INT("attempt", slot->attempts),
                  LOG_TEXT("said", slot->said));
    else
        log_warn("webhook_failed", LOG_TEXT("approval", approval),
                 LOG_TEXT("event", slot->event.name), LOG_INT("attempt", slot->attempts),
                 LOG_TEXT("said", slot->said));
}

static struct writ_result settle_slot(struct webhook *webhook, struct slot *slot)
{
    const char *fate = slot->is_delivered               ? "delivered"
                       : slot->attempts >= ATTEMPTS_MAX ? "given_up"
                                                        : NULL;
    WRIT_TRY(settle(webhook, &slot->event, slot->attempts, fate));
    log_attempt(slot, fate);
    metrics_count_webhook(webhook->service->metrics, slot->is_delivered ? WEBHOOK_DELIVERED
                                                     : fate             ? WEBHOOK_GIVEN_UP
                                                                        : WEBHOOK_FAILED);
    return WRIT_SUCCESS;
}

static struct slot *find_slot(struct webhook *webhook, enum slot_state state)
{
    struct slot *found = NULL;
    pthread_mutex_lock(&webhook->lock);
    for (size_t i = 0; i < UNDER_WAY_MAX && !found; i++)
        if (webhook->slots[i].state == state)
            found = &webhook->slots[i];
    pthread_mutex_unlock(&webhook->lock);
    return found;
}

static void set(struct slot *slot, enum slot_state state)
{
    pthread_mutex_lock(&slot->webhook->lock);
    slot->state = state;
    pthread_mutex_unlock(&slot->webhook->lock);
}

/* What could not be written down stays for the next pass. */
static struct writ_result settle_answered(struct webhook *webhook)
{
    struct slot *slot;
    while ((slot = find_slot(webhook, SLOT_ANSWERED)) != NULL) {
        WRIT_TRY(settle_slot(webhook, slot));
        set(slot, SLOT_FREE);
    }
    return WRIT_SUCCESS;
}

/* On the outbound room's thread. A redirect is no delivery: it was not followed. */
static void on_answer(const struct outbound_answer *answer, void *context)
{
    struct slot *slot = context;
    struct webhook *webhook = slot->webhook;
    const bool is_answer = answer->fate == OUTBOUND_ANSWERED;
    slot->is_delivered = is_answer && answer->status >= 200 && answer->status < 300;
    slot->took_us = answer->took_us;
    if (is_answer)
        snprintf(slot->said, sizeof slot->said, "status %ld", answer->status);
    else
        snprintf(slot->said, sizeof slot->said, "%s", outbound_fate_text(answer->fate));
    set(slot, SLOT_ANSWERED);
    webhook_wake(webhook);
}

/* ---- Sending ------------------------------------------------------------------------------ */

static struct writ_result write_and_send(struct slot *slot, struct writ_arena *arena)
{
    struct webhook *webhook = slot->webhook;
    const struct config *config = webhook->service->config;
    struct webhook_message message;
    WRIT_TRY(webhook_write(arena, &slot->event, config->issuer_url,
                           writ_slice_of(webhook->key, webhook->key_size),
                           clock_unix_us() / 1000000, &message));
    const struct outbound_request request = {
        .url = config->approval_webhook,
        .body = message.body,
        .headers = message.headers,
        .deadline_ms = DEADLINE_MS,
        .answer_max = ANSWER_MAX,
        .done = on_answer,
        .context = slot,
    };
    return outbound_send(webhook->service->outbound, &request);
}

/* A message that cannot be sent now is due again when its claim ends. */
static void send_slot(struct slot *slot)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    set(slot, SLOT_SENT);
    const struct writ_result result = write_and_send(slot, &arena);
    writ_arena_done(&arena);
    if (writ_is_ok(result))
        return;
    log_warn("webhook_not_sent", LOG_TEXT("error", writ_status_text(result.status)));
    set(slot, SLOT_FREE);
}

/* Whether it is still so: nobody is asked any more who has answered, and what was decided does not
 * end by time. */
static bool is_moot(const struct webhook_event *event, struct writ_slice state)
{
    return (strcmp(event->name, "requested") == 0 && !writ_slice_is(state, "pending")) ||
           (strcmp(event->name, "expired") == 0 && !writ_slice_is(state, "expired"));
}

static struct writ_result claim(struct webhook *webhook, struct slot *slot)
{
    enum { ATTEMPTS, AT, EXPIRES_AT, STATE };
    struct webhook_event *event = &slot->event;
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_uuid(event->task.bytes), db_uuid(event->approval.bytes),
                                      db_cstr(event->name), db_int8(CLAIM_S)};
    WRIT_TRY(sql_run(webhook->db, STATEMENT_NOTICE_CLAIM, params, 4, &rows));
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    slot->attempts = db_get_int8(rows, 0, ATTEMPTS);
    event->at_us = db_get_time(rows, 0, AT);
    event->expires_at_us = db_get_time(rows, 0, EXPIRES_AT);
    if (is_moot(event, db_get_text(rows, 0, STATE)))
        return settle(webhook, event, slot->attempts, "moot");
    send_slot(slot);
    return WRIT_SUCCESS;
}

static struct writ_result send_due(struct webhook *webhook)
{
    enum { TASK, APPROVAL, EVENT };
    SQL_RESULT rows = NULL;
    const struct db_param limit = db_int8(UNDER_WAY_MAX);
    if (!find_slot(webhook, SLOT_FREE))
        return WRIT_SUCCESS;
    WRIT_TRY(sql_run(webhook->db, STATEMENT_NOTICES_DUE, &limit, 1, &rows));
    for (size_t i = 0; i < db_rows(rows); i++) {
        struct slot *slot = find_slot(webhook, SLOT_FREE);
        if (!slot)
            break;
        *slot = (struct slot){.webhook = webhook};
        (void)db_get_uuid(rows, i, TASK, slot->event.task.bytes);
        (void)db_get_uuid(rows, i, APPROVAL, slot->event.approval.bytes);
        snprintf(slot->event.name, sizeof slot->event.name, "%.*s",
                 WRIT_SLICE_ARGS(db_get_text(rows, i, EVENT)));
        WRIT_TRY(claim(webhook, slot));
    }
    return WRIT_SUCCESS;
}

/* ---- The thread --------------------------------------------------------------------------- */

/* Nothing is written to a database that is behind until it is recovered. */
static bool has_session(struct webhook *webhook)
{
    return !mark_is_behind(webhook->service->mark) &&
           (webhook->db || db_open(webhook->service->sessions, &webhook->db) == DB_OK);
}

static void pass(void *context)
{
    struct webhook *webhook = context;
    if (!has_session(webhook))
        return;
    struct writ_result result = settle_answered(webhook);
    if (writ_is_ok(result))
        result = send_due(webhook);
    if (writ_is_ok(result))
        return;
    log_warn("webhook_pass_failed", LOG_TEXT("error", db_message(webhook->db)));
    webhook->db = db_close(webhook->db);
}

void webhook_wake(struct webhook *webhook)
{
    if (webhook)
        rounds_wake(&webhook->rounds);
}

static struct webhook *release(struct webhook *webhook)
{
    db_close(webhook->db);
    writ_secret_free(webhook->key);
    pthread_mutex_destroy(&webhook->lock);
    free(webhook);
    return NULL;
}

struct writ_result webhook_start(struct service *service, struct webhook **ret_webhook)
{
    *ret_webhook = NULL;
    if (!service->config->approval_webhook)
        return WRIT_SUCCESS;
    struct webhook *webhook = calloc(1, sizeof *webhook);
    WRIT_ENSURE(webhook, OUT_OF_MEMORY);
    webhook->service = service;
    pthread_mutex_init(&webhook->lock, NULL);
    struct writ_result result = webhook_read_secret(service->config->approval_webhook_secret,
                                                    &webhook->key, &webhook->key_size);
    if (writ_is_ok(result))
        result = rounds_start(&webhook->rounds, EVERY_US, pass, webhook);
    *ret_webhook = writ_is_ok(result) ? webhook : release(webhook);
    return result;
}

void webhook_end(struct webhook *webhook)
{
    if (webhook)
        rounds_stop(&webhook->rounds);
}

struct webhook *webhook_free(struct webhook *webhook)
{
    if (!webhook)
        return NULL;
    rounds_done(&webhook->rounds);
    return release(webhook);
}
