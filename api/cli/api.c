#include "api.h"

#include <string.h>

#include "base/crypto.h"
#include "http.h"
#include "output.h"

void api_uuid(char ret_text[static 37])
{
    uint8_t b[16];
    writ_random(b, sizeof b);
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    snprintf(ret_text, 37, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
             b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

bool api_is_id(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (text[i] == '\0' || (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i])))
            return false;
    }
    return text[36] == '\0';
}

const char *api_encode(struct cli *cli, const char *text)
{
    static const char UNRESERVED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                     "0123456789-._~";
    char *encoded = cli_must(writ_arena_alloc(&cli->arena, strlen(text) * 3 + 1));
    size_t size = 0;
    for (; *text; text++) {
        if (strchr(UNRESERVED, *text))
            encoded[size++] = *text;
        else
            size += (size_t)snprintf(encoded + size, 4, "%%%02X", (uint8_t)*text);
    }
    return encoded;
}

static enum cli_exit connect_once(struct cli *cli)
{
    if (!cli->http)
        cli->http = http_new();
    return cli->http ? CLI_DONE : cli_fail(cli, "out of memory");
}

enum cli_exit api_ask(struct cli *cli, const struct credential *speaker, const char *method,
                      const char *path, const struct writ_json *body, struct api_answer *ret_answer)
{
    struct context *context = NULL;
    char key[37], error[256];
    CLI_TRY(context_chosen(cli, &context));
    CLI_TRY(connect_once(cli));
    api_uuid(key);
    struct http_request request = {
        .method = method,
        .url = cli_must(writ_arena_printf(&cli->arena, "%s%s", context->url, path)),
        .client = speaker ? speaker->id : NULL,
        .secret = speaker ? speaker->secret : NULL,
        .idempotency_key = strcmp(method, "POST") == 0 ? key : NULL,
        .ca_file = context->ca,
    };
    if (body) {
        request.body = writ_json_verbatim(&cli->arena, body);
        cli_must(request.body.data);
    }
    struct http_response response = {.type = ""};
    if (!http_call(cli->http, &cli->arena, &request, &response, error))
        return cli_fail(cli, "%s does not answer: %s", context->url, error);
    *ret_answer = (struct api_answer){
        .status = response.status,
        .type = response.type,
        .body = response.body,
        .date_unix_s = response.date_unix_s,
        .seconds = response.seconds,
    };
    /* What is no JSON stays NULL; the caller knows whether it wanted any. */
    if (!writ_is_ok(writ_json_parse(&cli->arena, response.body, &ret_answer->json)))
        ret_answer->json = NULL;
    return CLI_DONE;
}

enum cli_exit api_ending(const struct api_answer *answer)
{
    static const char *const FAULTS[] = {"unauthenticated", "forbidden", "conflict",
                                         "rate_limited"};
    const struct writ_slice code = writ_json_text(writ_json_get(answer->json, "code"));
    if (code.size == 0 || (answer->status != 403 && answer->status != 409 && answer->status != 429))
        return CLI_FAILED;
    for (size_t i = 0; i < sizeof FAULTS / sizeof FAULTS[0]; i++)
        if (writ_slice_is(code, FAULTS[i]))
            return CLI_FAILED;
    return CLI_DENIED;
}

enum cli_exit api_refused(struct cli *cli, const struct api_answer *answer, const char *word,
                          FILE *to)
{
    const struct writ_json *problem = answer->json;
    const bool colour = to == stdout ? cli->colour_out : cli->colour_err;
    const char *code = output_text(cli, problem, "code");
    const char *detail = output_text(cli, problem, "detail");
    const char *field = output_text(cli, problem, "field");
    const char *retry = output_text(cli, problem, "retry");
    const char *decision = output_text(cli, problem, "decision_id");
    const char *approval = output_text(cli, writ_json_get(problem, "approval"), "id");
    int64_t hop = -1;
    if (!*detail)
        detail = output_text(cli, problem, "agent_message");
    fprintf(to, "%s%s%s", colour ? "\033[31m" : "", word, colour ? "\033[0m" : "");
    if (*code)
        fprintf(to, " %s", code);
    else
        fprintf(to, " with HTTP status %ld", answer->status);
    if (writ_json_integer(writ_json_get(problem, "hop"), &hop) && hop >= 0)
        fprintf(to, ", hop %lld", (long long)hop);
    if (*field)
        fprintf(to, ", %s", field);
    if (*detail)
        fprintf(to, ": %s", detail);
    if (*retry)
        fprintf(to, "%s retry: %s", *detail && detail[strlen(detail) - 1] == '.' ? "" : ".", retry);
    if (*decision)
        fprintf(to, "   decision %s", decision);
    if (*approval)
        fprintf(to, "   approval %s", approval);
    fputc('\n', to);
    return api_ending(answer);
}

enum cli_exit api_call(struct cli *cli, const struct credential *speaker, const char *method,
                       const char *path, const struct writ_json *body,
                       const struct writ_json **ret_json)
{
    struct api_answer answer = {.type = ""};
    CLI_TRY(api_ask(cli, speaker, method, path, body, &answer));
    if (answer.status < 200 || answer.status > 299)
        return api_refused(cli, &answer, "refused", stderr);
    if (!answer.json)
        return cli_fail(cli, "%s %s answered %ld without JSON; is this a writd?", method, path,
                        answer.status);
    *ret_json = answer.json;
    return CLI_DONE;
}

const char *api_filtered(struct cli *cli, const char *path, const char *const *names)
{
    for (; *names; names++) {
        const char *value = cli_option(cli, *names);
        if (value)
            path = cli_must(writ_arena_printf(&cli->arena, "%s%c%s=%s", path,
                                              strchr(path, '?') ? '&' : '?', *names,
                                              api_encode(cli, value)));
    }
    return path;
}

enum cli_exit api_list(struct cli *cli, const struct credential *speaker, const char *path,
                       const char *list, size_t limit, const struct writ_json **ret_list)
{
    enum { PAGE = 500 };
    struct writ_json *all = cli_must(writ_json_new_array(&cli->arena));
    const char *cursor = NULL;
    do {
        const struct writ_json *page = NULL;
        const size_t left = limit - all->count;
        const char *url = cli_must(writ_arena_printf(
            &cli->arena, "%s%climit=%zu%s%s", path, strchr(path, '?') ? '&' : '?',
            left < PAGE ? left : PAGE, cursor ? "&cursor=" : "", cursor ? cursor : ""));
        CLI_TRY(api_call(cli, speaker, "GET", url, NULL, &page));
        const struct writ_json *entries = writ_json_get(page, list);
        if (!writ_json_is(entries, WRIT_JSON_ARRAY))
            return cli_fail(cli, "the answer has no list `%s`", list);
        for (size_t i = 0; i < entries->count && all->count < limit; i++)
            cli_must(writ_json_add(&cli->arena, all, &entries->items[i]));
        const struct writ_slice next = writ_json_text(writ_json_get(page, "cursor"));
        const char *kept_from = output_text(cli, page, "kept_from");
        if (next.size == 0 && *kept_from)
            fprintf(stderr, "what is older than %s is not retained\n", kept_from);
        cursor = next.size == 0 ? NULL
                                : api_encode(cli, cli_must(writ_arena_text(&cli->arena, next)));
    } while (cursor && all->count < limit);
    *ret_list = all;
    return CLI_DONE;
}
