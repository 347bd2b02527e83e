/*
 * What the operator's URL is told of an approval, and how the receiver knows that it is from us:
 * Standard Webhooks 1.0.0, symmetric (v1). A message names the approval and links to it; what an
 * agent wrote is not in it, as chats and mails that it ends up in show text as they like.
 */
#ifndef WRIT_SERVICE_WEBHOOK_MESSAGE_H
#define WRIT_SERVICE_WEBHOOK_MESSAGE_H

#include "base/arena.h"
#include "base/status.h"
#include "uuid.h"

enum { WEBHOOK_EVENT_CAP = 16 };

struct webhook_event {
    struct uuid task;
    struct uuid approval;
    char name[WEBHOOK_EVENT_CAP]; /* "requested": what happened to the approval */
    int64_t at_us;
    int64_t expires_at_us;
};

struct webhook_message {
    struct writ_slice body;
    const char *headers[4]; /* id, timestamp and signature; NULL ends */
};

/* The secret of the file: "whsec_" and base64 of 24 to 64 bytes. INTERNAL with the reason logged;
 * ret_key is of writ_secret_new. */
struct writ_result webhook_read_secret(const char *path, uint8_t **ret_key,
                                       size_t *ret_size) WRIT_MUST_CHECK;
/* "v1," and base64; NULL when out of memory. No full stop in the id. */
char *webhook_sign(struct writ_arena *arena, struct writ_slice key, const char *id,
                   int64_t now_unix_s, struct writ_slice body);
/* Signed as sent now; in the arena. */
struct writ_result webhook_write(struct writ_arena *arena, const struct webhook_event *event,
                                 const char *issuer_url, struct writ_slice key, int64_t now_unix_s,
                                 struct webhook_message *ret_message) WRIT_MUST_CHECK;

#endif
