#include "json/reader.h"

#include <stdlib.h>
#include <string.h>

#include "json/number.h"
#include "json/string.h"

/* One pass from left to right. An element or member waits in a list until its container closes. */
struct member {
    struct member *next;
    struct writ_slice name;
    struct writ_json value;
};

struct reader {
    struct writ_arena *arena;
    struct writ_slice rest;
};

static struct writ_result read_value(struct reader *reader, size_t depth,
                                     struct writ_json *ret_value);

static void skip(struct reader *reader, size_t size)
{
    reader->rest = writ_slice_of(reader->rest.data + size, reader->rest.size - size);
}

/* The next byte behind white space; '\0', which begins nothing, at the end. */
static uint8_t peek(struct reader *reader)
{
    while (reader->rest.size > 0) {
        const uint8_t byte = reader->rest.data[0];
        if (byte != ' ' && byte != '\t' && byte != '\n' && byte != '\r')
            return byte;
        skip(reader, 1);
    }
    return '\0';
}

static bool take(struct reader *reader, uint8_t byte)
{
    if (peek(reader) != byte)
        return false;
    skip(reader, 1);
    return true;
}

static struct writ_result take_word(struct reader *reader, const char *word)
{
    const struct writ_slice expected = writ_slice_text(word);
    WRIT_ENSURE(writ_slice_starts(reader->rest, expected), MALFORMED);
    skip(reader, expected.size);
    return WRIT_SUCCESS;
}

static struct writ_result read_number(struct reader *reader, struct writ_json *ret_value)
{
    const size_t size = writ_number_scan(reader->rest);
    WRIT_ENSURE(size > 0, MALFORMED);
    const struct writ_slice text = writ_arena_copy(reader->arena,
                                                   writ_slice_of(reader->rest.data, size));
    WRIT_ENSURE(text.data, OUT_OF_MEMORY);
    const struct writ_number number = writ_number_read(text);
    *ret_value = (struct writ_json){
        .type = WRIT_JSON_NUMBER,
        .admissible = number.admissible,
        .number = number.value,
        .text = text,
    };
    skip(reader, size);
    return WRIT_SUCCESS;
}

static int compare_names(const void *a, const void *b)
{
    return writ_slice_compare(*(const struct writ_slice *)a, *(const struct writ_slice *)b);
}

static struct writ_result check_distinct(struct writ_arena *arena, const struct writ_slice *names,
                                         size_t count)
{
    enum { FEW = 8 };
    if (count > FEW) {
        struct writ_slice *sorted = writ_arena_array(arena, count, sizeof *sorted);
        WRIT_ENSURE(sorted, OUT_OF_MEMORY);
        memcpy(sorted, names, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_names);
        for (size_t i = 1; i < count; i++)
            WRIT_ENSURE(!writ_slice_equal(sorted[i - 1], sorted[i]), DUPLICATE_MEMBER);
        return WRIT_SUCCESS;
    }
    for (size_t i = 1; i < count; i++)
        for (size_t j = 0; j < i; j++)
            WRIT_ENSURE(!writ_slice_equal(names[i], names[j]), DUPLICATE_MEMBER);
    return WRIT_SUCCESS;
}

static struct writ_result close_container(struct writ_arena *arena, const struct member *members,
                                          struct writ_json *value)
{
    const bool is_object = value->type == WRIT_JSON_OBJECT;
    value->capacity = value->count;
    value->items = writ_arena_array(arena, value->count, sizeof *value->items);
    WRIT_ENSURE(value->items, OUT_OF_MEMORY);
    if (is_object) {
        value->names = writ_arena_array(arena, value->count, sizeof *value->names);
        WRIT_ENSURE(value->names, OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < value->count; i++, members = members->next) {
        value->items[i] = members->value;
        if (is_object)
            value->names[i] = members->name;
    }
    return is_object ? check_distinct(arena, value->names, value->count) : WRIT_SUCCESS;
}

static struct writ_result read_member(struct reader *reader, enum writ_json_type type, size_t depth,
                                      struct member **ret_member)
{
    struct member *member = writ_arena_alloc(reader->arena, sizeof *member);
    WRIT_ENSURE(member, OUT_OF_MEMORY);
    if (type == WRIT_JSON_OBJECT) {
        WRIT_ENSURE(peek(reader) == '"', MALFORMED);
        WRIT_TRY(writ_json_string_read(reader->arena, &reader->rest, &member->name));
        WRIT_ENSURE(take(reader, ':'), MALFORMED);
    }
    WRIT_TRY(read_value(reader, depth, &member->value));
    *ret_member = member;
    return WRIT_SUCCESS;
}

static struct writ_result read_container(struct reader *reader, enum writ_json_type type,
                                         size_t depth, struct writ_json *ret_value)
{
    const uint8_t closing = type == WRIT_JSON_OBJECT ? '}' : ']';
    struct writ_json value = {.type = type};
    struct member *first = NULL, **last = &first;
    WRIT_ENSURE(depth < WRIT_JSON_DEPTH, MALFORMED);
    skip(reader, 1);
    if (!take(reader, closing)) {
        do {
            WRIT_TRY(read_member(reader, type, depth + 1, last));
            last = &(*last)->next;
            value.count++;
            WRIT_ENSURE(type == WRIT_JSON_ARRAY || value.count <= WRIT_JSON_MEMBERS, MALFORMED);
        } while (take(reader, ','));
        WRIT_ENSURE(take(reader, closing), MALFORMED);
    }
    WRIT_TRY(close_container(reader->arena, first, &value));
    *ret_value = value;
    return WRIT_SUCCESS;
}

static struct writ_result read_value(struct reader *reader, size_t depth,
                                     struct writ_json *ret_value)
{
    *ret_value = (struct writ_json){.type = WRIT_JSON_NULL};
    switch (peek(reader)) {
    case '{':
        return read_container(reader, WRIT_JSON_OBJECT, depth, ret_value);
    case '[':
        return read_container(reader, WRIT_JSON_ARRAY, depth, ret_value);
    case '"':
        ret_value->type = WRIT_JSON_STRING;
        return writ_json_string_read(reader->arena, &reader->rest, &ret_value->text);
    case 't':
    case 'f':
        ret_value->type = WRIT_JSON_BOOLEAN;
        ret_value->boolean = reader->rest.data[0] == 't';
        return take_word(reader, ret_value->boolean ? "true" : "false");
    case 'n':
        return take_word(reader, "null");
    default:
        return read_number(reader, ret_value);
    }
}

struct writ_result writ_json_read_any(struct writ_arena *arena, struct writ_slice text,
                                      const struct writ_json **ret_value)
{
    struct reader reader = {.arena = arena, .rest = text};
    struct writ_json *value = writ_arena_alloc(arena, sizeof *value);
    WRIT_ENSURE(value, OUT_OF_MEMORY);
    WRIT_TRY(read_value(&reader, 0, value));
    peek(&reader);
    WRIT_ENSURE(reader.rest.size == 0, MALFORMED);
    *ret_value = value;
    return WRIT_SUCCESS;
}
