/*
 * Authority in one line, both ways; used by the CLI, in errors and in the graph.
 *
 *   authority  = [ tool *( "," tool ) ]
 *   tool       = name [ "(" [ argument *( "," argument ) ] ")" ]     no list or "(*)": any argument
 *   argument   = "*" / name [ "?" ] constraint                        "?": optional
 *   constraint = "=" scalar               exact
 *              / "in" list                one_of
 *              / "not in" list            not_one_of
 *              / "subset" list            subset
 *              / "contains" list          contains
 *              / op number [ op number ]  range; op is <, <=, >, >=; one of each side
 *              / "number"                 range without bounds
 *              / "any"                    wildcard
 *              / "under" path             path_containment
 *              / "all of(" constraint *( ";" constraint ) ")"
 *              / "any of(" constraint *( ";" constraint ) ")"
 *   list       = "[" [ scalar *( "," scalar ) ] "]"   elements that are arrays or objects: JSON
 *   scalar     = JSON string, number, true, false, null, or a bare word of [A-Za-z0-9_@./:+-]
 *                that reads as none of the other three (so 12 is a number and "12" a text)
 *   name       = bare word, or a JSON string
 *
 * A tool with an empty list of constraints, "t()", takes no arguments and cannot be written in
 * AAT-02 (an empty map is open), so it is refused.
 */
#ifndef WRIT_AUTHORITY_NOTATION_H
#define WRIT_AUTHORITY_NOTATION_H

#include "authority/authority.h"

/* Text in the arena; data is NULL when out of memory. */
struct writ_slice writ_constraint_notation(struct writ_arena *arena,
                                           const struct writ_constraint *constraint);
struct writ_slice writ_tool_notation(struct writ_arena *arena, const struct writ_tool *tool);

#endif
