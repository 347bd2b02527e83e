#include "policy_case.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const MEMBERS[] = {
    "name",         "action",    "now",   "client", "agents",  "to",
    "attributed",   "task",      "tool",  "from",   "down_to", "clearance",
    "destinations", "approvals", "label", "expect", "by",      NULL};

/* ---- Members ------------------------------------------------------------------------------ */

static struct writ_slice text_or(const struct writ_json *object, const char *name,
                                 const char *otherwise)
{
    const struct writ_json *value = writ_json_get(object, name);
    return value ? writ_json_text(value) : writ_slice_text(otherwise);
}

static enum cli_exit wrong(const struct cli *cli, struct writ_slice name, const char *member)
{
    return cli_fail(cli, "case \"%.*s\": %s is not as writ(1) says", WRIT_SLICE_ARGS(name), member);
}

/* "planner" is an agent of that role; else {"name", "role"}. */
static bool read_party(const struct writ_json *json, struct policy_party *party)
{
    static const char *const NAMES[] = {"name", "role", NULL};
    if (!json)
        return true;
    if (json->type == WRIT_JSON_STRING) {
        *party = (struct policy_party){json->text, json->text};
        return true;
    }
    *party = (struct policy_party){text_or(json, "name", ""), text_or(json, "role", "")};
    return writ_json_only(json, NAMES) && party->name.data && party->role.data;
}

static bool read_parties(struct cli *cli, const struct writ_json *json,
                         struct policy_request *request)
{
    if (!writ_json_is(json, WRIT_JSON_ARRAY) || json->count == 0 || json->count > WRIT_CHAIN_MAX)
        return !json;
    struct policy_party *line = cli_must(writ_arena_array(&cli->arena, json->count, sizeof *line));
    for (size_t i = 0; i < json->count; i++)
        if (!read_party(&json->items[i], &line[i]))
            return false;
    request->line = line;
    request->line_count = json->count;
    return true;
}

static bool read_texts(struct cli *cli, const struct writ_json *json,
                       const struct writ_slice **ret_texts, size_t *ret_count)
{
    if (!json)
        return true;
    if (!writ_json_is_texts(json))
        return false;
    struct writ_slice *texts = cli_must(writ_arena_array(&cli->arena, json->count, sizeof *texts));
    for (size_t i = 0; i < json->count; i++)
        texts[i] = json->items[i].text;
    *ret_texts = texts;
    *ret_count = json->count;
    return true;
}

static bool read_label(struct cli *cli, const struct writ_json *json, struct writ_label *label)
{
    return !json || writ_is_ok(writ_label_read(&cli->arena, json, label));
}

/* RFC 3339 in UTC, with or without a fraction. */
static bool read_time(struct cli *cli, const struct writ_json *json, int64_t *unix_us)
{
    struct tm parts = {0};
    if (!json)
        return true;
    const char *text = cli_must(writ_arena_text(&cli->arena, writ_json_text(json)));
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    if (!rest)
        return false;
    int64_t fraction_us = 0;
    if (*rest == '.') {
        int64_t unit_us = 100000;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, unit_us /= 10)
            fraction_us += (*rest - '0') * unit_us;
    }
    *unix_us = (int64_t)timegm(&parts) * 1000000 + fraction_us;
    return strcmp(rest, "Z") == 0;
}

static bool read_task(struct cli *cli, const struct writ_json *json, struct policy_task *task)
{
    static const char *const NAMES[] = {"id",        "principal", "purpose", "state",
                                        "opened_by", "deadline",  NULL};
    task->id = text_or(json, "id", "00000000-0000-7000-8000-000000000000");
    task->principal = text_or(json, "principal", "somebody");
    task->purpose = text_or(json, "purpose", "");
    task->state = text_or(json, "state", "open");
    task->opened_by = (struct policy_party){WRIT_SLICE_LITERAL("issuer"),
                                            WRIT_SLICE_LITERAL("issuer")};
    return (!json || writ_json_only(json, NAMES)) && task->id.data && task->principal.data &&
           task->purpose.data && task->state.data &&
           read_party(writ_json_get(json, "opened_by"), &task->opened_by) &&
           read_time(cli, writ_json_get(json, "deadline"), &task->deadline_us);
}

static bool read_flag(const struct writ_json *object, const char *name, bool otherwise, bool *flag)
{
    const struct writ_json *value = writ_json_get(object, name);
    *flag = value ? value->boolean : otherwise;
    return !value || value->type == WRIT_JSON_BOOLEAN;
}

static bool read_tool(struct cli *cli, const struct writ_json *json, struct policy_tool *tool)
{
    static const char *const NAMES[] = {"audience", "name",        "registered", "effect",
                                        "sends",    "sensitivity", NULL};
    static const struct writ_label STRICTEST = {WRIT_LABEL_CONFIDENTIAL, WRIT_LABEL_UNTRUSTED,
                                                NULL};
    tool->audience = text_or(json, "audience", "");
    tool->name = text_or(json, "name", "");
    tool->effect = text_or(json, "effect", "irreversible");
    tool->sensitivity = STRICTEST;
    return (!json || writ_json_only(json, NAMES)) && tool->audience.data && tool->name.data &&
           tool->effect.data && read_flag(json, "registered", true, &tool->registered) &&
           read_flag(json, "sends", false, &tool->sends) &&
           read_label(cli, writ_json_get(json, "sensitivity"), &tool->sensitivity);
}

