/* RFC 8785 (JCS): the one text of a value; and the same text with numbers as they were read. */
#include <string.h>

#include "json/json.h"
#include "json/order.h"
#include "json/plain.h"

/* Doubles in the arena as it fills; `failed` sticks, so that writers need not ask. */
struct output {
    struct writ_arena *arena;
    char *bytes;
    size_t size;
    size_t capacity;
    bool failed;
    bool verbatim; /* numbers as they were written */
};

static bool make_room(struct output *output, size_t size)
{
    enum { FIRST_CAPACITY = 512 };
    if (output->failed || size <= output->capacity - output->size)
        return !output->failed;
    size_t capacity = output->capacity == 0 ? FIRST_CAPACITY : output->capacity * 2;
    if (capacity - output->size < size)
        capacity = output->size + size;
    char *bytes = writ_arena_alloc(output->arena, capacity);
    output->failed = !bytes;
    if (!bytes)
        return false;
    if (output->size > 0)
        memcpy(bytes, output->bytes, output->size);
    output->bytes = bytes;
    output->capacity = capacity;
    return true;
}

static void write_bytes(struct output *output, const void *bytes, size_t size)
{
    if (size == 0 || !make_room(output, size))
        return;
    memcpy(output->bytes + output->size, bytes, size);
    output->size += size;
}

static void write_byte(struct output *output, char byte)
{
    if (make_room(output, 1))
        output->bytes[output->size++] = byte;
}

static void write_text(struct output *output, const char *text)
{
    write_bytes(output, text, strlen(text));
}

static void write_escape(struct output *output, uint8_t byte)
{
    static const char *const SHORT[] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
        ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
    };
    static const char HEX[] = "0123456789abcdef";
    if (SHORT[byte]) {
        write_text(output, SHORT[byte]);
        return;
    }
    const char text[] = {'\\', 'u', '0', '0', HEX[byte >> 4], HEX[byte & 15]};
    write_bytes(output, text, sizeof text);
}

static void write_string(struct output *output, struct writ_slice text)
{
    size_t from = 0;
    write_byte(output, '"');
    for (size_t i = 0; i < text.size; i++) {
        i += writ_plain_run(text.data + i, text.size - i);
        if (i == text.size || text.data[i] >= 0x80)
            continue;
        write_bytes(output, text.data + from, i - from);
        write_escape(output, text.data[i]);
        from = i + 1;
    }
    if (from < text.size)
        write_bytes(output, text.data + from, text.size - from);
    write_byte(output, '"');
}

static void write_value(struct output *output, const struct writ_json *value);

static void write_array(struct output *output, const struct writ_json *array)
{
    write_byte(output, '[');
    for (size_t i = 0; i < array->count; i++) {
        if (i > 0)
            write_byte(output, ',');
        write_value(output, &array->items[i]);
    }
    write_byte(output, ']');
}

static void write_object(struct output *output, const struct writ_json *object)
{
    struct writ_member *members = writ_arena_array(output->arena, object->count, sizeof *members);
    if (!members) {
        output->failed = true;
        return;
    }
    writ_members_sorted(object, members);
    write_byte(output, '{');
    for (size_t i = 0; i < object->count; i++) {
        if (i > 0)
            write_byte(output, ',');
        write_string(output, members[i].name);
        write_byte(output, ':');
        write_value(output, members[i].value);
    }
    write_byte(output, '}');
}

static void write_number(struct output *output, const struct writ_json *number)
{
    char text[32];
    if (output->verbatim && number->text.size > 0) {
        write_bytes(output, number->text.data, number->text.size);
        return;
    }
    writ_json_number_text(number->number, text);
    write_text(output, text);
}

static void write_value(struct output *output, const struct writ_json *value)
{
    if (value->capacity == WRIT_JSON_BROKEN)
        output->failed = true;
    if (output->failed)
        return;
    switch (value->type) {
    case WRIT_JSON_NULL:
        write_text(output, "null");
        break;
    case WRIT_JSON_BOOLEAN:
        write_text(output, value->boolean ? "true" : "false");
        break;
    case WRIT_JSON_NUMBER:
        write_number(output, value);
        break;
    case WRIT_JSON_STRING:
        write_string(output, value->text);
        break;
    case WRIT_JSON_ARRAY:
        write_array(output, value);
        break;
    case WRIT_JSON_OBJECT:
        write_object(output, value);
        break;
    }
}

static struct writ_slice write_all(struct output *output, const struct writ_json *value)
{
    if (!value)
        return WRIT_SLICE_NONE;
    write_value(output, value);
    write_byte(output, 0); /* terminated, though not counted */
    return output->failed ? WRIT_SLICE_NONE : writ_slice_of(output->bytes, output->size - 1);
}

struct writ_slice writ_json_canonical(struct writ_arena *arena, const struct writ_json *value)
{
    struct output output = {.arena = arena};
    return write_all(&output, value);
}

struct writ_slice writ_json_verbatim(struct writ_arena *arena, const struct writ_json *value)
{
    struct output output = {.arena = arena, .verbatim = true};
    return write_all(&output, value);
}
