/*
 * What clients asked and were answered, with the times at which each request began and ended, and
 * the judge that compares all of it with the database afterwards: tests/history/check.sql, a
 * sentence a rule. The clients are believed, not the service.
 */
#ifndef WRIT_TESTS_HISTORY_H
#define WRIT_TESTS_HISTORY_H

#include "harness.h"

#include <stdio.h>

enum { EVENT_ID_CAP = 40, EVENT_HASH_CAP = 48 };

/* One request. An empty text: there was none. Hashes are base64url. */
struct event {
    const char *kind; /* admit, use, revoke, complete, end or renew */
    int worker, server;
    double begun_s, ended_s; /* monotonic */
    long status;             /* 0: no answer */
    char code[32];           /* of a refusal */
    char client[16];
    char key[32];              /* Idempotency-Key */
    char body[EVENT_HASH_CAP]; /* SHA-256 */
    char task[EVENT_ID_CAP];
    char delegation[EVENT_ID_CAP]; /* the node that it is about; of an admission the parent */
    char leaf[EVENT_HASH_CAP];     /* the token that was used, or is to be admitted */
    char jti[EVENT_ID_CAP];        /* of the proof */
    char tool[16];
    char arguments[EVENT_HASH_CAP]; /* digest, as the client knows it */
    char said[EVENT_HASH_CAP];      /* and as it was answered */
    char made[EVENT_ID_CAP];        /* what was answered: a delegation, a decision */
    bool buffered;                  /* the answer says that it was not durable yet */
};

struct history {
    struct event *events;
    size_t count, capacity;
};

/* What a rule allows: how old a view may be that a buffered read or a renewal rests on, and when
 * buffered reads were answered that a crash may have lost (0: never). */
struct history_bounds {
    double staleness_s;
    double lost_from_s, lost_until_s;
};

void history_add(struct history *history, const struct event *event);
/* Appends those of `other`, and frees it. */
void history_join(struct history *history, struct history *other);
void history_done(struct history *history);
/* One line of what happened, by kind and status. */
void history_print(const struct history *history);
/* "" when the database agrees; else a line for each sentence that is broken: how often, and the
 * first example. Static. */
const char *history_complaints(const struct history *history, const struct postgres *postgres,
                               const struct history_bounds *bounds);

#endif
