#include "webhook_message.h"

#include "base/base64.h"
#include "base/crypto.h"
#include "clock.h"
#include "log.h"
#include "json/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SECRET_MIN = 24, SECRET_MAX = 64, TEXT_MAX = 128 };

/* ---- The secret --------------------------------------------------------------------------- */

static struct writ_result refuse(const char *path, const char *why)
{
    log_error("webhook_secret", LOG_TEXT("path", path), LOG_TEXT("error", why));
    return WRIT_FAILURE(INTERNAL);
}

static struct writ_result take(const char *path, struct writ_slice bytes, uint8_t **ret_key,
                               size_t *ret_size)
{
    if (bytes.size < SECRET_MIN || bytes.size > SECRET_MAX)
        return refuse(path, "must be of 24 to 64 bytes");
    uint8_t *key = writ_secret_new(bytes.size);
    WRIT_ENSURE(key, OUT_OF_MEMORY);
    memcpy(key, bytes.data, bytes.size);
    *ret_key = key;
    *ret_size = bytes.size;
    return WRIT_SUCCESS;
}

static struct writ_result decode(const char *path, char *text, uint8_t **ret_key, size_t *ret_size)
{
    static const char PREFIX[] = "whsec_";
    struct writ_arena arena;
    struct writ_slice bytes;
    text[strcspn(text, "\r\n")] = '\0';
    if (strncmp(text, PREFIX, sizeof PREFIX - 1) != 0)
        return refuse(path, "must begin with whsec_");
    writ_arena_init(&arena, 0);
    struct writ_result result = writ_base64_decode(
        &arena, writ_slice_text(text + sizeof PREFIX - 1), &bytes);
    if (writ_is_ok(result))
        result = take(path, bytes, ret_key, ret_size);
    else
        result = refuse(path, "must be base64 behind whsec_");
    writ_arena_done(&arena);
    return result;
}

struct writ_result webhook_read_secret(const char *path, uint8_t **ret_key, size_t *ret_size)
{
    char text[TEXT_MAX] = "";
    FILE *file = fopen(path, "re");
    if (!file)
        return refuse(path, strerror(errno));
    setvbuf(file, NULL, _IONBF, 0); /* no copy of it stays behind */
    const bool was_read = fgets(text, sizeof text, file) != NULL;
    fclose(file);
    const struct writ_result result = was_read ? decode(path, text, ret_key, ret_size)
                                               : refuse(path, "it is empty");
    writ_wipe(text, sizeof text);
    return result;
}

/* ---- A message ---------------------------------------------------------------------------- */

static struct writ_json *put_time(struct writ_arena *arena, struct writ_json *object,
                                  const char *name, int64_t unix_us)
{
    char text[CLOCK_TEXT_SIZE];
    clock_text(unix_us, text);
    return writ_json_put_string(arena, object, name, text);
}

static struct writ_slice body_of(struct writ_arena *arena, const struct webhook_event *event,
                                 const char *issuer_url)
{
    char approval[UUID_TEXT_SIZE];
    char task[UUID_TEXT_SIZE];
    uuid_text(&event->approval, approval);
    uuid_text(&event->task, task);
    struct writ_json *body = writ_json_new_object(arena);
    writ_json_put_string(arena, body, "type", writ_arena_printf(arena, "approval.%s", event->name));
    put_time(arena, body, "timestamp", event->at_us);
    struct writ_json *data = writ_json_put_object(arena, body, "data");
    writ_json_put_string(arena, data, "approval", approval);
    writ_json_put_string(arena, data, "task", task);
    put_time(arena, data, "expires_at", event->expires_at_us);
    const struct writ_json *last = writ_json_put_string(
        arena, data, "url",
        writ_arena_printf(arena, "%s/v1/approvals/%s?task=%s", issuer_url, approval, task));
    return last ? writ_json_canonical(arena, body) : WRIT_SLICE_NONE;
}

char *webhook_sign(struct writ_arena *arena, struct writ_slice key, const char *id,
                   int64_t now_unix_s, struct writ_slice body)
{
    uint8_t mac[32];
    const char *text = writ_arena_printf(arena, "%s.%lld.%.*s", id, (long long)now_unix_s,
                                         WRIT_SLICE_ARGS(body));
    if (!text)
        return NULL;
    writ_hmac_sha256(key, writ_slice_text(text), mac);
    const char *base64 = writ_base64_encode(arena, writ_slice_of(mac, sizeof mac));
    return base64 ? writ_arena_printf(arena, "v1,%s", base64) : NULL;
}

struct writ_result webhook_write(struct writ_arena *arena, const struct webhook_event *event,
                                 const char *issuer_url, struct writ_slice key, int64_t now_unix_s,
                                 struct webhook_message *ret_message)
{
    char approval[UUID_TEXT_SIZE];
    uuid_text(&event->approval, approval);
    /* Of the event, whatever the attempt: receivers know by it what comes twice. */
    const char *id = writ_arena_printf(arena, "%s-%s", approval, event->name);
    const struct writ_slice body = body_of(arena, event, issuer_url);
    WRIT_ENSURE(id && body.data, OUT_OF_MEMORY);
    const char *signature = webhook_sign(arena, key, id, now_unix_s, body);
    WRIT_ENSURE(signature, OUT_OF_MEMORY);
    *ret_message = (struct webhook_message){
        .body = body,
        .headers =
            {
                writ_arena_printf(arena, "webhook-id: %s", id),
                writ_arena_printf(arena, "webhook-timestamp: %lld", (long long)now_unix_s),
                writ_arena_printf(arena, "webhook-signature: %s", signature),
            },
    };
    for (size_t i = 0; i < 3; i++)
        WRIT_ENSURE(ret_message->headers[i], OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}
