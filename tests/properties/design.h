/*
 * The table of writ_terms in DESIGN section 2 once more, and not from lib/token: what a whole chain
 * of links says, judged and summed up over all links at once where libwrit folds one at a time.
 */
#ifndef WRIT_TESTS_PROPERTIES_DESIGN_H
#define WRIT_TESTS_PROPERTIES_DESIGN_H

#include "json/json.h"

struct design_link {
    const struct writ_json *terms; /* well-formed; an object without members: no writ_terms */
    const struct writ_json *tools; /* names, an array; NULL: the link has no entry */
    struct writ_slice agent;
    struct writ_slice key; /* thumbprint */
};

/* The first member ("clearance", "approval", "call_only", "budget") by which the last link is not
 * narrower, given that all links before it are; NULL when it is. */
const char *design_denies(const struct design_link *links, size_t count);
/* The effective terms of the last link of a chain that is denied nothing: {"clearance", "approval",
 * "call_only", "barred", "budget"}; the order within the four arrays means nothing. */
struct writ_json *design_effective(struct writ_arena *arena, const struct design_link *links,
                                   size_t count);
/* Billionths of a decimal of few digits. */
uint64_t design_amount(struct writ_slice decimal);

#endif
