#include "policy/cedar_question.h"

#include <string.h>

/* Beside the agents of the line. */
enum { ENTITIES_MORE = 8, CONTEXT_MAX = 10 };

/* What is built: entities and context in arrays that this request fits, whatever its action. */
struct question {
    struct writ_arena *arena;
    const struct policy_request *request;
    struct cedar_entity *entities;
    size_t entity_count;
    size_t entity_max;
    struct cedar_value *context;
    size_t context_count;
    bool complete; /* the arena gave all that was asked of it */
};

#define NAME(text) WRIT_SLICE_LITERAL(text)

static const struct writ_slice CLIENT = {(const uint8_t *)"Client", 6};
static const struct writ_slice AGENT = {(const uint8_t *)"Agent", 5};
static const struct writ_slice PRINCIPAL = {(const uint8_t *)"Principal", 9};
static const struct writ_slice TASK = {(const uint8_t *)"Task", 4};
static const struct writ_slice TOOL = {(const uint8_t *)"Tool", 4};
static const struct writ_slice ACTION = {(const uint8_t *)"Action", 6};

/* ---- Values ------------------------------------------------------------------------------- */

static struct cedar_value boolean(struct writ_slice name, bool value)
{
    return (struct cedar_value){.kind = CEDAR_BOOL, .name = name, .number = value};
}

static struct cedar_value integer(struct writ_slice name, int64_t value)
{
    return (struct cedar_value){.kind = CEDAR_LONG, .name = name, .number = value};
}

static struct cedar_value text(struct writ_slice name, struct writ_slice value)
{
    return (struct cedar_value){.kind = CEDAR_STRING, .name = name, .text = value};
}

static struct cedar_value instant(struct writ_slice name, int64_t unix_us)
{
    return (struct cedar_value){.kind = CEDAR_INSTANT, .name = name, .number = unix_us / 1000};
}

static struct cedar_value reference(struct writ_slice name, struct writ_slice type,
                                    struct writ_slice id)
{
    return (struct cedar_value){.kind = CEDAR_ENTITY, .name = name, .type = type, .text = id};
}

/* Items that the caller fills; NULL when there are none, or no memory for them. */
static struct cedar_value *items_of(struct question *question, struct cedar_value *parent,
                                    size_t count)
{
    struct cedar_value *items = NULL;
    if (count > 0) {
        items = writ_arena_array(question->arena, count, sizeof *items);
        question->complete = question->complete && items;
    }
    parent->items = items;
    parent->count = items ? count : 0;
    return items;
}

static struct cedar_value texts(struct question *question, struct writ_slice name,
                                const struct writ_slice *values, size_t count)
{
    struct cedar_value set = {.kind = CEDAR_SET, .name = name};
    struct cedar_value *items = items_of(question, &set, count);
    for (size_t i = 0; i < set.count; i++)
        items[i] = text(WRIT_SLICE_NONE, values[i]);
    return set;
}

static struct cedar_value label(struct question *question, struct writ_slice name,
                                const struct writ_label *from)
{
    struct cedar_value record = {.kind = CEDAR_RECORD, .name = name};
    struct cedar_value categories = {.kind = CEDAR_SET, .name = NAME("categories")};
    const struct writ_json *list = from->categories;
    struct cedar_value *each = items_of(question, &categories, list ? list->count : 0);
    for (size_t i = 0; i < categories.count; i++)
        each[i] = text(WRIT_SLICE_NONE, writ_json_text(&list->items[i]));
    struct cedar_value *members = items_of(question, &record, 3);
    if (!members)
        return record;
    members[0] = integer(NAME("confidentiality"), (int64_t)from->confidentiality);
    members[1] = boolean(NAME("untrusted"), from->integrity == WRIT_LABEL_UNTRUSTED);
    members[2] = categories;
    return record;
}

/* What memory knows of a label. */
static struct cedar_value level(struct question *question, struct writ_slice name,
                                const struct writ_label *from)
{
    struct cedar_value record = {.kind = CEDAR_RECORD, .name = name};
    struct cedar_value *members = items_of(question, &record, 2);
    if (!members)
        return record;
    members[0] = integer(NAME("confidentiality"), (int64_t)from->confidentiality);
    members[1] = boolean(NAME("untrusted"), from->integrity == WRIT_LABEL_UNTRUSTED);
    return record;
}

