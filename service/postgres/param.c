#include "postgres/param.h"

#include <arpa/inet.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINARY = 1, TEXT_FORMAT = 0, JSONB_VERSION = 1 };

struct db_param db_null(void)
{
    return (struct db_param){.type = DB_NULL};
}

static struct db_param slice_param(enum db_type type, struct writ_slice bytes)
{
    return bytes.data ? (struct db_param){.type = type, .data = bytes.data, .count = bytes.size}
                      : db_null();
}

struct db_param db_text(struct writ_slice text)
{
    return slice_param(DB_TEXT, text);
}

struct db_param db_cstr(const char *text)
{
    return slice_param(DB_TEXT, writ_slice_text(text));
}

struct db_param db_bytea(struct writ_slice bytes)
{
    return slice_param(DB_BYTEA, bytes);
}

struct db_param db_jsonb(struct writ_slice text)
{
    return slice_param(DB_JSONB, text);
}

struct db_param db_uuid(const uint8_t *id)
{
    return slice_param(DB_UUID, writ_slice_of(id, 16));
}

struct db_param db_int8(int64_t integer)
{
    return (struct db_param){.type = DB_INT8, .integer = integer};
}

struct db_param db_bool(bool boolean)
{
    return (struct db_param){.type = DB_BOOL, .integer = boolean};
}

struct db_param db_time(int64_t unix_us)
{
    return (struct db_param){.type = DB_TIME, .integer = unix_us};
}

static struct db_param array_param(enum db_type type, const void *items, size_t count)
{
    return (struct db_param){.type = type, .is_array = true, .data = items, .count = count};
}

struct db_param db_text_array(const struct writ_slice *items, size_t count)
{
    return array_param(DB_TEXT, items, count);
}

struct db_param db_bytea_array(const struct writ_slice *items, size_t count)
{
    return array_param(DB_BYTEA, items, count);
}

struct db_param db_jsonb_array(const struct writ_slice *items, size_t count)
{
    return array_param(DB_JSONB, items, count);
}

struct db_param db_uuid_array(const uint8_t (*items)[16], size_t count)
{
    return array_param(DB_UUID, items, count);
}

struct db_param db_int8_array(const int64_t *items, size_t count)
{
    return array_param(DB_INT8, items, count);
}

struct db_param db_bool_array(const bool *items, size_t count)
{
    return array_param(DB_BOOL, items, count);
}

struct db_param db_time_array(const int64_t *items, size_t count)
{
    return array_param(DB_TIME, items, count);
}

struct db_param db_with_nulls(struct db_param array, const bool *nulls)
{
    array.nulls = nulls;
    return array;
}

/* --- encoding --------------------------------------------------------------------------------- */

/* Where so many bytes go, which the caller writes; NULL: there is no room for them. */
static uint8_t *reserve(struct param_buffer *buffer, size_t size)
{
    if (size > INT_MAX || buffer->size > INT_MAX - size)
        return NULL;
    const size_t need = buffer->size + size;
    if (!buffer->bytes || need > buffer->capacity) {
        size_t capacity = buffer->capacity ? buffer->capacity : 1024;
        while (capacity < need)
            capacity *= 2;
        uint8_t *grown = realloc(buffer->bytes, capacity);
        if (!grown)
            return NULL;
        buffer->bytes = grown;
        buffer->capacity = capacity;
    }
    uint8_t *const at = buffer->bytes + buffer->size;
    buffer->size = need;
    return at;
}

static bool put(struct param_buffer *buffer, const void *bytes, size_t size)
{
    uint8_t *const at = reserve(buffer, size);
    if (at && size > 0)
        memcpy(at, bytes, size);
    return at != NULL;
}

static void write_int32(uint8_t to[static 4], uint32_t value)
{
    const uint32_t ordered = htonl(value);
    memcpy(to, &ordered, sizeof ordered);
}

static bool put_int32(struct param_buffer *buffer, uint32_t value)
{
    uint8_t *const at = reserve(buffer, sizeof value);
    if (at)
        write_int32(at, value);
    return at != NULL;
}

static bool put_int64(struct param_buffer *buffer, int64_t value)
{
    const uint64_t bits = (uint64_t)value;
    return put_int32(buffer, (uint32_t)(bits >> 32)) && put_int32(buffer, (uint32_t)bits);
}

static bool put_time(struct param_buffer *buffer, int64_t unix_us)
{
    if (unix_us < INT64_MIN + PARAM_EPOCH_US)
        return false;
    return put_int64(buffer, unix_us - PARAM_EPOCH_US);
}

static uint32_t oid_of(enum db_type type)
{
    switch (type) {
    case DB_TEXT:
        return OID_TEXT;
    case DB_INT8:
        return OID_INT8;
    case DB_BOOL:
        return OID_BOOL;
    case DB_UUID:
        return OID_UUID;
    case DB_BYTEA:
        return OID_BYTEA;
    case DB_TIME:
        return OID_TIMESTAMPTZ;
    case DB_JSONB:
        return OID_JSONB;
    case DB_NULL:
        break;
    }
    return 0;
}

