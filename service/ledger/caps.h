/*
 * How large a task may grow: its nodes, and the children of one node. Its revocations need no cap
 * of their own, as there is at most one a node, and nobody is ever kept from revoking. Counting a
 * task at each admission would cost what the task is large, so a count is remembered and made anew
 * after each sixty-fourth of the cap. What is on its way into the ledger is not counted yet: a cap
 * may be passed by the admissions in flight, and by a sixty-fourth for each further process.
 * Nothing is refused by memory: a full one is counted first, once a second.
 */
#ifndef WRIT_LEDGER_CAPS_H
#define WRIT_LEDGER_CAPS_H

#include "uuid.h"
#include "writ.h"

struct caps;
struct db;

struct caps_limits {
    uint32_t nodes;    /* of a task; 0: no cap, here and below */
    uint32_t children; /* of a node */
};

struct caps *caps_new(const struct caps_limits *limits);
struct caps *caps_free(struct caps *caps);
/* Before a child is admitted; counts it. CEILING_EXCEEDED with a denial. */
struct writ_result caps_admit(struct caps *caps, struct db *db, const struct uuid *task,
                              const struct uuid *parent,
                              struct writ_denial *ret_denial) WRIT_MUST_CHECK;

#endif
