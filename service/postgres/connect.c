#include "postgres/connect.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { HOSTS_MAX = 16, PLACES_MAX = HOSTS_MAX * 2, HOST_SIZE = 256 };

/* One of several; empty: not said for it. */
struct place {
    char host[HOST_SIZE];
    char hostaddr[HOST_SIZE];
    char port[16];
    const char *attributes; /* NULL: what the conninfo asks for */
};

short connect_wait(int fd, short events, int64_t deadline_us)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    for (;;) {
        int timeout_ms = -1;
        if (deadline_us != 0) {
            const int64_t left_us = deadline_us - clock_monotonic_us();
            timeout_ms = left_us > 0 ? (int)(left_us / 1000) + 1 : 0;
        }
        const int ready = poll(&wanted, 1, timeout_ms);
        if (ready > 0)
            return wanted.revents;
        if (ready == 0 || errno != EINTR)
            return 0;
    }
}

/* ---- The hosts ---------------------------------------------------------------------------- */

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (; options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0)
            return options->val ? options->val : "";
    return "";
}

static size_t count_items(const char *list)
{
    size_t count = *list ? 1 : 0;
    for (; *list; list++)
        count += *list == ',';
    return count;
}

/* False: it does not fit. */
static bool copy_item(const char *list, size_t index, char *ret_item, size_t size)
{
    for (; index > 0 && *list; list++)
        index -= *list == ',';
    const size_t length = strcspn(list, ",");
    if (length >= size)
        return false;
    memcpy(ret_item, list, length);
    ret_item[length] = '\0';
    return true;
}

/* prefer-standby: all of them as standbys, and then all of them again. */
static size_t prefer_standby(struct place places[static PLACES_MAX], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        places[count + i] = places[i];
        places[i].attributes = "standby";
        places[count + i].attributes = "any";
    }
    return count * 2;
}

/* 0: one host, or a list that is none; both are left to libpq. */
static size_t read_places(const PQconninfoOption *options, struct place places[static PLACES_MAX])
{
    const char *host = value_of(options, "host");
    const char *hostaddr = value_of(options, "hostaddr");
    const char *port = value_of(options, "port");
    const size_t count = count_items(*hostaddr ? hostaddr : host);
    if (count < 2 || count > HOSTS_MAX || (*host && count_items(host) != count))
        return 0;
    const bool has_one_port = count_items(port) <= 1;
    if (!has_one_port && count_items(port) != count)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!copy_item(host, i, places[i].host, sizeof places[i].host) ||
            !copy_item(hostaddr, i, places[i].hostaddr, sizeof places[i].hostaddr) ||
            !copy_item(port, has_one_port ? 0 : i, places[i].port, sizeof places[i].port))
            return 0;
    const bool prefers = strcmp(value_of(options, "target_session_attrs"), "prefer-standby") == 0;
    return prefers ? prefer_standby(places, count) : count;
}

/* ---- One of them -------------------------------------------------------------------------- */

static void add_why(char *why, size_t size, const char *more)
{
    const size_t used = strlen(why);
    if (used + 3 < size)
        snprintf(why + used, size - used, "%s%.*s", used > 0 ? "; " : "",
                 (int)strcspn(more, "\n"), more);
}

static PGconn *begin(const char *conninfo, const struct place *place)
{
    /* Those of ours stand first: what the URL says wins. One place of it wins over the URL. */
    const char *names[13] = {"application_name",    "keepalives",       "keepalives_idle",
                             "keepalives_interval", "keepalives_count", "tcp_user_timeout",
                             "client_encoding",     "dbname"};
    const char *values[13] = {"writd", "1", "10", "3", "3", "5000", "UTF8", conninfo};
    size_t count = 8;
    if (place) {
        const char *const keywords[] = {"host", "hostaddr", "port", "target_session_attrs"};
        const char *const given[] = {place->host, place->hostaddr, place->port, place->attributes};
        for (size_t i = 0; i < 4; i++)
            if (given[i] && *given[i]) {
                names[count] = keywords[i];
                values[count++] = given[i];
            }
    }
    return PQconnectStartParams(names, values, 1);
}

static PGconn *try_place(const char *conninfo, const struct place *place, int64_t deadline_us,
                         char *why, size_t size)
{
    PGconn *connection = begin(conninfo, place);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    bool is_late = false;
    while (connection && !is_late && PQstatus(connection) != CONNECTION_BAD &&
           state != PGRES_POLLING_OK && state != PGRES_POLLING_FAILED) {
        const short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        is_late = connect_wait(PQsocket(connection), events, deadline_us) == 0;
        if (!is_late)
            state = PQconnectPoll(connection);
    }
    if (connection && !is_late && PQstatus(connection) == CONNECTION_OK &&
        PQsetnonblocking(connection, 1) == 0)
        return connection;
    add_why(why, size,
            !connection ? "out of memory"
            : is_late   ? "no connection in time"
                        : PQerrorMessage(connection));
    PQfinish(connection);
    return NULL;
}

PGconn *connect_within(const char *conninfo, int64_t deadline_us, char *ret_why, size_t size)
{
    struct place places[PLACES_MAX] = {0};
    PGconn *connection = NULL;
    ret_why[0] = '\0';
    PQconninfoOption *options = PQconninfoParse(conninfo, NULL);
    const size_t count = options ? read_places(options, places) : 0;
    PQconninfoFree(options);
    if (count == 0)
        return try_place(conninfo, NULL, deadline_us, ret_why, size);
    for (size_t i = 0; i < count && !connection; i++) {
        const int64_t now_us = clock_monotonic_us();
        const int64_t share_us = (deadline_us - now_us) / (int64_t)(count - i);
        connection = try_place(conninfo, &places[i], now_us + share_us, ret_why, size);
    }
    return connection;
}
