#include "decide/policy.h"

#include "ledger/label.h"
#include "policies.h"

#include <stdio.h>

static struct policy_party agent_of(const struct registry *registry, struct writ_slice name)
{
    const struct registry_agent *agent = registry_agent(registry, name);
    return (struct policy_party){name, agent ? agent->role : WRIT_SLICE_NONE};
}

static struct policy_party client_of(const struct registry *registry, struct writ_slice id)
{
    const struct registry_client *client = registry_client(registry, id);
    return (struct policy_party){id, client ? writ_slice_text(registry_role_text(client->role))
                                            : WRIT_SLICE_NONE};
}

/* What is not registered is the strictest: nobody may call it anyway. */
static struct policy_tool tool_of(const struct registry *registry, struct writ_slice audience,
                                  struct writ_slice name)
{
    static const char *const EFFECTS[] = {
        [EFFECT_READ] = "read",
        [EFFECT_WRITE] = "write",
        [EFFECT_IRREVERSIBLE] = "irreversible",
    };
    const struct registry_tool *tool = registry_tool(registry, audience, name);
    struct policy_tool asked = {
        .audience = audience,
        .name = name,
        .effect = WRIT_SLICE_LITERAL("irreversible"),
        .sends = true,
        .sensitivity = {WRIT_LABEL_CONFIDENTIAL, WRIT_LABEL_UNTRUSTED, NULL},
    };
    if (!tool || tool->retired)
        return asked;
    asked.registered = true;
    asked.effect = writ_slice_text(EFFECTS[tool->effect]);
    asked.sends = tool->sends;
    asked.sensitivity = tool->sensitivity;
    return asked;
}

static struct writ_result put_chain(struct writ_arena *arena, const struct registry *registry,
                                    const struct chain *chain, struct policy_request *request)
{
    char *task = writ_arena_alloc(arena, UUID_TEXT_SIZE);
    struct policy_party *line = writ_arena_array(arena, chain->count, sizeof *line);
    WRIT_ENSURE(task && line, OUT_OF_MEMORY);
    uuid_text(&chain->task, task);
    for (size_t i = 0; i < chain->count; i++)
        line[i] = agent_of(registry, chain->tokens[i].agent);
    request->line = line;
    request->line_count = chain->count;
    request->task = (struct policy_task){
        .id = writ_slice_text(task),
        .principal = chain->principal,
        .purpose = chain->purpose,
        .state = WRIT_SLICE_LITERAL("open"),
        .opened_by = client_of(registry, chain->opened_by),
        .deadline_us = chain->deadline_us,
    };
    return WRIT_SUCCESS;
}

/* ---- A call ------------------------------------------------------------------------------- */

/* The texts of the argument that takes data out. */
static struct writ_result put_destinations(struct decision *decision,
                                           struct policy_request *request)
{
    const struct writ_slice name = decision->registered->destination;
    const struct writ_json *value = name.size > 0 ? writ_json_get_slice(decision->args, name)
                                                  : NULL;
    if (!value)
        return WRIT_SUCCESS;
    const size_t count = value->type == WRIT_JSON_STRING  ? 1
                         : value->type == WRIT_JSON_ARRAY ? value->count
                                                          : 0;
    struct writ_slice *texts = writ_arena_array(decision->arena, count, sizeof *texts);
    WRIT_ENSURE(texts || count == 0, OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        const struct writ_json *each = value->type == WRIT_JSON_ARRAY ? &value->items[i] : value;
        /* Of something that is no text a policy shall see that it is there. */
        texts[i] = writ_json_is(each, WRIT_JSON_STRING)
                       ? each->text
                       : writ_json_canonical(decision->arena, each);
        WRIT_ENSURE(texts[i].data, OUT_OF_MEMORY);
    }
    request->destinations = texts;
    request->destination_count = count;
    return WRIT_SUCCESS;
}

bool policy_looks_at_label(const struct decision *decision)
{
    const struct policy_engine *engine = policies_engine(decision->registry);
    return decision->service->remotes || (engine && engine->sees_label);
}

bool policy_looks_at_approvals(const struct decision *decision)
{
    const struct policy_engine *engine = policies_engine(decision->registry);
    return decision->service->remotes || (engine && engine->sees_approvals);
}

