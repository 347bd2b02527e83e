/* OpenID AuthZEN Authorization API 1.0: one question is an evaluation, several are evaluations of
 * which all are executed. An answer is {"decision": true or false, "context": {...}}; of the
 * context, which the standard leaves to the engine, these members are known: id, reason,
 * reason_admin and reason_user (for people), policies, version and obligations (as in opa.c). */
#include "policy/remote.h"
#include "policy/remote_question.h"

static const char NAME[] = "authzen";

/* As Cedar names it: audience, space, name. */
static struct writ_json *put_resource(struct writ_arena *arena, struct writ_json *object,
                                      const struct policy_tool *tool)
{
    struct writ_json *resource = writ_json_put_object(arena, object, "resource");
    const char *id = writ_arena_printf(arena, "%.*s %.*s", WRIT_SLICE_ARGS(tool->audience),
                                       WRIT_SLICE_ARGS(tool->name));
    const struct writ_json *properties = remote_tool(arena, tool);
    if (!id || !properties)
        return NULL;
    writ_json_put_string(arena, resource, "type", "tool");
    writ_json_put_string(arena, resource, "id", id);
    return writ_json_put(arena, resource, "properties", properties);
}

/* Of a question that is about the task itself. */
static struct writ_json *put_task(struct writ_arena *arena, struct writ_json *object,
                                  const struct policy_task *task)
{
    struct writ_json *resource = writ_json_put_object(arena, object, "resource");
    writ_json_put_string(arena, resource, "type", "task");
    return writ_json_put_text(arena, resource, "id", task->id);
}

static struct writ_json *put_batch(struct writ_arena *arena, struct writ_json *body,
                                   const struct policy_tool *tools, size_t tool_count)
{
    struct writ_json *options = writ_json_put_object(arena, body, "options");
    writ_json_put_string(arena, options, "evaluations_semantic", "execute_all");
    struct writ_json *evaluations = writ_json_put_array(arena, body, "evaluations");
    bool whole = evaluations != NULL;
    for (size_t i = 0; i < tool_count && whole; i++)
        whole = put_resource(arena, writ_json_add_object(arena, evaluations), &tools[i]) != NULL;
    return whole ? evaluations : NULL;
}

static struct writ_slice ask(struct writ_arena *arena, const struct policy_request *request,
                             const struct policy_tool *tools, size_t tool_count)
{
    struct writ_json *body = writ_json_new_object(arena);
    const struct policy_party actor = remote_actor(request);
    struct writ_json *subject = writ_json_put_object(arena, body, "subject");
    writ_json_put_string(arena, subject, "type", remote_actor_type(request));
    writ_json_put_text(arena, subject, "id", actor.name);
    struct writ_json *properties = writ_json_put_object(arena, subject, "properties");
    writ_json_put_text(arena, properties, "role", actor.role);
    struct writ_json *action = writ_json_put_object(arena, body, "action");
    writ_json_put_string(arena, action, "name", policy_action_text(request->action));
    struct writ_json *context = writ_json_put_object(arena, body, "context");
    if (!remote_put_context(arena, context, request))
        return WRIT_SLICE_NONE;
    const struct writ_json *last = !tools            ? put_task(arena, body, &request->task)
                                   : tool_count == 1 ? put_resource(arena, body, tools)
                                                     : put_batch(arena, body, tools, tool_count);
    return last ? writ_json_canonical(arena, body) : WRIT_SLICE_NONE;
}

static void read_one(struct writ_arena *arena, const struct writ_json *said,
                     struct policy_answer *answer)
{
    static const char *const MEMBERS[] = {"decision", "context", NULL};
    static const char *const CONTEXT[] = {"id",       "reason",  "reason_admin", "reason_user",
                                          "policies", "version", "obligations",  NULL};
    const struct writ_json *decision = writ_json_get(said, "decision");
    const struct writ_json *context = writ_json_get(said, "context");
    if (!writ_json_is(decision, WRIT_JSON_BOOLEAN)) {
        remote_fail(answer, NAME, "its answer has no boolean \"decision\"");
        return;
    }
    /* A denial may come with whatever explains it. */
    if (decision->boolean &&
        (!writ_json_only(said, MEMBERS) || (context && !writ_json_only(context, CONTEXT)))) {
        remote_fail(answer, NAME, "its permit has a member that is not known");
        return;
    }
    const struct writ_json *id = writ_json_get(context, "id");
    remote_take(arena,
                &(struct remote_said){
                    .engine = NAME,
                    .permits = decision->boolean,
                    .obligations = decision->boolean ? writ_json_get(context, "obligations") : NULL,
                    .policies = writ_json_get(context, "policies"),
                    .version = writ_json_get(context, "version"),
                    .reference = writ_json_text(id),
                },
                answer);
}

static void read(struct writ_arena *arena, struct writ_slice body, struct policy_answer *answers,
                 size_t tool_count)
{
    const struct writ_json *json = NULL;
    const char *wrong = NULL;
    const struct writ_json *all = NULL;
    if (!writ_is_ok(writ_json_parse(arena, body, &json)))
        wrong = "its answer is not strict JSON";
    else if (tool_count > 1) {
        all = writ_json_get(json, "evaluations");
        if (!writ_json_is(all, WRIT_JSON_ARRAY) || all->count != tool_count)
            wrong = "it did not answer each of the evaluations";
    }
    for (size_t i = 0; i < tool_count; i++) {
        if (wrong)
            remote_fail(&answers[i], NAME, wrong);
        else
            read_one(arena, all ? &all->items[i] : json, &answers[i]);
    }
}

const struct policy_remote_kind POLICY_AUTHZEN = {
    .name = NAME,
    .path = "/access/v1/evaluation",
    .path_of_batch = "/access/v1/evaluations",
    .batch_max = 256,
    .ask = ask,
    .read = read,
};
