/*
 * What the HTTP library lets pass and we refuse (400 and close): a proxy in front that reads one of
 * these another way could be tricked into a second, smuggled request.
 *
 *   - a version other than HTTP/1.0 and HTTP/1.1
 *   - Content-Length twice, with anything but digits, or together with Transfer-Encoding
 *   - Transfer-Encoding twice, other than exactly "chunked", or in HTTP/1.0
 *   - Host twice; no Host in HTTP/1.1
 *   - Authorization, Content-Type or Idempotency-Key twice
 *   - a header name that is no token ("Content-Length : 5"), a control character in a value
 *   - a line that does not end in CRLF (a bare LF), a folded line, a NUL anywhere in the request
 *     line or in a header, a header line without a name
 *
 * The library hides those of the last point: it cuts a value at a NUL, ends the headers at a line
 * that begins with one, and joins a fold to the header's *name*. It parses in place, though, so
 * that the addresses which it gives us tell: where each piece begins exactly one separator behind
 * the one before, and the last ends where the headers do, nothing was hidden. Addresses are only
 * compared. A library that copied would fail here every time (and every test), never pass more.
 *
 * Left: trailers of a chunked body are parsed and dropped; nobody reads them. And a head whose last
 * line is one NUL and a bare LF ends there: the library has made it the two bytes of an ended CRLF
 * before anything of ours runs. A proxy would have to pass on a NUL in a head to be tricked by it.
 */
#ifndef WRIT_HTTP_GUARD_H
#define WRIT_HTTP_GUARD_H

#include "base/slice.h"

struct guard_header {
    const char *name; /* terminated */
    struct writ_slice value;
    const char *raw_name; /* where the library has them; never read */
    const char *raw_value;
};

/* The request line as the library has it, and how many bytes it counts up to the body. */
struct guard_line {
    const char *method;
    const char *version;
    size_t target_size;
    size_t head_size;
};

/* NULL when the request may go on, else the sentence that says what is wrong. */
const char *guard_find_fault(const struct guard_line *line, const struct guard_header *headers,
                             size_t count);
/* The one Content-Length; false where there is none, or it has more than 18 digits. Headers have
 * passed guard_find_fault. */
bool guard_content_length(const struct guard_header *headers, size_t count, uint64_t *ret_size);

#endif
