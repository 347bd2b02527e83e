/* A child into the ledger (W1, W8, W9): with the others of its batch, in one statement. */
#ifndef WRIT_LEDGER_ADMISSION_H
#define WRIT_LEDGER_ADMISSION_H

#include "ledger/account.h"
#include "ledger/chain.h"
#include "ledger/writer.h"

struct admission {
    struct write_item item;
    struct uuid id;
    const struct chain *parent; /* its line is what must be live */
    const struct writ_token *token;
    struct writ_slice authority; /* JSON */
    struct writ_slice terms;     /* JSON, effective */
    uint8_t digest[32];          /* of both, by which the ledger knows them */
    struct writ_slice audience;  /* JSON, or empty */
    struct opening *openings;    /* budget accounts of its own */
    size_t opening_count;
    char holder[44];
    bool attributed;
    bool has_handle;
    uint8_t handle_sha256[32];
    const char *admitted_by;
    int64_t lease_s;
    /* The answer, kept for a repetition under the same key; no key: empty. */
    struct writ_slice idempotency_key;
    const uint8_t *body_sha256;
    struct writ_slice answer_sealed;

    void (*done)(struct admission *admission);
    void *context;
};

/* item.denial after done: WRIT_OK admitted, else what the ledger said. */
void admission_init(struct admission *admission, const struct uuid *task);
/* What the ledger records of a verified child of `parent`. `token` and what it borrows outlive the
 * admission. OUT_OF_MEMORY, BUDGET_EXCEEDED. */
struct writ_result admission_fill(struct admission *admission, struct writ_arena *arena,
                                  const struct chain *parent,
                                  const struct writ_token *token) WRIT_MUST_CHECK;
/* As writer_submit. */
struct writ_result admission_submit(struct admission *admission,
                                    struct writer *writer) WRIT_MUST_CHECK;
/* The same statement, now, on a session of the caller's; `done` is not called. */
struct writ_result admission_write(struct admission *admission, struct db *db) WRIT_MUST_CHECK;

#endif
