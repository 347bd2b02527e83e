#include "actors.h"

#include "base/base64url.h"
#include "base/crypto.h"
#include "jose/jwk.h"
#include "jose/jws.h"
#include "token/statement.h"
#include "unit/forge.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct cast cast;

static const char ISSUER[] = "http://writ.test";

/* ---- Registration ---------------------------------------------------------------------------- */

static void add_client(struct cast *made, struct client *ret_client, const char *name,
                       const char *body)
{
    const struct answer answer = put(&made->admin, plain("/v1/clients/%s", name),
                                     quoted("%s", body));
    expect_status(answer, 200);
    client_init(ret_client, made->admin.url, name, text_at(&answer, "secret"));
}

struct client client_new(const char *name, const char *body)
{
    struct client client;
    add_client(&cast, &client, name, body);
    return client;
}

static void add_agent(struct cast *made, const char *name, const char *role)
{
    const struct answer answer = put(
        &made->admin, plain("/v1/agents/%s", name),
        quoted("{'role': '%s', 'owner': 'tests', 'identities': []}", role));
    expect_status(answer, 200);
}

static void add_tool(struct cast *made, const char *name, const char *body)
{
    const struct answer answer = put(
        &made->admin, plain("/v1/tools/%s?audience=https%%3A%%2F%%2Ftools.test", name),
        quoted("%s", body));
    expect_status(answer, 200);
}

static void make_key(struct actor *actor)
{
    writ_random(actor->seed, sizeof actor->seed);
    ck_assert(writ_is_ok(writ_key_from_seed(actor->seed, &actor->key)));
    writ_key_thumbprint(&actor->key, actor->thumbprint);
}

static void add_actor(struct actor *actor, const char *agent, struct client *client)
{
    *actor = (struct actor){.agent = agent, .client = client};
    make_key(actor);
    const struct answer answer = actor_enrol(actor);
    expect_status(answer, 201);
}

void cast_register(struct cast *made, const struct server *server)
{
    client_init(&made->admin, server->url, server->admin_id, server->admin_secret);
    add_agent(made, "planner", "planner");
    add_agent(made, "retriever", "retriever");
    add_agent(made, "executor", "executor");
    add_tool(made, "read_file", "{'effect': 'read', 'sensitivity': {}}");
    add_tool(made, "write_note", "{'effect': 'write', 'sensitivity': {}}");
    /* By itself it asks nobody, so that a test sees who else does. */
    add_tool(made, "send_email",
             "{'effect': 'irreversible', 'destination': 'to', 'sensitivity': {}, 'approval': 0, "
             "'loosen': true}");
    add_client(made, &made->issuer, "desk",
               "{'role': 'issuer', 'ceiling': {'principals': ['*'], 'audiences': "
               "['" AUDIENCE "', '" OTHER_AUDIENCE "'], 'grant': '" GRANT "', "
               "'clearance': {'confidentiality': 'confidential', 'integrity': 'untrusted', "
               "'categories': ['pii']}, 'open_tasks': 1000000, 'lifetime_s': 3600}}");
    add_client(made, &made->planning, "planning", "{'role': 'orchestrator', 'agent': 'planner'}");
    add_client(made, &made->retrieving, "retrieving", "{'role': 'agent', 'agent': 'retriever'}");
    add_client(made, &made->executing, "executing", "{'role': 'agent', 'agent': 'executor'}");
    add_client(made, &made->enforcer, "tools", "{'role': 'enforcer', 'audience': '" AUDIENCE "'}");
    add_client(made, &made->outsider, "other-tools",
               "{'role': 'enforcer', 'audience': '" OTHER_AUDIENCE "'}");
    add_client(made, &made->auditor, "auditing", "{'role': 'auditor'}");
    add_actor(&made->planner, "planner", &made->planning);
    add_actor(&made->retriever, "retriever", &made->retrieving);
    add_actor(&made->executor, "executor", &made->executing);
    /* Tests are forked from here: each opens connections of its own. */
    struct client *const all[] = {&made->admin,      &made->issuer,    &made->planning,
                                  &made->retrieving, &made->executing, &made->enforcer,
                                  &made->outsider,   &made->auditor};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        client_done(all[i]);
}

