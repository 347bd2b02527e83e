#include "key.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "files.h"
#include "jose/jwk.h"
#include "output.h"

static enum cli_exit key_of_seed(struct cli *cli, struct local_key *key)
{
    if (!writ_is_ok(writ_key_from_seed(key->seed, &key->public)))
        return cli_fail(cli, "this key cannot be used");
    writ_key_thumbprint(&key->public, key->thumbprint);
    return CLI_DONE;
}

void key_new(struct cli *cli, struct local_key *ret_key)
{
    writ_random(ret_key->seed, sizeof ret_key->seed);
    if (key_of_seed(cli, ret_key) != CLI_DONE)
        key_new(cli, ret_key);
}

enum cli_exit key_read(struct cli *cli, const struct writ_json *jwk, struct local_key *ret_key)
{
    const struct writ_slice d = writ_json_text(writ_json_get(jwk, "d"));
    const struct writ_slice x = writ_json_text(writ_json_get(jwk, "x"));
    char public[44];
    if (!writ_is_ok(writ_base64url_decode_exact(d, ret_key->seed, sizeof ret_key->seed)))
        return cli_fail(cli, "this is no private Ed25519 key (a JWK with `d`)");
    CLI_TRY(key_of_seed(cli, ret_key));
    writ_base64url_hash(ret_key->public.bytes, public);
    if (!writ_slice_is(x, public))
        return cli_fail(cli, "the two halves of this key do not belong together");
    return CLI_DONE;
}

struct writ_json *key_json(struct cli *cli, const struct local_key *key)
{
    char d[44];
    writ_base64url_hash(key->seed, d);
    struct writ_json *jwk = cli_must(writ_jwk_json(&cli->arena, &key->public));
    cli_must(writ_json_put_string(&cli->arena, jwk, "d", d));
    writ_wipe(d, sizeof d);
    return jwk;
}

static enum cli_exit keygen(struct cli *cli)
{
    const char *path = cli->arguments[0];
    struct local_key key;
    key_new(cli, &key);
    const struct writ_slice text = writ_json_canonical(&cli->arena, key_json(cli, &key));
    writ_wipe(key.seed, sizeof key.seed);
    cli_must(text.data);
    CLI_TRY(files_write(cli, path, text, true));
    const struct writ_json *jwk = cli_must(writ_jwk_json(&cli->arena, &key.public));
    if (cli->format == CLI_JSON) {
        struct writ_json *answer = cli_must(writ_json_new_object(&cli->arena));
        writ_json_put(&cli->arena, answer, "jwk", jwk);
        writ_json_put_string(&cli->arena, answer, "thumbprint", key.thumbprint);
        return output_json(
            cli, cli_must(writ_json_put_string(&cli->arena, answer, "file", path)) ? answer : NULL);
    }
    cli_note(cli, "private key   %s (0600)\nthumbprint    %s\npublic key:", path, key.thumbprint);
    return output_json(cli, jwk);
}

const struct cli_command CLI_KEY_COMMANDS[] = {
    {"keygen", "FILE", "Make an Ed25519 key pair: FILE gets the private JWK, stdout the public one",
     NULL, 1, 1, keygen},
    {0},
};
