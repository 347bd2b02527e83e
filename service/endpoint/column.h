/* A column of a row as a member of an answer; a member that has no value is left out. */
#ifndef WRIT_ENDPOINT_COLUMN_H
#define WRIT_ENDPOINT_COLUMN_H

#include "endpoint/call.h"
#include "postgres/db.h"

void column_put_text(struct call *call, struct writ_json *object, const char *name,
                     const struct db_result *rows, size_t row, int column);
void column_put_id(struct call *call, struct writ_json *object, const char *name,
                   const struct db_result *rows, size_t row, int column);
void column_put_time(struct call *call, struct writ_json *object, const char *name,
                     const struct db_result *rows, size_t row, int column);
/* Returns what was put, or NULL. */
const struct writ_json *column_put_json(struct call *call, struct writ_json *object,
                                        const char *name, const struct db_result *rows, size_t row,
                                        int column);

#endif
