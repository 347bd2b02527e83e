#include "remotes.h"

#include "breaker.h"
#include "clock.h"
#include "config.h"
#include "log.h"
#include "outbound/outbound.h"
#include "policy/remote.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Requests to one engine: all that are under way (the room has more places than all engines
 * together), and of those the ones of threads that wait, so that calls always have the others. */
enum { UNDER_WAY_MAX = 256, OF_WAITING_MAX = 128, WAITING_MAX = 16 };
enum { ENGINES_MAX = 2, ANSWER_SIZE_MAX = 262144, TOKEN_SIZE_MAX = 4096 };

struct engine {
    const struct policy_remote_kind *kind;
    const char *url;
    const char *token; /* NULL: none */
    const char *ca_file;
    uint32_t deadline_ms;
    struct breaker breaker;
    atomic_int under_way;
    atomic_uint_fast64_t answers[POLICY_PERMITTED + 1];
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t request_us;
};

struct remotes {
    struct outbound *outbound;
    struct writ_arena arena; /* tokens */
    struct engine engines[ENGINES_MAX];
    size_t engine_count;
    size_t waiting_max; /* threads: half of the readers, so that the others go on */
    size_t wave_max;    /* tools that each of them asks about at a time */
    atomic_size_t waiting;
};

/* One request: some tools of a question, to one engine. */
struct exchange {
    struct remotes_question *question;
    struct engine *engine;
    size_t first, count;
    const char *url;
    struct writ_slice body;
    struct policy_answer *said;
};

static const char *const ANSWERS[] = {
    [POLICY_FAILED] = "failed", [POLICY_DENIED] = "denied", [POLICY_PERMITTED] = "permitted"};

/* ---- Engines ------------------------------------------------------------------------------ */

static struct writ_result refuse_token(const char *path, const char *why)
{
    log_error("policy_token_refused", LOG_TEXT("path", path), LOG_TEXT("message", why));
    return WRIT_FAILURE(MALFORMED);
}

/* What goes into a header: printable, and no line of its own. */
static struct writ_result read_token(struct writ_arena *arena, const char *path,
                                     const char **ret_token)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return refuse_token(path, strerror(errno));
    char *token = writ_arena_alloc(arena, TOKEN_SIZE_MAX + 2);
    size_t size = token ? fread(token, 1, TOKEN_SIZE_MAX + 1, file) : 0;
    fclose(file);
    WRIT_ENSURE(token, OUT_OF_MEMORY);
    while (size > 0 && (token[size - 1] == '\n' || token[size - 1] == '\r'))
        size--;
    if (size == 0 || size > TOKEN_SIZE_MAX)
        return refuse_token(path, "a token of 1 to 4096 bytes");
    for (size_t i = 0; i < size; i++)
        if (token[i] <= ' ' || token[i] > '~')
            return refuse_token(path, "a token is one line of printable characters");
    token[size] = '\0';
    *ret_token = token;
    return WRIT_SUCCESS;
}

static struct writ_result add_engine(struct remotes *remotes, const struct config *config,
                                     const struct policy_remote_kind *kind, const char *url,
                                     const char *token_file)
{
    if (!url)
        return WRIT_SUCCESS;
    struct engine *engine = &remotes->engines[remotes->engine_count];
    if (token_file)
        WRIT_TRY(read_token(&remotes->arena, token_file, &engine->token));
    engine->kind = kind;
    engine->url = url;
    engine->ca_file = config->policy_ca;
    engine->deadline_ms = config->policy_deadline_ms;
    breaker_init(&engine->breaker);
    remotes->engine_count++;
    return WRIT_SUCCESS;
}

struct writ_result remotes_new(const struct config *config, struct outbound *outbound,
                               struct remotes **ret_remotes)
{
    *ret_remotes = NULL;
    if (!config->policy_opa && !config->policy_authzen)
        return WRIT_SUCCESS;
    struct remotes *remotes = calloc(1, sizeof *remotes);
    WRIT_ENSURE(remotes, OUT_OF_MEMORY);
    remotes->outbound = outbound;
    remotes->waiting_max = config->readers < 2                 ? 1
                           : config->readers / 2 < WAITING_MAX ? config->readers / 2
                                                               : WAITING_MAX;
    remotes->wave_max = OF_WAITING_MAX / remotes->waiting_max;
    writ_arena_init(&remotes->arena, 0);
    struct writ_result result = add_engine(remotes, config, &POLICY_OPA, config->policy_opa,
                                           config->policy_opa_token);
    if (writ_is_ok(result))
        result = add_engine(remotes, config, &POLICY_AUTHZEN, config->policy_authzen,
                            config->policy_authzen_token);
    if (!writ_is_ok(result)) {
        remotes_free(remotes);
        return result;
    }
    *ret_remotes = remotes;
    return WRIT_SUCCESS;
}

