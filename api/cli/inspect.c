/* Decoding, nothing else. Whatever it prints may be a lie, and it says so first. */
#include <string.h>

#include "authority.h"
#include "base/base64url.h"
#include "base/crypto.h"
#include "files.h"
#include "output.h"
#include "token/terms.h"

static const char WARNING[] = "NOT VERIFIED: no signature, time or rule was checked; "
                              "anybody can write what follows.";

/* The part of a compact JWS before the next dot, decoded; NULL when it is no JSON. */
static const struct writ_json *take_part(struct cli *cli, const char **at)
{
    const size_t size = strcspn(*at, ".");
    struct writ_slice text;
    const struct writ_json *json = NULL;
    const struct writ_result decoded = writ_base64url_decode(&cli->arena, writ_slice_of(*at, size),
                                                             &text);
    *at += size + ((*at)[size] == '.');
    if (!writ_is_ok(decoded) || !writ_is_ok(writ_json_parse(&cli->arena, text, &json)))
        return NULL;
    return json;
}

static enum cli_exit decode(struct cli *cli, struct writ_slice compact, struct writ_json *ret_entry)
{
    const char *text = cli_must(writ_arena_text(&cli->arena, compact));
    const char *at = text;
    const struct writ_json *header = take_part(cli, &at);
    const struct writ_json *claims = take_part(cli, &at);
    if (!header || !claims || at == text)
        return cli_fail(cli, "this is no token: a part of it is no base64url of JSON");
    uint8_t hash[32];
    char hash_text[44];
    const size_t input_size = strrchr(text, '.') ? (size_t)(strrchr(text, '.') - text) : 0;
    writ_sha256(writ_slice_of(text, input_size), hash);
    writ_base64url_hash(hash, hash_text);
    writ_json_put(&cli->arena, ret_entry, "header", header);
    writ_json_put(&cli->arena, ret_entry, "claims", claims);
    cli_must(writ_json_put_string(&cli->arena, ret_entry, "hash", hash_text));
    return CLI_DONE;
}

static void print_authority(struct cli *cli, const struct writ_json *claims)
{
    const struct writ_json *details = writ_json_get(claims, "authorization_details");
    for (size_t i = 0; details && i < details->count; i++) {
        const struct writ_json *entry = &details->items[i];
        const struct writ_json *tools = writ_json_get(entry, "tools");
        const struct writ_slice type = writ_json_text(writ_json_get(entry, "type"));
        struct writ_denial denial = {.outcome = WRIT_OK};
        const struct writ_authority *authority = NULL;
        if (!writ_slice_is(type, WRIT_TYPE_TOOLS) || !tools)
            continue;
        const struct writ_result read = writ_authority_parse(
            &cli->arena, writ_json_verbatim(&cli->arena, tools), WRIT_PROFILE_AAT_02_WRIT,
            &authority, &denial);
        if (writ_is_ok(read))
            printf("  authority   %s\n",
                   output_safe(cli, writ_authority_notation(&cli->arena, authority)));
    }
}

static void print_times(struct cli *cli, const struct writ_json *claims)
{
    static const char *const NAMES[] = {"iat", "exp", NULL};
    for (size_t i = 0; NAMES[i]; i++) {
        int64_t time = 0;
        if (writ_json_integer(writ_json_get(claims, NAMES[i]), &time))
            printf("  %-11s %s\n", NAMES[i], output_time(cli, time));
    }
}

/* Every member, but for those that print_authority and print_times show better. */
static void print_members(struct cli *cli, const struct writ_json *object)
{
    for (size_t i = 0; writ_json_is(object, WRIT_JSON_OBJECT) && i < object->count; i++) {
        if (writ_slice_is(object->names[i], "iat") || writ_slice_is(object->names[i], "exp"))
            continue;
        const struct writ_slice text = writ_json_verbatim(&cli->arena, &object->items[i]);
        printf("  %-11s %s\n", output_safe(cli, object->names[i]), output_safe(cli, text));
    }
}

static void print_entry(struct cli *cli, const char *title, const struct writ_json *entry)
{
    const struct writ_json *claims = writ_json_get(entry, "claims");
    printf("\n%s%s%s\n", ink_out(cli, INK_BOLD), title, ink_out(cli, INK_NONE));
    print_members(cli, writ_json_get(entry, "header"));
    print_authority(cli, claims);
    print_times(cli, claims);
    print_members(cli, claims);
    printf("  %-11s %s\n", "hash", output_text(cli, entry, "hash"));
}

/* A token, or a presentation, as {"tokens": [...], "proof": {...}?}. */
static enum cli_exit decode_all(struct cli *cli, struct writ_slice given, struct writ_json *answer)
{
    struct writ_json *tokens = cli_must(writ_json_new_array(&cli->arena));
    const struct writ_json *json = NULL;
    if (given.size == 0 || given.data[0] != '{') {
        CLI_TRY(decode(cli, given, cli_must(writ_json_add_object(&cli->arena, tokens))));
        cli_must(writ_json_put(&cli->arena, answer, "tokens", tokens));
        return CLI_DONE;
    }
    CLI_TRY(files_parse(cli, given, "this", &json));
    const struct writ_json *chain = writ_json_get(json, "aat_chain");
    if (chain && !writ_json_is_texts(chain))
        return cli_fail(cli, "`aat_chain` is no list of tokens");
    for (size_t i = 0; chain && i < chain->count; i++)
        CLI_TRY(
            decode(cli, chain->items[i].text, cli_must(writ_json_add_object(&cli->arena, tokens))));
    cli_must(writ_json_put(&cli->arena, answer, "tokens", tokens));
    const struct writ_slice proof = writ_json_text(writ_json_get(json, "aat_pop"));
    if (proof.size > 0)
        CLI_TRY(decode(cli, proof, cli_must(writ_json_put_object(&cli->arena, answer, "proof"))));
    return CLI_DONE;
}

/* "-", a token, JSON, @FILE, or the name of a file that is there. */
static enum cli_exit read_given(struct cli *cli, const char *text, struct writ_slice *ret_bytes)
{
    if (strcmp(text, "-") == 0 || (*text != '@' && *text != '{' && files_exists(text)))
        text = cli_must(writ_arena_printf(&cli->arena, "@%s", text));
    return files_read_text(cli, text, ret_bytes);
}

static enum cli_exit inspect(struct cli *cli)
{
    struct writ_slice given;
    struct writ_json *answer = cli_must(writ_json_new_object(&cli->arena));
    cli_must(writ_json_put_boolean(&cli->arena, answer, "verified", false));
    CLI_TRY(read_given(cli, cli->arguments[0], &given));
    CLI_TRY(decode_all(cli, given, answer));
    if (cli->format == CLI_JSON)
        return output_json(cli, answer);
    printf("%s%s%s\n", ink_out(cli, INK_RED), WARNING, ink_out(cli, INK_NONE));
    const struct writ_json *tokens = writ_json_get(answer, "tokens");
    for (size_t i = 0; i < tokens->count; i++)
        print_entry(cli, cli_must(writ_arena_printf(&cli->arena, "token %zu", i)),
                    &tokens->items[i]);
    if (writ_json_get(answer, "proof"))
        print_entry(cli, "proof", writ_json_get(answer, "proof"));
    return CLI_DONE;
}

const struct cli_command CLI_INSPECT_COMMANDS[] = {
    {"inspect", "TOKEN|FILE|-", "Decode a token or a presentation; nothing is verified", NULL, 1, 1,
     inspect},
    {0},
};
