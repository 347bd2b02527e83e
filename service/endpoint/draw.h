/*
 * The graph of a task as text that others draw: Graphviz and Mermaid. Whatever a caller once wrote
 * (agents, tools, values) is escaped into labels; it can neither end one nor start a directive.
 */
#ifndef WRIT_ENDPOINT_DRAW_H
#define WRIT_ENDPOINT_DRAW_H

#include "endpoint/call.h"

/* Of Delegation objects, parents before children. data is NULL when out of memory. */
struct writ_slice draw_dot(struct writ_arena *arena, const struct writ_json *task,
                           const struct writ_json *nodes);
struct writ_slice draw_mermaid(struct writ_arena *arena, const struct writ_json *nodes);

#endif
