#include "json/plain.h"

#include <string.h>

#include "json/number.h"

/* The text is copied once; texts of the tree are runs of that copy, ended by a NUL in the place of
 * their quote. `held` are the values of the containers that are still open, innermost last. */
struct plain {
    struct writ_arena *arena;
    char *at;
    const char *end; /* a NUL, which ends every loop that does not look at it */
    size_t count;
    struct {
        struct writ_slice name;
        struct writ_json value;
    } held[WRIT_PLAIN_VALUES];
};

static bool read_value(struct plain *plain, size_t depth, struct writ_json *ret_value);

static void skip_space(struct plain *plain)
{
    while (*plain->at == ' ' || *plain->at == '\n' || *plain->at == '\t' || *plain->at == '\r')
        plain->at++;
}

static bool take(struct plain *plain, char byte)
{
    skip_space(plain);
    if (*plain->at != byte)
        return false;
    plain->at++;
    return true;
}

static bool take_word(struct plain *plain, const char *word)
{
    const size_t size = strlen(word);
    if (strncmp(plain->at, word, size) != 0)
        return false;
    plain->at += size;
    return true;
}

static bool is_plain(uint8_t byte)
{
    return byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
}

/* Eight at once: of bytes below 0x80, only one that is less than what is taken off gets or lends
 * the high bit. */
static bool are_plain(uint64_t eight)
{
    const uint64_t ones = 0x0101010101010101, highs = ones << 7;
    const uint64_t quote = eight ^ (ones * '"'), escape = eight ^ (ones * '\\');
    return ((eight | (eight - ones * ' ') | (quote - ones) | (escape - ones)) & highs) == 0;
}

size_t writ_plain_run(const void *bytes, size_t size)
{
    const uint8_t *const from = bytes;
    size_t at = 0;
    for (uint64_t eight; size - at >= sizeof eight; at += sizeof eight) {
        memcpy(&eight, from + at, sizeof eight);
        if (!are_plain(eight))
            break;
    }
    while (at < size && is_plain(from[at]))
        at++;
    return at;
}

static bool read_text(struct plain *plain, struct writ_slice *ret_text)
{
    if (!take(plain, '"'))
        return false;
    char *const begin = plain->at;
    plain->at += writ_plain_run(plain->at, (size_t)(plain->end - plain->at));
    if (*plain->at != '"')
        return false;
    *ret_text = writ_slice_of(begin, (size_t)(plain->at - begin));
    *plain->at++ = '\0';
    return true;
}

static bool read_number(struct plain *plain, struct writ_json *ret_value)
{
    const struct writ_slice rest = writ_slice_of(plain->at, (size_t)(plain->end - plain->at));
    const size_t size = writ_number_scan(rest);
    if (size == 0)
        return false;
    const struct writ_slice text = writ_slice_of(plain->at, size);
    const struct writ_number number = writ_number_read(text);
    *ret_value = (struct writ_json){
        .type = WRIT_JSON_NUMBER,
        .admissible = number.admissible,
        .number = number.value,
        .text = text,
    };
    plain->at += size;
    return true;
}

static bool is_named(const struct plain *plain, size_t first, struct writ_slice name)
{
    for (size_t i = first; i < plain->count; i++)
        if (writ_slice_equal(plain->held[i].name, name))
            return true;
    return false;
}

static bool read_member(struct plain *plain, size_t depth, size_t first, bool is_object)
{
    struct writ_slice name = WRIT_SLICE_NONE;
    struct writ_json value;
    if (is_object &&
        (!read_text(plain, &name) || is_named(plain, first, name) || !take(plain, ':')))
        return false;
    if (!read_value(plain, depth, &value) || plain->count == WRIT_PLAIN_VALUES)
        return false;
    plain->held[plain->count].name = name;
    plain->held[plain->count++].value = value;
    return true;
}

/* What was held since `first` becomes the container. */
static bool close_container(struct plain *plain, size_t first, bool is_object,
                            struct writ_json *ret_value)
{
    const size_t count = plain->count - first;
    struct writ_json *items = writ_arena_array(plain->arena, count, sizeof *items);
    struct writ_slice *names = NULL;
    if (is_object)
        names = writ_arena_array(plain->arena, count, sizeof *names);
    if (!items || (is_object && !names))
        return false;
    for (size_t i = 0; i < count; i++) {
        items[i] = plain->held[first + i].value;
        if (is_object)
            names[i] = plain->held[first + i].name;
    }
    plain->count = first;
    *ret_value = (struct writ_json){
        .type = is_object ? WRIT_JSON_OBJECT : WRIT_JSON_ARRAY,
        .count = count,
        .capacity = count,
        .items = items,
        .names = names,
    };
    return true;
}

static bool read_container(struct plain *plain, size_t depth, bool is_object,
                           struct writ_json *ret_value)
{
    const char closing = is_object ? '}' : ']';
    const size_t first = plain->count;
    if (depth >= WRIT_JSON_DEPTH)
        return false;
    plain->at++;
    if (!take(plain, closing)) {
        do
            if (!read_member(plain, depth + 1, first, is_object))
                return false;
        while (take(plain, ','));
        if (!take(plain, closing))
            return false;
    }
    return close_container(plain, first, is_object, ret_value);
}

static bool read_value(struct plain *plain, size_t depth, struct writ_json *ret_value)
{
    skip_space(plain);
    switch (*plain->at) {
    case '{':
        return read_container(plain, depth, true, ret_value);
    case '[':
        return read_container(plain, depth, false, ret_value);
    case '"':
        *ret_value = (struct writ_json){.type = WRIT_JSON_STRING};
        return read_text(plain, &ret_value->text);
    case 't':
        *ret_value = (struct writ_json){.type = WRIT_JSON_BOOLEAN, .boolean = true};
        return take_word(plain, "true");
    case 'f':
        *ret_value = (struct writ_json){.type = WRIT_JSON_BOOLEAN};
        return take_word(plain, "false");
    case 'n':
        *ret_value = (struct writ_json){.type = WRIT_JSON_NULL};
        return take_word(plain, "null");
    default:
        return read_number(plain, ret_value);
    }
}

const struct writ_json *writ_json_read_plain(struct writ_arena *arena, struct writ_slice text)
{
    if (text.size > WRIT_PLAIN_BYTES)
        return NULL;
    struct plain plain;
    struct writ_json *value = writ_arena_alloc(arena, sizeof *value);
    plain.arena = arena;
    plain.at = writ_arena_text(arena, text);
    plain.count = 0;
    if (!value || !plain.at)
        return NULL;
    plain.end = plain.at + text.size;
    if (!read_value(&plain, 0, value))
        return NULL;
    skip_space(&plain);
    return plain.at == plain.end ? value : NULL;
}
