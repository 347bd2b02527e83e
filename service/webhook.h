/*
 * Tells the operator's URL when people are asked to approve a call, and what became of it
 * (--approval-webhook). What is to be told is in the ledger, written with what it tells of
 * (sql/022); a thread of its own sends what is due, over service/outbound, and settles it. At least
 * once: a message is claimed for a while, so that of several services one sends it, and is due
 * again where nobody settled it. A receiver that is away is tried again, later each time, a bounded
 * number of times, and a bounded number of messages is under way: the others wait in the ledger.
 */
#ifndef WRIT_SERVICE_WEBHOOK_H
#define WRIT_SERVICE_WEBHOOK_H

#include "base/status.h"

struct service;
struct webhook;

/* NULL where no URL is told. */
struct writ_result webhook_start(struct service *service,
                                 struct webhook **ret_webhook) WRIT_MUST_CHECK;
/* There is something to tell. Any thread, never blocks; takes NULL. */
void webhook_wake(struct webhook *webhook);
/* Sends nothing from now on. Takes NULL. */
void webhook_end(struct webhook *webhook);
/* When what was under way is over: behind outbound_stop. Takes NULL; returns NULL. */
struct webhook *webhook_free(struct webhook *webhook);

#endif
