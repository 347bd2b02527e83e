/* The reader of any JSON, for what plain.h leaves: it judges, and its refusal is the answer. */
#ifndef WRIT_JSON_READER_H
#define WRIT_JSON_READER_H

#include "json/json.h"

/* As writ_json_parse. */
struct writ_result writ_json_read_any(struct writ_arena *arena, struct writ_slice text,
                                      const struct writ_json **ret_value) WRIT_MUST_CHECK;

#endif
