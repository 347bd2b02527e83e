#include "mixed.h"

#include "tree.h"

#include "base/base64url.h"
#include "base/crypto.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { TREES = 6, REMEMBERED = 64 };

enum who { ISSUING, PLANNING, RETRIEVING, EXECUTING, ENFORCING, WHO_COUNT };

/* A request that may be sent again; what it is about is in the event, its answer is not. */
struct request {
    enum who who;
    char path[160];
    const char *body; /* the scratch's; of one that is remembered the heap's */
    struct event event;
};

struct worker {
    struct mixed *mixed;
    int number;
    uint64_t random;
    uint64_t keys;
    struct client clients[MIXED_SERVERS][WHO_COUNT];
    struct history history;
    pthread_t thread;
};

struct mixed {
    struct mixed_options options;
    atomic_bool over;
    atomic_long answered, unknown;
    struct tree trees[TREES];
    pthread_mutex_t lock;
    struct request remembered[REMEMBERED];
    size_t remembered_count;
    struct worker workers[MIXED_WORKERS];
};

/* splitmix64 */
static uint64_t draw(struct worker *worker, uint64_t below)
{
    uint64_t z = worker->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

static void digest(const char *text, char ret_text[static EVENT_HASH_CAP])
{
    uint8_t hash[32];
    writ_sha256(writ_slice_text(text), hash);
    writ_base64url_hash(hash, ret_text);
}

/* ---- Sending --------------------------------------------------------------------------------- */

static void take_answer(struct event *event, const struct answer *answer)
{
    event->status = answer->status;
    event->code[0] = event->made[0] = event->said[0] = '\0';
    event->buffered = false;
    if (answer->status == 201) {
        snprintf(event->made, sizeof event->made, "%s", text_at(answer, "delegation.id"));
    } else if (answer->status == 200 && strcmp(event->kind, "use") == 0) {
        snprintf(event->made, sizeof event->made, "%s", text_at(answer, "id"));
        snprintf(event->said, sizeof event->said, "%s", text_at(answer, "arguments_sha256"));
        event->buffered = strcmp(text_at(answer, "recorded"), "buffered") == 0;
    } else if (answer->status != 200 && has_at(answer, "code")) {
        snprintf(event->code, sizeof event->code, "%s", text_at(answer, "code"));
    }
}

static struct event send_request(struct worker *worker, const struct request *request)
{
    const struct mixed_options *options = &worker->mixed->options;
    struct event event = request->event;
    event.worker = worker->number;
    event.server = options->servers[1] ? (int)draw(worker, MIXED_SERVERS) : 0;
    struct client *client = &worker->clients[event.server][request->who];
    snprintf(event.client, sizeof event.client, "%.15s", client->id);
    digest(request->body, event.body);
    event.begun_s = seconds_now();
    const struct answer answer = post_once(client, request->path, event.key[0] ? event.key : NULL,
                                           request->body);
    event.ended_s = seconds_now();
    take_answer(&event, &answer);
    if (!options->is_steady)
        history_add(&worker->history, &event);
    const bool is_unknown = answer.status == 0 || answer.status == 503;
    atomic_fetch_add(is_unknown ? &worker->mixed->unknown : &worker->mixed->answered, 1);
    if (is_unknown)
        sleep_s(0.01);
    return event;
}

static void make_key(struct worker *worker, struct request *request)
{
    snprintf(request->event.key, sizeof request->event.key, "key-%d-%llu", worker->number,
             (unsigned long long)worker->keys++);
}

static void remember(struct worker *worker, const struct request *request)
{
    struct mixed *mixed = worker->mixed;
    pthread_mutex_lock(&mixed->lock);
    struct request *place = &mixed->remembered[mixed->remembered_count++ % REMEMBERED];
    free((void *)(uintptr_t)place->body);
    *place = *request;
    place->body = strdup(request->body);
    pthread_mutex_unlock(&mixed->lock);
}

/* ---- What clients do ------------------------------------------------------------------------- */

static bool pick_node(struct worker *worker, struct pick *ret_pick)
{
    struct mixed *mixed = worker->mixed;
    const size_t server = mixed->options.servers[1] ? draw(worker, MIXED_SERVERS) : 0;
    struct tree *tree = &mixed->trees[draw(worker, TREES)];
    return tree_pick(tree, &worker->clients[server][ISSUING], draw(worker, UINT32_MAX),
                     !mixed->options.is_steady, ret_pick);
}

static enum who client_of(const struct actor *holder)
{
    return holder->client == &cast.planning     ? PLANNING
           : holder->client == &cast.retrieving ? RETRIEVING
                                                : EXECUTING;
}

static struct request about(const struct pick *pick, const char *kind, enum who who,
                            const char *path)
{
    struct request request = {.who = who, .event = {.kind = kind}};
    snprintf(request.path, sizeof request.path, "%s", path);
    snprintf(request.event.task, EVENT_ID_CAP, "%s", pick->chain.task);
    snprintf(request.event.delegation, EVENT_ID_CAP, "%s", pick->chain.ids[pick->chain.count - 1]);
    return request;
}

static const struct actor *leaf_holder(const struct pick *pick)
{
    return &pick->chain.holders[pick->chain.count - 1];
}

/* A child of the node; its token and holder where it was admitted. */
static bool admit_child(struct worker *worker, const struct pick *pick, struct event *ret_event,
                        const char **ret_token, const struct actor **ret_holder)
{
    static const struct actor *const ACTORS[] = {&cast.planner, &cast.retriever, &cast.executor};
    const struct actor *to = ACTORS[draw(worker, 3)];
    const struct actor *parent = leaf_holder(pick);
    const char *token = token_sign(child_claims(&pick->chain, to), parent);
    struct request request = about(pick, "admit", client_of(parent), "/v1/delegations");
    request.body = quoted("{'task': '%s', 'token': '%s'}", pick->chain.task, token);
    snprintf(request.event.leaf, EVENT_HASH_CAP, "%s", token_hash(token));
    if (draw(worker, 2))
        make_key(worker, &request);
    *ret_event = send_request(worker, &request);
    *ret_token = token;
    *ret_holder = to;
    if (request.event.key[0])
        remember(worker, &request);
    return ret_event->status == 201;
}

static void admit(struct worker *worker, struct pick *pick)
{
    struct event event;
    const char *token;
    const struct actor *to;
    if (admit_child(worker, pick, &event, &token, &to))
        tree_grow(pick, event.made, token, to);
}

/* What is to be ended: the node itself; where trees are to stay, a child of it that nobody knows.
 */
static bool pick_victim(struct worker *worker, struct pick *pick)
{
    struct event event;
    const char *token;
    const struct actor *to;
    if (!worker->mixed->options.is_steady)
        return true;
    if (!admit_child(worker, pick, &event, &token, &to))
        return false;
    struct chain *chain = &pick->chain;
    snprintf(chain->ids[chain->count], EVENT_ID_CAP, "%s", event.made);
    chain->tokens[chain->count] = token;
    chain->holders[chain->count++] = *to;
    return true;
}

static void use(struct worker *worker, struct pick *pick)
{
    const bool writes = draw(worker, 2);
    const char *tool = writes ? "write_note" : "read_file";
    const unsigned place = (unsigned)draw(worker, 1000);
    const char *args = writes ? quoted("{'path':'/notes/%u','text':'x'}", place)
                              : quoted("{'path':'/notes/%u'}", place);
    struct writ_json *claims = proof_claims(&pick->chain, tool, args);
    const char *proof = proof_sign(claims, leaf_holder(pick));
    struct request request = about(pick, "use", ENFORCING, "/v1/validate");
    request.body = (draw(worker, 2) ? use_body(&pick->chain, proof, tool, args)
                                    : use_body_whole(&pick->chain, proof, tool, args));
    const struct writ_slice jti = writ_json_text(writ_json_get(claims, "jti"));
    snprintf(request.event.jti, EVENT_ID_CAP, "%.*s", WRIT_SLICE_ARGS(jti));
    snprintf(request.event.leaf, EVENT_HASH_CAP, "%s",
             token_hash(pick->chain.tokens[pick->chain.count - 1]));
    snprintf(request.event.tool, sizeof request.event.tool, "%s", tool);
    digest(args, request.event.arguments);
    if (draw(worker, 3) == 0)
        make_key(worker, &request);
    send_request(worker, &request);
    if (writes || request.event.key[0])
        remember(worker, &request);
}

/* Somebody's request again: under its own key, or with the key taken away or changed. */
static void repeat(struct worker *worker)
{
    struct mixed *mixed = worker->mixed;
    struct request request = {0};
    pthread_mutex_lock(&mixed->lock);
    const size_t count = mixed->remembered_count < REMEMBERED ? mixed->remembered_count
                                                              : REMEMBERED;
    if (count > 0) {
        request = mixed->remembered[draw(worker, count)];
        request.body = plain("%s", request.body);
    }
    pthread_mutex_unlock(&mixed->lock);
    if (!request.body)
        return;
    const bool is_replay = strcmp(request.event.tool, "write_note") == 0 && draw(worker, 2);
    if (is_replay) {
        request.event.key[0] = '\0';
        if (draw(worker, 2))
            make_key(worker, &request);
    }
    if (is_replay || request.event.key[0])
        send_request(worker, &request);
}

static void revoke(struct worker *worker, struct pick *pick)
{
    if (!pick_victim(worker, pick))
        return;
    const char *id = pick->chain.ids[pick->chain.count - 1];
    struct request request = about(
        pick, "revoke", ISSUING, plain("/v1/delegations/%s/revoke?task=%s", id, pick->chain.task));
    request.body = "{}";
    send_request(worker, &request);
    if (pick->node == 0)
        tree_let_end(pick);
}

/* By its own holder: `complete` kills it, `renew` does not. */
static void act(struct worker *worker, struct pick *pick, const char *what)
{
    const bool ends = strcmp(what, "complete") == 0;
    if (ends && worker->mixed->options.is_steady)
        return; /* its chain would have to be known */
    const size_t leaf = pick->chain.count - 1;
    const struct actor *holder = leaf_holder(pick);
    struct request request = about(
        pick, what, client_of(holder),
        plain("/v1/delegations/%s/%s?task=%s", pick->chain.ids[leaf], what, pick->chain.task));
    request.body = act_body(&pick->chain, what, leaf, leaf, holder);
    send_request(worker, &request);
    if (ends && pick->node == 0)
        tree_let_end(pick);
}

static void end_task(struct worker *worker, struct pick *pick)
{
    if (worker->mixed->options.is_steady) {
        const struct answer opened = task_open(&worker->clients[0][ISSUING], &cast.planner, "");
        if (opened.status != 201)
            return;
        chain_take(&pick->chain, &opened, &cast.planner);
    }
    struct request request = about(
        pick, "end", ISSUING,
        plain("/v1/tasks/%s/%s", pick->chain.task, draw(worker, 2) ? "complete" : "cancel"));
    request.body = "{}";
    send_request(worker, &request);
    tree_let_end(pick);
}

static void *work(void *context)
{
    struct worker *worker = context;
    while (!atomic_load(&worker->mixed->over)) {
        struct pick pick;
        const uint64_t choice = draw(worker, 1000);
        if (choice >= 800)
            repeat(worker);
        else if (!pick_node(worker, &pick))
            sleep_s(0.01);
        else if (choice < 250)
            admit(worker, &pick);
        else if (choice < 735)
            use(worker, &pick);
        else if (choice < 755)
            revoke(worker, &pick);
        else if (choice < 765)
            act(worker, &pick, "complete");
        else if (choice < 795)
            act(worker, &pick, "renew");
        else
            end_task(worker, &pick);
        scratch_reset();
    }
    return NULL;
}

/* ---- Start and stop -------------------------------------------------------------------------- */

static void make_worker(struct mixed *mixed, int number)
{
    struct worker *worker = &mixed->workers[number];
    const struct client *const whose[WHO_COUNT] = {&cast.issuer, &cast.planning, &cast.retrieving,
                                                   &cast.executing, &cast.enforcer};
    worker->mixed = mixed;
    worker->number = number;
    worker->random = mixed->options.seed * MIXED_WORKERS + (uint64_t)number;
    for (size_t s = 0; s < MIXED_SERVERS && mixed->options.servers[s]; s++)
        for (size_t w = 0; w < WHO_COUNT; w++)
            worker->clients[s][w] = client_at(whose[w], mixed->options.servers[s]);
}

struct mixed *mixed_start(const struct mixed_options *options)
{
    struct mixed *mixed = calloc(1, sizeof *mixed);
    ck_assert_ptr_nonnull(mixed);
    mixed->options = *options;
    cast_buffer_reads(&cast);
    pthread_mutex_init(&mixed->lock, NULL);
    for (size_t i = 0; i < TREES; i++)
        tree_init(&mixed->trees[i]);
    for (int i = 0; i < MIXED_WORKERS; i++)
        make_worker(mixed, i);
    for (int i = 0; i < MIXED_WORKERS; i++)
        ck_assert_int_eq(pthread_create(&mixed->workers[i].thread, NULL, work, &mixed->workers[i]),
                         0);
    return mixed;
}

long mixed_answered(const struct mixed *mixed)
{
    return atomic_load(&mixed->answered);
}

long mixed_unknown(const struct mixed *mixed)
{
    return atomic_load(&mixed->unknown);
}

void mixed_stop(struct mixed *mixed, struct history *ret_history)
{
    struct history whole = {0};
    atomic_store(&mixed->over, true);
    for (int i = 0; i < MIXED_WORKERS; i++) {
        struct worker *worker = &mixed->workers[i];
        pthread_join(worker->thread, NULL);
        history_join(&whole, &worker->history);
        for (size_t s = 0; s < MIXED_SERVERS && mixed->options.servers[s]; s++)
            for (size_t w = 0; w < WHO_COUNT; w++)
                client_done(&worker->clients[s][w]);
    }
    for (size_t i = 0; i < TREES; i++)
        tree_done(&mixed->trees[i]);
    for (size_t i = 0; i < REMEMBERED; i++)
        free((void *)(uintptr_t)mixed->remembered[i].body);
    free(mixed);
    if (ret_history)
        *ret_history = whole;
    else
        history_done(&whole);
}
