#include "ledger/registry.h"

#include "base/crypto.h"
#include "ledger/sql.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct registry_store {
    const struct registry_policy_reader *reader;
    pthread_mutex_t lock;
    struct registry *newest;
};

static const struct {
    const char *text;
    enum registry_role role;
} ROLES[] = {
    {"admin", ROLE_ADMIN},       {"issuer", ROLE_ISSUER},     {"orchestrator", ROLE_ORCHESTRATOR},
    {"agent", ROLE_AGENT},       {"enforcer", ROLE_ENFORCER}, {"auditor", ROLE_AUDITOR},
    {"approver", ROLE_APPROVER},
};

enum registry_role registry_role_parse(struct writ_slice word)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++)
        if (writ_slice_is(word, ROLES[i].text))
            return ROLES[i].role;
    return 0;
}

const char *registry_role_text(enum registry_role role)
{
    for (size_t i = 0; i < sizeof ROLES / sizeof ROLES[0]; i++)
        if (ROLES[i].role == role)
            return ROLES[i].text;
    return "none";
}

/* ---- Holding ------------------------------------------------------------------------------ */

struct registry_store *registry_store_new(const struct registry_policy_reader *reader)
{
    struct registry_store *store = calloc(1, sizeof *store);
    if (!store)
        return NULL;
    store->reader = reader;
    pthread_mutex_init(&store->lock, NULL);
    return store;
}

static void registry_free(struct registry *registry)
{
    struct writ_arena arena = registry->arena;
    registry->store->reader->release(registry->policies);
    writ_arena_done(&arena);
}

struct registry_store *registry_store_free(struct registry_store *store)
{
    if (!store)
        return NULL;
    if (store->newest)
        registry_free(store->newest);
    pthread_mutex_destroy(&store->lock);
    free(store);
    return NULL;
}

struct registry *registry_hold(struct registry_store *store)
{
    pthread_mutex_lock(&store->lock);
    struct registry *registry = store->newest;
    if (registry)
        registry->references++;
    pthread_mutex_unlock(&store->lock);
    return registry;
}

struct registry *registry_release(struct registry *registry)
{
    if (!registry)
        return NULL;
    struct registry_store *store = registry->store;
    pthread_mutex_lock(&store->lock);
    const bool is_last = --registry->references == 0;
    pthread_mutex_unlock(&store->lock);
    if (is_last)
        registry_free(registry);
    return NULL;
}

static void publish(struct registry_store *store, struct registry *registry)
{
    registry->references = 1; /* the store's own */
    pthread_mutex_lock(&store->lock);
    struct registry *old = store->newest;
    store->newest = registry;
    pthread_mutex_unlock(&store->lock);
    registry_release(old);
}

/* ---- Reading ------------------------------------------------------------------------------ */

static struct writ_slice copy(struct writ_arena *arena, struct db_result *rows, size_t row,
                              int column)
{
    if (db_is_null(rows, row, column))
        return WRIT_SLICE_NONE;
    return writ_arena_copy(arena, db_get_text(rows, row, column));
}

static int by_client_id(const void *a, const void *b)
{
    return writ_slice_compare(((const struct registry_client *)a)->id,
                              ((const struct registry_client *)b)->id);
}

static int by_tool(const void *a, const void *b)
{
    const struct registry_tool *left = a;
    const struct registry_tool *right = b;
    const int order = writ_slice_compare(left->audience, right->audience);
    return order != 0 ? order : writ_slice_compare(left->name, right->name);
}

static int by_agent_name(const void *a, const void *b)
{
    return writ_slice_compare(((const struct registry_agent *)a)->name,
                              ((const struct registry_agent *)b)->name);
}

static struct writ_result read_clients(struct registry *registry, struct db *db)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_CLIENTS, NULL, 0, &rows));
    const size_t count = db_rows(rows);
    struct registry_client *clients = writ_arena_array(&registry->arena, count, sizeof *clients);
    WRIT_ENSURE(clients, OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        struct registry_client *client = &clients[i];
        client->id = copy(&registry->arena, rows, i, 0);
        const struct writ_slice digest = db_get_bytea(rows, i, 1);
        client->role = registry_role_parse(db_get_text(rows, i, 2));
        client->agent = copy(&registry->arena, rows, i, 3);
        client->audience = copy(&registry->arena, rows, i, 4);
        client->disabled = db_get_bool(rows, i, 6);
        WRIT_ENSURE(client->id.data && digest.size == 32, INTERNAL);
        memcpy(client->secret_sha256, digest.data, 32);
        WRIT_TRY(writ_json_parse(&registry->arena, db_get_jsonb(rows, i, 5), &client->ceiling));
    }
    qsort(clients, count, sizeof *clients, by_client_id);
    registry->clients = clients;
    registry->client_count = count;
    return WRIT_SUCCESS;
}

