/*
 * Where the private cluster lives. Inside of the room only.
 *
 *   <data>/writd.lock     held as long as writd runs: one writd a data directory
 *   <data>/pg/            0700, of the cluster's user; a link, where that user can not get there
 *   <data>/pg/data        PostgreSQL's own; data.new while initdb runs
 *   <data>/pg/socket      the only way in, and only for this user and root
 *   <data>/pg/postgres.log
 */
#ifndef WRIT_POSTGRES_PLACE_H
#define WRIT_POSTGRES_PLACE_H

#include "postgres/process.h"

#include <limits.h>

struct place {
    int lock;
    struct process_user user;
    char base[PATH_MAX]; /* resolved */
    char data[PATH_MAX + 16];
    char fresh[PATH_MAX + 16];
    char log[PATH_MAX + 16];
    char socket[PATH_MAX + 16];
    bool socket_is_temporary;
};

/* Makes what is missing and takes the lock. CONFLICT when another writd holds it; INTERNAL with the
 * reason logged. */
struct writ_result place_open(const char *data_dir, const char *user_name,
                              struct place *ret_place) WRIT_MUST_CHECK;
/* The place of a cluster that another writd runs: nothing is made or locked. INTERNAL, logged. */
struct writ_result place_join(const char *data_dir, struct place *ret_place) WRIT_MUST_CHECK;
void place_close(struct place *place);
/* Of the data in it; 0 where there is none yet. */
int place_major(const struct place *place);

#endif
