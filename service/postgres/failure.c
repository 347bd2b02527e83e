#include "postgres/failure.h"

#include <stdio.h>
#include <string.h>

const char *db_error_text(enum db_error error)
{
    static const char *const TEXTS[] = {"ok", "constraint", "retry", "timeout", "lost", "other"};
    return TEXTS[error];
}

struct writ_result db_to_result(enum db_error error)
{
    if (error == DB_OK)
        return WRIT_SUCCESS;
    if (error == DB_LOST || error == DB_TIMEOUT || error == DB_RETRY)
        return WRIT_FAILURE(STATUS_UNKNOWN);
    return WRIT_FAILURE(INTERNAL);
}

void failure_line(char *ret_text, size_t size, const char *text)
{
    snprintf(ret_text, size, "%s", text ? text : "");
    ret_text[strcspn(ret_text, "\n")] = 0;
}

void failure_add_line(char *text, size_t size, const char *more)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%.*s", used > 0 ? "; " : "", (int)strcspn(more, "\n"),
             more);
}

static bool is_state(const char *state, const char *wanted)
{
    return strncmp(state, wanted, strlen(wanted)) == 0;
}

enum db_error failure_classify(const char *state)
{
    static const struct {
        const char *begins;
        enum db_error error;
    } CLASSES[] = {
        {"23", DB_CONSTRAINT}, {"40001", DB_RETRY}, /* serialization_failure */
        {"40P01", DB_RETRY},                        /* deadlock_detected */
        {"55P03", DB_RETRY},                        /* lock_not_available */
        {"57014", DB_TIMEOUT},                      /* query_canceled */
        {"57P", DB_LOST},                           /* shutting down, crashed, starting */
        {"08", DB_LOST},                            /* connection exceptions */
        {"25P03", DB_LOST},                         /* idle_in_transaction_session_timeout */
        {"25006", DB_LOST},                         /* read-only: this is no primary any more */
        {"53300", DB_LOST},                         /* too many connections */
        {"53", DB_TIMEOUT},                         /* no room on the disk, no memory */
        {"58", DB_TIMEOUT}, /* the system failed it, mostly input or output */
    };
    for (size_t i = 0; i < sizeof CLASSES / sizeof CLASSES[0]; i++)
        if (is_state(state, CLASSES[i].begins))
            return CLASSES[i].error;
    return DB_OTHER;
}
