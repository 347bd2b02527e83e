/* Policies and the service: its versions, and recorded decisions judged again by others. */
#include <string.h>

#include "files.h"
#include "output.h"
#include "policy/cedar_engine.h"
#include "policy_case.h"
#include "policy_known.h"
#include "resource.h"
#include "speaker.h"

static const char READERS[] = "auditor admin";

/* ---- Versions ----------------------------------------------------------------------------- */

static const char *cell(struct cli *cli, const struct writ_json *object, const char *name)
{
    const struct writ_json *value = writ_json_get(object, name);
    if (writ_json_is(value, WRIT_JSON_BOOLEAN))
        return value->boolean ? "yes" : "";
    if (writ_json_is(value, WRIT_JSON_NUMBER))
        return output_safe(cli, value->text);
    return output_text(cli, object, name);
}

static enum cli_exit list(struct cli *cli)
{
    static const char *const COLUMNS[] = {"version", "in_force", "at", "changed_by", "name", NULL};
    struct credential speaker;
    const struct writ_json *entries = NULL;
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    CLI_TRY(api_list(cli, &speaker, "/v1/policies", "policies", 100000, &entries));
    return output_list(cli, entries, COLUMNS, cell);
}

static enum cli_exit ask_version(struct cli *cli, const char *version,
                                 const struct writ_json **ret_version)
{
    struct credential speaker;
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *path = cli_must(
        writ_arena_printf(&cli->arena, "/v1/policies/%s", api_encode(cli, version)));
    return api_call(cli, &speaker, "GET", path, NULL, ret_version);
}

static enum cli_exit show(struct cli *cli)
{
    const struct writ_json *version = NULL;
    CLI_TRY(ask_version(cli, cli->argument_count ? cli->arguments[0] : "current", &version));
    if (cli->format == CLI_JSON)
        return output_json(cli, version);
    const struct writ_slice text = writ_json_text(writ_json_get(version, "text"));
    fwrite(text.data, 1, text.size, stdout);
    return CLI_DONE;
}

static enum cli_exit put(struct cli *cli)
{
    struct credential speaker;
    struct writ_slice text;
    const struct writ_json *version = NULL;
    const char *name = cli_option(cli, "name");
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    CLI_TRY(files_read(cli, cli->arguments[0], &text));
    cli_must(writ_json_put_string(&cli->arena, body, "name", name ? name : cli->arguments[0]));
    cli_must(writ_json_put_text(&cli->arena, body, "text", text));
    CLI_TRY(speaker_find(cli, "admin", "", "", &speaker));
    CLI_TRY(api_call(cli, &speaker, "PUT", "/v1/policies", body, &version));
    if (cli->format == CLI_JSON)
        return output_json(cli, version);
    printf("version %s\n", cell(cli, version, "version"));
    return CLI_DONE;
}

/* ---- A recorded decision as a case -------------------------------------------------------- */

/* What the service knows besides, as it is now: read once. */
struct registered {
    const struct writ_json *agents;
    const struct writ_json *tools;
};

static enum cli_exit read_registered(struct cli *cli, struct registered *ret_registered)
{
    struct credential speaker;
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    CLI_TRY(api_list(cli, &speaker, "/v1/agents", "agents", 100000, &ret_registered->agents));
    return api_list(cli, &speaker, "/v1/tools", "tools", 100000, &ret_registered->tools);
}

static const struct writ_json *find(const struct writ_json *list, const char *member,
                                    struct writ_slice value, const char *other,
                                    struct writ_slice other_value)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct writ_json *entry = &list->items[i];
        if (writ_slice_equal(writ_json_text(writ_json_get(entry, member)), value) &&
            (!other || writ_slice_equal(writ_json_text(writ_json_get(entry, other)), other_value)))
            return entry;
    }
    return NULL;
}

static void put_copy(struct cli *cli, struct writ_json *to, const char *name,
                     const struct writ_json *value)
{
    if (value)
        cli_must(writ_json_put(&cli->arena, to, name, value));
}

