#include "holder.h"

#include <time.h>

#include "base/crypto.h"
#include "files.h"
#include "jose/jwk.h"
#include "speaker.h"
#include "token/statement.h"

enum cli_exit holder_issuer(struct cli *cli, struct writ_slice *ret_issuer)
{
    const struct writ_json *metadata = NULL;
    CLI_TRY(api_call(cli, NULL, "GET", "/.well-known/oauth-authorization-server", NULL, &metadata));
    *ret_issuer = writ_json_text(writ_json_get(metadata, "issuer"));
    return ret_issuer->size > 0 ? CLI_DONE : cli_fail(cli, "the service does not say its issuer");
}

enum cli_exit holder_sign(struct cli *cli, const struct local_key *key, struct writ_slice input,
                          const char **ret_compact)
{
    struct writ_slice compact;
    if (!writ_is_ok(writ_sign_input(&cli->arena, input, key->seed, &compact)))
        return cli_fail(cli, "out of memory");
    *ret_compact = cli_must(writ_arena_text(&cli->arena, compact));
    return CLI_DONE;
}

static enum cli_exit sign_enrolment(struct cli *cli, const struct local_key *key,
                                    struct writ_slice nonce, const char **ret_proof)
{
    uint8_t random[16];
    struct writ_slice issuer, input;
    CLI_TRY(holder_issuer(cli, &issuer));
    writ_random(random, sizeof random);
    if (!writ_is_ok(
            writ_enrol_input(&cli->arena, issuer, nonce, (int64_t)time(NULL), random, &input)))
        return cli_fail(cli, "out of memory");
    return holder_sign(cli, key, input, ret_proof);
}

static enum cli_exit own_key(struct cli *cli, struct local_key *ret_key)
{
    const char *path = cli_option(cli, "key");
    const struct writ_json *jwk = NULL;
    if (!path) {
        key_new(cli, ret_key);
        return CLI_DONE;
    }
    CLI_TRY(files_read_json(cli, path, &jwk));
    return key_read(cli, jwk, ret_key);
}

enum cli_exit holder_enrol(struct cli *cli, const char *agent, struct local_key *ret_key)
{
    struct credential speaker;
    struct local_key key;
    const struct writ_json *answer = NULL;
    const char *proof = NULL;
    CLI_TRY(own_key(cli, &key));
    CLI_TRY(speaker_find(cli, "agent orchestrator", agent, "", &speaker));
    struct writ_json *body = cli_must(writ_json_new_object(&cli->arena));
    writ_json_put_string(&cli->arena, body, "custody", "self");
    cli_must(writ_json_put(&cli->arena, body, "jwk", writ_jwk_json(&cli->arena, &key.public)));
    CLI_TRY(api_call(cli, &speaker, "POST", "/v1/holders", body, &answer));
    const struct writ_json *nonce = writ_json_get(answer, "nonce");
    if (nonce) {
        CLI_TRY(sign_enrolment(cli, &key, writ_json_text(nonce), &proof));
        writ_json_put(&cli->arena, body, "nonce", nonce);
        cli_must(writ_json_put_string(&cli->arena, body, "proof", proof));
        CLI_TRY(api_call(cli, &speaker, "POST", "/v1/holders", body, &answer));
    }
    *ret_key = key;
    return CLI_DONE;
}

enum cli_exit holder_request(struct cli *cli, const struct held *signer, const char *act,
                             const char *delegation, const char **ret_request)
{
    uint8_t random[16];
    struct writ_slice issuer, input;
    CLI_TRY(holder_issuer(cli, &issuer));
    writ_random(random, sizeof random);
    const struct writ_act request = {
        .act = writ_slice_text(act),
        .task = writ_slice_text(signer->task),
        .delegation = writ_slice_text(delegation),
        .iat_unix_s = (int64_t)time(NULL),
    };
    if (!writ_is_ok(writ_request_input(&cli->arena, &request, issuer, random, &input)))
        return cli_fail(cli, "out of memory");
    return holder_sign(cli, &signer->key, input, ret_request);
}

enum cli_exit holder_prove(struct cli *cli, const struct held *held, const char *tool,
                           struct writ_slice args, const char *audience, const char *nonce,
                           const char **ret_proof)
{
    struct writ_slice input;
    struct writ_proof_request request = {
        .iat_unix_s = (int64_t)time(NULL),
        .leaf = held->token,
        .tool = writ_slice_text(tool),
        .args = args,
        .audience = writ_slice_text(audience),
        .nonce = writ_slice_text(nonce),
    };
    writ_random(request.random, sizeof request.random);
    const struct writ_result made = writ_proof_input(&cli->arena, &request, &input);
    if (!writ_is_ok(made))
        return cli_fail(cli, "there is no proof for these arguments: %s",
                        writ_status_code(made.status));
    return holder_sign(cli, &held->key, input, ret_proof);
}