void cast_await(const struct server *server)
{
    cast_await_client(&cast.auditor, server);
}

void cast_await_client(const struct client *client, const struct server *server)
{
    struct client last = client_at(client, server);
    const double end = seconds_now() + 10;
    while (get(&last, "/v1/clients/self").status != 200 && seconds_now() < end)
        sleep_s(0.02);
    client_done(&last);
}

void cast_buffer_reads(struct cast *known)
{
    add_tool(known, "read_file",
             "{'effect': 'read', 'record': 'buffered', 'sensitivity': {'integrity': 'trusted'}, "
             "'loosen': true}");
    client_done(&known->admin);
}

const char *actor_jwk(const struct actor *actor)
{
    char x[44];
    writ_base64url_hash(actor->key.bytes, x);
    return quoted("{'kty': 'OKP', 'crv': 'Ed25519', 'x': '%s'}", x);
}

struct actor actor_sibling(const struct actor *actor)
{
    struct actor sibling = {.agent = actor->agent, .client = actor->client};
    make_key(&sibling);
    return sibling;
}

static const char *sign(const char *header, const struct writ_json *claims, const uint8_t *seed)
{
    const struct writ_slice payload = writ_json_canonical(scratch(), claims);
    const struct writ_slice compact = forge_sign_by(scratch(), header,
                                                    plain("%.*s", WRIT_SLICE_ARGS(payload)), seed);
    return plain("%.*s", WRIT_SLICE_ARGS(compact));
}

struct answer actor_enrol(const struct actor *actor)
{
    const struct answer asked = post(actor->client, "/v1/holders",
                                     quoted("{'custody': 'self', 'jwk': %s}", actor_jwk(actor)));
    if (asked.status != 202)
        return asked;
    uint8_t random[16];
    struct writ_slice input;
    struct writ_slice proof;
    const char *nonce = text_at(&asked, "nonce");
    writ_random(random, sizeof random);
    ck_assert(writ_is_ok(writ_enrol_input(scratch(), writ_slice_text(ISSUER),
                                          writ_slice_text(nonce), time(NULL), random, &input)));
    ck_assert(writ_is_ok(writ_sign_input(scratch(), input, actor->seed, &proof)));
    return post(actor->client, "/v1/holders",
                quoted("{'custody': 'self', 'jwk': %s, 'nonce': '%s', 'proof': '%.*s'}",
                       actor_jwk(actor), nonce, WRIT_SLICE_ARGS(proof)));
}

struct actor actor_fresh(const struct actor *actor)
{
    const struct actor fresh = actor_sibling(actor);
    const struct answer answer = actor_enrol(&fresh);
    expect_status(answer, 201);
    return fresh;
}

/* ---- Tokens ---------------------------------------------------------------------------------- */

static const char *new_id(void)
{
    uint8_t b[16];
    writ_random(b, sizeof b);
    const uint64_t ms = (uint64_t)time(NULL) * 1000;
    for (int i = 0; i < 6; i++)
        b[i] = (uint8_t)(ms >> (40 - 8 * i));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x70);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    return plain("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                 b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                 b[15]);
}

static struct writ_json *parse(const char *text)
{
    const struct writ_json *json = NULL;
    const struct writ_result result = writ_json_parse(scratch(),
                                                      writ_slice_text(quoted("%s", text)), &json);
    ck_assert_msg(writ_is_ok(result), "no JSON: %s", text);
    /* A copy of the node may be changed: tests spoil claims. */
    struct writ_json *copy = writ_arena_alloc(scratch(), sizeof *copy);
    *copy = *json;
    return copy;
}

void claim(struct writ_json *claims, const char *name, const char *json)
{
    writ_json_remove(claims, name);
    if (json)
        ck_assert_ptr_nonnull(writ_json_put(scratch(), claims, name, parse(json)));
}

