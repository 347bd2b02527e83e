#include "outbound/outbound.h"

#include "clock.h"
#include "log.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "writ.h"

enum { BEARER_LINE_MAX = 8192, FIRST_CAPACITY = 4096 };

/* One request, from outbound_send until its `done` returns. */
struct transfer {
    struct transfer *next; /* of those that the thread has not taken yet */
    struct transfer *previous_active, *next_active;
    CURL *curl;
    struct curl_slist *headers;
    uint8_t *body; /* the answer's, while it comes */
    size_t size, capacity, size_max;
    bool is_too_large;
    int64_t started_us;
    outbound_done *done;
    void *context;
    char error[CURL_ERROR_SIZE];
};

struct outbound {
    CURLM *multi; /* the thread's alone, but for its wake-up */
    pthread_t thread;
    size_t limit;
    struct transfer *active; /* the thread's */

    pthread_mutex_t lock; /* of what follows */
    struct transfer *submitted;
    size_t count; /* submitted and active */
    bool stopping;
};

const char *outbound_fate_text(enum outbound_fate fate)
{
    static const char *const TEXTS[OUTBOUND_FATES] = {
        [OUTBOUND_ANSWERED] = "answered",   [OUTBOUND_UNREACHABLE] = "unreachable",
        [OUTBOUND_TIMED_OUT] = "timed_out", [OUTBOUND_BROKEN] = "broken",
        [OUTBOUND_TOO_LARGE] = "too_large", [OUTBOUND_ENDED] = "ended",
    };
    return TEXTS[fate];
}

/* ---- A request ---------------------------------------------------------------------------- */

static struct transfer *transfer_free(struct transfer *transfer)
{
    if (!transfer)
        return NULL;
    curl_easy_cleanup(transfer->curl);
    curl_slist_free_all(transfer->headers);
    free(transfer->body);
    free(transfer);
    return NULL;
}

/* Returning less than came ends the transfer. */
static size_t take_body(char *bytes, size_t unit, size_t count, void *context)
{
    struct transfer *transfer = context;
    const size_t size = unit * count;
    transfer->is_too_large = size > transfer->size_max - transfer->size;
    if (transfer->is_too_large)
        return 0;
    if (size > transfer->capacity - transfer->size) {
        size_t capacity = transfer->capacity > 0 ? transfer->capacity : FIRST_CAPACITY;
        while (capacity - transfer->size < size)
            capacity *= 2;
        uint8_t *more = realloc(transfer->body, capacity);
        if (!more)
            return 0;
        transfer->body = more;
        transfer->capacity = capacity;
    }
    memcpy(transfer->body + transfer->size, bytes, size);
    transfer->size += size;
    return size;
}

static bool add_header(struct transfer *transfer, const char *line)
{
    struct curl_slist *longer = curl_slist_append(transfer->headers, line);
    if (longer)
        transfer->headers = longer;
    return longer != NULL;
}

static bool add_headers(struct transfer *transfer, const struct outbound_request *request)
{
    /* No "Expect: 100-continue": it would cost a round trip for nothing. */
    bool whole = add_header(transfer, "Content-Type: application/json") &&
                 add_header(transfer, "Accept: application/json") &&
                 add_header(transfer, "Expect:");
    for (size_t i = 0; request->headers && request->headers[i]; i++)
        whole = whole && add_header(transfer, request->headers[i]);
    if (!request->bearer)
        return whole;
    char line[BEARER_LINE_MAX];
    const int size = snprintf(line, sizeof line, "Authorization: Bearer %s", request->bearer);
    return whole && size > 0 && (size_t)size < sizeof line && add_header(transfer, line);
}

#define SET(option, value) (curl_easy_setopt(transfer->curl, (option), (value)) == CURLE_OK)

