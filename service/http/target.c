#include "http/target.h"

#include <string.h>

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static struct writ_result decode(struct writ_arena *arena, struct writ_slice raw,
                                 bool plus_is_space, struct writ_slice *ret_text)
{
    uint8_t *text = writ_arena_alloc(arena, raw.size + 1);
    WRIT_ENSURE(text, OUT_OF_MEMORY);
    size_t size = 0;
    for (size_t i = 0; i < raw.size; i++) {
        uint8_t c = raw.data[i];
        if (c == '%') {
            WRIT_ENSURE(raw.size - i > 2, MALFORMED);
            const int high = hex_digit(raw.data[i + 1]);
            const int low = hex_digit(raw.data[i + 2]);
            WRIT_ENSURE(high >= 0 && low >= 0, MALFORMED);
            c = (uint8_t)(high * 16 + low);
            WRIT_ENSURE(c != 0, MALFORMED);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        text[size++] = c;
    }
    *ret_text = writ_slice_of(text, size);
    return WRIT_SUCCESS;
}

struct writ_result target_decode_segment(struct writ_arena *arena, struct writ_slice segment,
                                         struct writ_slice *ret_text)
{
    struct writ_slice text = WRIT_SLICE_NONE;
    WRIT_TRY(decode(arena, segment, false, &text));
    WRIT_ENSURE(text.size > 0, MALFORMED);
    for (size_t i = 0; i < text.size; i++)
        WRIT_ENSURE(text.data[i] >= ' ' && text.data[i] != 0x7f, MALFORMED);
    *ret_text = text;
    return WRIT_SUCCESS;
}

/* Takes the bytes before `mark` off *rest; all of them where there is no mark. */
static struct writ_slice cut(struct writ_slice *rest, char mark)
{
    const uint8_t *end = rest->size > 0 ? memchr(rest->data, mark, rest->size) : NULL;
    const size_t size = end ? (size_t)(end - rest->data) : rest->size;
    const struct writ_slice piece = writ_slice_of(rest->data, size);
    const size_t taken = end ? size + 1 : size;
    *rest = writ_slice_of(rest->data + taken, rest->size - taken);
    return piece;
}

static struct writ_result parse_path(struct writ_slice path, struct target *target)
{
    WRIT_ENSURE(path.size > 0 && path.data[0] == '/', MALFORMED);
    struct writ_slice rest = writ_slice_of(path.data + 1, path.size - 1);
    if (rest.size == 0)
        return WRIT_SUCCESS;
    const bool trailing = rest.data[rest.size - 1] == '/';
    while (rest.size > 0) {
        WRIT_ENSURE(target->segment_count < TARGET_SEGMENTS, MALFORMED);
        target->segments[target->segment_count++] = cut(&rest, '/');
    }
    if (trailing) { /* "/console/" is not "/console": a last, empty segment */
        WRIT_ENSURE(target->segment_count < TARGET_SEGMENTS, MALFORMED);
        target->segments[target->segment_count++] = writ_slice_of(path.data + path.size, 0);
    }
    return WRIT_SUCCESS;
}

static struct writ_result parse_query(struct writ_arena *arena, struct writ_slice query,
                                      struct target *target)
{
    while (query.size > 0) {
        struct writ_slice value = cut(&query, '&');
        if (value.size == 0)
            continue;
        WRIT_ENSURE(target->query_count < TARGET_PARAMETERS, MALFORMED);
        const struct writ_slice name = cut(&value, '=');
        struct target_pair *pair = &target->query[target->query_count];
        WRIT_TRY(decode(arena, name, true, &pair->name));
        WRIT_TRY(decode(arena, value, true, &pair->value));
        for (size_t i = 0; i < target->query_count; i++)
            WRIT_ENSURE(!writ_slice_equal(target->query[i].name, pair->name), MALFORMED);
        target->query_count++;
    }
    return WRIT_SUCCESS;
}

struct writ_result target_parse(struct writ_arena *arena, struct writ_slice raw,
                                struct target *ret_target)
{
    /* Filled in place: a target that is refused is only ever printed. */
    *ret_target = (struct target){.path = ""};
    struct writ_slice query = raw;
    const struct writ_slice path = cut(&query, '?');
    ret_target->path = writ_arena_text(arena, path);
    if (!ret_target->path) {
        ret_target->path = "";
        return WRIT_FAILURE(OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < raw.size; i++)
        WRIT_ENSURE(raw.data[i] > ' ' && raw.data[i] < 0x7f && raw.data[i] != '#', MALFORMED);
    WRIT_TRY(parse_path(path, ret_target));
    return parse_query(arena, query, ret_target);
}
