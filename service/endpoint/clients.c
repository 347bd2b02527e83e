/* /v1/clients: who may call this API, as what, and within which ceiling (W12). */
#include "base/base64url.h"
#include "decide/ceiling.h"
#include "endpoint/change.h"
#include "endpoint/column.h"
#include "endpoint/endpoints.h"
#include "endpoint/page.h"
#include "ledger/sql.h"

#include <stdio.h>

enum { AUDIENCE_MAX = 500, GRANT_MAX = 16384, SECRET_BYTES = 32 };

struct clients {
    struct writ_slice id; /* one, or the last of the page before */
    int64_t limit;
    enum registry_role role;
    struct writ_slice agent;
    struct writ_slice audience;
    const struct writ_json *ceiling;
    bool rotate;
};

static struct writ_json *client_json(struct call *call, const struct db_result *rows, size_t row)
{
    enum { ID, ROLE, AGENT, AUDIENCE, CEILING, CREATED_AT, DISABLED_AT };
    struct writ_json *client = writ_json_new_object(call->arena);
    writ_json_put_text(call->arena, client, "id", db_get_text(rows, row, ID));
    writ_json_put_text(call->arena, client, "role", db_get_text(rows, row, ROLE));
    column_put_text(call, client, "agent", rows, row, AGENT);
    column_put_text(call, client, "audience", rows, row, AUDIENCE);
    column_put_json(call, client, "ceiling", rows, row, CEILING);
    call_put_time(call, client, "created_at", db_get_time(rows, row, CREATED_AT));
    column_put_time(call, client, "disabled_at", rows, row, DISABLED_AT);
    return client;
}

/* NULL in *ret_client: there is none of this id. */
static struct writ_result find(struct call *call, struct db *db, struct writ_slice id,
                               const struct writ_json **ret_client)
{
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {db_cstr(""), db_int8(1), db_text(id)};
    WRIT_TRY(sql_run(db, STATEMENT_CLIENTS_LIST, params, 3, &rows));
    *ret_client = NULL;
    if (db_rows(rows) == 0)
        return WRIT_SUCCESS;
    *ret_client = client_json(call, rows, 0);
    WRIT_ENSURE(*ret_client, OUT_OF_MEMORY);
    return WRIT_SUCCESS;
}

static struct clients *state_of(struct call *call)
{
    struct clients *clients = writ_arena_alloc(call->arena, sizeof *clients);
    if (!clients)
        call_fail(call, WRIT_OUT_OF_MEMORY, "", "out of memory");
    *http_user(call->request) = clients;
    return clients;
}

/* ---- Reading ------------------------------------------------------------------------------ */

static const struct page PAGE = {.name = "clients", .entry = client_json};

static void answer_page(struct call *call, struct db *db)
{
    const struct clients *clients = *http_user(call->request);
    SQL_RESULT rows = NULL;
    const struct db_param params[] = {
        clients->id.data ? db_text(clients->id) : db_cstr(""),
        page_rows(clients->limit),
        db_null(),
    };
    const struct writ_result result = sql_run(db, STATEMENT_CLIENTS_LIST, params, 3, &rows);
    page_answer(call, result, rows, &PAGE, clients->limit);
}

void clients_list(struct call *call)
{
    static const char *const QUERIES[] = {"limit", "cursor", NULL};
    struct clients *clients = state_of(call);
    if (clients && call_only_queries(call, QUERIES) && call_limit(call, &clients->limit) &&
        call_cursor(call, &clients->id))
        call_read(call, answer_page);
}

static void answer_one(struct call *call, struct db *db)
{
    const struct clients *clients = *http_user(call->request);
    const struct writ_json *client = NULL;
    struct writ_result result = find(call, db, clients->id, &client);
    if (writ_is_ok(result) && !client)
        result = WRIT_FAILURE(NOT_FOUND);
    if (writ_is_ok(result))
        call_answer(call, 200, client);
    else
        call_fail_read(call, result, "there is no such client");
}

void clients_show(struct call *call)
{
    struct clients *clients = state_of(call);
    if (clients && call_only_queries(call, NULL) && change_name(call, "id", &clients->id))
        call_read(call, answer_one);
}

void clients_self(struct call *call)
{
    struct clients *clients = state_of(call);
    if (!clients || !call_only_queries(call, NULL))
        return;
    clients->id = call->client->id;
    call_read(call, answer_one);
}

/* ---- Changing ----------------------------------------------------------------------------- */

