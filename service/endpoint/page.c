#include "endpoint/page.h"

void page_answer(struct call *call, struct writ_result result, const struct db_result *rows,
                 const struct page *page, int64_t limit)
{
    if (!writ_is_ok(result)) {
        call_fail_read(call, result, "");
        return;
    }
    const bool has_next = db_rows(rows) > (size_t)limit;
    const size_t count = has_next ? (size_t)limit : db_rows(rows);
    struct writ_json *answer = writ_json_new_object(call->arena);
    struct writ_json *list = writ_json_new_array(call->arena);
    for (size_t i = 0; i < count; i++)
        writ_json_add(call->arena, list, page->entry(call, rows, i));
    writ_json_put(call->arena, answer, page->name, list);
    if (has_next) {
        const struct writ_slice position = page->position ? page->position(call, rows, count - 1)
                                                          : db_get_text(rows, count - 1, 0);
        call_put_cursor(call, answer, position);
        answer = position.data ? answer : NULL;
    }
    call_answer(call, 200, answer);
}
