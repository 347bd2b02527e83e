/*
 * Decisions into the ledger (W3, W7). The permits of the writer's batch are one statement, which
 * judges each of them again (permit.c); what it answers is the decision's own fate. Denials, and
 * permits that were answered before (buffered reads), are written as they are (record.c).
 */
#ifndef WRIT_LEDGER_RECORD_H
#define WRIT_LEDGER_RECORD_H

#include "ledger/account.h"
#include "ledger/writer.h"

#include <stdbool.h>

/* What a denial leaves behind beside its row (sql/019). */
struct record_friction {
    bool stays;      /* remembered, and counted against the presenter */
    bool is_decided; /* its decision is in the ledger already */
    bool is_repeat;  /* and so is this */
    uint8_t asked_sha256[32];
    struct uuid held_at; /* at and below this delegation */
    uint32_t refusals;   /* so many in a minute open the presenter's circuit; 0: never */
    uint32_t open_s;     /* for so long */
};

struct record {
    struct write_item item;
    /* Whether permit or denial: what decision holds. Borrowed until done is called. */
    struct uuid id;
    int64_t at_us;
    struct uuid delegation;
    const struct uuid *line;    /* root to leaf */
    const char *const *holders; /* their thumbprints, beside line */
    size_t line_count;
    const char *client;
    const char *audience;
    struct writ_slice tool;
    struct writ_slice arguments;
    const uint8_t *arguments_sha256;
    const uint8_t *request_sha256;
    struct writ_slice agent;
    const char *holder;
    struct writ_slice proof_jti;
    int64_t proof_iat_us;
    const uint8_t *leaf_hash;
    int64_t start_by_us;
    bool buffered; /* answered already, from memory: recorded as it was answered */
    bool has_effects;
    struct writ_slice idempotency_key;
    int64_t lease_s;
    int64_t window_s;                 /* how old a proof may be */
    int64_t policy_version;           /* 0: none */
    struct writ_slice policy_engines; /* what others said, in JSON; no data: none was asked */
    /* What people approved; digest NULL: nothing that has to be spent. */
    struct uuid approval;
    const uint8_t *approval_digest;
    /* W5, in JSON: what the call returns, what may leave by it (no data: nothing does), and what
     * may leave to a pinned destination, which this one is since (0: it is not). */
    struct writ_slice adds, release, release_pinned;
    int64_t pinned_at_us;
    /* Level and integrity that policies judged by; no data: none of them looked. */
    struct writ_slice judged_label;
    bool may_raise; /* the label: takes the task's lock alone */
    /* What it asks of accounts (a permit); its item names the same ones. */
    struct debit *debits;
    size_t debit_count;
    struct writ_arena *arena; /* of what comes out */
    /* A denial to write down; outcome WRIT_OK asks for a permit. */
    struct writ_denial denied;
    struct record_friction friction;

    /* Out. item.denial says what the ledger decided. */
    bool repeated;
    bool mismatched; /* the idempotency key belongs to another request */
    struct uuid earlier_id;
    const struct writ_json *label; /* the task's, after it; NULL when it was not judged */
    bool label_settled;            /* nobody wants it lowered */
    int64_t calls_left;            /* of one that was answered before: in its account */
    bool opened;                   /* the presenter's circuit */

    void (*done)(struct record *record);
    void *context;
};

/* Fills item; the rest is the caller's. */
void record_init(struct record *record, const struct uuid *task);
/* By what it holds: a permit to be judged, one that was answered, or a denial. As writer_submit. */
struct writ_result record_submit(struct record *record, struct writer *writer) WRIT_MUST_CHECK;
/* The same of a copy, as the request is answered at once; holders, holder and leaf_hash have to be
 * the chain's, which is held meanwhile. What becomes of it is logged, and what its account has left
 * then is kept in its chain. */
struct writ_result record_submit_copy(const struct record *record, struct chain *chain,
                                      struct writer *writer) WRIT_MUST_CHECK;

/* Shared by record.c and permit.c. */
extern const struct write_kind RAISE_KIND, PERMIT_KIND, PERMITTED_KIND;
struct record *record_of(struct write_item *item);
enum writ_status record_violated(const char *constraint);
void record_done(struct write_item *item);

#endif
