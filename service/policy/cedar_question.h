/* A request in the words of cedar/writ.cedarschema. */
#ifndef WRIT_POLICY_CEDAR_QUESTION_H
#define WRIT_POLICY_CEDAR_QUESTION_H

#include "policy/cedar/cedar.h"
#include "policy/policy.h"

/* In the arena, and borrowing from the request; OUT_OF_MEMORY. */
struct writ_result cedar_question(struct writ_arena *arena, const struct policy_request *request,
                                  struct cedar_request *ret_question) WRIT_MUST_CHECK;

#endif