/* ---- Entities ----------------------------------------------------------------------------- */

static bool is_there(const struct question *question, struct writ_slice type, struct writ_slice id)
{
    for (size_t i = 0; i < question->entity_count; i++) {
        const struct cedar_uid *uid = &question->entities[i].uid;
        if (writ_slice_equal(uid->type, type) && writ_slice_equal(uid->id, id))
            return true;
    }
    return false;
}

/* Attributes that the caller fills; NULL where the entity is there already. */
static struct cedar_value *entity(struct question *question, struct writ_slice type,
                                  struct writ_slice id, size_t attribute_count)
{
    if (question->entity_count == question->entity_max || is_there(question, type, id))
        return NULL;
    struct cedar_value attributes = {.kind = CEDAR_RECORD};
    struct cedar_value *items = items_of(question, &attributes, attribute_count);
    question->entities[question->entity_count++] = (struct cedar_entity){
        .uid = {type, id},
        .attributes = items,
        .attribute_count = attributes.count,
    };
    return items;
}

static void party(struct question *question, struct writ_slice type,
                  const struct policy_party *party)
{
    struct cedar_value *attributes = entity(question, type, party->name, 1);
    if (attributes)
        attributes[0] = text(NAME("role"), party->role);
}

static void task(struct question *question, const struct policy_task *task)
{
    party(question, CLIENT, &task->opened_by);
    (void)entity(question, PRINCIPAL, task->principal, 0);
    struct cedar_value *attributes = entity(question, TASK, task->id, 5);
    if (!attributes)
        return;
    attributes[0] = reference(NAME("principal"), PRINCIPAL, task->principal);
    attributes[1] = text(NAME("purpose"), task->purpose);
    attributes[2] = text(NAME("state"), task->state);
    attributes[3] = reference(NAME("opened_by"), CLIENT, task->opened_by.name);
    attributes[4] = instant(NAME("deadline"), task->deadline_us);
}

/* Bytes, whatever is in them: what a token names is anybody's text. */
static struct writ_slice tool_id(struct question *question, const struct policy_tool *tool)
{
    const size_t size = tool->audience.size + 1 + tool->name.size;
    uint8_t *id = writ_arena_alloc(question->arena, size);
    question->complete = question->complete && id;
    if (!id)
        return WRIT_SLICE_NONE;
    if (tool->audience.size > 0)
        memcpy(id, tool->audience.data, tool->audience.size);
    id[tool->audience.size] = ' ';
    if (tool->name.size > 0)
        memcpy(id + tool->audience.size + 1, tool->name.data, tool->name.size);
    return writ_slice_of(id, size);
}

static struct writ_slice tool(struct question *question, const struct policy_tool *tool)
{
    const struct writ_slice uid = tool_id(question, tool);
    struct cedar_value *attributes = entity(question, TOOL, uid, 6);
    if (!attributes)
        return uid;
    attributes[0] = text(NAME("audience"), tool->audience);
    attributes[1] = text(NAME("name"), tool->name);
    attributes[2] = boolean(NAME("registered"), tool->registered);
    attributes[3] = text(NAME("effect"), tool->effect);
    attributes[4] = boolean(NAME("sends"), tool->sends);
    attributes[5] = label(question, NAME("sensitivity"), &tool->sensitivity);
    return uid;
}

/* ---- The four actions --------------------------------------------------------------------- */

static void put(struct question *question, struct cedar_value value)
{
    question->context[question->context_count++] = value;
}

/* The agents of the chain, each once; a delegation's next one too. */
static void put_agents(struct question *question, const struct policy_party *next)
{
    const struct policy_request *request = question->request;
    const size_t most = request->line_count + (next ? 1 : 0);
    struct cedar_value set = {.kind = CEDAR_SET, .name = NAME("agents")};
    struct cedar_value *items = items_of(question, &set, most);
    set.count = 0;
    for (size_t i = 0; items && i < most; i++) {
        const struct policy_party *agent = i < request->line_count ? &request->line[i] : next;
        size_t at = 0;
        while (at < set.count && !writ_slice_equal(items[at].text, agent->name))
            at++;
        if (at < set.count)
            continue;
        party(question, AGENT, agent);
        items[set.count++] = reference(WRIT_SLICE_NONE, AGENT, agent->name);
    }
    put(question, set);
}

