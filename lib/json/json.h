/*
 * Strict JSON in, RFC 8785 out (rule of one: the only room that includes jansson.h).
 *
 * jansson judges the structure; the text of each number is kept beside the value, since AAT-02
 * needs it: a number is *admissible* when RFC 8785 writes the same number that was read. Refused
 * at parsing: duplicate members, nesting over WRIT_JSON_DEPTH, an object of more than
 * WRIT_JSON_MEMBERS, U+0000 in any text, bytes that are no UTF-8, anything behind the value.
 * Nodes live in an arena and are read as plain structs.
 */
#ifndef WRIT_JSON_JSON_H
#define WRIT_JSON_JSON_H

#include "base/arena.h"
#include "base/status.h"

/* Members are looked up one after the other, so their number in one object is bounded. */
enum { WRIT_JSON_DEPTH = 80, WRIT_JSON_MEMBERS = 1024 };
/* The capacity of an array or object that missed an addition; it can no longer be written. */
#define WRIT_JSON_BROKEN SIZE_MAX

enum writ_json_type {
    WRIT_JSON_NULL,
    WRIT_JSON_BOOLEAN,
    WRIT_JSON_NUMBER,
    WRIT_JSON_STRING,
    WRIT_JSON_ARRAY,
    WRIT_JSON_OBJECT,
};

struct writ_json {
    enum writ_json_type type;
    bool boolean;
    bool admissible;          /* a number that survives RFC 8785 */
    double number;            /* infinite when the text is out of range (then not admissible) */
    struct writ_slice text;   /* STRING: its UTF-8; NUMBER: as it was written */
    size_t count;             /* ARRAY, OBJECT */
    size_t capacity;          /* of items, while it is built */
    struct writ_json *items;  /* ARRAY: elements; OBJECT: values, in the order of the text */
    struct writ_slice *names; /* OBJECT: names, beside items */
};

/* MALFORMED or DUPLICATE_MEMBER; nodes and texts are copies in the arena. Any JSON value. */
struct writ_result writ_json_parse(struct writ_arena *arena, struct writ_slice text,
                                   const struct writ_json **ret_value) WRIT_MUST_CHECK;

/* For the owner of a process, at its start: what jansson allocates by. Version 2.14 does not
 * survive an allocation that fails (it can lose a byte of a text, or write behind its block), so a
 * process gives it one that ends the process instead. A library must not. */
void writ_json_allocate_by(void *(*allocate)(size_t size), void (*release)(void *block));

/* The member's value, or NULL; NULL too when value is NULL or no object. */
const struct writ_json *writ_json_get(const struct writ_json *value, const char *name);
const struct writ_json *writ_json_get_slice(const struct writ_json *value, struct writ_slice name);
bool writ_json_is(const struct writ_json *value, enum writ_json_type type);
/* The text of a string, or WRIT_SLICE_NONE for anything else. */
struct writ_slice writ_json_text(const struct writ_json *value);
/* A number written without fraction or exponent that fits. */
bool writ_json_integer(const struct writ_json *value, int64_t *ret_integer);
/* Every number in the tree is admissible. */
bool writ_json_all_admissible(const struct writ_json *value);
/* True for an object of which every member is named in `names`, which NULL ends. */
bool writ_json_only(const struct writ_json *object, const char *const *names);
/* True for an array of strings (an empty one too). */
bool writ_json_is_texts(const struct writ_json *value);

/* RFC 8785 bytes in the arena; data is NULL when out of memory. Inadmissible numbers are written
 * through their double; callers that must refuse them ask writ_json_all_admissible. */
struct writ_slice writ_json_canonical(struct writ_arena *arena, const struct writ_json *value);
/* The same, but with each number as it was read, so that an inadmissible one stays what it is. */
struct writ_slice writ_json_verbatim(struct writ_arena *arena, const struct writ_json *value);
/* Equality of RFC 8785 bytes, without writing them. */
bool writ_json_equal(const struct writ_json *a, const struct writ_json *b);
/* ECMAScript Number::toString; ret_text holds at least 32 bytes. value is finite. */
void writ_json_number_text(double value, char ret_text[static 32]);

/* The whole tree in this arena; NULL when out of memory, or of NULL. */
struct writ_json *writ_json_copy(struct writ_arena *arena, const struct writ_json *value);

/* Building. Each returns the node put in, NULL when out of memory or when `parent` is NULL, so
 * that calls chain and the last result tells: a parent that missed one refuses all that follow.
 * Names and texts are copied; a node that is put in shares its items. Putting a name again
 * replaces its value. */
struct writ_json *writ_json_new_object(struct writ_arena *arena);
struct writ_json *writ_json_new_array(struct writ_arena *arena);
struct writ_json *writ_json_put(struct writ_arena *arena, struct writ_json *object,
                                const char *name, const struct writ_json *value);
struct writ_json *writ_json_put_text(struct writ_arena *arena, struct writ_json *object,
                                     const char *name, struct writ_slice text);
struct writ_json *writ_json_put_string(struct writ_arena *arena, struct writ_json *object,
                                       const char *name, const char *terminated);
struct writ_json *writ_json_put_integer(struct writ_arena *arena, struct writ_json *object,
                                        const char *name, int64_t integer);
struct writ_json *writ_json_put_boolean(struct writ_arena *arena, struct writ_json *object,
                                        const char *name, bool boolean);
struct writ_json *writ_json_put_null(struct writ_arena *arena, struct writ_json *object,
                                     const char *name);
/* An empty object or array as a member, to be filled. */
struct writ_json *writ_json_put_object(struct writ_arena *arena, struct writ_json *object,
                                       const char *name);
struct writ_json *writ_json_put_array(struct writ_arena *arena, struct writ_json *object,
                                      const char *name);
/* A member whose name is a slice. */
struct writ_json *writ_json_put_named(struct writ_arena *arena, struct writ_json *object,
                                      struct writ_slice name, const struct writ_json *value);
/* Takes the member away; true if it was there. */
bool writ_json_remove(struct writ_json *object, const char *name);
/* A pointer returned by add_* or put_* is good only until the next addition to the same parent. */
struct writ_json *writ_json_add(struct writ_arena *arena, struct writ_json *array,
                                const struct writ_json *value);
struct writ_json *writ_json_add_text(struct writ_arena *arena, struct writ_json *array,
                                     struct writ_slice text);
struct writ_json *writ_json_add_object(struct writ_arena *arena, struct writ_json *array);

#endif