void claim_authority(struct writ_json *claims, const char *tools, const char *terms)
{
    const char *entry = plain("{'type': 'attenuating_agent_token', 'tools': %s}", tools);
    claim(claims, "authorization_details",
          terms ? plain("[%s, {'type': 'writ_terms'%s%s}]", entry, terms[0] ? ", " : "", terms)
                : plain("[%s]", entry));
}

const struct writ_json *token_claims(const char *compact)
{
    struct writ_jws jws;
    const struct writ_json *claims = NULL;
    ck_assert(
        writ_is_ok(writ_jws_split(scratch(), writ_slice_text(compact), WRIT_TYP_TOKEN, &jws)));
    ck_assert(writ_is_ok(writ_jws_payload(scratch(), &jws, &claims)));
    return claims;
}

const char *token_hash(const char *compact)
{
    uint8_t hash[32];
    char text[44];
    const char *dot = strrchr(compact, '.');
    writ_sha256(writ_slice_of(compact, (size_t)(dot - compact)), hash);
    writ_base64url_hash(hash, text);
    return plain("%s", text);
}

struct writ_json *child_claims(const struct chain *chain, const struct actor *to)
{
    const char *parent = chain->tokens[chain->count - 1];
    const struct actor *signer = &chain->holders[chain->count - 1];
    struct writ_json *claims = writ_json_new_object(scratch());
    const struct writ_json *theirs = token_claims(parent);
    static const char *const KEPT[] = {
        "exp", "aud", "del_max_depth", "authorization_details", "txn", "sub", NULL};
    for (size_t i = 0; KEPT[i]; i++)
        if (writ_json_get(theirs, KEPT[i]))
            writ_json_put(scratch(), claims, KEPT[i], writ_json_get(theirs, KEPT[i]));
    int64_t depth = 0;
    int64_t iat = 0;
    ck_assert(writ_json_integer(writ_json_get(theirs, "del_depth"), &depth));
    ck_assert(writ_json_integer(writ_json_get(theirs, "iat"), &iat));
    const int64_t now = time(NULL);
    writ_json_put_string(scratch(), claims, "jti", new_id());
    writ_json_put_string(scratch(), claims, "iss",
                         writ_jwk_thumbprint_uri(scratch(), &signer->key));
    writ_json_put_integer(scratch(), claims, "iat", now > iat ? now : iat);
    writ_json_put_integer(scratch(), claims, "del_depth", depth + 1);
    writ_json_put_string(scratch(), claims, "par_hash", token_hash(parent));
    writ_json_put_string(scratch(), claims, "client_id", to->agent);
    claim(claims, "cnf", plain("{'jwk': %s}", actor_jwk(to)));
    return claims;
}

const char *token_sign(const struct writ_json *claims, const struct actor *signer)
{
    return sign(FORGE_HEADER, claims, signer->seed);
}

/* ---- Chains ---------------------------------------------------------------------------------- */

struct answer task_open(struct client *issuer, const struct actor *holder, const char *members)
{
    static const char *const DEFAULTS[][2] = {
        {"purpose", "'tidy the notes'"},
        {"principal", "'alice'"},
        {"evidence", "{'type': 'ticket', 'reference': 'T-1'}"},
        {"audience", "'" AUDIENCE "'"},
        {"grant", "'" GRANT "'"},
    };
    struct writ_json *body = parse(plain("{%s}", members));
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof DEFAULTS[0]; i++)
        if (!writ_json_get(body, DEFAULTS[i][0]) &&
            !(strcmp(DEFAULTS[i][0], "grant") == 0 && writ_json_get(body, "authority")))
            claim(body, DEFAULTS[i][0], DEFAULTS[i][1]);
    if (!writ_json_get(body, "agent"))
        claim(body, "agent", plain("'%s'", holder ? holder->agent : "planner"));
    if (holder)
        claim(body, "holder", plain("'%s'", holder->thumbprint));
    const struct writ_slice text = writ_json_canonical(scratch(), body);
    return client_send(issuer, "POST", "/v1/tasks", NULL, text);
}

