/* base64 with the alphabet of RFC 4648 section 4, as HTTP and webhooks have it. Tokens do not. */
#ifndef WRIT_BASE_BASE64_H
#define WRIT_BASE_BASE64_H

#include "base/arena.h"
#include "base/status.h"

/* Padded, terminated text in the arena; NULL when out of memory. */
char *writ_base64_encode(struct writ_arena *arena, struct writ_slice bytes);
/* Padded or not; strict in all else. MALFORMED. */
struct writ_result writ_base64_decode(struct writ_arena *arena, struct writ_slice text,
                                      struct writ_slice *ret_bytes) WRIT_MUST_CHECK;

#endif
