/* `writ verify --cases FILE`: a file of vectors, one JSON line a case, under the strict profile. */
#include "files.h"
#include "output.h"
#include "verdict.h"

static int64_t integer_or(const struct writ_json *object, const char *name, int64_t otherwise)
{
    int64_t integer = otherwise;
    writ_json_integer(writ_json_get(object, name), &integer);
    return integer;
}

static bool is_true(const struct writ_json *value)
{
    return writ_json_is(value, WRIT_JSON_BOOLEAN) && value->boolean;
}

static struct writ_limits read_limits(const struct writ_json *params)
{
    struct writ_limits limits = writ_limits_default();
    limits.max_iat_skew_s = integer_or(params, "max_iat_skew", limits.max_iat_skew_s);
    limits.max_token_lifetime_s = integer_or(params, "max_token_lifetime",
                                             limits.max_token_lifetime_s);
    limits.pop_window_s = integer_or(params, "pop_window", limits.pop_window_s);
    limits.max_delegation_depth = (int)integer_or(params, "max_delegation_depth",
                                                  limits.max_delegation_depth);
    limits.max_constraint_depth = (int)integer_or(params, "max_constraint_depth",
                                                  limits.max_constraint_depth);
    return limits;
}

/* Each case in an arena of its own: a file may have many. */
static enum cli_exit judge(struct cli *cli, const struct writ_verifier *common,
                           const struct writ_json *vector)
{
    struct writ_verifier verifier = *common;
    struct writ_presentation presentation;
    struct writ_arena arena;
    const struct writ_json *policy = writ_json_get(vector, "policy");
    const struct writ_json *args = writ_json_get(vector, "args");
    CLI_TRY(verdict_read_presentation(cli, vector, &presentation));
    if (!args)
        return cli_fail(cli, "a case without `args`");
    verifier.now_unix_s = integer_or(vector, "now", verifier.now_unix_s);
    verifier.require_proof_audience = is_true(writ_json_get(policy, "require_pop_aud"));
    verifier.require_chain_audience = is_true(writ_json_get(policy, "require_chain_aud"));
    verifier.nonce = writ_json_text(writ_json_get(policy, "nonce"));
    writ_arena_init(&arena, 0);
    const struct writ_slice text = writ_json_verbatim(&arena, args);
    const struct writ_verdict verdict = writ_verify(
        &arena, &verifier, &presentation, writ_json_text(writ_json_get(vector, "tool")), text);
    const struct writ_slice id = writ_json_text(writ_json_get(vector, "id"));
    const enum cli_exit done = output_json(cli, verdict_json(&arena, &verdict, id));
    writ_arena_done(&arena);
    return done;
}

enum cli_exit verdict_of_cases(struct cli *cli, const char *path)
{
    const struct writ_json *file = NULL;
    CLI_TRY(files_read_json(cli, path, &file));
    const struct writ_json *params = writ_json_get(file, "params");
    const struct writ_json *vectors = writ_json_get(file, "vectors");
    struct writ_verifier verifier = {
        .profile = WRIT_PROFILE_AAT_02,
        .limits = read_limits(params),
        .now_unix_s = integer_or(params, "now", 0),
        .audience = writ_json_text(writ_json_get(params, "audience")),
    };
    CLI_TRY(verdict_read_anchors(cli, file, &verifier));
    if (!writ_json_is(vectors, WRIT_JSON_ARRAY))
        return cli_fail(cli, "%s has no list `vectors`", path);
    for (size_t i = 0; i < vectors->count; i++)
        CLI_TRY(judge(cli, &verifier, &vectors->items[i]));
    return CLI_DONE;
}
