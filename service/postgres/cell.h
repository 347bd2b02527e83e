/* One value of a result in binary format, as libpq has it. Inside of the room only. */
#ifndef WRIT_POSTGRES_CELL_H
#define WRIT_POSTGRES_CELL_H

#include "postgres/db.h"

struct cell {
    bool is_null;
    uint32_t oid;
    struct writ_slice bytes;
};

/* In db.c. oid 0: no such row or column. */
struct cell db_cell(const struct db_result *result, size_t row, int column);

#endif
