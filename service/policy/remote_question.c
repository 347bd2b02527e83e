#include "policy/remote_question.h"

#include <time.h>

const char *remote_actor_type(const struct policy_request *request)
{
    return request->action == POLICY_DELEGATE || request->action == POLICY_CALL ? "agent"
                                                                                : "client";
}

struct policy_party remote_actor(const struct policy_request *request)
{
    if (request->action == POLICY_ISSUE || request->action == POLICY_DECLASSIFY)
        return request->client;
    return request->line_count > 0 ? request->line[request->line_count - 1]
                                   : (struct policy_party){0};
}

static struct writ_json *put_party(struct writ_arena *arena, struct writ_json *object,
                                   const struct policy_party *party)
{
    writ_json_put_text(arena, object, "name", party->name);
    return writ_json_put_text(arena, object, "role", party->role);
}

static struct writ_json *put_time(struct writ_arena *arena, struct writ_json *object,
                                  const char *name, int64_t unix_us)
{
    char text[32];
    struct tm utc;
    const time_t seconds = (time_t)(unix_us / 1000000);
    if (!gmtime_r(&seconds, &utc) || strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        return NULL;
    return writ_json_put_string(arena, object, name, text);
}

static struct writ_json *put_label(struct writ_arena *arena, struct writ_json *object,
                                   const char *name, const struct writ_label *label)
{
    struct writ_json *json = writ_label_json(arena, label);
    return json ? writ_json_put(arena, object, name, json) : NULL;
}

static struct writ_json *put_texts(struct writ_arena *arena, struct writ_json *object,
                                   const char *name, const struct writ_slice *texts, size_t count)
{
    struct writ_json *array = writ_json_put_array(arena, object, name);
    bool whole = array != NULL;
    for (size_t i = 0; i < count && whole; i++)
        whole = writ_json_add_text(arena, array, texts[i]) != NULL;
    return whole ? array : NULL;
}

static struct writ_json *put_task(struct writ_arena *arena, struct writ_json *object,
                                  const struct policy_task *task)
{
    struct writ_json *json = writ_json_put_object(arena, object, "task");
    writ_json_put_text(arena, json, "id", task->id);
    writ_json_put_text(arena, json, "principal", task->principal);
    writ_json_put_text(arena, json, "purpose", task->purpose);
    writ_json_put_text(arena, json, "state", task->state);
    if (!put_time(arena, json, "deadline", task->deadline_us))
        return NULL;
    return put_party(arena, writ_json_put_object(arena, json, "opened_by"), &task->opened_by);
}

static bool add_agent(struct writ_arena *arena, struct writ_json *agents,
                      const struct policy_party *agent)
{
    return put_party(arena, writ_json_add_object(arena, agents), agent) != NULL;
}

/* Root first; of a delegation the next one, too. */
static struct writ_json *put_agents(struct writ_arena *arena, struct writ_json *object,
                                    const struct policy_request *request)
{
    struct writ_json *agents = writ_json_put_array(arena, object, "agents");
    bool whole = agents != NULL;
    for (size_t i = 0; i < request->line_count && whole; i++)
        whole = add_agent(arena, agents, &request->line[i]);
    if (request->action == POLICY_DELEGATE)
        whole = whole && add_agent(arena, agents, &request->to);
    return whole ? agents : NULL;
}

struct writ_json *remote_tool(struct writ_arena *arena, const struct policy_tool *tool)
{
    struct writ_json *json = writ_json_new_object(arena);
    writ_json_put_text(arena, json, "audience", tool->audience);
    writ_json_put_text(arena, json, "name", tool->name);
    writ_json_put_boolean(arena, json, "registered", tool->registered);
    writ_json_put_text(arena, json, "effect", tool->effect);
    writ_json_put_boolean(arena, json, "sends", tool->sends);
    return put_label(arena, json, "sensitivity", &tool->sensitivity) ? json : NULL;
}

/* ---- The four actions --------------------------------------------------------------------- */

static struct writ_json *put_to(struct writ_arena *arena, struct writ_json *object,
                                const struct policy_request *request)
{
    return put_party(arena, writ_json_put_object(arena, object, "to"), &request->to);
}

static struct writ_json *put_delegate(struct writ_arena *arena, struct writ_json *object,
                                      const struct policy_request *request)
{
    writ_json_put_integer(arena, object, "depth", (int64_t)request->line_count);
    if (!put_agents(arena, object, request) ||
        !put_label(arena, object, "clearance", &request->clearance))
        return NULL;
    return put_to(arena, object, request);
}

static struct writ_json *put_call(struct writ_arena *arena, struct writ_json *object,
                                  const struct policy_request *request)
{
    writ_json_put_integer(arena, object, "depth", (int64_t)request->line_count - 1);
    writ_json_put_boolean(arena, object, "attributed", request->attributed);
    if (!put_agents(arena, object, request) ||
        !put_label(arena, object, "clearance", &request->clearance) ||
        !put_texts(arena, object, "destinations", request->destinations,
                   request->destination_count) ||
        !writ_json_put(arena, object, "label", policy_level_json(arena, &request->label)))
        return NULL;
    return put_texts(arena, object, "approvals", request->approvals, request->approval_count);
}

static struct writ_json *put_declassify(struct writ_arena *arena, struct writ_json *object,
                                        const struct policy_request *request)
{
    if (!put_label(arena, object, "from", &request->from))
        return NULL;
    return put_label(arena, object, "to", &request->down_to);
}

struct writ_json *remote_put_context(struct writ_arena *arena, struct writ_json *object,
                                     const struct policy_request *request)
{
    static struct writ_json *(*const PUT[])(struct writ_arena *, struct writ_json *,
                                            const struct policy_request *) = {
        [POLICY_ISSUE] = put_to,
        [POLICY_DELEGATE] = put_delegate,
        [POLICY_CALL] = put_call,
        [POLICY_DECLASSIFY] = put_declassify,
    };
    if (!put_time(arena, object, "now", request->now_us) ||
        !put_task(arena, object, &request->task))
        return NULL;
    return PUT[request->action](arena, object, request);
}