static struct writ_result make_question(struct decision *decision)
{
    struct policy_request *question = writ_arena_alloc(decision->arena, sizeof *question);
    WRIT_ENSURE(question, OUT_OF_MEMORY);
    *question = (struct policy_request){
        .action = POLICY_CALL,
        .now_us = decision->now_us,
        .attributed = chain_leaf(decision->chain)->attributed,
        .clearance = chain_leaf_token(decision->chain)->effective.clearance,
        .label = label_as_known(__atomic_load_n(&decision->chain->label_known, __ATOMIC_ACQUIRE)),
        .approvals = decision->approval.given,
        .approval_count = decision->approval.given_count,
        .tool = tool_of(decision->registry, decision->client->audience, decision->tool),
    };
    WRIT_TRY(put_chain(decision->arena, decision->registry, decision->chain, question));
    WRIT_TRY(put_destinations(decision, question));
    decision->question = question;
    return WRIT_SUCCESS;
}

/* A hop where the cause lies in who asks: then it is no fault of the task. */
static struct writ_result conclude(struct decision *decision)
{
    const struct writ_result result = policy_conclude(&decision->policy, &decision->denial);
    if (result.status == WRIT_POLICY_DENIED && decision->policy.is_of_the_presenter)
        decision->denial.hop = (int)decision->chain->count - 1;
    return result;
}

struct writ_result policy_check_call(struct decision *decision)
{
    const struct policy_engine *engine = policies_engine(decision->registry);
    struct decision_approval *approval = &decision->approval;
    struct policy_answer now;
    if (engine || decision->service->remotes)
        WRIT_TRY(make_question(decision));
    policy_ask(engine, decision->arena, decision->question, &now);
    policy_ask_at_best(engine, decision->arena, decision->question, &now, &decision->policy);
    /* Once all have answered who were asked, it is what it is. */
    approval->is_a_must = now.verdict == POLICY_DENIED &&
                          decision->policy.verdict == POLICY_PERMITTED &&
                          (!approval->presented || approval->waits);
    approval->otherwise = now;
    if (now.verdict != POLICY_PERMITTED && !approval->is_a_must)
        decision->policy = now;
    return conclude(decision);
}

struct writ_result policy_refuse_unapproved(struct decision *decision)
{
    decision->policy = decision->approval.otherwise;
    return conclude(decision);
}

/* What an agent may make the service write, and engines read. */
static struct writ_result check_destinations(struct decision *decision)
{
    enum { COUNT_MAX = 64, SIZE_MAX_TOGETHER = 16384 };
    const struct policy_request *question = decision->question;
    size_t size = 0;
    for (size_t i = 0; i < question->destination_count; i++)
        size += question->destinations[i].size;
    if (question->destination_count <= COUNT_MAX && size <= SIZE_MAX_TOGETHER)
        return WRIT_SUCCESS;
    writ_denial_set(&decision->denial, WRIT_POLICY_ERROR, "", "destinations",
                    "policy engines are told of at most %d destinations, of %d bytes together",
                    COUNT_MAX, SIZE_MAX_TOGETHER);
    return WRIT_FAILURE(POLICY_ERROR);
}

struct writ_result policy_check_elsewhere(struct decision *decision)
{
    if (!decision->service->remotes)
        return WRIT_SUCCESS;
    WRIT_TRY(check_destinations(decision));
    decision->waits = !decision->is_told;
    if (decision->waits)
        return WRIT_FAILURE(POLICY_ERROR);
    const struct writ_json *heard = remotes_heard(&decision->asked, 0);
    WRIT_ENSURE(heard, OUT_OF_MEMORY);
    decision->engines = writ_json_canonical(decision->arena, heard);
    WRIT_ENSURE(decision->engines.data, OUT_OF_MEMORY);
    policy_join(decision->arena, &decision->policy, &decision->told);
    return conclude(decision);
}

/* ---- A grant ------------------------------------------------------------------------------ */

/* One tool at one audience. */
struct pair {
    struct policy_tool tool;
    struct policy_answer answer;
};

struct granting {
    struct writ_arena *arena;
    const struct policy_grant *grant;
    const struct writ_authority *asked;
    struct policy_request request;
    struct pair *pairs; /* tool by tool */
    size_t pair_count;
    size_t pairs_a_tool;
};