static bool put_sized(struct param_buffer *buffer, struct writ_slice bytes)
{
    enum { SIZE = 4 };
    uint8_t *const at = bytes.size <= INT_MAX ? reserve(buffer, SIZE + bytes.size) : NULL;
    if (!at)
        return false;
    write_int32(at, (uint32_t)bytes.size);
    if (bytes.size > 0)
        memcpy(at + SIZE, bytes.data, bytes.size);
    return true;
}

static bool put_item(struct param_buffer *buffer, const struct db_param *array, size_t i)
{
    const uint8_t version = JSONB_VERSION;
    const struct writ_slice *slices = array->data;
    const int64_t *integers = array->data;
    switch (array->type) {
    case DB_TEXT:
    case DB_BYTEA:
        return put_sized(buffer, slices[i]);
    case DB_JSONB:
        return slices[i].size < INT_MAX && put_int32(buffer, (uint32_t)slices[i].size + 1) &&
               put(buffer, &version, 1) && put(buffer, slices[i].data, slices[i].size);
    case DB_UUID:
        return put_sized(buffer, writ_slice_of((const uint8_t *)array->data + i * 16, 16));
    case DB_INT8:
        return put_int32(buffer, 8) && put_int64(buffer, integers[i]);
    case DB_TIME:
        return put_int32(buffer, 8) && put_time(buffer, integers[i]);
    case DB_BOOL: {
        const uint8_t boolean = ((const bool *)array->data)[i];
        return put_sized(buffer, writ_slice_of(&boolean, 1));
    }
    case DB_NULL:
        break;
    }
    return false;
}

static bool is_null_item(const struct db_param *array, size_t i)
{
    const bool is_slices = array->type == DB_TEXT || array->type == DB_BYTEA ||
                           array->type == DB_JSONB;
    if (array->nulls && array->nulls[i])
        return true;
    return is_slices && !((const struct writ_slice *)array->data)[i].data;
}

/* array_recv: dimensions, has-nulls, element type, then size and lower bound, then the elements */
static bool put_array(struct param_buffer *buffer, const struct db_param *array)
{
    const uint32_t dimensions = array->count > 0 ? 1 : 0;
    if (array->count > INT_MAX || !put_int32(buffer, dimensions) || !put_int32(buffer, 1) ||
        !put_int32(buffer, oid_of(array->type)))
        return false;
    if (dimensions == 0)
        return true;
    if (!put_int32(buffer, (uint32_t)array->count) || !put_int32(buffer, 1))
        return false;
    for (size_t i = 0; i < array->count; i++)
        if (is_null_item(array, i) ? !put_int32(buffer, UINT32_MAX) : !put_item(buffer, array, i))
            return false;
    return true;
}

/* Into the buffer; false for what does not need it, through *ret_direct. */
static bool put_single(struct param_buffer *buffer, const struct db_param *param,
                       const void **ret_direct, int *ret_format)
{
    const uint8_t version = JSONB_VERSION;
    char digits[24];
    switch (param->type) {
    case DB_TEXT:
    case DB_BYTEA:
    case DB_UUID:
        *ret_direct = param->data;
        return param->count <= INT_MAX;
    case DB_JSONB:
        return put(buffer, &version, 1) && put(buffer, param->data, param->count);
    case DB_TIME:
        return put_time(buffer, param->integer);
    case DB_BOOL: {
        const uint8_t boolean = param->integer != 0;
        return put(buffer, &boolean, 1);
    }
    case DB_INT8: /* as text: the server reads it as whichever integer the statement has there */
        *ret_format = TEXT_FORMAT;
        snprintf(digits, sizeof digits, "%lld", (long long)param->integer);
        return put(buffer, digits, strlen(digits) + 1);
    case DB_NULL:
        break;
    }
    return true;
}

bool param_encode(struct param_buffer *buffer, const struct db_param *params, size_t count)
{
    size_t offsets[PARAM_LIMIT];
    const void *direct[PARAM_LIMIT] = {NULL};
    if (count > PARAM_LIMIT)
        return false;
    buffer->size = 0;
    for (size_t i = 0; i < count; i++) {
        offsets[i] = buffer->size;
        buffer->formats[i] = BINARY;
        const bool encoded = params[i].is_array
                                 ? put_array(buffer, &params[i])
                                 : put_single(buffer, &params[i], &direct[i], &buffer->formats[i]);
        if (!encoded)
            return false;
        buffer->lengths[i] = (int)(direct[i] ? params[i].count : buffer->size - offsets[i]);
    }
    /* Only now: the buffer may have moved while it grew. */
    for (size_t i = 0; i < count; i++) {
        if (params[i].type == DB_NULL)
            buffer->values[i] = NULL;
        else
            buffer->values[i] = direct[i] ? direct[i] : (const char *)buffer->bytes + offsets[i];
    }
    return true;
}

void param_done(struct param_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct param_buffer){0};
}
