/* POST /access/v1/evaluation: one AuthZEN question. */
#include "endpoint/evaluation.h"

#include "authority/authority.h"
#include "endpoint/endpoints.h"
#include "metrics.h"

#include <stdio.h>
#include <string.h>

/* ---- Answers ------------------------------------------------------------------------------ */

/* Whether it is a judgement, and no fault of the request or of the service. */
static bool is_decided(enum writ_status outcome)
{
    const int status = writ_status_http(outcome);
    return status == 403 || status == 409 || outcome == WRIT_CIRCUIT_OPEN;
}

static struct writ_json *decision_of(struct call *call, bool decision,
                                     const struct writ_json *context)
{
    struct writ_json *answer = writ_json_new_object(call->arena);
    writ_json_put_boolean(call->arena, answer, "decision", decision);
    const struct writ_json *last = context ? writ_json_put(call->arena, answer, "context", context)
                                           : NULL;
    return last ? answer : NULL;
}

struct writ_json *evaluation_permit(struct call *call, struct writ_slice permit)
{
    const struct writ_json *context = NULL;
    const bool is_read = permit.data && writ_is_ok(writ_json_parse(call->arena, permit, &context));
    return decision_of(call, true, is_read ? context : NULL);
}

struct writ_json *evaluation_denial(struct call *call, const struct writ_denial *denial,
                                    const char *decision_id)
{
    struct writ_json *context = writ_json_new_object(call->arena);
    metrics_count_outcome(call->service->metrics, denial->outcome);
    const struct writ_json *last = call_put_denial(call, context, denial, decision_id);
    if (last && !is_decided(denial->outcome)) {
        struct writ_json *error = writ_json_put_object(call->arena, context, "error");
        writ_json_put_integer(call->arena, error, "status", writ_status_http(denial->outcome));
        last = writ_json_put_string(call->arena, error, "message",
                                    writ_status_text(denial->outcome));
    }
    return decision_of(call, false, last ? context : NULL);
}

static void answer_permit(struct judge *judge, struct writ_slice permit)
{
    call_answer(judge->call, 200, evaluation_permit(judge->call, permit));
}

/* Section 10.1: a denial is a good answer; errors are of the request, or of us. */
static void answer_denial(struct judge *judge, const char *decision_id)
{
    const struct writ_denial *denial = &judge->decision.denial;
    if (is_decided(denial->outcome))
        call_answer(judge->call, 200, evaluation_denial(judge->call, denial, decision_id));
    else
        call_deny(judge->call, denial, decision_id);
}

/* ---- The question ------------------------------------------------------------------------- */

bool evaluation_refuse(struct judge *judge, enum writ_status outcome, const char *field,
                       const char *detail)
{
    struct writ_denial *denial = &judge->decision.denial;
    writ_denial_set(denial, outcome, "", field, "%s", detail);
    denial->hop = -1;
    if (is_decided(outcome))
        call_count_refusal(judge->call, outcome);
    return false;
}

/* Sections 5.1 and 5.2. What a property says of a subject or a resource is not what was checked. */
static bool read_entity(struct judge *judge, const struct writ_json *entity, const char *name,
                        struct writ_slice *ret_type, struct writ_slice *ret_id)
{
    static const char *const MEMBERS[] = {"type", "id", "properties", NULL};
    const struct writ_json *properties = writ_json_get(entity, "properties");
    if (!writ_json_is(entity, WRIT_JSON_OBJECT) || !writ_json_only(entity, MEMBERS))
        return evaluation_refuse(judge, WRIT_MALFORMED, name, "an object with type and id");
    *ret_type = writ_json_text(writ_json_get(entity, "type"));
    *ret_id = writ_json_text(writ_json_get(entity, "id"));
    if (ret_type->size == 0 || ret_id->size == 0)
        return evaluation_refuse(judge, WRIT_MALFORMED, name, "type and id are texts");
    if (properties && (properties->type != WRIT_JSON_OBJECT || properties->count > 0))
        return evaluation_refuse(judge, WRIT_MALFORMED, name,
                                 "properties: nothing here would check them");
    return true;
}

static bool read_subject(struct judge *judge, const struct writ_json *subject)
{
    struct decision_subject *named = &judge->decision.subject;
    struct writ_slice type = WRIT_SLICE_NONE;
    if (!read_entity(judge, subject, "subject", &type, &named->id))
        return false;
    if (writ_slice_is(type, "agent"))
        named->kind = SUBJECT_AGENT;
    else if (writ_slice_is(type, "holder"))
        named->kind = SUBJECT_HOLDER;
    else
        return evaluation_refuse(judge, WRIT_HOLDER_BINDING_FAILED, "subject.type",
                                 "a proof is by an agent or by a holder");
    return true;
}

