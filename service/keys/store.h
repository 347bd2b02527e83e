/* A secret in a file of 0600: made once, never replaced, refused when others can read it. */
#ifndef WRIT_KEYS_STORE_H
#define WRIT_KEYS_STORE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* NOT_FOUND where there is no such file; INTERNAL, with the reason logged, for all else. */
struct writ_result store_read(const char *path, uint8_t *ret_bytes, size_t size) WRIT_MUST_CHECK;
/* Durable when it returns. CONFLICT when the file is there by now: another process made it. */
struct writ_result store_create(const char *path, const uint8_t *bytes,
                                size_t size) WRIT_MUST_CHECK;

#endif
