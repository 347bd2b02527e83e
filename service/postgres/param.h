/* Parameters in PostgreSQL's binary formats, ready for libpq. Inside of the room only. */
#ifndef WRIT_POSTGRES_PARAM_H
#define WRIT_POSTGRES_PARAM_H

#include "postgres/db.h"

enum { PARAM_LIMIT = 64 };

/* Type numbers of pg_type that never change. */
enum param_oid {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_VARCHAR = 1043,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_JSONB = 3802,
};

#define PARAM_EPOCH_US INT64_C(946684800000000) /* 2000-01-01, where timestamptz begins */

/* Kept from call to call: it only grows. */
struct param_buffer {
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    const char *values[PARAM_LIMIT];
    int lengths[PARAM_LIMIT];
    int formats[PARAM_LIMIT];
};

/* False: out of memory, too many, or larger than the protocol takes. */
bool param_encode(struct param_buffer *buffer, const struct db_param *params, size_t count);
void param_done(struct param_buffer *buffer);

#endif
