#include "http/guard.h"

#include <string.h>
#include <strings.h>

/* Headers of which two are one too many: two readers could choose differently. */
static const char *const SINGLE[] = {
    "Host",          "Content-Length", "Transfer-Encoding",
    "Authorization", "Content-Type",   "Idempotency-Key",
};

/* Most differ in their first letter. */
static bool is_named(const struct guard_header *header, const char *name)
{
    enum { CASE = 0x20 };
    return ((header->name[0] ^ name[0]) & ~CASE) == 0 && strcasecmp(header->name, name) == 0;
}

static size_t count_of(const struct guard_header *headers, size_t count, const char *name)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += is_named(&headers[i], name);
    return found;
}

static const struct guard_header *find(const struct guard_header *headers, size_t count,
                                       const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (is_named(&headers[i], name))
            return &headers[i];
    return NULL;
}

static bool is_token(const char *name)
{
    if (*name == 0)
        return false;
    for (const char *c = name; *c; c++) {
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || *c == '-')
            continue;
        if (*c <= ' ' || *c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", *c))
            return false;
    }
    return true;
}

static bool has_control(struct writ_slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if ((value.data[i] < ' ' && value.data[i] != '\t') || value.data[i] == 0x7f)
            return true;
    return false;
}

static bool is_digits(struct writ_slice value)
{
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
    return value.size > 0;
}

static const char *find_framing_fault(bool is_old, const struct guard_header *headers, size_t count)
{
    const struct guard_header *length = find(headers, count, "Content-Length");
    const struct guard_header *encoding = find(headers, count, "Transfer-Encoding");
    if (length && encoding)
        return "Content-Length and Transfer-Encoding exclude each other.";
    if (length && !is_digits(length->value))
        return "Content-Length must be a number.";
    if (encoding && is_old)
        return "HTTP/1.0 has no Transfer-Encoding.";
    /* The library compares this way too; anything else it would read up to the end of the
     * connection. */
    if (encoding && (encoding->value.size != 7 ||
                     strncasecmp((const char *)encoding->value.data, "chunked", 7) != 0))
        return "The only Transfer-Encoding is chunked.";
    return NULL;
}

/* See guard.h: the addresses of the pieces of a head in which nothing was hidden. Integers, since
 * pointers that might be of different objects may not be compared. */
static bool is_plain(const struct guard_line *line, const struct guard_header *headers,
                     size_t count)
{
    enum { SPACE = 1, COLON = 1, CRLF = 2 };
    const uintptr_t start = (uintptr_t)line->method;
    const uintptr_t version = (uintptr_t)line->version;
    if (version != start + strlen(line->method) + SPACE + line->target_size + SPACE)
        return false;
    uintptr_t next = version + strlen(line->version) + CRLF;
    for (size_t i = 0; i < count; i++) {
        const uintptr_t name = (uintptr_t)headers[i].raw_name;
        const uintptr_t value = (uintptr_t)headers[i].raw_value;
        if (name != next || value < name + strlen(headers[i].name) + COLON)
            return false;
        next = value + headers[i].value.size + CRLF;
    }
    return next + CRLF == start + line->head_size;
}

const char *guard_find_fault(const struct guard_line *line, const struct guard_header *headers,
                             size_t count)
{
    const bool is_old = strcmp(line->version, "HTTP/1.0") == 0;
    if (!is_old && strcmp(line->version, "HTTP/1.1") != 0)
        return "The version must be HTTP/1.0 or HTTP/1.1.";
    for (size_t i = 0; i < count; i++) {
        if (!is_token(headers[i].name))
            return "A header name is not a token.";
        if (has_control(headers[i].value))
            return "A header value has a control character.";
    }
    if (!is_plain(line, headers, count))
        return "A line of the head is folded, has a NUL or no name, or does not end in CRLF.";
    for (size_t i = 0; i < sizeof SINGLE / sizeof SINGLE[0]; i++)
        if (count_of(headers, count, SINGLE[i]) > 1)
            return "A header that may not repeat is there twice.";
    if (!is_old && !find(headers, count, "Host"))
        return "There is no Host.";
    return find_framing_fault(is_old, headers, count);
}

bool guard_content_length(const struct guard_header *headers, size_t count, uint64_t *ret_size)
{
    const struct guard_header *length = find(headers, count, "Content-Length");
    if (!length || length->value.size > 18)
        return false;
    uint64_t size = 0;
    for (size_t i = 0; i < length->value.size; i++)
        size = size * 10 + (uint64_t)(length->value.data[i] - '0');
    *ret_size = size;
    return true;
}
