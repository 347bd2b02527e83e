/* What the operations work on: a chain of three with every kind of constraint and term. */
#ifndef WRIT_TESTS_MEMORY_INPUTS_H
#define WRIT_TESTS_MEMORY_INPUTS_H

#include "authority/authority.h"
#include "unit/forge.h"

#define OURS WRIT_PROFILE_AAT_02_WRIT
#define AGENT "agent-2"
#define TASK "task-1"
#define NONCE "nonce-1"
#define APPROVAL "approval-1"
#define DIGEST "digest-1"
#define WIDER "read_file(path under /), send_email"

struct inputs {
    struct writ_arena arena;
    struct forge_chain chain;              /* of three links; sealed */
    struct writ_presentation presentation; /* with a proof that shows a digest */
    struct writ_slice tool;
    struct writ_slice args;
    size_t replay_asked; /* how often the verifier asked whether the proof was used before */

    struct writ_slice tools[2];          /* JSON; the second is narrower */
    const struct writ_authority *parent; /* read from tools[0] */
    const struct writ_authority *child;  /* from tools[1] */
    const struct writ_authority *wider;  /* than both */
    struct writ_slice notation;          /* of the parent */
    struct writ_grant grant;             /* below the chain's second link */
    struct writ_slice proposal;          /* input of a child of the second link */
    struct writ_slice proposal_too_wide;
    struct writ_slice enrolment, request, approval; /* signed by the holder of the leaf */
    struct writ_key holder;                         /* of the leaf */
    struct writ_slice jwk;                          /* of that key */
};

extern struct inputs inputs;

void inputs_start(void);
void inputs_end(void);

#endif
