#include "log.h"

#include "clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    LINE_BYTES = 4096, /* PIPE_BUF: a line of this size is written whole or not at all */
    BUCKETS = 64,
    SECOND_US = 1000000,
};

static const char *const LEVEL_NAMES[] = {"error", "warn", "info", "debug"};

static atomic_int threshold = LOG_LEVEL_INFO;
static atomic_int output = STDERR_FILENO;

/* How often each event was seen in the running second. Two events of one level that share a bucket
 * share the allowance: a lost line, never a lost count. No error is lost for what is only told. */
struct bucket {
    int64_t second;
    uint32_t seen;
    uint32_t dropped;
};
static pthread_mutex_t bucket_lock = PTHREAD_MUTEX_INITIALIZER;
static struct bucket buckets[LOG_LEVEL_DEBUG][BUCKETS]; /* debug is never dropped */

struct line {
    size_t size;
    char bytes[LINE_BYTES];
};

void log_set_level(enum log_level level)
{
    atomic_store(&threshold, (int)level);
}

void log_set_descriptor(int descriptor)
{
    atomic_store(&output, descriptor);
}

bool log_enabled(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&threshold, memory_order_relaxed);
}

bool log_level_parse(const char *name, enum log_level *ret_level)
{
    for (size_t i = 0; i < sizeof LEVEL_NAMES / sizeof LEVEL_NAMES[0]; i++)
        if (strcmp(name, LEVEL_NAMES[i]) == 0) {
            *ret_level = (enum log_level)i;
            return true;
        }
    return false;
}

/* False: drop this line. Otherwise *ret_dropped tells how many were dropped before it. */
static bool admit(enum log_level level, const char *event, uint32_t *ret_dropped)
{
    uint32_t hash = 2166136261U;
    for (const char *c = event; *c; c++)
        hash = (hash ^ (uint8_t)*c) * 16777619U;
    struct bucket *bucket = &buckets[level][hash % BUCKETS];
    const int64_t second = clock_monotonic_us() / SECOND_US;

    pthread_mutex_lock(&bucket_lock);
    if (bucket->second != second) {
        bucket->second = second;
        bucket->seen = 0;
    }
    const bool admitted = bucket->seen < LOG_BURST;
    if (admitted) {
        bucket->seen++;
        *ret_dropped = bucket->dropped;
        bucket->dropped = 0;
    } else {
        bucket->dropped++;
    }
    pthread_mutex_unlock(&bucket_lock);
    return admitted;
}

/* One byte is kept for the newline: a line that is too long is cut, never split. */
static void put(struct line *line, const char *bytes, size_t size)
{
    const size_t room = sizeof line->bytes - 1 - line->size;
    const size_t taken = size < room ? size : room;
    memcpy(line->bytes + line->size, bytes, taken);
    line->size += taken;
}

static bool is_plain(uint8_t c)
{
    return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
}

static void put_value(struct line *line, struct writ_slice value)
{
    bool plain = value.size > 0;
    for (size_t i = 0; plain && i < value.size; i++)
        plain = is_plain(value.data[i]);
    if (plain) {
        put(line, (const char *)value.data, value.size);
        return;
    }
    put(line, "\"", 1);
    for (size_t i = 0; i < value.size; i++) {
        const uint8_t c = value.data[i];
        const char same[2] = {(char)c, 0};
        char escaped[8];
        if (c == '\n')
            put(line, "\\n", 2);
        else if (c == '"' || c == '\\')
            put(line, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\%c", c));
        else if (c < ' ' || c >= 0x7f)
            put(line, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\x%02x", c));
        else
            put(line, same, 1);
    }
    put(line, "\"", 1);
}

static void put_field(struct line *line, const char *name, struct writ_slice value)
{
    put(line, " ", 1);
    put(line, name, strlen(name));
    put(line, "=", 1);
    put_value(line, value);
}

static void put_integer(struct line *line, const char *name, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    put_field(line, name, writ_slice_text(text));
}

void log_write(enum log_level level, const char *event, const struct log_field *fields,
               size_t count)
{
    uint32_t dropped = 0;
    if (!log_enabled(level))
        return;
    if (level != LOG_LEVEL_DEBUG && !admit(level, event, &dropped))
        return;

    char now[CLOCK_TEXT_SIZE];
    clock_text(clock_unix_us(), now);
    struct line line = {.size = 0};
    put(&line, "ts=", 3);
    put(&line, now, strlen(now));
    put_field(&line, "level", writ_slice_text(LEVEL_NAMES[level]));
    put_field(&line, "event", writ_slice_text(event));
    for (size_t i = 0; i < count; i++) {
        const struct log_field *field = &fields[i];
        if (!field->name)
            continue;
        if (field->text)
            put_field(&line, field->name, writ_slice_text(field->text));
        else if (field->slice.data)
            put_field(&line, field->name, field->slice);
        else
            put_integer(&line, field->name, field->integer);
    }
    if (dropped > 0)
        put_integer(&line, "dropped_before", dropped);
    line.bytes[line.size++] = '\n';
    /* Nowhere to report a failed log line. */
    const ssize_t written = write(atomic_load(&output), line.bytes, line.size);
    (void)written;
}
