/*
 * Makes a failing case small. A case is a JSON tree; whatever is left out of it, or put plainer,
 * is kept when the case still fails, until nothing more can go: tools, arguments, clauses, values,
 * bounds and `optional` are left out, a composite becomes one of its clauses, a constraint a
 * wildcard, a number 0 and a text empty. A name can go from one place, or from everywhere at once.
 */
#ifndef WRIT_TESTS_PROPERTIES_SHRINK_H
#define WRIT_TESTS_PROPERTIES_SHRINK_H

#include "json/json.h"

/* True when the case breaks the property; a case that can not be read breaks none. */
typedef bool (*shrink_fails)(void *context, const struct writ_json *json);

/* The smallest that was found of a case that fails; in the arena. */
const struct writ_json *shrink(struct writ_arena *arena, const struct writ_json *failing,
                               shrink_fails fails, void *context);

#endif
