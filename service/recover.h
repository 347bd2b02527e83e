/*
 * writd recover: opens a new epoch on a database that is behind the mark, which ends all older
 * tasks. Not a part of serving: services may run meanwhile, and reload when they see the epoch.
 */
#ifndef WRIT_SERVICE_RECOVER_H
#define WRIT_SERVICE_RECOVER_H

/* argv[1] is "recover". Returns what main returns: success when nothing had to be recovered, or was
 * and is; failure when something would have to be and --yes was not given. */
int recover_main(int argc, char *argv[]);

#endif
