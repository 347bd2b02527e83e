/* Tasks: open, list, show, declassify, complete, cancel. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grant.h"
#include "holder.h"
#include "output.h"
#include "speaker.h"

/* --evidence TYPE:REFERENCE; whoever sits here, by default. */
static enum cli_exit put_evidence(struct cli *cli, struct writ_json *body)
{
    const char *given = cli_option(cli, "evidence");
    const char *colon = given ? strchr(given, ':') : NULL;
    struct writ_json *evidence = cli_must(writ_json_put_object(&cli->arena, body, "evidence"));
    if (given && !colon)
        return cli_fail(cli, "--evidence is TYPE:REFERENCE, such as ticket:4711");
    if (colon) {
        writ_json_put_text(&cli->arena, evidence, "type",
                           writ_slice_of(given, (size_t)(colon - given)));
        cli_must(writ_json_put_string(&cli->arena, evidence, "reference", colon + 1));
        return CLI_DONE;
    }
    char host[256] = "this machine";
    const char *user = getenv("USER");
    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "this machine");
    writ_json_put_string(&cli->arena, evidence, "type", "operator");
    cli_must(writ_json_put_string(&cli->arena, evidence, "reference",
                                  writ_arena_printf(&cli->arena, "%s at %s, by the writ command",
                                                    user ? user : "somebody", host)));
    return CLI_DONE;
}

static enum cli_exit fill(struct cli *cli, struct writ_json *body, struct held *held)
{
    const struct writ_authority *authority = NULL;
    const char *principal = NULL;
    CLI_TRY(grant_put(cli, body, &authority));
    CLI_TRY(speaker_default(cli, "agent", &held->agent));
    CLI_TRY(speaker_default(cli, "audience", &held->audience));
    CLI_TRY(speaker_default(cli, "principal", &principal));
    const char *continued = cli_option(cli, "continues");
    if (continued) {
        CLI_TRY(state_task(cli, continued, &continued));
        cli_must(writ_json_put_string(&cli->arena, body, "continues", continued));
    }
    writ_json_put_string(&cli->arena, body, "purpose", cli->arguments[0]);
    writ_json_put_string(&cli->arena, body, "agent", held->agent);
    writ_json_put_string(&cli->arena, body, "audience", held->audience);
    cli_must(writ_json_put_string(&cli->arena, body, "principal", principal));
    CLI_TRY(put_evidence(cli, body));
    if (cli_option(cli, "self")) {
        CLI_TRY(holder_enrol(cli, held->agent, &held->key));
        held->has_key = true;
        cli_must(writ_json_put_string(&cli->arena, body, "holder", held->key.thumbprint));
    }
    return CLI_DONE;
}

static const char *id_of(struct cli *cli, const struct writ_json *object)
{
    const struct writ_slice id = writ_json_text(writ_json_get(object, "id"));
    return cli_must(writ_arena_text(&cli->arena, id));
}

static enum cli_exit task_open(struct cli *cli)
{
    struct credential speaker;
    struct held held = {.task = NULL};
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    const struct writ_json *answer = NULL;
    CLI_TRY(speaker_find(cli, "issuer", "", "", &speaker));
    CLI_TRY(fill(cli, body, &held));
    CLI_TRY(api_call(cli, &speaker, "POST", "/v1/tasks", body, &answer));
    const struct writ_json *task = writ_json_get(answer, "task");
    const struct writ_json *root = writ_json_get(answer, "delegation");
    const struct writ_json *handle = writ_json_get(answer, "handle");
    held.task = id_of(cli, task);
    held.delegation = id_of(cli, root);
    held.opened_by = speaker.id;
    held.token = writ_json_text(writ_json_get(answer, "token"));
    held.chain = state_chain(cli, NULL, held.token);
    held.handle = handle ? cli_must(writ_arena_text(&cli->arena, writ_json_text(handle))) : NULL;
    CLI_TRY(state_save(cli, &held));
    grant_note_cut(cli, writ_json_get(answer, "cut"));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    puts(held.delegation);
    cli_note(cli, "task %s   until %s\n%s holds %s", held.task, output_text(cli, task, "deadline"),
             output_text(cli, root, "agent"), output_text(cli, root, "notation"));
    return CLI_DONE;
}

