/* The parts of a question as JSON, and of an answer, that the remote engines share. */
#ifndef WRIT_POLICY_REMOTE_QUESTION_H
#define WRIT_POLICY_REMOTE_QUESTION_H

#include "policy/policy.h"

/* "agent" or "client": what acts, and as whom. */
const char *remote_actor_type(const struct policy_request *request);
struct policy_party remote_actor(const struct policy_request *request);
/* {"audience", "name", "registered", "effect", "sends", "sensitivity"}; NULL: out of memory. */
struct writ_json *remote_tool(struct writ_arena *arena, const struct policy_tool *tool);
/* The circumstances, as members of `object`, as Cedar's schema names them; its last one, or NULL.
 */
struct writ_json *remote_put_context(struct writ_arena *arena, struct writ_json *object,
                                     const struct policy_request *request);

/* What an engine said beside yes or no; absent members are NULL. */
struct remote_said {
    const char *engine;
    bool permits;
    const struct writ_json *obligations;
    const struct writ_json *policies;
    const struct writ_json *version;
    const struct writ_json *bundles; /* OPA's own: revisions by name */
    struct writ_slice reference;     /* how the engine finds the decision in its log */
};
/* Permitted, denied, or failed where a part is not as it should be. */
void remote_take(struct writ_arena *arena, const struct remote_said *said,
                 struct policy_answer *ret_answer);
/* POLICY_FAILED, and why. */
void remote_fail(struct policy_answer *ret_answer, const char *engine, const char *why);

#endif
