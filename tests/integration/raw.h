/* HTTP by hand, for clients that do not behave. */
#ifndef WRIT_TESTS_RAW_H
#define WRIT_TESTS_RAW_H

#include "client.h"

/* A connection. */
int raw_dial(const struct server *server);
/* Gives up where the other side does. */
void raw_send(int descriptor, const char *text, size_t size);
/* The status of the first answer; -1 when there was none. ret_closed: the connection was ended. */
int raw_status(int descriptor, double timeout_s, bool *ret_closed);
/* What follows "Authorization: Basic ". */
const char *raw_credentials(const struct client *client);

#endif
