#include "ledger/lines.h"

#include "base/slice.h"

#include <string.h>

struct writ_result lines_make(struct writ_arena *arena, size_t most, struct lines *ret_lines)
{
    const struct lines lines = {
        .of = writ_arena_array(arena, most, sizeof(int64_t)),
        .tasks = writ_arena_array(arena, most, 16),
        .ids = writ_arena_array(arena, most, 16),
        .holders = writ_arena_array(arena, most, sizeof(struct writ_slice)),
    };
    WRIT_ENSURE(lines.of && lines.tasks && lines.ids && lines.holders, OUT_OF_MEMORY);
    *ret_lines = lines;
    return WRIT_SUCCESS;
}

void lines_put(struct lines *lines, size_t row, const struct uuid *task, const struct uuid *id,
               const char *holder)
{
    const size_t at = lines->count++;
    lines->of[at] = (int64_t)row + 1;
    memcpy(lines->tasks[at], task->bytes, 16);
    memcpy(lines->ids[at], id->bytes, 16);
    lines->holders[at] = writ_slice_text(holder);
}
