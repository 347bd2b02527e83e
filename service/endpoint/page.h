/* A page of a list, which is the same for every resource: entries, and where the next page begins.
 */
#ifndef WRIT_ENDPOINT_PAGE_H
#define WRIT_ENDPOINT_PAGE_H

#include "endpoint/call.h"
#include "postgres/db.h"

struct page {
    const char *name; /* of the list in the answer */
    struct writ_json *(*entry)(struct call *call, const struct db_result *rows, size_t row);
    /* Of the cursor behind this row; NULL: the text of the first column. */
    struct writ_slice (*position)(struct call *call, const struct db_result *rows, size_t row);
};

/* How many rows a statement is asked for: one more tells whether there is a next page. */
static inline struct db_param page_rows(int64_t limit)
{
    return db_int8(limit + 1);
}
/* Answers the call with what the statement gave, or with its failure. */
void page_answer(struct call *call, struct writ_result result, const struct db_result *rows,
                 const struct page *page, int64_t limit);

#endif
