/*
 * What time ends: one thread records the end of tasks whose deadline passed, and gives back what is
 * left in the accounts of whatever is dead. Nothing waits for it: tokens are dead at their deadline
 * and calls of a dead link are refused, whether it came by or not. Every service sweeps; whoever
 * comes second finds it done.
 */
#ifndef WRIT_LEDGER_SWEEP_H
#define WRIT_LEDGER_SWEEP_H

#include "base/status.h"

struct service;
struct sweep;

struct writ_result sweep_start(struct service *service, struct sweep **ret_sweep) WRIT_MUST_CHECK;
/* Takes NULL; returns NULL. */
struct sweep *sweep_stop(struct sweep *sweep);

#endif
