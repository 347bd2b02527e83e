#include "endpoint/column.h"

void column_put_text(struct call *call, struct writ_json *object, const char *name,
                     const struct db_result *rows, size_t row, int column)
{
    if (!db_is_null(rows, row, column))
        writ_json_put_text(call->arena, object, name, db_get_text(rows, row, column));
}

void column_put_id(struct call *call, struct writ_json *object, const char *name,
                   const struct db_result *rows, size_t row, int column)
{
    struct uuid id;
    if (db_get_uuid(rows, row, column, id.bytes))
        call_put_id(call, object, name, &id);
}

void column_put_time(struct call *call, struct writ_json *object, const char *name,
                     const struct db_result *rows, size_t row, int column)
{
    if (!db_is_null(rows, row, column))
        call_put_time(call, object, name, db_get_time(rows, row, column));
}

const struct writ_json *column_put_json(struct call *call, struct writ_json *object,
                                        const char *name, const struct db_result *rows, size_t row,
                                        int column)
{
    const struct writ_json *value = NULL;
    if (!db_is_null(rows, row, column) &&
        writ_is_ok(writ_json_parse(call->arena, db_get_jsonb(rows, row, column), &value)))
        writ_json_put(call->arena, object, name, value);
    return value;
}