static enum cli_exit task_list(struct cli *cli)
{
    static const char *const TITLES[] = {"task", "state", "opened", "principal", "purpose", NULL};
    static const char *const FILTERS[] = {"state", "principal", NULL};
    struct credential speaker;
    struct table table;
    const struct writ_json *tasks = NULL;
    int64_t limit = 0;
    CLI_TRY(cli_integer(cli, "limit", 50, &limit));
    CLI_TRY(speaker_find(cli, "admin auditor issuer", "", "", &speaker));
    const char *path = api_filtered(cli, "/v1/tasks", FILTERS);
    CLI_TRY(api_list(cli, &speaker, path, "tasks", limit < 1 ? 1 : (size_t)limit, &tasks));
    if (cli->format == CLI_JSON)
        return output_json(cli, tasks);
    table_begin(&table, cli, TITLES);
    for (size_t i = 0; i < tasks->count; i++) {
        const struct writ_json *task = &tasks->items[i];
        table_row(&table, output_text(cli, task, "id"), output_text(cli, task, "state"),
                  output_text(cli, task, "opened_at"), output_text(cli, task, "principal"),
                  output_text(cli, task, "purpose"));
    }
    table_print(&table);
    return CLI_DONE;
}

/* "confidential, untrusted, pii" */
static const char *label_text(struct cli *cli, const struct writ_json *label)
{
    const struct writ_json *categories = writ_json_get(label, "categories");
    const char *text = cli_must(writ_arena_printf(&cli->arena, "%s, %s",
                                                  output_text(cli, label, "confidentiality"),
                                                  output_text(cli, label, "integrity")));
    for (size_t i = 0; categories && i < categories->count; i++)
        text = cli_must(writ_arena_printf(&cli->arena, "%s, %s", text,
                                          output_safe(cli, categories->items[i].text)));
    return text;
}

/* What the task has read, and by which calls it came to that. */
static void print_label(struct cli *cli, const struct writ_json *task)
{
    const struct writ_json *history = writ_json_get(task, "label_history");
    printf("%-10s %s\n", "label", label_text(cli, writ_json_get(task, "label")));
    for (size_t i = 0; history && i < history->count; i++) {
        const struct writ_json *rise = &history->items[i];
        const char *member = writ_json_get(rise, "decision")   ? "decision"
                             : writ_json_get(rise, "approval") ? "approval"
                                                               : "task";
        printf("%-10s %s  %s: %s  %s %s  %s %s\n", "", output_text(cli, rise, "at"),
               output_text(cli, rise, "cause"), label_text(cli, writ_json_get(rise, "label")),
               member, output_text(cli, rise, member), output_text(cli, rise, "agent"),
               output_text(cli, rise, "tool"));
    }
}

/* A budget of the root: what became of it. */
static void print_account(struct cli *cli, const struct writ_json *account)
{
    static const char *const OF[] = {"tool", "argument", NULL};
    printf("%-10s %s", "budget", output_text(cli, account, "unit"));
    for (size_t i = 0; OF[i]; i++)
        if (writ_json_get(account, OF[i]))
            printf(" %s", output_text(cli, account, OF[i]));
    const struct writ_json *frozen = writ_json_get(account, "frozen");
    printf(": %s of %s remain, %s carved, %s reserved, %s spent%s\n",
           output_text(cli, account, "remaining"), output_text(cli, account, "granted"),
           output_text(cli, account, "carved"), output_text(cli, account, "reserved"),
           output_text(cli, account, "spent"), frozen && frozen->boolean ? ", frozen" : "");
}

static void print_task(struct cli *cli, const struct writ_json *task)
{
    static const char *const NAMES[] = {"id",       "state",     "purpose",   "principal",
                                        "deadline", "opened_by", "opened_at", "ended_at",
                                        "root",     NULL};
    for (size_t i = 0; NAMES[i]; i++)
        if (writ_json_get(task, NAMES[i]))
            printf("%-10s %s\n", NAMES[i], output_text(cli, task, NAMES[i]));
    print_label(cli, task);
    const struct writ_json *accounts = writ_json_get(task, "accounts");
    for (size_t i = 0; accounts && i < accounts->count; i++)
        print_account(cli, &accounts->items[i]);
}

static enum cli_exit task_show(struct cli *cli)
{
    struct credential speaker;
    const char *id = NULL;
    const struct writ_json *task = NULL;
    CLI_TRY(state_task(cli, cli->arguments[0], &id));
    CLI_TRY(speaker_find(cli, "admin auditor issuer *", "", "", &speaker));
    CLI_TRY(api_call(cli, &speaker, "GET",
                     cli_must(writ_arena_printf(&cli->arena, "/v1/tasks/%s", id)), NULL, &task));
    if (cli->format == CLI_JSON)
        return output_json(cli, task);
    print_task(cli, task);
    return CLI_DONE;
}

