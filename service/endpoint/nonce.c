#include "endpoint/nonce.h"

#include "base/base64url.h"

#include <string.h>

enum { END_SIZE = 8, RANDOM_SIZE = 16, HEAD_SIZE = END_SIZE + RANDOM_SIZE, MAC_SIZE = 32 };

/* All but the client's id has a fixed size, so no two inputs are the same bytes. */
static bool mac(struct call *call, const struct writ_key *key, const uint8_t head[static HEAD_SIZE],
                uint8_t ret_mac[static MAC_SIZE])
{
    const struct writ_slice id = call->client->id;
    const size_t size = id.size + sizeof key->bytes + HEAD_SIZE;
    uint8_t *bytes = writ_arena_alloc(call->arena, size);
    if (!bytes)
        return false;
    memcpy(bytes, id.data, id.size);
    memcpy(bytes + id.size, key->bytes, sizeof key->bytes);
    memcpy(bytes + id.size + sizeof key->bytes, head, HEAD_SIZE);
    keys_mac(call->service->keys, KEYS_NONCE, writ_slice_of(bytes, size), ret_mac);
    return true;
}

char *nonce_new(struct call *call, const struct writ_key *key, int64_t now_unix_s)
{
    uint8_t nonce[HEAD_SIZE + MAC_SIZE];
    const uint64_t end = (uint64_t)(now_unix_s + NONCE_LIFE_S);
    for (size_t i = 0; i < END_SIZE; i++)
        nonce[i] = (uint8_t)(end >> (56 - 8 * i));
    writ_random(nonce + END_SIZE, RANDOM_SIZE);
    if (!mac(call, key, nonce, nonce + HEAD_SIZE))
        return NULL;
    return writ_base64url_encode(call->arena, writ_slice_of(nonce, sizeof nonce));
}

struct writ_result nonce_check(struct call *call, const struct writ_key *key,
                               struct writ_slice text, int64_t now_unix_s)
{
    uint8_t nonce[HEAD_SIZE + MAC_SIZE];
    uint8_t expected[MAC_SIZE];
    WRIT_TRY(writ_base64url_decode_exact(text, nonce, sizeof nonce));
    WRIT_ENSURE(mac(call, key, nonce, expected), OUT_OF_MEMORY);
    WRIT_ENSURE(writ_secret_equal(nonce + HEAD_SIZE, expected, MAC_SIZE), MALFORMED);
    uint64_t end = 0;
    for (size_t i = 0; i < END_SIZE; i++)
        end = end << 8 | nonce[i];
    WRIT_ENSURE((int64_t)end > now_unix_s, EXPIRED);
    return WRIT_SUCCESS;
}