static void put_agents(struct cli *cli, struct writ_json *to, const struct writ_json *chain,
                       const struct registered *registered)
{
    struct writ_json *agents = cli_must(writ_json_new_array(&cli->arena));
    for (size_t i = 0; i < chain->count; i++) {
        const struct writ_slice name = writ_json_text(writ_json_get(&chain->items[i], "agent"));
        const struct writ_json *agent = find(registered->agents, "name", name, NULL,
                                             WRIT_SLICE_NONE);
        struct writ_json *party = cli_must(writ_json_new_object(&cli->arena));
        cli_must(writ_json_put_text(&cli->arena, party, "name", name));
        put_copy(cli, party, "role", writ_json_get(agent, "role"));
        cli_must(writ_json_add(&cli->arena, agents, party));
    }
    cli_must(writ_json_put(&cli->arena, to, "agents", agents));
}

/* The tool as it is registered now, and the texts of its destination in these arguments. */
static void put_tool(struct cli *cli, struct writ_json *to, const struct writ_json *decision,
                     const struct registered *registered)
{
    const struct writ_json *name = writ_json_get(decision, "tool");
    const struct writ_json *audience = writ_json_get(decision, "audience");
    const struct writ_json *tool = find(registered->tools, "name", writ_json_text(name), "audience",
                                        writ_json_text(audience));
    struct writ_json *asked = cli_must(writ_json_new_object(&cli->arena));
    put_copy(cli, asked, "name", name);
    put_copy(cli, asked, "audience", audience);
    const struct writ_json *destination = writ_json_get(tool, "destination");
    const bool registered_now = tool && !writ_json_get(tool, "retired_at");
    cli_must(writ_json_put_boolean(&cli->arena, asked, "registered", registered_now));
    if (registered_now) {
        put_copy(cli, asked, "sends", writ_json_get(tool, "sends"));
        put_copy(cli, asked, "effect", writ_json_get(tool, "effect"));
        put_copy(cli, asked, "sensitivity", writ_json_get(tool, "sensitivity"));
    } else {
        cli_must(writ_json_put_boolean(&cli->arena, asked, "sends", true));
    }
    cli_must(writ_json_put(&cli->arena, to, "tool", asked));
    const struct writ_json *value = writ_json_get_slice(writ_json_get(decision, "arguments"),
                                                        writ_json_text(destination));
    struct writ_json *texts = cli_must(writ_json_new_array(&cli->arena));
    if (writ_json_is(value, WRIT_JSON_STRING))
        cli_must(writ_json_add(&cli->arena, texts, value));
    cli_must(
        writ_json_put(&cli->arena, to, "destinations", writ_json_is_texts(value) ? value : texts));
}

/* Asks for the decision, and makes a case of it. */
static enum cli_exit recorded(struct cli *cli, const char *id, const struct registered *registered,
                              const struct writ_json **ret_decision, struct policy_case *ret_case)
{
    struct credential speaker;
    const struct writ_json *answer = NULL;
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *path = cli_must(
        writ_arena_printf(&cli->arena, "/v1/decisions/%s", api_encode(cli, id)));
    CLI_TRY(api_call(cli, &speaker, "GET", path, NULL, &answer));
    const struct writ_json *decision = writ_json_get(answer, "decision");
    const struct writ_json *task = writ_json_get(answer, "task");
    const struct writ_json *chain = writ_json_get(answer, "chain");
    if (!writ_json_is(chain, WRIT_JSON_ARRAY) || chain->count == 0)
        return cli_fail(cli, "decision %s: the ledger has no chain for it", id);
    struct writ_json *json = cli_must(writ_json_new_object(&cli->arena));
    struct writ_json *asked = cli_must(writ_json_new_object(&cli->arena));
    const struct writ_json *leaf = &chain->items[chain->count - 1];
    static const char *const OF_TASK[] = {"id", "principal", "purpose", "opened_by", "deadline"};
    cli_must(writ_json_put_string(&cli->arena, json, "name", id));
    cli_must(writ_json_put_string(&cli->arena, json, "action", "call"));
    put_copy(cli, json, "now", writ_json_get(decision, "at"));
    put_copy(cli, json, "attributed", writ_json_get(leaf, "attributed"));
    put_copy(cli, json, "clearance", writ_json_get(writ_json_get(leaf, "terms"), "clearance"));
    for (size_t i = 0; i < sizeof OF_TASK / sizeof OF_TASK[0]; i++)
        put_copy(cli, asked, OF_TASK[i], writ_json_get(task, OF_TASK[i]));
    cli_must(writ_json_put(&cli->arena, json, "task", asked));
    put_agents(cli, json, chain, registered);
    put_tool(cli, json, decision, registered);
    CLI_TRY(policy_known_put(cli, &speaker, decision, task, json));
    *ret_decision = decision;
    return policy_case_read(cli, json, ret_case);
}

