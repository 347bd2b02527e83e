#include "approval.h"

#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"
#include "files.h"
#include "output.h"

static struct writ_slice text_of(const struct writ_json *object, const char *name)
{
    return writ_json_text(writ_json_get(object, name));
}

/* ---- Checking ----------------------------------------------------------------------------- */

static bool is_hash_of(struct writ_slice hash, struct writ_slice bytes)
{
    uint8_t sha256[32];
    char text[44];
    writ_sha256(bytes, sha256);
    writ_base64url_hash(sha256, text);
    return writ_slice_is(hash, text);
}

/* One code point of good UTF-8, as all parsed JSON is; its size. */
static size_t decode(const uint8_t *at, uint32_t *ret_point)
{
    const size_t size = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    *ret_point = size == 1 ? at[0] : at[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++)
        *ret_point = *ret_point << 6 | (at[i] & 0x3fu);
    return size;
}

/* Takes \u{...}, which is the only thing that a backslash begins; 0: it is no such thing. */
static size_t escaped(struct writ_slice shown, size_t at, uint32_t *ret_point)
{
    static const char DIGITS[] = "0123456789abcdef";
    const size_t first = at + strlen("\\u{");
    size_t i = first;
    *ret_point = 0;
    if (shown.size < first || memcmp(shown.data + at, "\\u{", first - at) != 0)
        return 0;
    for (; i < shown.size && i < first + 6 && shown.data[i] != '}'; i++) {
        const char *digit = memchr(DIGITS, shown.data[i], sizeof DIGITS - 1);
        if (!digit)
            return 0;
        *ret_point = *ret_point << 4 | (uint32_t)(digit - DIGITS);
    }
    return i > first && i < shown.size && shown.data[i] == '}' ? i + 1 - at : 0;
}

/* Whether what is shown is this text, with some of its characters written out. */
static bool shows(struct writ_slice shown, struct writ_slice text)
{
    size_t at = 0, i = 0;
    while (at < text.size && i < shown.size) {
        uint32_t meant = 0, said = 0;
        at += decode(text.data + at, &meant);
        const size_t size = shown.data[i] == '\\' ? escaped(shown, i, &said)
                                                  : decode(shown.data + i, &said);
        if (size == 0 || said != meant)
            return false;
        i += size;
    }
    return at == text.size && i == shown.size;
}

static bool lines_are(struct cli *cli, const struct writ_json *lines, const struct writ_json *args)
{
    if (!writ_json_is(lines, WRIT_JSON_ARRAY) || !writ_json_is(args, WRIT_JSON_OBJECT) ||
        lines->count != args->count)
        return false;
    for (size_t i = 0; i < args->count; i++) {
        const struct writ_slice value = writ_json_verbatim(&cli->arena, &args->items[i]);
        if (!shows(text_of(&lines->items[i], "argument"), args->names[i]) ||
            !shows(text_of(&lines->items[i], "value"), value))
            return false;
    }
    return true;
}

enum cli_exit approval_check(struct cli *cli, const struct writ_json *approval)
{
    static const char *const SAID_TWICE[] = {"act", "task", "delegation", "audience", "tool"};
    const struct writ_slice text = text_of(approval, "bound");
    const struct writ_slice arguments = text_of(approval, "arguments");
    const struct writ_json *bound = NULL, *args = NULL;
    if (!is_hash_of(text_of(approval, "digest"), text))
        return cli_fail(cli, "the digest is not of what is bound: nothing is signed");
    CLI_TRY(files_parse(cli, text, "bound", &bound));
    CLI_TRY(files_parse(cli, arguments, "arguments", &args));
    for (size_t i = 0; i < sizeof SAID_TWICE / sizeof SAID_TWICE[0]; i++)
        if (!writ_slice_equal(text_of(bound, SAID_TWICE[i]), text_of(approval, SAID_TWICE[i])))
            return cli_fail(cli, "the %s shown is not the one that is bound: nothing is signed",
                            SAID_TWICE[i]);
    if (!is_hash_of(text_of(bound, "arguments_sha256"), arguments))
        return cli_fail(cli, "the arguments are not those that are bound: nothing is signed");
    if (!lines_are(cli, writ_json_get(writ_json_get(approval, "display"), "lines"), args))
        return cli_fail(cli, "the arguments are not shown as they are: nothing is signed");
    return CLI_DONE;
}

/* ---- Printing ----------------------------------------------------------------------------- */

static void print_text(struct cli *cli, const struct writ_json *approval, const char *name)
{
    const char *text = output_text(cli, approval, name);
    if (*text)
        printf("%-13s %s\n", name, text);
}

static const char *listed(struct cli *cli, const struct writ_json *texts)
{
    const char *all = "";
    for (size_t i = 0; writ_json_is(texts, WRIT_JSON_ARRAY) && i < texts->count; i++)
        all = cli_must(writ_arena_printf(&cli->arena, "%s%s%s", all, *all ? ", " : "",
                                         output_safe(cli, writ_json_text(&texts->items[i]))));
    return all;
}

static void print_rules(struct cli *cli, const struct writ_json *rules)
{
    for (size_t i = 0; writ_json_is(rules, WRIT_JSON_ARRAY) && i < rules->count; i++) {
        const struct writ_json *rule = &rules->items[i], *there = writ_json_get(rule, "there");
        int64_t quorum = 0;
        writ_json_integer(writ_json_get(rule, "quorum"), &quorum);
        printf("%-13s %zu of %lld from %s (%s)%s%s\n", "needs",
               writ_json_is(there, WRIT_JSON_ARRAY) ? there->count : 0, (long long)quorum,
               listed(cli, writ_json_get(rule, "approvers")), output_text(cli, rule, "source"),
               there && there->count > 0 ? ": " : "", listed(cli, there));
    }
}

static void print_votes(struct cli *cli, const struct writ_json *votes)
{
    for (size_t i = 0; writ_json_is(votes, WRIT_JSON_ARRAY) && i < votes->count; i++)
        printf("%-13s %s by %s at %s\n", "answer", output_text(cli, &votes->items[i], "decision"),
               output_text(cli, &votes->items[i], "approver"),
               output_text(cli, &votes->items[i], "at"));
}

void approval_print(struct cli *cli, const struct writ_json *approval)
{
    static const char *const FIRST[] = {"id",           "state",      "act",      "task",
                                        "delegation",   "audience",   "tool",     "client",
                                        "requested_at", "expires_at", "decision", "used_by"};
    const struct writ_json *lines = writ_json_get(writ_json_get(approval, "display"), "lines");
    const char *excluded = listed(cli, writ_json_get(approval, "excluded"));
    for (size_t i = 0; i < sizeof FIRST / sizeof FIRST[0]; i++)
        print_text(cli, approval, FIRST[i]);
    print_rules(cli, writ_json_get(approval, "rules"));
    if (*excluded)
        printf("%-13s %s\n", "excluded", excluded);
    print_votes(cli, writ_json_get(approval, "votes"));
    print_text(cli, approval, "digest");
    printf("%sarguments: an agent's words, not the service's; \\u{...} is a hidden character%s\n",
           ink_out(cli, INK_YELLOW), ink_out(cli, INK_NONE));
    for (size_t i = 0; writ_json_is(lines, WRIT_JSON_ARRAY) && i < lines->count; i++)
        printf("  %s = %s\n", output_text(cli, &lines->items[i], "argument"),
               output_text(cli, &lines->items[i], "value"));
}
