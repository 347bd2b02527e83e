/* A service whose database is behind what it has seen, and the way out of it. */
#ifndef WRIT_TESTS_RECOVERY_H
#define WRIT_TESTS_RECOVERY_H

#include "actors.h"

/* Opens a task and permits a write, within ten seconds. */
void expect_working(const struct server *server);
/* Waits until /readyz says why not, in one line that names the way out. */
void expect_behind(const struct server *server);
/* Runs `writd recover` as the operator of this server would; its exit status. */
int recover(const struct server *server, const char *flag, char *ret_output, size_t size);
void expect_recovers(const struct server *server);
void expect_nothing_to_recover(const struct server *server);
void expect_ready(const struct server *server);

#endif
