/*
 * OpenID AuthZEN Authorization API 1.0, for enforcement points that speak it: a way to ask what
 * POST /v1/validate judges, by the same machine. `decision: true` is a recorded permit for one use,
 * proved by who makes it (W10); a question that brings no proof has no other answer than false.
 *
 *     action.name, action.properties   the tool and its arguments, all of them
 *     subject                          who proved it: {"type": "agent" or "holder", "id": ...}
 *     resource                         where: {"type": "audience", "id": the caller's own}
 *     context.presentation             chain and proof; context.approval_id where people approved
 */
#ifndef WRIT_ENDPOINT_EVALUATION_H
#define WRIT_ENDPOINT_EVALUATION_H

#include "endpoint/judge.h"

/* The four keys of an Access Evaluation request (section 6.1). */
struct evaluation_tuple {
    const struct writ_json *subject, *action, *resource, *context;
};

/* What the question does not say, the defaults (section 7.1.1; may be NULL) say for it. */
struct evaluation_tuple evaluation_tuple_of(const struct writ_json *question,
                                            const struct writ_json *defaults);

/* Fills the judge's question. False: judge->decision.denial says why it is none, and it is counted
 * where it is to be. */
bool evaluation_read(struct judge *judge, const struct evaluation_tuple *tuple);
/* The same for a fault that is found elsewhere; false. */
bool evaluation_refuse(struct judge *judge, enum writ_status outcome, const char *field,
                       const char *detail);
/* The body as one question, answered as section 6.2 says. */
void evaluation_of_body(struct call *call);
/* A Decision (section 5.5); NULL when out of memory. A denial is counted, and where no judgement
 * was made its context has the error (section 7.2.1). */
struct writ_json *evaluation_permit(struct call *call, struct writ_slice permit);
struct writ_json *evaluation_denial(struct call *call, const struct writ_denial *denial,
                                    const char *decision_id);

#endif
