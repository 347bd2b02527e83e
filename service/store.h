/* Small files of 0600 that must be whole and durable: keys, which are made once and never
 * replaced, and the mark, which is. Refused when others can read them. */
#ifndef WRIT_SERVICE_STORE_H
#define WRIT_SERVICE_STORE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* NOT_FOUND where there is no such file; INTERNAL, with the reason logged, for all else. */
struct writ_result store_read(const char *path, uint8_t *ret_bytes, size_t size) WRIT_MUST_CHECK;
/* Durable when it returns. CONFLICT when the file is there by now: another process made it. */
struct writ_result store_create(const char *path, const uint8_t *bytes,
                                size_t size) WRIT_MUST_CHECK;
/* The old bytes or the new ones, whenever the power fails; the new ones once it has returned. At
 * least two fsyncs. */
struct writ_result store_replace(const char *path, const uint8_t *bytes,
                                 size_t size) WRIT_MUST_CHECK;
/* The same for a file that is there, has this size, and lies within one sector, as 512 bytes from
 * the start do: no name changes and nothing grows, so it is one fdatasync of data alone. */
struct writ_result store_overwrite(const char *path, const uint8_t *bytes,
                                   size_t size) WRIT_MUST_CHECK;

#endif
