/*
 * A recorded decision as the API shows it; read by those that list, explain and report on them.
 * An enforcement point sees those of its own audience, whoever of it asked; others do not exist.
 */
#ifndef WRIT_ENDPOINT_DECISIONS_H
#define WRIT_ENDPOINT_DECISIONS_H

#include "endpoint/call.h"

struct db_result;

/* Columns of decisions_of_task, decisions_of_all and decision_show. */
enum decision_column {
    DECISION_TASK,
    DECISION_ID,
    DECISION_AT,
    DECISION_DELEGATION,
    DECISION_CLIENT,
    DECISION_AUDIENCE,
    DECISION_TOOL,
    DECISION_VERDICT,
    DECISION_OUTCOME,
    DECISION_HOP,
    DECISION_FIELD,
    DECISION_DETAIL,
    DECISION_ARGUMENTS,
    DECISION_ARGUMENTS_SHA256,
    DECISION_AGENT,
    DECISION_HOLDER,
    DECISION_START_BY,
    DECISION_RECORDED,
    DECISION_POLICY_VERSION,
    DECISION_POLICY_ENGINES,
    /* decision_show only: the report of the call, if there is one */
    DECISION_SUCCESS,
    DECISION_REFERENCE,
    DECISION_LABEL,
    DECISION_AMOUNT,
    DECISION_REPORTED_AT,
    DECISION_UNIT,
};

/* Which one, from the path and the query; kept in *http_user. */
struct decision_ask {
    struct uuid task;
    bool has_task;
    struct uuid id;
    void *more; /* the handler's */
};

/* NULL: answered. */
struct decision_ask *decision_ask_read(struct call *call);
/* The row of decision_show that the caller may see; freed by the caller. NOT_FOUND, or NOT_RETAINED
 * for one whose id is older than what is kept. */
struct writ_result decision_find(struct call *call, struct db *db, struct decision_ask *ask,
                                 struct db_result **ret_row) WRIT_MUST_CHECK;
/* The Decision object; NULL when out of memory. */
struct writ_json *decision_json(struct call *call, const struct db_result *rows, size_t row);
/* The CallOutcome object of a row of decision_show; NULL when there is no report. */
struct writ_json *decision_report_json(struct call *call, const struct db_result *row);

#endif
