/*
 * The way of a decision: one array of checks (decide.c), read from top to bottom. This room judges
 * one use from memory and hands the result to the ledger, which re-checks what must be exact in
 * the transaction that records it. It knows no HTTP; it never permits outside of that array.
 */
#ifndef WRIT_DECIDE_DECIDE_H
#define WRIT_DECIDE_DECIDE_H

#include "ledger/account.h"
#include "ledger/chain.h"
#include "ledger/registry.h"
#include "policy/policy.h"
#include "remotes.h"
#include "service.h"
#include "token/proof.h"

/* What was presented, as read from the request; nothing of it is believed yet. */
struct decide_presentation {
    struct uuid task;
    uint8_t leaf_hash[32];
    const struct writ_slice *compacts; /* NULL: by reference */
    size_t count;
    struct writ_slice proof;
};

/* Who is said to make the call, where the enforcement point names somebody. */
struct decision_subject {
    enum { SUBJECT_UNNAMED, SUBJECT_AGENT, SUBJECT_HOLDER } kind;
    struct writ_slice id; /* the agent's name, or the thumbprint of the key */
};

/* What people have to approve, and whether they did (approval.h). */
struct decision_approval {
    bool presented; /* `id` came with the request */
    struct uuid id;
    const struct writ_slice *given; /* who has said yes so far, by name and by group */
    size_t given_count;
    bool waits;     /* for more answers */
    bool is_a_must; /* policies deny unless people approve; `otherwise` is that denial */
    struct policy_answer otherwise;
    struct writ_json *rules; /* an array */
    struct writ_slice bound; /* what the digest is of; empty where nothing asks for one */
    uint8_t digest[32];
};

struct decision {
    /* The question. */
    struct service *service;
    struct writ_arena *arena;
    const struct registry *registry;
    const struct registry_client *client; /* the enforcement point */
    struct decide_presentation presented;
    struct writ_slice tool;
    const struct writ_json *args;
    struct writ_slice arguments; /* RFC 8785 */
    uint8_t arguments_sha256[32];
    uint8_t request_sha256[32];
    struct writ_slice idempotency_key; /* empty: none */
    struct decision_subject subject;
    int64_t now_us;
    /* Where a check has to wait (decide_wait): the judging goes on, on whatever thread. */
    void (*go_on)(struct decision *decision);
    void *context;

    /* What was found on the way. */
    size_t passed;       /* checks, so far */
    struct chain *chain; /* NULL: the ledger does not know it */
    const struct registry_tool *registered;
    bool has_effects;        /* the tool changes something, or sends something out */
    bool possessed;          /* the proof was verified: from here a denial is recorded whole */
    bool waits;              /* the next check, for what others have to say */
    bool is_told;            /* they have said it */
    bool refused_before;     /* what was asked for, and for good: id is that decision's */
    int64_t pinned_since_us; /* the destination (pin.h); 0: nobody pins it */
    struct writ_proof proof;
    struct policy_request *question; /* to the policies */
    struct policy_answer policy;     /* what people are asked by, and approve */
    struct remotes_question asked;   /* the same question, elsewhere */
    struct policy_answer told;       /* and the answer to it */
    struct writ_slice engines;       /* what each of them said, as JSON; no data: none was asked */
    struct debit *debits;            /* what the call asks of budget accounts */
    size_t debit_count;
    uint8_t asked_sha256[32]; /* what was asked for, by whomever (friction.h) */
    struct uuid refused_at;   /* below this delegation, where it was refused before */

    struct decision_approval approval;

    /* The answer. */
    struct uuid id;
    bool buffered;
    bool repeated;
    int64_t partitions_until_us; /* as of the same view (view.h) */
    int64_t staleness_us;        /* of the view that was used; 0: judged again in the ledger */
    int64_t start_by_us;
    struct writ_denial denial; /* outcome WRIT_OK: permit */
};

/* Shape of the presentation, tool and arguments: MALFORMED, NON_CANONICAL. Fills presented, tool,
 * args, arguments, arguments_sha256, or the denial. */
struct writ_result decide_read(struct decision *decision, const struct writ_json *presentation,
                               struct writ_slice tool,
                               const struct writ_json *args) WRIT_MUST_CHECK;
/* All checks that memory can make, in order, on decision->chain. On success the decision still has
 * to be recorded; it is a permit only then. Where a check waits for others it fails, with
 * decision->waits: decide_wait asks them, and decide_judge is called once more by go_on. */
struct writ_result decide_judge(struct decision *decision) WRIT_MUST_CHECK;
/* The last thing that the caller does with it: go_on may run on another thread before this returns,
 * or on this one. */
void decide_wait(struct decision *decision);
/* The verifier that the service judges with. */
struct writ_verifier decide_verifier(const struct service *service, struct writ_slice audience,
                                     int64_t now_us);

#endif
