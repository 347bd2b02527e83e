#include "json/json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "json/number.h"
#include "json/plain.h"

WRIT_AUTO_DEFINE(json_t, json_decref);

/*
 * jansson keeps no number text and loses digits silently. So one pass of ours walks the text
 * first and copies it with each number replaced by its index in a table of the numbers as they
 * were written; the tree that jansson then builds is converted with the help of that table.
 */
enum { INDEX_DIGITS_MAX = 10 };

struct scan {
    struct writ_slice text;
    size_t at;
    size_t depth;
    char *out;
    size_t out_size;
    struct writ_slice *numbers;
    size_t number_count;
};

/* Each number but a lone one stands behind one of these. */
static size_t numbers_at_most(struct writ_slice text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.size; i++)
        count += text.data[i] == ',' || text.data[i] == ':' || text.data[i] == '[';
    return count;
}

static void copy(struct scan *scan, size_t count)
{
    memcpy(scan->out + scan->out_size, scan->text.data + scan->at, count);
    scan->out_size += count;
    scan->at += count;
}

static struct writ_result scan_number(struct scan *scan, size_t capacity)
{
    const struct writ_slice rest = writ_slice_of(scan->text.data + scan->at,
                                                 scan->text.size - scan->at);
    const size_t size = writ_number_scan(rest);
    WRIT_ENSURE(size > 0 && scan->number_count < capacity, MALFORMED);
    scan->numbers[scan->number_count] = writ_slice_of(rest.data, size);
    scan->out_size += (size_t)snprintf(scan->out + scan->out_size, INDEX_DIGITS_MAX + 1, "%u",
                                       (unsigned)scan->number_count);
    scan->number_count++;
    scan->at += size;
    return WRIT_SUCCESS;
}

/* From one quote to behind the other; jansson judges the escapes, except for U+0000. */
static struct writ_result scan_string(struct scan *scan)
{
    const uint8_t *data = scan->text.data;
    size_t end = scan->at + 1;
    while (end < scan->text.size && data[end] != '"') {
        WRIT_ENSURE(data[end] != '\0', MALFORMED);
        if (data[end] == '\\') {
            WRIT_ENSURE(scan->text.size - end < 6 || memcmp(data + end, "\\u0000", 6) != 0,
                        MALFORMED);
            end++;
        }
        end++;
    }
    WRIT_ENSURE(end < scan->text.size, MALFORMED);
    copy(scan, end + 1 - scan->at);
    return WRIT_SUCCESS;
}

static struct writ_result scan_text(struct scan *scan, size_t capacity)
{
    while (scan->at < scan->text.size) {
        const uint8_t byte = scan->text.data[scan->at];
        if (byte == '"') {
            WRIT_TRY(scan_string(scan));
            continue;
        }
        if (byte == '-' || (byte >= '0' && byte <= '9')) {
            WRIT_TRY(scan_number(scan, capacity));
            continue;
        }
        WRIT_ENSURE(byte != '\0', MALFORMED);
        if (byte == '{' || byte == '[')
            WRIT_ENSURE(++scan->depth <= WRIT_JSON_DEPTH, MALFORMED);
        if (byte == '}' || byte == ']')
            WRIT_ENSURE(scan->depth-- > 0, MALFORMED);
        copy(scan, 1);
    }
    return WRIT_SUCCESS;
}

struct conversion {
    struct writ_arena *arena;
    const struct writ_slice *numbers;
    size_t number_count;
};

static struct writ_result convert(const struct conversion *conversion, json_t *from,
                                  struct writ_json *ret_node);

