#include "jose/jws.h"

#include <string.h>

#include "base/base64url.h"
#include "base/crypto.h"

struct frame {
    struct writ_slice header, payload, signature; /* base64url text */
    struct writ_slice input;
};

static struct writ_slice take_until_dot(struct writ_slice *rest)
{
    const uint8_t *dot = rest->size > 0 ? memchr(rest->data, '.', rest->size) : NULL;
    if (!dot)
        return WRIT_SLICE_NONE;
    const struct writ_slice part = writ_slice_of(rest->data, (size_t)(dot - rest->data));
    *rest = writ_slice_of(dot + 1, rest->size - part.size - 1);
    return part;
}

/* Three parts; the last one may be empty here (alg none), but is no signature then, and a dot in it
 * is no base64url: both are refused where it is read. */
static struct writ_result read_frame(struct writ_slice compact, struct frame *ret_frame)
{
    struct writ_slice rest = compact;
    struct frame frame;
    frame.header = take_until_dot(&rest);
    frame.payload = take_until_dot(&rest);
    frame.signature = rest;
    WRIT_ENSURE(frame.header.size > 0 && frame.payload.size > 0, MALFORMED);
    frame.input = writ_slice_of(compact.data, compact.size - frame.signature.size - 1);
    *ret_frame = frame;
    return WRIT_SUCCESS;
}

static struct writ_result read_object(struct writ_arena *arena, struct writ_slice text,
                                      const struct writ_json **ret_object)
{
    const struct writ_json *object = NULL;
    WRIT_TRY(writ_json_parse(arena, text, &object));
    WRIT_ENSURE(object->type == WRIT_JSON_OBJECT, MALFORMED);
    *ret_object = object;
    return WRIT_SUCCESS;
}

static struct writ_result read_header(struct writ_arena *arena, struct writ_slice base64url,
                                      const char *typ, struct writ_slice *ret_kid)
{
    struct writ_slice text;
    const struct writ_json *header = NULL;
    WRIT_TRY(writ_base64url_decode(arena, base64url, &text));
    WRIT_TRY(read_object(arena, text, &header));
    WRIT_ENSURE(writ_slice_is(writ_json_text(writ_json_get(header, "alg")), "Ed25519"), MALFORMED);
    WRIT_ENSURE(writ_slice_is(writ_json_text(writ_json_get(header, "typ")), typ), MALFORMED);
    WRIT_ENSURE(!writ_json_get(header, "crit"), MALFORMED); /* we know no extension */
    const struct writ_json *kid = writ_json_get(header, "kid");
    WRIT_ENSURE(!kid || kid->type == WRIT_JSON_STRING, MALFORMED);
    *ret_kid = writ_json_text(kid);
    return WRIT_SUCCESS;
}

struct writ_result writ_jws_split(struct writ_arena *arena, struct writ_slice compact,
                                  const char *typ, struct writ_jws *ret_jws)
{
    struct frame frame;
    struct writ_jws jws = {.compact = compact};
    WRIT_TRY(read_frame(compact, &frame));
    WRIT_TRY(read_header(arena, frame.header, typ, &jws.kid));
    WRIT_TRY(writ_base64url_decode(arena, frame.payload, &jws.payload));
    WRIT_TRY(writ_base64url_decode_exact(frame.signature, jws.signature, sizeof jws.signature));
    jws.input = frame.input;
    *ret_jws = jws;
    return WRIT_SUCCESS;
}

void writ_jws_hash(const struct writ_jws *jws, uint8_t ret_hash[static 32])
{
    writ_sha256(jws->input, ret_hash);
}

struct writ_result writ_jws_verify(const struct writ_jws *jws, const struct writ_key *key)
{
    WRIT_ENSURE(writ_signature_verify(key->bytes, jws->input, jws->signature), SIGNATURE_INVALID);
    return WRIT_SUCCESS;
}

struct writ_result writ_jws_payload(struct writ_arena *arena, const struct writ_jws *jws,
                                    const struct writ_json **ret_claims)
{
    return read_object(arena, jws->payload, ret_claims);
}

static struct writ_slice header_text(struct writ_arena *arena, const char *typ,
                                     struct writ_slice kid)
{
    struct writ_json *header = writ_json_new_object(arena);
    writ_json_put_string(arena, header, "alg", "Ed25519");
    if (kid.size > 0)
        writ_json_put_text(arena, header, "kid", kid);
    writ_json_put_string(arena, header, "typ", typ);
    return writ_json_canonical(arena, header);
}

struct writ_result writ_jws_input(struct writ_arena *arena, const char *typ, struct writ_slice kid,
                                  const struct writ_json *payload, struct writ_slice *ret_input)
{
    const struct writ_slice header = header_text(arena, typ, kid);
    const struct writ_slice claims = writ_json_canonical(arena, payload);
    WRIT_ENSURE(header.data && claims.data, OUT_OF_MEMORY);
    const char *left = writ_base64url_encode(arena, header);
    const char *right = writ_base64url_encode(arena, claims);
    WRIT_ENSURE(left && right, OUT_OF_MEMORY);
    const char *input = writ_arena_printf(arena, "%s.%s", left, right);
    WRIT_ENSURE(input, OUT_OF_MEMORY);
    *ret_input = writ_slice_text(input);
    return WRIT_SUCCESS;
}

struct writ_result writ_jws_peek(struct writ_arena *arena, struct writ_slice compact,
                                 const struct writ_json **ret_claims)
{
    struct frame frame;
    struct writ_slice payload;
    WRIT_TRY(read_frame(compact, &frame));
    WRIT_TRY(writ_base64url_decode(arena, frame.payload, &payload));
    return read_object(arena, payload, ret_claims);
}
