/*
 * An object that is written member by member, without a tree in between: for answers that are given
 * many thousand times a second. Members stand in the order in which they are put, each once, so the
 * text is RFC 8785's where that order is. A failure sticks: only the end need be looked at.
 */
#ifndef WRIT_JSON_TEXT_H
#define WRIT_JSON_TEXT_H

#include "json/json.h"

struct writ_json_text {
    struct writ_arena *arena;
    char *bytes; /* in the arena, doubling as they fill */
    size_t size;
    size_t capacity;
    bool failed;
    bool verbatim; /* numbers as they were written */
};

void writ_json_text_begin(struct writ_json_text *text, struct writ_arena *arena);
/* RFC 8785 of it; NULL fails. */
void writ_json_text_put(struct writ_json_text *text, const char *name,
                        const struct writ_json *value);
void writ_json_text_put_string(struct writ_json_text *text, const char *name,
                               struct writ_slice string);
/* RFC 8785's text of it up to 2^53. */
void writ_json_text_put_integer(struct writ_json_text *text, const char *name, int64_t integer);
void writ_json_text_put_boolean(struct writ_json_text *text, const char *name, bool boolean);
/* The whole, terminated; data is NULL when out of memory. */
struct writ_slice writ_json_text_end(struct writ_json_text *text);

#endif
