/*
 * Events on stderr, one logfmt line each: ts level event, then the fields given. Values are
 * escaped, so that nobody's text can start a line or forge a field. One write(2) a line: safe from
 * any thread. An event that repeats more than LOG_BURST times a second is dropped, and the next
 * line of that event says how many were; debug lines are not limited.
 *
 *     log_warn("database_lost", LOG_TEXT("error", message), LOG_INT("attempt", 3));
 *
 * Never logged, by anybody: tokens, keys, secrets, arguments. Digests and ids only.
 */
#ifndef WRIT_SERVICE_LOG_H
#define WRIT_SERVICE_LOG_H

#include "base/slice.h"

enum { LOG_BURST = 20 };

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log_field {
    const char *name;
    const char *text; /* NULL: the slice if it has data, else the integer */
    struct writ_slice slice;
    int64_t integer;
};

static inline const char *log_or_empty(const char *text)
{
    return text ? text : "";
}

#define LOG_TEXT(key, value)                                                                       \
    {                                                                                              \
        .name = (key), .text = log_or_empty(value)                                                 \
    }
#define LOG_SLICE(key, value)                                                                      \
    {                                                                                              \
        .name = (key), .slice = (value)                                                            \
    }
#define LOG_INT(key, value)                                                                        \
    {                                                                                              \
        .name = (key), .integer = (int64_t)(value)                                                 \
    }

#define LOG_WRITE(level, event, ...)                                                               \
    log_write((level), (event), (const struct log_field[]){{.name = NULL}, __VA_ARGS__},           \
              sizeof((const struct log_field[]){{.name = NULL}, __VA_ARGS__}) /                    \
                  sizeof(struct log_field))
#define log_error(...) LOG_WRITE(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) LOG_WRITE(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) LOG_WRITE(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) LOG_WRITE(LOG_LEVEL_DEBUG, __VA_ARGS__)

/* Info until told otherwise. */
void log_set_level(enum log_level level);
/* "error", "warn", "info", "debug"; false for anything else. */
bool log_level_parse(const char *name, enum log_level *ret_level);
bool log_enabled(enum log_level level);
/* Where lines go: stderr (2) until told otherwise; tests give a pipe. */
void log_set_descriptor(int descriptor);
/* Fields without a name are skipped. Call it through the macros. */
void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count);

#endif
