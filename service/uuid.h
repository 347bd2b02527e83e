/* UUIDs: version 7 for what we make (RFC 9562), strict lowercase text for what we read. */
#ifndef WRIT_SERVICE_UUID_H
#define WRIT_SERVICE_UUID_H

#include "base/slice.h"
#include "base/status.h"

enum { UUID_TEXT_SIZE = 37 };

struct uuid {
    uint8_t bytes[16];
};

/* Time-ordered within this process too: ids made in one microsecond differ in random bits only. */
struct uuid uuid_new(int64_t unix_us);
void uuid_text(const struct uuid *id, char ret_text[static UUID_TEXT_SIZE]);
bool uuid_parse(struct writ_slice text, struct uuid *ret_id);
bool uuid_equal(const struct uuid *a, const struct uuid *b);
int uuid_compare(const struct uuid *a, const struct uuid *b);
/* Microseconds since 1970 at the millisecond in a version 7 id. */
int64_t uuid_unix_us(const struct uuid *id);

#endif
