/*
 * A delegation as the API shows it: read from rows of one statement, with its state, by everything
 * that shows delegations (one node, lines, graph, decisions, what admission and revocation answer).
 */
#ifndef WRIT_ENDPOINT_NODE_H
#define WRIT_ENDPOINT_NODE_H

#include "endpoint/call.h"

/* Which delegations of a task. */
enum node_select {
    NODE_ONE,         /* id */
    NODE_ANCESTORS,   /* the line from the root to id, root first */
    NODE_DESCENDANTS, /* below id, by id, after `after`, at most `limit` */
    NODE_TASK,        /* all of the task, by depth and id */
};

struct node_query {
    enum node_select select;
    struct uuid task;
    struct uuid id;
    struct uuid after;
    int64_t limit;
    int64_t as_of_us; /* admitted by then, with the state of then; 0: now */
};

/* An array of Delegation objects (api/openapi.yaml) in *ret_nodes. NOT_FOUND when id is not of the
 * task (not for NODE_TASK). */
struct writ_result node_read(struct call *call, struct db *db, const struct node_query *query,
                             struct writ_json **ret_nodes) WRIT_MUST_CHECK;
/* The Task object; NOT_FOUND. */
struct writ_result node_task(struct call *call, struct db *db, const struct uuid *task,
                             struct writ_json **ret_task) WRIT_MUST_CHECK;
/* As it was at that moment; 0: now. */
struct writ_result node_task_at(struct call *call, struct db *db, const struct uuid *task,
                                int64_t as_of_us, struct writ_json **ret_task) WRIT_MUST_CHECK;
/* The id of the root; NOT_FOUND. */
struct writ_result node_root(struct call *call, struct db *db, const struct uuid *task,
                             struct uuid *ret_root) WRIT_MUST_CHECK;
/* The task of a delegation that was named without one: a look-up for people. NOT_FOUND. */
struct writ_result node_find_task(struct call *call, struct db *db, const struct uuid *delegation,
                                  struct uuid *ret_task) WRIT_MUST_CHECK;
/* May this caller see the task: admin and auditor all; an issuer what it opened; an agent where it
 * holds a delegation. NOT_FOUND otherwise, so that a stranger can not tell. */
struct writ_result node_may_see(struct call *call, struct db *db,
                                const struct uuid *task) WRIT_MUST_CHECK;

#endif