/* The words of label_text, the other way. */
static enum cli_exit read_label(struct cli *cli, const char *text, struct writ_json **ret_label)
{
    static const char *const NAMES[] = {"confidentiality", "integrity"};
    struct writ_json *label = cli_must(writ_json_new_object(&cli->arena));
    struct writ_json *categories = NULL;
    size_t words = 0;
    for (const char *at = text; at; words++) {
        at += strspn(at, " ");
        const size_t size = strcspn(at, ",");
        struct writ_slice word = writ_slice_of(at, size);
        while (word.size > 0 && word.data[word.size - 1] == ' ')
            word.size--;
        if (words == 2)
            categories = cli_must(writ_json_put_array(&cli->arena, label, "categories"));
        cli_must(words < 2 ? writ_json_put_text(&cli->arena, label, NAMES[words], word)
                           : writ_json_add_text(&cli->arena, categories, word));
        at = at[size] == ',' ? at + size + 1 : NULL;
    }
    if (words < 2)
        return cli_fail(cli,
                        "--to: a level, whether trusted, and categories: \"internal, trusted\"");
    *ret_label = label;
    return CLI_DONE;
}

static enum cli_exit task_declassify(struct cli *cli)
{
    struct credential speaker;
    struct writ_json *label = NULL;
    const char *id = NULL, *to = NULL, *reason = NULL;
    const char *approval = cli_option(cli, "approval");
    const struct writ_json *answer = NULL;
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    CLI_TRY(state_task(cli, cli->arguments[0], &id));
    CLI_TRY(cli_required(cli, "to", &to));
    CLI_TRY(cli_required(cli, "reason", &reason));
    CLI_TRY(read_label(cli, to, &label));
    CLI_TRY(speaker_find(cli, "issuer admin", "", "", &speaker));
    cli_must(writ_json_put(&cli->arena, body, "label", label));
    cli_must(writ_json_put_string(&cli->arena, body, "reason", reason));
    if (approval)
        cli_must(writ_json_put_string(&cli->arena, body, "approval_id", approval));
    CLI_TRY(api_call(cli, &speaker, "POST",
                     cli_must(writ_arena_printf(&cli->arena, "/v1/tasks/%s/declassifications", id)),
                     body, &answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    print_task(cli, writ_json_get(answer, "task"));
    return CLI_DONE;
}

static enum cli_exit end_task(struct cli *cli, const char *how)
{
    struct credential speaker;
    const char *id = NULL, *reason = cli_option(cli, "reason");
    const struct writ_json *answer = NULL;
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    CLI_TRY(state_task(cli, cli->arguments[0], &id));
    CLI_TRY(speaker_find(cli, "issuer admin", "", "", &speaker));
    if (reason)
        cli_must(writ_json_put_string(&cli->arena, body, "reason", reason));
    CLI_TRY(api_call(cli, &speaker, "POST",
                     cli_must(writ_arena_printf(&cli->arena, "/v1/tasks/%s/%s", id, how)), body,
                     &answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    print_task(cli, writ_json_get(answer, "task"));
    return CLI_DONE;
}

static enum cli_exit task_complete(struct cli *cli)
{
    return end_task(cli, "complete");
}

static enum cli_exit task_cancel(struct cli *cli)
{
    return end_task(cli, "cancel");
}

static const struct cli_option OPEN_OPTIONS[] = {
    GRANT_OPTIONS,
    {"agent", "NAME", "who gets the root; the context's orchestrator by default"},
    {"principal", "NAME", "on whose behalf"},
    {"evidence", "TYPE:REFERENCE", "why the client may act for the principal"},
    {"continues", "TASK", "the task whose data goes on into this one, and whose label does"},
    {NULL, NULL, NULL},
};

static const struct cli_option LIST_OPTIONS[] = {
    {"state", "STATE", "open, completed, cancelled or expired"},
    {"principal", "NAME", "only those on behalf of this one"},
    {"limit", "N", "at most so many; 50 by default"},
    {NULL, NULL, NULL},
};

static const struct cli_option DECLASSIFY_OPTIONS[] = {
    {"to", "LABEL", "what it is lowered to, as `show` prints it: \"internal, trusted, pii\""},
    {"reason", "TEXT", "for those who approve it"},
    {"approval", "ID", "spend this approval on it"},
    {NULL, NULL, NULL},
};

static const struct cli_option END_OPTIONS[] = {
    {"reason", "TEXT", "for the record"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_TASK_COMMANDS[] = {
    {"task open", "PURPOSE", "Open a task; prints the id of its root delegation", OPEN_OPTIONS, 1,
     1, task_open},
    {"task list", "", "List tasks, newest first", LIST_OPTIONS, 0, 0, task_list},
    {"task show", "TASK", "Show a task, by its id or that of a delegation held here", NULL, 1, 1,
     task_show},
    {"task declassify", "TASK", "Ask people to lower its label; with their approval, lower it",
     DECLASSIFY_OPTIONS, 1, 1, task_declassify},
    {"task complete", "TASK", "End a task; every token in it dies", END_OPTIONS, 1, 1,
     task_complete},
    {"task cancel", "TASK", "Cancel a task; every token in it dies", END_OPTIONS, 1, 1,
     task_cancel},
    {0},
};