static struct writ_result convert_number(const struct conversion *conversion, json_t *from,
                                         struct writ_json *ret_node)
{
    const json_int_t index = json_integer_value(from);
    WRIT_ENSURE(json_is_integer(from) && index >= 0 && (size_t)index < conversion->number_count,
                INTERNAL);
    const struct writ_slice text = conversion->numbers[index];
    const struct writ_number number = writ_number_read(text);
    *ret_node = (struct writ_json){
        .type = WRIT_JSON_NUMBER,
        .admissible = number.admissible,
        .number = number.value,
        .text = writ_arena_copy(conversion->arena, text),
    };
    WRIT_ENSURE(ret_node->text.data, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct writ_result convert_array(const struct conversion *conversion, json_t *from,
                                        struct writ_json *ret_node)
{
    const size_t count = json_array_size(from);
    struct writ_json *items = writ_arena_array(conversion->arena, count, sizeof *items);
    WRIT_ENSURE(items, OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++)
        WRIT_TRY(convert(conversion, json_array_get(from, i), &items[i]));
    *ret_node = (struct writ_json){
        .type = WRIT_JSON_ARRAY, .count = count, .capacity = count, .items = items};
    return WRIT_SUCCESS;
}

static struct writ_result convert_object(const struct conversion *conversion, json_t *from,
                                         struct writ_json *ret_node)
{
    const size_t count = json_object_size(from);
    WRIT_ENSURE(count <= WRIT_JSON_MEMBERS, MALFORMED);
    struct writ_json *items = writ_arena_array(conversion->arena, count, sizeof *items);
    struct writ_slice *names = writ_arena_array(conversion->arena, count, sizeof *names);
    WRIT_ENSURE(items && names, OUT_OF_MEMORY);
    const char *name = NULL;
    json_t *value = NULL;
    size_t i = 0;
    json_object_foreach(from, name, value)
    {
        names[i] = writ_arena_copy(conversion->arena, writ_slice_text(name));
        WRIT_ENSURE(names[i].data, OUT_OF_MEMORY);
        WRIT_TRY(convert(conversion, value, &items[i]));
        i++;
    }
    *ret_node = (struct writ_json){.type = WRIT_JSON_OBJECT,
                                   .count = count,
                                   .capacity = count,
                                   .items = items,
                                   .names = names};
    return WRIT_SUCCESS;
}

static struct writ_result convert(const struct conversion *conversion, json_t *from,
                                  struct writ_json *ret_node)
{
    switch (json_typeof(from)) {
    case JSON_OBJECT:
        return convert_object(conversion, from, ret_node);
    case JSON_ARRAY:
        return convert_array(conversion, from, ret_node);
    case JSON_STRING:
        ret_node->type = WRIT_JSON_STRING;
        ret_node->text = writ_arena_copy(
            conversion->arena, writ_slice_of(json_string_value(from), json_string_length(from)));
        WRIT_ENSURE(ret_node->text.data, OUT_OF_MEMORY);
        return WRIT_SUCCESS;
    case JSON_INTEGER:
    case JSON_REAL:
        return convert_number(conversion, from, ret_node);
    case JSON_TRUE:
    case JSON_FALSE:
        ret_node->type = WRIT_JSON_BOOLEAN;
        ret_node->boolean = json_is_true(from);
        return WRIT_SUCCESS;
    case JSON_NULL:
        ret_node->type = WRIT_JSON_NULL;
        return WRIT_SUCCESS;
    }
    return WRIT_FAILURE(INTERNAL);
}

static struct writ_result refusal(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return WRIT_FAILURE(DUPLICATE_MEMBER);
    case json_error_out_of_memory:
        return WRIT_FAILURE(OUT_OF_MEMORY);
    default:
        return WRIT_FAILURE(MALFORMED);
    }
}

static struct writ_result parse_any(struct writ_arena *arena, struct writ_slice text,
                                    const struct writ_json **ret_value)
{
    const size_t capacity = numbers_at_most(text);
    struct scan scan = {
        .text = text,
        .out = writ_arena_alloc(arena, text.size + capacity * INDEX_DIGITS_MAX + 1),
        .numbers = writ_arena_array(arena, capacity, sizeof(struct writ_slice)),
    };
    WRIT_ENSURE(scan.out && scan.numbers, OUT_OF_MEMORY);
    WRIT_TRY(scan_text(&scan, capacity));

    json_error_t error;
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    WRIT_AUTO(json_t) tree = json_loadb(scan.out, scan.out_size, flags, &error);
    if (!tree)
        return refusal(&error);
    const struct conversion conversion = {arena, scan.numbers, scan.number_count};
    struct writ_json *value = writ_arena_alloc(arena, sizeof *value);
    WRIT_ENSURE(value, OUT_OF_MEMORY);
    WRIT_TRY(convert(&conversion, tree, value));
    *ret_value = value;
    return WRIT_SUCCESS;
}

void writ_json_allocate_by(void *(*allocate)(size_t size), void (*release)(void *block))
{
    json_set_alloc_funcs(allocate, release);
}

struct writ_result writ_json_parse(struct writ_arena *arena, struct writ_slice text,
                                   const struct writ_json **ret_value)
{
    WRIT_ENSURE(text.size > 0 && text.size < UINT32_MAX, MALFORMED);
    const struct writ_json *plain = writ_json_read_plain(arena, text);
    if (!plain)
        return parse_any(arena, text, ret_value);
    *ret_value = plain;
    return WRIT_SUCCESS;
}
