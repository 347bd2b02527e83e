/*
 * The cast: API clients, holders with keys of their own, tasks and chains. Holders here are
 * self-held: their seeds are in the test, and every token and proof is made by the raw signer
 * (tests/unit/forge.h) from claims that a test may spoil first. Only root tokens are the service's.
 *
 *     struct chain chain;
 *     chain_open(&chain, &cast.planner);                    a task and its root, self-held
 *     chain_extend(&chain, &cast.executor, NULL);           the same authority, one deeper
 *     const struct answer answer = chain_call(&chain, "read_file", "{'path': '/notes/a.md'}");
 *     expect_status(answer, 200);
 */
#ifndef WRIT_TESTS_ACTORS_H
#define WRIT_TESTS_ACTORS_H

#include "client.h"
#include "writ.h"

#define AUDIENCE "https://tools.test"
#define OTHER_AUDIENCE "https://other.test"
/* Flags of a server whose reads from memory end for other reasons than the operator's budget. */
#define UNCOUNTED_CALLS "--default-budget-calls", "1000000000"
/* What the issuer may grant at most, and what a chain grants by default. */
#define GRANT                                                                                      \
    "read_file(path under /notes), write_note(path under /notes, text any), "                      \
    "send_email(to subset [a@x.test, b@x.test], body? any)"

/* An agent with an API client, and one key that it enrolled. */
struct actor {
    const char *agent;
    struct client *client;
    uint8_t seed[32];
    struct writ_key key;
    char thumbprint[44];
};

struct cast {
    struct client admin;
    struct client issuer;     /* ceiling: GRANT, everybody, both audiences */
    struct client planning;   /* role orchestrator, agent planner */
    struct client retrieving; /* role agent */
    struct client executing;  /* role agent */
    struct client enforcer;   /* AUDIENCE */
    struct client outsider;   /* enforcer of OTHER_AUDIENCE */
    struct client auditor;
    struct actor planner;
    struct actor retriever;
    struct actor executor;
};

/* Registers everything at a server; keys are the same in every process of a run. */
void cast_register(struct cast *cast, const struct server *server);
/* Until another server of the same database knows the last of them: within a beat. */
void cast_await(const struct server *server);
/* The same of a client that was changed since, and so of all that was changed before. */
void cast_await_client(const struct client *client, const struct server *server);
/* From now on reading files is answered before it is recorded. */
void cast_buffer_reads(struct cast *known);
/* At the shared pair; made by main before the tests are forked. */
extern struct cast cast;

/* Registers an API client at the shared pair with this body, and is that client. */
struct client client_new(const char *name, const char *body);

/* A fresh key of the actor's agent, not enrolled. */
struct actor actor_sibling(const struct actor *actor);
/* Signs the nonce that the service gives. */
struct answer actor_enrol(const struct actor *actor);
/* A sibling, enrolled. */
struct actor actor_fresh(const struct actor *actor);
const char *actor_jwk(const struct actor *actor);

enum { CHAIN_CAP = 40 };

struct chain {
    char task[40];
    size_t count;
    const char *tokens[CHAIN_CAP];
    char ids[CHAIN_CAP][40];
    struct actor holders[CHAIN_CAP];
    struct client *enforcer;
};

/* Opens a task as the issuer with a root for this holder; the answer must be 201. */
void chain_open(struct chain *chain, const struct actor *holder);
/* The same with members of the request in place of the defaults, e.g. "'expires_in': 2". */
struct answer task_open(struct client *issuer, const struct actor *holder, const char *members);
void chain_take(struct chain *chain, const struct answer *opened, const struct actor *holder);
/* A chain of one link, the planner's, that may call this tool; terms NULL: none. */
void chain_open_for(struct chain *chain, const char *tool, const char *terms);

/* Claims of a good child of the chain's leaf: the same authority, audience and end, one deeper. */
struct writ_json *child_claims(const struct chain *chain, const struct actor *to);
/* Sets a claim to JSON with single quotes; NULL takes it away. */
void claim(struct writ_json *claims, const char *name, const char *json);
/* Replaces the entries: tools, and writ_terms without its type (NULL: no such entry). */
void claim_authority(struct writ_json *claims, const char *tools, const char *terms);
/* Signed by this holder as aat+jwt. */
const char *token_sign(const struct writ_json *claims, const struct actor *signer);
/* POST /v1/delegations by the leaf's holder's client; nothing is asserted. */
struct answer chain_admit(struct chain *chain, const char *token);
/* Admits a good child, 201, and makes it the leaf. `tools` NULL: the parent's. */
void chain_extend(struct chain *chain, const struct actor *to, const char *tools);
/* The same under these terms. */
void chain_extend_under(struct chain *chain, const struct actor *to, const char *tools,
                        const char *terms);
void chain_push(struct chain *chain, const struct answer *admitted, const char *token,
                const struct actor *holder);

/* Claims of a good proof of the leaf's holder. */
struct writ_json *proof_claims(const struct chain *chain, const char *tool, const char *args);
const char *proof_sign(const struct writ_json *claims, const struct actor *signer);
/* A good proof of the leaf's holder. */
const char *chain_prove(const struct chain *chain, const char *tool, const char *args);
/* Bodies of POST /v1/validate: by reference, by value. */
const char *use_body(const struct chain *chain, const char *proof, const char *tool,
                     const char *args);
const char *use_body_whole(const struct chain *chain, const char *proof, const char *tool,
                           const char *args);
/* Proves and validates as the leaf's holder. */
struct answer chain_call(const struct chain *chain, const char *tool, const char *args);
/* The same, and 200, or a problem with this code. */
void expect_permit(const struct chain *chain, const char *tool, const char *args);
void expect_denied(const struct chain *chain, const char *tool, const char *args, const char *code);
/* The same, again and again for ten seconds while the answer is that nothing can be known now: on a
 * busy machine a service is ready a moment before all of its sessions are. */
struct answer chain_call_settled(const struct chain *chain, const char *tool, const char *args);
/* The same at this server, with a connection of its own; and the end of a node, by the issuer. */
struct answer chain_call_at(const struct chain *chain, const struct server *server,
                            const char *tool, const char *args);
struct answer chain_revoke_at(const struct chain *chain, const struct server *server, size_t node);
/* A permit that was answered from memory. */
void expect_buffered(struct answer answer);
/* Reads twice: the first asks the ledger what the chain has left, and memory answers the next. */
void expect_known(const struct chain *chain, const struct server *server);
/* writ-request+jwt of an actor over a node of the chain: the body of renew, complete or revoke. */
const char *act_body(const struct chain *chain, const char *act, size_t node, size_t as,
                     const struct actor *signer);
/* POST …/{node}/{act} */
struct answer chain_act(const struct chain *chain, struct client *client, const char *act,
                        size_t node, const char *body);

/* How many rows the ledger has of the task in this table of schema writ. */
long chain_rows(const struct chain *chain, const char *table);

/* What the payload says, by the bytes of the token. */
const struct writ_json *token_claims(const char *compact);
/* base64url SHA-256 of the signing input. */
const char *token_hash(const char *compact);

/* The policies in force from now on; a single quote becomes a double one. */
void policies_set(const char *text);

#endif
