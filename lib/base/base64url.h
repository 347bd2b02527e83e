/* base64url without padding, RFC 4648 section 5, strict: no whitespace, no padding, zero tail. */
#ifndef WRIT_BASE_BASE64URL_H
#define WRIT_BASE_BASE64URL_H

#include "base/arena.h"
#include "base/status.h"

#define WRIT_BASE64URL_SIZE(bytes) (((bytes)*4 + 2) / 3)
enum { WRIT_HASH_TEXT_SIZE = WRIT_BASE64URL_SIZE(32) };

/* Terminated text in the arena; NULL when out of memory. */
char *writ_base64url_encode(struct writ_arena *arena, struct writ_slice bytes);
/* Writes WRIT_BASE64URL_SIZE(32) characters and a NUL. */
void writ_base64url_hash(const uint8_t hash[static 32], char ret_text[static 44]);
/* MALFORMED for any character or tail that the encoder would not have written. */
struct writ_result writ_base64url_decode(struct writ_arena *arena, struct writ_slice text,
                                         struct writ_slice *ret_bytes) WRIT_MUST_CHECK;
/* Exactly `size` bytes, or MALFORMED with ret_bytes untouched. */
struct writ_result writ_base64url_decode_exact(struct writ_slice text, uint8_t *ret_bytes,
                                               size_t size) WRIT_MUST_CHECK;

#endif
