/* Reading members, parameters and cursors of a call. */
#include "base/base64url.h"
#include "clock.h"
#include "endpoint/call.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    LIMIT_MAX = 500,
    LIMIT_DEFAULT = 100,
    CURSOR_POSITION_MAX = 200,
    IDEMPOTENCY_KEY_MAX = 128,
    QUERY_MAX = 500
};

bool call_only_members(struct call *call, const char *const *names)
{
    if (!call->body || writ_json_only(call->body, names))
        return true;
    call_fail(call, WRIT_MALFORMED, "", "the body has a member that this call does not know");
    return false;
}

bool call_only_queries(struct call *call, const char *const *names)
{
    for (size_t i = 0; i < http_query_count(call->request); i++) {
        const struct writ_slice name = http_query_name(call->request, i);
        size_t at = 0;
        while (names && names[at] && !writ_slice_is(name, names[at]))
            at++;
        if (!names || !names[at]) {
            call_fail(call, WRIT_MALFORMED, "", "a query parameter that this call does not know");
            return false;
        }
    }
    return true;
}

static bool has_control(struct writ_slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f)
            return true;
    return false;
}

bool call_text(struct call *call, const char *name, size_t max, bool required,
               struct writ_slice *ret_text)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    *ret_text = WRIT_SLICE_NONE;
    if (!value && !required)
        return true;
    const struct writ_slice text = writ_json_text(value);
    if (text.size == 0 || text.size > max || has_control(text)) {
        call_fail(call, WRIT_MALFORMED, name,
                  "%s: a text of 1 to %zu bytes without control characters", name, max);
        return false;
    }
    *ret_text = text;
    return true;
}

bool call_uuid(struct call *call, const char *name, bool required, struct uuid *ret_id,
               bool *ret_present)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    if (ret_present)
        *ret_present = value != NULL;
    if (!value && !required)
        return true;
    if (value && uuid_parse(writ_json_text(value), ret_id))
        return true;
    call_fail(call, WRIT_MALFORMED, name, "%s: a lowercase UUID", name);
    return false;
}

bool call_integer(struct call *call, const char *name, int64_t min, int64_t max, int64_t absent,
                  int64_t *ret_integer)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    int64_t integer = absent;
    if (value && (!writ_json_integer(value, &integer) || integer < min || integer > max)) {
        call_fail(call, WRIT_MALFORMED, name, "%s: an integer from %lld to %lld", name,
                  (long long)min, (long long)max);
        return false;
    }
    *ret_integer = integer;
    return true;
}

bool call_boolean(struct call *call, const char *name, bool absent, bool *ret_boolean)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    if (value && value->type != WRIT_JSON_BOOLEAN) {
        call_fail(call, WRIT_MALFORMED, name, "%s: true or false", name);
        return false;
    }
    *ret_boolean = value ? value->boolean : absent;
    return true;
}

bool call_object(struct call *call, const char *name, bool required,
                 const struct writ_json **ret_object)
{
    const struct writ_json *value = writ_json_get(call->body, name);
    if (value ? value->type != WRIT_JSON_OBJECT : required) {
        call_fail(call, WRIT_MALFORMED, name, "%s: a JSON object", name);
        return false;
    }
    *ret_object = value;
    return true;
}

/* Length of the UTF-8 sequence that begins here; 0 for none: cut off, overlong, a surrogate, or
 * beyond U+10FFFF. */
