/* The links of the lines of a batch, as columns of its statement: what is judged once for each of
 * its rows. */
#ifndef WRIT_LEDGER_LINES_H
#define WRIT_LEDGER_LINES_H

#include "uuid.h"
#include "writ.h"

struct lines {
    size_t count; /* so many were put */
    int64_t *of;  /* the row whose line it is, from 1 */
    uint8_t (*tasks)[16], (*ids)[16];
    struct writ_slice *holders; /* thumbprints, borrowed */
};

/* Room for `most` links. OUT_OF_MEMORY. */
struct writ_result lines_make(struct writ_arena *arena, size_t most,
                              struct lines *ret_lines) WRIT_MUST_CHECK;
/* The next link: of the row with this index, from 0. */
void lines_put(struct lines *lines, size_t row, const struct uuid *task, const struct uuid *id,
               const char *holder);

#endif