struct remotes *remotes_free(struct remotes *remotes)
{
    if (!remotes)
        return NULL;
    for (size_t i = 0; i < remotes->engine_count; i++)
        breaker_done(&remotes->engines[i].breaker);
    writ_arena_done(&remotes->arena);
    free(remotes);
    return NULL;
}

/* ---- Answers ------------------------------------------------------------------------------ */

/* What all engines together say; the last one to settle does it. */
static void settle(struct remotes_question *question)
{
    if (atomic_fetch_sub(&question->pending, 1) > 1)
        return;
    for (size_t i = 0; i < question->tool_count; i++)
        question->answers[i] = (struct policy_answer){.verdict = POLICY_PERMITTED};
    for (size_t i = 0; i < question->exchange_count; i++) {
        const struct exchange *exchange = &question->exchanges[i];
        for (size_t k = 0; k < exchange->count; k++)
            policy_join(question->arena, &question->answers[exchange->first + k],
                        &exchange->said[k]);
    }
    question->done(question);
}

static void fail(const struct exchange *exchange, const char *why)
{
    for (size_t i = 0; i < exchange->count; i++) {
        struct policy_answer *answer = &exchange->said[i];
        *answer = (struct policy_answer){.verdict = POLICY_FAILED};
        snprintf(answer->detail, sizeof answer->detail, "policy engine %s: %s",
                 exchange->engine->kind->name, why);
    }
}

static void finish(const struct exchange *exchange)
{
    for (size_t i = 0; i < exchange->count; i++)
        atomic_fetch_add(&exchange->engine->answers[exchange->said[i].verdict], 1);
    settle(exchange->question);
}

/* Only that nobody was there to answer stops an engine: whoever can make one question fail (by
 * arguments that a policy trips over, or repeats until its answer is too large) must not stop it
 * for all others. */
static bool is_away(const struct outbound_answer *answer)
{
    if (answer->fate == OUTBOUND_TOO_LARGE)
        return false;
    return answer->fate != OUTBOUND_ANSWERED || answer->status == 429 || answer->status == 502 ||
           answer->status == 503 || answer->status == 504;
}

static void report(struct engine *engine, const struct outbound_answer *answer)
{
    if (answer->fate == OUTBOUND_ENDED)
        return;
    const enum breaker_turn turn = breaker_report(&engine->breaker, !is_away(answer),
                                                  clock_monotonic_us());
    if (turn == BREAKER_OPENED)
        log_warn("policy_engine_away", LOG_TEXT("engine", engine->kind->name),
                 LOG_TEXT("fate", outbound_fate_text(answer->fate)),
                 LOG_INT("status", answer->status), LOG_TEXT("error", answer->error));
    else if (turn == BREAKER_CLOSED)
        log_info("policy_engine_back", LOG_TEXT("engine", engine->kind->name));
}

static void on_answer(const struct outbound_answer *answer, void *context)
{
    static const char *const WHY[OUTBOUND_FATES] = {
        [OUTBOUND_UNREACHABLE] = "it can not be reached",
        [OUTBOUND_TIMED_OUT] = "it did not answer in time",
        [OUTBOUND_BROKEN] = "its answer is not whole",
        [OUTBOUND_TOO_LARGE] = "its answer is too large",
        [OUTBOUND_ENDED] = "the service stops",
    };
    const struct exchange *exchange = context;
    struct engine *engine = exchange->engine;
    atomic_fetch_sub(&engine->under_way, 1);
    atomic_fetch_add(&engine->request_us, (uint64_t)answer->took_us);
    report(engine, answer);
    if (answer->fate != OUTBOUND_ANSWERED)
        fail(exchange, WHY[answer->fate]);
    else if (answer->status != 200)
        fail(exchange, "it answered with another status than 200");
    else
        engine->kind->read(exchange->question->arena, answer->body, exchange->said,
                           exchange->count);
    finish(exchange);
}

/* ---- Questions ---------------------------------------------------------------------------- */

