#include "decide/declassify.h"

#include "base/crypto.h"
#include "decide/approval.h"
#include "decide/policy.h"

/* Anybody who may approve, and whom policies name besides. */
static struct writ_result put_rules(struct writ_arena *arena, const struct policy_answer *answer,
                                    struct declassify *declassify)
{
    declassify->rules = writ_json_new_array(arena);
    WRIT_ENSURE(declassify->rules && approval_put_anybody(arena, declassify->rules) &&
                    approval_put_policies(arena, declassify->rules, answer),
                OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result put_arguments(struct writ_arena *arena, struct declassify *declassify)
{
    struct writ_json *arguments = writ_json_new_object(arena);
    writ_json_put(arena, arguments, "from", writ_label_json(arena, &declassify->from));
    writ_json_put(arena, arguments, "to", writ_label_json(arena, &declassify->to));
    WRIT_ENSURE(writ_json_put_text(arena, arguments, "reason", declassify->reason), OUT_OF_MEMORY);
    declassify->arguments = writ_json_canonical(arena, arguments);
    WRIT_ENSURE(declassify->arguments.data, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result bind(struct writ_arena *arena, struct policy_answer *answer,
                               struct declassify *declassify)
{
    struct writ_json *bound = writ_json_new_object(arena);
    char task[UUID_TEXT_SIZE];
    char root[UUID_TEXT_SIZE];
    uint8_t hash[32];
    uuid_text(&declassify->root->task, task);
    uuid_text(&declassify->root->links[0].id, root);
    writ_sha256(declassify->arguments, hash);
    writ_json_put_string(arena, bound, "act", "declassify");
    writ_json_put_string(arena, bound, "task", task);
    writ_json_put_string(arena, bound, "delegation", root);
    writ_json_put_integer(arena, bound, "label_number", declassify->number);
    WRIT_ENSURE(approval_put_hash(arena, bound, "arguments_sha256", hash) &&
                    approval_bind_policies(arena, bound, answer),
                OUT_OF_MEMORY);
    declassify->bound = writ_json_canonical(arena, bound);
    WRIT_ENSURE(declassify->bound.data, OUT_OF_MEMORY);
    writ_sha256(declassify->bound, declassify->digest);
    return WRIT_SUCCESS;
}

struct writ_result declassify_judge(struct writ_arena *arena, struct declassify *declassify,
                                    struct writ_denial *ret_denial)
{
    struct policy_answer answer;
    const struct policy_lowering lowering = {
        .registry = declassify->registry,
        .remotes = declassify->remotes,
        .now_us = declassify->now_us,
        .client = declassify->client,
        .root = declassify->root,
        .from = declassify->from,
        .to = declassify->to,
    };
    WRIT_TRY(policy_check_lowering(arena, &lowering, &answer, ret_denial));
    WRIT_TRY(put_rules(arena, &answer, declassify));
    WRIT_TRY(put_arguments(arena, declassify));
    return bind(arena, &answer, declassify);
}