static size_t sequence(const uint8_t *at, size_t left)
{
    static const uint32_t SMALLEST[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t size = at[0] < 0x80             ? 1
                        : (at[0] & 0xe0) == 0xc0 ? 2
                        : (at[0] & 0xf0) == 0xe0 ? 3
                        : (at[0] & 0xf8) == 0xf0 ? 4
                                                 : 0;
    if (size <= 1 || size > left)
        return size <= left ? size : 0;
    uint32_t point = at[0] & (0xffu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (at[i] & 0x3fu);
    }
    const bool is_surrogate = point >= 0xd800 && point <= 0xdfff;
    return point < SMALLEST[size] || point > 0x10ffff || is_surrogate ? 0 : size;
}

/* What a caller put into the target is bytes; the ledger takes text. */
static bool is_text(struct writ_slice bytes, size_t max)
{
    if (bytes.size == 0 || bytes.size > max || has_control(bytes))
        return false;
    size_t size = 0;
    for (size_t at = 0; at < bytes.size; at += size) {
        size = sequence(bytes.data + at, bytes.size - at);
        if (size == 0)
            return false;
    }
    return true;
}

bool call_path_text(struct call *call, const char *name, size_t max, struct writ_slice *ret_text)
{
    const struct writ_slice text = http_parameter(call->request, name);
    if (!is_text(text, max)) {
        call_fail(call, WRIT_MALFORMED, name, "%s: a text of 1 to %zu bytes", name, max);
        return false;
    }
    *ret_text = text;
    return true;
}

bool call_query_text(struct call *call, const char *name, struct writ_slice *ret_text)
{
    const struct writ_slice text = http_query(call->request, name);
    if (text.data && !is_text(text, QUERY_MAX)) {
        call_fail(call, WRIT_MALFORMED, name, "%s: a text of 1 to %d bytes", name, QUERY_MAX);
        return false;
    }
    *ret_text = text;
    return true;
}

bool call_path_uuid(struct call *call, const char *name, struct uuid *ret_id)
{
    if (uuid_parse(http_parameter(call->request, name), ret_id))
        return true;
    call_fail(call, WRIT_NOT_FOUND, name, "%s: not a UUID", name);
    return false;
}

bool call_query_uuid(struct call *call, const char *name, struct uuid *ret_id, bool *ret_present)
{
    const struct writ_slice text = http_query(call->request, name);
    *ret_present = text.data != NULL;
    if (!text.data || uuid_parse(text, ret_id))
        return true;
    call_fail(call, WRIT_MALFORMED, name, "%s: a lowercase UUID", name);
    return false;
}

/* RFC 3339 with Z, with or without a fraction of up to six digits. */
static bool parse_time(struct writ_slice text, int64_t *ret_us)
{
    char copy[40];
    if (text.size < 20 || text.size >= sizeof copy || text.data[text.size - 1] != 'Z')
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    struct tm moment = {0};
    const char *rest = strptime(copy, "%Y-%m-%dT%H:%M:%S", &moment);
    if (!rest)
        return false;
    int64_t fraction = 0;
    if (*rest == '.') {
        int digits = 0;
        for (rest++; *rest >= '0' && *rest <= '9'; rest++, digits++)
            fraction = digits < 6 ? fraction * 10 + (*rest - '0') : fraction;
        if (digits == 0 || digits > 9)
            return false;
        for (; digits < 6; digits++)
            fraction *= 10;
    }
    if (strcmp(rest, "Z") != 0)
        return false;
    /* timegm takes 30 February for 1 March. */
    const int day = moment.tm_mday;
    *ret_us = (int64_t)timegm(&moment) * 1000000 + fraction;
    return moment.tm_mday == day;
}

bool call_query_time(struct call *call, const char *name, int64_t absent_us, int64_t *ret_us)
{
    const struct writ_slice text = http_query(call->request, name);
    *ret_us = absent_us;
    if (!text.data || parse_time(text, ret_us))
        return true;
    call_fail(call, WRIT_MALFORMED, name, "%s: a time like 2026-01-31T23:59:59Z", name);
    return false;
}

bool call_idempotency_key(struct call *call, struct writ_slice *ret_key)
{
    const struct writ_slice key = http_header_in(call->request, "Idempotency-Key");
    *ret_key = WRIT_SLICE_NONE;
    if (!key.data)
        return true;
    bool is_printable = true;
    for (size_t i = 0; i < key.size; i++)
        is_printable = is_printable && key.data[i] >= 0x20 && key.data[i] < 0x7f;
    if (key.size == 0 || key.size > IDEMPOTENCY_KEY_MAX || !is_printable) {
        call_fail(call, WRIT_MALFORMED, "Idempotency-Key",
                  "Idempotency-Key: 1 to %d printable ASCII characters", IDEMPOTENCY_KEY_MAX);
        return false;
    }
    *ret_key = key;
    return true;
}

bool call_limit(struct call *call, int64_t *ret_limit)
{
    const struct writ_slice text = http_query(call->request, "limit");
    int64_t limit = text.data ? 0 : LIMIT_DEFAULT;
    for (size_t i = 0; text.data && i < text.size && limit <= LIMIT_MAX; i++) {
        const bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';
        limit = is_digit ? limit * 10 + (text.data[i] - '0') : LIMIT_MAX + 1;
    }
    if (limit < 1 || limit > LIMIT_MAX) {
        call_fail(call, WRIT_MALFORMED, "limit", "limit: an integer from 1 to %d", LIMIT_MAX);
        return false;
    }
    *ret_limit = limit;
    return true;
}

/* A cursor is base64url(MAC over path and position, first 16 bytes, then the position): it is
 * opaque, and belongs to the list that gave it. */
static void cursor_mac(struct call *call, struct writ_slice position, uint8_t ret_mac[static 32])
{
    const char *path = http_path(call->request);
    const size_t path_size = strlen(path) + 1; /* the NUL ends it: a path has none */
    uint8_t *bytes = writ_arena_alloc(call->arena, path_size + position.size);
    memset(ret_mac, 0, 32);
    if (!bytes)
        return;
    memcpy(bytes, path, path_size);
    /* Bytes, with NULs among them. */
    if (position.size > 0)
        memcpy(bytes + path_size, position.data, position.size);
    keys_mac(call->service->keys, KEYS_CURSOR, writ_slice_of(bytes, path_size + position.size),
             ret_mac);
}

bool call_cursor(struct call *call, struct writ_slice *ret_position)
{
    const struct writ_slice text = http_query(call->request, "cursor");
    *ret_position = WRIT_SLICE_NONE;
    if (!text.data)
        return true;
    struct writ_slice bytes;
    if (writ_is_ok(writ_base64url_decode(call->arena, text, &bytes)) && bytes.size > 16 &&
        bytes.size <= 16 + CURSOR_POSITION_MAX) {
        uint8_t mac[32];
        const struct writ_slice position = writ_slice_of(bytes.data + 16, bytes.size - 16);
        cursor_mac(call, position, mac);
        if (writ_secret_equal(mac, bytes.data, 16)) {
            *ret_position = position;
            return true;
        }
    }
    call_fail(call, WRIT_MALFORMED, "cursor", "cursor: not one that this list gave");
    return false;
}

void call_put_cursor(struct call *call, struct writ_json *page, struct writ_slice position)
{
    uint8_t mac[32];
    cursor_mac(call, position, mac);
    uint8_t *bytes = writ_arena_alloc(call->arena, 16 + position.size);
    if (!bytes || position.size > CURSOR_POSITION_MAX)
        return;
    memcpy(bytes, mac, 16);
    memcpy(bytes + 16, position.data, position.size);
    call_put_bytes(call, page, "cursor", writ_slice_of(bytes, 16 + position.size));
}

struct writ_json *call_put_id(struct call *call, struct writ_json *object, const char *name,
                              const struct uuid *id)
{
    char text[UUID_TEXT_SIZE];
    uuid_text(id, text);
    return writ_json_put_string(call->arena, object, name, text);
}

struct writ_json *call_put_time(struct call *call, struct writ_json *object, const char *name,
                                int64_t unix_us)
{
    char text[CLOCK_TEXT_SIZE];
    clock_text(unix_us, text);
    return writ_json_put_string(call->arena, object, name, text);
}

struct writ_json *call_put_bytes(struct call *call, struct writ_json *object, const char *name,
                                 struct writ_slice bytes)
{
    const char *text = writ_base64url_encode(call->arena, bytes);
    return text ? writ_json_put_string(call->arena, object, name, text) : NULL;
}