/* What is not said here is curl's default; what a default or the environment could change is. */
static bool set_options(struct transfer *transfer, const struct outbound_request *request)
{
    return SET(CURLOPT_PROTOCOLS_STR, "http,https") && SET(CURLOPT_URL, request->url) &&
           SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_PROXY, "") &&
           SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) && SET(CURLOPT_SSL_VERIFYPEER, 1L) &&
           SET(CURLOPT_SSL_VERIFYHOST, 2L) &&
           SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           /* In place of the system's, of which libcurl has a file and a directory. */
           (!request->ca_file ||
            (SET(CURLOPT_CAINFO, request->ca_file) && SET(CURLOPT_CAPATH, NULL))) &&
           SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) &&
           SET(CURLOPT_TIMEOUT_MS, (long)request->deadline_ms) &&
           SET(CURLOPT_CONNECTTIMEOUT_MS, (long)request->deadline_ms) &&
           SET(CURLOPT_NOSIGNAL, 1L) &&
           /* A name that is not resolved in time must not hold up the thread: its look-up is left
            * to end by itself. */
           SET(CURLOPT_QUICK_EXIT, 1L) && SET(CURLOPT_USERAGENT, "writd/" WRIT_VERSION) &&
           SET(CURLOPT_HTTPHEADER, transfer->headers) &&
           SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size) &&
           SET(CURLOPT_COPYPOSTFIELDS,
               request->body.size > 0 ? (const char *)request->body.data : "") &&
           SET(CURLOPT_WRITEFUNCTION, take_body) && SET(CURLOPT_WRITEDATA, transfer) &&
           SET(CURLOPT_PRIVATE, transfer) && SET(CURLOPT_ERRORBUFFER, transfer->error);
}

#undef SET

static struct transfer *transfer_new(const struct outbound_request *request)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    if (!transfer)
        return NULL;
    transfer->size_max = request->answer_max;
    transfer->done = request->done;
    transfer->context = request->context;
    transfer->started_us = clock_monotonic_us();
    transfer->curl = curl_easy_init();
    if (!transfer->curl || !add_headers(transfer, request) || !set_options(transfer, request))
        return transfer_free(transfer);
    return transfer;
}

/* ---- The thread --------------------------------------------------------------------------- */

static enum outbound_fate fate_of(const struct transfer *transfer, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return OUTBOUND_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return OUTBOUND_TIMED_OUT;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
        return OUTBOUND_UNREACHABLE;
    default:
        return transfer->is_too_large ? OUTBOUND_TOO_LARGE : OUTBOUND_BROKEN;
    }
}

/* Its place is free before it is called back, so that who is called may send again. */
static void finish(struct outbound *outbound, struct transfer *transfer,
                   struct outbound_answer answer)
{
    pthread_mutex_lock(&outbound->lock);
    outbound->count--;
    pthread_mutex_unlock(&outbound->lock);
    answer.took_us = clock_monotonic_us() - transfer->started_us;
    transfer->done(&answer, transfer->context);
    transfer_free(transfer);
}

static void end_early(struct outbound *outbound, struct transfer *transfer, enum outbound_fate fate,
                      const char *error)
{
    finish(outbound, transfer, (struct outbound_answer){.fate = fate, .error = error});
}

static void activate(struct outbound *outbound, struct transfer *transfer)
{
    if (curl_multi_add_handle(outbound->multi, transfer->curl) != CURLM_OK) {
        end_early(outbound, transfer, OUTBOUND_BROKEN, "the request could not be begun");
        return;
    }
    transfer->next_active = outbound->active;
    if (outbound->active)
        outbound->active->previous_active = transfer;
    outbound->active = transfer;
}

static void deactivate(struct outbound *outbound, struct transfer *transfer)
{
    curl_multi_remove_handle(outbound->multi, transfer->curl);
    if (transfer->next_active)
        transfer->next_active->previous_active = transfer->previous_active;
    if (transfer->previous_active)
        transfer->previous_active->next_active = transfer->next_active;
    else
        outbound->active = transfer->next_active;
}

/* What was sent since; true while the room goes on. */
static bool take_submitted(struct outbound *outbound)
{
    pthread_mutex_lock(&outbound->lock);
    struct transfer *transfer = outbound->submitted;
    const bool goes_on = !outbound->stopping;
    outbound->submitted = NULL;
    pthread_mutex_unlock(&outbound->lock);
    while (transfer) {
        struct transfer *next = transfer->next;
        activate(outbound, transfer);
        transfer = next;
    }
    return goes_on;
}

