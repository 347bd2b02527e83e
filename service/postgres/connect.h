/*
 * Finding the server of a conninfo. One with several hosts is asked host by host, each for its
 * share of the time: libpq by itself would wait for a machine that answers nothing until all of the
 * time was over, and never come to the one that was promoted. Inside of the room only; knows no
 * libpq.
 */
#ifndef WRIT_POSTGRES_CONNECT_H
#define WRIT_POSTGRES_CONNECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CONNECT_HOST_SIZE = 256, CONNECT_SETTINGS_MAX = 13 };

/* As the conninfo has them, with commas; empty: not said. */
struct connect_lists {
    const char *host;
    const char *hostaddr;
    const char *port;
    const char *attributes; /* target_session_attrs */
};

/* One of several; empty: not said for it. */
struct connect_place {
    char host[CONNECT_HOST_SIZE];
    char hostaddr[CONNECT_HOST_SIZE];
    char port[16];
    const char *attributes; /* NULL: what the conninfo asks for */
};

/* `place` NULL: wherever the conninfo says. True: there is a session. */
typedef bool connect_one(void *context, const struct connect_place *place, int64_t deadline_us);
bool connect_any(const struct connect_lists *lists, int64_t deadline_us, connect_one *try_one,
                 void *context);
/* Names and values for a session with it, and a NULL behind them. */
void connect_settings(const char *conninfo, const struct connect_place *place,
                      const char *ret_names[static CONNECT_SETTINGS_MAX],
                      const char *ret_values[static CONNECT_SETTINGS_MAX]);
/* The events of poll(2) that are ready; 0 when the deadline (0: none) has passed. */
short connect_wait(int fd, short events, int64_t deadline_us);

#endif
