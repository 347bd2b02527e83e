#include "client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local struct writ_arena arena;

struct writ_arena *scratch(void)
{
    arena.limit = (size_t)4 << 30;
    return &arena;
}

void scratch_reset(void)
{
    writ_arena_done(&arena);
}

static char *print(const char *format, va_list arguments)
{
    char *text = NULL;
    ck_assert(vasprintf(&text, format, arguments) >= 0);
    char *kept = writ_arena_text(scratch(), writ_slice_text(text));
    free(text);
    ck_assert_ptr_nonnull(kept);
    return kept;
}

const char *plain(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const char *text = print(format, arguments);
    va_end(arguments);
    return text;
}

const char *quoted(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(format, arguments);
    va_end(arguments);
    for (char *c = text; *c; c++)
        if (*c == '\'')
            *c = '"';
    return text;
}

void client_init(struct client *client, const char *url, const char *id, const char *secret)
{
    *client = (struct client){0};
    snprintf(client->url, sizeof client->url, "%s", url);
    snprintf(client->id, sizeof client->id, "%s", id ? id : "");
    snprintf(client->secret, sizeof client->secret, "%s", secret ? secret : "");
}

/* Every handle, so that a test need not release its own: they go when its process ends. */
static struct handle {
    CURL *curl;
    struct handle *next;
} * handles;
static pthread_mutex_t handles_lock = PTHREAD_MUTEX_INITIALIZER;

static void release_handles(void)
{
    while (handles) {
        struct handle *handle = handles;
        handles = handle->next;
        curl_easy_cleanup(handle->curl);
        free(handle);
    }
}

static void register_release(void)
{
    ck_assert_int_eq(atexit(release_handles), 0);
}

static CURL *new_handle(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct handle *handle = calloc(1, sizeof *handle);
    ck_assert_ptr_nonnull(handle);
    handle->curl = curl_easy_init();
    pthread_once(&once, register_release);
    pthread_mutex_lock(&handles_lock);
    handle->next = handles;
    handles = handle;
    pthread_mutex_unlock(&handles_lock);
    return handle->curl;
}

void client_done(struct client *client)
{
    pthread_mutex_lock(&handles_lock);
    struct handle **at = &handles;
    while (*at && (*at)->curl != client->curl)
        at = &(*at)->next;
    struct handle *handle = *at;
    if (handle)
        *at = handle->next;
    pthread_mutex_unlock(&handles_lock);
    if (handle)
        curl_easy_cleanup(handle->curl);
    free(handle);
    client->curl = NULL;
}

struct client client_at(const struct client *client, const struct server *server)
{
    struct client other;
    client_init(&other, server->url, client->id, client->secret);
    return other;
}

struct buffer {
    char *data;
    size_t size;
};

static size_t collect(char *data, size_t size, size_t count, void *context)
{
    struct buffer *buffer = context;
    char *grown = realloc(buffer->data, buffer->size + size * count + 1);
    if (!grown)
        return 0;
    memcpy(grown + buffer->size, data, size * count);
    buffer->data = grown;
    buffer->size += size * count;
    return size * count;
}

static CURL *handle_of(struct client *client)
{
    if (!client->curl)
        client->curl = new_handle();
    ck_assert_ptr_nonnull(client->curl);
    curl_easy_reset(client->curl);
    return client->curl;
}

struct answer client_send(struct client *client, const char *method, const char *path,
                          const char *idempotency, struct writ_slice body)
{
    CURL *curl = handle_of(client);
    struct buffer buffer = {NULL, 0};
    struct curl_slist *headers = NULL;
    char url[2048];
    char key[256];
    snprintf(url, sizeof url, "%s%s", client->url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &buffer);
    if (client->id[0]) {
        curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
        curl_easy_setopt(curl, CURLOPT_USERNAME, client->id);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, client->secret);
    }
    if (body.data) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)body.data);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.size);
        headers = curl_slist_append(headers, "Content-Type: application/json");
        headers = curl_slist_append(headers, "Expect:");
    } else if (strcmp(method, "POST") == 0) {
        headers = curl_slist_append(headers, "Content-Length: 0");
    }
    if (idempotency) {
        snprintf(key, sizeof key, "Idempotency-Key: %s", idempotency);
        headers = curl_slist_append(headers, key);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);

    struct answer answer = {.content_type = ""};
    const double start = seconds_now();
    const CURLcode code = curl_easy_perform(curl);
    answer.took_s = seconds_now() - start;
    if (code == CURLE_OK) {
        char *type = NULL;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        answer.content_type = plain("%s", type ? type : "");
        answer.body = writ_arena_copy(scratch(), writ_slice_of(buffer.data, buffer.size));
        if (buffer.size == 0 || !writ_is_ok(writ_json_parse(scratch(), answer.body, &answer.json)))
            answer.json = NULL;
    }
    curl_slist_free_all(headers);
    free(buffer.data);
    return answer;
}

struct answer get(struct client *client, const char *path)
{
    return client_send(client, "GET", path, NULL, WRIT_SLICE_NONE);
}

struct answer put(struct client *client, const char *path, const char *body)
{
    return client_send(client, "PUT", path, NULL, writ_slice_text(body));
}

struct answer post(struct client *client, const char *path, const char *body)
{
    return client_send(client, "POST", path, NULL, body ? writ_slice_text(body) : WRIT_SLICE_NONE);
}

struct answer post_once(struct client *client, const char *path, const char *idempotency,
                        const char *body)
{
    return client_send(client, "POST", path, idempotency, writ_slice_text(body));
}

struct answer del(struct client *client, const char *path)
{
    return client_send(client, "DELETE", path, NULL, WRIT_SLICE_NONE);
}

const struct writ_json *at(const struct writ_json *json, const char *path)
{
    char name[128];
    while (json && *path) {
        const size_t size = strcspn(path, ".");
        ck_assert(size > 0 && size < sizeof name);
        memcpy(name, path, size);
        name[size] = '\0';
        path += size + (path[size] == '.');
        if (writ_json_is(json, WRIT_JSON_ARRAY)) {
            const size_t index = strtoul(name, NULL, 10);
            json = index < json->count ? &json->items[index] : NULL;
        } else {
            json = writ_json_get(json, name);
        }
    }
    return json;
}

const char *shown(const struct answer *answer)
{
    return plain("%ld %.*s", answer->status, WRIT_SLICE_ARGS(answer->body));
}

const char *text_at(const struct answer *answer, const char *path)
{
    const struct writ_json *value = at(answer->json, path);
    ck_assert_msg(writ_json_is(value, WRIT_JSON_STRING), "no text %s in %s", path, shown(answer));
    return plain("%.*s", WRIT_SLICE_ARGS(value->text));
}

bool has_at(const struct answer *answer, const char *path)
{
    return at(answer->json, path) != NULL;
}

void expect_code_at(const struct answer *answer, const char *wanted, const char *file, int line)
{
    const struct writ_json *code = at(answer->json, "code");
    ck_assert_msg(writ_json_is(code, WRIT_JSON_STRING) && writ_slice_is(code->text, wanted),
                  "%s:%d: wanted %s: %s", file, line, wanted, shown(answer));
    ck_assert_msg(strncmp(answer->content_type, "application/problem+json", 24) == 0,
                  "%s:%d: %s as %s", file, line, wanted, answer->content_type);
    ck_assert_msg((int)answer->status == writ_status_http(writ_status_from_code(wanted)),
                  "%s:%d: %s with status %ld", file, line, wanted, answer->status);
    ck_assert_msg(has_at(answer, "agent_message") && has_at(answer, "retry"),
                  "%s:%d: a denial without agent_message or retry", file, line);
}