static enum cli_exit take(struct cli *cli, struct writ_slice text, const char *what,
                          struct policy_engine **ret_engine)
{
    char message[CEDAR_ENGINE_MESSAGE_MAX];
    if (writ_is_ok(cedar_engine_new(text, ret_engine, message)))
        return CLI_DONE;
    return cli_fail(cli, "%s: %s", what, output_safe(cli, writ_slice_text(message)));
}

/* ---- Explain ------------------------------------------------------------------------------ */

static void print_rules(struct cli *cli, const struct policy_answer *answer)
{
    for (size_t i = 0; i < answer->rule_count; i++) {
        const struct policy_rule *rule = answer->rules[i];
        printf("  %-7s %s\n", rule->permits ? "permit" : "forbid", output_safe(cli, rule->id));
        for (size_t j = 0; j < rule->approver_count; j++)
            printf("          needs the approval of %s%s%s\n", output_safe(cli, rule->approvers[j]),
                   j + 1 < rule->approver_count ? " or" : "",
                   rule->quorum > 1 ? ", more than one" : "");
    }
}

/* The policies: of --policies, else the version that the decision was made under. */
static enum cli_exit engine_of(struct cli *cli, const struct writ_json *decision,
                               struct policy_engine **ret_engine, const char **ret_what)
{
    const char *path = cli_option(cli, "policies");
    const struct writ_json *version = writ_json_get(decision, "policy_version");
    struct writ_slice text = WRIT_SLICE_NONE;
    if (path) {
        *ret_what = path;
        CLI_TRY(files_read(cli, path, &text));
    } else if (version) {
        const struct writ_json *entry = NULL;
        const char *number = output_safe(cli, version->text);
        *ret_what = cli_must(writ_arena_printf(&cli->arena, "version %s", number));
        CLI_TRY(ask_version(cli, number, &entry));
        text = writ_json_text(writ_json_get(entry, "text"));
    }
    for (size_t i = 0; i < text.size; i++)
        if (!strchr(" \t\r\n", text.data[i]))
            return take(cli, text, *ret_what, ret_engine);
    *ret_what = "no policies";
    return CLI_DONE;
}

static enum cli_exit explain(struct cli *cli)
{
    struct registered registered;
    struct policy_case asked;
    const struct writ_json *decision = NULL;
    struct policy_engine *engine = NULL;
    const char *what = NULL;
    struct policy_answer answer;
    struct writ_denial denial = {.hop = -1};
    CLI_TRY(read_registered(cli, &registered));
    CLI_TRY(recorded(cli, cli->arguments[0], &registered, &decision, &asked));
    CLI_TRY(engine_of(cli, decision, &engine, &what));
    const struct writ_result judged = policy_case_judge(cli, engine, &asked, &answer, &denial);
    if (cli->format == CLI_JSON) {
        (void)output_json(cli, policy_case_json(cli, &answer, &denial));
    } else {
        printf("%s: %s\n", what, policy_case_word(&answer));
        print_rules(cli, &answer);
        if (!writ_is_ok(judged))
            printf("  %s\n", output_safe(cli, writ_slice_text(denial.detail)));
        puts("Explained with agents and tools as they are registered now. This grants nothing.");
    }
    policy_engine_free(engine);
    return CLI_DONE;
}

/* ---- Replay ------------------------------------------------------------------------------- */

/* What policies said then, as far as it is known: a refusal by another rule says nothing of them.
 */
static const char *word_then(const struct writ_json *decision)
{
    const struct writ_slice outcome = writ_json_text(writ_json_get(decision, "outcome"));
    if (writ_slice_is(writ_json_text(writ_json_get(decision, "verdict")), "permit"))
        return "permit";
    if (writ_slice_is(outcome, "policy_denied"))
        return "deny";
    if (writ_slice_is(outcome, "policy_error"))
        return "error";
    const bool by_policy = writ_slice_is(writ_json_text(writ_json_get(decision, "field")),
                                         "policy");
    return writ_slice_is(outcome, "approval_required") && by_policy ? "approval" : NULL;
}

