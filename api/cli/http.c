#include "http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "writ.h"

enum { TIMEOUT_S = 30, CONNECT_TIMEOUT_S = 5, BODY_MAX = 64 * 1024 * 1024 };

struct http {
    CURL *curl;
};

/* What has arrived so far; `failed` when there is no room for more. */
struct arrival {
    struct writ_arena *arena;
    uint8_t *bytes;
    size_t size;
    size_t capacity;
    const char *type;
    int64_t date_unix_s;
};

struct http *http_new(void)
{
    struct http *http = calloc(1, sizeof *http);
    if (http && curl_global_init(CURL_GLOBAL_DEFAULT) == 0)
        http->curl = curl_easy_init();
    return http && http->curl ? http : http_free(http);
}

struct http *http_free(struct http *http)
{
    if (!http)
        return NULL;
    curl_easy_cleanup(http->curl);
    curl_global_cleanup();
    free(http);
    return NULL;
}

static size_t take_body(char *bytes, size_t unit, size_t count, void *context)
{
    struct arrival *arrival = context;
    const size_t size = unit * count;
    if (size > BODY_MAX - arrival->size)
        return 0;
    if (size > arrival->capacity - arrival->size) {
        const size_t capacity = (arrival->size + size) * 2;
        uint8_t *more = writ_arena_alloc(arrival->arena, capacity);
        if (!more)
            return 0;
        if (arrival->size > 0)
            memcpy(more, arrival->bytes, arrival->size);
        arrival->bytes = more;
        arrival->capacity = capacity;
    }
    memcpy(arrival->bytes + arrival->size, bytes, size);
    arrival->size += size;
    return size;
}

/* The value of header `name` (with its colon), or NULL when this line is another. */
static const char *header_value(struct arrival *arrival, struct writ_slice line, const char *name)
{
    const size_t size = strlen(name);
    if (line.size <= size || strncasecmp((const char *)line.data, name, size) != 0)
        return NULL;
    char *value = writ_arena_text(arrival->arena,
                                  writ_slice_of(line.data + size, line.size - size));
    if (!value)
        return NULL;
    value[strcspn(value, "\r\n")] = '\0';
    return value + strspn(value, " \t");
}

static size_t take_header(char *bytes, size_t unit, size_t count, void *context)
{
    struct arrival *arrival = context;
    const struct writ_slice line = writ_slice_of(bytes, unit * count);
    const char *type = header_value(arrival, line, "content-type:");
    const char *date = header_value(arrival, line, "date:");
    if (type)
        arrival->type = type;
    if (date)
        arrival->date_unix_s = (int64_t)curl_getdate(date, NULL);
    return unit * count;
}

static struct curl_slist *make_headers(const struct http_request *request, struct writ_arena *arena)
{
    struct curl_slist *headers = curl_slist_append(
        NULL, "Accept: application/json, application/problem+json, */*;q=0.1");
    if (request->body.size > 0)
        headers = curl_slist_append(headers, "Content-Type: application/json");
    /* No "Expect: 100-continue": it would cost a round trip for nothing. */
    headers = curl_slist_append(headers, "Expect:");
    if (request->idempotency_key) {
        const char *line = writ_arena_printf(arena, "Idempotency-Key: %s",
                                             request->idempotency_key);
        headers = line ? curl_slist_append(headers, line) : headers;
    }
    return headers;
}

static void prepare(CURL *curl, const struct http_request *request, struct curl_slist *headers,
                    struct arrival *arrival, char *error)
{
    const bool has_body = request->body.size > 0 || strcmp(request->method, "POST") == 0;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "writ/" WRIT_VERSION);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, arrival);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, arrival);
    /* A secret goes where it was sent and nowhere else: no redirect is followed. */
    if (request->client) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, request->client);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, request->secret);
    }
    if (request->ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, request->ca_file);
    if (has_body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS,
                         request->body.size > 0 ? (const char *)request->body.data : "");
    }
}

bool http_call(struct http *http, struct writ_arena *arena, const struct http_request *request,
               struct http_response *ret_response, char ret_error[static 256])
{
    _Static_assert(CURL_ERROR_SIZE <= 256, "the caller's buffer holds curl's text");
    struct arrival arrival = {.arena = arena, .type = ""};
    struct curl_slist *headers = make_headers(request, arena);
    ret_error[0] = '\0';
    prepare(http->curl, request, headers, &arrival, ret_error);
    const CURLcode code = curl_easy_perform(http->curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
        if (ret_error[0] == '\0')
            snprintf(ret_error, 256, "%s", curl_easy_strerror(code));
        return false;
    }
    *ret_response = (struct http_response){
        .type = arrival.type,
        .body = writ_slice_of(arrival.bytes, arrival.size),
        .date_unix_s = arrival.date_unix_s,
    };
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &ret_response->status);
    curl_easy_getinfo(http->curl, CURLINFO_TOTAL_TIME, &ret_response->seconds);
    return true;
}
