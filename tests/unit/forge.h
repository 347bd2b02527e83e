/*
 * A raw signer: links and proofs from any JSON text and any seed, past all the care of our own
 * issuer. A chain starts valid; a test breaks it in one place and seals it.
 */
#ifndef WRIT_TESTS_UNIT_FORGE_H
#define WRIT_TESTS_UNIT_FORGE_H

#include "writ.h"

#define FORGE_ISSUER "https://auth.test"
#define FORGE_AUDIENCE "https://tools.test"
#define FORGE_TOOLS                                                                                \
    "{\"read_file\":{\"path\":{\"constraint_type\":\"one_of\",\"values\":[\"/a\",\"/b\"]}},"       \
    "\"send_email\":{\"to\":{\"constraint_type\":\"wildcard\"}}}"
#define FORGE_HEADER "{\"alg\":\"Ed25519\",\"typ\":\"aat+jwt\"}"
#define FORGE_PROOF_HEADER "{\"alg\":\"Ed25519\",\"typ\":\"aat-pop+jwt\"}"

enum {
    FORGE_NOW = 1800000000,
    FORGE_MEMBERS_MAX = 24,
    FORGE_LINKS_MAX = 48,
    FORGE_ISSUER_SEED = 0xa0,
};

/* An object whose member values are JSON text, written as they stand. */
struct forge_object {
    struct {
        const char *name;
        const char *json;
    } members[FORGE_MEMBERS_MAX];
    size_t count;
};

/* Replaces or appends; NULL takes the member away. */
void forge_set(struct forge_object *object, const char *name, const char *json);
/* Appends even when the name is there. */
void forge_repeat(struct forge_object *object, const char *name, const char *json);
const char *forge_text(struct writ_arena *arena, const struct forge_object *object);

/* Every byte of the seed is `fill`. */
const uint8_t *forge_seed(uint8_t fill);
struct writ_key forge_key(uint8_t fill);
const char *forge_cnf(struct writ_arena *arena, uint8_t fill);
struct writ_slice forge_sign(struct writ_arena *arena, const char *header, const char *payload,
                             uint8_t seed_fill);
/* The same by a seed that is no repeated byte. */
struct writ_slice forge_sign_by(struct writ_arena *arena, const char *header, const char *payload,
                                const uint8_t seed[static 32]);
/* base64url(SHA-256(signing input)), in quotes. */
const char *forge_hash(struct writ_arena *arena, struct writ_slice compact);
/* authorization_details of tools and writ_terms, either NULL. */
const char *forge_details(struct writ_arena *arena, const char *tools, const char *terms);

/* Link i is held by the key of seed i + 1 and signed by seed i (the root by the issuer's). */
struct forge_chain {
    struct writ_arena *arena;
    size_t count;
    struct forge_object claims[FORGE_LINKS_MAX];
    const char *header[FORGE_LINKS_MAX];
    uint8_t signer[FORGE_LINKS_MAX];
    struct writ_slice links[FORGE_LINKS_MAX]; /* set by forge_seal */
    struct forge_object proof;
    const char *proof_header;
    uint8_t proof_signer;
    struct writ_slice proof_compact;
    const char *tool;
    const char *args;
    struct writ_verifier verifier;
    struct writ_anchor anchor;
};

/* A member with this value is computed by forge_seal: iss, par_hash, aat_id, aat_hash. */
extern const char FORGE_AUTO[];

void forge_chain_init(struct forge_chain *chain, struct writ_arena *arena, size_t count);
/* The terms of one link, beside its tools. */
void forge_set_terms(struct forge_chain *chain, size_t link, const char *terms);
void forge_set_tools(struct forge_chain *chain, size_t link, const char *tools);
void forge_seal(struct forge_chain *chain);
/* Of what was sealed. Judged twice, with and without a memory of links: both must say the same. */
struct writ_verdict forge_judge(struct forge_chain *chain);

/* A claim changed in one place, and where that is denied. */
struct forge_case {
    const char *name;
    const char *json; /* NULL: the claim is missing */
    const char *step;
    enum writ_status outcome;
};

/* Seals and judges; `what` names the case when it goes wrong. */
void forge_permits(struct forge_chain *chain, const char *what);
void forge_denies(struct forge_chain *chain, const char *what, const char *step,
                  enum writ_status outcome, int hop);
void forge_denies_sealed(struct forge_chain *chain, const char *what, const char *step,
                         enum writ_status outcome, int hop);

#endif