static void take_answered(struct outbound *outbound)
{
    int left = 0;
    for (const CURLMsg *said; (said = curl_multi_info_read(outbound->multi, &left)) != NULL;) {
        if (said->msg != CURLMSG_DONE)
            continue;
        const CURLcode code = said->data.result; /* the message is gone with its handle */
        struct transfer *transfer = NULL;
        curl_easy_getinfo(said->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        struct outbound_answer answer = {.fate = fate_of(transfer, code)};
        curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &answer.status);
        if (code == CURLE_OK)
            answer.body = writ_slice_of(transfer->body, transfer->size);
        else
            answer.error = transfer->error[0] != '\0' ? transfer->error : curl_easy_strerror(code);
        deactivate(outbound, transfer);
        finish(outbound, transfer, answer);
    }
}

static void *run(void *context)
{
    enum { LONGEST_POLL_MS = 1000 };
    struct outbound *outbound = context;
    while (take_submitted(outbound)) {
        int running = 0;
        curl_multi_perform(outbound->multi, &running);
        take_answered(outbound);
        /* Wakes for the nearest deadline as well. */
        curl_multi_poll(outbound->multi, NULL, 0, LONGEST_POLL_MS, NULL);
    }
    while (outbound->active) {
        struct transfer *transfer = outbound->active;
        deactivate(outbound, transfer);
        end_early(outbound, transfer, OUTBOUND_ENDED, "the service stops");
    }
    return NULL;
}

/* ---- The room ----------------------------------------------------------------------------- */

struct writ_result outbound_send(struct outbound *outbound, const struct outbound_request *request)
{
    struct transfer *transfer = transfer_new(request);
    WRIT_ENSURE(transfer, OUT_OF_MEMORY);
    pthread_mutex_lock(&outbound->lock);
    const bool is_taken = !outbound->stopping && outbound->count < outbound->limit;
    if (is_taken) {
        transfer->next = outbound->submitted;
        outbound->submitted = transfer;
        outbound->count++;
    }
    pthread_mutex_unlock(&outbound->lock);
    if (!is_taken) {
        transfer_free(transfer);
        return WRIT_FAILURE(RATE_LIMITED);
    }
    curl_multi_wakeup(outbound->multi);
    return WRIT_SUCCESS;
}

static struct writ_result refuse(struct outbound *outbound, const char *why)
{
    log_error("outbound_not_started", LOG_TEXT("error", why));
    if (outbound->multi)
        curl_multi_cleanup(outbound->multi);
    pthread_mutex_destroy(&outbound->lock);
    free(outbound);
    return WRIT_FAILURE(INTERNAL);
}

struct writ_result outbound_start(size_t limit, struct outbound **ret_outbound)
{
    struct outbound *outbound = calloc(1, sizeof *outbound);
    WRIT_ENSURE(outbound, OUT_OF_MEMORY);
    outbound->limit = limit;
    pthread_mutex_init(&outbound->lock, NULL);
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return refuse(outbound, "libcurl does not start");
    outbound->multi = curl_multi_init();
    if (!outbound->multi)
        return refuse(outbound, "out of memory");
    const int failed = pthread_create(&outbound->thread, NULL, run, outbound);
    if (failed)
        return refuse(outbound, strerror(failed));
    *ret_outbound = outbound;
    return WRIT_SUCCESS;
}

struct outbound *outbound_stop(struct outbound *outbound)
{
    if (!outbound)
        return NULL;
    pthread_mutex_lock(&outbound->lock);
    outbound->stopping = true;
    pthread_mutex_unlock(&outbound->lock);
    curl_multi_wakeup(outbound->multi);
    pthread_join(outbound->thread, NULL);
    curl_multi_cleanup(outbound->multi);
    pthread_mutex_destroy(&outbound->lock);
    free(outbound);
    return NULL;
}