/* Every tool at every audience; a link without one is for any. */
static struct writ_result make_pairs(struct granting *granting, struct writ_denial *ret_denial)
{
    enum { PAIRS_MAX = 1024 };
    const struct writ_json *audience = granting->grant->audience;
    const struct writ_authority *asked = granting->asked;
    const bool is_list = writ_json_is(audience, WRIT_JSON_ARRAY) && audience->count > 0;
    const size_t each = is_list ? audience->count : 1;
    granting->pairs_a_tool = each;
    granting->pair_count = asked->tool_count * each;
    if (granting->pair_count > PAIRS_MAX) {
        writ_denial_set(ret_denial, WRIT_POLICY_ERROR, "", "tools",
                        "policies are asked about at most %d pairs of tool and audience",
                        PAIRS_MAX);
        return WRIT_FAILURE(POLICY_ERROR);
    }
    granting->pairs = writ_arena_array(granting->arena, granting->pair_count,
                                       sizeof *granting->pairs);
    WRIT_ENSURE(granting->pairs, OUT_OF_MEMORY);
    for (size_t i = 0; i < granting->pair_count; i++) {
        const struct writ_json *at = is_list ? &audience->items[i % each] : audience;
        granting->pairs[i].tool = tool_of(granting->grant->registry, writ_json_text(at),
                                          asked->tools[i / each].name);
    }
    return WRIT_SUCCESS;
}

/* False: one of them does not permit. */
static bool judge_here(struct granting *granting)
{
    const struct policy_engine *engine = policies_engine(granting->grant->registry);
    bool permits_all = true;
    for (size_t i = 0; i < granting->pair_count; i++) {
        struct pair *pair = &granting->pairs[i];
        granting->request.tool = pair->tool;
        policy_ask(engine, granting->arena, &granting->request, &pair->answer);
        permits_all = permits_all && pair->answer.verdict == POLICY_PERMITTED;
    }
    return permits_all;
}

/* As many as may wait for engines may do so already. */
static struct writ_result ask_and_wait(struct remotes *remotes, struct remotes_question *question,
                                       struct writ_denial *ret_denial)
{
    const struct writ_result asked = remotes_ask_and_wait(remotes, question);
    if (!writ_is_ok(asked))
        writ_denial_set(ret_denial, asked.status, "", "",
                        "too many requests wait for policy engines");
    return asked;
}

/* Of what is permitted here. */
static struct writ_result ask_elsewhere(struct granting *granting, struct writ_denial *ret_denial)
{
    struct writ_arena *arena = granting->arena;
    struct policy_tool *tools = writ_arena_array(arena, granting->pair_count, sizeof *tools);
    struct policy_answer *answers = writ_arena_array(arena, granting->pair_count, sizeof *answers);
    WRIT_ENSURE(tools && answers, OUT_OF_MEMORY);
    struct remotes_question question = {
        .arena = arena,
        .request = &granting->request,
        .tools = tools,
        .answers = answers,
    };
    for (size_t i = 0; i < granting->pair_count; i++)
        if (granting->pairs[i].answer.verdict == POLICY_PERMITTED)
            tools[question.tool_count++] = granting->pairs[i].tool;
    WRIT_TRY(ask_and_wait(granting->grant->remotes, &question, ret_denial));
    for (size_t i = 0, k = 0; i < granting->pair_count; i++)
        if (granting->pairs[i].answer.verdict == POLICY_PERMITTED)
            policy_join(arena, &granting->pairs[i].answer, &answers[k++]);
    return WRIT_SUCCESS;
}

static struct writ_result begin(struct granting *granting)
{
    const struct policy_grant *grant = granting->grant;
    granting->request = (struct policy_request){
        .action = grant->parent ? POLICY_DELEGATE : POLICY_ISSUE,
        .now_us = grant->now_us,
        .client = client_of(grant->registry, grant->client->id),
        .to = agent_of(grant->registry, grant->agent),
        .task = grant->task,
        .clearance = grant->clearance,
    };
    if (grant->parent)
        return put_chain(granting->arena, grant->registry, grant->parent, &granting->request);
    granting->request.task.opened_by = granting->request.client;
    granting->request.task.state = WRIT_SLICE_LITERAL("open");
    return WRIT_SUCCESS;
}

