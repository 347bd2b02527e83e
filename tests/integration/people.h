/* People who approve what agents ask for: their keys, what they sign, and the calls they are asked
 * about. */
#ifndef WRIT_TESTS_PEOPLE_H
#define WRIT_TESTS_PEOPLE_H

#include "actors.h"

struct person {
    char name[40];
    uint8_t seed[32];
    struct writ_key key;
};

/* The client that hands their words in; made by people_start. */
extern struct client approving;
void people_start(void);

struct answer person_enrol(const struct person *person, const char *groups);
/* Enrolled with a new key, by this name. */
struct person person_named(const char *name, const char *groups);
/* The same, by a name of its own that begins with this one. */
struct person person_new(const char *name, const char *groups);

#define BY_FINANCE "[{'tools': ['write_note'], 'approvers': ['finance'], 'quorum': 1}]"
/* A root for the planner under these rules of approval, or NULL, and a child of the executor's. */
void people_open(struct chain *chain, const char *rules);

/* A body of POST /v1/validate that says this approval, too. */
const char *body_approved(const char *body, const char *approval);
/* Calls as the leaf's holder; with an approval unless that is NULL. The second: write_note. */
struct answer call_tool_with(const struct chain *chain, const char *tool, const char *args,
                             const char *approval);
struct answer call_with(const struct chain *chain, const char *args, const char *approval);
/* That a call was refused and people are asked for it: the id. */
const char *people_asked(const struct answer *refused);
/* The same of a call that is made for that: write_note, without an approval. */
const char *people_ask(const struct chain *chain, const char *args);

const char *person_sign(const struct person *person, const char *id, const char *digest,
                        const char *decision);
struct answer person_vote_by(const struct person *person, const char *id, const char *act,
                             const char *statement);
/* Signs what the service shows: "approve" or "reject". */
struct answer person_vote(const struct person *person, const char *id, const char *act);
/* Approves, which is taken and makes this of it: "approved", or "pending" where it is not enough.
 */
void expect_vote(const struct person *person, const char *id, const char *state);

#endif
