/* What waits for a person, and the person's signed word. */
#include <string.h>
#include <time.h>

#include "api.h"
#include "approval.h"
#include "base/crypto.h"
#include "files.h"
#include "holder.h"
#include "output.h"
#include "speaker.h"
#include "token/statement.h"

enum { WAIT_MAX_S = 20 }; /* of one call, which the command gives up after 30 s */

static const char READERS[] = "approver admin auditor";
static const char *const COLUMNS[] = {"id",    "task",         "act",        "audience", "tool",
                                      "state", "requested_at", "expires_at", NULL};

static enum cli_exit list(struct cli *cli)
{
    static const char *const FILTERS[] = {"state", "task", NULL};
    struct credential speaker;
    const struct writ_json *approvals = NULL;
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *path = api_filtered(cli, "/v1/approvals", FILTERS);
    CLI_TRY(api_list(cli, &speaker, path, "approvals", 100000, &approvals));
    return output_list(cli, approvals, COLUMNS, output_text);
}

static const char *own_path(struct cli *cli, const char *rest)
{
    return cli_must(writ_arena_printf(&cli->arena, "/v1/approvals/%s%s",
                                      api_encode(cli, cli->arguments[0]), rest));
}

static enum cli_exit show(struct cli *cli)
{
    struct credential speaker;
    const struct writ_json *approval = NULL;
    int64_t wait_s = 0;
    CLI_TRY(cli_integer(cli, "wait", 0, &wait_s));
    if (wait_s < 0 || wait_s > WAIT_MAX_S)
        return cli_fail(cli, "--wait: 0 to %d seconds", WAIT_MAX_S);
    CLI_TRY(speaker_find(cli, READERS, "", "", &speaker));
    const char *rest = cli_must(writ_arena_printf(&cli->arena, "?wait=%lld", (long long)wait_s));
    CLI_TRY(api_call(cli, &speaker, "GET", own_path(cli, rest), NULL, &approval));
    if (cli->format == CLI_JSON)
        return output_json(cli, approval);
    approval_print(cli, approval);
    return CLI_DONE;
}

/* ---- Answering ---------------------------------------------------------------------------- */

/* Signed is what was read: by its digest, as `show` printed it, or else now. */
static enum cli_exit confirm(struct cli *cli, const struct writ_json *approval)
{
    const char *seen = cli_option(cli, "digest");
    char word[8];
    if (seen && !writ_slice_is(writ_json_text(writ_json_get(approval, "digest")), seen))
        return cli_fail(cli, "it does not have this digest: nothing is signed");
    if (seen)
        return CLI_DONE;
    approval_print(cli, approval);
    fputs("sign this? yes or no: ", stderr);
    if (!fgets(word, sizeof word, stdin) || strcmp(word, "yes\n") != 0)
        return cli_fail(cli, "nothing is signed");
    return CLI_DONE;
}

static enum cli_exit sign(struct cli *cli, const struct writ_json *approval, const char *decision,
                          const char **ret_statement)
{
    const char *path = NULL;
    const struct writ_json *jwk = NULL;
    struct local_key key;
    struct writ_slice issuer, input;
    uint8_t random[16];
    int64_t lifetime_s = 0;
    CLI_TRY(cli_required(cli, "key", &path));
    CLI_TRY(cli_integer(cli, "expires-in", 900, &lifetime_s));
    CLI_TRY(files_read_json(cli, path, &jwk));
    CLI_TRY(key_read(cli, jwk, &key));
    CLI_TRY(holder_issuer(cli, &issuer));
    const struct writ_approval word = {
        .id = writ_json_text(writ_json_get(approval, "id")),
        .decision = writ_slice_text(decision),
        .digest = writ_json_text(writ_json_get(approval, "digest")),
        .iat_unix_s = (int64_t)time(NULL),
        .exp_unix_s = (int64_t)time(NULL) + lifetime_s,
    };
    writ_random(random, sizeof random);
    if (!writ_is_ok(writ_approval_input(&cli->arena, &word, issuer, random, &input)))
        return cli_fail(cli, "out of memory");
    const enum cli_exit signed_it = holder_sign(cli, &key, input, ret_statement);
    writ_wipe(key.seed, sizeof key.seed);
    return signed_it;
}

static enum cli_exit answer(struct cli *cli, const char *decision)
{
    const char *approver = NULL, *statement = NULL;
    struct credential speaker;
    const struct writ_json *approval = NULL, *now = NULL;
    CLI_TRY(cli_required(cli, "approver", &approver));
    CLI_TRY(speaker_find(cli, "approver", "", "", &speaker));
    CLI_TRY(api_call(cli, &speaker, "GET", own_path(cli, ""), NULL, &approval));
    if (!writ_slice_is(writ_json_text(writ_json_get(approval, "id")), cli->arguments[0]))
        return cli_fail(cli, "the service shows another approval: nothing is signed");
    CLI_TRY(approval_check(cli, approval));
    if (strcmp(decision, "approve") == 0)
        CLI_TRY(confirm(cli, approval));
    CLI_TRY(sign(cli, approval, decision, &statement));
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    cli_must(writ_json_put(&cli->arena, body, "task", writ_json_get(approval, "task")));
    cli_must(writ_json_put_string(&cli->arena, body, "approver", approver));
    cli_must(writ_json_put_string(&cli->arena, body, "statement", statement));
    const char *path = own_path(cli, strcmp(decision, "approve") == 0 ? "/approve" : "/reject");
    CLI_TRY(api_call(cli, &speaker, "POST", path, body, &now));
    if (cli->format == CLI_JSON)
        return output_json(cli, now);
    printf("%s  %s\n", output_text(cli, now, "state"), output_text(cli, now, "id"));
    return CLI_DONE;
}

