/* The request target: path segments and query parameters, strictly decoded. */
#ifndef WRIT_HTTP_TARGET_H
#define WRIT_HTTP_TARGET_H

#include "base/arena.h"
#include "base/status.h"

enum { TARGET_SEGMENTS = 16, TARGET_PARAMETERS = 32 };

struct target_pair {
    struct writ_slice name;
    struct writ_slice value;
};

struct target {
    const char *path; /* as sent */
    size_t segment_count;
    struct writ_slice segments[TARGET_SEGMENTS]; /* as sent */
    size_t query_count;
    struct target_pair query[TARGET_PARAMETERS]; /* decoded */
};

/* MALFORMED: not beginning with '/', more segments or parameters than the caps, a broken or NUL
 * escape, a parameter given twice. Segments are split before anything is decoded. */
struct writ_result target_parse(struct writ_arena *arena, struct writ_slice raw,
                                struct target *ret_target) WRIT_MUST_CHECK;
/* One segment; MALFORMED also for control characters and for nothing. */
struct writ_result target_decode_segment(struct writ_arena *arena, struct writ_slice segment,
                                         struct writ_slice *ret_text) WRIT_MUST_CHECK;

#endif