static bool read_action(const struct writ_json *json, enum policy_action *action)
{
    for (int i = POLICY_ISSUE; i <= POLICY_DECLASSIFY; i++)
        if (writ_slice_is(writ_json_text(json), policy_action_text((enum policy_action)i))) {
            *action = (enum policy_action)i;
            return true;
        }
    return false;
}

static bool is_word(struct writ_slice expect)
{
    return writ_slice_is(expect, "permit") || writ_slice_is(expect, "approval") ||
           writ_slice_is(expect, "deny") || writ_slice_is(expect, "error") || expect.size == 0;
}

/* ---- Whole -------------------------------------------------------------------------------- */

enum cli_exit policy_case_read(struct cli *cli, const struct writ_json *json,
                               struct policy_case *ret_case)
{
    static const struct policy_party SOMEBODY[] = {
        {{(const uint8_t *)"agent", 5}, {(const uint8_t *)"agent", 5}}};
    const struct writ_slice name = text_or(json, "name", "");
    struct policy_case read = {
        .name = name, .expect = text_or(json, "expect", ""), .by = writ_json_get(json, "by")};
    struct policy_request *request = &read.request;
    request->line = SOMEBODY;
    request->line_count = 1;
    request->is_checked = true;
    if (!writ_json_only(json, MEMBERS))
        return wrong(cli, name, "a member");
    const struct {
        const char *member;
        bool is_read;
    } READ[] = {
        {"action", read_action(writ_json_get(json, "action"), &request->action)},
        {"now", read_time(cli, writ_json_get(json, "now"), &request->now_us)},
        {"client", read_party(writ_json_get(json, "client"), &request->client)},
        {"agents", read_parties(cli, writ_json_get(json, "agents"), request)},
        {"to", read_party(writ_json_get(json, "to"), &request->to)},
        {"attributed", read_flag(json, "attributed", true, &request->attributed)},
        {"task", read_task(cli, writ_json_get(json, "task"), &request->task)},
        {"tool", read_tool(cli, writ_json_get(json, "tool"), &request->tool)},
        {"clearance", read_label(cli, writ_json_get(json, "clearance"), &request->clearance)},
        {"from", read_label(cli, writ_json_get(json, "from"), &request->from)},
        {"label", read_label(cli, writ_json_get(json, "label"), &request->label)},
        {"down_to", read_label(cli, writ_json_get(json, "down_to"), &request->down_to)},
        {"destinations", read_texts(cli, writ_json_get(json, "destinations"),
                                    &request->destinations, &request->destination_count)},
        {"approvals", read_texts(cli, writ_json_get(json, "approvals"), &request->approvals,
                                 &request->approval_count)},
        {"expect", is_word(read.expect)},
        {"by", !read.by || writ_json_is_texts(read.by)},
    };
    for (size_t i = 0; i < sizeof READ / sizeof READ[0]; i++)
        if (!READ[i].is_read)
            return wrong(cli, name, READ[i].member);
    *ret_case = read;
    return CLI_DONE;
}

struct writ_result policy_case_judge(struct cli *cli, const struct policy_engine *engine,
                                     const struct policy_case *asked,
                                     struct policy_answer *ret_answer,
                                     struct writ_denial *ret_denial)
{
    struct policy_answer at_best;
    policy_ask(engine, &cli->arena, &asked->request, ret_answer);
    policy_ask_at_best(engine, &cli->arena, &asked->request, ret_answer, &at_best);
    if (ret_answer->verdict == POLICY_DENIED && asked->request.approval_count == 0 &&
        at_best.needs_approval)
        *ret_answer = at_best;
    return policy_conclude(ret_answer, ret_denial);
}

const char *policy_case_word(const struct policy_answer *answer)
{
    switch (answer->verdict) {
    case POLICY_PERMITTED:
        return answer->needs_approval ? "approval" : "permit";
    case POLICY_DENIED:
        return "deny";
    default:
        return "error";
    }
}

struct writ_json *policy_case_json(struct cli *cli, const struct policy_answer *answer,
                                   const struct writ_denial *denial)
{
    struct writ_arena *arena = &cli->arena;
    struct writ_json *json = cli_must(writ_json_new_object(arena));
    struct writ_json *by = cli_must(writ_json_new_array(arena));
    for (size_t i = 0; i < answer->rule_count; i++)
        cli_must(writ_json_add_text(arena, by, answer->rules[i]->id));
    cli_must(writ_json_put_string(arena, json, "outcome", policy_case_word(answer)));
    cli_must(writ_json_put(arena, json, "by", by));
    if (denial->outcome != WRIT_OK)
        cli_must(writ_json_put_string(arena, json, "detail", denial->detail));
    return json;
}