void chain_push(struct chain *chain, const struct answer *admitted, const char *token,
                const struct actor *holder)
{
    ck_assert(chain->count < CHAIN_CAP);
    snprintf(chain->ids[chain->count], 40, "%s", text_at(admitted, "delegation.id"));
    chain->tokens[chain->count] = token;
    chain->holders[chain->count] = *holder;
    chain->count++;
}

void chain_take(struct chain *chain, const struct answer *opened, const struct actor *holder)
{
    expect_status(*opened, 201);
    *chain = (struct chain){.enforcer = &cast.enforcer};
    snprintf(chain->task, sizeof chain->task, "%s", text_at(opened, "task.id"));
    chain_push(chain, opened, text_at(opened, "token"), holder);
}

void chain_open(struct chain *chain, const struct actor *holder)
{
    const struct answer opened = task_open(&cast.issuer, holder, "");
    chain_take(chain, &opened, holder);
}

void chain_open_for(struct chain *chain, const char *tool, const char *terms)
{
    struct client desk = client_new(
        plain("desk-of-%s", tool),
        plain("{'role': 'issuer', 'rotate': true, 'ceiling': {'principals': ['*'], 'audiences': "
              "['" AUDIENCE "'], 'grant': '%s', 'open_tasks': 1000, 'lifetime_s': 3600}}",
              tool));
    const struct answer opened = task_open(
        &desk, &cast.planner, plain("'grant': '%s', 'terms': {%s}", tool, terms ? terms : ""));
    chain_take(chain, &opened, &cast.planner);
}

struct answer chain_admit(struct chain *chain, const char *token)
{
    return post(chain->holders[chain->count - 1].client, "/v1/delegations",
                quoted("{'task': '%s', 'token': '%s'}", chain->task, token));
}

void chain_extend(struct chain *chain, const struct actor *to, const char *tools)
{
    chain_extend_under(chain, to, tools, NULL);
}

void chain_extend_under(struct chain *chain, const struct actor *to, const char *tools,
                        const char *terms)
{
    struct writ_json *claims = child_claims(chain, to);
    if (tools)
        claim_authority(claims, tools, terms);
    const char *token = token_sign(claims, &chain->holders[chain->count - 1]);
    const struct answer answer = chain_admit(chain, token);
    expect_status(answer, 201);
    chain_push(chain, &answer, token, to);
}

/* ---- Use ------------------------------------------------------------------------------------- */

struct writ_json *proof_claims(const struct chain *chain, const char *tool, const char *args)
{
    const char *leaf = chain->tokens[chain->count - 1];
    struct writ_json *claims = writ_json_new_object(scratch());
    writ_json_put(scratch(), claims, "aat_id", writ_json_get(token_claims(leaf), "jti"));
    writ_json_put_string(scratch(), claims, "aat_hash", token_hash(leaf));
    writ_json_put_string(scratch(), claims, "aat_tool", tool);
    writ_json_put_string(scratch(), claims, "aat_aud", AUDIENCE);
    writ_json_put_string(scratch(), claims, "jti", new_id());
    writ_json_put_integer(scratch(), claims, "iat", time(NULL));
    claim(claims, "hta", args);
    return claims;
}

const char *proof_sign(const struct writ_json *claims, const struct actor *signer)
{
    return sign(FORGE_PROOF_HEADER, claims, signer->seed);
}

const char *chain_prove(const struct chain *chain, const char *tool, const char *args)
{
    return proof_sign(proof_claims(chain, tool, args), &chain->holders[chain->count - 1]);
}

const char *use_body(const struct chain *chain, const char *proof, const char *tool,
                     const char *args)
{
    return quoted("{'presentation': {'txn': '%s', 'aat_leaf': '%s', 'aat_pop': '%s'}, "
                  "'tool': '%s', 'arguments': %s}",
                  chain->task, token_hash(chain->tokens[chain->count - 1]), proof, tool, args);
}

