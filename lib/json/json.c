#include "json/json.h"

#include "json/plain.h"
#include "json/reader.h"

struct writ_result writ_json_parse(struct writ_arena *arena, struct writ_slice text,
                                   const struct writ_json **ret_value)
{
    const struct writ_json *plain = writ_json_read_plain(arena, text);
    if (!plain)
        return writ_json_read_any(arena, text, ret_value);
    *ret_value = plain;
    return WRIT_SUCCESS;
}
