#include "vector.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#ifndef WRIT_VECTORS
#define WRIT_VECTORS "tests/vectors"
#endif

static struct writ_slice read_file(struct writ_arena *arena, const char *name)
{
    const char *path = writ_arena_printf(arena, "%s/%s", WRIT_VECTORS, name);
    FILE *stream = fopen(path, "rb");
    ck_assert_msg(stream != NULL, "%s", path);
    const size_t room = 1 << 20;
    char *text = writ_arena_alloc(arena, room);
    const size_t size = fread(text, 1, room, stream);
    fclose(stream);
    ck_assert_uint_lt(size, room);
    return writ_slice_of(text, size);
}

const struct writ_json *vector_read(struct writ_arena *arena, const char *name)
{
    const struct writ_json *file = NULL;
    ck_assert_msg(writ_is_ok(writ_json_parse(arena, read_file(arena, name), &file)), "%s", name);
    return file;
}

const struct writ_json *vector_get(const struct writ_json *object, const char *name)
{
    const struct writ_json *value = writ_json_get(object, name);
    ck_assert_msg(value != NULL, "no member %s", name);
    return value;
}

struct writ_slice vector_text(const struct writ_json *object, const char *name)
{
    return writ_json_text(writ_json_get(object, name));
}

int64_t vector_number(const struct writ_json *object, const char *name)
{
    int64_t number = 0;
    ck_assert_msg(writ_json_integer(writ_json_get(object, name), &number), "no number %s", name);
    return number;
}

struct writ_slice vector_hex(struct writ_arena *arena, const struct writ_json *object,
                             const char *name)
{
    static const char DIGITS[] = "0123456789abcdef";
    const struct writ_slice text = vector_text(object, name);
    ck_assert_uint_eq(text.size % 2, 0);
    uint8_t *bytes = writ_arena_alloc(arena, text.size / 2);
    for (size_t i = 0; i < text.size; i++) {
        const char *digit = memchr(DIGITS, text.data[i], 16);
        ck_assert_msg(digit != NULL, "%s is not in hexadecimal", name);
        bytes[i / 2] = (uint8_t)(bytes[i / 2] << 4 | (digit - DIGITS));
    }
    return writ_slice_of(bytes, text.size / 2);
}
