/*
 * The memory of what died: revoked and completed delegations, ended tasks, revoked keys; followed
 * by feed number and epoch (DESIGN section 7). Memory may only refuse: a permit for a tool with
 * effects is re-checked in the recording transaction, and reads rest on this view only while it is
 * fresher than their bound. Fresh as of the moment this replica *sent* the newest own beat that it
 * has read back from what it follows: the primary, or with --follow a standby, where a beat shows
 * only after all that was committed before it.
 */
#ifndef WRIT_LEDGER_VIEW_H
#define WRIT_LEDGER_VIEW_H

#include "ledger/chain.h"

struct view;
struct service;

struct view_state {
    bool loaded;
    struct uuid epoch;
    int64_t head;
    int64_t staleness_us;        /* INT64_MAX before the first beat */
    const char *reason;          /* why it is not loaded or fresh; a literal */
    int64_t partitions_until_us; /* unix; decisions from then on can not be recorded */
};

/* Starts the follower's thread. on_beat is called there after each beat, and does not block. */
struct writ_result view_start(struct service *service, void (*on_beat)(struct service *service),
                              struct view **ret_view) WRIT_MUST_CHECK;
struct view *view_stop(struct view *view);
/* Read the feed now, not at the next tick. */
void view_wake(struct view *view);
void view_state(struct view *view, struct view_state *ret_state);

/* WRIT_OK as far as memory knows; REVOKED or TASK_CLOSED with the hop in the denial. */
struct writ_result view_check(struct view *view, const struct chain *chain,
                              struct writ_denial *ret_denial) WRIT_MUST_CHECK;
/* How often the label of the task was lowered: its label epoch, in which a label only rises. */
uint32_t view_label_epoch(struct view *view, const struct uuid *task);
/* A key that is known to be revoked, or no thumbprint at all. */
bool view_has_revoked_key(struct view *view, const char thumbprint[static 44]);

#endif
