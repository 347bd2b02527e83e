/*
 * Human approval (W6): asking for one (approval_ask.c), showing it (approvals.c, display.c), and
 * what people sign (approval_vote.c).
 */
#ifndef WRIT_ENDPOINT_APPROVALS_H
#define WRIT_ENDPOINT_APPROVALS_H

#include "decide/decide.h"
#include "endpoint/call.h"

struct db_result;

/*
 * Asks people for what the decision was refused for, and puts the approval into call->approval, for
 * the problem: the one that is there, where the same was asked for before. APPROVAL_INVALID, and so
 * the decision's denial, where somebody rejected the same call in this task; RATE_LIMITED where too
 * many of the task wait. Without one the denial stands as it is.
 */
struct writ_result approvals_ask(struct call *call, struct db *db,
                                 struct decision *decision) WRIT_MUST_CHECK;

/* Of a task, those of calls and of its label together. */
enum { APPROVALS_WAITING_MAX = 20 };

/* Columns of approval_open.sql; those of declassification_open.sql begin with them. */
enum { APPROVAL_ASKED_ID, APPROVAL_ASKED_EXPIRES_AT, APPROVAL_ASKED_STATE };

/* What a refusal says of the approval that people are asked for; NULL: out of memory. */
struct writ_json *approvals_asked_json(struct call *call, const struct uuid *task,
                                       const struct db_result *rows, const struct writ_json *rules);

/* Reads who has approved what the decision is about, where an approval came with it: into
 * decision->approval. Nobody, where it is of another call, spent, rejected or over. */
struct writ_result approvals_read_given(struct db *db, struct decision *decision) WRIT_MUST_CHECK;

/* Columns of approval_show.sql. */
enum {
    APPROVAL_TASK,
    APPROVAL_ID,
    APPROVAL_REQUESTED_AT,
    APPROVAL_EXPIRES_AT,
    APPROVAL_DELEGATION,
    APPROVAL_DECISION,
    APPROVAL_CLIENT,
    APPROVAL_AUDIENCE,
    APPROVAL_TOOL,
    APPROVAL_ARGUMENTS,
    APPROVAL_BOUND,
    APPROVAL_DIGEST,
    APPROVAL_STATE,
    APPROVAL_RULES,
    APPROVAL_OWNERS,
    APPROVAL_VOTES,
    APPROVAL_USED_BY,
    APPROVAL_ACT
};

struct approval_name {
    struct uuid id;
    struct uuid task;
    bool has_task; /* else it is looked up, and then known */
};

/* The one row of approval_show.sql. NOT_FOUND where there is none that the caller may see: but for
 * approvers, auditors and admins that is what it asked itself. */
struct writ_result approvals_read(struct call *call, struct db *db, struct approval_name *name,
                                  struct db_result **ret_rows) WRIT_MUST_CHECK;
/* The Approval object (api/openapi.yaml). */
struct writ_json *approvals_json(struct call *call, const struct db_result *rows);

/* Text that a person can trust to be whole: what is no printable character, or turns the direction
 * of text, or is not seen, is written as \u{...}. NONE when out of memory. */
struct writ_slice approvals_display(struct writ_arena *arena, struct writ_slice text);

#endif
