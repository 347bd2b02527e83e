#include "postgres/session.h"

#include <stdio.h>

/* As an identifier: in quotes, with those in it doubled. False: it does not fit. */
static bool quote(const char *name, char *ret_text, size_t size)
{
    size_t used = 0;
    ret_text[used++] = '"';
    for (; *name; name++) {
        if (used + 4 > size)
            return false;
        if (*name == '"')
            ret_text[used++] = '"';
        ret_text[used++] = *name;
    }
    ret_text[used++] = '"';
    ret_text[used] = '\0';
    return true;
}

enum db_error session_set_up(struct db *db, const struct db_options *options)
{
    char role[160] = "none";
    char sql[768];
    if (options->role && !quote(options->role, role, sizeof role))
        return DB_OTHER;
    /* Plans are made once, perhaps while a table is empty, and must be good for a full one.
     * Durable before answered (W7): a server set to less is overruled, one set to more is not. */
    snprintf(sql, sizeof sql,
             "set role %s; set search_path to writ, pg_catalog; set timezone to 'UTC';"
             "set jit to off; set plan_cache_mode to force_generic_plan; set enable_seqscan to off;"
             "set statement_timeout to %u; set idle_in_transaction_session_timeout to '15s';"
             "set default_transaction_isolation to 'read committed';"
             "select pg_catalog.set_config('synchronous_commit', 'on', false)"
             " where pg_catalog.current_setting('synchronous_commit') in ('off', 'local')",
             role, options->statement_timeout_ms);
    return db_script(db, sql);
}
