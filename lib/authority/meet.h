/* One computation of a meet: the constraints of meet.c within the authorities of meet_tools.c. */
#ifndef WRIT_AUTHORITY_MEET_H
#define WRIT_AUTHORITY_MEET_H

#include "authority/internal.h"

struct writ_meeting {
    struct writ_arena *arena;
    struct writ_work work; /* when it is spent, nothing more is granted */
    bool out_of_memory;
};

/* False: there is none, or out of memory or work. */
bool writ_meeting_meet(struct writ_meeting *meeting, const struct writ_constraint *a,
                       const struct writ_constraint *b, struct writ_constraint *ret_meet);

#endif
