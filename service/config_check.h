/* What options must be beside each other, once each of them could be read. Within config only. */
#ifndef WRIT_SERVICE_CONFIG_CHECK_H
#define WRIT_SERVICE_CONFIG_CHECK_H

#include "config.h"

struct reading;

/* Says what is wrong with an option that was given, and where it was; false. */
bool config_refuse(const struct reading *reading, const char *name, const char *why);
/* Fills what follows from others. False, and said, when something does not fit. */
bool config_check(struct config *config, const struct reading *reading);

#endif
