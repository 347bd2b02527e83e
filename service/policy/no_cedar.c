/* The Cedar engine of a build without Cedar: it takes no policy, so none is ever in force. */
#include "policy/cedar_engine.h"

#include <stdio.h>

const bool CEDAR_ENGINE_IS_BUILT_IN = false;

struct writ_result cedar_engine_new(struct writ_slice text, struct policy_engine **ret_engine,
                                    char ret_message[static CEDAR_ENGINE_MESSAGE_MAX])
{
    (void)text;
    (void)ret_engine;
    snprintf(ret_message, CEDAR_ENGINE_MESSAGE_MAX, "this build has no Cedar (-DWITH_CEDAR=OFF)");
    return WRIT_FAILURE(MALFORMED);
}

const struct policy_rule *cedar_engine_rules(const struct policy_engine *engine, size_t *ret_count)
{
    (void)engine;
    *ret_count = 0;
    return NULL;
}