static struct writ_result put_cut(struct writ_arena *arena, struct writ_json *cut,
                                  struct writ_slice tool, const struct writ_denial *denial)
{
    struct writ_json *entry = writ_json_add_object(arena, cut);
    writ_json_put_text(arena, entry, "tool", tool);
    WRIT_ENSURE(writ_json_put_string(arena, entry, "detail", denial->detail), OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

/* At every audience. */
static struct writ_result may_pass(const struct granting *granting, size_t index,
                                   struct writ_denial *ret_denial)
{
    for (size_t i = 0; i < granting->pairs_a_tool; i++) {
        const struct pair *pair = &granting->pairs[index * granting->pairs_a_tool + i];
        const struct writ_result result = policy_conclude(&pair->answer, ret_denial);
        if (writ_is_ok(result))
            continue;
        snprintf(ret_denial->field, sizeof ret_denial->field, "tools.%.*s",
                 WRIT_SLICE_ARGS(pair->tool.name));
        return result;
    }
    return WRIT_SUCCESS;
}

/* Of `asked` those that may pass, in `given`. */
static struct writ_result sift(struct granting *granting, struct writ_authority *given,
                               struct writ_json *cut, struct writ_denial *ret_denial)
{
    const struct writ_authority *asked = granting->asked;
    struct writ_tool *tools = writ_arena_array(granting->arena, asked->tool_count, sizeof *tools);
    WRIT_ENSURE(tools || asked->tool_count == 0, OUT_OF_MEMORY);
    given->tools = tools;
    given->profile = asked->profile;
    for (size_t i = 0; i < asked->tool_count; i++) {
        struct writ_denial denial = {.step = "", .hop = -1};
        const struct writ_result result = may_pass(granting, i, &denial);
        if (writ_is_ok(result)) {
            tools[given->tool_count++] = asked->tools[i];
            continue;
        }
        if (result.status != WRIT_POLICY_DENIED || !cut) {
            *ret_denial = denial;
            return result;
        }
        WRIT_TRY(put_cut(granting->arena, cut, asked->tools[i].name, &denial));
    }
    return WRIT_SUCCESS;
}

static struct writ_result judge(struct granting *granting, struct writ_authority *given,
                                struct writ_json *cut, struct writ_denial *ret_denial)
{
    WRIT_TRY(begin(granting));
    WRIT_TRY(make_pairs(granting, ret_denial));
    const bool permits_all = judge_here(granting);
    if (granting->grant->remotes && (permits_all || cut))
        WRIT_TRY(ask_elsewhere(granting, ret_denial));
    return sift(granting, given, cut, ret_denial);
}

struct writ_result policy_check_grant(struct writ_arena *arena, const struct policy_grant *grant,
                                      const struct writ_authority *asked,
                                      const struct writ_authority **ret_given,
                                      struct writ_json **ret_cut, struct writ_denial *ret_denial)
{
    struct granting granting = {.arena = arena, .grant = grant, .asked = asked};
    struct writ_json *cut = ret_cut ? writ_json_new_array(arena) : NULL;
    struct writ_authority *given = writ_arena_alloc(arena, sizeof *given);
    WRIT_ENSURE(given && (cut || !ret_cut), OUT_OF_MEMORY);
    if (asked && (grant->remotes || policies_engine(grant->registry))) {
        WRIT_TRY(judge(&granting, given, cut, ret_denial));
        *ret_given = given;
    } else {
        *ret_given = asked;
    }
    if (ret_cut)
        *ret_cut = cut;
    return WRIT_SUCCESS;
}

/* ---- A label ------------------------------------------------------------------------------- */

struct writ_result policy_check_lowering(struct writ_arena *arena,
                                         const struct policy_lowering *lowering,
                                         struct policy_answer *ret_answer,
                                         struct writ_denial *ret_denial)
{
    const struct policy_engine *engine = policies_engine(lowering->registry);
    struct policy_request request = {
        .action = POLICY_DECLASSIFY,
        .now_us = lowering->now_us,
        .client = client_of(lowering->registry, lowering->client->id),
        .from = lowering->from,
        .down_to = lowering->to,
    };
    if (engine || lowering->remotes)
        WRIT_TRY(put_chain(arena, lowering->registry, lowering->root, &request));
    policy_ask(engine, arena, &request, ret_answer);
    if (lowering->remotes && ret_answer->verdict == POLICY_PERMITTED) {
        struct policy_answer told;
        struct remotes_question question = {
            .arena = arena, .request = &request, .tool_count = 1, .answers = &told};
        WRIT_TRY(ask_and_wait(lowering->remotes, &question, ret_denial));
        policy_join(arena, ret_answer, &told);
    }
    return policy_conclude(ret_answer, ret_denial);
}
