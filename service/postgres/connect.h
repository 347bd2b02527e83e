/*
 * Finding the server of a conninfo. One with several hosts is asked host by host, each for its share
 * of the time: libpq by itself would wait for a machine that answers nothing until all of the time
 * was over, and never come to the one that was promoted. Inside of the room only.
 */
#ifndef WRIT_POSTGRES_CONNECT_H
#define WRIT_POSTGRES_CONNECT_H

#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>

/* The events of poll(2) that are ready; 0 when the deadline (0: none) has passed. */
short connect_wait(int fd, short events, int64_t deadline_us);
/* A session in nonblocking mode with the first host that has what target_session_attrs asks for;
 * NULL, and why not, one reason a host. */
PGconn *connect_within(const char *conninfo, int64_t deadline_us, char *ret_why, size_t size);

#endif
