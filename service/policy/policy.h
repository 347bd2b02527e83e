/*
 * Policy as code: one interface, whatever the engine behind it. A policy can only restrict: what
 * it permits still has to pass all other checks, and where it does not answer it denies.
 *
 * This room is pure, like lib: no I/O and no clock, and it knows no other room. `writ policy test`
 * judges by the same code as the service.
 */
#ifndef WRIT_POLICY_POLICY_H
#define WRIT_POLICY_POLICY_H

#include "token/terms.h"
#include "writ.h"

/* ---- The question ------------------------------------------------------------------------- */

enum policy_action { POLICY_ISSUE, POLICY_DELEGATE, POLICY_CALL, POLICY_DECLASSIFY };
/* "issue", "delegate", "call", "declassify". */
const char *policy_action_text(enum policy_action action);

/* A name, and the role that the registry has for it (empty: none). */
struct policy_party {
    struct writ_slice name;
    struct writ_slice role;
};

struct policy_task {
    struct writ_slice id;
    struct writ_slice principal;
    struct writ_slice purpose;
    struct writ_slice state;
    struct policy_party opened_by;
    int64_t deadline_us;
};

struct policy_tool {
    struct writ_slice audience;
    struct writ_slice name;
    bool registered; /* else what follows is the strictest */
    struct writ_slice effect;
    bool sends;
    struct writ_label sensitivity;
};

/* All of it is borrowed. What an action has no use for is left zero. */
struct policy_request {
    enum policy_action action;
    int64_t now_us;
    struct policy_party client;      /* issue, declassify: who asks */
    const struct policy_party *line; /* delegate, call: agents of the chain, root first; the last
                                        one is who calls, or who passes on */
    size_t line_count;
    struct policy_party to; /* issue, delegate: whose the token will be */
    bool attributed;        /* call */
    struct policy_task task;
    struct policy_tool tool;               /* issue, delegate, call */
    struct writ_label clearance;           /* delegate: the child's; call: the leaf's */
    const struct writ_slice *destinations; /* call */
    size_t destination_count;
    const struct writ_slice *approvals; /* call: who has approved it so far, by name and by group */
    size_t approval_count;
    struct writ_label label; /* call: of the task, before it; its categories are not known */
    bool at_best;            /* call: whoever else may approve it; see policy_ask_at_best */
    struct writ_label from, down_to; /* declassify */
    /* Hold the question itself to the schema: for tests, as it costs more than the judging. */
    bool is_checked;
};

/* ---- The answer --------------------------------------------------------------------------- */

enum { POLICY_QUORUM_MAX = 100, POLICY_APPROVERS_MAX = 32 };

/* A policy, as far as it takes part in an answer. Lives as long as the engine. */
struct policy_rule {
    struct writ_slice id;
    uint8_t sha256[32]; /* of its text */
    bool permits;
    /* @obligation("approval"): who is permitted by this rule needs `quorum` different people of
     * the groups in @approvers. */
    bool needs_approval;
    const struct writ_slice *approvers;
    size_t approver_count;
    int64_t quorum;
    /* It looks at who asks, or at what time changes (the clock, the label, who has approved):
     * another agent of the task, or the same one later, may be answered otherwise. */
    bool is_of_the_presenter;
    bool is_of_the_hour;
};

enum policy_verdict {
    POLICY_FAILED, /* nothing that was not set is a permit */
    POLICY_DENIED,
    POLICY_PERMITTED,
};

struct policy_answer {
    enum policy_verdict verdict;
    /* What decided: the permits that hold, the forbids that hold (none: nothing permits), or the
     * policies that failed. In the arena of the judging. */
    const struct policy_rule **rules;
    size_t rule_count;
    /* POLICY_PERMITTED only: some of `rules` have an obligation. Each of these has to be met. */
    bool needs_approval;
    /* POLICY_DENIED only: some of `rules` are, or there are none. */
    bool is_of_the_presenter;
    bool is_of_the_hour;
    /* Of a remote engine: the decision in its log (mostly empty), and all that the answer rests on,
     * whose digest is that of its rules; NULL where it gave none. */
    struct writ_slice reference;
    const struct writ_json *basis;
    char detail[256]; /* for people, where it is no permit */
};

/* An id that may be shown: 1 to 100 printable characters of ASCII without space or comma. */
bool policy_id_is_plain(struct writ_slice id);
/* What may be known of the label of a task: {"confidentiality", "integrity"}; NULL: out of memory.
 */
struct writ_json *policy_level_json(struct writ_arena *arena, const struct writ_label *label);
/* Both have to permit: `answer` becomes what the two of them say together. One that denies is heard
 * before one that failed. POLICY_FAILED too when out of memory. */
void policy_join(struct writ_arena *arena, struct policy_answer *answer,
                 const struct policy_answer *other);
/* WRIT_OK; POLICY_DENIED or POLICY_ERROR with the ids in the denial. */
struct writ_result policy_conclude(const struct policy_answer *answer,
                                   struct writ_denial *ret_denial) WRIT_MUST_CHECK;

/* ---- An engine ---------------------------------------------------------------------------- */

struct policy_engine;

struct policy_engine_kind {
    const char *name;
    /* May be called by many threads at once. Whatever it can not answer is POLICY_FAILED. */
    void (*judge)(const struct policy_engine *engine, struct writ_arena *arena,
                  const struct policy_request *request, struct policy_answer *ret_answer);
    struct policy_engine *(*free)(struct policy_engine *engine);
};

struct policy_engine {
    const struct policy_engine_kind *kind; /* the first member of each engine */
    bool sees_approvals;                   /* some policy looks at who has approved */
    bool sees_label;                       /* and at the label of the task */
};

/* NULL, where no policy is in force, permits. The answer is filled in any case. */
void policy_ask(const struct policy_engine *engine, struct writ_arena *arena,
                const struct policy_request *request, struct policy_answer *ret_answer);
/*
 * The same with the approvals left open, where some policy looks at them: permits that can hold, if
 * the right people approve, against forbids that hold whoever does. Else it is `now`, which
 * policy_ask said.
 *
 * This is what people are asked by, and what their approval binds: it is the same before and after
 * they approve, and whatever permits then is in it.
 */
void policy_ask_at_best(const struct policy_engine *engine, struct writ_arena *arena,
                        const struct policy_request *request, const struct policy_answer *now,
                        struct policy_answer *ret_answer);
/* Takes NULL; returns NULL. */
struct policy_engine *policy_engine_free(struct policy_engine *engine);

#endif
