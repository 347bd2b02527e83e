/*
 * The ledger: what is recorded, and the memory of it. registry (who may call, what tools there
 * are), chain (admitted chains), view (what died), writer (the thread that records), and one file
 * for each kind of record. Long statements are files in statements/, embedded as STATEMENTS.
 * May touch: postgres, lib, clock, log. Knows no HTTP.
 *
 * This header: running a statement the way the ledger wants it.
 */
#ifndef WRIT_LEDGER_SQL_H
#define WRIT_LEDGER_SQL_H

#include "base/status.h"
#include "statements.h"

#include <string.h>

static inline void sql_free(struct db_result **result)
{
    db_result_free(*result);
}
/* A result that is freed at the end of its scope; begins as NULL. */
#define SQL_RESULT __attribute__((cleanup(sql_free))) struct db_result *

static inline WRIT_MUST_CHECK struct writ_result sql_run(struct db *db, enum statement statement,
                                                         const struct db_param *params,
                                                         size_t count,
                                                         struct db_result **ret_result)
{
    return db_to_result(db_run(db, &STATEMENTS[statement], params, count, ret_result));
}

/* The outcome of a code that a statement answered; INTERNAL for one that is none. */
static inline enum writ_status sql_outcome(struct writ_slice code)
{
    char text[64];
    if (code.size >= sizeof text)
        return WRIT_INTERNAL;
    memcpy(text, code.data, code.size);
    text[code.size] = '\0';
    const enum writ_status outcome = writ_status_from_code(text);
    return outcome == WRIT_STATUS_COUNT ? WRIT_INTERNAL : outcome;
}

#endif