/* Nobody could undo a registry without an administrator. */
static struct writ_result check_admins(struct db *db, struct change *change)
{
    SQL_RESULT rows = NULL;
    WRIT_TRY(sql_run(db, STATEMENT_CLIENTS_ADMINS, NULL, 0, &rows));
    if (db_get_int8(rows, 0, 0) == 0)
        return change_refuse(change, WRIT_CONFLICT, "", "this is the last client of role admin");
    return WRIT_SUCCESS;
}

/* Text and digest of a fresh secret. */
static struct writ_result make_secret(struct call *call, const char **ret_text,
                                      uint8_t ret_sha256[static 32])
{
    uint8_t bytes[SECRET_BYTES];
    writ_random(bytes, sizeof bytes);
    *ret_text = writ_base64url_encode(call->arena, writ_slice_of(bytes, sizeof bytes));
    writ_wipe(bytes, sizeof bytes);
    WRIT_ENSURE(*ret_text, OUT_OF_MEMORY);
    writ_sha256(writ_slice_text(*ret_text), ret_sha256);
    return WRIT_SUCCESS;
}

/* The client with something that the record must not hold, or that is no state of it. */
static struct writ_json *with(struct call *call, const struct writ_json *client, const char *name,
                              const char *text)
{
    struct writ_json *copy = writ_json_new_object(call->arena);
    for (size_t i = 0; copy && i < client->count; i++)
        writ_json_put_named(call->arena, copy, client->names[i], &client->items[i]);
    writ_json_put_string(call->arena, copy, name, text);
    return copy;
}

static struct writ_result write_row(struct call *call, struct db *db, const uint8_t *secret_sha256)
{
    const struct clients *clients = *http_user(call->request);
    const struct writ_slice ceiling = clients->ceiling
                                          ? writ_json_canonical(call->arena, clients->ceiling)
                                          : WRIT_SLICE_LITERAL("{}");
    WRIT_ENSURE(ceiling.data, OUT_OF_MEMORY);
    const struct db_param params[] = {
        db_text(clients->id),
        db_cstr(registry_role_text(clients->role)),
        db_text(clients->agent),
        db_text(clients->audience),
        db_jsonb(ceiling),
        secret_sha256 ? db_bytea(writ_slice_of(secret_sha256, 32)) : db_null(),
    };
    return sql_run(db, STATEMENT_CLIENT_PUT, params, 6, NULL);
}

/* A client that was disabled comes back with a new secret only: the old one stays dead. */
static struct writ_result put(struct call *call, struct db *db, struct change *change)
{
    const struct clients *clients = *http_user(call->request);
    const char *secret = NULL;
    uint8_t secret_sha256[32];
    change->kind = "client";
    change->key = clients->id;
    WRIT_TRY(find(call, db, clients->id, &change->before));
    const bool is_fresh = clients->rotate || !change->before ||
                          writ_json_get(change->before, "disabled_at");
    if (is_fresh)
        WRIT_TRY(make_secret(call, &secret, secret_sha256));
    WRIT_TRY(write_row(call, db, is_fresh ? secret_sha256 : NULL));
    WRIT_TRY(check_admins(db, change));
    WRIT_TRY(find(call, db, clients->id, &change->after));
    WRIT_ENSURE(change->after, INTERNAL);
    if (is_fresh) {
        change->answer = with(call, change->after, "secret", secret);
        change->after = with(call, change->after, "secret", "new"); /* never the secret itself */
        WRIT_ENSURE(change->answer && change->after, OUT_OF_MEMORY);
    }
    return WRIT_SUCCESS;
}

static void run_put(struct call *call, struct db *db)
{
    change_run(call, db, put);
}

static bool refuse(struct call *call, const char *field, const char *detail)
{
    call_fail(call, WRIT_MALFORMED, field, "%s", detail);
    return false;
}

/* Whoever is judged does not ask: an enforcement point, and nobody else, has an audience. */
static bool check_role(struct call *call, const struct clients *clients)
{
    const bool acts = clients->role == ROLE_AGENT || clients->role == ROLE_ORCHESTRATOR;
    if (clients->role == 0)
        return refuse(call, "role", "role: one of the roles of a client");
    if ((clients->role == ROLE_ENFORCER) != (clients->audience.data != NULL))
        return refuse(call, "audience", "audience: of an enforcer, and of nobody else");
    if (acts != (clients->agent.data != NULL))
        return refuse(call, "agent", "agent: of an agent or orchestrator, and of nobody else");
    if (clients->role != ROLE_ISSUER && clients->ceiling && clients->ceiling->count > 0)
        return refuse(call, "ceiling", "ceiling: of an issuer, and of nobody else");
    if (!acts)
        return true;
    const struct registry_agent *agent = registry_agent(call->registry, clients->agent);
    if (!agent || agent->retired)
        return refuse(call, "agent", "agent: one that is registered and not retired");
    return true;
}

