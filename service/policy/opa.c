/* Open Policy Agent. {"input": ...} to a document under /v1/data, whose value is `result`: true,
 * false, or {"allow": true or false, "obligations", "policies", "version", "reason"}. A document
 * that is undefined has no `result`, and denies. */
#include "policy/remote.h"
#include "policy/remote_question.h"

static const char NAME[] = "opa";

static struct writ_slice ask(struct writ_arena *arena, const struct policy_request *request,
                             const struct policy_tool *tools, size_t tool_count)
{
    struct writ_json *body = writ_json_new_object(arena);
    struct writ_json *input = writ_json_put_object(arena, body, "input");
    const struct policy_party actor = remote_actor(request);
    writ_json_put_string(arena, input, "action", policy_action_text(request->action));
    struct writ_json *principal = writ_json_put_object(arena, input, "principal");
    writ_json_put_string(arena, principal, "type", remote_actor_type(request));
    writ_json_put_text(arena, principal, "name", actor.name);
    struct writ_json *last = writ_json_put_text(arena, principal, "role", actor.role);
    (void)tool_count; /* one */
    if (tools) {
        const struct writ_json *tool = remote_tool(arena, tools);
        last = last && tool ? writ_json_put(arena, input, "tool", tool) : NULL;
    }
    if (!last || !remote_put_context(arena, input, request))
        return WRIT_SLICE_NONE;
    return writ_json_canonical(arena, body);
}

/* {"provenance": {"bundles": {NAME: {"revision": TEXT}}}}, with ?provenance=true; NULL: OPA has no
 * bundles. */
static const struct writ_json *bundles_of(const struct writ_json *said)
{
    return writ_json_get(writ_json_get(said, "provenance"), "bundles");
}

static void read(struct writ_arena *arena, struct writ_slice body, struct policy_answer *answers,
                 size_t tool_count)
{
    static const char *const MEMBERS[] = {"allow",   "obligations", "policies",
                                          "version", "reason",      NULL};
    const struct writ_json *json = NULL;
    (void)tool_count; /* one */
    if (!writ_is_ok(writ_json_parse(arena, body, &json))) {
        remote_fail(answers, NAME, "its answer is not strict JSON");
        return;
    }
    const struct writ_json *result = writ_json_get(json, "result");
    if (!result) {
        remote_fail(answers, NAME, "the document is undefined");
        return;
    }
    const bool is_object = writ_json_is(result, WRIT_JSON_OBJECT);
    const struct writ_json *allow = is_object ? writ_json_get(result, "allow") : result;
    if (!writ_json_is(allow, WRIT_JSON_BOOLEAN)) {
        remote_fail(answers, NAME, "the document is no boolean, and has no boolean \"allow\"");
        return;
    }
    if (is_object && allow->boolean && !writ_json_only(result, MEMBERS)) {
        remote_fail(answers, NAME, "its permit has a member that is not known");
        return;
    }
    remote_take(arena,
                &(struct remote_said){
                    .engine = NAME,
                    .permits = allow->boolean,
                    .obligations = allow->boolean ? writ_json_get(result, "obligations") : NULL,
                    .policies = writ_json_get(result, "policies"),
                    .version = writ_json_get(result, "version"),
                    .bundles = bundles_of(json),
                    .reference = writ_json_text(writ_json_get(json, "decision_id")),
                },
                answers);
}

/* A built-in that fails would else only be undefined, and a rule that denies by it would not. */
static const char QUERY[] = "?provenance=true&strict-builtin-errors=true";

const struct policy_remote_kind POLICY_OPA = {
    .name = NAME,
    .path = QUERY,
    .path_of_batch = QUERY,
    .batch_max = 1,
    .ask = ask,
    .read = read,
};
