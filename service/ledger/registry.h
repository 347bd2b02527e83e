/*
 * Agents, clients and tools as of the last reload: an immutable snapshot that a call holds while
 * it lives. Reloaded by the process that changes it at once, by others within a beat. The policies
 * in force come with it, so that tools, agents and policies change together.
 */
#ifndef WRIT_LEDGER_REGISTRY_H
#define WRIT_LEDGER_REGISTRY_H

#include "token/terms.h"
#include "json/json.h"

struct db;
struct policies;

enum registry_role {
    ROLE_ADMIN = 1,
    ROLE_ISSUER = 2,
    ROLE_ORCHESTRATOR = 4,
    ROLE_AGENT = 8,
    ROLE_ENFORCER = 16,
    ROLE_AUDITOR = 32,
    ROLE_APPROVER = 64,
    ROLE_ANY = 127,
};

enum registry_effect { EFFECT_READ, EFFECT_WRITE, EFFECT_IRREVERSIBLE };

struct registry_client {
    struct writ_slice id; /* terminated */
    uint8_t secret_sha256[32];
    enum registry_role role;
    struct writ_slice agent;    /* terminated; empty: none */
    struct writ_slice audience; /* terminated; enforcers only */
    const struct writ_json *ceiling;
    bool disabled;
};

struct registry_tool {
    struct writ_slice audience;
    struct writ_slice name;
    enum registry_effect effect;
    struct writ_label sensitivity;
    bool sends;                    /* data leaves by a call of it ... */
    struct writ_slice destination; /* ... to where this argument says; empty: nobody says */
    /* As the ledger takes them: what it returns, what may leave by it, what may leave to a
     * destination that the chain pins. */
    struct writ_slice sensitivity_json, release_json, release_pinned_json;
    const struct writ_json *argument_schema; /* NULL: none was registered */
    int64_t approval;                        /* so many people have to approve each call */
    uint8_t registered_sha256[32];           /* of all that it is registered as */
    bool buffered;
    bool suspended;
    bool retired;
};

struct registry_agent {
    struct writ_slice name;
    struct writ_slice role;
    bool retired;
};

struct registry {
    struct writ_arena arena;
    int references; /* under the store's lock */
    struct registry_store *store;
    const struct registry_client *clients; /* by id */
    size_t client_count;
    const struct registry_tool *tools; /* by audience, name */
    size_t tool_count;
    const struct registry_agent *agents; /* by name */
    size_t agent_count;
    struct writ_slice version; /* newest registry_change */
    int64_t policy_version;    /* 0: there never were policies */
    struct policies *policies; /* what the reader of policies made of them */
};

/*
 * What becomes of the text of policies is another room's: `read` sees it before the snapshot is
 * published, with what it made of the last one (or NULL), and returns what the snapshot will hold.
 * When it fails so does the reload: better no fresh view than one that is judged by old policies.
 */
struct registry_policy_reader {
    struct writ_result (*read)(int64_t version, struct writ_slice text, struct policies *last,
                               struct policies **ret_policies);
    void (*release)(struct policies *policies);
};

struct registry_store *registry_store_new(const struct registry_policy_reader *reader);
struct registry_store *registry_store_free(struct registry_store *store);
/* Reads everything anew when the newest registry_change differs, or `always`. */
struct writ_result registry_reload(struct registry_store *store, struct db *db,
                                   bool always) WRIT_MUST_CHECK;
/* The newest snapshot; NULL before the first reload. */
struct registry *registry_hold(struct registry_store *store);
struct registry *registry_release(struct registry *registry);

const struct registry_client *registry_client(const struct registry *registry,
                                              struct writ_slice id);
const struct registry_tool *registry_tool(const struct registry *registry,
                                          struct writ_slice audience, struct writ_slice name);
const struct registry_agent *registry_agent(const struct registry *registry,
                                            struct writ_slice name);
/* 0 for a word that is no role. */
enum registry_role registry_role_parse(struct writ_slice word);
const char *registry_role_text(enum registry_role role);

#endif
