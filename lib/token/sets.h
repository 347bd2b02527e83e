/* Arrays as sets, for labels and terms. */
#ifndef WRIT_TOKEN_SETS_H
#define WRIT_TOKEN_SETS_H

#include "json/json.h"

/* The most elements of a member of writ_terms, of a list in it, and of what the fold makes of it:
 * sets are compared element by element, and no link may make that slow. */
enum { WRIT_TERMS_MAX = 256 };

extern const struct writ_json writ_empty_array;

/* An array of texts, none of them empty, WRIT_TERMS_MAX at most. */
bool writ_is_names(const struct writ_json *value);
/* Equality of RFC 8785 bytes. */
bool writ_array_has(const struct writ_json *set, const struct writ_json *element);
bool writ_names_have(const struct writ_json *names, struct writ_slice name);
/* Sorted by bytes, no repeats; NULL when out of memory. */
struct writ_json *writ_names_union(struct writ_arena *arena, const struct writ_json *a,
                                   const struct writ_json *b);
/* The entry of a budget with the key (unit, tool, argument) of `entry`, or NULL. */
const struct writ_json *writ_budget_find(const struct writ_json *budget,
                                         const struct writ_json *entry);

#endif
