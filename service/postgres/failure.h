/* What kind of failure an SQLSTATE is, and one line to say of it. Inside of the room only. */
#ifndef WRIT_POSTGRES_FAILURE_H
#define WRIT_POSTGRES_FAILURE_H

#include "postgres/db.h"

enum db_error failure_classify(const char *sqlstate);
/* Copies the first line; of NULL, nothing. */
void failure_line(char *ret_text, size_t size, const char *text);
/* Its first line behind what is there. */
void failure_add_line(char *text, size_t size, const char *more);

#endif