/* NULL: it is under way. */
static const char *send(struct outbound *outbound, struct exchange *exchange)
{
    struct engine *engine = exchange->engine;
    if (!breaker_may_pass(&engine->breaker, clock_monotonic_us()))
        return "it did not answer lately, and is not asked for a second";
    const struct outbound_request request = {
        .url = exchange->url,
        .body = exchange->body,
        .bearer = engine->token,
        .ca_file = engine->ca_file,
        .deadline_ms = engine->deadline_ms,
        .answer_max = ANSWER_SIZE_MAX,
        .done = on_answer,
        .context = exchange,
    };
    if (atomic_fetch_add(&engine->under_way, 1) < UNDER_WAY_MAX &&
        writ_is_ok(outbound_send(outbound, &request))) {
        atomic_fetch_add(&engine->requests, 1);
        return NULL;
    }
    atomic_fetch_sub(&engine->under_way, 1);
    return "too many questions are under way";
}

static bool write_exchange(const struct remotes_question *question, struct exchange *exchange)
{
    struct writ_arena *arena = question->arena;
    const struct policy_remote_kind *kind = exchange->engine->kind;
    exchange->url = writ_arena_printf(arena, "%s%s", exchange->engine->url,
                                      exchange->count > 1 ? kind->path_of_batch : kind->path);
    exchange->body = kind->ask(arena, question->request,
                               question->tools ? question->tools + exchange->first : NULL,
                               exchange->count);
    exchange->said = writ_arena_array(arena, exchange->count, sizeof *exchange->said);
    return exchange->url && exchange->body.data && exchange->said;
}

/* All that needs the arena, before the first answer can come. */
static bool write_all(struct remotes *remotes, struct remotes_question *question)
{
    size_t count = 0;
    for (size_t i = 0; i < remotes->engine_count; i++) {
        const size_t batch = remotes->engines[i].kind->batch_max;
        count += (question->tool_count + batch - 1) / batch;
    }
    question->exchange_count = 0;
    question->exchanges = writ_arena_array(question->arena, count, sizeof *question->exchanges);
    if (!question->exchanges)
        return false;
    for (size_t i = 0; i < remotes->engine_count; i++) {
        struct engine *engine = &remotes->engines[i];
        for (size_t first = 0; first < question->tool_count; first += engine->kind->batch_max) {
            const size_t left = question->tool_count - first;
            struct exchange *exchange = &question->exchanges[question->exchange_count++];
            *exchange = (struct exchange){
                .question = question,
                .engine = engine,
                .first = first,
                .count = left < engine->kind->batch_max ? left : engine->kind->batch_max,
            };
            if (!write_exchange(question, exchange))
                return false;
        }
    }
    return true;
}

static void fail_all(struct policy_answer *answers, size_t count, const char *why)
{
    for (size_t i = 0; i < count; i++) {
        answers[i] = (struct policy_answer){.verdict = POLICY_FAILED};
        snprintf(answers[i].detail, sizeof answers[i].detail, "%s", why);
    }
}

void remotes_ask(struct remotes *remotes, struct remotes_question *question)
{
    if (!write_all(remotes, question)) {
        question->exchange_count = 0; /* the last one is not whole, and nobody was asked */
        fail_all(question->answers, question->tool_count, "out of memory");
        question->done(question);
        return;
    }
    /* One more, for this loop: it touches the question until it has settled itself. */
    atomic_store(&question->pending, question->exchange_count + 1);
    for (size_t i = 0; i < question->exchange_count; i++) {
        struct exchange *exchange = &question->exchanges[i];
        const char *wrong = send(remotes->outbound, exchange);
        if (!wrong)
            continue;
        fail(exchange, wrong);
        finish(exchange);
    }
    settle(question);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool is_done;
};

static void tell(struct remotes_question *question)
{
    struct waiter *waiter = question->context;
    pthread_mutex_lock(&waiter->lock);
    waiter->is_done = true;
    pthread_cond_signal(&waiter->told);
    pthread_mutex_unlock(&waiter->lock);
}

/* Some tools of a question. False: one of them could not be answered. */
static bool ask_wave(struct remotes *remotes, const struct remotes_question *question, size_t first,
                     size_t count)
{
    struct waiter waiter = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false};
    struct remotes_question wave = {
        .arena = question->arena,
        .request = question->request,
        .tools = question->tools ? question->tools + first : NULL,
        .tool_count = count,
        .answers = question->answers + first,
        .done = tell,
        .context = &waiter,
    };
    remotes_ask(remotes, &wave);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.is_done)
        pthread_cond_wait(&waiter.told, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    pthread_mutex_destroy(&waiter.lock);
    pthread_cond_destroy(&waiter.told);
    bool is_answered = true;
    for (size_t i = 0; i < count; i++)
        is_answered = is_answered && wave.answers[i].verdict != POLICY_FAILED;
    return is_answered;
}