static enum cli_exit replay_all(struct cli *cli, const struct policy_engine *engine,
                                const struct writ_json *decisions)
{
    struct registered registered;
    struct writ_json *changes = cli_must(writ_json_new_array(&cli->arena));
    size_t replayed = 0;
    CLI_TRY(read_registered(cli, &registered));
    for (size_t i = 0; i < decisions->count; i++) {
        struct policy_case asked = {0};
        struct policy_answer answer;
        struct writ_denial denial = {.hop = -1};
        const struct writ_json *decision = &decisions->items[i];
        const char *then = word_then(decision);
        if (!then)
            continue;
        const char *id = output_text(cli, decision, "id");
        CLI_TRY(recorded(cli, id, &registered, &decision, &asked));
        const struct writ_result judged = policy_case_judge(cli, engine, &asked, &answer, &denial);
        (void)judged; /* the answer says it too */
        replayed++;
        /* Permitted then with the approval that is in the case. */
        const bool is_approved = asked.request.approval_count > 0 &&
                                 answer.verdict == POLICY_PERMITTED;
        const char *now = is_approved ? "permit" : policy_case_word(&answer);
        if (strcmp(then, now) == 0)
            continue;
        struct writ_json *change = policy_case_json(cli, &answer, &denial);
        cli_must(writ_json_put_string(&cli->arena, change, "decision", id));
        cli_must(writ_json_put_string(&cli->arena, change, "then", then));
        cli_must(writ_json_add(&cli->arena, changes, change));
        if (cli->format != CLI_JSON)
            printf("%s  %s %s: %s, would be %s\n", id, output_text(cli, decision, "agent"),
                   output_text(cli, decision, "tool"), then, now);
    }
    if (cli->format == CLI_JSON)
        (void)output_json(cli, changes);
    cli_note(cli, "%zu decisions judged again, %zu would change", replayed, changes->count);
    return changes->count > 0 ? CLI_DENIED : CLI_DONE;
}

static enum cli_exit replay(struct cli *cli)
{
    static const char *const FILTERS[] = {"task", "tool", "from", "to", NULL};
    struct credential speaker;
    struct writ_slice text;
    struct policy_engine *engine = NULL;
    const struct writ_json *decisions = NULL;
    int64_t limit = 0;
    CLI_TRY(files_read(cli, cli->arguments[0], &text));
    CLI_TRY(take(cli, text, cli->arguments[0], &engine));
    CLI_TRY(cli_integer(cli, "limit", 1000, &limit));
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *path = api_filtered(cli, "/v1/decisions", FILTERS);
    enum cli_exit done = api_list(cli, &speaker, path, "decisions", limit < 1 ? 1 : (size_t)limit,
                                  &decisions);
    if (done == CLI_DONE)
        done = replay_all(cli, engine, decisions);
    policy_engine_free(engine);
    return done;
}

static const struct cli_option PUT_OPTIONS[] = {
    {"name", "NAME", "what the ledger calls it; by default the file"},
    {NULL, NULL, NULL},
};

static const struct cli_option EXPLAIN_OPTIONS[] = {
    {"policies", "FILE", "by these, not by those of the time"},
    {NULL, NULL, NULL},
};

static const struct cli_option REPLAY_OPTIONS[] = {
    {"task", "ID", "decisions of this task"},
    {"tool", "NAME", "of this tool"},
    {"from", "TIME", "not before this time"},
    {"to", "TIME", "before this time"},
    {"limit", "N", "at most so many, the newest; 1000 by default"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_POLICY_RECORDED_COMMANDS[] = {
    {"policy list", "", "List the versions of the policies", NULL, 0, 0, list},
    {"policy show", "[VERSION]", "Print the policies in force, or a version of them", NULL, 0, 1,
     show},
    {"policy put", "FILE", "Put policies in force", PUT_OPTIONS, 1, 1, put},
    {"policy explain", "DECISION", "Which policies decide a recorded call", EXPLAIN_OPTIONS, 1, 1,
     explain},
    {"policy replay", "FILE", "Judge recorded decisions by other policies", REPLAY_OPTIONS, 1, 1,
     replay},
    {0},
};
