/*
 * The policy engines that run elsewhere: asked over HTTP, all of them at once, after what is judged
 * here has passed. Each has to permit. None is waited for beyond the deadline; one that does not
 * answer is not asked for a while (breaker.h), and then nothing passes. Whatever is no clean yes or
 * no is POLICY_FAILED.
 */
#ifndef WRIT_SERVICE_REMOTES_H
#define WRIT_SERVICE_REMOTES_H

#include "policy/policy.h"

#include <stdatomic.h>

struct config;
struct exchange;
struct outbound;
struct remotes;

struct remotes_question {
    /* The asker's, who leaves all of it and the arena alone until `done`. */
    struct writ_arena *arena;
    const struct policy_request *request;
    const struct policy_tool *tools; /* in place of the one in `request`; NULL: asks of the task */
    size_t tool_count;               /* and of answers: 1 where it asks of the task */
    struct policy_answer *answers;   /* what all engines together say of each tool */
    void (*done)(struct remotes_question *question);
    void *context;

    /* On the way. */
    struct exchange *exchanges;
    size_t exchange_count;
    atomic_size_t pending;
};

/* *ret_remotes is NULL where no engine is configured. MALFORMED, logged, where a file is no token.
 */
struct writ_result remotes_new(const struct config *config, struct outbound *outbound,
                               struct remotes **ret_remotes) WRIT_MUST_CHECK;
/* When the outbound room has stopped. Takes NULL, returns NULL. */
struct remotes *remotes_free(struct remotes *remotes);

/* Never blocks. `done` is called once: on the thread of the outbound room, or on this one before
 * the call returns. */
void remotes_ask(struct remotes *remotes, struct remotes_question *question);
/* The same for a reader's thread, which waits; RATE_LIMITED, with nothing asked, where as many as
 * may wait do. A question of many tools is asked some at a time, until one can not be answered. */
struct writ_result remotes_ask_and_wait(struct remotes *remotes,
                                        struct remotes_question *question) WRIT_MUST_CHECK;

/* After `done`: what each engine said of a tool, as engines of Decision in api/openapi.yaml; NULL:
 * out of memory. */
struct writ_json *remotes_heard(const struct remotes_question *question, size_t tool);

/* For /metrics; empty where there are no engines. No data: out of memory. */
struct writ_slice remotes_metrics(struct remotes *remotes, struct writ_arena *arena);

#endif
