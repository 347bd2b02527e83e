/*
 * The Cedar engine: policies parsed once, validated strictly against cedar/writ.cedarschema, and
 * judged by in memory. Every policy has an @id of its own. A policy that fails while it is
 * evaluated denies (Cedar itself would skip it, a forbid too).
 */
#ifndef WRIT_POLICY_CEDAR_ENGINE_H
#define WRIT_POLICY_CEDAR_ENGINE_H

#include "policy/policy.h"

enum { CEDAR_ENGINE_TEXT_MAX = 524288, CEDAR_ENGINE_MESSAGE_MAX = 2048 };

/* False in a build without Cedar (-DWITH_CEDAR=OFF), which refuses every policy. */
extern const bool CEDAR_ENGINE_IS_BUILT_IN;
/* The schema's text, terminated. */
extern const char CEDAR_ENGINE_SCHEMA[];

/* MALFORMED with one line for each thing that is wrong, terminated and cut to size; INTERNAL. */
struct writ_result
cedar_engine_new(struct writ_slice text, struct policy_engine **ret_engine,
                 char ret_message[static CEDAR_ENGINE_MESSAGE_MAX]) WRIT_MUST_CHECK;
/* The policies of a Cedar engine, in the order of the text. */
const struct policy_rule *cedar_engine_rules(const struct policy_engine *engine, size_t *ret_count);

#endif
