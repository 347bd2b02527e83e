/* Writing: RFC 8785 (JCS), the one text of a value; the same with numbers as they were read; and an
 * object without a tree. */
#include <stdio.h>
#include <string.h>

#include "json/json.h"
#include "json/order.h"
#include "json/plain.h"
#include "json/text.h"

static bool make_room(struct writ_json_text *output, size_t size)
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

static void write_bytes(struct writ_json_text *output, const void *bytes, size_t size)
{
    if (size == 0 || !make_room(output, size))
        return;
    memcpy(output->bytes + output->size, bytes, size);
    output->size += size;
}

static void write_byte(struct writ_json_text *output, char byte)
{
    if (make_room(output, 1))
        output->bytes[output->size++] = byte;
}

static void write_text(struct writ_json_text *output, const char *text)
{
    write_bytes(output, text, strlen(text));
}

static void write_escape(struct writ_json_text *output, uint8_t byte)
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

static void write_string(struct writ_json_text *output, struct writ_slice text)
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

static void write_value(struct writ_json_text *output, const struct writ_json *value);

static void write_array(struct writ_json_text *output, const struct writ_json *array)
{
    write_byte(output, '[');
    for (size_t i = 0; i < array->count; i++) {
        if (i > 0)
            write_byte(output, ',');
        write_value(output, &array->items[i]);
    }
    write_byte(output, ']');
}

static void write_object(struct writ_json_text *output, const struct writ_json *object)
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

static void write_number(struct writ_json_text *output, const struct writ_json *number)
{
    char text[32];
    if (output->verbatim && number->text.size > 0) {
        write_bytes(output, number->text.data, number->text.size);
        return;
    }
    writ_json_number_text(number->number, text);
    write_text(output, text);
}

static void write_value(struct writ_json_text *output, const struct writ_json *value)
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

static struct writ_slice end(struct writ_json_text *output)
{
    write_byte(output, 0); /* terminated, though not counted */
    return output->failed ? WRIT_SLICE_NONE : writ_slice_of(output->bytes, output->size - 1);
}

static struct writ_slice write_all(struct writ_json_text *output, const struct writ_json *value)
{
    if (!value)
        return WRIT_SLICE_NONE;
    write_value(output, value);
    return end(output);
}

struct writ_slice writ_json_canonical(struct writ_arena *arena, const struct writ_json *value)
{
    struct writ_json_text output = {.arena = arena};
    return write_all(&output, value);
}

struct writ_slice writ_json_verbatim(struct writ_arena *arena, const struct writ_json *value)
{
    struct writ_json_text output = {.arena = arena, .verbatim = true};
    return write_all(&output, value);
}

/* ---- An object without a tree ------------------------------------------------------------- */

void writ_json_text_begin(struct writ_json_text *text, struct writ_arena *arena)
{
    *text = (struct writ_json_text){.arena = arena};
    write_byte(text, '{');
}

static void write_name(struct writ_json_text *text, const char *name)
{
    if (text->size > 1)
        write_byte(text, ',');
    write_string(text, writ_slice_text(name));
    write_byte(text, ':');
}

void writ_json_text_put(struct writ_json_text *text, const char *name,
                        const struct writ_json *value)
{
    write_name(text, name);
    if (value)
        write_value(text, value);
    else
        text->failed = true;
}

void writ_json_text_put_string(struct writ_json_text *text, const char *name,
                               struct writ_slice string)
{
    write_name(text, name);
    write_string(text, string);
}

void writ_json_text_put_integer(struct writ_json_text *text, const char *name, int64_t integer)
{
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)integer);
    write_name(text, name);
    write_text(text, digits);
}

void writ_json_text_put_boolean(struct writ_json_text *text, const char *name, bool boolean)
{
    write_name(text, name);
    write_text(text, boolean ? "true" : "false");
}

struct writ_slice writ_json_text_end(struct writ_json_text *text)
{
    write_byte(text, '}');
    return end(text);
}
