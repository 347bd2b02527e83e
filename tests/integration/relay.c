#include "relay.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME ".s.PGSQL.5432"
enum { CHUNK = 65536, PAIRS = 64 };

struct pair {
    struct relay *relay;
    int client, server;
    bool is_doomed;
};

struct relay {
    char server[PATH_CAP + 32];
    int listener;
    pthread_t thread;
    pthread_mutex_t lock;
    char word[40]; /* of the message that executes it; under the lock */
    size_t word_size;
    struct pair *pairs[PAIRS]; /* NULL: free; under the lock */
    atomic_int cuts;
};

static int unix_socket(const char *path, struct sockaddr_un *ret_address)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    ck_assert_uint_lt(strlen(path), sizeof ret_address->sun_path);
    snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "%s", path);
    const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_ge(descriptor, 0);
    return descriptor;
}

static bool send_all(int descriptor, const char *data, size_t size)
{
    while (size > 0) {
        const ssize_t sent = send(descriptor, data, size, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        data += sent;
        size -= (size_t)sent;
    }
    return true;
}

/* One order is for one session. */
static bool is_ordered(struct relay *relay, const char *data, size_t size)
{
    pthread_mutex_lock(&relay->lock);
    const bool found = relay->word_size > 0 && memmem(data, size, relay->word, relay->word_size);
    if (found)
        relay->word_size = 0;
    pthread_mutex_unlock(&relay->lock);
    return found;
}

/* False: the session is over. */
static bool carry(struct pair *pair, bool from_client)
{
    static _Thread_local char data[CHUNK];
    const ssize_t got = recv(from_client ? pair->client : pair->server, data, sizeof data, 0);
    if (got <= 0)
        return false;
    if (from_client && is_ordered(pair->relay, data, (size_t)got))
        pair->is_doomed = true;
    if (!from_client && pair->is_doomed) {
        atomic_fetch_add(&pair->relay->cuts, 1);
        return false;
    }
    return send_all(from_client ? pair->server : pair->client, data, (size_t)got);
}

static void *serve(void *context)
{
    struct pair *pair = context;
    struct pollfd ends[] = {{.fd = pair->client, .events = POLLIN},
                            {.fd = pair->server, .events = POLLIN}};
    bool goes_on = true;
    while (goes_on && poll(ends, 2, -1) > 0) {
        if (ends[0].revents)
            goes_on = carry(pair, true);
        if (goes_on && ends[1].revents)
            goes_on = carry(pair, false);
    }
    pthread_mutex_lock(&pair->relay->lock);
    for (int i = 0; i < PAIRS; i++)
        if (pair->relay->pairs[i] == pair)
            pair->relay->pairs[i] = NULL;
    pthread_mutex_unlock(&pair->relay->lock);
    close(pair->client);
    close(pair->server);
    free(pair);
    return NULL;
}

static void list(struct relay *relay, struct pair *pair)
{
    int place = 0;
    pthread_mutex_lock(&relay->lock);
    while (place < PAIRS && relay->pairs[place])
        place++;
    ck_assert_int_lt(place, PAIRS);
    relay->pairs[place] = pair;
    pthread_mutex_unlock(&relay->lock);
}

static void *accept_all(void *context)
{
    struct relay *relay = context;
    int client;
    while ((client = accept(relay->listener, NULL, NULL)) >= 0) {
        struct sockaddr_un address;
        struct pair *pair = calloc(1, sizeof *pair);
        ck_assert_ptr_nonnull(pair);
        *pair = (struct pair){.relay = relay, .client = client};
        pair->server = unix_socket(relay->server, &address);
        pthread_t thread;
        ck_assert_int_eq(connect(pair->server, (struct sockaddr *)&address, sizeof address), 0);
        list(relay, pair);
        ck_assert_int_eq(pthread_create(&thread, NULL, serve, pair), 0);
        pthread_detach(thread);
    }
    return NULL;
}

struct relay *relay_start(const struct postgres *postgres, struct postgres *ret_through)
{
    char path[PATH_CAP + 32];
    struct sockaddr_un address;
    struct relay *relay = calloc(1, sizeof *relay);
    ck_assert_ptr_nonnull(relay);
    *ret_through = (struct postgres){.dir = ""};
    run_directory("relay", ret_through->dir);
    snprintf(path, sizeof path, "%s/" SOCKET_NAME, ret_through->dir);
    snprintf(relay->server, sizeof relay->server, "%s/" SOCKET_NAME, postgres->dir);
    snprintf(ret_through->url, sizeof ret_through->url, "postgresql:///postgres?host=%s&user=%s",
             ret_through->dir, "writ_admin");
    pthread_mutex_init(&relay->lock, NULL);
    relay->listener = unix_socket(path, &address);
    ck_assert_int_eq(bind(relay->listener, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(relay->listener, 64), 0);
    ck_assert_int_eq(pthread_create(&relay->thread, NULL, accept_all, relay), 0);
    return relay;
}

/* Sessions that run on hold it; they end with their peers, and all with the test's process. */
void relay_stop(struct relay *relay)
{
    shutdown(relay->listener, SHUT_RDWR);
    pthread_join(relay->thread, NULL);
    close(relay->listener);
}

void relay_cut_at(struct relay *relay, const char *statement)
{
    pthread_mutex_lock(&relay->lock);
    /* Bind names an empty portal and the statement. A Parse names no portal. */
    const int size = snprintf(relay->word + 1, sizeof relay->word - 1, "%s", statement);
    ck_assert(size > 0 && (size_t)size + 2 < sizeof relay->word);
    relay->word[0] = '\0';
    relay->word_size = (size_t)size + 2;
    pthread_mutex_unlock(&relay->lock);
}

void relay_cut_all(struct relay *relay)
{
    pthread_mutex_lock(&relay->lock);
    for (int i = 0; i < PAIRS; i++)
        if (relay->pairs[i]) {
            shutdown(relay->pairs[i]->client, SHUT_RDWR);
            shutdown(relay->pairs[i]->server, SHUT_RDWR);
        }
    pthread_mutex_unlock(&relay->lock);
}

int relay_cuts(struct relay *relay)
{
    return atomic_load(&relay->cuts);
}
