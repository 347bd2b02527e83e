/* Does it work from here, and if not, why not. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "api.h"
#include "files.h"
#include "output.h"
#include "speaker.h"

struct visit {
    struct cli *cli;
    struct writ_json *report; /* [{"check","ok","says"}] */
    bool well;
};

static void found(struct visit *visit, const char *check, bool ok, const char *says)
{
    struct cli *cli = visit->cli;
    visit->well = visit->well && ok;
    struct writ_json *entry = cli_must(writ_json_add_object(&cli->arena, visit->report));
    writ_json_put_string(&cli->arena, entry, "check", check);
    writ_json_put_boolean(&cli->arena, entry, "ok", ok);
    cli_must(writ_json_put_string(&cli->arena, entry, "says", says));
    if (cli->format == CLI_TABLE)
        printf("%s%-4s%s  %-10s %s\n", ink_out(cli, ok ? INK_GREEN : INK_RED), ok ? "ok" : "BAD",
               ink_out(cli, INK_NONE), check, says);
}

static void check_state(struct visit *visit)
{
    const char *path = context_state_directory(visit->cli);
    struct stat status;
    const bool absent = stat(path, &status) != 0;
    const bool ok = absent || (status.st_mode & 077) == 0;
    found(visit, "state", ok,
          cli_must(writ_arena_printf(&visit->cli->arena, "%s %s", path,
                                     absent ? "(not there yet)"
                                     : ok   ? "is private"
                                            : "can be entered by others: chmod 700")));
}

static void check_ready(struct visit *visit, const struct api_answer *answer)
{
    struct cli *cli = visit->cli;
    const struct writ_json *reasons = writ_json_get(answer->json, "reasons");
    if (answer->status == 200) {
        found(visit, "ready", true, "it can decide");
        return;
    }
    if (!writ_json_is_texts(reasons) || reasons->count == 0)
        found(visit, "ready", false, "it does not say why not");
    for (size_t i = 0; writ_json_is_texts(reasons) && i < reasons->count; i++)
        found(visit, "ready", false, output_safe(cli, reasons->items[i].text));
}

/* Proofs live for seconds, so clocks must agree. */
static void check_clock(struct visit *visit, const struct api_answer *answer)
{
    enum { SKEW_MAX_S = 5 };
    const int64_t skew = (int64_t)time(NULL) - answer->date_unix_s;
    if (answer->date_unix_s == 0)
        return;
    found(visit, "clock", llabs((long long)skew) <= SKEW_MAX_S,
          cli_must(
              writ_arena_printf(&visit->cli->arena, "%lld s from the service's", (long long)skew)));
}

static void check_clients(struct visit *visit, const struct context *context)
{
    struct cli *cli = visit->cli;
    for (size_t i = 0; i < context_client_count(context); i++) {
        const struct credential client = context_client(cli, context, i);
        struct api_answer answer;
        if (api_ask(cli, &client, "GET", "/v1/clients/self", NULL, &answer) != CLI_DONE)
            return;
        const bool ok = answer.status == 200;
        const char *says = ok ? output_text(cli, answer.json, "role")
                              : output_text(cli, answer.json, "code");
        found(visit, "client", ok,
              cli_must(writ_arena_printf(&cli->arena, "%s: %s %s",
                                         output_safe(cli, writ_slice_text(client.id)), says,
                                         ok ? output_text(cli, answer.json, "agent") : "")));
    }
}

static void check_anchors(struct visit *visit)
{
    struct api_answer answer;
    if (api_ask(visit->cli, NULL, "GET", "/.well-known/jwks.json", NULL, &answer) != CLI_DONE)
        return;
    const struct writ_json *keys = writ_json_get(answer.json, "keys");
    const size_t count = writ_json_is(keys, WRIT_JSON_ARRAY) ? keys->count : 0;
    found(visit, "keys", answer.status == 200 && count > 0,
          cli_must(writ_arena_printf(&visit->cli->arena, "%zu issuer key%s", count,
                                     count == 1 ? "" : "s")));
}

static void check_service(struct visit *visit, const struct context *context)
{
    struct cli *cli = visit->cli;
    struct api_answer answer;
    if (api_ask(cli, NULL, "GET", "/readyz", NULL, &answer) != CLI_DONE) {
        found(visit, "service", false,
              cli_must(writ_arena_printf(&cli->arena, "%s does not answer", context->url)));
        return;
    }
    const bool plain = strncmp(context->url, "http://", 7) == 0 &&
                       strncmp(context->url, "http://127.", 11) != 0 &&
                       strncmp(context->url, "http://localhost", 16) != 0 &&
                       strncmp(context->url, "http://[::1]", 12) != 0;
    found(visit, "service", !plain,
          cli_must(writ_arena_printf(&cli->arena, "%s answers in %.1f ms%s", context->url,
                                     answer.seconds * 1000,
                                     plain ? ", but secrets travel without TLS" : "")));
    check_ready(visit, &answer);
    check_clock(visit, &answer);
    check_anchors(visit);
    check_clients(visit, context);
}

static enum cli_exit doctor(struct cli *cli)
{
    struct visit visit = {.cli = cli, .well = true};
    struct context *context = NULL;
    visit.report = cli_must(writ_json_new_array(&cli->arena));
    CLI_TRY(context_chosen(cli, &context));
    found(&visit, "context", true,
          cli_must(writ_arena_printf(&cli->arena, "%s in %s, %zu clients", context->name,
                                     context->path, context_client_count(context))));
    check_state(&visit);
    check_service(&visit, context);
    if (cli->format == CLI_JSON)
        CLI_TRY(output_json(cli, visit.report));
    return visit.well ? CLI_DONE : CLI_FAILED;
}

const struct cli_command CLI_DOCTOR_COMMANDS[] = {
    {"doctor", "", "Check the context, its clients, the service and the clock", NULL, 0, 0, doctor},
    {0},
};
