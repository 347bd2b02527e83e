#include "postgres/cell.h"

#include "log.h"
#include "postgres/param.h"

#include <stdlib.h>
#include <string.h>

/* Types of arrays in pg_type whose items are read. */
enum { ARRAY_HEAD_BYTES = 20, NULL_ITEM = -1 };

static _Noreturn void mistake(const char *wanted, const struct cell *cell, int column)
{
    log_error("result_type", LOG_TEXT("wanted", wanted), LOG_INT("oid", cell->oid),
              LOG_INT("column", column), LOG_INT("size", cell->bytes.size));
    abort();
}

static uint64_t read_big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

bool db_is_null(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = db_cell(result, row, column);
    if (cell.oid == 0)
        mistake("any", &cell, column);
    return cell.is_null;
}

/* NULL is allowed everywhere; its type is checked all the same. */
static struct cell typed(const struct db_result *result, size_t row, int column, uint32_t oid,
                         size_t size, const char *wanted)
{
    const struct cell cell = db_cell(result, row, column);
    if (cell.oid != oid || (!cell.is_null && size != 0 && cell.bytes.size != size))
        mistake(wanted, &cell, column);
    return cell;
}

struct writ_slice db_get_text(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = db_cell(result, row, column);
    /* enums and domains of text have their own numbers: only what has another form is refused */
    switch (cell.oid) {
    case 0:
    case OID_BOOL:
    case OID_BYTEA:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
    case OID_TIMESTAMPTZ:
    case OID_UUID:
    case OID_JSONB:
        mistake("text", &cell, column);
    default:
        return cell.bytes;
    }
}

struct writ_slice db_get_bytea(const struct db_result *result, size_t row, int column)
{
    return typed(result, row, column, OID_BYTEA, 0, "bytea").bytes;
}

struct writ_slice db_get_jsonb(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = typed(result, row, column, OID_JSONB, 0, "jsonb");
    if (cell.is_null || cell.bytes.size == 0)
        return WRIT_SLICE_NONE;
    return writ_slice_of(cell.bytes.data + 1, cell.bytes.size - 1); /* behind its version */
}

int64_t db_get_int8(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = db_cell(result, row, column);
    const size_t size = cell.oid == OID_INT8   ? 8
                        : cell.oid == OID_INT4 ? 4
                        : cell.oid == OID_INT2 ? 2
                                               : 0;
    if (size == 0 || (!cell.is_null && cell.bytes.size != size))
        mistake("integer", &cell, column);
    if (cell.is_null)
        return 0;
    const uint64_t value = read_big_endian(cell.bytes.data, size);
    if (size == 8)
        return (int64_t)value;
    return size == 4 ? (int32_t)value : (int16_t)value;
}

bool db_get_bool(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = typed(result, row, column, OID_BOOL, 1, "boolean");
    return !cell.is_null && cell.bytes.data[0] != 0;
}

int64_t db_get_time(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = typed(result, row, column, OID_TIMESTAMPTZ, 8, "timestamptz");
    if (cell.is_null)
        return 0;
    const int64_t since_2000 = (int64_t)read_big_endian(cell.bytes.data, 8);
    /* 'infinity' stays the largest number, '-infinity' the smallest */
    if (since_2000 == INT64_MIN || since_2000 > INT64_MAX - PARAM_EPOCH_US)
        return since_2000;
    return since_2000 + PARAM_EPOCH_US;
}

bool db_get_uuid(const struct db_result *result, size_t row, int column, uint8_t ret_id[static 16])
{
    const struct cell cell = typed(result, row, column, OID_UUID, 16, "uuid");
    memset(ret_id, 0, 16);
    if (!cell.is_null)
        memcpy(ret_id, cell.bytes.data, 16);
    return !cell.is_null;
}

/* The head of an array that has one dimension; 0 items for none. */
static size_t open_array(const struct cell *cell, int column)
{
    if (cell->oid == 0)
        mistake("array", cell, column);
    if (cell->is_null)
        return 0;
    if (cell->bytes.size < 12)
        mistake("array", cell, column);
    const uint64_t dimensions = read_big_endian(cell->bytes.data, 4);
    if (dimensions == 0)
        return 0;
    if (dimensions != 1 || cell->bytes.size < ARRAY_HEAD_BYTES)
        mistake("array of one dimension", cell, column);
    return (size_t)read_big_endian(cell->bytes.data + 12, 4);
}

size_t db_array_size(const struct db_result *result, size_t row, int column)
{
    const struct cell cell = db_cell(result, row, column);
    return open_array(&cell, column);
}

struct writ_slice db_array_item(const struct db_result *result, size_t row, int column,
                                size_t index)
{
    const struct cell cell = db_cell(result, row, column);
    if (index >= open_array(&cell, column))
        mistake("array item", &cell, column);
    size_t at = ARRAY_HEAD_BYTES;
    for (size_t i = 0;; i++) {
        if (cell.bytes.size - at < 4)
            mistake("array item", &cell, column);
        const int32_t size = (int32_t)read_big_endian(cell.bytes.data + at, 4);
        at += 4;
        const size_t taken = size == NULL_ITEM ? 0 : (size_t)size;
        if (cell.bytes.size - at < taken)
            mistake("array item", &cell, column);
        if (i == index)
            return size == NULL_ITEM ? WRIT_SLICE_NONE : writ_slice_of(cell.bytes.data + at, taken);
        at += taken;
    }
}

int64_t db_array_int8(const struct db_result *result, size_t row, int column, size_t index)
{
    const struct writ_slice item = db_array_item(result, row, column, index);
    if (item.size == 4)
        return (int32_t)read_big_endian(item.data, 4);
    return item.size == 8 ? (int64_t)read_big_endian(item.data, 8) : 0;
}
