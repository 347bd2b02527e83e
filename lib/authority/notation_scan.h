/* The words, values and places of the notation, below its grammar (notation_parse.c). */
#ifndef WRIT_AUTHORITY_NOTATION_SCAN_H
#define WRIT_AUTHORITY_NOTATION_SCAN_H

#include "authority/internal.h"

struct writ_scan {
    struct writ_arena *arena;
    struct writ_slice text; /* without NUL */
    size_t at;
    struct writ_denial *denial;
};

/* One of [A-Za-z0-9_@./:+-], of which bare words are made. */
bool writ_is_word_byte(uint8_t byte);
/* MALFORMED, with the column of byte `at` and the reason. */
struct writ_result writ_scan_refuse(struct writ_scan *scan, size_t at,
                                    const char *reason) WRIT_MUST_CHECK;
/* The next character behind white space, or '\0' at the end. */
char writ_scan_peek(struct writ_scan *scan);
bool writ_scan_take(struct writ_scan *scan, char wanted);
/* A run of word characters; empty where there is none. */
struct writ_slice writ_scan_word(struct writ_scan *scan);
bool writ_scan_keyword(struct writ_scan *scan, const char *keyword);
/* A bare word or a JSON string. */
struct writ_result writ_scan_name(struct writ_scan *scan,
                                  struct writ_slice *ret_name) WRIT_MUST_CHECK;
struct writ_result writ_scan_scalar(struct writ_scan *scan,
                                    const struct writ_json **ret_value) WRIT_MUST_CHECK;
struct writ_result writ_scan_number(struct writ_scan *scan,
                                    const struct writ_json **ret_value) WRIT_MUST_CHECK;
/* "[" to "]", added to the array. */
struct writ_result writ_scan_list(struct writ_scan *scan, struct writ_json *array) WRIT_MUST_CHECK;

#endif
