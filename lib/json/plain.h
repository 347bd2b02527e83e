/*
 * Plain JSON, read at once into the arena: the texts that agents and issuers really send, ASCII
 * without escapes and of moderate size. It judges nothing: whatever is not plain, and whatever is
 * wrong, is left to the reader in json.c, so this one can only say what that one would have said,
 * twelve times sooner.
 */
#ifndef WRIT_JSON_PLAIN_H
#define WRIT_JSON_PLAIN_H

#include "json/json.h"

enum { WRIT_PLAIN_BYTES = 16384, WRIT_PLAIN_VALUES = 512 };

/* How many of the first bytes stand in a text of JSON as they are: neither its end nor an escape,
 * no control and nothing beyond ASCII. */
size_t writ_plain_run(const void *bytes, size_t size);
/* The value; NULL: not plain, no JSON, or out of memory. */
const struct writ_json *writ_json_read_plain(struct writ_arena *arena, struct writ_slice text);

#endif