static void put_common(struct question *question)
{
    const struct policy_request *request = question->request;
    put(question, instant(NAME("now"), request->now_us));
    task(question, &request->task);
    put(question, reference(NAME("task"), TASK, request->task.id));
}

static void put_to(struct question *question)
{
    const struct policy_party *to = &question->request->to;
    party(question, AGENT, to);
    put(question, reference(NAME("to"), AGENT, to->name));
}

static struct cedar_uid holder(const struct policy_request *request)
{
    const size_t last = request->line_count - 1;
    return (struct cedar_uid){AGENT,
                              request->line_count ? request->line[last].name : WRIT_SLICE_NONE};
}

static void ask_issue(struct question *question, struct cedar_request *ret)
{
    const struct policy_request *request = question->request;
    party(question, CLIENT, &request->client);
    put_common(question);
    put_to(question);
    ret->principal = (struct cedar_uid){CLIENT, request->client.name};
    ret->resource = (struct cedar_uid){TOOL, tool(question, &request->tool)};
}

static void ask_delegate(struct question *question, struct cedar_request *ret)
{
    const struct policy_request *request = question->request;
    put_common(question);
    put_to(question);
    put(question, integer(NAME("depth"), (int64_t)request->line_count));
    put_agents(question, &request->to);
    put(question, label(question, NAME("clearance"), &request->clearance));
    ret->principal = holder(request);
    ret->resource = (struct cedar_uid){TOOL, tool(question, &request->tool)};
}

static void ask_call(struct question *question, struct cedar_request *ret)
{
    const struct policy_request *request = question->request;
    put_common(question);
    put(question, integer(NAME("depth"), (int64_t)request->line_count - 1));
    put_agents(question, NULL);
    put(question, boolean(NAME("attributed"), request->attributed));
    put(question, label(question, NAME("clearance"), &request->clearance));
    put(question,
        texts(question, NAME("destinations"), request->destinations, request->destination_count));
    put(question, texts(question, NAME("approvals"), request->approvals, request->approval_count));
    put(question, level(question, NAME("label"), &request->label));
    ret->principal = holder(request);
    ret->resource = (struct cedar_uid){TOOL, tool(question, &request->tool)};
}

static void ask_declassify(struct question *question, struct cedar_request *ret)
{
    const struct policy_request *request = question->request;
    party(question, CLIENT, &request->client);
    task(question, &request->task);
    put(question, instant(NAME("now"), request->now_us));
    put(question, label(question, NAME("from"), &request->from));
    put(question, label(question, NAME("to"), &request->down_to));
    ret->principal = (struct cedar_uid){CLIENT, request->client.name};
    ret->resource = (struct cedar_uid){TASK, request->task.id};
}

struct writ_result cedar_question(struct writ_arena *arena, const struct policy_request *request,
                                  struct cedar_request *ret_question)
{
    static void (*const ASK[])(struct question *, struct cedar_request *) = {
        [POLICY_ISSUE] = ask_issue,
        [POLICY_DELEGATE] = ask_delegate,
        [POLICY_CALL] = ask_call,
        [POLICY_DECLASSIFY] = ask_declassify,
    };
    struct question question = {
        .arena = arena,
        .request = request,
        .entity_max = request->line_count + ENTITIES_MORE,
        .context = writ_arena_array(arena, CONTEXT_MAX, sizeof *question.context),
        .complete = true,
    };
    question.entities = writ_arena_array(arena, question.entity_max, sizeof *question.entities);
    WRIT_ENSURE(question.entities && question.context, OUT_OF_MEMORY);
    struct cedar_request asked = {
        .action = {ACTION, writ_slice_text(policy_action_text(request->action))},
        .is_checked = request->is_checked,
        .open = request->at_best ? NAME("approvals") : WRIT_SLICE_NONE,
    };
    ASK[request->action](&question, &asked);
    WRIT_ENSURE(question.complete, OUT_OF_MEMORY);
    asked.context = question.context;
    asked.context_count = question.context_count;
    asked.entities = question.entities;
    asked.entity_count = question.entity_count;
    *ret_question = asked;
    return WRIT_SUCCESS;
}