static enum cli_exit approve(struct cli *cli)
{
    return answer(cli, "approve");
}

static enum cli_exit reject(struct cli *cli)
{
    return answer(cli, "reject");
}

/* ---- Watching ----------------------------------------------------------------------------- */

struct watch {
    struct credential speaker;
    struct writ_arena *arena; /* of what follows, which outlives a round */
    struct writ_json *seen;   /* ids */
    const char *last;         /* the newest of them, or "" */
};

static bool is_seen(const struct watch *watch, struct writ_slice id)
{
    for (size_t i = 0; i < watch->seen->count; i++)
        if (writ_slice_equal(writ_json_text(&watch->seen->items[i]), id))
            return true;
    return false;
}

static enum cli_exit print_new(struct cli *cli, struct watch *watch)
{
    const struct writ_json *approvals = NULL;
    CLI_TRY(api_list(cli, &watch->speaker, "/v1/approvals?state=pending", "approvals", 100000,
                     &approvals));
    for (size_t i = approvals->count; i-- > 0;) {
        const struct writ_json *approval = &approvals->items[i];
        const struct writ_slice id = writ_json_text(writ_json_get(approval, "id"));
        if (is_seen(watch, id))
            continue;
        cli_must(writ_json_add_text(watch->arena, watch->seen, id));
        if (cli->format == CLI_JSON)
            output_json(cli, approval);
        else
            printf("%s  %s%s  %s  until %s\n", output_text(cli, approval, "id"),
                   output_text(cli, approval, "act"), output_text(cli, approval, "audience"),
                   output_text(cli, approval, "tool"), output_text(cli, approval, "expires_at"));
        fflush(stdout);
    }
    if (approvals->count > 0)
        watch->last = cli_must(writ_arena_text(
            watch->arena, writ_json_text(writ_json_get(&approvals->items[0], "id"))));
    return CLI_DONE;
}

/* Ids are in the order of their time but for the clocks of several replicas, so the list is read
 * whole each time, and the wait is for something newer. */
static enum cli_exit watch_once(struct cli *cli, struct watch *watch, int64_t wait_s)
{
    const struct writ_json *page = NULL;
    CLI_TRY(print_new(cli, watch));
    if (wait_s <= 0)
        return CLI_DONE;
    const char *path = cli_must(writ_arena_printf(
        &cli->arena, "/v1/approvals?state=pending&limit=1&wait=%lld%s%s", (long long)wait_s,
        *watch->last ? "&after=" : "", api_encode(cli, watch->last)));
    return api_call(cli, &watch->speaker, "GET", path, NULL, &page);
}

static enum cli_exit watch(struct cli *cli)
{
    enum { ROUND_BYTES = 64 * 1024 * 1024 };
    const int64_t start_s = (int64_t)time(NULL);
    struct watch watch = {.last = ""};
    enum cli_exit ended = CLI_DONE;
    int64_t for_s = 0, left_s = 0;
    CLI_TRY(cli_integer(cli, "for", INT32_MAX, &for_s));
    CLI_TRY(speaker_find(cli, READERS, "", "", &watch.speaker));
    struct writ_arena kept = cli->arena;
    watch.arena = &kept;
    watch.seen = cli_must(writ_json_new_array(&kept));
    writ_arena_init(&cli->arena, ROUND_BYTES);
    do {
        left_s = start_s + for_s - (int64_t)time(NULL);
        ended = watch_once(cli, &watch, left_s < WAIT_MAX_S ? left_s : WAIT_MAX_S);
        writ_arena_reset(&cli->arena);
    } while (ended == CLI_DONE && left_s > 0);
    writ_arena_done(&cli->arena);
    cli->arena = kept;
    return ended;
}

static const struct cli_option LIST_OPTIONS[] = {
    {"task", "ID", "only of this task"},
    {"state", "STATE", "only pending, approved, used, rejected or expired ones"},
    {NULL, NULL, NULL},
};

static const struct cli_option SHOW_OPTIONS[] = {
    {"wait", "SECONDS", "wait while it is pending, at most 20"},
    {NULL, NULL, NULL},
};

static const struct cli_option REJECT_OPTIONS[] = {
    {"approver", "NAME", "who answers"},
    {"key", "FILE", "that person's private JWK, as `writ keygen` makes it"},
    {"expires-in", "SECONDS", "how long the word counts (900)"},
    {NULL, NULL, NULL},
};

static const struct cli_option APPROVE_OPTIONS[] = {
    {"approver", "NAME", "who answers"},
    {"key", "FILE", "that person's private JWK, as `writ keygen` makes it"},
    {"expires-in", "SECONDS", "how long the word counts (900)"},
    {"digest", "TEXT", "what was read, as `show` printed it; else it is shown and asked for"},
    {NULL, NULL, NULL},
};

static const struct cli_option WATCH_OPTIONS[] = {
    {"for", "SECONDS", "end after so many; else never"},
    {NULL, NULL, NULL},
};

const struct cli_command CLI_APPROVAL_COMMANDS[] = {
    {"approval list", "", "List what people were asked to approve", LIST_OPTIONS, 0, 0, list},
    {"approval show", "APPROVAL", "Show all that is to be approved", SHOW_OPTIONS, 1, 1, show},
    {"approval approve", "APPROVAL", "Sign that it may be done once", APPROVE_OPTIONS, 1, 1,
     approve},
    {"approval reject", "APPROVAL", "Sign that it may not, in the whole task", REJECT_OPTIONS, 1, 1,
     reject},
    {"approval watch", "", "Print what waits, and what comes", WATCH_OPTIONS, 0, 0, watch},
    {0},
};
