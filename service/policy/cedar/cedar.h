/*
 * Cedar behind a C header: the cedar-policy crate, built as a static library (src/). It knows the
 * language and nothing of Writ; what is asked of it, and by which schema, is policy/engine.c's.
 *
 * Ownership: what is passed in is borrowed for the time of the call and copied where it is kept.
 * Texts that come out belong to the policies and live as long as they do. Only cedar_policies_free
 * frees. Policies are immutable, so any number of threads may judge by them at once.
 *
 * No panic of Rust leaves the library: it is a CEDAR_FAULT, which denies.
 */
#ifndef WRIT_POLICY_CEDAR_CEDAR_H
#define WRIT_POLICY_CEDAR_CEDAR_H

#include "base/slice.h"

enum cedar_outcome {
    CEDAR_OK = 0,
    CEDAR_REFUSED = 1, /* what was passed in is wrong; the message says how */
    CEDAR_FAULT = 2,   /* the library failed */
};

/* ---- Policies ----------------------------------------------------------------------------- */

struct cedar_policies;

/*
 * Parses policies and, where there is a schema (Cedar's schema language), validates them strictly.
 * An id is the annotation @id, or "policy0", "policy1" by place; two of the same are refused, and
 * so are templates. `careful` refuses, besides, what Cedar only warns of and what nobody means: a
 * policy that can never apply, characters that turn the direction of text, names of mixed scripts.
 * Whatever is wrong is in the message, one line each, terminated and cut to size.
 */
enum cedar_outcome cedar_policies_new(struct writ_slice text, struct writ_slice schema,
                                      bool careful, struct cedar_policies **ret_policies,
                                      char *ret_message, size_t message_size);
/* Takes NULL; returns NULL. */
struct cedar_policies *cedar_policies_free(struct cedar_policies *policies);

/* In the order of the text. */
size_t cedar_policies_count(const struct cedar_policies *policies);
struct writ_slice cedar_policy_id(const struct cedar_policies *policies, size_t index);
struct writ_slice cedar_policy_text(const struct cedar_policies *policies, size_t index);
bool cedar_policy_permits(const struct cedar_policies *policies, size_t index);
/* Its value; data is NULL where the policy has no such annotation. */
struct writ_slice cedar_policy_annotation(const struct cedar_policies *policies, size_t index,
                                          struct writ_slice key);

/* Whether its scope or its clauses look at this: a variable ("principal") or an attribute ("now"),
 * or at the whole context, and so at each of its members. */
bool cedar_policy_looks_at(const struct cedar_policies *policies, size_t index,
                           struct writ_slice name);

/* ---- Judging ------------------------------------------------------------------------------ */

enum cedar_kind {
    CEDAR_BOOL,     /* number: 0 or 1 */
    CEDAR_LONG,     /* number */
    CEDAR_STRING,   /* text */
    CEDAR_ENTITY,   /* type, text: its id */
    CEDAR_SET,      /* items */
    CEDAR_RECORD,   /* items, with names */
    CEDAR_DATETIME, /* text, as the extension function takes it; and so on */
    CEDAR_DURATION,
    CEDAR_DECIMAL,
    CEDAR_IP,
    CEDAR_INSTANT, /* number: milliseconds since 1970; a datetime */
};

/* All of a value is borrowed: a tree of these costs no allocation. */
struct cedar_value {
    uint32_t kind;
    struct writ_slice name; /* where it is a member of a record */
    struct writ_slice type;
    struct writ_slice text;
    int64_t number;
    const struct cedar_value *items;
    size_t count;
};

struct cedar_uid {
    struct writ_slice type;
    struct writ_slice id;
};

struct cedar_entity {
    struct cedar_uid uid;
    const struct cedar_value *attributes; /* as the members of a record */
    size_t attribute_count;
    const struct cedar_value *tags;
    size_t tag_count;
    const struct cedar_uid *parents;
    size_t parent_count;
};

struct cedar_request {
    struct cedar_uid principal;
    struct cedar_uid action;
    struct cedar_uid resource;
    const struct cedar_value *context;
    size_t context_count;
    const struct cedar_entity *entities;
    size_t entity_count;
    /* Holds request and entities to the schema, too. Costs more than the judging, and finds only
     * what the maker of requests did wrong. */
    bool is_checked;
    /*
     * A member of the context that is left open (mostly empty: none is). Clauses that look at it
     * are taken as the asker would have them: a permit holds if it can, a forbid if it has to. So
     * what decides with any value of that member, and permits, is among what decides now.
     */
    struct writ_slice open;
};

struct cedar_answer {
    bool permits;
    size_t determining_count;
    size_t error_count;
};

/*
 * Fills `determining` and `errors` with indices of policies, each in ascending order; each has room
 * for cedar_policies_count of them. Cedar's own answer skips a policy that fails: whoever asks must
 * look at error_count first. CEDAR_REFUSED: the request itself is wrong.
 */
enum cedar_outcome cedar_judge(const struct cedar_policies *policies,
                               const struct cedar_request *request, struct cedar_answer *ret_answer,
                               size_t *determining, size_t *errors, char *ret_message,
                               size_t message_size);

#endif
