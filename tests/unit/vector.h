/* The JSON files of tests/vectors, and how their members are read. */
#ifndef WRIT_TESTS_UNIT_VECTOR_H
#define WRIT_TESTS_UNIT_VECTOR_H

#include "json/json.h"

/* The file of this name, parsed; its nodes live in `arena`. */
const struct writ_json *vector_read(struct writ_arena *arena, const char *name);
/* The member, which must be there. */
const struct writ_json *vector_get(const struct writ_json *object, const char *name);
/* The text of a member; empty where there is none. */
struct writ_slice vector_text(const struct writ_json *object, const char *name);
int64_t vector_number(const struct writ_json *object, const char *name);
/* The bytes of a member in hexadecimal. */
struct writ_slice vector_hex(struct writ_arena *arena, const struct writ_json *object,
                             const char *name);

#endif
