#include "postgres/connect.h"

#include "clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* What libpq takes an empty one for. */
#define DEFAULT_PORT "5432"

enum { HOSTS_MAX = 16, PLACES_MAX = HOSTS_MAX * 2 };

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

static size_t count_items(const char *list)
{
    size_t count = *list ? 1 : 0;
    for (; *list; list++)
        count += *list == ',';
    return count;
}

/* False: it does not fit, or is empty where the list is not: that is for libpq to read. */
static bool copy_item(const char *list, size_t index, char *ret_item, size_t size)
{
    const bool is_list = *list != '\0';
    for (; index > 0 && *list; list++)
        index -= *list == ',';
    const size_t length = strcspn(list, ",");
    if (length >= size || (is_list && length == 0))
        return false;
    memcpy(ret_item, list, length);
    ret_item[length] = '\0';
    return true;
}

/* prefer-standby: all of them as standbys, and then all of them again. */
static size_t prefer_standby(struct connect_place places[static PLACES_MAX], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        places[count + i] = places[i];
        places[i].attributes = "standby";
        places[count + i].attributes = "any";
    }
    return count * 2;
}

/* 0: one host, or a list that is none; both are libpq's to read. */
static size_t read_places(const struct connect_lists *lists,
                          struct connect_place places[static PLACES_MAX])
{
    const char *host = lists->host;
    const char *hostaddr = lists->hostaddr;
    /* A URL of hosts without ports has a list of nothing. */
    const char *port = lists->port[strspn(lists->port, ",")] == '\0' ? "" : lists->port;
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
    const bool prefers = strcmp(lists->attributes, "prefer-standby") == 0;
    return prefers ? prefer_standby(places, count) : count;
}

/* ---- One after the other ------------------------------------------------------------------- */

void connect_settings(const char *conninfo, const struct connect_place *place,
                      const char *ret_names[static CONNECT_SETTINGS_MAX],
                      const char *ret_values[static CONNECT_SETTINGS_MAX])
{
    /* Those of ours stand first: what the URL says wins. One place of it wins over the URL. */
    const struct {
        const char *name, *value;
    } settings[] = {
        {"application_name", "writd"},
        {"keepalives", "1"},
        {"keepalives_idle", "10"},
        {"keepalives_interval", "3"},
        {"keepalives_count", "3"},
        {"tcp_user_timeout", "5000"},
        {"client_encoding", "UTF8"},
        {"dbname", conninfo},
        {"host", place ? place->host : ""},
        {"hostaddr", place ? place->hostaddr : ""},
        {"port", !place         ? ""
                 : *place->port ? place->port
                                : DEFAULT_PORT},
        {"target_session_attrs", place && place->attributes ? place->attributes : ""},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (*settings[i].value == '\0')
            continue;
        ret_names[count] = settings[i].name;
        ret_values[count++] = settings[i].value;
    }
    ret_names[count] = ret_values[count] = NULL;
}

bool connect_any(const struct connect_lists *lists, int64_t deadline_us, connect_one *try_one,
                 void *context)
{
    struct connect_place places[PLACES_MAX] = {0};
    const size_t count = read_places(lists, places);
    if (count == 0)
        return try_one(context, NULL, deadline_us);
    for (size_t i = 0; i < count; i++) {
        const int64_t now_us = clock_monotonic_us();
        const int64_t share_us = (deadline_us - now_us) / (int64_t)(count - i);
        if (try_one(context, &places[i], now_us + share_us))
            return true;
    }
    return false;
}
