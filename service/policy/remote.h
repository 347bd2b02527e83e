/*
 * Engines that run elsewhere: Cedar's question as JSON, and what they may say to it. Pure, like the
 * rest of the room; remotes.h sends the bytes.
 *
 * An answer is believed only when all of it is understood. A permit with a member that nobody here
 * knows may carry a condition that nobody here meets, so it is POLICY_FAILED, as is everything that
 * is no clean yes or no.
 */
#ifndef WRIT_POLICY_REMOTE_H
#define WRIT_POLICY_REMOTE_H

#include "policy/policy.h"

struct policy_remote_kind {
    const char *name;
    /* Behind the URL of the engine, when it is asked about one tool, and about several. */
    const char *path, *path_of_batch;
    size_t batch_max; /* tools in one question */
    /* The body that asks `request` of each of these tools, or of its task (tools NULL, a count of
     * 1); no data: out of memory. */
    struct writ_slice (*ask)(struct writ_arena *arena, const struct policy_request *request,
                             const struct policy_tool *tools, size_t tool_count);
    /* The body of a 200; an answer for each tool, of which all are POLICY_FAILED before. */
    void (*read)(struct writ_arena *arena, struct writ_slice body, struct policy_answer *answers,
                 size_t tool_count);
};

/* Open Policy Agent: POST /v1/data/PATH. */
extern const struct policy_remote_kind POLICY_OPA;
/* OpenID AuthZEN 1.0: evaluation and evaluations. */
extern const struct policy_remote_kind POLICY_AUTHZEN;

#endif
