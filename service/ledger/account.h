/*
 * Budget accounts (W4). A link has one for each entry of the budget that it says itself, carved out
 * of the nearest above it; a root that says nothing of calls has the operator's default. A call
 * falls, for each entry that covers it, on the nearest account of the line: which that is never
 * changes, what is in it only the ledger knows.
 */
#ifndef WRIT_LEDGER_ACCOUNT_H
#define WRIT_LEDGER_ACCOUNT_H

#include "ledger/chain.h"
#include "ledger/writer.h"

struct db;

/* The entry of the operator's default; the others are places in the budget of the effective terms,
 * from 1. */
enum { ACCOUNT_DEFAULT = 0 };

/* ---- Calls -------------------------------------------------------------------------------- */

/* What one call asks of one account. */
struct debit {
    struct account_key account;
    int hop;                                /* of the link whose account it is */
    struct writ_slice amount;               /* decimal text */
    bool is_reserved;                       /* until its outcome; else spent at once */
    struct writ_slice unit, tool, argument; /* tool, argument: none where the entry has none */
    struct writ_slice name;                 /* for people, fit to print: "usd (pay.amount)" */
    const char *remaining;                  /* once permitted: decimal text */
};

/* Of a call of this tool with these arguments. ARGUMENT_NOT_GRANTED, BUDGET_EXCEEDED where the
 * terms alone refuse it. */
struct writ_result account_debits(struct writ_arena *arena, const struct chain *chain,
                                  struct writ_slice tool, const struct writ_json *args,
                                  struct debit **ret_debits, size_t *ret_count,
                                  struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* ---- Links -------------------------------------------------------------------------------- */

/* An account that is opened with its link. */
struct opening {
    struct uuid task;
    struct account_key account;
    struct writ_slice unit, tool, argument;
    struct writ_slice granted;
    bool is_carved;
    struct account_key from;
};

/* Those of a root: what it says, and the operator's default of calls. */
struct writ_result account_open_root(struct writ_arena *arena, const struct uuid *task,
                                     const struct uuid *id, const struct writ_token *root,
                                     uint32_t default_calls, struct opening **ret_openings,
                                     size_t *ret_count) WRIT_MUST_CHECK;
/* Those of a child: what it says itself. BUDGET_EXCEEDED where there is nothing to carve from. */
struct writ_result account_open_child(struct writ_arena *arena, const struct chain *parent,
                                      const struct uuid *id, const struct writ_token *child,
                                      struct opening **ret_openings,
                                      size_t *ret_count) WRIT_MUST_CHECK;

/* What memory cannot know, asked before a child is admitted: BUDGET_EXCEEDED and how much is left
 * above. The CHECK of the account has the last word. */
struct writ_result account_check_openings(struct db *db, const struct opening *openings,
                                          size_t count, int hop,
                                          struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* ---- Statements --------------------------------------------------------------------------- */

/* Sends the lock of all accounts that the items name, if they name any: a result to receive.
 * Behind the locks of tasks, before the rows. */
enum db_error account_send_locks(struct db *db, struct write_item *const *items, size_t count,
                                 bool *ret_sent) WRIT_MUST_CHECK;
/* Sends the accounts of links that were sent before in the same transaction. */
struct writ_result account_send_openings(struct db *db, const struct opening *openings,
                                         size_t count) WRIT_MUST_CHECK;
/* The same, now. */
struct writ_result account_open(struct db *db, const struct opening *openings,
                                size_t count) WRIT_MUST_CHECK;
/* The CHECK that refuses what would not be conserved. */
#define ACCOUNT_CONSERVED "account_is_conserved"

#endif