const char *use_body_whole(const struct chain *chain, const char *proof, const char *tool,
                           const char *args)
{
    const char *tokens = "";
    for (size_t i = 0; i < chain->count; i++)
        tokens = plain("%s%s'%s'", tokens, i ? ", " : "", chain->tokens[i]);
    return quoted("{'presentation': {'aat_chain': [%s], 'aat_pop': '%s'}, 'tool': '%s', "
                  "'arguments': %s}",
                  tokens, proof, tool, args);
}

struct answer chain_call(const struct chain *chain, const char *tool, const char *args)
{
    const char *proof = chain_prove(chain, tool, args);
    return post(chain->enforcer, "/v1/validate", use_body(chain, proof, tool, args));
}

void expect_permit(const struct chain *chain, const char *tool, const char *args)
{
    const struct answer permit = chain_call(chain, tool, args);
    expect_status(permit, 200);
}

void expect_denied(const struct chain *chain, const char *tool, const char *args, const char *code)
{
    const struct answer denied = chain_call(chain, tool, args);
    expect_code(denied, code);
}

struct answer chain_call_settled(const struct chain *chain, const char *tool, const char *args)
{
    const double end = seconds_now() + 10;
    for (;;) {
        const struct answer answer = chain_call(chain, tool, args);
        if (answer.status != 503 || seconds_now() > end)
            return answer;
        sleep_s(0.1);
    }
}

struct answer chain_call_at(const struct chain *chain, const struct server *server,
                            const char *tool, const char *args)
{
    struct client enforcer = client_at(&cast.enforcer, server);
    struct chain there = *chain;
    there.enforcer = &enforcer;
    const struct answer answer = chain_call(&there, tool, args);
    client_done(&enforcer);
    return answer;
}

struct answer chain_revoke_at(const struct chain *chain, const struct server *server, size_t node)
{
    struct client issuer = client_at(&cast.issuer, server);
    const struct answer answer = chain_act(chain, &issuer, "revoke", node, "{}");
    client_done(&issuer);
    return answer;
}

void expect_buffered(struct answer answer)
{
    expect_status(answer, 200);
    expect_text(answer, "recorded", "buffered");
}

void expect_known(const struct chain *chain, const struct server *server)
{
    const struct answer first = chain_call_at(chain, server, "read_file", "{'path': '/notes/a'}");
    expect_status(first, 200);
    expect_buffered(chain_call_at(chain, server, "read_file", "{'path': '/notes/a'}"));
}

const char *act_body(const struct chain *chain, const char *act, size_t node, size_t as,
                     const struct actor *signer)
{
    const struct writ_act said = {
        .act = writ_slice_text(act),
        .task = writ_slice_text(chain->task),
        .delegation = writ_slice_text(chain->ids[node]),
        .iat_unix_s = time(NULL),
    };
    uint8_t random[16];
    struct writ_slice input;
    struct writ_slice request;
    writ_random(random, sizeof random);
    ck_assert(
        writ_is_ok(writ_request_input(scratch(), &said, writ_slice_text(ISSUER), random, &input)));
    ck_assert(writ_is_ok(writ_sign_input(scratch(), input, signer->seed, &request)));
    return quoted("{'as': '%s', 'request': '%.*s'}", chain->ids[as], WRIT_SLICE_ARGS(request));
}

struct answer chain_act(const struct chain *chain, struct client *client, const char *act,
                        size_t node, const char *body)
{
    return post(client, plain("/v1/delegations/%s/%s?task=%s", chain->ids[node], act, chain->task),
                body);
}

long chain_rows(const struct chain *chain, const char *table)
{
    return postgres_count(
        &shared_postgres,
        plain("select count(*) from writ.%s where task_id = '%s'", table, chain->task));
}

void policies_set(const char *text)
{
    struct writ_json *body = writ_json_new_object(scratch());
    writ_json_put_string(scratch(), body, "name", "tests");
    writ_json_put_string(scratch(), body, "text", quoted("%s", text));
    const struct writ_slice bytes = writ_json_canonical(scratch(), body);
    const struct answer answer = client_send(&cast.admin, "PUT", "/v1/policies", NULL, bytes);
    expect_status(answer, 200);
}
