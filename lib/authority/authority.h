/*
 * An authority: tools, each with constraints on its arguments. Parsed once into tables that are
 * ordered by name (bytes), then compared (I4), met, diffed, shown.
 */
#ifndef WRIT_AUTHORITY_AUTHORITY_H
#define WRIT_AUTHORITY_AUTHORITY_H

#include "authority/constraint.h"

struct writ_argument {
    struct writ_slice name;
    struct writ_constraint constraint;
};

struct writ_tool {
    struct writ_slice name;
    const struct writ_argument *arguments; /* by name; without "*" */
    size_t argument_count;
    bool open; /* the map is empty or has "*": unnamed arguments pass */
};

struct writ_authority {
    const struct writ_tool *tools; /* by name */
    size_t tool_count;
    enum writ_profile profile; /* that it was read under: ours has one rule more (see compare) */
};

/* Step labels of the denial are the caller's ("3n/4o" for constraints, "3m" or "4n" for shape):
 * *ret_shape tells which of the two it was. */
struct writ_result writ_authority_read(struct writ_arena *arena, const struct writ_json *tools,
                                       enum writ_profile profile, int max_constraint_depth,
                                       const struct writ_authority **ret_authority, bool *ret_shape,
                                       struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* NULL, a token without an entry, reads as no tools; so it does in notation, JSON and diff. */
struct writ_json *writ_authority_node(struct writ_arena *arena,
                                      const struct writ_authority *authority);
const struct writ_tool *writ_authority_tool(const struct writ_authority *authority,
                                            struct writ_slice name);
const struct writ_argument *writ_tool_argument(const struct writ_tool *tool,
                                               struct writ_slice name);
/* Steps 4p1 to 4p4; fills step, field, detail (a counter-example in notation). Where the parent is
 * of our profile, a child may not name what writ_authority_allows would refuse under the parent. */
struct writ_result writ_authority_compare(struct writ_arena *arena,
                                          const struct writ_authority *parent,
                                          const struct writ_authority *child,
                                          struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Step 6b on parsed arguments. In our profile an argument that passes only through "*" and whose
 * case-folded name equals a named one is refused. */
struct writ_result writ_authority_allows(const struct writ_authority *authority,
                                         enum writ_profile profile, struct writ_slice tool,
                                         const struct writ_json *args,
                                         struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* Fills a denial: outcome, step, field from printf parts; the hop is left as it is. */
void writ_denial_set(struct writ_denial *denial, enum writ_status outcome, const char *step,
                     const char *field, const char *detail_format, ...)
    __attribute__((format(printf, 5, 6)));

#endif