static struct writ_result read_tools(struct registry *registry, struct db *db)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_TOOLS, NULL, 0, &rows));
    const size_t count = db_rows(rows);
    struct registry_tool *tools = writ_arena_array(&registry->arena, count, sizeof *tools);
    WRIT_ENSURE(tools, OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        struct registry_tool *tool = &tools[i];
        const struct writ_slice effect = db_get_text(rows, i, 2);
        const struct writ_json *label = NULL;
        tool->audience = copy(&registry->arena, rows, i, 0);
        tool->name = copy(&registry->arena, rows, i, 1);
        /* A word that is not known counts as the strictest. */
        tool->effect = writ_slice_is(effect, "read")    ? EFFECT_READ
                       : writ_slice_is(effect, "write") ? EFFECT_WRITE
                                                        : EFFECT_IRREVERSIBLE;
        tool->sensitivity_json = writ_arena_copy(&registry->arena, db_get_jsonb(rows, i, 3));
        tool->release_json = writ_arena_copy(&registry->arena, db_get_jsonb(rows, i, 8));
        tool->release_pinned_json = writ_arena_copy(&registry->arena, db_get_jsonb(rows, i, 9));
        WRIT_TRY(writ_json_parse(&registry->arena, tool->sensitivity_json, &label));
        WRIT_TRY(writ_label_read(&registry->arena, label, &tool->sensitivity));
        tool->destination = copy(&registry->arena, rows, i, 4);
        tool->buffered = db_get_bool(rows, i, 5);
        tool->retired = db_get_bool(rows, i, 6);
        tool->sends = db_get_bool(rows, i, 7);
        if (!db_is_null(rows, i, 10))
            WRIT_TRY(writ_json_parse(&registry->arena, db_get_jsonb(rows, i, 10),
                                     &tool->argument_schema));
        tool->suspended = db_get_bool(rows, i, 11);
        tool->approval = db_get_int8(rows, i, 12);
        const struct writ_slice digest = db_get_bytea(rows, i, 13);
        WRIT_ENSURE(digest.size == 32, INTERNAL);
        memcpy(tool->registered_sha256, digest.data, 32);
        WRIT_ENSURE(tool->audience.data && tool->name.data && tool->sensitivity_json.data &&
                        tool->release_json.data && tool->release_pinned_json.data,
                    OUT_OF_MEMORY);
    }
    qsort(tools, count, sizeof *tools, by_tool);
    registry->tools = tools;
    registry->tool_count = count;
    return WRIT_SUCCESS;
}

static struct writ_result read_agents(struct registry *registry, struct db *db)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_AGENTS, NULL, 0, &rows));
    const size_t count = db_rows(rows);
    struct registry_agent *agents = writ_arena_array(&registry->arena, count, sizeof *agents);
    WRIT_ENSURE(agents, OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i++) {
        agents[i].name = copy(&registry->arena, rows, i, 0);
        agents[i].role = copy(&registry->arena, rows, i, 1);
        agents[i].retired = db_get_bool(rows, i, 2);
        WRIT_ENSURE(agents[i].name.data, OUT_OF_MEMORY);
    }
    qsort(agents, count, sizeof *agents, by_agent_name);
    registry->agents = agents;
    registry->agent_count = count;
    return WRIT_SUCCESS;
}

static struct writ_result read_policies(struct registry *registry, struct db *db,
                                        const struct registry *last)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_POLICY, NULL, 0, &rows));
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    registry->policy_version = db_get_int8(rows, 0, 0);
    return registry->store->reader->read(registry->policy_version, db_get_text(rows, 0, 2),
                                         last ? last->policies : NULL, &registry->policies);
}

/* The version is read first: a change that commits meanwhile makes the next reload read again. */
static struct writ_result read_all(struct registry *registry, struct db *db,
                                   struct writ_slice version, const struct registry *last)
{
    registry->version = writ_arena_copy(&registry->arena, version);
    WRIT_ENSURE(registry->version.data, OUT_OF_MEMORY);
    WRIT_TRY(read_clients(registry, db));
    WRIT_TRY(read_tools(registry, db));
    WRIT_TRY(read_agents(registry, db));
    return read_policies(registry, db, last);
}

/* The snapshot lives in its own arena. */
static struct writ_result read_anew(struct registry_store *store, struct db *db,
                                    struct writ_slice version, const struct registry *last)
{
    struct writ_arena arena;
    writ_arena_init(&arena, 0);
    struct registry *registry = writ_arena_alloc(&arena, sizeof *registry);
    WRIT_ENSURE(registry, OUT_OF_MEMORY);
    registry->arena = arena;
    registry->store = store;
    const struct writ_result result = read_all(registry, db, version, last);
    if (!writ_is_ok(result)) {
        registry_free(registry);
        return result;
    }
    publish(store, registry);
    return WRIT_SUCCESS;
}

struct writ_result registry_reload(struct registry_store *store, struct db *db, bool always)
{
    SQL_RESULT newest = NULL;
    uint8_t id[16] = {0};
    WRIT_TRY(sql_run(db, STATEMENT_REGISTRY_VERSION, NULL, 0, &newest));
    if (db_rows(newest) > 0)
        (void)db_get_uuid(newest, 0, 0, id);
    const struct writ_slice version = writ_slice_of(id, sizeof id);
    struct registry *last = registry_hold(store);
    if (last && !always && writ_slice_equal(last->version, version)) {
        registry_release(last);
        return WRIT_SUCCESS;
    }
    const struct writ_result result = read_anew(store, db, version, last);
    registry_release(last);
    return result;
}

/* ---- Looking up --------------------------------------------------------------------------- */

const struct registry_client *registry_client(const struct registry *registry, struct writ_slice id)
{
    const struct registry_client key = {.id = id};
    return bsearch(&key, registry->clients, registry->client_count, sizeof key, by_client_id);
}

const struct registry_tool *registry_tool(const struct registry *registry,
                                          struct writ_slice audience, struct writ_slice name)
{
    const struct registry_tool key = {.audience = audience, .name = name};
    return bsearch(&key, registry->tools, registry->tool_count, sizeof key, by_tool);
}

const struct registry_agent *registry_agent(const struct registry *registry, struct writ_slice name)
{
    const struct registry_agent key = {.name = name};
    return bsearch(&key, registry->agents, registry->agent_count, sizeof key, by_agent_name);
}