/* `grant`, in notation, is another way to write `authority`. */
static struct writ_json *ceiling_of(struct call *call, const struct writ_json *said,
                                    struct writ_denial *ret_denial)
{
    struct writ_arena *arena = call->arena;
    struct writ_json *ceiling = writ_json_new_object(arena);
    for (size_t i = 0; ceiling && i < said->count; i++)
        if (!writ_slice_is(said->names[i], "grant"))
            writ_json_put_named(arena, ceiling, said->names[i], &said->items[i]);
    const struct writ_json *grant = writ_json_get(said, "grant");
    if (!grant)
        return ceiling;
    const struct writ_authority *authority = NULL;
    const struct writ_slice notation = writ_json_text(grant);
    *ret_denial = (struct writ_denial){
        .outcome = WRIT_MALFORMED,
        .step = "",
        .hop = -1,
        .field = "ceiling.grant",
        .detail = "grant: an authority in notation, where there is no authority",
    };
    if (notation.size == 0 || notation.size > GRANT_MAX || writ_json_get(said, "authority"))
        return NULL;
    const struct writ_result read = writ_authority_from_notation(arena, notation, &authority,
                                                                 ret_denial);
    ret_denial->outcome = read.status;
    snprintf(ret_denial->field, sizeof ret_denial->field, "ceiling.grant");
    if (!writ_is_ok(read))
        return NULL;
    writ_json_put(arena, ceiling, "authority", writ_authority_node(arena, authority));
    return ceiling;
}

static bool read_ceiling(struct call *call, struct clients *clients)
{
    const struct writ_json *said = NULL;
    if (!call_object(call, "ceiling", false, &said))
        return false;
    if (!said)
        return true;
    struct writ_denial denial = {.outcome = WRIT_OUT_OF_MEMORY, .step = "", .hop = -1};
    struct writ_json *ceiling = ceiling_of(call, said, &denial);
    if (ceiling) {
        denial = (struct writ_denial){.step = "", .hop = -1};
        const struct writ_result read = ceiling_read(call->arena, ceiling, &denial);
        if (writ_is_ok(read)) {
            clients->ceiling = ceiling;
            return true;
        }
        if (denial.outcome == WRIT_OK)
            denial.outcome = read.status;
        if (denial.field[0] == '\0')
            snprintf(denial.field, sizeof denial.field, "ceiling");
    }
    call_deny(call, &denial, NULL);
    return false;
}

/* An id with a colon could not be sent (RFC 7617), and one "self" not be looked up. */
static bool read_id(struct call *call, struct clients *clients)
{
    if (!change_name(call, "id", &clients->id))
        return false;
    for (size_t i = 0; i < clients->id.size; i++)
        if (clients->id.data[i] == ':')
            return refuse(call, "id", "id: no colon");
    return !writ_slice_is(clients->id, "self") || refuse(call, "id", "id: not \"self\"");
}

void clients_put(struct call *call)
{
    static const char *const MEMBERS[] = {"role", "agent", "audience", "ceiling", "rotate", NULL};
    struct clients *clients = state_of(call);
    struct writ_slice role = WRIT_SLICE_NONE;
    if (!clients || !call_only_queries(call, NULL) || !call_only_members(call, MEMBERS) ||
        !read_id(call, clients) || !call_text(call, "role", CHANGE_NAME_MAX, true, &role) ||
        !call_text(call, "agent", CHANGE_NAME_MAX, false, &clients->agent) ||
        !call_text(call, "audience", AUDIENCE_MAX, false, &clients->audience) ||
        !call_boolean(call, "rotate", false, &clients->rotate) || !read_ceiling(call, clients))
        return;
    clients->role = registry_role_parse(role);
    if (check_role(call, clients))
        call_read(call, run_put);
}

static struct writ_result disable(struct call *call, struct db *db, struct change *change)
{
    const struct clients *clients = *http_user(call->request);
    change->kind = "client";
    change->key = clients->id;
    WRIT_TRY(find(call, db, clients->id, &change->before));
    if (!change->before)
        return change_refuse(change, WRIT_NOT_FOUND, "id", "there is no such client");
    const struct db_param params[] = {db_text(clients->id)};
    WRIT_TRY(sql_run(db, STATEMENT_CLIENT_DISABLE, params, 1, NULL));
    WRIT_TRY(check_admins(db, change));
    return find(call, db, clients->id, &change->after);
}

static void run_disable(struct call *call, struct db *db)
{
    change_run(call, db, disable);
}

void clients_disable(struct call *call)
{
    struct clients *clients = state_of(call);
    if (clients && call_only_queries(call, NULL) && change_name(call, "id", &clients->id))
        call_read(call, run_disable);
}
