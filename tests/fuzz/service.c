/*
 * What the service reads without a database, one by the first byte: a request target, the head of
 * a request (as libmicrohttpd lays it out for guard.h), ids, and the file of its configuration.
 */
#include "fuzz.h"

#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config.h"
#include "http/guard.h"
#include "http/target.h"
#include "uuid.h"

static void target(struct writ_arena *arena, struct writ_slice input)
{
    struct target target;
    struct writ_slice text;
    if (!writ_is_ok(target_parse(arena, input, &target)))
        return;
    FUZZ_HOLDS(target.segment_count <= TARGET_SEGMENTS && target.query_count <= TARGET_PARAMETERS);
    FUZZ_HOLDS(target.path[0] == '/');
    for (size_t i = 0; i < target.segment_count; i++) {
        FUZZ_HOLDS(!memchr(target.segments[i].data, '/', target.segments[i].size));
        if (!writ_is_ok(target_decode_segment(arena, target.segments[i], &text)))
            continue;
        FUZZ_HOLDS(text.size > 0 && text.size <= target.segments[i].size);
        for (size_t k = 0; k < text.size; k++)
            FUZZ_HOLDS(text.data[k] >= ' ' && text.data[k] != 0x7f);
    }
    for (size_t i = 0; i < target.query_count; i++) {
        FUZZ_HOLDS(!memchr(target.query[i].value.data, '\0', target.query[i].value.size));
        for (size_t k = 0; k < i; k++)
            FUZZ_HOLDS(!writ_slice_equal(target.query[i].name, target.query[k].name));
    }
}

/* ---- A head --------------------------------------------------------------------------------- */

enum { HEADERS_MAX = 16 };

static char *end_at(char *text, const char *mark)
{
    char *end = strstr(text, mark);
    if (end)
        memset(end, '\0', strlen(mark));
    return end;
}

/* The library has written over the end of each line by the time that guard.c looks, so a last line
 * that is a NUL and a bare LF is out of its reach (guard.h). */
static bool ends_in_crlf(struct writ_slice head)
{
    return head.size > 2 && memcmp(head.data + head.size - 2, "\r\n", 2) == 0;
}

/* Splits in place, at CRLF and at the first colon, and skips blanks, as the library does. */
static size_t split(char *at, struct guard_header *headers)
{
    size_t count = 0;
    while (count < HEADERS_MAX) {
        char *line = at, *end = end_at(line, "\r\n");
        if (!end || end == line)
            break;
        char *colon = end_at(line, ":");
        char *value = colon ? colon + 1 : end;
        while (*value == ' ' || *value == '\t')
            value++;
        headers[count++] = (struct guard_header){line, writ_slice_text(value), line, value};
        at = end + 2;
    }
    return count;
}

static size_t count_named(const struct guard_header *headers, size_t count, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += strcasecmp(headers[i].name, name) == 0;
    return found;
}

/* Whatever passes has one framing, which no two readers can take for two. */
static void head(struct writ_arena *arena, struct writ_slice input)
{
    struct guard_header headers[HEADERS_MAX];
    uint64_t length = 0;
    char *text = writ_arena_text(arena, input);
    char *end = end_at(text, "\r\n");
    char *version = end ? strrchr(text, ' ') : NULL;
    char *target_end = version;
    char *method_end = version ? end_at(text, " ") : NULL;
    if (!method_end || method_end >= target_end || !ends_in_crlf(input))
        return;
    *target_end = '\0';
    const size_t count = split(end + 2, headers);
    const struct guard_line line = {text, version + 1, (size_t)(target_end - method_end - 1),
                                    input.size};
    if (guard_find_fault(&line, headers, count))
        return;
    const size_t lengths = count_named(headers, count, "Content-Length");
    const size_t encodings = count_named(headers, count, "Transfer-Encoding");
    FUZZ_HOLDS(lengths + encodings <= 1);
    FUZZ_HOLDS(count_named(headers, count, "Host") <= 1);
    FUZZ_HOLDS(count_named(headers, count, "Authorization") <= 1);
    FUZZ_HOLDS(!memchr(input.data, '\0', input.size));
    for (size_t i = 0; i < count; i++)
        for (const char *c = headers[i].name; *c; c++)
            FUZZ_HOLDS(*c > ' ' && *c != ':');
    FUZZ_HOLDS(!guard_content_length(headers, count, &length) || lengths == 1);
}

static void id(struct writ_slice input)
{
    struct uuid uuid;
    char text[UUID_TEXT_SIZE];
    if (!uuid_parse(input, &uuid))
        return;
    uuid_text(&uuid, text);
    FUZZ_HOLDS(writ_slice_is(input, text));
}

/* ---- Configuration --------------------------------------------------------------------------- */

static const char *file_of(struct writ_slice text)
{
    static int file = -1;
    static char path[32];
    if (file < 0) {
        file = memfd_create("config", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    }
    FUZZ_HOLDS(file >= 0 && ftruncate(file, 0) == 0);
    FUZZ_HOLDS(pwrite(file, text.data, text.size, 0) == (ssize_t)text.size);
    return path;
}

static void config(struct writ_slice input)
{
    static FILE *nowhere;
    static char program[] = "writd", check[] = "--check-config", from[] = "--config";
    char path[32];
    struct config config;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    snprintf(path, sizeof path, "%s", file_of(input));
    char *const argv[] = {program, check, from, path, NULL};
    const enum config_outcome outcome = config_read(&config, 4, argv, nowhere, nowhere);
    FUZZ_HOLDS(outcome == CONFIG_REFUSED || outcome == CONFIG_CHECKED);
    if (outcome == CONFIG_CHECKED) {
        FUZZ_HOLDS(config.listen_host && strchr(config.issuer_url, ':') && config.data_dir[0]);
        FUZZ_HOLDS(config.threads >= 1 && config.threads <= 256 && config.connections >= 1);
        FUZZ_HOLDS(config.max_depth >= 1 && config.max_depth <= WRIT_DEPTH_MAX);
        FUZZ_HOLDS(config.pop_window_s >= 1 && config.pop_window_s <= 600);
        FUZZ_HOLDS(config.staleness_write_ms <= config.staleness_read_ms);
        FUZZ_HOLDS(!config.tls_cert == !config.tls_key);
    }
    config_done(&config);
}

void fuzz(struct writ_arena *arena, struct writ_slice input)
{
    if (input.size > 0 && input.data[0] == '/')
        target(arena, input);
    else if (input.size > 0 && input.data[0] == '#')
        id(writ_slice_of(input.data + 1, input.size - 1));
    else if (input.size > 0 && input.data[0] == '=')
        config(writ_slice_of(input.data + 1, input.size - 1));
    else
        head(arena, input);
}
