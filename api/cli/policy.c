/* Policies, offline: check them, and play their cases. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "output.h"
#include "policy/cedar_engine.h"
#include "policy_case.h"

/* A set of policies under test, and which of them ever decided. */
struct suite {
    const char *path; /* of the policies */
    struct policy_engine *engine;
    bool *hit; /* beside the engine's rules */
    size_t passed, failed;
};

static enum cli_exit take(struct cli *cli, const char *path, struct policy_engine **ret_engine)
{
    char message[CEDAR_ENGINE_MESSAGE_MAX];
    struct writ_slice text;
    CLI_TRY(files_read(cli, path, &text));
    if (writ_is_ok(cedar_engine_new(text, ret_engine, message)))
        return CLI_DONE;
    char *rest = message;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n"))
        (void)cli_fail(cli, "%s: %s", path, output_safe(cli, writ_slice_text(line)));
    return CLI_FAILED;
}

/* ---- Check -------------------------------------------------------------------------------- */

static enum cli_exit check(struct cli *cli)
{
    enum cli_exit worst = CLI_DONE;
    for (size_t i = 0; i < cli->argument_count; i++) {
        struct policy_engine *engine = NULL;
        size_t count = 0;
        if (take(cli, cli->arguments[i], &engine) != CLI_DONE) {
            worst = CLI_DENIED;
            continue;
        }
        (void)cedar_engine_rules(engine, &count);
        cli_note(cli, "%s: %zu %s", cli->arguments[i], count, count == 1 ? "policy" : "policies");
        policy_engine_free(engine);
    }
    return worst;
}

static enum cli_exit schema(struct cli *cli)
{
    (void)cli;
    fputs(CEDAR_ENGINE_SCHEMA, stdout);
    return CLI_DONE;
}

/* ---- Test --------------------------------------------------------------------------------- */

static bool decided_by(const struct policy_answer *answer, const struct writ_json *ids)
{
    bool same = ids->count == answer->rule_count;
    for (size_t i = 0; same && i < ids->count; i++) {
        same = false;
        for (size_t j = 0; j < answer->rule_count; j++)
            same = same || writ_slice_equal(ids->items[i].text, answer->rules[j]->id);
    }
    return same;
}

static void mark(struct suite *suite, const struct policy_answer *answer)
{
    size_t count = 0;
    const struct policy_rule *rules = cedar_engine_rules(suite->engine, &count);
    for (size_t i = 0; i < answer->rule_count; i++)
        suite->hit[answer->rules[i] - rules] = true;
}

static enum cli_exit play(struct cli *cli, struct suite *suite, const struct writ_json *json)
{
    struct policy_case each;
    struct policy_answer answer;
    struct writ_denial denial = {.hop = -1};
    CLI_TRY(policy_case_read(cli, json, &each));
    if (each.expect.size == 0 || each.name.size == 0)
        return cli_fail(cli, "%s: a case has a `name` and an `expect`", suite->path);
    const struct writ_result judged = policy_case_judge(cli, suite->engine, &each, &answer,
                                                        &denial);
    mark(suite, &answer);
    const bool passed = writ_slice_is(each.expect, policy_case_word(&answer)) &&
                        (!each.by || decided_by(&answer, each.by));
    suite->passed += passed;
    suite->failed += !passed;
    if (passed)
        return CLI_DONE;
    struct writ_json *got = policy_case_json(cli, &answer, &denial);
    printf("%s%s%s: %s: expected %s, got %s%s%s\n", ink_out(cli, INK_RED), "failed",
           ink_out(cli, INK_NONE), output_safe(cli, each.name), output_safe(cli, each.expect),
           output_safe(cli, writ_json_canonical(&cli->arena, got)), writ_is_ok(judged) ? "" : " ",
           writ_is_ok(judged) ? "" : writ_status_code(judged.status));
    return CLI_DONE;
}

static enum cli_exit play_all(struct cli *cli, struct suite *suite, const char *cases)
{
    const struct writ_json *list = NULL;
    size_t count = 0;
    CLI_TRY(files_read_json(cli, cases, &list));
    if (!writ_json_is(list, WRIT_JSON_ARRAY))
        return cli_fail(cli, "%s: a list of cases", cases);
    const struct policy_rule *rules = cedar_engine_rules(suite->engine, &count);
    suite->hit = cli_must(writ_arena_array(&cli->arena, count + 1, sizeof *suite->hit));
    for (size_t i = 0; i < list->count; i++)
        CLI_TRY(play(cli, suite, &list->items[i]));
    for (size_t i = 0; i < count; i++)
        if (!suite->hit[i])
            printf("never hit: %s: %s\n", suite->path, output_safe(cli, rules[i].id));
    return CLI_DONE;
}

static int is_cases(const struct dirent *entry)
{
    static const char ENDING[] = ".cases.json";
    const size_t size = strlen(entry->d_name);
    return size > sizeof ENDING - 1 &&
           strcmp(entry->d_name + size - sizeof ENDING + 1, ENDING) == 0;
}

/* NAME.cases.json are the cases of NAME.cedar. */
static enum cli_exit test_one(struct cli *cli, const char *directory, const char *cases,
                              size_t *passed, size_t *failed)
{
    const int stem = (int)(strlen(cases) - strlen(".cases.json"));
    struct suite suite = {
        .path = cli_must(writ_arena_printf(&cli->arena, "%s/%.*s.cedar", directory, stem, cases))};
    CLI_TRY(take(cli, suite.path, &suite.engine));
    const enum cli_exit played = play_all(
        cli, &suite, cli_must(writ_arena_printf(&cli->arena, "%s/%s", directory, cases)));
    policy_engine_free(suite.engine);
    *passed += suite.passed;
    *failed += suite.failed;
    return played;
}

static enum cli_exit test(struct cli *cli)
{
    struct dirent **entries = NULL;
    size_t passed = 0, failed = 0;
    const char *directory = cli->arguments[0];
    const int count = scandir(directory, &entries, is_cases, alphasort);
    enum cli_exit worst = CLI_DONE;
    if (count < 0)
        return cli_fail(cli, "%s is no directory that can be read", directory);
    for (int i = 0; i < count; i++) {
        const enum cli_exit done = test_one(cli, directory, entries[i]->d_name, &passed, &failed);
        worst = done != CLI_DONE ? done : worst;
        free(entries[i]);
    }
    free(entries);
    if (count == 0)
        return cli_fail(cli, "%s has no NAME.cases.json", directory);
    printf("%zu passed, %zu failed\n", passed, failed);
    return worst != CLI_DONE ? worst : failed > 0 ? CLI_DENIED : CLI_DONE;
}

const struct cli_command CLI_POLICY_COMMANDS[] = {
    {"policy check", "FILE...", "Check policies as the service would", NULL, 1, CLI_ARGUMENTS_ANY,
     check},
    {"policy test", "DIR", "Play NAME.cases.json against NAME.cedar", NULL, 1, 1, test},
    {"policy schema", "", "Print what policies are written against", NULL, 0, 0, schema},
    {0},
};