static bool read_resource(struct judge *judge, const struct writ_json *resource)
{
    struct writ_slice type = WRIT_SLICE_NONE;
    struct writ_slice id = WRIT_SLICE_NONE;
    if (!read_entity(judge, resource, "resource", &type, &id))
        return false;
    if (!writ_slice_is(type, "audience") || !writ_slice_equal(id, judge->call->client->audience))
        return evaluation_refuse(judge, WRIT_AUDIENCE_MISMATCH, "resource",
                                 "what is asked about is not where this client enforces");
    return true;
}

/* Section 5.3. */
static bool read_action(struct judge *judge, const struct writ_json *action,
                        struct writ_slice *ret_tool, const struct writ_json **ret_args)
{
    static const char *const MEMBERS[] = {"name", "properties", NULL};
    if (!writ_json_is(action, WRIT_JSON_OBJECT) || !writ_json_only(action, MEMBERS))
        return evaluation_refuse(judge, WRIT_MALFORMED, "action", "an object with name, the tool");
    *ret_tool = writ_json_text(writ_json_get(action, "name"));
    *ret_args = writ_json_get(action, "properties");
    if (!*ret_args)
        *ret_args = writ_json_new_object(judge->call->arena);
    return true;
}

/* Other members of the context say nothing to us, as those of POST /v1/validate. */
static bool read_context(struct judge *judge, const struct writ_json *context)
{
    struct decision_approval *approval = &judge->decision.approval;
    if (context && context->type != WRIT_JSON_OBJECT)
        return evaluation_refuse(judge, WRIT_MALFORMED, "context", "an object");
    if (!writ_json_get(context, "presentation"))
        return evaluation_refuse(
            judge, WRIT_HOLDER_BINDING_FAILED, "context.presentation",
            "nobody proved this use: the presentation of chain and proof is missing");
    const struct writ_json *id = writ_json_get(context, "approval_id");
    approval->presented = id != NULL;
    if (id && !uuid_parse(writ_json_text(id), &approval->id))
        return evaluation_refuse(judge, WRIT_MALFORMED, "context.approval_id", "a lowercase UUID");
    return true;
}

/* What decide_read calls a field, in an AuthZEN body. */
static void rename_field(struct writ_denial *denial)
{
    static const struct {
        const char *ours, *theirs;
    } FIELDS[] = {
        {"presentation", "context.presentation"},
        {"tool", "action.name"},
        {"arguments", "action.properties"},
    };
    char rest[sizeof denial->field];
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        const size_t size = strlen(FIELDS[i].ours);
        if (strncmp(denial->field, FIELDS[i].ours, size) != 0)
            continue;
        snprintf(rest, sizeof rest, "%s", denial->field + size);
        snprintf(denial->field, sizeof denial->field, "%s%s", FIELDS[i].theirs, rest);
        return;
    }
}

static const struct writ_json *said(const struct writ_json *question,
                                    const struct writ_json *defaults, const char *name)
{
    const struct writ_json *own = writ_json_get(question, name);
    return own ? own : writ_json_get(defaults, name);
}

struct evaluation_tuple evaluation_tuple_of(const struct writ_json *question,
                                            const struct writ_json *defaults)
{
    return (struct evaluation_tuple){
        .subject = said(question, defaults, "subject"),
        .action = said(question, defaults, "action"),
        .resource = said(question, defaults, "resource"),
        .context = said(question, defaults, "context"),
    };
}

bool evaluation_read(struct judge *judge, const struct evaluation_tuple *tuple)
{
    struct decision *decision = &judge->decision;
    struct writ_slice tool = WRIT_SLICE_NONE;
    const struct writ_json *args = NULL;
    if (!read_subject(judge, tuple->subject) || !read_action(judge, tuple->action, &tool, &args) ||
        !read_resource(judge, tuple->resource) || !read_context(judge, tuple->context))
        return false;
    const struct writ_result read = decide_read(
        decision, writ_json_get(tuple->context, "presentation"), tool, args);
    if (writ_is_ok(read))
        return true;
    rename_field(&decision->denial);
    return false;
}

void evaluation_of_body(struct call *call)
{
    const struct evaluation_tuple tuple = evaluation_tuple_of(call->body, NULL);
    struct judge *judge = writ_arena_alloc(call->arena, sizeof *judge);
    if (!judge) {
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
        return;
    }
    judge_init(judge, call);
    judge->permitted = answer_permit;
    judge->denied = answer_denial;
    if (!call_idempotency_key(call, &judge->decision.idempotency_key))
        return;
    if (evaluation_read(judge, &tuple))
        judge_use(judge);
    else
        answer_denial(judge, NULL);
}

void evaluation(struct call *call)
{
    static const char *const MEMBERS[] = {"subject", "action", "resource", "context", NULL};
    if (call_only_members(call, MEMBERS))
        evaluation_of_body(call);
}
