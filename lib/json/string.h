/* The strings of JSON: from one quote to the other, escapes and UTF-8 judged. */
#ifndef WRIT_JSON_STRING_H
#define WRIT_JSON_STRING_H

#include "base/arena.h"
#include "base/status.h"

/* `rest` begins with the opening quote, and is what follows the closing one when this succeeds.
 * The text is a terminated copy in the arena. MALFORMED: no end, a control character, an escape
 * that is none, half a surrogate pair, U+0000, or bytes that are no UTF-8. */
struct writ_result writ_json_string_read(struct writ_arena *arena, struct writ_slice *rest,
                                         struct writ_slice *ret_text) WRIT_MUST_CHECK;

#endif