/* An engine that does not answer is waited for once, however much there is to ask. */
static void ask_in_waves(struct remotes *remotes, const struct remotes_question *question)
{
    bool is_answered = true;
    for (size_t first = 0; first < question->tool_count; first += remotes->wave_max) {
        const size_t left = question->tool_count - first;
        const size_t count = left < remotes->wave_max ? left : remotes->wave_max;
        if (is_answered)
            is_answered = ask_wave(remotes, question, first, count);
        else
            fail_all(question->answers + first, count, "a policy engine failed before");
    }
}

struct writ_result remotes_ask_and_wait(struct remotes *remotes, struct remotes_question *question)
{
    const bool may_wait = atomic_fetch_add(&remotes->waiting, 1) < remotes->waiting_max;
    if (may_wait)
        ask_in_waves(remotes, question);
    atomic_fetch_sub(&remotes->waiting, 1);
    WRIT_ENSURE(may_wait, RATE_LIMITED);
    return WRIT_SUCCESS;
}

/* ---- Records ------------------------------------------------------------------------------ */

static struct writ_json *put_heard(struct writ_arena *arena, struct writ_json *heard,
                                   const struct exchange *exchange,
                                   const struct policy_answer *said)
{
    struct writ_json *entry = writ_json_add_object(arena, heard);
    for (size_t i = 0; said->basis && i < said->basis->count; i++)
        writ_json_put_named(arena, entry, said->basis->names[i], &said->basis->items[i]);
    if (said->reference.size > 0)
        writ_json_put_text(arena, entry, "decision_id", said->reference);
    writ_json_put_string(arena, entry, "engine", exchange->engine->kind->name);
    return writ_json_put_string(arena, entry, "answer", ANSWERS[said->verdict]);
}

struct writ_json *remotes_heard(const struct remotes_question *question, size_t tool)
{
    struct writ_arena *arena = question->arena;
    struct writ_json *heard = writ_json_new_array(arena);
    struct writ_json *last = heard;
    for (size_t i = 0; i < question->exchange_count && last; i++) {
        const struct exchange *exchange = &question->exchanges[i];
        if (tool >= exchange->first && tool - exchange->first < exchange->count)
            last = put_heard(arena, heard, exchange, &exchange->said[tool - exchange->first]);
    }
    return last ? heard : NULL;
}

/* ---- Metrics ------------------------------------------------------------------------------ */

struct writ_slice remotes_metrics(struct remotes *remotes, struct writ_arena *arena)
{
    enum { SIZE = 4096 };
    char *text = remotes ? writ_arena_alloc(arena, SIZE) : NULL;
    if (!text)
        return remotes ? WRIT_SLICE_NONE : writ_slice_text("");
    FILE *out = fmemopen(text, SIZE, "w");
    if (!out)
        return WRIT_SLICE_NONE;
    struct engine *const first = remotes->engines, *const end = first + remotes->engine_count;
    fputs("# TYPE writ_policy_answers_total counter\n", out);
    for (struct engine *engine = first; engine < end; engine++)
        for (size_t i = sizeof ANSWERS / sizeof ANSWERS[0]; i-- > 0;)
            fprintf(out, "writ_policy_answers_total{engine=\"%s\",answer=\"%s\"} %llu\n",
                    engine->kind->name, ANSWERS[i],
                    (unsigned long long)atomic_load(&engine->answers[i]));
    fputs("# TYPE writ_policy_requests_total counter\n", out);
    for (struct engine *engine = first; engine < end; engine++)
        fprintf(out, "writ_policy_requests_total{engine=\"%s\"} %llu\n", engine->kind->name,
                (unsigned long long)atomic_load(&engine->requests));
    fputs("# TYPE writ_policy_request_seconds_total counter\n", out);
    for (struct engine *engine = first; engine < end; engine++)
        fprintf(out, "writ_policy_request_seconds_total{engine=\"%s\"} %.6f\n", engine->kind->name,
                (double)atomic_load(&engine->request_us) / 1e6);
    fputs("# TYPE writ_policy_engine_away gauge\n", out);
    for (struct engine *engine = first; engine < end; engine++)
        fprintf(out, "writ_policy_engine_away{engine=\"%s\"} %d\n", engine->kind->name,
                breaker_is_open(&engine->breaker));
    fclose(out);
    return writ_slice_text(text);
}
