#include "keys/keys.h"

#include "base/base64url.h"
#include "log.h"
#include "store.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Families of derived keys: one for sealing, one for MACs, so that no key does both. */
static const char SEAL_FAMILY[8] = {'w', 'r', 'i', 't', 's', 'e', 'a', 'l'};
static const char MAC_FAMILY[8] = {'w', 'r', 'i', 't', '-', 'm', 'a', 'c'};

/* Lives in locked memory. */
struct secrets {
    uint8_t master[32];
    uint8_t issuer_seed[32];
    uint8_t seal[KEYS_PURPOSE_END][32];
    uint8_t mac[KEYS_PURPOSE_END][32];
};

struct keys {
    struct secrets *secrets;
    uint8_t issuer_public[32];
    char issuer_id[KEYS_ID_SIZE];
    char issuer_jwk[KEYS_JWK_SIZE];
};

static struct writ_result read_or_create(const char *path, uint8_t *bytes, size_t size)
{
    const struct writ_result created = store_create(path, bytes, size);
    if (created.status != WRIT_CONFLICT)
        return created;
    return store_read(path, bytes, size);
}

static struct writ_result open_master(const char *path, const char *issuer_path,
                                      struct secrets *secrets)
{
    const struct writ_result found = store_read(path, secrets->master, sizeof secrets->master);
    if (found.status != WRIT_NOT_FOUND)
        return found;
    /* A new master key can not open the old issuer key: better to stop than to look like new. */
    uint8_t sealed[32 + WRIT_SEAL_OVERHEAD];
    if (store_read(issuer_path, sealed, sizeof sealed).status != WRIT_NOT_FOUND) {
        log_error("master_key_missing", LOG_TEXT("path", path), LOG_TEXT("sealed", issuer_path));
        return WRIT_FAILURE(INTERNAL);
    }
    writ_random(secrets->master, sizeof secrets->master);
    WRIT_TRY(read_or_create(path, secrets->master, sizeof secrets->master));
    log_info("master_key_created", LOG_TEXT("path", path));
    return WRIT_SUCCESS;
}

static void derive(struct secrets *secrets)
{
    for (uint64_t purpose = KEYS_ISSUER; purpose < KEYS_PURPOSE_END; purpose++) {
        writ_derive_key(secrets->master, purpose, SEAL_FAMILY, secrets->seal[purpose]);
        writ_derive_key(secrets->master, purpose, MAC_FAMILY, secrets->mac[purpose]);
    }
}

static struct writ_result open_issuer(const char *path, struct keys *keys)
{
    struct secrets *secrets = keys->secrets;
    const struct writ_slice bound = WRIT_SLICE_LITERAL("issuer.key");
    uint8_t sealed[sizeof secrets->issuer_seed + WRIT_SEAL_OVERHEAD];
    struct writ_result found = store_read(path, sealed, sizeof sealed);
    if (found.status == WRIT_NOT_FOUND) {
        writ_random(secrets->issuer_seed, sizeof secrets->issuer_seed);
        keys_seal(keys, KEYS_ISSUER, bound,
                  writ_slice_of(secrets->issuer_seed, sizeof secrets->issuer_seed), sealed);
        found = read_or_create(path, sealed, sizeof sealed);
    }
    WRIT_TRY(found);
    if (!keys_unseal(keys, KEYS_ISSUER, bound, writ_slice_of(sealed, sizeof sealed),
                     secrets->issuer_seed)) {
        log_error("issuer_key_refused", LOG_TEXT("path", path),
                  LOG_TEXT("error", "it was not sealed under this master key"));
        return WRIT_FAILURE(INTERNAL);
    }
    return WRIT_SUCCESS;
}

static void describe_issuer(struct keys *keys)
{
    char x[44];
    char text[96];
    uint8_t thumbprint[32];
    writ_public_key_from_seed(keys->secrets->issuer_seed, keys->issuer_public);
    /* 32 bytes of key are written like 32 bytes of hash. */
    writ_base64url_hash(keys->issuer_public, x);
    snprintf(text, sizeof text, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"%s\"}", x);
    writ_sha256(writ_slice_text(text), thumbprint);
    writ_base64url_hash(thumbprint, keys->issuer_id);
    snprintf(keys->issuer_jwk, sizeof keys->issuer_jwk,
             "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\",\"kid\":\"%s\",\"use\":\"sig\","
             "\"alg\":\"Ed25519\"}",
             x, keys->issuer_id);
}

static struct writ_result fill(const char *dir, struct keys *keys)
{
    char master[PATH_MAX];
    char issuer[PATH_MAX];
    const int size = snprintf(master, sizeof master, "%s/master.key", dir);
    WRIT_ENSURE(size > 0 && (size_t)size < sizeof master, INTERNAL);
    WRIT_ENSURE(snprintf(issuer, sizeof issuer, "%s/issuer.key", dir) == size, INTERNAL);
    WRIT_TRY(open_master(master, issuer, keys->secrets));
    derive(keys->secrets);
    WRIT_TRY(open_issuer(issuer, keys));
    describe_issuer(keys);
    return WRIT_SUCCESS;
}

struct writ_result keys_open(const char *dir, struct keys **ret_keys)
{
    WRIT_TRY(writ_crypto_start());
    struct keys *keys = calloc(1, sizeof *keys);
    WRIT_ENSURE(keys, OUT_OF_MEMORY);
    keys->secrets = writ_secret_new(sizeof *keys->secrets);
    struct writ_result opened = WRIT_FAILURE(OUT_OF_MEMORY);
    if (keys->secrets)
        opened = fill(dir, keys);
    if (!writ_is_ok(opened)) {
        keys_free(keys);
        return opened;
    }
    *ret_keys = keys;
    return WRIT_SUCCESS;
}

struct keys *keys_free(struct keys *keys)
{
    if (!keys)
        return NULL;
    writ_secret_free(keys->secrets);
    free(keys);
    return NULL;
}

const uint8_t *keys_issuer_public(const struct keys *keys)
{
    return keys->issuer_public;
}

const char *keys_issuer_id(const struct keys *keys)
{
    return keys->issuer_id;
}

const char *keys_issuer_jwk(const struct keys *keys)
{
    return keys->issuer_jwk;
}

void keys_sign_issuer(const struct keys *keys, struct writ_slice signing_input,
                      uint8_t ret_signature[static 64])
{
    writ_sign(keys->secrets->issuer_seed, signing_input, ret_signature);
}

void keys_seal(const struct keys *keys, enum keys_purpose purpose, struct writ_slice bound,
               struct writ_slice plain, uint8_t *ret_sealed)
{
    writ_seal(keys->secrets->seal[purpose], plain, bound, ret_sealed);
}

bool keys_unseal(const struct keys *keys, enum keys_purpose purpose, struct writ_slice bound,
                 struct writ_slice sealed, uint8_t *ret_plain)
{
    return writ_unseal(keys->secrets->seal[purpose], sealed, bound, ret_plain);
}

void keys_mac(const struct keys *keys, enum keys_purpose purpose, struct writ_slice bytes,
              uint8_t ret_mac[static 32])
{
    writ_mac(keys->secrets->mac[purpose], bytes, ret_mac);
}
